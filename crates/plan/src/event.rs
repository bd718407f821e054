//! Events of commitments: who may cause which, and what follows (domain model 3.8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What can happen to a commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Somebody suggests it.
    Suggest,
    /// Somebody is asked.
    Request {
        /// The participant who is asked, or `external:…`.
        to: String,
    },
    /// The owner-to-be promises.
    Promise {
        /// `organisation` where the employer has to agree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject_to: Option<String>,
    },
    /// The person asked says no.
    Decline {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The person asked offers something else.
    CounterOffer {
        /// What, by language.
        #[serde(default)]
        text: BTreeMap<String, String>,
        /// Another date.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<String>,
    },
    /// The owner's organisation agrees.
    OrganisationConfirmed,
    /// The owner's organisation does not agree.
    OrganisationRefused {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Work has begun.
    Start,
    /// A short dated note on the way.
    Log {
        /// The note, by language.
        #[serde(default)]
        text: BTreeMap<String, String>,
    },
    /// The owner moves the date.
    Renegotiate {
        /// The date before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        old: Option<String>,
        /// The date from here on.
        new: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Somebody else proposes another date.
    ProposeDue {
        /// Which.
        due: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The owner keeps the date over what was proposed.
    KeepDue,
    /// The receiver agrees to a moved date.
    Agree,
    /// The owner hands it over; the new owner has to promise.
    HandOver {
        /// To which participant.
        to: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The owner reports that it is done.
    ReportDone {
        /// How one can tell, by language.
        #[serde(default)]
        evidence: BTreeMap<String, String>,
    },
    /// The receiver accepts.
    Accept,
    /// The receiver does not accept yet.
    NotYet {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The owner takes the promise back.
    Withdraw {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The requester or the network's leader calls it off.
    Cancel {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// After a talk: what holds.
    SettleTalk {
        /// Where it stands from here on.
        state: State,
    },
    /// After a talk between two who had promised: whose promise holds.
    SettleOwner {
        /// The participant.
        owner: String,
    },
    /// Somebody entitled answers a question with a single value: who asks for it, the date before it is promised, ….
    Revise {
        /// The field.
        field: String,
        /// The answer.
        value: Json,
        /// The answers that it replaces.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        replaces: Vec<String>,
    },
    /// Who does it together with the owner.
    With {
        /// Who joins.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<String>,
        /// Who leaves.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<String>,
    },
    /// It is the same as another commitment; both histories are kept.
    Merge {
        /// The commitment that goes on.
        into: String,
    },
}

impl Event {
    /// The event's name in commands, files and words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Suggest => "suggest",
            Self::Request { .. } => "request",
            Self::Promise { .. } => "promise",
            Self::Decline { .. } => "decline",
            Self::CounterOffer { .. } => "counter_offer",
            Self::OrganisationConfirmed => "organisation_confirmed",
            Self::OrganisationRefused { .. } => "organisation_refused",
            Self::Start => "start",
            Self::Log { .. } => "log",
            Self::Renegotiate { .. } => "renegotiate",
            Self::ProposeDue { .. } => "propose_due",
            Self::KeepDue => "keep_due",
            Self::Agree => "agree",
            Self::HandOver { .. } => "hand_over",
            Self::ReportDone { .. } => "report_done",
            Self::Accept => "accept",
            Self::NotYet { .. } => "not_yet",
            Self::Withdraw { .. } => "withdraw",
            Self::Cancel { .. } => "cancel",
            Self::SettleTalk { .. } => "settle_talk",
            Self::SettleOwner { .. } => "settle_owner",
            Self::Revise { .. } => "revise",
            Self::With { .. } => "with",
            Self::Merge { .. } => "merge",
        }
    }
}

impl Event {
    /// What its author wrote freely.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (texts, reason) = match self {
            Self::CounterOffer { text, .. } | Self::Log { text } => (Some(text), None),
            Self::ReportDone { evidence } => (Some(evidence), None),
            Self::Decline { reason }
            | Self::OrganisationRefused { reason }
            | Self::Renegotiate { reason, .. }
            | Self::ProposeDue { reason, .. }
            | Self::HandOver { reason, .. }
            | Self::NotYet { reason }
            | Self::Withdraw { reason }
            | Self::Cancel { reason } => (None, reason.as_deref()),
            Self::Suggest
            | Self::Request { .. }
            | Self::Promise { .. }
            | Self::OrganisationConfirmed
            | Self::Start
            | Self::KeepDue
            | Self::Agree
            | Self::Accept
            | Self::SettleTalk { .. }
            | Self::SettleOwner { .. }
            | Self::Revise { .. }
            | Self::With { .. }
            | Self::Merge { .. } => (None, None),
        };
        texts.into_iter().flat_map(BTreeMap::values).map(String::as_str).chain(reason)
    }
}

/// Where a commitment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Suggested, nobody asked.
    #[default]
    Suggested,
    /// Somebody is asked.
    Requested,
    /// Promised.
    Promised,
    /// Under way.
    UnderWay,
    /// Reported done, not accepted.
    ReportedDone,
    /// Accepted.
    Accepted,
    /// The person asked said no.
    Declined,
    /// The owner took it back.
    Withdrawn,
    /// Called off.
    Cancelled,
    /// Two events cannot both hold: people have to talk.
    NeedsTalk,
    /// It goes on as another commitment.
    Merged,
}

impl State {
    /// All states.
    pub const ALL: [Self; 11] = [
        Self::Suggested,
        Self::Requested,
        Self::Promised,
        Self::UnderWay,
        Self::ReportedDone,
        Self::Accepted,
        Self::Declined,
        Self::Withdrawn,
        Self::Cancelled,
        Self::NeedsTalk,
        Self::Merged,
    ];

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Accepted | Self::Declined | Self::Withdrawn | Self::Cancelled | Self::Merged)
    }

    /// Whether somebody has promised and not reported.
    pub const fn is_promised(self) -> bool {
        matches!(self, Self::Promised | Self::UnderWay)
    }
}
