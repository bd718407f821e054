//! Reading tables: commitments as they are exported, notes as they are exported or as other boards give them.

use rand_core::CryptoRng;
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use super::{COMMITMENTS, MARK, NOTES, What, begins_like_a_formula};
use crate::command::{Command, DocumentHex};
use crate::event::State;
use crate::exchange::draft::Draft;
use crate::exchange::words::Word;
use crate::language::{Language, state_word};
use crate::schema::{EntityRef, Kind};
use crate::view::day_of;
use crate::workspace::Workspace;

/// Rows of a table that is taken in: more than any wall has notes.
const ROWS_MAX: usize = 5_000;
/// Bytes of a table that is taken in.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// Other names that boards give the column of a note's text.
const NOTE_TEXT: [Word; 3] = [
    Word::new("lapp", "lappu", "note"),
    Word::new("innehåll", "sisältö", "content"),
    Word::new("klisterlapp", "tarralappu", "sticky note"),
];

/// Why a table is not taken in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CsvError {
    /// It is longer than any table of a plan.
    #[error("the table is too long")]
    TooLong,
    /// It is not UTF-8.
    #[error("the table is not in UTF-8: save it as \"CSV UTF-8\"")]
    Encoding,
    /// A quoted cell does not end.
    #[error("row {row}: a quotation mark is not closed")]
    OpenQuote {
        /// Which row, from 1.
        row: usize,
    },
    /// A column that is needed is not there.
    #[error("the table has no column named {0}")]
    NoColumn(String),
    /// This kind of table is only written.
    #[error("tables of this kind are not read")]
    NotRead,
}

/// Reads a table into commands. Things whose ids the plan has already are left out, so a table that was exported can
/// be read again after rows were added to it. States that a table gives are stated, not verified.
///
/// # Errors
/// [`CsvError`].
pub fn import(
    workspace: &Workspace,
    what: What,
    table: &[u8],
    board: Option<DocumentHex>,
    now_ms: u64,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Command>, CsvError> {
    if table.len() > BYTES_MAX {
        return Err(CsvError::TooLong);
    }
    let text = core::str::from_utf8(table).map_err(|_| CsvError::Encoding)?;
    let rows = rows(text.strip_prefix(MARK).unwrap_or(text))?;
    let mut draft = Draft::new(workspace, board, now_ms, rng);
    match what {
        What::Commitments => commitments(&mut draft, &rows)?,
        What::Notes => notes(&mut draft, &rows)?,
        What::Ties | What::IndicatorValues => return Err(CsvError::NotRead),
    }
    Ok(draft.into_commands())
}

/// A table's columns by what their headers mean.
struct Columns<'t> {
    header: &'t [String],
}

impl Columns<'_> {
    fn find(&self, words: &[Word]) -> Option<usize> {
        self.header.iter().position(|cell| words.iter().any(|word| word.is_meant_by(cell)))
    }

    fn cell<'r>(&self, row: &'r [String], word: &Word) -> &'r str {
        let at = self.find(core::slice::from_ref(word));
        at.and_then(|at| row.get(at)).map_or("", |cell| cell.trim())
    }
}

fn commitments<R: CryptoRng>(draft: &mut Draft<'_, R>, rows: &[Vec<String>]) -> Result<(), CsvError> {
    let Some((header, rows)) = rows.split_first() else { return Ok(()) };
    let columns = Columns { header };
    let [id, title, owner, organisation, with, requester, done_when, due, follow_up, state] = &COMMITMENTS;
    if columns.find(core::slice::from_ref(title)).is_none() {
        return Err(CsvError::NoColumn(title.in_language(Language::SvFi).to_owned()));
    }
    for row in rows {
        let cell = |word: &Word| columns.cell(row, word);
        if cell(title).is_empty() {
            continue;
        }
        let given = cell(id);
        if draft.workspace.has(&EntityRef::new(Kind::Commitment, given)) {
            continue;
        }
        let owner = Some(cell(owner)).filter(|owner| !owner.is_empty()).map(|owner| draft.person(owner));
        let requester = Some(cell(requester)).filter(|name| !name.is_empty()).map(|name| draft.person(name));
        let with: Vec<String> = draft.people(cell(with));
        let state = state_meant_by(cell(state));
        let mut thing = Map::new();
        thing.insert("title".to_owned(), draft.texts(cell(title)));
        if !cell(done_when).is_empty() {
            thing.insert("done_when".to_owned(), draft.texts(cell(done_when)));
        }
        let outside = owner.as_deref().is_some_and(|owner| owner.starts_with("external:"));
        thing.insert("owner".to_owned(), json!(owner.as_deref().filter(|_| !outside)));
        let org = match owner.as_deref().filter(|_| outside) {
            Some(owner) => Some(owner.to_owned()),
            None => draft.organisation(cell(organisation)),
        };
        if let Some(org) = org {
            thing.insert("owner_org".to_owned(), json!(org));
        }
        thing.insert("with".to_owned(), json!(with));
        thing.insert("requester".to_owned(), json!(requester.as_deref().unwrap_or("network")));
        for (field, word) in [("due", due), ("follow_up", follow_up)] {
            if day_of(cell(word)).is_some() {
                thing.insert(field.to_owned(), json!(cell(word)));
            }
        }
        let events =
            stated_events(state, owner.as_deref(), requester.as_deref().filter(|by| *by != "network"));
        thing.insert("events".to_owned(), Json::Array(events));
        let id = if given.is_empty() { draft.new_id() } else { given.to_owned() };
        draft.put(Kind::Commitment, id, thing);
    }
    Ok(())
}

