//! A plan goes into a file and comes back without loss.

use samverka_plan::exchange::json;
use samverka_plan::{Command, EntityRef, Event, Kind, State};
use serde_json::{Value as Json, json};

use crate::harness::{Network, SAMPLE, forged};

/// Every key of `sample` is in `exported` with the same value; what lies below has no keys beside those.
fn assert_holds(sample: &Json, exported: &Json) {
    for (key, value) in sample.as_object().unwrap() {
        assert_same(key, value, exported.get(key).unwrap_or(&Json::Null));
    }
}

fn assert_same(path: &str, expected: &Json, found: &Json) {
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => {
            assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{path}");
            for (key, value) in expected {
                assert_same(&format!("{path}.{key}"), value, &found[key]);
            }
        }
        _ => assert_eq!(expected, found, "{path}"),
    }
}

#[test]
fn the_sample_plan_comes_back_without_loss() {
    let sample: Json = serde_json::from_str(SAMPLE).unwrap();
    let network = Network::imported(SAMPLE);
    let mut exported = json::export(&network.people[0]);
    // The founder and their organisation were in the plan before the file was.
    for kind in ["participants", "organisations"] {
        let given = sample[kind].as_object().unwrap();
        exported[kind].as_object_mut().unwrap().retain(|id, _| given.contains_key(id));
    }
    assert_holds(&sample, &exported);
}

#[test]
fn what_was_exported_can_be_imported_and_exports_the_same() {
    let first = json::export_text(&Network::imported(SAMPLE).people[0]);
    let mut network = Network::new(1);
    network.must(0, &Command::Import(Box::new(json::import(first.as_bytes()).unwrap())));
    let mut again = json::export(&network.people[0]);
    let mut first: Json = serde_json::from_str(&first).unwrap();
    for plan in [&mut first, &mut again] {
        // Boards get ids of their own in every plan.
        plan.as_object_mut().unwrap().remove("boards");
        plan.as_object_mut().unwrap().remove("relays");
    }
    assert_same("plan", &first, &again);
}

#[test]
fn fields_and_kinds_of_a_newer_version_come_back() {
    let mut sample: Json = serde_json::from_str(SAMPLE).unwrap();
    sample["weather"] = json!({ "kind": ["rain", 1.5, null] });
    sample["commitments"]["c-01"]["mood#1"] = json!(["good"]);
    sample["commitments"]["c-01"]["title"]["de"] = json!("Tische");
    sample["commitments"]["c-01"]["a.b/c%d"] = json!(1);
    sample["commitments"]["c-01"]["events"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": "e9", "kind": "sung", "by": "p-02", "verse": 3 }));
    sample["notes"]["n-001"]["text"] = json!("not by language");
    sample["goals"]["g-1"]["themes"] = json!(["cl-2", "cl-1", "cl-2"]);
    let network = Network::imported(&sample.to_string());
    let exported = json::export(&network.people[0]);
    for kind in ["commitments", "notes", "weather", "goals"] {
        assert_same(kind, &sample[kind], &exported[kind]);
    }
}

#[test]
fn files_that_are_no_plan_are_refused_with_a_reason() {
    for text in [
        "",
        "[]",
        "{}",
        "{\"title\": {\"sv\": \"x\"}, \"notes\": []}",
        "{\"title\": {}, \"goals\": {\"\": {}}}",
    ] {
        assert!(json::import(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn importing_the_same_plan_twice_is_refused_and_changes_nothing() {
    let mut network = Network::imported(SAMPLE);
    let before = json::export_text(&network.people[0]);
    let again = Command::Import(Box::new(json::import(SAMPLE.as_bytes()).unwrap()));
    assert!(network.execute(0, &again).is_err());
    assert_eq!(json::export_text(&network.people[0]), before);
}

#[test]
fn a_plan_that_was_worked_on_stands_the_same_when_it_is_imported() {
    let mut network = Network::sample(&["p-01", "p-11", "p-12", "p-02"]);
    let log = Event::Log { text: [("sv".to_owned(), "Bygården bokad".to_owned())].into() };
    network.happens(1, "c-04", log);
    network.happens(1, "c-04", move_to("2027-04-14"));
    network.exchange();
    network.happens(0, "c-04", move_to("2027-04-07"));
    network.happens(1, "c-04", Event::HandOver { to: "p-12".to_owned(), reason: None });
    network.exchange();
    network.happens(2, "c-04", Event::Promise { subject_to: None });
    network.happens(0, "c-05", Event::Cancel { reason: None });
    network.happens(1, "c-05", Event::Log { text: Default::default() });
    let with = Command::Members {
        entity: EntityRef::new(Kind::Commitment, "c-01"),
        field: "with".to_owned(),
        add: [("p-12".to_owned(), json!(true))].into(),
        remove: vec!["p-09".to_owned()],
    };
    network.must(3, &with);
    network.exchange();
    let exported = json::export_text(&network.people[0]);
    let again = Network::imported(&exported);
    for id in ["c-01", "c-02", "c-03", "c-04", "c-06", "c-08", "c-09"] {
        let (before, after) = (network.commitment(0, id), again.commitment(0, id));
        assert_eq!(
            (&before.state, &before.owner, &before.asked),
            (&after.state, &after.owner, &after.asked),
            "{id}"
        );
        assert_eq!(
            (&before.due, before.times_moved, before.days_moved),
            (&after.due, after.times_moved, after.days_moved),
            "{id}"
        );
        assert_eq!((&before.with, &before.waiting_for), (&after.with, &after.waiting_for), "{id}");
        assert!(after.stated, "{id}");
    }
    assert_eq!(network.commitment(0, "c-04").owner.as_deref(), Some("p-12"));
    let plan: Json = serde_json::from_str(&exported).unwrap();
    let standing = json!({ "state": "promised", "owner": "p-12", "due": "2027-04-14", "times_moved": 1 });
    assert_eq!(plan["commitments"]["c-04"]["standing_derived"], standing);
    // Which of two events holds is not a file's to say: that they contradict each other stays.
    assert_eq!(network.commitment(0, "c-05").state, State::NeedsTalk);
    assert_eq!(again.commitment(0, "c-05").state, State::NeedsTalk);
}

#[test]
fn events_that_had_no_effect_have_none_after_an_import() {
    let mut network = Network::sample(&["p-01", "p-09"]);
    let plan = network.people[0].plan_document();
    let names: Vec<String> = network.people[0].events("c-04").into_iter().map(|event| event.record).collect();
    let event = json!({ "type": "withdraw" });
    let forged = forged(
        1,
        plan,
        1,
        &json!({ "n": 9, "kind": "event", "commitment": "c-04", "event": event, "after": names }),
    );
    network.people[0].apply_batch(vec![forged]);
    assert_eq!(network.commitment(0, "c-04").state, State::Promised);
    let exported = json::export_text(&network.people[0]);
    assert!(exported.contains("\"without_effect\""));
    let again = Network::imported(&exported);
    assert_eq!(again.commitment(0, "c-04").state, State::Promised);
}

fn move_to(new: &str) -> Event {
    Event::Renegotiate { old: None, new: new.to_owned(), reason: None }
}
