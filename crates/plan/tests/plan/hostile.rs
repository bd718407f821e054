//! An editor whose program does what it likes with the documents: views stand, and nobody's word is unsaid.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use samverka_plan::exchange::json;
use samverka_plan::{EntityRef, Event, Incoming, Kind, Language, State, first_change_hashes};
use serde_json::json;

use crate::harness::{Network, TODAY, edit, forged, incoming, log_of};

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
        let incoming =
            Incoming { document, log: log_of(HOSTILE), changes: garbage.clone(), records: Vec::new() };
        let left_out = workspace.apply_batch(vec![incoming]).left_out;
        assert_eq!(left_out.len(), garbage.len());
    }
    network.happens(1, "c-04", Event::Log { text: Default::default() });
    network.exchange();
    look(&mut network);
    assert_eq!(first_change_hashes().len(), 1);
}

#[test]
fn a_change_that_does_not_fit_is_named_and_others_of_its_batch_go_in() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let saved = network.people[HOSTILE].save(plan);
    let change_of = |area: &str| {
        let mut doc = AutoCommit::load(&saved).unwrap().with_actor(ActorId::from([66_u8; 16]));
        let meta = entity(&doc, Kind::Meta, "self");
        doc.put(&meta, "area", json!(area).to_string()).unwrap();
        doc.commit();
        doc.get_last_local_change().unwrap().raw_bytes().to_vec()
    };
    let honest = network.must(1, &edit(Kind::Goal, "g-1", &json!({ "level": "vision" })));
    let [honest] = incoming(&honest, log_of(1)).try_into().unwrap();
    let forked = |changes| Incoming { document: plan, log: log_of(HOSTILE), changes, records: Vec::new() };
    let batch = vec![forked(vec![change_of("norr"), change_of("söder")]), honest];
    let applied = network.people[0].apply_batch(batch);
    let [left_out] = applied.left_out.try_into().unwrap();
    assert_eq!((left_out.document, left_out.log), (plan, log_of(HOSTILE)));
    assert!(left_out.reason.contains("duplicate seq"), "{}", left_out.reason);
    assert_eq!(network.people[0].plain(&EntityRef::meta(), "area"), Some(json!("norr")));
    let goal = EntityRef::new(Kind::Goal, "g-1");
    assert_eq!(network.people[0].single(&goal, "level"), Some(json!("vision")));
}

/// Everybody gets a record that one person's program made up.
fn give(network: &mut Network, record: &Incoming) {
    for workspace in &mut network.people {
        workspace.apply_batch(vec![record.clone()]);
    }
}

fn names(network: &Network, commitment: &str) -> Vec<String> {
    network.people[0].events(commitment).into_iter().map(|event| event.record).collect()
}

fn event(n: u64, commitment: &str, event: &serde_json::Value, after: &[String]) -> serde_json::Value {
    json!({ "n": n, "kind": "event", "commitment": commitment, "event": event, "after": after })
}

#[test]
fn two_records_of_one_name_take_no_effect_from_what_others_built_on_them() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let log = json!({ "type": "log", "text": {} });
    let mut long = event(50, "c-04", &log, &names(&network, "c-04"));
    long["_"] = json!(2);
    give(&mut network, &forged(HOSTILE, plan, 3, &long));
    network.happens(1, "c-04", Event::ReportDone { evidence: Default::default() });
    network.exchange();
    assert_eq!(network.commitment(0, "c-04").state, State::ReportedDone);
    // The same name again, lesser than the first, and building on nothing.
    let mut empty = event(1, "c-04", &log, &[]);
    empty["_"] = json!(1);
    give(&mut network, &forged(HOSTILE, plan, 3, &empty));
    look(&mut network);
    assert_eq!(network.commitment(0, "c-04").state, State::ReportedDone);
}

#[test]
fn two_records_on_who_is_who_take_no_effect_from_what_others_said_since() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let member = crate::harness::member(HOSTILE).to_string();
    let heads = roster_heads(&network);
    let admit = |participant: &str, roster: &[String]| json!({ "n": 70, "kind": "admit", "member": member, "participant": participant, "name": "", "roster": roster });
    give(&mut network, &forged(HOSTILE, plan, 4, &admit("p-11", &heads)));
    network.happens(1, "c-04", Event::ReportDone { evidence: Default::default() });
    network.exchange();
    give(&mut network, &forged(HOSTILE, plan, 4, &admit("p-01", &[])));
    look(&mut network);
    assert_eq!(network.commitment(0, "c-04").state, State::ReportedDone);
}

