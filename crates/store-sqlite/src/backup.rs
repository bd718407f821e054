//! A copy of the whole store, made while others use it.

use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use samverka_store::StoreError;

use crate::error::{io_error, store_error};
use crate::open::{create_new, sync_folder_of};

/// How long and how often a copy waits for a lock.
const PAUSE: Duration = Duration::from_millis(20);
const ATTEMPTS: u32 = 250;

pub(crate) fn copy(from: &Connection, to: &Path) -> Result<(), StoreError> {
    if to.try_exists().map_err(io_error)? {
        let text = "the file for the backup exists: choose another name";
        return Err(StoreError::io(IoError::new(ErrorKind::AlreadyExists, text)));
    }
    let partial = beside(to, ".partial");
    // Left behind by a backup that was killed.
    remove(&partial)?;
    create_new(&partial).map_err(io_error)?;
    let done = copy_into(from, &partial).and_then(|()| {
        fs::File::open(&partial).and_then(|file| file.sync_all()).map_err(io_error)?;
        fs::rename(&partial, to).map_err(io_error)?;
        sync_folder_of(to)
    });
    if done.is_err() {
        // What went wrong first is what to report; a file that stays is removed by the next attempt.
        let _left = remove(&partial);
    }
    done
}

/// All pages in one step: a copy in several would begin anew whenever another connection writes, and readers do not
/// hold up the writer of a write-ahead log.
fn copy_into(from: &Connection, partial: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut into = Connection::open_with_flags(partial, flags).map_err(store_error)?;
    {
        let backup = Backup::new(from, &mut into).map_err(store_error)?;
        for attempt in 1.. {
            match backup.step(-1).map_err(store_error)? {
                StepResult::Done => break,
                _ if attempt < ATTEMPTS => std::thread::sleep(PAUSE),
                _ => return Err(StoreError::Busy),
            }
        }
    }
    // One file, without companions, until somebody opens it as a store.
    let mode = into.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    mode.map_err(store_error)?;
    let sound: String = into.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(store_error)?;
    if sound != "ok" {
        return Err(StoreError::Corrupt(sound));
    }
    into.close().map_err(|(_, error)| store_error(error))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    for path in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm"), beside(path, "-journal")] {
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(io_error(error)),
        }
    }
    Ok(())
}
