//! A person's device in the world, and what people do.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;
use samverka_log::{
    ContentCommitment, Entry, EntryKind, HeaderFields, LogHead, LogId, MemberId, Role, SlotId,
    UnsignedHeader, body_hash,
};
use samverka_plan::{Command, EntityRef, Kind};
use samverka_replica::{Replica, ReplicaError, RequestId};
use samverka_seal::{DeviceKeys, Profile};
use samverka_store::{Arrival, MemoryStore, Store as _, Write};
use serde_json::json;

use crate::disk::{Disk, Order};
use crate::model::Facts;
use crate::world::World;

/// Clocks that are wrong by less show whoever knocks.
const KNOCK_MS: u64 = 3_600_000;

/// A person's device.
pub struct Person {
    /// The process; none while it is dead.
    pub replica: Option<Replica>,
    pub(crate) disk: Disk<RequestId>,
    pub(crate) keys: DeviceKeys,
    /// Where the process writes.
    pub(crate) slot: SlotId,
    /// By how much this device's clock is wrong.
    pub(crate) skew_ms: i64,
    /// Whether what is on the disk was copied or restored, and no relay has said since what it has.
    pub(crate) copied: bool,
    /// Whether another device with the same keys is about.
    pub(crate) has_twin: bool,
    /// An older state of the disk.
    pub(crate) backup: Option<MemoryStore>,
    /// When writes that failed are tried again.
    pub(crate) retry_at: Option<u64>,
    /// Texts that somebody began to write here, whatever became of it.
    pub(crate) tried: BTreeSet<String>,
    /// Texts whose command returned.
    pub typed: Vec<String>,
    /// What is known to be safe of them.
    pub(crate) facts: Facts,
}

impl Person {
    pub(crate) fn new(replica: Replica, keys: DeviceKeys, disk_delay_ms: u64) -> Self {
        Self {
            replica: Some(replica),
            disk: Disk::new(Order::Asked, disk_delay_ms),
            keys,
            slot: SlotId(1),
            skew_ms: 0,
            copied: false,
            has_twin: false,
            backup: None,
            retry_at: None,
            tried: BTreeSet::new(),
            typed: Vec::new(),
            facts: Facts::default(),
        }
    }

    pub(crate) const fn at(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.skew_ms)
    }

    /// The world's time when this device wants to be woken.
    pub(crate) fn wakes_at(&self) -> Option<u64> {
        let own = self.replica.as_ref()?.poll_timeout();
        let own = own.map(|at| at.saturating_add_signed(self.skew_ms.saturating_neg()));
        [own, self.retry_at].into_iter().flatten().min()
    }
}

pub(crate) fn profile(person: usize) -> Profile {
    Profile {
        name: format!("Deltagare {person}"),
        organisation: format!("Organisation {person}"),
        role_title: "Kurator".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    }
}

/// What somebody writes into the store of a device beside its process, as another program would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// An entry of a kind that this version does not know: a newer version's.
    NewerKind,
    /// A change whose body is noise.
    Noise,
}

