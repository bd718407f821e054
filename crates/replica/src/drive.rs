//! For shells with a store at hand: carrying out what concerns the store at once.

use rand_core::CryptoRng;
use samverka_store::{Store, handle};

use crate::Replica;
use crate::copies::{Work, Worked};
use crate::effect::Effect;

/// Whoever does [`Work`] beside the replica: threads, as a rule.
pub trait Workers {
    /// Begins some work, and does not wait for it.
    fn begin(&mut self, work: Vec<Work>);

    /// Waits for the next that is done.
    fn next(&mut self) -> Worked;
}

/// Some work that needs nothing of other work beside it.
pub type Piece<'w> = Box<dyn FnOnce() + Send + 'w>;

/// Does all of some work before it returns, on threads or in turn.
pub type Together = for<'w> fn(Vec<Piece<'w>>);

/// Does one piece after the other.
pub(crate) fn in_turn(pieces: Vec<Piece<'_>>) {
    pieces.into_iter().for_each(|piece| piece());
}

/// Carries out every effect that concerns the store, until none is left, and answers the others in order. Checkpoints
/// that are due are written on the way.
pub fn drive_store(
    replica: &mut Replica,
    store: &mut impl Store,
    now_ms: u64,
    rng: &mut impl CryptoRng,
) -> Vec<Effect> {
    drive(replica, store, now_ms, rng, None)
}

/// As [`drive_store`], with others who do what takes long.
pub fn drive_store_beside(
    replica: &mut Replica,
    store: &mut impl Store,
    now_ms: u64,
    rng: &mut impl CryptoRng,
    workers: &mut impl Workers,
) -> Vec<Effect> {
    drive(replica, store, now_ms, rng, Some(workers))
}

fn drive(
    replica: &mut Replica,
    store: &mut impl Store,
    now_ms: u64,
    rng: &mut impl CryptoRng,
    mut workers: Option<&mut dyn Workers>,
) -> Vec<Effect> {
    let mut others = Vec::new();
    loop {
        while let Some(effect) = replica.poll_effect() {
            match effect {
                Effect::Store { id, request } => replica.handle_stored(id, handle(store, &request), now_ms),
                other => others.push(other),
            }
            if let Some(workers) = &mut workers {
                let work = replica.take_work();
                if !work.is_empty() {
                    workers.begin(work);
                }
            }
        }
        if let Some(workers) = &mut workers
            && replica.awaits_work()
        {
            replica.handle_worked(workers.next(), now_ms);
            continue;
        }
        // A checkpoint that cannot be made costs time at the next start and nothing else; it is due again then.
        if replica.checkpoint_where_due(rng).is_err() || !replica.has_effects() {
            return others;
        }
    }
}
