//! What devices say that they have: the newest word of each, kept and passed on, not too often.

use core::ops::Bound;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use samverka_log::{DeviceId, Receipt};
use samverka_protocol::Frame;

use crate::effect::PeerId;
use crate::peer::{Flow, Peer};
use crate::room::Room;
use crate::settings::{CREDIT_BYTES, RECEIPTS_BYTES_AT_ONCE, RECEIPTS_BYTES_MAX, RECEIPTS_EVERY_MS};

/// The newest receipt of each device.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    newest: BTreeMap<DeviceId, (u64, Vec<u8>)>,
    /// Whose receipts have not been passed on and kept yet, and who brought them.
    fresh: BTreeMap<DeviceId, PeerId>,
    due_at_ms: Option<u64>,
    /// Whose was passed on last: after a portion the next one goes on from there.
    last: Option<DeviceId>,
    bytes: usize,
}

impl Receipts {
    /// Takes a stored receipt.
    pub(crate) fn load(&mut self, value: &[u8]) {
        if let Ok(receipt) = Receipt::verify(value) {
            self.put(receipt.device, receipt.counter, value.to_vec());
        }
    }

    pub(crate) const fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }

    /// All devices with a receipt but one.
    pub(crate) fn devices_but(&self, device: &DeviceId) -> VecDeque<DeviceId> {
        self.newest.keys().filter(|other| *other != device).copied().collect()
    }

    pub(crate) fn of(&self, device: &DeviceId) -> Option<Vec<u8>> {
        self.newest.get(device).map(|(_, bytes)| bytes.clone())
    }

    /// Takes the next fresh receipts, at most so many bytes of them unless the first alone has more.
    fn take_portion(&mut self, bytes_max: usize) -> BTreeMap<DeviceId, PeerId> {
        let in_turn: Vec<DeviceId> = match self.last {
            None => self.fresh.keys().copied().collect(),
            Some(last) => {
                let later = self.fresh.range((Bound::Excluded(last), Bound::Unbounded));
                later.chain(self.fresh.range(..=last)).map(|(device, _)| *device).collect()
            }
        };
        let mut portion = BTreeMap::new();
        let mut bytes = 0;
        for device in in_turn {
            bytes += self.newest.get(&device).map_or(0, |(_, receipt)| receipt.len());
            if bytes > bytes_max && !portion.is_empty() {
                break;
            }
            self.last = Some(device);
            portion.extend(self.fresh.remove_entry(&device));
        }
        portion
    }

    /// Answers whether it was news and there is room for it.
    fn put(&mut self, device: DeviceId, counter: u64, bytes: Vec<u8>) -> bool {
        let known = self.newest.get(&device);
        let freed = known.map_or(0, |(_, bytes)| bytes.len());
        let size = self.bytes - freed + bytes.len();
        if known.is_some_and(|(newest, _)| *newest >= counter) || size > RECEIPTS_BYTES_MAX {
            return false;
        }
        self.bytes = size;
        self.newest.insert(device, (counter, bytes));
        true
    }
}

impl Room {
    pub(crate) fn receipt(&mut self, peer: PeerId, bytes: Vec<u8>, now_ms: u64) {
        if !self.peers.get(&peer).is_some_and(Peer::may_fetch) {
            return;
        }
        // A bad receipt is worth nothing and harms nobody: it is left out.
        let Ok(receipt) = Receipt::verify(&bytes) else { return };
        let counts = receipt.space == self.space && self.gate.state().role_of(&receipt.device).is_some();
        if counts && self.receipts.put(receipt.device, receipt.counter, bytes) {
            self.receipts.fresh.insert(receipt.device, peer);
            self.receipts.due_at_ms.get_or_insert(now_ms.saturating_add(RECEIPTS_EVERY_MS));
        }
    }

    /// Keeps and passes on a portion of what is fresh, once it is time.
    pub(crate) fn pass_receipts_on(&mut self, now_ms: u64) {
        if self.receipts.due_at_ms.is_none_or(|due| now_ms < due) {
            return;
        }
        // Where nobody is connected there is nobody to spare, and the room may be gone in a moment.
        let bytes_max = if self.peers.is_empty() { usize::MAX } else { RECEIPTS_BYTES_AT_ONCE };
        let fresh = self.receipts.take_portion(bytes_max);
        let some_left = !self.receipts.fresh.is_empty();
        self.receipts.due_at_ms = some_left.then(|| now_ms.saturating_add(RECEIPTS_EVERY_MS));
        for (device, from) in &fresh {
            let Some(receipt) = self.receipts.of(device) else { continue };
            self.commit.put(format!("receipt/{device}"), receipt.clone());
            self.send_to_all(
                |id, peer| id != *from && matches!(peer.flow, Flow::Live) && peer.outstanding < CREDIT_BYTES,
                |channel| Frame::Receipt { channel, receipt: receipt.clone() },
            );
        }
        self.owe_receipts(&fresh.keys().copied().collect());
        self.commit_next(now_ms);
    }

    /// Whoever is behind, or does not keep up, gets them later.
    fn owe_receipts(&mut self, devices: &BTreeSet<DeviceId>) {
        for peer in self.peers.values_mut().filter(|peer| peer.may_fetch()) {
            if matches!(peer.flow, Flow::Live) && peer.outstanding >= CREDIT_BYTES {
                peer.flow = Flow::Behind(Box::default());
            }
            if let Flow::Behind(behind) = &mut peer.flow {
                let new: Vec<_> = devices.iter().filter(|device| !behind.receipts.contains(device)).collect();
                behind.receipts.extend(new);
            }
        }
    }
}
