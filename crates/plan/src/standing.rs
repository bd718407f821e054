//! Where a commitment stands, as it is shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::event::State;

/// An event without effect, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ineffective {
    /// The record.
    pub record: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// A date that stands beside the one that holds, and that is not settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DueProposal {
    /// The record.
    pub record: String,
    /// The date.
    pub due: String,
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// A move of the date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DueMove {
    /// The record.
    pub record: String,
    /// The date before.
    pub from: Option<String>,
    /// The date after.
    pub to: String,
    /// Who moved it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Whether the receiver has agreed.
    pub agreed: bool,
}

/// What somebody who was asked offers instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// The record.
    pub record: String,
    /// What, by language.
    pub text: BTreeMap<String, String>,
    /// Another date.
    pub due: Option<String>,
    /// Who.
    pub by: Option<String>,
}

/// What the owner may promise without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mandate {
    /// It is the owner's own work.
    #[default]
    OwnWork,
    /// The owner's organisation has to agree.
    NeedsOrganisation,
    /// It has agreed.
    Confirmed,
    /// It has not.
    Refused,
}

/// Where a commitment stands: what follows from the statements about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Who has promised, or is expected to.
    pub owner: Option<String>,
    /// Who is asked, or is to take it over, and has not answered.
    pub asked: Option<String>,
    /// To whom it is promised; the network where there is none.
    pub requester: Option<String>,
    /// Who does it together with the owner.
    pub with: BTreeSet<String>,
    /// The date.
    pub due: Option<String>,
    /// Every move of the date.
    pub moves: Vec<DueMove>,
    /// Dates that stand beside it and are not settled.
    pub proposals: Vec<DueProposal>,
    /// What was offered instead, and not answered.
    pub counter: Option<Counter>,
    /// The records that cannot both hold.
    pub talk: Vec<String>,
    /// Events without effect.
    pub ineffective: Vec<Ineffective>,
    /// Whether the owner may promise it alone.
    pub mandate: Mandate,
    /// Whose word the promise waits for, if it does.
    pub subject_to: Option<String>,
    /// The commitment that it goes on as.
    pub merged_into: Option<String>,
    /// Whether where it stands is only stated by an import.
    pub stated: bool,
    /// The participant who began it.
    pub begun_by: Option<String>,
    /// Everybody who has promised it.
    #[serde(skip)]
    pub(crate) promised_by: BTreeSet<String>,
    /// Answers that no longer stand: field, proposal.
    #[serde(skip)]
    pub(crate) retired: BTreeSet<(String, String)>,
}
