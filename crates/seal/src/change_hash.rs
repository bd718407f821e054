use core::fmt;

/// An Automerge change's own hash (SHA-256 over its uncompressed chunk), as computed by who reads the change. Plain,
/// it would let a relay confirm guesses of short texts, so it never leaves the ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeHash([u8; 32]);

impl ChangeHash {
    /// Wraps raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangeHash({})", data_encoding::HEXLOWER.encode(&self.0[..4]))
    }
}
