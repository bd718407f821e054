//! Meeting the relays, and what is where.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use data_encoding::HEXLOWER;
use samverka_plan::EntityRef;
use samverka_replica::{Event, KnockState};
use serde_json::{Value as Json, json};

use crate::args::Arguments;
use crate::net::{Stay, talk_to_relays};
use crate::output::{table, talk};
use crate::session::{Access, DONE, Session};
use crate::values::moment;

pub(super) fn sync(arguments: &Arguments, watch: bool, timeout: u64) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Stay)?;
    let limit = Duration::from_secs(timeout.max(1));
    let joining = session.replica.is_joining();
    if !watch {
        session.replica.set_eager();
    }
    let stay = if watch { Stay::Watching } else { Stay::UntilSynced };
    let mut arrived = 0_usize;
    let json = arguments.json;
    let report = talk_to_relays(&mut session, stay, limit, &mut |session, event| {
        if let Event::Changed(delta) = event {
            arrived += delta.entities.len();
        }
        if watch { tell(session, event, json) } else { Ok(()) }
    })?;
    session.keep_title()?;
    let status = session.replica.status();
    let fine = !report.reached.is_empty()
        && report.failed.len() < session.replica.relays().len().max(1)
        && !matches!(report.knock, Some(KnockState::Refused | KnockState::Expired));
    let result = json!({
        "reached": report.reached,
        "failed": report.failed.iter().map(|(url, why)| json!({ "relay": url, "reason": why })).collect::<Vec<_>>(),
        "arrived": arrived,
        "only_here": status.only_here,
        "joining": joining && session.replica.is_joining(),
    });
    session.output.result(&result, || {
        let mut lines = Vec::new();
        if session.replica.is_joining() {
            lines.push("Still at the door: nobody has let you in yet.".to_owned());
        } else if fine {
            lines.push(format!("Synced: {arrived} changes came, {} entries are only here.", status.only_here));
        } else {
            lines.push(format!(
                "No relay took everything. Nothing is lost: {} entries are queued here for the next sync.",
                status.only_here
            ));
        }
        lines
    })?;
    for (url, why) in &report.failed {
        talk(&format!("{url}: {why}"));
    }
    Ok(if fine { DONE } else { ExitCode::FAILURE })
}

/// Prints what arrives while watching.
fn tell(session: &Session, event: &Event, json: bool) -> Result<()> {
    let line = match event {
        Event::Changed(delta) => {
            for entity in &delta.entities {
                print(session, json, "changed", &describe(session, entity), Some(entity))?;
            }
            if delta.entities.is_empty() && delta.everything {
                print(session, json, "changed", "the plan", None)?;
            }
            return Ok(());
        }
        Event::Knocked { device } => ("knocked", device.short()),
        Event::MembershipChanged => ("members", "membership changed".to_owned()),
        Event::Synced(_) => ("synced", "everything is at the relay".to_owned()),
        Event::Refused { reason, .. } => ("refused", reason.clone()),
        Event::LeftOut { reason, .. } => ("left_out", reason.clone()),
        Event::Notice { reason } => ("notice", reason.clone()),
        Event::StoreFailed { reason } => ("store_failed", reason.clone()),
        Event::StatusChanged | Event::Live(_) | Event::KnockAnswered { .. } | Event::Ephemeral { .. } => return Ok(()),
    };
    print(session, json, line.0, &line.1, None)
}

fn print(session: &Session, json: bool, event: &str, text: &str, entity: Option<&EntityRef>) -> Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    if json {
        // One line each, so that a script can follow.
        writeln!(out, "{}", json!({ "event": event, "text": text, "entity": entity }))?;
    } else {
        writeln!(out, "{event}: {text}")?;
    }
    out.flush()?;
    let _ = session;
    Ok(())
}

fn describe(session: &Session, entity: &EntityRef) -> String {
    let kind = entity.kind.container().trim_end_matches('s');
    let Ok(workspace) = session.workspace() else { return format!("{kind} {}", entity.id) };
    let tag = session.language().tag();
    let text = ["title", "text", "statement", "name", "role_title"]
        .iter()
        .map(|field| workspace.text(entity, field, tag))
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    format!("{kind} {} {text}", super::short(&entity.id))
}

pub(super) fn status(arguments: &Arguments) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Read)?;
    let heads: serde_json::Map<String, Json> = session
        .replica
        .heads()
        .into_iter()
        .map(|(document, heads)| {
            (document.to_string(), json!(heads.iter().map(|head| HEXLOWER.encode(head)).collect::<Vec<_>>()))
        })
        .collect();
    let status = session.replica.status();
    let name = |member: &samverka_log::MemberId| {
        let profile = session.workspace().ok().and_then(|workspace| workspace.profile(member).cloned());
        profile.map_or_else(|| member.short(), |profile| profile.name)
    };
    let json = json!({
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
            "name": name(&device.member),
            "lacking": device.lacking,
            "lacking_own": device.lacking_own,
            "said_ms": device.said_ms,
        })).collect::<Vec<_>>(),
        "heads": heads,
    });
    session.output.result(&json, || {
        let mut rows = vec![vec![
            "saved here".to_owned(),
            format!("{} entries", status.entries_here),
            format!("{} only here", status.only_here),
        ]];
        for relay in &status.relays {
            let lacking = if relay.known { format!("lacks {}", relay.lacking) } else { "not reached yet".to_owned() };
            let when = relay.last_contact_ms.map(|ms| format!("as of {}", moment(ms))).unwrap_or_default();
            rows.push(vec![relay.url.clone(), lacking, when]);
        }
        for device in &status.devices {
            let (lacking, when) = match device.said_ms {
                Some(ms) => (format!("lacks {} of yours", device.lacking_own), format!("as of {}", moment(ms))),
                None => ("has not said".to_owned(), String::new()),
            };
            rows.push(vec![name(&device.member), lacking, when]);
        }
        for (count, what) in [
            (status.quarantined, "held back until an admin decides"),
            (status.unreadable, "without a key here yet"),
            (status.waiting, "waiting for something that they name"),
        ] {
            if count > 0 {
                rows.push(vec![format!("{count} entries"), what.to_owned()]);
            }
        }
        table(&rows)
    })?;
    Ok(DONE)
}
