//! The table of the domain model, 3.8: which event counts, by whom, and where it leads.

use samverka_plan::{Event, Kind, State};
use serde_json::json;

use crate::harness::{Network, add, forged, member};

/// Who is who in these tests.
const LEADER: usize = 0;
const OWNER: usize = 1;
const HELPER: usize = 2;
const REQUESTER: usize = 3;
const OTHER: usize = 4;
const COLLEAGUE: usize = 5;

fn network() -> Network {
    let mut network = Network::sample(&["p-01", "p-11", "p-05", "p-02", "p-09", "p-12"]);
    let fields = json!({
        "title": { "sv": "Låna ut lokalen" },
        "owner": "p-11", "owner_org": "o-hem", "requester": "p-02", "with": ["p-05"], "due": "2027-03-31",
    });
    network.must(REQUESTER, &add(Kind::Commitment, "x", &fields));
    network.exchange();
    network
}

/// A commitment that has come to a state, by those who may bring it there.
fn at(state: State) -> Network {
    let mut network = network();
    let path: &[(usize, Event)] = match state {
        State::Suggested => &[],
        State::Requested => &[(REQUESTER, request())],
        State::Promised => &[(REQUESTER, request()), (OWNER, promise())],
        State::UnderWay => &[(OWNER, promise()), (OWNER, Event::Start)],
        State::ReportedDone => &[(OWNER, promise()), (OWNER, done())],
        State::Accepted => &[(OWNER, promise()), (OWNER, done()), (REQUESTER, Event::Accept)],
        State::Declined => &[(REQUESTER, request()), (OWNER, Event::Decline { reason: None })],
        State::Withdrawn => &[(OWNER, promise()), (OWNER, Event::Withdraw { reason: None })],
        State::Cancelled => &[(OWNER, promise()), (REQUESTER, Event::Cancel { reason: None })],
        other => panic!("no test begins at {other:?}"),
    };
    for (person, event) in path {
        network.happens(*person, "x", event.clone());
        network.exchange();
    }
    assert_eq!(network.commitment(OWNER, "x").state, state);
    network
}

fn request() -> Event {
    Event::Request { to: "p-11".to_owned() }
}

fn promise() -> Event {
    Event::Promise { subject_to: None }
}

fn done() -> Event {
    Event::ReportDone { evidence: [("sv".to_owned(), "Lokalen är lånad".to_owned())].into() }
}

fn move_to(new: &str) -> Event {
    Event::Renegotiate { old: None, new: new.to_owned(), reason: Some("menföre".to_owned()) }
}

/// In a state, an event counts by some and not by others, and leads to a state.
fn row(from: State, event: &Event, by: &[usize], not_by: &[usize], to: State) {
    for person in by {
        let mut network = at(from);
        network.happens(*person, "x", event.clone());
        network.exchange();
        network.assert_equal();
        assert_eq!(network.commitment(OTHER, "x").state, to, "{event:?} by {person}");
        assert_eq!(network.people[OTHER].standing("x").ineffective, []);
    }
    let network = at(from);
    for person in not_by {
        let counts = network.people[*person].would_count("x", event, &member(*person));
        assert!(counts.is_err(), "{event:?} by {person} in {from:?}");
    }
}

const EVERYBODY: [usize; 6] = [LEADER, OWNER, HELPER, REQUESTER, OTHER, COLLEAGUE];
const NOT_THE_OWNER: [usize; 5] = [LEADER, HELPER, REQUESTER, OTHER, COLLEAGUE];

#[test]
fn whoever_asks_asks_and_whoever_is_asked_answers() {
    row(State::Suggested, &request(), &[REQUESTER], &[], State::Requested);
    row(State::Requested, &Event::Decline { reason: None }, &[OWNER], &NOT_THE_OWNER, State::Declined);
    let offer =
        Event::CounterOffer { text: [("sv".to_owned(), "hellre i maj".to_owned())].into(), due: None };
    row(State::Requested, &offer, &[OWNER], &NOT_THE_OWNER, State::Requested);
}

#[test]
fn only_the_owner_to_be_promises() {
    row(State::Suggested, &promise(), &[OWNER], &NOT_THE_OWNER, State::Promised);
    row(State::Requested, &promise(), &[OWNER], &NOT_THE_OWNER, State::Promised);
    row(State::Promised, &promise(), &[], &EVERYBODY, State::Promised);
}

#[test]
fn the_owners_organisation_confirms_or_refuses() {
    let others = [HELPER, REQUESTER, OTHER];
    row(State::Promised, &Event::OrganisationConfirmed, &[COLLEAGUE], &others, State::Promised);
    let refused = Event::OrganisationRefused { reason: None };
    row(State::Promised, &refused, &[COLLEAGUE], &others, State::Withdrawn);
}

