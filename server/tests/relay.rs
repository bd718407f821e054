//! The relay over real sockets.

mod support;

use std::time::Duration;

use futures_util::SinkExt;
use samverka_log::Frontier;
use samverka_protocol::{Bodies, Code, Frame};
use samverka_relay::Relay;
use samverka_testkit::people::Device;
use support::{CHANNEL, Client, config, founded, get, start};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_greeting_is_answered_with_a_fresh_challenge() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(folder.path()).await;
    let (one, other) = (Client::connect(&relay).await, Client::connect(&relay).await);
    assert_eq!(one.relay_key, relay.relay_key());
    assert_ne!(one.nonce, other.nonce);
    drop((one, other));
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn what_one_device_writes_reaches_the_other_and_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let mut watcher = Client::live(&relay, &founder).await;
    let entry = founder.change(200);
    client.push(vec![entry.clone()]).await;
    let Frame::Entries { entries, .. } = watcher.until(|frame| matches!(frame, Frame::Entries { .. })).await
    else {
        unreachable!()
    };
    assert_eq!(entries, [entry]);
    client.acknowledged(&founder, 1).await;
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn garbage_is_dismissed_by_name_while_an_honest_pair_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let mut watcher = Client::live(&relay, &founder).await;
    for round in 0..20_u8 {
        let mut hostile = Client::connect(&relay).await;
        let mut garbage = vec![0xEE; 300];
        garbage[0] = 3 + round % 10;
        hostile.socket.send(Message::binary(garbage)).await.unwrap();
        let answer = hostile.next().await;
        assert!(matches!(answer, Some(Frame::Bye { code: Code::Malformed, .. }) | None), "{answer:?}");
        let entry = founder.change(100);
        client.push(vec![entry.clone()]).await;
        watcher
            .until(|frame| matches!(frame, Frame::Entries { entries, .. } if entries[..] == [entry.clone()]))
            .await;
        client.acknowledged(&founder, u64::from(round) + 1).await;
    }
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn text_and_oversized_frames_are_dismissed_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(folder.path()).await;
    let mut client = Client::connect(&relay).await;
    client.socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(client.bye().await, Code::Malformed);

    let mut client = Client::connect(&relay).await;
    // Parts of it may be refused before all of it is sent.
    let _cut_short = client.socket.send(Message::binary(vec![0; 3 << 20])).await;
    let answer = client.next().await;
    assert!(matches!(answer, Some(Frame::Bye { code: Code::TooLarge, .. }) | None), "{answer:?}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn connections_that_never_read_do_not_disturb_an_honest_pair() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let mut idle = Vec::new();
    for _ in 0..50 {
        let mut never_reads = Client::connect(&relay).await;
        never_reads.attach(&founder).await;
        never_reads
            .send(&Frame::FrontierIs {
                channel: CHANNEL,
                frontier: Frontier::new(),
                reply: true,
                bodies: Bodies::All,
            })
            .await;
        idle.push(never_reads);
    }
    let mut watcher = Client::live(&relay, &founder).await;
    for round in 0..50 {
        let entries: Vec<_> = (0..20).map(|_| founder.change(2_000)).collect();
        let last = entries.last().cloned();
        client.push(entries).await;
        watcher
            .until(|frame| matches!(frame, Frame::Entries { entries, .. } if entries.last() == last.as_ref()))
            .await;
        client.acknowledged(&founder, (round + 1) * 20).await;
    }
    drop(idle);
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let key = relay.relay_key();
    let entries: Vec<_> = (0..500).map(|_| founder.change(300)).collect();
    for entry in &entries {
        client.push(vec![entry.clone()]).await;
    }
    client.acknowledged(&founder, 1).await;
    let stopping = tokio::spawn(relay.shutdown());
    let mut acknowledged = 1;
    loop {
        match client.next().await {
            Some(Frame::Ack { logs, .. }) => acknowledged = acknowledged.max(logs[0].1),
            Some(Frame::Bye { code, .. }) => {
                assert_eq!(code, Code::GoingAway);
                break;
            }
            Some(_) => {}
            None => panic!("the relay went without a word"),
        }
    }
    stopping.await.unwrap().unwrap();

    let relay = start(folder.path()).await;
    assert_eq!(relay.relay_key(), key);
    let mut client = Client::connect(&relay).await;
    client.attach(&founder).await;
    let got = client.catch_up(Frontier::new()).await;
    let changes = got.iter().filter(|entry| entry.header.fields().log == founder.log()).count() as u64;
    assert!(changes >= acknowledged, "{changes} of {acknowledged}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_pages_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    client.push(vec![founder.change(10)]).await;
    client.acknowledged(&founder, 1).await;
    for path in ["/health", "/ready", "/", "/page.css"] {
        assert_eq!(get(&relay, path).await.0, 200, "{path}");
    }
    // An address without an ending may be the app's own, where one is built in; a file is there or not.
    assert_eq!(get(&relay, "/nothing.txt").await.0, 404);
    let (_, page) = get(&relay, "/").await;
    assert!(page.to_ascii_lowercase().contains("content-security-policy: default-src 'none'"));
    let (_, metrics) = get(&relay, "/metrics").await;
    assert!(metrics.contains("samverka_relay_entries_appended_total 2\n"), "{metrics}");
    assert!(metrics.contains("samverka_relay_connections 1\n"), "{metrics}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn one_address_has_a_bounded_number_of_connections() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.limits.connections_per_address_max = 3;
    let relay = Relay::start(config).await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::connect(&relay).await);
    }
    let url = format!("ws://{}/sync", relay.address());
    assert!(tokio_tungstenite::connect_async(&url).await.is_err());
    clients.pop();
    // The relay notices that the connection is gone as soon as the system tells it.
    let admitted = async { while tokio_tungstenite::connect_async(&url).await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(10), admitted).await.unwrap();
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn behind_a_proxy_the_forwarded_address_is_counted_when_it_is_trusted() {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.limits.connections_per_address_max = 1;
    config.trust_forwarded = true;
    let relay = Relay::start(config).await.unwrap();
    let connect = |from: &'static str| {
        let mut request = format!("ws://{}/sync", relay.address()).into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", from.parse().unwrap());
        tokio_tungstenite::connect_async(request)
    };
    let one = connect("192.0.2.1").await.unwrap();
    assert!(connect("192.0.2.1").await.is_err());
    assert!(connect("203.0.113.9, 192.0.2.1").await.is_err());
    let other = connect("192.0.2.2").await.unwrap();
    drop((one, other));
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_removed_device_is_cut_off_live() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let mut other = Device::new(2);
    let add = founder.add(&other, samverka_log::Role::Editor);
    other.learn(&founder);
    client.push(vec![add]).await;
    client.until(|frame| matches!(frame, Frame::Ack { .. })).await;
    let mut theirs = Client::live(&relay, &other).await;
    client.push(vec![founder.remove(&other), founder.change(10)]).await;
    client.acknowledged(&founder, 1).await;
    let refused = theirs.until(|frame| matches!(frame, Frame::Refused { .. })).await;
    assert!(matches!(refused, Frame::Refused { code: Code::Removed, .. }));
    theirs.send(&Frame::Ping { token: 5 }).await;
    let next = theirs.next().await;
    assert!(matches!(next, Some(Frame::Pong { token: 5 })), "{next:?}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn tls_is_spoken_with_the_certificate_that_was_given() {
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut config = config(folder.path());
    config.tls = Some(samverka_relay::config::TlsConfig { certificate, key });
    let relay = Relay::start(config).await.unwrap();
    assert!(relay.url().starts_with("https://"));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(relay.address()).await.unwrap();
    let mut stream =
        TlsConnector::from(Arc::new(client)).connect("localhost".try_into().unwrap(), stream).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    // The relay may close without TLS's own goodbye; what was read counts.
    let _closed = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_flood_of_pings_that_is_never_read_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let mut flood = Client::connect(&relay).await;
    let ping = Message::binary(Frame::Ping { token: 1 }.encode());
    let flooding = async {
        loop {
            for _ in 0..1_000 {
                if flood.socket.feed(ping.clone()).await.is_err() {
                    return;
                }
            }
            if flood.socket.flush().await.is_err() {
                return;
            }
        }
    };
    // Either the relay ends it, or it stops reading; the honest client is served meanwhile.
    let _stalled = tokio::time::timeout(Duration::from_secs(1), flooding).await;
    client.push(vec![founder.change(10)]).await;
    client.acknowledged(&founder, 1).await;
    relay.shutdown().await.unwrap();
}
