//! Frames: what a replica and a relay say to each other, one WebSocket binary message each.

use samverka_log::{
    DeviceId, Entry, EntryKind, Frontier, FrontierHash, LogId, LogRange, RelayKey, Signature, SignedHeader,
    SpaceId,
};

use crate::Code;
use crate::batch::{BATCH_BYTES_MAX, is_large};
use crate::limits::ENTRIES_MAX;

/// The newest protocol version spoken here.
pub const PROTOCOL_VERSION: u16 = 2;
/// The oldest protocol version spoken here.
pub const PROTOCOL_VERSION_MIN: u16 = 1;
/// The version from which on a client may leave bodies out ([`Bodies`]) and ask for them ([`Frame::WantBodies`]).
pub const PROTOCOL_VERSION_LEAN: u16 = 2;

/// The version that two sides speak: the newest that both know. `None` where they have none in common.
pub fn negotiate(theirs_min: u16, theirs_max: u16) -> Option<u16> {
    let newest = theirs_max.min(PROTOCOL_VERSION);
    (newest >= theirs_min.max(PROTOCOL_VERSION_MIN)).then_some(newest)
}

/// What a device may do with a space at a relay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// It may send entries.
    pub push: bool,
    /// It may receive entries.
    pub fetch: bool,
}

/// Which bodies a channel is sent with the entries that it lacks, until [`Frame::Live`]. From there on entries come
/// whole. A body that is left out can be asked for with [`Frame::WantBodies`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bodies {
    /// All.
    #[default]
    All,
    /// Those of membership operations and of snapshots.
    Snapshots,
    /// Those of membership operations: the receiver chooses the snapshots.
    Membership,
}

impl Bodies {
    /// Whether the bodies of a kind of entry are among them.
    pub const fn include(self, kind: EntryKind) -> bool {
        match self {
            Self::All => true,
            Self::Snapshots => matches!(kind, EntryKind::Membership | EntryKind::Snapshot),
            Self::Membership => matches!(kind, EntryKind::Membership),
        }
    }
}

/// Bodies that were asked for and are not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Of which entries.
    pub range: LogRange,
    /// Why.
    pub why: LackReason,
}

/// Why a body that was asked for is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LackReason {
    /// The relay has not got it: not the entry, or only its header. Another relay may have it, or this one later.
    Absent,
    /// Its document was dropped: it is gone for good.
    Dropped,
    /// It is kept from this device, because it was made by somebody who had lost the right to write. An admin may take
    /// it in; then it can be had.
    Withheld,
    /// Too much was asked at a time: ask again when earlier asks have been answered.
    Busy,
}

/// How a knock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnockState {
    /// An admin has not answered yet.
    Waiting,
    /// The device is in.
    Admitted,
    /// An admin said no.
    Refused,
    /// The knock ran out, or the invitation did.
    Expired,
}

