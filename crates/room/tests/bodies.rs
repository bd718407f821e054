//! Headers first, and bodies when they are asked for.

mod support;

use samverka_log::{Entry, EntryKind, Frontier, LogId, LogRange, Role};
use samverka_protocol::{Bodies, Code, Frame, Lack, LackReason, PartAssembler};
use samverka_room::{CREDIT_BYTES, PeerId};
use samverka_store::MemoryStore;
use samverka_testkit::people::{BOARD, Device, PLAN};
use support::{CHANNEL, World};

fn range(log: LogId, from: u64, until: u64) -> LogRange {
    LogRange { log, from, until }
}

fn want(world: &mut World, peer: PeerId, ask: u32, wants: Vec<LogRange>) {
    world.send(peer, Frame::WantBodies { channel: CHANNEL, ask, wants });
}

fn go_lean(world: &mut World, peer: PeerId, bodies: Bodies) {
    let frontier = Frontier::new();
    world.send(peer, Frame::FrontierIs { channel: CHANNEL, frontier, reply: false, bodies });
}

/// What came, put together: the entries in their order, and what each answer said is lacking.
#[derive(Debug, Default, PartialEq)]
struct Got {
    entries: Vec<Entry>,
    lacks: Vec<(u32, Lack)>,
    answered: Vec<u32>,
    live: bool,
}

fn got(world: &mut World, peer: PeerId) -> Got {
    let (mut got, mut parts) = (Got::default(), PartAssembler::new());
    for frame in world.all(peer) {
        match frame {
            Frame::Entries { entries, .. } => got.entries.extend(entries),
            Frame::Part { header, offset, total, bytes, .. } => {
                got.entries
                    .extend(parts.take(header, offset, total, &bytes).expect("parts follow each other"));
            }
            Frame::Lacking { ask, lacks, last, .. } => {
                got.lacks.extend(lacks.into_iter().map(|lack| (ask, lack)));
                got.answered.extend(last.then_some(ask));
            }
            Frame::Live { .. } => got.live = true,
            _ => {}
        }
    }
    got
}

/// A founder with entries of several kinds, and a device that is attached and has said nothing.
fn plan() -> (World, Device, PeerId, Vec<Entry>, PeerId) {
    let (mut world, mut founder, at_founder) = World::founded();
    let entries = vec![
        founder.change(100),
        founder.entry(EntryKind::Snapshot, PLAN, vec![3; 1_000]),
        founder.change(0),
        founder.change(300_000),
        founder.entry(EntryKind::Unknown(77), PLAN, vec![4; 50]),
        founder.entry(EntryKind::Snapshot, PLAN, vec![5; 200_000]),
        founder.change(70),
    ];
    push_all(&mut world, at_founder, &entries);
    let peer = world.connect();
    world.attach(peer, &founder);
    world.inbox.clear();
    (world, founder, at_founder, entries, peer)
}

fn push_all(world: &mut World, peer: PeerId, entries: &[Entry]) {
    for frame in samverka_protocol::batches(CHANNEL, entries.to_vec()) {
        world.send(peer, frame);
    }
}

#[test]
fn a_newcomer_gets_headers_and_the_bodies_that_it_chose() {
    for (bodies, kinds) in [
        (Bodies::Snapshots, &[EntryKind::Membership, EntryKind::Snapshot][..]),
        (Bodies::Membership, &[EntryKind::Membership][..]),
    ] {
        let (mut world, _, _, entries, peer) = plan();
        go_lean(&mut world, peer, bodies);
        let got = got(&mut world, peer);
        assert!(got.live);
        let (operations, content): (Vec<_>, Vec<_>) =
            got.entries.into_iter().partition(|entry| entry.header.fields().kind == EntryKind::Membership);
        assert_eq!(operations.len(), 1);
        assert!(operations[0].body.is_some());
        let promised: Vec<Entry> = entries
            .into_iter()
            .map(|mut entry| {
                entry.body = entry.body.filter(|_| kinds.contains(&entry.header.fields().kind));
                entry
            })
            .collect();
        assert_eq!(content, promised);
    }
}

#[test]
fn what_comes_after_live_is_whole_even_for_a_slow_reader() {
    let (mut world, mut founder, at_founder, _, peer) = plan();
    world.hold_writes = true;
    let early = founder.change(30);
    world.push(at_founder, vec![early.clone()]);
    go_lean(&mut world, peer, Bodies::Snapshots);
    // Before it is live, even what comes from memory has no body.
    let first = got(&mut world, peer);
    assert!(first.live);
    assert_eq!(first.entries.last(), Some(&Entry { body: None, ..early }));
    world.release_writes();
    let live = founder.change(40);
    world.push(at_founder, vec![live.clone()]);
    assert_eq!(got(&mut world, peer).entries, [live]);
    world.stuck.push(peer);
    let missed: Vec<_> = (0..100).map(|_| founder.change(2_000)).collect();
    for entry in &missed {
        world.push(at_founder, vec![entry.clone()]);
    }
    world.unstick(peer);
    assert_eq!(got(&mut world, peer).entries, missed);
}

