//! Meeting the relays, and what is where.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use data_encoding::HEXLOWER;
use samverka_log::{MemberId, Role};
use samverka_plan::{Delta, EntityRef, Kind, kind_word};
use samverka_replica::{Event, KnockState, Status};
use serde_json::{Map, Value as Json, json};

use crate::args::Arguments;
use crate::net::{Report, Stay, talk_to_relays};
use crate::session::{Access, DONE, Session};
use crate::values::{moment, now_ms, short};
use crate::words::Word;

/// Things that a sync names; the rest is counted.
const NAMED_MAX: usize = 20;

pub(super) fn sync(arguments: &Arguments, watch: bool, all: bool, timeout: u64) -> Result<ExitCode> {
    let limit = Duration::from_secs(timeout.max(1));
    if watch {
        return self::watch(&mut Session::open(arguments, Access::Stay)?, limit);
    }
    if !all {
        let mut session = Session::open(arguments, Access::Stay)?;
        let synced = once(&mut session, limit)?;
        session.output.result(&synced.json, || synced.lines)?;
        return Ok(if synced.fine { DONE } else { ExitCode::FAILURE });
    }
    let mut json = Vec::new();
    let mut lines = Vec::new();
    let mut fine = true;
    let mut output = None;
    for mut session in Session::open_each(arguments)? {
        output = Some(session.output);
        if session.replica.relays().is_empty() {
            lines.push(format!("{}: {}", title(&session), session.output.say(Word::NoRelay, &[])));
            continue;
        }
        let synced =
            once(&mut session, limit).with_context(|| format!("plan {}", session.replica.space().short()))?;
        fine &= synced.fine;
        lines.push(format!("{}:", synced.title));
        lines.extend(synced.lines.into_iter().map(|line| format!("  {line}")));
        json.push(synced.json);
    }
    let output =
        output.context("there is no plan here yet: `samverka plan new TITLE`, or `samverka join LINK`")?;
    output.result(&json!({ "plans": json }), || lines)?;
    Ok(if fine { DONE } else { ExitCode::FAILURE })
}

/// What came of one sync of one plan.
struct Synced {
    title: String,
    json: Json,
    lines: Vec<String>,
    fine: bool,
}

fn once(session: &mut Session, limit: Duration) -> Result<Synced> {
    session.replica.set_eager();
    let before = session.replica.status().entries_here;
    let mut arrived: BTreeSet<EntityRef> = BTreeSet::new();
    let mut everything = false;
    let report = talk_to_relays(session, Stay::UntilSynced, limit, &mut |_, event| {
        if let Event::Changed(Delta { entities, everything: all, .. }) = event {
            arrived.extend(entities.iter().cloned());
            everything |= all;
        }
        Ok(())
    })?;
    session.keep_title()?;
    super::people::keep_refusal(session, &report)?;
    let status = session.replica.status();
    let refused = |url: &String| report.failed.iter().any(|(failed, _)| failed == url);
    let let_in = !matches!(report.knock, Some(KnockState::Refused | KnockState::Expired));
    let fine = let_in && report.reached.iter().any(|url| !refused(url));
    let changes: Vec<Json> = arrived.iter().map(|entity| change_json(session, entity)).collect();
    let json = json!({
        "plan": session.replica.space().to_string(),
        "reached": report.reached,
        "failed": report.failed_json(),
        "arrived": arrived.len(),
        "changes": changes,
        "everything": everything,
        "entries_arrived": status.entries_here.saturating_sub(before),
        "only_here": status.only_here,
        "joining": session.replica.is_joining(),
        "at_the_door": session.replica.knocks(now_ms()).len(),
    });
    let lines = said(session, &report, &arrived, status.entries_here.saturating_sub(before), fine);
    Ok(Synced { title: title(session), json, lines, fine })
}

fn title(session: &Session) -> String {
    let workspace = session.workspace();
    workspace.map_or_else(
        |_| session.replica.space().short(),
        |workspace| workspace.text(&EntityRef::meta(), "title", session.language().tag()),
    )
}

