//! A few devices with stores, without relays between them: entries are carried by hand, whole or as headers.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use samverka_log::{DocumentId, Entry, EntryId, EntryKind, MemberId, Operation, Role, SlotId, member_id};
use samverka_plan::{Command, Kind, exchange};
use samverka_seal::{Content, DeviceKeys, Profile, SnapshotContent};
use samverka_store::{Arrival, MemoryStore, Store, Write};
use serde_json::json;

use crate::intake::Source;
use crate::{Replica, Setup, SnapshotMarks, drive_store};

/// Marks so low that a test reaches them.
pub(crate) const LOW: SnapshotMarks = SnapshotMarks { entries: 10, bytes: u64::MAX };

/// A device.
pub(crate) struct Person {
    pub(crate) replica: Replica,
    pub(crate) store: MemoryStore,
    pub(crate) keys: DeviceKeys,
}

/// Everybody.
pub(crate) struct Village {
    pub(crate) people: Vec<Person>,
    pub(crate) rng: StdRng,
    pub(crate) now_ms: u64,
}

impl Village {
    /// One who founds a plan, and editors who are in it and know it.
    pub(crate) fn new(seed: u64, editors: usize) -> Self {
        let (mut rng, now_ms) = (samverka_testkit::rng(seed), 1_800_426_600_000);
        let keys = DeviceKeys::make(&mut rng);
        let profile = Profile {
            name: "Siv".to_owned(),
            organisation: "Byarådet".to_owned(),
            role_title: "Ordförande".to_owned(),
            language: "sv-FI".to_owned(),
            participant: None,
        };
        let setup = Setup {
            keys: keys.clone(),
            slot: SlotId(1),
            profile,
            title: "Ingen ensam".to_owned(),
            relays: vec!["http://relay.example".to_owned()],
        };
        let replica = Replica::found(setup, now_ms, &mut rng).unwrap();
        let founder = Person { replica, store: MemoryStore::new(), keys };
        let mut village = Self { people: vec![founder], rng, now_ms };
        village.drive(0);
        for _ in 0..editors {
            let person = village.newcomer(Role::Editor);
            village.carry(0, person);
        }
        village.set_marks(LOW);
        village
    }

    pub(crate) fn set_marks(&mut self, marks: SnapshotMarks) {
        for person in &mut self.people {
            person.replica.set_snapshot_marks(marks);
        }
    }

    /// Lets a new device in that knows nothing yet.
    pub(crate) fn newcomer(&mut self, role: Role) -> usize {
        let keys = DeviceKeys::make(&mut self.rng);
        let founder = &mut self.people[0].replica;
        let operation = Operation::AddMember {
            member: member_id(founder.space(), keys.device()),
            role,
            device: keys.device(),
            share_key: keys.share_key(),
            invite: None,
        };
        founder.author_membership(&operation, self.now_ms).unwrap();
        founder.share_keys(self.now_ms, &mut self.rng).unwrap();
        self.drive(0);
        self.bystander(keys)
    }

    /// A device with these keys and an empty store.
    pub(crate) fn bystander(&mut self, keys: DeviceKeys) -> usize {
        let space = self.people[0].replica.space();
        let mut replica = Replica::empty(space, keys.clone(), SlotId(1));
        replica.write(vec![Write::CreateSpace(space)]);
        replica.set_snapshot_marks(LOW);
        self.people.push(Person { replica, store: MemoryStore::new(), keys });
        self.drive(self.people.len() - 1);
        self.people.len() - 1
    }

    pub(crate) fn drive(&mut self, person: usize) {
        let own = &mut self.people[person];
        drive_store(&mut own.replica, &mut own.store, self.now_ms, &mut self.rng);
    }

    /// Does what is due on a device.
    pub(crate) fn tick(&mut self, person: usize) {
        self.people[person].replica.handle_timeout(self.now_ms, &mut self.rng);
        self.drive(person);
    }

