//! The one place where databases are opened.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use samverka_store::StoreError;

use crate::error::{io_error, store_error};

/// Marks a file as ours ("Samv" in ASCII).
const APPLICATION_ID: i64 = 0x5361_6d76;

/// The steps from an empty file to the newest schema. Only ever appended to.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001_logs_and_values.sql"),
    include_str!("../migrations/0002_bodies_that_follow.sql"),
];

/// Bytes that the write-ahead log keeps on the disk when it is empty: it grows to about 4 MB between two times that its
/// pages move into the file, and to the size of the largest batch.
const JOURNAL_BYTES_MAX: i64 = 16 * 1024 * 1024;

/// The pause between attempts to switch to a write-ahead log. SQLite does not wait there when several processes make
/// one file, because waiting could be a deadlock.
const SWITCH_PAUSE: Duration = Duration::from_millis(10);

/// Statements that stay prepared: all that this crate has, with room.
const STATEMENTS: usize = 64;

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

/// What a file says of itself.
enum Found {
    /// Nothing: it is empty.
    New,
    /// It is of this version.
    Current,
    /// It is of an older version.
    Older(i64),
}

/// Opens for reading and writing, and brings the schema up to date.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> Result<Connection, StoreError> {
    create_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(path, flags, options)?;
    // Before anything is changed: a file that is not ours is left as it is.
    look(&connection)?;
    write_ahead(&connection, options)?;
    prepare(&connection).map_err(store_error)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// Opens for reading only, a database that has been opened before.
pub(crate) fn open_to_read(path: &Path, options: &OpenOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags, options)?;
    match look(&connection)? {
        Found::Current => Ok(connection),
        Found::New => Err(StoreError::OlderVersion { found: 0, known: known() }),
        Found::Older(found) => Err(StoreError::OlderVersion { found, known: known() }),
    }
}

fn connect(path: &Path, flags: OpenFlags, options: &OpenOptions) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags).map_err(store_error)?;
    connection.busy_timeout(Duration::from_millis(options.busy_ms_max)).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// WAL: readers go on while somebody writes.
fn write_ahead(connection: &Connection, options: &OpenOptions) -> Result<(), StoreError> {
    let (began, wait) = (Instant::now(), Duration::from_millis(options.busy_ms_max));
    loop {
        let mode: Result<String, _> =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(store_error);
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                let text = format!("the file system has no write-ahead log ({mode}): use a local disk");
                return Err(StoreError::io(IoError::new(ErrorKind::Unsupported, text)));
            }
            Err(StoreError::Busy) if began.elapsed() < wait => std::thread::sleep(SWITCH_PAUSE),
            Err(error) => return Err(error),
        }
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let set = |name, value: &str| connection.pragma_update_and_check(None, name, value, |_| Ok(()));
    // FULL: a commit is on the disk, not just on its way there; on Apple's systems that takes a word more.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Dropping is erasure: places that become free are overwritten.
    set("secure_delete", "ON")?;
    // A damaged page is noticed when it is read, not after it was written back.
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // A log that once grew large does not keep the space.
    connection.pragma_update_and_check(None, "journal_size_limit", JOURNAL_BYTES_MAX, |_| Ok(()))
}

/// As [`examine`], all of it at one moment: another process may be making the file.
fn look(connection: &Connection) -> Result<Found, StoreError> {
    let moment = connection.unchecked_transaction().map_err(store_error)?;
    let found = examine(&moment)?;
    moment.commit().map_err(store_error)?;
    Ok(found)
}

/// Whose file it is, and of which version; inside a transaction.
fn examine(connection: &Connection) -> Result<Found, StoreError> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(store_error);
    let (application, found) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    match (application, found) {
        (APPLICATION_ID, found) if found > known() => Err(StoreError::NewerVersion { found, known: known() }),
        (APPLICATION_ID, found) if found == known() => Ok(Found::Current),
        (APPLICATION_ID, found) if found > 0 => Ok(Found::Older(found)),
        (0, 0) if number("SELECT count(*) FROM sqlite_schema")? == 0 => Ok(Found::New),
        _ => Err(StoreError::Foreign),
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if matches!(look(connection)?, Found::Current) {
        return Ok(());
    }
    // Another process may be doing the same: who gets the lock first does it, and the other finds it done.
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    let from = match examine(&transaction)? {
        Found::Current => return Ok(()),
        Found::New => 0,
        Found::Older(found) => usize::try_from(found).map_err(|_| StoreError::Foreign)?,
    };
    for step in MIGRATIONS.iter().skip(from) {
        transaction.execute_batch(step).map_err(store_error)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(store_error)?;
    transaction.pragma_update(None, "user_version", known()).map_err(store_error)?;
    transaction.commit().map_err(store_error)
}

/// The newest version known here.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Makes a new database readable by its owner only; what is beside it in the write-ahead log takes the same mode.
fn create_private(path: &Path) -> Result<(), StoreError> {
    match create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io_error(error)),
        Ok(()) => sync_folder_of(path),
    }
}

/// Makes an empty file that only its owner may read.
pub(crate) fn create_new(path: &Path) -> Result<(), IoError> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// Makes a file's name durable. Windows has no such call, and needs none.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or(Path::new("."))).map_err(io_error)?;
        folder.sync_all().map_err(io_error)?;
    }
    Ok(())
}
