//! Plans: begin, list, show, change, take in; who takes part.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use samverka_log::SlotId;
use samverka_plan::{Command, EntityRef, Kind, exchange};
use samverka_replica::{Replica, Setup};
use samverka_seal::{DeviceKeys, Profile, RelayUrl};
use serde_json::{Map, Value as Json, json};

use super::{access, entity, texts};
use crate::args::{Arguments, ParticipantCommand, PlanCommand, RelayCommand};
use crate::home::{Home, Person};
use crate::session::{Access, DONE, Session, system_rng};
use crate::values::{now_ms, short};
use crate::words::Word;

pub(super) fn run(arguments: &Arguments, command: &PlanCommand) -> Result<ExitCode> {
    match command {
        PlanCommand::New { title, relays, token, template } => {
            // Read first: a plan is not begun for a file that is none.
            let template = template.as_deref().map(read_plan).transpose()?;
            let mut session = found(arguments, title, relays, token.as_deref())?;
            if let Some(template) = template {
                session.execute(&Command::Import(Box::new(template)))?;
            }
            tell_new(&session, title)
        }
        PlanCommand::Import { file, relays, token, participant } => {
            let imported = read_plan(file)?;
            let language = arguments.language.unwrap_or(Home::at(arguments.home.clone())?.person()?.language);
            let title = samverka_plan::pick(&imported.title(), language.tag());
            let mut session = found(arguments, &title, relays, token.as_deref())?;
            session.execute(&Command::Import(Box::new(imported)))?;
            if let Some(typed) = participant {
                is_participant(&mut session, typed)?;
            }
            tell_new(&session, &title)
        }
        PlanCommand::List => list(arguments),
        PlanCommand::Show => show(arguments),
        PlanCommand::Edit { title, purpose, next_review } => {
            edit(arguments, title.as_deref(), purpose.as_deref(), next_review.as_deref())
        }
        PlanCommand::Agree => {
            let mut session = Session::open(arguments, Access::Write)?;
            session.execute(&Command::Agree)?;
            let agreements = session.workspace()?.agreements();
            let said = session.output.say(Word::Agreed, &[&agreements.len().to_string()]);
            session.output.result(&json!({ "agreements": agreements }), || vec![said])?;
            Ok(DONE)
        }
        PlanCommand::Relay(command) => relay(arguments, command),
    }
}

/// Says which participant of an imported plan its founder is, rather than the one that was made for them.
fn is_participant(session: &mut Session, typed: &str) -> Result<()> {
    let into = super::participant(session, typed)?;
    let from = session.own_participant().context("whoever begins a plan is a participant of it")?;
    session.execute(&Command::MergeParticipants { from, into })?;
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

fn found(arguments: &Arguments, title: &str, relays: &[RelayUrl], token: Option<&str>) -> Result<Session> {
    let home = Home::at(arguments.home.clone())?;
    let person = home.person()?;
    let mut store = home.store()?;
    let mut rng = system_rng()?;
    let keys = DeviceKeys::make(&mut rng);
    let relays = relays.iter().map(|relay| relay.as_str().to_owned()).collect();
    // The first writer's slot is named before the space has a name to keep its lock under, and taken right after.
    let slot = SlotId(1);
    let profile = Profile {
        language: arguments.language.unwrap_or(person.language).tag().to_owned(),
        ..profile(&person)
    };
    let setup = Setup { keys: keys.clone(), slot, profile, title: title.to_owned(), relays };
    let mut replica = Replica::found(setup, now_ms(), &mut rng)?;
    if let Some(token) = token {
        replica.set_hosting_token(token.to_owned());
    }
    let space = replica.space();
    let slot = home.take_named_slot(space, slot)?;
    Home::keep_keys(&mut store, space, &keys)?;
    if let Some(token) = token {
        Home::keep_token(&mut store, space, token)?;
    }
    let output = person.output(arguments);
    let mut session = Session::with(home, person, store, replica, slot, rng, output);
    session.drive()?;
    session.keep_title()?;
    Ok(session)
}

/// Reads a plan as JSON.
pub(super) fn read_plan(file: &Path) -> Result<exchange::ImportedPlan> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    exchange::json::import(&bytes).with_context(|| format!("{}", file.display()))
}

