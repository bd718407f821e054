//! What a room does for and to those who are connected to it.

mod support;

use samverka_log::{EntryKind, Frontier, LogHead, Role, Signer};
use samverka_protocol::{Code, Frame, KnockState};
use samverka_room::{CREDIT_BYTES, Hosting};
use samverka_store::{MemoryStore, Store, Write};
use samverka_testkit::people::{BOARD, Device};
use support::{CHANNEL, HOST, NONCE, RELAY, World};

/// A founder and a second member, both live.
fn two(role: Role) -> (World, Device, samverka_room::PeerId, Device, samverka_room::PeerId) {
    let (mut world, mut founder, at_founder) = World::founded();
    let mut other = Device::new(2);
    let add = founder.add(&other, role);
    world.push(at_founder, vec![add]);
    other.learn(&founder);
    let at_other = world.live(&other);
    world.inbox.clear();
    (world, founder, at_founder, other, at_other)
}

fn codes(frames: &[Frame]) -> Vec<Code> {
    let code = |frame: &Frame| match frame {
        Frame::Reject { code, .. } | Frame::Refused { code, .. } => Some(*code),
        _ => None,
    };
    frames.iter().filter_map(code).collect()
}

#[test]
fn what_one_device_pushes_reaches_the_other() {
    let (mut world, _, _, mut other, at_other) = two(Role::Editor);
    let third = world.live(&{
        let mut device = Device::new(1);
        device.space = other.space;
        device
    });
    let entry = other.change(200);
    world.push(at_other, vec![entry.clone()]);
    assert_eq!(world.entries(third), [entry]);
    let acks = world.all(at_other);
    assert!(matches!(&acks[..], [Frame::Ack { logs, .. }] if logs[..] == [(other.log(), 1)]), "{acks:?}");
}

#[test]
fn an_acknowledgement_waits_for_the_store_and_fan_out_does_not() {
    let (mut world, _, at_founder, mut other, at_other) = two(Role::Editor);
    world.hold_writes = true;
    let entry = other.change(200);
    world.push(at_other, vec![entry.clone()]);
    assert_eq!(world.entries(at_founder), [entry]);
    assert!(world.all(at_other).is_empty());
    assert!(!world.room.is_settled());
    world.release_writes();
    assert!(matches!(&world.all(at_other)[..], [Frame::Ack { .. }]));
    assert!(world.room.is_settled());
}

#[test]
fn a_stranger_is_not_let_in() {
    let (mut world, founder, _) = World::founded();
    let mut stranger = Device::new(9);
    stranger.learn(&founder);
    let peer = world.connect();
    let answer = world.try_attach(peer, &stranger);
    assert!(matches!(answer, Some(Frame::Refused { code: Code::NotAMember, .. })), "{answer:?}");
    world.go_live(peer, Frontier::new());
    assert!(world.entries(peer).is_empty());
    let entry = stranger.change(10);
    world.push(peer, vec![entry]);
    assert_eq!(codes(&world.all(peer)), [Code::NotAMember]);
}

#[test]
fn a_proof_for_another_relay_host_or_connection_is_worth_nothing() {
    let (mut world, founder, _) = World::founded();
    let peer = world.connect();
    let wrong = [
        founder.proof(samverka_log::RelayKey::from_bytes([1; 32]), HOST, &NONCE),
        founder.proof(RELAY, "evil.example", &NONCE),
        founder.proof(RELAY, HOST, &[0; 32]),
    ];
    for signature in wrong {
        for host in [HOST, "evil.example"] {
            let (space, device) = (founder.space, founder.id());
            world.send(
                peer,
                Frame::Attach { channel: CHANNEL, space, device, host: host.to_owned(), signature },
            );
            assert_eq!(codes(&world.all(peer)), [Code::BadProof]);
        }
    }
}

