//! Membership operations: the bodies of entries of kind *membership*, which relays read too.

use thiserror::Error;

use crate::limits::{DEVICES_MAX, LOGS_MAX, MEMBERSHIP_BODY_BYTES_MAX};
use crate::wire::{Reader, WireError, Writer};
use crate::{
    DeviceId, DocumentId, EntryId, EpochId, InviteKey, LogHead, LogId, MemberId, ShareKey, Signature,
    SignatureError, verify_strict,
};

const VERSION: u8 = 1;
/// Goes before what a co-signer signs.
const COSIGNATURE_DOMAIN: &[u8] = b"samverka/cosignature/v1\0";
/// Co-signatures in one operation: more admins than that do not sit in one plan.
const COSIGNATURES_MAX: usize = 64;

/// What a member may do. Ordered: more rights are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Stores and forwards; holds no key and reads nothing.
    Relay,
    /// Reads.
    Reader,
    /// Reads and writes.
    Editor,
    /// Reads, writes, and decides who is in.
    Admin,
}

impl Role {
    /// The role's byte.
    pub const fn code(self) -> u8 {
        match self {
            Self::Relay => 1,
            Self::Reader => 2,
            Self::Editor => 3,
            Self::Admin => 4,
        }
    }

    /// The role of a byte.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Relay),
            2 => Some(Self::Reader),
            3 => Some(Self::Editor),
            4 => Some(Self::Admin),
            _ => None,
        }
    }

    /// The word for it in commands and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Reader => "reader",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }
}

impl core::str::FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        match text {
            "relay" => Ok(Self::Relay),
            "reader" => Ok(Self::Reader),
            "editor" => Ok(Self::Editor),
            "admin" => Ok(Self::Admin),
            _ => Err(RoleError),
        }
    }
}

/// Why a text is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a role is admin, editor, reader or relay")]
pub struct RoleError;

/// An epoch key sealed to one device (HPKE; opaque here).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The recipient.
    pub device: DeviceId,
    /// The encapsulated X25519 key.
    pub encapsulated: [u8; 32],
    /// The sealed key and its tag.
    pub ciphertext: [u8; 48],
}

/// An older epoch's key under a newer one (opaque here).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// The older epoch.
    pub epoch: EpochId,
    /// The nonce.
    pub nonce: [u8; 24],
    /// The wrapped key and its tag.
    pub ciphertext: [u8; 48],
}

/// Up to where entries of logs are accepted, in ascending order of the log.
pub type AcceptUpTo = Vec<(LogId, LogHead)>;

/// Who or what is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A person with all devices.
    Member(MemberId),
    /// One device.
    Device(DeviceId),
}

/// One step in the history of who is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Begins a space. The author is its first admin.
    Genesis {
        /// Makes the space's id unique.
        nonce: [u8; 16],
        /// The cryptographic suite.
        suite: u16,
        /// Which document is the plan itself.
        plan_document: DocumentId,
        /// The founder's share key.
        share_key: ShareKey,
    },
    /// An admin lets a person in.
    AddMember {
        /// The person; derived from the device.
        member: MemberId,
        /// What they may do.
        role: Role,
        /// Their first device.
        device: DeviceId,
        /// Its share key.
        share_key: ShareKey,
        /// The invitation that they came by.
        invite: Option<EntryId>,
    },
    /// A person, or an admin, adds a device of theirs.
    AddDevice {
        /// The person.
        member: MemberId,
        /// The device.
        device: DeviceId,
        /// Its share key.
        share_key: ShareKey,
    },
    /// An admin changes what a person may do.
    ChangeRole {
        /// The person.
        member: MemberId,
        /// What they may do from here on.
        role: Role,
        /// For a reduction: up to where their entries count.
        accept_up_to: AcceptUpTo,
    },
    /// An admin removes a person or a device; anybody removes themselves or a device of their own.
    Remove {
        /// Who or what.
        target: Target,
        /// Up to where their entries count.
        accept_up_to: AcceptUpTo,
    },
    /// The author's member leaves. Devices remove their own member instead, which also says up to where its entries
    /// count.
    Leave,
    /// An admin makes an invitation.
    Invite {
        /// The key that its secret derives.
        key: InviteKey,
        /// What a newcomer will be allowed to do.
        role: Role,
        /// When it ends, in Unix milliseconds. Binds the admitting device, never the resolver.
        expires_at_ms: u64,
        /// How many may come by it. Binds the admitting device, never the resolver.
        uses: u32,
    },
    /// An admin takes an invitation back.
    RevokeInvite {
        /// The entry that made it.
        invite: EntryId,
    },
    /// An editor or admin begins an epoch; its id is this entry's.
    Epoch {
        /// The cryptographic suite of shares and wraps.
        suite: u16,
        /// What commits to the key.
        commitment: [u8; 32],
        /// The key for each recipient, in ascending order of the device.
        shares: Vec<Share>,
        /// The keys of earlier epochs.
        wraps: Vec<Wrap>,
    },
    /// Somebody who holds an epoch's key hands it on.
    KeyShare {
        /// The epoch.
        epoch: EpochId,
        /// The key for each recipient, in ascending order of the device.
        shares: Vec<Share>,
    },
    /// An admin takes in what a removed or demoted author wrote before hearing of it.
    AcceptLate {
        /// Up to where.
        logs: AcceptUpTo,
    },
    /// An operation of a newer version: kept, forwarded, and it stops this version from writing.
    Unknown {
        /// Its tag.
        tag: u8,
        /// Its payload.
        payload: Vec<u8>,
    },
}

