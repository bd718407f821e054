//! Carrying out what was typed.

mod board;
mod commitment;
mod files;
mod goal;
mod history;
mod people;
mod plan;
mod sync;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::CommandFactory as _;
use samverka_plan::{EntityRef, Kind, Texts};
use serde_json::json;

use crate::args::{Arguments, Command};
use crate::home::{Home, Person};
use crate::session::{Access, DONE, Session};
use crate::values::one_of;
use crate::words::Word;

/// Carries out a command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.command {
        Command::Init { name, organisation, role } => {
            let person = Person {
                name: name.clone(),
                organisation: organisation.clone(),
                role: role.clone(),
                language: arguments.language.unwrap_or_default(),
            };
            init(arguments, &person)
        }
        Command::Plan(command) => plan::run(arguments, command),
        Command::Invite(command) => people::invite(arguments, command),
        Command::Join { link, no_wait } => people::join(arguments, link, *no_wait),
        Command::Knocks => people::knocks(arguments),
        Command::Admit { ids, all, participant } => {
            people::admit(arguments, ids, *all, participant.as_deref())
        }
        Command::Refuse { ids } => people::refuse(arguments, ids),
        Command::Door(command) => people::door(arguments, command),
        Command::Members { command } => people::members(arguments, command.as_ref()),
        Command::Participant(command) => plan::participant(arguments, command),
        Command::Note(command) => board::note(arguments, command),
        Command::Cluster(command) => board::cluster(arguments, command),
        Command::Board(command) => board::board(arguments, command),
        Command::Goal(command) => goal::goal(arguments, command),
        Command::Indicator(command) => goal::indicator(arguments, command),
        Command::Decision(command) => goal::decision(arguments, command),
        Command::Vote(command) => goal::vote(arguments, command),
        Command::Commitment(command) => commitment::run(arguments, command),
        Command::Settle { entity, field, keep } => {
            commitment::settle(arguments, entity.as_deref(), field.as_deref(), keep.as_deref())
        }
        Command::Sync { watch, all, timeout } => sync::sync(arguments, *watch, *all, *timeout),
        Command::Status => sync::status(arguments),
        Command::Export { format, what, neutral, out } => {
            let wanted = files::Wanted { format: *format, what: what.as_deref(), neutral: *neutral };
            files::export(arguments, &wanted, out.as_deref())
        }
        Command::Import { file, board } => files::import(arguments, file, board.as_deref()),
        Command::Log { entity } => history::log(arguments, entity.as_deref()),
        Command::Verify => history::verify(arguments),
        Command::Completions { shell } => completions(*shell),
    }
}

fn init(arguments: &Arguments, person: &Person) -> Result<ExitCode> {
    let home = Home::at(arguments.home.clone())?;
    home.init(person)?;
    let output = person.output(arguments);
    let path = home.path().display().to_string();
    let json = json!({ "home": path, "person": person });
    output.result(&json, || vec![output.say(Word::SetUp, &[&person.name, &person.organisation])])?;
    output.talk(Word::ProtectHome, &[&path]);
    Ok(DONE)
}

fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "samverka", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(DONE)
}

/// What a command wants: to look, or to write.
const fn access(looks: bool) -> Access {
    if looks { Access::Read } else { Access::Write }
}

/// A text in the language that is written in.
fn texts(session: &Session, text: &str) -> Texts {
    Texts::from([(session.language().text_key().to_owned(), text.to_owned())])
}

/// The name of a kind in errors.
fn kind_word(kind: Kind) -> &'static str {
    kind.container().trim_end_matches('s')
}

/// The one thing of a kind that was typed: by what `field` calls it, or by its id, its beginning or its end.
fn entity(session: &Session, kind: Kind, typed: &str) -> Result<EntityRef> {
    let workspace = session.workspace()?;
    let ids = workspace.ids(kind);
    let field = match kind {
        Kind::Organisation | Kind::Indicator => "name",
        Kind::Goal => "statement",
        Kind::Note | Kind::Decision => "text",
        Kind::Participant => "role_title",
        _ => "title",
    };
    let is_called = |id: &&String| {
        let texts = workspace.texts(&EntityRef::new(kind, id.as_str()), field);
        texts.values().any(|text| text.to_lowercase() == typed.to_lowercase())
    };
    let called: Vec<&String> =
        if ids.iter().any(|id| id == typed) { Vec::new() } else { ids.iter().filter(is_called).collect() };
    match called.as_slice() {
        [one] => Ok(EntityRef::new(kind, one.as_str())),
        [] => Ok(EntityRef::new(kind, one_of(kind_word(kind), typed, &ids)?)),
        several => {
            let some: Vec<&str> = several.iter().take(4).map(|id| id.as_str()).collect();
            bail!(
                "{} {}s are called {typed}: {}; say which by its id",
                several.len(),
                kind_word(kind),
                some.join(", ")
            )
        }
    }
}

/// The participant that was typed: `me`, by role or id, or by the name of the member behind it; or `network`, or
/// `external:…`.
fn participant(session: &Session, typed: &str) -> Result<String> {
    if typed == "network" || typed.starts_with("external:") {
        return Ok(typed.to_owned());
    }
    if typed == "me" {
        return session.own_participant().ok_or_else(|| {
            anyhow::anyhow!(
                "the plan does not say yet which participant you are: an admin does, with `admit --as`"
            )
        });
    }
    let workspace = session.workspace()?;
    let is_named = |id: &String| {
        let members = workspace.members_of(id);
        members.iter().any(|member| workspace.profile(member).is_some_and(|known| known.name == typed))
    };
    let named: Vec<String> = workspace.participant_ids().into_iter().filter(is_named).collect();
    match named.as_slice() {
        [one] => Ok(one.clone()),
        _ => Ok(entity(session, Kind::Participant, typed)?.id),
    }
}
