//! Connections that read beside the writer.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use samverka_store::StoreError;

use crate::{OpenOptions, SqliteStore};

/// Connections that are kept between uses.
const IDLE_MAX: usize = 8;

/// A pool of read-only connections to a store that a [`GroupWriter`](crate::GroupWriter) writes.
pub struct Readers {
    path: PathBuf,
    options: OpenOptions,
    idle: Mutex<Vec<SqliteStore>>,
}

impl Readers {
    /// A pool for the store at `path`, which has been opened before.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be read.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        let first = SqliteStore::open_to_read(path, options)?;
        Ok(Self { path: path.to_owned(), options: options.clone(), idle: Mutex::new(vec![first]) })
    }

    /// Reads with one of the connections. Blocks as long as the disk does.
    ///
    /// # Errors
    /// What `read` answers, and [`StoreError`] where a further connection cannot be opened.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&mut SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut store = match idle {
            Some(store) => store,
            None => SqliteStore::open_to_read(&self.path, &self.options)?,
        };
        let answer = read(&mut store);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(store);
        }
        answer
    }
}
