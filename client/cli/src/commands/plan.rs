//! Plans: begin, list, show, take in.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use samverka_log::SlotId;
use samverka_plan::{Command, EntityRef, Kind, exchange};
use samverka_replica::{Replica, Setup};
use samverka_seal::{DeviceKeys, Profile, RelayUrl};
use serde_json::json;

use crate::args::{Arguments, PlanCommand};
use crate::home::{Home, Person};
use crate::output::{Output, table};
use crate::session::{Access, DONE, Session, system_rng};
use crate::values::now_ms;

pub(super) fn run(arguments: &Arguments, command: &PlanCommand) -> Result<ExitCode> {
    match command {
        PlanCommand::New { title, relays, token, template } => {
            let mut session = found(arguments, title, relays, token.as_deref())?;
            if let Some(template) = template {
                take_in(&mut session, template)?;
            }
            tell_new(&session, title)
        }
        PlanCommand::Import { file, relays, token, participant } => {
            let imported = read_plan(file)?;
            let person = Home::at(arguments.home.clone())?.person()?;
            let title = samverka_plan::pick(&imported.title(), person.language.tag());
            let mut session = found(arguments, &title, relays, token.as_deref())?;
            session.execute(&Command::Import(Box::new(imported)))?;
            if let Some(typed) = participant {
                is_participant(&mut session, typed)?;
            }
            tell_new(&session, &title)
        }
        PlanCommand::List => list(arguments),
        PlanCommand::Show => show(arguments),
    }
}

/// Says which participant of an imported plan its founder is.
fn is_participant(session: &mut Session, typed: &str) -> Result<()> {
    let participant = super::participant(session, typed)?;
    let member = session.replica.me().context("whoever begins a plan is in it")?;
    let profile = profile(&session.person);
    session.execute(&Command::Admit {
        member,
        name: profile.name,
        organisation: profile.organisation,
        role_title: profile.role_title,
        language: profile.language,
        participant: Some(participant),
    })?;
    Ok(())
}

/// The profile that a person shows to a plan.
pub(super) fn profile(person: &Person) -> Profile {
    Profile {
        name: person.name.clone(),
        organisation: person.organisation.clone(),
        role_title: person.role.clone(),
        language: person.language.tag().to_owned(),
        participant: None,
    }
}

fn found(arguments: &Arguments, title: &str, relays: &[String], token: Option<&str>) -> Result<Session> {
    let home = Home::at(arguments.home.clone())?;
    let person = home.person()?;
    let mut store = home.store()?;
    let mut rng = system_rng()?;
    let keys = DeviceKeys::make(&mut rng);
    let relays = relays
        .iter()
        .map(|relay| {
            let parsed: RelayUrl = relay.parse().with_context(|| format!("{relay} is not a relay's address"))?;
            Ok(parsed.as_str().to_owned())
        })
        .collect::<Result<Vec<_>>>()?;
    // The first writer's slot is drawn before the space has a name to keep its lock under, and taken right after.
    let setup = Setup { keys: keys.clone(), slot: SlotId(1), profile: profile(&person), title: title.to_owned(), relays };
    let mut replica = Replica::found(setup, now_ms(), &mut rng)?;
    if let Some(token) = token {
        replica.set_hosting_token(token.to_owned());
    }
    let space = replica.space();
    let slot = home.take_named_slot(space, SlotId(1))?;
    Home::keep_keys(&mut store, space, &keys)?;
    if let Some(token) = token {
        Home::keep_token(&mut store, space, token)?;
    }
    let output = Output { json: arguments.json };
    let mut session = Session::with(home, person, store, replica, slot, rng, output);
    session.drive()?;
    session.keep_title()?;
    Ok(session)
}

fn take_in(session: &mut Session, file: &Path) -> Result<()> {
    let imported = read_plan(file)?;
    session.execute(&Command::Import(Box::new(imported)))?;
    Ok(())
}

/// Reads a plan as JSON.
pub(super) fn read_plan(file: &Path) -> Result<exchange::ImportedPlan> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    exchange::json::import(&bytes).with_context(|| format!("{}", file.display()))
}

fn tell_new(session: &Session, title: &str) -> Result<ExitCode> {
    let space = session.replica.space();
    let relays = session.replica.relays();
    session.output.result(&json!({ "id": space.to_string(), "title": title, "relays": relays }), || {
        let mut lines = vec![format!("{title} is begun: {}", space.short())];
        if relays.is_empty() {
            lines.push("It lives on this device only: it lists no relay.".to_owned());
        } else {
            lines.push("Next: `samverka sync`, then `samverka invite` for a link that lets others in.".to_owned());
        }
        lines
    })?;
    Ok(DONE)
}

fn list(arguments: &Arguments) -> Result<ExitCode> {
    let home = Home::at(arguments.home.clone())?;
    home.person()?;
    let plans = Home::plans(&home.store()?)?;
    let json: Vec<_> =
        plans.iter().map(|plan| json!({ "id": plan.space.to_string(), "title": plan.title })).collect();
    Output { json: arguments.json }.result(&json!(json), || {
        let rows: Vec<Vec<String>> =
            plans.iter().map(|plan| vec![plan.space.short(), plan.title.clone()]).collect();
        table(&rows)
    })?;
    Ok(DONE)
}

fn show(arguments: &Arguments) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let workspace = session.workspace()?;
    let meta = EntityRef::meta();
    let tag = session.language().tag();
    let title = workspace.text(&meta, "title", tag);
    let purpose = workspace.text(&meta, "purpose", tag);
    let counts: Vec<(&str, usize)> = [Kind::Organisation, Kind::Participant, Kind::Note, Kind::Goal, Kind::Commitment]
        .into_iter()
        .map(|kind| (kind.container(), workspace.ids(kind).len()))
        .collect();
    let questions = workspace.open_questions();
    let mut shown = json!(workspace.fields(&meta));
    shown["id"] = json!(session.replica.space().to_string());
    shown["relays"] = json!(session.replica.relays());
    shown["counts"] = counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect::<serde_json::Map<_, _>>().into();
    shown["questions"] = json!(questions);
    session.output.result(&shown, || {
        let mut lines = vec![title, format!("id {}", session.replica.space())];
        if !purpose.is_empty() {
            lines.push(purpose);
        }
        lines.extend(counts.iter().map(|(name, count)| format!("{count} {name}")));
        lines.extend(session.replica.relays().into_iter().map(|relay| format!("relay {relay}")));
        if !questions.is_empty() {
            lines.push(format!("{} questions have more than one answer: `samverka settle`", questions.len()));
        }
        lines
    })?;
    Ok(DONE)
}
