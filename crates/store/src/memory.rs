//! The contract in memory: the model that other backends are compared with, and the store of tests.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::{DocumentId, Entry, Frontier, LogHead, LogId, LogRange, SpaceId};

use crate::{Arrival, Store, StoreError, Write, check_run, check_write, push_number};

/// A store that is gone with the process. Cloning it gives a second, independent one: a backup.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    spaces: BTreeMap<SpaceId, Space>,
    values: BTreeMap<String, Vec<u8>>,
    arrivals: u64,
}

#[derive(Clone, Debug, Default)]
struct Space {
    logs: BTreeMap<LogId, Vec<Arrival>>,
    entries: BTreeMap<Arrival, Entry>,
    frontier: Frontier,
    values: BTreeMap<String, Vec<u8>>,
    dropped: BTreeSet<DocumentId>,
}

impl Space {
    /// The entry with a number, if it is here.
    fn place(&self, log: &LogId, number: u64) -> Option<Arrival> {
        self.logs.get(log)?.get(usize::try_from(number).ok()?).copied()
    }

    fn may_be_filled(&self, entry: &Entry) -> bool {
        entry.body.is_none() && !self.dropped.contains(&entry.header.fields().document)
    }
}

impl MemoryStore {
    /// An empty store.
    pub const fn new() -> Self {
        Self { spaces: BTreeMap::new(), values: BTreeMap::new(), arrivals: 0 }
    }

    /// Carries out a write that was checked before.
    fn apply(&mut self, write: &Write) {
        match write {
            Write::CreateSpace(space) => {
                self.spaces.entry(*space).or_default();
            }
            Write::Append { space, log, expect, entries } => self.append(*space, *log, *expect, entries),
            Write::Put { space, key, value } => {
                self.values_mut(*space).insert(key.clone(), value.clone());
            }
            Write::Delete { space: None, key } => drop(self.values.remove(key)),
            Write::Delete { space: Some(space), key } => {
                if let Some(space) = self.spaces.get_mut(space) {
                    space.values.remove(key);
                }
            }
            Write::Fill { space, entries } => self.fill(*space, entries),
            Write::DropBodies { space, document } => self.drop_bodies(*space, *document),
            Write::RemoveSpace(space) => drop(self.spaces.remove(space)),
        }
    }

    fn values_mut(&mut self, space: Option<SpaceId>) -> &mut BTreeMap<String, Vec<u8>> {
        match space {
            None => &mut self.values,
            Some(space) => &mut self.spaces.entry(space).or_default().values,
        }
    }

    fn append(&mut self, space: SpaceId, log: LogId, expect: LogHead, entries: &[Entry]) {
        let space = self.spaces.entry(space).or_default();
        let mut head = expect;
        for entry in entries {
            self.arrivals += 1;
            let arrival = Arrival(self.arrivals);
            space.logs.entry(log).or_default().push(arrival);
            space.entries.insert(arrival, entry.clone());
            head = LogHead { next: head.next + 1, head: entry.id() };
        }
        space.frontier.set(log, head);
    }

    fn fill(&mut self, space: SpaceId, entries: &[Entry]) {
        let Some(space) = self.spaces.get_mut(&space) else { return };
        for entry in entries {
            let fields = entry.header.fields();
            let Some(place) = space.place(&fields.log, fields.number) else { continue };
            let fits = |stored: &Entry| stored.id() == entry.id() && space.may_be_filled(stored);
            if space.entries.get(&place).is_some_and(fits) {
                space.entries.insert(place, entry.clone());
            }
        }
    }

    fn drop_bodies(&mut self, space: SpaceId, document: DocumentId) {
        let Some(space) = self.spaces.get_mut(&space) else { return };
        space.dropped.insert(document);
        for entry in space.entries.values_mut() {
            if entry.header.fields().document == document {
                entry.body = None;
            }
        }
    }
}

