//! What a snapshot covers, compactly.
//!
//! A list of change hashes would be twelve times the size of the saved document (3.2 MB beside 0.26 MB for 100,000
//! changes, and hashes do not compress). It is not needed: an Automerge change is named by its actor and sequence
//! number, the actor follows from the log, and whoever has loaded the document can look the hashes up. So an entry is
//! covered by three small numbers, and a plan of 100,000 entries by some 400 KB before and a few KB after compression.

use std::collections::BTreeMap;

use samverka_log::limits::LOGS_MAX;
use samverka_log::wire::{Reader, Writer};
use samverka_log::{Frontier, LogHead, LogId};

use crate::content::{ContentError, at_most, count};
use crate::limits::COVERED_ENTRIES_MAX;
use crate::record::SignedRecord;
use crate::varint;

/// Which entries a snapshot holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Everything up to here was known when the snapshot was made.
    pub frontier: Frontier,
    /// The accepted change entries of the snapshot's document, for each log in ascending order of their number.
    pub entries: BTreeMap<LogId, Vec<CoveredEntry>>,
}

/// One covered change entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoveredEntry {
    /// Its number in its log.
    pub number: u64,
    /// The Automerge sequence number of its first change (the log's actor in this document; from 1).
    pub first_seq: u64,
    /// How many changes it holds; their sequence numbers follow each other.
    pub changes: u32,
    /// How many records it holds.
    pub records: u32,
}

impl Coverage {
    /// Each covered entry with its share of the snapshot's records, in order. With the hashes of the changes
    /// `first_seq .. first_seq + changes` of the log's actor, looked up in the loaded document,
    /// [`crate::EpochKey::content_commitment`] says whether the entry's author signed just these.
    pub fn entries_with_records<'a>(
        &'a self,
        records: &'a [SignedRecord],
    ) -> impl Iterator<Item = (LogId, CoveredEntry, &'a [SignedRecord])> {
        let mut left = records;
        self.entries.iter().flat_map(|(log, entries)| entries.iter().map(move |entry| (*log, *entry))).map(
            move |(log, entry)| {
                let (own, rest) =
                    left.split_at(usize::try_from(entry.records).unwrap_or(usize::MAX).min(left.len()));
                left = rest;
                (log, entry, own)
            },
        )
    }

    pub(crate) fn check(&self, records: usize) -> Result<(), ContentError> {
        at_most("logs", self.frontier.len(), LOGS_MAX)?;
        at_most("covered entries", self.entries.values().map(Vec::len).sum(), COVERED_ENTRIES_MAX)?;
        let mut counted = 0_usize;
        for (log, entries) in &self.entries {
            check_log(entries, self.frontier.head(log).next)?;
            for entry in entries {
                counted = counted.saturating_add(usize::try_from(entry.records).unwrap_or(usize::MAX));
            }
        }
        if counted == records {
            Ok(())
        } else {
            Err(ContentError::Coverage("it counts other records than there are"))
        }
    }
}

fn check_log(entries: &[CoveredEntry], next: u64) -> Result<(), ContentError> {
    let (mut least_number, mut least_seq) = (0, 1);
    if entries.is_empty() {
        return Err(ContentError::Coverage("a log without entries is named"));
    }
    for entry in entries {
        if entry.number < least_number || entry.number >= next {
            return Err(ContentError::Coverage("an entry is out of order or outside the frontier"));
        }
        if entry.first_seq < least_seq {
            return Err(ContentError::Coverage("sequence numbers are out of order"));
        }
        least_number = entry.number + 1;
        least_seq = entry.first_seq.checked_add(u64::from(entry.changes)).ok_or(ContentError::Number)?;
    }
    Ok(())
}

/// Layout: the frontier (count u32; device, slot, next, head each, ascending), then the logs with entries (count u32;
/// index in the frontier u32, count u32, entries). An entry is four varints: number less the smallest possible, first
/// sequence number less the smallest possible, changes, records.
pub(crate) fn write(out: &mut Writer, coverage: &Coverage) -> Result<(), ContentError> {
    out.u32(count(coverage.frontier.len())?);
    let mut index_of = BTreeMap::new();
    for (index, (log, head)) in coverage.frontier.iter().enumerate() {
        out.log_head(log, head);
        index_of.insert(*log, count(index)?);
    }
    out.u32(count(coverage.entries.len())?);
    for (log, entries) in &coverage.entries {
        let index = index_of.get(log).ok_or(ContentError::Coverage("a log is outside the frontier"))?;
        out.u32(*index).u32(count(entries.len())?);
        let (mut least_number, mut least_seq) = (0, 1);
        for entry in entries {
            varint::write(out, entry.number - least_number);
            varint::write(out, entry.first_seq - least_seq);
            varint::write(out, u64::from(entry.changes));
            varint::write(out, u64::from(entry.records));
            least_number = entry.number + 1;
            least_seq = entry.first_seq + u64::from(entry.changes);
        }
    }
    Ok(())
}

pub(crate) fn read(input: &mut Reader<'_>) -> Result<Coverage, ContentError> {
    let logs = read_frontier(input)?;
    let with_entries = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    at_most("logs", with_entries, logs.len())?;
    let mut entries = BTreeMap::new();
    let mut least_index = 0;
    let mut budget = COVERED_ENTRIES_MAX;
    for _ in 0..with_entries {
        let index = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
        let (log, _) = logs.get(index).ok_or(ContentError::Coverage("a log is outside the frontier"))?;
        if index < least_index {
            return Err(ContentError::Coverage("logs are out of order"));
        }
        least_index = index + 1;
        let own = read_entries(input, &mut budget)?;
        entries.insert(*log, own);
    }
    Ok(Coverage { frontier: logs.into_iter().collect(), entries })
}

fn read_frontier(input: &mut Reader<'_>) -> Result<Vec<(LogId, LogHead)>, ContentError> {
    let len = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    at_most("logs", len, LOGS_MAX)?;
    let mut logs: Vec<(LogId, LogHead)> = Vec::new();
    for _ in 0..len {
        let (log, head) = input.log_head()?;
        if logs.last().is_some_and(|(previous, _)| *previous >= log) {
            return Err(ContentError::Coverage("logs are out of order"));
        }
        if head.next == 0 {
            return Err(ContentError::Coverage("an empty log is named"));
        }
        logs.push((log, head));
    }
    Ok(logs)
}

fn read_entries(input: &mut Reader<'_>, budget: &mut usize) -> Result<Vec<CoveredEntry>, ContentError> {
    let len = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    at_most("covered entries", len, *budget)?;
    *budget -= len;
    let mut entries = Vec::new();
    let (mut least_number, mut least_seq) = (0_u64, 1_u64);
    let plus = |a: u64, b: u64| a.checked_add(b).ok_or(ContentError::Number);
    for _ in 0..len {
        let number = plus(least_number, varint::read(input)?)?;
        let first_seq = plus(least_seq, varint::read(input)?)?;
        let changes = u32::try_from(varint::read(input)?).map_err(|_| ContentError::Number)?;
        let records = u32::try_from(varint::read(input)?).map_err(|_| ContentError::Number)?;
        entries.push(CoveredEntry { number, first_seq, changes, records });
        least_number = plus(number, 1)?;
        least_seq = plus(first_seq, u64::from(changes))?;
    }
    Ok(entries)
}
