//! The sealed entry: a signed header that relays read, and a body that they cannot.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::limits::{
    AFTER_MAX, BODY_BYTES_MAX, EXTENSION_BYTES_MAX, EXTENSIONS_MAX, HEADER_BYTES_MAX, MEMBERSHIP_HEADS_MAX,
};
use crate::wire::{Reader, WireError, Writer};
use crate::{
    BodyHash, ContentCommitment, DeviceId, DocumentId, EntryId, EpochId, LogId, Signature, SlotId, SpaceId,
};

/// The only header version so far.
const VERSION: u8 = 1;
/// Goes before the header's bytes when they are signed, so that a signature means this and nothing else.
const SIGNATURE_DOMAIN: &[u8] = b"samverka/entry/v1\0";
/// Bit 0 of an extension's flags.
const FLAG_CRITICAL: u8 = 1;

/// What an entry is. Unknown kinds are kept and forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A signed membership operation, readable by relays; always in slot 0.
    Membership,
    /// Sealed Automerge changes and records of one document.
    Change,
    /// A sealed copy of a document up to a frontier: a cache, never an authority.
    Snapshot,
    /// An order to prune a document's bodies.
    Drop,
    /// A kind of a newer version.
    Unknown(u8),
}

impl EntryKind {
    /// The kind's byte in the header.
    pub const fn code(self) -> u8 {
        match self {
            Self::Membership => 1,
            Self::Change => 2,
            Self::Snapshot => 3,
            Self::Drop => 4,
            Self::Unknown(code) => code,
        }
    }

    /// The kind of a header's byte.
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Membership,
            2 => Self::Change,
            3 => Self::Snapshot,
            4 => Self::Drop,
            code => Self::Unknown(code),
        }
    }
}

/// A field of a newer version. A replica that does not know a *critical* one stops writing until it is updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Which extension.
    pub number: u16,
    /// Whether not knowing it forbids writing.
    pub critical: bool,
    /// Its value, at most [`EXTENSION_BYTES_MAX`] bytes.
    pub value: Vec<u8>,
}

/// The fields of a header, in their order on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFields {
    /// What the entry is.
    pub kind: EntryKind,
    /// The space; zero in the genesis entry, whose own id is the space.
    pub space: SpaceId,
    /// Whose log, by the key that signs.
    pub log: LogId,
    /// Position in the log, from 0.
    pub number: u64,
    /// The id of entry `number - 1`; zero at number 0.
    pub previous: EntryId,
    /// The document; zero in membership entries.
    pub document: DocumentId,
    /// The document's heads that the author had: strictly ascending, at most [`AFTER_MAX`].
    pub after: Vec<EntryId>,
    /// The epoch whose key seals the body; zero in membership entries.
    pub epoch: EpochId,
    /// The membership operations' heads that the author knew: strictly ascending, at most
    /// [`MEMBERSHIP_HEADS_MAX`]; empty only in the genesis entry.
    pub membership_heads: Vec<EntryId>,
    /// A keyed hash of what is inside; zero where the kind has none.
    pub content_commitment: ContentCommitment,
    /// SHA-256 of the body.
    pub body_hash: BodyHash,
    /// Length of the body in bytes.
    pub body_length: u32,
    /// Fields of newer versions, in ascending order of their number.
    pub extensions: Vec<Extension>,
}

