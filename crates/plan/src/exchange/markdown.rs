//! The memo of a plan as Markdown: headings, a table, and always the same order, so that two can be compared.

use super::words::{Names, Word};
use crate::command::Texts;
use crate::event::State;
use crate::language::Language;
use crate::schema::{EntityRef, Kind};
use crate::view::CommitmentView;
use crate::workspace::Workspace;

const MEMO: Word = Word::new("Promemoria", "Muistio", "Memo");
const PRESENT: Word = Word::new("Närvarande", "Läsnä", "Present");
const PEOPLE_FROM: [Word; 2] = [
    Word::new("personer från", "henkilöä", "people from"),
    Word::new("organisationer", "organisaatiosta", "organisations"),
];
const NEXT: Word = Word::new("Nästa uppföljning", "Seuraava seuranta", "Next follow-up");
const AT: Word = Word::new("kl.", "klo", "at");
const RULE: Word = Word::new("Spelregel", "Pelisääntö", "Ground rule");
const GROUPS: Word = Word::new("Vi ser om ett år", "Näemme vuoden päästä", "What we see in a year");
const GOALS: Word = Word::new("Mål", "Tavoitteet", "Goals");
const DECISIONS: Word = Word::new("Beslut", "Päätökset", "Decisions");
const COMMITMENTS: Word = Word::new("Åtaganden", "Sitoumukset", "Commitments");
const HEADER: [Word; 7] = [
    Word::new("Nr", "Nro", "No"),
    Word::new("Vem", "Kuka", "Who"),
    Word::new("Vad", "Mitä", "What"),
    Word::new("Med vem", "Kenen kanssa", "With whom"),
    Word::new("Klart när", "Valmis kun", "Done when"),
    Word::new("Senast", "Viimeistään", "Due"),
    Word::new("Läge", "Tila", "State"),
];
const MANDATE: Word =
    Word::new("kräver arbetsgivarens ja", "vaatii työnantajan suostumuksen", "needs the employer's yes");
const BY: Word = Word::new("senast", "viimeistään", "by");
const DISSENT: Word = Word::new("Avvikande åsikt", "Eriävä mielipide", "Dissent");
const OUTSIDE: Word =
    Word::new("Efterfrågat av utomstående", "Pyydetty ulkopuoliselta", "Requested from outside");
const TALK: Word = Word::new("Behöver ett samtal", "Vaatii keskustelun", "Needs a talk");

/// A memo of the plan as it stands. `today` is an ISO date.
pub fn memo(workspace: &Workspace, language: Language, today: &str) -> String {
    let memo = Memo { names: Names { workspace, language }, language, today };
    let commitments = workspace.commitments(language, today);
    let sections = [
        memo.head(),
        memo.groups(),
        memo.goals(),
        memo.decisions(),
        memo.commitments(&commitments),
        memo.remarks(&commitments),
    ];
    let mut out = sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n");
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// A meeting's start and id.
type Meeting = (String, String);

struct Memo<'w> {
    names: Names<'w>,
    language: Language,
    today: &'w str,
}

