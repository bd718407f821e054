//! Where a commitment stands: a pure function of the statements about it.
//!
//! Events are taken in an order in which causes come before effects. Each is judged twice: in the state that its own
//! past makes (was its author entitled, did it fit?), which decides whether it counts at all; and in the state of
//! everything before it, which shows whether events made apart can both hold. Where they cannot, the commitment needs
//! a talk and both are shown, until somebody entitled who saw both says what holds. Nothing is thrown away.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::event::{Event, State};

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actor {
    /// The participant that the member was when it was recorded; none for somebody without one.
    pub(crate) participant: Option<String>,
    /// Whether they led the network or decide who is in.
    pub(crate) leads: bool,
}

/// One event as it is judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Happened {
    pub(crate) id: String,
    pub(crate) n: u64,
    pub(crate) actor: Actor,
    pub(crate) event: Event,
    pub(crate) after: Vec<String>,
    /// Stated by an import, not verified: it counts as it stands.
    pub(crate) stated: bool,
    pub(crate) time_ms: u64,
    /// The stated time of an imported event, as it was written.
    pub(crate) stated_at: Option<String>,
}

/// What the commitment's own fields say at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) owner: Option<String>,
    pub(crate) requester: Option<String>,
    pub(crate) with: BTreeSet<String>,
    pub(crate) due: Option<String>,
}

/// An event without effect, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ineffective {
    /// The record.
    pub record: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// A date that somebody other than the owner proposed, and that is not settled.
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

/// Where a commitment stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Who has promised, or is expected to.
    pub owner: Option<String>,
    /// Who is asked.
    pub asked: Option<String>,
    /// The date.
    pub due: Option<String>,
    /// Every move of the date: from, to.
    pub moves: Vec<(Option<String>, String)>,
    /// Dates that others proposed and that are not settled.
    pub proposals: Vec<DueProposal>,
    /// The records that cannot both hold.
    pub talk: Vec<String>,
    /// Events without effect.
    pub ineffective: Vec<Ineffective>,
    /// Whether the promise waits for the owner's organisation.
    pub subject_to: Option<String>,
    /// Whether anything that counts is only stated by an import.
    pub stated: bool,
}

/// Judges all events of a commitment. Each event's own validity is worked out once, in the order of causes, so the
/// cost is quadratic in the number of events of one commitment, and those are dozens.
pub(crate) fn judge(terms: &Terms, events: &[Happened]) -> Standing {
    let mut order: Vec<&Happened> = events.iter().collect();
    order.sort_by(|a, b| (a.n, &a.id).cmp(&(b.n, &b.id)));
    let mut judging = Judging { terms, pasts: pasts(&order), valid: Vec::new(), order };
    for index in 0..judging.order.len() {
        let verdict = judging.verdict(index);
        judging.valid.push(verdict);
    }
    judging.fold(|_| true)
}

/// A set of places in the order.
type Places = BTreeSet<usize>;

struct Judging<'a> {
    terms: &'a Terms,
    order: Vec<&'a Happened>,
    pasts: Vec<Places>,
    valid: Vec<Result<(), &'static str>>,
}

/// For each event, everything that its author knew of the commitment.
fn pasts(order: &[&Happened]) -> Vec<Places> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut pasts: Vec<Places> = Vec::new();
    for (index, event) in order.iter().enumerate() {
        let mut past = Places::new();
        for before in event.after.iter().filter_map(|before| places.get(before.as_str())) {
            past.extend(pasts.get(*before).into_iter().flatten());
            past.insert(*before);
        }
        pasts.push(past);
        places.insert(&event.id, index);
    }
    pasts
}

