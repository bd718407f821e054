//! Votes: whose rules hold, whose dots count, and when they are counted.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT, ReadDoc};
use samverka_plan::{Command, CommandError, EntityRef, Incoming, Kind};
use serde_json::json;

use crate::harness::{Network, forged, log_of};

const LEADER: usize = 0;
const TEACHER: usize = 1;
const HOSTILE: usize = 2;
const FACILITATOR: usize = 3;

fn network() -> Network {
    Network::sample(&["p-01", "p-02", "p-11", "p-09"])
}

/// A vote that somebody opens on the board.
fn opened(network: &mut Network, person: usize) -> String {
    let fields = [("dots", json!(3)), ("max_per_item", json!(2))];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let executed = network.must(person, &Command::Add { kind: Kind::Vote, id: None, board: None, fields });
    network.exchange();
    executed.outcome.entities[0].id.clone()
}

fn dots(network: &mut Network, person: usize, vote: &str, item: &str) -> Result<(), CommandError> {
    let command = Command::Ballot { vote: vote.to_owned(), dots: [(item.to_owned(), 2)].into() };
    network.execute(person, &command).map(drop)
}

fn everybody_gets(network: &mut Network, incoming: &Incoming) {
    for workspace in &mut network.people {
        workspace.apply_batch(vec![incoming.clone()]);
    }
}

#[test]
fn rules_forged_for_somebody_elses_vote_void_nobodys_dots() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.exchange();
    let imported = network.people[LEADER].totals("v-1");
    let board = network.people[LEADER].boards()[0];
    for (id, of) in [(1, vote.as_str()), (2, "v-1")] {
        let payload = json!({ "n": 0, "kind": "vote_opened", "vote": of, "dots": 0, "max_per_item": 0 });
        everybody_gets(&mut network, &forged(HOSTILE, board, id, &payload));
    }
    network.assert_equal();
    for workspace in &network.people {
        assert_eq!(workspace.vote_rules(&vote).dots, 3);
        assert_eq!(workspace.totals(&vote)["cl-1"], 2);
        assert_eq!(workspace.totals("v-1"), imported);
    }
}

#[test]
fn fields_of_an_imported_vote_void_nobodys_dots() {
    let mut network = network();
    dots(&mut network, TEACHER, "v-1", "cl-5").unwrap();
    network.exchange();
    let before = network.people[LEADER].totals("v-1");
    assert_eq!(network.people[LEADER].vote_rules("v-1").max_per_item, 2);
    let board = network.people[HOSTILE].boards()[0];
    let saved = network.people[HOSTILE].save(board);
    let mut doc = AutoCommit::load(&saved).unwrap().with_actor(ActorId::from([66_u8; 16]));
    let heads = doc.get_heads();
    let votes = doc.get(ROOT, Kind::Vote.container()).unwrap().unwrap().1;
    let vote = doc.get(&votes, "v-1").unwrap().unwrap().1;
    doc.put(&vote, "dots", "0").unwrap();
    doc.put(&vote, "max_per_item", "0").unwrap();
    doc.commit();
    let changes = doc.get_changes(&heads).into_iter().map(|change| change.raw_bytes().to_vec()).collect();
    let incoming = Incoming { document: board, log: log_of(HOSTILE), changes, records: Vec::new() };
    everybody_gets(&mut network, &incoming);
    network.assert_equal();
    assert_eq!(network.people[LEADER].totals("v-1"), before);
}

#[test]
fn dots_given_after_the_closing_was_known_do_not_count() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.exchange();
    assert!(network.execute(TEACHER, &Command::CloseVote { vote: vote.clone() }).is_err());
    network.must(FACILITATOR, &Command::CloseVote { vote: vote.clone() });
    network.exchange();
    assert!(dots(&mut network, TEACHER, &vote, "cl-2").is_err());
    assert!(network.people[LEADER].vote_rules(&vote).closed);
    assert_eq!(
        network.people[LEADER].totals(&vote).into_iter().collect::<Vec<_>>(),
        [("cl-1".to_owned(), 2)]
    );
}