/// A signature by another admin under an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Who signed.
    pub device: DeviceId,
    /// The signature over the body without its co-signatures.
    pub signature: Signature,
}

/// Why bytes are not an operation, or an operation cannot become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The bytes end too early or too late.
    #[error("membership operation: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("membership operation of version {0} is newer than this program")]
    Version(u8),
    /// The body is longer than allowed.
    #[error("a membership operation of {0} bytes is over the limit")]
    TooLong(usize),
    /// A list is longer than allowed.
    #[error("a membership operation has too many {0}")]
    TooMany(&'static str),
    /// A list is not strictly ascending.
    #[error("the {0} of a membership operation are not in ascending order")]
    Order(&'static str),
    /// A byte has no meaning.
    #[error("a membership operation has an unknown {0}")]
    Code(&'static str),
    /// A co-signature does not hold.
    #[error("a co-signature does not hold")]
    Cosignature(#[from] SignatureError),
}

impl Operation {
    /// The operation's body, without co-signatures.
    ///
    /// # Errors
    /// [`OperationError`] where [`Self::decode`] would refuse the bytes: a list over its limit or not strictly
    /// ascending, a body over [`MEMBERSHIP_BODY_BYTES_MAX`].
    pub fn encode(&self) -> Result<Vec<u8>, OperationError> {
        self.encode_cosigned(&[])
    }

    /// The operation's body with co-signatures, which have to be in ascending order of the device.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_cosigned(&self, cosignatures: &[Cosignature]) -> Result<Vec<u8>, OperationError> {
        let mut out = Writer::new();
        out.bytes(&self.to_be_cosigned()?);
        if cosignatures.len() > COSIGNATURES_MAX {
            return Err(OperationError::TooMany("co-signatures"));
        }
        out.u8(u8::try_from(cosignatures.len()).map_err(|_| OperationError::TooMany("co-signatures"))?);
        ascending("co-signatures", cosignatures.iter().map(|cosignature| cosignature.device))?;
        for cosignature in cosignatures {
            out.bytes(cosignature.device.as_bytes()).bytes(cosignature.signature.as_bytes());
        }
        let bytes = out.finish();
        short_enough(bytes.len())?;
        Ok(bytes)
    }

    /// What a co-signer signs: the domain and the body before its co-signatures.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn cosigned_message(&self) -> Result<Vec<u8>, OperationError> {
        Ok([COSIGNATURE_DOMAIN, &self.to_be_cosigned()?].concat())
    }

    /// Reads a body and checks its co-signatures.
    ///
    /// # Errors
    /// [`OperationError`] where the bytes are not the one canonical encoding, or a co-signature does not hold.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Vec<Cosignature>), OperationError> {
        short_enough(bytes.len())?;
        let mut input = Reader::new(bytes);
        match input.u8()? {
            VERSION => {}
            version => return Err(OperationError::Version(version)),
        }
        let tag = input.u8()?;
        let operation = read_payload(tag, input.block()?)?;
        let cosigned = [COSIGNATURE_DOMAIN, bytes.get(..input.position()).unwrap_or_default()].concat();
        let count = usize::from(input.u8()?);
        if count > COSIGNATURES_MAX {
            return Err(OperationError::TooMany("co-signatures"));
        }
        let mut cosignatures: Vec<Cosignature> = Vec::new();
        for _ in 0..count {
            let device = DeviceId::from_bytes(input.array()?);
            let signature = Signature::from_bytes(input.array()?);
            if cosignatures.last().is_some_and(|last| last.device >= device) {
                return Err(OperationError::Order("co-signatures"));
            }
            verify_strict(device, &cosigned, signature)?;
            cosignatures.push(Cosignature { device, signature });
        }
        input.finish()?;
        Ok((operation, cosignatures))
    }

    fn to_be_cosigned(&self) -> Result<Vec<u8>, OperationError> {
        let (tag, payload) = write_payload(self)?;
        // Before the block's length is written, which has four bytes.
        short_enough(payload.len())?;
        let mut out = Writer::new();
        out.u8(VERSION).u8(tag).block(&payload);
        Ok(out.finish())
    }
}