#[test]
fn bodies_come_in_the_order_in_which_they_are_asked_for() {
    let (mut world, founder, _, entries, peer) = plan();
    let log = founder.log();
    go_lean(&mut world, peer, Bodies::Membership);
    world.inbox.clear();
    world.stuck.push(peer);
    want(&mut world, peer, 7, vec![range(log, 5, 7), range(log, 0, 2)]);
    want(&mut world, peer, 8, vec![range(log, 1, 6)]);
    world.stuck.clear();
    for _ in 0..20 {
        world.unstick(peer);
    }
    let answer = got(&mut world, peer);
    let promised = [&entries[5..7], &entries[0..2], &entries[1..6]].concat();
    assert_eq!(answer.entries, promised);
    assert_eq!((answer.answered, answer.lacks), (vec![7, 8], Vec::new()));
    // An ask of nothing is answered as well, and one of membership.
    want(&mut world, peer, 9, Vec::new());
    let founding = samverka_log::LogId { slot: samverka_log::SlotId::MEMBERSHIP, ..log };
    want(&mut world, peer, 10, vec![range(founding, 0, 1)]);
    let answer = got(&mut world, peer);
    assert_eq!(answer.answered, [9, 10]);
    assert!(matches!(&answer.entries[..], [genesis] if genesis.body.is_some()));
}

#[test]
fn what_is_not_to_be_had_is_named_with_its_reason() {
    let (mut world, mut founder, at_founder) = World::founded();
    let (mut other, mut late) = (Device::new(2), Device::new(3));
    let adds = vec![founder.add(&other, Role::Editor), founder.add(&late, Role::Editor)];
    late.learn(&founder);
    let removal = founder.remove(&late);
    other.learn(&founder);
    world.push(at_founder, adds);
    world.push(at_founder, vec![removal]);
    let first = founder.change(10);
    let gone = founder.entry(EntryKind::Change, BOARD, vec![1; 10]);
    let order = founder.entry(EntryKind::Drop, BOARD, vec![2; 10]);
    let last = founder.entry(EntryKind::Change, PLAN, vec![3; 10]);
    let plan = founder.entry(EntryKind::Change, PLAN, vec![3; 10]);
    assert_ne!(first.header.fields().document, PLAN, "the board is what the test's changes are about");
    world.push(at_founder, vec![first, gone, order, last.clone(), plan.clone()]);
    let withheld = vec![
        late.entry(EntryKind::Change, PLAN, vec![7; 9]),
        late.entry(EntryKind::Change, PLAN, vec![8; 200_000]),
    ];
    let at_late = world.connect();
    world.attach(at_late, &late);
    push_all(&mut world, at_late, &withheld);
    let at_other = world.live(&other);
    let unknown = Device::new(66).log();
    let wants = vec![range(founder.log(), 0, 9), range(unknown, 3, u64::MAX), range(late.log(), 0, 3)];
    want(&mut world, at_other, 1, wants.clone());
    let answer = got(&mut world, at_other);
    assert_eq!(answer.entries, [last.clone(), plan.clone()]);
    let lack = |log, from, until, why| (1, Lack { range: range(log, from, until), why });
    let mut lacks = vec![
        lack(founder.log(), 0, 3, LackReason::Dropped),
        lack(founder.log(), 5, 9, LackReason::Absent),
        lack(unknown, 3, u64::MAX, LackReason::Absent),
        lack(late.log(), 0, 2, LackReason::Withheld),
        lack(late.log(), 2, 3, LackReason::Absent),
    ];
    assert_eq!((answer.lacks, answer.answered), (lacks.clone(), vec![1]));
    // An admin is shown what came late.
    world.inbox.clear();
    want(&mut world, at_founder, 1, wants);
    lacks.remove(3);
    let answer = got(&mut world, at_founder);
    assert_eq!(answer.lacks, lacks);
    assert_eq!(answer.entries, [vec![last, plan], withheld].concat());
}

