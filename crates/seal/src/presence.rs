//! Ephemeral frames: who is here, cursors, timer ticks. Sealed, signed, never stored.
//!
//! Every member can derive the sealing key, so a frame carries its sender's signature inside the seal: one member
//! cannot move another's cursor, and the relay does not see who moved.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use samverka_log::limits::LOGS_MAX;
use samverka_log::wire::{Reader, Writer};
use samverka_log::{DeviceId, EpochId, LogId, Signature, Signer, SlotId, SpaceId, verify_strict};
use thiserror::Error;

use crate::EpochKey;
use crate::hazmat::xchacha::{self, NONCE_LEN, TAG_LEN};
use crate::limits::{PRESENCE_FRAME_BYTES_MAX, PRESENCE_PAYLOAD_BYTES_MAX};
use crate::padding::padme;

const VERSION: u8 = 1;
const SIGNATURE_DOMAIN: &[u8] = b"samverka/presence-signature/v1\0";
const HEAD_LEN: usize = 1 + EpochId::LEN;
const FRAME_OVERHEAD: usize = HEAD_LEN + NONCE_LEN + TAG_LEN;

/// Why a presence frame could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PresenceError {
    /// The payload or frame is longer than allowed.
    #[error("a presence frame of {0} bytes is over the limit")]
    TooLong(usize),
    /// The log is not one of the signing device.
    #[error("the frame names another device than the one that signs it")]
    Signer,
    /// A version that this program does not know.
    #[error("presence version {0} is newer than this program")]
    Version(u8),
    /// The frame is malformed, or was not sealed with this key for this epoch.
    #[error("the presence frame does not open")]
    NotAuthentic,
    /// The sender's signature does not hold.
    #[error("the presence frame is not signed by the device that it names")]
    Signature,
    /// The frame, or a later one of the same sender, was here already.
    #[error("the presence frame is a repetition or came late")]
    Replayed,
}

/// An opened frame. Whether its device is a member now is for the caller to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who sent it.
    pub log: LogId,
    /// The sender's rising stamp: about its clock in Unix milliseconds.
    pub stamp: u64,
    /// What it says.
    pub payload: Vec<u8>,
}

/// Seals the frames of one log, with rising stamps.
#[derive(Clone, Debug)]
pub struct PresenceSender {
    log: LogId,
    last: u64,
}

impl PresenceSender {
    /// Begins for one log.
    pub const fn new(log: LogId) -> Self {
        Self { log, last: 0 }
    }

    /// Seals a frame. The stamp is the clock, or one more than the last where the clock stood still, so that it rises
    /// across restarts without being stored.
    ///
    /// # Errors
    /// [`PresenceError::TooLong`], [`PresenceError::Signer`].
    pub fn seal(
        &mut self,
        epoch: EpochId,
        key: &EpochKey,
        payload: &[u8],
        now_ms: u64,
        signer: &impl Signer,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, PresenceError> {
        if payload.len() > PRESENCE_PAYLOAD_BYTES_MAX {
            return Err(PresenceError::TooLong(payload.len()));
        }
        if signer.device() != self.log.device {
            return Err(PresenceError::Signer);
        }
        self.last = now_ms.max(self.last.saturating_add(1));
        let statement = statement(self.log, self.last, payload);
        let signature = signer.sign(&signed_message(key.space(), epoch, &statement));
        let mut plaintext = [statement.as_slice(), signature.as_bytes()].concat();
        plaintext.resize(padme(plaintext.len()), 0);
        let head = head(epoch);
        let nonce = xchacha::make_nonce(rng);
        let ciphertext = xchacha::seal(&key.presence_key(), &nonce, &head, &plaintext);
        Ok([head.as_slice(), &nonce, &ciphertext].concat())
    }
}

/// Opens frames, each once and none out of turn.
#[derive(Clone, Debug, Default)]
pub struct PresenceReceiver {
    newest: BTreeMap<LogId, u64>,
}

impl PresenceReceiver {
    /// Has seen nothing yet.
    pub const fn new() -> Self {
        Self { newest: BTreeMap::new() }
    }

