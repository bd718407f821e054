//! Which address answers what.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use samverka_protocol::limits::FRAME_BYTES_MAX;
use serde_json::json;

use crate::app::App;
use crate::connection;
use crate::listen::Peer;
use crate::web;

/// Bytes that the WebSocket reads and writes at a time. The library's default of 128 KiB each would be most of what
/// an idle connection costs.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024;

/// The relay's own page loads nothing from anywhere and runs no script.
const CONTENT_SECURITY_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/page.css", get(style))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .route("/sync", get(sync))
        .fallback(get(app_or_page))
        .with_state(app)
}

/// The web app; a relay that was built without one says so at its root.
async fn app_or_page(uri: Uri, headers: HeaderMap) -> Response {
    match web::answer(uri.path(), &headers) {
        Some(file) => file,
        None if uri.path() == "/" => page().into_response(),
        None => (StatusCode::NOT_FOUND, "there is nothing at this address\n").into_response(),
    }
}

fn page() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, include_str!("page.html"))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css"))
}

/// The process answers.
async fn health() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The relay takes connections and its store answers.
async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "stopping" }))).into_response();
    }
    match app.storage.ping().await {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "the store does not answer" })))
                .into_response()
        }
    }
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render())
}

async fn sync(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if app.is_stopping() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let place = if app.config.trust_forwarded {
        let address = forwarded_for(&headers).unwrap_or(peer.address);
        let Some(place) = app.doors.enter_from(address) else {
            app.metrics.connections_refused_total.increment();
            return (StatusCode::TOO_MANY_REQUESTS, "too many connections from this address\n")
                .into_response();
        };
        Some(place)
    } else {
        None
    };
    let hosts = accepted_hosts(&app, &peer, &headers);
    upgrade
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            connection::run(socket, app, hosts).await;
            drop((place, peer));
        })
}

/// The nearest proxy appends the address that it saw, so only the last element is its word; what stands before it is
/// anybody's.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

/// The hosts that a device on this connection may have signed for: the relay's public names, and the very address
/// that the connection came in on. A relay in between cannot make a device sign either of them for itself.
fn accepted_hosts(app: &App, peer: &Peer, headers: &HeaderMap) -> Vec<String> {
    let mut hosts = app.config.public_hosts.clone();
    hosts.push(peer.local.to_string());
    if peer.local.ip().to_canonical().is_loopback() {
        hosts.push(format!("localhost:{}", peer.local.port()));
    }
    let standard_port = if app.config.tls.is_some() { 443 } else { 80 };
    if peer.local.port() == standard_port {
        match peer.local.ip() {
            IpAddr::V4(address) => hosts.push(address.to_string()),
            IpAddr::V6(address) => hosts.push(format!("[{address}]")),
        }
        if peer.local.ip().to_canonical().is_loopback() {
            hosts.push("localhost".to_owned());
        }
    }
    // People type capitals; a device signs what was typed.
    let typed = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !hosts.iter().any(|host| host == typed) && hosts.iter().any(|host| host.eq_ignore_ascii_case(typed)) {
        hosts.push(typed.to_owned());
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_nearest_proxys_word_counts() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_static("198.51.100.7, 192.0.2.1"));
        assert_eq!(forwarded_for(&headers), Some("192.0.2.1".parse().unwrap()));
        headers.append(FORWARDED_FOR, HeaderValue::from_static("2001:db8::5"));
        assert_eq!(forwarded_for(&headers), Some("2001:db8::5".parse().unwrap()));
        headers.append(FORWARDED_FOR, HeaderValue::from_static("unknown"));
        assert_eq!(forwarded_for(&headers), None);
    }
}
