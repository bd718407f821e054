//! Views: what is shown, worked out from documents and statements. Stable field names in snake_case; the same for the
//! command line's `--json` and the web app.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{DeviceId, DocumentId, MemberId};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::causal::heads;
use crate::commitment::{Happened, judge};
use crate::document::Thing;
use crate::event::{Event, State};
use crate::language::{Language, pick, state_word};
use crate::schema::{EntityRef, Kind};
use crate::standing::{Counter, DueMove, DueProposal, Mandate, Standing};
use crate::workspace::Workspace;

/// A question with more than one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenQuestion {
    /// The thing.
    pub entity: EntityRef,
    /// The field.
    pub field: String,
    /// The answers, the one that is shown last.
    pub answers: Vec<Answer>,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Its id, to settle by.
    pub id: String,
    /// What it says.
    pub value: Json,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoteView {
    /// Its id.
    pub id: String,
    /// Its text in the language asked for, or the nearest.
    pub text: String,
    /// All its texts.
    pub texts: BTreeMap<String, String>,
    /// The cluster that it shows in, redirections followed.
    pub cluster: Option<String>,
    /// `revealed`, `parked`, `archived`, ….
    pub state: String,
    /// Its colour.
    pub colour: Option<String>,
    /// The participant who wrote it.
    pub author: Option<String>,
    /// The board.
    pub board: String,
    /// What it was promoted to.
    pub promoted_to: Vec<String>,
    /// Archived by one while another edited it: it stays in the parking place.
    pub archived_and_edited: bool,
}

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
    /// The cluster that a cluster is part of in the end. Circles, which two people can make apart, end at the
    /// smallest id in them.
    pub fn cluster_target(&self, cluster: &str) -> String {
        follow(cluster, |id| {
            let next = self.single_text(&EntityRef::new(Kind::Cluster, id), "redirect_to");
            next.filter(|next| self.has(&EntityRef::new(Kind::Cluster, next)))
        })
    }

    /// The notes of a board, or of all.
    pub fn notes(&self, board: Option<DocumentId>, language: Language) -> Vec<NoteView> {
        let boards = board.map_or_else(|| self.boards(), |board| vec![board]);
        let mut targets: BTreeMap<String, String> = BTreeMap::new();
        let mut notes = Vec::new();
        for board in boards {
            for (board, entity, thing) in self.things_on(board, Kind::Note) {
                let mut view = self.note(board, entity, &thing, language);
                view.cluster = view.cluster.map(|cluster| {
                    let target = || self.cluster_target(&cluster);
                    targets.entry(cluster.clone()).or_insert_with(target).clone()
                });
                notes.push(view);
            }
        }
        notes
    }

    /// One note.
    pub fn note_view(&self, id: &str, language: Language) -> Option<NoteView> {
        let entity = EntityRef::new(Kind::Note, id);
        let board = self.document_of(&entity)?;
        let thing = self.documents.get(&board)?.thing(Kind::Note, id)?;
        let mut view = self.note(board, entity, &thing, language);
        view.cluster = view.cluster.map(|cluster| self.cluster_target(&cluster));
        Some(view)
    }

    /// A note, in the cluster that it itself names.
    fn note(&self, board: DocumentId, entity: EntityRef, thing: &Thing<'_>, language: Language) -> NoteView {
        let texts = thing.texts("text");
        let mut states = self.answers_of(&entity, thing, "state");
        let archived_and_edited =
            states.len() > 1 && states.iter().any(|state| state.value == json!("archived"));
        let state = states.pop().and_then(|state| state.value.as_str().map(str::to_owned));
        let state = if archived_and_edited { Some("parked".to_owned()) } else { state };
        NoteView {
            text: pick(&texts, language.tag()),
            texts,
            cluster: self.text_of(&entity, thing, "cluster"),
            state: state.unwrap_or_else(|| "revealed".to_owned()),
            colour: thing.plain_text("colour"),
            author: thing.plain_text("author"),
            board: board.to_string(),
            promoted_to: thing.members("promoted_to").unwrap_or_default().into_keys().collect(),
            archived_and_edited,
            id: entity.id,
        }
    }

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

    /// Every question with more than one answer.
    pub fn open_questions(&self) -> Vec<OpenQuestion> {
        let mut questions = Vec::new();
        for (_, entity, thing) in Kind::ALL.into_iter().flat_map(|kind| self.things(kind)) {
            for field in thing.contested() {
                let answers = self.answers_of(&entity, &thing, field);
                if answers.iter().all(|answer| Some(&answer.value) == answers.first().map(|a| &a.value)) {
                    continue;
                }
                let answers =
                    answers.into_iter().map(|answer| Answer { id: answer.id, value: answer.value }).collect();
                questions.push(OpenQuestion { entity: entity.clone(), field: field.to_owned(), answers });
            }
        }
        questions
    }

    /// The commitment that one goes on as in the end. Circles end at the smallest id in them.
    pub fn commitment_target(&self, commitment: &str) -> String {
        follow(commitment, |id| {
            let next = self.standing_of(id).merged_into.clone();
            next.filter(|next| self.has(&EntityRef::new(Kind::Commitment, next)))
        })
    }
}

