//! Where a commitment stands: a pure function of the statements about it.
//!
//! Each event is judged twice: in the state that its own past makes (was its author entitled, did it fit?), which
//! decides whether it counts at all; and in the state of everything before it, which shows whether events made apart
//! can both hold. Where they cannot, the commitment needs a talk and both are shown, until somebody entitled who saw
//! both says what holds. Nothing is thrown away, and no field of the shared document is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use samverka_log::DeviceId;

use crate::causal::{Pasts, Places, order};
use crate::event::{Event, State};
use crate::record::Terms;
use crate::roster::{Actor, Roster};
use crate::rules::{cannot_both_hold, fits};
use crate::schema::begun_by;
use crate::standing::{Counter, DueMove, DueProposal, Ineffective, Mandate, Standing};

/// One event as it is judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Happened {
    /// Its record's name; for an import's events with a number behind it.
    pub(crate) name: String,
    pub(crate) device: DeviceId,
    pub(crate) actor: Actor,
    /// Who was who for its author.
    pub(crate) roster: Arc<Roster>,
    pub(crate) event: Event,
    pub(crate) after: Vec<String>,
    /// With `suggest`: the terms on which it begins.
    pub(crate) terms: Option<Terms>,
    /// The import that states it; not verified then, and it counts as it stands.
    pub(crate) import: Option<String>,
    pub(crate) time_ms: u64,
    /// The stated time of an imported event, as it was written.
    pub(crate) stated_at: Option<String>,
}

/// Puts events into the order of causes.
pub(crate) fn in_order(happened: Vec<Happened>) -> Vec<Happened> {
    let items: Vec<(&str, &[String])> =
        happened.iter().map(|event| (event.name.as_str(), event.after.as_slice())).collect();
    let order = order(&items);
    let mut happened: Vec<Option<Happened>> = happened.into_iter().map(Some).collect();
    order.into_iter().filter_map(|index| happened.get_mut(index)?.take()).collect()
}

/// What came of judging a commitment.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) standing: Arc<Standing>,
    /// What was judged, in the order of causes.
    pub(crate) events: Vec<Happened>,
    /// Whether what it begins with is here.
    begun: bool,
}

/// Whether an event would count that builds on all others, which were judged. It is what [`judge`] would say of it:
/// with everything in its past, it is judged in the state that everything makes.
pub(crate) fn would_count(judged: &Judged, event: &Happened) -> Result<(), &'static str> {
    match event.event {
        _ if !judged.begun => Err(NOT_BEGUN),
        Event::Suggest => Err(BEGUN_ALREADY),
        _ => fits(&judged.standing, event),
    }
}

const NOT_BEGUN: &str = "the commitment's beginning is not here";
const BEGUN_ALREADY: &str = "the commitment had begun already";

/// Judges all events of a commitment, given in the order of causes. Where people work one after the other, each event
/// is folded once; only one that was made apart is judged in a fold of its own past.
pub(crate) fn judge(commitment: &str, events: Vec<Happened>) -> Judged {
    let beginning = beginning(commitment, &events);
    let mut judging = Judging { events: &events, beginning, pasts: Pasts::default(), valid: Vec::new() };
    let mut standing = Standing::default();
    let mut counted = Places::default();
    let mut own_standings: BTreeMap<Places, Standing> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        judging.pasts.push(&event.name, &event.after);
        let past = judging.pasts.of(place).cloned().unwrap_or_default();
        let verdict = match judging.counts_at_all(place, event, &past) {
            Ok(true) => Ok(()),
            Ok(false) if past.len() == place => fits(&standing, event),
            Ok(false) => {
                let own = own_standings.entry(past.clone()).or_insert_with_key(|past| judging.fold(past));
                fits(own, event)
            }
            Err(reason) => Err(reason),
        };
        judging.valid.push(verdict.is_ok());
        match verdict {
            Ok(()) => {
                judging.take(&mut standing, place, event, &past, &counted);
                counted.insert(place);
            }
            Err(reason) => {
                let (record, reason) = (event.name.clone(), reason.to_owned());
                standing.ineffective.push(Ineffective { record, reason });
            }
        }
    }
    Judged { standing: Arc::new(standing), begun: beginning.is_some(), events }
}

/// Which event the commitment begins with: its maker's own, told by the id; else what an admin's import states; else
/// the first that anybody suggested under an id of their choice.
fn beginning(commitment: &str, events: &[Happened]) -> Option<usize> {
    let rank = |event: &Happened| {
        event.terms.as_ref().filter(|_| event.event == Event::Suggest)?;
        match &event.import {
            Some(_) => event.actor.admin.then_some(1),
            None if begun_by(commitment, &event.device) == Some(true) => Some(0),
            None => Some(2),
        }
    };
    let ranked = events.iter().enumerate().filter_map(|(place, event)| Some((rank(event)?, place)));
    ranked.min().map(|(_, place)| place)
}

