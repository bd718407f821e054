//! Messages from relays on their way in, and the work on them that needs no replica: reading them, and checking the
//! signatures of the headers in them, which is most of what a header costs.

use samverka_log::HeaderVerifier;
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

/// Reads the messages of a connection ahead of the replica, beside it: for shells with threads. A signature that holds is
/// not checked again by the replica, and one that does not is left for it to refuse: it trusts no more and no less than
/// without.
#[derive(Clone, Debug, Default)]
pub struct ReadAhead {
    verifier: HeaderVerifier,
}

impl ReadAhead {
    /// Reads a message, in the order of their arrival.
    pub fn read(&mut self, bytes: &[u8]) -> Arrived {
        let arrived = Arrived::read(bytes);
        if let Ok(Frame::Entries { entries, .. }) = &arrived.0 {
            for entry in entries {
                // The replica checks it again, and says what follows from it.
                let _fault = self.verifier.verify(&entry.header);
            }
        }
        arrived
    }
}
