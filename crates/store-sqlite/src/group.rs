//! The relay's one writer: whatever has come while it wrote goes into the next transaction together.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use samverka_log::Entry;
use samverka_store::{StoreError, Write, WriteBatch};

use crate::{OpenOptions, SqliteStore};

/// Batches that may wait. Past that whoever writes waits too, and with it their client's socket.
const QUEUE_MAX: usize = 4096;
/// Batches in one transaction: enough to pay for the disk's flush, few enough that nobody waits long.
const GROUP_MAX: usize = 1024;

/// Bytes in one transaction, unless the first batch alone has more: nobody waits long for others' large bodies.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long the writer lets batches gather when several came together just before: a flush costs more of the processor
/// than a batch does. Somebody who writes alone never waits, and nobody waits longer than for a flush.
const GATHER: Duration = Duration::from_micros(300);
/// How soon after a group another batch has to come for the relay to be busy.
const BUSY_WITHIN: Duration = Duration::from_millis(2);
/// A batch that is larger than this is worth a flush of its own.
const SMALL_BYTES: usize = 32 * 1024;

/// Takes the outcome of a batch, on the writer's thread: it hands it on and does not linger.
pub type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

struct Job {
    batch: WriteBatch,
    answer: Answer,
}

/// One thread that writes, group by group. Dropping it writes everything that was handed in, and then ends.
pub struct GroupWriter {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl GroupWriter {
    /// Opens the store and starts the thread.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be opened.
    pub fn start(path: &Path, options: &OpenOptions) -> Result<Self, StoreError> {
        let store = SqliteStore::open(path, options)?;
        let (queue, jobs) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(store, &jobs))
            .map_err(StoreError::io)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands in a batch. Batches are written in the order in which they are handed in; where the queue is full, this
    /// waits. The answer comes when the batch is durable, or was refused.
    pub fn write(&self, batch: WriteBatch, answer: Answer) {
        let job = Job { batch, answer };
        let refused = match &self.queue {
            Some(queue) => queue.send(job).err().map(|error| error.0),
            None => Some(job),
        };
        if let Some(job) = refused {
            (job.answer)(Err(StoreError::Closed));
        }
    }

    /// Writes everything that was handed in, and ends.
    pub fn finish(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // The thread's own panic was reported where it happened; there is nothing left to write.
            let _ended = thread.join();
        }
    }
}

impl Drop for GroupWriter {
    fn drop(&mut self) {
        self.finish();
    }
}

fn run(mut store: SqliteStore, jobs: &Receiver<Job>) {
    let mut last = None;
    while let Ok(first) = jobs.recv() {
        let mut bytes = size(&first.batch);
        let mut group = vec![first];
        if bytes < SMALL_BYTES && last.is_some_and(|last| is_busy(last, Instant::now())) {
            std::thread::sleep(GATHER);
        }
        while group.len() < GROUP_MAX && bytes < GROUP_BYTES_MAX {
            match jobs.try_recv() {
                Ok(job) => {
                    bytes = bytes.saturating_add(size(&job.batch));
                    group.push(job);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        let batches = group.len();
        write_group(&mut store, group);
        last = Some((batches, Instant::now()));
    }
}

/// Whether more is to be expected in a moment: what was written last had company, and that was just now.
fn is_busy((batches, ended): (usize, Instant), now: Instant) -> bool {
    batches > 1 && now.duration_since(ended) < BUSY_WITHIN
}

fn write_group(store: &mut SqliteStore, group: Vec<Job>) {
    let batches: Vec<&[Write]> = group.iter().map(|job| job.batch.as_slice()).collect();
    let answers = store.write_group(&batches);
    for (job, answer) in group.into_iter().zip(answers) {
        (job.answer)(answer);
    }
}

/// Bytes that a batch brings, about.
fn size(batch: &[Write]) -> usize {
    let sizes = batch.iter().map(|write| match write {
        Write::Append { entries, .. } | Write::Fill { entries, .. } => entries.iter().map(Entry::size).sum(),
        Write::Put { key, value, .. } => key.len() + value.len(),
        Write::CreateSpace(_) | Write::Delete { .. } | Write::DropBodies { .. } | Write::RemoveSpace(_) => 0,
    });
    sizes.sum()
}
