//! Random histories against the model: whatever people do, knowing whatever they know, the resolver comes to what the
//! rules say.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, LogId,
    MemberId, Membership, Operation, Resolver, Role, ShareKey, Signature, Signer, SpaceId, Target,
    UnsignedHeader, VerifiedOperation, body_hash, member_id,
};

use crate::model::{Model, Op, Person, Set};
use crate::people::PLAN;

/// Devices there are; the first is the founder's.
const DEVICES: u8 = 12;
/// Who is in from the start, beside the founder, so that little is in vain.
const START: [(u8, Role); 4] = [(1, Role::Admin), (2, Role::Admin), (3, Role::Admin), (4, Role::Editor)];

/// Something that a device does, knowing something. Numbers choose among what there is, as far as the device knows.
#[derive(Clone, Debug)]
struct Step {
    by: u8,
    /// Whose knowledge it learns before.
    hears: Option<u8>,
    /// Whether it has not been let in by anybody.
    stranger: bool,
    /// Whether, doing its first, it names just what let it in: backdating, as far as the chain of its log allows.
    knows_little: bool,
    /// Whether it does so in the place of its last: a fork.
    forks: bool,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    AddMember(u8, Role, u8),
    AddDevice(u8, u8, u8),
    ChangeRole(u8, Role),
    Remove(u8),
    RemoveDevice(u8),
    RemoveOneself,
    Leave,
    Epoch,
    AcceptLate,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any_one = any::<u8>;
    let role = || prop_oneof![1 => Just(Role::Reader), 2 => Just(Role::Editor), 5 => Just(Role::Admin)];
    let act = prop_oneof![
        8 => (any_one(), role(), 0..3u8).prop_map(|(device, role, key)| Act::AddMember(device, role, key)),
        4 => (any_one(), any_one(), 0..3u8).prop_map(|(of, device, key)| Act::AddDevice(of, device, key)),
        4 => (any_one(), role()).prop_map(|(of, role)| Act::ChangeRole(of, role)),
        5 => any_one().prop_map(Act::Remove),
        2 => any_one().prop_map(Act::RemoveDevice),
        1 => Just(Act::RemoveOneself),
        1 => Just(Act::Leave),
        2 => Just(Act::Epoch),
        2 => Just(Act::AcceptLate),
    ];
    let sometimes = proptest::bool::weighted;
    let step = (
        any_one(),
        proptest::option::weighted(0.4, any_one()),
        (sometimes(0.03), sometimes(0.5), sometimes(0.03)),
        act,
    );
    let step = step.prop_map(|(by, hears, (stranger, knows_little, forks), act)| Step {
        by,
        hears,
        stranger,
        knows_little,
        forks,
        act,
    });
    vec(step, 0..36)
}

/// A history as it is made.
struct History {
    space: SpaceId,
    ops: Vec<Op>,
    signed: Vec<VerifiedOperation>,
    /// Of each device: what it knows and which its last operation is.
    knows: BTreeMap<u8, (Set, Option<usize>)>,
}

/// Signs nothing: these entries come from the own store, so to speak.
struct Unsigned(DeviceId);

impl Signer for Unsigned {
    fn device(&self) -> DeviceId {
        self.0
    }

    fn sign(&self, _: &[u8]) -> Signature {
        Signature::ZERO
    }
}

impl History {
    fn new(steps: &[Step]) -> Self {
        let mut history =
            Self { space: SpaceId::ZERO, ops: Vec::new(), signed: Vec::new(), knows: BTreeMap::new() };
        let genesis =
            Operation::Genesis { nonce: [9; 16], suite: 1, plan_document: PLAN, share_key: ShareKey::ZERO };
        history.act(0, 0, None, genesis);
        history.space = history.ops[0].id.into();
        for (guest, role) in START {
            let add = history.add_member(guest, role, 0);
            let (knows, last) = history.knows[&0];
            history.act(0, knows, last, add);
        }
        let start = (1 << history.ops.len()) - 1;
        for (guest, _) in START {
            history.knows.insert(guest, (start, None));
        }
        for step in steps {
            history.step(step);
        }
        history
    }

