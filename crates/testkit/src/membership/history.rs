//! Random histories: devices that know whatever they know, do whatever they may and may not, and lie about what they
//! knew as far as the chain of their log lets them.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _};
use samverka_log::limits::MEMBERSHIP_HEADS_MAX;
use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, InviteKey,
    LogId, MemberId, Operation, Role, Share, ShareKey, Signature, Signer, SpaceId, Target, UnsignedHeader,
    Wrap, body_hash, member_id,
};

use super::reference::LogFork;
use super::set::Set;
use crate::people::PLAN;

/// Devices there are; the first is the founder's. Some never come in.
const DEVICES: u8 = 9;
/// Operations of a small history, all orders of which can be tried: 720.
const SMALL: usize = 6;
/// Operations of any other.
const LARGE: usize = 28;

/// A history as somebody has it who may lack some of it.
#[derive(Clone, Debug)]
pub struct History {
    /// What there is, in the order in which it was made.
    pub entries: Vec<Entry>,
    /// Proofs of forks of which a branch may be lacking.
    pub proofs: Vec<LogFork>,
}

/// A history in an order in which it may arrive: entries and proofs mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The entry in this place.
    Entry(usize),
    /// The proof in this place.
    Proof(usize),
}

impl History {
    /// A history of up to 28 operations.
    pub fn random(rng: &mut StdRng) -> Self {
        let operations = rng.random_range(SMALL..=LARGE);
        Maker::new(rng).make(operations)
    }

    /// A history of at most 6 operations and proofs.
    pub fn small(rng: &mut StdRng) -> Self {
        let mut history = Maker::new(rng).make(SMALL);
        history.entries.truncate(SMALL);
        history.proofs.truncate(SMALL - history.entries.len());
        history
    }

    /// Everything in the order in which it was made, proofs last.
    pub fn in_order(&self) -> Vec<Arrival> {
        let entries = (0..self.entries.len()).map(Arrival::Entry);
        entries.chain((0..self.proofs.len()).map(Arrival::Proof)).collect()
    }

    /// Everything in a random order.
    pub fn shuffled(&self, rng: &mut StdRng) -> Vec<Arrival> {
        let mut order = self.in_order();
        order.shuffle(rng);
        order
    }

    /// Every order in which it may arrive: of `n` things, `n!`.
    pub fn every_order(&self) -> Vec<Vec<Arrival>> {
        let mut orders = vec![Vec::new()];
        for arrival in self.in_order() {
            let put = |order: Vec<Arrival>| {
                let arrival = arrival.clone();
                (0..=order.len()).map(move |place| {
                    let mut longer = order.clone();
                    longer.insert(place, arrival.clone());
                    longer
                })
            };
            orders = orders.into_iter().flat_map(put).collect();
        }
        orders
    }
}

/// One operation as it was made.
struct Made {
    id: EntryId,
    by: u8,
    number: u64,
    past: Set,
    operation: Operation,
}

struct Maker<'r> {
    rng: &'r mut StdRng,
    space: SpaceId,
    made: Vec<Made>,
    entries: Vec<Entry>,
    /// What each device has heard, and the place of the last of its log.
    devices: BTreeMap<u8, (Set, Option<usize>)>,
}

/// What somebody does.
#[derive(Clone, Copy)]
enum Act {
    Admit,
    AddDevice,
    Role,
    Remove,
    RemoveDevice,
    RemoveOneself,
    Leave,
    Rotate,
    Share,
    Invite,
    Revoke,
    AcceptLate,
    Newer,
}

/// How often each is done, in some hundred.
const ACTS: [(Act, u32); 13] = [
    (Act::Admit, 24),
    (Act::AddDevice, 10),
    (Act::Role, 14),
    (Act::Remove, 14),
    (Act::RemoveDevice, 7),
    (Act::RemoveOneself, 3),
    (Act::Leave, 3),
    (Act::Rotate, 14),
    (Act::Share, 4),
    (Act::Invite, 2),
    (Act::Revoke, 1),
    (Act::AcceptLate, 2),
    (Act::Newer, 1),
];

/// What two do to each other, apart.
const DUELS: [Act; 7] =
    [Act::Remove, Act::Remove, Act::Role, Act::RemoveDevice, Act::AddDevice, Act::Rotate, Act::Admit];

impl<'r> Maker<'r> {
    fn new(rng: &'r mut StdRng) -> Self {
        Self { rng, space: SpaceId::ZERO, made: Vec::new(), entries: Vec::new(), devices: BTreeMap::new() }
    }

