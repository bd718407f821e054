use proptest::prelude::*;
use samverka_log::{DeviceId, LogId};
use samverka_seal::limits::RECORD_PAYLOAD_BYTES_MAX;
use samverka_seal::{DeviceKeys, RecordError, RecordFields, SignedRecord};

use crate::common::{Fixture, rng};

#[test]
fn a_record_says_what_its_device_signed() {
    let fixture = Fixture::new();
    let record = fixture.record(1);

    let verified =
        SignedRecord::parse(record.bytes()).expect("it is well formed").verify().expect("it is signed");

    assert_eq!(verified.fields(), record.claimed_fields());
    assert_eq!(verified.into_signed(), record);
}

#[test]
fn any_flipped_bit_of_a_record_is_noticed() {
    let fixture = Fixture::new();
    let record = fixture.record(1);
    for position in 0..record.bytes().len() * 8 {
        let mut flipped = record.bytes().to_vec();
        flipped[position / 8] ^= 1 << (position % 8);

        let verified = SignedRecord::parse(&flipped).and_then(SignedRecord::verify);

        assert!(verified.is_err(), "bit {position}");
    }
}

#[test]
fn nobody_signs_for_another_device() {
    let mut fixture = Fixture::new();
    let other = DeviceKeys::make(&mut fixture.rng);
    let fields = fixture.record(1).claimed_fields().clone();

    let as_other = SignedRecord::sign(fields.clone(), &other);
    let with_key_of_small_order =
        RecordFields { log: LogId { device: DeviceId::from_bytes([0; 32]), ..fields.log }, ..fields };

    assert_eq!(as_other, Err(RecordError::Signer));
    let mut forged = fixture.record(1).bytes().to_vec();
    forged[49..81].copy_from_slice(with_key_of_small_order.log.device.as_bytes());
    let len = forged.len();
    forged[len - 64..].fill(0);
    let verified = SignedRecord::parse(&forged).and_then(SignedRecord::verify);
    assert!(matches!(verified, Err(RecordError::Signature(_))));
}

#[test]
fn a_payload_has_a_limit() {
    let fixture = Fixture::new();
    let with = |len| {
        let fields = RecordFields { payload: vec![0; len], ..fixture.record(1).claimed_fields().clone() };
        SignedRecord::sign(fields, &fixture.keys)
    };

    assert!(with(RECORD_PAYLOAD_BYTES_MAX).is_ok());
    assert_eq!(
        with(RECORD_PAYLOAD_BYTES_MAX + 1),
        Err(RecordError::PayloadLength(RECORD_PAYLOAD_BYTES_MAX + 1))
    );
}

#[test]
fn a_newer_version_is_named() {
    let mut bytes = Fixture::new().record(1).bytes().to_vec();
    bytes[0] = 2;

    assert_eq!(SignedRecord::parse(&bytes), Err(RecordError::Version(2)));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut versioned = bytes.clone();
        if let Some(first) = versioned.first_mut() {
            *first = 1;
        }
        let _ = SignedRecord::parse(&bytes);
        if let Ok(record) = SignedRecord::parse(&versioned) {
            prop_assert_eq!(record.bytes(), versioned.as_slice());
        }
    }

    #[test]
    fn every_payload_comes_back(payload in prop::collection::vec(any::<u8>(), 0..1000), seed in any::<u64>()) {
        let keys = DeviceKeys::make(&mut rng(seed));
        let fields = RecordFields { payload, log: crate::common::log_of(&keys), ..Fixture::new().record(1).claimed_fields().clone() };

        let record = SignedRecord::sign(fields.clone(), &keys).unwrap().into_signed();

        let parsed = SignedRecord::parse(record.bytes()).unwrap().verify().unwrap();
        prop_assert_eq!(parsed.fields(), &fields);
    }
}
