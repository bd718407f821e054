//! Commitments, and questions with more than one answer.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use samverka_plan::{Command, CommitmentView, EntityRef, Event, Kind, State};
use serde_json::{Value as Json, json};

use super::{access, called, entity, participant, short, texts};
use crate::args::{Arguments, CommitmentCommand, CommitmentFields, Reasoned};
use crate::output::table;
use crate::session::{DONE, Session};
use crate::values::{moment, today};

pub(super) fn run(arguments: &Arguments, command: &CommitmentCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, CommitmentCommand::List { .. } | CommitmentCommand::Show { .. })))?;
    match command {
        CommitmentCommand::Add { what, fields } => {
            let mut fields = given(&session, fields)?;
            fields.insert("title".to_owned(), json!(texts(&session, what)));
            fields.entry("requester".to_owned()).or_insert_with(|| json!("network"));
            let outcome = session.execute(&Command::Add { kind: Kind::Commitment, id: None, board: None, fields })?;
            let id = outcome.entities.first().map(|entity| entity.id.clone()).unwrap_or_default();
            shown(&session, &id)
        }
        CommitmentCommand::Edit { id, what, fields } => {
            let commitment = entity(&session, Kind::Commitment, id)?;
            let mut fields = given(&session, fields)?;
            if let Some(what) = what {
                fields.insert("title".to_owned(), json!(texts(&session, what)));
            }
            session.execute(&Command::Edit { entity: commitment.clone(), fields })?;
            shown(&session, &commitment.id)
        }
        CommitmentCommand::List { mine, overdue } => list(&session, *mine, *overdue),
        CommitmentCommand::Show { id } => {
            let commitment = entity(&session, Kind::Commitment, id)?;
            show(&session, &commitment.id)
        }
        other => {
            let (typed, event) = event(&session, other)?;
            let id = entity(&session, Kind::Commitment, typed)?.id;
            session.execute(&Command::Commitment { id: id.clone(), event })?;
            shown(&session, &id)
        }
    }
}

/// The event that a command is.
fn event<'a>(session: &Session, command: &'a CommitmentCommand) -> Result<(&'a str, Event)> {
    let reasoned = |given: &'a Reasoned| (given.id.as_str(), given.reason.clone());
    Ok(match command {
        CommitmentCommand::Request { id, to } => (id, Event::Request { to: participant(session, to)? }),
        CommitmentCommand::Promise { id, subject_to_organisation } => {
            (id, Event::Promise { subject_to: subject_to_organisation.then(|| "organisation".to_owned()) })
        }
        CommitmentCommand::Decline(given) => {
            let (id, reason) = reasoned(given);
            (id, Event::Decline { reason })
        }
        CommitmentCommand::Counter { id, text, due } => {
            (id, Event::CounterOffer { text: texts(session, text), due: due.clone() })
        }
        CommitmentCommand::Confirm { id } => (id, Event::OrganisationConfirmed),
        CommitmentCommand::Start { id } => (id, Event::Start),
        CommitmentCommand::Log { id, text } => (id, Event::Log { text: texts(session, text) }),
        CommitmentCommand::Renegotiate { id, due, reason } => {
            (id, Event::Renegotiate { old: None, new: due.clone(), reason: reason.clone() })
        }
        CommitmentCommand::KeepDue { id } => (id, Event::KeepDue),
        CommitmentCommand::Agree { id } => (id, Event::Agree),
        CommitmentCommand::HandOver { id, to, reason } => {
            (id, Event::HandOver { to: participant(session, to)?, reason: reason.clone() })
        }
        CommitmentCommand::ReportDone { id, evidence } => {
            let evidence = evidence.as_deref().map(|text| texts(session, text)).unwrap_or_default();
            (id, Event::ReportDone { evidence })
        }
        CommitmentCommand::Accept { id } => (id, Event::Accept),
        CommitmentCommand::NotYet(given) => {
            let (id, reason) = reasoned(given);
            (id, Event::NotYet { reason })
        }
        CommitmentCommand::Withdraw(given) => {
            let (id, reason) = reasoned(given);
            (id, Event::Withdraw { reason })
        }
        CommitmentCommand::Cancel(given) => {
            let (id, reason) = reasoned(given);
            (id, Event::Cancel { reason })
        }
        CommitmentCommand::SettleTalk { id, state } => {
            let state: State = serde_json::from_value(json!(state))
                .context("after a talk it is promised, under_way, reported_done, accepted, withdrawn or cancelled")?;
            (id, Event::SettleTalk { state })
        }
        CommitmentCommand::Add { .. }
        | CommitmentCommand::Edit { .. }
        | CommitmentCommand::List { .. }
        | CommitmentCommand::Show { .. } => bail!("this is no event"),
    })
}

