//! Notes from elsewhere: pasted lines, and boards as Trello exports them.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use serde::Deserialize;
use thiserror::Error;

use super::draft::Draft;
use crate::command::{Command, DocumentHex};
use crate::workspace::Workspace;

/// Notes that are taken in at once.
const NOTES_MAX: usize = 5_000;
/// Bytes that are taken in.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why lines or a board are not taken in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BoardError {
    /// There is too much of it.
    #[error("that is more than a board can take in at once")]
    TooLong,
    /// It is not a board in JSON.
    #[error("the file is not a Trello board: {0}")]
    Json(#[from] serde_json::Error),
}

/// Each line that is not empty becomes a note. Signs of a list in front of it (`-`, `*`, `•`, `1.`, `[ ]`) are left
/// out; a line that begins with `#` or ends with a colon names the cluster of those that follow.
///
/// # Errors
/// [`BoardError::TooLong`].
pub fn import_lines(
    workspace: &Workspace,
    lines: &str,
    board: Option<DocumentHex>,
    now_ms: u64,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Command>, BoardError> {
    if lines.len() > BYTES_MAX || lines.lines().count() > NOTES_MAX {
        return Err(BoardError::TooLong);
    }
    let mut draft = Draft::new(workspace, board, now_ms, rng);
    let mut cluster = None;
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let heading = line.strip_prefix('#').or_else(|| line.strip_suffix(':'));
        if let Some(title) =
            heading.map(|title| title.trim_matches(['#', ' '])).filter(|title| !title.is_empty())
        {
            cluster = draft.cluster(title);
            continue;
        }
        let text = without_list_sign(line);
        if !text.is_empty() {
            let id = draft.new_id();
            draft.note(id, text, cluster.clone(), None);
        }
    }
    Ok(draft.into_commands())
}

fn without_list_sign(line: &str) -> &str {
    let line = line
        .strip_prefix(['-', '*', '•', '–'])
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .unwrap_or(line);
    let line = line.trim_start();
    let boxed = ["[ ]", "[x]", "[X]"].iter().find_map(|sign| line.strip_prefix(sign));
    let line = boxed.unwrap_or(line).trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(['.', ')']) {
        Some(rest) if digits.len() < line.len() && rest.starts_with(char::is_whitespace) => rest.trim(),
        _ => line.trim(),
    }
}

/// What is read of a board; everything else that Trello writes is left out.
#[derive(Deserialize)]
struct Board {
    #[serde(default)]
    lists: Vec<List>,
    cards: Vec<Card>,
}

#[derive(Deserialize)]
struct List {
    id: String,
    name: String,
    #[serde(default)]
    closed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    name: String,
    #[serde(default)]
    desc: String,
    #[serde(default)]
    id_list: String,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    pos: f64,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    color: Option<String>,
}

/// A board as Trello exports it in JSON: lists become clusters and cards notes, with their due dates. What was
/// archived there, people and comments are left out: who wrote what is not this plan's to say.
///
/// # Errors
/// [`BoardError`].
pub fn import_trello(
    workspace: &Workspace,
    file: &[u8],
    board: Option<DocumentHex>,
    now_ms: u64,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Command>, BoardError> {
    if file.len() > BYTES_MAX {
        return Err(BoardError::TooLong);
    }
    let Board { lists, mut cards } = serde_json::from_slice(file)?;
    if cards.len() > NOTES_MAX {
        return Err(BoardError::TooLong);
    }
    let mut draft = Draft::new(workspace, board, now_ms, rng);
    let mut clusters = BTreeMap::new();
    for list in &lists {
        let cluster = if list.closed { None } else { draft.cluster(list.name.trim()) };
        clusters.insert(list.id.as_str(), (list.closed, cluster));
    }
    cards.sort_by(|a, b| a.pos.total_cmp(&b.pos));
    for card in cards.iter().filter(|card| !card.closed && !card.name.trim().is_empty()) {
        let cluster = match clusters.get(card.id_list.as_str()) {
            Some((true, _)) => continue,
            Some((false, cluster)) => cluster.clone(),
            None => None,
        };
        let desc = card.desc.trim();
        let text = if desc.is_empty() {
            card.name.trim().to_owned()
        } else {
            format!("{}\n\n{desc}", card.name.trim())
        };
        let id = draft.new_id();
        let colour = card.labels.iter().find_map(|label| label.color.as_deref());
        draft.note(id.clone(), &text, cluster, colour);
        if let Some(due) = card.due.as_deref().and_then(|due| due.get(..10)) {
            draft.set(crate::schema::Kind::Note, &id, "due", due);
        }
    }
    Ok(draft.into_commands())
}