    /// The epoch whose key opens a frame.
    ///
    /// # Errors
    /// [`PresenceError::Version`], [`PresenceError::TooLong`], [`PresenceError::NotAuthentic`] for what is no frame.
    pub fn epoch_of(frame: &[u8]) -> Result<EpochId, PresenceError> {
        if frame.len() > PRESENCE_FRAME_BYTES_MAX {
            return Err(PresenceError::TooLong(frame.len()));
        }
        let mut input = Reader::new(frame);
        match input.u8().map_err(|_| PresenceError::NotAuthentic)? {
            VERSION => {}
            version => return Err(PresenceError::Version(version)),
        }
        if frame.len() < FRAME_OVERHEAD {
            return Err(PresenceError::NotAuthentic);
        }
        input.array().map(EpochId::from_bytes).map_err(|_| PresenceError::NotAuthentic)
    }

    /// Opens a frame with the key of [`Self::epoch_of`], checks its signature and that it is new.
    ///
    /// # Errors
    /// [`PresenceError`].
    pub fn open(&mut self, key: &EpochKey, frame: &[u8]) -> Result<Presence, PresenceError> {
        let epoch = Self::epoch_of(frame)?;
        let (head, sealed) = frame.split_at(HEAD_LEN);
        let (nonce, ciphertext) =
            sealed.split_first_chunk::<NONCE_LEN>().ok_or(PresenceError::NotAuthentic)?;
        let plaintext = xchacha::open(&key.presence_key(), nonce, head, ciphertext)
            .map_err(|_| PresenceError::NotAuthentic)?;
        let (presence, signature) = parse(&plaintext).ok_or(PresenceError::NotAuthentic)?;
        if presence.stamp <= self.newest.get(&presence.log).copied().unwrap_or(0) {
            return Err(PresenceError::Replayed);
        }
        let statement = statement(presence.log, presence.stamp, &presence.payload);
        verify_strict(presence.log.device, &signed_message(key.space(), epoch, &statement), signature)
            .map_err(|_| PresenceError::Signature)?;
        self.remember(presence.log, presence.stamp);
        Ok(presence)
    }

    /// At the limit of logs the one that was silent longest is forgotten: the worst that follows is an old cursor.
    fn remember(&mut self, log: LogId, stamp: u64) {
        if self.newest.len() >= LOGS_MAX && !self.newest.contains_key(&log) {
            let oldest = self.newest.iter().min_by_key(|(_, stamp)| **stamp).map(|(log, _)| *log);
            if let Some(oldest) = oldest {
                self.newest.remove(&oldest);
            }
        }
        self.newest.insert(log, stamp);
    }
}

fn head(epoch: EpochId) -> Vec<u8> {
    [[VERSION].as_slice(), epoch.as_bytes()].concat()
}

fn statement(log: LogId, stamp: u64, payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::new();
    out.bytes(log.device.as_bytes()).u64(log.slot.0).u64(stamp).block(payload);
    out.finish()
}

fn signed_message(space: SpaceId, epoch: EpochId, statement: &[u8]) -> Vec<u8> {
    [SIGNATURE_DOMAIN, space.as_bytes(), epoch.as_bytes(), statement].concat()
}

fn parse(plaintext: &[u8]) -> Option<(Presence, Signature)> {
    let mut input = Reader::new(plaintext);
    let log = LogId { device: DeviceId::from_bytes(input.array().ok()?), slot: SlotId(input.u64().ok()?) };
    let stamp = input.u64().ok()?;
    let payload = input.block().ok()?.to_vec();
    let signature = Signature::from_bytes(input.array().ok()?);
    let padded = padme(input.position()) == plaintext.len() && input.rest().iter().all(|byte| *byte == 0);
    padded.then_some((Presence { log, stamp, payload }, signature))
}
