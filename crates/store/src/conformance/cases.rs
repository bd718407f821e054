//! What is promised, case by case.

use samverka_log::{Entry, Frontier, LogHead, SpaceId};

use super::bodies;
use super::chain::{Chain, document, genesis};
use super::script::{ALL, Script, delete, holds, put, same};
use super::{Case, Halt};
use crate::{Arrival, KEY_BYTES_MAX, Write};

/// Every case.
pub const CASES: &[Case] = &[
    Case { name: "an unknown space is empty", tell: an_unknown_space_is_empty },
    Case { name: "what was appended is read back", tell: what_was_appended_is_read_back },
    Case { name: "a genesis entry is stored under its own id", tell: a_genesis_entry_is_stored },
    Case { name: "a conflict leaves nothing changed", tell: a_conflict_leaves_nothing_changed },
    Case { name: "a batch is written whole or not at all", tell: a_batch_is_whole_or_not_at_all },
    Case { name: "a broken chain is refused", tell: a_broken_chain_is_refused },
    Case { name: "limits of names are kept", tell: limits_of_names_are_kept },
    Case { name: "a batch sees its own writes", tell: a_batch_sees_its_own_writes },
    Case { name: "an append of nothing compares all the same", tell: an_append_of_nothing_compares },
    Case { name: "arrival order goes across logs", tell: arrival_order_goes_across_logs },
    Case { name: "reading by arrival resumes anywhere", tell: reading_by_arrival_resumes_anywhere },
    Case { name: "reads of a log are bounded by count", tell: reads_of_a_log_are_bounded_by_count },
    Case { name: "reads are bounded by bytes", tell: reads_are_bounded_by_bytes },
    Case { name: "numbers use their whole range", tell: numbers_use_their_whole_range },
    Case { name: "spaces are apart", tell: spaces_are_apart },
    Case { name: "values are read by prefix", tell: values_are_read_by_prefix },
    Case { name: "values are replaced and deleted", tell: values_are_replaced_and_deleted },
    Case { name: "a missing body and an empty one differ", tell: a_missing_body_and_an_empty_one_differ },
    Case { name: "a large body comes back", tell: a_large_body_comes_back },
    Case { name: "dropping bodies keeps headers", tell: dropping_bodies_keeps_headers },
    Case { name: "a body is filled in where it arrived", tell: bodies::a_body_is_filled_in_where_it_arrived },
    Case { name: "filling passes over what it cannot fill", tell: bodies::filling_passes_over },
    Case { name: "what was dropped is never filled again", tell: bodies::what_was_dropped_is_never_filled },
    Case { name: "what lacks a body is told in ranges", tell: bodies::what_lacks_a_body_is_told_in_ranges },
    Case { name: "an entry to be filled comes whole", tell: bodies::an_entry_to_be_filled_comes_whole },
    Case { name: "a removed space is gone, and no other", tell: a_removed_space_is_gone },
    Case { name: "a space made again arrives after", tell: a_space_made_again_arrives_after },
    Case { name: "doing it twice does no harm", tell: doing_it_twice_does_no_harm },
];

pub(crate) fn a_space(seed: u8) -> SpaceId {
    genesis(seed).id().into()
}

pub(crate) fn entries_of(write: &Write) -> Vec<Entry> {
    match write {
        Write::Append { entries, .. } => entries.clone(),
        _ => Vec::new(),
    }
}

fn an_unknown_space_is_empty(store: &mut Script<'_>) -> Result<(), Halt> {
    let chain = Chain::new(a_space(1), 1, 1);
    same("spaces", store.spaces()?, Vec::new())?;
    same("frontier", store.frontier(chain.space())?, Frontier::new())?;
    same("by log", store.of_log(chain.place(), 0, ALL, ALL)?, Vec::new())?;
    same("by arrival", store.all(chain.space())?, Vec::new())?;
    same("value", store.value(Some(chain.space()), "x")?, None)?;
    same("without a body", store.bodyless(chain.space(), None, ALL)?, Vec::new())?;
    same("values", store.keys(Some(chain.space()), "")?, Vec::new())?;
    same("the store's own values", store.keys(None, "")?, Vec::new())
}

