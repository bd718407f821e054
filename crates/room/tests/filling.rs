//! A relay that has headers alone takes the bodies that are brought to it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use samverka_log::{Entry, EntryKind, Frontier, LogHead, Role};
use samverka_protocol::{Code, Frame};
use samverka_room::{PeerId, Settings, USAGE_KEY};
use samverka_store::{MemoryStore, Store, StoreError, Write};
use samverka_testkit::people::{BOARD, Device, PLAN};
use support::{CHANNEL, World, settings};

/// A plan with a second member, whose store was begun by somebody who had no bodies of the founder's last entries: the
/// first is whole, the others are headers.
fn begun_with_headers(settings: Settings, bodies: &[Vec<u8>]) -> (World, Device, Device, Vec<Entry>) {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let mut other = Device::new(2);
    let add = founder.add(&other, Role::Editor);
    other.learn(&founder);
    let whole: Vec<Entry> =
        bodies.iter().map(|body| founder.entry(EntryKind::Change, PLAN, body.clone())).collect();
    let stored = whole
        .iter()
        .enumerate()
        .map(|(place, entry)| if place == 0 { entry.clone() } else { Entry { body: None, ..entry.clone() } });
    let space = founder.space;
    let append = |entries: Vec<Entry>| {
        let log = entries[0].header.fields().log;
        Write::Append { space, log, expect: LogHead::EMPTY, entries }
    };
    let mut store = MemoryStore::new();
    store.write(&[append(vec![genesis, add]), append(stored.collect())]).unwrap();
    (World::with(space, settings, store), founder, other, whole)
}

fn stored(world: &World, founder: &Device) -> Vec<Entry> {
    world.store.entries_of_log(founder.space, founder.log(), 0, 100, usize::MAX).unwrap()
}

fn acks(world: &mut World, peer: PeerId) -> Vec<u64> {
    let frames = world.all(peer).into_iter();
    let logs = frames.filter_map(|frame| if let Frame::Ack { logs, .. } = frame { Some(logs) } else { None });
    logs.flatten().map(|(_, next)| next).collect()
}

#[test]
fn a_body_is_taken_acknowledged_when_durable_and_passed_on() {
    for sent in [0..3, 1..3, 1..2, 2..3] {
        let (mut world, founder, other, whole) =
            begun_with_headers(settings(), &[vec![1; 10], vec![2; 200], vec![3; 300_000]]);
        let (at_founder, at_other) = (world.live(&founder), world.live(&other));
        world.hold_writes = true;
        for frame in samverka_protocol::batches(CHANNEL, whole[sent.clone()].to_vec()) {
            world.send(at_other, frame.clone());
            // Whoever sends it again meanwhile is told no sooner.
            world.send(at_founder, frame);
        }
        assert_eq!(acks(&mut world, at_other).len(), 0, "{sent:?}");
        assert_eq!(acks(&mut world, at_founder).len(), 0, "{sent:?}");
        let usage = |world: &World| world.store.value(Some(founder.space), USAGE_KEY).unwrap();
        assert_eq!(usage(&world), None);
        world.release_writes();
        let promised = whole.iter().enumerate().map(|(place, entry)| {
            let has = place == 0 || sent.contains(&place);
            Entry { body: entry.body.clone().filter(|_| has), ..entry.clone() }
        });
        assert_eq!(stored(&world, &founder), promised.collect::<Vec<_>>());
        assert!(usage(&world).is_some());
        assert!(acks(&mut world, at_other).contains(&3), "{sent:?}");
        assert!(world.room.is_settled());
    }
}

#[test]
fn whoever_has_the_header_alone_is_sent_the_entry_again() {
    let (mut world, founder, other, whole) = begun_with_headers(settings(), &[vec![1; 10], vec![2; 20]]);
    let (at_founder, at_other) = (world.live(&founder), world.live(&other));
    world.push(at_founder, whole.clone());
    assert_eq!(world.entries(at_other), whole[1..]);
    assert!(world.entries(at_founder).is_empty());
    // It is there for whoever comes later, and nothing is left to fill.
    let later = world.connect();
    world.attach(later, &other);
    world.go_live(later, Frontier::new());
    let got = world.entries(later);
    assert!(whole.iter().all(|entry| got.contains(entry)));
    assert_eq!(world.store.bodyless(founder.space, None, 10).unwrap(), []);
    world.push(at_founder, whole);
    assert!(acks(&mut world, at_founder).contains(&2));
    assert!(world.entries(at_other).is_empty());
}

