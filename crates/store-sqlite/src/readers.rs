//! Connections that read beside the writer.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use samverka_store::StoreError;

use crate::{OpenOptions, SqliteStore};

/// Connections that are open at once. Reads take milliseconds, and each connection keeps up to 2 MB of pages: more
/// would cost a relay memory and give it nothing that its disk can do.
const CONNECTIONS_MAX: usize = 8;

/// A pool of read-only connections to a store that a [`GroupWriter`](crate::GroupWriter) writes. Whoever finds none
/// free waits, so ask from a thread that may; and do not ask again inside a read.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    options: OpenOptions,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug)]
struct Pool {
    idle: Vec<SqliteStore>,
    open: usize,
}

impl Readers {
    /// A pool for the store at `path`, which has been opened before.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be read.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        let first = SqliteStore::open_to_read(path, options)?;
        Ok(Self {
            path: path.to_owned(),
            options: options.clone(),
            pool: Mutex::new(Pool { idle: vec![first], open: 1 }),
            returned: Condvar::new(),
        })
    }

    /// Reads with one of the connections. Blocks as long as the disk does.
    ///
    /// # Errors
    /// What `read` answers, and [`StoreError`] where a further connection cannot be opened.
    pub fn read<T>(
        &self,
        read: impl FnOnce(&mut SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut place = self.take_place();
        let mut store = match place.store.take() {
            Some(store) => store,
            None => SqliteStore::open_to_read(&self.path, &self.options)?,
        };
        let answer = read(&mut store);
        place.store = Some(store);
        answer
    }

    /// A place among the connections, with one that is idle if there is any.
    fn take_place(&self) -> Place<'_> {
        let mut pool = self.lock();
        loop {
            if let Some(store) = pool.idle.pop() {
                return Place { readers: self, store: Some(store) };
            }
            if pool.open < CONNECTIONS_MAX {
                pool.open += 1;
                return Place { readers: self, store: None };
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No panic can leave the pool half changed.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Given back when dropped: with its connection, or without one after a failure or a panic, for another to open.
struct Place<'a> {
    readers: &'a Readers,
    store: Option<SqliteStore>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.lock();
        match self.store.take() {
            Some(store) => pool.idle.push(store),
            None => pool.open -= 1,
        }
        self.readers.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use samverka_store::{Store, StoreError};

    use super::{CONNECTIONS_MAX, Readers};
    use crate::{OpenOptions, SqliteStore};

    #[test]
    fn many_readers_share_few_connections_and_a_panic_costs_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.sqlite");
        drop(SqliteStore::open(&path, &OpenOptions::default()).unwrap());
        let readers = Readers::open(&path, &OpenOptions::default()).unwrap();
        for _ in 0..2 * CONNECTIONS_MAX {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                readers.read(|_store| -> Result<(), StoreError> { panic!("a reader fails") })
            }));
            assert!(panicked.is_err());
        }
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..5 * CONNECTIONS_MAX {
                scope.spawn(|| {
                    let read = readers.read(|store| {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(2));
                        now.fetch_sub(1, Ordering::SeqCst);
                        store.spaces()
                    });
                    assert_eq!(read.unwrap(), Vec::new());
                });
            }
        });
        assert!((1..=CONNECTIONS_MAX).contains(&most.load(Ordering::SeqCst)));
        let pool = readers.lock();
        assert_eq!(pool.open, pool.idle.len());
    }
}