#[test]
fn a_reader_fetches_and_its_own_entries_are_refused() {
    let (mut world, mut founder, at_founder, mut reader, at_reader) = two(Role::Reader);
    let entry = founder.change(50);
    world.push(at_founder, vec![entry.clone()]);
    assert_eq!(world.entries(at_reader), [entry]);
    let own = reader.change(50);
    world.push(at_reader, vec![own]);
    assert_eq!(codes(&world.all(at_reader)), [Code::NotEntitled]);
    assert!(world.all(at_founder).iter().all(|frame| !matches!(frame, Frame::Entries { .. })));
}

#[test]
fn anybody_who_is_in_may_carry_what_others_wrote() {
    let (mut world, mut founder, at_founder, _, at_reader) = two(Role::Reader);
    let entry = founder.change(50);
    world.push(at_reader, vec![entry.clone()]);
    assert_eq!(world.entries(at_founder), [entry]);
    assert!(matches!(&world.all(at_reader)[..], [Frame::Ack { .. }]));
}

#[test]
fn a_gap_names_the_number_that_the_relay_lacks() {
    let (mut world, _, _, mut other, at_other) = two(Role::Editor);
    let first = other.change(10);
    let second = other.change(10);
    let third = other.change(10);
    world.push(at_other, vec![first]);
    world.inbox.clear();
    world.push(at_other, vec![third]);
    let answer = world.next(at_other);
    assert!(matches!(answer, Some(Frame::Reject { number: 1, code: Code::Gap, .. })), "{answer:?}");
    world.push(at_other, vec![second]);
    assert!(matches!(world.next(at_other), Some(Frame::Ack { .. })));
}

#[test]
fn a_duplicate_is_acknowledged_again() {
    let (mut world, _, at_founder, mut other, at_other) = two(Role::Editor);
    let entries: Vec<_> = (0..3).map(|_| other.change(10)).collect();
    world.push(at_other, entries.clone());
    world.inbox.clear();
    world.push(at_other, entries);
    let acks = world.all(at_other);
    assert!(acks.iter().all(|frame| matches!(frame, Frame::Ack { logs, .. } if logs[0].1 == 3)), "{acks:?}");
    assert!(!acks.is_empty());
    assert!(world.entries(at_founder).is_empty());
}

#[test]
fn a_bad_signature_and_a_foreign_body_are_named() {
    let (mut world, _, at_founder, mut other, at_other) = two(Role::Editor);
    let mut foreign = other.clone().change(10);
    foreign.body = Some(vec![1; 10]);
    world.push(at_other, vec![foreign]);
    assert_eq!(codes(&world.all(at_other)), [Code::BodyMismatch]);

    let entry = other.change(10);
    let mut bytes = entry.header.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let forged = samverka_log::SignedHeader::parse(&bytes).unwrap();
    world.push(at_other, vec![samverka_log::Entry { header: forged, body: entry.body }]);
    assert_eq!(codes(&world.all(at_other)), [Code::BadSignature]);
    assert!(world.all(at_founder).is_empty());
}

#[test]
fn a_fork_is_proved_to_everybody_and_not_stored_over() {
    let (mut world, founder, at_founder, mut other, at_other) = two(Role::Editor);
    let mut copy = other.clone();
    let branch: Vec<_> = (0..3).map(|_| other.change(10)).collect();
    world.push(at_other, branch.clone());
    world.inbox.clear();
    let forked = copy.change(11);
    world.push(at_other, vec![forked.clone()]);
    for peer in [at_founder, at_other] {
        let frames = world.all(peer);
        let proof = frames.iter().find_map(|frame| match frame {
            Frame::Fork { first, second, .. } => Some((first.id(), second.id())),
            _ => None,
        });
        assert_eq!(proof, Some((branch[0].id(), forked.id())), "{frames:?}");
    }
    let stored = world.store.entries_of_log(founder.space, other.log(), 0, 10, usize::MAX).unwrap();
    assert_eq!(stored, branch);
    // Whoever comes later is told as well, from a room that was loaded anew.
    let mut again = World::with(founder.space, support::settings(), world.store);
    let peer = again.connect();
    again.attach(peer, &founder);
    assert!(again.all(peer).iter().any(|frame| matches!(frame, Frame::Fork { .. })));
}

