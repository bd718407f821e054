//! What replicas and relays say to each other: frames over a WebSocket, one binary message each.
//!
//! This crate knows how frames are laid out and how large they may be. It knows no plaintext and no secret, keeps no
//! state beyond a body that arrives in parts, and does no IO. `SPEC.md` beside this folder has every layout and the
//! order of a conversation; the golden frames under `tests/golden` have to be read forever.

mod batch;
mod code;
mod codec;
mod frame;
pub mod limits;

pub use batch::{EntryBatcher, PartAssembler, PartError, batches, parts};
pub use code::Code;
pub use codec::FrameError;
pub use frame::{
    Bodies, Frame, KnockState, Lack, LackReason, PROTOCOL_VERSION, PROTOCOL_VERSION_LEAN,
    PROTOCOL_VERSION_MIN, Rights, negotiate,
};
