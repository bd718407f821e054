//! What a room asks of its shell.

use bytes::Bytes;
use samverka_protocol::Code;
use samverka_store::Request;

/// One channel of one connection, numbered by the shell; never used again after it has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// Numbers a request to the store, so that its answer finds its way back. Counted by the room itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// Something for the shell to carry out, in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Queue one frame. Whoever fans out shares the bytes: they are encoded once.
    Send {
        /// For whom.
        peer: PeerId,
        /// The encoded frame.
        frame: Bytes,
    },
    /// Hand the request to the store, and its answer to `handle_stored`. Requests may be answered in any order.
    Store {
        /// Which request.
        id: RequestId,
        /// What to read or write.
        request: Request,
    },
    /// The channel has proved its device: entries on it may be checked before they are handed in
    /// ([`Incoming::checked`](crate::Incoming::checked)).
    Attached {
        /// Whose.
        peer: PeerId,
    },
    /// Say goodbye with the reason and end the whole connection, then report it gone.
    Close {
        /// Whose connection.
        peer: PeerId,
        /// Why.
        code: Code,
        /// Why, for people.
        detail: String,
    },
}

/// What happened in a room since it was last asked, for the shell's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that became durable.
    pub appended: u64,
    /// Bodies that became durable after their headers.
    pub filled: u64,
    /// Bodies that were asked for and sent.
    pub wanted: u64,
    /// Entries that were refused.
    pub refused: u64,
    /// Forks of logs that were met.
    pub forks: u64,
}
