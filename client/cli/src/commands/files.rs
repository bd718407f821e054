//! Files in and out.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use samverka_plan::{Command, Kind, exchange};
use serde_json::json;

use crate::args::{Arguments, Format};
use crate::home::write_atomically;
use crate::session::{Access, DONE, Session};
use crate::words::Word;

pub(super) fn export(
    arguments: &Arguments,
    format: Format,
    what: Option<&str>,
    out: Option<&Path>,
) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Read)?;
    let bytes = match format {
        Format::Json => exchange::json::export_text(session.workspace()?).into_bytes(),
        other => super::formats::export(&mut session, other, what)?,
    };
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

pub(super) fn import(arguments: &Arguments, file: &Path) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let is = |ending: &str| file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    if is("json") {
        let outcome = session.execute(&Command::Import(Box::new(super::plan::read_plan(file)?)))?;
        let said = session.output.say(Word::PlanTakenIn, &[]);
        session.output.result(&json!({ "entities": outcome.entities }), || vec![said])?;
        return Ok(DONE);
    }
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read as text", file.display()))?;
    if !is("txt") && !is("md") {
        bail!("{}: a plan ends in .json, lines of text in .txt", file.display());
    }
    let key = session.language().text_key();
    let mut made = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let fields = BTreeMap::from([("text".to_owned(), json!({ key: line }))]);
        let outcome = session.execute(&Command::Add { kind: Kind::Note, id: None, board: None, fields })?;
        made.extend(outcome.entities.into_iter().map(|entity| entity.id));
    }
    let said = session.output.say(Word::Notes, &[&made.len().to_string()]);
    session.output.result(&json!({ "ids": made }), || vec![said])?;
    Ok(DONE)
}
