//! Membership of 10,000 operations, as many as may count: from verified entries to who is in.
//!
//! The shapes are those that cost a resolver most: everybody knows everything; thousands act apart; two branches that
//! hear of each other always one step late; and a history that turns out void behind its first admission. Beside each
//! stands what no resolver can save: verifying the 10,000 signatures. Prints `BENCH {json}` lines for
//! `cargo xtask bench`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::collections::BTreeMap;
use std::time::Instant;

use ed25519_dalek::{Signer as _, SigningKey};
use samverka_log::{
    ContentCommitment, DeviceId, DocumentId, Entry, EntryId, EntryKind, EpochId, HeaderFields, LogHead,
    LogId, Membership, Operation, Resolver, Role, ShareKey, Signature, Signer, SpaceId, Target,
    UnsignedHeader, VerifiedOperation, body_hash, member_id,
};
use serde_json::json;

const OPERATIONS: usize = 10_000;
/// A device makes at most 1,000 operations, so the long histories take turns.
const ADMINS: usize = 12;
const RUNS: usize = 5;

fn main() {
    let shapes: [(&str, History); 8] = [
        ("10,000 operations deep", deep()),
        ("10,000 operations wide, half of them apart from each other", wide()),
        ("10,000 operations in two branches that meet at the end", branches(false)),
        ("10,000 operations in two branches that hear of each other one step late", branches(true)),
        ("10,000 operations behind an admission that turns out void", behind_a_void_admission()),
        ("10,000 operations in two such branches, asked who is in after each", asked(branches(true))),
        ("10,000 operations, asked after each, half of them by whoever had been removed", asked(flood())),
        ("10,000 changes of one role in two branches that hear of each other one step late", one_role()),
    ];
    let verify_ms = median(|| {
        let started = Instant::now();
        for entry in &shapes[0].1.entries {
            entry.header.verify().expect("it was just signed");
        }
        started.elapsed().as_secs_f64() * 1e3
    });
    for (name, history) in &shapes {
        assert_eq!(history.entries.len(), OPERATIONS);
        let operations: Vec<VerifiedOperation> = history
            .entries
            .iter()
            .map(|entry| VerifiedOperation::trust(entry).expect("it was just signed"))
            .collect();
        let resolve_ms = median(|| {
            let mut operations = operations.clone();
            let last = operations.pop().expect("many");
            let started = Instant::now();
            let mut resolver = Resolver::new();
            for operation in operations {
                resolver.insert(operation).expect("there is room");
                if history.asked {
                    resolver.state();
                }
            }
            // Somebody looks before the last word is in, and after.
            (history.before_last)(&resolver.state());
            resolver.insert(last).expect("there is room");
            (history.at_last)(&resolver.state());
            started.elapsed().as_secs_f64() * 1e3
        });
        bench(name, resolve_ms, verify_ms);
    }
}

type Check = fn(&Membership);

/// Signed entries in an order in which they can be taken, and what must hold in the end.
struct History {
    space: SpaceId,
    entries: Vec<Entry>,
    chains: BTreeMap<DeviceId, LogHead>,
    /// Whether somebody asks who is in after each of them, as a replica does.
    asked: bool,
    before_last: Check,
    at_last: Check,
}

impl History {
    fn new() -> (Self, EntryId) {
        let mut history = Self {
            space: SpaceId::ZERO,
            entries: Vec::new(),
            chains: BTreeMap::new(),
            asked: false,
            before_last: |state| assert!(state.void().next().is_none()),
            at_last: |state| assert!(state.void().next().is_none()),
        };
        let genesis = Operation::Genesis {
            nonce: [1; 16],
            suite: 1,
            plan_document: DocumentId::from_bytes([1; 16]),
            share_key: ShareKey::ZERO,
        };
        let id = history.act(&Key::new(0), &[], &genesis);
        history.space = id.into();
        (history, id)
    }

    /// A founder who has let in admins, and the last admission.
    fn with_admins(count: usize) -> (Self, EntryId) {
        let (mut history, mut last) = Self::new();
        for admin in 1..=count {
            last = history.act(&Key::new(0), &[last], &history.add(admin, Role::Admin));
        }
        (history, last)
    }

