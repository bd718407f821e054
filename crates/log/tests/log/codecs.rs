//! Properties of every layout: what is written is read again, and no bytes make a reader panic.

use proptest::collection::vec;
use proptest::prelude::*;
use samverka_log::{
    BodyHash, ContentCommitment, DeviceId, DocumentId, EntryId, EntryKind, EpochId, Extension, Frontier,
    HeaderFields, InviteKey, Knock, LogHead, LogId, MemberId, Operation, Receipt, Role, Share, ShareKey,
    SignedHeader, Signer as _, SlotId, SpaceId, Target, UnsignedHeader, Wrap,
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
        let bytes = operation.encode();
        let (read, cosignatures) = Operation::decode(&bytes).expect("it is an operation");
        prop_assert_eq!(&read, &operation);
        prop_assert!(cosignatures.is_empty());
        prop_assert_eq!(read.encode(), bytes);
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
        for mut bytes in [header.bytes().to_vec(), operation.encode()] {
            let at = cut.index(bytes.len());
            never_panics(&bytes[..at]);
            bytes[at] = value;
            never_panics(&bytes);
            // Whatever is read as an operation has just this one encoding.
            if let Ok((read, cosignatures)) = Operation::decode(&bytes) {
                prop_assert_eq!(read.encode_cosigned(&cosignatures), bytes);
            }
        }
    }
}

fn never_panics(bytes: &[u8]) {
    if let Ok(header) = SignedHeader::parse(bytes) {
        assert_eq!(header.bytes(), bytes);
    }
    assert!(Receipt::verify(bytes).is_err(), "nobody signs random bytes");
    assert!(Knock::verify(bytes).is_err(), "nobody signs random bytes");
    if let Ok((operation, cosignatures)) = Operation::decode(bytes) {
        assert_eq!(operation.encode_cosigned(&cosignatures), bytes);
    }
}
