//! HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. One message for each
//! encapsulation; the context goes into `info`, the associated data stays empty.

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng};
use rand_core::CryptoRng;
use samverka_log::ShareKey;

use crate::secret::Secret;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

/// Bytes of an encapsulated key.
pub(crate) const ENCAPSULATED_LEN: usize = 32;
/// Bytes that sealing adds to the plaintext.
pub(crate) const TAG_LEN: usize = 16;

/// The recipient's key is of low order, so that the shared secret would be known to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LowOrderKey;

/// The message was not sealed to this key with this context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// The public key of an X25519 secret.
pub(crate) fn public_key(secret: &Secret<32>) -> ShareKey {
    ShareKey::from_bytes(X25519HkdfSha256::sk_to_pk(&private_key(secret)).to_bytes().into())
}

/// Seals to `recipient`; returns the encapsulated key and the ciphertext.
pub(crate) fn seal(
    recipient: &ShareKey,
    info: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<([u8; ENCAPSULATED_LEN], Vec<u8>), LowOrderKey> {
    let recipient = PublicKey::from_bytes(recipient.as_bytes()).map_err(|_| LowOrderKey)?;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<
        ChaCha20Poly1305,
        HkdfSha256,
        X25519HkdfSha256,
    >(&OpModeS::Base, &recipient, info, plaintext, &[], rng)
    .map_err(|_| LowOrderKey)?;
    Ok((encapsulated.to_bytes().into(), ciphertext))
}

/// Opens what was sealed to the public key of `secret`.
pub(crate) fn open(
    secret: &Secret<32>,
    info: &[u8],
    encapsulated: &[u8; ENCAPSULATED_LEN],
    ciphertext: &[u8],
) -> Result<Vec<u8>, NotAuthentic> {
    open_with_associated(secret, info, &[], encapsulated, ciphertext)
}

fn open_with_associated(
    secret: &Secret<32>,
    info: &[u8],
    associated: &[u8],
    encapsulated: &[u8; ENCAPSULATED_LEN],
    ciphertext: &[u8],
) -> Result<Vec<u8>, NotAuthentic> {
    let encapsulated = EncappedKey::from_bytes(encapsulated).map_err(|_| NotAuthentic)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private_key(secret),
        &encapsulated,
        info,
        ciphertext,
        associated,
    )
    .map_err(|_| NotAuthentic)
}

fn private_key(secret: &Secret<32>) -> PrivateKey {
    PrivateKey::from_bytes(secret.expose()).expect("every 32 bytes are an X25519 secret")
}
