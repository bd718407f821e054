//! One file for each primitive, used by this crate's envelopes and by nobody else. No protocol is decided here.

pub(crate) mod ed25519;
pub(crate) mod hkdf;
pub(crate) mod hmac;
pub(crate) mod hpke;
pub(crate) mod sha256;
pub(crate) mod xchacha;