/// What a sync says to people.
fn said(
    session: &Session,
    report: &Report,
    arrived: &BTreeSet<EntityRef>,
    entries: u64,
    fine: bool,
) -> Vec<String> {
    let output = session.output;
    let mut lines = Vec::new();
    for url in report.reached.iter().filter(|url| !report.failed.iter().any(|(failed, _)| failed == *url)) {
        lines.push(output.say(Word::Reached, &[url]));
    }
    for (url, why) in &report.failed {
        lines.push(output.say(Word::NotReached, &[url, why]));
    }
    if !fine && report.knock.is_none() {
        lines.push(output.say(Word::Queued, &[]));
    }
    match report.knock {
        Some(KnockState::Refused) => lines.push(output.say(Word::SaidNo, &[])),
        Some(KnockState::Expired) => lines.push(output.say(Word::KnockExpired, &[])),
        Some(KnockState::Waiting) => lines.push(output.say(Word::StillWaiting, &[])),
        Some(KnockState::Admitted) => lines.push(output.say(Word::LetIn, &[&title(session)])),
        None => {}
    }
    if fine && !session.replica.is_joining() {
        lines.push(if entries == 0 {
            output.say(Word::NothingNew, &[])
        } else {
            output.say(Word::Arrived, &[&entries.to_string()])
        });
        lines.extend(arrived.iter().take(NAMED_MAX).map(|entity| format!("  {}", describe(session, entity))));
        if arrived.len() > NAMED_MAX {
            lines.push(output.say(Word::AndMore, &[&(arrived.len() - NAMED_MAX).to_string()]));
        }
    }
    lines.extend(
        session
            .replica
            .knocks(now_ms())
            .iter()
            .map(|knock| output.say(Word::Knocks, &[&knock.name, &knock.check_code, &knock.device.short()])),
    );
    lines
}

fn change_json(session: &Session, entity: &EntityRef) -> Json {
    json!({ "kind": entity.kind, "id": entity.id, "text": text_of(session, entity) })
}

/// Stays connected and prints what arrives, until interrupted.
fn watch(session: &mut Session, limit: Duration) -> Result<ExitCode> {
    session.output.talk(Word::Watching, &[]);
    let mut members = members(session);
    talk_to_relays(session, Stay::Watching, limit, &mut |session, event| {
        if !matches!(event, Event::MembershipChanged) {
            return tell(session, event);
        }
        // Invitations and keys are membership too; what people want to hear is who is in.
        let seen = self::members(session);
        if seen == members {
            return Ok(());
        }
        members = seen;
        print(session, "members", &session.output.say(Word::MembersChanged, &[]), None)
    })?;
    session.keep_title()?;
    Ok(DONE)
}

/// Who is in, and as what.
fn members(session: &Session) -> Vec<(MemberId, Role)> {
    let membership = session.replica.membership();
    membership.members().filter(|member| member.is_in()).map(|member| (member.id, member.role)).collect()
}

/// Prints what arrives while watching.
fn tell(session: &Session, event: &Event) -> Result<()> {
    let output = session.output;
    let (name, text) = match event {
        Event::Changed(delta) => {
            for entity in &delta.entities {
                print(session, "changed", &describe(session, entity), Some(entity))?;
            }
            if delta.entities.is_empty() && delta.everything {
                print(session, "changed", &title(session), None)?;
            }
            return Ok(());
        }
        Event::Knocked { device } => {
            let knocks = session.replica.knocks(now_ms());
            let Some(knock) = knocks.iter().find(|knock| knock.device == *device) else { return Ok(()) };
            ("knocked", output.say(Word::Knocks, &[&knock.name, &knock.check_code, &device.short()]))
        }
        Event::KnockAnswered { state: KnockState::Admitted, .. } => {
            ("admitted", output.say(Word::LetIn, &[&title(session)]))
        }
        Event::KnockAnswered { state: KnockState::Refused, .. } => ("refused", output.say(Word::SaidNo, &[])),
        Event::KnockAnswered { state: KnockState::Expired, .. } => {
            ("refused", output.say(Word::KnockExpired, &[]))
        }
        Event::Synced(_) => ("synced", output.say(Word::UpToDate, &[])),
        Event::Refused { reason, .. } => ("refused", reason.clone()),
        Event::LeftOut { reason, .. } => ("left_out", reason.clone()),
        Event::Notice { reason } => ("notice", reason.clone()),
        Event::StoreFailed { reason } => ("store_failed", reason.clone()),
        Event::StatusChanged
        | Event::MembershipChanged
        | Event::Live(_)
        | Event::KnockAnswered { state: KnockState::Waiting, .. }
        | Event::Ephemeral { .. } => return Ok(()),
    };
    print(session, name, &text, None)
}

