//! Who may cause which event when (domain model 3.8), and which events made apart cannot both hold.
//!
//! Where the table leaves it open:
//! - The *network* as receiver is whoever of it neither owns the commitment nor helps with it: it is not the doer who
//!   says that it is good.
//! - A moved date is agreed to by the receiver, the requester or the leader.
//! - An organisation answers through anybody who belongs to it, the owner included: they pass its word on, and
//!   everybody sees who did.
//! - Whoever began a commitment speaks as its requester until it is promised.
//! - A talk is settled by owner, requester or leader; none of them may settle it by accepting their own work.

use crate::commitment::Happened;
use crate::event::{Event, State};
use crate::standing::Standing;

const NOT_OWNER: &str = "only the owner can do this";
const NOT_RECEIVER: &str = "only the receiver can do this";
const NOT_ASKING: &str = "only the requester or the network's leader can do this";
const NOT_NOW: &str = "the commitment does not stand where this could happen";

/// What somebody is to a commitment.
struct Part<'a> {
    who: Option<&'a str>,
    owner: bool,
    helps: bool,
    receiver: bool,
    /// Asks for it, or leads the network.
    asks: bool,
    /// Began it.
    begun: bool,
}

fn part<'a>(standing: &Standing, event: &'a Happened) -> Part<'a> {
    let who = event.actor.participant.as_deref();
    let is = |role: &Option<String>| role.is_some() && role.as_deref() == who;
    let owner = is(&standing.owner);
    let helps = who.is_some_and(|who| standing.with.contains(who));
    let network = standing.requester.as_deref().is_none_or(|requester| requester == "network");
    let receiver = is(&standing.requester) || (network && who.is_some() && !owner && !helps);
    let asks = is(&standing.requester) || event.actor.leads;
    Part { who, owner, helps, receiver, asks, begun: is(&standing.begun_by) }
}

const fn check(
    entitled: bool,
    in_state: bool,
    entitled_words: &'static str,
    state_words: &'static str,
) -> Result<(), &'static str> {
    if !entitled {
        Err(entitled_words)
    } else if !in_state {
        Err(state_words)
    } else {
        Ok(())
    }
}

/// Whether an event fits a state and its author is entitled to it.
pub(crate) fn fits(standing: &Standing, event: &Happened) -> Result<(), &'static str> {
    let part = part(standing, event);
    if part.who.is_none() && !event.actor.leads {
        return Err("its author was not a participant of the plan");
    }
    let state = standing.state;
    let asked = standing.asked.is_some() && standing.asked.as_deref() == part.who;
    let early = matches!(state, State::Suggested | State::Requested);
    match &event.event {
        Event::Suggest => Ok(()),
        Event::Request { .. } => {
            let may = part.asks || part.begun || part.receiver;
            check(may, early, "only whoever asks for it can ask somebody", NOT_NOW)
        }
        Event::Promise { .. } => {
            let volunteers = standing.owner.is_none() && standing.asked.is_none();
            let may = asked || (part.owner && early) || volunteers;
            let hand_over = state.is_promised() && asked;
            check(may, early || hand_over, "only the person who will own it can promise", NOT_NOW)
        }
        Event::Decline { .. } => {
            let may = asked || (standing.asked.is_none() && part.owner);
            let open = state == State::Requested || (state.is_promised() && asked);
            check(may, open, "only the person who was asked can answer", NOT_NOW)
        }
        Event::CounterOffer { .. } => {
            let may = asked || (standing.asked.is_none() && part.owner);
            check(may, state == State::Requested, "only the person who was asked can answer", NOT_NOW)
        }
        Event::OrganisationConfirmed | Event::OrganisationRefused { .. } => {
            let own = part.owner || event.of_owners_organisation(standing);
            check(own, state.is_promised(), "only the owner's organisation can answer", NOT_NOW)
        }
        _ => fits_later(standing, event, &part),
    }
}