/// Why bytes are not a header, or fields cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The bytes end too early or too late.
    #[error("header: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("header version {0} is newer than this program")]
    Version(u8),
    /// A list is longer than its limit.
    #[error("header names {count} {field}, at most {max} are allowed")]
    TooMany {
        /// Which list.
        field: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// A list is not strictly ascending, so the same header would have two encodings.
    #[error("header's {0} are not in ascending order")]
    Order(&'static str),
    /// The body is longer than allowed.
    #[error("body of {0} bytes is over the limit")]
    BodyLength(usize),
    /// Fields contradict each other.
    #[error("header contradicts itself: {0}")]
    Contradiction(&'static str),
    /// An extension's flags use bits without a meaning.
    #[error("extension flags {0:#04x} are not known")]
    ExtensionFlags(u8),
}

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature does not belong to this key and these bytes")]
pub struct SignatureError;

/// Whoever can sign for a device. Implemented where secrets live; this crate only calls it.
pub trait Signer {
    /// The public key.
    fn device(&self) -> DeviceId;
    /// Signs `message` with Ed25519 (RFC 8032).
    fn sign(&self, message: &[u8]) -> Signature;
}

/// A header's bytes before signing.
#[derive(Clone, Debug)]
pub struct UnsignedHeader {
    fields: HeaderFields,
    bytes: Vec<u8>,
}

impl UnsignedHeader {
    /// Encodes the fields.
    ///
    /// # Errors
    /// [`HeaderError`] where a limit or a rule of the format is broken.
    pub fn new(fields: HeaderFields) -> Result<Self, HeaderError> {
        check(&fields)?;
        let bytes = encode(&fields);
        let count = bytes.len() + Signature::LEN;
        if count > HEADER_BYTES_MAX {
            return Err(HeaderError::TooMany { field: "bytes", count, max: HEADER_BYTES_MAX });
        }
        Ok(Self { fields, bytes })
    }

    /// The bytes that the body's seal uses as associated data: everything but the body's hash and length, which
    /// are not known before sealing.
    pub fn associated_data(fields: &HeaderFields) -> Vec<u8> {
        let fields = HeaderFields { body_hash: BodyHash::ZERO, body_length: 0, ..fields.clone() };
        encode(&fields)
    }

    /// Signs.
    pub fn sign(mut self, signer: &impl Signer) -> SignedHeader {
        let signature = signer.sign(&signed_message(&self.bytes));
        self.bytes.extend_from_slice(signature.as_bytes());
        let id = entry_id(&self.bytes);
        SignedHeader(Arc::new(Signed {
            fields: self.fields,
            signature,
            id,
            bytes: self.bytes,
            verified: AtomicBool::new(false),
        }))
    }
}

/// A header as it was received: parsed, well formed, its bytes kept. Its signature is checked by
/// [`Self::verify`], not by parsing. Cheap to clone: a header is looked at in many places and never changes. All clones
/// remember that the signature was found to hold, so that somebody may check it ahead of a [`HeaderVerifier`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHeader(Arc<Signed>);

#[derive(Debug)]
struct Signed {
    fields: HeaderFields,
    signature: Signature,
    id: EntryId,
    bytes: Vec<u8>,
    /// The signature was checked over these very bytes, and holds. Never taken back: nothing here changes.
    verified: AtomicBool,
}

impl PartialEq for Signed {
    fn eq(&self, other: &Self) -> bool {
        // Everything else is read from the bytes.
        self.bytes == other.bytes
    }
}

impl Eq for Signed {}

impl SignedHeader {
    /// Reads a header.
    ///
    /// # Errors
    /// [`HeaderError`] where the bytes are not the one canonical encoding of a header.
    pub fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let (fields, signature) = decode(bytes)?;
        check(&fields)?;
        let (id, verified) = (entry_id(bytes), AtomicBool::new(false));
        Ok(Self(Arc::new(Signed { fields, signature, id, bytes: bytes.to_vec(), verified })))
    }

    /// Checks the signature, strictly: small-order keys and non-canonical encodings are refused. Whatever was found
    /// before, this checks it.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self) -> Result<(), SignatureError> {
        self.verify_by(&read_key(self.0.fields.log.device)?)
    }

    fn verify_by(&self, key: &VerifyingKey) -> Result<(), SignatureError> {
        let unsigned = &self.0.bytes[..self.0.bytes.len() - Signature::LEN];
        verify_with(key, &signed_message(unsigned), self.0.signature)?;
        self.0.verified.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The fields.
    pub fn fields(&self) -> &HeaderFields {
        &self.0.fields
    }

    /// The entry's id.
    pub fn id(&self) -> EntryId {
        self.0.id
    }

    /// The bytes, signature included.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The space that the entry belongs to: for a genesis entry its own id.
    pub fn space(&self) -> SpaceId {
        if self.is_genesis() { self.0.id.into() } else { self.0.fields.space }
    }

    /// Whether this is the first entry of a space.
    pub fn is_genesis(&self) -> bool {
        self.0.fields.space.is_zero()
    }

    /// Whether `body` is the one that this header names.
    pub fn matches_body(&self, body: &[u8]) -> bool {
        u32::try_from(body.len()) == Ok(self.0.fields.body_length)
            && body_hash(body) == self.0.fields.body_hash
    }
}

/// Checks the signatures of headers one after the other, as [`SignedHeader::verify`] does. A run of a log's entries is by
/// one key, which is read once for all of them: reading it is an eighth of checking a signature.
#[derive(Clone, Debug, Default)]
pub struct HeaderVerifier {
    last: Option<(DeviceId, VerifyingKey)>,
}

impl HeaderVerifier {
    /// Checks a header's signature as [`SignedHeader::verify`] does, unless it was found to hold before.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&mut self, header: &SignedHeader) -> Result<(), SignatureError> {
        if header.0.verified.load(Ordering::Relaxed) {
            return Ok(());
        }
        let device = header.0.fields.log.device;
        let key = match &self.last {
            Some((known, key)) if *known == device => key,
            _ => &self.last.insert((device, read_key(device)?)).1,
        };
        header.verify_by(key)
    }
}

