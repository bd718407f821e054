//! HKDF-SHA256 (RFC 5869), no salt.

use hkdf::Hkdf;
use sha2::Sha256;

use crate::secret::Secret;

/// A 32-byte key from `secret`; the parts of `info` are joined without separators.
pub(crate) fn derive(secret: &[u8], info: &[&[u8]]) -> Secret<32> {
    let mut out = Secret::zero();
    Hkdf::<Sha256>::new(None, secret)
        .expand_multi_info(info, out.expose_mut())
        .expect("32 bytes are fewer than HKDF's limit of 8160");
    out
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER as HEX;

    use super::*;

    #[test]
    fn agrees_with_the_first_block_of_rfc_5869_case_3() {
        let secret = [0x0b; 22];

        let derived = derive(&secret, &[]);

        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d";
        assert_eq!(HEX.encode(derived.expose()), expected);
    }
}
