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

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER as HEX;

    use super::*;

    #[test]
    fn opens_the_first_message_of_rfc_9180_a_2_1() {
        let array = |hex: &str| -> [u8; 32] { bytes(hex).try_into().expect("32 bytes") };
        let secret =
            Secret::copy_of(&array("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"));
        let encapsulated = array("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        let info = bytes("4f6465206f6e2061204772656369616e2055726e");
        let ciphertext = bytes(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        );

        let opened = open_with_associated(&secret, &info, b"Count-0", &encapsulated, &ciphertext);

        assert_eq!(opened.as_deref(), Ok(b"Beauty is truth, truth beauty".as_slice()));
        let public = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
        assert_eq!(HEX.encode(public_key(&secret).as_bytes()), public);
    }

    fn bytes(hex: &str) -> Vec<u8> {
        HEX.decode(hex.as_bytes()).expect("the vector is hexadecimal")
    }
}
