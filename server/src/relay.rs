//! Starts and stops a relay: what the binary, the tests and the examples have in common.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use samverka_log::RelayKey;
use samverka_room::{Budget, RoomLimits, Settings};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::actor::Message;
use crate::app::{App, Phase};
use crate::config::Config;
use crate::identity::Identity;
use crate::listen::{Acceptor, tls_acceptor};
use crate::metrics::Metrics;
use crate::router::router;
use crate::storage::Storage;

/// How long acknowledgements and goodbyes may take at the end. Everything taken is made durable all the same: the
/// store is closed after its last write.
const GOODBYE_MAX: Duration = Duration::from_secs(10);

/// A relay.
#[derive(Debug)]
pub struct Relay;

/// A relay that runs in this process.
pub struct RunningRelay {
    address: SocketAddr,
    relay_key: RelayKey,
    app: Arc<App>,
    accepting: JoinHandle<()>,
    stop_accepting: watch::Sender<bool>,
    /// Every connection holds a clone; this one lets new connections do so.
    alive: mpsc::Sender<()>,
    last_connection: mpsc::Receiver<()>,
}

impl Relay {
    /// Opens the data folder, listens, and serves in tasks of the current runtime.
    ///
    /// # Errors
    /// Where the data folder, the certificate or the address cannot be used.
    pub async fn start(config: Config) -> Result<RunningRelay> {
        let data = config.data.clone();
        std::fs::create_dir_all(&data).with_context(|| format!("make the data folder {}", data.display()))?;
        let identity = Identity::open(&data)?;
        let relay_key = identity.public();
        let tls = config.tls.as_ref().map(tls_acceptor).transpose()?;
        let metrics = Arc::new(Metrics::default());
        let storage = Storage::open(&data, Arc::clone(&metrics)).await?;
        let listener =
            TcpListener::bind(config.listen).await.with_context(|| format!("listen on {}", config.listen))?;
        let address = listener.local_addr().context("ask for the address")?;

        let settings = Arc::new(settings(&config, relay_key));
        let (alive, last_connection) = mpsc::channel(1);
        let (stop_accepting, stopping) = watch::channel(false);
        let app = Arc::new(App::new(config, settings, storage, Arc::clone(&metrics), alive.downgrade()));
        let acceptor = Acceptor {
            listener,
            tls,
            router: router(Arc::clone(&app)),
            doors: app.doors.clone(),
            count_sockets: !app.config.trust_forwarded,
            metrics,
        };
        let accepting = tokio::spawn(acceptor.run(stopping));
        Ok(RunningRelay { address, relay_key, app, accepting, stop_accepting, alive, last_connection })
    }
}

impl RunningRelay {
    /// Where the relay listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as people type it.
    pub fn url(&self) -> String {
        let scheme = if self.app.config.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The public half of the relay's identity.
    pub const fn relay_key(&self) -> RelayKey {
        self.relay_key
    }

    /// Stops without losing anything: takes nothing new, makes durable and acknowledges what was taken, says goodbye,
    /// closes the store.
    ///
    /// # Errors
    /// Where the store cannot be closed well.
    pub async fn shutdown(mut self) -> Result<()> {
        // Both fail only where nobody listens, which is where they lead.
        let _nobody = self.stop_accepting.send(true);
        self.app.phase.send_replace(Phase::Stopping);
        if timeout(GOODBYE_MAX, self.settle()).await.is_err() {
            tracing::warn!("some acknowledgements could not be sent in time");
        }
        self.app.phase.send_replace(Phase::Closing);
        drop(self.alive);
        if timeout(GOODBYE_MAX, self.last_connection.recv()).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        self.accepting.abort();
        self.app.storage.close().await
    }

    async fn settle(&self) {
        for room in self.app.registry.all() {
            let (done, settled) = oneshot::channel();
            if room.send(Message::Settle(done)).await.is_ok() {
                // A room that ends instead of answering has settled.
                let _ended = settled.await;
            }
        }
    }
}

fn settings(config: &Config, relay_key: RelayKey) -> Settings {
    Settings {
        relay_key,
        software: concat!("samverka-relay/", env!("CARGO_PKG_VERSION")).to_owned(),
        hosting: config.hosting.clone(),
        large_bodies: Budget::new(config.limits.large_body_bytes_max),
        limits: RoomLimits {
            space_bytes_max: config.limits.space_bytes_max,
            entries_per_second_max: config.limits.entries_per_second_max,
            bytes_per_second_max: config.limits.bytes_per_second_max,
            ..RoomLimits::default()
        },
    }
}

/// Serves until the process is asked to stop; the bound address goes to stdout as one line.
///
/// # Errors
/// Where the relay does not start or does not stop well.
#[expect(clippy::print_stdout, reason = "scripts read the address from here")]
pub async fn serve(config: Config) -> Result<()> {
    // Before anybody is told that the relay is there: whoever reads the line may ask it to stop at once.
    let stop = StopSignal::new()?;
    let relay = Relay::start(config).await?;
    println!("listening on {}", relay.url());
    tracing::info!(relay.key = %relay.relay_key().short(), web.embedded = crate::web::is_embedded(), "serving");
    stop.received().await?;
    tracing::info!("stopping");
    relay.shutdown().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Hears when the process is asked to stop, from the moment that it is made.
#[cfg(unix)]
struct StopSignal {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignal {
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("listen for SIGINT")?,
        })
    }

    async fn received(mut self) -> Result<()> {
        let received = tokio::select! {
            received = self.terminate.recv() => received,
            received = self.interrupt.recv() => received,
        };
        ensure!(received.is_some(), "signals are not delivered any more");
        Ok(())
    }
}

/// Hears when the process is asked to stop.
#[cfg(not(unix))]
struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    fn new() -> Result<Self> {
        Ok(Self)
    }

    async fn received(self) -> Result<()> {
        tokio::signal::ctrl_c().await.context("listen for Ctrl+C")
    }
}
