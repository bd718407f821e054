//! The contract's operations as statements.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use samverka_log::{
    DeviceId, DocumentId, Entry, EntryId, Frontier, LogHead, LogId, LogRange, SignedHeader, SlotId, SpaceId,
};
use samverka_store::{Arrival, Store, StoreError, Write, check_run, check_write, push_number};

use crate::error::{corrupt, store_error};
use crate::{OpenOptions, backup, open};

/// Space 0 in the table of values is the store itself.
const STORE_ITSELF: i64 = 0;

/// The least log id.
const FIRST_LOG: LogId = LogId { device: DeviceId::ZERO, slot: SlotId::MEMBERSHIP };

/// What lacks a body in a space, from a place on: for each of its logs, in order, a look into the index of what is
/// lacking. The cross join keeps that order.
const BODYLESS: &str = "SELECT log.device, log.slot, entry.number FROM log
    CROSS JOIN entry ON entry.log = log.no AND entry.lacks_body IS NOT NULL
    WHERE log.space = ?1 AND (log.device, log.slot) >= (?2, ?3)
    AND ((log.device, log.slot) > (?2, ?3) OR entry.number >= ?4)
    ORDER BY log.device, log.slot, entry.number";

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    busy: Duration,
    /// Something was erased, and the write-ahead log may still hold it.
    erasure_due: bool,
}

impl SqliteStore {
    /// Opens a store, making it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`]: the file cannot be read or written, is no store, or is of a newer version.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        Ok(Self::new(open::open(path, options)?, options))
    }

    /// Opens a store for reading only.
    ///
    /// # Errors
    /// [`StoreError`]: the file cannot be read, is no store, or is of a newer version.
    pub fn open_to_read(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        Ok(Self::new(open::open_to_read(path, options)?, options))
    }

    fn new(connection: Connection, options: &OpenOptions) -> Self {
        Self { connection, busy: Duration::from_millis(options.busy_ms_max), erasure_due: false }
    }

    /// A number that changes whenever another connection, of this or another process, has written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(store_error)
    }

    /// Copies the store, as it is at one moment, into a new file, while others read and write. The file appears under
    /// its name when it is whole, checked and synced; its owner alone may read it.
    ///
    /// # Errors
    /// [`StoreError`]; an existing file is not written over.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        backup::copy(&self.connection, to)
    }

    /// What SQLite finds wrong with the file; empty when it is sound.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(store_error)?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(store_error)?;
        let lines: Vec<String> = lines.collect::<Result<_, _>>().map_err(store_error)?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Writes several batches with one commit, each whole or not at all, and answers each in turn when all that
    /// succeeded is durable. One that conflicts leaves the others as they are.
    pub fn write_group(&mut self, batches: &[&[Write]]) -> Vec<Result<(), StoreError>> {
        let mut stopped = None;
        if batches.len() > 1 {
            match self.write_together(batches) {
                Ok(answers) => return answers,
                Err(error) => stopped = Some(error).filter(stops_all),
            }
        }
        // What fails together may succeed alone: a small batch may fit on a full disk, a damaged page concerns one
        // space. Nothing of the group is there, so each is written for the first time.
        let alone = batches.iter().map(|batch| {
            if let Some(error) = &stopped {
                return Err(error.clone());
            }
            let answer = self.write(batch);
            stopped = answer.as_ref().err().filter(|error| stops_all(error)).cloned();
            answer
        });
        alone.collect()
    }

    /// Where the medium fails, and not a batch, everything is taken back.
    fn write_together(&mut self, batches: &[&[Write]]) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        // A way back from each batch costs a copy of every page that it changes, and hardly ever is one needed.
        let transaction = begin(&mut self.connection)?;
        match batches.iter().try_for_each(|batch| apply_all(&transaction, batch)) {
            Ok(()) => {
                transaction.commit().map_err(store_error)?;
                self.erase_after(batches.iter().any(|batch| erases(batch)));
                Ok(vec![Ok(()); batches.len()])
            }
            Err(StoreError::Conflict { .. } | StoreError::Malformed(_)) => {
                drop(transaction);
                self.write_with_ways_back(batches)
            }
            Err(error) => Err(error),
        }
    }

    /// As [`Self::write_together`], where some batch is to be left out.
    fn write_with_ways_back(
        &mut self,
        batches: &[&[Write]],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let transaction = begin(&mut self.connection)?;
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            execute(&transaction, "SAVEPOINT batch", [])?;
            let answer = apply_all(&transaction, batch);
            match &answer {
                Ok(()) => {}
                Err(StoreError::Conflict { .. } | StoreError::Malformed(_)) => {
                    execute(&transaction, "ROLLBACK TO batch", [])?;
                }
                // SQLite may have rolled back the transaction by itself, and a savepoint would begin another.
                Err(error) => return Err(error.clone()),
            }
            execute(&transaction, "RELEASE batch", [])?;
            answers.push(answer);
        }
        transaction.commit().map_err(store_error)?;
        self.erase_after(batches.iter().any(|batch| erases(batch)));
        Ok(answers)
    }

    /// Empties the write-ahead log after an erasure if no reader needs it; otherwise after a later write, or when the
    /// last connection closes. It is no part of the write, which is durable already, so it fails without a word.
    fn erase_after(&mut self, erases: bool) {
        self.erasure_due |= erases;
        if !self.erasure_due {
            return;
        }
        let busy = self.connection.busy_timeout(Duration::ZERO).and_then(|()| {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        });
        let restored = self.connection.busy_timeout(self.busy);
        self.erasure_due = !matches!((busy, restored), (Ok(0), Ok(())));
    }

    fn space_no(&self, space: SpaceId) -> Result<Option<i64>, StoreError> {
        space_no(&self.connection, space)
    }
}

