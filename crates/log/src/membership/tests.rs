//! The resolver carries states and verdicts on, keeps lists and forgets. None of that shows: the state is that of the
//! whole history, decided and folded at once in order.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::operation::{Operation, Role, Target};
use super::resolver::Resolver;
use super::state::Membership;
use super::verified::{ResolverError, VerifiedOperation};
use crate::{DeviceId, DocumentId, EntryId, LogId, ShareKey, SpaceId, member_id};

const SPACE: SpaceId = SpaceId::from_bytes([7; 32]);
/// Few enough for every run of the tests (2 s in a debug build).
const HISTORIES: u64 = 600;

#[test]
fn carrying_a_state_on_comes_to_the_same_as_folding_all_of_it() {
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

#[test]
fn the_newest_of_many_roles_are_found_as_those_of_few() {
    let mut rng = StdRng::seed_from_u64(1);
    let genesis = Operation::Genesis {
        nonce: [0; 16],
        suite: 1,
        plan_document: DocumentId::from_bytes([1; 16]),
        share_key: ShareKey::ZERO,
    };
    let mut resolver = Resolver::new();
    let mut founder = Chain::new(device(0));
    let mut made = vec![founder.next(&mut rng, None, genesis)];
    for person in 1..4 {
        made.push(founder.next(&mut rng, None, add(person, Role::Admin)));
    }
    let mut chains = [Chain::new(device(1)), Chain::new(device(2))];
    let mut heard = [founder.last; 2];
    for step in 0..200 {
        let side = step % 2;
        let role = if below(&mut rng, 2) == 0 { Role::Editor } else { Role::Reader };
        let act = Operation::ChangeRole { member: member(3), role, accept_up_to: Vec::new() };
        let before = chains[side].last;
        made.push(chains[side].next(&mut rng, heard[side], act));
        heard[1 - side] = before.or(founder.last);
    }
    for operation in made {
        let id = operation.id;
        resolver.insert(operation).expect("it belongs here");
        let known: Vec<&VerifiedOperation> =
            resolver.operations().filter(|known| resolver.includes(&[id], &known.id)).collect();
        let gives = |known: &&&VerifiedOperation| match known.operation() {
            Operation::AddMember { member: person, .. } | Operation::ChangeRole { member: person, .. } => {
                *person == member(3)
            }
            _ => false,
        };
        let roles: Vec<EntryId> = known.iter().filter(gives).map(|known| known.id).collect();
        let newer =
            |one: &EntryId| roles.iter().any(|other| one != other && resolver.includes(&[*other], one));
        let mut newest: Vec<EntryId> = roles.iter().filter(|one| !newer(one)).copied().collect();
        newest.sort();
        let mut granted = resolver.role_at(&[id], &device(3)).map(|(_, by)| by).unwrap_or_default();
        granted.sort();
        assert_eq!(granted, newest);
    }
}

#[test]
fn what_does_not_count_has_no_say_and_can_be_forgotten() {
    let mut forgotten = 0;
    for seed in 0..HISTORIES / 3 {
        let mut rng = StdRng::seed_from_u64(seed);
        let steps = 8 + below(&mut rng, 40);
        let operations = history(&mut rng, steps);
        let mut whole = Resolver::new();
        let mut sparse = Resolver::new();
        for operation in &operations {
            whole.insert(operation.clone()).expect("it belongs here");
            sparse.insert(operation.clone()).expect("it belongs here");
        }
        // Some now, some later, so that what was forgotten first knew some of what is forgotten then.
        let void = sparse.void();
        sparse.forget(&void.iter().skip(below(&mut rng, void.len() + 1)).copied().collect());
        assert!(counting(&sparse) == counting(&whole), "seed {seed}");
        sparse.forget(&sparse.void().into_iter().collect());
        assert!(counting(&sparse) == counting(&whole), "seed {seed}");
        forgotten += whole.len() - sparse.len();
        assert!(operations.iter().all(|operation| sparse.knows(&operation.id)));
        // What comes afterwards is understood, whether it builds on what was forgotten or not.
        for number in 0..10 {
            let by = device(u8::try_from(below(&mut rng, 5)).expect("five"));
            let (act, heads) = (random_operation(&mut rng), whole.heads.iter().copied().collect());
            let made = operation(&mut rng, by, 900 + number, &heads, act);
            assert!(whole.insert(made.clone()).is_ok() && sparse.insert(made).is_ok());
            assert!(counting(&sparse) == counting(&whole), "seed {seed}, later operation {number}");
        }
        for earlier in &operations {
            assert!(sparse.includes(&sparse.heads(&device(0)), &earlier.id));
        }
    }
    assert!(forgotten > 500, "{forgotten} operations were void");
}

#[test]
fn operations_of_a_removed_device_and_of_its_puppets_take_no_room_from_others() {
    let mut rng = StdRng::seed_from_u64(1);
    let (founder, removed) = (device(0), device(1));
    let mut resolver = Resolver::new();
    let genesis = Operation::Genesis {
        nonce: [0; 16],
        suite: 1,
        plan_document: DocumentId::from_bytes([1; 16]),
        share_key: ShareKey::ZERO,
    };
    let mut honest = Chain::new(founder);
    resolver.insert(honest.next(&mut rng, None, genesis)).expect("it belongs here");
    resolver.insert(honest.next(&mut rng, None, add(1, Role::Admin))).expect("it belongs here");
    let known = honest.last;
    let remove = Operation::Remove { target: Target::Member(member(1)), accept_up_to: Vec::new() };
    resolver.insert(honest.next(&mut rng, None, remove)).expect("it belongs here");
    // Ten puppets, each of which does a thousand things, all of it as if nobody had heard of the removal.
    let mut flood = Chain::new(removed);
    let mut refused = 0;
    for puppet in 10..20u8 {
        let admission = flood.next(&mut rng, known, add(puppet, Role::Admin));
        let mut own = Chain::new(device(puppet));
        own.last = Some(admission.id);
        resolver.insert(admission).expect("there is room");
        for _ in 0..1_001 {
            let made = own.next(&mut rng, None, Operation::AcceptLate { logs: Vec::new() });
            refused += usize::from(resolver.insert(made) == Err(ResolverError::LogFull));
        }
    }
    assert_eq!(refused, 10, "each did one thing more than a device may");
    assert!(resolver.len() <= 5_003, "{} are kept", resolver.len());
    // Whoever counts goes on, builds on what has been forgotten too, and fills what there is for whoever counts.
    let mut counted = 2;
    for guest in 0..250u8 {
        let operation = honest.next(&mut rng, flood.last, add(20 + guest % 200, Role::Editor));
        counted += usize::from(guest < 200);
        resolver.insert(operation).expect("there is room");
    }
    assert_eq!(resolver.state().members().count(), counted);
    assert_eq!(resolver.waiting(), 0);
}

#[test]
fn as_many_operations_count_as_may_and_no_more() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut resolver = Resolver::new();
    let genesis = Operation::Genesis {
        nonce: [0; 16],
        suite: 1,
        plan_document: DocumentId::from_bytes([1; 16]),
        share_key: ShareKey::ZERO,
    };
    let mut honest = Chain::new(device(0));
    resolver.insert(honest.next(&mut rng, None, genesis)).expect("it belongs here");
    for person in 1..11u8 {
        resolver.insert(honest.next(&mut rng, None, add(person, Role::Admin))).expect("there is room");
    }
    let mut last = honest.last;
    let mut results = Vec::new();
    for person in 1..11u8 {
        let mut own = Chain::new(device(person));
        for _ in 0..1_000 {
            let made = own.next(&mut rng, last, Operation::AcceptLate { logs: Vec::new() });
            last = Some(made.id);
            results.push(resolver.insert(made));
        }
    }
    assert_eq!(resolver.len(), 10_000);
    assert_eq!(results.iter().filter(|result| **result == Ok(true)).count(), 10_000 - 11);
    assert_eq!(results[10_000 - 11], Err(ResolverError::Full));
}

/// A device that does one thing after the other.
struct Chain {
    device: DeviceId,
    number: u64,
    last: Option<EntryId>,
}

impl Chain {
    fn new(device: DeviceId) -> Self {
        Self { device, number: 0, last: None }
    }

    fn next(&mut self, rng: &mut StdRng, knows: Option<EntryId>, act: Operation) -> VerifiedOperation {
        let parents = self.last.into_iter().chain(knows).collect();
        let made = operation(rng, self.device, self.number, &parents, act);
        self.number += 1;
        self.last = Some(made.id);
        made
    }
}

/// The state without what does not count.
fn counting(resolver: &Resolver) -> Membership {
    let mut state = Membership::clone(&resolver.state());
    state.void.clear();
    state
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
