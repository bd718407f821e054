//! Secret knowledge: what only members' devices may hold.
//!
//! This crate knows device keys, epoch keys, plaintext and how to seal it, invitation secrets. It must never be a
//! dependency of `room` or `server`. It draws no randomness and reads no clock of its own, and it does not decide who
//! may do what: that is the resolver's work in `samverka_log`.
//!
//! Two floors: `hazmat` (private) has one file for each primitive; everything public is a whole envelope. `make_*` and
//! functions with an `rng` draw randomness, the rest is deterministic. The formats are written down in `SPEC.md` in
//! this crate's folder, with golden vectors in `tests/golden` that have to open forever.

mod body;
mod change_hash;
mod compress;
mod content;
mod coverage;
mod epoch;
mod hazmat;
mod invite;
mod keys;
pub mod limits;
mod local;
mod padding;
mod presence;
mod profile;
mod record;
mod relay_url;
mod secret;
mod varint;

pub use body::{OpenError, SealError, check_content, open_entry, seal_entry};
pub use change_hash::ChangeHash;
pub use content::{ChangeContent, Content, ContentError, DropContent, SnapshotContent};
pub use coverage::{Coverage, CoveredEntry};
pub use epoch::{EpochCommitment, EpochKey, EpochKeyError, SUITE_X25519, SealedShare, WrappedKey};
pub use invite::{AdmissionKey, CheckCode, InviteLink, InviteSecret, InviteSigner, LinkError, ParticipantId};
pub use keys::{DeviceKeys, DeviceSecretBytes};
pub use local::{LocalBlobError, LocalKey};
pub use presence::{Presence, PresenceError, PresenceReceiver, PresenceSender};
pub use profile::{KnockContext, Profile, ProfileError};
pub use record::{RecordError, RecordFields, RecordId, SignedRecord, VerifiedRecord};
pub use relay_url::{RelayUrl, RelayUrlError};
