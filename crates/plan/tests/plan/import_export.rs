//! A plan goes into a file and comes back without loss.

use crate::harness::{Network, SAMPLE, new_plan};
use samverka_plan::Command;
use samverka_plan::exchange::json;
use serde_json::{Value as Json, json};

fn imported(text: &str) -> Network {
    let mut network = Network::new(1);
    network.must(0, &new_plan());
    network.must(0, &Command::Import(Box::new(json::import(text.as_bytes()).unwrap())));
    network
}

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
    let network = imported(SAMPLE);
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
    let first = json::export_text(&imported(SAMPLE).people[0]);
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
    let network = imported(&sample.to_string());
    let exported = json::export(&network.people[0]);
    for kind in ["commitments", "notes", "weather", "goals"] {
        assert_same(kind, &sample[kind], &exported[kind]);
    }
}

#[test]
fn files_that_are_no_plan_are_refused_with_a_reason() {
    for text in ["", "[]", "{}", "{\"title\": {\"sv\": \"x\"}, \"notes\": []}", "{\"title\": {}, \"goals\": {\"\": {}}}"] {
        assert!(json::import(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn importing_the_same_plan_twice_is_refused_and_changes_nothing() {
    let mut network = imported(SAMPLE);
    let before = json::export_text(&network.people[0]);
    let again = Command::Import(Box::new(json::import(SAMPLE.as_bytes()).unwrap()));
    assert!(network.execute(0, &again).is_err());
    assert_eq!(json::export_text(&network.people[0]), before);
}