    fn make(mut self, operations: usize) -> History {
        let genesis =
            Operation::Genesis { nonce: [1; 16], suite: 1, plan_document: PLAN, share_key: share_key(0, 0) };
        self.sign(0, Set::EMPTY, None, &genesis);
        self.space = self.made[0].id.into();
        let guests = self.rng.random_range(0..=3_u8);
        for guest in 1..=guests {
            let role = if self.chance(75) { Role::Admin } else { self.role() };
            let admission = self.admission(guest, role);
            let (knows, last) = self.devices[&0];
            self.sign(0, knows, last, &admission);
        }
        let start: Set = (0..self.made.len()).collect();
        for guest in 1..=guests {
            self.devices.insert(guest, (start, None));
        }
        // What is done in vain is not counted, so that a bound keeps the loop finite.
        for _ in 0..4 * operations {
            if self.made.len() >= operations {
                break;
            }
            if self.chance(20) { self.duel() } else { self.step() }
        }
        self.finish()
    }

    /// Somebody does something.
    fn step(&mut self) {
        let by = self.actor();
        let (knows, last) = self.knowledge(by);
        let act = self.act();
        let operation = self.operation(by, knows, act, None);
        if self.chance(5) {
            self.fork(by, &operation);
        } else {
            self.sign(by, knows, last, &operation);
        }
    }

    /// Two who have heard the same do something to each other, and neither hears of the other's.
    fn duel(&mut self) {
        let (one, other) = (self.actor(), self.actor());
        let ((mine, my_last), (theirs, their_last)) = (self.knowledge(one), self.knowledge(other));
        let both = mine.or(theirs);
        for (by, last, at) in [(one, my_last, other), (other, their_last, one)] {
            let act = DUELS[self.rng.random_range(0..DUELS.len())];
            let operation = self.operation(by, both, act, Some(at));
            self.sign(by, both, last, &operation);
        }
    }

    /// A copy of a device, as it was before one of its operations, does something else.
    fn fork(&mut self, by: u8, operation: &Operation) {
        let own: Vec<usize> = (0..self.made.len()).filter(|place| self.made[*place].by == by).collect();
        let Some(at) = self.one_of(&own) else { return };
        let past = self.made[at].past.with(0);
        let last = own
            .iter()
            .copied()
            .filter(|place| *place != at && past.has(*place))
            .max_by_key(|place| self.made[*place].number);
        let before = self.devices.get(&by).copied();
        self.sign(by, past, last, operation);
        // Which of the two goes on is left to chance.
        if let Some(before) = before.filter(|_| self.chance(50)) {
            self.devices.insert(by, before);
        }
    }

    fn actor(&mut self) -> u8 {
        let let_in: Vec<u8> = self.made.iter().filter_map(lets_in).map(|(_, device)| device).collect();
        if self.chance(5) {
            return self.rng.random_range(0..DEVICES);
        }
        self.one_of(&let_in).unwrap_or(0)
    }

    /// What a device knows, or says that it knows, when it does the next of its log.
    fn knowledge(&mut self, by: u8) -> (Set, Option<usize>) {
        let (heard, last) = self.devices.get(&by).copied().unwrap_or_default();
        let least = Set::one(0).or(last.map_or(Set::EMPTY, |last| self.made[last].past.with(last)));
        let admissions: Vec<usize> = (0..self.made.len())
            .filter(|place| lets_in(&self.made[*place]).is_some_and(|(_, device)| device == by))
            .collect();
        let admission = self.one_of(&admissions);
        let entitled = least.or(admission.map_or(Set::EMPTY, |place| self.made[place].past.with(place)));
        let others: Vec<Set> = self.devices.values().map(|(knows, _)| *knows).collect();
        let knows = match self.rng.random_range(0..100) {
            // Backdated: as little as the chain of its log allows.
            0..18 => entitled,
            18..20 => least,
            20..60 => entitled.or(heard),
            60..95 => entitled.or(heard).or(self.one_of(&others).unwrap_or_default()),
            _ => (0..self.made.len()).collect(),
        };
        (knows, last)
    }

    fn act(&mut self) -> Act {
        let all: u32 = ACTS.iter().map(|(_, weight)| weight).sum();
        let mut choice = self.rng.random_range(0..all);
        for (act, weight) in ACTS {
            if choice < weight {
                return act;
            }
            choice -= weight;
        }
        Act::Remove
    }

