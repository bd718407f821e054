//! For shells with a store at hand: carrying out what concerns the store at once.

use rand_core::CryptoRng;
use samverka_store::{Store, handle};

use crate::Replica;
use crate::effect::Effect;

/// Carries out every effect that concerns the store, until none is left, and answers the others in order. Checkpoints
/// that are due are written on the way.
pub fn drive_store(
    replica: &mut Replica,
    store: &mut impl Store,
    now_ms: u64,
    rng: &mut impl CryptoRng,
) -> Vec<Effect> {
    let mut others = Vec::new();
    loop {
        while let Some(effect) = replica.poll_effect() {
            match effect {
                Effect::Store { id, request } => replica.handle_stored(id, handle(store, &request), now_ms),
                other => others.push(other),
            }
        }
        // A checkpoint that cannot be made costs time at the next start and nothing else; it is due again then.
        if replica.checkpoint_where_due(rng).is_err() || !replica.has_effects() {
            return others;
        }
    }
}
