//! Dates for people's own calendars (iCalendar, RFC 5545): all-day entries for what is due, what is followed up, and
//! the next meeting.
//!
//! An entry keeps its UID whatever happens, and its SEQUENCE counts the statements that altered it, so a calendar
//! that was given an older file takes a newer one in its place. Equal replicas write equal bytes.

use samverka_log::SpaceId;

use super::words::{Names, Word};
use crate::event::State;
use crate::language::Language;
use crate::schema::{EntityRef, Kind};
use crate::view::{CommitmentView, day_of, iso_date};
use crate::workspace::Workspace;

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only what concerns this participant: owns, helps with or has asked for. Everybody's where there is none.
    pub participant: Option<String>,
    /// Whether entries say only that something is due: for calendars that others see.
    pub neutral: bool,
}

/// Octets of a line, its end not counted (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;

const DUE: Word = Word::new("Senast", "Viimeistään", "Due");
const FOLLOW_UP: Word = Word::new("Uppföljning", "Seuranta", "Follow-up");
const MEETING: Word = Word::new("Möte", "Kokous", "Meeting");
const OWNER: Word = Word::new("Ansvarig", "Vastuuhenkilö", "Owner");
const DONE_WHEN: Word = Word::new("Klart när", "Valmis kun", "Done when");
const NEUTRAL: Word =
    Word::new("Nätverksplan: ett datum", "Verkostosuunnitelma: määräpäivä", "Network plan: a date");
const COMMITMENT: Word = Word::new("ÅTAGANDE", "SITOUMUS", "COMMITMENT");
const FOLLOWED_UP: Word = Word::new("UPPFÖLJNING", "SEURANTA", "FOLLOW-UP");
const MET: Word = Word::new("MÖTE", "KOKOUS", "MEETING");

/// A calendar file. `today` is an ISO date: meetings before it are left out.
pub fn export(workspace: &Workspace, selection: &Selection, language: Language, today: &str) -> String {
    let mut calendar = Calendar { out: String::new(), space: workspace.space, language };
    calendar.line("BEGIN:VCALENDAR");
    calendar.line("VERSION:2.0");
    calendar.line(&format!("PRODID:-//samverka//plan//{}", language.text_key().to_uppercase()));
    calendar.line("CALSCALE:GREGORIAN");
    calendar.line("METHOD:PUBLISH");
    let names = Names { workspace, language };
    for view in workspace.commitments(language, today) {
        if concerns(&view, selection.participant.as_deref()) {
            for entry in commitment_entries(&names, &view, selection.neutral) {
                calendar.entry(&entry);
            }
        }
    }
    if let Some(entry) = next_meeting(&names, selection.neutral, today) {
        calendar.entry(&entry);
    }
    calendar.line("END:VCALENDAR");
    calendar.out
}

/// One all-day entry.
struct Entry {
    uid: String,
    stamp_ms: u64,
    sequence: usize,
    day: i64,
    title: String,
    description: Option<String>,
    category: &'static str,
    cancelled: bool,
    alarm: Option<String>,
}

fn concerns(view: &CommitmentView, participant: Option<&str>) -> bool {
    let Some(participant) = participant else { return true };
    let is = |who: &Option<String>| who.as_deref() == Some(participant);
    is(&view.owner)
        || is(&view.asked)
        || is(&view.requester)
        || view.with.iter().any(|with| with == participant)
}

fn commitment_entries(names: &Names<'_>, view: &CommitmentView, neutral: bool) -> Vec<Entry> {
    let entity = EntityRef::new(Kind::Commitment, &view.id);
    let altered = Altered::of(names.workspace, view);
    let cancelled = !view.state.is_open() && view.state != State::Accepted;
    let done = matches!(view.state, State::ReportedDone | State::Accepted);
    let entry = |kind: &str, day: i64, word: &Word, category: &Word| Entry {
        uid: format!("{}{kind}", view.id),
        stamp_ms: altered.stamp_ms,
        sequence: altered.sequence + answers_beyond_first(names.workspace, &entity, &["due", "follow_up"]),
        day,
        title: if neutral {
            NEUTRAL.in_language(names.language).to_owned()
        } else {
            format!("{}: {} ({})", word.in_language(names.language), view.title, view.id)
        },
        description: (!neutral).then(|| description(names, view)),
        category: category.in_language(names.language),
        cancelled,
        alarm: (!cancelled && !done).then(|| view.id.clone()),
    };
    let due = view.due.as_deref().and_then(calendar_day).map(|day| entry("", day, &DUE, &COMMITMENT));
    let follow_up = view.follow_up.as_deref().and_then(calendar_day);
    let follow_up =
        follow_up.map(|day| Entry { alarm: None, ..entry("-follow-up", day, &FOLLOW_UP, &FOLLOWED_UP) });
    due.into_iter().chain(follow_up).collect()
}

fn description(names: &Names<'_>, view: &CommitmentView) -> String {
    let org = view.owner_org.as_ref().map(|org| names.organisation(org));
    let owner = [Some(names.owner(view)), org].into_iter().flatten().filter(|part| !part.is_empty());
    let mut description =
        format!("{}: {}.", OWNER.in_language(names.language), owner.collect::<Vec<_>>().join(", "));
    if !view.done_when.is_empty() {
        description.push_str(&format!(" {}: {}.", DONE_WHEN.in_language(names.language), view.done_when));
    }
    description
}