fn tell_new(session: &Session, title: &str) -> Result<ExitCode> {
    let space = session.replica.space();
    let relays = session.replica.relays();
    let output = session.output;
    let json = json!({ "id": space.to_string(), "title": title, "relays": relays });
    output.result(&json, || vec![output.say(Word::PlanBegun, &[title, &space.short()])])?;
    output.talk(if relays.is_empty() { Word::NoRelay } else { Word::InviteNext }, &[]);
    Ok(DONE)
}

fn list(arguments: &Arguments) -> Result<ExitCode> {
    let home = Home::at(arguments.home.clone())?;
    let output = home.person()?.output(arguments);
    let plans = Home::plans(&home.store()?)?;
    let json: Vec<_> =
        plans.iter().map(|plan| json!({ "id": plan.space.to_string(), "title": plan.title })).collect();
    let rows: Vec<Vec<String>> = plans
        .iter()
        .map(|plan| {
            let waits = plan.title.is_empty().then(|| output.say(Word::NotInYet, &[]));
            vec![plan.space.short(), waits.unwrap_or_else(|| plan.title.clone())]
        })
        .collect();
    output.list(&json!(json), &[Word::Id, Word::Title], &rows, Some(Word::NoPlans))?;
    Ok(DONE)
}

fn show(arguments: &Arguments) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let workspace = session.workspace()?;
    let output = session.output;
    let meta = EntityRef::meta();
    let tag = session.language().tag();
    let counts: Vec<(Word, &str, usize)> = [
        (Word::Organisations, Kind::Organisation),
        (Word::Participants, Kind::Participant),
        (Word::Notes, Kind::Note),
        (Word::Goals, Kind::Goal),
        (Word::Commitments, Kind::Commitment),
    ]
    .map(|(word, kind)| (word, kind.container(), workspace.ids_that_go_on(kind).len()))
    .to_vec();
    let questions = workspace.open_questions();
    let relays = session.replica.relays();
    let mut shown = json!(workspace.fields(&meta));
    shown["id"] = json!(session.replica.space().to_string());
    shown["relays"] = json!(relays);
    shown["counts"] = Json::Object(
        counts.iter().map(|(_, name, count)| ((*name).to_owned(), json!(count))).collect::<Map<_, _>>(),
    );
    shown["questions"] = json!(questions);
    shown["agreements"] = json!(workspace.agreements());
    output.result(&shown, || {
        let mut lines = vec![workspace.text(&meta, "title", tag)];
        let purpose = workspace.text(&meta, "purpose", tag);
        lines.extend((!purpose.is_empty()).then_some(purpose));
        let review = workspace.single_text(&meta, "next_review");
        lines.extend(review.map(|date| output.say(Word::NextReview, &[&date])));
        lines.push(
            counts
                .iter()
                .map(|(word, _, count)| output.say(*word, &[&count.to_string()]))
                .collect::<Vec<_>>()
                .join(", "),
        );
        lines.extend(relays.iter().map(|relay| format!("{}: {relay}", output.say(Word::Relay, &[]))));
        lines.push(format!("id: {}", session.replica.space()));
        if !questions.is_empty() {
            lines.push(output.say(Word::QuestionsWait, &[&questions.len().to_string()]));
        }
        lines
    })?;
    Ok(DONE)
}

fn edit(
    arguments: &Arguments,
    title: Option<&str>,
    purpose: Option<&str>,
    next_review: Option<&str>,
) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let mut fields = BTreeMap::new();
    for (field, text) in [("title", title), ("purpose", purpose)] {
        if let Some(text) = text {
            fields.insert(field.to_owned(), json!(texts(&session, text)));
        }
    }
    if let Some(date) = next_review {
        fields.insert("next_review".to_owned(), json!(date));
    }
    session.execute(&Command::Edit { entity: EntityRef::meta(), fields })?;
    let meta = session.workspace()?.fields(&EntityRef::meta());
    let title = session.workspace()?.text(&EntityRef::meta(), "title", session.language().tag());
    session.output.result(&json!(meta), || vec![title])?;
    Ok(DONE)
}

