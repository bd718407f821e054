//! Notes from elsewhere.

use rand::SeedableRng;
use rand::rngs::StdRng;
use samverka_plan::exchange::boards::{BoardError, import_lines, import_trello};
use samverka_plan::{Command, EntityRef, Kind, Language, NoteView};
use serde_json::json;

use crate::harness::{Network, START_MS};

fn taken_in(network: &mut Network, commands: Vec<Command>) -> Vec<NoteView> {
    let before: Vec<String> = network.people[0].ids(Kind::Note);
    for command in commands {
        network.must(0, &command);
    }
    let notes = network.people[0].notes(None, Language::SvFi);
    notes.into_iter().filter(|note| !before.contains(&note.id)).collect()
}

#[test]
fn pasted_lines_become_notes_in_the_clusters_that_head_them() {
    let mut network = Network::sample(&["p-01", "p-02"]);
    let lines = "Utan grupp\n\n# En dörr in\n- Ett nummer\n 2. Två nummer\n* [ ] Tre\n2027 är nära\nNytt:\n-5 grader\n";
    let commands =
        import_lines(&network.people[0], lines, None, START_MS, &mut StdRng::seed_from_u64(3)).unwrap();
    let notes = taken_in(&mut network, commands);
    let texts: Vec<&str> = notes.iter().map(|note| note.text.as_str()).collect();
    for text in ["Utan grupp", "Ett nummer", "Två nummer", "Tre", "2027 är nära", "-5 grader"] {
        assert!(texts.contains(&text), "{text} {texts:?}");
    }
    assert_eq!(notes.len(), 6);
    let cluster = |text: &str| notes.iter().find(|note| note.text == text).unwrap().cluster.clone();
    assert_eq!((cluster("Utan grupp"), cluster("Tre").as_deref()), (None, Some("cl-2")));
    assert!(cluster("-5 grader").is_some_and(|cluster| !cluster.starts_with("cl-")));
    network.exchange();
    network.assert_equal();
}

#[test]
fn a_trello_board_becomes_clusters_and_notes() {
    let mut network = Network::sample(&["p-01"]);
    let board = json!({
        "name": "Tavla", "members": [{ "fullName": "roll" }], "actions": [],
        "lists": [{ "id": "l1", "name": "Att göra", "pos": 1 }, { "id": "l2", "name": "Gammalt", "closed": true }],
        "cards": [
            { "name": "Boka lokal", "desc": "Bygården", "idList": "l1", "due": "2027-02-24T10:00:00.000Z", "pos": 2.5,
              "labels": [{ "color": "green", "name": "x" }] },
            { "name": "Arkiverat", "idList": "l1", "closed": true },
            { "name": "I gammal lista", "idList": "l2" },
            { "name": "Lös", "idList": "l9", "due": null },
        ],
    });
    let read = import_trello(
        &network.people[0],
        board.to_string().as_bytes(),
        None,
        START_MS,
        &mut StdRng::seed_from_u64(3),
    );
    let notes = taken_in(&mut network, read.unwrap());
    assert_eq!(notes.len(), 2);
    let booked = notes.iter().find(|note| note.text == "Boka lokal\n\nBygården").unwrap();
    assert_eq!(booked.colour.as_deref(), Some("green"));
    let workspace = &network.people[0];
    let cluster = EntityRef::new(Kind::Cluster, booked.cluster.clone().unwrap());
    assert_eq!(workspace.text(&cluster, "title", "sv"), "Att göra");
    let note = EntityRef::new(Kind::Note, &booked.id);
    assert_eq!(workspace.plain(&note, "due"), Some(json!("2027-02-24")));
}

#[test]
fn what_is_no_board_is_refused() {
    let network = Network::sample(&["p-01"]);
    for file in ["", "[]", "{\"cards\": 3}", "{}"] {
        let read =
            import_trello(&network.people[0], file.as_bytes(), None, START_MS, &mut StdRng::seed_from_u64(3));
        assert!(matches!(read, Err(BoardError::Json(_))), "{file}");
    }
}
