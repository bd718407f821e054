//! Public knowledge: what a relay, and anybody who watches one, may know of a space.
//!
//! This crate knows ids, entry headers, signatures (it verifies them and never makes them), hash chains, frontiers,
//! membership operations and how they resolve, receipts and proofs of forks. It must never know a secret key, a
//! content key or plaintext: `room` and `server` are built on it, and a test over `cargo tree` keeps it so.
//!
//! Everything here is a pure function of bytes. The formats are written down in `SPEC.md` beside this file's folder,
//! with golden vectors that have to open forever.

mod derive;
mod entry;
mod fork;
mod frontier;
mod ids;
mod knock;
pub mod limits;
mod membership;
mod receipt;
pub mod wire;

pub use derive::{actor_id, attach_message, member_id};
pub use entry::{
    Entry, EntryKind, Extension, HeaderError, HeaderFields, HeaderVerifier, SignatureError, SignedHeader,
    Signer, UnsignedHeader, body_hash, verify_strict,
};
pub use fork::{ForkError, ForkProof};
pub use frontier::{Frontier, LogHead, LogRange};
pub use ids::{
    BodyHash, ContentCommitment, DeviceId, DocumentId, EntryId, EpochId, FrontierHash, IdError, InviteKey,
    LogId, MemberId, RelayKey, ShareKey, Signature, SlotId, SpaceId,
};
pub use knock::{Knock, KnockError, PROFILE_BYTES_MAX};
pub use membership::{
    AcceptUpTo, Acceptance, Authority, Cosignature, Epoch, Invitation, Member, MemberDevice, Membership,
    Operation, OperationError, QuarantineReason, RefusalReason, Resolver, ResolverError, Role, RoleError,
    Share, Target, VerifiedOperation, VoidReason, Wrap,
};
pub use receipt::{Receipt, ReceiptError};
