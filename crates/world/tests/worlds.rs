//! Thousands of small worlds, each from its seed: whatever happens in them, the model holds.
//!
//! `SAMVERKA_SEED=N` plays that one alone; `cargo xtask soak` plays others until it is stopped.

use samverka_world::check_seed;

/// Worlds in one run, in two halves for two processors.
const WORLDS: u64 = 2_000;

fn play(seeds: impl Iterator<Item = u64>) {
    if let Some(seed) = std::env::var("SAMVERKA_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return check_seed(seed).unwrap_or_else(|report| panic!("{report}"));
    }
    // A panic of a machine is a failure like another, and its seed is told.
    let failed: Vec<String> = seeds.filter_map(|seed| check_seed(seed).err()).take(3).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_model_holds_in_every_world_of_an_even_seed() {
    play((0..WORLDS).step_by(2));
}

#[test]
fn the_model_holds_in_every_world_of_an_odd_seed() {
    play((1..WORLDS).step_by(2));
}
