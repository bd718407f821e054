//! The storage contract on SQLite, for clients and relays alike.
//!
//! One opener sets the pragmas and brings the schema up to date, stepwise and in transactions; WAL with
//! `synchronous=FULL`, so that what a write returned for survives the loss of power. A client's store may be open in
//! several processes at once: every write takes the write lock first, and appending compares with where the log stands
//! in the same transaction. A relay has one writer ([`GroupWriter`]) that commits what has come meanwhile in one
//! transaction, and readers beside it ([`Readers`]).
//!
//! This crate knows sealed entries and opaque values, and where files are. It must never know what is in them.

mod backup;
mod error;
mod group;
mod open;
mod readers;
mod store;

pub use group::{Answer, GroupWriter};
pub use open::OpenOptions;
pub use readers::Readers;
pub use store::SqliteStore;
