//! Views: what is shown, worked out from documents and statements. Stable field names in snake_case; the same for the
//! command line's `--json` and the web app.
//!
//! Views name other things by their ids, and people by the participants that they are: whoever shows them looks those
//! up among the other views. What a view works out from other things (the notes of a cluster, the commitments that
//! serve a goal) is kept in step by [`Delta::also`](crate::Delta::also).

use serde::Serialize;

use samverka_log::MemberId;

use crate::command::Texts;
use crate::language::Language;
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

mod alike;
mod board;
mod commitment;
mod days;
mod decision;
mod goal;
mod people;
mod plan;
mod questions;
mod reading;

pub(crate) use alike::Alike;
pub(crate) use board::NotePlace;
pub use board::{BoardView, Changed, ClusterView, NoteView, StageView};
pub use commitment::{CommitmentView, EventView};
pub use days::{day_of, iso_date};
pub use decision::{DecisionView, Dissent, TieView, VoteView};
pub use goal::{FollowUpView, GoalView, IndicatorView, Markers, Measure};
pub use people::{OrganisationView, ParticipantView, Speaker};
pub use plan::{MeetingView, PlanView, RelayView};
pub use questions::{Answer, OpenQuestion};
pub use reading::{FieldTexts, Period, Position};

use reading::Reading;

/// For whom views are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewContext {
    /// The language of texts, and of words for states.
    pub language: Language,
    /// The day, as an ISO date: what is overdue follows from it.
    pub today: String,
    /// Who looks: what one may do follows from it. Nobody may do anything.
    pub me: Option<MemberId>,
}

/// One thing as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntityView {
    /// The plan itself.
    Meta(PlanView),
    /// An organisation.
    Organisation(OrganisationView),
    /// A participant.
    Participant(ParticipantView),
    /// A meeting.
    Meeting(MeetingView),
    /// A goal.
    Goal(GoalView),
    /// An indicator.
    Indicator(IndicatorView),
    /// A commitment.
    Commitment(Box<CommitmentView>),
    /// A decision.
    Decision(DecisionView),
    /// A follow-up.
    FollowUp(FollowUpView),
    /// A tie.
    Tie(TieView),
    /// A board.
    Board(BoardView),
    /// A relay.
    Relay(RelayView),
    /// A note.
    Note(NoteView),
    /// A cluster.
    Cluster(ClusterView),
    /// A stage of a workshop.
    Stage(StageView),
    /// A vote.
    Vote(VoteView),
}

impl EntityView {
    /// The thing that it is a view of.
    pub fn entity(&self) -> EntityRef {
        let (kind, id) = match self {
            Self::Meta(view) => (Kind::Meta, &view.id),
            Self::Organisation(view) => (Kind::Organisation, &view.id),
            Self::Participant(view) => (Kind::Participant, &view.id),
            Self::Meeting(view) => (Kind::Meeting, &view.id),
            Self::Goal(view) => (Kind::Goal, &view.id),
            Self::Indicator(view) => (Kind::Indicator, &view.id),
            Self::Commitment(view) => (Kind::Commitment, &view.id),
            Self::Decision(view) => (Kind::Decision, &view.id),
            Self::FollowUp(view) => (Kind::FollowUp, &view.id),
            Self::Tie(view) => (Kind::Tie, &view.id),
            Self::Board(view) => (Kind::Board, &view.id),
            Self::Relay(view) => (Kind::Relay, &view.id),
            Self::Note(view) => (Kind::Note, &view.id),
            Self::Cluster(view) => (Kind::Cluster, &view.id),
            Self::Stage(view) => (Kind::Stage, &view.id),
            Self::Vote(view) => (Kind::Vote, &view.id),
        };
        EntityRef::new(kind, id)
    }
}

impl Workspace {
    /// A thing as it is shown; none where there is no such thing, any more or yet.
    pub fn view_of(&self, entity: &EntityRef, context: &ViewContext) -> Option<EntityView> {
        let shown = match entity.kind {
            Kind::Meta => *entity == EntityRef::meta(),
            Kind::Board => entity.id.parse::<samverka_log::DocumentId>().is_ok(),
            _ => true,
        };
        if !shown {
            return None;
        }
        let reading = self.reading(entity, context)?;
        Some(match entity.kind {
            Kind::Meta => EntityView::Meta(reading.plan()),
            Kind::Organisation => EntityView::Organisation(reading.organisation()),
            Kind::Participant => EntityView::Participant(reading.participant()),
            Kind::Meeting => EntityView::Meeting(reading.meeting()),
            Kind::Goal => EntityView::Goal(reading.goal()),
            Kind::Indicator => EntityView::Indicator(reading.indicator()),
            Kind::Commitment => EntityView::Commitment(Box::new(reading.commitment())),
            Kind::Decision => EntityView::Decision(reading.decision()),
            Kind::FollowUp => EntityView::FollowUp(reading.follow_up()),
            Kind::Tie => EntityView::Tie(reading.tie()),
            Kind::Board => EntityView::Board(reading.board()),
            Kind::Relay => EntityView::Relay(reading.relay()),
            Kind::Note => EntityView::Note(reading.note()),
            Kind::Cluster => EntityView::Cluster(reading.cluster()),
            Kind::Stage => EntityView::Stage(reading.stage()),
            Kind::Vote => EntityView::Vote(reading.vote()),
        })
    }

    /// Everything there is to show, in order of kinds, then ids.
    pub fn all_views(&self, context: &ViewContext) -> Vec<EntityView> {
        let of_kind = |kind: Kind| self.ids(kind).into_iter().map(move |id| EntityRef::new(kind, id));
        let entities = Kind::ALL.into_iter().flat_map(of_kind);
        entities.filter_map(|entity| self.view_of(&entity, context)).collect()
    }

    /// Reads a thing; none where it is not there.
    fn reading<'a>(&'a self, entity: &EntityRef, context: &'a ViewContext) -> Option<Reading<'a>> {
        let document = self.document_of(entity)?;
        let thing = self.documents.get(&document)?.thing(entity.kind, &entity.id)?;
        Some(Reading { workspace: self, context, document, entity: entity.clone(), thing })
    }

    /// Reads all things of a kind, of one document or of all.
    fn readings<'a>(
        &'a self,
        kind: Kind,
        document: Option<samverka_log::DocumentId>,
        context: &'a ViewContext,
    ) -> impl Iterator<Item = Reading<'a>> {
        let things = match document {
            Some(document) => self.things_on(document, kind),
            None => self.things(kind),
        };
        let reading =
            move |(document, entity, thing)| Reading { workspace: self, context, document, entity, thing };
        things.into_iter().map(reading)
    }
}

/// Follows redirections to their end; a circle ends at the smallest id in it.
pub(crate) fn follow(start: &str, next: impl Fn(&str) -> Option<String>) -> String {
    let mut trail: Vec<String> = vec![start.to_owned()];
    while let Some(at) = trail.last().and_then(|at| next(at)) {
        if let Some(begin) = trail.iter().position(|seen| *seen == at) {
            return trail.into_iter().skip(begin).min().unwrap_or(at);
        }
        trail.push(at);
    }
    trail.pop().unwrap_or_default()
}