#[test]
fn a_removed_device_is_cut_off_before_anything_else_is_passed_on() {
    let (mut world, mut founder, at_founder, mut other, at_other) = two(Role::Editor);
    let removal = founder.remove(&other);
    let secret = founder.change(40);
    world.push(at_founder, vec![removal.clone(), secret]);
    let frames = world.all(at_other);
    assert_eq!(codes(&frames), [Code::Removed]);
    let seen: Vec<_> = frames
        .iter()
        .flat_map(
            |frame| if let Frame::Entries { entries, .. } = frame { entries.clone() } else { Vec::new() },
        )
        .collect();
    assert_eq!(seen, [removal]);

    // It may still push what it made before it heard, and fetch nothing.
    world.attach(at_other, &other);
    world.go_live(at_other, Frontier::new());
    assert!(world.entries(at_other).is_empty());
    let late = other.change(30);
    world.push(at_other, vec![late.clone()]);
    assert!(world.all(at_other).iter().any(|frame| matches!(frame, Frame::Ack { .. })));
    // Only admins get the body of what came late.
    assert_eq!(world.entries(at_founder), [late]);
}

#[test]
fn late_bodies_are_for_admins_only() {
    let (mut world, mut founder, at_founder, mut other, at_other) = two(Role::Editor);
    let mut third = Device::new(3);
    let add = founder.add(&third, Role::Editor);
    third.learn(&founder);
    let removal = founder.remove(&other);
    world.push(at_founder, vec![add, removal]);
    let at_third = world.live(&third);
    world.attach(at_other, &other);
    world.inbox.clear();
    let late = other.change(30);
    world.push(at_other, vec![late.clone()]);
    assert_eq!(world.entries(at_founder), std::slice::from_ref(&late));
    let withheld = world.entries(at_third);
    assert_eq!(withheld[0].id(), late.id());
    assert_eq!(withheld[0].body, None);
    // The same from the store.
    let at_third = world.connect();
    world.attach(at_third, &third);
    world.go_live(at_third, Frontier::new());
    let withheld = world.entries(at_third);
    assert!(withheld.iter().any(|entry| entry.id() == late.id() && entry.body.is_none()));
}

#[test]
fn a_newcomer_with_nothing_gets_everything_in_order_and_then_live() {
    let (mut world, mut founder, at_founder) = World::founded();
    let entries: Vec<_> = (0..3000).map(|_| founder.change(100)).collect();
    for chunk in entries.chunks(500) {
        world.push(at_founder, chunk.to_vec());
    }
    let peer = world.connect();
    world.attach(peer, &founder);
    world.go_live(peer, Frontier::new());
    let frames = world.all(peer);
    assert!(matches!(frames.last(), Some(Frame::Live { .. })));
    let got: Vec<_> = frames
        .into_iter()
        .flat_map(|frame| if let Frame::Entries { entries, .. } = frame { entries } else { Vec::new() })
        .filter(|entry| entry.header.fields().kind == EntryKind::Change)
        .collect();
    assert_eq!(got, entries);
}

#[test]
fn a_device_that_has_most_gets_the_rest() {
    let (mut world, mut founder, at_founder) = World::founded();
    let entries: Vec<_> = (0..10).map(|_| founder.change(100)).collect();
    world.push(at_founder, entries.clone());
    let mut has = Frontier::new();
    has.set(founder.log(), LogHead { next: 7, head: entries[6].id() });
    let peer = world.connect();
    world.attach(peer, &founder);
    world.go_live(peer, has);
    let got = world.entries(peer);
    let changes: Vec<_> =
        got.iter().filter(|entry| entry.header.fields().kind == EntryKind::Change).collect();
    assert_eq!(changes, entries[7..].iter().collect::<Vec<_>>());
    // Membership comes first.
    assert_eq!(got[0].header.fields().kind, EntryKind::Membership);
}

