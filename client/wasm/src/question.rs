//! What JavaScript may ask of an opened plan: one JSON object, told apart by `ask`.

use samverka_plan::{Command, EntityRef, Kind};
use serde::Deserialize;

/// A question or an action. `api.ts` says what each answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// The opened plan and who one is in it.
    Opened,
    /// How coming in stands, as far as this device knows by itself.
    Join,
    /// The plan's title, purpose, counts, relays.
    Plan,
    /// All notes.
    Notes {
        /// Of one board, or of all.
        board: Option<String>,
    },
    /// All clusters.
    Clusters {
        /// Of one board, or of all.
        board: Option<String>,
    },
    /// All commitments.
    Commitments,
    /// One commitment.
    Commitment {
        /// Which.
        id: String,
    },
    /// What happened to a commitment.
    CommitmentEvents {
        /// Which.
        id: String,
    },
    /// What this member may do about a commitment now.
    CommitmentChoices {
        /// Which.
        id: String,
    },
    /// All participants.
    Participants,
    /// All things of a kind.
    Things {
        /// Which kind.
        kind: Kind,
        /// On one board, for what lives on boards.
        board: Option<String>,
    },
    /// One thing.
    Thing {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// Everything with more than one answer.
    Questions,
    /// Whether this member may settle a question about a thing.
    MaySettle {
        /// Which thing.
        entity: EntityRef,
    },
    /// What looks like a personal code in a text.
    PrivacyHints {
        /// The text.
        text: String,
    },
    /// What is where.
    Status,
    /// Carries out a command.
    Execute {
        /// Which.
        command: Box<Command>,
    },
    /// Who is in.
    Members,
    /// Changes what somebody may do.
    ChangeRole {
        /// Whose.
        member: String,
        /// `reader`, `editor` or `admin`.
        role: String,
    },
    /// Removes somebody.
    RemoveMember {
        /// Whom.
        member: String,
    },
    /// Removes one device.
    RemoveDevice {
        /// Which.
        device: String,
    },
    /// Leaves the plan.
    Leave,
    /// What is held back.
    LateEntries,
    /// Takes in what somebody wrote before hearing that they were removed.
    AcceptLate {
        /// Whose.
        member: String,
    },
    /// All invitations.
    Invites,
    /// Makes an invitation.
    Invite {
        /// What newcomers may do.
        role: String,
        /// When it ends.
        expires_at_ms: u64,
        /// How many may come by it.
        uses: u32,
        /// Which participant it is for.
        participant: Option<String>,
    },
    /// Takes an invitation back.
    RevokeInvite {
        /// Which.
        invite: String,
    },
    /// Who is at the door.
    Knocks,
    /// Lets somebody in.
    Admit {
        /// Their device.
        device: String,
        /// Which participant they are.
        participant: Option<String>,
    },
    /// Says no to somebody.
    RefuseKnock {
        /// Their device.
        device: String,
    },
    /// Lets everybody with a valid invitation in until then.
    OpenDoor {
        /// Until when.
        until_ms: u64,
    },
    /// Closes the door.
    CloseDoor,
    /// Until when the door is open.
    Door,
    /// Says something of the moment to whoever is there.
    Present {
        /// What.
        content: serde_json::Value,
    },
}
