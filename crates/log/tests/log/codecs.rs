//! Properties of every layout: what is written is read again, and no bytes make a reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use samverka_log::{
    BodyHash, ContentCommitment, Cosignature, DeviceId, DocumentId, EntryId, EntryKind, EpochId, Extension,
    Frontier, HeaderFields, InviteKey, Knock, LogHead, LogId, MemberId, Operation, OperationError, Receipt,
    Role, Share, ShareKey, SignedHeader, Signer as _, SlotId, SpaceId, Target, UnsignedHeader, Wrap,
};

use crate::people::Key;

fn log_ids() -> impl Strategy<Value = LogId> {
    (any::<[u8; 32]>(), any::<u64>())
        .prop_map(|(device, slot)| LogId { device: DeviceId::from_bytes(device), slot: SlotId(slot) })
}

fn logs() -> impl Strategy<Value = Vec<(LogId, LogHead)>> {
    let head = (1..u64::MAX, any::<[u8; 32]>())
        .prop_map(|(next, head)| LogHead { next, head: EntryId::from_bytes(head) });
    proptest::collection::btree_map(log_ids(), head, 0..5).prop_map(|map| map.into_iter().collect())
}

fn shares() -> impl Strategy<Value = Vec<Share>> {
    proptest::collection::btree_map(any::<[u8; 32]>(), (any::<[u8; 32]>(), any::<u8>()), 0..5).prop_map(
        |map| {
            map.into_iter()
                .map(|(device, (encapsulated, fill))| Share {
                    device: DeviceId::from_bytes(device),
                    encapsulated,
                    ciphertext: [fill; 48],
                })
                .collect()
        },
    )
}

fn wraps() -> impl Strategy<Value = Vec<Wrap>> {
    let wrap = (any::<[u8; 32]>(), any::<[u8; 24]>(), any::<u8>()).prop_map(|(epoch, nonce, fill)| Wrap {
        epoch: EpochId::from_bytes(epoch),
        nonce,
        ciphertext: [fill; 48],
    });
    vec(wrap, 0..4)
}

fn roles() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Relay), Just(Role::Reader), Just(Role::Editor), Just(Role::Admin)]
}

fn targets() -> impl Strategy<Value = Target> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(|id| Target::Member(MemberId::from_bytes(id))),
        any::<[u8; 32]>().prop_map(|id| Target::Device(DeviceId::from_bytes(id))),
    ]
}

fn people_operations() -> impl Strategy<Value = Operation> {
    let ids = (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[u8; 32]>(), any::<Option<[u8; 32]>>());
    let add =
        (ids.clone(), roles()).prop_map(|((member, device, share_key, invite), role)| Operation::AddMember {
            member: MemberId::from_bytes(member),
            role,
            device: DeviceId::from_bytes(device),
            share_key: ShareKey::from_bytes(share_key),
            invite: invite.map(EntryId::from_bytes).filter(|invite| !invite.is_zero()),
        });
    let add_device = ids.prop_map(|(member, device, share_key, _)| Operation::AddDevice {
        member: MemberId::from_bytes(member),
        device: DeviceId::from_bytes(device),
        share_key: ShareKey::from_bytes(share_key),
    });
    let role = (any::<[u8; 16]>(), roles(), logs()).prop_map(|(member, role, accept_up_to)| {
        Operation::ChangeRole { member: MemberId::from_bytes(member), role, accept_up_to }
    });
    let remove =
        (targets(), logs()).prop_map(|(target, accept_up_to)| Operation::Remove { target, accept_up_to });
    prop_oneof![add, add_device, role, remove, Just(Operation::Leave)]
}

fn operations() -> impl Strategy<Value = Operation> {
    let genesis = (any::<[u8; 16]>(), any::<u16>(), any::<[u8; 16]>(), any::<[u8; 32]>()).prop_map(
        |(nonce, suite, document, share_key)| Operation::Genesis {
            nonce,
            suite,
            plan_document: DocumentId::from_bytes(document),
            share_key: ShareKey::from_bytes(share_key),
        },
    );
    let invite = (any::<[u8; 32]>(), roles(), any::<u64>(), any::<u32>()).prop_map(
        |(key, role, expires_at_ms, uses)| Operation::Invite {
            key: InviteKey::from_bytes(key),
            role,
            expires_at_ms,
            uses,
        },
    );
    let revoke = any::<[u8; 32]>().prop_map(|id| Operation::RevokeInvite { invite: EntryId::from_bytes(id) });
    let epoch = (any::<u16>(), any::<[u8; 32]>(), shares(), wraps())
        .prop_map(|(suite, commitment, shares, wraps)| Operation::Epoch { suite, commitment, shares, wraps });
    let share = (any::<[u8; 32]>(), shares())
        .prop_map(|(epoch, shares)| Operation::KeyShare { epoch: EpochId::from_bytes(epoch), shares });
    let late = logs().prop_map(|logs| Operation::AcceptLate { logs });
    let unknown =
        (12u8.., vec(any::<u8>(), 0..40)).prop_map(|(tag, payload)| Operation::Unknown { tag, payload });
    prop_oneof![4 => people_operations(), 1 => genesis, 1 => invite, 1 => revoke, 2 => epoch, 1 => share, 1 => late,
        1 => unknown]
}

