//! The plan itself, where it is kept, and its meetings.

use serde::Serialize;
use serde_json::Value as Json;

use super::questions::OpenQuestion;
use super::reading::{FieldTexts, Period, Reading};
use crate::schema::Kind;
use crate::statements::Agreement;

/// The plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PlanView {
    /// `self`.
    pub id: String,
    /// Its title, in the language asked for or the nearest.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// Where.
    pub area: String,
    /// For whom, as a group.
    pub target_group: String,
    /// What everybody keeps to.
    pub ground_rules: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// `network_plan`, `wellbeing_plan_section`, `project_plan`.
    pub plan_type: Option<String>,
    /// `draft`, `agreed`, `active`, ….
    pub status: Option<String>,
    /// From when to when it holds.
    pub period: Option<Period>,
    /// When it is looked at together next, as an ISO date.
    pub next_review: Option<String>,
    /// The participant who leads the network, as the plan has it written.
    pub leader: Option<String>,
    /// The organisation that holds it together.
    pub backbone_org: Option<String>,
    /// The languages that it is written in.
    pub languages: Vec<String>,
    /// `public` or `internal`.
    pub classification: Option<String>,
    /// How long it is kept, as an ISO 8601 duration.
    pub retention_plan: Option<String>,
    /// How long its boards are kept, as an ISO 8601 duration.
    pub retention_boards: Option<String>,
    /// The organisations that take part, by id.
    pub organisations: Vec<String>,
    /// Where it is kept, the first relay first.
    pub relays: Vec<String>,
    /// Who agreed to it.
    pub agreements: Vec<Agreement>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
    /// Whether I may settle that.
    pub may_settle: bool,
    /// Whether I lead the network, by what was stated.
    pub i_lead: bool,
}

/// A relay that keeps the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RelayView {
    /// Its address.
    pub id: String,
    /// Its place among the others.
    pub order: Option<u64>,
    /// Whether the plan has left it.
    pub removed: bool,
}

/// A meeting.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MeetingView {
    /// Its id.
    pub id: String,
    /// `workshop`, `dialogue`, `planning`, `follow_up`.
    pub meeting_kind: Option<String>,
    /// When it begins, as an ISO date and time.
    pub start: Option<String>,
    /// When it ends.
    pub end: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// The participant who leads the conversation.
    pub facilitator: Option<String>,
    /// The participant who writes.
    pub recorder: Option<String>,
    /// The ways of working.
    pub method: Vec<String>,
    /// Participants who are asked to come.
    pub invited: Vec<String>,
    /// Participants who were there.
    pub present: Vec<String>,
    /// Participants who were not.
    pub absent: Vec<String>,
    /// The meeting after it.
    pub next_meeting: Option<String>,
    /// The memo, in the language asked for or the nearest.
    pub memo: String,
    /// The memo in all languages.
    pub texts: FieldTexts,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

impl Reading<'_> {
    pub(super) fn plan(&self) -> PlanView {
        let part = |field: &str, name: &str| {
            self.value(field).and_then(|value| value.get(name)?.as_str().map(str::to_owned))
        };
        PlanView {
            id: self.id(),
            title: self.text("title"),
            purpose: self.text("purpose"),
            area: self.text("area"),
            target_group: self.text("target_group"),
            ground_rules: self.text("ground_rules"),
            texts: self.all_texts(),
            plan_type: self.word("plan_type"),
            status: self.word("status"),
            period: self.period("period"),
            next_review: self.word("next_review"),
            leader: part("steward", "leader"),
            backbone_org: part("steward", "backbone_org"),
            languages: self.list("languages"),
            classification: self.word("classification"),
            retention_plan: part("retention", "plan"),
            retention_boards: part("retention", "boards"),
            organisations: self.workspace.ids_that_go_on(Kind::Organisation),
            relays: self.workspace.relay_urls(),
            agreements: self.workspace.agreements(),
            questions: self.questions(),
            may_settle: self.may_settle(),
            i_lead: self.context.me.is_some_and(|me| self.workspace.leads(&me)),
        }
    }

    pub(super) fn relay(&self) -> RelayView {
        RelayView {
            id: self.id(),
            order: self.count("order"),
            removed: self.value("removed") == Some(Json::Bool(true)),
        }
    }

    pub(super) fn meeting(&self) -> MeetingView {
        MeetingView {
            id: self.id(),
            meeting_kind: self.word("kind"),
            start: self.word("start"),
            end: self.word("end"),
            place: self.word("place"),
            facilitator: self.word("facilitator"),
            recorder: self.word("recorder"),
            method: self.list("method"),
            invited: self.list("invited"),
            present: self.list("present"),
            absent: self.list("absent"),
            next_meeting: self.word("next_meeting"),
            memo: self.text("memo"),
            texts: self.all_texts(),
            questions: self.questions(),
        }
    }
}
