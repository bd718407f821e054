//! Operations whose signature holds, and why an operation is none or does not count.

use thiserror::Error;

use super::operation::{Cosignature, Operation, OperationError};
use crate::limits::{MEMBERSHIP_LOG_OPERATIONS_MAX, MEMBERSHIP_OPERATIONS_MAX, MEMBERSHIP_WAITING_MAX};
use crate::{DeviceId, Entry, EntryId, EntryKind, LogId, SignatureError, SpaceId};

/// A membership operation whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedOperation {
    pub(crate) id: EntryId,
    pub(crate) space: SpaceId,
    pub(crate) log: LogId,
    pub(crate) number: u64,
    pub(crate) parents: Vec<EntryId>,
    pub(crate) operation: Operation,
    pub(crate) cosignatures: Vec<Cosignature>,
}

impl VerifiedOperation {
    /// Verifies a membership entry and reads its operation.
    ///
    /// # Errors
    /// [`ResolverError`] where the entry is not a sound membership entry.
    pub fn verify(entry: &Entry) -> Result<Self, ResolverError> {
        entry.header.verify()?;
        Self::trust(entry)
    }

    /// Reads the operation of an entry whose signature was verified before (it comes out of the own store).
    ///
    /// # Errors
    /// [`ResolverError`] where the entry is not a membership entry with its body.
    pub fn trust(entry: &Entry) -> Result<Self, ResolverError> {
        let fields = entry.header.fields();
        if fields.kind != EntryKind::Membership {
            return Err(ResolverError::Kind);
        }
        let body = entry
            .body
            .as_deref()
            .filter(|body| entry.header.matches_body(body))
            .ok_or(ResolverError::Body)?;
        let (operation, cosignatures) = Operation::decode(body)?;
        let genesis = matches!(operation, Operation::Genesis { .. });
        if genesis != entry.header.is_genesis() {
            return Err(ResolverError::Genesis);
        }
        let mut parents = fields.membership_heads.clone();
        if fields.number > 0 && !parents.contains(&fields.previous) {
            parents.push(fields.previous);
        }
        Ok(Self {
            id: entry.id(),
            space: entry.header.space(),
            log: fields.log,
            number: fields.number,
            parents,
            operation,
            cosignatures,
        })
    }

    /// The entry's id.
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// Who signed it.
    pub const fn author(&self) -> DeviceId {
        self.log.device
    }

    /// What it does.
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// Who signed it besides its author. Their signatures hold; they give no right (yet): whoever removes a more senior
    /// admin together with others is a rule of a later version, in the same bytes.
    pub fn cosignatures(&self) -> &[Cosignature] {
        &self.cosignatures
    }
}

/// Why an entry is not an operation of this space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ResolverError {
    /// The entry is of another kind.
    #[error("the entry is not a membership operation")]
    Kind,
    /// The body is missing or another one.
    #[error("the entry's body is missing or another one")]
    Body,
    /// A genesis operation outside a genesis entry, or the other way round.
    #[error("only a space's first entry is a genesis")]
    Genesis,
    /// The entry belongs to another space.
    #[error("the entry belongs to another space")]
    Space,
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The body is malformed.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// As many operations count as a space may have.
    #[error("the plan has had {MEMBERSHIP_OPERATIONS_MAX} changes of membership: begin a new plan from it")]
    Full,
    /// The device has made as many changes of membership as one may.
    #[error(
        "this device has made {MEMBERSHIP_LOG_OPERATIONS_MAX} changes of membership, as many as one may: use another"
    )]
    LogFull,
    /// As many operations as there may be wait for others.
    #[error("{MEMBERSHIP_WAITING_MAX} changes of membership wait for others already")]
    Waiting,
}

/// Why an operation does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VoidReason {
    /// The author was not in.
    #[error("its author was not a member")]
    NotAMember,
    /// The author was not in any more, and knew it.
    #[error("its author was no longer a member")]
    NoLongerAMember,
    /// The author's role did not allow it.
    #[error("its author's role does not allow it")]
    Role,
    /// The target is an admin at least as senior.
    #[error("only a more senior admin removes or demotes an admin, or adds a device of theirs")]
    NotSenior,
    /// It names somebody who was not in.
    #[error("it is about somebody who was not a member")]
    UnknownTarget,
    /// The member's id does not follow from the device.
    #[error("the member's id does not belong to the device")]
    MemberId,
    /// The device was in before: a person returns with a new key.
    #[error("the device has been in before; a person returns with a new device key")]
    DeviceAgain,
    /// The device was let in as another member's by somebody more senior.
    #[error("its device was let in as another member's by somebody more senior")]
    DeviceClaimed {
        /// By which operation.
        by: EntryId,
    },
    /// The author was removed or demoted apart from it.
    #[error("its author had been removed or demoted")]
    AuthorRemoved {
        /// By which operation.
        by: EntryId,
    },
    /// What entitled the author does not count.
    #[error("what entitled its author does not count")]
    Cascade,
    /// The author signed two operations with one number.
    #[error("its author signed two different operations with one number")]
    Fork,
}
