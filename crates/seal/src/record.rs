//! Records: statements that a device signs and that nobody edits.

use core::fmt;

use samverka_log::wire::{Reader, WireError, Writer};
use samverka_log::{
    DeviceId, DocumentId, LogId, Signature, SignatureError, Signer, SlotId, SpaceId, verify_strict,
};
use thiserror::Error;

use crate::limits::RECORD_PAYLOAD_BYTES_MAX;

const VERSION: u8 = 1;
const SIGNATURE_DOMAIN: &[u8] = b"samverka/record/v1\0";

/// The id of a record: the 16 bytes of a UUIDv7.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 16]);

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// What a record says, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFields {
    /// The space.
    pub space: SpaceId,
    /// The document that it was written for.
    pub document: DocumentId,
    /// The log of the device that signs it.
    pub log: LogId,
    /// Its id.
    pub id: RecordId,
    /// What the author's clock said, in Unix milliseconds. Shown, never trusted.
    pub time_ms: u64,
    /// The statement: bytes that `plan` owns, kept verbatim.
    pub payload: Vec<u8>,
}

/// Why bytes are not a record, or a record does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes end too early or too late.
    #[error("record: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("record version {0} is newer than this program")]
    Version(u8),
    /// The payload is longer than allowed.
    #[error("a record's payload of {0} bytes is over the limit")]
    PayloadLength(usize),
    /// The log is not one of the signing device.
    #[error("a record names another device than the one that signs it")]
    Signer,
    /// The signature does not hold.
    #[error("record: {0}")]
    Signature(#[from] SignatureError),
}

/// A record as it was received: well formed, its bytes kept, its signature not checked. To use what it says,
/// [`Self::verify`] it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRecord {
    fields: RecordFields,
    bytes: Vec<u8>,
}

/// A record whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRecord(SignedRecord);

impl SignedRecord {
    /// Signs a statement.
    ///
    /// # Errors
    /// [`RecordError::PayloadLength`], and [`RecordError::Signer`] where `fields.log` is not the signer's.
    pub fn sign(fields: RecordFields, signer: &impl Signer) -> Result<VerifiedRecord, RecordError> {
        if fields.payload.len() > RECORD_PAYLOAD_BYTES_MAX {
            return Err(RecordError::PayloadLength(fields.payload.len()));
        }
        if fields.log.device != signer.device() {
            return Err(RecordError::Signer);
        }
        let mut bytes = encode(&fields);
        bytes.extend_from_slice(signer.sign(&[SIGNATURE_DOMAIN, &bytes].concat()).as_bytes());
        Ok(VerifiedRecord(Self { fields, bytes }))
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`RecordError`] where the bytes are not the one encoding of a record.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            VERSION => {}
            version => return Err(RecordError::Version(version)),
        }
        let fields = RecordFields {
            space: SpaceId::from_bytes(input.array()?),
            document: DocumentId::from_bytes(input.array()?),
            log: LogId { device: DeviceId::from_bytes(input.array()?), slot: SlotId(input.u64()?) },
            id: RecordId(input.array()?),
            time_ms: input.u64()?,
            payload: input.block()?.to_vec(),
        };
        if fields.payload.len() > RECORD_PAYLOAD_BYTES_MAX {
            return Err(RecordError::PayloadLength(fields.payload.len()));
        }
        input.bytes(Signature::LEN)?;
        input.finish()?;
        Ok(Self { fields, bytes: bytes.to_vec() })
    }

    /// Checks the signature, strictly.
    ///
    /// # Errors
    /// [`RecordError::Signature`].
    pub fn verify(self) -> Result<VerifiedRecord, RecordError> {
        let (unsigned, signature) =
            self.bytes.split_last_chunk().expect("parsing made sure that the signature is there");
        let message = [SIGNATURE_DOMAIN, unsigned].concat();
        verify_strict(self.fields.log.device, &message, Signature::from_bytes(*signature))?;
        Ok(VerifiedRecord(self))
    }

    /// The bytes, signature included.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The id that the record claims.
    pub const fn claimed_id(&self) -> RecordId {
        self.fields.id
    }

    /// The fields, as claimed: nobody has checked who wrote them.
    pub const fn claimed_fields(&self) -> &RecordFields {
        &self.fields
    }
}

impl VerifiedRecord {
    /// What the device signed.
    pub const fn fields(&self) -> &RecordFields {
        &self.0.fields
    }

    /// The record with its bytes, to be sealed or stored.
    pub const fn signed(&self) -> &SignedRecord {
        &self.0
    }

    /// The record with its bytes, to be sealed or stored.
    pub fn into_signed(self) -> SignedRecord {
        self.0
    }
}

fn encode(fields: &RecordFields) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(VERSION).bytes(fields.space.as_bytes()).bytes(fields.document.as_bytes());
    out.bytes(fields.log.device.as_bytes()).u64(fields.log.slot.0);
    out.bytes(&fields.id.0).u64(fields.time_ms).block(&fields.payload);
    out.finish()
}