    fn act(&mut self, by: &Key, knows: &[EntryId], operation: &Operation) -> EntryId {
        let at = self.chains.get(&by.device()).copied().unwrap_or(LogHead::EMPTY);
        let body = operation.encode().expect("short");
        let mut membership_heads = knows.to_vec();
        membership_heads.sort();
        membership_heads.dedup();
        let fields = HeaderFields {
            kind: EntryKind::Membership,
            space: self.space,
            log: LogId::membership(by.device()),
            number: at.next,
            previous: at.head,
            document: DocumentId::ZERO,
            after: Vec::new(),
            epoch: EpochId::ZERO,
            membership_heads,
            content_commitment: ContentCommitment::ZERO,
            body_hash: body_hash(&body),
            body_length: u32::try_from(body.len()).expect("short"),
            extensions: Vec::new(),
        };
        let header = UnsignedHeader::new(fields).expect("sound").sign(by);
        let id = header.id();
        self.chains.insert(by.device(), LogHead { next: at.next + 1, head: id });
        self.entries.push(Entry { header, body: Some(body) });
        id
    }

    fn add(&self, person: usize, role: Role) -> Operation {
        let device = Key::new(person).device();
        let member = member_id(self.space, device);
        Operation::AddMember { member, role, device, share_key: ShareKey::ZERO, invite: None }
    }

    /// What an admin does next in a long history: lets people in, now and then, and gives them roles.
    fn something(&self, step: usize) -> Operation {
        let person = 1_000 + step / 4;
        match step % 4 {
            0 => self.add(person, Role::Reader),
            1 => {
                let member = member_id(self.space, Key::new(person).device());
                Operation::ChangeRole { member, role: Role::Editor, accept_up_to: Vec::new() }
            }
            _ => Operation::AcceptLate { logs: Vec::new() },
        }
    }
}

/// Admins take turns, each knowing everything.
fn deep() -> History {
    let (mut history, mut last) = History::with_admins(ADMINS);
    for step in 0..OPERATIONS - history.entries.len() {
        last = history.act(&Key::new(1 + step % ADMINS), &[last], &history.something(step));
    }
    history
}

/// Ninety-five admins let in forty people each, apart; whoever is in does something, apart from everybody else.
fn wide() -> History {
    let (mut history, last) = History::with_admins(95);
    let mut people = Vec::new();
    for round in 0..42 {
        for admin in 1..=95 {
            let person = 1_000 + round * 95 + admin;
            let added = history.act(&Key::new(admin), &[last], &history.add(person, Role::Editor));
            people.push((Key::new(person), added));
        }
    }
    let left = OPERATIONS - history.entries.len();
    for step in 0..left {
        let (key, added) = &people[step % people.len()];
        let epoch = Operation::Epoch { suite: 1, commitment: [5; 32], shares: Vec::new(), wraps: Vec::new() };
        history.act(key, &[*added], &epoch);
    }
    history
}

/// Two groups of admins: each knows its own branch, and the other's either not at all or up to the step before.
fn branches(meeting: bool) -> History {
    let (mut history, last) = History::with_admins(ADMINS);
    let mut tips = [last, last];
    let mut heard = [last, last];
    for step in 0..OPERATIONS - 1 - history.entries.len() {
        let side = step % 2;
        let by = Key::new(1 + 2 * (step / 2 % (ADMINS / 2)) + side);
        let before = tips;
        let knows = if meeting { vec![before[side], heard[side]] } else { vec![before[side]] };
        let made = history.act(&by, &knows, &history.something(20_000 * side + step / 2));
        tips[side] = made;
        // Each side names its own last one and the other's last but one.
        if meeting {
            heard[1 - side] = before[side];
        }
    }
    history.act(&Key::new(1), &tips, &Operation::AcceptLate { logs: Vec::new() });
    history
}

