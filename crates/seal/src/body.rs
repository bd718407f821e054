//! Entries: content in, signed header and sealed body out, and back.

use rand_core::CryptoRng;
use samverka_log::limits::BODY_BYTES_MAX;
use samverka_log::wire::{Reader, Writer};
use samverka_log::{
    ContentCommitment, Entry, EntryKind, HeaderError, HeaderFields, SignedHeader, Signer, SpaceId,
    UnsignedHeader, body_hash,
};
use thiserror::Error;

use crate::compress::{self, InflateError};
use crate::content::{Content, ContentError};
use crate::hazmat::xchacha::{self, NONCE_LEN, TAG_LEN};
use crate::limits::CONTENT_BYTES_MAX;
use crate::padding::padme;
use crate::{ChangeHash, EpochKey};

/// The bytes in front of the payload inside the seal: flags u8, payload length u32, content length u32.
const FRAME_LEN: usize = 9;
/// Bit 0 of the flags: the payload is raw deflate.
const FLAG_DEFLATE: u8 = 1;

/// Why an entry could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The header names another space than the epoch key's.
    #[error("the header names space {header:?}, the epoch key belongs to {key:?}")]
    Space {
        /// The header's space.
        header: SpaceId,
        /// The key's space.
        key: SpaceId,
    },
    /// The header's kind is not the content's.
    #[error("the header's kind is {header:?}, the content's {content:?}")]
    Kind {
        /// The header's kind.
        header: EntryKind,
        /// The content's kind.
        content: EntryKind,
    },
    /// The log is not one of the signing device.
    #[error("the header names another device than the one that signs it")]
    Signer,
    /// Not one hash for each change.
    #[error("{changes} changes came with {hashes} hashes")]
    Hashes {
        /// How many changes there are.
        changes: usize,
        /// How many hashes were given.
        hashes: usize,
    },
    /// The content breaks a limit or rule.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The body would be longer than allowed.
    #[error("a sealed body of {0} bytes is over the limit")]
    BodyLength(usize),
    /// The header breaks a limit or rule.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Why an entry could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The entry came without its body.
    #[error("the entry's body is not here")]
    NoBody,
    /// The header names another space than the epoch key's.
    #[error("the header names space {header:?}, the epoch key belongs to {key:?}")]
    Space {
        /// The header's space.
        header: SpaceId,
        /// The key's space.
        key: SpaceId,
    },
    /// The body is not the one that the header names.
    #[error("the body is not the one that the header names")]
    BodyHash,
    /// The body was not sealed with this key for this header.
    #[error("the body does not open: it was sealed with another key or for another header")]
    NotAuthentic,
    /// What is inside the seal is malformed.
    #[error("the sealed frame is malformed: {0}")]
    Frame(&'static str),
    /// The content claims or turns out to be longer than allowed.
    #[error("the content is over the limit of {CONTENT_BYTES_MAX} bytes")]
    TooLong,
    /// The content is malformed.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The content is not what the header committed to.
    #[error("the content is not the one that the header's author committed to")]
    Commitment,
}

/// Seals content and signs its header. In `fields`, the body's hash and length and the content commitment are filled
/// in here; everything else is the caller's, above all `epoch`, which has to be the one that `key` belongs to.
///
/// `change_hashes` are the Automerge hashes of the changes in the same order (empty for snapshots and drops).
///
/// # Errors
/// [`SealError`]. Nothing is signed then.
pub fn seal_entry(
    fields: HeaderFields,
    content: &Content,
    change_hashes: &[ChangeHash],
    key: &EpochKey,
    signer: &impl Signer,
    rng: &mut impl CryptoRng,
) -> Result<Entry, SealError> {
    check_before_sealing(&fields, content, change_hashes, key, signer)?;
    let fields =
        HeaderFields { content_commitment: commitment(&fields, content, change_hashes, key), ..fields };
    let plaintext = frame(&content.encode()?)?;
    let sealed_len = NONCE_LEN + plaintext.len() + TAG_LEN;
    if sealed_len > BODY_BYTES_MAX {
        return Err(SealError::BodyLength(sealed_len));
    }
    let nonce = xchacha::make_nonce(rng);
    let body_key = key.body_key(fields.document, fields.log.device);
    let ciphertext = xchacha::seal(&body_key, &nonce, &UnsignedHeader::associated_data(&fields), &plaintext);
    let body = [nonce.as_slice(), &ciphertext].concat();
    let fields = HeaderFields {
        body_hash: body_hash(&body),
        body_length: u32::try_from(body.len()).map_err(|_| SealError::BodyLength(body.len()))?,
        ..fields
    };
    let header = UnsignedHeader::new(fields)?.sign(signer);
    Ok(Entry { header, body: Some(body) })
}

