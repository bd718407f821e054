//! A relay that has no more room: it says so by name, loses nothing that it acknowledged, leaves other spaces alone,
//! and goes on when there is room.

mod support;

use samverka_log::{Entry, Frontier, LogHead};
use samverka_protocol::{Code, Frame};
use samverka_room::PeerId;
use samverka_store::{MemoryStore, Store, StoreError};
use samverka_testkit::people::Device;
use support::{CHANNEL, World, settings};

fn refusals(frames: &[Frame]) -> Vec<(u64, Code)> {
    let refusal = |frame: &Frame| match frame {
        Frame::Reject { number, code, .. } => Some((*number, *code)),
        _ => None,
    };
    frames.iter().filter_map(refusal).collect()
}

/// Up to where the founder's log was acknowledged.
fn acknowledged(frames: &[Frame], device: &Device) -> u64 {
    let of_log = |frame: &Frame| match frame {
        Frame::Ack { logs, .. } => logs.iter().find(|(log, _)| *log == device.log()).map(|(_, next)| *next),
        _ => None,
    };
    frames.iter().filter_map(of_log).max().unwrap_or(0)
}

fn stored(store: &MemoryStore, device: &Device) -> Vec<Entry> {
    store
        .entries_of_log(device.space, device.log(), 0, usize::MAX, usize::MAX)
        .expect("the store in memory reads")
}

