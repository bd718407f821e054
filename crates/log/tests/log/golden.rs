//! Bytes that have to open forever: fixed keys and fields come to the bytes in `tests/golden`, and those bytes are
//! read and written again unchanged. A change that breaks one of these breaks every plan that exists.

use data_encoding::HEXLOWER;
use samverka_log::{
    BodyHash, ContentCommitment, Cosignature, DeviceId, DocumentId, EntryId, EntryKind, EpochId, Extension,
    Frontier, HeaderFields, InviteKey, Knock, LogHead, LogId, MemberId, Operation, Receipt, RelayKey, Role,
    Share, ShareKey, SignedHeader, Signer as _, SlotId, SpaceId, Target, UnsignedHeader, Wrap, actor_id,
    attach_message, body_hash, member_id,
};

use crate::people::{Key, PLAN, membership_entry};

macro_rules! golden {
    ($name:literal, $bytes:expr) => {{
        let kept = include_str!(concat!("../golden/", $name, ".hex"));
        let kept = HEXLOWER.decode(kept.trim().as_bytes()).expect("the file is hexadecimal");
        let made: Vec<u8> = $bytes;
        assert_eq!(HEXLOWER.encode(&made), HEXLOWER.encode(&kept), "GOLDEN {}", $name);
        kept
    }};
}

fn space() -> SpaceId {
    SpaceId::from_bytes([0x51; 32])
}

fn head(byte: u8) -> EntryId {
    EntryId::from_bytes([byte; 32])
}

fn logs() -> Vec<(LogId, LogHead)> {
    let log = |slot| LogId { device: DeviceId::from_bytes([0xde; 32]), slot: SlotId(slot) };
    vec![(log(0), LogHead { next: 2, head: head(1) }), (log(7), LogHead { next: 258, head: head(2) })]
}

fn shares() -> Vec<Share> {
    let share = |byte| Share {
        device: DeviceId::from_bytes([byte; 32]),
        encapsulated: [byte + 1; 32],
        ciphertext: [byte + 2; 48],
    };
    vec![share(0x10), share(0x20)]
}

#[test]
fn a_change_header_keeps_its_bytes() {
    let key = Key::new(1);
    let fields = HeaderFields {
        kind: EntryKind::Change,
        space: space(),
        log: LogId { device: key.device(), slot: SlotId(0x0102_0304_0506_0708) },
        number: 3,
        previous: head(9),
        document: DocumentId::from_bytes([0xd0; 16]),
        after: vec![head(1), head(2)],
        epoch: EpochId::from_bytes([0xee; 32]),
        membership_heads: vec![head(3), head(4)],
        content_commitment: ContentCommitment::from_bytes([0xcc; 32]),
        body_hash: BodyHash::from_bytes([0xbb; 32]),
        body_length: 0x0001_0203,
        extensions: vec![
            Extension { number: 1, critical: false, value: vec![1, 2, 3] },
            Extension { number: 0x0200, critical: true, value: Vec::new() },
        ],
    };
    let made = UnsignedHeader::new(fields.clone()).expect("sound").sign(&key);
    let kept = golden!("header-change", made.bytes().to_vec());
    let read = SignedHeader::parse(&kept).expect("it opens");
    read.verify().expect("its signature holds");
    assert_eq!(read.fields(), &fields);
}

#[test]
fn a_genesis_entry_keeps_its_bytes_and_its_id() {
    let genesis = Operation::Genesis {
        nonce: [1; 16],
        suite: 1,
        plan_document: PLAN,
        share_key: ShareKey::from_bytes([2; 32]),
    };
    let entry = membership_entry(&Key::new(1), SpaceId::ZERO, LogHead::EMPTY, &[], &genesis);
    let kept = golden!("header-genesis", entry.header.bytes().to_vec());
    let read = SignedHeader::parse(&kept).expect("it opens");
    read.verify().expect("its signature holds");
    golden!("id-genesis", read.id().as_bytes().to_vec());
    assert_eq!(read.fields().body_hash, body_hash(&encoded(&genesis)));
}

fn encoded(operation: &Operation) -> Vec<u8> {
    operation.encode().expect("the operation is sound")
}

fn keeps(operation: &Operation, kept: &[u8]) {
    let (read, cosignatures) = Operation::decode(kept).expect("it opens");
    assert_eq!((&read, cosignatures.len()), (operation, 0));
    assert_eq!(encoded(&read), kept);
}