#[test]
fn a_body_that_does_not_fit_is_refused() {
    let (mut world, founder, other, whole) = begun_with_headers(settings(), &[vec![1; 10], vec![2; 20]]);
    let peer = world.live(&other);
    let wrong = Entry { body: Some(vec![9; 20]), ..whole[1].clone() };
    world.push(peer, vec![wrong]);
    let answer = world.all(peer);
    assert!(matches!(&answer[..], [Frame::Reject { number: 1, code: Code::BodyMismatch, .. }]), "{answer:?}");
    assert_eq!(stored(&world, &founder)[1].body, None);
}

#[test]
fn a_fork_in_the_place_of_a_header_is_proved_and_fills_nothing() {
    let bodies: Vec<Vec<u8>> = (0..4).map(|n| vec![n; 10]).collect();
    let (mut world, founder, other, whole) = begun_with_headers(settings(), &bodies);
    let peer = world.live(&other);
    let mut copy = Device::new(1);
    copy.space = founder.space;
    copy.learn(&founder);
    copy.entry(EntryKind::Change, PLAN, vec![7; 10]);
    let branch = copy.entry(EntryKind::Change, PLAN, vec![8; 10]);
    assert_eq!(branch.header.fields().log, whole[1].header.fields().log);
    world.push(peer, vec![branch]);
    assert!(world.all(peer).iter().any(|frame| matches!(frame, Frame::Fork { .. })));
    assert!(stored(&world, &founder)[1..].iter().all(|entry| entry.body.is_none()));
}

#[test]
fn a_dropped_document_is_not_filled() {
    let (mut world, mut founder, other, whole) = begun_with_headers(settings(), &[vec![1; 10], vec![2; 20]]);
    let (at_founder, at_other) = (world.live(&founder), world.live(&other));
    let of_board = founder.change(10);
    assert_eq!(of_board.header.fields().document, BOARD);
    let order = founder.entry(EntryKind::Drop, BOARD, vec![1]);
    world.push(at_founder, vec![of_board.clone(), order]);
    world.push(at_other, vec![whole[1].clone(), of_board]);
    let stored = stored(&world, &founder);
    assert_eq!(stored[1], whole[1]);
    assert_eq!(stored[2].body, None);
    assert!(world.room.is_settled());
}

#[test]
fn a_quota_counts_bodies_that_follow() {
    let mut tight = settings();
    tight.limits.space_bytes_max = 1_000;
    let (mut world, founder, other, whole) = begun_with_headers(tight, &[vec![1; 10], vec![2; 2_000]]);
    let peer = world.live(&other);
    world.push(peer, vec![whole[1].clone()]);
    let answer = world.all(peer);
    assert!(matches!(&answer[..], [Frame::Reject { number: 1, code: Code::Quota, .. }]), "{answer:?}");
    assert_eq!(stored(&world, &founder)[1].body, None);
}

#[test]
fn a_store_that_fails_is_tried_again() {
    let (mut world, founder, other, whole) = begun_with_headers(settings(), &[vec![1; 10], vec![2; 20]]);
    let peer = world.live(&other);
    world.hold_writes = true;
    world.push(peer, whole.clone());
    let (id, _) = world.requests.pop_front().unwrap();
    world.room.handle_stored(id, Err(StoreError::Full), world.now_ms);
    world.release_writes();
    assert_eq!(acks(&mut world, peer).len(), 0);
    let due = world.room.poll_timeout().unwrap();
    world.wait(due - world.now_ms);
    assert!(acks(&mut world, peer).contains(&2));
    assert_eq!(stored(&world, &founder), whole);
}