const fn short_enough(bytes: usize) -> Result<(), OperationError> {
    if bytes > MEMBERSHIP_BODY_BYTES_MAX { Err(OperationError::TooLong(bytes)) } else { Ok(()) }
}

fn ascending<T: Ord>(what: &'static str, list: impl Iterator<Item = T>) -> Result<(), OperationError> {
    if list.is_sorted_by(|one, next| one < next) { Ok(()) } else { Err(OperationError::Order(what)) }
}

fn write_payload(operation: &Operation) -> Result<(u8, Vec<u8>), OperationError> {
    let mut out = Writer::new();
    let tag = match operation {
        Operation::Genesis { nonce, suite, plan_document, share_key } => {
            out.bytes(nonce).u16(*suite).bytes(plan_document.as_bytes()).bytes(share_key.as_bytes());
            1
        }
        Operation::AddMember { member, role, device, share_key, invite } => {
            out.bytes(member.as_bytes()).u8(role.code()).bytes(device.as_bytes()).bytes(share_key.as_bytes());
            out.bytes(invite.unwrap_or(EntryId::ZERO).as_bytes());
            2
        }
        Operation::AddDevice { member, device, share_key } => {
            out.bytes(member.as_bytes()).bytes(device.as_bytes()).bytes(share_key.as_bytes());
            3
        }
        Operation::ChangeRole { member, role, accept_up_to } => {
            out.bytes(member.as_bytes()).u8(role.code());
            write_logs(&mut out, accept_up_to)?;
            4
        }
        Operation::Remove { target, accept_up_to } => {
            match target {
                Target::Member(member) => out.u8(1).bytes(member.as_bytes()),
                Target::Device(device) => out.u8(2).bytes(device.as_bytes()),
            };
            write_logs(&mut out, accept_up_to)?;
            5
        }
        Operation::Leave => 6,
        Operation::Invite { key, role, expires_at_ms, uses } => {
            out.bytes(key.as_bytes()).u8(role.code()).u64(*expires_at_ms).u32(*uses);
            7
        }
        Operation::RevokeInvite { invite } => {
            out.bytes(invite.as_bytes());
            8
        }
        Operation::Epoch { suite, commitment, shares, wraps } => {
            out.u16(*suite).bytes(commitment);
            write_shares(&mut out, shares)?;
            write_count(&mut out, "wraps", wraps.len(), usize::from(u16::MAX))?;
            for wrap in wraps {
                out.bytes(wrap.epoch.as_bytes()).bytes(&wrap.nonce).bytes(&wrap.ciphertext);
            }
            9
        }
        Operation::KeyShare { epoch, shares } => {
            out.bytes(epoch.as_bytes());
            write_shares(&mut out, shares)?;
            10
        }
        Operation::AcceptLate { logs } => {
            write_logs(&mut out, logs)?;
            11
        }
        Operation::Unknown { tag, payload } => {
            out.bytes(payload);
            *tag
        }
    };
    Ok((tag, out.finish()))
}