fn given(session: &Session, fields: &CommitmentFields) -> Result<BTreeMap<String, Json>> {
    let mut given = BTreeMap::new();
    let mut put = |field: &str, value: Option<Json>| {
        if let Some(value) = value {
            given.insert(field.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(|text| json!(texts(session, text)));
    put("done_when", text(&fields.done_when));
    put("next_step", text(&fields.next_step));
    put("support_needed", text(&fields.support));
    put("due", fields.due.as_ref().map(|due| json!(due)));
    put("follow_up", fields.follow_up.as_ref().map(|date| json!(date)));
    let owner = fields.owner.as_deref().map(|typed| participant(session, typed)).transpose()?;
    put("owner", owner.map(|owner| json!(owner)));
    let requester = fields.requester.as_deref().map(|typed| participant(session, typed)).transpose()?;
    put("requester", requester.map(|requester| json!(requester)));
    let with = fields.with.iter().map(|typed| participant(session, typed)).collect::<Result<Vec<_>>>()?;
    put("with", (!with.is_empty()).then(|| json!(with)));
    let of = |kind: Kind, typed: &[String]| {
        typed.iter().map(|typed| Ok(entity(session, kind, typed)?.id)).collect::<Result<Vec<String>>>()
    };
    let notes = of(Kind::Note, &fields.from_notes)?;
    put("from_notes", (!notes.is_empty()).then(|| json!(notes)));
    let goals = of(Kind::Goal, &fields.goals)?;
    put("goals", (!goals.is_empty()).then(|| json!(goals)));
    Ok(given)
}

fn shown(session: &Session, id: &str) -> Result<ExitCode> {
    let view = session.workspace()?.commitment(id, session.language(), &today());
    session.output.result(&json!(view), || view.iter().map(|view| sentence(session, view)).collect())?;
    Ok(DONE)
}

fn list(session: &Session, mine: bool, overdue: bool) -> Result<ExitCode> {
    let own = session.own_participant();
    let mut views = session.workspace()?.commitments(session.language(), &today());
    views.retain(|view| {
        let is_mine = own.as_ref().is_some_and(|own| view.owner.as_ref() == Some(own) || view.with.contains(own));
        (!mine || is_mine) && (!overdue || view.overdue)
    });
    session.output.result(&json!(views), || {
        let row = |view: &CommitmentView| {
            vec![
                short(&view.id),
                view.state_word.clone(),
                view.due.clone().unwrap_or_default(),
                view.owner.as_deref().map(|owner| called(session, owner)).unwrap_or_default(),
                view.title.clone(),
            ]
        };
        table(&views.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(DONE)
}

fn show(session: &Session, id: &str) -> Result<ExitCode> {
    let workspace = session.workspace()?;
    let view = workspace.commitment(id, session.language(), &today()).context("it was just there")?;
    let events = workspace.events(id);
    let mut json = json!(view);
    json["events"] = json!(events);
    json["fields"] = json!(workspace.fields(&EntityRef::new(Kind::Commitment, id)));
    session.output.result(&json, || {
        let mut lines = vec![sentence(session, &view)];
        if !view.done_when.is_empty() {
            lines.push(format!("done when: {}", view.done_when));
        }
        if !view.next_step.is_empty() {
            lines.push(format!("next step: {}", view.next_step));
        }
        for proposal in &view.proposals {
            let by = proposal.by.as_deref().map(|by| called(session, by)).unwrap_or_default();
            lines.push(format!("another date is proposed: {} by {by}", proposal.due));
        }
        for event in &events {
            let when = event.stated_at.clone().unwrap_or_else(|| moment(event.time_ms));
            let by = event.by.as_deref().map(|by| called(session, by)).unwrap_or_default();
            let mark = if event.stated { "  (stated, not verified)" } else { "" };
            let without = event.ineffective.as_ref().map(|why| format!("  without effect: {why}")).unwrap_or_default();
            lines.push(format!("  {when}  {by}  {}{mark}{without}", event.event.name()));
        }
        lines
    })?;
    Ok(DONE)
}

fn sentence(session: &Session, view: &CommitmentView) -> String {
    let owner = view.owner.as_deref().map_or_else(|| "–".to_owned(), |owner| called(session, owner));
    let due = view.due.as_deref().map(|due| format!(", {due}")).unwrap_or_default();
    format!("{}  {owner}: {}{due}  [{}]", short(&view.id), view.title, view.state_word)
}

/// Shows every question with more than one answer, or settles one.
pub(super) fn settle(
    arguments: &Arguments,
    typed: Option<&str>,
    field: Option<&str>,
    keep: Option<&str>,
) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(keep.is_none()))?;
    let questions = session.workspace()?.open_questions();
    let (Some(typed), Some(field), Some(keep)) = (typed, field, keep) else {
        session.output.result(&json!(questions), || {
            let mut lines = Vec::new();
            for question in &questions {
                lines.push(format!("{} {} {}", question.entity.kind.container(), question.entity.id, question.field));
                for (number, answer) in question.answers.iter().enumerate() {
                    lines.push(format!("  {}: {}", number + 1, answer.value));
                }
            }
            lines
        })?;
        return Ok(DONE);
    };
    let question = questions
        .into_iter()
        .find(|question| (question.entity.id.starts_with(typed) || question.entity.id.ends_with(typed)) && question.field == field)
        .with_context(|| format!("{typed} has no open question about {field}"))?;
    let chosen = keep.parse::<usize>().ok().and_then(|number| question.answers.get(number.checked_sub(1)?));
    let chosen = chosen.or_else(|| question.answers.iter().find(|answer| answer.id.starts_with(keep)));
    let keep = chosen.with_context(|| format!("there is no answer {keep}"))?.id.clone();
    session.execute(&Command::Settle { entity: question.entity.clone(), field: field.to_owned(), keep: keep.clone() })?;
    session.output.result(&json!({ "entity": question.entity, "field": field, "kept": keep }), || {
        vec!["That is settled.".to_owned()]
    })?;
    Ok(DONE)
}
