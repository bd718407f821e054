//! Formats that have to open for ever: the shipped first change, what records say, a saved plan.

use std::collections::BTreeSet;

use automerge::AutoCommit;
use data_encoding::HEXLOWER as HEX;
use samverka_log::{DocumentId, LogId};
use samverka_plan::exchange::json;
use samverka_plan::{Body, Command, Event, Kind, Statement, VerifiedRecord, first_change_hashes};
use serde_json::{Value as Json, json};

use crate::harness::{Network, add, admit, log_of, new_plan};

const FIRST: &str = include_str!("../golden/first-change-v1.txt");
const STATEMENTS: &str = include_str!("../golden/statements-v1.jsonl");
const PLAN: &str = include_str!("../golden/plan-v1.txt");

fn lines<'a>(golden: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    golden.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(" = "))
}

fn line<'a>(golden: &'a str, name: &'a str) -> &'a str {
    lines(golden, name).next().unwrap()
}

/// Every document of every plan begins with it: were it made differently, no two devices would meet.
#[test]
fn the_first_change_is_made_again_byte_by_byte() {
    let [hash] = first_change_hashes();
    let mut network = Network::new(1);
    let plan = network.people[0].plan_document();
    let mut doc = AutoCommit::load(&network.people[0].save(plan)).unwrap();
    let changes: Vec<String> =
        doc.get_changes(&[]).iter().map(|change| HEX.encode(change.raw_bytes())).collect();
    assert_eq!(HEX.encode(&hash), line(FIRST, "hash"));
    assert_eq!(changes, [line(FIRST, "bytes")]);
}

#[test]
fn every_kind_of_statement_is_read_and_written_as_it_was() {
    let (mut kinds, mut events) = (BTreeSet::new(), BTreeSet::new());
    for payload in STATEMENTS.lines() {
        let given: Json = serde_json::from_str(payload).unwrap();
        let statement = Statement::parse(payload.as_bytes()).unwrap();
        assert_ne!(statement.body, Body::Unknown, "{payload}");
        if let Body::Event { event, .. } = &statement.body {
            events.insert(event.name());
        }
        kinds.insert(given["kind"].as_str().unwrap().to_owned());
        assert_eq!(serde_json::from_str::<Statement>(payload).unwrap(), statement, "{payload}");
        assert_eq!(serde_json::to_value(&statement).unwrap(), given, "{payload}");
    }
    assert_eq!((kinds.len(), events.len()), (13, 24), "{kinds:?} {events:?}");
}

#[test]
fn a_statement_of_a_newer_version_is_read_as_far_as_it_is_known() {
    let newer = r#"{"n":3,"kind":"sung","verses":[1,2]}"#;
    assert_eq!(Statement::parse(newer.as_bytes()).unwrap().body, Body::Unknown);
    let more = r#"{"n":3,"kind":"event","commitment":"c-1","event":{"type":"accept","with":"joy"},"after":[],"mood":1}"#;
    let Body::Event { event, .. } = Statement::parse(more.as_bytes()).unwrap().body else {
        panic!("an event is an event, whatever else it says")
    };
    assert_eq!(event, Event::Accept);
}

/// Opens what was saved, and shows what was shown then.
#[test]
fn a_saved_plan_opens_and_shows_the_same() {
    let mut opened = Network::new(2);
    for workspace in &mut opened.people {
        let mut records = lines(PLAN, "record").map(read_record).collect::<Vec<_>>();
        for saved in lines(PLAN, "document") {
            let (document, bytes) = saved.split_once(' ').unwrap();
            let document: DocumentId = document.parse().unwrap();
            let own = records.extract_if(.., |record| record.document == document).collect();
            workspace.load(document, &HEX.decode(bytes.as_bytes()).unwrap(), own).unwrap();
        }
        assert_eq!(records, []);
        assert_eq!(json::export(workspace), serde_json::from_str::<Json>(line(PLAN, "export")).unwrap());
    }
    // It can be worked on: who is who was read as well.
    opened.happens(1, "c-1", Event::ReportDone { evidence: Default::default() });
}

fn read_record(line: &str) -> VerifiedRecord {
    let mut parts = line.splitn(5, ' ');
    let mut next = || parts.next().unwrap();
    let document = next().parse().unwrap();
    let log: LogId = log_of(next().parse().unwrap());
    let id = HEX.decode(next().as_bytes()).unwrap().try_into().unwrap();
    let time_ms = next().parse().unwrap();
    let payload = next().as_bytes().to_vec();
    VerifiedRecord { id, document, log, time_ms, payload, signed: Vec::new(), by_admin: log == log_of(0) }
}

/// Prints a plan to be kept as a vector: `cargo test -p samverka-plan -- --ignored --nocapture vector`. A vector that
/// is there already is never made again: a format that has changed gets one of its own.
#[test]
#[ignore = "prints a vector, checks nothing"]
#[expect(clippy::print_stdout, reason = "what it prints is what it is for")]
fn vector_of_a_plan() {
    let mut network = Network::new(2);
    network.must(0, &new_plan());
    let participant = json!({ "role_title": { "sv": "Familjearbetare" }, "network_role": "member" });
    network.must(0, &add(Kind::Participant, "p-2", &participant));
    network.must(0, &admit(1, "p-2"));
    network.exchange();
    let note = json!({ "text": { "sv": "Kvällscafé", "fi": "Iltakahvila" }, "colour": "gul" });
    network.must(1, &add(Kind::Note, "n-1", &note));
    let goal = json!({ "statement": { "sv": "Ingen är ensam" }, "level": "outcome", "themes": [] });
    network.must(0, &add(Kind::Goal, "g-1", &goal));
    let commitment = json!({
        "title": { "sv": "Boka bygården" }, "owner": "p-2", "due": "2027-W08", "goals": ["g-1"], "from_notes": ["n-1"],
        "x_newer": { "kept": [1, null] },
    });
    network.must(0, &add(Kind::Commitment, "c-1", &commitment));
    network.exchange();
    network.happens(1, "c-1", Event::Promise { subject_to: None });
    network.happens(1, "c-1", Event::Renegotiate { old: None, new: "2027-03-07".to_owned(), reason: None });
    network.happens(0, "c-1", Event::ProposeDue { due: "2027-03-14".to_owned(), reason: None });
    network.must(0, &Command::Agree);
    network.exchange();
    network.assert_equal();
    for document in network.people[0].documents() {
        let saved = network.people[0].save(document);
        println!("document = {document} {}", HEX.encode(&saved));
        for record in network.people[0].records(document) {
            let person = usize::from(record.log != log_of(0));
            let payload = String::from_utf8(record.payload.clone()).unwrap();
            println!("record = {document} {person} {} {} {payload}", HEX.encode(&record.id), record.time_ms);
        }
    }
    println!("export = {}", json::export(&network.people[0]));
}