impl Store for SqliteStore {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        let transaction = begin(&mut self.connection)?;
        // Dropped without a commit, a transaction is rolled back.
        apply_all(&transaction, batch)?;
        transaction.commit().map_err(store_error)?;
        self.erase_after(erases(batch));
        Ok(())
    }

    fn spaces(&self) -> Result<Vec<SpaceId>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM space ORDER BY id").map_err(store_error)?;
        let ids = statement.query_map([], |row| row.get::<_, [u8; 32]>(0)).map_err(store_error)?;
        ids.map(|id| id.map(SpaceId::from_bytes).map_err(store_error)).collect()
    }

    fn frontier(&self, space: SpaceId) -> Result<Frontier, StoreError> {
        let Some(space) = self.space_no(space)? else { return Ok(Frontier::new()) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT device, slot, next, head FROM log WHERE space = ?1")
            .map_err(store_error)?;
        let logs = statement.query_map([space], log_row).map_err(store_error)?;
        logs.collect::<Result<_, _>>().map_err(store_error)
    }

    fn entries_of_log(
        &self,
        space: SpaceId,
        log: LogId,
        from: u64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let Some(space) = self.space_no(space)? else { return Ok(Vec::new()) };
        let Some((log, _)) = log_place(&self.connection, space, log)? else { return Ok(Vec::new()) };
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let sql = "SELECT arrival, header, body FROM entry WHERE log = ?1 AND number >= ?2 ORDER BY number";
        let entries = self.read_entries(sql, log, from, max_entries, max_bytes)?;
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    fn entries_by_arrival(
        &self,
        space: SpaceId,
        after: Arrival,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        let Some(space) = self.space_no(space)? else { return Ok(Vec::new()) };
        let after = i64::try_from(after.0).unwrap_or(i64::MAX);
        let sql =
            "SELECT arrival, header, body FROM entry WHERE space = ?1 AND arrival > ?2 ORDER BY arrival";
        self.read_entries(sql, space, after, usize::MAX, max_bytes)
    }

    fn bodyless(
        &self,
        space: SpaceId,
        from: Option<(LogId, u64)>,
        max_ranges: usize,
    ) -> Result<Vec<LogRange>, StoreError> {
        let Some(space) = self.space_no(space)? else { return Ok(Vec::new()) };
        let (log, number) = from.unwrap_or((FIRST_LOG, 0));
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(BODYLESS).map_err(store_error)?;
        let device = log.device.as_bytes().as_slice();
        let slot = log.slot.0.to_be_bytes();
        let mut rows =
            statement.query(params![space, device, slot.as_slice(), number]).map_err(store_error)?;
        let mut ranges = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let (log, number) = lacking_row(row).map_err(store_error)?;
            if !push_number(&mut ranges, log, number, max_ranges) {
                break;
            }
        }
        Ok(ranges)
    }

    fn value(&self, space: Option<SpaceId>, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(space) = self.value_space(space)? else { return Ok(None) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM value WHERE space = ?1 AND key = ?2")
            .map_err(store_error)?;
        statement.query_row(params![space, key], |row| row.get(0)).optional().map_err(store_error)
    }

    fn values(&self, space: Option<SpaceId>, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let Some(space) = self.value_space(space)? else { return Ok(Vec::new()) };
        let mut statement = self
            .connection
            .prepare_cached("SELECT key, value FROM value WHERE space = ?1 AND key >= ?2 ORDER BY key")
            .map_err(store_error)?;
        let mut rows = statement.query(params![space, prefix]).map_err(store_error)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let key: String = row.get(0).map_err(store_error)?;
            if !key.starts_with(prefix) {
                break;
            }
            values.push((key, row.get(1).map_err(store_error)?));
        }
        Ok(values)
    }
}