    fn step(&mut self, step: &Step) {
        let by = self.actor(step);
        let (mut knows, mut last) = self.knows.get(&by).copied().unwrap_or_default();
        let admission = self.ops.iter().position(|op| admits(op).is_some_and(|(_, let_in)| let_in == by));
        if let Some(admission) = admission.filter(|_| last.is_none()) {
            let little = self.ops[admission].past | 1 << admission;
            knows = if step.knows_little { little } else { knows | little };
        }
        if let Some((theirs, _)) = step.hears.and_then(|other| self.knows.get(&(other % DEVICES))) {
            knows |= theirs;
        }
        // Whoever has heard nothing knows how the space began, as anybody may.
        knows |= 1;
        let operation = self.operation(by, knows, &step.act);
        if let Some(at) = last.filter(|_| step.forks) {
            // A copy of the device, as it was before its last.
            knows = self.ops[at].past;
            let own = |index: &usize| knows & 1 << index != 0 && self.ops[*index].author == device(by);
            last = (0..self.ops.len()).filter(own).max_by_key(|index| self.ops[*index].number);
        }
        self.act(by, knows, last, operation);
    }

    fn actor(&self, step: &Step) -> u8 {
        let let_in: BTreeSet<u8> = self.ops.iter().filter_map(admits).map(|(_, device)| device).collect();
        let strange = |device: &u8| let_in.contains(device) != step.stranger;
        pick((0..DEVICES).filter(strange), step.by).unwrap_or(0)
    }

    fn add_member(&self, of: u8, role: Role, key: u8) -> Operation {
        let (device, share_key) = (device(of), ShareKey::from_bytes([key; 32]));
        Operation::AddMember { member: member_id(self.space, device), role, device, share_key, invite: None }
    }

    /// What somebody does who knows so much.
    fn operation(&self, by: u8, knows: Set, act: &Act) -> Operation {
        let known =
            || (0..self.ops.len()).filter(|index| knows & 1 << index != 0).map(|index| &self.ops[index]);
        let admitted: Vec<(MemberId, u8)> = known().filter_map(admits).collect();
        let people: BTreeSet<MemberId> = admitted.iter().map(|(member, _)| *member).collect();
        let person = |choice: u8| pick(people.iter().copied(), choice).unwrap_or(MemberId::ZERO);
        let own = admitted.iter().find(|(_, device)| *device == by).map_or(person(by), |(member, _)| *member);
        let new = |choice: u8| {
            let new = (0..DEVICES).filter(|new| admitted.iter().all(|(_, device)| device != new));
            pick(new, choice).unwrap_or(choice % DEVICES)
        };
        let accept_up_to = Vec::new();
        match act {
            Act::AddMember(of, role, key) => self.add_member(new(*of), *role, *key),
            Act::AddDevice(of, added, key) => {
                let member = if of % 3 == 0 { person(*of) } else { own };
                let share_key = ShareKey::from_bytes([*key; 32]);
                Operation::AddDevice { member, device: device(new(*added)), share_key }
            }
            Act::ChangeRole(of, role) => {
                Operation::ChangeRole { member: person(*of), role: *role, accept_up_to }
            }
            Act::Remove(of) => Operation::Remove { target: Target::Member(person(*of)), accept_up_to },
            Act::RemoveDevice(of) => {
                let removed = pick(admitted.iter().map(|(_, device)| *device), *of).unwrap_or(0);
                Operation::Remove { target: Target::Device(device(removed)), accept_up_to }
            }
            Act::RemoveOneself => Operation::Remove { target: Target::Member(own), accept_up_to },
            Act::Leave => Operation::Leave,
            Act::Epoch => {
                Operation::Epoch { suite: 1, commitment: [5; 32], shares: Vec::new(), wraps: Vec::new() }
            }
            Act::AcceptLate => Operation::AcceptLate { logs: Vec::new() },
        }
    }