#[test]
fn a_large_late_body_does_not_reach_others_through_the_stream() {
    let (mut world, mut founder, at_founder) = World::founded();
    let (mut other, mut late) = (Device::new(2), Device::new(3));
    let adds = vec![founder.add(&other, Role::Editor), founder.add(&late, Role::Editor)];
    late.learn(&founder);
    other.learn(&founder);
    world.push(at_founder, adds);
    let removal = founder.remove(&late);
    world.push(at_founder, vec![removal]);
    let live = world.live(&other);
    let entry = late.change(500_000);
    let at_late = world.connect();
    world.attach(at_late, &late);
    push_all(&mut world, at_late, std::slice::from_ref(&entry));
    let header = Entry { body: None, ..entry.clone() };
    assert_eq!(got(&mut world, live).entries, std::slice::from_ref(&header));
    let later = world.connect();
    world.attach(later, &other);
    go_lean(&mut world, later, Bodies::All);
    assert!(got(&mut world, later).entries.contains(&header));
    assert!(got(&mut world, at_founder).entries.contains(&entry));
}

#[test]
fn whoever_is_not_in_is_given_nothing() {
    let (mut world, mut founder, at_founder, _, _) = plan();
    let wants = vec![range(founder.log(), 0, 9)];
    let stranger = world.connect();
    want(&mut world, stranger, 1, wants.clone());
    let answer = world.all(stranger);
    assert!(matches!(&answer[..], [Frame::Refused { code: Code::NotAMember, .. }]), "{answer:?}");

    let mut removed = Device::new(4);
    let add = founder.add(&removed, Role::Editor);
    removed.learn(&founder);
    world.push(at_founder, vec![add]);
    let peer = world.live(&removed);
    world.stuck.push(peer);
    want(&mut world, peer, 1, wants.clone());
    let asked = world.room.outstanding(peer);
    assert!(asked >= CREDIT_BYTES, "it is on its way: {asked}");
    let removal = founder.remove(&removed);
    world.push(at_founder, vec![removal]);
    world.inbox.clear();
    world.stuck.clear();
    world.unstick(peer);
    // What was on its way is cut off with it.
    assert_eq!(got(&mut world, peer), Got::default());
    world.attach(peer, &removed);
    want(&mut world, peer, 2, wants.clone());
    let answer = got(&mut world, peer);
    assert_eq!(answer.entries, []);
    assert_eq!(answer.lacks, [(2, Lack { range: wants[0], why: LackReason::Withheld })]);
    assert_eq!(answer.answered, [2]);
}

