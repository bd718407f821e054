//! Commitments, and questions with more than one answer.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use samverka_plan::{Command, CommitmentView, EntityRef, Event, EventView, Kind, State, deed_word};
use serde_json::{Value as Json, json};

use super::{access, entity, participant, texts};
use crate::args::{Arguments, CommitmentCommand, CommitmentFields, Reasoned};
use crate::session::{DONE, Session};
use crate::values::{moment, short, today};
use crate::words::Word;

pub(super) fn run(arguments: &Arguments, command: &CommitmentCommand) -> Result<ExitCode> {
    let looks = matches!(command, CommitmentCommand::List { .. } | CommitmentCommand::Show { .. });
    let mut session = Session::open(arguments, access(looks))?;
    match command {
        CommitmentCommand::Add { what, fields } => {
            let mut fields = given(&session, fields)?;
            fields.insert("title".to_owned(), json!(texts(&session, what)));
            fields.entry("requester".to_owned()).or_insert_with(|| json!("network"));
            let outcome =
                session.execute(&Command::Add { kind: Kind::Commitment, id: None, board: None, fields })?;
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
        CommitmentCommand::Merge { from, into } => {
            let from = entity(&session, Kind::Commitment, from)?.id;
            let into = entity(&session, Kind::Commitment, into)?.id;
            session.execute(&Command::MergeCommitments { from, into: into.clone() })?;
            shown(&session, &into)
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
        CommitmentCommand::Refuse(given) => {
            let (id, reason) = reasoned(given);
            (id, Event::OrganisationRefused { reason })
        }
        CommitmentCommand::SettleOwner { id, owner } => {
            (id, Event::SettleOwner { owner: participant(session, owner)? })
        }
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
            let state: State = serde_json::from_value(json!(state)).context(
                "after a talk it is promised, under_way, reported_done, accepted, withdrawn or cancelled",
            )?;
            (id, Event::SettleTalk { state })
        }
        CommitmentCommand::Add { .. }
        | CommitmentCommand::Edit { .. }
        | CommitmentCommand::Merge { .. }
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
    session.output.result(&json!(view), || view.iter().map(|view| line(session, view)).collect())?;
    Ok(DONE)
}

fn list(session: &Session, mine: bool, overdue: bool) -> Result<ExitCode> {
    let own = session.own_participant();
    let mut views = session.workspace()?.commitments(session.language(), &today());
    views.retain(|view| {
        let is_mine =
            own.as_ref().is_some_and(|own| view.owner.as_ref() == Some(own) || view.with.contains(own));
        (!mine || is_mine) && (!overdue || view.overdue)
    });
    let row = |view: &CommitmentView| {
        let late = if view.overdue {
            format!(", {}", session.output.say(Word::Overdue, &[]))
        } else {
            String::new()
        };
        vec![
            short(&view.id).to_owned(),
            format!("{}{late}", view.state_word),
            view.due.clone().unwrap_or_default(),
            view.owner.as_deref().map(|owner| session.called(owner)).unwrap_or_default(),
            view.title.clone(),
        ]
    };
    let head = [Word::Id, Word::State, Word::Due, Word::Owner, Word::What];
    let rows: Vec<Vec<String>> = views.iter().map(row).collect();
    session.output.list(&json!(views), &head, &rows, Some(Word::NoCommitments))?;
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
        let mut lines = terms(session, &view);
        lines.push(format!("{}:", session.output.say(Word::History, &[])));
        lines.extend(events.iter().map(|event| happened(session, event)));
        lines
    })?;
    Ok(DONE)
}

/// A commitment as people say it: the sentence, how one can tell, dates, and whose turn it is.
fn terms(session: &Session, view: &CommitmentView) -> Vec<String> {
    let output = session.output;
    let called = |ids: &[String]| ids.iter().map(|id| session.called(id)).collect::<Vec<_>>().join(", ");
    let mut lines = vec![line(session, view)];
    let mut put = |word: Word, things: &[&str]| lines.push(format!("  {}", output.say(word, things)));
    if view.state == State::NeedsTalk {
        put(Word::NeedsTalk, &[]);
    }
    for (word, text) in [(Word::DoneWhen, &view.done_when), (Word::NextStep, &view.next_step)] {
        if !text.is_empty() {
            put(word, &[text]);
        }
    }
    if !view.with.is_empty() {
        put(Word::Together, &[&called(&view.with)]);
    }
    if let Some(due) = &view.due {
        put(Word::By, &[due]);
    }
    if view.times_moved > 0 {
        put(Word::TimesMoved, &[&view.times_moved.to_string(), &view.days_moved.to_string()]);
    }
    for proposal in &view.proposals {
        let by = proposal.by.as_deref().map(|by| session.called(by)).unwrap_or_default();
        put(Word::ProposedDate, &[&by, &proposal.due]);
    }
    if let Some(counter) = &view.counter {
        put(Word::Offered, &[&samverka_plan::pick(&counter.text, session.language().tag())]);
    }
    if !view.waiting_for.is_empty() {
        put(Word::TurnOf, &[&called(&view.waiting_for)]);
    }
    if !view.similar.is_empty() {
        let similar: Vec<&str> = view.similar.iter().map(|id| short(id)).collect();
        put(Word::Similar, &[&similar.join(", ")]);
    }
    lines
}

