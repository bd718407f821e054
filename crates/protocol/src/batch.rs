//! Entries into frames of bounded size, and large bodies in parts.

use samverka_log::limits::BODY_BYTES_MAX;
use samverka_log::wire::Writer;
use samverka_log::{Entry, SignedHeader};
use thiserror::Error;

use crate::Frame;
use crate::codec::{ENTRIES, PART, write_entry};
use crate::limits::{ENTRIES_MAX, PART_BYTES_MAX, WHOLE_BODY_BYTES_MAX};

/// Bytes of entries in one frame: half the limit, so that what surrounds them fits in any case.
pub(crate) const BATCH_BYTES_MAX: usize = crate::limits::FRAME_BYTES_MAX / 2;

/// Where the count of a frame of entries is: after its kind and channel.
const COUNT_AT: usize = 5;

/// Packs entries into frames, in order; large bodies become parts in their place.
pub fn batches(channel: u32, entries: impl IntoIterator<Item = Entry>) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut batch = Vec::new();
    let mut size = 0;
    for entry in entries {
        if is_large(&entry) {
            close(channel, &mut batch, &mut size, &mut frames);
            frames.extend(parts(channel, &entry));
            continue;
        }
        if size + entry.size() > BATCH_BYTES_MAX || batch.len() >= ENTRIES_MAX {
            close(channel, &mut batch, &mut size, &mut frames);
        }
        size += entry.size();
        batch.push(entry);
    }
    close(channel, &mut batch, &mut size, &mut frames);
    frames
}

/// A large body in parts.
pub fn parts(channel: u32, entry: &Entry) -> Vec<Frame> {
    let body = entry.body.as_deref().unwrap_or_default();
    let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    body.chunks(PART_BYTES_MAX)
        .enumerate()
        .map(|(index, piece)| Frame::Part {
            channel,
            header: (index == 0).then(|| entry.header.clone()),
            offset: number(index * PART_BYTES_MAX),
            total: number(body.len()),
            bytes: piece.to_vec(),
        })
        .collect()
}

/// Whether an entry's body travels in parts.
pub(crate) fn is_large(entry: &Entry) -> bool {
    entry.body.as_ref().is_some_and(|body| body.len() > WHOLE_BODY_BYTES_MAX)
}

fn close(channel: u32, batch: &mut Vec<Entry>, size: &mut usize, frames: &mut Vec<Frame>) {
    if !batch.is_empty() {
        frames.push(Frame::Entries { channel, entries: core::mem::take(batch) });
        *size = 0;
    }
}

/// Packs borrowed entries straight into encoded frames: what [`batches`] and [`Frame::encode`] make of owned ones, with
/// one copy of the bytes. For whoever sends the same entries to many.
#[derive(Debug)]
pub struct EntryBatcher {
    channel: u32,
    frames: Vec<Vec<u8>>,
    frame: Writer,
    count: u32,
    bytes: usize,
}

impl EntryBatcher {
    /// Frames for a channel.
    pub const fn new(channel: u32) -> Self {
        Self { channel, frames: Vec::new(), frame: Writer::new(), count: 0, bytes: 0 }
    }

    /// Adds an entry; a large body becomes parts in its place.
    pub fn push(&mut self, header: &SignedHeader, body: Option<&[u8]>) {
        if let Some(body) = body.filter(|body| body.len() > WHOLE_BODY_BYTES_MAX) {
            self.close();
            self.push_parts(header, body);
            return;
        }
        let size = header.bytes().len() + body.map_or(0, <[u8]>::len);
        if self.bytes + size > BATCH_BYTES_MAX || usize::try_from(self.count) == Ok(ENTRIES_MAX) {
            self.close();
        }
        if self.count == 0 {
            self.frame.u8(ENTRIES).u32(self.channel).u32(0);
        }
        write_entry(&mut self.frame, header, body);
        self.count += 1;
        self.bytes += size;
    }

    /// The frames, encoded.
    pub fn finish(mut self) -> Vec<Vec<u8>> {
        self.close();
        self.frames
    }

    fn push_parts(&mut self, header: &SignedHeader, body: &[u8]) {
        let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        for (index, piece) in body.chunks(PART_BYTES_MAX).enumerate() {
            let header = if index == 0 { header.bytes() } else { &[] };
            let mut out = Writer::new();
            out.u8(PART).u32(self.channel).u32(number(index * PART_BYTES_MAX)).u32(number(body.len()));
            out.block(header).block(piece);
            self.frames.push(out.finish());
        }
    }

    fn close(&mut self) {
        if self.count == 0 {
            return;
        }
        let mut frame = core::mem::take(&mut self.frame).finish();
        // The count was not known when the frame was begun.
        frame[COUNT_AT..COUNT_AT + 4].copy_from_slice(&self.count.to_be_bytes());
        self.frames.push(frame);
        (self.count, self.bytes) = (0, 0);
    }
}

/// Why parts do not make a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PartError {
    /// The first part is missing.
    #[error("a part came before the first one")]
    NoBeginning,
    /// The part does not continue the one before.
    #[error("a part does not continue the one before it")]
    OutOfPlace,
    /// The body is longer than allowed, or than its header says.
    #[error("a body in parts has another length than allowed or announced")]
    Length,
}

/// Puts one body together at a time. Holds no more than has arrived, and never more than a body may have.
#[derive(Debug, Default)]
pub struct PartAssembler {
    under_way: Option<(SignedHeader, usize, Vec<u8>)>,
}

impl PartAssembler {
    /// Nothing is under way.
    pub const fn new() -> Self {
        Self { under_way: None }
    }

    /// Takes a part; answers the entry once it is whole. After an error nothing is under way.
    ///
    /// # Errors
    /// [`PartError`].
    pub fn take(
        &mut self,
        header: Option<SignedHeader>,
        offset: u32,
        total: u32,
        bytes: &[u8],
    ) -> Result<Option<Entry>, PartError> {
        let (header, total, mut body) = match (self.under_way.take(), header) {
            (_, Some(header)) => {
                let total_len = usize::try_from(total).unwrap_or(usize::MAX);
                if total_len > BODY_BYTES_MAX || header.fields().body_length != total {
                    return Err(PartError::Length);
                }
                (header, total_len, Vec::new())
            }
            (Some(under_way), None) if usize::try_from(total) == Ok(under_way.1) => under_way,
            (Some(_), None) => return Err(PartError::OutOfPlace),
            (None, None) => return Err(PartError::NoBeginning),
        };
        if usize::try_from(offset) != Ok(body.len()) || bytes.is_empty() || bytes.len() > total - body.len() {
            return Err(PartError::OutOfPlace);
        }
        body.extend_from_slice(bytes);
        if body.len() == total {
            return Ok(Some(Entry { header, body: Some(body) }));
        }
        self.under_way = Some((header, total, body));
        Ok(None)
    }
}
