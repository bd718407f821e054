//! Why a store did not do what it was asked; each sentence says what to do.

use std::error::Error as StdError;
use std::sync::Arc;

use samverka_log::{LogHead, LogId, SpaceId};
use thiserror::Error;

/// Why a store did not do what it was asked. After any of them the store holds what it held before.
///
/// It can be cloned, because one failed commit answers every batch that was in it.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else has appended to the log meanwhile.
    #[error("log {log} of space {space} stands at {}, not where the writer thought: read it again", stored.next)]
    Conflict {
        /// The space.
        space: SpaceId,
        /// The log.
        log: LogId,
        /// Where it stands.
        stored: LogHead,
    },
    /// The request contradicts itself or breaks a limit: entries that do not follow each other or belong elsewhere, a
    /// name that is too long.
    #[error("the request is malformed: {0}")]
    Malformed(&'static str),
    /// The disk or the quota is full.
    #[error("the disk is full: make room and try again; nothing that was saved is lost")]
    Full,
    /// Another process holds the store.
    #[error("the store is busy in another process: try again")]
    Busy,
    /// The store is open for reading only, or its file may not be written.
    #[error("the store is open for reading only: check who owns the file and who may write it")]
    ReadOnly,
    /// The store was closed.
    #[error("the store is closed: start the program again")]
    Closed,
    /// What is stored cannot be read.
    #[error("the store is damaged ({0}): restore it from a backup, or begin anew and sync")]
    Corrupt(String),
    /// The file belongs to another program.
    #[error("the file is a database of another program: choose another path")]
    Foreign,
    /// A newer version of the program has written it.
    #[error(
        "the store was written by a newer version ({found}, this program knows {known}): update the program"
    )]
    NewerVersion {
        /// The stored version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// An older version of the program has written it, and it was to be opened without changing it.
    #[error(
        "the store is of an older version ({found} of {known}): open it for writing once, that updates it"
    )]
    OlderVersion {
        /// The stored version.
        found: i64,
        /// The version known here.
        known: i64,
    },
    /// Reading or writing failed.
    #[error("the store could not be read or written: {0}")]
    Io(#[source] Arc<dyn StdError + Send + Sync>),
}

impl StoreError {
    /// Wraps what went wrong below.
    pub fn io(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Io(Arc::new(source))
    }
}
