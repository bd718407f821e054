//! SQLite's errors in the words of the contract.

use rusqlite::ffi::ErrorCode;
use samverka_store::StoreError;

/// Says what an error of SQLite's means.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error.to_string()),
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly,
        _ => StoreError::io(error),
    }
}

/// What is stored does not read as what it should be.
pub(crate) fn corrupt(what: &impl ToString) -> StoreError {
    StoreError::Corrupt(what.to_string())
}
