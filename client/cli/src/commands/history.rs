//! Looking back: who did what, and whether everything holds.

use std::process::ExitCode;

use anyhow::Result;
use samverka_log::Entry;
use samverka_plan::{EntityRef, Kind, Language, deed_word, kind_word};
use samverka_replica::{HistoryItem, Verifier};
use samverka_store::{Arrival, Store as _};
use serde_json::{Value as Json, json};

use crate::args::Arguments;
use crate::session::{Access, DONE, Session};
use crate::values::{moment, short};
use crate::words::Word;

/// Things of one deed that a line shows; JSON has them all.
const THINGS_MAX: usize = 4;
/// Bytes read from the store at a time.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn log(arguments: &Arguments, entity: Option<&str>) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let mut items: Vec<HistoryItem> = Vec::new();
    for_each_entry(&session, |entry| {
        let item = session.replica.history_item(entry);
        let about = |wanted: &str| {
            let meant = |id: &str| id.starts_with(wanted) || id.ends_with(wanted);
            item.deeds.iter().flat_map(|deed| &deed.entities).any(|touched| meant(&touched.id))
        };
        if entity.is_none_or(about) {
            items.push(item);
        }
    })?;
    let json: Vec<Json> = items.iter().map(|item| item_json(&session, item)).collect();
    let language = session.language();
    let mut rows = Vec::new();
    for item in &items {
        for deed in &item.deeds {
            let things: Vec<String> =
                deed.entities.iter().take(THINGS_MAX).map(|entity| named(entity, language)).collect();
            let more = if deed.entities.len() > THINGS_MAX { ", …" } else { "" };
            rows.push(vec![
                if deed.time_ms == 0 { String::new() } else { moment(deed.time_ms) },
                who(&session, item),
                deed_word(&deed.what, language).unwrap_or(&deed.what).to_owned(),
                format!("{}{more}", things.join(", ")),
                item.left_out.clone().unwrap_or_default(),
            ]);
        }
    }
    let head = [Word::When, Word::Member, Word::What, Word::Id];
    session.output.list(&json!(json), &head, &rows, None)?;
    Ok(DONE)
}

/// A thing in a few characters: what it is, and the part of its id that commands take.
fn named(entity: &EntityRef, language: Language) -> String {
    let word = kind_word(entity.kind, language);
    if entity.kind == Kind::Meta { word.to_owned() } else { format!("{word} {}", short(&entity.id)) }
}

fn who(session: &Session, item: &HistoryItem) -> String {
    let Some(member) = item.member else { return item.log.device.short() };
    session.name_of(&member)
}

fn item_json(session: &Session, item: &HistoryItem) -> Json {
    json!({
        "entry": item.id.to_string(),
        "log": item.log.to_string(),
        "number": item.number,
        "member": item.member.map(|member| member.to_string()),
        "name": who(session, item),
        "document": item.document.map(|document| document.to_string()),
        "left_out": item.left_out,
        "deeds": item.deeds,
    })
}

fn for_each_entry(session: &Session, mut take: impl FnMut(&Entry)) -> Result<()> {
    let mut after = Arrival(0);
    loop {
        let page = session.store.entries_by_arrival(session.replica.space(), after, PAGE_BYTES)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (_, entry) in &page {
            take(entry);
        }
    }
}

pub(super) fn verify(arguments: &Arguments) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let mut verifier = Verifier::default();
    for_each_entry(&session, |entry| session.replica.verify_entry(entry, &mut verifier))?;
    let store = session.store.integrity_check()?;
    let void = session.replica.void_operations();
    let fault = |fault: &samverka_replica::Fault| {
        json!({
            "entry": fault.id.to_string(),
            "log": fault.log.to_string(),
            "number": fault.number,
            "reason": fault.reason,
        })
    };
    let json = json!({
        "entries": verifier.entries,
        "opened": verifier.opened,
        "without_body": verifier.without_body,
        "faults": verifier.faults.iter().map(fault).collect::<Vec<_>>(),
        "left_out": verifier.left_out.iter().map(fault).collect::<Vec<_>>(),
        "void_operations": void.iter().map(|(id, why)| json!({ "entry": id.to_string(), "reason": why })).collect::<Vec<_>>(),
        "store": store,
    });
    let sound = verifier.faults.is_empty() && store.is_empty();
    session.output.result(&json, || {
        let counts = [verifier.entries.to_string(), verifier.opened.to_string()];
        let mut lines = vec![session.output.say(Word::Checked, &[&counts[0], &counts[1]])];
        for one in &verifier.faults {
            lines.push(format!("FAULT {} number {}: {}", one.id.short(), one.number, one.reason));
        }
        for one in &verifier.left_out {
            lines.push(format!("left out {} number {}: {}", one.id.short(), one.number, one.reason));
        }
        lines.extend(void.iter().map(|(id, why)| format!("membership {} does not count: {why}", id.short())));
        lines.extend(store.iter().map(|line| format!("FAULT in the store: {line}")));
        if sound {
            lines.push(session.output.say(Word::AllSound, &[]));
        }
        lines
    })?;
    Ok(if sound { DONE } else { ExitCode::FAILURE })
}
