//! What JavaScript will see, asked in JSON of a plan over a store in memory.

use samverka_log::Entry;
use samverka_replica::drive_store;
use samverka_store::{Arrival, MemoryStore, Store as _};
use samverka_wasm::{Moment, OpenPlan, Person};
use serde_json::{Value, json};

const SAMPLE: &[u8] = include_bytes!("../../../examples/data/sample-plan.json");
const NOW_MS: u64 = 1_800_000_000_000;

struct Tab {
    plan: OpenPlan,
    store: MemoryStore,
}

impl Tab {
    fn founded(title: &str) -> Self {
        let plan = OpenPlan::found(&person(), title, &[], 7, NOW_MS).expect("a plan can be founded");
        let mut tab = Self { plan, store: MemoryStore::new() };
        tab.drive();
        tab
    }

    fn drive(&mut self) {
        let (replica, rng) = self.plan.driven();
        replica.flush(NOW_MS, rng).expect("what is pending can be sealed");
        let others = drive_store(replica, &mut self.store, NOW_MS, rng);
        assert!(others.is_empty(), "there is no relay to send to");
    }

    fn ask(&mut self, question: &Value) -> Value {
        let answer = self.plan.ask_json(&question.to_string(), &moment()).expect("the question is answered");
        self.drive();
        serde_json::from_str(&answer).expect("answers are JSON")
    }

    fn refused(&mut self, question: &Value) -> &'static str {
        self.plan.ask_json(&question.to_string(), &moment()).expect_err("it is refused").code
    }

    fn execute(&mut self, command: &Value) -> String {
        let outcome = self.ask(&json!({ "ask": "execute", "command": command }));
        outcome["entities"][0]["id"].as_str().unwrap_or_default().to_owned()
    }

    fn events(&mut self) -> Vec<Value> {
        self.plan.events(&moment()).expect("events can be told")
    }

    fn entries(&mut self) -> Vec<Entry> {
        let space = self.plan.replica().space();
        let stored = self.store.entries_by_arrival(space, Arrival(0), usize::MAX);
        stored.expect("memory can be read").into_iter().map(|(_, entry)| entry).collect()
    }
}

#[test]
fn a_founded_plan_says_who_one_is_in_it() {
    let mut tab = Tab::founded("Ingen ensam");

    let opened = tab.ask(&json!({ "ask": "opened" }));

    assert_eq!(
        (&opened["ready"], &opened["title"], &opened["role"]),
        (&json!(true), &json!("Ingen ensam"), &json!("admin"))
    );
    assert!(opened["participant"].is_string());
    assert_eq!(opened["boards"].as_array().map(Vec::len), Some(1));
    assert_eq!(tab.ask(&json!({ "ask": "members" }))[0]["name"], "Samordnare");
}

#[test]
fn what_changed_comes_thing_by_thing_with_its_view() {
    let mut tab = Tab::founded("Plan");
    tab.events();

    let note = tab.execute(&json!({
        "command": "add", "kind": "note", "id": null, "board": null,
        "fields": { "text": { "sv": "Bussen går för sällan" }, "x": 12.5, "y": 3, "colour": "sky" },
    }));
    let events = tab.events();
    let changed: Vec<&Value> = events.iter().filter(|event| event["type"] == "changed").collect();

    assert_eq!(changed.len(), 1, "a burst is told once: {events:?}");
    let update =
        changed[0]["updates"].as_array().and_then(|all| all.iter().find(|one| one["id"] == note.as_str()));
    let view = &update.expect("the note is among them")["view"];
    assert_eq!(
        (&view["text"], &view["x"], &view["colour"]),
        (&json!("Bussen går för sällan"), &json!(12.5), &json!("sky"))
    );
    assert_eq!(tab.ask(&json!({ "ask": "notes" })), json!([view]));
    assert!(tab.events().is_empty(), "nothing is told twice");
}

