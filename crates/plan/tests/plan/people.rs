//! Who is let in, and what the program says to a person about what they write.

use samverka_plan::{Command, EntityRef, Event, Kind};
use serde_json::json;

use crate::harness::{Network, edit, member};

fn admit(organisation: &str) -> Command {
    Command::Admit {
        member: member(1),
        name: "roll 1".to_owned(),
        organisation: organisation.to_owned(),
        role_title: "Familjearbetare".to_owned(),
        language: "fi".to_owned(),
        participant: None,
    }
}

#[test]
fn somebody_new_finds_their_organisation_by_its_name_or_brings_it() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    for (organisation, org) in [("Lindsunds skola", Some("o-skola")), ("Församlingen", None)] {
        let made = network.must(0, &admit(organisation)).outcome.entities[0].clone();
        network.exchange();
        network.assert_equal();
        let workspace = &network.people[1];
        assert_eq!(workspace.participant_of(&member(1)).as_ref(), Some(&made.id));
        let found = workspace.org_of(&made.id).unwrap();
        assert!(org.is_none_or(|org| org == found));
        let name = workspace.text(&EntityRef::new(Kind::Organisation, found), "name", "fi");
        assert_eq!(name, organisation);
    }
}

#[test]
fn somebody_without_an_organisation_makes_none() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let before = network.people[0].ids(Kind::Organisation);
    let made = network.must(0, &admit(" ")).outcome.entities[0].clone();
    assert_eq!(network.people[0].ids(Kind::Organisation), before);
    assert_eq!(network.people[0].org_of(&made.id), None);
    assert_eq!(network.people[0].participant_of(&member(1)), Some(made.id));
}

#[test]
fn whoever_names_a_person_in_a_text_or_a_statement_is_told() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let said = || [("sv".to_owned(), "pojken 131052-308T mår bättre".to_owned())].into();
    let reason = || Some("ring 040 123 4567".to_owned());
    let event = |event| Command::Commitment { id: "c-04".to_owned(), event };
    let decision = network.people[0].ids(Kind::Decision)[0].clone();
    for command in [
        edit(Kind::Note, "n-001", &json!({ "text": { "sv": "131052-308T" } })),
        event(Event::Log { text: said() }),
        event(Event::Renegotiate { old: None, new: "2027-04-14".to_owned(), reason: reason() }),
        event(Event::ReportDone { evidence: said() }),
        Command::Stance { decision, supports: true, text: said() },
    ] {
        assert_eq!(network.must(1, &command).outcome.remarks.len(), 1, "{command:?}");
    }
    let quiet = event(Event::Withdraw { reason: Some("vi orkar inte före 2027-05-01".to_owned()) });
    assert!(network.must(1, &quiet).outcome.remarks.is_empty());
}
