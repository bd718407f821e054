//! What people do apart and what it becomes when they meet again (domain model 3.13, journey 7.2).

use samverka_plan::{Command, EntityRef, Event, Kind, Language, State};
use serde_json::json;

use crate::harness::{Network, add, edit};

fn log(text: &str) -> Event {
    Event::Log { text: [("sv".to_owned(), text.to_owned())].into() }
}

fn move_to(new: &str, reason: &str) -> Event {
    Event::Renegotiate { old: None, new: new.to_owned(), reason: Some(reason.to_owned()) }
}

fn cancelled_after_the_talk() -> Event {
    serde_json::from_value(json!({ "type": "settle_talk", "state": "cancelled" })).unwrap()
}

/// The leader, the family worker with the tablet, and the two who edit meanwhile.
fn journey() -> Network {
    Network::sample(&["p-01", "p-11", "p-05", "p-02", "p-09"])
}

const LEADER: usize = 0;
const TABLET: usize = 1;
const PRESCHOOL: usize = 2;
const TEACHER: usize = 3;
const COUNSELLOR: usize = 4;

#[test]
fn cancelled_by_one_and_logged_by_another_needs_a_talk_that_settles_it() {
    let mut network = journey();
    network.happens(LEADER, "c-05", Event::Cancel { reason: Some("mallen finns redan".to_owned()) });
    network.happens(TABLET, "c-05", log("Mallen är halvvägs"));
    network.exchange();
    network.assert_equal();
    let view = network.commitment(LEADER, "c-05");
    assert_eq!(view.state, State::NeedsTalk);
    let events = network.people[LEADER].events("c-05");
    let shown: Vec<&str> = events
        .iter()
        .filter(|event| view.talk.contains(&event.record))
        .map(|event| event.event.name())
        .collect();
    assert_eq!((view.talk.len(), shown.contains(&"cancel"), shown.contains(&"log")), (2, true, true));

    let settle = cancelled_after_the_talk();
    assert!(network.event(COUNSELLOR, "c-05", settle.clone()).is_err());
    network.happens(LEADER, "c-05", settle);
    network.exchange();
    network.assert_equal();
    let view = network.commitment(TABLET, "c-05");
    assert_eq!((view.state, view.talk.len()), (State::Cancelled, 0));
}

#[test]
fn a_log_apart_from_a_settled_talk_asks_for_another() {
    let mut network = journey();
    network.happens(LEADER, "c-05", Event::Cancel { reason: None });
    network.happens(TABLET, "c-05", log("Mallen är halvvägs"));
    network.catch_up(LEADER);
    network.happens(LEADER, "c-05", cancelled_after_the_talk());
    network.happens(TABLET, "c-05", log("Mallen är klar"));
    network.exchange();
    network.assert_equal();
    assert_eq!(network.commitment(LEADER, "c-05").state, State::NeedsTalk);
}

#[test]
fn two_days_offline_end_as_the_journey_says() {
    let mut network = journey();
    network.happens(TABLET, "c-04", Event::Start);
    network.happens(TABLET, "c-04", log("Bygården bokad 24.2"));
    let before = "Tre kvällar har hållits";
    network.must(LEADER, &edit(Kind::Commitment, "c-04", &json!({ "description": { "sv": before } })));
    network.exchange();
    let with_interpreter = format!("Tolk på plats. {before}");
    network.must(
        PRESCHOOL,
        &edit(Kind::Commitment, "c-04", &json!({ "description": { "sv": with_interpreter } })),
    );
    network.must(
        TABLET,
        &add(Kind::Commitment, "c-10", &json!({ "title": { "sv": "Fråga församlingen om lokal" } })),
    );
    let with_coffee = format!("{before}, kaffe och läxhjälp");
    network.must(TABLET, &edit(Kind::Commitment, "c-04", &json!({ "description": { "sv": with_coffee } })));
    network.happens(LEADER, "c-04", move_to("2027-04-07", "sportlov"));
    network.must(
        TEACHER,
        &add(Kind::Commitment, "c-11", &json!({ "title": { "sv": "Be församlingen om lokal" } })),
    );
    network.happens(TABLET, "c-04", move_to("2027-04-14", "menföre, bron stängd"));
    let merge = Command::MergeClusters { from: "cl-3".to_owned(), into: "cl-2".to_owned() };
    network.must(COUNSELLOR, &merge);
    network.must(
        TABLET,
        &add(Kind::Note, "n-new", &json!({ "text": { "sv": "Ring före" }, "cluster": "cl-3" })),
    );
    // A battery stop set the tablet's clock back.
    let right = core::mem::replace(&mut network.now_ms, 1_000_000_000_000);
    network.happens(TABLET, "c-05", log("Mallen är halvvägs"));
    network.now_ms = right;
    network.happens(LEADER, "c-05", Event::Cancel { reason: Some("mallen finns redan".to_owned()) });
    network.exchange();
    network.assert_equal();

    let tablet = &network.people[TABLET];
    let c04 = network.commitment(TABLET, "c-04");
    assert_eq!((c04.due.as_deref(), c04.times_moved, c04.state), (Some("2027-04-14"), 1, State::UnderWay));
    assert_eq!(c04.proposals.len(), 1);
    assert_eq!((c04.proposals[0].due.as_str(), c04.proposals[0].by.as_deref()), ("2027-04-07", Some("p-01")));
    let text = tablet.text(&EntityRef::new(Kind::Commitment, "c-04"), "description", "sv");
    assert_eq!(text, "Tolk på plats. Tre kvällar har hållits, kaffe och läxhjälp");
    assert_eq!(network.commitment(LEADER, "c-05").state, State::NeedsTalk);
    assert_eq!(network.commitment(LEADER, "c-10").similar, ["c-11"]);
    assert_eq!(network.commitment(LEADER, "c-11").similar, ["c-10"]);
    let notes = tablet.notes(None, Language::SvFi);
    assert_eq!(notes.iter().find(|note| note.id == "n-new").unwrap().cluster.as_deref(), Some("cl-2"));

    network.happens(TABLET, "c-04", Event::KeepDue);
    network.exchange();
    let c04 = network.commitment(LEADER, "c-04");
    assert_eq!((c04.proposals.len(), c04.due.as_deref(), c04.times_moved), (0, Some("2027-04-14"), 1));
}

