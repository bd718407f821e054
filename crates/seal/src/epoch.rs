//! Epoch keys: made once, committed to, sealed to each recipient, wrapped for those who come later.

use core::fmt;

use rand_core::CryptoRng;
use samverka_log::{ContentCommitment, DeviceId, DocumentId, EpochId, LogId, ShareKey, SpaceId};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hazmat::{hkdf, hmac, hpke, sha256, xchacha};
use crate::secret::Secret;
use crate::{ChangeHash, DeviceKeys, SignedRecord};

const COMMITMENT_DOMAIN: &[u8] = b"samverka/epoch-commitment/v1";
const SHARE_DOMAIN: &[u8] = b"samverka/share/v1";
const WRAP_DOMAIN: &[u8] = b"samverka/wrap/v1";
const BODY_DOMAIN: &[u8] = b"samverka/body/v1";
const CONTENT_DOMAIN: &[u8] = b"samverka/content-commitment/v1";
const PRESENCE_DOMAIN: &[u8] = b"samverka/presence/v1";

/// Suite 1: X25519 HPKE for shares, XChaCha20-Poly1305 for wraps and bodies, SHA-256 throughout.
pub const SUITE_X25519: u16 = 1;

/// A hash that binds an epoch to one key: `SHA-256("samverka/epoch-commitment/v1" ‖ space ‖ key)`. Published in the
/// operation that begins the epoch. XChaCha20-Poly1305 alone would let one ciphertext open under two keys, so that
/// two members could be shown different texts in one entry; with the key committed to, they cannot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochCommitment([u8; 32]);

impl EpochCommitment {
    /// Wraps raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for EpochCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochCommitment({})", data_encoding::HEXLOWER.encode(&self.0[..4]))
    }
}

/// An epoch key sealed to one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedShare {
    /// The encapsulated X25519 key.
    pub encapsulated: [u8; 32],
    /// The sealed epoch key and its tag.
    pub ciphertext: [u8; 48],
}

/// An older epoch's key under a newer one, so that who joins later can read the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The older epoch.
    pub epoch: EpochId,
    /// A random nonce.
    pub nonce: [u8; 24],
    /// The wrapped key and its tag.
    pub ciphertext: [u8; 48],
}

/// Why an epoch key could not be sealed, opened or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EpochKeyError {
    /// The recipient's share key is of low order: everybody would know the shared secret.
    #[error("the recipient's share key is of low order")]
    LowOrderShareKey,
    /// The share or wrap was not made for this device, space and epoch, or was altered.
    #[error(
        "the sealed epoch key does not open: it was made for another device, space or epoch, or was altered"
    )]
    NotAuthentic,
    /// The key inside is not the one that the epoch's operation committed to.
    #[error("the epoch key is not the one that its epoch committed to")]
    Commitment,
    /// The two keys belong to different spaces.
    #[error("the two epoch keys belong to different spaces")]
    Space,
}

/// The content key of one epoch of one space. Every way to get one checks it against the epoch's commitment, so an
/// unchecked key cannot be used.
#[derive(Clone, PartialEq, Eq)]
pub struct EpochKey {
    space: SpaceId,
    secret: Secret<32>,
    commitment: EpochCommitment,
}

impl EpochKey {
    /// Makes the key of a new epoch.
    pub fn make(space: SpaceId, rng: &mut impl CryptoRng) -> Self {
        Self::uncommitted(space, Secret::make(rng))
    }

    /// Takes a key from a vault.
    ///
    /// # Errors
    /// [`EpochKeyError::Commitment`] where it is not the committed one.
    pub fn from_secret_bytes(
        space: SpaceId,
        commitment: EpochCommitment,
        bytes: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, EpochKeyError> {
        Self::checked(space, commitment, Secret::copy_of(bytes))
    }

    /// The key, for a vault.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.secret.expose())
    }

    /// The space that the key belongs to.
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// What the epoch's operation publishes.
    pub const fn commitment(&self) -> EpochCommitment {
        self.commitment
    }

