//! A device's own keys.

use core::fmt;

use rand_core::CryptoRng;
use samverka_log::{DeviceId, ShareKey, Signature, Signer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::hazmat::ed25519::SigningSecret;
use crate::hazmat::hpke;
use crate::secret::Secret;

/// The secret half of a device's keys, as a vault keeps it: Ed25519 seed ‖ X25519 secret. Zeroed on drop.
pub type DeviceSecretBytes = Zeroizing<[u8; DeviceKeys::SECRET_LEN]>;

/// The keys of one device in one space: Ed25519 to sign with, X25519 to receive epoch keys with. A device has
/// different keys in every space, so that relays cannot link a person across spaces.
#[derive(Clone)]
pub struct DeviceKeys {
    signing: SigningSecret,
    device: DeviceId,
    share: Secret<32>,
    share_key: ShareKey,
}

impl DeviceKeys {
    /// Bytes of the secret half.
    pub const SECRET_LEN: usize = 64;

    /// Makes new keys.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        Self::from_secrets(&Secret::make(rng), Secret::make(rng))
    }

    /// Takes keys from a vault.
    pub fn from_secret_bytes(bytes: &DeviceSecretBytes) -> Self {
        let (mut seed, mut share) = (Secret::<32>::zero(), Secret::<32>::zero());
        seed.expose_mut().copy_from_slice(&bytes[..32]);
        share.expose_mut().copy_from_slice(&bytes[32..]);
        Self::from_secrets(&seed, share)
    }

    /// The secret half, for a vault.
    pub fn to_secret_bytes(&self) -> DeviceSecretBytes {
        let mut bytes = Zeroizing::new([0; Self::SECRET_LEN]);
        bytes[..32].copy_from_slice(self.signing.seed());
        bytes[32..].copy_from_slice(self.share.expose());
        bytes
    }

    /// The device's id: its Ed25519 public key.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// The X25519 public key to which others seal epoch keys.
    pub const fn share_key(&self) -> ShareKey {
        self.share_key
    }

    pub(crate) const fn share_secret(&self) -> &Secret<32> {
        &self.share
    }

    fn from_secrets(seed: &Secret<32>, share: Secret<32>) -> Self {
        let signing = SigningSecret::from_seed(seed);
        let device = DeviceId::from_bytes(signing.public());
        let share_key = hpke::public_key(&share);
        Self { signing, device, share, share_key }
    }
}

impl Signer for DeviceKeys {
    fn device(&self) -> DeviceId {
        self.device
    }

    fn sign(&self, message: &[u8]) -> Signature {
        self.signing.sign(message)
    }
}

impl PartialEq for DeviceKeys {
    fn eq(&self, other: &Self) -> bool {
        self.to_secret_bytes().ct_eq(&*other.to_secret_bytes()).into()
    }
}

impl Eq for DeviceKeys {}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({}, ***)", self.device.short())
    }
}
