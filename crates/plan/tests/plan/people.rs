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

fn merge(from: &str, into: &str) -> Command {
    Command::MergeParticipants { from: from.to_owned(), into: into.to_owned() }
}

#[test]
fn a_participant_goes_on_as_another_with_whoever_speaks_for_it_and_an_organisation_of_its_own() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let orgs = network.people[0].ids_that_go_on(Kind::Organisation);
    let made = network.must(0, &admit("Hemservice Lindsund")).outcome.entities[0].clone();
    network.exchange();
    assert!(network.execute(1, &merge(&made.id, "p-11")).is_err(), "they are no admin");
    assert!(network.execute(0, &merge(&made.id, &made.id)).is_err());
    network.must(0, &merge(&made.id, "p-11"));
    network.exchange();
    network.assert_equal();
    let workspace = &network.people[1];
    assert_eq!(workspace.participant_of(&member(1)).as_deref(), Some("p-11"));
    assert!(!workspace.participant_ids().contains(&made.id));
    assert_eq!(workspace.ids_that_go_on(Kind::Organisation), orgs);
    assert_eq!(workspace.same_as(&made), "p-11");
    assert!(network.execute(0, &merge(&made.id, "p-11")).is_err(), "it is that one already");
    // Somebody else who gives that organisation's name is put where it went.
    let other = network.must(0, &admit("Hemservice Lindsund")).outcome.entities[0].clone();
    assert_eq!(network.people[0].org_of(&other.id).as_deref(), Some("o-hem"));
}

#[test]
fn whoever_has_an_open_commitment_hands_it_over_before_going_on_as_another() {
    let mut network = Network::sample(&["p-01", "p-11"]);
    let refused = network.execute(0, &merge("p-11", "p-05")).unwrap_err();
    assert!(refused.to_string().contains("c-"), "{refused}");
}

#[test]
fn whoever_led_leads_on_as_the_other_and_two_who_merge_apart_lose_nobody() {
    let mut network = Network::new(2);
    network.must(0, &crate::harness::new_plan());
    let founder = network.people[0].participant_of(&member(0)).unwrap();
    for id in ["p-a", "p-b"] {
        let fields = json!({ "role_title": { "sv": id } });
        network.must(0, &crate::harness::add(Kind::Participant, id, &fields));
    }
    network.must(0, &merge(&founder, "p-a"));
    network.must(0, &edit(Kind::Participant, "p-b", &json!({ "same_as": "p-a" })));
    network.exchange();
    assert!(network.people[1].leads(&member(0)));
    // A circle, made apart.
    network.must(1, &edit(Kind::Participant, "p-a", &json!({ "same_as": "p-b" })));
    network.exchange();
    network.assert_equal();
    assert_eq!(network.people[0].participant_ids(), ["p-a"]);
    let role = network.people[0].single_text(&EntityRef::new(Kind::Participant, founder), "network_role");
    assert_eq!(role.as_deref(), Some("member"));
}
