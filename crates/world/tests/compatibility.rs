//! Stores and exports as earlier versions wrote them, in `tests/fixtures/VERSION`: each has to open for ever, to the same
//! plan. (Frames, headers, operations, bodies, statements have golden files beside their crates.)
//!
//! `cargo test -p samverka-world --test compatibility -- --ignored` writes a folder for the version at hand, once: what is
//! there is never written again.
#![expect(clippy::disallowed_methods, reason = "fixtures lie in files")]

use std::fs;
use std::path::{Path, PathBuf};

use samverka_log::{Frontier, SlotId, SpaceId};
use samverka_plan::exchange;
use samverka_protocol::{Bodies, Code, Frame};
use samverka_replica::{Opening, Replica, drive_store};
use samverka_room::{Effect, Incoming, Introduction, PeerId, Room};
use samverka_seal::{DeviceKeys, DeviceSecretBytes};
use samverka_store::{Arrival, MemoryStore, Store, Write, handle};
use samverka_store_sqlite::{OpenOptions, SqliteStore};
use samverka_testkit::rng;
use samverka_world::World;

const NOW_MS: u64 = 1_900_000_000_000;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn versions() -> Vec<PathBuf> {
    let mut versions: Vec<_> = fs::read_dir(fixtures())
        .expect("there are fixtures")
        .map(|entry| entry.expect("it reads").path())
        .collect();
    versions.sort();
    assert!(!versions.is_empty());
    versions
}

/// A copy of a store's file, since opening one may update it.
fn open_copy(folder: &Path, name: &str, scratch: &Path) -> SqliteStore {
    let copy = scratch.join(name);
    fs::copy(folder.join(name), &copy).expect("it is copied");
    SqliteStore::open(&copy, &OpenOptions::default())
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

fn keys(folder: &Path) -> DeviceKeys {
    let bytes: [u8; DeviceKeys::SECRET_LEN] =
        fs::read(folder.join("device.keys")).expect("it reads").try_into().expect("of their length");
    DeviceKeys::from_secret_bytes(&DeviceSecretBytes::new(bytes))
}

fn space(store: &impl Store) -> SpaceId {
    *store.spaces().expect("it reads").first().expect("a plan is in it")
}

#[test]
fn every_version_of_a_home_opens_to_the_plan_that_was_exported_from_it() {
    let scratch = tempfile::tempdir().unwrap();
    for folder in versions() {
        let mut store = open_copy(&folder, "home.sqlite", scratch.path());
        let mut rng = rng(1);
        let opening = Opening { space: space(&store), keys: keys(&folder), slot: SlotId(9) };
        let mut replica = Replica::open(opening);
        drive_store(&mut replica, &mut store, NOW_MS, &mut rng);
        assert!(replica.is_ready(), "{}", folder.display());
        let export = exchange::json::export_text(replica.workspace().unwrap());
        assert_eq!(export, fs::read_to_string(folder.join("plan.json")).unwrap(), "{}", folder.display());
        let status = replica.status();
        assert_eq!((status.unsaved, status.unreadable, status.waiting), (0, 0, 0), "{}", folder.display());
        // It is written in, and what is new is kept.
        let fields = [("text".to_owned(), serde_json::json!({ "sv": "skriven av en nyare" }))].into();
        let add =
            samverka_plan::Command::Add { kind: samverka_plan::Kind::Note, id: None, board: None, fields };
        replica.execute(&add, NOW_MS, &mut rng).unwrap();
        replica.flush(NOW_MS, &mut rng).unwrap();
        drive_store(&mut replica, &mut store, NOW_MS, &mut rng);
        assert_eq!(replica.status().unsaved, 0, "{}", folder.display());
    }
}

#[test]
fn every_version_of_an_export_is_read() {
    for folder in versions() {
        let json = fs::read(folder.join("plan.json")).unwrap();
        exchange::json::import(&json).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let file = fs::read(folder.join("plan.automerge")).unwrap();
        let read = exchange::automerge::read(&file);
        assert!(!read.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).changes.is_empty());
    }
}

