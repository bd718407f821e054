//! Who changed what: the note that each change carries, and what records say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::delta::entity_named;
use crate::document::{made, parse_change};
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

/// What a raw change did: to what its author's program says, and to what it made, which an import names nowhere else.
pub fn deed_of_change(raw: &[u8]) -> Option<Deed> {
    let change = parse_change(raw).ok()?;
    let time_ms = u64::try_from(change.timestamp()).unwrap_or_default().saturating_mul(1000);
    let note = change.message().and_then(|message| serde_json::from_str::<ChangeNote>(message).ok());
    let note = note.unwrap_or(ChangeNote { command: "change".to_owned(), entities: Vec::new() });
    let mut entities = note.entities;
    let unnamed: Vec<EntityRef> =
        made(&change).into_iter().filter(|entity| !entities.contains(entity)).collect();
    entities.extend(unnamed);
    Some(Deed { what: note.command, entities, time_ms })
}

fn of_kind(kind: Kind, ids: impl Iterator<Item = String>) -> impl Iterator<Item = EntityRef> {
    ids.map(move |id| EntityRef::new(kind, id))
}

/// What a record stated.
pub fn deed_of_record(payload: &[u8], time_ms: u64) -> Deed {
    let body = serde_json::from_slice::<Statement>(payload).map(|statement| statement.body);
    let (what, entities) = match body {
        Ok(Body::Event { commitment, event, .. }) => {
            (event.name().to_owned(), vec![EntityRef::new(Kind::Commitment, commitment)])
        }
        Ok(Body::Settle { entity, .. }) => ("settle".to_owned(), entity_named(&entity).into_iter().collect()),
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
        Ok(Body::Imported { terms, people, events, ballots, votes }) => {
            let commitments = of_kind(Kind::Commitment, terms.into_keys().chain(events.into_keys()));
            let votes = of_kind(Kind::Vote, votes.into_keys().chain(ballots.into_keys()));
            let named = of_kind(Kind::Participant, people.into_keys()).chain(commitments).chain(votes);
            ("import".to_owned(), named.collect::<BTreeSet<_>>().into_iter().collect())
        }
        Ok(Body::Unknown) | Err(_) => ("unknown".to_owned(), Vec::new()),
    };
    Deed { what, entities, time_ms }
}