#[test]
fn the_owner_and_helpers_start_and_log() {
    let others = [LEADER, REQUESTER, OTHER, COLLEAGUE];
    let log = Event::Log { text: [("sv".to_owned(), "Bygården bokad".to_owned())].into() };
    row(State::Promised, &Event::Start, &[OWNER, HELPER], &others, State::UnderWay);
    row(State::Promised, &log, &[OWNER, HELPER], &others, State::UnderWay);
    row(State::UnderWay, &log, &[OWNER, HELPER], &others, State::UnderWay);
    row(State::Suggested, &Event::Start, &[], &EVERYBODY, State::Suggested);
}

#[test]
fn the_owner_moves_the_date_and_the_move_is_counted() {
    for from in [State::Promised, State::UnderWay] {
        row(from, &move_to("2027-04-14"), &[OWNER], &NOT_THE_OWNER, from);
    }
    let mut network = at(State::Promised);
    network.happens(OWNER, "x", move_to("2027-04-14"));
    let view = network.commitment(OWNER, "x");
    assert_eq!((view.due.as_deref(), view.times_moved, view.days_moved), (Some("2027-04-14"), 1, 14));
}

#[test]
fn a_handed_over_promise_waits_for_the_new_owners_word() {
    let hand_over = Event::HandOver { to: "p-12".to_owned(), reason: None };
    let mut network = at(State::UnderWay);
    for person in NOT_THE_OWNER {
        assert!(network.people[person].would_count("x", &hand_over, &member(person)).is_err());
    }
    network.happens(OWNER, "x", hand_over);
    network.exchange();
    assert_eq!(network.commitment(OWNER, "x").owner.as_deref(), Some("p-11"));
    assert!(network.event(OTHER, "x", promise()).is_err());
    network.happens(COLLEAGUE, "x", promise());
    network.exchange();
    network.assert_equal();
    let view = network.commitment(OWNER, "x");
    assert_eq!((view.state, view.owner.as_deref()), (State::Promised, Some("p-12")));
}

#[test]
fn the_owner_reports_and_the_receiver_accepts_or_not_yet() {
    row(State::Promised, &done(), &[OWNER], &NOT_THE_OWNER, State::ReportedDone);
    row(State::UnderWay, &done(), &[OWNER], &NOT_THE_OWNER, State::ReportedDone);
    let others = [OWNER, HELPER, OTHER, COLLEAGUE];
    row(State::ReportedDone, &Event::Accept, &[REQUESTER], &others, State::Accepted);
    row(State::ReportedDone, &Event::NotYet { reason: None }, &[REQUESTER], &others, State::UnderWay);
    row(State::Promised, &Event::Accept, &[], &EVERYBODY, State::Promised);
}

#[test]
fn the_owner_withdraws_and_requester_or_leader_cancel_while_it_is_open() {
    let (withdraw, cancel) = (Event::Withdraw { reason: None }, Event::Cancel { reason: None });
    for open in [State::Promised, State::UnderWay, State::ReportedDone] {
        row(open, &withdraw, &[OWNER], &NOT_THE_OWNER, State::Withdrawn);
        let others = [OWNER, HELPER, OTHER, COLLEAGUE];
        row(open, &cancel, &[REQUESTER, LEADER], &others, State::Cancelled);
    }
    for closed in [State::Accepted, State::Declined, State::Withdrawn, State::Cancelled] {
        row(closed, &withdraw, &[], &EVERYBODY, closed);
        row(closed, &cancel, &[], &EVERYBODY, closed);
    }
}

#[test]
fn a_forged_event_has_no_effect_and_is_listed_with_a_reason() {
    let mut network = at(State::Promised);
    let plan = network.people[0].plan_document();
    let before = network.commitment(OWNER, "x");
    let event = json!({ "type": "report_done" });
    let payload = json!({ "n": 900, "kind": "event", "commitment": "x", "event": event, "after": [] });
    let heads = network.people[OWNER].events("x").into_iter().map(|event| event.record).collect::<Vec<_>>();
    let knowing = json!({ "n": 901, "kind": "event", "commitment": "x", "event": event, "after": heads });
    for workspace in &mut network.people {
        workspace.apply_batch(vec![forged(OTHER, plan, 8, &payload), forged(OTHER, plan, 9, &knowing)]);
    }
    let view = network.commitment(OWNER, "x");
    assert_eq!((view.state, view.talk.len()), (before.state, 0));
    let ineffective = network.people[OWNER].standing("x").ineffective;
    assert_eq!(ineffective.len(), 2);
    assert!(ineffective.iter().all(|one| !one.reason.is_empty()));
    let listed = network.people[OWNER].events("x").into_iter().filter(|event| event.ineffective.is_some());
    assert_eq!(listed.count(), 2);
}

#[test]
fn a_command_that_does_not_fit_leaves_nothing_behind() {
    let mut network = at(State::Promised);
    let plan = network.people[OTHER].plan_document();
    let (heads, records) = (network.people[OTHER].heads(plan), network.people[OTHER].records(plan).len());
    assert!(network.event(OTHER, "x", done()).is_err());
    assert_eq!(network.people[OTHER].heads(plan), heads);
    assert_eq!(network.people[OTHER].records(plan).len(), records);
}