    /// What somebody does who knows so much, perhaps to somebody.
    fn operation(&mut self, by: u8, knows: Set, act: Act, at: Option<u8>) -> Operation {
        let let_in: Vec<(MemberId, u8)> =
            knows.iter().filter_map(|place| lets_in(&self.made[place])).collect();
        let own =
            let_in.iter().find(|(_, device)| *device == by).map_or(MemberId::ZERO, |(member, _)| *member);
        let aimed = at.and_then(|at| let_in.iter().find(|(_, device)| *device == at)).copied();
        let (person, device_of) = aimed.or_else(|| self.one_of(&let_in)).unwrap_or((own, by));
        let accept_up_to = Vec::new();
        match act {
            Act::Admit => {
                let (guest, role) = (self.newcomer(&let_in), self.role());
                self.admission(guest, role)
            }
            Act::AddDevice => {
                let added = self.newcomer(&let_in);
                let member = if self.chance(60) { own } else { person };
                Operation::AddDevice { member, device: device(added), share_key: self.any_share_key(added) }
            }
            Act::Role => Operation::ChangeRole { member: person, role: self.role(), accept_up_to },
            Act::Remove => Operation::Remove { target: Target::Member(person), accept_up_to },
            Act::RemoveDevice => {
                Operation::Remove { target: Target::Device(device(device_of)), accept_up_to }
            }
            Act::RemoveOneself => Operation::Remove { target: Target::Member(own), accept_up_to },
            Act::Leave => Operation::Leave,
            Act::Rotate => self.rotation(by, knows, &let_in),
            Act::Share => self.hand_on(knows, &let_in),
            Act::Invite => Operation::Invite {
                key: InviteKey::from_bytes([by; 32]),
                role: self.role(),
                expires_at_ms: 1,
                uses: 1,
            },
            Act::Revoke => Operation::RevokeInvite { invite: self.invitation().unwrap_or(EntryId::ZERO) },
            Act::AcceptLate => Operation::AcceptLate { logs: Vec::new() },
            Act::Newer => Operation::Unknown { tag: 200, payload: vec![by] },
        }
    }

    /// Mostly somebody new, now and then one whom somebody else lets in, or let in, too.
    fn newcomer(&mut self, let_in: &[(MemberId, u8)]) -> u8 {
        let new: Vec<u8> =
            (0..DEVICES).filter(|new| let_in.iter().all(|(_, device)| device != new)).collect();
        if self.chance(8) { self.rng.random_range(0..DEVICES) } else { self.one_of(&new).unwrap_or(0) }
    }

    fn admission(&mut self, guest: u8, role: Role) -> Operation {
        let of = if self.chance(3) { 0 } else { guest };
        let invite = if self.chance(30) { self.invitation() } else { None };
        let member = member_id(self.space, device(of));
        Operation::AddMember {
            member,
            role,
            device: device(guest),
            share_key: self.any_share_key(guest),
            invite,
        }
    }

    fn invitation(&mut self) -> Option<EntryId> {
        let invites = |made: &&Made| matches!(made.operation, Operation::Invite { .. });
        let ids: Vec<EntryId> = self.made.iter().filter(invites).map(|made| made.id).collect();
        self.one_of(&ids)
    }

    fn rotation(&mut self, by: u8, knows: Set, let_in: &[(MemberId, u8)]) -> Operation {
        let shares = self.shares(let_in);
        let mut wraps: Vec<EpochId> = self.epochs(knows).collect();
        wraps.retain(|_| self.chance(70));
        let wrap = |epoch| Wrap { epoch, nonce: [0; 24], ciphertext: [0; 48] };
        Operation::Epoch {
            suite: 1,
            commitment: [by; 32],
            shares,
            wraps: wraps.into_iter().map(wrap).collect(),
        }
    }

    fn hand_on(&mut self, knows: Set, let_in: &[(MemberId, u8)]) -> Operation {
        let known: Vec<EpochId> = self.epochs(knows).collect();
        let any: Vec<EpochId> = self.epochs((0..self.made.len()).collect()).collect();
        let epoch = if self.chance(90) { self.one_of(&known) } else { self.one_of(&any) };
        Operation::KeyShare { epoch: epoch.unwrap_or(EpochId::ZERO), shares: self.shares(let_in) }
    }

    fn epochs(&self, of: Set) -> impl Iterator<Item = EpochId> + use<> {
        let begins = |place: &usize| matches!(self.made[*place].operation, Operation::Epoch { .. });
        let ids: Vec<EpochId> = of.iter().filter(begins).map(|place| self.made[place].id.into()).collect();
        ids.into_iter()
    }

    /// A key for most of those who were let in, or now and then for anybody.
    fn shares(&mut self, let_in: &[(MemberId, u8)]) -> Vec<Share> {
        let mut to: BTreeSet<u8> = let_in.iter().map(|(_, device)| *device).collect();
        to.retain(|_| self.chance(60));
        if self.chance(5) {
            to.insert(self.rng.random_range(0..DEVICES));
        }
        let share = |to: u8| Share { device: device(to), encapsulated: [0; 32], ciphertext: [0; 48] };
        to.into_iter().map(share).collect()
    }

