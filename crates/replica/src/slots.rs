//! Where this device writes. A slot that was written in before may be gone on in only where nobody else can be writing in
//! it: what lies here may have been restored from a backup, or copied, and two entries of one number are a fork.

use samverka_log::{LogHead, LogId, SlotId};
use samverka_seal::PresenceSender;

use crate::Replica;

/// A slot that was written in before, held by this process beside the one that it opened in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    slot: SlotId,
    /// What of its log lay here when it was offered.
    head: LogHead,
}

impl Replica {
    /// Says that what lies here may be a copy, as a browser cannot rule out at any start. This device's membership log
    /// is not written in before a relay has said what it has, and `before`, a slot of this device that was written in
    /// before and whose lock this process holds, is gone on in from then on: unless something of its log came from the
    /// relay, which only another copy can have written, or something has been written in the meantime, in the new slot
    /// that this replica was opened in.
    ///
    /// In a plan without relays nobody else can have anything of this device, and `before` is gone on in at once.
    ///
    /// Call it once, when everything has been read from the store.
    pub fn may_be_copy(&mut self, before: Option<SlotId>) {
        self.offer = before.map(|slot| Offer { slot, head: self.shelf.frontier().head(&self.log_of(slot)) });
        if self.relays().is_empty() {
            self.settle_offer();
        } else {
            self.distrust_membership_log();
            if self.met {
                self.settle_offer();
            }
        }
    }

    /// The slot that this replica writes in.
    pub const fn slot(&self) -> SlotId {
        self.slot
    }

    /// The slot that may still be gone on in.
    pub fn offered_slot(&self) -> Option<SlotId> {
        self.offer.map(|offer| offer.slot)
    }

    /// Whether anything has been written in this replica's slot, or is about to be.
    pub fn has_written(&self) -> bool {
        !self.pending.is_empty() || self.shelf.frontier().head(&self.log_id()) != LogHead::EMPTY
    }

    /// A relay has said everything that it has.
    pub(crate) fn settle_copy(&mut self) {
        self.settle_offer();
        if self.copied {
            // What had to wait for it: somebody at the open door, a key to be changed before anything is written.
            self.look_at_door = !self.knocks.is_empty();
            if !self.pending.is_empty() {
                self.flush_at.get_or_insert(0);
            }
        }
    }

    fn settle_offer(&mut self) {
        let Some(Offer { slot, head }) = self.offer.take() else { return };
        let log = self.log_of(slot);
        if self.has_written() || self.shelf.frontier().head(&log) != head || self.forks.contains_key(&log) {
            return;
        }
        self.slot = slot;
        self.presence = PresenceSender::new(log);
    }

    const fn log_of(&self, slot: SlotId) -> LogId {
        LogId { device: self.keys.device(), slot }
    }
}