#[test]
fn a_reader_that_does_not_read_costs_bounded_memory_and_catches_up() {
    let (mut world, mut founder, at_founder) = World::founded();
    let peer = world.live(&founder);
    world.stuck.push(peer);
    let mut all = Vec::new();
    for _ in 0..200 {
        let batch: Vec<_> = (0..20).map(|_| founder.change(500)).collect();
        all.extend(batch.clone());
        world.push(at_founder, batch);
        assert!(world.room.outstanding(peer) < CREDIT_BYTES + 64 * 1024);
    }
    assert!(world.closed.is_empty());
    world.unstick(peer);
    assert_eq!(world.entries(peer), all);
}

#[test]
fn a_client_that_sends_without_reading_answers_is_dismissed() {
    let (mut world, mut founder, at_founder) = World::founded();
    world.stuck.push(at_founder);
    let entry = founder.change(10);
    for _ in 0..40_000 {
        world.push(at_founder, vec![entry.clone()]);
    }
    assert_eq!(world.closed.get(&at_founder), Some(&Code::Busy));
}

#[test]
fn a_large_body_travels_in_parts_both_ways() {
    let (mut world, _, at_founder, mut other, at_other) = two(Role::Editor);
    let entry = other.change(1_000_000);
    for frame in samverka_protocol::parts(CHANNEL, &entry) {
        world.send(at_other, frame);
    }
    assert!(matches!(world.next(at_other), Some(Frame::Ack { .. })));
    let mut body = Vec::new();
    for frame in world.all(at_founder) {
        let Frame::Part { offset, bytes, .. } = frame else { continue };
        assert_eq!(offset as usize, body.len());
        body.extend(bytes);
    }
    assert_eq!(Some(body), entry.body);
}