struct Judging<'a> {
    events: &'a [Happened],
    beginning: Option<usize>,
    pasts: Pasts,
    valid: Vec<bool>,
}

impl Judging<'_> {
    /// Whether an event can count, before its author and its state are looked at: `true` where nothing more is asked.
    fn counts_at_all(&self, place: usize, event: &Happened, past: &Places) -> Result<bool, &'static str> {
        let Some(beginning) = self.beginning else { return Err(NOT_BEGUN) };
        let import = self.events.get(beginning).and_then(|event| event.import.as_deref());
        match (&event.import, &event.event) {
            _ if place == beginning => Ok(true),
            (Some(stated), _) if Some(stated.as_str()) == import => Ok(true),
            (Some(_), _) => Err("an import states it of a commitment that did not begin with that import"),
            (None, Event::Suggest) => Err(BEGUN_ALREADY),
            (None, _) if !past.contains(beginning) => Err("it does not build on the commitment's beginning"),
            (None, _) => Ok(false),
        }
    }

    fn fold(&self, places: &Places) -> Standing {
        let mut standing = Standing::default();
        let mut counted = Places::default();
        for place in places.iter().filter(|place| self.valid.get(*place) == Some(&true)) {
            if let (Some(event), Some(past)) = (self.events.get(place), self.pasts.of(place)) {
                self.take(&mut standing, place, event, past, &counted);
                counted.insert(place);
            }
        }
        standing
    }

    fn take(&self, standing: &mut Standing, place: usize, event: &Happened, past: &Places, counted: &Places) {
        let knew = |record: &str| self.pasts.place(record).is_some_and(|place| past.contains(place));
        if !matches!(event.event, Event::With { .. } | Event::ProposeDue { .. }) {
            standing.stated = event.import.is_some();
        }
        if !standing.talk.is_empty()
            && settles_talk(&event.event)
            && standing.talk.iter().all(|one| knew(one))
        {
            standing.talk.clear();
            apply(standing, event, &knew);
            return;
        }
        let apart: Vec<&str> = counted
            .without(past)
            .filter(|other| *other != place)
            .filter_map(|other| self.events.get(other))
            .filter(|other| cannot_both_hold(other, event))
            .map(|other| other.name.as_str())
            .collect();
        if apart.is_empty() && standing.talk.is_empty() {
            apply(standing, event, &knew);
            return;
        }
        if !apart.is_empty() {
            for record in apart.into_iter().chain([event.name.as_str()]) {
                if !standing.talk.iter().any(|known| known == record) {
                    standing.talk.push(record.to_owned());
                }
            }
        }
        apply_quietly(standing, event, &knew);
        standing.state = State::NeedsTalk;
    }
}

/// Whether an event ends a talk when its author saw both sides.
const fn settles_talk(event: &Event) -> bool {
    matches!(
        event,
        Event::SettleTalk { .. }
            | Event::SettleOwner { .. }
            | Event::Withdraw { .. }
            | Event::Cancel { .. }
            | Event::Merge { .. }
    )
}

fn apply(standing: &mut Standing, event: &Happened, knew: &dyn Fn(&str) -> bool) {
    apply_quietly(standing, event, knew);
    let promised = standing.state.is_promised();
    standing.state = match &event.event {
        Event::Request { .. } => State::Requested,
        Event::Promise { .. } | Event::SettleOwner { .. } => State::Promised,
        Event::Decline { .. } if !promised => State::Declined,
        Event::OrganisationRefused { .. } | Event::Withdraw { .. } => State::Withdrawn,
        Event::Start | Event::NotYet { .. } => State::UnderWay,
        Event::Log { .. } if standing.state == State::Promised => State::UnderWay,
        Event::ReportDone { .. } => State::ReportedDone,
        Event::Accept => State::Accepted,
        Event::Cancel { .. } => State::Cancelled,
        Event::Merge { .. } => State::Merged,
        Event::SettleTalk { state } => *state,
        Event::Suggest
        | Event::Decline { .. }
        | Event::CounterOffer { .. }
        | Event::OrganisationConfirmed
        | Event::Log { .. }
        | Event::Renegotiate { .. }
        | Event::ProposeDue { .. }
        | Event::KeepDue
        | Event::Agree
        | Event::HandOver { .. }
        | Event::Revise { .. }
        | Event::With { .. } => standing.state,
    };
}

