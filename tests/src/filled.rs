//! A plan of some size, for benches. It panics where anything goes wrong.

use std::collections::BTreeMap;

use rand::RngExt as _;
use samverka_plan::{Command, Event, Kind};
use samverka_store::Store;
use serde_json::json;

use crate::person::{Person, now_ms};

/// Things that happened.
pub const EVENTS: usize = 10_000;
/// Notes among them.
pub const NOTES: usize = 2_000;
/// Commitments, each added and promised.
const COMMITMENTS: usize = 200;

/// Writes all of it, one entry for each event.
///
/// # Panics
/// Where the person may not write.
pub fn fill(person: &mut Person<impl Store>) {
    let me = person.replica.me().expect("the founder is in");
    let own = person.replica.workspace().expect("ready").participant_of(&me).expect("a participant");
    let mut commitments = Vec::new();
    for number in 0..COMMITMENTS {
        let title = json!({ "sv": format!("Åtagande nummer {number} för familjer i byarna") });
        let fields = [("title", title), ("owner", json!(own)), ("due", json!("2027-03-31"))];
        let fields = BTreeMap::from(fields.map(|(field, value)| (field.to_owned(), value)));
        let id = happen(person, &Command::Add { kind: Kind::Commitment, id: None, board: None, fields });
        let id = id.expect("something was made");
        happen(person, &Command::Commitment { id: id.clone(), event: Event::Promise { subject_to: None } });
        commitments.push(id);
    }
    for number in 0..NOTES {
        person.write_note(&format!("Lapp {number}: mer tid med barnen, mindre väntan"));
        seal(person);
    }
    for _ in NOTES + 2 * COMMITMENTS..EVENTS {
        let id = commitments[person.rng.random_range(0..commitments.len())].clone();
        let text = [("sv".to_owned(), "ett steg till".to_owned())].into();
        happen(person, &Command::Commitment { id, event: Event::Log { text } });
    }
}

fn happen(person: &mut Person<impl Store>, command: &Command) -> Option<String> {
    let outcome = person.replica.execute(command, now_ms(), &mut person.rng).expect("the owner may");
    seal(person);
    outcome.entities.first().map(|entity| entity.id.clone())
}

fn seal(person: &mut Person<impl Store>) {
    person.replica.flush(now_ms(), &mut person.rng).expect("there is a key");
    assert!(person.drive().is_empty(), "it is offline");
    person.events();
}