/// A header and, unless it was pruned or left out, its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The header.
    pub header: SignedHeader,
    /// The sealed body (for membership: the operation itself).
    pub body: Option<Vec<u8>>,
}

impl Entry {
    /// The entry's id.
    pub fn id(&self) -> EntryId {
        self.header.id()
    }

    /// Bytes that the entry takes on the wire, about.
    pub fn size(&self) -> usize {
        self.header.bytes().len() + self.body.as_ref().map_or(0, Vec::len)
    }
}

/// SHA-256 of a body.
pub fn body_hash(body: &[u8]) -> BodyHash {
    BodyHash::from_bytes(Sha256::digest(body).into())
}

/// Verifies an Ed25519 signature strictly.
///
/// # Errors
/// [`SignatureError`] for a wrong signature, a small-order or malformed key, a non-canonical encoding.
pub fn verify_strict(key: DeviceId, message: &[u8], signature: Signature) -> Result<(), SignatureError> {
    verify_with(&read_key(key)?, message, signature)
}

fn read_key(key: DeviceId) -> Result<VerifyingKey, SignatureError> {
    VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| SignatureError)
}

fn verify_with(key: &VerifyingKey, message: &[u8], signature: Signature) -> Result<(), SignatureError> {
    let signature = ed25519_dalek::Signature::from_bytes(signature.as_bytes());
    key.verify_strict(message, &signature).map_err(|_| SignatureError)
}

fn signed_message(unsigned: &[u8]) -> Vec<u8> {
    [SIGNATURE_DOMAIN, unsigned].concat()
}

fn entry_id(bytes: &[u8]) -> EntryId {
    EntryId::from_bytes(Sha256::digest(bytes).into())
}

fn check(fields: &HeaderFields) -> Result<(), HeaderError> {
    let too_many = |field, count, max| {
        if count > max { Err(HeaderError::TooMany { field, count, max }) } else { Ok(()) }
    };
    too_many("after", fields.after.len(), AFTER_MAX)?;
    too_many("membership heads", fields.membership_heads.len(), MEMBERSHIP_HEADS_MAX)?;
    too_many("extensions", fields.extensions.len(), EXTENSIONS_MAX)?;
    for extension in &fields.extensions {
        too_many("extension bytes", extension.value.len(), EXTENSION_BYTES_MAX)?;
    }
    ascending("after", &fields.after)?;
    ascending("membership heads", &fields.membership_heads)?;
    ascending("extensions", &fields.extensions.iter().map(|extension| extension.number).collect::<Vec<_>>())?;
    let length = usize::try_from(fields.body_length).unwrap_or(usize::MAX);
    if length > BODY_BYTES_MAX {
        return Err(HeaderError::BodyLength(length));
    }
    let contradiction = |broken, what| if broken { Err(HeaderError::Contradiction(what)) } else { Ok(()) };
    contradiction(
        (fields.number == 0) != fields.previous.is_zero(),
        "number 0 has no previous entry, others do",
    )?;
    let membership = fields.kind == EntryKind::Membership;
    contradiction(
        membership != (fields.log.slot == SlotId::MEMBERSHIP),
        "slot 0 holds membership, and only that",
    )?;
    contradiction(membership != fields.document.is_zero(), "membership has no document, others do")?;
    contradiction(membership != fields.epoch.is_zero(), "membership has no epoch, others do")?;
    contradiction(
        membership && !fields.after.is_empty(),
        "membership has parents in its heads, not in after",
    )?;
    let genesis = fields.space.is_zero();
    contradiction(
        genesis && !(membership && fields.number == 0),
        "only a first membership entry begins a space",
    )?;
    contradiction(
        genesis != fields.membership_heads.is_empty(),
        "every entry but genesis names membership heads",
    )
}

