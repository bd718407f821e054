//! Who may found a space here.

use core::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Who may found a space at a relay. The shell decides; the room applies it.
#[derive(Clone, Default)]
pub enum Hosting {
    /// Everybody.
    Open,
    /// Whoever names the token.
    Token(TokenHash),
    /// Nobody.
    #[default]
    Off,
}

/// SHA-256 of a hosting token: the token itself is not kept.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl Hosting {
    /// Hosting for whoever names `token`.
    pub fn token(token: &[u8]) -> Self {
        Self::Token(TokenHash(Sha256::digest(token).into()))
    }

    /// Whether somebody who names `token` (empty: none) may found a space.
    pub fn admits(&self, token: &[u8]) -> bool {
        match self {
            Self::Open => true,
            Self::Token(TokenHash(hash)) => Sha256::digest(token).as_slice().ct_eq(hash.as_slice()).into(),
            Self::Off => false,
        }
    }
}

impl fmt::Debug for Hosting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token(***)",
            Self::Off => "Off",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_admits_whoever_names_it() {
        let hosting = Hosting::token(b"sesame, open");
        assert!(hosting.admits(b"sesame, open"));
        assert!(!hosting.admits(b"sesame"));
        assert!(!hosting.admits(b""));
        assert!(Hosting::Open.admits(b""));
        assert!(!Hosting::Off.admits(b"sesame, open"));
    }
}