#[test]
fn a_large_body_waits_where_there_is_no_memory_for_it() {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let settings =
        samverka_room::Settings { large_bodies: samverka_room::Budget::new(1000), ..support::settings() };
    let mut world = World::with(founder.space, settings, MemoryStore::default());
    let peer = world.connect();
    world.send(peer, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
    world.next(peer);
    world.attach(peer, &founder);
    let entry = founder.change(200_000);
    let parts = samverka_protocol::parts(CHANNEL, &entry);
    world.send(peer, parts[0].clone());
    assert_eq!(world.closed.get(&peer), Some(&Code::Busy));
}

#[test]
fn a_newcomer_knocks_and_is_told_when_an_admin_lets_them_in() {
    let (mut world, mut founder, at_founder) = World::founded();
    let invite = world.invite(&mut founder, at_founder);
    world.inbox.clear();
    let newcomer = Device::new(7);
    let peer = world.connect();
    let knock = newcomer.knock(&invite, founder.space);
    world.send(peer, Frame::Knock { channel: CHANNEL, space: founder.space, knock: knock.clone() });
    assert!(matches!(world.next(peer), Some(Frame::KnockAnswer { state: KnockState::Waiting, .. })));
    let seen = world.all(at_founder);
    assert!(
        seen.iter()
            .any(|frame| matches!(frame, Frame::Knocks { knocks, .. } if knocks[..] == [knock.clone()]))
    );
    // An admin's device that comes later, and a room that was loaded anew, know of it.
    let later = world.connect();
    world.attach(later, &founder);
    assert!(world.all(later).iter().any(|frame| matches!(frame, Frame::Knocks { .. })));
    let mut again = World::with(founder.space, support::settings(), world.store.clone());
    let later = again.connect();
    again.attach(later, &founder);
    assert!(again.all(later).iter().any(|frame| matches!(frame, Frame::Knocks { .. })));

    let admission = founder.add(&newcomer, Role::Editor);
    world.push(at_founder, vec![admission]);
    assert!(matches!(world.next(peer), Some(Frame::KnockAnswer { state: KnockState::Admitted, .. })));
    let mut newcomer = newcomer;
    newcomer.learn(&founder);
    world.attach(peer, &newcomer);
}

#[test]
fn whoever_is_let_in_is_told_though_the_admin_says_so_before_the_admission_arrives() {
    let (mut world, mut founder, at_founder) = World::founded();
    let invite = world.invite(&mut founder, at_founder);
    let newcomer = Device::new(7);
    let peer = world.connect();
    let knock = newcomer.knock(&invite, founder.space);
    world.send(peer, Frame::Knock { channel: CHANNEL, space: founder.space, knock });
    assert!(matches!(world.next(peer), Some(Frame::KnockAnswer { state: KnockState::Waiting, .. })));

    let admission = founder.add(&newcomer, Role::Editor);
    world.send(at_founder, Frame::KnockClose { channel: CHANNEL, device: newcomer.id(), refused: false });
    world.push(at_founder, vec![admission]);
    assert!(matches!(world.next(peer), Some(Frame::KnockAnswer { state: KnockState::Admitted, .. })));
    assert!(world.store.values(Some(founder.space), "knock/").unwrap().is_empty());
}

#[test]
fn a_refused_knock_stays_refused_and_an_old_one_runs_out() {
    let (mut world, mut founder, at_founder) = World::founded();
    let invite = world.invite(&mut founder, at_founder);
    let space = founder.space;
    let knocks: Vec<_> =
        [Device::new(7), Device::new(8)].iter().map(|one| (one.id(), one.knock(&invite, space))).collect();
    let peers: Vec<_> = knocks
        .iter()
        .map(|(_, knock)| {
            let peer = world.connect();
            world.send(peer, Frame::Knock { channel: CHANNEL, space, knock: knock.clone() });
            world.inbox.remove(&peer);
            peer
        })
        .collect();
    world.send(at_founder, Frame::KnockClose { channel: CHANNEL, device: knocks[0].0, refused: true });
    assert!(matches!(world.next(peers[0]), Some(Frame::KnockAnswer { state: KnockState::Refused, .. })));
    world.send(peers[0], Frame::Knock { channel: CHANNEL, space, knock: knocks[0].1.clone() });
    assert!(matches!(world.next(peers[0]), Some(Frame::KnockAnswer { state: KnockState::Refused, .. })));
    world.wait(120_000);
    assert!(matches!(world.next(peers[1]), Some(Frame::KnockAnswer { state: KnockState::Expired, .. })));
    assert!(world.store.values(Some(space), "knock/").unwrap().is_empty());
}

#[test]
fn a_knock_without_the_invitations_key_is_refused() {
    let (mut world, founder, _) = World::founded();
    let peer = world.connect();
    let knock = Device::new(7).knock(&Device::new(51), founder.space);
    world.send(peer, Frame::Knock { channel: CHANNEL, space: founder.space, knock: knock.clone() });
    assert_eq!(codes(&world.all(peer)), [Code::UnknownInvitation]);
    let mut forged = knock;
    *forged.last_mut().unwrap() ^= 1;
    world.send(peer, Frame::Knock { channel: CHANNEL, space: founder.space, knock: forged });
    assert_eq!(codes(&world.all(peer)), [Code::BadSignature]);
}

#[test]
fn founding_follows_the_hosting_policy() {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let hosting = Hosting::token(b"a token of sixteen");
    let settings = samverka_room::Settings { hosting, ..support::settings() };
    let mut world = World::with(founder.space, settings, MemoryStore::default());
    let peer = world.connect();
    let answer = world.try_attach(peer, &founder);
    assert!(matches!(answer, Some(Frame::Refused { code: Code::UnknownSpace, .. })));
    for (token, taken) in [("", false), ("wrong", false), ("a token of sixteen", true)] {
        let entries = vec![genesis.clone()];
        world.send(peer, Frame::Create { channel: CHANNEL, token: token.to_owned(), entries });
        let answer = world.next(peer);
        assert_eq!(matches!(answer, Some(Frame::Created { .. })), taken, "{answer:?}");
    }
    world.attach(peer, &founder);
}

#[test]
fn a_write_by_another_process_is_read_and_built_upon() {
    let (mut world, mut founder, at_founder, mut other, at_other) = two(Role::Editor);
    // Another relay process on the same store takes the founder's entry.
    let elsewhere = founder.change(60);
    let append = Write::Append {
        space: founder.space,
        log: founder.log(),
        expect: LogHead::EMPTY,
        entries: vec![elsewhere.clone()],
    };
    world.store.write(&[append]).unwrap();
    let next = founder.change(61);
    let own = other.change(62);
    world.push(at_other, vec![own]);
    // This room does not know the first one yet, so the second is a gap, until it learns better.
    world.push(at_founder, vec![elsewhere.clone(), next.clone()]);
    let acks: Vec<_> = world.all(at_founder);
    let acked = acks
        .iter()
        .any(|frame| matches!(frame, Frame::Ack { logs, .. } if logs.contains(&(founder.log(), 2))));
    assert!(acked, "{acks:?}");
    let stored = world.store.entries_of_log(founder.space, founder.log(), 0, 10, usize::MAX).unwrap();
    assert_eq!(stored, [elsewhere, next]);
}

#[test]
fn an_entry_that_knows_more_than_the_relay_waits_for_it() {
    let (mut world, mut founder, at_founder) = World::founded();
    let mut other = Device::new(2);
    let add = founder.add(&other, Role::Editor);
    other.learn(&founder);
    let early = other.change(10);
    world.push(at_founder, vec![early.clone()]);
    assert!(world.all(at_founder).is_empty());
    world.push(at_founder, vec![add]);
    let acks = world.all(at_founder);
    let acked =
        acks.iter().any(|frame| matches!(frame, Frame::Ack { logs, .. } if logs.contains(&(other.log(), 1))));
    assert!(acked, "{acks:?}");
}

#[test]
fn a_dropped_documents_bodies_go_and_later_ones_are_left_out() {
    let (mut world, mut founder, at_founder) = World::founded();
    let before = founder.change(100);
    let order = founder.entry(EntryKind::Drop, BOARD, vec![1; 20]);
    let after = founder.change(100);
    world.push(at_founder, vec![before.clone(), order.clone(), after.clone()]);
    let stored = world.store.entries_of_log(founder.space, founder.log(), 0, 10, usize::MAX).unwrap();
    assert_eq!(
        stored.iter().map(samverka_log::Entry::id).collect::<Vec<_>>(),
        [before.id(), order.id(), after.id()]
    );
    assert_eq!(stored[0].body, None);
    assert_eq!(stored[2].body, None);
}

#[test]
fn a_quota_that_is_reached_is_named() {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let mut settings = support::settings();
    settings.limits.space_bytes_max = 2_000;
    let mut world = World::with(founder.space, settings, MemoryStore::default());
    let peer = world.connect();
    world.send(peer, Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] });
    world.attach(peer, &founder);
    world.inbox.clear();
    let entry = founder.change(3_000);
    world.push(peer, vec![entry]);
    assert_eq!(codes(&world.all(peer)), [Code::Quota]);
}

