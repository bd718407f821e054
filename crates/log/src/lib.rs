//! Public knowledge: what a relay, and anybody who watches one, may know of a space.
//!
//! This crate knows ids, entry headers, signatures (it verifies them and never makes them), hash chains, frontiers,
//! membership operations and how they resolve, receipts and proofs of forks. It must never know a secret key, a
//! content key or plaintext: `room` and `server` are built on it, and a test over `cargo tree` keeps it so.
//!
//! Everything here is a pure function of bytes. The formats are written down in `SPEC.md` beside this file's folder,
//! with golden vectors that have to open forever.

mod entry;
mod frontier;
mod ids;
pub mod limits;
pub mod wire;

pub use entry::{
    Entry, EntryKind, Extension, HeaderError, HeaderFields, SignatureError, SignedHeader, Signer, UnsignedHeader,
    body_hash, verify_strict,
};
pub use frontier::{Frontier, LogHead, LogRange};
pub use ids::{
    BodyHash, ContentCommitment, DeviceId, DocumentId, EntryId, EpochId, FrontierHash, IdError, InviteKey, LogId,
    MemberId, RelayKey, ShareKey, Signature, SlotId, SpaceId,
};
