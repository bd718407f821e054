//! The conformance suite is worth what it catches: stores with one fault each have to fail it.

use samverka_log::{Entry, Frontier, LogId, LogRange, SpaceId};
use samverka_store::conformance::{CASES, Next};
use samverka_store::{Arrival, MemoryStore, Request, Store, StoreError, Write, handle};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    WritesHalfABatch,
    ForgetsToCompare,
    KeepsDroppedBodies,
    IgnoresTheLimitOfBytes,
    IgnoresTheLimitOfEntries,
    KeepsValuesOfRemovedSpaces,
    StartsArrivalsAnew,
    FillsByNumberAlone,
    ForgetsWhatWasDropped,
    FillsNothing,
    ForgetsWhereToGoOn,
}

struct Faulty {
    fault: Fault,
    store: MemoryStore,
}

impl Faulty {
    /// A fill whose entries have the headers that are stored in their places.
    fn with_stored_headers(&self, write: &Write) -> Write {
        let Write::Fill { space, entries } = write else { return write.clone() };
        let stored = |entry: &Entry| {
            let fields = entry.header.fields();
            let read = self.store.entries_of_log(*space, fields.log, fields.number, 1, usize::MAX).ok()?;
            Some(Entry { header: read.first()?.header.clone(), body: entry.body.clone() })
        };
        let entries = entries.iter().map(|entry| stored(entry).unwrap_or_else(|| entry.clone())).collect();
        Write::Fill { space: *space, entries }
    }

    /// Drops bodies by writing the space anew without them.
    fn write_forgetfully(&mut self, write: &Write) -> Result<(), StoreError> {
        let Write::DropBodies { space, document } = write else {
            return self.store.write(core::slice::from_ref(write));
        };
        if !self.store.spaces()?.contains(space) {
            return Ok(());
        }
        let entries = self.store.entries_by_arrival(*space, Arrival(0), usize::MAX)?;
        let values = self.store.values(Some(*space), "")?;
        self.store.write(&[Write::RemoveSpace(*space), Write::CreateSpace(*space)])?;
        for (_, mut entry) in entries {
            if entry.header.fields().document == *document {
                entry.body = None;
            }
            let log = entry.header.fields().log;
            let expect = self.store.frontier(*space)?.head(&log);
            self.store.write(&[Write::Append { space: *space, log, expect, entries: vec![entry] }])?;
        }
        let values = values.into_iter().map(|(key, value)| Write::Put { space: Some(*space), key, value });
        self.store.write(&values.collect::<Vec<_>>())
    }
}

impl Store for Faulty {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        match self.fault {
            Fault::WritesHalfABatch => {
                batch.iter().try_for_each(|write| self.store.write(core::slice::from_ref(write)))
            }
            Fault::ForgetsToCompare => match self.store.write(batch) {
                Err(StoreError::Conflict { .. }) => Ok(()),
                other => other,
            },
            Fault::KeepsDroppedBodies => {
                let rest: Vec<_> = batch
                    .iter()
                    .filter(|write| !matches!(write, Write::DropBodies { .. }))
                    .cloned()
                    .collect();
                self.store.write(&rest)
            }
            Fault::KeepsValuesOfRemovedSpaces => {
                let mut kept = Vec::new();
                for write in batch {
                    if let Write::RemoveSpace(space) = write {
                        let values = self.store.values(Some(*space), "")?;
                        kept.extend(values.into_iter().map(|(key, value)| Write::Put {
                            space: Some(*space),
                            key,
                            value,
                        }));
                    }
                }
                self.store.write(batch)?;
                self.store.write(&kept)
            }
            Fault::StartsArrivalsAnew if matches!(batch, [Write::RemoveSpace(_)]) => {
                self.store = MemoryStore::new();
                Ok(())
            }
            Fault::FillsNothing => {
                let rest: Vec<_> =
                    batch.iter().filter(|write| !matches!(write, Write::Fill { .. })).cloned().collect();
                self.store.write(&rest)
            }
            Fault::FillsByNumberAlone => {
                let filled = batch.iter().map(|write| self.with_stored_headers(write)).collect::<Vec<_>>();
                self.store.write(&filled)
            }
            Fault::ForgetsWhatWasDropped => batch.iter().try_for_each(|write| self.write_forgetfully(write)),
            _ => self.store.write(batch),
        }
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError> {
        self.store.spaces()
    }

    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError> {
        self.store.frontier(space)
    }

    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let max_entries =
            if self.fault == Fault::IgnoresTheLimitOfEntries { usize::MAX } else { max_entries };
        self.store.entries_of_log(space, log, from, max_entries, max_bytes)
    }

    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        let max_bytes = if self.fault == Fault::IgnoresTheLimitOfBytes { usize::MAX } else { max_bytes };
        self.store.entries_by_arrival(space, after, max_bytes)
    }

    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError> {
        let from = from.filter(|_| self.fault != Fault::ForgetsWhereToGoOn);
        self.store.bodyless(space, from, max_ranges)
    }

    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.value(space, key)
    }

    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        self.store.values(space, prefix)
    }
}

fn failures(fault: Fault) -> usize {
    let make = || Faulty { fault, store: MemoryStore::new() };
    CASES.iter().filter(|case| case.hold(make(), |store| store).is_err()).count()
}

#[test]
fn a_store_with_one_fault_fails_the_suite() {
    for fault in [
        Fault::WritesHalfABatch,
        Fault::ForgetsToCompare,
        Fault::KeepsDroppedBodies,
        Fault::IgnoresTheLimitOfBytes,
        Fault::IgnoresTheLimitOfEntries,
        Fault::KeepsValuesOfRemovedSpaces,
        Fault::StartsArrivalsAnew,
        Fault::FillsByNumberAlone,
        Fault::ForgetsWhatWasDropped,
        Fault::FillsNothing,
        Fault::ForgetsWhereToGoOn,
    ] {
        assert_ne!(failures(fault), 0, "{fault:?}");
    }
    assert_eq!(failures(Fault::None), 0);
}

#[test]
fn a_store_that_answers_later_can_run_the_suite_one_request_at_a_time() {
    for case in CASES {
        let mut store = MemoryStore::new();
        let mut answers = Vec::new();
        while let Next::Ask(request) = case.next(&answers).unwrap() {
            // An event loop would come back here with the answer.
            answers.push(handle(&mut store, &request));
        }
        assert_eq!(case.next(&answers), Ok(Next::Passed), "{}", case.name);
    }
}

#[test]
fn a_reader_refuses_to_write() {
    let answer = samverka_store::handle_read(&MemoryStore::new(), &Request::Write(Vec::new()));
    assert!(matches!(answer, Err(StoreError::ReadOnly)));
}
