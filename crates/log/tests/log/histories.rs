//! Random histories: people act knowing some of what the others did, and every order of arrival comes to the same.

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use samverka_log::{EntryId, Membership, Operation, Resolver, Role, Target, VerifiedOperation};

use crate::people::{Key, Space, below, epoch};

const PEOPLE: usize = 7;

/// A history of so many steps. Everybody knows what they heard; hearing is random.
fn history(seed: u64, steps: usize) -> Space {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut space = Space::new();
    let keys: Vec<Key> = (1..=PEOPLE).map(|seed| Key::new(u8::try_from(seed).expect("few"))).collect();
    let mut knows: Vec<Vec<EntryId>> = vec![vec![space.genesis]; PEOPLE];
    for _ in 0..steps {
        let who = below(&mut rng, PEOPLE);
        let other = below(&mut rng, PEOPLE);
        if below(&mut rng, 2) == 0 {
            let heard = knows[other].clone();
            knows[who].extend(heard);
            knows[who].sort();
            knows[who].dedup();
        }
        let operation = random_operation(&mut rng, &space, &keys);
        let heads = heads_of(&knows[who]);
        let fork_at = space.chain(&keys[who]);
        let id = space.act(&keys[who], &heads, &operation);
        knows[who] = vec![id];
        if below(&mut rng, 40) == 0 {
            let twin = random_operation(&mut rng, &space, &keys);
            if twin != operation {
                space.act_from(&keys[who], fork_at, &heads, &twin);
            }
        }
    }
    space
}

/// At most what an entry may name; the rest is forgotten, which a history may do.
fn heads_of(knows: &[EntryId]) -> Vec<EntryId> {
    knows.iter().rev().take(8).copied().collect()
}

fn random_operation(rng: &mut StdRng, space: &Space, keys: &[Key]) -> Operation {
    let target = &keys[below(rng, keys.len())];
    let role = [Role::Reader, Role::Editor, Role::Admin, Role::Admin][below(rng, 4)];
    match below(rng, 12) {
        0..5 => space.add(target, role),
        5 | 6 => space.role(target, role),
        7 => space.remove(target),
        8 => Operation::Remove {
            target: Target::Device(samverka_log::Signer::device(target)),
            accept_up_to: vec![],
        },
        9 => space.add_device(target, &keys[below(rng, keys.len())]),
        10 => epoch(&[target]),
        _ => Operation::Leave,
    }
}

fn resolved<'a>(operations: impl Iterator<Item = &'a VerifiedOperation>, ask: bool) -> Membership {
    let mut resolver = Resolver::new();
    for operation in operations {
        resolver.insert(operation.clone()).expect("it belongs here");
        if ask {
            // Asking on the way fills the caches, which must change nothing.
            resolver.state();
        }
    }
    assert_eq!(resolver.waiting(), 0);
    Membership::clone(&resolver.state())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_history_comes_to_the_same_in_whatever_order_it_arrives(seed in any::<u64>(), steps in 1..40usize) {
        let space = history(seed, steps);
        let expected = resolved(space.operations.iter(), true);
        let mut rng = StdRng::seed_from_u64(seed ^ 1);
        for ask in [false, true] {
            let mut order: Vec<&VerifiedOperation> = space.operations.iter().collect();
            order.shuffle(&mut rng);
            prop_assert_eq!(&resolved(order.into_iter(), ask), &expected);
        }
        // Nobody is a member whose admission does not count.
        for member in expected.members() {
            prop_assert!(expected.void().all(|(id, _)| *id != member.added_by));
        }
    }
}
