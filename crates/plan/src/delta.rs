//! What changed on the screen: worked out from operations and statements, not from what a change says of itself.

use automerge::Change;
use samverka_log::DocumentId;

use crate::command::Delta;
use crate::document::Document;
use crate::ledger::Taken;
use crate::record::{Body, VerifiedRecord};
use crate::roster::is_about_people;
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

/// Changes of one batch that are looked into one by one. Reading as many costs as much as showing everything anew.
const CHANGES_NAMED_MAX: usize = 256;

/// What is shown of who is who: everything that says as whom somebody spoke, or what one may do.
const SHOWS_PEOPLE: [Kind; 7] =
    [Kind::Meta, Kind::Participant, Kind::Goal, Kind::Commitment, Kind::Decision, Kind::Tie, Kind::Vote];

/// A delta as it grows.
#[derive(Default)]
pub(crate) struct Telling {
    pub(crate) delta: Delta,
    changes: usize,
    /// Somebody is somebody else.
    people: bool,
}

impl Workspace {
    /// Names what changes that are in a document touched.
    pub(crate) fn tell_changes(&mut self, document: DocumentId, changes: &[Change], telling: &mut Telling) {
        telling.changes += changes.len();
        telling.delta.everything |= telling.changes > CHANGES_NAMED_MAX;
        let plan = self.plan;
        let Some(doc) = self.documents.get_mut(&document) else { return };
        for change in changes {
            if document != plan {
                telling.delta.entities.extend(doc.note_last_change(change));
            }
            if !telling.delta.everything {
                let board = (document != plan).then_some(document);
                telling.delta.entities.extend(touched(doc, board, change));
            }
        }
    }

    /// Takes a record in, and names what it is about.
    pub(crate) fn take_record(&mut self, record: VerifiedRecord, telling: &mut Telling) {
        let device = record.log.device;
        let body = match self.ledger.take(record) {
            Taken::Known | Taken::Unread => return,
            Taken::InPlaceOfAnother => {
                self.forget_standings();
                telling.delta.everything = true;
                return;
            }
            Taken::At(place) => self.ledger.at(place).map(|stated| &stated.statement.body),
        };
        let Some(body) = body else { return };
        if is_about_people(body) || matches!(body, Body::Imported { .. }) {
            telling.people = true;
            self.forget_standings();
        }
        let entity = match body {
            Body::Event { commitment, .. } => {
                self.cached().remove(commitment);
                Some(EntityRef::new(Kind::Commitment, commitment))
            }
            Body::VoteOpened { vote, .. } | Body::VoteClosed { vote, .. } | Body::Ballot { vote, .. } => {
                Some(EntityRef::new(Kind::Vote, vote))
            }
            Body::Stance { decision, .. } => Some(EntityRef::new(Kind::Decision, decision)),
            Body::Judgement { goal, .. } => Some(EntityRef::new(Kind::Goal, goal)),
            Body::TieStated { tie, .. } => Some(EntityRef::new(Kind::Tie, tie)),
            Body::Agreement { .. } => Some(EntityRef::meta()),
            Body::Settle { entity, .. } => entity_named(entity),
            Body::Admit { participant, .. } | Body::Place { participant, .. } => {
                Some(EntityRef::new(Kind::Participant, participant))
            }
            Body::Profile { .. } => {
                let member = self.ledger.member_of(&device);
                let participant = member.and_then(|member| self.ledger.participant_of(&member));
                participant.map(|participant| EntityRef::new(Kind::Participant, participant))
            }
            Body::Imported { .. } => {
                telling.delta.everything = true;
                None
            }
            Body::Unknown => None,
        };
        telling.delta.entities.extend(entity);
    }

    /// Ends a delta: names what looks different because of what changed.
    pub(crate) fn told(&mut self, telling: Telling) -> Delta {
        let Telling { mut delta, people, .. } = telling;
        delta.entities.sort();
        delta.entities.dedup();
        if delta.everything {
            self.forget_links();
            return delta;
        }
        if people {
            let ids = |kind: Kind| self.ids(kind).into_iter().map(move |id| EntityRef::new(kind, id));
            delta.also.extend(SHOWS_PEOPLE.into_iter().flat_map(ids));
        }
        let changed: Vec<EntityRef> = delta.to_show().cloned().collect();
        delta.also.extend(self.renew_links(&changed));
        delta.also.sort();
        delta.also.dedup();
        delta.also.retain(|entity| delta.entities.binary_search(entity).is_err());
        delta
    }
}

/// The things that a change touched, as they are known outside of its document.
fn touched(doc: &Document, board: Option<DocumentId>, change: &Change) -> Vec<EntityRef> {
    let named = |(kind, id): (Kind, String)| match (board, kind) {
        (None, kind) if !kind.on_board() => Some(EntityRef::new(kind, id)),
        (Some(board), Kind::Meta) => Some(EntityRef::new(Kind::Board, board.to_string())),
        (Some(_), kind) if kind.on_board() => Some(EntityRef::new(kind, id)),
        _ => None,
    };
    doc.touched(change).into_iter().filter_map(named).collect()
}

/// The entity of such a word.
pub(crate) fn entity_named(name: &str) -> Option<EntityRef> {
    let (container, id) = name.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.container() == container)?;
    Some(EntityRef::new(kind, id))
}
