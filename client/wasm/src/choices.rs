//! What a member may do about a commitment now: which buttons there are. The rules are `plan`'s; each event is tried
//! on them with arguments that fit, and nothing is written.

use std::collections::BTreeMap;

use samverka_plan::{CommitmentView, Event, State};

use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};

/// A day that is after any other: only whether a date may be moved matters here, not to when.
const SOME_DAY: &str = "9999-12-31";

impl OpenPlan {
    pub(crate) fn choices(&self, id: &str, moment: &Moment) -> Result<Vec<&'static str>, Failure> {
        let workspace = self.workspace()?;
        let view = workspace
            .commitment(id, self.language, &moment.today)
            .ok_or_else(|| Failure::unknown("commitment", id))?;
        let Some(me) = self.replica.me() else { return Ok(Vec::new()) };
        let participant = workspace.participant_of(&me);
        let others = || workspace.participant_ids().into_iter();
        let somebody = others().find(|other| Some(other) != view.owner.as_ref());
        let another =
            view.similar.first().cloned().or_else(|| {
                workspace.ids(samverka_plan::Kind::Commitment).into_iter().find(|other| other != id)
            });
        let owns = participant.is_some() && participant == view.owner;
        let candidates = candidates(&view, owns, somebody, another);
        let counts = |event: &Event| workspace.would_count(id, event, &me).is_ok();
        Ok(candidates.iter().filter(|event| counts(event)).map(Event::name).collect())
    }
}

fn candidates(
    view: &CommitmentView,
    owns: bool,
    somebody: Option<String>,
    another: Option<String>,
) -> Vec<Event> {
    let reason = None;
    let (text, evidence) = (BTreeMap::new(), BTreeMap::new());
    let mut events = vec![
        Event::Promise { subject_to: None },
        Event::Decline { reason: reason.clone() },
        Event::CounterOffer { text: text.clone(), due: Some(SOME_DAY.to_owned()) },
        Event::OrganisationConfirmed,
        Event::OrganisationRefused { reason: reason.clone() },
        Event::Start,
        Event::Log { text },
        Event::KeepDue,
        Event::Agree,
        Event::ReportDone { evidence },
        Event::Accept,
        Event::NotYet { reason: reason.clone() },
        Event::Withdraw { reason: reason.clone() },
        Event::Cancel { reason: reason.clone() },
        Event::SettleTalk { state: State::UnderWay },
        Event::With { add: somebody.iter().cloned().collect(), remove: Vec::new() },
    ];
    // The owner moves the date; from anybody else it is a proposal.
    events.push(if owns {
        Event::Renegotiate { old: view.due.clone(), new: SOME_DAY.to_owned(), reason: reason.clone() }
    } else {
        Event::ProposeDue { due: SOME_DAY.to_owned(), reason: reason.clone() }
    });
    events.extend(view.owner.clone().map(|owner| Event::SettleOwner { owner }));
    if let Some(to) = somebody {
        events.push(Event::Request { to: to.clone() });
        events.push(Event::HandOver { to, reason });
    }
    events.extend(another.map(|into| Event::Merge { into }));
    events
}