fn what_was_appended_is_read_back(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let first = chain.append(&[b"one", b"two"]);
    let second = chain.append(&[b"three"]);
    let entries = [entries_of(&first), entries_of(&second)].concat();
    store.write(vec![Write::CreateSpace(chain.space()), first])?;
    store.write(vec![second])?;
    same("by log", store.of_log(chain.place(), 0, ALL, ALL)?, entries.clone())?;
    same("from a number on", store.of_log(chain.place(), 2, ALL, ALL)?, entries[2..].to_vec())?;
    same("past the end", store.of_log(chain.place(), 3, ALL, ALL)?, Vec::new())?;
    same("far past the end", store.of_log(chain.place(), u64::MAX, ALL, ALL)?, Vec::new())?;
    same("by arrival", store.all(chain.space())?, entries)?;
    same("head", store.frontier(chain.space())?.head(&chain.log()), chain.head())?;
    same("spaces", store.spaces()?, vec![chain.space()])
}

fn a_genesis_entry_is_stored(store: &mut Script<'_>) -> Result<(), Halt> {
    let genesis = genesis(1);
    let (space, log) = (genesis.header.space(), genesis.header.fields().log);
    let head = LogHead { next: 1, head: genesis.id() };
    let entries = vec![genesis];
    store.write(vec![
        Write::CreateSpace(space),
        Write::Append { space, log, expect: LogHead::EMPTY, entries: entries.clone() },
    ])?;
    same("by log", store.of_log((space, log), 0, ALL, ALL)?, entries)?;
    same("head", store.frontier(space)?.head(&log), head)
}

fn a_conflict_leaves_nothing_changed(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let mut twin = chain.clone();
    let won = chain.append(&[b"won"]);
    let kept = entries_of(&won);
    let stored = chain.head();
    store.write(vec![won])?;
    let lost = twin.append(&[b"lost"]);
    store.conflict(vec![lost], &chain, stored)?;
    let mut ahead = chain.clone();
    let _missing = ahead.append(&[b"missing"]);
    let gap = ahead.append(&[b"after a gap"]);
    store.conflict(vec![gap], &chain, stored)?;
    same("head", store.frontier(chain.space())?.head(&chain.log()), stored)?;
    same("entries", store.all(chain.space())?, kept)?;
    let next = chain.append(&[b"goes on"]);
    store.write(vec![next])
}

fn a_batch_is_whole_or_not_at_all(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let mut other = Chain::new(a_space(2), 2, 1);
    store.write(vec![chain.append(&[b"kept"]), put(None, "kept", b"old")])?;
    let stored = chain.head();
    let mut twin = Chain::new(chain.space(), 1, 1);
    let conflicting = twin.append(&[b"lost"]);
    store.conflict(
        vec![
            Write::CreateSpace(other.space()),
            put(None, "kept", b"new"),
            put(Some(other.space()), "new", b"new"),
            other.append(&[b"new"]),
            Write::DropBodies { space: chain.space(), document: document(1) },
            conflicting,
        ],
        &chain,
        stored,
    )?;
    same("spaces", store.spaces()?, vec![chain.space()])?;
    same("value", store.value(None, "kept")?, Some(b"old".to_vec()))?;
    same("frontier of the other", store.frontier(other.space())?, Frontier::new())?;
    let bodies: Vec<_> = store.all(chain.space())?.into_iter().map(|entry| entry.body).collect();
    same("bodies", bodies, vec![Some(b"kept".to_vec())])
}

fn a_broken_chain_is_refused(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let entries = entries_of(&chain.append(&[b"one", b"two", b"three"]));
    let (space, log) = chain.place();
    let append = |space, log, entries| Write::Append { space, log, expect: LogHead::EMPTY, entries };
    let gap = vec![entries[0].clone(), entries[2].clone()];
    store.malformed(vec![append(space, log, gap)])?;
    let late = entries[1..].to_vec();
    store.malformed(vec![append(space, log, late)])?;
    store.malformed(vec![append(a_space(2), log, entries.clone())])?;
    let elsewhere = Chain::new(space, 1, 2).log();
    store.malformed(vec![append(space, elsewhere, entries.clone())])?;
    same("spaces", store.spaces()?, Vec::new())?;
    store.write(vec![append(space, log, entries)])
}

fn limits_of_names_are_kept(store: &mut Script<'_>) -> Result<(), Halt> {
    let longest = "k".repeat(KEY_BYTES_MAX);
    store.write(vec![put(None, &longest, b"")])?;
    same("longest", store.value(None, &longest)?, Some(Vec::new()))?;
    store.malformed(vec![put(None, &format!("{longest}k"), b"")])?;
    store.malformed(vec![put(None, "", b"")])?;
    same("names", store.keys(None, "")?, vec![longest])
}

