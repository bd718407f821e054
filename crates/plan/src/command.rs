//! What people do: commands in, outcomes out.

use std::collections::BTreeMap;

use samverka_log::{DocumentId, LogId, MemberId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use thiserror::Error;

use crate::event::Event;
use crate::record::RecordDraft;
use crate::schema::{EntityRef, Kind};

/// Texts by language (`sv`, `fi`, `en`, …).
pub type Texts = BTreeMap<String, String>;

/// Something that a person does. Every command is one Automerge change in each document it touches, and the records
/// it states; a command that does not fit changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Begins a plan: its title, its relays, a board, and the founder as its first participant and leader.
    NewPlan {
        /// The title.
        title: String,
        /// The founder's language.
        language: String,
        /// The founder's name.
        name: String,
        /// The founder's organisation.
        organisation: String,
        /// The founder's title there.
        role_title: String,
        /// Where the plan is kept.
        relays: Vec<String>,
    },
    /// Says who a new member is: an existing participant, or a new one.
    Admit {
        /// The member.
        #[serde(with = "hex_member")]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        member: MemberId,
        /// The name that they gave.
        name: String,
        /// The organisation that they gave.
        organisation: String,
        /// The title that they gave.
        role_title: String,
        /// Their language.
        language: String,
        /// Which participant they are.
        participant: Option<String>,
    },
    /// Says who one is oneself.
    Profile {
        /// The name.
        name: String,
        /// The organisation.
        organisation: String,
        /// The title there.
        role_title: String,
        /// The language.
        language: String,
    },
    /// Makes a thing. Fields are as in exports: texts by language, sets as lists, maps as objects.
    Add {
        /// Of which kind.
        kind: Kind,
        /// Its id; a new one where there is none.
        id: Option<String>,
        /// On which board, for what lives on boards; the plan's first board where there is none.
        board: Option<DocumentHex>,
        /// Its fields.
        fields: BTreeMap<String, Json>,
    },
    /// Changes fields of a thing. A text changes by the smallest splice, a set becomes what is given, a single value
    /// is proposed, and settled where the author is entitled.
    Edit {
        /// Which thing.
        entity: EntityRef,
        /// Its new fields; `null` clears one.
        fields: BTreeMap<String, Json>,
    },
    /// Writes in one text from what the author saw of it: what others have written since stays, also where that came
    /// between the author's screen and this command. For a text that is being typed, where [`Self::Edit`] would take
    /// it out.
    Write {
        /// Which thing.
        entity: EntityRef,
        /// Which of its texts.
        field: String,
        /// In which language.
        language: String,
        /// The text that the author began from.
        seen: String,
        /// What they made of it.
        text: String,
    },
    /// Adds and removes members of a set or map field.
    Members {
        /// Which thing.
        entity: EntityRef,
        /// Which field.
        field: String,
        /// What is added, by id.
        add: BTreeMap<String, Json>,
        /// What is removed.
        remove: Vec<String>,
    },
    /// Says which of several answers to one question holds.
    Settle {
        /// Which thing.
        entity: EntityRef,
        /// Which field.
        field: String,
        /// The answer that stays, by its id.
        keep: String,
    },
    /// Makes one cluster part of another: its notes, now and later, show there.
    MergeClusters {
        /// The cluster that ends.
        from: String,
        /// The cluster that stays.
        into: String,
    },
    /// Something happens to a commitment.
    Commitment {
        /// Which commitment.
        id: String,
        /// What happens.
        event: Event,
    },
    /// Opens a board.
    NewBoard {
        /// Its title.
        title: Texts,
    },
    /// Gives one's dots in a vote.
    Ballot {
        /// The vote.
        vote: String,
        /// Dots by item.
        dots: BTreeMap<String, u32>,
    },
    /// Gives the dots of somebody without a device, as whoever leads the conversation.
    BallotFor {
        /// The vote.
        vote: String,
        /// The participant.
        participant: String,
        /// Dots by item.
        dots: BTreeMap<String, u32>,
    },
    /// Closes a vote: its totals are shown.
    CloseVote {
        /// The vote.
        vote: String,
    },
    /// Lets one commitment go on as another that is the same; both histories are kept.
    MergeCommitments {
        /// The commitment that ends.
        from: String,
        /// The commitment that goes on.
        into: String,
    },
    /// Lets one participant go on as another that is the same: whoever spoke for the one speaks for the other from
    /// here on. An organisation that nobody else belongs to goes along.
    MergeParticipants {
        /// The participant that ends.
        from: String,
        /// The participant that goes on.
        into: String,
    },
    /// Agrees to the plan as it stands.
    Agree,
    /// Stands behind a decision, or not.
    Stance {
        /// The decision.
        decision: String,
        /// Whether one does.
        supports: bool,
        /// Why.
        text: Texts,
    },
    /// Judges a goal at a follow-up.
    Judge {
        /// The goal.
        goal: String,
        /// `nearer`, `same`, `further` or `cannot_tell`.
        verdict: String,
        /// The day.
        date: String,
    },
    /// Takes a whole plan in, as `exchange::import` reads it.
    Import(Box<crate::exchange::ImportedPlan>),
}

