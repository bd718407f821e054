//! Proof that a log forked: two signed headers with one number.

use thiserror::Error;

use crate::{HeaderError, LogId, SignatureError, SignedHeader};

/// Two different entries of one log with the same number, both signed by its device. Whoever sees it knows that the
/// device, or a copy of it, wrote twice; both branches are kept, and nothing after the last common entry counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    first: SignedHeader,
    second: SignedHeader,
}

/// Why two headers are not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ForkError {
    /// They are of different logs, spaces or numbers, or are the same entry.
    #[error("the two headers do not prove a fork")]
    NoFork,
    /// A signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The bytes are not a header.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

impl ForkProof {
    /// Checks two headers. The order does not matter: the proof is the same either way.
    ///
    /// # Errors
    /// [`ForkError`].
    pub fn verify(one: SignedHeader, other: SignedHeader) -> Result<Self, ForkError> {
        let (a, b) = (one.fields(), other.fields());
        let same_place = one.space() == other.space() && a.log == b.log && a.number == b.number;
        if !same_place || one.id() == other.id() {
            return Err(ForkError::NoFork);
        }
        one.verify()?;
        other.verify()?;
        let (first, second) = if one.id() < other.id() { (one, other) } else { (other, one) };
        Ok(Self { first, second })
    }

    /// The log.
    pub fn log(&self) -> LogId {
        self.first.fields().log
    }

    /// The first number that does not count.
    pub fn number(&self) -> u64 {
        self.first.fields().number
    }

    /// The two headers, in ascending order of their ids.
    pub const fn headers(&self) -> (&SignedHeader, &SignedHeader) {
        (&self.first, &self.second)
    }
}