/// What an event does beside changing the state.
fn apply_quietly(standing: &mut Standing, event: &Happened, knew: &dyn Fn(&str) -> bool) {
    let who = event.actor.participant.clone();
    let record = event.name.clone();
    match &event.event {
        Event::Suggest => begin(standing, event),
        Event::Request { to } => standing.asked = Some(to.clone()),
        Event::Decline { .. } => standing.asked = None,
        Event::CounterOffer { text, due } => {
            let (text, due) = (text.clone(), due.clone());
            standing.counter = Some(Counter { record, text, due, by: who });
        }
        Event::Promise { subject_to } => {
            standing.promised_by.extend(who.clone());
            standing.owner = who.or_else(|| standing.owner.take());
            standing.asked = None;
            standing.counter = None;
            standing.subject_to.clone_from(subject_to);
            standing.mandate =
                if subject_to.is_some() { Mandate::NeedsOrganisation } else { Mandate::OwnWork };
        }
        Event::OrganisationConfirmed => {
            standing.mandate = Mandate::Confirmed;
            standing.subject_to = None;
        }
        Event::OrganisationRefused { .. } => standing.mandate = Mandate::Refused,
        Event::HandOver { to, .. } => standing.asked = Some(to.clone()),
        Event::SettleOwner { owner } => standing.owner = Some(owner.clone()),
        Event::Renegotiate { new, reason, .. } => renegotiate(standing, event, new, reason.as_ref(), knew),
        Event::KeepDue => standing.proposals.retain(|proposal| !knew(&proposal.record)),
        Event::ProposeDue { due, reason } => {
            let (due, reason) = (due.clone(), reason.clone());
            standing.proposals.push(DueProposal { record, due, by: who, reason });
        }
        Event::Agree => agree(standing, event, knew),
        Event::Revise { field, value, replaces } => {
            standing.retired.extend(replaces.iter().map(|proposal| (field.clone(), proposal.clone())));
            let text = value.as_str().map(str::to_owned);
            match field.as_str() {
                "owner" => standing.owner = text,
                "requester" => standing.requester = text,
                "due" => standing.due = text,
                _ => {}
            }
        }
        Event::With { add, remove } => {
            standing.with.retain(|one| !remove.contains(one));
            standing.with.extend(add.iter().cloned());
        }
        Event::Merge { into } => standing.merged_into = Some(into.clone()),
        Event::Start
        | Event::Log { .. }
        | Event::ReportDone { .. }
        | Event::Accept
        | Event::NotYet { .. }
        | Event::Withdraw { .. }
        | Event::Cancel { .. }
        | Event::SettleTalk { .. } => {}
    }
}

fn begin(standing: &mut Standing, event: &Happened) {
    let Some(terms) = &event.terms else { return };
    standing.owner.clone_from(&terms.owner);
    standing.requester.clone_from(&terms.requester);
    standing.due.clone_from(&terms.due);
    standing.with.clone_from(&terms.with);
    standing.begun_by.clone_from(&event.actor.participant);
}

/// The owner's word moves the date at once. Moved twice apart, the later one holds and the other stands beside it.
/// Choosing a date that somebody had put beside a move not agreed to yet settles that move; it is no second one.
fn renegotiate(
    standing: &mut Standing,
    event: &Happened,
    new: &str,
    reason: Option<&String>,
    knew: &dyn Fn(&str) -> bool,
) {
    let chosen = standing.proposals.iter().any(|proposal| proposal.due == new && knew(&proposal.record));
    standing.proposals.retain(|proposal| !knew(&proposal.record));
    let mut step = DueMove {
        record: event.name.clone(),
        from: standing.due.clone(),
        to: new.to_owned(),
        by: event.actor.participant.clone(),
        reason: reason.cloned(),
        agreed: false,
    };
    if let Some(last) = standing.moves.last() {
        let apart = !knew(&last.record);
        let replaced = apart || (chosen && !last.agreed);
        if apart && last.to != new {
            standing.proposals.push(DueProposal {
                record: last.record.clone(),
                due: last.to.clone(),
                by: last.by.clone(),
                reason: last.reason.clone(),
            });
        }
        if replaced {
            step.from.clone_from(&last.from);
            standing.moves.pop();
        }
    }
    standing.due = Some(new.to_owned());
    standing.moves.push(step);
}

/// The receiver agrees to the moves that they knew, or to what was offered instead.
fn agree(standing: &mut Standing, event: &Happened, knew: &dyn Fn(&str) -> bool) {
    if let Some(counter) = standing.counter.take_if(|counter| knew(&counter.record))
        && counter.due.is_some()
    {
        standing.due = counter.due;
    }
    for step in standing.moves.iter_mut().filter(|step| knew(&step.record)) {
        step.agreed = true;
    }
    let decides = event.actor.leads || standing.requester == event.actor.participant;
    standing
        .proposals
        .retain(|proposal| !(knew(&proposal.record) && (decides || proposal.by == event.actor.participant)));
}