#[test]
fn operations_about_people_keep_their_bytes() {
    let member = MemberId::from_bytes([0x3e; 16]);
    let device = DeviceId::from_bytes([0xde; 32]);
    let share_key = ShareKey::from_bytes([0x5e; 32]);
    let genesis = Operation::Genesis { nonce: [1; 16], suite: 1, plan_document: PLAN, share_key };
    keeps(&genesis, &golden!("operation-01-genesis", encoded(&genesis)));
    let add = Operation::AddMember { member, role: Role::Editor, device, share_key, invite: Some(head(6)) };
    keeps(&add, &golden!("operation-02-add-member", encoded(&add)));
    let uninvited = Operation::AddMember { member, role: Role::Reader, device, share_key, invite: None };
    keeps(&uninvited, &golden!("operation-02-add-member-uninvited", encoded(&uninvited)));
    let add_device = Operation::AddDevice { member, device, share_key };
    keeps(&add_device, &golden!("operation-03-add-device", encoded(&add_device)));
    let role = Operation::ChangeRole { member, role: Role::Relay, accept_up_to: logs() };
    keeps(&role, &golden!("operation-04-change-role", encoded(&role)));
    let remove = Operation::Remove { target: Target::Member(member), accept_up_to: logs() };
    keeps(&remove, &golden!("operation-05-remove-member", encoded(&remove)));
    let remove = Operation::Remove { target: Target::Device(device), accept_up_to: Vec::new() };
    keeps(&remove, &golden!("operation-05-remove-device", encoded(&remove)));
    keeps(&Operation::Leave, &golden!("operation-06-leave", encoded(&Operation::Leave)));
}

#[test]
fn operations_about_keys_and_invitations_keep_their_bytes() {
    let key = InviteKey::from_bytes([0x1e; 32]);
    let invite = Operation::Invite { key, role: Role::Admin, expires_at_ms: 1_800_000_000_000, uses: 5 };
    keeps(&invite, &golden!("operation-07-invite", encoded(&invite)));
    let revoke = Operation::RevokeInvite { invite: head(6) };
    keeps(&revoke, &golden!("operation-08-revoke-invite", encoded(&revoke)));
    let wrap = Wrap { epoch: EpochId::from_bytes([0xe0; 32]), nonce: [4; 24], ciphertext: [5; 48] };
    let epoch = Operation::Epoch { suite: 1, commitment: [3; 32], shares: shares(), wraps: vec![wrap] };
    keeps(&epoch, &golden!("operation-09-epoch", encoded(&epoch)));
    let share = Operation::KeyShare { epoch: EpochId::from_bytes([0xe0; 32]), shares: shares() };
    keeps(&share, &golden!("operation-10-key-share", encoded(&share)));
    let late = Operation::AcceptLate { logs: logs() };
    keeps(&late, &golden!("operation-11-accept-late", encoded(&late)));
    let unknown = Operation::Unknown { tag: 200, payload: vec![1, 2, 3] };
    keeps(&unknown, &golden!("operation-200-unknown", encoded(&unknown)));
}

#[test]
fn a_cosigned_operation_keeps_its_bytes() {
    let cosigner = Key::new(2);
    let signature = cosigner.sign(&Operation::Leave.cosigned_message().expect("short"));
    let cosignatures = [Cosignature { device: cosigner.device(), signature }];
    let kept = golden!("operation-cosigned", Operation::Leave.encode_cosigned(&cosignatures).expect("sound"));
    let (read, by) = Operation::decode(&kept).expect("it opens");
    assert_eq!(read.encode_cosigned(&by), Ok(kept));
    assert_eq!(by, cosignatures);
}

#[test]
fn a_receipt_and_a_knock_keep_their_bytes() {
    let key = Key::new(3);
    let frontier: Frontier = logs().into_iter().collect();
    let receipt = Receipt { space: space(), device: key.device(), counter: 12, frontier };
    golden!("hash-frontier", receipt.frontier.hash().as_bytes().to_vec());
    let kept = golden!("receipt", receipt.sign(&key).expect("few logs"));
    let read = Receipt::verify(&kept).expect("it opens");
    assert_eq!(read, receipt);
    let (by_invite, by_device) = (Key::new(4), Key::new(5));
    let knock = Knock {
        space: space(),
        invite: InviteKey::from_bytes(*by_invite.device().as_bytes()),
        device: by_device.device(),
        share_key: ShareKey::from_bytes([0x5e; 32]),
        made_ms: 1_700_000_000_000,
        profile: b"sealed".to_vec(),
    };
    let message = knock.message();
    let kept = golden!("knock", knock.with_signatures(by_invite.sign(&message), by_device.sign(&message)));
    assert_eq!(Knock::verify(&kept).expect("it opens"), knock);
}

#[test]
fn derived_ids_and_messages_keep_their_bytes() {
    let log = LogId { device: Key::new(1).device(), slot: SlotId(5) };
    golden!("id-actor", actor_id(space(), PLAN, log).to_vec());
    golden!("id-member", member_id(space(), log.device).as_bytes().to_vec());
    let relay = RelayKey::from_bytes([0x4e; 32]);
    golden!("message-attach", attach_message(relay, "relay.example", &[6; 32], space(), log.device));
}
