//! Records: what people state to each other. The payload is JSON; a kind or field that this version does not know is
//! kept, because the signed bytes are.

use std::collections::BTreeMap;

use samverka_log::{DocumentId, LogId, MemberId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::event::Event;

/// A record as it reaches the plan: whoever hands it over has verified who signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRecord {
    /// Its id, a UUIDv7.
    pub id: [u8; 16],
    /// The document that it was written for.
    pub document: DocumentId,
    /// The log that it came in.
    pub log: LogId,
    /// What the author's clock said, in Unix milliseconds.
    pub time_ms: u64,
    /// The statement.
    pub payload: Vec<u8>,
    /// The signed bytes, verbatim.
    pub signed: Vec<u8>,
}

/// A record that a command made, to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDraft {
    /// Its id.
    pub id: [u8; 16],
    /// The time.
    pub time_ms: u64,
    /// The statement.
    pub payload: Vec<u8>,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// One more than the greatest that the author knew: an order in which causes come before effects.
    pub n: u64,
    /// What is stated.
    #[serde(flatten)]
    pub body: Body,
}

/// The kinds of statements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// Something happened to a commitment.
    Event {
        /// Which commitment.
        commitment: String,
        /// What.
        event: Event,
        /// The commitment's newest events that the author knew, by record id in hexadecimal.
        after: Vec<String>,
    },
    /// Somebody entitled says which of several answers holds.
    Settle {
        /// Kind and id of the entity, as `kind/id`.
        entity: String,
        /// The field.
        field: String,
        /// The answers that no longer stand.
        replaces: Vec<String>,
    },
    /// A member says who they are.
    Profile {
        /// Their name.
        name: String,
        /// Their organisation.
        organisation: String,
        /// Their title there.
        role_title: String,
        /// Their language.
        language: String,
    },
    /// An admin says who a member is, and which participant of the plan.
    Admit {
        /// The member.
        member: MemberHex,
        /// The participant.
        participant: String,
        /// The name that they gave when they knocked.
        name: String,
    },
    /// A member's dots in a vote; the latest counts.
    Ballot {
        /// The vote.
        vote: String,
        /// Dots by item.
        dots: BTreeMap<String, u32>,
    },
    /// A member stands behind a decision, or does not.
    Stance {
        /// The decision.
        decision: String,
        /// Whether they do.
        supports: bool,
        /// Why, by language.
        #[serde(default)]
        text: BTreeMap<String, String>,
    },
    /// How a goal fares, judged at a follow-up.
    Judgement {
        /// The goal.
        goal: String,
        /// `nearer`, `same`, `further` or `cannot_tell`.
        verdict: String,
        /// The day, as an ISO date.
        date: String,
    },
    /// What an imported plan says happened: stated, not verified.
    Imported {
        /// Events by commitment, as they were found.
        #[serde(default)]
        events: BTreeMap<String, Vec<Json>>,
        /// Ballots by vote and voter.
        #[serde(default)]
        ballots: BTreeMap<String, BTreeMap<String, BTreeMap<String, u32>>>,
    },
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

/// A member's id in JSON: hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberHex(pub MemberId);

impl Serialize for MemberHex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MemberHex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