#[test]
fn a_reader_that_asks_and_does_not_read_costs_bounded_memory() {
    let (mut world, mut founder, at_founder) = World::founded();
    let mut all = Vec::new();
    for size in [500, 150_000].into_iter().cycle().take(200) {
        all.push(founder.change(size));
    }
    push_all(&mut world, at_founder, &all);
    let peer = world.live(&founder);
    world.stuck.push(peer);
    want(&mut world, peer, 1, vec![range(founder.log(), 0, 200)]);
    let mut entries = Vec::new();
    let mut parts = PartAssembler::new();
    let mut most = 0;
    for _ in 0..2_000 {
        most = most.max(world.room.outstanding(peer));
        let queued = world.room.outstanding(peer);
        world.room.handle_drained(peer, queued, world.now_ms);
        world.run();
        for frame in world.all(peer) {
            match frame {
                Frame::Entries { entries: some, .. } => entries.extend(some),
                Frame::Part { header, offset, total, bytes, .. } => {
                    entries.extend(parts.take(header, offset, total, &bytes).unwrap());
                }
                Frame::Lacking { lacks, last, .. } => assert!(last && lacks.is_empty()),
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(most < CREDIT_BYTES + 128 * 1024, "{most}");
    assert!(world.closed.is_empty());
    assert_eq!(entries, all);
}

#[test]
fn what_is_new_goes_before_what_was_asked_for() {
    let (mut world, mut founder, at_founder, entries, peer) = plan();
    go_lean(&mut world, peer, Bodies::Membership);
    world.inbox.clear();
    world.stuck.push(peer);
    want(&mut world, peer, 1, vec![range(founder.log(), 3, 4), range(founder.log(), 0, 7)]);
    let large = founder.change(400_000);
    let small = founder.change(10);
    push_all(&mut world, at_founder, &[large.clone(), small.clone()]);
    for _ in 0..100 {
        world.unstick(peer);
    }
    let answer = got(&mut world, peer);
    // The body that had begun is finished first; two large ones are never mixed.
    let promised = [vec![entries[3].clone(), large, small], entries].concat();
    assert_eq!(answer.entries, promised);
    assert_eq!(answer.answered, [1]);
}

#[test]
fn what_is_accepted_and_not_durable_is_sent_when_it_is() {
    let (mut world, mut founder, at_founder, _, peer) = plan();
    go_lean(&mut world, peer, Bodies::Membership);
    world.hold_writes = true;
    let entry = founder.change(25);
    world.push(at_founder, vec![entry.clone()]);
    world.inbox.clear();
    want(&mut world, peer, 1, vec![range(founder.log(), 7, 9)]);
    assert_eq!(got(&mut world, peer), Got::default());
    world.release_writes();
    let answer = got(&mut world, peer);
    assert_eq!(answer.entries, [entry]);
    let lack = Lack { range: range(founder.log(), 8, 9), why: LackReason::Absent };
    assert_eq!((answer.lacks, answer.answered), (vec![(1, lack)], vec![1]));
}

#[test]
fn asking_for_too_much_at_a_time_is_answered_at_once() {
    let (mut world, founder, _, entries, peer) = plan();
    go_lean(&mut world, peer, Bodies::Membership);
    world.inbox.clear();
    world.stuck.push(peer);
    let wants = vec![range(founder.log(), 0, 7)];
    for ask in 0..6 {
        want(&mut world, peer, ask, wants.clone());
    }
    for _ in 0..100 {
        world.unstick(peer);
    }
    let answer = got(&mut world, peer);
    assert_eq!(answer.answered, [4, 5, 0, 1, 2, 3]);
    let busy = |ask| (ask, Lack { range: wants[0], why: LackReason::Busy });
    assert_eq!(answer.lacks, [busy(4), busy(5)]);
    assert_eq!(answer.entries, vec![entries; 4].concat());
}

#[test]
fn entries_without_bodies_are_looked_for_at_a_pace() {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let mut settings = support::settings();
    settings.limits.entries_per_second_max = 10;
    let mut world = World::with(founder.space, settings, MemoryStore::default());
    let at_founder = world.connect();
    world.send(at_founder, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
    world.attach(at_founder, &founder);
    let order = founder.entry(EntryKind::Drop, BOARD, vec![1]);
    let entries: Vec<_> = std::iter::once(order)
        .chain((0..1_000).map(|_| founder.entry(EntryKind::Change, BOARD, vec![1])))
        .collect();
    push_all(&mut world, at_founder, &entries);
    world.inbox.clear();
    let wants: Vec<_> = (0..200).map(|_| range(founder.log(), 0, u64::MAX)).collect();
    let began_ms = world.now_ms;
    want(&mut world, at_founder, 1, wants);
    for _ in 0..10 {
        let due = world.room.poll_timeout().expect("it has more to look at");
        world.wait(due - world.now_ms);
    }
    assert!(world.now_ms - began_ms > 60_000, "{}", world.now_ms - began_ms);
    // Asking anew does not make it faster.
    world.attach(at_founder, &founder);
    want(&mut world, at_founder, 2, vec![range(founder.log(), 0, 5)]);
    assert_eq!(got(&mut world, at_founder).answered, [0_u32; 0]);
    // Nor does it harm anybody else.
    let other = world.live(&founder);
    let entry = founder.entry(EntryKind::Change, PLAN, vec![1]);
    world.push(at_founder, vec![entry.clone()]);
    assert_eq!(got(&mut world, other).entries, [entry]);
}

#[test]
fn a_large_body_waits_for_memory_and_comes_later() {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let settings =
        samverka_room::Settings { large_bodies: samverka_room::Budget::new(350_000), ..support::settings() };
    let mut world = World::with(founder.space, settings, MemoryStore::default());
    let at_founder = world.connect();
    world.send(at_founder, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
    world.attach(at_founder, &founder);
    let entries = vec![founder.change(10), founder.change(300_000), founder.change(20)];
    push_all(&mut world, at_founder, &entries);
    let (slow, waiting) = (world.connect(), world.connect());
    for peer in [slow, waiting] {
        world.attach(peer, &founder);
    }
    world.inbox.clear();
    world.stuck.push(slow);
    let wants = vec![range(founder.log(), 0, 3)];
    want(&mut world, slow, 1, wants.clone());
    want(&mut world, waiting, 1, wants);
    assert_eq!(got(&mut world, waiting).entries, entries[..1]);
    world.disconnect(slow);
    let answer = got(&mut world, waiting);
    assert_eq!(answer.entries, entries[1..]);
    assert_eq!(answer.answered, [1]);
}

#[test]
fn attaching_anew_forgets_what_was_asked() {
    let (mut world, founder, _, entries, peer) = plan();
    world.stuck.push(peer);
    want(&mut world, peer, 1, vec![range(founder.log(), 0, 7)]);
    world.attach(peer, &founder);
    for _ in 0..50 {
        world.unstick(peer);
    }
    assert_eq!(got(&mut world, peer).answered, [0_u32; 0]);
    want(&mut world, peer, 2, vec![range(founder.log(), 0, 7)]);
    let answer = got(&mut world, peer);
    assert_eq!((answer.entries, answer.answered), (entries, vec![2]));
    // Gone in the middle of it, it leaves nothing behind.
    world.stuck.push(peer);
    want(&mut world, peer, 3, vec![range(founder.log(), 0, 7)]);
    world.disconnect(peer);
    assert!(world.room.is_settled());
}
