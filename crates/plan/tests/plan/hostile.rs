//! An editor whose program does what it likes with the documents: views stand, and nobody's word is unsaid.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use samverka_plan::exchange::json;
use samverka_plan::{EntityRef, Event, Incoming, Kind, Language, State, first_change_hashes};
use serde_json::json;

use crate::harness::{Network, TODAY, forged, log_of};

const HOSTILE: usize = 2;

fn network() -> Network {
    let mut network = Network::sample(&["p-01", "p-11", "p-09"]);
    network.happens(1, "c-04", Event::Start);
    network.exchange();
    network
}

/// Everybody gets what a hostile program writes into the plan, or into a board.
fn write(network: &mut Network, board: bool, change: impl FnOnce(&mut AutoCommit)) {
    let workspace = &mut network.people[HOSTILE];
    let document = if board { workspace.boards()[0] } else { workspace.plan_document() };
    let mut doc = AutoCommit::load(&workspace.save(document)).unwrap().with_actor(ActorId::from([66_u8; 16]));
    let before = doc.get_heads();
    change(&mut doc);
    doc.commit();
    let changes: Vec<Vec<u8>> =
        doc.get_changes(&before).into_iter().map(|change| change.raw_bytes().to_vec()).collect();
    let incoming = Incoming { document, log: log_of(HOSTILE), changes, records: Vec::new() };
    for workspace in &mut network.people {
        workspace.apply_batch(vec![incoming.clone()]);
    }
}

/// Every view and export there is.
fn look(network: &mut Network) {
    for workspace in &network.people {
        for language in [Language::SvFi, Language::SvSe, Language::Fi, Language::En] {
            workspace.commitments(language, TODAY);
            workspace.notes(None, language);
        }
        for kind in Kind::ALL {
            for id in workspace.ids(kind) {
                workspace.fields(&EntityRef::new(kind, id.clone()));
                workspace.events(&id);
                workspace.totals(&id);
                workspace.stances(&id);
                workspace.judgements(&id);
                workspace.cluster_target(&id);
            }
        }
        workspace.open_questions();
        workspace.relay_urls();
        workspace.boards();
        json::export_text(workspace);
    }
    network.assert_equal();
}

fn container(doc: &AutoCommit, kind: Kind) -> ObjId {
    doc.get(ROOT, kind.container()).unwrap().unwrap().1
}

fn entity(doc: &AutoCommit, kind: Kind, id: &str) -> ObjId {
    doc.get(container(doc, kind), id).unwrap().unwrap().1
}

fn states(network: &Network) -> Vec<State> {
    let ids = (1..10).map(|number| format!("c-0{number}"));
    ids.map(|id| network.people[0].standing(&id).state).collect()
}

#[test]
fn deleting_everything_leaves_the_views_and_the_commitments_standings() {
    let mut network = network();
    let before = states(&network);
    write(&mut network, false, |doc| {
        for kind in Kind::ALL {
            let container = container(doc, kind);
            for id in doc.keys(&container).collect::<Vec<_>>() {
                doc.delete(&container, id.as_str()).unwrap();
            }
        }
    });
    look(&mut network);
    assert_eq!(states(&network)[3], before[3]);
}

#[test]
fn containers_deleted_or_replaced_are_still_read() {
    let mut network = network();
    let before = json!(network.people[0].commitments(Language::SvFi, TODAY));
    write(&mut network, false, |doc| {
        doc.put_object(ROOT, "commitments", ObjType::List).unwrap();
        doc.delete(ROOT, "goals").unwrap();
        doc.put(ROOT, "participants", 7).unwrap();
        doc.put_object(ROOT, "organisations", ObjType::Map).unwrap();
    });
    look(&mut network);
    assert_eq!(json!(network.people[0].commitments(Language::SvFi, TODAY)), before);
    network.happens(1, "c-04", Event::Log { text: [("sv".to_owned(), "går ännu".to_owned())].into() });
}

#[test]
fn wrong_types_under_known_keys_read_as_absent() {
    let mut network = network();
    for board in [false, true] {
        write(&mut network, board, |doc| {
            for kind in Kind::ALL {
                let container = container(doc, kind);
                doc.put(&container, "scalar", 1.5).unwrap();
                doc.put_object(&container, "list", ObjType::List).unwrap();
                doc.put_object(&container, "", ObjType::Map).unwrap();
                for id in doc.keys(&container).collect::<Vec<_>>() {
                    let Some((Value::Object(ObjType::Map), entity)) = doc.get(&container, id).unwrap() else {
                        continue;
                    };
                    spoil(doc, kind, &entity);
                }
            }
        });
    }
    look(&mut network);
    assert_eq!(network.commitment(0, "c-04").state, State::UnderWay);
}

