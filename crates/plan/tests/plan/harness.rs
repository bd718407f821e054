//! Several people, each with a workspace of their own, and everything that they have sent.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::StdRng;
use samverka_log::{DeviceId, DocumentId, LogId, MemberId, Role, SlotId, SpaceId};
use samverka_plan::exchange::json;
use samverka_plan::{
    Command, CommandError, Context, Directory, DirectoryMember, EntityRef, Event, Executed, Incoming, Kind,
    Language, VerifiedRecord, Workspace,
};
use serde_json::{Value as Json, json};

/// A day in the life of the sample plan.
pub(crate) const TODAY: &str = "2027-02-10";

/// The time at which tests begin: 2027-02-09 07:40 UTC.
pub(crate) const START_MS: u64 = 1_802_158_800_000;

/// The sample plan, as it is shipped.
pub(crate) const SAMPLE: &str = include_str!("../../../../examples/data/sample-plan.json");

/// Some people and what each of them has.
pub(crate) struct Network {
    pub(crate) people: Vec<Workspace>,
    /// Everything that was ever sent: author, and what.
    pub(crate) sent: Vec<(usize, Incoming)>,
    taken: Vec<usize>,
    rng: StdRng,
    pub(crate) now_ms: u64,
}

impl Network {
    /// People without a plan. The first is the founder, the last of more than three only reads.
    pub(crate) fn new(people: usize) -> Self {
        let space = SpaceId::from_bytes([7; 32]);
        let plan = DocumentId::from_bytes([1; 16]);
        let workspaces = (0..people).map(|_| {
            let mut workspace = Workspace::new(space, plan);
            workspace.set_directory(directory(people));
            workspace
        });
        Self {
            people: workspaces.collect(),
            sent: Vec::new(),
            taken: vec![0; people],
            rng: StdRng::seed_from_u64(7),
            now_ms: START_MS,
        }
    }

    /// One person with a plan from a file.
    pub(crate) fn imported(plan: &str) -> Self {
        let mut network = Self::new(1);
        network.rng = StdRng::seed_from_u64(8);
        network.must(0, &new_plan());
        network.must(0, &Command::Import(Box::new(json::import(plan.as_bytes()).unwrap())));
        network
    }

    /// People with the sample plan, each of whom is the participant named.
    pub(crate) fn sample(participants: &[&str]) -> Self {
        let mut network = Self::new(participants.len());
        network.must(0, &new_plan());
        network.must(0, &Command::Import(Box::new(json::import(SAMPLE.as_bytes()).unwrap())));
        for (person, participant) in participants.iter().enumerate() {
            network.must(0, &admit(person, participant));
        }
        network.exchange();
        network
    }

    /// Somebody does something.
    pub(crate) fn execute(&mut self, person: usize, command: &Command) -> Result<Executed, CommandError> {
        self.now_ms += 1000;
        let (now_ms, log) = (self.now_ms, log_of(person));
        let mut context = Context { log, member: member(person), now_ms, rng: &mut self.rng };
        let executed = self.people[person].execute(command, &mut context)?;
        for incoming in incoming(&executed, log) {
            for record in &incoming.records {
                self.people[person].set_signed(record.document, &record.id, record.signed.clone());
            }
            self.sent.push((person, incoming));
        }
        Ok(executed)
    }