#[test]
fn every_version_of_a_relays_data_is_served() {
    let scratch = tempfile::tempdir().unwrap();
    for folder in versions() {
        let mut store = open_copy(&folder, "relay.sqlite", scratch.path());
        let (space, keys) = (space(&store), keys(&folder));
        let settings = samverka_world::relay_settings();
        let relay_key = settings.relay_key;
        let (peer, nonce, channel) = (PeerId(1), [5; 32], 1);
        let mut room = Room::new(space, settings);
        let hosts = std::sync::Arc::from(["relay.example".to_owned()]);
        room.handle_connected(peer, Introduction { channel, nonce, hosts }, NOW_MS);
        let device = samverka_log::Signer::device(&keys);
        let message = samverka_log::attach_message(relay_key, "relay.example", &nonce, space, device);
        let signature = samverka_log::Signer::sign(&keys, &message);
        let host = "relay.example".to_owned();
        let frames = [
            Frame::Attach { channel, space, device, host, signature },
            Frame::FrontierIs { channel, frontier: Frontier::new(), reply: true, bodies: Bodies::All },
        ];
        for frame in frames {
            room.handle_frame(peer, Incoming::new(frame), NOW_MS);
        }
        let mut served = 0;
        while let Some(effect) = room.poll_effect() {
            match effect {
                Effect::Store { id, request } => room.handle_stored(id, handle(&mut store, &request), NOW_MS),
                Effect::Send { peer, frame } => {
                    match Frame::decode(&frame).unwrap() {
                        Frame::Entries { entries, .. } => served += entries.len() as u64,
                        Frame::Refused { code, .. } => panic!("{}: {code:?}", folder.display()),
                        _ => {}
                    }
                    room.handle_drained(peer, frame.len() as u64, NOW_MS);
                }
                Effect::Attached { .. } => {}
                Effect::Close { code, .. } => assert_eq!(code, Code::GoingAway, "{}", folder.display()),
            }
        }
        assert_eq!(served, store.frontier(space).unwrap().entries(), "{}", folder.display());
    }
}

#[test]
#[ignore = "writes fixtures for the version at hand, where there are none"]
fn write_what_this_version_makes() {
    let folder = fixtures().join(env!("CARGO_PKG_VERSION"));
    assert!(!folder.exists(), "{} is there, and is never written again", folder.display());
    fs::create_dir_all(&folder).unwrap();
    let mut world = World::new(1, 2, 1);
    for turn in 0..16 {
        world.act(turn % 2);
        world.rest();
    }
    world.with(0, |replica, _, rng| replica.checkpoint(rng)).unwrap();
    world.rest();
    fs::write(folder.join("plan.json"), world.export(0)).unwrap();
    let document = world.replica(0).membership().plan_document().unwrap();
    let file = world.with(0, |replica, _, _| replica.automerge_file(document)).unwrap();
    fs::write(folder.join("plan.automerge"), file).unwrap();
    fs::write(folder.join("device.keys"), world.keys(0).to_secret_bytes().as_slice()).unwrap();
    write_store(world.stored_by_person(0), &folder.join("home.sqlite"));
    write_store(world.stored_by_relay(0), &folder.join("relay.sqlite"));
}

/// Writes everything in a store into a file of one.
fn write_store(from: &MemoryStore, path: &Path) {
    let mut to = SqliteStore::open(path, &OpenOptions::default()).expect("it is made");
    let space = space(from);
    for (_, entry) in from.entries_by_arrival(space, Arrival(0), usize::MAX).expect("it reads") {
        let log = entry.header.fields().log;
        let expect = to.frontier(space).expect("it reads").head(&log);
        to.write(&[Write::Append { space, log, expect, entries: vec![entry] }]).expect("it is written");
    }
    for (key, value) in from.values(Some(space), "").expect("it reads") {
        to.write(&[Write::Put { space: Some(space), key, value }]).expect("it is written");
    }
}
