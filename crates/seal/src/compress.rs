//! Raw deflate, where it pays, with a bound on what comes out.
//!
//! Compression beside secrets leaks when an outsider can put text beside them and watch lengths. Here the content of
//! one body is written by one member, outsiders write into no body, and lengths are padded.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// Below this nothing is gained: Padmé's steps and the tag outweigh it.
const WORTH_TRYING_BYTES: usize = 256;

/// Why compressed bytes do not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InflateError {
    /// Not deflate, cut off, or followed by something else.
    Malformed,
    /// More comes out than announced or allowed.
    TooLong,
}

/// The compressed bytes if they save an eighth, else nothing.
pub(crate) fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    if plain.len() < WORTH_TRYING_BYTES {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::default());
    encoder.write_all(plain).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() <= plain.len() - plain.len() / 8).then_some(packed)
}

/// Exactly `len` bytes out of `packed`. Memory grows with what really comes out, never with `len` alone.
pub(crate) fn inflate(packed: &[u8], len: usize) -> Result<Vec<u8>, InflateError> {
    let mut plain = Vec::new();
    let mut decoder = DeflateDecoder::new(packed);
    let limit = u64::try_from(len).unwrap_or(u64::MAX).saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(&mut plain).map_err(|_| InflateError::Malformed)?;
    if plain.len() > len {
        return Err(InflateError::TooLong);
    }
    let consumed = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
    if plain.len() < len || consumed != packed.len() {
        return Err(InflateError::Malformed);
    }
    Ok(plain)
}