    fn role(&mut self) -> Role {
        [
            Role::Relay,
            Role::Reader,
            Role::Editor,
            Role::Editor,
            Role::Admin,
            Role::Admin,
            Role::Admin,
            Role::Admin,
        ][self.rng.random_range(0..8)]
    }

    fn any_share_key(&mut self, of: u8) -> ShareKey {
        share_key(of, self.rng.random_range(0..2))
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { of.get(self.rng.random_range(0..of.len())).copied() }
    }

    /// Signs an operation and lets its author know of it.
    fn sign(&mut self, by: u8, knows: Set, last: Option<usize>, operation: &Operation) {
        let newest = |place: &usize| knows.iter().all(|other| !self.made[other].past.has(*place));
        let mut heads: Vec<usize> = knows.iter().filter(newest).collect();
        heads.truncate(MEMBERSHIP_HEADS_MAX);
        let past = heads
            .iter()
            .copied()
            .chain(last)
            .fold(Set::EMPTY, |past, head| past.or(self.made[head].past.with(head)));
        let number = last.map_or(0, |last| self.made[last].number + 1);
        let mut membership_heads: Vec<EntryId> = heads.iter().map(|head| self.made[*head].id).collect();
        membership_heads.sort();
        let body = operation.encode().expect("operations here are short");
        let fields = HeaderFields {
            kind: EntryKind::Membership,
            space: self.space,
            log: LogId::membership(device(by)),
            number,
            previous: last.map_or(EntryId::ZERO, |last| self.made[last].id),
            document: DocumentId::ZERO,
            after: Vec::new(),
            epoch: EpochId::ZERO,
            membership_heads,
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(&body),
            body_length: u32::try_from(body.len()).expect("operations here are short"),
            extensions: Vec::new(),
        };
        let header = UnsignedHeader::new(fields).expect("the fields are sound").sign(&Unsigned(device(by)));
        let entry = Entry { header, body: Some(body) };
        if self.made.iter().any(|made| made.id == entry.id()) {
            return;
        }
        let place = self.made.len();
        self.made.push(Made { id: entry.id(), by, number, past, operation: operation.clone() });
        self.entries.push(entry);
        self.devices.insert(by, (knows.or(past).with(place), Some(place)));
    }

    /// Now and then withholds a part: an entry with all that builds on it waits, and of a fork just the proof is here.
    fn finish(mut self) -> History {
        let mut proofs = Vec::new();
        let mut withheld = Set::EMPTY;
        for place in 0..self.made.len() {
            let made = &self.made[place];
            let twin =
                |other: &Made| other.by == made.by && other.number == made.number && other.id != made.id;
            if self.made.iter().any(twin) {
                let fork = (LogId::membership(device(made.by)), made.number);
                if self.chance(20) {
                    withheld = withheld.with(place);
                    proofs.push(fork);
                }
            }
        }
        if self.chance(10) {
            withheld = withheld.with(self.rng.random_range(0..self.made.len()));
        }
        if self.chance(2) {
            let by = self.actor();
            proofs.push((LogId::membership(device(by)), u64::from(self.rng.next_u32() % 3)));
        }
        // Without its beginning there is no history.
        let here = |place: &usize| *place == 0 || !withheld.has(*place);
        let entries = core::mem::take(&mut self.entries).into_iter().enumerate();
        History {
            entries: entries.filter(|(place, _)| here(place)).map(|(_, entry)| entry).collect(),
            proofs,
        }
    }
}

/// The entries are taken as from one's own store, so nobody asks for the signature.
struct Unsigned(DeviceId);

impl Signer for Unsigned {
    fn device(&self) -> DeviceId {
        self.0
    }

    fn sign(&self, _: &[u8]) -> Signature {
        Signature::ZERO
    }
}

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number + 1; 32])
}

fn share_key(of: u8, which: u8) -> ShareKey {
    let mut bytes = [of; 32];
    bytes[0] = which;
    ShareKey::from_bytes(bytes)
}

/// The person and the device that an operation lets in.
fn lets_in(made: &Made) -> Option<(MemberId, u8)> {
    let number = |let_in: DeviceId| (0..DEVICES).find(|number| device(*number) == let_in);
    match &made.operation {
        Operation::Genesis { .. } => Some((member_id(SpaceId::ZERO, device(made.by)), made.by)),
        Operation::AddMember { member, device, .. } | Operation::AddDevice { member, device, .. } => {
            Some((*member, number(*device)?))
        }
        _ => None,
    }
}
