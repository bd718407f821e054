//! XChaCha20-Poly1305 with a random 24-byte nonce. It does not commit to its key: every key that reaches it here has
//! been checked against a commitment, or is one that the device made for itself.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;

use crate::secret::Secret;

/// Bytes of a nonce: long enough to be drawn at random for ever.
pub(crate) const NONCE_LEN: usize = 24;
/// Bytes that sealing adds to the plaintext.
pub(crate) const TAG_LEN: usize = 16;

/// The ciphertext was not made with this key, nonce and associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// Draws a nonce.
pub(crate) fn make_nonce(rng: &mut impl CryptoRng) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    rng.fill_bytes(&mut nonce);
    nonce
}

/// Encrypts and authenticates.
pub(crate) fn seal(
    key: &Secret<32>,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    plaintext: &[u8],
) -> Vec<u8> {
    XChaCha20Poly1305::new(key.expose().into())
        .encrypt(&XNonce::from(*nonce), Payload { msg: plaintext, aad: associated })
        .expect("the cipher takes up to 256 GiB, and every caller's limit is far below")
}

/// Checks and decrypts.
pub(crate) fn open(
    key: &Secret<32>,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, NotAuthentic> {
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: associated })
        .map_err(|_| NotAuthentic)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER as HEX;

    use super::*;

    #[test]
    fn agrees_with_the_vector_of_the_xchacha_draft_a_3_1() {
        let text =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let key =
            Secret::copy_of(&core::array::from_fn(|index| 0x80 + u8::try_from(index).expect("below 32")));
        let nonce = core::array::from_fn(|index| 0x40 + u8::try_from(index).expect("below 24"));
        let associated = HEX.decode(b"50515253c0c1c2c3c4c5c6c7").expect("the vector is hexadecimal");

        let sealed = seal(&key, &nonce, &associated, text);

        assert_eq!(HEX.encode(&sealed[..16]), "bd6d179d3e83d43b9576579493c0e939");
        assert_eq!(HEX.encode(&sealed[text.len()..]), "c0875924c1c7987947deafd8780acf49");
        assert_eq!(open(&key, &nonce, &associated, &sealed).as_deref(), Ok(text.as_slice()));
    }
}
