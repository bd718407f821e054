//! Devices that sign, and the entries that they make.

use std::collections::BTreeSet;

use ed25519_dalek::{Signer as _, SigningKey};
use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, InviteKey,
    Knock, LogId, Operation, RelayKey, Role, ShareKey, Signature, Signer, SlotId, SpaceId, UnsignedHeader,
    attach_message, body_hash, member_id,
};

/// The plan's own document in every test.
pub const PLAN: DocumentId = DocumentId::from_bytes([9; 16]);
/// A board.
pub const BOARD: DocumentId = DocumentId::from_bytes([8; 16]);

/// A device, with where its two logs stand.
#[derive(Clone, Debug)]
pub struct Device {
    key: SigningKey,
    /// The space that it is in; zero before [`Self::found`] or [`Self::learn`].
    pub space: SpaceId,
    /// The membership heads that it knows.
    pub heads: Vec<EntryId>,
    next: [(u64, EntryId); 2],
}

impl Signer for Device {
    fn device(&self) -> DeviceId {
        DeviceId::from_bytes(self.key.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.key.sign(message).to_bytes())
    }
}

impl Device {
    /// A device whose keys follow from a seed.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_bytes(&[seed; 32]),
            space: SpaceId::ZERO,
            heads: Vec::new(),
            next: [(0, EntryId::ZERO); 2],
        }
    }

    /// Its key.
    pub fn id(&self) -> DeviceId {
        self.device()
    }

    /// The log of its changes: slot 1.
    pub fn log(&self) -> LogId {
        LogId { device: self.id(), slot: SlotId(1) }
    }

    /// Begins a space.
    pub fn found(&mut self) -> Entry {
        let operation = Operation::Genesis {
            nonce: [1; 16],
            suite: 1,
            plan_document: PLAN,
            share_key: ShareKey::from_bytes([1; 32]),
        };
        let entry = self.operation(&operation);
        self.space = entry.header.space();
        entry
    }

    /// Joins with what another device knows.
    pub fn learn(&mut self, from: &Self) {
        self.space = from.space;
        self.heads.clone_from(&from.heads);
    }

    /// Lets another device in.
    pub fn add(&mut self, other: &Self, role: Role) -> Entry {
        self.operation(&Operation::AddMember {
            member: member_id(self.space, other.id()),
            role,
            device: other.id(),
            share_key: ShareKey::from_bytes([2; 32]),
            invite: None,
        })
    }

    /// Removes the member that another device belongs to.
    pub fn remove(&mut self, other: &Self) -> Entry {
        self.operation(&Operation::Remove {
            target: samverka_log::Target::Member(member_id(self.space, other.id())),
            accept_up_to: Vec::new(),
        })
    }

    /// A membership operation, in slot 0.
    pub fn operation(&mut self, operation: &Operation) -> Entry {
        let body = operation.encode().expect("test operations are short");
        let entry = self.entry(EntryKind::Membership, DocumentId::ZERO, body);
        self.heads = vec![entry.id()];
        entry
    }

    /// A sealed change of some size; what is in it does not matter to a relay.
    pub fn change(&mut self, size: usize) -> Entry {
        self.entry(EntryKind::Change, BOARD, vec![7; size])
    }

    /// The next entry of the slot that the kind goes to.
    pub fn entry(&mut self, kind: EntryKind, document: DocumentId, body: Vec<u8>) -> Entry {
        let membership = kind == EntryKind::Membership;
        let slot = usize::from(!membership);
        let (number, previous) = self.next[slot];
        let heads: BTreeSet<EntryId> = self.heads.iter().copied().collect();
        let fields = HeaderFields {
            kind,
            space: self.space,
            log: LogId { device: self.id(), slot: SlotId(slot as u64) },
            number,
            previous,
            document,
            after: Vec::new(),
            epoch: if membership { EpochId::ZERO } else { EpochId::from_bytes([4; 32]) },
            membership_heads: heads.into_iter().collect(),
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(&body),
            body_length: u32::try_from(body.len()).expect("test bodies are small"),
            extensions: Vec::new(),
        };
        let header = UnsignedHeader::new(fields).expect("a sound header").sign(self);
        self.next[slot] = (number + 1, header.id());
        Entry { header, body: Some(body) }
    }

    /// What a relay asks for before it believes who is there.
    pub fn proof(&self, relay: RelayKey, host: &str, nonce: &[u8; 32]) -> Signature {
        self.sign(&attach_message(relay, host, nonce, self.space, self.id()))
    }

    /// The key of an invitation that this device stands for.
    pub fn invite_key(&self) -> InviteKey {
        InviteKey::from_bytes(*self.id().as_bytes())
    }

    /// Knocks with the invitation of `invite`.
    pub fn knock(&self, invite: &Self, space: SpaceId) -> Vec<u8> {
        let knock = Knock {
            space,
            invite: invite.invite_key(),
            device: self.id(),
            share_key: ShareKey::from_bytes([3; 32]),
            made_ms: 1,
            profile: vec![5; 64],
        };
        knock.with_signatures(invite.sign(&knock.message()), self.sign(&knock.message()))
    }
}