impl SqliteStore {
    fn value_space(&self, space: Option<SpaceId>) -> Result<Option<i64>, StoreError> {
        match space {
            None => Ok(Some(STORE_ITSELF)),
            Some(space) => self.space_no(space),
        }
    }

    fn read_entries(
        &self,
        sql: &str,
        place: i64,
        from: i64,
        max_entries: usize,
        max_bytes: usize,
    ) -> Result<Vec<(Arrival, Entry)>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let mut rows = statement.query(params![place, from]).map_err(store_error)?;
        let mut entries = Vec::new();
        let mut bytes = 0_usize;
        while entries.len() < max_entries
            && let Some(row) = rows.next().map_err(store_error)?
        {
            let (arrival, entry) = entry_of(row)?;
            bytes = bytes.saturating_add(entry.size());
            if bytes > max_bytes && !entries.is_empty() {
                break;
            }
            entries.push((arrival, entry));
        }
        Ok(entries)
    }
}

/// Whether an error is every batch's. None waits again for a lock that was just waited for in vain: a relay's writer
/// would stand still for as long as all of them together may wait.
const fn stops_all(error: &StoreError) -> bool {
    matches!(error, StoreError::Busy | StoreError::ReadOnly)
}

fn apply_all(connection: &Connection, batch: &[Write]) -> Result<(), StoreError> {
    batch.iter().try_for_each(|write| apply(connection, write))
}

/// Takes the write lock at once: what an append compares cannot change before it is written.
fn begin(connection: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)
}

/// Whether a batch takes something away for good.
fn erases(batch: &[Write]) -> bool {
    batch.iter().any(|write| matches!(write, Write::DropBodies { .. } | Write::RemoveSpace(_)))
}

fn apply(connection: &Connection, write: &Write) -> Result<(), StoreError> {
    check_write(write)?;
    match write {
        Write::CreateSpace(space) => make_space(connection, *space).map(drop),
        Write::Append { space, log, expect, entries } => append(connection, *space, *log, *expect, entries),
        Write::Put { space, key, value } => {
            let space = match space {
                None => STORE_ITSELF,
                Some(space) => make_space(connection, *space)?,
            };
            let sql = "INSERT INTO value (space, key, value) VALUES (?1, ?2, ?3)
                       ON CONFLICT (space, key) DO UPDATE SET value = excluded.value";
            execute(connection, sql, params![space, key, value])
        }
        Write::Delete { space, key } => {
            let space = match space {
                None => Some(STORE_ITSELF),
                Some(space) => space_no(connection, *space)?,
            };
            match space {
                None => Ok(()),
                Some(space) => execute(
                    connection,
                    "DELETE FROM value WHERE space = ?1 AND key = ?2",
                    params![space, key],
                ),
            }
        }
        Write::Fill { space, entries } => fill(connection, *space, entries),
        Write::DropBodies { space, document } => drop_bodies(connection, *space, *document),
        Write::RemoveSpace(space) => match space_no(connection, *space)? {
            None => Ok(()),
            Some(space) => {
                execute(connection, "DELETE FROM value WHERE space = ?1", params![space])?;
                execute(connection, "DELETE FROM space WHERE no = ?1", params![space])
            }
        },
    }
}

fn append(
    connection: &Connection,
    space_id: SpaceId,
    log_id: LogId,
    expect: LogHead,
    entries: &[Entry],
) -> Result<(), StoreError> {
    let space = make_space(connection, space_id)?;
    let known = log_place(connection, space, log_id)?;
    let stored = known.map_or(LogHead::EMPTY, |(_, head)| head);
    if stored != expect {
        return Err(StoreError::Conflict { space: space_id, log: log_id, stored });
    }
    let head = check_run(space_id, log_id, expect, entries)?;
    let next = i64::try_from(head.next).map_err(|_| StoreError::Malformed("a number is too large"))?;
    let log = match known {
        Some((log, _)) => {
            let sql = "UPDATE log SET next = ?2, head = ?3 WHERE no = ?1";
            execute(connection, sql, params![log, next, head.head.as_bytes().as_slice()])?;
            log
        }
        None => {
            let sql = "INSERT INTO log (space, device, slot, next, head) VALUES (?1, ?2, ?3, ?4, ?5)";
            let device = log_id.device.as_bytes().as_slice();
            let slot = log_id.slot.0.to_be_bytes();
            execute(
                connection,
                sql,
                params![space, device, slot.as_slice(), next, head.head.as_bytes().as_slice()],
            )?;
            connection.last_insert_rowid()
        }
    };
    let sql =
        "INSERT INTO entry (space, log, number, header, body, lacks_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(store_error)?;
    for entry in entries {
        let number = number_of(entry)?;
        let lacks = entry.body.is_none() && !was_dropped(connection, space, entry.header.fields().document)?;
        insert
            .execute(params![space, log, number, entry.header.bytes(), entry.body, lacks.then_some(1)])
            .map_err(store_error)?;
    }
    Ok(())
}