fn read_payload(tag: u8, payload: &[u8]) -> Result<Operation, OperationError> {
    let mut input = Reader::new(payload);
    let operation = match tag {
        1 => Operation::Genesis {
            nonce: input.array()?,
            suite: input.u16()?,
            plan_document: DocumentId::from_bytes(input.array()?),
            share_key: ShareKey::from_bytes(input.array()?),
        },
        2 => Operation::AddMember {
            member: MemberId::from_bytes(input.array()?),
            role: read_role(&mut input)?,
            device: DeviceId::from_bytes(input.array()?),
            share_key: ShareKey::from_bytes(input.array()?),
            invite: Some(EntryId::from_bytes(input.array()?)).filter(|invite| !invite.is_zero()),
        },
        3 => Operation::AddDevice {
            member: MemberId::from_bytes(input.array()?),
            device: DeviceId::from_bytes(input.array()?),
            share_key: ShareKey::from_bytes(input.array()?),
        },
        4 => Operation::ChangeRole {
            member: MemberId::from_bytes(input.array()?),
            role: read_role(&mut input)?,
            accept_up_to: read_logs(&mut input)?,
        },
        5 => Operation::Remove { target: read_target(&mut input)?, accept_up_to: read_logs(&mut input)? },
        6 => Operation::Leave,
        7 => Operation::Invite {
            key: InviteKey::from_bytes(input.array()?),
            role: read_role(&mut input)?,
            expires_at_ms: input.u64()?,
            uses: input.u32()?,
        },
        8 => Operation::RevokeInvite { invite: EntryId::from_bytes(input.array()?) },
        9 => Operation::Epoch {
            suite: input.u16()?,
            commitment: input.array()?,
            shares: read_shares(&mut input)?,
            wraps: read_wraps(&mut input)?,
        },
        10 => Operation::KeyShare {
            epoch: EpochId::from_bytes(input.array()?),
            shares: read_shares(&mut input)?,
        },
        11 => Operation::AcceptLate { logs: read_logs(&mut input)? },
        tag => Operation::Unknown { tag, payload: input.rest().to_vec() },
    };
    input.finish()?;
    Ok(operation)
}

fn read_role(input: &mut Reader<'_>) -> Result<Role, OperationError> {
    Role::from_code(input.u8()?).ok_or(OperationError::Code("role"))
}

fn read_target(input: &mut Reader<'_>) -> Result<Target, OperationError> {
    match input.u8()? {
        1 => Ok(Target::Member(MemberId::from_bytes(input.array()?))),
        2 => Ok(Target::Device(DeviceId::from_bytes(input.array()?))),
        _ => Err(OperationError::Code("target")),
    }
}

/// The count of a list16, which is never cut to fit.
fn write_count(out: &mut Writer, what: &'static str, count: usize, max: usize) -> Result<(), OperationError> {
    let count = u16::try_from(count).ok().filter(|count| usize::from(*count) <= max);
    out.u16(count.ok_or(OperationError::TooMany(what))?);
    Ok(())
}

fn write_logs(out: &mut Writer, logs: &AcceptUpTo) -> Result<(), OperationError> {
    write_count(out, "logs", logs.len(), LOGS_MAX)?;
    ascending("logs", logs.iter().map(|(log, _)| *log))?;
    for (log, head) in logs {
        out.log_head(log, head);
    }
    Ok(())
}

fn read_logs(input: &mut Reader<'_>) -> Result<AcceptUpTo, OperationError> {
    let count = usize::from(input.u16()?);
    if count > LOGS_MAX {
        return Err(OperationError::TooMany("logs"));
    }
    let mut logs: AcceptUpTo = Vec::new();
    for _ in 0..count {
        let (log, head) = input.log_head()?;
        if logs.last().is_some_and(|(last, _)| *last >= log) {
            return Err(OperationError::Order("logs"));
        }
        logs.push((log, head));
    }
    Ok(logs)
}

fn write_shares(out: &mut Writer, shares: &[Share]) -> Result<(), OperationError> {
    write_count(out, "shares", shares.len(), DEVICES_MAX)?;
    ascending("shares", shares.iter().map(|share| share.device))?;
    for share in shares {
        out.bytes(share.device.as_bytes()).bytes(&share.encapsulated).bytes(&share.ciphertext);
    }
    Ok(())
}

fn read_shares(input: &mut Reader<'_>) -> Result<Vec<Share>, OperationError> {
    let count = usize::from(input.u16()?);
    if count > DEVICES_MAX {
        return Err(OperationError::TooMany("shares"));
    }
    let mut shares: Vec<Share> = Vec::new();
    for _ in 0..count {
        let device = DeviceId::from_bytes(input.array()?);
        if shares.last().is_some_and(|last| last.device >= device) {
            return Err(OperationError::Order("shares"));
        }
        shares.push(Share { device, encapsulated: input.array()?, ciphertext: input.array()? });
    }
    Ok(shares)
}

fn read_wraps(input: &mut Reader<'_>) -> Result<Vec<Wrap>, OperationError> {
    let count = input.u16()?;
    (0..count)
        .map(|_| {
            let epoch = EpochId::from_bytes(input.array()?);
            Ok(Wrap { epoch, nonce: input.array()?, ciphertext: input.array()? })
        })
        .collect()
}
