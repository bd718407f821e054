//! Goals, how one sees that they are met, and what was found when looking.

use serde::Serialize;
use serde_json::Value as Json;

use super::questions::OpenQuestion;
use super::reading::{FieldTexts, Period, Reading, words};
use crate::schema::{EntityRef, Kind};
use crate::statements::Judgement;

/// A shared goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct GoalView {
    /// Its id.
    pub id: String,
    /// What is aimed at, in the language asked for or the nearest.
    pub statement: String,
    /// The same in the participants' own words.
    pub own_words: String,
    /// The same in professional words.
    pub professional_words: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// `vision`, `outcome`, `output`, `process`.
    pub level: Option<String>,
    /// From when to when.
    pub period: Option<Period>,
    /// The organisation that answers for it.
    pub accountable_org: Option<String>,
    /// Whose way of working is to change.
    pub whose_behaviour: Option<String>,
    /// The clusters that it comes from.
    pub themes: Vec<String>,
    /// Signs that it comes nearer.
    pub markers: Markers,
    /// How one sees it, in the order in which they were given.
    pub indicators: Vec<IndicatorView>,
    /// How it was judged at follow-ups, the earliest first as far as its speakers knew.
    pub judgements: Vec<Judgement>,
    /// Follow-ups of it, by id.
    pub follow_ups: Vec<String>,
    /// Commitments that serve it, by id.
    pub served_by: Vec<String>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// Signs of progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Markers {
    /// What one expects to see.
    pub expect: Vec<String>,
    /// What one would like to see.
    pub like: Vec<String>,
    /// What one would love to see.
    pub love: Vec<String>,
}

/// An indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IndicatorView {
    /// Its id.
    pub id: String,
    /// What it is called, in the language asked for or the nearest.
    pub name: String,
    /// What exactly is counted.
    pub definition: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// In what it is counted.
    pub unit: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// Where it began.
    pub baseline: Option<Measure>,
    /// Where it is to come.
    pub target: Option<Measure>,
    /// How often it is looked at.
    pub interval: Option<String>,
    /// The smallest group whose values are shown.
    pub min_group: Option<u64>,
    /// What was found, the earliest first.
    pub values: Vec<Measure>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// A number with its day.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Measure {
    /// The number.
    pub value: f64,
    /// The day, as an ISO date.
    pub date: Option<String>,
}

/// What was found when looking back.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FollowUpView {
    /// Its id.
    pub id: String,
    /// The day, as an ISO date.
    pub date: Option<String>,
    /// The meeting.
    pub meeting: Option<String>,
    /// The commitment that was looked at.
    pub commitment: Option<String>,
    /// The goal that was looked at.
    pub goal: Option<String>,
    /// The sign of progress that was reached.
    pub marker: Option<String>,
    /// What happened, in the language asked for or the nearest.
    pub what: String,
    /// What changed for children and families, as a group.
    pub changed: String,
    /// What was learned.
    pub learned: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// What comes next: the commitment.
    pub next: Option<String>,
}

impl Reading<'_> {
    pub(super) fn goal(&self) -> GoalView {
        let id = self.entity.id.as_str();
        let links = self.workspace.plan_links();
        let indicator = |id: String| {
            let entity = EntityRef::new(Kind::Indicator, id);
            Some(self.workspace.reading(&entity, self.context)?.indicator())
        };
        GoalView {
            id: self.id(),
            statement: self.text("statement"),
            own_words: self.text("own_words"),
            professional_words: self.text("professional_words"),
            texts: self.all_texts(),
            level: self.word("level"),
            period: self.period("period"),
            accountable_org: self.word("accountable_org"),
            whose_behaviour: self.word("whose_behaviour"),
            themes: self.list("themes"),
            markers: markers(self.value("markers").as_ref()),
            indicators: self.list("indicators").into_iter().filter_map(indicator).collect(),
            judgements: self.workspace.judgements(id),
            follow_ups: links.follow_ups_of(&self.entity),
            served_by: links.serving(id),
            questions: self.questions(),
        }
    }

    pub(super) fn indicator(&self) -> IndicatorView {
        let values = self.thing.members("values").unwrap_or_default();
        IndicatorView {
            id: self.id(),
            name: self.text("name"),
            definition: self.text("definition"),
            texts: self.all_texts(),
            unit: self.word("unit"),
            source: self.word("source"),
            baseline: self.value("baseline").as_ref().and_then(measure),
            target: self.value("target").as_ref().and_then(measure),
            interval: self.word("interval"),
            min_group: self.count("min_group"),
            values: values.values().filter_map(measure).collect(),
            questions: self.questions(),
        }
    }

    pub(super) fn follow_up(&self) -> FollowUpView {
        FollowUpView {
            id: self.id(),
            date: self.word("date"),
            meeting: self.word("meeting"),
            commitment: self.word("commitment"),
            goal: self.word("goal"),
            marker: self.word("marker"),
            what: self.text("what"),
            changed: self.text("changed"),
            learned: self.text("learned"),
            texts: self.all_texts(),
            next: self.word("next"),
        }
    }
}

fn markers(value: Option<&Json>) -> Markers {
    let list = |name: &str| {
        let list = value.and_then(|value| value.get(name)?.as_array());
        list.map(|list| words(list)).unwrap_or_default()
    };
    Markers { expect: list("expect"), like: list("like"), love: list("love") }
}

fn measure(value: &Json) -> Option<Measure> {
    let date = value.get("date").and_then(Json::as_str).map(str::to_owned);
    Some(Measure { value: value.get("value")?.as_f64()?, date })
}