fn fill(connection: &Connection, space: SpaceId, entries: &[Entry]) -> Result<(), StoreError> {
    let Some(space) = space_no(connection, space)? else { return Ok(()) };
    let sql = "UPDATE entry SET body = ?4, lacks_body = NULL
               WHERE log = ?1 AND number = ?2 AND header = ?3 AND lacks_body IS NOT NULL";
    let mut update = connection.prepare_cached(sql).map_err(store_error)?;
    for entry in entries {
        let Some((log, _)) = log_place(connection, space, entry.header.fields().log)? else { continue };
        // A number that no log has is passed over like any other that this one lacks.
        let Ok(number) = number_of(entry) else { continue };
        update.execute(params![log, number, entry.header.bytes(), entry.body]).map_err(store_error)?;
    }
    Ok(())
}

fn drop_bodies(connection: &Connection, space: SpaceId, document: DocumentId) -> Result<(), StoreError> {
    let Some(space) = space_no(connection, space)? else { return Ok(()) };
    let sql = "INSERT OR IGNORE INTO dropped (space, document) VALUES (?1, ?2)";
    execute(connection, sql, params![space, document.as_bytes().as_slice()])?;
    let sql = "SELECT arrival, header FROM entry
               WHERE space = ?1 AND (body IS NOT NULL OR lacks_body IS NOT NULL) ORDER BY arrival";
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    let mut rows = statement.query([space]).map_err(store_error)?;
    let mut places = Vec::new();
    // Dropping a document is rare, and an index over documents would cost every append.
    while let Some(row) = rows.next().map_err(store_error)? {
        if header_of(row)?.fields().document == document {
            places.push(row.get::<_, i64>(0).map_err(store_error)?);
        }
    }
    let sql = "UPDATE entry SET body = NULL, lacks_body = NULL WHERE arrival = ?1";
    for place in places {
        execute(connection, sql, params![place])?;
    }
    Ok(())
}

fn was_dropped(connection: &Connection, space: i64, document: DocumentId) -> Result<bool, StoreError> {
    connection
        .prepare_cached("SELECT 1 FROM dropped WHERE space = ?1 AND document = ?2")
        .and_then(|mut statement| statement.exists(params![space, document.as_bytes().as_slice()]))
        .map_err(store_error)
}

fn number_of(entry: &Entry) -> Result<i64, StoreError> {
    i64::try_from(entry.header.fields().number).map_err(|_| StoreError::Malformed("a number is too large"))
}

fn execute(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<(), StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(parameters))
        .map(drop)
        .map_err(store_error)
}

fn space_no(connection: &Connection, space: SpaceId) -> Result<Option<i64>, StoreError> {
    connection
        .prepare_cached("SELECT no FROM space WHERE id = ?1")
        .and_then(|mut statement| {
            statement.query_row([space.as_bytes().as_slice()], |row| row.get(0)).optional()
        })
        .map_err(store_error)
}

fn make_space(connection: &Connection, space: SpaceId) -> Result<i64, StoreError> {
    if let Some(no) = space_no(connection, space)? {
        return Ok(no);
    }
    execute(connection, "INSERT INTO space (id) VALUES (?1)", [space.as_bytes().as_slice()])?;
    Ok(connection.last_insert_rowid())
}

fn log_place(connection: &Connection, space: i64, log: LogId) -> Result<Option<(i64, LogHead)>, StoreError> {
    let sql = "SELECT no, next, head FROM log WHERE space = ?1 AND device = ?2 AND slot = ?3";
    let device = log.device.as_bytes().as_slice();
    let slot = log.slot.0.to_be_bytes();
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| {
            statement
                .query_row(params![space, device, slot.as_slice()], |row| Ok((row.get(0)?, head_of(row, 1)?)))
                .optional()
        })
        .map_err(store_error)
}

