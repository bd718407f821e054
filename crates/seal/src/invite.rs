//! Invitations: a secret in a link's fragment, which derives a signing key and never a content key.

use core::fmt;

use data_encoding::BASE64URL_NOPAD;
use rand_core::CryptoRng;
use samverka_log::wire::{Reader, WireError, Writer};
use samverka_log::{DeviceId, InviteKey, ShareKey, Signature, SpaceId};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::hazmat::ed25519::SigningSecret;
use crate::hazmat::{hkdf, sha256};
use crate::limits::{ADMISSION_KEYS_MAX, LINK_RELAYS_MAX, RELAY_URL_BYTES_MAX};
use crate::relay_url::{RelayUrl, RelayUrlError};
use crate::secret::Secret;

const VERSION: u8 = 1;
const SIGNING_DOMAIN: &[u8] = b"samverka/invite-signing/v1";
const CHECKSUM_DOMAIN: &[u8] = b"samverka/link/v1";
const CHECKSUM_LEN: usize = 4;
/// Version and length: what has to be read before a link's end is known.
const HEAD_LEN: usize = 3;
/// What goes between the relay's address and the token.
const FRAGMENT: &str = "/#/join/";

/// The secret of one invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteSecret(Secret<32>);

impl InviteSecret {
    /// Makes a secret.
    pub fn make(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::make(rng))
    }

    /// Takes a secret from a vault.
    pub fn from_secret_bytes(bytes: &Zeroizing<[u8; 32]>) -> Self {
        Self(Secret::copy_of(bytes))
    }

    /// The secret, for a vault.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.0.expose())
    }

    /// Derives the signing key of this invitation to `space`.
    pub fn derive_signer(&self, space: SpaceId) -> InviteSigner {
        let seed = hkdf::derive(self.0.expose(), &[SIGNING_DOMAIN, space.as_bytes()]);
        InviteSigner(SigningSecret::from_seed(&seed))
    }
}

/// Signs knocks for an invitation.
#[derive(Clone, Debug)]
pub struct InviteSigner(SigningSecret);

impl InviteSigner {
    /// The public key, as the invite operation names it.
    pub fn key(&self) -> InviteKey {
        InviteKey::from_bytes(self.0.public())
    }

    /// Signs with Ed25519 (RFC 8032).
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message)
    }
}

/// An admin's device, to which a newcomer seals their profile. Named in the link, so that a relay cannot put its own
/// keys in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionKey {
    /// The admin's device.
    pub device: DeviceId,
    /// Its share key.
    pub share_key: ShareKey,
}

/// A participant of the plan: the id of an entity in its document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ParticipantId(pub [u8; 16]);

/// What an invitation link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteLink {
    /// The space.
    pub space: SpaceId,
    /// Where it is kept: at least one relay, the first one serves the link.
    pub relays: Vec<RelayUrl>,
    /// The admins' devices to knock at: at least one.
    pub admission: Vec<AdmissionKey>,
    /// The invitation's secret.
    pub secret: InviteSecret,
    /// For whom it is meant.
    pub participant: Option<ParticipantId>,
}

