//! Well-formed entries for tests of stores. Their signatures are not real: stores do not look at them.

use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, LogHead,
    LogId, Signature, Signer, SlotId, SpaceId, UnsignedHeader, body_hash,
};

use crate::Write;

struct Nobody(DeviceId);

impl Signer for Nobody {
    fn device(&self) -> DeviceId {
        self.0
    }

    fn sign(&self, _message: &[u8]) -> Signature {
        Signature::ZERO
    }
}

/// The first entry of a space; its id is the space's. Different seeds give different spaces.
pub fn genesis(seed: u8) -> Entry {
    let mut founder = Chain::new(SpaceId::ZERO, seed, 0);
    founder.make(DocumentId::ZERO, EntryKind::Membership, &[seed])
}

/// A document of the tests.
pub const fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// A log that grows.
#[derive(Clone, Debug)]
pub struct Chain {
    space: SpaceId,
    log: LogId,
    head: LogHead,
}

impl Chain {
    /// A log without entries.
    pub const fn new(space: SpaceId, device: u8, slot: u64) -> Self {
        let log = LogId { device: DeviceId::from_bytes([device; 32]), slot: SlotId(slot) };
        Self { space, log, head: LogHead::EMPTY }
    }

    /// The space.
    pub const fn space(&self) -> SpaceId {
        self.space
    }

    /// The log.
    pub const fn log(&self) -> LogId {
        self.log
    }

    /// Space and log.
    pub const fn place(&self) -> (SpaceId, LogId) {
        (self.space, self.log)
    }

    /// Where it stands.
    pub const fn head(&self) -> LogHead {
        self.head
    }

    /// The next change of a document.
    pub fn change(&mut self, of: u8, body: &[u8]) -> Entry {
        self.make(document(of), EntryKind::Change, body)
    }

    /// An append of the next changes of document 1, one for each body.
    pub fn append(&mut self, bodies: &[&[u8]]) -> Write {
        let expect = self.head;
        let entries = bodies.iter().map(|body| self.change(1, body)).collect();
        Write::Append { space: self.space, log: self.log, expect, entries }
    }

    /// As [`Self::append`], but the entries are headers alone; the second of the two fills them.
    pub fn append_headers(&mut self, bodies: &[&[u8]]) -> (Write, Write) {
        let expect = self.head;
        let whole: Vec<Entry> = bodies.iter().map(|body| self.change(1, body)).collect();
        let entries = whole.iter().map(|entry| Entry { body: None, ..entry.clone() }).collect();
        let append = Write::Append { space: self.space, log: self.log, expect, entries };
        (append, Write::Fill { space: self.space, entries: whole })
    }

    fn make(&mut self, document: DocumentId, kind: EntryKind, body: &[u8]) -> Entry {
        let founding = self.space.is_zero();
        let epoch = if kind == EntryKind::Membership { EpochId::ZERO } else { EpochId::from_bytes([9; 32]) };
        let fields = HeaderFields {
            kind,
            space: self.space,
            log: self.log,
            number: self.head.next,
            previous: self.head.head,
            document,
            after: Vec::new(),
            epoch,
            membership_heads: if founding { Vec::new() } else { vec![EntryId::from(self.space)] },
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(body),
            body_length: u32::try_from(body.len()).unwrap_or(u32::MAX),
            extensions: Vec::new(),
        };
        let unsigned = UnsignedHeader::new(fields).expect("the fields above agree with each other");
        let header = unsigned.sign(&Nobody(self.log.device));
        self.head = LogHead { next: self.head.next + 1, head: header.id() };
        Entry { header, body: Some(body.to_vec()) }
    }
}
