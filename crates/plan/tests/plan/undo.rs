//! Taking back one's own deeds, and nobody else's.

use proptest::prelude::*;
use samverka_plan::{Command, EntityRef, Event, Kind, Opposite, Undo};
use serde_json::{Value as Json, json};

use crate::harness::{Network, add, edit};

/// Two people, and what each of them can take back.
struct Pair {
    network: Network,
    undo: [Undo; 2],
}

impl Pair {
    fn new() -> Self {
        Self { network: Network::sample(&["p-01", "p-11"]), undo: [Undo::default(), Undo::default()] }
    }

    fn does(&mut self, person: usize, command: &Command) {
        let before = self.undo[person].look(&self.network.people[person], command);
        let outcome = self.network.must(person, command).outcome;
        self.undo[person].remember(&self.network.people[person], command, before, &outcome);
    }

    fn takes_back(&mut self, person: usize) -> Option<Opposite> {
        let opposite = self.undo[person].take_back(&self.network.people[person])?;
        for command in &opposite.commands {
            self.network.must(person, command);
        }
        Some(opposite)
    }

    fn note(&self, person: usize, field: &str) -> Option<Json> {
        self.network.people[person].fields(&EntityRef::new(Kind::Note, "n-001")).remove(field)
    }
}

fn on_note(fields: &Json) -> Command {
    edit(Kind::Note, "n-001", fields)
}

#[test]
fn a_move_is_taken_back_unless_somebody_else_has_moved_it_since() {
    let mut pair = Pair::new();
    pair.does(0, &on_note(&json!({ "x": 1, "y": 1 })));
    pair.does(0, &on_note(&json!({ "x": 2, "y": 2 })));
    pair.takes_back(0);
    assert_eq!((pair.note(0, "x"), pair.note(0, "y")), (Some(json!(1)), Some(json!(1))));

    pair.network.exchange();
    pair.network.must(1, &on_note(&json!({ "y": 9 })));
    pair.network.exchange();
    let opposite = pair.takes_back(0).unwrap();
    assert_eq!(opposite.kept.into_iter().collect::<Vec<_>>(), ["y"]);
    assert_eq!((pair.note(0, "x"), pair.note(0, "y")), (Some(Json::Null), Some(json!(9))));
    assert!(pair.undo[0].is_empty() && pair.takes_back(0).is_none());
}

#[test]
fn of_a_text_only_the_own_change_is_taken_out() {
    let mut pair = Pair::new();
    let text = |text: &str| on_note(&json!({ "text": { "sv": text } }));
    pair.does(0, &text("Ingen äter ensam"));
    pair.does(0, &text("Ingen äter ensam, varje dag"));
    pair.network.exchange();
    pair.network.must(1, &text("Här: Ingen äter ensam, varje dag och kväll"));
    pair.network.exchange();
    pair.takes_back(0);
    assert_eq!(pair.note(0, "text").unwrap()["sv"], "Här: Ingen äter ensam och kväll");
    pair.takes_back(0);
    // Both stand where one had been cut off; which comes first does not matter.
    let whole = pair.note(0, "text").unwrap()["sv"].as_str().unwrap().to_owned();
    assert!(whole.starts_with("Här: Ingen äter ensam"), "{whole}");
    assert!(whole.contains(" i matsalen") && whole.contains(" och kväll"), "{whole}");
}

#[test]
fn a_note_that_was_archived_comes_back_and_one_that_was_made_goes_away() {
    let mut pair = Pair::new();
    pair.does(0, &on_note(&json!({ "state": "archived" })));
    pair.takes_back(0);
    assert_eq!(pair.note(0, "state"), Some(json!("revealed")));

    let state =
        |pair: &Pair, id: &str| pair.network.people[0].single_text(&EntityRef::new(Kind::Note, id), "state");
    pair.does(0, &add(Kind::Note, "mine", &json!({ "text": { "sv": "Bussen" } })));
    pair.does(0, &edit(Kind::Note, "mine", &json!({ "text": { "sv": "Bussen går" } })));
    pair.takes_back(0);
    pair.takes_back(0);
    assert_eq!(state(&pair, "mine").as_deref(), Some("archived"));

    pair.does(0, &add(Kind::Note, "ours", &json!({ "text": { "sv": "Bussen" } })));
    pair.network.exchange();
    pair.network.must(1, &edit(Kind::Note, "ours", &json!({ "text": { "sv": "Bussen till norr" } })));
    pair.network.exchange();
    let opposite = pair.takes_back(0).unwrap();
    assert!(opposite.commands.is_empty() && !opposite.kept.is_empty(), "another has written on it");
    assert_eq!(state(&pair, "ours").as_deref(), Some("revealed"));
}

#[test]
fn clusters_come_apart_and_lists_are_as_they_were_but_for_what_others_put_there() {
    let mut pair = Pair::new();
    pair.does(0, &Command::MergeClusters { from: "cl-1".to_owned(), into: "cl-2".to_owned() });
    pair.does(0, &edit(Kind::Goal, "g-1", &json!({ "themes": ["cl-2", "cl-3"] })));
    pair.network.exchange();
    pair.network.must(
        1,
        &Command::Members {
            entity: EntityRef::new(Kind::Goal, "g-1"),
            field: "themes".to_owned(),
            add: [("cl-4".to_owned(), json!(true))].into(),
            remove: vec!["cl-3".to_owned()],
        },
    );
    pair.network.exchange();
    let opposite = pair.takes_back(0).unwrap();
    assert_eq!(opposite.kept.into_iter().collect::<Vec<_>>(), ["themes"]);
    let goal = EntityRef::new(Kind::Goal, "g-1");
    let themes: Vec<String> = pair.network.people[0].members(&goal, "themes").into_keys().collect();
    assert_eq!(themes, ["cl-1", "cl-4"]);
    pair.takes_back(0);
    assert_eq!(pair.network.people[0].cluster_target("cl-1"), "cl-1");
}

