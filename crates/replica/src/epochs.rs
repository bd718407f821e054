//! Which epoch to write under, and making the next one.

use rand_core::CryptoRng;
use samverka_log::{EpochId, Operation, Share, Wrap};
use samverka_seal::{EpochKey, SUITE_X25519};

use crate::Replica;
use crate::error::ReplicaError;

impl Replica {
    /// An epoch whose every known holder is a current reader (never chosen by time). Where this device has the key
    /// of none, it begins a new one first: any editor may.
    pub(crate) fn epoch_to_write_under(
        &mut self,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<EpochId, ReplicaError> {
        let safe = self.membership().safe_epochs();
        // The first of the safe ones whose key is here: the same order everywhere, so that keys stay few.
        match safe.into_iter().find(|epoch| self.keyring.key(epoch).is_some()) {
            Some(epoch) => Ok(epoch),
            None => self.rotate(now_ms, rng),
        }
    }

    /// Begins an epoch for all current readers, wrapping every epoch head whose key is here.
    pub(crate) fn rotate(&mut self, now_ms: u64, rng: &mut impl CryptoRng) -> Result<EpochId, ReplicaError> {
        let key = EpochKey::make(self.space, rng);
        let membership = self.membership();
        let shares = membership
            .reader_devices()
            .map(|(device, share_key)| self.share(&key, device, &share_key, rng))
            .collect::<Result<Vec<_>, _>>()?;
        let wraps = membership
            .epoch_heads()
            .into_iter()
            .filter_map(|epoch| Some((epoch, self.keyring.key(&epoch)?)))
            .map(|(epoch, older)| {
                let wrapped = key.wrap(epoch, older, rng)?;
                Ok(Wrap { epoch, nonce: wrapped.nonce, ciphertext: wrapped.ciphertext })
            })
            .collect::<Result<Vec<_>, ReplicaError>>()?;
        let operation =
            Operation::Epoch { suite: SUITE_X25519, commitment: *key.commitment().as_bytes(), shares, wraps };
        let id = EpochId::from(self.author_membership(&operation, now_ms)?);
        self.keyring.insert(id, key);
        Ok(id)
    }

    /// Hands the keys that this device has to reader devices that lack them.
    pub(crate) fn share_keys(&mut self, now_ms: u64, rng: &mut impl CryptoRng) -> Result<(), ReplicaError> {
        let membership = self.membership();
        for epoch in membership.epoch_heads() {
            let Some(key) = self.keyring.key(&epoch) else { continue };
            let shares = membership
                .readers_lacking(&epoch)
                .into_iter()
                .map(|(device, share_key)| self.share(key, device, &share_key, rng))
                .collect::<Result<Vec<_>, _>>()?;
            if !shares.is_empty() {
                self.author_membership(&Operation::KeyShare { epoch, shares }, now_ms)?;
            }
        }
        Ok(())
    }

    fn share(
        &self,
        key: &EpochKey,
        device: samverka_log::DeviceId,
        share_key: &samverka_log::ShareKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Share, ReplicaError> {
        let sealed = key.seal_share(device, share_key, rng)?;
        Ok(Share { device, encapsulated: sealed.encapsulated, ciphertext: sealed.ciphertext })
    }
}