/// Opens an entry's body. The header's signature has been verified before (on arrival, by
/// [`SignedHeader::verify`]); all members hold the content key, so the signature is what says who wrote it.
///
/// The content is not checked against the header's commitment yet: that takes the change hashes, which the caller
/// learns by reading the changes. [`check_content`] comes next.
///
/// # Errors
/// [`OpenError`]; the entry is void then for this key.
pub fn open_entry(entry: &Entry, key: &EpochKey) -> Result<Content, OpenError> {
    let fields = entry.header.fields();
    let body = entry.body.as_deref().ok_or(OpenError::NoBody)?;
    if fields.space != key.space() {
        return Err(OpenError::Space { header: fields.space, key: key.space() });
    }
    if !entry.header.matches_body(body) {
        return Err(OpenError::BodyHash);
    }
    let (nonce, ciphertext) = body.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::NotAuthentic)?;
    let body_key = key.body_key(fields.document, fields.log.device);
    let plaintext = xchacha::open(&body_key, nonce, &UnsignedHeader::associated_data(fields), ciphertext)
        .map_err(|_| OpenError::NotAuthentic)?;
    Ok(Content::decode(fields.kind, &unframe(&plaintext)?)?)
}

/// Checks opened content against the commitment in its header. An entry that fails is void.
///
/// # Errors
/// [`OpenError::Commitment`].
pub fn check_content(
    header: &SignedHeader,
    content: &Content,
    change_hashes: &[ChangeHash],
    key: &EpochKey,
) -> Result<(), OpenError> {
    let fields = header.fields();
    let same = content.kind() == fields.kind
        && changes_in(content) == change_hashes.len()
        && commitment(fields, content, change_hashes, key) == fields.content_commitment;
    if same { Ok(()) } else { Err(OpenError::Commitment) }
}

fn check_before_sealing(
    fields: &HeaderFields,
    content: &Content,
    change_hashes: &[ChangeHash],
    key: &EpochKey,
    signer: &impl Signer,
) -> Result<(), SealError> {
    if fields.space != key.space() {
        return Err(SealError::Space { header: fields.space, key: key.space() });
    }
    if fields.kind != content.kind() {
        return Err(SealError::Kind { header: fields.kind, content: content.kind() });
    }
    if fields.log.device != signer.device() {
        return Err(SealError::Signer);
    }
    let (changes, hashes) = (changes_in(content), change_hashes.len());
    if changes == hashes { Ok(()) } else { Err(SealError::Hashes { changes, hashes }) }
}

const fn changes_in(content: &Content) -> usize {
    match content {
        Content::Change(content) => content.changes.len(),
        Content::Snapshot(_) | Content::Drop(_) => 0,
    }
}

/// Only changes commit to their content: that is what snapshots are matched against.
fn commitment(
    fields: &HeaderFields,
    content: &Content,
    change_hashes: &[ChangeHash],
    key: &EpochKey,
) -> ContentCommitment {
    match content {
        Content::Change(content) => key.content_commitment(
            fields.document,
            fields.log,
            fields.number,
            change_hashes,
            &content.records,
        ),
        Content::Snapshot(_) | Content::Drop(_) => ContentCommitment::ZERO,
    }
}

/// Compresses where it pays, and pads.
fn frame(content: &[u8]) -> Result<Vec<u8>, ContentError> {
    let packed = compress::deflate(content);
    let (flags, payload) = packed.as_deref().map_or((0, content), |packed| (FLAG_DEFLATE, packed));
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| ContentError::Number);
    let mut out = Writer::new();
    out.u8(flags).u32(length(payload)?).u32(length(content)?).bytes(payload);
    let mut framed = out.finish();
    framed.resize(padme(FRAME_LEN + payload.len()), 0);
    Ok(framed)
}

