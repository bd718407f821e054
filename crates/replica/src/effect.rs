//! What a replica asks of its shell, and what it tells.

use samverka_log::{DeviceId, DocumentId, MemberId};
use samverka_plan::Delta;
use samverka_store::Request;

/// Numbers a request to the store, so that its answer finds its way back. Counted by the machine itself: a run can be
/// replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// One connection to one relay, numbered by the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Something for the shell to carry out, in order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Hand the request to the store, and its answer to `handle_stored`. Requests are answered in order.
    Store {
        /// Which request.
        id: RequestId,
        /// What to read or write.
        request: Request,
    },
    /// Send one frame.
    Send {
        /// On which connection.
        session: SessionId,
        /// The encoded frame.
        frame: Vec<u8>,
    },
    /// Close a connection; the reason is for people.
    Close {
        /// Which connection.
        session: SessionId,
        /// Why.
        reason: String,
    },
}

/// Something that happened, for whoever shows it.
#[derive(Clone, Debug)]
pub enum Event {
    /// Entities changed; ask the views.
    Changed(Delta),
    /// A status may read differently: ask for it.
    StatusChanged,
    /// A relay has sent everything that it has, and has taken everything that this device has.
    Synced(SessionId),
    /// A relay has been caught up with as far as receiving goes.
    Live(SessionId),
    /// A relay refused something; nothing is lost.
    Refused {
        /// Which connection.
        session: SessionId,
        /// What it said, as a sentence.
        reason: String,
    },
    /// Somebody wants to come in.
    Knocked {
        /// The newcomer's device.
        device: DeviceId,
    },
    /// The answer to this device's own knock.
    KnockAnswered {
        /// Which connection.
        session: SessionId,
        /// How it stands.
        state: KnockState,
    },
    /// Who is in has changed.
    MembershipChanged,
    /// An entry, or a change in one, was left out, with the reason.
    LeftOut {
        /// Whose.
        member: Option<MemberId>,
        /// Of which document.
        document: DocumentId,
        /// Why, as a sentence.
        reason: String,
    },
    /// A sealed message of the moment (presence, cursors) from another device.
    Ephemeral {
        /// Whose.
        device: DeviceId,
        /// What it says.
        content: Vec<u8>,
    },
    /// Something that whoever is at the screen should know.
    Notice {
        /// What, as a sentence.
        reason: String,
    },
    /// The store could not keep what it was given: the edit is on the screen and not saved.
    StoreFailed {
        /// What went wrong and what to do.
        reason: String,
    },
}

/// How a knock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnockState {
    /// Nobody has answered yet.
    Waiting,
    /// An admin let this device in.
    Admitted,
    /// An admin said no.
    Refused,
    /// The knock or the invitation ran out.
    Expired,
}
