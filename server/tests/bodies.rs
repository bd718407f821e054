//! Headers first and bodies later, over real sockets and a real store.

mod support;

use samverka_log::{Entry, EntryKind, Frontier, LogRange};
use samverka_protocol::{Bodies, Frame, Lack, LackReason, PROTOCOL_VERSION_LEAN, PartAssembler, batches};
use samverka_testkit::people::{Device, PLAN};
use support::{CHANNEL, Client, founded, get, start};

/// What a client received up to a frame that ends it, and that frame.
async fn receive(client: &mut Client, ends: impl Fn(&Frame) -> bool) -> (Vec<Entry>, Frame) {
    let (mut all, mut parts) = (Vec::new(), PartAssembler::new());
    loop {
        match client.next().await.expect("the relay goes on") {
            frame if ends(&frame) => return (all, frame),
            Frame::Entries { entries, .. } => all.extend(entries),
            Frame::Part { header, offset, total, bytes, .. } => {
                all.extend(parts.take(header, offset, total, &bytes).expect("parts follow each other"));
            }
            _ => {}
        }
    }
}

async fn go_lean(client: &mut Client) -> Vec<Entry> {
    let (frontier, bodies) = (Frontier::new(), Bodies::Snapshots);
    client.send(&Frame::FrontierIs { channel: CHANNEL, frontier, reply: true, bodies }).await;
    receive(client, |frame| matches!(frame, Frame::Live { .. })).await.0
}

async fn want(client: &mut Client, ask: u32, wants: Vec<LogRange>) -> (Vec<Entry>, Vec<Lack>) {
    client.send(&Frame::WantBodies { channel: CHANNEL, ask, wants }).await;
    let (entries, end) = receive(client, |frame| matches!(frame, Frame::Lacking { last: true, .. })).await;
    match end {
        Frame::Lacking { ask: answered, lacks, .. } if answered == ask => (entries, lacks),
        other => panic!("another ask was answered: {other:?}"),
    }
}

fn entries(founder: &mut Device) -> Vec<Entry> {
    let mut entries: Vec<_> = (0..300).map(|n| founder.change(100 + 40 * n)).collect();
    entries.push(founder.change(2_000_000));
    entries.push(founder.entry(EntryKind::Snapshot, PLAN, vec![5; 400_000]));
    entries.extend((0..5).map(|_| founder.change(300)));
    entries
}

#[tokio::test]
async fn a_device_begins_with_headers_and_a_snapshot_and_fetches_bodies_later() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let all = entries(&mut founder);
    for frame in batches(CHANNEL, all.clone()) {
        client.send(&frame).await;
    }
    let count = u64::try_from(all.len()).unwrap();
    client.acknowledged(&founder, count).await;

    let mut newcomer = Client::connect(&relay).await;
    assert!(newcomer.protocol >= PROTOCOL_VERSION_LEAN);
    newcomer.attach(&founder).await;
    let lean = go_lean(&mut newcomer).await;
    let content: Vec<_> =
        lean.into_iter().filter(|entry| entry.header.fields().kind != EntryKind::Membership).collect();
    let promised: Vec<_> = all
        .iter()
        .map(|entry| {
            let whole = entry.header.fields().kind == EntryKind::Snapshot;
            Entry { body: entry.body.clone().filter(|_| whole), ..entry.clone() }
        })
        .collect();
    assert_eq!(content, promised);

    // What it sees first is the tail after the snapshot; the rest comes when there is time.
    let log = founder.log();
    let tail = LogRange { log, from: count - 5, until: count };
    assert_eq!(want(&mut newcomer, 1, vec![tail]).await, (all[all.len() - 5..].to_vec(), Vec::new()));
    // Live entries are whole, and come in between.
    let live = founder.change(50);
    client.push(vec![live.clone()]).await;
    let rest = LogRange { log, from: 0, until: count - 6 };
    let beyond = LogRange { log, from: count + 1, until: count + 10 };
    let (mut got, lacks) = want(&mut newcomer, 2, vec![rest, beyond]).await;
    got.retain(|entry| entry.id() != live.id());
    assert_eq!(got, all[..all.len() - 6]);
    assert_eq!(lacks, [Lack { range: beyond, why: LackReason::Absent }]);

    let (_, figures) = get(&relay, "/metrics").await;
    let wanted = format!("samverka_relay_bodies_wanted_total {}\n", 5 + all.len() - 6);
    assert!(figures.contains(&wanted), "{figures}");
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn asking_goes_on_after_the_relay_was_started_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (relay, mut founder, mut client) = founded(folder.path()).await;
    let all = entries(&mut founder);
    for frame in batches(CHANNEL, all.clone()) {
        client.send(&frame).await;
    }
    client.acknowledged(&founder, u64::try_from(all.len()).unwrap()).await;
    relay.shutdown().await.unwrap();

    let relay = start(folder.path()).await;
    let mut client = Client::connect(&relay).await;
    client.attach(&founder).await;
    // It has the headers, and says nothing of what it has: it only asks.
    let wants = vec![LogRange { log: founder.log(), from: 0, until: u64::MAX }];
    let (got, lacks) = want(&mut client, 7, wants).await;
    assert_eq!(got, all);
    assert!(matches!(&lacks[..], [Lack { why: LackReason::Absent, .. }]), "{lacks:?}");
    relay.shutdown().await.unwrap();
}
