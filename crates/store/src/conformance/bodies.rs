//! What is promised of bodies that come later than their headers.

use samverka_log::Entry;

use super::Halt;
use super::cases::{a_space, entries_of};
use super::chain::{Chain, document};
use super::script::{ALL, Script, holds, same};
use crate::{Arrival, Write};

fn fill(space: samverka_log::SpaceId, entries: &[Entry]) -> Write {
    Write::Fill { space, entries: entries.to_vec() }
}

pub(crate) fn a_body_is_filled_in_where_it_arrived(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let (mut one, mut two) = (Chain::new(space, 1, 1), Chain::new(space, 2, 1));
    let (append, whole) = one.append_headers(&[b"first", b"", b"third"]);
    let (Write::Fill { entries, .. }, headers) = (whole, entries_of(&append)) else { return Ok(()) };
    store.write(vec![append, two.append(&[b"of another log"])])?;
    let before = store.arrived(space, Arrival(0), ALL)?;
    same("headers alone", store.of_log(one.place(), 0, ALL, ALL)?, headers)?;
    // Out of order, and one at a time: an empty body is a body.
    for place in [2, 1, 0] {
        store.write(vec![fill(space, &entries[place..=place])])?;
        let read = store.of_log(one.place(), place.try_into().unwrap_or(u64::MAX), 1, ALL)?;
        same("filled", read, vec![entries[place].clone()])?;
    }
    same("all", store.of_log(one.place(), 0, ALL, ALL)?, entries.clone())?;
    let after = store.arrived(space, Arrival(0), ALL)?;
    let ids =
        |read: &[(Arrival, Entry)]| read.iter().map(|(at, entry)| (*at, entry.id())).collect::<Vec<_>>();
    same("places", ids(&after), ids(&before))?;
    same("frontier", store.frontier(space)?.head(&one.log()), one.head())?;
    let (append, whole) = one.append_headers(&[b"in one batch"]);
    let Write::Fill { entries: later, .. } = &whole else { return Ok(()) };
    let later = later.clone();
    store.write(vec![append, whole])?;
    same("in one batch", store.of_log(one.place(), 3, ALL, ALL)?, later)
}

pub(crate) fn filling_passes_over(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let mut chain = Chain::new(space, 1, 1);
    let mut branch = chain.clone();
    let (mut unknown_log, mut elsewhere) = (Chain::new(space, 2, 1), Chain::new(a_space(2), 1, 1));
    let append = chain.append(&[b"has its body"]);
    let stored = entries_of(&append);
    let (headers, whole) = chain.append_headers(&[b"is filled"]);
    let Write::Fill { entries: filled, .. } = &whole else { return Ok(()) };
    let promised = [stored.clone(), filled.clone()].concat();
    store.write(vec![append, headers])?;
    let other = entries_of(&branch.append(&[b"another entry", b"in the same place"]));
    let mut another_body = stored;
    another_body[0].body = Some(b"another body".to_vec());
    let ahead = entries_of(&chain.append(&[b"not here yet"]));
    let (unknown, foreign) =
        (entries_of(&unknown_log.append(&[b"x"])), entries_of(&elsewhere.append(&[b"x"])));
    let all = [other, another_body, ahead, unknown, filled.clone()].concat();
    store.write(vec![fill(space, &all), fill(a_space(2), &foreign), fill(space, &[])])?;
    same("entries", store.all(space)?, promised.clone())?;
    store.write(vec![whole.clone(), whole])?;
    same("entries, filled again", store.all(space)?, promised)?;
    same("spaces", store.spaces()?, vec![space])
}

