//! Frames on their way into a room, and the work on them that needs no room: signatures and hashes of bodies.

use samverka_log::{Entry, HeaderVerifier};
use samverka_protocol::{Code, Frame};

/// A frame for a room. Checking signatures is most of what a pushed entry costs, so it can be done before the frame
/// reaches the room, beside other connections' frames; a frame that was not checked before, the room checks.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Frame(Box<Frame>),
    Entries(Vec<Checked>),
}

/// An entry, with what is wrong with it by itself.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) entry: Entry,
    pub(crate) fault: Option<Code>,
}

impl Incoming {
    /// Takes a frame as it is.
    pub fn new(frame: Frame) -> Self {
        Self { content: Content::Frame(Box::new(frame)) }
    }

    /// Takes a frame and checks the entries in it, by the connection's verifier. Only for
    /// channels that are attached: nobody else may make the relay work.
    pub fn checked(frame: Frame, verifier: &mut HeaderVerifier) -> Self {
        match frame {
            Frame::Entries { entries, .. } => {
                let checked = entries.into_iter().map(|entry| Checked::with(entry, verifier));
                Self { content: Content::Entries(checked.collect()) }
            }
            frame => Self::new(frame),
        }
    }
}

impl Checked {
    pub(crate) fn new(entry: Entry) -> Self {
        Self::with(entry, &mut HeaderVerifier::default())
    }

    fn with(entry: Entry, verifier: &mut HeaderVerifier) -> Self {
        let fault = fault_of(&entry, verifier);
        Self { entry, fault }
    }
}

fn fault_of(entry: &Entry, verifier: &mut HeaderVerifier) -> Option<Code> {
    if entry.body.as_ref().is_some_and(|body| !entry.header.matches_body(body)) {
        return Some(Code::BodyMismatch);
    }
    verifier.verify(&entry.header).is_err().then_some(Code::BadSignature)
}
