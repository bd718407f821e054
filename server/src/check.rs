//! `samverka-relay check`: is everything on disk what was once signed and accepted?

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use samverka_log::{DocumentId, Entry, EntryKind, LogHead, LogId, Operation, Receipt, SpaceId};
use samverka_store::{Arrival, Store};

use crate::storage::open_to_read;

/// Bytes of entries read at a time.
const READ_BYTES: usize = 4 * 1024 * 1024;

/// Checks the store in a data folder; writes a sentence for each fault and one at the end, and answers how many
/// faults there are.
///
/// # Errors
/// Where the store cannot be read or the sentences not be written.
pub fn run(data: &Path, out: &mut impl Write) -> Result<u64> {
    let store = open_to_read(data)?;
    let damage = store.integrity_check().context("check the database")?;
    for line in &damage {
        writeln!(out, "the database: {line}")?;
    }
    Ok(check(&store, out)? + u64::try_from(damage.len())?)
}

/// As [`run`], for a store that is open.
///
/// # Errors
/// As [`run`].
pub fn check(store: &impl Store, out: &mut impl Write) -> Result<u64> {
    let spaces = store.spaces().context("list the spaces")?;
    let mut tally = Tally::default();
    for space in &spaces {
        let mut check = Check { store, out, space: *space, tally: &mut tally, dropped: BTreeSet::new() };
        check.run().with_context(|| format!("check space {space}"))?;
    }
    let Tally { entries, faults } = tally;
    match faults {
        0 => writeln!(
            out,
            "{entries} entries in {} spaces: every chain, signature and body holds",
            spaces.len()
        )?,
        _ => writeln!(out, "{entries} entries in {} spaces, {faults} faults", spaces.len())?,
    }
    Ok(faults)
}

#[derive(Debug, Default)]
struct Tally {
    entries: u64,
    faults: u64,
}

struct Check<'a, S, W> {
    store: &'a S,
    out: &'a mut W,
    space: SpaceId,
    tally: &'a mut Tally,
    dropped: BTreeSet<DocumentId>,
}

impl<S: Store, W: Write> Check<'_, S, W> {
    fn run(&mut self) -> Result<()> {
        for (key, value) in self.store.values(Some(self.space), "")? {
            if let Some(document) = key.strip_prefix("drop/") {
                self.dropped.extend(document.parse::<DocumentId>().ok());
            } else if key.starts_with("receipt/") && Receipt::verify(&value).is_err() {
                self.fault(&format!("the value {key} is not a signed receipt"))?;
            }
        }
        let frontier = self.store.frontier(self.space)?;
        for (log, head) in frontier.iter() {
            self.log(*log, *head)?;
        }
        self.arrivals(frontier.entries())
    }

    fn log(&mut self, log: LogId, head: LogHead) -> Result<()> {
        let mut reached = LogHead::EMPTY;
        loop {
            let entries = self.store.entries_of_log(self.space, log, reached.next, usize::MAX, READ_BYTES)?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                self.entry(&entry, log, reached)?;
                reached = LogHead { next: reached.next.saturating_add(1), head: entry.id() };
            }
        }
        if reached != head {
            self.fault(&format!(
                "log {log} ends after {} entries, not where the index says ({})",
                reached.next, head.next
            ))?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, log: LogId, before: LogHead) -> Result<()> {
        self.tally.entries += 1;
        let fields = entry.header.fields();
        let place = format!("entry {} of log {log}", before.next);
        if fields.log != log || entry.header.space() != self.space {
            self.fault(&format!("{place} belongs elsewhere"))?;
        }
        if fields.number != before.next || fields.previous != before.head {
            self.fault(&format!("{place} does not follow the one before it"))?;
        }
        if entry.header.verify().is_err() {
            self.fault(&format!("{place} has a signature that does not hold"))?;
        }
        match &entry.body {
            Some(body) if !entry.header.matches_body(body) => {
                self.fault(&format!("{place} has a body that is not its own"))
            }
            Some(body) if fields.kind == EntryKind::Membership && Operation::decode(body).is_err() => {
                self.fault(&format!("{place} is not a membership operation"))
            }
            None if !self.dropped.contains(&fields.document) => {
                self.fault(&format!("{place} has lost its body"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The order of arrival has to bring every entry, once.
    fn arrivals(&mut self, expected: u64) -> Result<()> {
        let (mut after, mut seen) = (Arrival::default(), 0_u64);
        loop {
            let entries = self.store.entries_by_arrival(self.space, after, READ_BYTES)?;
            let Some((last, _)) = entries.last() else { break };
            after = *last;
            seen = seen.saturating_add(u64::try_from(entries.len())?);
        }
        if seen != expected {
            self.fault(&format!("{seen} entries arrived, {expected} are in the logs"))?;
        }
        Ok(())
    }

    fn fault(&mut self, what: &str) -> Result<()> {
        self.tally.faults += 1;
        writeln!(self.out, "space {}: {what}", self.space).context("write the fault")
    }
}
