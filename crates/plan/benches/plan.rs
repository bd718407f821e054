//! What a plan costs at the size of the biggest networks there are: 10,000 events over 200 commitments, and 2,000
//! notes on one board by 40 members. A plan of five years with a meeting a month comes to about a third of it.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench measures time, prints figures and stops where something is wrong"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::StdRng;
use samverka_log::{DeviceId, DocumentId, LogId, MemberId, Role, SlotId, SpaceId};
use samverka_plan::{
    Command, Context, Directory, DirectoryMember, EntityRef, Event, Executed, Incoming, Kind, Language,
    VerifiedRecord, ViewContext, Workspace,
};
use serde_json::{Value as Json, json};

const COMMITMENTS: usize = 200;
const EVENTS: usize = 10_000;
const NOTES: usize = 2_000;
const MEMBERS: u8 = 40;
const TODAY: &str = "2027-02-10";

fn main() {
    let mut maker = Maker::new();
    maker.fill();
    let Maker { workspace: mut whole, sent, .. } = maker;
    let plan = whole.plan_document();
    let board = whole.boards().first().copied().unwrap();
    let saved: Vec<(DocumentId, Vec<u8>, Vec<VerifiedRecord>)> = [plan, board]
        .map(|document| (document, whole.save(document), whole.records(document).to_vec()))
        .into();
    let bytes: usize = saved.iter().map(|(_, saved, _)| saved.len()).sum();
    let records: usize =
        saved.iter().flat_map(|(_, _, records)| records).map(|record| record.payload.len()).sum();
    figure("plan: saved documents", bytes as f64 / 1024.0, "KiB");
    figure("plan: statements", records as f64 / 1024.0, "KiB");

    figure("plan: load two documents and 10,000 statements", best(5, || drop(black_box(load(&saved)))), "ms");
    let bare: Vec<_> =
        saved.iter().map(|(document, saved, _)| (*document, saved.clone(), Vec::new())).collect();
    figure("plan: of that, the two documents", best(5, || drop(black_box(load(&bare)))), "ms");
    let opened = load(&saved);
    figure("plan: first view of all commitments", best(1, || commitments(&opened)), "ms");
    figure("plan: view of all commitments again", best(5, || commitments(&opened)), "ms");
    figure("plan: view of all notes", best(5, || drop(black_box(opened.notes(None, Language::SvFi)))), "ms");
    figure("plan: all open questions", best(5, || drop(black_box(opened.open_questions()))), "ms");

    let looked = load(&saved);
    let context = ViewContext { language: Language::SvFi, today: TODAY.to_owned(), me: Some(member_id(1)) };
    figure("plan: first look at everything", best(1, || drop(black_box(looked.all_views(&context)))), "ms");
    figure("plan: everything again", best(5, || drop(black_box(looked.all_views(&context)))), "ms");
    let all = looked.all_views(&context);
    let written = || serde_json::to_vec(&all).unwrap();
    figure("plan: everything as JSON", written().len() as f64 / 1024.0, "KiB");
    figure("plan: writing that", best(5, || drop(black_box(written()))), "ms");

    let mut late = Workspace::new(SPACE, plan);
    late.set_directory(directory());
    let all = sent.clone();
    figure("plan: apply everything in one batch", best(1, move || drop(late.apply_batch(all.clone()))), "ms");

    let mut writer = Maker { workspace: load(&saved), ..Maker::new() };
    let mut reader = load(&saved);
    // Somebody looks, so that what views show of other things is kept in step.
    let _views = (writer.workspace.all_views(&context), reader.all_views(&context));
    let (mut write, mut read, mut show) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..200 {
        let command = match step % 4 {
            0 => note(&format!("En lapp till {step}")),
            1 => edit_note(step),
            // Every thirty-ninth commitment is the first member's, who does what is timed.
            2 => happens((step % 5) * 39, Event::Log { text: text("en rad") }),
            _ => edit_commitment(step % COMMITMENTS, step),
        };
        let begin = Instant::now();
        let executed = writer.execute(1, &command);
        write.push((step % 4, begin.elapsed().as_secs_f64() * 1e6));
        let begin = Instant::now();
        let delta = reader.apply_batch(incoming(&executed, log(1))).delta;
        read.push((step % 4, begin.elapsed().as_secs_f64() * 1e6));
        let begin = Instant::now();
        black_box(delta.to_show().filter_map(|entity| reader.view_of(entity, &context)).count());
        show.push((step % 4, begin.elapsed().as_secs_f64() * 1e6));
    }
    for (kind, name) in ["note added", "note edited", "event logged", "commitment edited"].iter().enumerate()
    {
        figure(&format!("plan: {name}, here"), median(&write, kind), "us");
        figure(&format!("plan: {name}, from another"), median(&read, kind), "us");
        figure(&format!("plan: {name}, shown anew"), median(&show, kind), "us");
    }
}