    fn act(&mut self, by: u8, knows: Set, last: Option<usize>, operation: Operation) {
        let past = knows | last.map_or(0, |last| self.ops[last].past | 1 << last);
        let known = || (0..self.ops.len()).filter(|index| past & 1 << index != 0);
        let newest = |index: &usize| known().all(|other| self.ops[other].past & 1 << index == 0);
        let mut membership_heads: Vec<EntryId> =
            known().filter(newest).map(|index| self.ops[index].id).collect();
        membership_heads.sort();
        let number = last.map_or(0, |last| self.ops[last].number + 1);
        let body = operation.encode().expect("short");
        let fields = HeaderFields {
            kind: EntryKind::Membership,
            space: self.space,
            log: LogId::membership(device(by)),
            number,
            previous: last.map_or(EntryId::ZERO, |last| self.ops[last].id),
            document: DocumentId::ZERO,
            after: Vec::new(),
            epoch: EpochId::ZERO,
            membership_heads,
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(&body),
            body_length: u32::try_from(body.len()).expect("short"),
            extensions: Vec::new(),
        };
        let header = UnsignedHeader::new(fields).expect("sound").sign(&Unsigned(device(by)));
        let entry = Entry { header, body: Some(body) };
        if self.ops.iter().any(|op| op.id == entry.id()) {
            return;
        }
        let depth = known().map(|index| self.ops[index].depth + 1).max().unwrap_or(0);
        let index = self.ops.len();
        self.signed.push(VerifiedOperation::trust(&entry).expect("sound"));
        self.ops.push(Op { id: entry.id(), author: device(by), number, depth, past, operation });
        self.knows.insert(by, (past | 1 << index, Some(index)));
    }
}

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number + 1; 32])
}

/// The person and the device that an operation lets in.
fn admits(op: &Op) -> Option<(MemberId, u8)> {
    let number = |let_in: &DeviceId| (0..DEVICES).find(|number| device(*number) == *let_in);
    match &op.operation {
        Operation::Genesis { .. } => Some((member_id(SpaceId::ZERO, op.author), number(&op.author)?)),
        Operation::AddMember { member, device, .. } | Operation::AddDevice { member, device, .. } => {
            Some((*member, number(device)?))
        }
        _ => None,
    }
}

fn pick<T>(from: impl Iterator<Item = T>, choice: u8) -> Option<T> {
    let all: Vec<T> = from.collect();
    let at = usize::from(choice).checked_rem(all.len())?;
    all.into_iter().nth(at)
}

fn people(state: &Membership) -> BTreeMap<MemberId, Person> {
    let person = |member: &samverka_log::Member| {
        let devices = member.devices.values();
        let devices = devices.map(|own| (own.device, (own.share_key, own.added_by, own.removed_by)));
        Person {
            role: member.role,
            removed_by: member.removed_by,
            added_by: member.added_by,
            devices: devices.collect(),
        }
    };
    state.members().map(|member| (member.id, person(member))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_resolver_comes_to_what_the_rules_say(steps in steps(), seed in any::<u64>()) {
        let history = History::new(&steps);
        let model = Model::new(history.space, history.ops);
        let (expected_void, expected) = (model.void_ids(), model.people());
        let mut rng = StdRng::seed_from_u64(seed);
        for shuffled in [false, true] {
            let mut operations = history.signed.clone();
            if shuffled {
                operations.shuffle(&mut rng);
            }
            let mut resolver = Resolver::new();
            for operation in operations {
                resolver.insert(operation).expect("there is room");
                if shuffled {
                    resolver.state();
                }
            }
            let state = resolver.state();
            let void: BTreeSet<EntryId> = state.void().map(|(id, _)| *id).collect();
            prop_assert_eq!(&void, &expected_void, "{}", model.told(&state));
            prop_assert_eq!(&people(&state), &expected, "{}", model.told(&state));
        }
    }
}