/// One event in a history.
fn happened(session: &Session, event: &EventView) -> String {
    let output = session.output;
    let when = event.stated_at.clone().unwrap_or_else(|| moment(event.time_ms));
    let by = event.by.as_deref().map(|by| session.called(by)).unwrap_or_default();
    let said = match &event.event {
        Event::Log { text } | Event::CounterOffer { text, .. } | Event::ReportDone { evidence: text } => {
            samverka_plan::pick(text, session.language().tag())
        }
        Event::Renegotiate { new, reason, .. } | Event::ProposeDue { due: new, reason } => {
            format!("{new} {}", reason.clone().unwrap_or_default())
        }
        Event::Request { to } => session.called(to),
        Event::HandOver { to, reason } => {
            format!("{} {}", session.called(to), reason.clone().unwrap_or_default())
        }
        Event::Decline { reason }
        | Event::OrganisationRefused { reason }
        | Event::NotYet { reason }
        | Event::Withdraw { reason }
        | Event::Cancel { reason } => reason.clone().unwrap_or_default(),
        _ => String::new(),
    };
    let name = event.event.name();
    let did = deed_word(name, output.language).unwrap_or(name);
    let mut line = format!("  {when}  {by}: {did} {said}").trim_end().to_owned();
    if event.stated {
        line.push_str(&format!("  ({})", output.say(Word::StatedOnly, &[])));
    }
    if let Some(why) = &event.ineffective {
        line.push_str(&format!("  ({})", output.say(Word::WithoutEffect, &[why])));
    }
    line
}

/// A commitment in one line: `c-04  Familjearbetare lovar: tre kvällscaféer  [pågår, försenat]`.
fn line(session: &Session, view: &CommitmentView) -> String {
    let promised = !matches!(view.state, State::Suggested | State::Requested | State::Declined);
    let what = match view.owner.as_deref().filter(|_| promised) {
        Some(owner) => session.output.say(Word::Promises, &[&session.called(owner), &view.title]),
        None => view.title.clone(),
    };
    let late =
        if view.overdue { format!(", {}", session.output.say(Word::Overdue, &[])) } else { String::new() };
    format!("{}  {what}  [{}{late}]", short(&view.id), view.state_word)
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
        if questions.is_empty() && !session.output.json {
            session.output.talk(Word::NoQuestions, &[]);
            return Ok(DONE);
        }
        session.output.result(&json!(questions), || {
            let mut lines = Vec::new();
            for question in &questions {
                let field = &question.field;
                let named = format!("{} {} {field}", question.entity.kind.container(), question.entity.id);
                lines.push(session.output.say(Word::TwoAnswers, &[&named]));
                for (number, answer) in question.answers.iter().enumerate() {
                    let value = answer.value.as_str().map_or_else(|| answer.value.to_string(), str::to_owned);
                    lines.push(format!("  {}: {value}", number + 1));
                }
            }
            lines
        })?;
        return Ok(DONE);
    };
    let question = questions
        .into_iter()
        .find(|question| {
            let id = &question.entity.id;
            (id.starts_with(typed) || id.ends_with(typed)) && question.field == field
        })
        .with_context(|| format!("{typed} has no open question about {field}"))?;
    let chosen = keep.parse::<usize>().ok().and_then(|number| question.answers.get(number.checked_sub(1)?));
    let chosen = chosen.or_else(|| question.answers.iter().find(|answer| answer.id.starts_with(keep)));
    let keep = chosen.with_context(|| format!("there is no answer {keep}"))?.id.clone();
    session.execute(&Command::Settle {
        entity: question.entity.clone(),
        field: field.to_owned(),
        keep: keep.clone(),
    })?;
    let said = session.output.say(Word::Settled, &[]);
    session
        .output
        .result(&json!({ "entity": question.entity, "field": field, "kept": keep }), || vec![said])?;
    Ok(DONE)
}
