//! Who a newcomer says they are, sealed to the admins' devices that the invitation link names.

use rand_core::CryptoRng;
use samverka_log::wire::{Reader, WireError, Writer};
use samverka_log::{DeviceId, InviteKey, ShareKey, SpaceId};
use thiserror::Error;

use crate::DeviceKeys;
use crate::hazmat::hpke;
use crate::invite::{AdmissionKey, ParticipantId};
use crate::limits::{ADMISSION_KEYS_MAX, PROFILE_TEXT_BYTES_MAX, SEALED_PROFILE_BYTES_MAX};

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"samverka/profile/v1";
/// Profiles are padded to a multiple of this, so that their length does not tell a name.
const PADDING_STEP: usize = 256;

/// What a newcomer says about themselves. Nobody has checked it: the admin who admits them does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// Their title there.
    pub role_title: String,
    /// The language they want to be met in, as a BCP 47 tag.
    pub language: String,
    /// The participant of the plan that they say they are.
    pub participant: Option<ParticipantId>,
}

/// What a sealed profile is bound to: the public fields of its knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnockContext {
    /// The space.
    pub space: SpaceId,
    /// The invitation's key.
    pub invite: InviteKey,
    /// The newcomer's device.
    pub device: DeviceId,
    /// Its share key.
    pub share_key: ShareKey,
}