const SPACE: SpaceId = SpaceId::from_bytes([7; 32]);

struct Maker {
    workspace: Workspace,
    sent: Vec<Incoming>,
    rng: StdRng,
    now_ms: u64,
}

impl Maker {
    fn new() -> Self {
        let mut workspace = Workspace::new(SPACE, DocumentId::from_bytes([1; 16]));
        workspace.set_directory(directory());
        Self { workspace, sent: Vec::new(), rng: StdRng::seed_from_u64(1), now_ms: 1_802_158_800_000 }
    }

    fn execute(&mut self, member: u8, command: &Command) -> Executed {
        self.now_ms += 1000;
        let (log, now_ms) = (log(member), self.now_ms);
        let mut context = Context { log, member: member_id(member), now_ms, rng: &mut self.rng };
        let executed = self.workspace.execute(command, &mut context).unwrap();
        self.sent.extend(incoming(&executed, log));
        executed
    }

    fn fill(&mut self) {
        self.execute(0, &new_plan());
        for member in 1..MEMBERS {
            let id = format!("p-{member}");
            let fields = json!({ "role_title": { "sv": format!("Roll {member}") } });
            self.execute(0, &add(Kind::Participant, &id, &fields));
            self.execute(0, &admit(member, &id));
        }
        for cluster in 0..20 {
            self.execute(
                1,
                &add(Kind::Cluster, &format!("cl-{cluster}"), &json!({ "title": { "sv": "Tema" } })),
            );
        }
        for index in 0..COMMITMENTS {
            let owner = 1 + u8::try_from(index % 39).unwrap();
            let fields = json!({
                "title": { "sv": format!("Åtagande nummer {index} om något som ska hållas") },
                "done_when": { "sv": "Tre kvällar har hållits och daghemmet har fått en halv sida lärdomar" },
                "next_step": { "sv": "Ringa" }, "owner": format!("p-{owner}"), "requester": "network",
                "with": [format!("p-{}", 1 + (owner + 4) % 39)], "due": "2027-03-31", "follow_up": "2027-03-24",
            });
            self.execute(owner, &add(Kind::Commitment, &commitment_id(index), &fields));
            self.execute(owner, &happens(index, Event::Promise { subject_to: None }));
        }
        for step in 0..EVENTS - 2 * COMMITMENTS {
            let index = step % COMMITMENTS;
            let owner = 1 + u8::try_from(index % 39).unwrap();
            self.execute(
                owner,
                &happens(index, Event::Log { text: text("Bygården bokad, kaffe och läxhjälp") }),
            );
        }
        for index in 0..NOTES {
            let member = 1 + u8::try_from(index % 39).unwrap();
            self.execute(member, &note(&format!("Ingen äter ensam i matsalen {index}")));
        }
    }
}

fn load(saved: &[(DocumentId, Vec<u8>, Vec<VerifiedRecord>)]) -> Workspace {
    let mut workspace = Workspace::new(SPACE, DocumentId::from_bytes([1; 16]));
    workspace.set_directory(directory());
    for (document, bytes, records) in saved {
        workspace.load(*document, bytes, records.clone()).unwrap();
    }
    workspace
}

fn commitments(workspace: &Workspace) {
    let views = black_box(workspace.commitments(Language::SvFi, TODAY));
    assert_eq!(views.len(), COMMITMENTS);
    assert!(views.iter().all(|view| view.state == samverka_plan::State::UnderWay));
}

