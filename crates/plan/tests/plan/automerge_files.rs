//! Documents as `.automerge` files.

use automerge::{AutoCommit, ReadDoc};
use samverka_plan::exchange::automerge::{AutomergeError, export, read};
use samverka_plan::{Event, Incoming, Language};

use crate::harness::{Network, TODAY, log_of};

fn network() -> Network {
    let mut network = Network::sample(&["p-01", "p-11"]);
    network.happens(1, "c-04", Event::Start);
    network.exchange();
    network
}

#[test]
fn a_file_holds_the_changes_and_records_and_gives_them_back() {
    let mut network = network();
    let mut other = Network::new(2);
    for document in network.people[1].documents() {
        let exported = read(&export(&mut network.people[1], document).unwrap()).unwrap();
        let records = network.people[1].records(document);
        let mut signed: Vec<Vec<u8>> = records.iter().map(|record| record.signed.clone()).collect();
        signed.sort();
        let mut read_back: Vec<Vec<u8>> = exported.records.into_values().collect();
        read_back.sort();
        assert_eq!(read_back, signed);
        let records = network.people[1].records(document).to_vec();
        let log = log_of(0);
        other.people[0].apply_batch(vec![Incoming { document, log, changes: exported.changes, records }]);
        assert_eq!(other.people[0].heads(document), network.people[1].heads(document));
    }
    let view = |network: &Network, person: usize| network.people[person].commitments(Language::SvFi, TODAY);
    assert_eq!(view(&other, 0), view(&network, 1));
}

#[test]
fn any_automerge_program_opens_the_file() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let doc = AutoCommit::load(&export(&mut network.people[0], plan).unwrap()).unwrap();
    let keys: Vec<String> = doc.keys(automerge::ROOT).collect();
    assert!(keys.contains(&"commitments".to_owned()) && keys.contains(&"samverka/records/1".to_owned()));
}

#[test]
fn writing_a_file_changes_nothing_and_equal_replicas_write_the_same() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let heads = network.people[0].heads(plan);
    let first = export(&mut network.people[0], plan).unwrap();
    assert_eq!(export(&mut network.people[0], plan).unwrap(), first);
    assert_eq!(export(&mut network.people[1], plan).unwrap(), first);
    assert_eq!(network.people[0].heads(plan), heads);
}

#[test]
fn files_that_are_no_document_of_a_plan_are_refused() {
    assert!(matches!(read(b"nonsense"), Err(AutomergeError::Automerge(_))));
    let empty = AutoCommit::new().save();
    assert!(matches!(read(&empty), Err(AutomergeError::OtherBeginning)));
}