fn entry_ids(max: usize) -> impl Strategy<Value = Vec<EntryId>> {
    proptest::collection::btree_set(any::<[u8; 32]>(), 1..=max)
        .prop_map(|ids| ids.into_iter().map(EntryId::from_bytes).collect())
}

fn extensions() -> impl Strategy<Value = Vec<Extension>> {
    let value = (any::<bool>(), vec(any::<u8>(), 0..30));
    proptest::collection::btree_map(any::<u16>(), value, 0..8).prop_map(|map| {
        map.into_iter().map(|(number, (critical, value))| Extension { number, critical, value }).collect()
    })
}

/// Fields of an entry of some content kind.
fn fields() -> impl Strategy<Value = HeaderFields> {
    let ids = (1..=255u8, 1..=255u8, 1..=255u8, 1..=255u8, any::<[u8; 32]>());
    let lists = (entry_ids(20), entry_ids(16), extensions());
    let place = (1..u64::MAX, any::<u64>(), 2..=255u8, 0..=16_777_216u32);
    (ids, lists, place).prop_map(|(ids, (after, membership_heads, extensions), place)| {
        let (space, document, epoch, previous, body) = ids;
        let (slot, number, kind, body_length) = place;
        let previous = if number == 0 { EntryId::ZERO } else { EntryId::from_bytes([previous; 32]) };
        HeaderFields {
            kind: EntryKind::from_code(kind),
            space: SpaceId::from_bytes([space; 32]),
            log: LogId { device: Key::new(1).device(), slot: SlotId(slot) },
            number,
            previous,
            document: DocumentId::from_bytes([document; 16]),
            after,
            epoch: EpochId::from_bytes([epoch; 32]),
            membership_heads,
            content_commitment: ContentCommitment::from_bytes(body),
            body_hash: BodyHash::from_bytes(body),
            body_length,
            extensions,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_header_is_read_as_it_was_written(fields in fields()) {
        let header = UnsignedHeader::new(fields.clone()).expect("the fields are sound").sign(&Key::new(1));
        let read = SignedHeader::parse(header.bytes()).expect("it is a header");
        prop_assert_eq!(read.fields(), &fields);
        prop_assert_eq!(&read, &header);
        prop_assert!(read.verify().is_ok());
    }

    #[test]
    fn a_header_with_one_bit_changed_does_not_verify(fields in fields(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let header = UnsignedHeader::new(fields).expect("the fields are sound").sign(&Key::new(1));
        let mut bytes = header.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let holds = SignedHeader::parse(&bytes).is_ok_and(|changed| changed.verify().is_ok());
        prop_assert!(!holds);
    }

    #[test]
    fn an_operation_is_read_as_it_was_written(operation in operations()) {
        let bytes = operation.encode().expect("the lists are short");
        let (read, cosignatures) = Operation::decode(&bytes).expect("it is an operation");
        prop_assert_eq!(&read, &operation);
        prop_assert!(cosignatures.is_empty());
        prop_assert_eq!(read.encode(), Ok(bytes));
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written(logs in logs(), counter in any::<u64>()) {
        let key = Key::new(2);
        let frontier: Frontier = logs.into_iter().collect();
        let receipt = Receipt { space: SpaceId::from_bytes([7; 32]), device: key.device(), counter, frontier };
        let bytes = receipt.sign(&key).expect("few logs");
        prop_assert_eq!(Receipt::verify(&bytes).expect("it is a receipt"), receipt);
        prop_assert!(Receipt::verify(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_knock_is_read_as_it_was_written(profile in vec(any::<u8>(), 0..200), made_ms in any::<u64>()) {
        let (invite, device) = (Key::new(3), Key::new(4));
        let knock = Knock {
            space: SpaceId::from_bytes([7; 32]),
            invite: InviteKey::from_bytes(*invite.device().as_bytes()),
            device: device.device(),
            share_key: device.share_key(),
            made_ms,
            profile,
        };
        let (by_invite, by_device) = (invite.sign(&knock.message()), device.sign(&knock.message()));
        let bytes = knock.with_signatures(by_invite, by_device);
        prop_assert_eq!(Knock::verify(&bytes).expect("it is a knock"), knock.clone());
        prop_assert!(Knock::verify(&knock.with_signatures(by_device, by_invite)).is_err());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..600)) {
        never_panics(&bytes);
    }

    #[test]
    fn no_damage_to_sound_bytes_makes_a_reader_panic(
        fields in fields(), operation in operations(), cut in any::<prop::sample::Index>(), value in any::<u8>(),
    ) {
        let header = UnsignedHeader::new(fields).expect("the fields are sound").sign(&Key::new(1));
        for mut bytes in [header.bytes().to_vec(), operation.encode().expect("the lists are short")] {
            let at = cut.index(bytes.len());
            never_panics(&bytes[..at]);
            bytes[at] = value;
            never_panics(&bytes);
            // Whatever is read as an operation has just this one encoding.
            if let Ok((read, cosignatures)) = Operation::decode(&bytes) {
                prop_assert_eq!(read.encode_cosigned(&cosignatures), Ok(bytes));
            }
        }
    }
}

#[test]
fn no_list_of_an_operation_is_cut_to_fit_its_count() {
    let devices = |count: u32| (0..count).map(|at| DeviceId::from_bytes(numbered(at)));
    let logs = |count| -> Vec<(LogId, LogHead)> {
        devices(count).map(|device| (LogId { device, slot: SlotId(1) }, LogHead::EMPTY)).collect()
    };
    let shares = |count| -> Vec<Share> {
        devices(count).map(|device| Share { device, encapsulated: [1; 32], ciphertext: [2; 48] }).collect()
    };
    let wraps = |count: u32| -> Vec<Wrap> {
        let epoch = |at| EpochId::from_bytes(numbered(at));
        (0..count).map(|at| Wrap { epoch: epoch(at), nonce: [3; 24], ciphertext: [4; 48] }).collect()
    };
    let (member, target) = (MemberId::ZERO, Target::Member(MemberId::ZERO));
    type Made<'a> = &'a dyn Fn(u32) -> Operation;
    let lists: [(&str, u32, Made<'_>); 6] = [
        ("logs", 8192, &|count| Operation::ChangeRole {
            member,
            role: Role::Reader,
            accept_up_to: logs(count),
        }),
        ("logs", 8192, &|count| Operation::Remove { target, accept_up_to: logs(count) }),
        ("logs", 8192, &|count| Operation::AcceptLate { logs: logs(count) }),
        ("shares", 4096, &|count| epoch_of(shares(count), Vec::new())),
        ("shares", 4096, &|count| Operation::KeyShare { epoch: EpochId::ZERO, shares: shares(count) }),
        ("wraps", 10_082, &|count| epoch_of(Vec::new(), wraps(count))),
    ];
    for (what, max, operation) in lists {
        let bytes = operation(max).encode().expect("as many as there may be");
        assert_eq!(Operation::decode(&bytes), Ok((operation(max), Vec::new())));
        for over in [max + 1, 65_536, 65_537, 70_000] {
            let refused = operation(over).encode();
            let too_many = matches!(refused, Err(OperationError::TooMany(list)) if list == what);
            // The bytes of a body bound wraps before their count does.
            let too_long = what == "wraps" && over < 65_536;
            assert!(too_many || too_long, "{over} {what}: {refused:?}");
        }
    }
    let payload = vec![0; 1024 * 1024];
    let long = Operation::Unknown { tag: 99, payload }.encode();
    assert!(matches!(long, Err(OperationError::TooLong(_))));
}

#[test]
fn no_operation_is_written_that_nobody_would_read() {
    let one = Share { device: DeviceId::from_bytes([1; 32]), encapsulated: [1; 32], ciphertext: [2; 48] };
    let twice = epoch_of(vec![one.clone(), one], Vec::new());
    assert_eq!(twice.encode(), Err(OperationError::Order("shares")));
    let log = LogId { device: DeviceId::from_bytes([1; 32]), slot: SlotId(1) };
    let twice = Operation::AcceptLate { logs: vec![(log, LogHead::EMPTY); 2] };
    assert_eq!(twice.encode(), Err(OperationError::Order("logs")));
    let message = Operation::Leave.cosigned_message().expect("short");
    let mut signed: Vec<Cosignature> = (1..=65)
        .map(Key::new)
        .map(|key| Cosignature { device: key.device(), signature: key.sign(&message) })
        .collect();
    signed.sort_by_key(|by| by.device);
    assert_eq!(Operation::Leave.encode_cosigned(&signed), Err(OperationError::TooMany("co-signatures")));
    let bytes = Operation::Leave.encode_cosigned(&signed[..64]).expect("as many as there may be");
    assert_eq!(Operation::decode(&bytes), Ok((Operation::Leave, signed[..64].to_vec())));
    signed.truncate(2);
    signed.reverse();
    assert_eq!(Operation::Leave.encode_cosigned(&signed), Err(OperationError::Order("co-signatures")));
}

fn epoch_of(shares: Vec<Share>, wraps: Vec<Wrap>) -> Operation {
    Operation::Epoch { suite: 1, commitment: [5; 32], shares, wraps }
}

/// Ids in ascending order.
fn numbered(at: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&at.to_be_bytes());
    bytes
}

fn never_panics(bytes: &[u8]) {
    if let Ok(header) = SignedHeader::parse(bytes) {
        assert_eq!(header.bytes(), bytes);
    }
    assert!(Receipt::verify(bytes).is_err(), "nobody signs random bytes");
    assert!(Knock::verify(bytes).is_err(), "nobody signs random bytes");
    if let Ok((operation, cosignatures)) = Operation::decode(bytes) {
        assert_eq!(operation.encode_cosigned(&cosignatures).as_deref(), Ok(bytes));
    }
}
