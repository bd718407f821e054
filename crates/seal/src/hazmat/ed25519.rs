//! Ed25519 (RFC 8032) signing. Verification lives in `samverka_log`, where relays need it too.

use core::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use samverka_log::Signature;

use crate::secret::Secret;

/// A signing key; the expanded form is kept, because expanding costs as much as signing.
#[derive(Clone)]
pub(crate) struct SigningSecret(SigningKey);

impl SigningSecret {
    /// The key of a 32-byte seed.
    pub(crate) fn from_seed(seed: &Secret<32>) -> Self {
        Self(SigningKey::from_bytes(seed.expose()))
    }

    /// The seed.
    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public key.
    pub(crate) fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs.
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}
