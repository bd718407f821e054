//! Every decoder against its committed corpus (`tests/corpus/NAME`), and against what a seeded mutation makes of it: bits
//! flipped, ends cut off, lengths that lie, pieces of one put into another. Nothing panics, and nothing takes memory
//! beyond bounds, for which the whole runs again in a process that has little.
//!
//! `SAMVERKA_SEED` chooses other mutations; the fuzz targets in `fuzz/` go on from the same corpus.

#![expect(clippy::disallowed_methods, reason = "the corpus lies in files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_testkit::rng;
use samverka_world::corpus;
use samverka_world::decoders::{DECODERS, Decoder};

/// Mutations of each item of a corpus.
const MUTATIONS: u64 = 600;

/// Bytes of memory that a process with everything in it may map. What the decoders need is a fraction of it; a length
/// that is believed is more.
const MEMORY_KB_MAX: u64 = 2_000_000;

/// Set in the process that has little memory.
const CONFINED: &str = "SAMVERKA_CONFINED";

fn folder(decoder: &Decoder) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(decoder.name)
}

/// The items of a decoder's corpus, in the order of their names.
fn items(decoder: &Decoder) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(decoder)).unwrap_or_else(|error| panic!("{}: {error}", decoder.name));
    let mut items: Vec<_> = entries
        .map(|entry| {
            let entry = entry.expect("the folder reads");
            (
                entry.file_name().to_string_lossy().into_owned(),
                fs::read(entry.path()).expect("the file reads"),
            )
        })
        .collect();
    items.sort();
    items
}

#[test]
fn the_corpus_of_every_decoder_is_taken_or_refused_as_its_names_say() {
    for decoder in &DECODERS {
        let items = items(decoder);
        assert!(!items.is_empty(), "{} has no corpus", decoder.name);
        assert!(items.iter().any(|(name, _)| !name.starts_with("bad-")), "{}: nothing sound", decoder.name);
        for (name, bytes) in items {
            assert_eq!((decoder.feed)(&bytes), !name.starts_with("bad-"), "{}/{name}", decoder.name);
        }
    }
}

#[test]
fn no_mutation_of_the_corpus_makes_a_decoder_panic() {
    let seed: u64 = std::env::var("SAMVERKA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    for decoder in &DECODERS {
        let items = items(decoder);
        let mut refused = 0_u64;
        for (number, (name, bytes)) in items.iter().enumerate() {
            for mutation in 0..MUTATIONS {
                let mut rng = rng(seed ^ (number as u64) << 32 ^ mutation << 8);
                let mutated = mutate(bytes, &items, &mut rng);
                let fed = std::panic::catch_unwind(|| (decoder.feed)(&mutated));
                let taken = fed.unwrap_or_else(|_| {
                    panic!(
                        "{}/{name}, seed {seed}, mutation {mutation}: panics on {mutated:02x?}",
                        decoder.name
                    )
                });
                refused += u64::from(!taken);
            }
        }
        let lenient = ["stored_value", "relay"].contains(&decoder.name);
        assert!(lenient || refused > 0, "{} takes whatever comes", decoder.name);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_decoders_get_by_with_little_memory() {
    if std::env::var_os(CONFINED).is_some() {
        return;
    }
    let own = std::env::current_exe().unwrap();
    let confined = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KB_MAX} && exec \"$0\" --test-threads 1 no_mutation"))
        .arg(own)
        .env(CONFINED, "1")
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&confined.stdout).into_owned() + &String::from_utf8_lossy(&confined.stderr);
    assert!(confined.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn mutate(bytes: &[u8], items: &[(String, Vec<u8>)], rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..4) {
        mutate_once(&mut bytes, items, rng);
    }
    bytes
}

fn mutate_once(bytes: &mut Vec<u8>, items: &[(String, Vec<u8>)], rng: &mut StdRng) {
    let at = rng.random_range(0..=bytes.len());
    match rng.random_range(0..7) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
        1 => bytes.truncate(at),
        2 => lie(bytes, at, rng),
        3 => {
            let (_, other) = &items[rng.random_range(0..items.len())];
            let from = rng.random_range(0..=other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        4 => {
            let until = rng.random_range(at..=bytes.len()).min(at + 64);
            let piece = bytes[at..until].to_vec();
            bytes.splice(at..at, piece);
        }
        5 => {
            let until = rng.random_range(at..=bytes.len()).min(at + 16);
            bytes.drain(at..until);
        }
        _ => {
            let piece: Vec<u8> = (0..rng.random_range(0..16)).map(|_| rng.random()).collect();
            bytes.splice(at..at, piece);
        }
    }
}

/// Writes a number where one may stand: huge, or about the size of what follows.
fn lie(bytes: &mut [u8], at: usize, rng: &mut StdRng) {
    let left = bytes.len().saturating_sub(at) as u64;
    let number = match rng.random_range(0..5) {
        0 => u64::MAX,
        1 => u64::from(u32::MAX),
        2 => left + 1,
        3 => 1 << rng.random_range(8..40),
        _ => 0,
    };
    let width = [1, 2, 4, 8][rng.random_range(0..4)];
    let written = if rng.random() {
        number.to_be_bytes()[8 - width..].to_vec()
    } else {
        number.to_le_bytes()[..width].to_vec()
    };
    for (place, byte) in bytes.iter_mut().skip(at).zip(written) {
        *place = byte;
    }
}

/// Adds what is new to the corpus; what is there stays. Run by hand: `cargo test -p samverka-world --test decoders --
/// --ignored`.
#[test]
#[ignore = "writes to the corpus"]
fn write_what_the_corpus_lacks() {
    for decoder in &DECODERS {
        let folder = folder(decoder);
        fs::create_dir_all(&folder).unwrap();
        let known: BTreeSet<String> = items(decoder).into_iter().map(|(name, _)| name).collect();
        for (name, bytes) in corpus::of(decoder.name) {
            assert!((decoder.feed)(&bytes) != name.starts_with("bad-"), "{}/{name}", decoder.name);
            if !known.contains(&name) {
                fs::write(folder.join(name), bytes).unwrap();
            }
        }
    }
}