/// The last operation removes, apart, who let in the admins that did nearly everything.
fn behind_a_void_admission() -> History {
    let (mut history, last) = History::with_admins(1);
    let mut tip = last;
    for admin in 2..=1 + ADMINS {
        tip = history.act(&Key::new(1), &[tip], &history.add(admin, Role::Admin));
    }
    for step in 0..OPERATIONS - 1 - history.entries.len() {
        tip = history.act(&Key::new(2 + step % ADMINS), &[tip], &history.something(step));
    }
    let target = Target::Member(member_id(history.space, Key::new(1).device()));
    history.act(&Key::new(0), &[last], &Operation::Remove { target, accept_up_to: Vec::new() });
    history.at_last = |state| assert_eq!(state.void().count(), OPERATIONS - 3);
    history
}

fn asked(history: History) -> History {
    History { asked: true, ..history }
}

/// Whoever was removed goes on under five keys, and nobody who builds on that knows of the removal at first.
fn flood() -> History {
    let (mut history, last) = History::with_admins(2);
    let mut added = last;
    let mut keys = vec![Key::new(1)];
    for puppet in 10..15 {
        added = history.act(&Key::new(1), &[added], &history.add(puppet, Role::Admin));
        keys.push(Key::new(puppet));
    }
    let target = Target::Member(member_id(history.space, Key::new(1).device()));
    let mut tip = history.act(&Key::new(0), &[last], &Operation::Remove { target, accept_up_to: Vec::new() });
    let mut admins = vec![Key::new(2)];
    for admin in 20..26 {
        tip = history.act(&Key::new(0), &[tip], &history.add(admin, Role::Admin));
        admins.push(Key::new(admin));
    }
    let left = OPERATIONS - 1 - history.entries.len();
    for step in 0..left {
        let something = history.something(step);
        if step % 2 == 0 {
            history.act(&keys[step / 2 % keys.len()], &[added], &something);
        } else {
            tip = history.act(
                &admins[step / 2 % admins.len()],
                &[tip],
                &Operation::AcceptLate { logs: Vec::new() },
            );
        }
    }
    history.act(&Key::new(0), &[tip], &Operation::AcceptLate { logs: Vec::new() });
    history.before_last = |state| assert!(state.void().count() > OPERATIONS / 3);
    history.at_last = history.before_last;
    history
}

/// Two groups of admins who give one person one role after the other.
fn one_role() -> History {
    let (mut history, last) = History::with_admins(ADMINS);
    let added = history.act(&Key::new(0), &[last], &history.add(999, Role::Reader));
    let member = member_id(history.space, Key::new(999).device());
    let mut tips = [added, added];
    let mut heard = [added, added];
    for step in 0..OPERATIONS - 1 - history.entries.len() {
        let side = step % 2;
        let by = Key::new(1 + 2 * (step / 2 % (ADMINS / 2)) + side);
        let role = if step % 4 < 2 { Role::Editor } else { Role::Admin };
        let act = Operation::ChangeRole { member, role, accept_up_to: Vec::new() };
        let before = tips;
        tips[side] = history.act(&by, &[before[side], heard[side]], &act);
        heard[1 - side] = before[side];
    }
    history.act(&Key::new(1), &tips, &Operation::AcceptLate { logs: Vec::new() });
    history.before_last = |_| {};
    history.at_last = |_| {};
    history
}

struct Key(SigningKey);

impl Key {
    fn new(person: usize) -> Self {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&u64::try_from(person).expect("few").to_be_bytes());
        Self(SigningKey::from_bytes(&seed))
    }
}

impl Signer for Key {
    fn device(&self) -> DeviceId {
        DeviceId::from_bytes(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::from_bytes(self.0.sign(message).to_bytes())
    }
}

fn median(mut measure: impl FnMut() -> f64) -> f64 {
    let mut figures: Vec<f64> = (0..RUNS).map(|_| measure()).collect();
    figures.sort_by(f64::total_cmp);
    figures[RUNS / 2]
}

fn bench(name: &str, value: f64, limit: f64) {
    let line = json!({
        "name": format!("resolving membership: {name}"),
        "value": value,
        "unit": "ms",
        "goal": "at most 200",
        "limit_name": "verifying the signatures of 10,000 operations, one core",
        "limit_value": limit,
    });
    println!("BENCH {line}");
}