    /// Somebody does something that fits.
    pub(crate) fn must(&mut self, person: usize, command: &Command) -> Executed {
        self.execute(person, command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Something happens to a commitment.
    pub(crate) fn event(
        &mut self,
        person: usize,
        commitment: &str,
        event: Event,
    ) -> Result<Executed, CommandError> {
        self.execute(person, &Command::Commitment { id: commitment.to_owned(), event })
    }

    /// Something happens to a commitment, and it fits.
    pub(crate) fn happens(&mut self, person: usize, commitment: &str, event: Event) {
        self.must(person, &Command::Commitment { id: commitment.to_owned(), event });
    }

    /// Everybody gets everything.
    pub(crate) fn exchange(&mut self) {
        for person in 0..self.people.len() {
            self.catch_up(person);
        }
    }

    /// One person gets everything.
    pub(crate) fn catch_up(&mut self, person: usize) {
        let from = core::mem::replace(&mut self.taken[person], self.sent.len());
        let batch: Vec<Incoming> = self.sent[from..]
            .iter()
            .filter(|(author, _)| *author != person)
            .map(|(_, one)| one.clone())
            .collect();
        self.people[person].apply_batch(batch);
    }

    /// Everybody has the same: heads, files and views.
    pub(crate) fn assert_equal(&mut self) {
        let documents = self.people[0].documents();
        let text = json::export_text(&self.people[0]);
        let views = json!(self.people[0].commitments(Language::SvFi, TODAY));
        let heads: Vec<_> = documents.iter().map(|document| self.people[0].heads(*document)).collect();
        for other in &mut self.people[1..] {
            assert_eq!(other.documents(), documents);
            let theirs: Vec<_> = documents.iter().map(|document| other.heads(*document)).collect();
            assert_eq!(theirs, heads);
            assert_eq!(json::export_text(other), text);
            assert_eq!(json!(other.commitments(Language::SvFi, TODAY)), views);
        }
    }

    /// A commitment as one person sees it.
    pub(crate) fn commitment(&self, person: usize, id: &str) -> samverka_plan::CommitmentView {
        self.people[person].commitment(id, Language::SvFi, TODAY).unwrap()
    }
}

/// The member that a person is.
pub(crate) fn member(person: usize) -> MemberId {
    MemberId::from_bytes([byte(person) + 100; 16])
}

/// The device that a person has.
pub(crate) fn device(person: usize) -> DeviceId {
    DeviceId::from_bytes([byte(person) + 200; 32])
}

/// The log that a person writes.
pub(crate) fn log_of(person: usize) -> LogId {
    LogId { device: device(person), slot: SlotId(1) }
}

fn byte(person: usize) -> u8 {
    u8::try_from(person).unwrap()
}

/// Who is who: the first decides who is in.
pub(crate) fn directory(people: usize) -> Directory {
    let role = |person| if person == 0 { Role::Admin } else { Role::Editor };
    Directory {
        devices: (0..people).map(|person| (device(person), member(person))).collect(),
        members: (0..people)
            .map(|person| (member(person), DirectoryMember { role: role(person), is_in: true }))
            .collect(),
        founder: Some(member(0)),
    }
}

/// What others get of a command.
pub(crate) fn incoming(executed: &Executed, log: LogId) -> Vec<Incoming> {
    let record = |document: DocumentId, draft: &samverka_plan::RecordDraft| VerifiedRecord {
        id: draft.id,
        document,
        log,
        time_ms: draft.time_ms,
        payload: draft.payload.clone(),
        signed: [b"signed ".as_slice(), &draft.payload].concat(),
        by_admin: log == log_of(0),
    };
    let one = |produced: &samverka_plan::Produced| Incoming {
        document: produced.document,
        log,
        changes: produced.changes.clone(),
        records: produced.records.iter().map(|draft| record(produced.document, draft)).collect(),
    };
    executed.documents.iter().map(one).collect()
}

/// A record as a hostile device would make it.
pub(crate) fn forged(person: usize, document: DocumentId, id: u8, payload: &Json) -> Incoming {
    let record = VerifiedRecord {
        id: [id; 16],
        document,
        log: log_of(person),
        time_ms: START_MS,
        payload: serde_json::to_vec(payload).unwrap(),
        signed: vec![id],
        by_admin: person == 0,
    };
    Incoming { document, log: log_of(person), changes: Vec::new(), records: vec![record] }
}

/// A new plan by the first person.
pub(crate) fn new_plan() -> Command {
    Command::NewPlan {
        title: "Ingen ensam".to_owned(),
        language: "sv-FI".to_owned(),
        name: "Rektor".to_owned(),
        organisation: "Skolan".to_owned(),
        role_title: "Rektor".to_owned(),
        relays: vec!["https://relay.example".to_owned()],
    }
}

/// A person becomes a participant that is there already.
pub(crate) fn admit(person: usize, participant: &str) -> Command {
    Command::Admit {
        member: member(person),
        name: format!("roll {person}"),
        organisation: String::new(),
        role_title: String::new(),
        language: "sv-FI".to_owned(),
        participant: Some(participant.to_owned()),
    }
}

/// A thing with fields.
pub(crate) fn add(kind: Kind, id: &str, fields: &Json) -> Command {
    Command::Add { kind, id: Some(id.to_owned()), board: None, fields: object(fields) }
}

/// New fields of a thing.
pub(crate) fn edit(kind: Kind, id: &str, fields: &Json) -> Command {
    Command::Edit { entity: EntityRef::new(kind, id), fields: object(fields) }
}

fn object(fields: &Json) -> BTreeMap<String, Json> {
    fields.as_object().unwrap().clone().into_iter().collect()
}