#[test]
fn whoever_leads_the_conversation_gives_dots_for_somebody_without_a_device_until_they_do_so_themselves() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    let on_behalf = Command::BallotFor {
        vote: vote.clone(),
        participant: "p-02".to_owned(),
        dots: [("cl-4".to_owned(), 1)].into(),
    };
    assert!(network.execute(HOSTILE, &on_behalf).is_err());
    network.must(FACILITATOR, &on_behalf);
    network.exchange();
    assert_eq!(network.people[LEADER].totals(&vote)["cl-4"], 1);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.exchange();
    network.assert_equal();
    assert_eq!(
        network.people[LEADER].totals(&vote).into_iter().collect::<Vec<_>>(),
        [("cl-1".to_owned(), 2)]
    );
    assert_eq!(network.people[LEADER].voters(&vote).into_iter().collect::<Vec<_>>(), ["p-02"]);
    assert!(network.people[LEADER].has(&EntityRef::new(Kind::Vote, vote)));
}

fn totals(network: &Network, person: usize, vote: &str) -> Vec<(String, u32)> {
    network.people[person].totals(vote).into_iter().collect()
}

#[test]
fn dots_that_whoever_closed_the_vote_had_not_heard_of_do_not_count_and_are_shown_as_late() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.exchange();
    // Apart: the teacher changes their mind, somebody else comes to it, and the vote is closed.
    dots(&mut network, TEACHER, &vote, "cl-2").unwrap();
    dots(&mut network, HOSTILE, &vote, "cl-3").unwrap();
    network.must(FACILITATOR, &Command::CloseVote { vote: vote.clone() });
    network.exchange();
    network.assert_equal();
    for person in 0..4 {
        assert_eq!(totals(&network, person, &vote), [("cl-1".to_owned(), 2)]);
        let late: Vec<String> = network.people[person].late_voters(&vote).into_iter().collect();
        assert_eq!(late, ["p-02", "p-11"]);
    }
}

#[test]
fn no_program_gives_dots_after_a_vote_was_closed_whatever_it_says_that_it_knew() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.exchange();
    network.must(FACILITATOR, &Command::CloseVote { vote: vote.clone() });
    network.exchange();
    let board = network.people[LEADER].boards()[0];
    // One that says that it is old, one as the last of its author's, one that closes the vote over itself.
    let ballot = |n| json!({ "n": n, "kind": "ballot", "vote": vote, "dots": { "cl-2": 2 } });
    let own = forged(HOSTILE, board, 3, &ballot(0)).records[0].name();
    let closing = json!({ "n": 9, "kind": "vote_closed", "vote": vote, "counts": [own] });
    for (id, payload) in [(3, ballot(0)), (4, ballot(u64::MAX)), (5, closing)] {
        everybody_gets(&mut network, &forged(HOSTILE, board, id, &payload));
    }
    let import = json!({
        "n": 9, "kind": "imported", "votes": {}, "ballots": { vote.as_str(): { "p-14": { "cl-3": 1 } } },
    });
    let plan = network.people[LEADER].plan_document();
    everybody_gets(&mut network, &forged(LEADER, plan, 6, &import));
    network.assert_equal();
    assert_eq!(totals(&network, TEACHER, &vote), [("cl-1".to_owned(), 2)]);
}

#[test]
fn of_closings_made_apart_each_adds_the_dots_that_it_knew() {
    let mut network = network();
    let vote = opened(&mut network, FACILITATOR);
    dots(&mut network, TEACHER, &vote, "cl-1").unwrap();
    network.catch_up(LEADER);
    dots(&mut network, HOSTILE, &vote, "cl-2").unwrap();
    let to_facilitator = network.sent.last().unwrap().1.clone();
    network.people[FACILITATOR].apply_batch(vec![to_facilitator]);
    network.must(LEADER, &Command::CloseVote { vote: vote.clone() });
    network.must(FACILITATOR, &Command::CloseVote { vote: vote.clone() });
    network.exchange();
    network.assert_equal();
    let both = [("cl-1".to_owned(), 2), ("cl-2".to_owned(), 2)];
    assert_eq!(totals(&network, TEACHER, &vote), both);
    assert!(network.people[TEACHER].late_voters(&vote).is_empty());
}