fn a_batch_sees_its_own_writes(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let mut anew = chain.clone();
    let (first, second) = (chain.append(&[b"one"]), chain.append(&[b"two"]));
    store.write(vec![first, second])?;
    same("head", store.frontier(chain.space())?.head(&chain.log()), chain.head())?;
    let again = anew.append(&[b"another"]);
    let entries = entries_of(&again);
    store.write(vec![put(Some(chain.space()), "x", b"x"), Write::RemoveSpace(chain.space()), again])?;
    same("entries", store.all(chain.space())?, entries)?;
    same("value", store.value(Some(chain.space()), "x")?, None)
}

fn an_append_of_nothing_compares(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let (space, log) = chain.place();
    let nothing = |expect| Write::Append { space, log, expect, entries: Vec::new() };
    store.write(vec![nothing(LogHead::EMPTY)])?;
    same("frontier", store.frontier(space)?, Frontier::new())?;
    store.write(vec![chain.append(&[b"one"])])?;
    store.write(vec![nothing(chain.head())])?;
    store.conflict(vec![nothing(LogHead::EMPTY)], &chain, chain.head())
}

fn arrival_order_goes_across_logs(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let (mut high, mut low) = (Chain::new(space, 9, 1), Chain::new(space, 1, 1));
    let writes = [
        high.append(&[b"first", b"second"]),
        low.append(&[b"third"]),
        high.append(&[b"fourth"]),
        low.append(&[b"fifth", b"sixth"]),
    ];
    let promised: Vec<Entry> = writes.iter().flat_map(entries_of).collect();
    let [a, b, c, d] = writes;
    store.write(vec![a])?;
    store.write(vec![b, c])?;
    store.write(vec![d])?;
    same("order", store.all(space)?, promised.clone())?;
    same("order, read again", store.all(space)?, promised)?;
    let arrivals: Vec<_> = store.arrived(space, Arrival(0), ALL)?.into_iter().map(|(at, _)| at).collect();
    holds("arrivals rise", arrivals.is_sorted() && arrivals.windows(2).all(|pair| pair[0] != pair[1]))
}

fn reading_by_arrival_resumes_anywhere(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let mut other = Chain::new(a_space(2), 2, 1);
    let mut chain = Chain::new(space, 1, 1);
    for number in 0..5_u8 {
        store.write(vec![chain.append(&[&[number]]), other.append(&[&[number]])])?;
    }
    let all = store.arrived(space, Arrival(0), ALL)?;
    for (index, (at, _)) in all.iter().enumerate() {
        let rest = store.arrived(space, *at, ALL)?;
        same("the rest", rest, all[index + 1..].to_vec())?;
    }
    let Some((last, _)) = all.last() else { return holds("there are entries", false) };
    store.write(vec![chain.append(&[b"later"])])?;
    let later = store.arrived(space, *last, ALL)?;
    same("what came later", later.len(), 1)?;
    same("past the end", store.arrived(space, Arrival(u64::MAX), ALL)?, Vec::new())
}

fn reads_of_a_log_are_bounded_by_count(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let append = chain.append(&[b"a", b"b", b"c", b"d"]);
    let entries = entries_of(&append);
    store.write(vec![append])?;
    same("two", store.of_log(chain.place(), 1, 2, ALL)?, entries[1..3].to_vec())?;
    same("none", store.of_log(chain.place(), 0, 0, ALL)?, Vec::new())?;
    same("more than there are", store.of_log(chain.place(), 2, 9, ALL)?, entries[2..].to_vec())
}

fn reads_are_bounded_by_bytes(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let append = chain.append(&[&[1; 1000], &[2; 1000], &[3; 1000]]);
    let entries = entries_of(&append);
    let size = entries[0].size();
    store.write(vec![append])?;
    for (max_bytes, promised) in
        [(0, 1), (size - 1, 1), (size, 1), (2 * size - 1, 1), (2 * size, 2), (3 * size, 3)]
    {
        let read = store.of_log(chain.place(), 0, ALL, max_bytes)?;
        same(&format!("by log, {max_bytes} bytes"), read, entries[..promised].to_vec())?;
        let read = store.arrived(chain.space(), Arrival(0), max_bytes)?;
        same(&format!("by arrival, {max_bytes} bytes"), read.len(), promised)?;
    }
    Ok(())
}

