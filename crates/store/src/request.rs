//! Reads, writes and their answers as values, so that machines without IO can ask and IndexedDB can answer.

use samverka_log::{DocumentId, Entry, Frontier, LogHead, LogId, LogRange, SpaceId};

/// A place in the order in which entries arrived in a space. Grows; has gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival(pub u64);

/// One change to a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Makes a space known. Nothing happens if it is.
    CreateSpace(SpaceId),
    /// Appends to a log, if it stands where the writer thinks.
    Append {
        /// The space.
        space: SpaceId,
        /// The log.
        log: LogId,
        /// Where the log stands; otherwise the whole batch fails with a conflict.
        expect: LogHead,
        /// The entries, in order.
        entries: Vec<Entry>,
    },
    /// Sets a named value of a space, or of the store itself.
    Put {
        /// The space; `None` for the store itself.
        space: Option<SpaceId>,
        /// The name.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes a named value. Nothing happens if there is none.
    Delete {
        /// The space; `None` for the store itself.
        space: Option<SpaceId>,
        /// The name.
        key: String,
    },
    /// Puts bodies into entries that are stored without one. An entry that is not stored (its header is compared, not
    /// its number alone), has its body, or belongs to a document that was dropped is passed over; so is an unknown
    /// space.
    Fill {
        /// The space.
        space: SpaceId,
        /// The entries, each with its body, in any order and of any logs. Whether a body is the one that its header
        /// names is for the caller to check.
        entries: Vec<Entry>,
    },
    /// Removes the bodies of a document's entries; the headers stay, so that the chains do. That it was dropped is
    /// remembered as long as the space is here: its entries are never filled again. What is appended to it later is
    /// stored as it comes.
    DropBodies {
        /// The space.
        space: SpaceId,
        /// The document.
        document: DocumentId,
    },
    /// Removes a space with everything in it.
    RemoveSpace(SpaceId),
}

/// Something to be written all at once or not at all.
pub type WriteBatch = Vec<Write>;

/// A question to a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Write a batch: atomic, and durable when the answer comes.
    Write(WriteBatch),
    /// All spaces.
    Spaces,
    /// What is here of a space.
    Frontier {
        /// The space.
        space: SpaceId,
    },
    /// Entries of one log, in order.
    EntriesOfLog {
        /// The space.
        space: SpaceId,
        /// The log.
        log: LogId,
        /// The first number.
        from: u64,
        /// How many at most.
        max_entries: usize,
        /// How many bytes at most; one entry comes even if it is larger.
        max_bytes: usize,
    },
    /// Entries of a space in the order of their arrival.
    EntriesByArrival {
        /// The space.
        space: SpaceId,
        /// Everything up to here is known.
        after: Arrival,
        /// How many bytes at most; one entry comes even if it is larger.
        max_bytes: usize,
    },
    /// Which entries are stored without a body and could be filled: none of a dropped document is among them.
    Bodyless {
        /// The space.
        space: SpaceId,
        /// The log and number to begin at; `None` for the beginning. After a full answer, the log of its last range
        /// and the number one past it.
        from: Option<(LogId, u64)>,
        /// How many ranges at most.
        max_ranges: usize,
    },
    /// One named value.
    Value {
        /// The space; `None` for the store itself.
        space: Option<SpaceId>,
        /// The name.
        key: String,
    },
    /// All named values whose name begins so, in order of their names.
    Values {
        /// The space; `None` for the store itself.
        space: Option<SpaceId>,
        /// How the names begin.
        prefix: String,
    },
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The batch is durable.
    Written,
    /// All spaces.
    Spaces(Vec<SpaceId>),
    /// What is here.
    Frontier(Frontier),
    /// Entries of a log.
    Entries(Vec<Entry>),
    /// Entries with their arrival.
    Arrived(Vec<(Arrival, Entry)>),
    /// Entries without a body: ranges in ascending order of log and number; none is empty, none touches the next.
    Bodyless(Vec<LogRange>),
    /// One value, if there is one.
    Value(Option<Vec<u8>>),
    /// Names and values.
    Values(Vec<(String, Vec<u8>)>),
}