fn ascending<T: Ord>(field: &'static str, list: &[T]) -> Result<(), HeaderError> {
    if list.windows(2).all(|pair| pair[0] < pair[1]) { Ok(()) } else { Err(HeaderError::Order(field)) }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "check() bounds every list and value far below the casts"
)]
fn encode(fields: &HeaderFields) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(VERSION).u8(fields.kind.code()).bytes(fields.space.as_bytes());
    out.bytes(fields.log.device.as_bytes()).u64(fields.log.slot.0).u64(fields.number);
    out.bytes(fields.previous.as_bytes()).bytes(fields.document.as_bytes());
    out.u8(fields.after.len() as u8);
    for id in &fields.after {
        out.bytes(id.as_bytes());
    }
    out.bytes(fields.epoch.as_bytes());
    out.u8(fields.membership_heads.len() as u8);
    for id in &fields.membership_heads {
        out.bytes(id.as_bytes());
    }
    out.bytes(fields.content_commitment.as_bytes())
        .bytes(fields.body_hash.as_bytes())
        .u32(fields.body_length);
    out.u8(fields.extensions.len() as u8);
    for extension in &fields.extensions {
        out.u16(extension.number).u8(if extension.critical { FLAG_CRITICAL } else { 0 });
        out.u16(extension.value.len() as u16).bytes(&extension.value);
    }
    out.finish()
}

fn decode(bytes: &[u8]) -> Result<(HeaderFields, Signature), HeaderError> {
    if bytes.len() > HEADER_BYTES_MAX {
        return Err(HeaderError::TooMany { field: "bytes", count: bytes.len(), max: HEADER_BYTES_MAX });
    }
    let mut input = Reader::new(bytes);
    match input.u8()? {
        VERSION => {}
        version => return Err(HeaderError::Version(version)),
    }
    let fields = HeaderFields {
        kind: EntryKind::from_code(input.u8()?),
        space: SpaceId::from_bytes(input.array()?),
        log: LogId { device: DeviceId::from_bytes(input.array()?), slot: SlotId(input.u64()?) },
        number: input.u64()?,
        previous: EntryId::from_bytes(input.array()?),
        document: DocumentId::from_bytes(input.array()?),
        after: entry_ids(&mut input)?,
        epoch: EpochId::from_bytes(input.array()?),
        membership_heads: entry_ids(&mut input)?,
        content_commitment: ContentCommitment::from_bytes(input.array()?),
        body_hash: BodyHash::from_bytes(input.array()?),
        body_length: input.u32()?,
        extensions: extensions(&mut input)?,
    };
    let signature = Signature::from_bytes(input.array()?);
    input.finish()?;
    Ok((fields, signature))
}

fn entry_ids(input: &mut Reader<'_>) -> Result<Vec<EntryId>, HeaderError> {
    let count = input.u8()?;
    (0..count).map(|_| Ok(EntryId::from_bytes(input.array()?))).collect()
}

fn extensions(input: &mut Reader<'_>) -> Result<Vec<Extension>, HeaderError> {
    let count = input.u8()?;
    (0..count)
        .map(|_| {
            let number = input.u16()?;
            let critical = match input.u8()? {
                0 => false,
                FLAG_CRITICAL => true,
                flags => return Err(HeaderError::ExtensionFlags(flags)),
            };
            let len = input.u16()?;
            Ok(Extension { number, critical, value: input.bytes(usize::from(len))?.to_vec() })
        })
        .collect()
}
