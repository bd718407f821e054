//! Records: what people state to each other. The payload is JSON; a kind or field that this version does not know is
//! kept, because the signed bytes are.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
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
    /// Whether its author decided who is in when they stated it. Membership says so, for the point of the log at
    /// which it was stated: what somebody said as an admin stays when they are one no longer.
    pub by_admin: bool,
}

impl VerifiedRecord {
    /// What other records and people call it: its id and the beginning of its device's key, so that nobody can make a
    /// record that goes by another's name.
    pub fn name(&self) -> String {
        record_name(&self.id, &self.log)
    }
}

/// As [`VerifiedRecord::name`].
pub(crate) fn record_name(id: &[u8; 16], log: &LogId) -> String {
    let device = log.device.as_bytes().get(..8).unwrap_or_default();
    HEXLOWER.encode(id) + &HEXLOWER.encode(device)
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
    /// One more than the greatest that the author's member had stated, as far as their device knew: the order of one
    /// person's own words. Nobody else's matter for it, so nobody can raise it for others.
    pub n: u64,
    /// The newest records on who is who that the author knew: as whom they spoke, and with what right, follows from
    /// these, whatever is said of them later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roster: Vec<String>,
    /// What is stated.
    #[serde(flatten)]
    pub body: Body,
}

impl Statement {
    /// Reads a statement; `None` where it is none.
    ///
    /// As [`Deserialize`], and three times as fast for events, which are nearly all: what is flattened and tagged goes
    /// through a buffer of values twice.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(borrow)]
            kind: std::borrow::Cow<'a, str>,
            n: u64,
            #[serde(default)]
            roster: Vec<String>,
        }
        #[derive(Deserialize)]
        struct OfCommitment {
            commitment: String,
            event: Event,
            after: Vec<String>,
            #[serde(default)]
            terms: Option<Terms>,
        }
        let head: Head<'_> = serde_json::from_slice(payload).ok()?;
        let body = if head.kind == "event" {
            let OfCommitment { commitment, event, after, terms } = serde_json::from_slice(payload).ok()?;
            Body::Event { commitment, event, after, terms }
        } else {
            serde_json::from_slice(payload).ok()?
        };
        Some(Self { n: head.n, roster: head.roster, body })
    }
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
        /// The commitment's newest events that the author knew.
        after: Vec<String>,
        /// With `suggest`: the terms on which the commitment begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Terms>,
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
    /// Somebody entitled says where a participant belongs and what they do in the network. What is left out stays.
    Place {
        /// The participant.
        participant: String,
        /// Their organisation's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<String>,
        /// What they do in the network: `leader`, `facilitator`, ….
        #[serde(default, skip_serializing_if = "Option::is_none")]
        network_role: Option<String>,
    },
    /// A vote is opened, with its rules.
    VoteOpened {
        /// The vote.
        vote: String,
        /// Its rules.
        #[serde(flatten)]
        limits: Limits,
    },
    /// A vote is closed: the totals are shown.
    VoteClosed {
        /// The vote.
        vote: String,
        /// The statements whose dots count: those that the author knew. Nothing that comes later can be among them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        counts: Vec<String>,
    },
    /// A member's dots in a vote; the latest counts.
    Ballot {
        /// The vote.
        vote: String,
        /// For whom, where somebody without a device is helped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<String>,
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
    /// A member says what ties two organisations; both ends may say different things, and both are kept.
    TieStated {
        /// The tie's id in the plan.
        tie: String,
        /// What is said: kind, now, wanted, date.
        says: BTreeMap<String, Json>,
    },
    /// A member agrees to the plan as it stands.
    Agreement {
        /// The version: the Automerge heads of the plan, in hexadecimal.
        version: String,
    },
    /// What an imported plan says happened: stated, not verified.
    Imported {
        /// Terms by commitment: the commitments that begin with this import.
        #[serde(default)]
        terms: BTreeMap<String, Terms>,
        /// Where participants belong and what they do.
        #[serde(default)]
        people: BTreeMap<String, Place>,
        /// Events by commitment, as they were found.
        #[serde(default)]
        events: BTreeMap<String, Vec<Json>>,
        /// Ballots by vote and voter.
        #[serde(default)]
        ballots: BTreeMap<String, BTreeMap<String, BTreeMap<String, u32>>>,
        /// Rules by vote.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        votes: BTreeMap<String, Limits>,
    },
    /// A kind of a newer version.
    #[serde(other)]
    Unknown,
}

/// Terms of a commitment: what decides who may say what of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who will own it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// To whom it is promised; the network where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<String>,
    /// The date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Who does it together with the owner.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub with: BTreeSet<String>,
}

/// How many dots somebody has in a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Dots for each person.
    pub dots: u32,
    /// The most dots on one item.
    pub max_per_item: u32,
}

impl Limits {
    /// The limits that a vote's fields name; none where they name none.
    pub(crate) fn of<'a>(field: impl Fn(&str) -> Option<&'a Json>) -> Self {
        let limit = |name| {
            let limit = field(name).and_then(Json::as_u64);
            limit.and_then(|limit| u32::try_from(limit).ok()).unwrap_or(u32::MAX)
        };
        Self { dots: limit("dots"), max_per_item: limit("max_per_item") }
    }
}

/// Where a participant belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Their organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// What they do in the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_role: Option<String>,
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