/// A space in a store that others share, with its founder attached and live.
fn founded(mut founder: Device, bytes_max: u64, store: MemoryStore) -> (World, Device, PeerId) {
    let genesis = founder.found();
    let mut settings = settings();
    settings.limits.space_bytes_max = bytes_max;
    let mut world = World::with(founder.space, settings, store);
    let peer = world.connect();
    world.send(peer, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
    world.attach(peer, &founder);
    world.go_live(peer, Frontier::new());
    world.inbox.clear();
    (world, founder, peer)
}

/// Pushes after what a log has until the room says no; adds what it took.
fn fill_up(world: &mut World, device: &mut Device, peer: PeerId, taken: &mut Vec<Entry>) {
    for _ in 0..100 {
        let mut ahead = device.clone();
        let entry = ahead.change(1_000);
        world.push(peer, vec![entry.clone()]);
        let frames = world.all(peer);
        let next = taken.len() as u64;
        if let [refusal] = refusals(&frames)[..] {
            return assert_eq!(refusal, (next, Code::Quota));
        }
        *device = ahead;
        taken.push(entry);
        assert_eq!(acknowledged(&frames, device), next + 1);
    }
    panic!("the quota is never reached");
}

#[test]
fn a_full_quota_is_named_and_keeps_everything_that_was_acknowledged() {
    let (mut world, mut founder, peer) = founded(Device::new(1), 10_400, MemoryStore::default());
    let mut taken = Vec::new();
    fill_up(&mut world, &mut founder, peer, &mut taken);
    assert!(taken.len() > 3, "{}", taken.len());
    // It says so every time, and the channel stays: what is there can be read.
    let refused = founder.clone().change(1_000);
    world.push(peer, vec![refused]);
    assert_eq!(refusals(&world.all(peer)), [(taken.len() as u64, Code::Quota)]);
    assert!(world.closed.is_empty() && world.room.is_settled());
    assert_eq!(stored(&world.store, &founder), taken);
    let reader = world.connect();
    world.attach(reader, &founder);
    world.go_live(reader, Frontier::new());
    let sent: Vec<_> = world.entries(reader).into_iter().filter(|entry| entry.body.is_some()).collect();
    assert!(taken.iter().all(|entry| sent.contains(entry)));
    // Less may still fit.
    let small = founder.change(10);
    world.push(peer, vec![small.clone()]);
    let frames = world.all(peer);
    assert_eq!((refusals(&frames), acknowledged(&frames, &founder)), (vec![], taken.len() as u64 + 1));
}

#[test]
fn a_full_quota_of_one_space_leaves_the_others_alone() {
    let (mut full, mut founder, peer) = founded(Device::new(1), 10_000, MemoryStore::default());
    let (mut taken, mut theirs) = (Vec::new(), Vec::new());
    fill_up(&mut full, &mut founder, peer, &mut taken);
    let (mut other, mut neighbour, at_other) = founded(Device::new(2), 10_000, full.store);
    fill_up(&mut other, &mut neighbour, at_other, &mut theirs);
    assert_eq!(theirs.len(), taken.len(), "each has its own quota");
    assert_eq!(stored(&other.store, &founder), taken);
    assert_eq!(stored(&other.store, &neighbour), theirs);
}

#[test]
fn a_space_over_its_quota_goes_on_when_the_relay_grants_more() {
    let (mut world, mut founder, peer) = founded(Device::new(1), 10_000, MemoryStore::default());
    let mut taken = Vec::new();
    fill_up(&mut world, &mut founder, peer, &mut taken);
    // The host changes the configuration, and the relay starts again.
    let mut more = settings();
    more.limits.space_bytes_max = 20_000;
    let mut world = World::with(founder.space, more, world.store);
    let peer = world.live(&founder);
    let next = founder.change(1_000);
    world.push(peer, vec![next.clone()]);
    taken.push(next);
    let frames = world.all(peer);
    assert_eq!((refusals(&frames), acknowledged(&frames, &founder)), (vec![], taken.len() as u64));
    fill_up(&mut world, &mut founder, peer, &mut taken);
    assert_eq!(stored(&world.store, &founder), taken);
    // With less than it has, it takes nothing more and gives what it has.
    let mut less = settings();
    less.limits.space_bytes_max = 1_000;
    let mut world = World::with(founder.space, less, world.store);
    let peer = world.live(&founder);
    world.push(peer, vec![founder.clone().change(1)]);
    assert_eq!(refusals(&world.all(peer)), [(taken.len() as u64, Code::Quota)]);
    assert_eq!(stored(&world.store, &founder), taken);
}

/// Answers the next write with a full disk.
fn the_disk_is_full(world: &mut World) {
    let at =
        world.requests.iter().position(|(_, request)| matches!(request, samverka_store::Request::Write(_)));
    let (id, _) = world.requests.remove(at.expect("a write is under way")).expect("it is there");
    world.room.handle_stored(id, Err(StoreError::Full), world.now_ms);
    world.run();
}

#[test]
fn a_full_disk_is_named_to_whoever_waits_and_takes_nothing_more_until_there_is_room() {
    let (mut world, mut founder, peer) = founded(Device::new(1), u64::MAX, MemoryStore::default());
    let watching = world.live(&founder);
    world.hold_writes = true;
    let first = founder.change(100);
    world.push(peer, vec![first.clone()]);
    the_disk_is_full(&mut world);
    assert_eq!(refusals(&world.all(peer)), [(0, Code::StorageFull)]);
    // What was accepted is kept; nothing more is.
    let second = founder.change(100);
    world.push(peer, vec![second.clone()]);
    assert_eq!(refusals(&world.all(peer)), [(1, Code::StorageFull)]);
    // Trying again in vain is not told again.
    let due = world.room.poll_timeout().unwrap();
    world.wait(due - world.now_ms);
    the_disk_is_full(&mut world);
    assert!(world.all(peer).is_empty());
    assert!(stored(&world.store, &founder).is_empty() && world.closed.is_empty());
    // Somebody makes room: what was kept is acknowledged, and what is sent again is taken.
    world.release_writes();
    let due = world.room.poll_timeout().unwrap();
    world.wait(due - world.now_ms);
    assert_eq!(acknowledged(&world.all(peer), &founder), 1);
    world.push(peer, vec![second.clone()]);
    assert_eq!(acknowledged(&world.all(peer), &founder), 2);
    assert_eq!(stored(&world.store, &founder), [first.clone(), second.clone()]);
    assert!(world.room.is_settled());
    assert_eq!(world.entries(watching), [first, second]);
}

#[test]
fn what_was_acknowledged_before_the_disk_was_full_is_there_after_a_restart() {
    let (mut world, mut founder, peer) = founded(Device::new(1), u64::MAX, MemoryStore::default());
    let before = founder.change(100);
    world.push(peer, vec![before.clone()]);
    assert_eq!(acknowledged(&world.all(peer), &founder), 1);
    world.hold_writes = true;
    let after = founder.change(100);
    world.push(peer, vec![after.clone()]);
    the_disk_is_full(&mut world);
    // The process ends with what it had accepted and not written: its sender has it still.
    let mut again = World::with(founder.space, settings(), world.store);
    let peer = again.connect();
    again.attach(peer, &founder);
    let frontier: Frontier = [(founder.log(), LogHead { next: 2, head: after.id() })].into_iter().collect();
    again.send(
        peer,
        Frame::FrontierIs { channel: CHANNEL, frontier, reply: true, bodies: samverka_protocol::Bodies::All },
    );
    let theirs = again.all(peer).into_iter().find_map(|frame| match frame {
        Frame::FrontierIs { frontier, .. } => Some(frontier),
        _ => None,
    });
    assert_eq!(theirs.unwrap().head(&founder.log()).next, 1);
    again.push(peer, vec![after.clone()]);
    assert_eq!(acknowledged(&again.all(peer), &founder), 2);
    assert_eq!(stored(&again.store, &founder), [before, after]);
}