/// How often and when an entry was last altered by what people stated.
struct Altered {
    sequence: usize,
    stamp_ms: u64,
}

impl Altered {
    fn of(workspace: &Workspace, view: &CommitmentView) -> Self {
        let events = workspace.events(&view.id);
        let counted = || events.iter().filter(|event| event.ineffective.is_none());
        Self {
            sequence: counted().filter(|event| !QUIET.contains(&event.event.name())).count(),
            stamp_ms: counted().map(|event| event.time_ms).max().unwrap_or_default(),
        }
    }
}

/// Events that change nothing of what a calendar shows.
const QUIET: [&str; 8] = [
    "suggest",
    "counter_offer",
    "organisation_confirmed",
    "start",
    "log",
    "propose_due",
    "keep_due",
    "agree",
];

/// How often questions were answered anew: answers are never taken out of the plan's document, so this only grows.
fn answers_beyond_first(workspace: &Workspace, entity: &EntityRef, fields: &[&str]) -> usize {
    let doc = workspace.documents.get(&workspace.plan);
    let given = |field: &&str| doc.map_or(0, |doc| doc.proposals(entity.kind, &entity.id, field).len());
    fields.iter().map(|field| given(field).saturating_sub(1)).sum()
}

/// The day of a date that a calendar can hold: those of four-digit years.
fn calendar_day(date: &str) -> Option<i64> {
    const FIRST_OF_YEAR_10000: i64 = 2_932_897;
    day_of(date).filter(|day| *day + 1 < FIRST_OF_YEAR_10000)
}

/// The first meeting from today on, by its day where it is held.
fn next_meeting(names: &Names<'_>, neutral: bool, today: &str) -> Option<Entry> {
    let workspace = names.workspace;
    let starts = workspace.ids(Kind::Meeting).into_iter().filter_map(|id| {
        let entity = EntityRef::new(Kind::Meeting, &id);
        let start = workspace.single_text(&entity, "start")?;
        let day = calendar_day(start.get(..10)?)?;
        (start.get(..10)? >= today).then_some((day, start, id))
    });
    let (day, start, id) = starts.min()?;
    let entity = EntityRef::new(Kind::Meeting, &id);
    let word = if neutral { &NEUTRAL } else { &MEETING };
    let title = workspace.text(&EntityRef::meta(), "title", names.language.tag());
    let place = workspace.single_text(&entity, "place");
    let time = start.get(11..16).map(str::to_owned);
    let details: Vec<String> = [time, place].into_iter().flatten().collect();
    Some(Entry {
        uid: id.clone(),
        stamp_ms: 0,
        sequence: answers_beyond_first(workspace, &entity, &["start", "end", "place"]),
        day,
        title: if neutral {
            word.in_language(names.language).to_owned()
        } else {
            format!("{}: {title}", word.in_language(names.language))
        },
        description: (!neutral && !details.is_empty()).then(|| details.join(", ")),
        category: MET.in_language(names.language),
        cancelled: false,
        alarm: Some(id),
    })
}

struct Calendar {
    out: String,
    space: SpaceId,
    language: Language,
}

impl Calendar {
    fn entry(&mut self, entry: &Entry) {
        let language = self.language.text_key();
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{}@{}.samverka", escaped(&entry.uid), self.space.short()));
        self.line(&format!("DTSTAMP:{}", stamp(entry.stamp_ms)));
        self.line(&format!("SEQUENCE:{}", entry.sequence));
        self.line(&format!("DTSTART;VALUE=DATE:{}", iso_date(entry.day).replace('-', "")));
        self.line(&format!("DTEND;VALUE=DATE:{}", iso_date(entry.day + 1).replace('-', "")));
        self.line(&format!("SUMMARY;LANGUAGE={language}:{}", escaped(&entry.title)));
        if let Some(description) = &entry.description {
            self.line(&format!("DESCRIPTION;LANGUAGE={language}:{}", escaped(description)));
        }
        self.line("TRANSP:TRANSPARENT");
        self.line(&format!("CATEGORIES:{}", entry.category));
        if entry.cancelled {
            self.line("STATUS:CANCELLED");
        }
        if let Some(alarm) = &entry.alarm {
            self.line("BEGIN:VALARM");
            self.line("ACTION:DISPLAY");
            self.line(&format!("DESCRIPTION:{}", escaped(alarm)));
            self.line("TRIGGER:-P7D");
            self.line("END:VALARM");
        }
        self.line("END:VEVENT");
    }

    /// A line, folded so that none is longer than the format allows and no character is split.
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > LINE_OCTETS_MAX {
                self.out.push_str("\r\n ");
                octets = 1;
            }
            self.out.push(c);
            octets += c.len_utf8();
        }
        self.out.push_str("\r\n");
    }
}

/// A text with the characters that have a meaning written otherwise; other control characters are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

/// A time in UTC.
fn stamp(ms: u64) -> String {
    const LAST_OF_YEAR_9999: u64 = 253_402_300_799;
    let seconds = (ms / 1000).min(LAST_OF_YEAR_9999);
    let day = i64::try_from(seconds / 86_400).unwrap_or_default();
    let (hours, minutes, seconds) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{}T{hours:02}{minutes:02}{seconds:02}Z", iso_date(day).replace('-', ""))
}
