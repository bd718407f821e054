//! The storage contract of replicas and relays: append-only logs of entries, and small named values beside them.
//!
//! What a backend must promise, and what [`conformance`] checks of each as far as a test can:
//! - **Atomic**: a batch is written whole or not at all, whatever fails and wherever the process dies. After an error
//!   the store holds what it held before and goes on working.
//! - **Durable on return**: when a write has been answered, it survives the loss of power (fsync, or an IndexedDB
//!   transaction with strict durability).
//! - **Compare and append**: a log grows only from where the writer says it stands, compared in the same transaction,
//!   so two writers (threads, processes, tabs) never fork it.
//! - **Chained**: entries that do not follow each other, or belong to another log or space, are refused. Signatures
//!   and bodies are the caller's to check.
//! - **Arrival order**: reading a space by arrival gives the same order every time; what is appended later never comes
//!   before what a reader has seen, not even after a space was removed and made again.
//! - **Bounded reads**: a read of entries ends at the limit of bytes, but brings at least one where there is one, so
//!   that a reader always gets on.
//! - **Headers stay**: dropping a document's bodies leaves every header, so that chains still verify. What was dropped
//!   or removed is gone from the medium as far as the backend can see to it, since dropping is erasure.
//! - **Bodies may follow**: an entry may be stored as a header alone and be filled later, where it arrived; the store
//!   can say which entries lack a body. What was dropped is remembered, and never filled again.
//! - **Idempotent where it can be**: making a known space, deleting an absent value, filling what is filled, dropping
//!   absent bodies and removing an unknown space do nothing and succeed. Writing to an unknown space makes it known;
//!   filling and dropping in one do not.
//!
//! A proof that a log forked is a named value like receipts and checkpoints are: the store gives names no meaning.
//!
//! The crate knows sealed entries and opaque values; it must never know what is in them. It does no IO itself: SQLite
//! is in `store-sqlite`, IndexedDB in the browser's shell. Requests and answers are values ([`Request`], [`Reply`])
//! for machines that do no IO either.

mod check;
pub mod conformance;
mod contract;
mod error;
mod memory;
mod request;

pub use check::{KEY_BYTES_MAX, VALUE_BYTES_MAX, check_run, check_write, push_number};
pub use contract::{Store, handle, handle_read};
pub use error::StoreError;
pub use memory::MemoryStore;
pub use request::{Arrival, Reply, Request, Write, WriteBatch};
