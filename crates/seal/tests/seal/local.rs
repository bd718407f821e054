use samverka_seal::{LocalBlobError, LocalKey};

use crate::common::rng;

#[test]
fn a_blob_opens_where_it_was_sealed_and_nowhere_else() {
    let mut rng = rng(1);
    let (key, other) = (LocalKey::make(&mut rng), LocalKey::make(&mut rng));
    let blob = key.seal("draft", b"space 1", b"not shared yet", &mut rng).expect("it is short");

    let opened = key.open("draft", b"space 1", &blob).expect("it opens");

    assert_eq!(opened.as_slice(), b"not shared yet");
    assert_eq!(key.open("draft", b"space 2", &blob), Err(LocalBlobError::NotAuthentic));
    assert_eq!(key.open("drafts", b"pace 1", &blob), Err(LocalBlobError::NotAuthentic));
    assert_eq!(other.open("draft", b"space 1", &blob), Err(LocalBlobError::NotAuthentic));
}

#[test]
fn any_flipped_bit_of_a_blob_is_noticed() {
    let mut rng = rng(2);
    let key = LocalKey::make(&mut rng);
    let blob = key.seal("draft", b"", b"text", &mut rng).expect("it is short");
    for position in 0..blob.len() * 8 {
        let mut flipped = blob.clone();
        flipped[position / 8] ^= 1 << (position % 8);
        assert!(key.open("draft", b"", &flipped).is_err(), "bit {position}");
    }
    for len in 0..blob.len() {
        assert!(key.open("draft", b"", &blob[..len]).is_err(), "cut to {len}");
    }
}

#[test]
fn a_local_key_comes_back_from_where_it_was_kept() {
    let key = LocalKey::make(&mut rng(3));

    assert_eq!(LocalKey::from_secret_bytes(&key.to_secret_bytes()), key);
    assert_eq!(format!("{key:?}"), "LocalKey(***)");
}