    /// Seals the key to a device (HPKE base mode). The context is the space, the recipient and the commitment, not
    /// the epoch's id: that is the id of the entry that carries the shares, which is not known before they are in it.
    /// The commitment is as good, since it names exactly one key of one space.
    ///
    /// # Errors
    /// [`EpochKeyError::LowOrderShareKey`].
    pub fn seal_share(
        &self,
        device: DeviceId,
        share_key: &ShareKey,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedShare, EpochKeyError> {
        let info = share_info(self.space, device, self.commitment);
        let (encapsulated, ciphertext) = hpke::seal(share_key, &info, self.secret.expose(), rng)
            .map_err(|_| EpochKeyError::LowOrderShareKey)?;
        Ok(SealedShare { encapsulated, ciphertext: sealed_key(ciphertext) })
    }

    /// Opens a share sealed to this device and checks the key against the epoch's commitment.
    ///
    /// # Errors
    /// [`EpochKeyError::NotAuthentic`], [`EpochKeyError::Commitment`].
    pub fn open_share(
        space: SpaceId,
        commitment: EpochCommitment,
        keys: &DeviceKeys,
        share: &SealedShare,
    ) -> Result<Self, EpochKeyError> {
        let info = share_info(space, keys.device(), commitment);
        let opened = hpke::open(keys.share_secret(), &info, &share.encapsulated, &share.ciphertext)
            .map_err(|_| EpochKeyError::NotAuthentic)?;
        Self::checked(space, commitment, opened_key(opened)?)
    }

    /// Wraps an older epoch's key under this one.
    ///
    /// # Errors
    /// [`EpochKeyError::Space`].
    pub fn wrap(
        &self,
        older_epoch: EpochId,
        older: &Self,
        rng: &mut impl CryptoRng,
    ) -> Result<WrappedKey, EpochKeyError> {
        if self.space != older.space {
            return Err(EpochKeyError::Space);
        }
        let nonce = xchacha::make_nonce(rng);
        let associated = self.wrap_context(older_epoch, older.commitment);
        let ciphertext = xchacha::seal(&self.wrapping_key(), &nonce, &associated, older.secret.expose());
        Ok(WrappedKey { epoch: older_epoch, nonce, ciphertext: sealed_key(ciphertext) })
    }

    /// Opens an older epoch's key that was wrapped under this one and checks it against the older commitment.
    ///
    /// # Errors
    /// [`EpochKeyError::NotAuthentic`], [`EpochKeyError::Commitment`].
    pub fn unwrap(
        &self,
        wrapped: &WrappedKey,
        older_commitment: EpochCommitment,
    ) -> Result<Self, EpochKeyError> {
        let associated = self.wrap_context(wrapped.epoch, older_commitment);
        let opened = xchacha::open(&self.wrapping_key(), &wrapped.nonce, &associated, &wrapped.ciphertext)
            .map_err(|_| EpochKeyError::NotAuthentic)?;
        Self::checked(self.space, older_commitment, opened_key(opened)?)
    }

    /// A keyed hash of what an entry holds: HMAC-SHA256 over space, document, log, number, the hashes of its
    /// Automerge changes in their order (that of the author's sequence numbers) and SHA-256 of each signed record
    /// in its order. It lets a change met later in a snapshot be matched to the header that its author signed, and
    /// tells nothing to who lacks the key.
    ///
    /// Records go in by their hash, not by their id: a device could sign two records with one id.
    pub fn content_commitment<'r>(
        &self,
        document: DocumentId,
        log: LogId,
        number: u64,
        changes: &[ChangeHash],
        records: impl IntoIterator<Item = &'r SignedRecord>,
    ) -> ContentCommitment {
        let key = self.derive(&[CONTENT_DOMAIN, self.space.as_bytes(), document.as_bytes()]);
        let records: Vec<[u8; 32]> =
            records.into_iter().map(|record| sha256::digest(&[record.bytes()])).collect();
        let count = |len: usize| u64::try_from(len).unwrap_or(u64::MAX).to_be_bytes();
        let (slot, number) = (log.slot.0.to_be_bytes(), number.to_be_bytes());
        let (change_count, record_count) = (count(changes.len()), count(records.len()));
        let head: [&[u8]; 4] = [log.device.as_bytes(), &slot, &number, &change_count];
        let parts = head
            .into_iter()
            .chain(changes.iter().map(|hash| hash.as_bytes().as_slice()))
            .chain([record_count.as_slice()])
            .chain(records.iter().map(<[u8; 32]>::as_slice));
        ContentCommitment::from_bytes(hmac::authenticate(&key, parts))
    }

    /// The key that seals one device's bodies in one document.
    pub(crate) fn body_key(&self, document: DocumentId, device: DeviceId) -> Secret<32> {
        self.derive(&[BODY_DOMAIN, self.space.as_bytes(), document.as_bytes(), device.as_bytes()])
    }

    /// The key that seals presence frames.
    pub(crate) fn presence_key(&self) -> Secret<32> {
        self.derive(&[PRESENCE_DOMAIN, self.space.as_bytes()])
    }

    fn wrapping_key(&self) -> Secret<32> {
        self.derive(&[WRAP_DOMAIN, self.space.as_bytes()])
    }

    fn wrap_context(&self, older_epoch: EpochId, older: EpochCommitment) -> Vec<u8> {
        [
            WRAP_DOMAIN,
            self.space.as_bytes(),
            self.commitment.as_bytes(),
            older_epoch.as_bytes(),
            older.as_bytes(),
        ]
        .concat()
    }

    fn derive(&self, info: &[&[u8]]) -> Secret<32> {
        hkdf::derive(self.secret.expose(), info)
    }

    fn uncommitted(space: SpaceId, secret: Secret<32>) -> Self {
        let commitment =
            EpochCommitment(sha256::digest(&[COMMITMENT_DOMAIN, space.as_bytes(), secret.expose()]));
        Self { space, secret, commitment }
    }

    fn checked(
        space: SpaceId,
        commitment: EpochCommitment,
        secret: Secret<32>,
    ) -> Result<Self, EpochKeyError> {
        let key = Self::uncommitted(space, secret);
        if key.commitment == commitment { Ok(key) } else { Err(EpochKeyError::Commitment) }
    }
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EpochKey({:?}, ***)", self.commitment)
    }
}

fn share_info(space: SpaceId, device: DeviceId, commitment: EpochCommitment) -> Vec<u8> {
    [SHARE_DOMAIN, space.as_bytes().as_slice(), device.as_bytes(), commitment.as_bytes()].concat()
}

fn sealed_key(ciphertext: Vec<u8>) -> [u8; 48] {
    ciphertext.try_into().expect("a key of 32 bytes and a tag of 16 are 48")
}

fn opened_key(opened: Vec<u8>) -> Result<Secret<32>, EpochKeyError> {
    let opened = Zeroizing::new(opened);
    let bytes: &[u8; 32] = opened.as_slice().try_into().map_err(|_| EpochKeyError::NotAuthentic)?;
    Ok(Secret::copy_of(bytes))
}