/// What an honest statement would name as the newest on who is who.
fn roster_heads(network: &Network) -> Vec<String> {
    let plan = network.people[0].plan_document();
    let payloads = network.people[0].records(plan).iter().map(|record| (record.name(), &record.payload));
    payloads
        .filter(|(_, payload)| {
            let statement: serde_json::Value = serde_json::from_slice(payload).unwrap();
            ["admit", "place", "imported"].contains(&statement["kind"].as_str().unwrap())
        })
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn records_that_claim_each_other_as_causes_do_no_harm() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let name = |id: u8| format!("{}{}", format!("{id:02x}").repeat(16), format!("{:02x}", 202).repeat(8));
    assert_eq!(forged(HOSTILE, plan, 9, &json!(null)).records[0].name(), name(9));
    let withdraw = json!({ "type": "withdraw" });
    for id in 10..40 {
        let after = [name(if id == 39 { 10 } else { id + 1 }), name(id)];
        give(&mut network, &forged(HOSTILE, plan, id, &event(1, "c-04", &withdraw, &after)));
    }
    look(&mut network);
    assert_eq!(network.commitment(0, "c-04").state, State::UnderWay);
    network.happens(1, "c-04", Event::ReportDone { evidence: Default::default() });
    network.exchange();
    look(&mut network);
    assert_eq!(network.commitment(0, "c-04").state, State::ReportedDone);
}

#[test]
fn a_talk_with_somebody_who_named_records_in_a_circle_can_be_settled() {
    let mut network = Network::sample(&["p-01", "p-04", "p-11"]);
    let plan = network.people[0].plan_document();
    let name = |id: u8| forged(HOSTILE, plan, id, &json!(null)).records[0].name();
    let log = json!({ "type": "log", "text": {} });
    // A helper's own words, in a circle; then the leader calls it off apart from them.
    let beginning = names(&network, "c-05");
    network.happens(0, "c-05", Event::Cancel { reason: None });
    for (id, other) in [(3, 4), (4, 3)] {
        let after: Vec<String> = beginning.iter().cloned().chain([name(other)]).collect();
        let mut said = event(1, "c-05", &log, &after);
        said["roster"] = json!(roster_heads(&network));
        give(&mut network, &forged(HOSTILE, plan, id, &said));
    }
    network.exchange();
    assert_eq!(network.commitment(0, "c-05").state, State::NeedsTalk);
    let settle = serde_json::from_value(json!({ "type": "settle_talk", "state": "cancelled" })).unwrap();
    network.happens(0, "c-05", settle);
    network.exchange();
    look(&mut network);
    assert_eq!(network.commitment(0, "c-05").state, State::Cancelled);
}

#[test]
fn nobody_begins_a_commitment_that_somebody_else_began() {
    let mut network = network();
    let plan = network.people[0].plan_document();
    let title = [("title".to_owned(), json!({ "sv": "Skjutsa barnen" }))];
    let command = samverka_plan::Command::Add {
        kind: Kind::Commitment,
        id: None,
        board: None,
        fields: title.into_iter().chain([("owner".to_owned(), json!("p-11"))]).collect(),
    };
    let id = network.must(1, &command).outcome.entities[0].id.clone();
    network.happens(1, &id, Event::Promise { subject_to: None });
    network.exchange();
    let terms = json!({ "owner": "p-09", "requester": "p-09" });
    let mut begin = event(1, &id, &json!({ "type": "suggest" }), &[]);
    begin["terms"] = terms;
    give(&mut network, &forged(HOSTILE, plan, 0, &begin));
    look(&mut network);
    let view = network.commitment(0, &id);
    assert_eq!((view.state, view.owner.as_deref()), (State::Promised, Some("p-11")));
    assert!(network.event(HOSTILE, &id, Event::Cancel { reason: None }).is_err());
}