#[test]
fn the_newest_receipt_of_a_device_is_passed_on_and_kept() {
    let (mut world, founder, at_founder, other, at_other) = two(Role::Reader);
    let receipt = |counter| {
        let frontier = Frontier::new();
        samverka_log::Receipt { space: founder.space, device: other.id(), counter, frontier }
            .sign(&other)
            .unwrap()
    };
    for counter in [3, 2, 4] {
        world.send(at_other, Frame::Receipt { channel: CHANNEL, receipt: receipt(counter) });
    }
    assert!(world.all(at_founder).is_empty());
    world.wait(1_000);
    let got = world.all(at_founder);
    assert!(matches!(&got[..], [Frame::Receipt { receipt: bytes, .. }] if *bytes == receipt(4)), "{got:?}");
    // A device that comes later gets it before it is live.
    let mut again = World::with(founder.space, support::settings(), world.store);
    let peer = again.connect();
    again.attach(peer, &founder);
    again.go_live(peer, Frontier::new());
    let frames = again.all(peer);
    assert!(frames.iter().any(|frame| matches!(frame, Frame::Receipt { .. })));
    assert!(matches!(frames.last(), Some(Frame::Live { .. })));
}

#[test]
fn receipts_of_many_come_in_portions_and_push_nobody_off_the_live_stream() {
    let (mut world, mut founder, at_founder) = World::founded();
    let mut frontier = Frontier::new();
    for slot in 1..100 {
        let log = samverka_log::LogId { device: founder.id(), slot: samverka_log::SlotId(slot) };
        frontier.set(log, samverka_log::LogHead { next: 1, head: founder.heads[0] });
    }
    let mut others: Vec<Device> = (2..32).map(Device::new).collect();
    for other in &mut others {
        world.push(at_founder, vec![founder.add(other, Role::Editor)]);
        other.learn(&founder);
    }
    let at_other = world.live(&others[0]);
    world.inbox.clear();
    let receipt = |device: &Device, counter| {
        let frontier = frontier.clone();
        samverka_log::Receipt { space: founder.space, device: device.id(), counter, frontier }
            .sign(device)
            .unwrap()
    };
    for other in &others {
        world.send(at_other, Frame::Receipt { channel: CHANNEL, receipt: receipt(other, 1) });
    }
    // Live, it does not have to wait for the store.
    world.hold_writes = true;
    let mut come = std::collections::BTreeSet::new();
    for counter in 2..12 {
        world.wait(500);
        let entry = others[0].change(10);
        world.push(at_other, vec![entry.clone()]);
        let frames = world.all(at_founder);
        let bytes: usize = frames.iter().map(|frame| frame.encode().len()).sum();
        assert!(bytes <= 40 * 1024, "{bytes} at once");
        let mut arrived = false;
        for frame in frames {
            match frame {
                Frame::Receipt { receipt, .. } => {
                    come.insert(samverka_log::Receipt::verify(&receipt).unwrap().device);
                }
                frame => {
                    assert_eq!(frame, Frame::Entries { channel: CHANNEL, entries: vec![entry.clone()] });
                    arrived = true;
                }
            }
        }
        assert!(arrived);
        // Whoever is first in the order has something new before the last ones had their turn.
        for other in others.iter().take(5) {
            world.send(at_other, Frame::Receipt { channel: CHANNEL, receipt: receipt(other, counter) });
        }
    }
    assert_eq!(come.len(), others.len());
}

