//! People with fixed keys, who sign membership entries and hand them to resolvers in any order.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use samverka_log::{
    BodyHash, ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields,
    LogHead, LogId, MemberId, Membership, Operation, Resolver, Role, Share, ShareKey, SignedHeader, Signer,
    SlotId, SpaceId, Target, UnsignedHeader, VerifiedOperation, VoidReason, body_hash, member_id,
};

/// The plan's document in these tests.
pub(crate) const PLAN: DocumentId = DocumentId::from_bytes([0xd0; 16]);

/// A device with its key.
#[derive(Clone)]
pub(crate) struct Key(SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn share_key(&self) -> ShareKey {
        ShareKey::from_bytes(*self.device().as_bytes())
    }
}

impl Signer for Key {
    fn device(&self) -> DeviceId {
        DeviceId::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> samverka_log::Signature {
        samverka_log::Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

/// A space as somebody sees it who sees every entry; people act in it knowing as much as the test says.
pub(crate) struct Space {
    pub(crate) id: SpaceId,
    pub(crate) founder: Key,
    pub(crate) operations: Vec<VerifiedOperation>,
    pub(crate) genesis: EntryId,
    chains: BTreeMap<DeviceId, LogHead>,
}

impl Space {
    /// A space that the device with key 1 begins.
    pub(crate) fn new() -> Self {
        let founder = Key::new(1);
        let operation = Operation::Genesis {
            nonce: [9; 16],
            suite: 1,
            plan_document: PLAN,
            share_key: founder.share_key(),
        };
        let entry = membership_entry(&founder, SpaceId::ZERO, LogHead::EMPTY, &[], &operation);
        let verified = VerifiedOperation::verify(&entry).expect("the genesis is sound");
        let chains = BTreeMap::from([(founder.device(), LogHead { next: 1, head: entry.id() })]);
        let id = entry.header.space();
        Self { id, founder, operations: vec![verified], genesis: entry.id(), chains }
    }

    /// `by` does something, knowing `knows` and all of its own log.
    pub(crate) fn act(&mut self, by: &Key, knows: &[EntryId], operation: &Operation) -> EntryId {
        let at = self.chains.get(&by.device()).copied().unwrap_or(LogHead::EMPTY);
        let entry = membership_entry(by, self.id, at, knows, operation);
        self.chains.insert(by.device(), LogHead { next: at.next + 1, head: entry.id() });
        self.operations.push(VerifiedOperation::verify(&entry).expect("the entry is sound"));
        entry.id()
    }

    /// `by` copies its log as it was at `at` and goes on from there.
    pub(crate) fn act_from(
        &mut self,
        by: &Key,
        at: LogHead,
        knows: &[EntryId],
        operation: &Operation,
    ) -> EntryId {
        let entry = membership_entry(by, self.id, at, knows, operation);
        self.operations.push(VerifiedOperation::verify(&entry).expect("the entry is sound"));
        entry.id()
    }

    /// Where a device's membership log stands.
    pub(crate) fn chain(&self, by: &Key) -> LogHead {
        self.chains.get(&by.device()).copied().unwrap_or(LogHead::EMPTY)
    }

    /// The id of the member with this first device.
    pub(crate) fn member(&self, key: &Key) -> MemberId {
        let space = if key.device() == self.founder.device() { SpaceId::ZERO } else { self.id };
        member_id(space, key.device())
    }

    /// An operation that lets somebody in.
    pub(crate) fn add(&self, key: &Key, role: Role) -> Operation {
        let (device, share_key) = (key.device(), key.share_key());
        Operation::AddMember { member: self.member(key), role, device, share_key, invite: None }
    }

    /// An operation that adds another device to the member whose first device is `key`.
    pub(crate) fn add_device(&self, key: &Key, device: &Key) -> Operation {
        let member = self.member(key);
        Operation::AddDevice { member, device: device.device(), share_key: device.share_key() }
    }

    /// An operation that removes a person.
    pub(crate) fn remove(&self, key: &Key) -> Operation {
        Operation::Remove { target: Target::Member(self.member(key)), accept_up_to: Vec::new() }
    }

    /// An operation that changes a person's role.
    pub(crate) fn role(&self, key: &Key, role: Role) -> Operation {
        Operation::ChangeRole { member: self.member(key), role, accept_up_to: Vec::new() }
    }

    /// A resolver with everything, in the order in which it was made.
    pub(crate) fn resolver(&self) -> Resolver {
        resolver(self.operations.iter())
    }

    /// The state of everything, after it was found the same in many orders of arrival.
    pub(crate) fn state(&self) -> Membership {
        let expected = self.resolver().state();
        for order in orders(self.operations.len()) {
            let operations = order.iter().filter_map(|index| self.operations.get(*index));
            let other = resolver(operations);
            assert_eq!(other.waiting(), 0, "in order {order:?} something still waits");
            assert_eq!(other.state(), expected, "order {order:?} comes to something else");
        }
        Membership::clone(&expected)
    }
}

fn resolver<'a>(operations: impl Iterator<Item = &'a VerifiedOperation>) -> Resolver {
    let mut resolver = Resolver::new();
    for operation in operations {
        resolver.insert(operation.clone()).expect("the operation belongs here");
    }
    resolver
}

/// Every order of up to six things; of more, a hundred random ones.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let first: Vec<usize> = (0..count).collect();
    if count <= 6 {
        let mut all = Vec::new();
        permute(&mut first.clone(), 0, &mut all);
        return all;
    }
    let mut rng = StdRng::seed_from_u64(7);
    let shuffled = |_| {
        let mut order = first.clone();
        order.shuffle(&mut rng);
        order
    };
    (0..100).map(shuffled).collect()
}

fn permute(order: &mut Vec<usize>, from: usize, all: &mut Vec<Vec<usize>>) {
    if from == order.len() {
        all.push(order.clone());
        return;
    }
    for index in from..order.len() {
        order.swap(from, index);
        permute(order, from + 1, all);
        order.swap(from, index);
    }
}

/// A random number of a seeded run.
pub(crate) fn below(rng: &mut StdRng, bound: usize) -> usize {
    usize::try_from(rng.next_u32()).expect("fits") % bound
}

/// A signed membership entry.
pub(crate) fn membership_entry(
    by: &Key,
    space: SpaceId,
    at: LogHead,
    knows: &[EntryId],
    operation: &Operation,
) -> Entry {
    let body = operation.encode().expect("the operation is sound");
    let mut membership_heads = knows.to_vec();
    membership_heads.sort();
    membership_heads.dedup();
    let fields = HeaderFields {
        kind: EntryKind::Membership,
        space,
        log: LogId::membership(by.device()),
        number: at.next,
        previous: at.head,
        document: DocumentId::ZERO,
        after: Vec::new(),
        epoch: EpochId::ZERO,
        membership_heads,
        content_commitment: ContentCommitment::ZERO,
        body_hash: body_hash(&body),
        body_length: u32::try_from(body.len()).expect("short"),
        extensions: Vec::new(),
    };
    let header = UnsignedHeader::new(fields).expect("the fields are sound").sign(by);
    Entry { header, body: Some(body) }
}

/// A signed header of a change or drop; its body does not matter here.
pub(crate) fn content_header(
    space: SpaceId,
    by: &Key,
    number: u64,
    heads: &[EntryId],
    kind: EntryKind,
) -> SignedHeader {
    let mut membership_heads = heads.to_vec();
    membership_heads.sort();
    let fields = HeaderFields {
        kind,
        space,
        log: LogId { device: by.device(), slot: SlotId(5) },
        number,
        previous: if number == 0 { EntryId::ZERO } else { EntryId::from_bytes([3; 32]) },
        document: if kind == EntryKind::Drop { DocumentId::from_bytes([0xd1; 16]) } else { PLAN },
        after: Vec::new(),
        epoch: EpochId::from_bytes([4; 32]),
        membership_heads,
        content_commitment: ContentCommitment::ZERO,
        body_hash: BodyHash::ZERO,
        body_length: 0,
        extensions: Vec::new(),
    };
    UnsignedHeader::new(fields).expect("the fields are sound").sign(by)
}

/// A share of a key for somebody.
pub(crate) fn share(to: &Key) -> Share {
    Share { device: to.device(), encapsulated: [1; 32], ciphertext: [2; 48] }
}

/// An epoch whose key goes to these devices.
pub(crate) fn epoch(to: &[&Key]) -> Operation {
    let mut shares: Vec<Share> = to.iter().map(|key| share(key)).collect();
    shares.sort_by_key(|share| share.device);
    Operation::Epoch { suite: 1, commitment: [5; 32], shares, wraps: Vec::new() }
}

/// Why an operation does not count.
pub(crate) fn void(state: &Membership, id: EntryId) -> Option<VoidReason> {
    state.void().find(|(void, _)| **void == id).map(|(_, reason)| *reason)
}
