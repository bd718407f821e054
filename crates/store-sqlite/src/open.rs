//! The one place where databases are opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use samverka_store::StoreError;

use crate::error::store_error;

/// Marks a file as ours ("Samv" in ASCII).
const APPLICATION_ID: i64 = 0x5361_6d76;

/// The steps from an empty file to the newest schema. Only ever appended to.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/0001_logs_and_values.sql")];

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How long to wait for another process that is writing, in milliseconds.
    pub busy_ms_max: u64,
}

impl Default for OpenOptions {
    /// Waits ten seconds: a client's writes take milliseconds, a first sync a second or two.
    fn default() -> Self {
        Self { busy_ms_max: 10_000 }
    }
}

/// Opens for reading and writing, and brings the schema up to date.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Connection, StoreError> {
    create_private(path)?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(store_error)?;
    connection.busy_timeout(Duration::from_millis(options.busy_ms_max)).map_err(store_error)?;
    prepare(&connection).map_err(store_error)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens for reading only, a database that has been opened before.
pub(crate) fn open_to_read(path: &Path, options: &OpenOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(store_error)?;
    connection.busy_timeout(Duration::from_millis(options.busy_ms_max)).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(64);
    let (found, known) = (check_version(&connection)?, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX));
    if found < known {
        return Err(StoreError::OlderVersion { found, known });
    }
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // WAL: readers go on while somebody writes. FULL: a commit is on the disk, not just on its way there.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A log that once grew large does not keep the space.
    connection.pragma_update_and_check(None, "journal_size_limit", 16 * 1024 * 1024, |_| Ok(()))
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(store_error)
}

fn check_version(connection: &Connection) -> Result<i64, StoreError> {
    let found = version(connection)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known { Err(StoreError::NewerVersion { found, known }) } else { Ok(found) }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if check_version(connection)? == known {
        return Ok(());
    }
    // Another process may be doing the same: who gets the lock first does it, and the other finds it done.
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    let found = check_version(&transaction)?;
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(store_error)?;
    if found == 0 && tables > 0 {
        return Err(StoreError::Foreign);
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(store_error)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(store_error)?;
    transaction.pragma_update(None, "user_version", known).map_err(store_error)?;
    transaction.commit().map_err(store_error)
}

/// Makes a new database readable by its owner only; what is beside it in the write-ahead log takes the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(|error| StoreError::io(error))
}