impl Judging<'_> {
    /// Whether an event counts: judged in the state that its own past makes.
    fn verdict(&self, index: usize) -> Result<(), &'static str> {
        let (Some(event), Some(past)) = (self.order.get(index), self.pasts.get(index)) else { return Ok(()) };
        if event.stated {
            return Ok(());
        }
        let own = self.fold(|place| past.contains(&place));
        fits(self.terms, &own, event)
    }

    fn fold(&self, included: impl Fn(usize) -> bool) -> Standing {
        let terms = self.terms;
        let mut standing =
            Standing { owner: terms.owner.clone(), due: terms.due.clone(), ..Standing::default() };
        let mut counted: Vec<usize> = Vec::new();
        for (index, verdict) in self.valid.iter().enumerate().filter(|(index, _)| included(*index)) {
            let (Some(event), Some(past)) = (self.order.get(index), self.pasts.get(index)) else { continue };
            if let Err(reason) = verdict {
                standing
                    .ineffective
                    .push(Ineffective { record: event.id.clone(), reason: (*reason).to_owned() });
                continue;
            }
            self.take(&mut standing, event, past, &counted);
            counted.push(index);
        }
        if !standing.talk.is_empty() {
            standing.state = State::NeedsTalk;
        }
        standing
    }

    fn take(&self, standing: &mut Standing, event: &Happened, past: &Places, counted: &[usize]) {
        let knew = |record: &str| {
            past.iter().any(|place| self.order.get(*place).is_some_and(|other| other.id == record))
        };
        standing.stated |= event.stated;
        if let Event::SettleTalk { state } = event.event {
            standing.talk.retain(|record| !knew(record));
            if standing.talk.is_empty() {
                standing.state = state;
            }
            return;
        }
        let apart: Vec<&str> = counted
            .iter()
            .filter(|place| !event.stated && !past.contains(place))
            .filter_map(|place| self.order.get(*place))
            .filter(|other| cannot_both_hold(&other.event, &event.event))
            .map(|other| other.id.as_str())
            .collect();
        if apart.is_empty() && standing.talk.is_empty() {
            apply(standing, event, &knew);
            return;
        }
        for record in apart.into_iter().chain([event.id.as_str()]) {
            if !standing.talk.iter().any(|known| known == record) {
                standing.talk.push(record.to_owned());
            }
        }
        apply_quietly(standing, event, &knew);
    }
}

/// Whether an event fits a state and its author is entitled to it.
fn fits(terms: &Terms, standing: &Standing, event: &Happened) -> Result<(), &'static str> {
    let who = event.actor.participant.as_deref();
    let is = |role: &Option<String>| role.is_some() && role.as_deref() == who;
    let owner = is(&standing.owner);
    let helps = who.is_some_and(|who| terms.with.contains(who));
    let network = terms.requester.as_deref().is_none_or(|requester| requester == "network");
    let receiver = is(&terms.requester) || (network && !owner && !helps);
    let asks = is(&terms.requester) || event.actor.leads;
    let state = standing.state;
    let check = |entitled: bool, in_state: bool, entitled_words, state_words| {
        if !entitled {
            Err(entitled_words)
        } else if !in_state {
            Err(state_words)
        } else {
            Ok(())
        }
    };
    const NOT_OWNER: &str = "only the owner can do this";
    const NOT_RECEIVER: &str = "only the receiver can do this";
    const NOT_NOW: &str = "the commitment does not stand where this could happen";
    match &event.event {
        Event::Suggest => Ok(()),
        Event::Request { .. } => {
            check(true, matches!(state, State::Suggested | State::Requested), NOT_OWNER, NOT_NOW)
        }
        Event::Promise { .. } => {
            let may = match (&standing.owner, &standing.asked) {
                (_, Some(asked)) if who == Some(asked) => true,
                (Some(owner), _) => who == Some(owner),
                (None, _) => who.is_some(),
            };
            let open = matches!(state, State::Suggested | State::Requested);
            check(may, open, "only the person who will own it can promise", NOT_NOW)
        }
        Event::Decline { .. } | Event::CounterOffer { .. } => {
            let asked = is(&standing.asked) || (standing.asked.is_none() && owner);
            check(asked, state == State::Requested, "only the person who was asked can answer", NOT_NOW)
        }
        Event::OrganisationConfirmed | Event::OrganisationRefused { .. } => {
            check(who.is_some(), state.is_promised(), "only the owner's organisation can answer", NOT_NOW)
        }
        Event::Start => check(owner || helps, state == State::Promised, NOT_OWNER, NOT_NOW),
        Event::Log { .. } => {
            let open = state.is_promised() || state == State::ReportedDone;
            check(owner || helps, open, "only the owner and those who help can write in its log", NOT_NOW)
        }
        Event::Renegotiate { .. } | Event::HandOver { .. } => {
            check(owner, state.is_promised(), NOT_OWNER, NOT_NOW)
        }
        Event::KeepDue => check(owner, state.is_open(), NOT_OWNER, NOT_NOW),
        Event::ProposeDue { .. } => {
            check(who.is_some(), state.is_open(), "only participants propose", NOT_NOW)
        }
        Event::Agree => check(receiver || asks, state.is_open(), NOT_RECEIVER, NOT_NOW),
        Event::ReportDone { .. } => check(owner, state.is_promised(), NOT_OWNER, NOT_NOW),
        Event::Accept | Event::NotYet { .. } => {
            check(receiver, state == State::ReportedDone, NOT_RECEIVER, NOT_NOW)
        }
        Event::Withdraw { .. } => check(owner, state.is_open(), NOT_OWNER, NOT_NOW),
        Event::Cancel { .. } => check(
            asks,
            state.is_open(),
            "only the requester or the network's leader can call it off",
            NOT_NOW,
        ),
        Event::SettleTalk { .. } => {
            let entitled = owner || asks;
            check(entitled, state == State::NeedsTalk, "only those concerned can say what holds", NOT_NOW)
        }
    }
}