fn unframe(plaintext: &[u8]) -> Result<Vec<u8>, OpenError> {
    let too_short = |_| OpenError::Frame("it ends early");
    let mut input = Reader::new(plaintext);
    let flags = input.u8().map_err(too_short)?;
    let payload_len = usize::try_from(input.u32().map_err(too_short)?).unwrap_or(usize::MAX);
    let content_len = usize::try_from(input.u32().map_err(too_short)?).unwrap_or(usize::MAX);
    let payload = input.bytes(payload_len).map_err(too_short)?;
    if plaintext.len() != padme(FRAME_LEN + payload_len) || input.rest().iter().any(|byte| *byte != 0) {
        return Err(OpenError::Frame("its padding is not the one it should have"));
    }
    if content_len > CONTENT_BYTES_MAX {
        return Err(OpenError::TooLong);
    }
    match flags {
        0 if payload_len == content_len => Ok(payload.to_vec()),
        0 => Err(OpenError::Frame("its two lengths differ")),
        FLAG_DEFLATE => compress::inflate(payload, content_len).map_err(|error| match error {
            InflateError::Malformed => OpenError::Frame("its compressed payload is malformed"),
            InflateError::TooLong => OpenError::TooLong,
        }),
        _ => Err(OpenError::Frame("its flags are not known")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_compression_bomb_is_refused() {
        let bomb = compress::deflate(&vec![0; CONTENT_BYTES_MAX + 1]).expect("zeros compress");
        let honest_about_itself = deflated(&bomb, CONTENT_BYTES_MAX + 1);
        let lying = deflated(&bomb, 10);
        let lying_by_little = deflated(&bomb, CONTENT_BYTES_MAX);

        assert_eq!(unframe(&honest_about_itself), Err(OpenError::TooLong));
        assert_eq!(unframe(&lying), Err(OpenError::TooLong));
        assert_eq!(unframe(&lying_by_little), Err(OpenError::TooLong));
    }

    #[test]
    fn a_frame_that_promises_more_than_it_holds_is_refused() {
        let short = compress::deflate(&[0; 1000]).expect("zeros compress");

        assert!(matches!(unframe(&deflated(&short, 1001)), Err(OpenError::Frame(_))));
        assert_eq!(unframe(&deflated(&short, 1000)), Ok(vec![0; 1000]));
        assert!(matches!(unframe(&deflated(&short[..short.len() - 1], 1000)), Err(OpenError::Frame(_))));
        assert!(matches!(unframe(&deflated(&[&short[..], &[0]].concat(), 1000)), Err(OpenError::Frame(_))));
    }

    #[test]
    fn padding_hides_nothing() {
        let mut framed = frame(&[7; 100]).expect("it is short");
        let padded = framed.len();
        assert_eq!(padded, padme(FRAME_LEN + 100));

        framed[padded - 1] = 1;
        assert!(matches!(unframe(&framed), Err(OpenError::Frame(_))));
        framed[padded - 1] = 0;
        framed.push(0);
        assert!(matches!(unframe(&framed), Err(OpenError::Frame(_))));
    }

    #[test]
    fn flags_without_a_meaning_are_refused() {
        let mut framed = frame(&[7; 100]).expect("it is short");

        framed[0] = 2;

        assert!(matches!(unframe(&framed), Err(OpenError::Frame(_))));
    }

    proptest! {
        #[test]
        fn every_frame_comes_back(content in prop::collection::vec(0_u8..4, 0..3000)) {
            prop_assert_eq!(unframe(&frame(&content).unwrap()), Ok(content));
        }

        #[test]
        fn no_plaintext_makes_a_reader_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            kind in 0_u8..6,
            deflate in any::<bool>(),
        ) {
            let _ = unframe(&bytes);
            let _ = unframe(&framed(u8::from(deflate), &bytes, bytes.len()));
            let versioned = [&[1], bytes.as_slice()].concat();
            let _ = Content::decode(EntryKind::from_code(kind), &bytes);
            let _ = Content::decode(EntryKind::from_code(kind), &versioned);
        }
    }

    fn deflated(payload: &[u8], claimed: usize) -> Vec<u8> {
        framed(FLAG_DEFLATE, payload, claimed)
    }

    fn framed(flags: u8, payload: &[u8], claimed: usize) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(flags)
            .u32(u32::try_from(payload.len()).unwrap())
            .u32(u32::try_from(claimed).unwrap())
            .bytes(payload);
        let mut framed = out.finish();
        framed.resize(padme(framed.len()), 0);
        framed
    }
}