/// Why a text is not an invitation link, or a link cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkError {
    /// There is no `#/join/` in the text.
    #[error("this is not an invitation link: it has no #/join/ in it")]
    NotALink,
    /// The link ends early.
    #[error(
        "the link is cut off: it has {got} characters after #/join/ and should have {expected}; copy it whole"
    )]
    CutOff {
        /// How many characters there are.
        got: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The link's checksum is wrong.
    #[error("the link is damaged: a character was changed on the way; ask for it again or scan the code")]
    Damaged,
    /// A version that this program does not know.
    #[error("the link is of version {0}, newer than this program: update it")]
    Version(u8),
    /// The checksum is right and the content is not: made by a faulty program.
    #[error("the link is malformed: {0}")]
    Malformed(&'static str),
    /// A relay's address in it is wrong.
    #[error("the link names a relay with a wrong address: {0}")]
    Relay(#[from] RelayUrlError),
}

impl InviteLink {
    /// The link, `https://relay/#/join/…`. Whoever has it can knock, so it is zeroed on drop.
    ///
    /// # Errors
    /// [`LinkError::Malformed`] for no or too many relays or admission keys.
    pub fn to_url(&self) -> Result<Zeroizing<String>, LinkError> {
        let relay = self.relays.first().ok_or(LinkError::Malformed("it names no relay"))?;
        let token = Zeroizing::new(BASE64URL_NOPAD.encode(&self.encode()?));
        Ok(Zeroizing::new(format!("{relay}{FRAGMENT}{}", token.as_str())))
    }

    /// Reads a link out of a text as people paste it: with white space and line breaks, in angle brackets, with
    /// punctuation behind.
    ///
    /// # Errors
    /// [`LinkError`], above all [`LinkError::CutOff`] for a link that a mail program has broken.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let token = find_token(text).ok_or(LinkError::NotALink)?;
        let head = decode_prefix(&token, HEAD_LEN)?;
        let (version, total) = match head[..] {
            [version, high, low] => (version, usize::from(u16::from_be_bytes([high, low]))),
            _ => return Err(LinkError::Malformed("its head is missing")),
        };
        if version != VERSION {
            return Err(LinkError::Version(version));
        }
        if total < HEAD_LEN + CHECKSUM_LEN {
            return Err(LinkError::Damaged);
        }
        let bytes = decode_prefix(&token, total)?;
        let (content, checksum) = bytes.split_at(total - CHECKSUM_LEN);
        if link_checksum(content) != checksum {
            return Err(LinkError::Damaged);
        }
        let content = content.get(HEAD_LEN..).unwrap_or_default();
        Self::decode(content)
    }

    /// Layout: version u8, length u16 (of all), space, relays (count u8; length u8, text), admission keys (count u8;
    /// device, share key), secret, participant (0, or 1 and 16 bytes), checksum (4 bytes of SHA-256).
    fn encode(&self) -> Result<Zeroizing<Vec<u8>>, LinkError> {
        self.check()?;
        let mut out = Writer::new();
        let short = |len: usize| u8::try_from(len).map_err(|_| LinkError::Malformed("a list is too long"));
        out.bytes(self.space.as_bytes()).u8(short(self.relays.len())?);
        for relay in &self.relays {
            out.u8(short(relay.as_str().len())?).bytes(relay.as_str().as_bytes());
        }
        out.u8(short(self.admission.len())?);
        for key in &self.admission {
            out.bytes(key.device.as_bytes()).bytes(key.share_key.as_bytes());
        }
        out.bytes(self.secret.0.expose());
        match self.participant {
            Some(ParticipantId(id)) => out.u8(1).bytes(&id),
            None => out.u8(0),
        };
        let body = Zeroizing::new(out.finish());
        let total = u16::try_from(HEAD_LEN + body.len() + CHECKSUM_LEN)
            .map_err(|_| LinkError::Malformed("it is too long"))?;
        let mut bytes = Zeroizing::new([[VERSION].as_slice(), &total.to_be_bytes(), &body].concat());
        let checksum = link_checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        Ok(bytes)
    }

    fn decode(content: &[u8]) -> Result<Self, LinkError> {
        let short = |_: WireError| LinkError::Malformed("it ends early");
        let mut input = Reader::new(content);
        let space = SpaceId::from_bytes(input.array().map_err(short)?);
        let relays = (0..input.u8().map_err(short)?)
            .map(|_| {
                let len = input.u8().map_err(short)?;
                let text = input.bytes(usize::from(len)).map_err(short)?;
                let text =
                    core::str::from_utf8(text).map_err(|_| LinkError::Malformed("an address is not text"))?;
                Ok(text.parse::<RelayUrl>()?)
            })
            .collect::<Result<_, LinkError>>()?;
        let admission = (0..input.u8().map_err(short)?)
            .map(|_| {
                let device = DeviceId::from_bytes(input.array().map_err(short)?);
                Ok(AdmissionKey { device, share_key: ShareKey::from_bytes(input.array().map_err(short)?) })
            })
            .collect::<Result<_, LinkError>>()?;
        let secret = InviteSecret(Secret::copy_of(&Zeroizing::new(input.array().map_err(short)?)));
        let participant = match input.u8().map_err(short)? {
            0 => None,
            1 => Some(ParticipantId(input.array().map_err(short)?)),
            _ => return Err(LinkError::Malformed("its participant is neither there nor not")),
        };
        input.finish().map_err(|_| LinkError::Malformed("it goes on after its end"))?;
        let link = Self { space, relays, admission, secret, participant };
        link.check()?;
        Ok(link)
    }

    fn check(&self) -> Result<(), LinkError> {
        let within = |count: usize, max: usize, what| {
            if (1..=max).contains(&count) { Ok(()) } else { Err(LinkError::Malformed(what)) }
        };
        within(self.relays.len(), LINK_RELAYS_MAX, "it names no relay, or too many")?;
        within(self.admission.len(), ADMISSION_KEYS_MAX, "it names no admin's device, or too many")?;
        let longest = self.relays.iter().map(|relay| relay.as_str().len()).max().unwrap_or(0);
        if longest > RELAY_URL_BYTES_MAX {
            Err(LinkError::Malformed("an address is too long"))
        } else {
            Ok(())
        }
    }
}

/// Twelve digits for two people to compare, one at the newcomer's screen and one at an admin's: the newcomer's device
/// and share key, as the admin received them. They differ if somebody who caught the link knocks in the newcomer's
/// place.
///
/// The thief may search for keys with the same code. Six digits would fall in a minute on any laptop; twelve, each
/// guess costing [`CheckCode::ROUNDS`] hashes, take a large graphics card about a month, and a knock lives for days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckCode(u64);

impl CheckCode {
    /// Rounds of SHA-256: some 3 ms for each code.
    pub const ROUNDS: u32 = 1 << 14;
    const DOMAIN: &[u8] = b"samverka/check-code/v1";

    /// Derives the code of a knock. The same keys give the same code, however often the device knocks.
    pub fn derive(space: SpaceId, invite: InviteKey, device: DeviceId, share_key: ShareKey) -> Self {
        let keys =
            [*space.as_bytes(), *invite.as_bytes(), *device.as_bytes(), *share_key.as_bytes()].concat();
        let first = sha256::digest(&[Self::DOMAIN, &keys]);
        let last = (0..Self::ROUNDS).fold(first, |hash, _| sha256::digest(&[&hash, &keys]));
        let (number, _) = last.split_first_chunk::<8>().expect("a digest has 32 bytes");
        Self(u64::from_be_bytes(*number) % 1_000_000_000_000)
    }
}

impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |divisor: u64| self.0 / divisor % 1000;
        write!(f, "{:03} {:03} {:03} {:03}", group(1_000_000_000), group(1_000_000), group(1000), group(1))
    }
}

fn link_checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    let digest = sha256::digest(&[CHECKSUM_DOMAIN, bytes]);
    let (checksum, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
    *checksum
}

/// The base64url characters after `#/join/`, white space left out, up to the first character that is neither.
fn find_token(text: &str) -> Option<Zeroizing<String>> {
    let lower = text.to_ascii_lowercase();
    let (at, marker) =
        ["#/join/", "%23/join/"].iter().find_map(|marker| lower.find(marker).map(|at| (at, marker.len())))?;
    let blank = |c: &char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}' | '\u{ad}');
    let token = text
        .get(at + marker..)?
        .chars()
        .filter(|c| !blank(c))
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    Some(Zeroizing::new(token))
}

/// The first `len` bytes of a token; what comes after them is not looked at.
fn decode_prefix(token: &str, len: usize) -> Result<Zeroizing<Vec<u8>>, LinkError> {
    let expected = (len * 4).div_ceil(3);
    let cut_off = LinkError::CutOff { got: token.len(), expected };
    let prefix = token.get(..expected).ok_or(cut_off)?;
    BASE64URL_NOPAD.decode(prefix.as_bytes()).map(Zeroizing::new).map_err(|_| LinkError::Damaged)
}