#[test]
fn only_what_would_count_is_offered() {
    let mut tab = Tab::founded("Plan");
    let me = tab.ask(&json!({ "ask": "opened" }))["participant"].clone();
    let id = tab.execute(&json!({
        "command": "add", "kind": "commitment", "id": null, "board": null,
        "fields": { "title": { "sv": "Ring kommunen" }, "owner": me },
    }));
    let choices = json!({ "ask": "commitment_choices", "id": id });
    let offers =
        |choices: &Value, name: &str| choices.as_array().is_some_and(|all| all.contains(&json!(name)));

    let before = tab.ask(&choices);
    tab.execute(&json!({ "command": "commitment", "id": id, "event": { "type": "promise" } }));
    let after = tab.ask(&choices);

    assert!(offers(&before, "promise") && !offers(&before, "report_done"), "{before}");
    assert!(offers(&after, "report_done") && offers(&after, "renegotiate"), "{after}");
}

#[test]
fn the_sample_is_taken_in_and_goes_out_in_every_format() {
    let mut tab = Tab::founded("Exempel");
    tab.plan.import(&json!({ "format": "json" }), SAMPLE, &moment()).expect("the sample is a plan");
    tab.drive();

    let everything = tab.events().iter().any(|event| event["everything"] == json!(true));
    assert!(everything, "an import shows everything anew");
    for format in [
        json!({ "format": "json" }),
        json!({ "format": "markdown" }),
        json!({ "format": "csv", "table": "commitments" }),
        json!({ "format": "ics", "neutral": true }),
        json!({ "format": "automerge" }),
    ] {
        let file = tab.plan.export(&format, &moment()).expect("it can be written");
        assert!(file.len() > 100, "{format}");
    }
    let counts = tab.ask(&json!({ "ask": "plan" }))["counts"].clone();
    assert!(counts["commitments"].as_u64() > Some(0), "{counts}");
}

#[test]
fn history_names_who_did_what_and_everything_verifies() {
    let mut tab = Tab::founded("Plan");
    let goal = tab.execute(&json!({
        "command": "add", "kind": "goal", "id": null, "board": null, "fields": { "statement": { "sv": "Ingen ensam" } },
    }));
    let entries = tab.entries();

    let about = serde_json::from_value(json!({ "kind": "goal", "id": goal })).expect("an entity");
    let history = tab.plan.history(&entries, Some(&about));
    tab.plan.verify(&entries);
    let report = tab.plan.verified();

    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["name"], "Samordnare");
    assert_eq!((&report["sound"], &report["entries"]), (&json!(true), &json!(entries.len())));
}

#[test]
fn what_is_asked_wrongly_says_of_which_kind_the_mistake_is() {
    let mut tab = Tab::founded("Plan");

    assert_eq!(tab.refused(&json!({ "ask": "no_such_thing" })), "malformed");
    assert_eq!(tab.refused(&json!({ "ask": "remove_member", "member": "zz" })), "malformed");
    assert_eq!(tab.refused(&json!({ "ask": "admit", "device": "0".repeat(64) })), "unknown");
    assert_eq!(tab.refused(&json!({ "ask": "notes", "board": "not hexadecimal" })), "malformed");
    let unknown = json!({ "command": "settle", "entity": { "kind": "goal", "id": "x" }, "field": "level", "keep": "y" });
    assert_eq!(tab.refused(&json!({ "ask": "execute", "command": unknown })), "unknown");
}

#[test]
fn what_was_stored_opens_again_under_the_same_keys() {
    let mut tab = Tab::founded("Plan");
    let secret = tab.plan.take_secret().expect("a founded plan has new keys");
    assert!(tab.plan.take_secret().is_none(), "they are given once");
    let space = tab.plan.replica().space().to_string();

    let plan = OpenPlan::open(&space, &secret, 8, person().language).expect("it opens");
    let mut again = Tab { plan, store: tab.store.clone() };
    again.drive();

    assert_eq!(again.ask(&json!({ "ask": "opened" }))["title"], "Plan");
    assert!(again.events().iter().any(|event| event["type"] == "ready"));
}

fn person() -> Person {
    let person = json!({
        "name": "Samordnare", "organisation": "Lindsunds skola", "role_title": "Samordnare", "language": "sv-FI",
    });
    serde_json::from_value(person).expect("a person as the app keeps one")
}

fn moment() -> Moment {
    Moment { now_ms: NOW_MS, today: "2027-01-15".to_owned() }
}
