//! Whatever a peer sends, the room stays up, stays bounded, and serves the others.

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use samverka_log::limits::MEMBERSHIP_LOG_OPERATIONS_MAX;
use samverka_log::{
    DeviceId, EntryKind, Frontier, LogHead, LogId, LogRange, Operation, Role, Signature, SlotId, SpaceId,
};
use samverka_protocol::limits::WANTS_MAX;
use samverka_protocol::{Bodies, Code, Frame};
use samverka_room::{PeerId, Reaction, Reception};
use samverka_testkit::people::{BOARD, Device};
use support::{CHANNEL, World, settings};

/// An honest pair that has to get its entries through whatever else happens.
fn honest_pair_works(world: &mut World, founder: &mut Device, at_founder: PeerId) {
    let watcher = world.live(founder);
    world.inbox.clear();
    let entry = founder.change(100);
    world.push(at_founder, vec![entry.clone()]);
    assert_eq!(world.entries(watcher), [entry]);
    assert!(world.all(at_founder).iter().any(|frame| matches!(frame, Frame::Ack { .. })));
    world.disconnect(watcher);
}

/// What a hostile peer may send once its bytes are a frame.
fn frames(other: Device) -> impl Strategy<Value = Frame> {
    let space = other.space;
    let entry =
        (0..5u8, 0..400usize, any::<bool>(), any::<bool>()).prop_map(move |(kind, size, skip, bodiless)| {
            let mut device = other.clone();
            if skip {
                device.change(1);
            }
            let kind = [
                EntryKind::Change,
                EntryKind::Snapshot,
                EntryKind::Drop,
                EntryKind::Unknown(99),
                EntryKind::Membership,
            ][usize::from(kind)];
            let mut entry = match kind {
                EntryKind::Membership => device.entry(kind, samverka_log::DocumentId::ZERO, vec![1; size]),
                kind => device.entry(kind, BOARD, vec![1; size]),
            };
            if bodiless {
                entry.body = None;
            }
            entry
        });
    let channel = CHANNEL;
    let head = (any::<u64>(), any::<[u8; 32]>(), any::<u64>()).prop_map(|(slot, device, next)| {
        let log = LogId { device: DeviceId::from_bytes(device), slot: SlotId(slot) };
        (log, LogHead { next, head: samverka_log::EntryId::from_bytes(device) })
    });
    let frontier =
        proptest::collection::vec(head, 0..4).prop_map(|logs| logs.into_iter().collect::<Frontier>());
    let bytes = proptest::collection::vec(any::<u8>(), 0..300);
    let bodies = prop_oneof![Just(Bodies::All), Just(Bodies::Snapshots), Just(Bodies::Membership)];
    let founder = Device::new(1);
    let logs = [
        founder.log(),
        LogId { slot: SlotId::MEMBERSHIP, ..founder.log() },
        Device::new(2).log(),
        Device::new(66).log(),
    ];
    let edge = prop_oneof![0..8u64, any::<u64>()];
    let range = (0..logs.len(), edge.clone(), edge).prop_map(move |(log, from, more)| {
        let from = from.min(u64::MAX - 1);
        LogRange { log: logs[log], from, until: from.saturating_add(more.max(1)) }
    });
    prop_oneof![
        (any::<u32>(), proptest::collection::vec(range, 0..WANTS_MAX))
            .prop_map(move |(ask, wants)| Frame::WantBodies { channel, ask, wants }),
        any::<bool>().prop_map(move |last| Frame::Lacking { channel, ask: 1, lacks: Vec::new(), last }),
        proptest::collection::vec(entry.clone(), 0..6)
            .prop_map(move |entries| Frame::Entries { channel, entries }),
        proptest::collection::vec(entry.clone(), 0..3).prop_map(move |entries| Frame::Create {
            channel,
            token: String::new(),
            entries
        }),
        (frontier, any::<bool>(), bodies).prop_map(move |(frontier, reply, bodies)| {
            Frame::FrontierIs { channel, frontier, reply, bodies }
        }),
        (entry.clone(), any::<u32>(), any::<u32>(), bytes.clone(), any::<bool>()).prop_map(
            move |(entry, offset, total, bytes, begins)| {
                Frame::Part { channel, header: begins.then_some(entry.header), offset, total, bytes }
            }
        ),
        (entry.clone(), entry).prop_map(move |(first, second)| Frame::Fork {
            channel,
            first: first.header,
            second: second.header
        }),
        bytes.clone().prop_map(move |bytes| Frame::Ephemeral { channel, bytes }),
        bytes.clone().prop_map(move |receipt| Frame::Receipt { channel, receipt }),
        bytes.prop_map(move |knock| Frame::Knock { channel, space, knock }),
        (any::<[u8; 32]>(), any::<bool>()).prop_map(move |(device, refused)| Frame::KnockClose {
            channel,
            device: DeviceId::from_bytes(device),
            refused
        }),
        any::<u64>().prop_map(|token| Frame::Ping { token }),
        (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(move |(device, half)| Frame::Attach {
            channel,
            space,
            device: DeviceId::from_bytes(device),
            host: "relay.example".to_owned(),
            signature: Signature::from_bytes([half, half].concat().try_into().expect("two halves")),
        }),
    ]
}

/// A member, a reader, a removed device and a stranger, for one hostile peer each.
fn world() -> (World, Device, PeerId, Vec<(Device, PeerId)>) {
    let (mut world, mut founder, at_founder) = World::founded();
    let (mut editor, mut reader, mut removed, mut stranger) =
        (Device::new(2), Device::new(3), Device::new(4), Device::new(5));
    let operations = vec![
        founder.add(&editor, Role::Editor),
        founder.add(&reader, Role::Reader),
        founder.add(&removed, Role::Editor),
    ];
    removed.learn(&founder);
    world.push(at_founder, operations);
    let removal = founder.remove(&removed);
    world.push(at_founder, vec![removal]);
    let mut hostile = Vec::new();
    for device in [&mut editor, &mut reader, &mut removed] {
        if device.space != founder.space {
            device.learn(&founder);
        }
        let peer = world.connect();
        world.attach(peer, device);
        hostile.push((device.clone(), peer));
    }
    stranger.learn(&founder);
    let peer = world.connect();
    hostile.push((stranger, peer));
    world.inbox.clear();
    (world, founder, at_founder, hostile)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn hostile_frames_do_not_disturb_an_honest_pair(
        which in 0..4usize,
        script in world().3.into_iter().map(|(device, _)| proptest::collection::vec(frames(device), 1..20).boxed())
            .collect::<Vec<_>>(),
    ) {
        let (mut world, mut founder, at_founder, hostile) = world();
        let (_, peer) = hostile[which];
        for frame in &script[which] {
            world.send(peer, frame.clone());
        }
        world.wait(1_000);
        honest_pair_works(&mut world, &mut founder, at_founder);
        prop_assert!(world.room.is_settled());
    }

    #[test]
    fn any_bytes_are_answered_or_dismissed_by_name(message in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut reception = Reception::new(Arc::new(settings()), [0; 32], 0);
        match reception.handle_frame(&message, 1) {
            Reaction::Bye { code, .. } => prop_assert!(matches!(code, Code::Malformed | Code::Version | Code::GoingAway)),
            Reaction::Send(_) => {}
            other => prop_assert!(false, "{:?}", other),
        }
        let greeted = matches!(reception.handle_frame(&Frame::hello("test").encode(), 2), Reaction::Send(_));
        prop_assert!(greeted);
        let passed = matches!(reception.handle_frame(&message, 3), Reaction::Pass { .. });
        prop_assert!(!passed, "no channel is open");
    }
}

#[test]
fn a_connection_has_a_bounded_number_of_channels() {
    let mut reception = Reception::new(Arc::new(settings()), [0; 32], 0);
    assert!(matches!(reception.handle_frame(&Frame::hello("test").encode(), 0), Reaction::Send(_)));
    let knock = |channel: u32| {
        Frame::Knock { channel, space: SpaceId::from_bytes([1; 32]), knock: Vec::new() }.encode()
    };
    for channel in 0..64 {
        assert!(matches!(reception.handle_frame(&knock(channel), 0), Reaction::Open { .. }));
    }
    assert!(matches!(
        reception.handle_frame(&knock(64), 0),
        Reaction::Bye { code: Code::TooManyChannels, .. }
    ));
    assert!(matches!(
        reception.handle_frame(&Frame::Detach { channel: 3 }.encode(), 0),
        Reaction::Leave { channel: 3 }
    ));
    assert!(matches!(reception.handle_frame(&knock(64), 0), Reaction::Open { .. }));
}

#[test]
fn a_flood_of_entries_is_read_more_slowly() {
    let mut reception = Reception::new(Arc::new(settings()), [0; 32], 0);
    reception.handle_frame(&Frame::hello("test").encode(), 0);
    let mut device = Device::new(1);
    device.found();
    let entries: Vec<_> = (0..1000).map(|_| device.change(1)).collect();
    let frame = Frame::Entries { channel: 1, entries }.encode();
    for _ in 0..60 {
        reception.handle_frame(&frame, 0);
    }
    let ready = reception.ready_at_ms();
    assert!(ready > 1_000, "{ready}");
}

#[test]
fn a_flood_of_asks_is_read_more_slowly() {
    let mut reception = Reception::new(Arc::new(settings()), [0; 32], 0);
    reception.handle_frame(&Frame::hello("test").encode(), 0);
    let range = LogRange { log: Device::new(1).log(), from: 0, until: u64::MAX };
    let frame = Frame::WantBodies { channel: 1, ask: 1, wants: vec![range; WANTS_MAX] }.encode();
    for _ in 0..250 {
        reception.handle_frame(&frame, 0);
    }
    let ready = reception.ready_at_ms();
    assert!(ready > 1_000, "{ready}");
}

#[test]
fn a_client_of_the_first_version_is_spoken_to_in_it() {
    for (range, spoken) in [((1, 1), Some(1)), ((1, 2), Some(2)), ((1, 9), Some(2)), ((3, 9), None)] {
        let mut reception = Reception::new(Arc::new(settings()), [0; 32], 0);
        let (protocol_min, protocol_max) = range;
        let hello = Frame::Hello { protocol_min, protocol_max, software: String::new() };
        let answer = match reception.handle_frame(&hello.encode(), 0) {
            Reaction::Send(bytes) => match Frame::decode(&bytes).unwrap() {
                Frame::Welcome { protocol, .. } => Some(protocol),
                other => panic!("{other:?}"),
            },
            Reaction::Bye { code: Code::Version, .. } => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(answer, spoken, "{range:?}");
    }
}

#[test]
fn frames_before_the_room_is_loaded_are_bounded() {
    let mut founder = Device::new(1);
    founder.found();
    let mut room = samverka_room::Room::new(founder.space, Arc::new(settings()));
    let introduction = samverka_room::Introduction { channel: 1, nonce: [0; 32], hosts: Arc::new([]) };
    room.handle_connected(PeerId(0), introduction, 0);
    for _ in 0..100 {
        let frame = Frame::Ephemeral { channel: 1, bytes: vec![0; 100] };
        room.handle_frame(PeerId(0), samverka_room::Incoming::new(frame), 0);
    }
    let closes = std::iter::from_fn(|| room.poll_effect())
        .filter(|effect| matches!(effect, samverka_room::Effect::Close { code: Code::Malformed, .. }));
    assert_eq!(closes.count(), 1);
}

#[test]
fn whoever_is_not_attached_brings_membership_and_nothing_else_and_not_without_end() {
    let (mut world, mut founder, at_founder) = World::founded();
    let create = |entries| Frame::Create { channel: CHANNEL, token: String::new(), entries };
    // What the founder signed is as good from anybody.
    let mut member = Device::new(2);
    let add = founder.add(&member, Role::Editor);
    member.learn(&founder);
    let carrier = world.connect();
    assert!(matches!(
        world.try_attach(carrier, &member),
        Some(Frame::Refused { code: Code::NotAMember, .. })
    ));
    world.send(carrier, create(vec![add]));
    assert!(world.all(carrier).iter().any(|frame| matches!(frame, Frame::Created { .. })));
    world.attach(carrier, &member);
    // A change is not.
    let stranger = world.connect();
    world.send(stranger, create(vec![member.change(10)]));
    let answer = world.all(stranger);
    assert!(matches!(&answer[..], [Frame::Refused { code: Code::Malformed, .. }]), "{answer:?}");
    // What nobody in here signed is not taken, and does not wait.
    let mut nobody = Device::new(9);
    nobody.learn(&founder);
    let own = nobody.add(&Device::new(10), Role::Admin);
    world.send(stranger, create(vec![own]));
    let answer = world.all(stranger);
    assert!(matches!(&answer[..], [Frame::Reject { .. }, Frame::Created { .. }]), "{answer:?}");
    // There is an end to it.
    let mut signing = founder.clone();
    let again: Vec<_> = (0..2_000).map(|_| signing.add(&Device::new(11), Role::Reader)).collect();
    let mut closed = false;
    for _ in 0..40 {
        world.send(stranger, create(again.clone()));
        closed |= world.closed.get(&stranger) == Some(&Code::RateLimited);
        if closed {
            break;
        }
    }
    assert!(closed, "a stranger brings operations without end");
    honest_pair_works(&mut world, &mut founder, at_founder);
}

#[test]
fn a_membership_log_that_no_device_would_resolve_further_is_taken_no_further() {
    let (mut world, mut founder, at_founder) = World::founded();
    let mut writer = founder.clone();
    let nothing = Operation::AcceptLate { logs: Vec::new() };
    let operations: Vec<_> =
        (0..=MEMBERSHIP_LOG_OPERATIONS_MAX).map(|_| founder.operation(&nothing)).collect();
    world.push(at_founder, operations);
    let refused: Vec<_> = world
        .all(at_founder)
        .into_iter()
        .filter_map(|frame| match frame {
            Frame::Reject { number, code, .. } => Some((number, code)),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [(MEMBERSHIP_LOG_OPERATIONS_MAX, Code::Quota)]);
    // What is not membership goes on.
    honest_pair_works(&mut world, &mut writer, at_founder);
}
