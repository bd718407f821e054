//! What was decided, voted on, and said of ties.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::Texts;
use super::questions::OpenQuestion;
use super::reading::Reading;
use crate::schema::{EntityRef, Kind};
use crate::statements::{Stance, TieStatement};
use crate::workspace::Workspace;

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DecisionView {
    /// Its id.
    pub id: String,
    /// What was decided, in the language asked for or the nearest.
    pub text: String,
    /// The same in all languages.
    pub texts: Texts,
    /// `consensus`, `consent`, `majority`, `official`.
    pub rule: Option<String>,
    /// The meeting.
    pub meeting: Option<String>,
    /// Participants who stand behind it, as the plan has it written.
    pub supporters: Vec<String>,
    /// Who sees it otherwise, as the plan has it written.
    pub dissent: Vec<Dissent>,
    /// Who stands behind it and who does not, in their own word.
    pub stances: Vec<Stance>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// A dissenting view that is written in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Dissent {
    /// The participant.
    pub by: Option<String>,
    /// Why, by language.
    pub text: Texts,
}

/// A vote.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VoteView {
    /// Its id.
    pub id: String,
    /// What is asked, in the language asked for or the nearest.
    pub title: String,
    /// The same in all languages.
    pub texts: Texts,
    /// The board.
    pub board: String,
    /// Dots for each person; nothing where there is no limit.
    pub dots: Option<u32>,
    /// The most dots on one item; nothing where there is no limit.
    pub max_per_item: Option<u32>,
    /// Whether it is closed.
    pub closed: bool,
    /// Who has given dots: participants, else members.
    pub voters: Vec<String>,
    /// Whose dots came too late: whoever closed the vote had not heard of them.
    pub late: Vec<String>,
    /// Dots by item, once it is closed; before that where the vote shows them.
    pub totals: Option<BTreeMap<String, u32>>,
    /// My own dots by item.
    pub mine: BTreeMap<String, u32>,
    /// How many dots I have left; nothing where there is no limit.
    pub dots_left: Option<u32>,
    /// Whether I may give dots.
    pub may_vote: bool,
    /// Whether I may close it, and give dots for others.
    pub may_lead: bool,
}

/// A tie between two organisations.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TieView {
    /// Its id.
    pub id: String,
    /// The organisation at one end.
    pub from: Option<String>,
    /// The organisation at the other.
    pub to: Option<String>,
    /// `informs`, `refers_to`, `consults`, `hands_over`, `does_together`, `funds`.
    pub tie_kind: Option<String>,
    /// How strong it is, 0 to 3.
    pub now: Option<u64>,
    /// How strong one wants it, 0 to 3.
    pub wanted: Option<u64>,
    /// The organisation that says so.
    pub said_by: Option<String>,
    /// When, as an ISO date.
    pub date: Option<String>,
    /// What each participant says of it; both ends may differ.
    pub statements: Vec<TieStatement>,
}

impl Reading<'_> {
    pub(super) fn decision(&self) -> DecisionView {
        DecisionView {
            id: self.id(),
            text: self.text("text"),
            texts: self.texts("text"),
            rule: self.word("rule"),
            meeting: self.word("meeting"),
            supporters: self.list("supporters"),
            dissent: dissent(self.value("dissent").as_ref()),
            stances: self.workspace.stances(&self.entity.id),
            questions: self.questions(),
        }
    }

    pub(super) fn vote(&self) -> VoteView {
        let id = self.entity.id.as_str();
        let rules = self.workspace.vote_rules(id);
        let mut ballots = self.workspace.ballots(id);
        let voters = ballots.keys().cloned().collect();
        let hidden = !rules.closed && self.value("hidden_until_close") != Some(Json::Bool(false));
        let totals = (!hidden).then(|| self.workspace.totals(id));
        let voter = self.context.me.map(|me| self.workspace.voter(&me));
        let mine = voter.and_then(|voter| ballots.remove(&voter)).unwrap_or_default();
        let limit = |number: u32| (number != u32::MAX).then_some(number);
        let given = mine.values().fold(0_u32, |sum, count| sum.saturating_add(*count));
        let leads = self.context.me.is_some_and(|me| self.workspace.ledger.actor(&me).facilitates);
        VoteView {
            id: self.id(),
            title: self.text("title"),
            texts: self.texts("title"),
            board: self.document.to_string(),
            dots: limit(rules.dots),
            max_per_item: limit(rules.max_per_item),
            closed: rules.closed,
            voters,
            late: self.workspace.late_voters(id).into_iter().collect(),
            totals,
            mine,
            dots_left: limit(rules.dots).map(|dots| dots.saturating_sub(given)),
            may_vote: self.context.me.is_some() && !rules.closed,
            may_lead: leads && !rules.closed,
        }
    }

    pub(super) fn tie(&self) -> TieView {
        TieView {
            id: self.id(),
            from: self.word("from"),
            to: self.word("to"),
            tie_kind: self.word("kind"),
            now: self.count("now"),
            wanted: self.count("wanted"),
            said_by: self.word("said_by"),
            date: self.word("date"),
            statements: self.workspace.tie_statements(&self.entity.id),
        }
    }
}

impl Workspace {
    /// Who sees a decision otherwise, as the plan has it written.
    pub(crate) fn written_dissent(&self, decision: &str) -> Vec<Dissent> {
        dissent(self.plain(&EntityRef::new(Kind::Decision, decision), "dissent").as_ref())
    }
}

fn dissent(value: Option<&Json>) -> Vec<Dissent> {
    let one = |dissent: &Json| {
        let by = dissent.get("by").and_then(Json::as_str).map(str::to_owned);
        let texts = dissent.get("text").and_then(Json::as_object).into_iter().flatten();
        let text = texts.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))).collect();
        Dissent { by, text }
    };
    value.and_then(Json::as_array).into_iter().flatten().map(one).collect()
}
