//! Accepts connections, speaks TLS where it is told to, and hands requests to the router.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::admission::{Doors, Place};
use crate::config::TlsConfig;
use crate::metrics::Metrics;

/// How long a client may take for the TLS handshake, and for the head of a request.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long to wait when the system has no file handle left, before trying to accept again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Bytes of a request's head: the least that hyper takes, and ample for the few headers that matter here.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Whose connection a request came on. Every request carries it.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// The other end of the socket: a proxy, perhaps.
    pub(crate) address: IpAddr,
    /// This end of it: an address by which the relay was reached.
    pub(crate) local: SocketAddr,
    /// The places that the connection takes, given back with the last clone.
    pub(crate) _places: Arc<Places>,
}

#[derive(Debug)]
pub(crate) struct Places {
    _among_all: Place,
    _at_address: Option<Place>,
}

/// Who accepts.
pub(crate) struct Acceptor {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) doors: Doors,
    /// Behind a proxy every socket has the same address; then the forwarded one is counted, by the router.
    pub(crate) count_sockets: bool,
    pub(crate) metrics: Arc<Metrics>,
}

impl Acceptor {
    /// Accepts until `stopping` turns true, then lets requests under way finish.
    pub(crate) async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut served = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stopped(&mut stopping) => break,
                Some(_) = served.join_next() => continue,
            };
            match accepted {
                Ok((stream, address)) => self.admit(stream, address, &mut served, &stopping),
                Err(error) => {
                    tracing::warn!(error = %error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        while served.join_next().await.is_some() {}
    }

    fn admit(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        served: &mut JoinSet<()>,
        stopping: &watch::Receiver<bool>,
    ) {
        let among_all = self.doors.enter();
        let at_address = self.count_sockets.then(|| self.doors.enter_from(address.ip()));
        let (Some(among_all), None | Some(Some(_))) = (among_all, &at_address) else {
            // Closing says it all: a flood is not worth an answer each.
            self.metrics.connections_refused_total.increment();
            return;
        };
        let Ok(local) = stream.local_addr() else { return };
        let places = Places { _among_all: among_all, _at_address: at_address.flatten() };
        let peer = Peer { address: address.ip(), local, _places: Arc::new(places) };
        let router = self.router.clone();
        let tls = self.tls.clone();
        let stopping = stopping.clone();
        served.spawn(async move {
            // Entries are small and latency counts; where it cannot be set, things still work.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(error = %error, "TCP_NODELAY");
            }
            match tls {
                None => serve(stream, router, peer, stopping).await,
                Some(tls) => match tokio::time::timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
                    Ok(Ok(stream)) => serve(stream, router, peer, stopping).await,
                    Ok(Err(error)) => tracing::debug!(error = %error, "TLS handshake"),
                    Err(_elapsed) => tracing::debug!("TLS handshake took too long"),
                },
            }
        });
    }
}

async fn serve<S>(stream: S, router: Router, peer: Peer, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        hyper::service::Service::call(&router, request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "connection ended");
    }
}

/// Waits for the end. An error means that the server is gone, which is the end as well.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _gone = stopping.wait_for(|stopping| *stopping).await;
}

/// Reads certificate and key.
///
/// # Errors
/// Where a file cannot be read or the two do not belong together.
pub(crate) fn tls_acceptor(config: &TlsConfig) -> Result<TlsAcceptor> {
    let path = &config.certificate;
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("read the certificate {}", path.display()))?;
    let key = PrivateKeyDer::from_pem_file(&config.key)
        .with_context(|| format!("read the private key {}", config.key.display()))?;
    let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS versions")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("certificate and private key")?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}
