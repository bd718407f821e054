//! Who changed what: the note that each change carries, and what records say.

use serde::{Deserialize, Serialize};

use crate::document::decode_change;
use crate::record::{Body, Statement};
use crate::schema::{EntityRef, Kind};

/// What a change says of itself, in its Automerge message. Its author's program wrote it, so it is as true as the
/// change itself: signed, and the author's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeNote {
    /// The command.
    #[serde(rename = "k")]
    pub command: String,
    /// The things that it touched.
    #[serde(rename = "e", default)]
    pub entities: Vec<EntityRef>,
}

/// What one entry did, for histories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// The command or statement.
    pub what: String,
    /// The things that it touched.
    pub entities: Vec<EntityRef>,
    /// When, by the author's clock, in Unix milliseconds.
    pub time_ms: u64,
}

/// What a raw change did.
pub fn deed_of_change(raw: &[u8]) -> Option<Deed> {
    let change = decode_change(raw).ok()?;
    let time_ms = u64::try_from(change.time).unwrap_or_default().saturating_mul(1000);
    let note = change.message.and_then(|message| serde_json::from_str::<ChangeNote>(&message).ok());
    let note = note.unwrap_or(ChangeNote { command: "change".to_owned(), entities: Vec::new() });
    Some(Deed { what: note.command, entities: note.entities, time_ms })
}

/// What a record stated.
pub fn deed_of_record(payload: &[u8], time_ms: u64) -> Deed {
    let body = serde_json::from_slice::<Statement>(payload).map(|statement| statement.body);
    let (what, entities) = match body {
        Ok(Body::Event { commitment, event, .. }) => {
            (event.name().to_owned(), vec![EntityRef::new(Kind::Commitment, commitment)])
        }
        Ok(Body::Settle { .. }) => ("settle".to_owned(), Vec::new()),
        Ok(Body::Profile { .. }) => ("profile".to_owned(), Vec::new()),
        Ok(Body::Admit { participant, .. }) => {
            ("admit".to_owned(), vec![EntityRef::new(Kind::Participant, participant)])
        }
        Ok(Body::Ballot { vote, .. }) => ("ballot".to_owned(), vec![EntityRef::new(Kind::Vote, vote)]),
        Ok(Body::Stance { decision, .. }) => {
            ("stance".to_owned(), vec![EntityRef::new(Kind::Decision, decision)])
        }
        Ok(Body::Judgement { goal, .. }) => ("judge".to_owned(), vec![EntityRef::new(Kind::Goal, goal)]),
        Ok(Body::Place { participant, .. }) => {
            ("place".to_owned(), vec![EntityRef::new(Kind::Participant, participant)])
        }
        Ok(Body::VoteOpened { vote, .. }) => ("open_vote".to_owned(), vec![EntityRef::new(Kind::Vote, vote)]),
        Ok(Body::VoteClosed { vote, .. }) => {
            ("close_vote".to_owned(), vec![EntityRef::new(Kind::Vote, vote)])
        }
        Ok(Body::TieStated { tie, .. }) => ("state_tie".to_owned(), vec![EntityRef::new(Kind::Tie, tie)]),
        Ok(Body::Agreement { .. }) => ("agree_to_plan".to_owned(), vec![EntityRef::meta()]),
        Ok(Body::Imported { .. }) => ("import".to_owned(), Vec::new()),
        Ok(Body::Unknown) | Err(_) => ("unknown".to_owned(), Vec::new()),
    };
    Deed { what, entities, time_ms }
}
