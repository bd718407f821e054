use samverka_log::{DeviceId, EpochId, ShareKey, SpaceId};
use samverka_seal::{DeviceKeys, EpochCommitment, EpochKey, EpochKeyError, SealedShare, WrappedKey};

use crate::common::{EPOCH, Fixture, SPACE};

/// The points of small order on Curve25519 and its twist, in every encoding that reaches them (RFC 7748 section 7 and
/// the list that libraries blocklist).
const LOW_ORDER_KEYS: [[u8; 32]; 7] = [
    [0; 32],
    first_byte(1),
    hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

#[test]
fn a_share_opens_for_its_device() {
    let mut fixture = Fixture::new();
    let share = share(&mut fixture);

    let opened = EpochKey::open_share(SPACE, fixture.epoch_key.commitment(), &fixture.keys, &share);

    assert_eq!(opened, Ok(fixture.epoch_key));
}

#[test]
fn a_share_opens_for_no_other_device_space_or_epoch() {
    let mut fixture = Fixture::new();
    let share = share(&mut fixture);
    let commitment = fixture.epoch_key.commitment();
    let other_keys = DeviceKeys::make(&mut fixture.rng);
    let other_commitment = EpochKey::make(SPACE, &mut fixture.rng).commitment();
    let other_space = SpaceId::from_bytes([9; 32]);
    let open = |space, commitment, keys| EpochKey::open_share(space, commitment, keys, &share);

    assert_eq!(open(SPACE, commitment, &other_keys), Err(EpochKeyError::NotAuthentic));
    assert_eq!(open(other_space, commitment, &fixture.keys), Err(EpochKeyError::NotAuthentic));
    assert_eq!(open(SPACE, other_commitment, &fixture.keys), Err(EpochKeyError::NotAuthentic));
}

#[test]
fn a_share_is_bound_to_the_recipients_signing_key_too() {
    let mut fixture = Fixture::new();
    let elsewhere = DeviceId::from_bytes([9; 32]);
    let share = fixture.epoch_key.seal_share(elsewhere, &fixture.keys.share_key(), &mut fixture.rng);

    let opened = EpochKey::open_share(
        SPACE,
        fixture.epoch_key.commitment(),
        &fixture.keys,
        &share.expect("the key is a good one"),
    );

    assert_eq!(opened, Err(EpochKeyError::NotAuthentic));
}

#[test]
fn any_flipped_bit_of_a_share_or_wrap_is_noticed() {
    let mut fixture = Fixture::new();
    let share = share(&mut fixture);
    let newer = EpochKey::make(SPACE, &mut fixture.rng);
    let wrap = newer.wrap(EPOCH, &fixture.epoch_key, &mut fixture.rng).expect("the spaces agree");
    let commitment = fixture.epoch_key.commitment();
    for bit in 0..8 {
        for at in 0..32 {
            // Bit 255 of an X25519 key is ignored by RFC 7748, and still bound by HPKE's context.
            let mut encapsulated = share.encapsulated;
            encapsulated[at] ^= 1 << bit;
            let flipped = SealedShare { encapsulated, ..share.clone() };
            assert!(EpochKey::open_share(SPACE, commitment, &fixture.keys, &flipped).is_err());
        }
        for at in 0..48 {
            let mut ciphertext = share.ciphertext;
            ciphertext[at] ^= 1 << bit;
            let flipped = SealedShare { ciphertext, ..share.clone() };
            assert!(EpochKey::open_share(SPACE, commitment, &fixture.keys, &flipped).is_err());
            let mut ciphertext = wrap.ciphertext;
            ciphertext[at] ^= 1 << bit;
            assert!(newer.unwrap(&WrappedKey { ciphertext, ..wrap.clone() }, commitment).is_err());
        }
    }
}

#[test]
fn a_wrap_gives_the_older_key_and_no_other() {
    let mut fixture = Fixture::new();
    let newer = EpochKey::make(SPACE, &mut fixture.rng);
    let stranger = EpochKey::make(SPACE, &mut fixture.rng);
    let wrap = newer.wrap(EPOCH, &fixture.epoch_key, &mut fixture.rng).expect("the spaces agree");
    let commitment = fixture.epoch_key.commitment();
    let other_epoch = WrappedKey { epoch: EpochId::from_bytes([9; 32]), ..wrap.clone() };

    assert_eq!(newer.unwrap(&wrap, commitment).as_ref(), Ok(&fixture.epoch_key));
    assert_eq!(stranger.unwrap(&wrap, commitment), Err(EpochKeyError::NotAuthentic));
    assert_eq!(newer.unwrap(&wrap, stranger.commitment()), Err(EpochKeyError::NotAuthentic));
    assert_eq!(newer.unwrap(&other_epoch, commitment), Err(EpochKeyError::NotAuthentic));
}

#[test]
fn keys_of_two_spaces_are_not_wrapped_in_each_other() {
    let mut fixture = Fixture::new();
    let elsewhere = EpochKey::make(SpaceId::from_bytes([9; 32]), &mut fixture.rng);

    let refused = elsewhere.wrap(EPOCH, &fixture.epoch_key, &mut fixture.rng);

    assert_eq!(refused, Err(EpochKeyError::Space));
}

#[test]
fn a_key_that_its_epoch_did_not_commit_to_is_refused() {
    let mut fixture = Fixture::new();
    let wrong = EpochKey::make(SPACE, &mut fixture.rng);
    let commitment = fixture.epoch_key.commitment();

    let wrong_key = EpochKey::from_secret_bytes(SPACE, commitment, &wrong.to_secret_bytes());
    let wrong_space = EpochKey::from_secret_bytes(
        SpaceId::from_bytes([9; 32]),
        commitment,
        &fixture.epoch_key.to_secret_bytes(),
    );
    let right = EpochKey::from_secret_bytes(SPACE, commitment, &fixture.epoch_key.to_secret_bytes());

    assert_eq!(wrong_key, Err(EpochKeyError::Commitment));
    assert_eq!(wrong_space, Err(EpochKeyError::Commitment));
    assert_eq!(right, Ok(fixture.epoch_key));
}

#[test]
fn nothing_is_sealed_to_a_key_of_low_order() {
    let mut fixture = Fixture::new();
    for key in LOW_ORDER_KEYS {
        let device = fixture.keys.device();

        let refused = fixture.epoch_key.seal_share(device, &ShareKey::from_bytes(key), &mut fixture.rng);

        assert_eq!(refused, Err(EpochKeyError::LowOrderShareKey), "{key:x?}");
    }
}

#[test]
fn nothing_opens_with_an_encapsulated_key_of_low_order() {
    let mut fixture = Fixture::new();
    let share = share(&mut fixture);
    for encapsulated in LOW_ORDER_KEYS {
        let forged = SealedShare { encapsulated, ..share.clone() };

        let refused = EpochKey::open_share(SPACE, fixture.epoch_key.commitment(), &fixture.keys, &forged);

        assert_eq!(refused, Err(EpochKeyError::NotAuthentic));
    }
}

#[test]
fn device_keys_come_back_from_a_vault() {
    let fixture = Fixture::new();

    let back = DeviceKeys::from_secret_bytes(&fixture.keys.to_secret_bytes());

    assert_eq!(back, fixture.keys);
    assert_eq!((back.device(), back.share_key()), (fixture.keys.device(), fixture.keys.share_key()));
}

#[test]
fn debug_prints_no_secret() {
    let fixture = Fixture::new();
    let printed =
        format!("{:?} {:#?} {:?} {:#?}", fixture.keys, fixture.keys, fixture.epoch_key, fixture.epoch_key);
    let secrets = [&fixture.keys.to_secret_bytes()[..], &fixture.epoch_key.to_secret_bytes()[..]].concat();

    for secret in secrets.chunks(4) {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{}, {}, {}, {}", secret[0], secret[1], secret[2], secret[3]);
        assert!(!printed.contains(&hex) && !printed.contains(&list), "{printed}");
    }
    assert!(printed.contains("***"));
}

#[test]
fn commitments_print_as_their_beginning() {
    assert_eq!(format!("{:?}", EpochCommitment::from_bytes([0xab; 32])), "EpochCommitment(abababab)");
}

fn share(fixture: &mut Fixture) -> SealedShare {
    let (device, share_key) = (fixture.keys.device(), fixture.keys.share_key());
    fixture.epoch_key.seal_share(device, &share_key, &mut fixture.rng).expect("the key is a good one")
}

const fn first_byte(byte: u8) -> [u8; 32] {
    let mut key = [0; 32];
    key[0] = byte;
    key
}

const fn hex(text: &str) -> [u8; 32] {
    let text = text.as_bytes();
    let mut out = [0; 32];
    let mut at = 0;
    while at < 32 {
        out[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    out
}

const fn digit(c: u8) -> u8 {
    if c.is_ascii_digit() { c - b'0' } else { c - b'a' + 10 }
}
