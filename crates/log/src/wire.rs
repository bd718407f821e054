//! Reading and writing the canonical binary layouts: big-endian numbers, fixed order, nothing optional by accident.
//!
//! The reader never panics and never allocates from a length that it has not checked against what is left.

use thiserror::Error;

use crate::{DeviceId, EntryId, LogHead, LogId, SlotId};

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes end before the value does.
    #[error("ends at byte {at}, {needed} more needed")]
    Truncated {
        /// Where reading stood.
        at: usize,
        /// How many bytes are missing at least.
        needed: usize,
    },
    /// Bytes follow after the last field.
    #[error("{left} bytes too many")]
    Trailing {
        /// How many bytes are left.
        left: usize,
    },
}

/// A cursor over received bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the cursor stands.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] where fewer are left.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest
            .get(..len)
            .ok_or(WireError::Truncated { at: self.at, needed: len.saturating_sub(rest.len()) })?;
        self.at += len;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(N)?);
        Ok(out)
    }

    /// One byte.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn u8(&mut self) -> Result<u8, WireError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn u16(&mut self) -> Result<u16, WireError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn u32(&mut self) -> Result<u32, WireError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn u64(&mut self) -> Result<u64, WireError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// A four-byte length and that many bytes.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn block(&mut self) -> Result<&'a [u8], WireError> {
        let len = self.u32()?;
        self.bytes(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// A log: device (32), slot (8).
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn log(&mut self) -> Result<LogId, WireError> {
        Ok(LogId { device: DeviceId::from_bytes(self.array()?), slot: SlotId(self.u64()?) })
    }

    /// Where a log stands: the log, the next number (8), the head (32).
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn log_head(&mut self) -> Result<(LogId, LogHead), WireError> {
        Ok((self.log()?, LogHead { next: self.u64()?, head: EntryId::from_bytes(self.array()?) }))
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`WireError::Trailing`] otherwise.
    pub const fn finish(&self) -> Result<(), WireError> {
        match self.left() {
            0 => Ok(()),
            left => Err(WireError::Trailing { left }),
        }
    }
}

/// Appends fields to a buffer.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// An empty buffer with room for so many bytes.
    pub fn with_room_for(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len) }
    }

    /// Raw bytes, without a length.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// A four-byte length and the bytes.
    ///
    /// # Panics
    /// Where the block is 4 GiB or longer; every caller's limit is far below.
    pub fn block(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(u32::try_from(bytes.len()).expect("blocks are limited far below 4 GiB")).bytes(bytes)
    }

    /// As [`Reader::log`] reads it.
    pub fn log(&mut self, log: &LogId) -> &mut Self {
        self.bytes(log.device.as_bytes()).u64(log.slot.0)
    }

    /// As [`Reader::log_head`] reads it.
    pub fn log_head(&mut self, log: &LogId, head: &LogHead) -> &mut Self {
        self.log(log).u64(head.next).bytes(head.head.as_bytes())
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