fn relay(arguments: &Arguments, command: &RelayCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let (url, removed) = match command {
        RelayCommand::Add { url } => (url.as_str(), false),
        RelayCommand::Remove { url } => (url.as_str(), true),
    };
    let relay = EntityRef::new(Kind::Relay, url);
    let known = session.workspace()?.has(&relay);
    anyhow::ensure!(
        known || !removed,
        "the plan is not kept at {url}: `samverka plan show` lists its relays"
    );
    let command = if known {
        Command::Edit { entity: relay, fields: BTreeMap::from([("removed".to_owned(), json!(removed))]) }
    } else {
        let order = session.workspace()?.ids(Kind::Relay).len();
        let fields = BTreeMap::from([("order".to_owned(), json!(order))]);
        Command::Add { kind: Kind::Relay, id: Some(url.to_owned()), board: None, fields }
    };
    session.execute(&command)?;
    let relays = session.replica.relays();
    session.output.result(&json!({ "relays": relays }), || relays.clone())?;
    Ok(DONE)
}

pub(super) fn participant(arguments: &Arguments, command: &ParticipantCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, ParticipantCommand::List)))?;
    let ParticipantCommand::Add { role, organisation } = command else { return participants(&session) };
    let organisation = if is_known(&session, organisation)? {
        entity(&session, Kind::Organisation, organisation)?.id
    } else {
        let fields = BTreeMap::from([("name".to_owned(), json!(texts(&session, organisation)))]);
        add(&mut session, Kind::Organisation, fields)?
    };
    let fields = BTreeMap::from([
        ("role_title".to_owned(), json!(texts(&session, role))),
        ("org".to_owned(), json!(organisation)),
    ]);
    let id = add(&mut session, Kind::Participant, fields)?;
    session.output.result(&json!({ "id": id, "organisation": organisation }), || vec![id.clone()])?;
    Ok(DONE)
}

/// Whether what was typed is an organisation's id or name.
fn is_known(session: &Session, typed: &str) -> Result<bool> {
    let workspace = session.workspace()?;
    Ok(workspace.ids(Kind::Organisation).iter().any(|id| {
        let names = workspace.texts(&EntityRef::new(Kind::Organisation, id.as_str()), "name");
        id == typed || names.values().any(|name| name.to_lowercase() == typed.to_lowercase())
    }))
}

fn add(session: &mut Session, kind: Kind, fields: BTreeMap<String, Json>) -> Result<String> {
    let outcome = session.execute(&Command::Add { kind, id: None, board: None, fields })?;
    outcome.entities.first().map(|entity| entity.id.clone()).context("nothing was added")
}

fn participants(session: &Session) -> Result<ExitCode> {
    let workspace = session.workspace()?;
    let tag = session.language().tag();
    let mut rows = Vec::new();
    let mut json = Vec::new();
    for id in workspace.participant_ids() {
        let entity = EntityRef::new(Kind::Participant, id.clone());
        let organisation = workspace.org_of(&id);
        let organisation_name = organisation
            .as_ref()
            .map(|org| workspace.text(&EntityRef::new(Kind::Organisation, org), "name", tag))
            .unwrap_or_default();
        let members = workspace.members_of(&id);
        let names: Vec<String> = members.iter().map(|member| session.name_of(member)).collect();
        rows.push(vec![
            short(&id).to_owned(),
            workspace.text(&entity, "role_title", tag),
            organisation_name.clone(),
            names.join(", "),
        ]);
        json.push(json!({
            "id": id,
            "role_title": workspace.text(&entity, "role_title", tag),
            "organisation": organisation,
            "organisation_name": organisation_name,
            "network_role": workspace.single_text(&entity, "network_role"),
            "members": members.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }));
    }
    let head = [Word::Id, Word::RoleTitle, Word::Organisation, Word::Member];
    session.output.list(&json!(json), &head, &rows, None)?;
    Ok(DONE)
}