pub(crate) fn what_was_dropped_is_never_filled(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let (mut chain, mut again) = (Chain::new(space, 1, 1), Chain::new(space, 1, 1));
    let append = chain.append(&[b"goes"]);
    let mut entries = entries_of(&append);
    store.write(vec![append])?;
    store.write(vec![Write::DropBodies { space, document: document(1) }])?;
    let (later, whole) = chain.append_headers(&[b"comes without its body"]);
    store.write(vec![later])?;
    store.write(vec![fill(space, &entries), whole])?;
    holds("dropped bodies stay away", store.all(space)?.iter().all(|entry| entry.body.is_none()))?;
    same("nothing is to be filled", store.bodyless(space, None, ALL)?, Vec::new())?;
    // Nor where it was never here.
    let mut other = Chain::new(space, 2, 1);
    let expect = other.head();
    let whole = vec![other.change(2, b"never here")];
    let header = vec![Entry { body: None, ..whole[0].clone() }];
    store.write(vec![Write::DropBodies { space, document: document(2) }])?;
    store.write(vec![Write::Append { space, log: other.log(), expect, entries: header }])?;
    store.write(vec![fill(space, &whole)])?;
    same("never here", store.of_log(other.place(), 0, ALL, ALL)?[0].body.clone(), None)?;
    // A space that is made again begins anew.
    let (append, whole) = again.append_headers(&[b"goes"]);
    store.write(vec![Write::RemoveSpace(space), append, whole])?;
    entries.truncate(1);
    same("made again", store.all(space)?, entries)
}

pub(crate) fn what_lacks_a_body_is_told_in_ranges(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let (mut high, mut low) = (Chain::new(space, 9, u64::MAX), Chain::new(space, 1, 1));
    let mut elsewhere = Chain::new(a_space(2), 1, 1);
    let (gap, gap_filled) = high.append_headers(&[b"0", b"1"]);
    store.write(vec![gap, high.append(&[b"2"])])?;
    let (more, more_filled) = high.append_headers(&[b"3", b"4", b"5"]);
    let (below, _) = low.append_headers(&[b"0", b"1"]);
    store.write(vec![more, below, elsewhere.append_headers(&[b"0"]).0])?;
    let (high, low) = (high.log(), low.log());
    let all = vec![(low, 0, 2), (high, 0, 2), (high, 3, 6)];
    same("all", store.bodyless(space, None, ALL)?, all.clone())?;
    same("none", store.bodyless(space, None, 0)?, Vec::new())?;
    let mut read = Vec::new();
    for _ in 0..=all.len() {
        let from = read.last().map(|(log, _, until)| (*log, *until));
        read.extend(store.bodyless(space, from, 1)?);
    }
    same("a range at a time", read, all)?;
    same("within a range", store.bodyless(space, Some((high, 1)), ALL)?, vec![(high, 1, 2), (high, 3, 6)])?;
    same("past the end", store.bodyless(space, Some((high, u64::MAX)), ALL)?, Vec::new())?;
    let Write::Fill { entries, .. } = more_filled else { return Ok(()) };
    store.write(vec![gap_filled, fill(space, &entries[1..2])])?;
    let left = vec![(low, 0, 2), (high, 3, 4), (high, 5, 6)];
    same("what is left", store.bodyless(space, None, ALL)?, left)?;
    store.write(vec![Write::DropBodies { space, document: document(1) }])?;
    same("after a drop", store.bodyless(space, None, ALL)?, Vec::new())?;
    same("elsewhere", store.bodyless(a_space(2), None, ALL)?.len(), 1)
}

pub(crate) fn an_entry_to_be_filled_comes_whole(store: &mut Script<'_>) -> Result<(), Halt> {
    let space = a_space(1);
    let mut chain = Chain::new(space, 1, 1);
    let (append, whole) = chain.append_headers(&[b"one", b"two"]);
    let Write::Fill { entries, .. } = whole else { return Ok(()) };
    let headers = entries_of(&append);
    store.write(vec![append])?;
    let half = vec![entries[0].clone(), headers[1].clone()];
    store.malformed(vec![fill(space, &half)])?;
    store.malformed(vec![fill(a_space(2), &entries)])?;
    same("nothing was filled", store.all(space)?, headers)
}
