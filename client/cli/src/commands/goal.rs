//! Goals, indicators, decisions and votes.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use samverka_plan::{Command, EntityRef, Kind};
use serde_json::{Value as Json, json};

use super::board::find_board;
use super::{access, entity, participant, texts};
use crate::args::{Arguments, DecisionCommand, GoalCommand, IndicatorCommand, VoteCommand};
use crate::session::{DONE, Session};
use crate::values::{short, today};
use crate::words::Word;

/// Makes a thing and prints its id.
fn made(session: &mut Session, kind: Kind, fields: BTreeMap<String, Json>) -> Result<String> {
    let outcome = session.execute(&Command::Add { kind, id: None, board: None, fields })?;
    let id = outcome.entities.first().map(|entity| entity.id.clone()).unwrap_or_default();
    session.output.result(&json!({ "id": id }), || vec![id.clone()])?;
    Ok(id)
}

/// Prints all things of a kind: their fields as JSON, for people the id and a text.
fn list(session: &Session, kind: Kind, text: &str) -> Result<ExitCode> {
    let workspace = session.workspace()?;
    let mut rows = Vec::new();
    let mut json = Vec::new();
    for id in workspace.ids(kind) {
        let entity = EntityRef::new(kind, id.clone());
        let mut fields = json!(workspace.fields(&entity));
        fields["id"] = json!(id);
        match kind {
            Kind::Goal => fields["judgements"] = json!(workspace.judgements(&id)),
            Kind::Decision => fields["stances"] = json!(workspace.stances(&id)),
            Kind::Vote => fields["totals"] = json!(workspace.totals(&id)),
            _ => {}
        }
        let extra = match kind {
            Kind::Vote => json!(workspace.totals(&id)).to_string(),
            Kind::Indicator => last_value(&workspace.members(&entity, "values")),
            _ => String::new(),
        };
        rows.push(vec![
            short(&id).to_owned(),
            workspace.text(&entity, text, session.language().tag()),
            extra,
        ]);
        json.push(fields);
    }
    let (head, empty) = match kind {
        Kind::Goal => (vec![Word::Id, Word::Goal], Some(Word::NoGoals)),
        Kind::Indicator => (vec![Word::Id, Word::Indicator, Word::Latest], None),
        Kind::Decision => (vec![Word::Id, Word::Decision], None),
        _ => (vec![Word::Id, Word::Title, Word::Dots], None),
    };
    session.output.list(&json!(json), &head, &rows, empty)?;
    Ok(DONE)
}

fn last_value(values: &BTreeMap<String, Json>) -> String {
    values
        .values()
        .next_back()
        .and_then(|value| value.get("value"))
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn edited(session: &mut Session, entity: EntityRef, fields: BTreeMap<String, Json>) -> Result<ExitCode> {
    let id = entity.id.clone();
    session.execute(&Command::Edit { entity, fields })?;
    session.output.result(&json!({ "id": id }), || vec![id.clone()])?;
    Ok(DONE)
}

pub(super) fn goal(arguments: &Arguments, command: &GoalCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, GoalCommand::List)))?;
    match command {
        GoalCommand::Add { statement, level, organisation, themes } => {
            let mut fields = BTreeMap::from([("statement".to_owned(), json!(texts(&session, statement)))]);
            if let Some(level) = level {
                fields.insert("level".to_owned(), json!(level));
            }
            if let Some(organisation) = organisation {
                let organisation = entity(&session, Kind::Organisation, organisation)?;
                fields.insert("accountable_org".to_owned(), json!(organisation.id));
            }
            let themes = themes
                .iter()
                .map(|typed| Ok(entity(&session, Kind::Cluster, typed)?.id))
                .collect::<Result<Vec<String>>>()?;
            fields.insert("themes".to_owned(), json!(themes));
            made(&mut session, Kind::Goal, fields)?;
            Ok(DONE)
        }
        GoalCommand::Edit { id, statement, level } => {
            let goal = entity(&session, Kind::Goal, id)?;
            let mut fields = BTreeMap::new();
            if let Some(statement) = statement {
                fields.insert("statement".to_owned(), json!(texts(&session, statement)));
            }
            if let Some(level) = level {
                fields.insert("level".to_owned(), json!(level));
            }
            edited(&mut session, goal, fields)
        }
        GoalCommand::Judge { id, verdict } => {
            let goal = entity(&session, Kind::Goal, id)?.id;
            session.execute(&Command::Judge {
                goal: goal.clone(),
                verdict: verdict.clone(),
                date: today(),
            })?;
            session
                .output
                .result(&json!({ "id": goal, "verdict": verdict }), || vec![format!("{goal} {verdict}")])?;
            Ok(DONE)
        }
        GoalCommand::List => list(&session, Kind::Goal, "statement"),
    }
}

