//! The store, asked from async code: one thread writes, in groups; reads go to the blocking pool.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use samverka_store::{Reply, Request, Store, StoreError, WriteBatch, handle};
use samverka_store_sqlite::{GroupWriter, OpenOptions, Readers, SqliteStore};
use tokio::task::spawn_blocking;

use crate::metrics::Metrics;

/// The database in the data folder.
pub const DATABASE_FILE: &str = "relay.sqlite";

/// Where the database of a data folder is.
pub(crate) fn database_path(data: &Path) -> PathBuf {
    data.join(DATABASE_FILE)
}

/// Opens the database of a data folder to look at it, beside a relay that may be running.
pub(crate) fn open_to_read(data: &Path) -> Result<SqliteStore> {
    let path = database_path(data);
    if !path.exists() {
        bail!("{} holds no relay data: choose the folder with --data", data.display());
    }
    SqliteStore::open_to_read(&path, &OpenOptions::default())
        .with_context(|| format!("open {}", path.display()))
}

/// The running relay's store.
pub(crate) struct Storage {
    /// None once it was closed.
    writer: RwLock<Option<GroupWriter>>,
    readers: Arc<Readers>,
    metrics: Arc<Metrics>,
}

impl Storage {
    pub(crate) async fn open(data: &Path, metrics: Arc<Metrics>) -> Result<Self> {
        let path = database_path(data);
        let (writer, readers) = spawn_blocking(move || -> Result<_> {
            let options = OpenOptions::default();
            let open = || format!("open {}", path.display());
            let writer = GroupWriter::start(&path, &options).with_context(open)?;
            let readers = Readers::open(&path, &options).with_context(open)?;
            Ok((writer, readers))
        })
        .await
        .context("open the store")??;
        Ok(Self { writer: RwLock::new(Some(writer)), readers: Arc::new(readers), metrics })
    }

    /// Takes a request in. `answer` hands the answer on and does not linger: most often it is called on the writer's
    /// thread. A write has been made durable when its answer comes.
    pub(crate) fn handle(
        &self,
        request: Request,
        answer: impl FnOnce(Result<Reply, StoreError>) + Send + 'static,
    ) {
        let answer = Answer(Some(answer));
        match request {
            Request::Write(batch) => self.write(batch, answer),
            request => {
                let readers = Arc::clone(&self.readers);
                spawn_blocking(move || answer.give(readers.read(|store| handle(store, &request))));
            }
        }
    }

    /// Whether the store can be read.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        let readers = Arc::clone(&self.readers);
        let read = move || readers.read(|store| store.value(None, "ping").map(drop));
        spawn_blocking(read).await.unwrap_or_else(|_panicked| Err(ended()))
    }

    /// Writes everything that was handed in, and closes the store.
    pub(crate) async fn close(&self) -> Result<()> {
        let writer = self.writer.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut writer) = writer else { return Ok(()) };
        spawn_blocking(move || writer.finish()).await.context("close the store")
    }

    fn write(
        &self,
        batch: WriteBatch,
        answer: Answer<impl FnOnce(Result<Reply, StoreError>) + Send + 'static>,
    ) {
        let began = Instant::now();
        let metrics = Arc::clone(&self.metrics);
        if let Some(writer) = &*self.writer.read().unwrap_or_else(PoisonError::into_inner) {
            // Each room has one write under way, so the queue is never longer than there are rooms.
            let written = move |result: Result<(), StoreError>| {
                metrics.commit_duration.observe(began.elapsed());
                answer.give(result.map(|()| Reply::Written));
            };
            writer.write(batch, Box::new(written));
        }
    }
}

/// Who waits for an answer, and gets one even where the thread that had it to give has ended.
struct Answer<F: FnOnce(Result<Reply, StoreError>)>(Option<F>);

impl<F: FnOnce(Result<Reply, StoreError>)> Answer<F> {
    fn give(mut self, result: Result<Reply, StoreError>) {
        if let Some(answer) = self.0.take() {
            answer(result);
        }
    }
}

impl<F: FnOnce(Result<Reply, StoreError>)> Drop for Answer<F> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(Err(ended()));
        }
    }
}

fn ended() -> StoreError {
    StoreError::io(std::io::Error::other("the store has been closed"))
}
