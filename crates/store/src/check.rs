//! What every backend refuses before it touches anything, so that none stores what another would not; and how each
//! lists numbers, so that none lists them otherwise.

use samverka_log::{Entry, LogHead, LogId, LogRange, SpaceId};

use crate::{StoreError, Write};

/// Bytes of a value's name: a word and an id or two.
pub const KEY_BYTES_MAX: usize = 256;

/// Bytes of a value. Checkpoints of documents are the largest, and a plan with 100,000 changes takes 0.26 MB.
pub const VALUE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Checks what can be said of a write without looking into the store.
///
/// # Errors
/// [`StoreError::Malformed`].
pub fn check_write(write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Put { key, value, .. } => {
            check_key(key)?;
            refuse(value.len() > VALUE_BYTES_MAX, "a value is over the limit of size")
        }
        Write::Delete { key, .. } => check_key(key),
        Write::Fill { space, entries } => entries.iter().try_for_each(|entry| {
            refuse(entry.header.space() != *space, "an entry belongs to another space")?;
            refuse(entry.body.is_none(), "an entry to be filled comes without a body")
        }),
        Write::DropBodies { document, .. } => {
            refuse(document.is_zero(), "membership operations are never dropped")
        }
        Write::CreateSpace(_) | Write::Append { .. } | Write::RemoveSpace(_) => Ok(()),
    }
}

/// Checks that entries follow each other in a log of a space from a place on, so that no backend stores a broken
/// chain. Answers where the log stands after them.
///
/// # Errors
/// [`StoreError::Malformed`].
pub fn check_run(
    space: SpaceId,
    log: LogId,
    expect: LogHead,
    entries: &[Entry],
) -> Result<LogHead, StoreError> {
    let mut head = expect;
    for entry in entries {
        let fields = entry.header.fields();
        refuse(entry.header.space() != space || fields.log != log, "an entry belongs to another log")?;
        refuse(
            fields.number != head.next || fields.previous != head.head,
            "an entry does not follow the one before it",
        )?;
        let next = head.next.checked_add(1).ok_or(StoreError::Malformed("a log is as long as can be"))?;
        head = LogHead { next, head: entry.id() };
    }
    Ok(head)
}

/// Adds a number to ranges that so far end before it. Answers whether it was added: not where that would make a range
/// more than `max_ranges`.
pub fn push_number(ranges: &mut Vec<LogRange>, log: LogId, number: u64, max_ranges: usize) -> bool {
    if let Some(last) = ranges.last_mut()
        && last.log == log
        && last.until == number
    {
        last.until = number.saturating_add(1);
        return true;
    }
    if ranges.len() >= max_ranges {
        return false;
    }
    ranges.push(LogRange { log, from: number, until: number.saturating_add(1) });
    true
}

fn check_key(key: &str) -> Result<(), StoreError> {
    refuse(key.is_empty() || key.len() > KEY_BYTES_MAX, "a value's name is empty or over the limit")
}

const fn refuse(broken: bool, what: &'static str) -> Result<(), StoreError> {
    if broken { Err(StoreError::Malformed(what)) } else { Ok(()) }
}