/// What has to have happened for a commitment to stand where a table says.
fn stated_events(state: State, owner: Option<&str>, requester: Option<&str>) -> Vec<Json> {
    let owned = |kind: &str| json!({ "kind": kind, "by": owner });
    let received = |kind: &str| json!({ "kind": kind, "by": requester });
    let request = || json!({ "kind": "request", "by": requester, "to": owner.unwrap_or_default() });
    match state {
        State::Requested => vec![request()],
        State::Declined => vec![request(), owned("decline")],
        State::Promised => vec![owned("promise")],
        State::UnderWay => vec![owned("promise"), owned("start")],
        State::ReportedDone => vec![owned("promise"), owned("report_done")],
        State::Accepted => vec![owned("promise"), owned("report_done"), received("accept")],
        State::Withdrawn => vec![owned("promise"), owned("withdraw")],
        State::Cancelled => vec![owned("promise"), received("cancel")],
        _ => Vec::new(),
    }
}

fn state_meant_by(text: &str) -> State {
    const STATES: [State; 9] = [
        State::Requested,
        State::Promised,
        State::UnderWay,
        State::ReportedDone,
        State::Accepted,
        State::Declined,
        State::Withdrawn,
        State::Cancelled,
        State::Suggested,
    ];
    let languages = [Language::SvFi, Language::SvSe, Language::Fi, Language::En];
    let says = |state: &State| languages.iter().any(|language| state_word(*state, *language) == text);
    STATES.into_iter().find(says).unwrap_or_default()
}

fn notes<R: CryptoRng>(draft: &mut Draft<'_, R>, rows: &[Vec<String>]) -> Result<(), CsvError> {
    let Some((header, rest)) = rows.split_first() else { return Ok(()) };
    let columns = Columns { header };
    let [id, text, cluster, _, _, colour, _] = &NOTES;
    let found = columns.find(core::slice::from_ref(text)).or_else(|| columns.find(&NOTE_TEXT));
    let (at, rows) = match found {
        Some(at) => (at, rest),
        // One column without a header: each row is a note.
        None if header.len() == 1 => (0, rows),
        None => return Err(CsvError::NoColumn(text.in_language(Language::SvFi).to_owned())),
    };
    for row in rows {
        let words = row.get(at).map_or("", |cell| cell.trim());
        let given = columns.cell(row, id);
        if words.is_empty() || draft.workspace.has(&EntityRef::new(Kind::Note, given)) {
            continue;
        }
        let cluster = draft.cluster(columns.cell(row, cluster));
        let id = if given.is_empty() { draft.new_id() } else { given.to_owned() };
        let colour = Some(columns.cell(row, colour)).filter(|colour| !colour.is_empty());
        draft.note(id, words, cluster, colour);
    }
    Ok(())
}

/// Splits a table into rows of cells (RFC 4180, with the separator that the first row uses).
fn rows(text: &str) -> Result<Vec<Vec<String>>, CsvError> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [';', '\t', ','].into_iter().max_by_key(|c| (first.matches(*c).count(), *c == ';')).unwrap_or(';');
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            _ if quoted => cell.push(c),
            '"' if cell.is_empty() => quoted = true,
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(unguarded(core::mem::take(&mut cell)));
                rows.push(core::mem::take(&mut row));
                if rows.len() > ROWS_MAX {
                    return Err(CsvError::TooLong);
                }
            }
            _ if c == separator => row.push(unguarded(core::mem::take(&mut cell))),
            _ => cell.push(c),
        }
    }
    if quoted {
        return Err(CsvError::OpenQuote { row: rows.len() + 1 });
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(unguarded(cell));
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    Ok(rows)
}

fn unguarded(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(text) if begins_like_a_formula(text) => text.to_owned(),
        _ => cell,
    }
}
