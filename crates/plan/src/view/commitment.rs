//! Commitments: where they stand, what happened, what one may do.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{DeviceId, MemberId};
use serde::Serialize;

use super::days::{days_between, last_day};
use super::questions::OpenQuestion;
use super::reading::{FieldTexts, Reading};
use super::{Texts, ViewContext, follow};
use crate::causal::heads;
use crate::commitment::{Happened, would_count};
use crate::event::{Event, State};
use crate::language::{Language, state_word};
use crate::schema::{EntityRef, Kind};
use crate::standing::{Counter, DueMove, DueProposal, Mandate, Standing};
use crate::workspace::Workspace;

/// A commitment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CommitmentView {
    /// Its id.
    pub id: String,
    /// What, in the language asked for or the nearest.
    pub title: String,
    /// What exactly.
    pub description: String,
    /// When it is done.
    pub done_when: String,
    /// The first small step.
    pub next_step: String,
    /// What is asked of the network for it.
    pub support_needed: String,
    /// What is in the way.
    pub obstacle: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// `promise`, `offer` or `request`.
    pub commitment_kind: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// The owner's organisation.
    pub owner_org: Option<String>,
    /// Who is asked and has not answered.
    pub asked: Option<String>,
    /// With whom.
    pub with: Vec<String>,
    /// To whom.
    pub requester: Option<String>,
    /// Who began it.
    pub begun_by: Option<String>,
    /// The date: an ISO date, or an ISO week.
    pub due: Option<String>,
    /// When it is looked at together.
    pub follow_up: Option<String>,
    /// How it comes back.
    pub recurrence: Option<String>,
    /// `members`, `organisations` or `public`.
    pub visibility: Option<String>,
    /// Goals that it serves.
    pub goals: Vec<String>,
    /// Notes that it came from.
    pub from_notes: Vec<String>,
    /// Follow-ups of it, by id.
    pub follow_ups: Vec<String>,
    /// Where it stands.
    pub state: State,
    /// The word for it.
    pub state_word: String,
    /// Whether the date has passed and it is open.
    pub overdue: bool,
    /// How often the date was moved.
    pub times_moved: usize,
    /// By how many days in all.
    pub days_moved: i64,
    /// Dates that others propose.
    #[cfg_attr(feature = "typescript", ts(as = "Vec<crate::typescript::DueProposal>"))]
    pub proposals: Vec<DueProposal>,
    /// Every move of the date.
    #[cfg_attr(feature = "typescript", ts(as = "Vec<crate::typescript::DueMove>"))]
    pub moves: Vec<DueMove>,
    /// What was offered instead, and not answered.
    #[cfg_attr(feature = "typescript", ts(as = "Option<crate::typescript::Counter>"))]
    pub counter: Option<Counter>,
    /// Whether the owner may promise it alone.
    #[cfg_attr(feature = "typescript", ts(as = "crate::typescript::Mandate"))]
    pub mandate: Mandate,
    /// Whose word the promise waits for, if it does.
    pub subject_to: Option<String>,
    /// By when that word has to come, as an ISO date.
    pub mandate_by: Option<String>,
    /// How one can tell that it is done, by language, as it was last reported.
    pub evidence: Texts,
    /// The commitment that it goes on as.
    pub merged_into: Option<String>,
    /// Whose turn it is.
    pub waiting_for: Vec<String>,
    /// Records that cannot both hold.
    pub talk: Vec<String>,
    /// Whether what counts is only stated by an import.
    pub stated: bool,
    /// Other commitments that look alike.
    pub similar: Vec<String>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
    /// What I may do now, by the names of events.
    pub may: Vec<String>,
    /// Which terms I may still change: of `owner`, `requester`, `due`.
    pub may_change: Vec<String>,
    /// After a talk: where I may say that it stands.
    pub may_end_talk_as: Vec<State>,
    /// After a talk between some who had promised: whose promise I may say holds.
    pub may_name_owner: Vec<String>,
    /// What happened, causes before effects.
    pub history: Vec<EventView>,
}

/// One event of a commitment, for its history.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EventView {
    /// The record.
    pub record: String,
    /// What happened.
    pub event: Event,
    /// The participant who caused it.
    pub by: Option<String>,
    /// When, by the author's clock, in Unix milliseconds.
    pub time_ms: u64,
    /// The time that an import stated.
    pub stated_at: Option<String>,
    /// Stated by an import, not verified.
    pub stated: bool,
    /// Why it has no effect, if it has none.
    pub ineffective: Option<String>,
}

