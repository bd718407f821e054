//! Secret bytes: zeroed on drop, compared in constant time, printed as stars.

use core::fmt;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes. Boxed, so that moving the owner leaves no copy behind.
#[derive(Clone)]
pub(crate) struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// All zero, to be filled.
    pub(crate) fn zero() -> Self {
        Self(Box::new([0; N]))
    }

    /// Draws random bytes.
    pub(crate) fn make(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self::zero();
        rng.fill_bytes(secret.expose_mut());
        secret
    }

    /// Copies bytes in.
    pub(crate) fn copy_of(bytes: &[u8; N]) -> Self {
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// The bytes; the caller takes care where they go.
    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The bytes, to be filled.
    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
