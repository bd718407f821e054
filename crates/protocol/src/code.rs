//! Why a relay says no, by number, with a sentence that says what to do.

use core::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $sentence:literal;)*) => {
        /// Why something was refused. Numbers of newer versions are kept as [`Code::Other`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
            /// A code of a newer version.
            Other(u16),
        }

        impl Code {
            /// The number on the wire.
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Other(number) => number,
                }
            }

            /// The code of a number.
            pub const fn from_number(number: u16) -> Self {
                match number {
                    $($number => Self::$name,)*
                    number => Self::Other(number),
                }
            }

            /// What happened and what to do, for people.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)*
                    Self::Other(_) => "the relay refused for a reason that this version does not know: update it",
                }
            }

            /// Every code that this version knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    /// Bytes that are not a frame, or a frame out of place.
    Malformed = 1, "the message is malformed: the program is faulty or newer than the relay";
    /// Over a limit of size.
    TooLarge = 2, "the message is over the limit of size";
    /// No protocol version in common.
    Version = 3, "the two programs have no protocol version in common: update the older one";
    /// Nothing was heard for too long.
    Timeout = 4, "nothing was heard for too long: connect again";
    /// The relay is stopping.
    GoingAway = 5, "the relay is stopping: connect again in a moment, nothing is lost";
    /// The relay failed.
    Internal = 6, "the relay failed: connect again in a moment, nothing is lost";
    /// Too much at a time.
    Busy = 7, "the relay has too much to do: try again in a moment";
    /// Faster than allowed.
    RateLimited = 8, "this is faster than the relay allows: it goes on more slowly";
    /// Too many channels on one connection.
    TooManyChannels = 9, "the connection has as many plans open as it may";
    /// The relay does not have the space.
    UnknownSpace = 20, "the relay does not carry this plan";
    /// The relay takes no new spaces, or not with this token.
    HostingClosed = 21, "the relay does not take new plans from here: ask who runs it for a token";
    /// The device is not a member.
    NotAMember = 22, "this device is not a member of the plan";
    /// The device was removed.
    Removed = 23, "this device was removed from the plan";
    /// The proof of the device's key does not hold.
    BadProof = 24, "the device could not prove its key to this relay: is the relay's address the one in the plan?";
    /// The author's role does not allow it.
    NotEntitled = 25, "the author's role does not allow this";
    /// The space uses more than the relay grants.
    Quota = 26, "the plan uses more room than the relay grants: ask who runs it";
    /// A signature does not hold.
    BadSignature = 40, "an entry's signature does not hold";
    /// A body is not the one that the header names.
    BodyMismatch = 41, "an entry's body is not the one that its header names";
    /// A body is missing where it has to be there.
    BodyMissing = 42, "an entry came without its body";
    /// Entries before it are missing.
    Gap = 43, "entries before this one are missing at the relay: they are sent again";
    /// Another entry has its place in the log.
    Fork = 44, "another entry has this place in the log: the device or a copy of it wrote twice";
    /// It names membership operations that the relay lacks.
    MissingParents = 45, "the entry names changes of membership that the relay lacks: they are sent first";
    /// It belongs to another space.
    WrongSpace = 46, "the entry belongs to another plan";
    /// The space has as many logs as it may.
    TooManyLogs = 47, "the plan has as many writers as it may";
    /// The relay's disk is full.
    StorageFull = 48, "the relay's disk is full: nothing is lost here, tell who runs it";
    /// There is no such invitation.
    UnknownInvitation = 60, "the invitation is not known: ask for a new link";
    /// The invitation was taken back, has run out or is used up.
    InvitationClosed = 61, "the invitation was taken back, has run out or is used up: ask for a new link";
    /// Too many knock at once.
    TooManyKnocks = 62, "too many wait at the door: try again in a moment";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sentence(), self.number())
    }
}
