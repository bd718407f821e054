//! The relay's machine, without IO: one [`Room`] for each space, one [`Reception`] for each connection.
//!
//! It knows what is public: headers, membership, frontiers, sealed bytes. It must never know a member's key, a content
//! key or plaintext, and depends on no crate that has a type for them (design, invariant 1; a test reads `cargo tree`).
//!
//! What a room promises:
//! - Everything that it acknowledges is durable; what it passes on may not be yet.
//! - An entry is judged by its author's rights and its place in its log, never by who carries it. A well-chained
//!   entry of somebody who may write is taken whatever it is about.
//! - What a channel costs is bounded ([`CREDIT_BYTES`]); one that does not keep up is caught up from the store, and what
//!   it asks for is read from there when there is credit.
//! - A removed device is cut off before anything that follows its removal is passed on.
//! - No bytes from a peer make it panic.

mod attach;
mod budget;
mod commit;
mod effect;
mod filling;
mod gate;
mod hosting;
mod incoming;
mod knocks;
mod loading;
mod parts;
mod peer;
mod push;
mod rate;
mod receipts;
mod reception;
mod room;
mod settings;
mod stream;
mod waiting;
mod wants;

pub use budget::Budget;
pub use commit::USAGE_KEY;
pub use effect::{Counts, Effect, PeerId, RequestId};
pub use hosting::{Hosting, TokenHash};
pub use incoming::Incoming;
pub use peer::Introduction;
pub use reception::{Reaction, Reception};
pub use room::Room;
pub use settings::{CREDIT_BYTES, RoomLimits, Settings};

/// Encodes a frame to be shared by everybody whom it is sent to.
pub fn encode(frame: &samverka_protocol::Frame) -> bytes::Bytes {
    frame.encode().into()
}
