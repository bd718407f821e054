//! The trait that every backend keeps.

use samverka_log::{Entry, Frontier, LogId, LogRange, SpaceId};

use crate::{Arrival, Reply, Request, StoreError, Write};

/// A durable place for entries and small named values. See the crate's doc for what it promises.
pub trait Store {
    /// Writes a batch: all of it or, on any error, nothing. It is durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; the store holds what it held before.
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError>;

    /// All spaces, in order of their id.
    ///
    /// # Errors
    /// [`StoreError`].
    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError>;

    /// What is here of a space; empty for one that is not known. Cheap.
    ///
    /// # Errors
    /// [`StoreError`].
    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError>;

    /// Entries of one log from a number on, in order: at most `max_entries`, and at most `max_bytes` unless the first
    /// alone is larger.
    ///
    /// # Errors
    /// [`StoreError`].
    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError>;

    /// Entries of a space that arrived after a place, in the order of their arrival, which is the same every time:
    /// at most `max_bytes` unless the first alone is larger.
    ///
    /// # Errors
    /// [`StoreError`].
    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError>;

    /// Which entries of a space are stored without a body and could be filled, from a log and number on (`None`: from
    /// the beginning): at most `max_ranges` ranges, in ascending order of log and number. On a disk it costs what it
    /// finds, not what is stored.
    ///
    /// # Errors
    /// [`StoreError`].
    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError>;

    /// One named value of a space, or of the store itself.
    ///
    /// # Errors
    /// [`StoreError`].
    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// All named values whose name begins so, in order of their names.
    ///
    /// # Errors
    /// [`StoreError`].
    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
}

/// Answers a request from a store.
///
/// # Errors
/// What the store answers.
pub fn handle(store: &mut (impl Store + ?Sized), request: &Request) -> Result<Reply, StoreError> {
    match request {
        Request::Write(batch) => store.write(batch).map(|()| Reply::Written),
        read => handle_read(store, read),
    }
}

/// Answers a request that changes nothing, for stores that several may read at once.
///
/// # Errors
/// What the store answers; [`StoreError::ReadOnly`] for a request to write.
pub fn handle_read(store: &(impl Store + ?Sized), request: &Request) -> Result<Reply, StoreError> {
    Ok(match request {
        Request::Write(_) => return Err(StoreError::ReadOnly),
        Request::Spaces => Reply::Spaces(store.spaces()?),
        Request::Frontier { space } => Reply::Frontier(store.frontier(*space)?),
        Request::EntriesOfLog { space, log, from, max_entries, max_bytes } => {
            Reply::Entries(store.entries_of_log(*space, *log, *from, *max_entries, *max_bytes)?)
        }
        Request::EntriesByArrival { space, after, max_bytes } => {
            Reply::Arrived(store.entries_by_arrival(*space, *after, *max_bytes)?)
        }
        Request::Bodyless { space, from, max_ranges } => {
            Reply::Bodyless(store.bodyless(*space, *from, *max_ranges)?)
        }
        Request::Value { space, key } => Reply::Value(store.value(*space, key)?),
        Request::Values { space, prefix } => Reply::Values(store.values(*space, prefix)?),
    })
}
