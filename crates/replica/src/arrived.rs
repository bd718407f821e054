//! Messages from relays on their way in, and the work on them that needs no replica: reading them, and checking the
//! signatures of the headers in them, which is most of what a header costs.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use samverka_log::{Entry, EntryId, HeaderVerifier};
use samverka_protocol::{Frame, FrameError};

/// A binary message of a relay, read. What was wrong with it is told when it is handed in
/// ([`Replica::handle_arrived`](crate::Replica::handle_arrived)).
#[derive(Debug)]
pub struct Arrived(pub(crate) Result<Frame, FrameError>);

impl Arrived {
    /// Reads a message and checks nothing: the replica does.
    pub fn read(bytes: &[u8]) -> Self {
        Self(Frame::decode(bytes))
    }
}

/// Reads the messages of a connection ahead of the replica, beside it: for shells with threads, as many as they like. A
/// signature that holds is not checked again by the replica, and one that does not is left for it to refuse: it trusts
/// no more and no less than without.
#[derive(Debug, Default)]
pub struct ReadAhead {
    /// Headers that have come without their bodies. They come again with them, and the replica compares the two then.
    bare: Mutex<BTreeSet<EntryId>>,
}

impl ReadAhead {
    /// Reads a message.
    pub fn read(&self, bytes: &[u8]) -> Arrived {
        let arrived = Arrived::read(bytes);
        if let Ok(Frame::Entries { entries, .. }) = &arrived.0 {
            let mut verifier = HeaderVerifier::default();
            for entry in self.new_among(entries) {
                // The replica checks what does not hold, and says what follows from it.
                let _fault = verifier.verify(&entry.header);
            }
        }
        arrived
    }

    fn new_among<'e>(&self, entries: &'e [Entry]) -> Vec<&'e Entry> {
        let mut bare = self.bare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::with_capacity(entries.len());
        for entry in entries {
            let id = entry.header.id();
            if entry.body.is_none() {
                bare.insert(id);
                new.push(entry);
            } else if !bare.remove(&id) {
                new.push(entry);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use samverka_log::{DocumentId, EntryKind};
    use samverka_testkit::people::Device;

    use super::*;
    use crate::session::CHANNEL;

    fn frame(entries: Vec<Entry>) -> Vec<u8> {
        Frame::Entries { channel: CHANNEL, entries }.encode()
    }

    #[test]
    fn a_header_that_comes_again_with_its_body_is_not_checked_twice() {
        let mut device = Device::new(1);
        device.found();
        let whole = device.entry(EntryKind::Change, DocumentId::from_bytes([1; 16]), vec![1; 40]);
        let bare = Entry { body: None, ..whole.clone() };
        let ahead = ReadAhead::default();
        let entries = |arrived: Arrived| match arrived.0 {
            Ok(Frame::Entries { entries, .. }) => entries,
            other => panic!("{other:?}"),
        };
        let read = |entry: &Entry| entries(ahead.read(&frame(vec![entry.clone()])));
        assert_eq!(ahead.new_among(&read(&bare)).len(), 1);
        assert_eq!(ahead.new_among(&read(&bare)).len(), 1);
        let come = entries(Arrived::read(&frame(vec![whole])));
        assert_eq!(ahead.new_among(&come).len(), 0);
        assert_eq!(ahead.new_among(&come).len(), 1, "and only once");
    }

    #[test]
    fn what_is_no_frame_is_told_when_it_is_handed_in() {
        assert!(ReadAhead::default().read(&[]).0.is_err());
    }
}