impl World {
    /// A person does something random; what returns is noted.
    pub fn act(&mut self, person: usize) {
        let text = format!("lapp {person}-{}", self.rng.random_range(0..u32::MAX));
        let Some(replica) = &self.people[person].replica else { return };
        if !replica.is_ready() || !replica.membership().may_write(&replica.device()) {
            return;
        }
        let notes = replica.workspace().map(|workspace| workspace.ids(Kind::Note)).unwrap_or_default();
        let said = || json!({ "sv": text });
        let (command, adds) = match self.rng.random_range(0..10) {
            0..5 => (add(Kind::Note, "text", said()), true),
            5..7 => (add(Kind::Commitment, "title", said()), true),
            _ if notes.is_empty() => (add(Kind::Note, "text", said()), true),
            _ => {
                let entity = EntityRef::new(Kind::Note, notes[self.rng.random_range(0..notes.len())].clone());
                let state = ["parked", "revealed"][self.rng.random_range(0..2)];
                let fields = BTreeMap::from([("state".to_owned(), json!(state))]);
                (Command::Edit { entity, fields }, false)
            }
        };
        let now = self.people[person].at(self.now());
        if adds {
            self.people[person].tried.insert(text.clone());
        }
        let Some(replica) = &mut self.people[person].replica else { return };
        let executed = replica.execute(&command, now, &mut self.rng);
        let done = match executed {
            Ok(_) => replica.flush(now, &mut self.rng),
            Err(error) => Err(error),
        };
        let may_fail = !self.calm || self.people[person].copied;
        match &done {
            Ok(()) => {}
            // What is pending stays pending, and counts as unsaved.
            Err(ReplicaError::NotReady) => {}
            Err(error) => assert!(may_fail, "person {person} may do this: {error}"),
        }
        self.drive(person);
        if adds && done.is_ok() {
            self.people[person].typed.push(text.clone());
            self.people[person].facts.said(text);
        }
    }

    /// Whose a person's device is.
    pub fn member(&self, person: usize) -> Option<MemberId> {
        self.people[person].replica.as_ref()?.me()
    }

    /// Whether a person decides who is in, as far as their device knows.
    pub fn is_admin(&self, person: usize) -> bool {
        let replica = self.people[person].replica.as_ref();
        replica.is_some_and(|replica| replica.is_ready() && replica.membership().is_admin(&replica.device()))
    }

    /// Somebody changes who is in, if they may: what the replica refuses changes nothing. Adds whose words may not count
    /// after it.
    pub fn change_members(&mut self, people_max: usize, questioned: &mut BTreeSet<usize>) {
        let people = self.people.len();
        let (by, whom) = (self.rng.random_range(0..people), self.rng.random_range(0..people));
        let kind = self.rng.random_range(0..11);
        let role = [Role::Reader, Role::Editor, Role::Admin, Role::Admin][self.rng.random_range(0..4)];
        let Some(target) = self.member(whom) else { return };
        if kind == 10 {
            // Whoever goes says so themselves.
            if whom != 0 && self.with(whom, |replica, now, _| replica.leave(now).is_ok()) {
                questioned.insert(whom);
            }
            return;
        }
        if !self.is_admin(by) {
            return;
        }
        match kind {
            0..5 => {
                let done =
                    self.with(by, |replica, now, rng| replica.change_role(target, role, now, rng).is_ok());
                if done && role < Role::Admin {
                    questioned.insert(whom);
                }
            }
            5..7 => {
                let removes = |world: &mut Self| {
                    world.with(by, |replica, now, rng| replica.remove_member(target, now, rng).is_ok())
                };
                if by != whom && removes(self) {
                    questioned.insert(whom);
                }
            }
            // Some decisions cannot be made (nothing is held back): that changes nothing.
            7..9 => {
                let _ = self.with(by, |replica, now, _| replica.accept_late(target, now).is_ok());
            }
            _ if people < people_max => {
                if let Some(newcomer) = self.admit_if_possible(by) {
                    // Whoever let them in may turn out to have had no right to.
                    questioned.insert(newcomer);
                }
            }
            _ => {}
        }
    }

    /// An admin lets somebody in by the first relay, if it can be reached and nothing is wrong with their device.
    pub fn admit_if_possible(&mut self, by: usize) -> Option<usize> {
        let newcomer = self.people.len();
        let cut_off = self.is_cut_off(by, 0) || self.is_cut_off(newcomer, 0);
        if cut_off || self.people[by].disk.is_in_trouble() || self.relay_is_in_trouble(0) {
            return None;
        }
        self.connect(by, 0);
        self.rest();
        let healthy = self.people[by].replica.as_ref()?.store_failure().is_none();
        let trusted = self.people[by].replica.as_ref()?.trusts_membership_log();
        // To a clock that is far ahead every knock has run out: that admin is shown nobody, and is asked by nobody.
        let on_time = self.people[by].skew_ms.unsigned_abs() < KNOCK_MS;
        (healthy && trusted && on_time && self.is_admin(by)).then(|| self.admit_another(by))
    }

