//! Knocks: a newcomer's signed request to be let in, kept at the relay outside the logs.

use thiserror::Error;

use crate::wire::{Reader, WireError, Writer};
use crate::{DeviceId, InviteKey, ShareKey, Signature, SignatureError, SpaceId, verify_strict};

const VERSION: u8 = 1;
const SIGNATURE_DOMAIN: &[u8] = b"samverka/knock/v1\0";

/// Bytes of a knock's sealed profile: a short profile sealed to eight admins' devices.
pub const PROFILE_BYTES_MAX: usize = 10 * 1024;

/// A newcomer's request. Its two signatures say that whoever knocks holds the invitation's secret and the device's
/// key; the profile is sealed to the admins, so a relay learns no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knock {
    /// The space.
    pub space: SpaceId,
    /// The invitation's key.
    pub invite: InviteKey,
    /// The newcomer's device.
    pub device: DeviceId,
    /// Its share key.
    pub share_key: ShareKey,
    /// When it was made, by the newcomer's clock, in Unix milliseconds.
    pub made_ms: u64,
    /// Who they say they are, sealed.
    pub profile: Vec<u8>,
}

/// Why bytes are not a knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KnockError {
    /// The bytes end too early or too late.
    #[error("knock: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("knock version {0} is newer than this program")]
    Version(u8),
    /// The sealed profile is longer than allowed.
    #[error("a sealed profile of {0} bytes is over the limit")]
    ProfileLength(usize),
    /// A signature does not hold.
    #[error("knock: {0}")]
    Signature(#[from] SignatureError),
}

impl Knock {
    /// What both the invitation's key and the device's key sign.
    pub fn message(&self) -> Vec<u8> {
        [SIGNATURE_DOMAIN, &self.unsigned()].concat()
    }

    /// The bytes of a knock with its two signatures over [`Self::message`].
    pub fn with_signatures(&self, by_invite: Signature, by_device: Signature) -> Vec<u8> {
        [&self.unsigned()[..], by_invite.as_bytes(), by_device.as_bytes()].concat()
    }

    /// Reads a knock and checks both signatures.
    ///
    /// # Errors
    /// [`KnockError`].
    pub fn verify(bytes: &[u8]) -> Result<Self, KnockError> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            VERSION => {}
            version => return Err(KnockError::Version(version)),
        }
        let knock = Self {
            space: SpaceId::from_bytes(input.array()?),
            invite: InviteKey::from_bytes(input.array()?),
            device: DeviceId::from_bytes(input.array()?),
            share_key: ShareKey::from_bytes(input.array()?),
            made_ms: input.u64()?,
            profile: input.block()?.to_vec(),
        };
        if knock.profile.len() > PROFILE_BYTES_MAX {
            return Err(KnockError::ProfileLength(knock.profile.len()));
        }
        let by_invite = Signature::from_bytes(input.array()?);
        let by_device = Signature::from_bytes(input.array()?);
        input.finish()?;
        let message = knock.message();
        verify_strict(DeviceId::from_bytes(*knock.invite.as_bytes()), &message, by_invite)?;
        verify_strict(knock.device, &message, by_device)?;
        Ok(knock)
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(VERSION).bytes(self.space.as_bytes()).bytes(self.invite.as_bytes());
        out.bytes(self.device.as_bytes())
            .bytes(self.share_key.as_bytes())
            .u64(self.made_ms)
            .block(&self.profile);
        out.finish()
    }
}
