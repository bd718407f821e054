//! What is inside a body: the plaintext layouts of changes, snapshots and drops.

use samverka_log::EntryKind;
use samverka_log::wire::{Reader, WireError, Writer};
use thiserror::Error;

use crate::coverage::{self, Coverage};
use crate::limits::{CHANGES_PER_ENTRY_MAX, CONTENT_BYTES_MAX, DROP_REASON_BYTES_MAX};
use crate::record::{RecordError, SignedRecord};

const VERSION: u8 = 1;

/// What a body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The body of a change.
    Change(ChangeContent),
    /// The body of a snapshot.
    Snapshot(SnapshotContent),
    /// The body of a drop.
    Drop(DropContent),
}

/// Automerge changes of one log for one document, and signed records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeContent {
    /// Raw Automerge changes, in the order of their sequence numbers.
    pub changes: Vec<Vec<u8>>,
    /// Records, not verified.
    pub records: Vec<SignedRecord>,
}

/// A document up to a frontier: a cache, never an authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotContent {
    /// Automerge's `save()` of the document.
    pub saved: Vec<u8>,
    /// All records of the document, verbatim, in the order in which `coverage` counts them.
    pub records: Vec<SignedRecord>,
    /// Which entries the snapshot covers, and how to find each one's changes in it.
    pub coverage: Coverage,
}

/// An order to prune a document's bodies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropContent {
    /// Why, for the members who meet the drop.
    pub reason: String,
}

/// Why a plaintext is not a content, or a content cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The bytes end too early or too late.
    #[error("content: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("content version {0} is newer than this program")]
    Version(u8),
    /// The header's kind has no content that this program knows.
    #[error("an entry of kind {0} has no content that this program knows")]
    Kind(u8),
    /// There are more of something than allowed.
    #[error("content has {count} {field}, at most {max} are allowed")]
    TooMany {
        /// What there are too many of.
        field: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// A change without bytes.
    #[error("content has an empty change")]
    EmptyChange,
    /// A record inside is malformed.
    #[error("content: {0}")]
    Record(#[from] RecordError),
    /// A number is encoded in more bytes than it needs, or is too large.
    #[error("content has a number out of range")]
    Number,
    /// The coverage names a log or entry outside its frontier, out of order, or counts other records than there are.
    #[error("coverage contradicts itself: {0}")]
    Coverage(&'static str),
    /// A text is not UTF-8.
    #[error("content has a text that is not UTF-8")]
    Text,
}

impl Content {
    /// The kind of entry that carries this content.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Change(_) => EntryKind::Change,
            Self::Snapshot(_) => EntryKind::Snapshot,
            Self::Drop(_) => EntryKind::Drop,
        }
    }

    /// The plaintext of a body, before it is padded and sealed.
    ///
    /// # Errors
    /// [`ContentError`] where it is over a limit or contradicts itself.
    pub fn encode(&self) -> Result<Vec<u8>, ContentError> {
        let mut out = Writer::new();
        out.u8(VERSION);
        match self {
            Self::Change(content) => write_change(&mut out, content)?,
            Self::Snapshot(content) => write_snapshot(&mut out, content)?,
            Self::Drop(content) => write_drop(&mut out, content)?,
        }
        let bytes = out.finish();
        at_most("bytes", bytes.len(), CONTENT_BYTES_MAX)?;
        Ok(bytes)
    }

    /// Reads the plaintext of a body: whatever a member's program sealed.
    ///
    /// # Errors
    /// [`ContentError`] where the bytes are not a content of this kind.
    pub fn decode(kind: EntryKind, bytes: &[u8]) -> Result<Self, ContentError> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            VERSION => {}
            version => return Err(ContentError::Version(version)),
        }
        let content = match kind {
            EntryKind::Change => Self::Change(read_change(&mut input)?),
            EntryKind::Snapshot => Self::Snapshot(read_snapshot(&mut input)?),
            EntryKind::Drop => Self::Drop(read_drop(&mut input)?),
            EntryKind::Membership | EntryKind::Unknown(_) => return Err(ContentError::Kind(kind.code())),
        };
        input.finish()?;
        Ok(content)
    }
}

fn write_change(out: &mut Writer, content: &ChangeContent) -> Result<(), ContentError> {
    at_most("changes", content.changes.len(), CHANGES_PER_ENTRY_MAX)?;
    let total = content.changes.iter().map(Vec::len).fold(0, usize::saturating_add);
    at_most("bytes", total, CONTENT_BYTES_MAX)?;
    out.u32(count(content.changes.len())?);
    for change in &content.changes {
        if change.is_empty() {
            return Err(ContentError::EmptyChange);
        }
        out.block(change);
    }
    write_records(out, &content.records)
}

fn read_change(input: &mut Reader<'_>) -> Result<ChangeContent, ContentError> {
    let changes = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    at_most("changes", changes, CHANGES_PER_ENTRY_MAX)?;
    let changes = (0..changes)
        .map(|_| match input.block()? {
            [] => Err(ContentError::EmptyChange),
            change => Ok(change.to_vec()),
        })
        .collect::<Result<_, _>>()?;
    Ok(ChangeContent { changes, records: read_records(input)? })
}

fn write_snapshot(out: &mut Writer, content: &SnapshotContent) -> Result<(), ContentError> {
    at_most("bytes", content.saved.len(), CONTENT_BYTES_MAX)?;
    content.coverage.check(content.records.len())?;
    out.block(&content.saved);
    write_records(out, &content.records)?;
    coverage::write(out, &content.coverage)
}

fn read_snapshot(input: &mut Reader<'_>) -> Result<SnapshotContent, ContentError> {
    let saved = input.block()?.to_vec();
    let records = read_records(input)?;
    let coverage = coverage::read(input)?;
    coverage.check(records.len())?;
    Ok(SnapshotContent { saved, records, coverage })
}

fn write_drop(out: &mut Writer, content: &DropContent) -> Result<(), ContentError> {
    at_most("reason bytes", content.reason.len(), DROP_REASON_BYTES_MAX)?;
    out.block(content.reason.as_bytes());
    Ok(())
}

fn read_drop(input: &mut Reader<'_>) -> Result<DropContent, ContentError> {
    let reason = input.block()?;
    at_most("reason bytes", reason.len(), DROP_REASON_BYTES_MAX)?;
    let reason = core::str::from_utf8(reason).map_err(|_| ContentError::Text)?;
    Ok(DropContent { reason: reason.to_owned() })
}

fn write_records(out: &mut Writer, records: &[SignedRecord]) -> Result<(), ContentError> {
    let total = records.iter().map(|record| record.bytes().len()).fold(0, usize::saturating_add);
    at_most("bytes", total, CONTENT_BYTES_MAX)?;
    out.u32(count(records.len())?);
    for record in records {
        out.block(record.bytes());
    }
    Ok(())
}

/// No limit on the count: a record has 181 bytes at least, so the content's length bounds it.
fn read_records(input: &mut Reader<'_>) -> Result<Vec<SignedRecord>, ContentError> {
    let records = input.u32()?;
    (0..records).map(|_| Ok(SignedRecord::parse(input.block()?)?)).collect()
}

pub(crate) fn at_most(field: &'static str, count: usize, max: usize) -> Result<(), ContentError> {
    if count > max { Err(ContentError::TooMany { field, count, max }) } else { Ok(()) }
}

pub(crate) fn count(len: usize) -> Result<u32, ContentError> {
    u32::try_from(len).map_err(|_| ContentError::Number)
}
