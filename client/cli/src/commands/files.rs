//! Files in and out.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use samverka_plan::exchange::csv::{CsvError, What};
use samverka_plan::exchange::ics::Selection;
use samverka_plan::exchange::{boards, csv, ics, json, markdown};
use samverka_plan::{Command, DocumentHex};
use serde_json::{Value as Json, json};

use super::board::find_board;
use super::participant;
use crate::args::{Arguments, Format};
use crate::home::write_atomically;
use crate::session::{Access, DONE, Session};
use crate::values::{now_ms, today};
use crate::words::Word;

/// What is to be written.
pub(super) struct Wanted<'a> {
    pub(super) format: Format,
    pub(super) what: Option<&'a str>,
    pub(super) neutral: bool,
}

pub(super) fn export(arguments: &Arguments, wanted: &Wanted<'_>, out: Option<&Path>) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Read)?;
    let bytes = written(&mut session, wanted)?;
    match out {
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(&bytes)?;
            stdout.flush()?;
        }
        Some(path) => {
            write_atomically(path, &bytes)?;
            let path = path.display().to_string();
            session.output.result(&json!({ "file": path, "bytes": bytes.len() }), || vec![path.clone()])?;
        }
    }
    Ok(DONE)
}

fn written(session: &mut Session, wanted: &Wanted<'_>) -> Result<Vec<u8>> {
    let language = session.language();
    let what = wanted.what;
    let whole = || -> Result<()> {
        ensure!(what.is_none(), "this format is always the whole plan: leave --what out");
        Ok(())
    };
    Ok(match wanted.format {
        Format::Json => {
            whole()?;
            json::export_text(session.workspace()?).into_bytes()
        }
        Format::Markdown => {
            whole()?;
            markdown::memo(session.workspace()?, language, &today()).into_bytes()
        }
        Format::Csv => csv::export(session.workspace()?, table(what)?, language, &today()).into_bytes(),
        Format::Ics => {
            let participant = what.map(|typed| participant(session, typed)).transpose()?;
            let selection = Selection { participant, neutral: wanted.neutral };
            ics::export(session.workspace()?, &selection, language, &today()).into_bytes()
        }
        Format::Automerge => {
            let board =
                what.filter(|what| *what != "plan").map(|typed| find_board(session, typed)).transpose()?;
            let document = board.map_or(session.workspace()?.plan_document(), |board| board.0);
            session.replica.automerge_file(document)?
        }
    })
}

fn table(what: Option<&str>) -> Result<What> {
    Ok(match what {
        None | Some("commitments") => What::Commitments,
        Some("notes") => What::Notes,
        Some("ties") => What::Ties,
        Some("indicators") => What::IndicatorValues,
        Some(other) => bail!("there is no table of {other}: commitments, notes, ties or indicators"),
    })
}

pub(super) fn import(arguments: &Arguments, file: &Path, board: Option<&str>) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let board = board.map(|typed| find_board(&session, typed)).transpose()?;
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let commands = read(&mut session, file, &bytes, board).with_context(|| format!("{}", file.display()))?;
    let mut entities = Vec::new();
    for command in &commands {
        entities.extend(session.execute(command)?.entities);
    }
    let said = session.output.say(Word::FileTakenIn, &[]);
    session.output.result(&json!({ "entities": entities }), || vec![said])?;
    Ok(DONE)
}

/// What a file comes to, by how its name ends.
fn read(
    session: &mut Session,
    file: &Path,
    bytes: &[u8],
    board: Option<DocumentHex>,
) -> Result<Vec<Command>> {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let workspace = session.replica.workspace()?;
    let rng = &mut session.rng;
    match ending.as_str() {
        "json" if is_trello(bytes) => Ok(boards::import_trello(workspace, bytes, board, now_ms(), rng)?),
        "json" => Ok(vec![Command::Import(Box::new(json::import(bytes)?))]),
        "csv" => match csv::import(workspace, What::Commitments, bytes, board, now_ms(), rng) {
            // A table without a column of commitments is one of notes.
            Err(CsvError::NoColumn(_)) => {
                Ok(csv::import(workspace, What::Notes, bytes, board, now_ms(), rng)?)
            }
            read => Ok(read?),
        },
        "txt" | "md" => {
            let lines = std::str::from_utf8(bytes).context("it is not text in UTF-8")?;
            Ok(boards::import_lines(workspace, lines, board, now_ms(), rng)?)
        }
        _ => bail!("a plan or Trello board ends in .json, a table in .csv, lines of text in .txt or .md"),
    }
}

fn is_trello(bytes: &[u8]) -> bool {
    let parsed: Option<Json> = serde_json::from_slice(bytes).ok();
    parsed.is_some_and(|board| board["cards"].is_array() && board["lists"].is_array())
}
