//! The epoch keys that this device can open, found anew from the membership entries at every change of membership.

use std::collections::BTreeMap;

use samverka_log::{EpochId, Membership, SpaceId};
use samverka_seal::{DeviceKeys, EpochCommitment, EpochKey, SealedShare, WrappedKey};

/// Keys by epoch.
#[derive(Default)]
pub(crate) struct Keyring {
    keys: BTreeMap<EpochId, EpochKey>,
}

impl Keyring {
    /// The key of an epoch, if this device has it.
    pub(crate) fn key(&self, epoch: &EpochId) -> Option<&EpochKey> {
        self.keys.get(epoch)
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &EpochKey> {
        self.keys.values()
    }

    /// Remembers a key that this device made.
    pub(crate) fn insert(&mut self, epoch: EpochId, key: EpochKey) {
        self.keys.insert(epoch, key);
    }

    /// Opens every share for this device and every wrap under a key that is here; answers whether any key is new.
    ///
    /// A share or a wrap that does not open, or whose key does not fit the epoch's commitment, is passed over: its
    /// author is at fault, and another share may hold.
    pub(crate) fn update(&mut self, membership: &Membership, space: SpaceId, keys: &DeviceKeys) -> bool {
        let before = self.keys.len();
        for (id, epoch) in membership.epochs() {
            if self.keys.contains_key(id) {
                continue;
            }
            let commitment = EpochCommitment::from_bytes(epoch.commitment);
            for share in epoch.shares.iter().filter(|share| share.device == keys.device()) {
                let sealed = SealedShare { encapsulated: share.encapsulated, ciphertext: share.ciphertext };
                if let Ok(key) = EpochKey::open_share(space, commitment, keys, &sealed) {
                    self.keys.insert(*id, key);
                    break;
                }
            }
        }
        while self.unwrap_round(membership) {}
        self.keys.len() > before
    }

    fn unwrap_round(&mut self, membership: &Membership) -> bool {
        let mut found = Vec::new();
        for (id, epoch) in membership.epochs() {
            let Some(key) = self.keys.get(id) else { continue };
            for wrap in epoch.wraps.iter().filter(|wrap| !self.keys.contains_key(&wrap.epoch)) {
                let Some(older) = membership.epoch(&wrap.epoch) else { continue };
                let wrapped =
                    WrappedKey { epoch: wrap.epoch, nonce: wrap.nonce, ciphertext: wrap.ciphertext };
                if let Ok(unwrapped) = key.unwrap(&wrapped, EpochCommitment::from_bytes(older.commitment)) {
                    found.push((wrap.epoch, unwrapped));
                }
            }
        }
        let any = !found.is_empty();
        self.keys.extend(found);
        any
    }
}