impl Memo<'_> {
    fn word(&self, word: &Word) -> &'static str {
        word.in_language(self.language)
    }

    fn text(&self, entity: &EntityRef, field: &str) -> String {
        inline(&self.names.workspace.text(entity, field, self.language.tag()))
    }

    /// Title with the last meeting's day, who was there, when it goes on, and the ground rules.
    fn head(&self) -> String {
        let workspace = self.names.workspace;
        let meta = EntityRef::meta();
        let (last, next) = self.meetings();
        let day = last.as_ref().map(|(start, _)| format!(", {}", self.day(start))).unwrap_or_default();
        let mut out = format!("# {}: {}{day}\n", self.word(&MEMO), self.text(&meta, "title"));
        let mut line = Vec::new();
        if let Some((_, id)) = &last {
            let present = workspace.members(&EntityRef::new(Kind::Meeting, id), "present");
            let mut orgs: Vec<String> =
                present.keys().filter_map(|person| workspace.org_of(person)).collect();
            orgs.sort();
            orgs.dedup();
            let [people, organisations] = PEOPLE_FROM.each_ref().map(|word| self.word(word));
            let present = (present.len(), orgs.len());
            line.push(format!(
                "{}: {} {people} {} {organisations}.",
                self.word(&PRESENT),
                present.0,
                present.1
            ));
        }
        if let Some((start, _)) = &next {
            line.push(format!("{}: {}.", self.word(&NEXT), self.day_and_time(start)));
        } else if let Some(day) = workspace.single_text(&meta, "next_review") {
            line.push(format!("{}: {}.", self.word(&NEXT), self.day(&day)));
        }
        if !line.is_empty() {
            out.push_str(&line.join(" "));
            out.push('\n');
        }
        let rules = self.text(&meta, "ground_rules");
        if !rules.is_empty() {
            out.push_str(&format!("{}: {rules}\n", self.word(&RULE)));
        }
        out
    }

    /// The last meeting before today that people were at, and the first from today on.
    fn meetings(&self) -> (Option<Meeting>, Option<Meeting>) {
        let workspace = self.names.workspace;
        let mut meetings: Vec<Meeting> = workspace
            .ids(Kind::Meeting)
            .into_iter()
            .filter_map(|id| Some((workspace.single_text(&EntityRef::new(Kind::Meeting, &id), "start")?, id)))
            .collect();
        meetings.sort();
        let held =
            |(_, id): &&Meeting| !workspace.members(&EntityRef::new(Kind::Meeting, id), "present").is_empty();
        let last =
            meetings.iter().rev().filter(|(start, _)| start.as_str() <= self.today).find(held).cloned();
        let next =
            meetings.iter().find(|(start, _)| start.get(..10).is_some_and(|day| day >= self.today)).cloned();
        (last, next)
    }

    /// The clusters by their dots, the most first.
    fn groups(&self) -> String {
        let workspace = self.names.workspace;
        let mut dots: Vec<(u32, String)> = Vec::new();
        let votes: Vec<_> = workspace.ids(Kind::Vote).iter().map(|vote| workspace.totals(vote)).collect();
        for cluster in workspace.ids(Kind::Cluster) {
            if workspace.cluster_target(&cluster) == cluster {
                let of = |totals: &std::collections::BTreeMap<String, u32>| totals.get(&cluster).copied();
                let count = votes.iter().filter_map(of).fold(0, u32::saturating_add);
                dots.push((count, inline(&self.names.text(Kind::Cluster, &cluster, "title"))));
            }
        }
        if dots.is_empty() {
            return String::new();
        }
        dots.sort_by(|a, b| (core::cmp::Reverse(a.0), &a.1).cmp(&(core::cmp::Reverse(b.0), &b.1)));
        let list: Vec<String> = dots.into_iter().map(|(count, title)| format!("{title} ({count})")).collect();
        format!("## {}\n{}\n", self.word(&GROUPS), list.join(", "))
    }

    fn goals(&self) -> String {
        self.list(Kind::Goal, "statement", &GOALS)
    }

    fn decisions(&self) -> String {
        self.list(Kind::Decision, "text", &DECISIONS)
    }

    fn list(&self, kind: Kind, field: &str, heading: &Word) -> String {
        let ids = self.names.workspace.ids(kind);
        if ids.is_empty() {
            return String::new();
        }
        let line =
            |id: &String| format!("- {}: {}\n", inline(id), self.text(&EntityRef::new(kind, id), field));
        format!("## {}\n{}", self.word(heading), ids.iter().map(line).collect::<String>())
    }

    /// Commitments that somebody in the network has to do with, as a table.
    fn commitments(&self, views: &[CommitmentView]) -> String {
        let rows: Vec<String> =
            views.iter().filter(|view| !is_outside(view)).map(|view| self.row(view)).collect();
        if rows.is_empty() {
            return String::new();
        }
        let header: Vec<&str> = HEADER.iter().map(|word| self.word(word)).collect();
        let rule = "|---".repeat(HEADER.len());
        format!("## {}\n| {} |\n{rule}|\n{}", self.word(&COMMITMENTS), header.join(" | "), rows.concat())
    }

    fn row(&self, view: &CommitmentView) -> String {
        let who: Vec<String> =
            [Some(self.names.owner(view)), view.owner_org.as_ref().map(|org| self.names.organisation(org))]
                .into_iter()
                .flatten()
                .filter(|name| !name.is_empty())
                .collect();
        let due = view.due.as_deref().map(|due| self.day(due)).unwrap_or_default();
        let cells = [
            view.id.clone(),
            who.join(", "),
            format!("{}{}", view.title, self.mandate(view)),
            self.names.people(&view.with),
            view.done_when.clone(),
            due,
            view.state_word.clone(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| inline(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    }

    fn mandate(&self, view: &CommitmentView) -> String {
        let entity = EntityRef::new(Kind::Commitment, &view.id);
        let workspace = self.names.workspace;
        let waits = workspace.standing(&view.id).subject_to.is_some();
        match workspace.single_text(&entity, "mandate_by") {
            _ if !waits => String::new(),
            Some(by) => format!(" ({} {} {})", self.word(&MANDATE), self.word(&BY), self.day(&by)),
            None => format!(" ({})", self.word(&MANDATE)),
        }
    }

    /// Who disagreed, what was asked of people outside, what needs a talk.
    fn remarks(&self, views: &[CommitmentView]) -> String {
        let mut out = String::new();
        let workspace = self.names.workspace;
        for id in workspace.ids(Kind::Decision) {
            for one in workspace.written_dissent(&id) {
                self.push_dissent(&mut out, &id, one.by.as_deref().unwrap_or_default(), &one.text);
            }
            for one in workspace.stances(&id).iter().filter(|one| !one.supports) {
                self.push_dissent(&mut out, &id, &one.by, &one.text);
            }
        }
        for view in views.iter().filter(|view| is_outside(view)) {
            let line = format!("{}: {}, {}.", self.word(&OUTSIDE), view.id, self.names.owner(view));
            out.push_str(&format!("{}\n", inline(&line)));
        }
        for view in views.iter().filter(|view| view.state == State::NeedsTalk) {
            out.push_str(&inline(&format!("{}: {}, {}.", self.word(&TALK), view.id, view.title)));
            out.push('\n');
        }
        out
    }

    fn push_dissent(&self, out: &mut String, decision: &str, by: &str, texts: &Texts) {
        let by = self.names.person(by);
        let text = crate::language::pick(texts, self.language.tag());
        out.push_str(&inline(&format!("{} {decision} ({by}): {text}", self.word(&DISSENT))));
        out.push('\n');
    }

    /// A day as people here write it: 24.3.2027; a week and anything else as it is.
    fn day(&self, date: &str) -> String {
        let number = |part: &str| part.parse::<u32>().ok();
        let mut parts = date.get(..10).unwrap_or(date).splitn(3, '-');
        match (parts.next().and_then(number), parts.next().and_then(number), parts.next().and_then(number)) {
            (Some(year), Some(month), Some(day)) => format!("{day}.{month}.{year}"),
            _ => date.to_owned(),
        }
    }

    fn day_and_time(&self, start: &str) -> String {
        match start.get(11..16) {
            Some(time) => format!("{} {} {time}", self.day(start), self.word(&AT)),
            None => self.day(start),
        }
    }
}

/// Whether somebody outside the network is asked for it.
fn is_outside(view: &CommitmentView) -> bool {
    view.owner.is_none() && view.asked.as_deref().is_some_and(|asked| asked.starts_with("external:"))
}

/// A text in one line, with the characters that Markdown would take for marks written so that they show.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, c) in text.trim().chars().enumerate() {
        match c {
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '<' | '>' => out.extend(['\\', c]),
            '#' | '+' | '-' | '=' | '~' if index == 0 => out.extend(['\\', c]),
            '\r' => {}
            '\n' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
