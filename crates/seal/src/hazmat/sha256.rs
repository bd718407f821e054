//! SHA-256 (FIPS 180-4) over parts that are joined without separators: callers make the parts unambiguous by fixed
//! lengths or length prefixes.

use sha2::{Digest, Sha256};

/// The digest of the parts, one after the other.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