    /// Everything that a device has stored, in the order in which it came there.
    pub(crate) fn entries(&self, person: usize) -> Vec<Entry> {
        let own = &self.people[person];
        let page = own.store.entries_by_arrival(own.replica.space(), Arrival(0), usize::MAX).unwrap();
        page.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Hands a device what a relay would.
    pub(crate) fn hand(&mut self, person: usize, entries: Vec<Entry>) {
        self.people[person].replica.take(entries, Source::Relay, self.now_ms);
        self.drive(person);
    }

    /// Carries everything that one device has to another.
    pub(crate) fn carry(&mut self, from: usize, to: usize) {
        self.hand(to, self.entries(from));
    }

    /// Everything that a device has stored, but of changes the headers alone.
    pub(crate) fn headers(&self, person: usize) -> Vec<Entry> {
        let headers = self.entries(person).into_iter().map(|entry| {
            let keeps = entry.header.fields().kind != EntryKind::Change;
            Entry { body: entry.body.filter(|_| keeps), header: entry.header }
        });
        headers.collect()
    }

    /// Starts a device again from what it has stored.
    pub(crate) fn restart(&mut self, person: usize) {
        let own = &mut self.people[person];
        let (space, keys) = (own.replica.space(), own.keys.clone());
        own.replica = Replica::open(crate::Opening { space, keys, slot: SlotId(1) });
        own.replica.set_snapshot_marks(LOW);
        self.drive(person);
    }

    /// A device writes a snapshot that holds whatever it likes.
    pub(crate) fn forge(&mut self, person: usize, document: DocumentId, content: SnapshotContent) -> EntryId {
        let replica = &mut self.people[person].replica;
        let epoch = replica.membership().safe_epochs()[0];
        let content = Content::Snapshot(content);
        let entry = replica.seal_content(document, &content, &[], epoch, &mut self.rng).unwrap();
        let id = replica.put_own(entry, self.now_ms);
        self.drive(person);
        id
    }

    /// How many entries that count are not here with their content.
    pub(crate) fn bodyless(&self, person: usize) -> usize {
        self.people[person].replica.bodyless.len()
    }

    /// Adds notes, an entry each.
    pub(crate) fn write(&mut self, person: usize, notes: usize) {
        for number in 0..notes {
            let text = json!({ "sv": format!("lapp {person}-{number}") });
            let fields = [("text".to_owned(), text)].into();
            let command = Command::Add { kind: Kind::Note, id: None, board: None, fields };
            self.execute(person, &command);
        }
    }

    /// Promises something: a document's change and records in one entry.
    pub(crate) fn promise(&mut self, person: usize) {
        let replica = &self.people[person].replica;
        let me: MemberId = replica.me().unwrap();
        let owner = replica.workspace().unwrap().participant_of(&me);
        let owner = owner.or_else(|| replica.workspace().unwrap().participant_ids().first().cloned());
        let fields =
            [("title".to_owned(), json!({ "sv": "Ett åtagande" })), ("owner".to_owned(), json!(owner))];
        let command = Command::Add { kind: Kind::Commitment, id: None, board: None, fields: fields.into() };
        self.execute(person, &command);
    }

    fn execute(&mut self, person: usize, command: &Command) {
        let replica = &mut self.people[person].replica;
        replica.execute(command, self.now_ms, &mut self.rng).unwrap();
        replica.flush(self.now_ms, &mut self.rng).unwrap();
        self.drive(person);
    }

    /// The snapshots that a device has.
    pub(crate) fn snapshots(&self, person: usize) -> Vec<Entry> {
        let mut entries = self.entries(person);
        entries.retain(|entry| entry.header.fields().kind == EntryKind::Snapshot);
        entries
    }

    /// The board that notes go to.
    pub(crate) fn board(&self) -> DocumentId {
        self.people[0].replica.workspace().unwrap().boards()[0]
    }

    /// What a device would export, and the heads of its documents.
    pub(crate) fn picture(&mut self, person: usize) -> (String, BTreeMap<DocumentId, Vec<[u8; 32]>>) {
        let replica = &mut self.people[person].replica;
        let export = exchange::json::export_text(replica.workspace().unwrap());
        (export, replica.heads())
    }
}
