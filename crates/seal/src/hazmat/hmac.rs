//! HMAC-SHA256 (RFC 2104).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// The code of the parts, one after the other.
pub(crate) fn authenticate(key: &Secret<32>, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part.as_ref());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER as HEX;

    use super::*;

    #[test]
    fn agrees_with_rfc_4231_case_1() {
        // HMAC pads short keys with zeros, so the 20-byte key of the vector and its 32-byte extension are the same.
        let mut key = Secret::zero();
        key.expose_mut()[..20].fill(0x0b);

        let code = authenticate(&key, ["Hi ", "There"]);

        assert_eq!(HEX.encode(&code), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }
}
