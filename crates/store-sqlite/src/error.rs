//! SQLite's and the system's errors in the words of the contract.

use std::io::{Error as IoError, ErrorKind};

use rusqlite::Error;
use rusqlite::ffi::ErrorCode;
use samverka_store::StoreError;

/// Says what an error of SQLite's means.
pub(crate) fn store_error(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        // The last is a race about who recovers a write-ahead log, lost too often.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            StoreError::Busy
        }
        // No statement of this crate breaks a constraint, unless the rows that it found contradict each other.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
            corrupt(&error)
        }
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly,
        Some(_) => StoreError::io(error),
        None if is_wrong_value(&error) => corrupt(&error),
        None => StoreError::io(error),
    }
}

/// Says what an error of the system's means.
pub(crate) fn io_error(error: IoError) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        _ => StoreError::io(error),
    }
}

/// What is stored does not read as what it should be.
pub(crate) fn corrupt(what: &impl ToString) -> StoreError {
    StoreError::Corrupt(what.to_string())
}

/// Whether a value that was read is not of the type, the length or the range that is written there.
const fn is_wrong_value(error: &Error) -> bool {
    matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..)
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Error as IoError, ErrorKind};

    use rusqlite::Error;
    use rusqlite::ffi;
    use samverka_store::StoreError;

    use super::{io_error, store_error};

    fn sqlite(code: i32) -> StoreError {
        store_error(Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn errors_say_what_somebody_can_do_about_them() {
        assert!(matches!(sqlite(ffi::SQLITE_FULL), StoreError::Full));
        assert!(matches!(sqlite(ffi::SQLITE_BUSY_SNAPSHOT), StoreError::Busy));
        assert!(matches!(sqlite(ffi::SQLITE_LOCKED), StoreError::Busy));
        assert!(matches!(sqlite(ffi::SQLITE_PROTOCOL), StoreError::Busy));
        assert!(matches!(sqlite(ffi::SQLITE_CORRUPT_INDEX), StoreError::Corrupt(_)));
        assert!(matches!(sqlite(ffi::SQLITE_NOTADB), StoreError::Corrupt(_)));
        assert!(matches!(sqlite(ffi::SQLITE_READONLY_DBMOVED), StoreError::ReadOnly));
        assert!(matches!(sqlite(ffi::SQLITE_IOERR_FSYNC), StoreError::Io(_)));
        assert!(matches!(io_error(ErrorKind::StorageFull.into()), StoreError::Full));
        assert!(matches!(io_error(ErrorKind::QuotaExceeded.into()), StoreError::Full));
        assert!(matches!(io_error(ErrorKind::ReadOnlyFilesystem.into()), StoreError::ReadOnly));
        assert!(matches!(io_error(IoError::other("the cable is out")), StoreError::Io(_)));
    }
}