impl Reading<'_> {
    pub(super) fn commitment(&self) -> CommitmentView {
        let (workspace, id) = (self.workspace, self.entity.id.as_str());
        let links = workspace.plan_links();
        let standing = workspace.standing(id);
        let requester = standing.requester.clone();
        let with: BTreeSet<String> =
            self.list("with").into_iter().chain(standing.with.iter().cloned()).collect();
        let overdue = standing.state.is_open()
            && standing.state != State::ReportedDone
            && standing.due.as_deref().is_some_and(|due| *last_day(due) < *self.context.today);
        let days_moved = standing.moves.iter().map(|step| days_between(step.from.as_deref(), &step.to)).sum();
        let history = workspace.events(id);
        let owner_org = || workspace.org_of(standing.owner.as_deref()?);
        let rights = self.context.me.map(|me| workspace.rights(id, &me)).unwrap_or_default();
        CommitmentView {
            id: self.id(),
            title: self.text("title"),
            description: self.text("description"),
            done_when: self.text("done_when"),
            next_step: self.text("next_step"),
            support_needed: self.text("support_needed"),
            obstacle: self.text("obstacle"),
            texts: self.all_texts(),
            commitment_kind: self.word("kind"),
            owner_org: self.word("owner_org").or_else(owner_org),
            with: with.into_iter().collect(),
            follow_up: self.word("follow_up"),
            recurrence: self.word("recurrence"),
            visibility: self.word("visibility"),
            goals: self.thing.members("goals").unwrap_or_default().into_keys().collect(),
            from_notes: self.thing.members("from_notes").unwrap_or_default().into_keys().collect(),
            follow_ups: links.follow_ups_of(&self.entity),
            state_word: state_word(standing.state, self.context.language).to_owned(),
            overdue,
            times_moved: standing.moves.len(),
            days_moved,
            waiting_for: waiting_for(&standing, requester.as_deref()),
            requester,
            begun_by: standing.begun_by,
            owner: standing.owner,
            asked: standing.asked,
            due: standing.due,
            state: standing.state,
            proposals: standing.proposals,
            moves: standing.moves,
            counter: standing.counter,
            mandate: standing.mandate,
            subject_to: standing.subject_to,
            mandate_by: self.word("mandate_by"),
            evidence: evidence(&history),
            merged_into: standing.merged_into,
            talk: standing.talk,
            stated: standing.stated,
            similar: links.similar(id),
            questions: self.questions(),
            may: rights.events,
            may_change: rights.terms,
            may_end_talk_as: rights.states,
            may_name_owner: rights.owners,
            history,
        }
    }
}

/// What somebody may do with a commitment.
#[derive(Default)]
struct Rights {
    events: Vec<String>,
    terms: Vec<String>,
    states: Vec<State>,
    owners: Vec<String>,
}

/// How it was last reported done, as far as that counted.
fn evidence(history: &[EventView]) -> Texts {
    let reported = history.iter().rev().filter(|event| event.ineffective.is_none());
    let mut evidence = reported.filter_map(|event| match &event.event {
        Event::ReportDone { evidence } => Some(evidence.clone()),
        _ => None,
    });
    evidence.next().unwrap_or_default()
}

/// One event of each name that can come after the first, with nothing said that its place in the rules depends on.
fn one_of_each() -> Vec<Event> {
    let (to, reason) = (String::new, None);
    vec![
        Event::Request { to: to() },
        Event::Promise { subject_to: None },
        Event::Decline { reason: reason.clone() },
        Event::CounterOffer { text: Texts::new(), due: None },
        Event::OrganisationConfirmed,
        Event::OrganisationRefused { reason: reason.clone() },
        Event::Start,
        Event::Log { text: Texts::new() },
        Event::Renegotiate { old: None, new: to(), reason: reason.clone() },
        Event::ProposeDue { due: to(), reason: reason.clone() },
        Event::KeepDue,
        Event::Agree,
        Event::HandOver { to: to(), reason: reason.clone() },
        Event::ReportDone { evidence: Texts::new() },
        Event::Accept,
        Event::NotYet { reason: reason.clone() },
        Event::Withdraw { reason: reason.clone() },
        Event::Cancel { reason },
        revise(""),
        Event::With { add: Vec::new(), remove: Vec::new() },
        Event::Merge { into: to() },
    ]
}

fn revise(field: &str) -> Event {
    Event::Revise { field: field.to_owned(), value: serde_json::Value::Null, replaces: Vec::new() }
}

impl Workspace {
    /// All commitments, in order of their ids, as somebody sees them who is nobody in particular. `today` is an ISO
    /// date.
    pub fn commitments(&self, language: Language, today: &str) -> Vec<CommitmentView> {
        let context = ViewContext { language, today: today.to_owned(), me: None };
        self.readings(Kind::Commitment, None, &context).map(|reading| reading.commitment()).collect()
    }

    /// One commitment, as [`Self::commitments`] has it.
    pub fn commitment(&self, id: &str, language: Language, today: &str) -> Option<CommitmentView> {
        let context = ViewContext { language, today: today.to_owned(), me: None };
        Some(self.reading(&EntityRef::new(Kind::Commitment, id), &context)?.commitment())
    }