impl Store for MemoryStore {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        // Everything that can fail is found before anything changes.
        Heads::of(self).check(batch)?;
        for write in batch {
            self.apply(write);
        }
        Ok(())
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError> {
        Ok(self.spaces.keys().copied().collect())
    }

    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError> {
        Ok(self.spaces.get(&space).map(|space| space.frontier.clone()).unwrap_or_default())
    }

    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let Some(space) = self.spaces.get(&space) else { return Ok(Vec::new()) };
        let arrivals = space.logs.get(&log).map_or(&[][..], Vec::as_slice);
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(arrivals.len());
        let entries =
            arrivals[from..].iter().filter_map(|arrival| space.entries.get(arrival)).take(max_entries);
        Ok(within(entries, max_bytes, |entry| entry.size()).cloned().collect())
    }

    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        let Some(space) = self.spaces.get(&space) else { return Ok(Vec::new()) };
        let entries = space.entries.range(Arrival(after.0.saturating_add(1))..);
        let entries = within(entries, max_bytes, |(_, entry)| entry.size());
        Ok(entries.map(|(arrival, entry)| (*arrival, entry.clone())).collect())
    }

    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError> {
        let Some(space) = self.spaces.get(&space) else { return Ok(Vec::new()) };
        let mut ranges: Vec<LogRange> = Vec::new();
        let entries = space.logs.iter().flat_map(|(log, arrivals)| {
            (0..)
                .zip(arrivals)
                .filter_map(|(number, arrival)| Some((*log, number, space.entries.get(arrival)?)))
        });
        for (log, number, entry) in entries {
            let begun = from.is_none_or(|from| (log, number) >= from);
            if begun && space.may_be_filled(entry) && !push_number(&mut ranges, log, number, max_ranges) {
                break;
            }
        }
        Ok(ranges)
    }

    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let values = match space {
            None => Some(&self.values),
            Some(space) => self.spaces.get(&space).map(|space| &space.values),
        };
        Ok(values.and_then(|values| values.get(key)).cloned())
    }

    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let values = match space {
            None => Some(&self.values),
            Some(space) => self.spaces.get(&space).map(|space| &space.values),
        };
        let Some(values) = values else { return Ok(Vec::new()) };
        let from = values.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(from.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}

/// Where logs will stand while a batch is carried out.
struct Heads<'a> {
    store: &'a MemoryStore,
    moved: BTreeMap<(SpaceId, LogId), LogHead>,
    removed: BTreeSet<SpaceId>,
}

impl<'a> Heads<'a> {
    const fn of(store: &'a MemoryStore) -> Self {
        Self { store, moved: BTreeMap::new(), removed: BTreeSet::new() }
    }

    fn check(mut self, batch: &[Write]) -> Result<(), StoreError> {
        for write in batch {
            check_write(write)?;
            match write {
                Write::Append { space, log, expect, entries } => {
                    let stored = self.head(*space, *log);
                    if stored != *expect {
                        return Err(StoreError::Conflict { space: *space, log: *log, stored });
                    }
                    let head = check_run(*space, *log, *expect, entries)?;
                    self.moved.insert((*space, *log), head);
                }
                Write::RemoveSpace(space) => {
                    self.removed.insert(*space);
                    self.moved.retain(|(of, _), _| of != space);
                }
                Write::CreateSpace(_)
                | Write::Put { .. }
                | Write::Delete { .. }
                | Write::Fill { .. }
                | Write::DropBodies { .. } => {}
            }
        }
        Ok(())
    }

    fn head(&self, space: SpaceId, log: LogId) -> LogHead {
        let stored = || self.store.spaces.get(&space).map(|space| space.frontier.head(&log));
        match self.moved.get(&(space, log)) {
            Some(head) => *head,
            None if self.removed.contains(&space) => LogHead::EMPTY,
            None => stored().unwrap_or(LogHead::EMPTY),
        }
    }
}

/// Items until their sizes exceed a limit; the first comes in any case.
fn within<T>(
    items: impl Iterator<Item = T>,
    max_bytes: usize,
    size: impl Fn(&T) -> usize,
) -> impl Iterator<Item = T> {
    let mut total = 0_usize;
    items
        .enumerate()
        .take_while(move |(index, item)| {
            total = total.saturating_add(size(item));
            *index == 0 || total <= max_bytes
        })
        .map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;
    use crate::conformance;

    #[test]
    fn the_memory_store_keeps_the_contract() {
        conformance::run(MemoryStore::new);
    }

    #[test]
    fn a_copy_of_the_memory_store_is_one_of_its_own() {
        conformance::run_reopening(MemoryStore::new, |store| store.clone());
    }
}
