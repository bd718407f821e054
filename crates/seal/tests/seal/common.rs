//! Fixtures: two devices of one space and a header to fill.

use core::convert::Infallible;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_core::{TryCryptoRng, TryRng};
use samverka_log::{
    BodyHash, ContentCommitment, DocumentId, EntryId, EntryKind, EpochId, HeaderFields, LogId, SlotId,
    SpaceId,
};
use samverka_seal::{
    ChangeContent, ChangeHash, Content, DeviceKeys, EpochKey, RecordFields, RecordId, SignedRecord,
};

pub(crate) const SPACE: SpaceId = SpaceId::from_bytes([1; 32]);
pub(crate) const DOCUMENT: DocumentId = DocumentId::from_bytes([2; 16]);
pub(crate) const EPOCH: EpochId = EpochId::from_bytes([3; 32]);

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Counts 0, 1, 2, ... and so never changes with a version of `rand`: golden vectors are made with it.
pub(crate) struct CountingRng(pub(crate) u8);

impl TryRng for CountingRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for CountingRng {}

pub(crate) struct Fixture {
    pub(crate) keys: DeviceKeys,
    pub(crate) epoch_key: EpochKey,
    pub(crate) rng: StdRng,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let mut rng = rng(7);
        Self { keys: DeviceKeys::make(&mut rng), epoch_key: EpochKey::make(SPACE, &mut rng), rng }
    }

    pub(crate) fn log(&self) -> LogId {
        log_of(&self.keys)
    }

    pub(crate) fn record(&self, id: u8) -> SignedRecord {
        record(&self.keys, id)
    }

    pub(crate) fn content(&self) -> (Content, Vec<ChangeHash>) {
        let changes = vec![b"first change".to_vec(), b"second change".to_vec()];
        let hashes = changes.iter().map(|change| hash_of(change)).collect();
        (Content::Change(ChangeContent { changes, records: vec![self.record(9)] }), hashes)
    }

    pub(crate) fn fields(&self, kind: EntryKind) -> HeaderFields {
        fields(&self.keys, kind)
    }
}

pub(crate) fn log_of(keys: &DeviceKeys) -> LogId {
    LogId { device: keys.device(), slot: SlotId(5) }
}

pub(crate) fn record(keys: &DeviceKeys, id: u8) -> SignedRecord {
    let fields = RecordFields {
        space: SPACE,
        document: DOCUMENT,
        log: log_of(keys),
        id: RecordId([id; 16]),
        time_ms: 1_700_000_000_000,
        payload: br#"{"kind":"promised"}"#.to_vec(),
    };
    SignedRecord::sign(fields, keys).expect("the fields are within the limits").into_signed()
}

pub(crate) fn fields(keys: &DeviceKeys, kind: EntryKind) -> HeaderFields {
    HeaderFields {
        kind,
        space: SPACE,
        log: log_of(keys),
        number: 4,
        previous: EntryId::from_bytes([4; 32]),
        document: DOCUMENT,
        after: vec![EntryId::from_bytes([5; 32]), EntryId::from_bytes([6; 32])],
        epoch: EPOCH,
        membership_heads: vec![EntryId::from_bytes([7; 32])],
        content_commitment: ContentCommitment::ZERO,
        body_hash: BodyHash::ZERO,
        body_length: 0,
        extensions: Vec::new(),
    }
}

/// Stands for Automerge's hash: any function of the bytes will do here.
pub(crate) fn hash_of(change: &[u8]) -> ChangeHash {
    let hash = *samverka_log::body_hash(change).as_bytes();
    ChangeHash::from_bytes(hash)
}
