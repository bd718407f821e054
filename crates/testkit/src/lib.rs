//! What tests of the machines need around them: a virtual clock, seeded randomness, connections that delay and
//! break, stores that lose what was not committed.
//!
//! Everything follows from one seed, so a failing run can be run again. This crate is for development only; nothing
//! that ships depends on it.

mod clock;
pub mod membership;
pub mod people;
mod wires;

pub use clock::Clock;
pub use wires::{Arrival, Wires};

use rand::SeedableRng;
use rand::rngs::StdRng;

/// Randomness from a seed.
pub fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