/// Follows redirections to their end; a circle ends at the smallest id in it.
fn follow(start: &str, next: impl Fn(&str) -> Option<String>) -> String {
    let mut trail: Vec<String> = vec![start.to_owned()];
    while let Some(at) = trail.last().and_then(|at| next(at)) {
        if let Some(begin) = trail.iter().position(|seen| *seen == at) {
            return trail.into_iter().skip(begin).min().unwrap_or(at);
        }
        trail.push(at);
    }
    trail.pop().unwrap_or_default()
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

/// Open commitments by the words of their titles.
#[derive(Default)]
struct Alike {
    words: BTreeMap<String, Vec<String>>,
    sizes: BTreeMap<String, usize>,
}

impl Alike {
    fn add(&mut self, id: &str, title: &str) {
        let stems = stems(title);
        self.sizes.insert(id.to_owned(), stems.len());
        for stem in stems {
            self.words.entry(stem).or_default().push(id.to_owned());
        }
    }

    /// Others whose titles share most of their longer words.
    fn to(&self, id: &str, title: &str) -> Vec<String> {
        let own = stems(title);
        let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
        for other in own.iter().filter_map(|stem| self.words.get(stem)).flatten().filter(|other| *other != id)
        {
            *shared.entry(other).or_default() += 1;
        }
        let is_alike = |(other, shared): &(&str, usize)| {
            let theirs = self.sizes.get(*other).copied().unwrap_or_default();
            shared * 2 >= own.len().min(theirs) && shared * 3 >= own.len().max(theirs)
        };
        shared.into_iter().filter(is_alike).map(|(other, _)| other.to_owned()).collect()
    }
}

/// The beginnings of a text's longer words: enough to find `lokal` in `lokalen` in Swedish and Finnish alike.
fn stems(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4)
        .map(|word| word.chars().take(5).collect())
        .collect()
}

/// The last day of a date or week (`2027-W08` ends on its Sunday, as far as comparing goes).
fn last_day(due: &str) -> String {
    day_of(due).map_or_else(|| due.to_owned(), iso_date)
}

fn days_between(from: Option<&str>, to: &str) -> i64 {
    match (from.and_then(day_of), day_of(to)) {
        (Some(from), Some(to)) => to - from,
        _ => 0,
    }
}

/// Days since 1970-01-01 of an ISO date, or of the Sunday of an ISO week (ISO 8601).
pub fn day_of(date: &str) -> Option<i64> {
    if let Some((year, week)) = date.split_once("-W") {
        let (year, week): (i64, i64) = (year.parse().ok()?, week.parse().ok()?);
        if !(1..=53).contains(&week) {
            return None;
        }
        let fourth_of_january = days(year, 1, 4);
        let monday = fourth_of_january - (fourth_of_january + 3).rem_euclid(7);
        return Some(monday + (week - 1) * 7 + 6);
    }
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let there_is = (1..=12).contains(&month) && (1..=31).contains(&day);
    let at = days(year, month, day);
    (there_is && iso_date(at) == date).then_some(at)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's method).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The ISO date of a day since 1970-01-01.
pub fn iso_date(day: i64) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::{day_of, iso_date};

    #[test]
    fn dates_and_weeks_become_days_and_back() {
        assert_eq!(day_of("1970-01-01"), Some(0));
        assert_eq!(day_of("2027-03-31").map(iso_date).as_deref(), Some("2027-03-31"));
        assert_eq!(day_of("2027-W08").map(iso_date).as_deref(), Some("2027-02-28"));
        assert_eq!(day_of("2027-02-30"), None);
        assert_eq!(day_of("soon"), None);
    }
}
