//! `check` finds what was changed behind the relay's back.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use samverka_log::{Entry, LogHead, SignedHeader};
use samverka_relay::check::check;
use samverka_store::{MemoryStore, Store, Write};
use samverka_testkit::people::Device;

/// A store with one log whose entries were changed by `tamper` before they were written.
fn stored(tamper: impl Fn(&mut Vec<Entry>)) -> MemoryStore {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let space = founder.space;
    let mut entries: Vec<_> = (0..5).map(|_| founder.change(30)).collect();
    tamper(&mut entries);
    let mut store = MemoryStore::default();
    let membership = genesis.header.fields().log;
    let batch = [
        Write::CreateSpace(space),
        Write::Append { space, log: membership, expect: LogHead::EMPTY, entries: vec![genesis] },
        Write::Append { space, log: founder.log(), expect: LogHead::EMPTY, entries },
    ];
    store.write(&batch).unwrap();
    store
}

fn faults(store: &MemoryStore) -> (u64, String) {
    let mut out = Vec::new();
    let faults = check(store, &mut out).unwrap();
    (faults, String::from_utf8(out).unwrap())
}

#[test]
fn a_sound_store_has_no_faults() {
    let (faults, said) = faults(&stored(|_| {}));
    assert_eq!(faults, 0, "{said}");
    assert!(said.contains("6 entries in 1 spaces"), "{said}");
}

#[test]
fn a_changed_body_is_found() {
    let (faults, said) = faults(&stored(|entries| entries[2].body = Some(vec![0; 30])));
    assert_eq!(faults, 1, "{said}");
    assert!(said.contains("entry 2 of log"), "{said}");
}

#[test]
fn a_body_that_is_gone_without_an_order_is_found() {
    let (faults, said) = faults(&stored(|entries| entries[4].body = None));
    assert_eq!(faults, 1, "{said}");
    assert!(said.contains("has lost its body"), "{said}");
}

#[test]
fn a_changed_signature_is_found() {
    let (faults, said) = faults(&stored(|entries| {
        let mut bytes = entries[4].header.bytes().to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        entries[4].header = SignedHeader::parse(&bytes).unwrap();
    }));
    assert_eq!(faults, 1, "{said}");
    assert!(said.contains("signature that does not hold"), "{said}");
}