/// Puts into every field something that does not belong there.
fn spoil(doc: &mut AutoCommit, kind: Kind, entity: &ObjId) {
    for (field, _) in kind.fields() {
        doc.put(entity, format!("{field}.sv"), true).unwrap();
        doc.put_object(entity, format!("{field}.fi"), ObjType::List).unwrap();
        doc.put_object(entity, format!("{field}#bad"), ObjType::Map).unwrap();
        doc.put(entity, format!("{field}#worse"), "not json").unwrap();
        doc.put(entity, format!("{field}#deep"), "[".repeat(100_000)).unwrap();
        doc.put(entity, format!("{field}/bad"), ScalarValue::Bytes(vec![0, 255])).unwrap();
        doc.put(entity, format!("{field}/"), 3).unwrap();
        doc.put(entity, *field, ScalarValue::counter(5)).unwrap();
    }
    for key in ["", "#", "/", ".", "order", "opened_ms", "removed", "made_by", "colour", "author", "_kept_"] {
        doc.put(entity, key, "{\"a\": [1, null]}").unwrap();
    }
}

#[test]
fn altered_fields_move_nobodys_promise() {
    let mut network = network();
    let before = states(&network);
    write(&mut network, false, |doc| {
        let commitment = entity(doc, Kind::Commitment, "c-04");
        doc.put(&commitment, "state", "\"accepted\"").unwrap();
        doc.put(&commitment, "owner#zzz", "\"p-09\"").unwrap();
        doc.put(&commitment, "requester#zzz", "\"p-09\"").unwrap();
        doc.put(&commitment, "due#zzz", "\"2030-01-01\"").unwrap();
        let participant = entity(doc, Kind::Participant, "p-09");
        doc.put(&participant, "network_role#zzz", "\"leader\"").unwrap();
    });
    look(&mut network);
    assert_eq!(states(&network), before);
    let view = network.commitment(0, "c-04");
    assert_eq!((view.owner.as_deref(), view.due.as_deref()), (Some("p-11"), Some("2027-03-31")));
    assert!(network.event(HOSTILE, "c-04", Event::Withdraw { reason: None }).is_err());
    assert!(network.event(HOSTILE, "c-04", Event::Cancel { reason: None }).is_err());
    assert!(network.event(1, "c-04", Event::ReportDone { evidence: Default::default() }).is_ok());
}

#[test]
fn records_that_say_nonsense_are_kept_and_change_nothing() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let before = states(&network);
    let payloads = [
        json!(null),
        json!({ "n": "one" }),
        json!({ "n": u64::MAX, "kind": "event", "commitment": "c-04", "event": { "type": "sing" }, "after": [] }),
        json!({ "n": u64::MAX, "kind": "settle", "entity": "meta/self", "field": "title", "replaces": ["x"] }),
        json!({ "n": 1, "kind": "admit", "member": "zz", "participant": "p-01", "name": "" }),
        json!({ "n": 99, "kind": "admit", "member": crate::harness::member(2).to_string(), "participant": "p-11", "name": "" }),
        json!({ "n": 5, "kind": "song", "verses": [1, 2] }),
    ];
    for (number, payload) in payloads.iter().enumerate() {
        let record = forged(HOSTILE, plan, u8::try_from(number + 1).unwrap(), payload);
        for workspace in &mut network.people {
            workspace.apply_batch(vec![record.clone()]);
        }
    }
    look(&mut network);
    assert_eq!(states(&network), before);
    assert_eq!(network.people[0].participant_of(&crate::harness::member(2)).as_deref(), Some("p-09"));
    let kept = network.people[0].records(plan).iter().filter(|record| record.log == log_of(HOSTILE));
    assert_eq!(kept.count(), payloads.len());
    network.happens(1, "c-04", Event::Log { text: Default::default() });
}

#[test]
fn changes_that_do_not_read_are_left_out_and_the_rest_goes_in() {
    let mut network = network();
    let document = network.people[0].plan_document();
    let garbage = vec![vec![], vec![0; 10], b"\x85\x6f\x4a\x83 nonsense".to_vec()];
    for workspace in &mut network.people {
        let log = log_of(HOSTILE);
        workspace.apply_batch(vec![Incoming { document, log, changes: garbage.clone(), records: Vec::new() }]);
    }
    network.happens(1, "c-04", Event::Log { text: Default::default() });
    network.exchange();
    look(&mut network);
    assert_eq!(first_change_hashes().len(), 1);
}
