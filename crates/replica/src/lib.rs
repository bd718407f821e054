//! The client machine: a device's replica of one space, without IO.
//!
//! It knows keys, plaintext and the log, and joins them: a command changes the local documents at once, becomes a
//! sealed and signed entry, is written to the store, goes to every relay, and comes back as other devices' receipts.
//! At each step [`Replica::status`] says where it is. It must never know a socket, a file, a clock or a thread: time
//! and randomness come in as arguments, and effects go out as values, so that a run can be replayed from a seed.
//!
//! # Driving it
//! 1. Make one with [`Replica::found`], [`Replica::open`] or [`Replica::join`].
//! 2. After every call, carry out [`Replica::poll_effect`] until there is none: requests to the store (answer each
//!    with [`Replica::handle_stored`], in order) and frames to send. [`drive_store`] does the store's part. A shell that
//!    has threads may take [`Replica::take_work`] when a plan is opened; [`drive_store_beside`] does that as well. It
//!    may also say how pieces of work are done beside each other ([`Replica::set_together`]).
//! 3. Tell it of connections ([`Replica::connect`], [`Replica::handle_frame`], [`Replica::handle_disconnected`]), and
//!    call [`Replica::handle_timeout`] when [`Replica::poll_timeout`] says. Feed it every frame that is there before
//!    polling effects: what arrives together is written together. A shell that has threads may read frames and check
//!    their signatures beside the replica ([`ReadAhead`]).
//! 4. Show what [`Replica::poll_event`] tells.
//!
//! # Decisions
//! - An incoming entry is on the screen when it has been checked and settled, and durable a moment later; a receipt is
//!   sent only for what is durable.
//! - The record signatures inside an entry are not checked one by one: the entry's signature covers them (see
//!   `intake`).
//! - The signature of every header from a relay is checked when it arrives, also where the signed one after it names it:
//!   a run of headers under one signature would be its author's own work, and nobody could slip in another's, but an
//!   author could name one that is not signed. Whoever had it in such a run would hold a log, and take content from a
//!   snapshot that covers it, which everybody else refuses for good (design, invariants 4 and 5).
//! - What the own store holds was checked before it was written and is not checked again.
//! - When membership changes what counts, the documents are built anew from the entries (`load`), rather than undone
//!   change by change: it is rare, and there is only one way that can be wrong.
//! - [`Replica::poll_timeout`] includes the moment when what came from one relay may be passed to another; members
//!   would otherwise all carry the same entries there.

mod admission;
mod arrived;
#[cfg(test)]
mod attacks;
mod author;
mod bodies;
mod bringing;
mod checkpoint;
mod copies;
mod drive;
mod effect;
mod epochs;
mod error;
mod graph;
mod history;
mod intake;
mod joining;
mod keyring;
mod lean;
mod load;
mod members;
mod relays;
mod replica;
mod session;
mod shelf;
mod slots;
mod snapshot;
mod status;
mod sync;
#[cfg(test)]
mod village;

pub use admission::{InviteRequest, InviteView, KnockView, participant_tag};
pub use arrived::{Arrived, ReadAhead};
pub use author::COALESCE_MS;
pub use copies::{Work, Worked};
pub use drive::{Piece, Together, Workers, drive_store, drive_store_beside};
pub use effect::{Effect, Event, KnockState, RequestId, SessionId};
pub use error::ReplicaError;
pub use history::{Fault, HistoryItem, Verifier};
pub use joining::{Joining, Opening, Setup};
pub use members::LateEntry;
pub use replica::Replica;
pub use shelf::EntryState;
pub use snapshot::SnapshotMarks;
pub use status::{ChangeStatus, DeviceStatus, RelayStatus, Status};