/// One message. `channel` is a number that the client chooses for a space on this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// First of all, from the client.
    Hello {
        /// The oldest version that it speaks.
        protocol_min: u16,
        /// The newest version that it speaks.
        protocol_max: u16,
        /// Its name and version, for the relay's log.
        software: String,
    },
    /// The relay's answer, with its challenge.
    Welcome {
        /// The version that is spoken from here on.
        protocol: u16,
        /// The relay's identity.
        relay_key: RelayKey,
        /// Random, new for every connection.
        nonce: [u8; 32],
        /// Its name and version.
        software: String,
    },
    /// A device asks for a space and proves its key.
    Attach {
        /// The channel.
        channel: u32,
        /// The space.
        space: SpaceId,
        /// The device.
        device: DeviceId,
        /// The host in the address that the client used: one that the relay answers to.
        host: String,
        /// Over [`samverka_log::attach_message`].
        signature: Signature,
    },
    /// The device is in.
    Attached {
        /// The channel.
        channel: u32,
        /// What it may do.
        rights: Rights,
        /// The relay's frontier, hashed.
        frontier_hash: FrontierHash,
    },
    /// Something about a channel was refused.
    Refused {
        /// The channel.
        channel: u32,
        /// Why.
        code: Code,
        /// Details, for people.
        detail: String,
    },
    /// A client brings a new space.
    Create {
        /// The channel.
        channel: u32,
        /// What the relay's host handed out, where it takes one.
        token: String,
        /// The genesis entry first; more of the founder's membership log may follow.
        entries: Vec<Entry>,
    },
    /// The space is durable.
    Created {
        /// The channel.
        channel: u32,
    },
    /// What one side has.
    FrontierIs {
        /// The channel.
        channel: u32,
        /// Everything that is durable there.
        frontier: Frontier,
        /// Whether the other side's is asked for in return.
        reply: bool,
        /// Which bodies to send with what is missing; from the relay always all.
        bodies: Bodies,
    },
    /// Entries, each log in order.
    Entries {
        /// The channel.
        channel: u32,
        /// The entries.
        entries: Vec<Entry>,
    },
    /// A piece of a large body. The pieces of one entry follow each other; other frames may come in between.
    Part {
        /// The channel.
        channel: u32,
        /// The entry's header, in the first piece.
        header: Option<SignedHeader>,
        /// Where the piece begins.
        offset: u32,
        /// Length of the whole body.
        total: u32,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// Everything that was missing has been sent; from here on entries come as they arrive.
    Live {
        /// The channel.
        channel: u32,
    },
    /// Entries are durable up to (and without) these numbers.
    Ack {
        /// The channel.
        channel: u32,
        /// For each log the next number.
        logs: Vec<(LogId, u64)>,
    },
    /// An entry was not taken.
    Reject {
        /// The channel.
        channel: u32,
        /// The log.
        log: LogId,
        /// The number.
        number: u64,
        /// Why.
        code: Code,
        /// Details, for people.
        detail: String,
    },
    /// Proof that a log forked.
    Fork {
        /// The channel.
        channel: u32,
        /// One branch.
        first: SignedHeader,
        /// The other.
        second: SignedHeader,
    },
    /// A sealed message of the moment: fanned out, never stored.
    Ephemeral {
        /// The channel.
        channel: u32,
        /// The sealed bytes.
        bytes: Vec<u8>,
    },
    /// A device's receipt ([`samverka_log::Receipt`]).
    Receipt {
        /// The channel.
        channel: u32,
        /// The signed bytes.
        receipt: Vec<u8>,
    },
    /// A newcomer asks to be let in ([`samverka_log::Knock`]); answered on the same channel.
    Knock {
        /// The channel.
        channel: u32,
        /// The space.
        space: SpaceId,
        /// The signed bytes.
        knock: Vec<u8>,
    },
    /// How a knock stands; sent again when that changes.
    KnockAnswer {
        /// The channel.
        channel: u32,
        /// How it stands.
        state: KnockState,
    },
    /// Who waits at the door, to attached admins: all of them, whenever that changes.
    Knocks {
        /// The channel.
        channel: u32,
        /// The signed bytes of each.
        knocks: Vec<Vec<u8>>,
    },
    /// An admin answers no, or has seen to it otherwise.
    KnockClose {
        /// The channel.
        channel: u32,
        /// The newcomer's device.
        device: DeviceId,
        /// Whether the newcomer is told no.
        refused: bool,
    },
    /// Are you there?
    Ping {
        /// Comes back.
        token: u64,
    },
    /// I am.
    Pong {
        /// As it came.
        token: u64,
    },
    /// The client has done with a channel.
    Detach {
        /// The channel.
        channel: u32,
    },
    /// A client asks for bodies that it lacks; answered by entries with their bodies, in the order of the ranges, and
    /// [`Frame::Lacking`].
    WantBodies {
        /// The channel.
        channel: u32,
        /// The client's number for what it asks, for the answer to name.
        ask: u32,
        /// Which entries, in the order in which they are wanted; none is empty.
        wants: Vec<LogRange>,
    },
    /// What is not sent of what was asked for, and when an ask is answered.
    Lacking {
        /// The channel.
        channel: u32,
        /// The client's number of what it asked.
        ask: u32,
        /// Which bodies do not come, in the order in which they were asked for; none is empty.
        lacks: Vec<Lack>,
        /// Whether everything else that was asked for has been sent. Otherwise there is more to come.
        last: bool,
    },
    /// The connection ends.
    Bye {
        /// Why.
        code: Code,
        /// Details, for people.
        detail: String,
    },
    /// A kind of a newer version; passed over.
    Unknown {
        /// The kind.
        kind: u8,
        /// What follows it.
        bytes: Vec<u8>,
    },
}

impl Frame {
    /// A client's greeting.
    pub fn hello(software: &str) -> Self {
        Self::Hello {
            protocol_min: PROTOCOL_VERSION_MIN,
            protocol_max: PROTOCOL_VERSION,
            software: software.to_owned(),
        }
    }

    /// Brings a new space with as much of the founder's membership log as one frame holds; the rest is pushed when the
    /// channel is attached, like any entry that the relay lacks.
    pub fn create(channel: u32, token: String, entries: Vec<Entry>) -> Self {
        let mut size = 0;
        let fits = |entry: &Entry| {
            size += entry.size();
            size <= BATCH_BYTES_MAX && !is_large(entry)
        };
        let entries = entries.into_iter().take(ENTRIES_MAX).take_while(fits).collect();
        Self::Create { channel, token, entries }
    }

    /// The channel that the frame is about.
    pub const fn channel(&self) -> Option<u32> {
        match self {
            Self::Attach { channel, .. }
            | Self::Attached { channel, .. }
            | Self::Refused { channel, .. }
            | Self::Create { channel, .. }
            | Self::Created { channel }
            | Self::FrontierIs { channel, .. }
            | Self::Entries { channel, .. }
            | Self::Part { channel, .. }
            | Self::Live { channel }
            | Self::Ack { channel, .. }
            | Self::Reject { channel, .. }
            | Self::Fork { channel, .. }
            | Self::Ephemeral { channel, .. }
            | Self::Receipt { channel, .. }
            | Self::Knock { channel, .. }
            | Self::KnockAnswer { channel, .. }
            | Self::Knocks { channel, .. }
            | Self::KnockClose { channel, .. }
            | Self::WantBodies { channel, .. }
            | Self::Lacking { channel, .. }
            | Self::Detach { channel } => Some(*channel),
            Self::Hello { .. }
            | Self::Welcome { .. }
            | Self::Ping { .. }
            | Self::Pong { .. }
            | Self::Bye { .. }
            | Self::Unknown { .. } => None,
        }
    }
}