#[test]
fn what_was_said_to_others_is_never_taken_back() {
    let mut pair = Pair::new();
    pair.does(1, &on_note(&json!({ "colour": "sky" })));
    pair.does(1, &Command::Commitment { id: "c-04".to_owned(), event: Event::Start });
    let org = edit(Kind::Participant, "p-11", &json!({ "org": "o-skola", "since": "2027-01-01" }));
    pair.does(1, &org);
    pair.does(1, &edit(Kind::Commitment, "c-04", &json!({ "requester": "p-01", "with": ["p-02"] })));
    pair.does(1, &Command::Ballot { vote: "v-1".to_owned(), dots: [("cl-1".to_owned(), 1)].into() });

    let back = pair.takes_back(1).unwrap();
    assert_eq!(back.entity, Some(EntityRef::new(Kind::Participant, "p-11")));
    let participant = EntityRef::new(Kind::Participant, "p-11");
    let workspace = &pair.network.people[1];
    assert_eq!(workspace.plain(&participant, "since"), Some(Json::Null));
    assert_eq!(workspace.org_of("p-11").as_deref(), Some("o-skola"), "the word stands");
    pair.takes_back(1);
    assert_eq!(pair.note(1, "colour"), Some(Json::Null));
    assert!(pair.takes_back(1).is_none());
    let standing = pair.network.people[1].standing("c-04");
    assert_eq!(standing.state, samverka_plan::State::UnderWay);
}

#[test]
fn an_answer_among_several_is_not_chosen_by_taking_back() {
    let mut pair = Pair::new();
    pair.does(0, &edit(Kind::Goal, "g-1", &json!({ "level": "vision" })));
    pair.network.must(1, &edit(Kind::Goal, "g-1", &json!({ "level": "process" })));
    pair.network.exchange();
    let opposite = pair.takes_back(0).unwrap();
    assert!(opposite.commands.is_empty() && opposite.kept.contains("level"));
    assert_eq!(pair.network.people[0].answers(&EntityRef::new(Kind::Goal, "g-1"), "level").len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Alone, whoever takes back everything has what there was; beside another, what the other wrote stays.
    #[test]
    fn taking_everything_back_leaves_what_there_was_and_what_others_did(
        edits in prop::collection::vec((0..2_usize, 0..5_usize, "[abc åäö]{0,12}"), 1..12),
    ) {
        let mut pair = Pair::new();
        let start = pair.network.people[0].fields(&EntityRef::new(Kind::Note, "n-001"));
        let mut colours = None;
        for (person, what, text) in edits {
            let command = match what {
                0 => on_note(&json!({ "x": text.len(), "y": 3 })),
                1 => on_note(&json!({ "cluster": (["cl-1", "cl-2"][text.len() % 2]) })),
                2 => on_note(&json!({ "state": (["parked", "archived"][text.len() % 2]) })),
                _ => on_note(&json!({ "text": { "sv": text } })),
            };
            if person == 0 {
                pair.does(0, &command);
            } else {
                let colour = json!(format!("colour {text}"));
                pair.network.must(1, &on_note(&json!({ "colour": colour })));
                colours = Some(colour);
            }
            pair.network.exchange();
        }
        while pair.takes_back(0).is_some() {}
        pair.network.exchange();
        pair.network.assert_equal();
        let mut end = pair.network.people[1].fields(&EntityRef::new(Kind::Note, "n-001"));
        prop_assert_eq!(end.remove("colour"), colours);
        end.retain(|_, value| !value.is_null());
        prop_assert_eq!(end, start);
    }

    /// Whatever one rewrote, and took back, what another wrote in the same text is there once.
    #[test]
    fn what_another_wrote_into_a_text_survives_that_its_rewriting_is_taken_back(
        edits in prop::collection::vec(prop_oneof![Just(None), "[abc åäö]{0,12}".prop_map(Some)], 1..10),
    ) {
        let mut pair = Pair::new();
        let mut marks = Vec::new();
        for text in edits {
            match text {
                Some(text) => pair.does(0, &on_note(&json!({ "text": { "sv": text } }))),
                None => {
                    let mark = format!("<{}>", marks.len());
                    let now = pair.note(1, "text").and_then(|texts| Some(texts["sv"].as_str()?.to_owned()));
                    let text = now.unwrap_or_default() + &mark;
                    pair.network.must(1, &on_note(&json!({ "text": { "sv": text } })));
                    marks.push(mark);
                }
            }
            pair.network.exchange();
        }
        while pair.takes_back(0).is_some() {}
        let text = pair.note(0, "text").unwrap()["sv"].as_str().unwrap().to_owned();
        let mut without = text.clone();
        for mark in &marks {
            prop_assert_eq!(text.matches(mark.as_str()).count(), 1, "{}", text);
            without = without.replace(mark.as_str(), "");
        }
        prop_assert_eq!(without, "Ingen äter ensam i matsalen", "{}", text);
    }
}
