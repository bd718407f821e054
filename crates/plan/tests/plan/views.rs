//! What views say, thing by thing.

use samverka_plan::{
    Command, CommitmentView, EntityRef, EntityView, Event, Kind, Language, State, ViewContext, Workspace,
};
use serde_json::{Value as Json, json};

use crate::harness::{Network, TODAY, add, directory, edit, forged, member};

const LEADER: usize = 0;
const OWNER: usize = 1;
const HELPER: usize = 2;

/// p-11 owns c-04, p-01 leads, p-05 helps with it.
fn network() -> Network {
    Network::sample(&["p-01", "p-11", "p-05"])
}

fn context(person: usize) -> ViewContext {
    ViewContext { language: Language::SvFi, today: TODAY.to_owned(), me: Some(member(person)) }
}

fn view(network: &Network, person: usize, kind: Kind, id: &str) -> EntityView {
    let view = network.people[person].view_of(&EntityRef::new(kind, id), &context(person));
    view.unwrap_or_else(|| panic!("there is no {kind:?} {id}"))
}

fn commitment(network: &Network, person: usize, id: &str) -> CommitmentView {
    match view(network, person, Kind::Commitment, id) {
        EntityView::Commitment(view) => *view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_thing_of_the_sample_has_a_view_that_says_what_it_is() {
    let network = network();
    let workspace = &network.people[LEADER];
    let views = workspace.all_views(&context(LEADER));
    let things: usize = Kind::ALL.into_iter().map(|kind| workspace.ids(kind).len()).sum();
    assert_eq!(views.len(), things);
    for view in views {
        let json = json!(view);
        assert_eq!(json["kind"], json!(view.entity().kind));
        assert_eq!(json["id"], json!(view.entity().id));
    }
}

#[test]
fn the_plan_its_people_and_goals_are_shown_in_the_language_asked_for() {
    let mut network = network();
    network.must(
        LEADER,
        &Command::Judge {
            goal: "g-2".to_owned(),
            verdict: "nearer".to_owned(),
            date: "2027-03-24".to_owned(),
        },
    );
    network.must(
        LEADER,
        &add(Kind::FollowUp, "f-1", &json!({ "goal": "g-2", "what": { "sv": "Kön är borta" } })),
    );
    let workspace = &network.people[LEADER];
    let fi = ViewContext { language: Language::Fi, ..context(LEADER) };
    let json = |kind, id: &str| json!(workspace.view_of(&EntityRef::new(kind, id), &fi));

    let plan = json(Kind::Meta, "self");
    assert_eq!(plan["title"], "Kukaan ei yksin Lindsundissa");
    assert_eq!((&plan["leader"], &plan["i_lead"]), (&json!("p-01"), &json!(true)));
    assert_eq!(plan["period"], json!({ "start": "2027-01-20", "end": "2028-06-30" }));
    assert_eq!(plan["organisations"].as_array().unwrap().len(), 7);

    let person = json(Kind::Participant, "p-01");
    assert_eq!((&person["organisation"], &person["me"]), (&json!("o-skola"), &json!(true)));
    assert_eq!(person["speakers"][0]["member"], json!(member(LEADER).to_string()));

    let goal = json(Kind::Goal, "g-2");
    assert_eq!(goal["statement"], "Perheet saavat ensikontaktin 14 päivässä");
    assert_eq!(goal["indicators"][0]["values"], json!([{ "date": "2027-03-24", "value": 22.0 }]));
    assert_eq!(goal["judgements"][0]["verdict"], "nearer");
    assert_eq!(goal["follow_ups"], json!(["f-1"]));
    assert!(goal["served_by"].as_array().unwrap().contains(&json!("c-02")));

    let dissent = json(Kind::Decision, "d-2");
    assert_eq!(dissent["dissent"][0]["by"], "p-14");
}

#[test]
fn a_note_says_where_it_is_whose_and_who_touched_it_last() {
    let mut network = network();
    let board = network.people[OWNER].boards()[0].to_string();
    network.must(OWNER, &add(Kind::Note, "mine", &json!({ "text": { "sv": "Bussen" }, "x": 40, "y": -7.5 })));
    network.must(
        OWNER,
        &add(Kind::Note, "unnamed", &json!({ "text": { "sv": "Tyst" }, "identity": "anonymous" })),
    );
    network.exchange();
    network.must(LEADER, &edit(Kind::Note, "mine", &json!({ "colour": "sky" })));
    network.exchange();
    let at = network.now_ms - network.now_ms % 1000;
    let (mine, theirs) =
        (json!(view(&network, OWNER, Kind::Note, "mine")), json!(view(&network, HELPER, Kind::Note, "mine")));
    assert_eq!(mine["position"], json!({ "x": 40.0, "y": -7.5 }));
    assert_eq!(mine["board"], board);
    assert_eq!((&mine["author"], &mine["organisation"]), (&json!("p-11"), &json!("o-hem")));
    assert_eq!(mine["changed"], json!({ "member": member(LEADER).to_string(), "time_ms": at }));
    assert_eq!((&mine["mine"], &theirs["mine"]), (&json!(true), &json!(false)));
    let unnamed = json!(view(&network, LEADER, Kind::Note, "unnamed"));
    assert_eq!((&unnamed["author"], &unnamed["organisation"]), (&Json::Null, &Json::Null));
    assert_eq!(unnamed["changed"]["member"], Json::Null);
}

#[test]
fn a_vote_shows_totals_when_it_is_closed_and_before_that_who_has_voted() {
    let mut network = network();
    let fields = json!({ "title": { "sv": "Vad först?" }, "dots": 3, "max_per_item": 2 });
    network.must(LEADER, &add(Kind::Vote, "w", &fields));
    network.exchange();
    let dots = [("cl-1".to_owned(), 2)].into();
    network.must(OWNER, &Command::Ballot { vote: "w".to_owned(), dots });
    network.exchange();
    let open = json!(view(&network, OWNER, Kind::Vote, "w"));
    assert_eq!((&open["totals"], &open["voters"]), (&Json::Null, &json!(["p-11"])));
    assert_eq!((&open["mine"], &open["dots_left"]), (&json!({ "cl-1": 2 }), &json!(1)));
    assert_eq!((&open["may_vote"], &open["may_lead"]), (&json!(true), &json!(false)));
    network.must(LEADER, &Command::CloseVote { vote: "w".to_owned() });
    network.exchange();
    let closed = json!(view(&network, OWNER, Kind::Vote, "w"));
    assert_eq!((&closed["totals"], &closed["may_vote"]), (&json!({ "cl-1": 2 }), &json!(false)));
}

#[test]
fn a_commitment_says_what_each_may_do_and_how_it_was_reported_done() {
    let mut network = network();
    network.happens(OWNER, "c-04", Event::Start);
    network.exchange();
    let may = |network: &Network, person| commitment(network, person, "c-04").may;
    let has = |may: &[String], name: &str| may.iter().any(|one| one == name);
    assert!(has(&may(&network, OWNER), "report_done") && has(&may(&network, OWNER), "renegotiate"));
    assert!(has(&may(&network, HELPER), "log") && !has(&may(&network, HELPER), "report_done"));
    assert!(has(&may(&network, LEADER), "cancel") && has(&may(&network, LEADER), "propose_due"));
    let nobody = ViewContext { me: None, ..context(LEADER) };
    let shown = network.people[LEADER].view_of(&EntityRef::new(Kind::Commitment, "c-04"), &nobody);
    assert_eq!(json!(shown)["may"], json!([]));

    let evidence = [("sv".to_owned(), "tre kvällar".to_owned())].into();
    network.happens(OWNER, "c-04", Event::ReportDone { evidence });
    network.exchange();
    let shown = commitment(&network, LEADER, "c-04");
    assert_eq!(shown.evidence["sv"], "tre kvällar");
    assert!(has(&shown.may, "accept") && !has(&may(&network, OWNER), "accept"));
    let kinds: Vec<&str> = shown.history.iter().rev().take(2).map(|event| event.event.name()).collect();
    assert_eq!(kinds, ["report_done", "start"]);
}

#[test]
fn after_a_talk_a_view_says_how_it_may_end_and_for_whom() {
    let mut network = network();
    network.happens(OWNER, "c-04", Event::Start);
    network.happens(LEADER, "c-04", Event::Cancel { reason: None });
    network.exchange();
    let (leader, owner) = (commitment(&network, LEADER, "c-04"), commitment(&network, OWNER, "c-04"));
    assert_eq!((leader.state, leader.talk.len()), (State::NeedsTalk, 2));
    assert!(leader.may_end_talk_as.contains(&State::Cancelled));
    assert!(
        owner.may_end_talk_as.contains(&State::Withdrawn)
            && !owner.may_end_talk_as.contains(&State::Cancelled)
    );
    assert_eq!(commitment(&network, HELPER, "c-04").may_end_talk_as, []);
}

#[test]
fn a_question_stands_with_its_thing_until_it_is_settled() {
    let mut network = network();
    network.must(OWNER, &edit(Kind::Goal, "g-1", &json!({ "level": "vision" })));
    network.must(HELPER, &edit(Kind::Goal, "g-1", &json!({ "level": "process" })));
    network.exchange();
    let goal = json!(view(&network, LEADER, Kind::Goal, "g-1"));
    assert_eq!(goal["questions"][0]["field"], "level");
    assert_eq!(goal["questions"][0]["answers"].as_array().unwrap().len(), 2);
}

/// Events of every name but the first, with what the rules look at.
fn events() -> Vec<Event> {
    let reason = || None;
    let mut events = vec![
        Event::Suggest,
        Event::Request { to: "p-05".to_owned() },
        Event::Promise { subject_to: None },
        Event::Decline { reason: reason() },
        Event::CounterOffer { text: Default::default(), due: None },
        Event::OrganisationConfirmed,
        Event::OrganisationRefused { reason: reason() },
        Event::Start,
        Event::Log { text: Default::default() },
        Event::Renegotiate { old: None, new: "2027-04-14".to_owned(), reason: reason() },
        Event::ProposeDue { due: "2027-04-14".to_owned(), reason: reason() },
        Event::KeepDue,
        Event::Agree,
        Event::HandOver { to: "p-05".to_owned(), reason: reason() },
        Event::ReportDone { evidence: Default::default() },
        Event::Accept,
        Event::NotYet { reason: reason() },
        Event::Withdraw { reason: reason() },
        Event::Cancel { reason: reason() },
        Event::SettleOwner { owner: "p-11".to_owned() },
        Event::With { add: vec!["p-07".to_owned()], remove: Vec::new() },
        Event::Merge { into: "c-01".to_owned() },
    ];
    events.extend(State::ALL.map(|state| Event::SettleTalk { state }));
    events.extend(["owner", "requester", "due", "follow_up"].map(|field| Event::Revise {
        field: field.to_owned(),
        value: json!("p-05"),
        replaces: Vec::new(),
    }));
    events
}

/// What would count is what counts: said to a copy of the plan by a program that asks nobody, with everything in its
/// past.
#[test]
fn whatever_would_count_counts_and_nothing_else_does() {
    let mut network = network();
    network.happens(OWNER, "c-04", Event::Start);
    network.happens(LEADER, "c-04", Event::Cancel { reason: None });
    network.must(HELPER, &add(Kind::Commitment, "new", &json!({ "title": { "sv": "Be om lokal" } })));
    network.exchange();
    network.happens(LEADER, "new", Event::Request { to: "p-11".to_owned() });
    network.exchange();
    let plan = network.people[LEADER].plan_document();
    let saved = network.people[LEADER].save(plan);
    let records = network.people[LEADER].records(plan).to_vec();
    let names: Vec<String> = records.iter().map(samverka_plan::VerifiedRecord::name).collect();
    let mut counted = 0;
    for id in ["c-01", "c-02", "c-04", "c-09", "new", "nowhere"] {
        for person in [LEADER, OWNER, HELPER] {
            for event in events() {
                let mut copy = Workspace::new(samverka_log::SpaceId::from_bytes([7; 32]), plan);
                copy.set_directory(directory(3));
                copy.load(plan, &saved, records.clone()).unwrap();
                let would = copy.would_count(id, &event, &member(person));
                let after: Vec<String> = copy.events(id).into_iter().map(|event| event.record).collect();
                let payload = json!({
                    "n": 1000, "roster": names, "kind": "event", "commitment": id, "event": event, "after": after,
                });
                let said = forged(person, plan, 99, &payload);
                let name = said.records[0].name();
                copy.apply_batch(vec![said]);
                let standing = copy.standing(id);
                let refused = standing.ineffective.into_iter().find(|one| one.record == name);
                assert_eq!(would.err(), refused.map(|one| one.reason), "{id} {person} {event:?}");
                counted += 1;
            }
        }
    }
    assert_eq!(counted, 6 * 3 * events().len());
}
