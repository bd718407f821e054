//! Beside a newer version: what an older one does not know, it keeps and passes on.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use samverka_plan::{EntityRef, Event, Incoming, Kind, deed_of_change, deed_of_record};
use serde_json::json;

use crate::harness::{Network, SAMPLE, edit, forged, log_of, new_plan};

const NEWER: usize = 1;
const OLDER: usize = 0;

/// What a newer version puts beside what is known: a field of a merge kind of its own, an object, a counter, a kind.
fn write_newer(network: &mut Network) -> AutoCommit {
    let workspace = &mut network.people[NEWER];
    let plan = workspace.plan_document();
    let mut doc = AutoCommit::load(&workspace.save(plan)).unwrap().with_actor(ActorId::from([9; 16]));
    let heads = doc.get_heads();
    let commitment = commitment(&doc);
    doc.put(&commitment, "mood", "\"hopeful\"").unwrap();
    doc.put(&commitment, "mood#0190", "\"calm\"").unwrap();
    doc.put(&commitment, "mood~2", ScalarValue::counter(3)).unwrap();
    let object = doc.put_object(&commitment, "drawing", ObjType::List).unwrap();
    doc.insert(&object, 0, 1.5).unwrap();
    let marked = doc.put_object(&commitment, "title.smj", ObjType::Text).unwrap();
    doc.splice_text(&marked, 0, 0, "Iehkedisguovlu").unwrap();
    doc.put_object(ROOT, "weather", ObjType::Map).unwrap();
    doc.commit();
    let changes = doc.get_changes(&heads).into_iter().map(|change| change.raw_bytes().to_vec()).collect();
    let incoming = Incoming { document: plan, log: log_of(NEWER), changes, records: Vec::new() };
    for workspace in &mut network.people {
        workspace.apply_batch(vec![incoming.clone()]);
    }
    doc
}

fn commitment(doc: &AutoCommit) -> ObjId {
    let commitments = doc.get(ROOT, Kind::Commitment.container()).unwrap().unwrap().1;
    doc.get(&commitments, "c-04").unwrap().unwrap().1
}

#[test]
fn keys_and_objects_of_a_newer_version_survive_an_older_writer() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let written = write_newer(&mut network);
    let fields = json!({ "title": { "sv": "Tre kvällar" }, "description": { "sv": "Kaffe" }, "with": ["p-07"], "colour": 1 });
    network.must(OLDER, &edit(Kind::Commitment, "c-04", &fields));
    network.happens(NEWER, "c-04", Event::Start);
    network.exchange();
    network.assert_equal();
    let plan = network.people[OLDER].plan_document();
    let kept = AutoCommit::load(&network.people[OLDER].save(plan)).unwrap();
    let (before, after) = (commitment(&written), commitment(&kept));
    for key in ["mood", "mood#0190", "mood~2"] {
        let value = |doc: &AutoCommit, thing: &ObjId| {
            let (value, at) = doc.get(thing, key).unwrap().unwrap();
            (value.into_owned(), at)
        };
        assert_eq!(value(&written, &before), value(&kept, &after), "{key}");
    }
    let (value, drawing) = kept.get(&after, "drawing").unwrap().unwrap();
    assert_eq!((value, kept.length(&drawing)), (Value::Object(ObjType::List), 1));
    assert_eq!(
        kept.get(&after, "title.smj").unwrap().map(|(_, text)| kept.text(text).unwrap()).as_deref(),
        Some("Iehkedisguovlu")
    );
    assert!(kept.get(ROOT, "weather").unwrap().is_some());
}

#[test]
fn statements_of_a_newer_version_are_kept_byte_by_byte_and_have_no_effect() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let plan = network.people[OLDER].plan_document();
    let before = json!(network.commitment(OLDER, "c-04"));
    let payload = br#"{ "n": 9,   "kind": "sung", "commitment": "c-04", "verses": [1.50, null] }"#;
    let mut record = forged(NEWER, plan, 5, &json!(null));
    record.records[0].payload = payload.to_vec();
    for workspace in &mut network.people {
        workspace.apply_batch(vec![record.clone()]);
    }
    network.assert_equal();
    assert_eq!(json!(network.commitment(OLDER, "c-04")), before);
    let kept = network.people[OLDER].records(plan).iter().find(|record| record.id == [5; 16]).unwrap();
    assert_eq!(kept.payload, payload);
    assert_eq!(deed_of_record(payload, 7).what, "unknown");
}

#[test]
fn a_history_names_what_was_done_to_what() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let executed =
        network.must(OLDER, &edit(Kind::Goal, "g-1", &json!({ "statement": { "sv": "Ingen är ensam" } })));
    let deed = deed_of_change(&executed.documents[0].changes[0]).unwrap();
    assert_eq!(
        (deed.what.as_str(), deed.entities, deed.time_ms),
        ("edit", executed.outcome.entities, network.now_ms)
    );
    let executed =
        network.must(1, &samverka_plan::Command::Commitment { id: "c-04".to_owned(), event: Event::Start });
    let record = &executed.documents[0].records[0];
    let deed = deed_of_record(&record.payload, record.time_ms);
    assert_eq!((deed.what.as_str(), deed.entities), ("start", executed.outcome.entities));
    assert!(deed_of_change(b"no change").is_none());
}

#[test]
fn a_history_names_what_only_an_import_made() {
    let mut network = Network::new(1);
    network.must(0, &new_plan());
    let plan = samverka_plan::exchange::json::import(SAMPLE.as_bytes()).unwrap();
    let executed = network.must(0, &samverka_plan::Command::Import(Box::new(plan)));
    let mut deeds = Vec::new();
    for produced in &executed.documents {
        deeds.extend(produced.changes.iter().filter_map(|raw| deed_of_change(raw)));
        deeds.extend(produced.records.iter().map(|record| deed_of_record(&record.payload, record.time_ms)));
    }
    for (kind, id) in [(Kind::Commitment, "c-04"), (Kind::Note, "n-001"), (Kind::Participant, "p-11")] {
        let named = deeds.iter().filter(|deed| deed.entities.contains(&EntityRef::new(kind, id)));
        assert!(named.clone().count() >= 1 && named.clone().all(|deed| deed.what == "import"), "{id}");
    }
}