#[test]
fn two_answers_to_one_question_are_both_kept_until_somebody_settles() {
    let mut network = journey();
    let level = |value: &str| edit(Kind::Goal, "g-1", &json!({ "level": value }));
    network.must(TEACHER, &level("vision"));
    network.must(PRESCHOOL, &level("process"));
    network.exchange();
    network.assert_equal();
    let questions = network.people[LEADER].open_questions();
    assert_eq!((questions.len(), questions[0].field.as_str(), questions[0].answers.len()), (1, "level", 2));
    let keep = questions[0].answers.iter().find(|answer| answer.value == "vision").unwrap().id.clone();
    let entity = EntityRef::new(Kind::Goal, "g-1");
    network.must(LEADER, &Command::Settle { entity: entity.clone(), field: "level".to_owned(), keep });
    network.exchange();
    network.assert_equal();
    assert!(network.people[TABLET].open_questions().is_empty());
    assert_eq!(network.people[TABLET].single_text(&entity, "level").as_deref(), Some("vision"));
}

#[test]
fn the_same_answer_given_twice_is_no_question() {
    let mut network = journey();
    for person in [TEACHER, PRESCHOOL] {
        network.must(person, &edit(Kind::Goal, "g-1", &json!({ "level": "vision" })));
    }
    network.exchange();
    assert!(network.people[LEADER].open_questions().is_empty());
}

#[test]
fn clusters_merged_in_a_circle_show_their_notes_in_one_place() {
    let mut network = journey();
    let merge =
        |from: &str, into: &str| Command::MergeClusters { from: from.to_owned(), into: into.to_owned() };
    network.must(TEACHER, &merge("cl-1", "cl-2"));
    network.must(PRESCHOOL, &merge("cl-2", "cl-3"));
    network.must(COUNSELLOR, &merge("cl-3", "cl-1"));
    network.exchange();
    network.assert_equal();
    let workspace = &network.people[LEADER];
    for cluster in ["cl-1", "cl-2", "cl-3"] {
        assert_eq!(workspace.cluster_target(cluster), "cl-1");
    }
    let notes = workspace.notes(None, Language::SvFi);
    assert_eq!(notes.iter().find(|note| note.id == "n-008").unwrap().cluster.as_deref(), Some("cl-1"));
    assert!(network.execute(TEACHER, &merge("cl-4", "cl-4")).is_err());
}

#[test]
fn a_note_archived_by_one_and_edited_by_another_stays_in_the_parking_place() {
    let mut network = journey();
    network.must(TEACHER, &edit(Kind::Note, "n-001", &json!({ "state": "archived" })));
    network.must(PRESCHOOL, &edit(Kind::Note, "n-001", &json!({ "text": { "sv": "Ingen äter ensam" } })));
    network.must(TEACHER, &edit(Kind::Note, "n-002", &json!({ "state": "archived" })));
    network.exchange();
    network.assert_equal();
    let notes = network.people[LEADER].notes(None, Language::SvFi);
    let note = |id: &str| notes.iter().find(|note| note.id == id).unwrap();
    let both = note("n-001");
    assert_eq!((both.archived_and_edited, both.text.as_str()), (true, "Ingen äter ensam"));
    assert!(!note("n-002").archived_and_edited);
}

#[test]
fn a_text_begun_by_two_apart_loses_neither() {
    let mut network = journey();
    network.must(TEACHER, &edit(Kind::Goal, "g-1", &json!({ "own_words": { "sv": "Alla har en vän" } })));
    network.must(PRESCHOOL, &edit(Kind::Goal, "g-1", &json!({ "own_words": { "sv": "Ingen är utanför" } })));
    network.exchange();
    network.assert_equal();
    let text = network.people[LEADER].text(&EntityRef::new(Kind::Goal, "g-1"), "own_words", "sv");
    assert!(text.contains("Alla har en vän") && text.contains("Ingen är utanför"), "{text}");
    network.must(LEADER, &edit(Kind::Goal, "g-1", &json!({ "own_words": { "sv": "Alla har en vän här" } })));
    network.exchange();
    network.assert_equal();
    let text = network.people[TEACHER].text(&EntityRef::new(Kind::Goal, "g-1"), "own_words", "sv");
    assert_eq!(text, "Alla har en vän här");
}

#[test]
fn ballots_count_once_for_each_person() {
    let mut network = journey();
    let ballot = |item: &str| Command::Ballot { vote: "v-1".to_owned(), dots: [(item.to_owned(), 2)].into() };
    network.must(TEACHER, &ballot("cl-5"));
    network.exchange();
    network.must(TEACHER, &ballot("cl-4"));
    network.exchange();
    network.assert_equal();
    let totals = network.people[LEADER].totals("v-1");
    // The import's ballot of the same participant gives way to what they say themselves.
    assert_eq!((totals["cl-5"], totals["cl-4"], totals["cl-1"]), (1, 6, 11));
    let too_many = Command::Ballot { vote: "v-1".to_owned(), dots: [("cl-1".to_owned(), 3)].into() };
    assert!(network.execute(TEACHER, &too_many).is_err());
}
