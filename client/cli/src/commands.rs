//! Carrying out what was typed.

mod board;
mod commitment;
mod files;
mod formats;
mod goal;
mod history;
mod people;
mod plan;
mod sync;

use std::process::ExitCode;

use anyhow::Result;
use samverka_plan::{EntityRef, Kind, Texts};
use serde_json::json;

use crate::args::{Arguments, Command};
use crate::home::{Home, Person};
use crate::output::Output;
use crate::session::{Access, DONE, Session};
use crate::values::one_of;

/// Carries out a command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    match &arguments.command {
        Command::Init { name, organisation, role, language } => {
            let home = Home::at(arguments.home.clone())?;
            let person = Person {
                name: name.clone(),
                organisation: organisation.clone(),
                role: role.clone(),
                language: *language,
            };
            home.init(&person)?;
            let output = Output { json: arguments.json };
            output.result(&json!({ "home": home.path().display().to_string(), "person": person }), || {
                vec![format!("{} is set up for {name}, {organisation}.", home.path().display())]
            })?;
            Ok(DONE)
        }
        Command::Plan(command) => plan::run(&arguments, command),
        Command::Invite(command) => people::invite(&arguments, command),
        Command::Join { link, no_wait } => people::join(&arguments, link, *no_wait),
        Command::Knocks => people::knocks(&arguments),
        Command::Admit { ids, all, participant } => people::admit(&arguments, ids, *all, participant.as_deref()),
        Command::Refuse { ids } => people::refuse(&arguments, ids),
        Command::Door(command) => people::door(&arguments, command),
        Command::Members { command } => people::members(&arguments, command.as_ref()),
        Command::Note(command) => board::note(&arguments, command),
        Command::Cluster(command) => board::cluster(&arguments, command),
        Command::Board(command) => board::board(&arguments, command),
        Command::Goal(command) => goal::goal(&arguments, command),
        Command::Indicator(command) => goal::indicator(&arguments, command),
        Command::Decision(command) => goal::decision(&arguments, command),
        Command::Vote(command) => goal::vote(&arguments, command),
        Command::Commitment(command) => commitment::run(&arguments, command),
        Command::Settle { entity, field, keep } => {
            commitment::settle(&arguments, entity.as_deref(), field.as_deref(), keep.as_deref())
        }
        Command::Sync { watch, timeout } => sync::sync(&arguments, *watch, *timeout),
        Command::Status => sync::status(&arguments),
        Command::Export { format, what, out } => files::export(&arguments, *format, what.as_deref(), out.as_deref()),
        Command::Import { file } => files::import(&arguments, file),
        Command::Log { entity } => history::log(&arguments, entity.as_deref()),
        Command::Verify => history::verify(&arguments),
        Command::Completions { shell } => {
            let mut command = <Arguments as clap::CommandFactory>::command();
            clap_complete::generate(*shell, &mut command, "samverka", &mut std::io::stdout().lock());
            Ok(DONE)
        }
    }
}

/// What a command wants: to look, or to write.
const fn access(looks: bool) -> Access {
    if looks { Access::Read } else { Access::Write }
}

/// A text in the person's language.
fn texts(session: &Session, text: &str) -> Texts {
    Texts::from([(session.language().text_key().to_owned(), text.to_owned())])
}

/// The one thing of a kind that was typed, by id or its beginning.
fn entity(session: &Session, kind: Kind, typed: &str) -> Result<EntityRef> {
    let word = kind.container().trim_end_matches('s');
    Ok(EntityRef::new(kind, one_of(word, typed, &session.workspace()?.ids(kind))?))
}

/// The participant that was typed: by id, its beginning, its role, the name of its member, or `me`.
fn participant(session: &Session, typed: &str) -> Result<String> {
    if typed == "network" || typed.starts_with("external:") {
        return Ok(typed.to_owned());
    }
    if typed == "me" {
        return session.own_participant().ok_or_else(|| anyhow::anyhow!("nobody has said which participant you are"));
    }
    let workspace = session.workspace()?;
    let ids = workspace.participant_ids();
    let named: Vec<&String> = ids
        .iter()
        .filter(|id| {
            let titles = workspace.texts(&EntityRef::new(Kind::Participant, (*id).clone()), "role_title");
            let names = workspace.members_of(id);
            titles.values().any(|title| title.eq_ignore_ascii_case(typed))
                || names.iter().any(|member| workspace.profile(member).is_some_and(|known| known.name == typed))
        })
        .collect();
    match named.as_slice() {
        [one] => Ok((*one).clone()),
        [] => one_of("participant", typed, &ids),
        several => {
            let some: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            anyhow::bail!("{} participants are called {typed}: {}; say which by its id", several.len(), some.join(", "))
        }
    }
}

/// What a participant is called: role and organisation.
fn called(session: &Session, participant: &str) -> String {
    if participant == "network" || participant.starts_with("external:") {
        return participant.to_owned();
    }
    let Ok(workspace) = session.workspace() else { return participant.to_owned() };
    let tag = session.language().tag();
    let title = workspace.text(&EntityRef::new(Kind::Participant, participant), "role_title", tag);
    if title.is_empty() { participant.to_owned() } else { title }
}

/// The first characters of an id that are enough to type: all of a short one.
fn short(id: &str) -> String {
    if id.chars().count() <= 12 { id.to_owned() } else { id.chars().skip(id.chars().count() - 12).collect() }
}
