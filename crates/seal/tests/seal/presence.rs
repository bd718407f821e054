use proptest::prelude::*;
use samverka_log::{EpochId, LogId, SlotId};
use samverka_seal::limits::{PRESENCE_FRAME_BYTES_MAX, PRESENCE_PAYLOAD_BYTES_MAX};
use samverka_seal::{DeviceKeys, EpochKey, PresenceError, PresenceReceiver, PresenceSender};

use crate::common::{EPOCH, Fixture, SPACE};

#[test]
fn a_frame_says_who_sent_it() {
    let mut fixture = Fixture::new();
    let frame = frame(&mut fixture, b"cursor 3 4", 1000);

    let presence = PresenceReceiver::new().open(&fixture.epoch_key, &frame).expect("it opens");

    assert_eq!(PresenceReceiver::epoch_of(&frame), Ok(EPOCH));
    assert_eq!((presence.log, presence.stamp), (fixture.log(), 1000));
    assert_eq!(presence.payload, b"cursor 3 4");
}

#[test]
fn a_frame_is_taken_once_and_not_after_a_later_one() {
    let mut fixture = Fixture::new();
    let mut sender = PresenceSender::new(fixture.log());
    let mut receiver = PresenceReceiver::new();
    let frames = [50, 50, 20].map(|now_ms| {
        sender
            .seal(EPOCH, &fixture.epoch_key, b"", now_ms, &fixture.keys, &mut fixture.rng)
            .expect("it is short")
    });
    let mut open = |frame: &[u8]| receiver.open(&fixture.epoch_key, frame).map(|presence| presence.stamp);

    assert_eq!(open(&frames[1]), Ok(51), "stamps rise when the clock stands still");
    assert_eq!(open(&frames[1]), Err(PresenceError::Replayed));
    assert_eq!(open(&frames[0]), Err(PresenceError::Replayed));
    assert_eq!(open(&frames[2]), Ok(52), "stamps rise when the clock goes back");
}

#[test]
fn two_slots_of_a_device_do_not_silence_each_other() {
    let mut fixture = Fixture::new();
    let mut receiver = PresenceReceiver::new();
    let first = frame(&mut fixture, b"", 1000);
    let other_log = LogId { slot: SlotId(6), ..fixture.log() };
    let second = PresenceSender::new(other_log).seal(
        EPOCH,
        &fixture.epoch_key,
        b"",
        1,
        &fixture.keys,
        &mut fixture.rng,
    );

    assert!(receiver.open(&fixture.epoch_key, &first).is_ok());
    assert!(receiver.open(&fixture.epoch_key, &second.expect("it is short")).is_ok());
}

#[test]
fn any_flipped_bit_of_a_frame_is_noticed() {
    let mut fixture = Fixture::new();
    let frame = frame(&mut fixture, b"cursor", 1000);
    for position in 0..frame.len() * 8 {
        let mut flipped = frame.clone();
        flipped[position / 8] ^= 1 << (position % 8);

        assert!(PresenceReceiver::new().open(&fixture.epoch_key, &flipped).is_err(), "bit {position}");
    }
}

#[test]
fn another_epochs_key_opens_no_frame() {
    let mut fixture = Fixture::new();
    let frame = frame(&mut fixture, b"cursor", 1000);
    let other = EpochKey::make(SPACE, &mut fixture.rng);

    assert_eq!(PresenceReceiver::new().open(&other, &frame), Err(PresenceError::NotAuthentic));
}

#[test]
fn nobody_sends_for_another_device() {
    let mut fixture = Fixture::new();
    let other = DeviceKeys::make(&mut fixture.rng);
    let mut sender = PresenceSender::new(fixture.log());

    let refused = sender.seal(EPOCH, &fixture.epoch_key, b"", 1, &other, &mut fixture.rng);

    assert_eq!(refused, Err(PresenceError::Signer));
}

#[test]
fn the_longest_payload_fits_a_frame() {
    let mut fixture = Fixture::new();
    let longest = vec![7; PRESENCE_PAYLOAD_BYTES_MAX];

    let frame = frame(&mut fixture, &longest, 1000);

    assert!(frame.len() <= PRESENCE_FRAME_BYTES_MAX);
    assert_eq!(PresenceReceiver::new().open(&fixture.epoch_key, &frame).expect("it opens").payload, longest);
    let too_long = vec![7; PRESENCE_PAYLOAD_BYTES_MAX + 1];
    let refused = PresenceSender::new(fixture.log()).seal(
        EpochId::ZERO,
        &fixture.epoch_key,
        &too_long,
        1,
        &fixture.keys,
        &mut fixture.rng,
    );
    assert_eq!(refused, Err(PresenceError::TooLong(PRESENCE_PAYLOAD_BYTES_MAX + 1)));
}

proptest! {
    #[test]
    fn no_frame_makes_a_receiver_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let fixture = Fixture::new();
        let versioned = [&[1], bytes.as_slice()].concat();

        prop_assert!(PresenceReceiver::new().open(&fixture.epoch_key, &bytes).is_err());
        prop_assert!(PresenceReceiver::new().open(&fixture.epoch_key, &versioned).is_err());
    }
}

fn frame(fixture: &mut Fixture, payload: &[u8], now_ms: u64) -> Vec<u8> {
    let mut sender = PresenceSender::new(fixture.log());
    let sealed = sender.seal(EPOCH, &fixture.epoch_key, payload, now_ms, &fixture.keys, &mut fixture.rng);
    sealed.expect("the payload is short enough")
}
