//! Checkpoints: this device's own copy of what it has verified, so that opening a plan does not mean opening every
//! entry of its life again. Local, sealed under a key of the device, never sent anywhere and never believed over the
//! entries: where an entry that it covers no longer counts, it is thrown away and the documents are built anew.

use rand_core::CryptoRng;
use samverka_log::wire::{Reader, WireError, Writer};
use samverka_log::{DocumentId, EntryId, Signer, SpaceId};
use samverka_seal::{DeviceKeys, LocalKey};
use zeroize::Zeroizing;

use crate::Replica;
use crate::copies::Work;
use crate::effect::Event;
use crate::error::ReplicaError;
use crate::shelf::{Covered, EntryState};

/// 2: says of each entry whether its author was an admin then. Other versions are passed over, and made anew.
const VERSION: u8 = 2;
/// Entries applied since the last checkpoint that make the next one due. Applying that many takes about 10 ms.
const DUE_AFTER: usize = 256;
/// Signed once to derive the local key: Ed25519 signatures are deterministic (RFC 8032), so the same device always
/// gets the same key, and nobody without its secret does. The signature is never shown to anybody.
const LOCAL_KEY_DOMAIN: &[u8] = b"samverka/local-key/v1\0";

/// The name of a document's checkpoint in the store.
pub(crate) fn key(document: DocumentId) -> String {
    format!("checkpoint/{document}")
}

impl Replica {
    /// Writes checkpoints where enough has been applied since the last, and nobody waits to be told that the plan is here:
    /// that is told first.
    ///
    /// # Errors
    /// [`ReplicaError::Local`].
    pub fn checkpoint_where_due(&mut self, rng: &mut impl CryptoRng) -> Result<(), ReplicaError> {
        let told_first = self.events.iter().any(|event| matches!(event, Event::Live(_)));
        if self.since_checkpoint >= DUE_AFTER && !told_first { self.checkpoint(rng) } else { Ok(()) }
    }

    /// Writes a checkpoint of every document.
    ///
    /// # Errors
    /// [`ReplicaError::Local`].
    pub fn checkpoint(&mut self, rng: &mut impl CryptoRng) -> Result<(), ReplicaError> {
        if !self.is_ready() || !self.pending.is_empty() {
            return Ok(());
        }
        let local = local_key(&self.keys);
        let documents: Vec<DocumentId> = self.graphs.keys().copied().collect();
        for document in documents {
            let plaintext = self.encode_checkpoint(document)?;
            let context = context(self.space, document);
            let sealed = local.seal("checkpoint", &context, &plaintext, rng)?;
            self.put(&key(document), sealed);
        }
        self.since_checkpoint = 0;
        Ok(())
    }

    fn encode_checkpoint(&mut self, document: DocumentId) -> Result<Vec<u8>, ReplicaError> {
        let workspace = self.workspace.as_mut().ok_or(ReplicaError::NotReady)?;
        let mut out = Writer::new();
        out.u8(VERSION).block(&workspace.save(document));
        let records = workspace.records(document);
        out.u32(u32::try_from(records.len()).map_err(|_| ReplicaError::TooLong)?);
        for record in records {
            out.block(&record.signed).u8(record.by_admin.into());
        }
        let covered: Vec<(EntryId, Covered)> = self
            .shelf
            .iter()
            .filter(|known| known.header.fields().document == document && known.state == EntryState::In)
            .filter_map(|known| Some((known.header.id(), known.covered?)))
            .collect();
        out.u32(u32::try_from(covered.len()).map_err(|_| ReplicaError::TooLong)?);
        for (id, covered) in covered {
            out.bytes(id.as_bytes()).u64(covered.first_seq).u32(covered.changes).u32(covered.records);
            out.u8(covered.by_admin.into());
        }
        Ok(out.finish())
    }

    /// Takes a checkpoint from the store; one that does not open or read is passed over, since the entries are there.
    pub(crate) fn take_checkpoint(&mut self, name: &str, sealed: &[u8]) {
        let Ok(document) = name.parse::<DocumentId>() else { return };
        let Ok(mut plaintext) =
            local_key(&self.keys).open("checkpoint", &context(self.space, document), sealed)
        else {
            return;
        };
        // Opened buffers are wiped when they go. The plan stands in memory as it is anyhow, so this one is not: it would
        // take longer than opening it.
        let plaintext = core::mem::take(&mut *plaintext);
        if let Ok((work, covered)) = decode(document, plaintext) {
            self.checkpointed.extend(covered);
            self.copies.to_read.push(work);
        }
    }
}

/// What a checkpoint covers, and what is still to be read of it.
fn decode(document: DocumentId, bytes: Vec<u8>) -> Result<(Work, Vec<(EntryId, Covered)>), WireError> {
    let mut input = Reader::new(&bytes);
    if input.u8()? != VERSION {
        return Err(WireError::Trailing { left: input.left() });
    }
    let saved = input.block()?.len();
    let at = |input: &Reader<'_>| bytes.len() - input.left();
    let saved = at(&input) - saved..at(&input);
    let count = input.u32()?;
    let first = at(&input);
    for _ in 0..count {
        input.block()?;
        input.u8()?;
    }
    let records = first..at(&input);
    let mut covered = Vec::new();
    for _ in 0..input.u32()? {
        let id = EntryId::from_bytes(input.array()?);
        let (first_seq, changes, records) = (input.u64()?, input.u32()?, input.u32()?);
        let by_admin = input.u8()? != 0;
        covered.push((id, Covered { first_seq, changes, records, by_admin }));
    }
    input.finish()?;
    Ok((Work { document, bytes, saved, records }, covered))
}

fn context(space: SpaceId, document: DocumentId) -> Vec<u8> {
    [space.as_bytes().as_slice(), document.as_bytes()].concat()
}

fn local_key(keys: &DeviceKeys) -> LocalKey {
    let signature = keys.sign(LOCAL_KEY_DOMAIN);
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(&signature.as_bytes()[..32]);
    LocalKey::from_secret_bytes(&bytes)
}