pub(super) fn indicator(arguments: &Arguments, command: &IndicatorCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, IndicatorCommand::List)))?;
    match command {
        IndicatorCommand::Add { name, goal, unit, baseline, target, by } => {
            let goal = entity(&session, Kind::Goal, goal)?;
            let mut fields = BTreeMap::from([("name".to_owned(), json!(texts(&session, name)))]);
            if let Some(unit) = unit {
                fields.insert("unit".to_owned(), json!(unit));
            }
            if let Some(value) = baseline {
                fields.insert("baseline".to_owned(), json!({ "value": value, "date": today() }));
            }
            if let Some(value) = target {
                fields.insert("target".to_owned(), json!({ "value": value, "date": by }));
            }
            let id = made(&mut session, Kind::Indicator, fields)?;
            let add = BTreeMap::from([(id, json!(true))]);
            session.execute(&Command::Members {
                entity: goal,
                field: "indicators".to_owned(),
                add,
                remove: Vec::new(),
            })?;
            Ok(DONE)
        }
        IndicatorCommand::Record { id, value, date } => {
            let indicator = entity(&session, Kind::Indicator, id)?;
            let date = date.clone().unwrap_or_else(today);
            // One value a day and person: recorded again, it is corrected; by two apart, both are kept.
            let who = session.own_participant().unwrap_or_default();
            let add = BTreeMap::from([(format!("{date} {who}"), json!({ "date": date, "value": value }))]);
            let command = Command::Members {
                entity: indicator.clone(),
                field: "values".to_owned(),
                add,
                remove: Vec::new(),
            };
            session.execute(&command)?;
            let json = json!({ "id": indicator.id, "date": date, "value": value });
            session.output.result(&json, || vec![format!("{} {date} {value}", indicator.id)])?;
            Ok(DONE)
        }
        IndicatorCommand::List => list(&session, Kind::Indicator, "name"),
    }
}

pub(super) fn decision(arguments: &Arguments, command: &DecisionCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, DecisionCommand::List)))?;
    match command {
        DecisionCommand::Add { text, rule } => {
            let fields = BTreeMap::from([
                ("text".to_owned(), json!(texts(&session, text))),
                ("rule".to_owned(), json!(rule)),
            ]);
            made(&mut session, Kind::Decision, fields)?;
            Ok(DONE)
        }
        DecisionCommand::Support { id } => stance(&mut session, id, true, ""),
        DecisionCommand::Dissent { id, text } => stance(&mut session, id, false, text),
        DecisionCommand::List => list(&session, Kind::Decision, "text"),
    }
}

fn stance(session: &mut Session, typed: &str, supports: bool, text: &str) -> Result<ExitCode> {
    let decision = entity(session, Kind::Decision, typed)?.id;
    let text = if text.is_empty() { BTreeMap::new() } else { texts(session, text) };
    session.execute(&Command::Stance { decision: decision.clone(), supports, text })?;
    session.output.result(&json!({ "id": decision, "supports": supports }), || vec![decision.clone()])?;
    Ok(DONE)
}

pub(super) fn vote(arguments: &Arguments, command: &VoteCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, VoteCommand::List)))?;
    match command {
        VoteCommand::New { title, dots, max_per_item, board } => {
            let board = board.as_deref().map(|typed| find_board(&session, typed)).transpose()?;
            let fields = BTreeMap::from([
                ("title".to_owned(), json!(texts(&session, title))),
                ("dots".to_owned(), json!(dots)),
                ("max_per_item".to_owned(), json!(max_per_item)),
            ]);
            let outcome = session.execute(&Command::Add { kind: Kind::Vote, id: None, board, fields })?;
            let id = outcome.entities.first().map(|entity| entity.id.clone()).unwrap_or_default();
            session.output.result(&json!({ "id": id }), || vec![id.clone()])?;
            Ok(DONE)
        }
        VoteCommand::Close { id } => {
            let vote = entity(&session, Kind::Vote, id)?.id;
            session.execute(&Command::CloseVote { vote: vote.clone() })?;
            let totals = json!(session.workspace()?.totals(&vote));
            session.output.result(&json!({ "id": vote, "totals": totals }), || vec![totals.to_string()])?;
            Ok(DONE)
        }
        VoteCommand::Cast { id, dots, participant: voter } => {
            let vote = entity(&session, Kind::Vote, id)?.id;
            let dots = dots
                .iter()
                .map(|typed| {
                    let (item, count) = typed.split_once('=').unwrap_or((typed, "1"));
                    let count: u32 =
                        count.parse().with_context(|| format!("{typed}: dots are ITEM=COUNT"))?;
                    Ok((item.to_owned(), count))
                })
                .collect::<Result<BTreeMap<_, _>>>()?;
            let command = match voter.as_deref().map(|typed| participant(&session, typed)).transpose()? {
                Some(participant) => Command::BallotFor { vote: vote.clone(), participant, dots },
                None => Command::Ballot { vote: vote.clone(), dots },
            };
            session.execute(&command)?;
            session.output.result(&json!({ "id": vote }), || vec![vote.clone()])?;
            Ok(DONE)
        }
        VoteCommand::List => list(&session, Kind::Vote, "title"),
    }
}