fn commitment_id(index: usize) -> String {
    format!("c-{index:04}")
}

fn happens(index: usize, event: Event) -> Command {
    Command::Commitment { id: commitment_id(index), event }
}

fn note(text: &str) -> Command {
    let fields = json!({ "text": { "sv": text }, "cluster": "cl-3", "colour": "gul" });
    Command::Add { kind: Kind::Note, id: None, board: None, fields: object(&fields) }
}

fn edit_note(step: usize) -> Command {
    let entity = EntityRef::new(Kind::Cluster, format!("cl-{}", step % 20));
    Command::Edit {
        entity,
        fields: object(&json!({ "title": { "sv": format!("Tema {step} om matsalen") } })),
    }
}

fn edit_commitment(index: usize, step: usize) -> Command {
    let entity = EntityRef::new(Kind::Commitment, commitment_id(index));
    Command::Edit { entity, fields: object(&json!({ "next_step": { "sv": format!("Ringa igen {step}") } })) }
}

fn new_plan() -> Command {
    Command::NewPlan {
        title: "Ingen ensam".to_owned(),
        language: "sv-FI".to_owned(),
        name: "Rektor".to_owned(),
        organisation: "Skolan".to_owned(),
        role_title: "Rektor".to_owned(),
        relays: Vec::new(),
    }
}

fn admit(member: u8, participant: &str) -> Command {
    Command::Admit {
        member: member_id(member),
        name: String::new(),
        organisation: String::new(),
        role_title: String::new(),
        language: "sv-FI".to_owned(),
        participant: Some(participant.to_owned()),
    }
}

fn add(kind: Kind, id: &str, fields: &Json) -> Command {
    Command::Add { kind, id: Some(id.to_owned()), board: None, fields: object(fields) }
}

fn object(fields: &Json) -> BTreeMap<String, Json> {
    fields.as_object().unwrap().clone().into_iter().collect()
}

fn text(text: &str) -> BTreeMap<String, String> {
    [("sv".to_owned(), text.to_owned())].into()
}

fn member_id(member: u8) -> MemberId {
    MemberId::from_bytes([member + 1; 16])
}

fn device(member: u8) -> DeviceId {
    DeviceId::from_bytes([member + 101; 32])
}

fn log(member: u8) -> LogId {
    LogId { device: device(member), slot: SlotId(1) }
}

fn directory() -> Directory {
    let role = |member| if member == 0 { Role::Admin } else { Role::Editor };
    Directory {
        devices: (0..MEMBERS).map(|member| (device(member), member_id(member))).collect(),
        members: (0..MEMBERS)
            .map(|member| (member_id(member), DirectoryMember { role: role(member), is_in: true }))
            .collect(),
        founder: Some(member_id(0)),
    }
}

fn incoming(executed: &Executed, log: LogId) -> Vec<Incoming> {
    let one = |produced: &samverka_plan::Produced| Incoming {
        document: produced.document,
        log,
        changes: produced.changes.clone(),
        records: produced
            .records
            .iter()
            .map(|draft| VerifiedRecord {
                id: draft.id,
                document: produced.document,
                log,
                time_ms: draft.time_ms,
                payload: draft.payload.clone(),
                signed: Vec::new(),
                by_admin: true,
            })
            .collect(),
    };
    executed.documents.iter().map(one).collect()
}

/// The best of some runs, in milliseconds.
fn best(runs: usize, mut run: impl FnMut()) -> f64 {
    let time = |()| {
        let begin = Instant::now();
        run();
        begin.elapsed().as_secs_f64() * 1e3
    };
    std::iter::repeat_n((), runs).map(time).fold(f64::INFINITY, f64::min)
}

fn median(figures: &[(usize, f64)], kind: usize) -> f64 {
    let mut of: Vec<f64> = figures.iter().filter(|(of, _)| *of == kind).map(|(_, us)| *us).collect();
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("BENCH {}", json!({ "name": name, "value": (value * 100.0).round() / 100.0, "unit": unit }));
}