    /// Keeps a copy of what is on a person's disk.
    pub fn back_up(&mut self, person: usize) {
        self.people[person].backup = Some(self.people[person].disk.store().clone());
    }

    /// A device is lost, and comes back from its last backup.
    pub fn restore(&mut self, person: usize) {
        let Some(backup) = self.people[person].backup.clone() else { return };
        self.stop(person);
        self.people[person].disk.replace(backup);
        self.people[person].slot = SlotId(self.rng.random_range(2..u64::MAX));
        self.people[person].copied = true;
        self.people[person].facts.device_went_back();
        self.devices_went_back.insert(person);
        self.start(person);
    }

    /// A device's data is copied to another machine, and both are used from here on.
    pub fn copy(&mut self, person: usize) {
        let Some(replica) = &self.people[person].replica else { return };
        if !replica.is_ready() || replica.is_joining() {
            return;
        }
        let (keys, store) = (self.people[person].keys.clone(), self.people[person].disk.store().clone());
        let delay = self.disk_delay_ms;
        let slot = SlotId(self.rng.random_range(2..u64::MAX));
        let mut twin = Person::new(Replica::open(self.opening(&keys, slot)), keys, delay);
        twin.disk = Disk::of(store, Order::Asked, delay);
        twin.slot = slot;
        twin.copied = true;
        twin.has_twin = true;
        self.people[person].has_twin = true;
        self.people.push(twin);
        self.start(self.people.len() - 1);
    }

    /// Another program of the same device writes an entry beside its process, in a log of its own.
    pub(crate) fn write_beside(&mut self, person: usize, what: Foreign) {
        let Some(replica) = &self.people[person].replica else { return };
        if !replica.is_ready() || !replica.membership().may_write(&replica.device()) {
            return;
        }
        let store = self.people[person].disk.store();
        let Ok(entries) = store.entries_by_arrival(self.space, Arrival(0), usize::MAX) else { return };
        let model = entries.iter().rev().find(|(_, entry)| entry.header.fields().kind == EntryKind::Change);
        let Some((_, model)) = model else { return };
        let log = LogId {
            device: self.people[person].keys.device(),
            slot: SlotId(self.rng.random_range(1 << 32..u64::MAX)),
        };
        let body: Vec<u8> = (0..self.rng.random_range(64..300)).map(|_| self.rng.random()).collect();
        let kind = match what {
            Foreign::NewerKind => EntryKind::Unknown(self.rng.random_range(100..200)),
            Foreign::Noise => EntryKind::Change,
        };
        let fields = HeaderFields {
            kind,
            log,
            number: 0,
            previous: LogHead::EMPTY.head,
            after: Vec::new(),
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(&body),
            body_length: u32::try_from(body.len()).unwrap_or(u32::MAX),
            extensions: Vec::new(),
            ..model.header.fields().clone()
        };
        let Ok(unsigned) = UnsignedHeader::new(fields) else { return };
        let header = unsigned.sign(&self.people[person].keys);
        let id = header.id();
        let entries = vec![Entry { header, body: Some(body) }];
        let append = Write::Append { space: self.space, log, expect: LogHead::EMPTY, entries };
        if self.people[person].disk.store_mut().write(&[append]).is_ok() {
            self.written_beside.push((person, id));
            if let Some(replica) = &mut self.people[person].replica {
                replica.handle_store_changed();
            }
            self.drive(person);
        }
    }
}

fn add(kind: Kind, field: &str, said: serde_json::Value) -> Command {
    Command::Add { kind, id: None, board: None, fields: BTreeMap::from([(field.to_owned(), said)]) }
}
