//! What every part of the running server shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use samverka_room::{PeerId, Settings};
use tokio::sync::{mpsc, watch};

use crate::admission::Doors;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::storage::Storage;

/// How far the server is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Everything is taken.
    Serving,
    /// Nothing new is read; what was taken is being made durable and acknowledged.
    Stopping,
    /// Connections say goodbye.
    Closing,
}

/// The state of the server, built once.
pub(crate) struct App {
    pub(crate) config: Config,
    /// What every room is told.
    pub(crate) settings: Arc<Settings>,
    pub(crate) storage: Storage,
    pub(crate) registry: Registry,
    pub(crate) doors: Doors,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) phase: watch::Sender<Phase>,
    /// Held by every connection; the other end learns when the last one is gone.
    pub(crate) alive: mpsc::WeakSender<()>,
    peers: AtomicU64,
}

impl App {
    pub(crate) fn new(
        config: Config,
        settings: Arc<Settings>,
        storage: Storage,
        metrics: Arc<Metrics>,
        alive: mpsc::WeakSender<()>,
    ) -> Self {
        Self {
            doors: Doors::new(&config.limits),
            config,
            settings,
            storage,
            registry: Registry::default(),
            metrics,
            phase: watch::Sender::new(Phase::Serving),
            alive,
            peers: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.phase.borrow() > Phase::Serving
    }

    /// A number for a channel of a connection.
    pub(crate) fn next_peer(&self) -> PeerId {
        PeerId(self.peers.fetch_add(1, Ordering::Relaxed))
    }
}

/// Unix milliseconds.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
