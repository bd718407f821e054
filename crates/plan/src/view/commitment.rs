//! Commitments: where they stand, what happened, what one may do.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{DeviceId, MemberId};
use serde::Serialize;

use super::alike::Alike;
use super::days::{days_between, last_day};
use super::follow;
use crate::causal::heads;
use crate::commitment::{Happened, judge};
use crate::document::Thing;
use crate::event::{Event, State};
use crate::language::{Language, pick, state_word};
use crate::schema::{EntityRef, Kind};
use crate::standing::{Counter, DueMove, DueProposal, Mandate, Standing};
use crate::workspace::Workspace;

/// A commitment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommitmentView {
    /// Its id.
    pub id: String,
    /// What, in the language asked for or the nearest.
    pub title: String,
    /// What, in all languages.
    pub titles: BTreeMap<String, String>,
    /// When it is done, in the language asked for.
    pub done_when: String,
    /// The first small step.
    pub next_step: String,
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
    /// The date.
    pub due: Option<String>,
    /// When it is looked at together.
    pub follow_up: Option<String>,
    /// Goals that it serves.
    pub goals: Vec<String>,
    /// Notes that it came from.
    pub from_notes: Vec<String>,
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
    pub proposals: Vec<DueProposal>,
    /// Every move of the date.
    pub moves: Vec<DueMove>,
    /// What was offered instead, and not answered.
    pub counter: Option<Counter>,
    /// Whether the owner may promise it alone.
    pub mandate: Mandate,
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
}

/// One event of a commitment, for its history.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

impl Workspace {
    /// All commitments, in order of their ids. `today` is an ISO date.
    pub fn commitments(&self, language: Language, today: &str) -> Vec<CommitmentView> {
        let mut views: Vec<CommitmentView> = self
            .things(Kind::Commitment)
            .into_iter()
            .map(|(_, entity, thing)| self.commitment_alone(&entity, &thing, language, today))
            .collect();
        let mut alike = Alike::default();
        for view in views.iter().filter(|view| view.state.is_open()) {
            alike.add(&view.id, &view.title);
        }
        for view in views.iter_mut().filter(|view| view.state.is_open()) {
            view.similar = alike.to(&view.id, &view.title);
        }
        views
    }

    /// One commitment.
    pub fn commitment(&self, id: &str, language: Language, today: &str) -> Option<CommitmentView> {
        let entity = EntityRef::new(Kind::Commitment, id);
        let thing = self.doc_of(&entity)?.thing(Kind::Commitment, id)?;
        let mut view = self.commitment_alone(&entity, &thing, language, today);
        if view.state.is_open() {
            let mut alike = Alike::default();
            for (_, other, thing) in self.things(Kind::Commitment) {
                if self.standing_of(&other.id).state.is_open() {
                    alike.add(&other.id, &pick(&thing.texts("title"), language.tag()));
                }
            }
            view.similar = alike.to(&view.id, &view.title);
        }
        Some(view)
    }

    fn commitment_alone(
        &self,
        entity: &EntityRef,
        thing: &Thing<'_>,
        language: Language,
        today: &str,
    ) -> CommitmentView {
        let id = entity.id.as_str();
        let standing = self.standing(id);
        let titles = thing.texts("title");
        let requester = standing.requester.clone();
        let with: BTreeSet<String> = thing
            .members("with")
            .unwrap_or_default()
            .into_keys()
            .chain(standing.with.iter().cloned())
            .collect();
        let overdue = standing.state.is_open()
            && standing.state != State::ReportedDone
            && standing.due.as_deref().is_some_and(|due| last_day(due).as_str() < today);
        let days_moved = standing.moves.iter().map(|step| days_between(step.from.as_deref(), &step.to)).sum();
        CommitmentView {
            id: id.to_owned(),
            title: pick(&titles, language.tag()),
            titles,
            done_when: pick(&thing.texts("done_when"), language.tag()),
            next_step: pick(&thing.texts("next_step"), language.tag()),
            owner_org: self
                .text_of(entity, thing, "owner_org")
                .or_else(|| self.org_of(standing.owner.as_deref()?)),
            with: with.into_iter().collect(),
            follow_up: self.text_of(entity, thing, "follow_up"),
            goals: thing.members("goals").unwrap_or_default().into_keys().collect(),
            from_notes: thing.members("from_notes").unwrap_or_default().into_keys().collect(),
            state_word: state_word(standing.state, language).to_owned(),
            overdue,
            times_moved: standing.moves.len(),
            days_moved,
            waiting_for: waiting_for(&standing, requester.as_deref()),
            requester,
            owner: standing.owner,
            asked: standing.asked,
            due: standing.due,
            state: standing.state,
            proposals: standing.proposals,
            moves: standing.moves,
            counter: standing.counter,
            mandate: standing.mandate,
            merged_into: standing.merged_into,
            talk: standing.talk,
            stated: standing.stated,
            similar: Vec::new(),
        }
    }

    /// A participant's organisation.
    pub fn org_of(&self, participant: &str) -> Option<String> {
        self.single_text(&EntityRef::new(Kind::Participant, participant), "org")
    }

    /// What happened to a commitment, causes before effects.
    pub fn events(&self, commitment: &str) -> Vec<EventView> {
        let standing = self.standing(commitment);
        let why: BTreeMap<&str, &str> =
            standing.ineffective.iter().map(|one| (one.record.as_str(), one.reason.as_str())).collect();
        self.happened(commitment)
            .into_iter()
            .map(|event| EventView {
                ineffective: why.get(event.name.as_str()).map(|reason| (*reason).to_owned()),
                by: event.actor.participant,
                record: event.name,
                event: event.event,
                time_ms: event.time_ms,
                stated_at: event.stated_at,
                stated: event.import.is_some(),
            })
            .collect()
    }

    /// The newest events of a commitment, each device's own: what a new one builds on.
    pub(crate) fn commitment_heads(&self, commitment: &str) -> Vec<String> {
        heads_of(&self.happened(commitment))
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
        let mut happened = self.happened(commitment);
        let probe = "\u{10ffff}".to_owned();
        let after = heads_of(&happened);
        happened.push(Happened {
            name: probe.clone(),
            device: DeviceId::ZERO,
            actor: self.ledger.actor(member),
            roster: self.ledger.roster_at(self.ledger.who().heads()),
            event: event.clone(),
            after,
            terms: None,
            import: None,
            time_ms: 0,
            stated_at: None,
        });
        let standing = judge(commitment, &happened);
        match standing.ineffective.into_iter().find(|one| one.record == probe) {
            Some(one) => Err(one.reason),
            None => Ok(()),
        }
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
