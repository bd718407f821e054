//! The committed bytes of every frame have to be read, and written, forever.

mod support;

use std::fmt::Write as _;

use samverka_protocol::{Code, Frame};
use support::every_kind;

const FRAMES: &str = include_str!("golden/frames.txt");
const CODES: &str = include_str!("golden/codes.txt");

#[test]
fn golden_frames_are_written_as_ever() {
    let mut written = String::new();
    for (name, frame) in every_kind() {
        writeln!(written, "{name} {}", hex(&frame.encode())).expect("a string takes everything");
    }
    assert_eq!(written, FRAMES, "the frames are now:\n{written}");
}

#[test]
fn golden_frames_are_read_as_ever() {
    let golden: Vec<_> = FRAMES.lines().filter_map(|line| line.split_once(' ')).collect();
    assert_eq!(golden.len(), every_kind().len());
    for ((name, bytes), (expected, frame)) in golden.into_iter().zip(every_kind()) {
        assert_eq!(name, expected);
        assert_eq!(Frame::decode(&unhex(bytes)), Ok(frame), "{name}");
    }
}

#[test]
fn codes_keep_their_numbers() {
    let mut written = String::new();
    for code in Code::ALL {
        writeln!(written, "{} {code:?}", code.number()).expect("a string takes everything");
        assert_eq!(Code::from_number(code.number()), *code);
        assert!(code.sentence().len() > 10);
    }
    assert_eq!(written, CODES, "the codes are now:\n{written}");
    assert_eq!(Code::from_number(9999), Code::Other(9999));
    assert_eq!(Code::Other(9999).number(), 9999);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("golden files are hexadecimal");
    (0..text.len()).step_by(2).map(digit).collect()
}