fn numbers_use_their_whole_range(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let mut logs: Vec<Chain> = [0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, u64::MAX, 1]
        .into_iter()
        .map(|slot| Chain::new(space, 0xff, slot))
        .collect();
    let batch: Vec<Write> = logs.iter_mut().map(|log| log.append(&[b"x"])).collect();
    store.write(batch)?;
    let promised: Frontier = logs.iter().map(|log| (log.log(), log.head())).collect();
    same("frontier", store.frontier(space)?, promised)?;
    for log in &logs {
        same("entries", store.of_log(log.place(), 0, ALL, ALL)?.len(), 1)?;
    }
    Ok(())
}

fn spaces_are_apart(store: &mut Script<'_>) -> Result<(), Halt> {
    let (mut one, mut two) = (Chain::new(a_space(1), 1, 1), Chain::new(a_space(2), 1, 1));
    let (first, second) = (one.append(&[b"one"]), two.append(&[b"two"]));
    let (in_one, in_two) = (entries_of(&first), entries_of(&second));
    store.write(vec![first, second])?;
    same("entries of one", store.all(one.space())?, in_one)?;
    same("entries of the other", store.all(two.space())?, in_two)?;
    let mut spaces = vec![one.space(), two.space()];
    spaces.sort();
    same("spaces in order", store.spaces()?, spaces)?;
    store.write(vec![
        put(None, "key", b"store"),
        put(Some(one.space()), "key", b"one"),
        put(Some(two.space()), "key", b"two"),
    ])?;
    same("the store's own value", store.value(None, "key")?, Some(b"store".to_vec()))?;
    same("value of one", store.value(Some(one.space()), "key")?, Some(b"one".to_vec()))?;
    same("value of the other", store.value(Some(two.space()), "key")?, Some(b"two".to_vec()))
}

fn values_are_read_by_prefix(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = Some(a_space(1));
    let names = ["a", "a/", "a/1", "a/10", "a/2", "a/é", "a/\u{10ffff}", "a0", "A/1", "b"];
    store.write(names.iter().rev().map(|name| put(space, name, name.as_bytes())).collect())?;
    let promised = ["a/", "a/1", "a/10", "a/2", "a/é", "a/\u{10ffff}"].map(str::to_owned).to_vec();
    same("names", store.keys(space, "a/")?, promised)?;
    same("none", store.keys(space, "c")?, Vec::new())?;
    same("wildcards mean themselves", store.keys(space, "a%")?, Vec::new())?;
    same("all", store.keys(space, "")?.len(), names.len())?;
    same("one of them", store.value(space, "a/é")?, Some("a/é".as_bytes().to_vec()))?;
    same("elsewhere", store.keys(None, "")?, Vec::new())
}

fn values_are_replaced_and_deleted(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = Some(a_space(1));
    store.write(vec![put(space, "k", b"first"), put(space, "k", b"second"), put(space, "l", b"")])?;
    same("the later counts", store.value(space, "k")?, Some(b"second".to_vec()))?;
    same("an empty value is one", store.value(space, "l")?, Some(Vec::new()))?;
    store.write(vec![delete(space, "k"), put(space, "m", &[0; 300_000])])?;
    same("deleted", store.value(space, "k")?, None)?;
    same("large", store.value(space, "m")?.map(|value| value.len()), Some(300_000))?;
    same("names", store.keys(space, "")?, vec!["l".to_owned(), "m".to_owned()])
}

fn a_missing_body_and_an_empty_one_differ(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let mut append = chain.append(&[b"left out", b""]);
    if let Write::Append { entries, .. } = &mut append {
        entries[0].body = None;
    }
    let entries = entries_of(&append);
    store.write(vec![append])?;
    same("entries", store.all(chain.space())?, entries)
}

fn a_large_body_comes_back(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let body: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_be_bytes).collect();
    let append = chain.append(&[&body, b"small"]);
    let entries = entries_of(&append);
    store.write(vec![append])?;
    same("alone", store.of_log(chain.place(), 0, ALL, 1000)?, entries[..1].to_vec())?;
    same("both", store.of_log(chain.place(), 0, ALL, ALL)?, entries)
}

