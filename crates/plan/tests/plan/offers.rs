//! Offers, mandates and dates: what stands beside a promise until somebody answers.

use samverka_plan::{Event, Kind, Mandate, State};
use serde_json::json;

use crate::harness::{Network, add};

const LEADER: usize = 0;
const OWNER: usize = 1;
const REQUESTER: usize = 2;
const COLLEAGUE: usize = 3;
const OTHER: usize = 4;

fn network() -> Network {
    let mut network = Network::sample(&["p-01", "p-11", "p-02", "p-12", "p-09"]);
    let fields = json!({ "title": { "sv": "Låna ut lokalen" }, "requester": "p-02", "due": "2027-03-31" });
    network.must(REQUESTER, &add(Kind::Commitment, "x", &fields));
    happens(&mut network, REQUESTER, Event::Request { to: "p-11".to_owned() });
    network
}

fn happens(network: &mut Network, person: usize, event: Event) {
    network.happens(person, "x", event);
    network.exchange();
    network.assert_equal();
}

fn promise() -> Event {
    Event::Promise { subject_to: None }
}

fn move_to(new: &str) -> Event {
    Event::Renegotiate { old: None, new: new.to_owned(), reason: Some("menföre".to_owned()) }
}

#[test]
fn another_date_that_was_offered_holds_when_the_requester_agrees_to_it() {
    let mut network = network();
    let offer = Event::CounterOffer {
        text: [("sv".to_owned(), "hellre i maj".to_owned())].into(),
        due: Some("2027-05-31".to_owned()),
    };
    happens(&mut network, OWNER, offer);
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.state, view.due.as_deref()), (State::Requested, Some("2027-03-31")));
    assert_eq!(view.counter.unwrap().by.as_deref(), Some("p-11"));
    happens(&mut network, REQUESTER, Event::Agree);
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.counter, view.due.as_deref()), (None, Some("2027-05-31")));
    happens(&mut network, OWNER, promise());
    assert_eq!(network.commitment(LEADER, "x").times_moved, 0);
}

#[test]
fn a_promise_that_needs_the_organisation_says_so_until_it_has_answered() {
    for (answer, mandate, state) in [
        (Event::OrganisationConfirmed, Mandate::Confirmed, State::Promised),
        (Event::OrganisationRefused { reason: None }, Mandate::Refused, State::Withdrawn),
    ] {
        let mut network = network();
        happens(&mut network, OWNER, Event::Promise { subject_to: Some("organisation".to_owned()) });
        assert_eq!(network.commitment(LEADER, "x").mandate, Mandate::NeedsOrganisation);
        happens(&mut network, COLLEAGUE, answer);
        let view = network.commitment(LEADER, "x");
        assert_eq!((view.mandate, view.state), (mandate, state));
    }
}

#[test]
fn a_move_is_marked_when_the_receiver_agrees_and_counts_once() {
    let mut network = network();
    happens(&mut network, OWNER, promise());
    happens(&mut network, OWNER, move_to("2027-04-14"));
    assert!(!network.commitment(LEADER, "x").moves[0].agreed);
    assert!(network.event(OTHER, "x", Event::Agree).is_err());
    happens(&mut network, REQUESTER, Event::Agree);
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.moves[0].agreed, view.times_moved, view.days_moved), (true, 1, 14));
    happens(&mut network, OWNER, move_to("2027-04-21"));
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.times_moved, view.days_moved), (2, 21));
}

#[test]
fn the_owner_takes_up_a_date_that_the_leader_proposed_apart_and_it_is_one_move() {
    let mut network = network();
    happens(&mut network, OWNER, promise());
    network.happens(LEADER, "x", move_to("2027-04-07"));
    network.happens(OWNER, "x", move_to("2027-04-14"));
    network.exchange();
    network.assert_equal();
    let view = network.commitment(REQUESTER, "x");
    assert_eq!((view.due.as_deref(), view.proposals.len()), (Some("2027-04-14"), 1));
    happens(&mut network, OWNER, move_to("2027-04-07"));
    let view = network.commitment(REQUESTER, "x");
    assert_eq!((view.due.as_deref(), view.proposals.len()), (Some("2027-04-07"), 0));
    assert_eq!((view.times_moved, view.days_moved), (1, 7));
}

#[test]
fn two_who_promised_apart_need_a_talk_that_says_whose_promise_holds() {
    let mut network = Network::sample(&["p-01", "p-11", "p-02", "p-12", "p-09"]);
    network.must(
        REQUESTER,
        &add(Kind::Commitment, "x", &json!({ "title": { "sv": "Ring" }, "requester": "p-02" })),
    );
    network.exchange();
    network.happens(OWNER, "x", promise());
    network.happens(COLLEAGUE, "x", promise());
    network.exchange();
    network.assert_equal();
    assert_eq!(network.commitment(LEADER, "x").state, State::NeedsTalk);
    let settle = Event::SettleOwner { owner: "p-12".to_owned() };
    assert!(network.event(OTHER, "x", settle.clone()).is_err());
    happens(&mut network, REQUESTER, settle);
    let view = network.commitment(LEADER, "x");
    assert_eq!((view.state, view.owner.as_deref(), view.talk.len()), (State::Promised, Some("p-12"), 0));
}

#[test]
fn nobody_settles_a_talk_by_accepting_their_own_work() {
    let mut network = network();
    happens(&mut network, OWNER, promise());
    network.happens(LEADER, "x", Event::Cancel { reason: None });
    network.happens(OWNER, "x", Event::ReportDone { evidence: Default::default() });
    network.exchange();
    network.assert_equal();
    assert_eq!(network.commitment(LEADER, "x").state, State::NeedsTalk);
    assert!(network.event(OWNER, "x", Event::SettleTalk { state: State::Accepted }).is_err());
    happens(&mut network, REQUESTER, Event::SettleTalk { state: State::Accepted });
    assert_eq!(network.commitment(OWNER, "x").state, State::Accepted);
}

#[test]
fn a_promise_past_its_date_is_overdue_until_it_is_reported() {
    let mut network = network();
    happens(&mut network, OWNER, promise());
    let overdue = |network: &Network, today: &str| {
        network.people[LEADER].commitment("x", samverka_plan::Language::SvFi, today).unwrap().overdue
    };
    assert!(!overdue(&network, "2027-03-31"));
    assert!(overdue(&network, "2027-04-01"));
    happens(&mut network, OWNER, Event::ReportDone { evidence: Default::default() });
    assert!(!overdue(&network, "2027-04-01"));
    assert_eq!(network.commitment(LEADER, "x").waiting_for, ["p-02"]);
}
