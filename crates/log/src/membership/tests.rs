//! The resolver cuts a history where it may, and keeps states. Neither shows: the state is that of the whole history
//! folded at once.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::operation::{Operation, Role, Target};
use super::resolver::Resolver;
use super::verified::VerifiedOperation;
use crate::{DeviceId, DocumentId, EntryId, LogId, ShareKey, SpaceId, member_id};

const SPACE: SpaceId = SpaceId::from_bytes([7; 32]);
/// Few enough for every run of the tests (5 s in a debug build); 15,000 were tried once.
const HISTORIES: u64 = 600;

#[test]
fn cutting_a_history_at_what_everybody_knows_changes_nothing() {
    for seed in 0..HISTORIES {
        let mut rng = StdRng::seed_from_u64(seed);
        let steps = 8 + below(&mut rng, 40);
        let operations = history(&mut rng, steps);
        let mut resolver = Resolver::new();
        for operation in &operations {
            resolver.insert(operation.clone()).expect("it belongs here");
            let flat = resolver.flat();
            assert!(*resolver.state() == flat, "seed {seed}, after {} operations", resolver.len());
        }
    }
}

/// A history in which five devices each know a part: their own log, and now and then what another knows.
fn history(rng: &mut StdRng, steps: usize) -> Vec<VerifiedOperation> {
    let founder = device(0);
    let genesis = Operation::Genesis {
        nonce: [0; 16],
        suite: 1,
        plan_document: DocumentId::from_bytes([1; 16]),
        share_key: ShareKey::ZERO,
    };
    let mut operations = vec![operation(rng, founder, 0, &BTreeSet::new(), genesis)];
    let start = operations[0].id;
    let mut knows = [const { BTreeSet::new() }; 5];
    let mut numbers = [1, 0, 0, 0, 0];
    let mut tip = start;
    for guest in 1..5u8 {
        let role = if guest < 4 { Role::Admin } else { Role::Editor };
        let add = add(guest, role);
        operations.push(operation(rng, founder, numbers[0], &BTreeSet::from([tip]), add));
        numbers[0] += 1;
        tip = operations[operations.len() - 1].id;
    }
    for known in &mut knows {
        known.insert(tip);
    }
    for _ in 0..steps {
        let who = below(rng, 5);
        if below(rng, 3) == 0 {
            let other = knows[below(rng, 5)].clone();
            knows[who].extend(other);
        }
        let act = random_operation(rng);
        let by = device(u8::try_from(who).expect("five"));
        let made = operation(rng, by, numbers[who], &knows[who], act);
        numbers[who] += 1;
        for parent in &made.parents {
            knows[who].remove(parent);
        }
        knows[who].insert(made.id);
        operations.push(made);
    }
    operations
}

fn random_operation(rng: &mut StdRng) -> Operation {
    let person = u8::try_from(below(rng, 6)).expect("six");
    let member = member(person);
    let role = *[Role::Reader, Role::Editor, Role::Admin].choose(rng).expect("three");
    match below(rng, 8) {
        0 => Operation::Remove { target: Target::Member(member), accept_up_to: Vec::new() },
        1 => Operation::Remove { target: Target::Device(device(person)), accept_up_to: Vec::new() },
        2 | 3 => Operation::ChangeRole { member, role, accept_up_to: Vec::new() },
        4 => Operation::AddDevice { member, device: device(5), share_key: ShareKey::ZERO },
        5 if below(rng, 4) == 0 => Operation::Leave,
        6 => Operation::AcceptLate { logs: Vec::new() },
        _ => add(5 + u8::try_from(below(rng, 20)).expect("few"), role),
    }
}

fn add(person: u8, role: Role) -> Operation {
    let (member, device) = (member(person), device(person));
    Operation::AddMember { member, role, device, share_key: ShareKey::ZERO, invite: None }
}

fn device(person: u8) -> DeviceId {
    DeviceId::from_bytes([person + 1; 32])
}

fn member(person: u8) -> crate::MemberId {
    member_id(if person == 0 { SpaceId::ZERO } else { SPACE }, device(person))
}

fn operation(
    rng: &mut StdRng,
    by: DeviceId,
    number: u64,
    knows: &BTreeSet<EntryId>,
    operation: Operation,
) -> VerifiedOperation {
    let mut id = [0; 32];
    rng.fill_bytes(&mut id);
    VerifiedOperation {
        id: EntryId::from_bytes(id),
        space: SPACE,
        log: LogId::membership(by),
        number,
        parents: knows.iter().copied().collect(),
        operation,
        cosignatures: Vec::new(),
    }
}

fn below(rng: &mut StdRng, bound: usize) -> usize {
    usize::try_from(rng.next_u32()).expect("fits") % bound
}