    /// What a member may do with a commitment now.
    fn rights(&self, commitment: &str, me: &MemberId) -> Rights {
        let mut probe = self.probe(me);
        let mut may = |event: Event| {
            probe.event = event;
            self.probed(commitment, &probe).is_ok()
        };
        let named = one_of_each().into_iter().filter(|event| may(event.clone()));
        let mut events: Vec<String> = named.map(|event| event.name().to_owned()).collect();
        let terms = ["owner", "requester", "due"].into_iter();
        let terms = terms.filter(|field| may(revise(field))).map(str::to_owned).collect();
        let states: Vec<State> =
            State::ALL.into_iter().filter(|state| may(Event::SettleTalk { state: *state })).collect();
        let promised = self.standing_of(commitment).promised_by.clone();
        let owners: Vec<String> =
            promised.into_iter().filter(|owner| may(Event::SettleOwner { owner: owner.clone() })).collect();
        events.extend((!states.is_empty()).then(|| "settle_talk".to_owned()));
        events.extend((!owners.is_empty()).then(|| "settle_owner".to_owned()));
        Rights { events, terms, states, owners }
    }

    /// What happened to a commitment, causes before effects.
    pub fn events(&self, commitment: &str) -> Vec<EventView> {
        let judged = self.judged(commitment);
        let ineffective = judged.standing.ineffective.iter();
        let why: BTreeMap<&str, &str> =
            ineffective.map(|one| (one.record.as_str(), one.reason.as_str())).collect();
        let view = |event: &Happened| EventView {
            ineffective: why.get(event.name.as_str()).map(|reason| (*reason).to_owned()),
            by: event.actor.participant.clone(),
            record: event.name.clone(),
            event: event.event.clone(),
            time_ms: event.time_ms,
            stated_at: event.stated_at.clone(),
            stated: event.import.is_some(),
        };
        judged.events.iter().map(view).collect()
    }

    /// The newest events of a commitment, each device's own: what a new one builds on.
    pub(crate) fn commitment_heads(&self, commitment: &str) -> Vec<String> {
        heads_of(&self.judged(commitment).events)
    }

    /// Fills in what the program knows better than the person: the date that is moved. A date moved by somebody other
    /// than the owner is a proposal.
    pub(crate) fn complete_event(&self, commitment: &str, event: &Event, member: &MemberId) -> Event {
        let standing = self.standing(commitment);
        let own = self.participant_of(member);
        match event {
            Event::Renegotiate { new, reason, .. } if own.is_some() && own == standing.owner => {
                Event::Renegotiate { old: standing.due, new: new.clone(), reason: reason.clone() }
            }
            Event::Renegotiate { new, reason, .. } => {
                Event::ProposeDue { due: new.clone(), reason: reason.clone() }
            }
            other => other.clone(),
        }
    }

    /// Whether an event by a member would count now.
    ///
    /// # Errors
    /// Why not, as a sentence.
    pub fn would_count(&self, commitment: &str, event: &Event, member: &MemberId) -> Result<(), String> {
        let probe = Happened { event: event.clone(), ..self.probe(member) };
        self.probed(commitment, &probe).map_err(str::to_owned)
    }

    /// An event that a member would state now, knowing everything.
    fn probe(&self, member: &MemberId) -> Happened {
        Happened {
            name: String::new(),
            device: DeviceId::ZERO,
            actor: self.ledger.actor(member),
            roster: self.ledger.roster_at(self.ledger.who().heads()),
            event: Event::Start,
            after: Vec::new(),
            terms: None,
            import: None,
            time_ms: 0,
            stated_at: None,
        }
    }

    fn probed(&self, commitment: &str, probe: &Happened) -> Result<(), &'static str> {
        would_count(&self.judged(commitment), probe)
    }

    /// The commitment that one goes on as in the end. Circles end at the smallest id in them.
    pub fn commitment_target(&self, commitment: &str) -> String {
        follow(commitment, |id| {
            let next = self.standing_of(id).merged_into.clone();
            next.filter(|next| self.has(&EntityRef::new(Kind::Commitment, next)))
        })
    }
}

/// The newest of some events, each device's own; they are given in the order of causes.
fn heads_of(happened: &[Happened]) -> Vec<String> {
    heads(happened.iter().map(|event| (event.name.as_str(), event.device, event.after.as_slice())))
}

/// Whose turn it is.
fn waiting_for(standing: &Standing, requester: Option<&str>) -> Vec<String> {
    let owner = standing.owner.iter().cloned();
    let receiver = || requester.unwrap_or("network").to_owned();
    let moved = standing.moves.last().is_some_and(|step| !step.agreed);
    match standing.state {
        // What was offered instead is whoever asked's to answer.
        State::Requested if standing.counter.is_some() => vec![receiver()],
        State::Requested => standing.asked.clone().into_iter().chain(owner).take(1).collect(),
        State::Promised | State::UnderWay if standing.asked.is_some() => {
            standing.asked.iter().cloned().collect()
        }
        State::Promised | State::UnderWay if moved => owner.chain([receiver()]).collect(),
        State::Suggested | State::Promised | State::UnderWay => owner.collect(),
        State::ReportedDone => vec![receiver()],
        State::NeedsTalk => owner.chain([receiver()]).collect(),
        State::Accepted | State::Declined | State::Withdrawn | State::Cancelled | State::Merged => Vec::new(),
    }
}
