//! Blobs that never leave the device: checkpoints, drafts, unrevealed notes, another key's secret bytes.

use rand_core::CryptoRng;
use samverka_log::wire::Writer;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hazmat::hkdf;
use crate::hazmat::xchacha::{self, NONCE_LEN};
use crate::limits::LOCAL_BLOB_BYTES_MAX;
use crate::secret::Secret;

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"samverka/local/v1";

/// Why a local blob could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LocalBlobError {
    /// The blob is longer than allowed.
    #[error("a local blob of {0} bytes is over the limit")]
    TooLong(usize),
    /// A version that this program does not know.
    #[error("local blob version {0} is newer than this program")]
    Version(u8),
    /// The blob was sealed with another key or for another place, or was altered.
    #[error("the local blob does not open: another key, another place, or altered")]
    NotAuthentic,
}

/// A key that stays on one device. Where it is kept is the shell's matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalKey(Secret<32>);

impl LocalKey {
    /// Makes a key.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::make(rng))
    }

    /// Takes a key from where it was kept.
    pub fn from_secret_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copy_of(bytes))
    }

    /// The key, to be kept.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.expose())
    }

    /// Seals a blob for one place: `purpose` says what it is ("checkpoint", say) and `context` which one (space and
    /// document, say). Layout: version, nonce, ciphertext; the place is associated data.
    ///
    /// # Errors
    /// [`LocalBlobError::TooLong`].
    pub fn seal(
        &self,
        purpose: &str,
        context: &[u8],
        plaintext: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, LocalBlobError> {
        if plaintext.len() > LOCAL_BLOB_BYTES_MAX {
            return Err(LocalBlobError::TooLong(plaintext.len()));
        }
        let nonce = xchacha::make_nonce(rng);
        let ciphertext = xchacha::seal(&self.sealing_key(), &nonce, &place(purpose, context), plaintext);
        Ok([[VERSION].as_slice(), &nonce, &ciphertext].concat())
    }

    /// Opens a blob that was sealed for the same place. Zeroed on drop, because it may be a key.
    ///
    /// # Errors
    /// [`LocalBlobError::Version`], [`LocalBlobError::NotAuthentic`].
    pub fn open(
        &self,
        purpose: &str,
        context: &[u8],
        blob: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, LocalBlobError> {
        let sealed = match blob.split_first() {
            Some((&VERSION, sealed)) => sealed,
            Some((version, _)) => return Err(LocalBlobError::Version(*version)),
            None => return Err(LocalBlobError::NotAuthentic),
        };
        let (nonce, ciphertext) =
            sealed.split_first_chunk::<NONCE_LEN>().ok_or(LocalBlobError::NotAuthentic)?;
        xchacha::open(&self.sealing_key(), nonce, &place(purpose, context), ciphertext)
            .map(Zeroizing::new)
            .map_err(|_| LocalBlobError::NotAuthentic)
    }

    fn sealing_key(&self) -> Secret<32> {
        hkdf::derive(self.0.expose(), &[DOMAIN])
    }
}

fn place(purpose: &str, context: &[u8]) -> Vec<u8> {
    let mut out = Writer::new();
    out.bytes(DOMAIN).u8(VERSION).block(purpose.as_bytes()).block(context);
    out.finish()
}