/// Whether two events made apart contradict each other.
fn cannot_both_hold(a: &Event, b: &Event) -> bool {
    let ends = |event: &Event| matches!(event, Event::Cancel { .. } | Event::Withdraw { .. });
    let goes_on = |event: &Event| {
        matches!(
            event,
            Event::Promise { .. }
                | Event::Start
                | Event::Log { .. }
                | Event::Renegotiate { .. }
                | Event::HandOver { .. }
                | Event::ReportDone { .. }
                | Event::Accept
        )
    };
    let pair = |x: &Event, y: &Event| {
        (ends(x) && goes_on(y))
            || matches!(
                (x, y),
                (Event::Accept, Event::NotYet { .. })
                    | (Event::Promise { .. }, Event::Promise { .. } | Event::Decline { .. })
                    | (Event::HandOver { .. }, Event::ReportDone { .. } | Event::HandOver { .. })
                    | (Event::Renegotiate { .. }, Event::Renegotiate { .. })
            )
    };
    pair(a, b) || pair(b, a)
}

fn apply(standing: &mut Standing, event: &Happened, knew: &dyn Fn(&str) -> bool) {
    apply_quietly(standing, event, knew);
    standing.state = match &event.event {
        Event::Request { .. } => State::Requested,
        Event::Promise { .. } => State::Promised,
        Event::Decline { .. } => State::Declined,
        Event::OrganisationRefused { .. } | Event::Withdraw { .. } => State::Withdrawn,
        Event::Start | Event::NotYet { .. } => State::UnderWay,
        Event::Log { .. } if standing.state == State::Promised => State::UnderWay,
        Event::HandOver { .. } => State::Requested,
        Event::ReportDone { .. } => State::ReportedDone,
        Event::Accept => State::Accepted,
        Event::Cancel { .. } => State::Cancelled,
        Event::SettleTalk { state } => *state,
        Event::Suggest
        | Event::CounterOffer { .. }
        | Event::OrganisationConfirmed
        | Event::Log { .. }
        | Event::Renegotiate { .. }
        | Event::ProposeDue { .. }
        | Event::KeepDue
        | Event::Agree => standing.state,
    };
}

/// What an event does beside changing the state.
fn apply_quietly(standing: &mut Standing, event: &Happened, knew: &dyn Fn(&str) -> bool) {
    let who = event.actor.participant.clone();
    match &event.event {
        Event::Request { to } => standing.asked = Some(to.clone()),
        Event::Promise { subject_to } => {
            standing.owner = who.or_else(|| standing.owner.take());
            standing.asked = None;
            standing.subject_to.clone_from(subject_to);
        }
        Event::OrganisationConfirmed => standing.subject_to = None,
        Event::HandOver { to, .. } => standing.asked = Some(to.clone()),
        Event::Renegotiate { new, .. } => {
            standing.moves.push((standing.due.clone(), new.clone()));
            standing.due = Some(new.clone());
            standing.proposals.retain(|proposal| !knew(&proposal.record));
        }
        Event::KeepDue => standing.proposals.retain(|proposal| !knew(&proposal.record)),
        Event::ProposeDue { due, reason } => {
            let proposal =
                DueProposal { record: event.id.clone(), due: due.clone(), by: who, reason: reason.clone() };
            standing.proposals.push(proposal);
        }
        _ => {}
    }
}
