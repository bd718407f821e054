//! One newtype for every id, key and hash, so that two arrays of the same length never change places.

use core::fmt;
use core::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use thiserror::Error;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is not hexadecimal, or has the wrong length.
    #[error("expected {expected} hexadecimal digits")]
    Form {
        /// How many digits the id has.
        expected: usize,
    },
}

macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; $len]);

        impl Ord for $name {
            /// By the bytes. Hashes and keys differ in the first ones as a rule, so those are compared as one number: a
            /// device looks up 10,000 entries in half a dozen maps when it opens a plan.
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                let first = |id: &Self| id.0.first_chunk().map(|first| u64::from_be_bytes(*first));
                first(self).cmp(&first(other)).then_with(|| self.0.cmp(&other.0))
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;
            /// All zero bytes: "none" where a header has a fixed place for it.
            pub const ZERO: Self = Self([0; $len]);

            /// Wraps raw bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The raw bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Whether all bytes are zero.
            pub fn is_zero(&self) -> bool {
                *self == Self::ZERO
            }

            /// The first eight hexadecimal digits, for people and logs.
            pub fn short(&self) -> String {
                HEX.encode(&self.0[..4])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEX.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let form = IdError::Form { expected: $len * 2 };
                let bytes = HEX.decode(text.as_bytes()).map_err(|_| form)?;
                Ok(Self(bytes.try_into().map_err(|_| form)?))
            }
        }
    };
}

byte_id! {
    /// A space: the id of its genesis entry.
    SpaceId, 32
}
byte_id! {
    /// A device of one space: its Ed25519 public key.
    DeviceId, 32
}
byte_id! {
    /// An entry: SHA-256 of its header, signature included.
    EntryId, 32
}
byte_id! {
    /// An epoch of content keys: the id of the membership entry that began it.
    EpochId, 32
}
byte_id! {
    /// A document of a space. Random; relays see it and do not know what it is. Zero in membership entries.
    DocumentId, 16
}
byte_id! {
    /// A person in a space, with one or more devices: the first 16 bytes of
    /// `SHA-256("samverka/member/v1" ‖ space ‖ first device)`, so that two admins who admit the same device apart
    /// admit the same member. (The founder's space id is not known yet: it uses a zero space.)
    MemberId, 16
}
byte_id! {
    /// SHA-256 of a sealed body.
    BodyHash, 32
}
byte_id! {
    /// A keyed hash of the Automerge change hashes and record ids inside a body; says nothing without the epoch key.
    ContentCommitment, 32
}
byte_id! {
    /// A hash over a whole frontier.
    FrontierHash, 32
}
byte_id! {
    /// The X25519 public key to which a device's shares of epoch keys are sealed.
    ShareKey, 32
}
byte_id! {
    /// The Ed25519 public key that an invitation's secret derives.
    InviteKey, 32
}
byte_id! {
    /// A relay's Ed25519 identity key.
    RelayKey, 32
}
byte_id! {
    /// An Ed25519 signature (RFC 8032).
    Signature, 64
}

/// A writer on a device: a random number, taken under a lock. Slot 0 is the device's membership log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SlotId(pub u64);

impl SlotId {
    /// The slot of the membership log.
    pub const MEMBERSHIP: Self = Self(0);
}

/// One append-only chain: a slot of a device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    /// Whose key signs it.
    pub device: DeviceId,
    /// Which writer on that device.
    pub slot: SlotId,
}

impl LogId {
    /// The membership log of a device.
    pub const fn membership(device: DeviceId) -> Self {
        Self { device, slot: SlotId::MEMBERSHIP }
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:016x}", self.device, self.slot.0)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({}:{:x})", self.device.short(), self.slot.0)
    }
}

impl From<SpaceId> for EntryId {
    fn from(space: SpaceId) -> Self {
        Self(space.0)
    }
}

impl From<EntryId> for SpaceId {
    fn from(entry: EntryId) -> Self {
        Self(entry.0)
    }
}

impl From<EntryId> for EpochId {
    fn from(entry: EntryId) -> Self {
        Self(entry.0)
    }
}

impl From<EpochId> for EntryId {
    fn from(epoch: EpochId) -> Self {
        Self(epoch.0)
    }
}

#[cfg(test)]
mod tests {
    use super::EntryId;

    #[test]
    fn ids_are_in_the_order_of_their_bytes() {
        let id = |place: usize, byte: u8| {
            let mut bytes = [5; EntryId::LEN];
            bytes[place] = byte;
            bytes
        };
        let mut all: Vec<[u8; 32]> =
            [0, 1, 7, 8, 31].into_iter().flat_map(|at| [id(at, 4), id(at, 6)]).collect();
        all.push([5; 32]);
        for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            assert_eq!(EntryId::from_bytes(*a).cmp(&EntryId::from_bytes(*b)), a.cmp(b));
        }
    }
}