fn dropping_bodies_keeps_headers(store: &mut Script<'_>) -> Result<(), Halt> {
    let (mut one, mut two) = (Chain::new(a_space(1), 1, 1), Chain::new(a_space(1), 2, 1));
    let mut elsewhere = Chain::new(a_space(2), 1, 1);
    let append = |chain: &mut Chain, of: u8, body: &[u8]| {
        let expect = chain.head();
        let entries = vec![chain.change(of, body)];
        Write::Append { space: chain.space(), log: chain.log(), expect, entries }
    };
    let writes = vec![
        append(&mut one, 1, b"goes"),
        append(&mut one, 2, b"stays"),
        append(&mut two, 1, b"goes too"),
        append(&mut elsewhere, 1, b"of another space"),
    ];
    let before: Vec<Entry> = writes[..3].iter().flat_map(entries_of).collect();
    store.write(writes)?;
    let frontier = store.frontier(one.space())?;
    let drop = Write::DropBodies { space: one.space(), document: document(1) };
    store.write(vec![drop.clone()])?;
    let promised: Vec<Entry> = before
        .into_iter()
        .map(|entry| match entry.header.fields().document == document(1) {
            true => Entry { body: None, ..entry },
            false => entry,
        })
        .collect();
    same("entries", store.all(one.space())?, promised)?;
    same("frontier", store.frontier(one.space())?, frontier)?;
    same("another space", store.all(elsewhere.space())?[0].body.clone(), Some(b"of another space".to_vec()))?;
    store.write(vec![drop, append(&mut one, 1, b"later")])?;
    same(
        "what comes later",
        store.of_log(one.place(), 2, ALL, ALL)?[0].body.clone(),
        Some(b"later".to_vec()),
    )?;
    let membership = samverka_log::DocumentId::ZERO;
    store.malformed(vec![Write::DropBodies { space: one.space(), document: membership }])
}

fn a_removed_space_is_gone(store: &mut Script<'_>) -> Result<(), Halt> {
    let (mut gone, mut kept) = (Chain::new(a_space(1), 1, 1), Chain::new(a_space(2), 1, 1));
    store.write(vec![
        gone.append(&[b"gone", b"gone"]),
        kept.append(&[b"kept"]),
        put(Some(gone.space()), "k", b"gone"),
        put(Some(kept.space()), "k", b"kept"),
        put(None, "k", b"kept"),
    ])?;
    store.write(vec![Write::RemoveSpace(gone.space())])?;
    same("spaces", store.spaces()?, vec![kept.space()])?;
    same("frontier", store.frontier(gone.space())?, Frontier::new())?;
    same("entries", store.all(gone.space())?, Vec::new())?;
    same("by log", store.of_log(gone.place(), 0, ALL, ALL)?, Vec::new())?;
    same("values", store.keys(Some(gone.space()), "")?, Vec::new())?;
    same("entries of the other", store.all(kept.space())?.len(), 1)?;
    same("values of the other", store.keys(Some(kept.space()), "")?, vec!["k".to_owned()])?;
    same("the store's own values", store.keys(None, "")?, vec!["k".to_owned()])
}

fn a_space_made_again_arrives_after(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let mut anew = chain.clone();
    store.write(vec![chain.append(&[b"one", b"two"])])?;
    let seen = store.arrived(chain.space(), Arrival(0), ALL)?;
    let Some((last, _)) = seen.last() else { return holds("there are entries", false) };
    store.write(vec![Write::RemoveSpace(chain.space())])?;
    let again = anew.append(&[b"again"]);
    let entries = entries_of(&again);
    store.write(vec![again])?;
    let later: Vec<_> =
        store.arrived(chain.space(), *last, ALL)?.into_iter().map(|(_, entry)| entry).collect();
    same("what came later", later, entries)
}

fn doing_it_twice_does_no_harm(store: &mut Script<'_>) -> Result<(), Halt> {
    let mut chain = Chain::new(a_space(1), 1, 1);
    let space = chain.space();
    store.write(vec![Write::CreateSpace(space), Write::CreateSpace(space)])?;
    store.write(vec![chain.append(&[b"one"]), put(Some(space), "k", b"v")])?;
    store.write(vec![Write::CreateSpace(space), put(Some(space), "k", b"v")])?;
    same("entries", store.all(space)?.len(), 1)?;
    store.write(vec![
        delete(Some(space), "absent"),
        delete(None, "absent"),
        delete(Some(a_space(3)), "absent"),
    ])?;
    store.write(vec![Write::DropBodies { space, document: document(77) }])?;
    store.write(vec![
        Write::RemoveSpace(a_space(2)),
        Write::DropBodies { space: a_space(2), document: document(1) },
    ])?;
    same("spaces", store.spaces()?, vec![space])?;
    store.write(Vec::new())?;
    same("value", store.value(Some(space), "k")?, Some(b"v".to_vec()))
}