/// One line an event, so that a script can follow.
fn print(session: &Session, event: &str, text: &str, entity: Option<&EntityRef>) -> Result<()> {
    if !session.output.json {
        return session.output.result(&Json::Null, || vec![text.to_owned()]);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "event": event, "text": text, "entity": entity }))?;
    out.flush()?;
    Ok(())
}

fn describe(session: &Session, entity: &EntityRef) -> String {
    if entity.kind == Kind::Meta {
        return text_of(session, entity);
    }
    let id = if entity.kind == Kind::Relay { &entity.id } else { short(&entity.id) };
    format!("{} {id} {}", kind_word(entity.kind, session.language()), text_of(session, entity))
        .trim_end()
        .to_owned()
}

fn text_of(session: &Session, entity: &EntityRef) -> String {
    let Ok(workspace) = session.workspace() else { return String::new() };
    let tag = session.language().tag();
    let texts =
        ["title", "text", "statement", "name", "role_title"].map(|field| workspace.text(entity, field, tag));
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

pub(super) fn status(arguments: &Arguments) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Read)?;
    let heads: Map<String, Json> = session
        .replica
        .heads()
        .into_iter()
        .map(|(document, heads)| {
            (document.to_string(), json!(heads.iter().map(|head| HEXLOWER.encode(head)).collect::<Vec<_>>()))
        })
        .collect();
    let status = session.replica.status();
    let mut json = status_json(&session, &status);
    json["heads"] = Json::Object(heads);
    session.output.result(&json, || status_lines(&session, &status))?;
    Ok(DONE)
}

fn status_json(session: &Session, status: &Status) -> Json {
    json!({
        "plan": session.replica.space().to_string(),
        "joining": session.replica.is_joining(),
        "entries_here": status.entries_here,
        "unsaved": status.unsaved,
        "only_here": status.only_here,
        "quarantined": status.quarantined,
        "unreadable": status.unreadable,
        "waiting": status.waiting,
        "relays": status.relays.iter().map(|relay| json!({
            "url": relay.url,
            "lacking": relay.lacking,
            "lacking_own": relay.lacking_own,
            "last_contact_ms": relay.last_contact_ms,
            "known": relay.known,
        })).collect::<Vec<_>>(),
        "devices": status.devices.iter().map(|device| json!({
            "device": device.device.to_string(),
            "member": device.member.to_string(),
            "name": session.name_of(&device.member),
            "lacking": device.lacking,
            "lacking_own": device.lacking_own,
            "said_ms": device.said_ms,
        })).collect::<Vec<_>>(),
    })
}

fn status_lines(session: &Session, status: &Status) -> Vec<String> {
    let output = session.output;
    let say = |word, count: u64| output.say(word, &[&count.to_string()]);
    let mut rows = Vec::new();
    for relay in &status.relays {
        let lacking = match (relay.known, relay.lacking) {
            (false, _) => output.say(Word::RelayUnknown, &[]),
            (true, 0) => output.say(Word::RelayHasAll, &[]),
            (true, lacking) => {
                output.say(Word::RelayLacks, &[&lacking.to_string(), &relay.lacking_own.to_string()])
            }
        };
        let when = relay.last_contact_ms.map(|ms| output.say(Word::AsOf, &[&moment(ms)])).unwrap_or_default();
        rows.push(vec![relay.url.clone(), lacking, when]);
    }
    for device in &status.devices {
        let lacking = match (device.said_ms, device.lacking_own) {
            (None, _) => output.say(Word::MemberUnknown, &[]),
            (Some(_), 0) => output.say(Word::MemberHasAll, &[]),
            (Some(_), lacking) => say(Word::MemberLacks, lacking),
        };
        let when = device.said_ms.map(|ms| output.say(Word::AsOf, &[&moment(ms)])).unwrap_or_default();
        rows.push(vec![session.name_of(&device.member), lacking, when]);
    }
    let mut lines = vec![title(session)];
    if session.replica.is_joining() {
        lines.push(output.say(Word::StillWaiting, &[]));
    }
    lines.push(match status.only_here {
        0 => output.say(Word::NothingOnlyHere, &[]),
        only => say(Word::OnlyHere, only),
    });
    lines.extend(crate::output::table(&rows, None));
    for (word, count) in [
        (Word::HeldBack, status.quarantined),
        (Word::NoKeyYet, status.unreadable),
        (Word::WaitForOthers, status.waiting),
    ] {
        lines.extend((count > 0).then(|| say(word, count)));
    }
    lines
}