#[test]
fn messages_of_the_moment_reach_the_others_and_are_not_stored() {
    let (mut world, founder, at_founder, _, at_other) = two(Role::Reader);
    world.send(at_other, Frame::Ephemeral { channel: CHANNEL, bytes: vec![1, 2, 3] });
    assert!(matches!(&world.all(at_founder)[..], [Frame::Ephemeral { bytes, .. }] if bytes[..] == [1, 2, 3]));
    assert!(world.all(at_other).is_empty());
    assert!(world.store.values(Some(founder.space), "").unwrap().iter().all(|(key, _)| key == "usage"));
}

#[test]
fn a_store_that_fails_is_tried_again_and_nothing_is_acknowledged_before() {
    let (mut world, _, _, mut other, at_other) = two(Role::Editor);
    world.hold_writes = true;
    let entry = other.change(10);
    world.push(at_other, vec![entry]);
    let (id, _) = world.requests.pop_front().unwrap();
    world.room.handle_stored(id, Err(samverka_store::StoreError::Full), world.now_ms);
    world.release_writes();
    assert_eq!(codes(&world.all(at_other)), [Code::StorageFull]);
    let due = world.room.poll_timeout().unwrap();
    world.wait(due - world.now_ms);
    assert!(matches!(&world.all(at_other)[..], [Frame::Ack { .. }]));
    let _ = other.device();
}