fn log_row(row: &Row<'_>) -> rusqlite::Result<(LogId, LogHead)> {
    let device = DeviceId::from_bytes(row.get(0)?);
    let slot = SlotId(u64::from_be_bytes(row.get(1)?));
    Ok((LogId { device, slot }, head_of(row, 2)?))
}

fn lacking_row(row: &Row<'_>) -> rusqlite::Result<(LogId, u64)> {
    let device = DeviceId::from_bytes(row.get(0)?);
    let slot = SlotId(u64::from_be_bytes(row.get(1)?));
    Ok((LogId { device, slot }, unsigned(row, 2)?))
}

/// The head in a column and the one after it.
fn head_of(row: &Row<'_>, column: usize) -> rusqlite::Result<LogHead> {
    let next = unsigned(row, column)?;
    Ok(LogHead { next, head: EntryId::from_bytes(row.get(column + 1)?) })
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

fn entry_of(row: &Row<'_>) -> Result<(Arrival, Entry), StoreError> {
    let arrival = Arrival(unsigned(row, 0).map_err(store_error)?);
    let header = header_of(row)?;
    let body = row.get(2).map_err(store_error)?;
    Ok((arrival, Entry { header, body }))
}

/// The header in column 1.
fn header_of(row: &Row<'_>) -> Result<SignedHeader, StoreError> {
    let header = row.get_ref(1).map_err(store_error)?;
    let header = header.as_blob().map_err(|error| corrupt(&error))?;
    SignedHeader::parse(header).map_err(|error| corrupt(&error))
}

#[cfg(test)]
mod tests {
    use samverka_log::SpaceId;
    use samverka_store::conformance::chain::{Chain, genesis};
    use samverka_store::{Arrival, Store, StoreError};

    use crate::{OpenOptions, SqliteStore};

    #[test]
    fn a_full_disk_is_named_and_leaves_the_store_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("s.sqlite"), &OpenOptions::default()).unwrap();
        let (mut large, mut small) = (chain(1), chain(2));
        store.write(&[large.append(&[b"before"])]).unwrap();
        let pages = number(&store, "PRAGMA page_count");
        number(&store, &format!("PRAGMA max_page_count = {}", pages + 4));

        let too_large = vec![large.append(&[&[7; 100_000]])];
        let fits = vec![small.append(&[b"small"])];
        let answers = store.write_group(&[&too_large, &fits]);
        assert!(matches!(answers[..], [Err(StoreError::Full), Ok(())]), "{answers:?}");
        assert!(matches!(store.write(&too_large), Err(StoreError::Full)));

        assert_eq!(bodies(&store, large.space()), [b"before".to_vec()]);
        assert_eq!(bodies(&store, small.space()), [b"small".to_vec()]);
        assert!(store.integrity_check().unwrap().is_empty());

        number(&store, &format!("PRAGMA max_page_count = {}", pages + 1000));
        store.write(&too_large).unwrap();
        assert_eq!(store.frontier(large.space()).unwrap().head(&large.log()), large.head());
    }

    #[test]
    fn a_header_that_does_not_read_is_called_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("s.sqlite"), &OpenOptions::default()).unwrap();
        let mut chain = chain(1);
        store.write(&[chain.append(&[b"x"])]).unwrap();
        store.connection.execute("UPDATE entry SET header = x'00'", []).unwrap();
        let read = store.entries_by_arrival(chain.space(), Arrival(0), usize::MAX);
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    }

    #[test]
    fn what_lacks_a_body_is_found_in_an_index_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("s.sqlite"), &OpenOptions::default()).unwrap();
        let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {}", super::BODYLESS)).unwrap();
        let nothing = rusqlite::types::Null;
        let steps = plan.query_map(rusqlite::params![nothing, nothing, nothing, nothing], |row| row.get(3));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        let [log, entry] = &steps[..] else { panic!("{steps:?}") };
        assert!(log.starts_with("SEARCH log USING COVERING INDEX"), "{log}");
        assert!(entry.starts_with("SEARCH entry USING COVERING INDEX entry_lacking (log=?)"), "{entry}");
    }

    fn chain(space: u8) -> Chain {
        Chain::new(genesis(space).id().into(), 1, 1)
    }

    fn number(store: &SqliteStore, sql: &str) -> i64 {
        store.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    fn bodies(store: &SqliteStore, space: SpaceId) -> Vec<Vec<u8>> {
        let entries = store.entries_by_arrival(space, Arrival(0), usize::MAX).unwrap();
        entries.into_iter().filter_map(|(_, entry)| entry.body).collect()
    }
}
