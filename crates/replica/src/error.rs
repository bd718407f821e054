//! Why something could not be done. Each sentence says what happened and what to do; none of them loses anything.

use samverka_log::{HeaderError, OperationError};
use samverka_plan::CommandError;
use samverka_seal::{
    EpochKeyError, LinkError, LocalBlobError, PresenceError, ProfileError, RecordError, SealError,
};
use thiserror::Error;

/// Why a replica did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplicaError {
    /// The plan's entries are not read yet.
    #[error("the plan is not here yet: run a sync while a relay can be reached")]
    NotReady,
    /// This device is not a member (any more).
    #[error("this device is not a member of the plan: ask an admin for an invitation")]
    NotAMember,
    /// This device's role does not allow it.
    #[error("this takes the role {needed}, and this device's is {role}: ask an admin")]
    Role {
        /// Which role it takes.
        needed: &'static str,
        /// Which role there is.
        role: String,
    },
    /// This device's data was copied or restored, and its membership log may go on elsewhere.
    #[error(
        "this device's data may have been copied or restored from a backup: a sync with a relay has to come first, so \
         that it knows what it has said about members since; writing in the plan needs no such thing unless the key \
         has to be changed"
    )]
    Copied,
    /// No epoch key is here that may be written under.
    #[error("the key to write with is not here yet: run a sync, it comes with the admission")]
    NoKey,
    /// A newer version of the program has written something that forbids writing with this one.
    #[error("the plan has been changed by a newer version: update this program to write (reading goes on)")]
    UpdateNeeded,
    /// No such member, invitation, knock or device.
    #[error("there is no {what} {id} in this plan")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The membership rules forbid it.
    #[error("{0}")]
    Forbidden(String),
    /// The invitation cannot let anybody in.
    #[error("this invitation {0}")]
    Invitation(&'static str),
    /// A command does not fit the plan.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A header could not be made.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A membership operation could not be made.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// A body could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A record could not be signed.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An epoch key could not be sealed or opened.
    #[error(transparent)]
    EpochKey(#[from] EpochKeyError),
    /// A link could not be made.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A profile could not be sealed.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Something of the moment could not be sealed.
    #[error(transparent)]
    Presence(#[from] PresenceError),
    /// A local blob could not be sealed or opened.
    #[error(transparent)]
    Local(#[from] LocalBlobError),
    /// A document could not be written as a file.
    #[error(transparent)]
    File(#[from] samverka_plan::exchange::automerge::AutomergeError),
    /// A change that this device made itself could not be read back.
    #[error("a change made here is malformed: {0}")]
    Change(String),
    /// What is to be written is longer than the format allows.
    #[error("this is too long for one entry: do it in smaller steps")]
    TooLong,
}
