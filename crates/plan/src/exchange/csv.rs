//! Tables for Nordic spreadsheets: UTF-8 with a byte order mark, semicolons, CRLF, ISO dates.
//!
//! A spreadsheet runs a cell that begins like a formula. A text that does so gets an apostrophe in front, which
//! spreadsheets read as "this is text"; reading such a file takes it away again.

mod read;

use serde_json::Value as Json;

use super::words::{Names, Word};
use crate::language::Language;
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

pub use read::{CsvError, import};

/// What a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Commitments.
    Commitments,
    /// Notes.
    Notes,
    /// Declared ties between organisations.
    Ties,
    /// Values of indicators.
    IndicatorValues,
}

const MARK: char = '\u{feff}';

const COMMITMENTS: [Word; 10] = [
    Word::new("id", "id", "id"),
    Word::new("åtagande", "sitoumus", "commitment"),
    Word::new("ansvarig", "vastuuhenkilö", "owner"),
    Word::new("organisation", "organisaatio", "organisation"),
    Word::new("tillsammans med", "kenen kanssa", "together with"),
    Word::new("beställare", "pyytäjä", "requester"),
    Word::new("klart när", "valmis kun", "done when"),
    Word::new("senast", "viimeistään", "due"),
    Word::new("uppföljning", "seuranta", "follow-up"),
    Word::new("läge", "tila", "state"),
];

const NOTES: [Word; 7] = [
    Word::new("id", "id", "id"),
    Word::new("text", "teksti", "text"),
    Word::new("grupp", "ryhmä", "cluster"),
    Word::new("fråga", "kysymys", "question"),
    Word::new("skriven av", "kirjoittaja", "author"),
    Word::new("färg", "väri", "colour"),
    Word::new("läge", "tila", "state"),
];

const TIES: [Word; 7] = [
    Word::new("från", "mistä", "from"),
    Word::new("till", "mihin", "to"),
    Word::new("slag", "laji", "kind"),
    Word::new("nu", "nyt", "now"),
    Word::new("önskat", "toivottu", "wanted"),
    Word::new("enligt", "kertoja", "said by"),
    Word::new("datum", "päivä", "date"),
];

const VALUES: [Word; 5] = [
    Word::new("mätare", "mittari", "indicator"),
    Word::new("datum", "päivä", "date"),
    Word::new("värde", "arvo", "value"),
    Word::new("enhet", "yksikkö", "unit"),
    Word::new("källa", "lähde", "source"),
];

/// A table of the plan, with its header in a language. `today` is an ISO date.
pub fn export(workspace: &Workspace, what: What, language: Language, today: &str) -> String {
    let names = Names { workspace, language };
    match what {
        What::Commitments => table(&COMMITMENTS, language, commitments(&names, today)),
        What::Notes => table(&NOTES, language, notes(&names)),
        What::Ties => table(&TIES, language, ties(&names)),
        What::IndicatorValues => table(&VALUES, language, values(&names)),
    }
}

/// One cell of a table.
enum Cell {
    /// Somebody's text: guarded.
    Text(String),
    /// A number, which no spreadsheet takes for a formula.
    Number(String),
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn commitments(names: &Names<'_>, today: &str) -> Vec<Vec<Cell>> {
    let row = |view: crate::view::CommitmentView| {
        vec![
            text(view.id.clone()),
            text(view.title.clone()),
            text(names.owner(&view)),
            text(view.owner_org.as_ref().map(|org| names.organisation(org)).unwrap_or_default()),
            text(names.people(&view.with)),
            text(names.person(view.requester.as_deref().unwrap_or("network"))),
            text(view.done_when),
            text(view.due.unwrap_or_default()),
            text(view.follow_up.unwrap_or_default()),
            text(view.state_word),
        ]
    };
    names.workspace.commitments(names.language, today).into_iter().map(row).collect()
}

fn notes(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let row = |note: crate::view::NoteView| {
        let stage = names.workspace.plain(&EntityRef::new(Kind::Note, &note.id), "stage");
        vec![
            text(note.id),
            text(note.text),
            text(
                note.cluster.map(|cluster| names.text(Kind::Cluster, &cluster, "title")).unwrap_or_default(),
            ),
            text(
                stage
                    .as_ref()
                    .and_then(Json::as_str)
                    .map(|stage| names.text(Kind::Stage, stage, "prompt"))
                    .unwrap_or_default(),
            ),
            text(note.author.map(|author| names.person(&author)).unwrap_or_default()),
            text(note.colour.unwrap_or_default()),
            text(note.state),
        ]
    };
    names.workspace.notes(None, names.language).into_iter().map(row).collect()
}

fn ties(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let row = |id: String| {
        let entity = EntityRef::new(Kind::Tie, id);
        let field = |field| names.workspace.plain(&entity, field);
        let organisation = |org| {
            text(
                field(org)
                    .as_ref()
                    .and_then(Json::as_str)
                    .map(|org| names.organisation(org))
                    .unwrap_or_default(),
            )
        };
        vec![
            organisation("from"),
            organisation("to"),
            value_cell(field("kind").as_ref()),
            value_cell(field("now").as_ref()),
            value_cell(field("wanted").as_ref()),
            organisation("said_by"),
            value_cell(field("date").as_ref()),
        ]
    };
    names.workspace.ids(Kind::Tie).into_iter().map(row).collect()
}

/// Values of all indicators. One of fewer people than the indicator's smallest group is left empty.
fn values(names: &Names<'_>) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for id in names.workspace.ids(Kind::Indicator) {
        let entity = EntityRef::new(Kind::Indicator, &id);
        let least = names.workspace.single(&entity, "min_group").and_then(|least| least.as_f64());
        let (unit, source) =
            (names.workspace.plain(&entity, "unit"), names.workspace.plain(&entity, "source"));
        for value in names.workspace.members(&entity, "values").into_values() {
            let group = value.get("n").and_then(Json::as_f64);
            let too_few = group.zip(least).is_some_and(|(group, least)| group < least);
            rows.push(vec![
                text(names.text(Kind::Indicator, &id, "name")),
                value_cell(value.get("date")),
                value_cell(value.get("value").filter(|_| !too_few)),
                value_cell(unit.as_ref()),
                value_cell(value.get("source").or(source.as_ref())),
            ]);
        }
    }
    rows
}

fn value_cell(value: Option<&Json>) -> Cell {
    match value {
        None | Some(Json::Null) => text(""),
        Some(Json::Number(number)) => Cell::Number(number.to_string()),
        Some(Json::String(string)) => text(string.as_str()),
        Some(other) => text(other.to_string()),
    }
}

fn table(header: &[Word], language: Language, rows: Vec<Vec<Cell>>) -> String {
    let mut out = String::from(MARK);
    let header = header.iter().map(|word| text(word.in_language(language))).collect();
    for row in core::iter::once(header).chain(rows) {
        for (index, cell) in row.into_iter().enumerate() {
            if index > 0 {
                out.push(';');
            }
            match cell {
                Cell::Text(text) => push_quoted(&mut out, &guarded(text)),
                Cell::Number(number) => out.push_str(&number),
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// Whether a spreadsheet could take a text for a formula, after blanks and in full-width letters too; after
/// apostrophes as well, so that taking one away always gives back what was written.
fn begins_like_a_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(['\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

fn guarded(text: String) -> String {
    if begins_like_a_formula(&text) { format!("'{text}") } else { text }
}

fn push_quoted(out: &mut String, text: &str) {
    if text.contains([';', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}