impl Command {
    /// The command's name, for histories.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NewPlan { .. } => "new_plan",
            Self::Admit { .. } => "admit",
            Self::Profile { .. } => "profile",
            Self::Add { .. } => "add",
            Self::Edit { .. } | Self::Write { .. } => "edit",
            Self::Members { .. } => "members",
            Self::Settle { .. } => "settle",
            Self::MergeClusters { .. } => "merge_clusters",
            Self::Commitment { event, .. } => event.name(),
            Self::NewBoard { .. } => "new_board",
            Self::Ballot { .. } => "ballot",
            Self::BallotFor { .. } => "ballot_for",
            Self::CloseVote { .. } => "close_vote",
            Self::MergeCommitments { .. } => "merge_commitments",
            Self::MergeParticipants { .. } => "merge_participants",
            Self::Agree => "agree_to_plan",
            Self::Stance { .. } => "stance",
            Self::Judge { .. } => "judge",
            Self::Import(_) => "import",
        }
    }
}

/// A document's id in JSON: hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
pub struct DocumentHex(pub DocumentId);

impl Serialize for DocumentHex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DocumentHex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

mod hex_member {
    use samverka_log::MemberId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(member: &MemberId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(member)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MemberId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Who carries out a command, and when.
pub struct Context<'a, R> {
    /// The log that its changes and records will be in.
    pub log: LogId,
    /// Whose device it is.
    pub member: MemberId,
    /// The time, in Unix milliseconds.
    pub now_ms: u64,
    /// Randomness for ids.
    pub rng: &'a mut R,
}

/// What a command made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Outcome {
    /// The things that it made or changed, the first one first.
    pub entities: Vec<EntityRef>,
    /// Remarks for the person: a personal identity code in a text, say. They were told; nothing was sent anywhere.
    pub remarks: Vec<String>,
}

/// What a command produced in one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produced {
    /// The document.
    pub document: DocumentId,
    /// Raw Automerge changes.
    pub changes: Vec<Vec<u8>>,
    /// Records to be signed.
    pub records: Vec<RecordDraft>,
}

/// A command that was carried out.
#[derive(Clone, Debug)]
pub struct Executed {
    /// What it produced.
    pub documents: Vec<Produced>,
    /// What it made.
    pub outcome: Outcome,
    /// What changed on the screen.
    pub delta: Delta,
}

/// What changed, thing by thing. Whoever shows views asks for those of `entities` and of `also` anew; a thing that has
/// no view any more is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Delta {
    /// Things that somebody changed or said something of, in order.
    pub entities: Vec<EntityRef>,
    /// Things that nobody changed and that look different because of those: the cluster that a note came into, a goal
    /// that a commitment serves, one that looks alike. In order, and none of `entities` among them.
    pub also: Vec<EntityRef>,
    /// Whether everything is to be shown anew: too much changed to name it, or something that all depends on.
    pub everything: bool,
}

impl Delta {
    /// Everything is to be shown anew.
    pub(crate) fn of_everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Whether nothing is to be shown anew.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty() && self.also.is_empty() && !self.everything
    }

    /// Everything to be shown anew, thing by thing. Where `everything` is set, there is more.
    pub fn to_show(&self) -> impl Iterator<Item = &EntityRef> {
        self.entities.iter().chain(&self.also)
    }
}

/// Why a command was not carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no such thing.
    #[error("there is no {} {id} in this plan", kind.container().trim_end_matches('s'))]
    Unknown {
        /// Of which kind.
        kind: Kind,
        /// The id that was given.
        id: String,
    },
    /// There is such a thing already.
    #[error("there is a {} {id} already", kind.container().trim_end_matches('s'))]
    Exists {
        /// Of which kind.
        kind: Kind,
        /// The id.
        id: String,
    },
    /// A value does not fit.
    #[error("{field}: {reason}")]
    Value {
        /// Which field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It is somebody else's to do, or does not fit where the commitment stands.
    #[error("{0}")]
    NotEntitled(String),
    /// There is no board yet.
    #[error("the plan has no board yet: make one first")]
    NoBoard,
}
