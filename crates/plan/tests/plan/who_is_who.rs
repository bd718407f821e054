//! Who speaks with what right: told by statements, in the past that their authors knew.

use samverka_plan::{Command, EntityRef, Event, Kind, State};
use serde_json::json;

use crate::harness::{Network, add, admit, edit, member};

const LEADER: usize = 0;
const OWNER: usize = 1;
const OTHER: usize = 2;

fn network() -> Network {
    let mut network = Network::sample(&["p-01", "p-11", "p-09"]);
    let fields = json!({ "title": { "sv": "Låna ut lokalen" }, "owner": "p-11", "requester": "p-01" });
    network.must(LEADER, &add(Kind::Commitment, "x", &fields));
    network.exchange();
    network
}

fn promise() -> Event {
    Event::Promise { subject_to: None }
}

#[test]
fn whoever_writes_leader_into_a_field_leads_nothing() {
    let mut network = network();
    network.happens(OWNER, "x", promise());
    network.exchange();
    network.must(OTHER, &edit(Kind::Participant, "p-09", &json!({ "network_role": "leader" })));
    network.exchange();
    for workspace in &network.people {
        assert!(!workspace.leads(&member(OTHER)));
    }
    assert!(network.event(OTHER, "x", Event::Cancel { reason: None }).is_err());
    network.must(LEADER, &edit(Kind::Participant, "p-09", &json!({ "network_role": "leader" })));
    network.exchange();
    network.happens(OTHER, "x", Event::Cancel { reason: None });
}

#[test]
fn a_promise_stays_its_owners_when_the_member_becomes_somebody_else() {
    let mut network = network();
    network.happens(OWNER, "x", promise());
    network.exchange();
    network.must(LEADER, &admit(OWNER, "p-12"));
    network.must(LEADER, &admit(OTHER, "p-11"));
    network.exchange();
    network.assert_equal();
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.state, view.owner.as_deref()), (State::Promised, Some("p-11")));
    assert!(network.event(OWNER, "x", Event::Start).is_err());
    network.happens(OTHER, "x", Event::Start);
}

#[test]
fn of_two_who_promised_apart_one_holds_after_a_talk() {
    let mut network = network();
    let fields = json!({ "title": { "sv": "Be om lokal" }, "requester": "p-01" });
    network.must(LEADER, &add(Kind::Commitment, "y", &fields));
    network.exchange();
    network.happens(OWNER, "y", promise());
    network.happens(OTHER, "y", promise());
    network.exchange();
    network.assert_equal();
    assert_eq!(network.commitment(LEADER, "y").state, State::NeedsTalk);
    assert!(network.event(LEADER, "y", Event::SettleOwner { owner: "p-02".to_owned() }).is_err());
    network.happens(LEADER, "y", Event::SettleOwner { owner: "p-11".to_owned() });
    network.exchange();
    network.assert_equal();
    let view = network.commitment(OTHER, "y");
    assert_eq!((view.state, view.owner.as_deref(), view.talk.len()), (State::Promised, Some("p-11"), 0));
}

#[test]
fn twins_become_one_and_both_histories_are_kept() {
    let mut network = network();
    let fields = json!({ "title": { "sv": "Låna ut lokalen igen" }, "requester": "p-01" });
    network.must(OTHER, &add(Kind::Commitment, "y", &fields));
    network.exchange();
    assert_eq!(network.commitment(LEADER, "x").similar, ["y"]);
    network.must(OTHER, &Command::MergeCommitments { from: "y".to_owned(), into: "x".to_owned() });
    network.exchange();
    network.assert_equal();
    let twin = network.commitment(LEADER, "y");
    assert_eq!((twin.state, twin.merged_into.as_deref()), (State::Merged, Some("x")));
    assert_eq!(network.people[LEADER].commitment_target("y"), "x");
    assert_eq!(network.people[LEADER].events("y").len(), 2);
    assert!(network.commitment(LEADER, "x").similar.is_empty());
    assert!(network.people[LEADER].has(&EntityRef::new(Kind::Commitment, "y")));
}