/// Why a profile could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A text is longer than allowed.
    #[error("{field} of {len} bytes is over the limit of {PROFILE_TEXT_BYTES_MAX}")]
    TooLong {
        /// Which text.
        field: &'static str,
        /// Its length.
        len: usize,
    },
    /// A text has control or direction-changing characters, which could forge what an admin sees.
    #[error("{0} has invisible control characters")]
    ControlCharacters(&'static str),
    /// No recipient, or too many.
    #[error("a profile is sealed to 1 to {ADMISSION_KEYS_MAX} admins' devices, not to {0}")]
    Recipients(usize),
    /// An admin's share key is of low order.
    #[error("the share key of device {0:?} is of low order")]
    LowOrderShareKey(DeviceId),
    /// The sealed bytes are malformed.
    #[error("sealed profile: {0}")]
    Wire(#[from] WireError),
    /// The sealed bytes are longer than allowed.
    #[error("a sealed profile of {0} bytes is over the limit")]
    SealedTooLong(usize),
    /// A version that this program does not know.
    #[error("profile version {0} is newer than this program")]
    Version(u8),
    /// It was not sealed to this device.
    #[error("the profile is not sealed to this device")]
    NotARecipient,
    /// It does not open with this device's key for this knock.
    #[error("the profile does not open: it belongs to another knock, or was altered")]
    NotAuthentic,
    /// What is inside the seal is malformed.
    #[error("the profile is malformed: {0}")]
    Malformed(&'static str),
}

impl Profile {
    /// Seals the profile to each admission key (HPKE base mode).
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn seal(
        &self,
        context: &KnockContext,
        admission: &[AdmissionKey],
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, ProfileError> {
        let recipients = admission.len();
        if !(1..=ADMISSION_KEYS_MAX).contains(&recipients) {
            return Err(ProfileError::Recipients(recipients));
        }
        let plaintext = self.encode()?;
        let mut out = Writer::new();
        out.u8(VERSION).u8(u8::try_from(recipients).map_err(|_| ProfileError::Recipients(recipients))?);
        for key in admission {
            let (encapsulated, ciphertext) =
                hpke::seal(&key.share_key, &info(context, key.device), &plaintext, rng)
                    .map_err(|_| ProfileError::LowOrderShareKey(key.device))?;
            out.bytes(key.device.as_bytes()).bytes(&encapsulated).block(&ciphertext);
        }
        Ok(out.finish())
    }

    /// Opens a profile as one of the admins.
    ///
    /// # Errors
    /// [`ProfileError`], above all [`ProfileError::NotARecipient`].
    pub fn open(sealed: &[u8], context: &KnockContext, keys: &DeviceKeys) -> Result<Self, ProfileError> {
        if sealed.len() > SEALED_PROFILE_BYTES_MAX {
            return Err(ProfileError::SealedTooLong(sealed.len()));
        }
        let mut input = Reader::new(sealed);
        match input.u8()? {
            VERSION => {}
            version => return Err(ProfileError::Version(version)),
        }
        let recipients = usize::from(input.u8()?);
        if !(1..=ADMISSION_KEYS_MAX).contains(&recipients) {
            return Err(ProfileError::Recipients(recipients));
        }
        let mut mine = None;
        for _ in 0..recipients {
            let device = DeviceId::from_bytes(input.array()?);
            let share: ([u8; hpke::ENCAPSULATED_LEN], &[u8]) = (input.array()?, input.block()?);
            if device == keys.device() {
                mine = Some(share);
            }
        }
        input.finish()?;
        let (encapsulated, ciphertext) = mine.ok_or(ProfileError::NotARecipient)?;
        let plaintext =
            hpke::open(keys.share_secret(), &info(context, keys.device()), &encapsulated, ciphertext)
                .map_err(|_| ProfileError::NotAuthentic)?;
        Self::decode(&plaintext)
    }

    /// Layout: version u8, four texts (length u8, UTF-8), participant (0, or 1 and 16 bytes), zeros.
    fn encode(&self) -> Result<Vec<u8>, ProfileError> {
        let mut out = Writer::new();
        out.u8(VERSION);
        for (field, text) in self.texts() {
            check_text(field, text)?;
            let len =
                u8::try_from(text.len()).map_err(|_| ProfileError::TooLong { field, len: text.len() })?;
            out.u8(len).bytes(text.as_bytes());
        }
        match self.participant {
            Some(ParticipantId(id)) => out.u8(1).bytes(&id),
            None => out.u8(0),
        };
        let mut bytes = out.finish();
        bytes.resize(bytes.len().next_multiple_of(PADDING_STEP), 0);
        Ok(bytes)
    }

    fn decode(plaintext: &[u8]) -> Result<Self, ProfileError> {
        let mut input = Reader::new(plaintext);
        match input.u8()? {
            VERSION => {}
            version => return Err(ProfileError::Version(version)),
        }
        let mut text = || -> Result<String, ProfileError> {
            let len = usize::from(input.u8()?);
            let text = core::str::from_utf8(input.bytes(len)?);
            Ok(text.map_err(|_| ProfileError::Malformed("a text is not UTF-8"))?.to_owned())
        };
        let (name, organisation, role_title, language) = (text()?, text()?, text()?, text()?);
        let participant = match input.u8()? {
            0 => None,
            1 => Some(ParticipantId(input.array()?)),
            _ => return Err(ProfileError::Malformed("its participant is neither there nor not")),
        };
        if input.rest().iter().any(|byte| *byte != 0) {
            return Err(ProfileError::Malformed("its padding is not zero"));
        }
        let profile = Self { name, organisation, role_title, language, participant };
        for (field, text) in profile.texts() {
            check_text(field, text)?;
        }
        Ok(profile)
    }

    fn texts(&self) -> [(&'static str, &str); 4] {
        [
            ("the name", &self.name),
            ("the organisation", &self.organisation),
            ("the role title", &self.role_title),
            ("the language", &self.language),
        ]
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), ProfileError> {
    if text.len() > PROFILE_TEXT_BYTES_MAX {
        return Err(ProfileError::TooLong { field, len: text.len() });
    }
    let forges = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(forges) { Err(ProfileError::ControlCharacters(field)) } else { Ok(()) }
}

fn info(context: &KnockContext, recipient: DeviceId) -> Vec<u8> {
    [
        DOMAIN,
        context.space.as_bytes(),
        context.invite.as_bytes(),
        context.device.as_bytes(),
        context.share_key.as_bytes(),
        recipient.as_bytes(),
    ]
    .concat()
}