/// Events after the promise, and those that can come at any time.
fn fits_later(standing: &Standing, event: &Happened, part: &Part<'_>) -> Result<(), &'static str> {
    let state = standing.state;
    let works = part.owner || part.helps;
    match &event.event {
        Event::Start => check(works, state == State::Promised, NOT_OWNER, NOT_NOW),
        Event::Log { .. } => {
            let open = state.is_promised() || matches!(state, State::ReportedDone | State::NeedsTalk);
            check(works, open, "only the owner and those who help can write in its log", NOT_NOW)
        }
        Event::Renegotiate { .. } => {
            let open = state.is_promised() || state == State::NeedsTalk;
            check(part.owner, open, NOT_OWNER, NOT_NOW)
        }
        Event::HandOver { .. } | Event::ReportDone { .. } => {
            check(part.owner, state.is_promised(), NOT_OWNER, NOT_NOW)
        }
        Event::KeepDue => check(part.owner, state.is_open(), NOT_OWNER, NOT_NOW),
        Event::ProposeDue { .. } => {
            check(part.who.is_some(), state.is_open(), "only participants propose", NOT_NOW)
        }
        Event::Agree => check(part.receiver || part.asks, state.is_open(), NOT_RECEIVER, NOT_NOW),
        Event::Accept | Event::NotYet { .. } => {
            check(part.receiver, state == State::ReportedDone, NOT_RECEIVER, NOT_NOW)
        }
        Event::Withdraw { .. } => check(part.owner, state.is_open(), NOT_OWNER, NOT_NOW),
        Event::Cancel { .. } => check(part.asks, state.is_open(), NOT_ASKING, NOT_NOW),
        Event::SettleTalk { .. } | Event::SettleOwner { .. } => settles(standing, event, part),
        Event::Revise { field, .. } => revises(standing, field, part),
        Event::With { .. } => {
            let may = works || part.asks || part.begun;
            check(may, state.is_open(), "only those whose commitment it is say who helps", NOT_NOW)
        }
        Event::Merge { .. } => {
            let may = part.owner || part.asks || (part.begun && !standing.state.is_promised());
            check(
                may,
                state.is_open(),
                "only those whose commitment it is can let it go on as another",
                NOT_NOW,
            )
        }
        _ => Ok(()),
    }
}

fn settles(standing: &Standing, event: &Happened, part: &Part<'_>) -> Result<(), &'static str> {
    let stands = match &event.event {
        Event::SettleTalk { state } => match state {
            State::Promised | State::UnderWay | State::ReportedDone => true,
            State::Accepted => part.receiver && !part.owner,
            State::Withdrawn => part.owner,
            State::Cancelled => part.asks,
            State::Suggested | State::Requested | State::Declined => part.asks,
            State::NeedsTalk | State::Merged => false,
        },
        // Nobody is made an owner who has not said so.
        Event::SettleOwner { owner } => standing.promised_by.contains(owner),
        _ => true,
    };
    check(
        (part.owner || part.asks) && stands,
        standing.state == State::NeedsTalk,
        "only those concerned can say what holds",
        NOT_NOW,
    )
}

/// Before the promise the terms are whoever asks'; after it, owner and date change by handing over and
/// renegotiating, and who receives it changes by whoever receives it.
fn revises(standing: &Standing, field: &str, part: &Part<'_>) -> Result<(), &'static str> {
    let early = matches!(standing.state, State::Suggested | State::Requested);
    let open = standing.state.is_open();
    match field {
        "owner" | "due" => check(
            part.owner || part.asks || part.begun,
            early,
            "only those whose commitment it is say on what terms",
            "once it is promised, the owner changes by handing over and the date by renegotiating",
        ),
        "requester" => check(part.asks || (part.begun && early), open, NOT_ASKING, NOT_NOW),
        _ => check(
            part.owner || part.asks || part.begun,
            true,
            "only those whose commitment it is settle this",
            NOT_NOW,
        ),
    }
}

impl Happened {
    fn of_owners_organisation(&self, standing: &Standing) -> bool {
        let owners = standing.owner.as_deref().and_then(|owner| self.roster.org_of(owner));
        owners.is_some() && owners == self.actor.org.as_ref()
    }
}

/// Whether two events made apart contradict each other.
pub(crate) fn cannot_both_hold(a: &Happened, b: &Happened) -> bool {
    let ends = |event: &Event| {
        matches!(
            event,
            Event::Cancel { .. }
                | Event::Withdraw { .. }
                | Event::OrganisationRefused { .. }
                | Event::Merge { .. }
        )
    };
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
    let others = a.actor.participant != b.actor.participant;
    let pair = |x: &Event, y: &Event| {
        (ends(x) && goes_on(y))
            || matches!(
                (x, y),
                (Event::Accept, Event::NotYet { .. })
                    | (Event::Promise { .. }, Event::Decline { .. })
                    | (Event::HandOver { .. }, Event::ReportDone { .. })
            )
            || (others && matches!((x, y), (Event::Promise { .. }, Event::Promise { .. })))
    };
    let hand_overs = match (&a.event, &b.event) {
        (Event::HandOver { to: one, .. }, Event::HandOver { to: other, .. }) => one != other,
        _ => false,
    };
    pair(&a.event, &b.event) || pair(&b.event, &a.event) || hand_overs
}
