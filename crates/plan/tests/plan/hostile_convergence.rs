//! Whoever has the same records shows the same, whatever a hostile device puts into them and in whatever order they
//! come: names used twice, causes made up, circles, words of somebody else's.

use proptest::prelude::*;
use samverka_plan::{Command, Event, Incoming, Kind, VerifiedRecord};
use serde_json::{Value as Json, json};

use crate::convergence::shuffle;
use crate::harness::{Network, add, forged, member};

const PARTICIPANTS: [&str; 3] = ["p-01", "p-11", "p-05"];
const HOSTILE: usize = 2;

/// One record of a hostile device: which name, what, and which other records it claims to build on.
#[derive(Clone, Debug)]
struct Forged {
    id: u8,
    what: usize,
    after: Vec<prop::sample::Index>,
    roster: Vec<prop::sample::Index>,
    own: Vec<u8>,
}

fn hostile_record() -> impl Strategy<Value = Forged> {
    let some = || prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    (1..6_u8, 0..16_usize, some(), some(), prop::collection::vec(1..6_u8, 0..3))
        .prop_map(|(id, what, after, roster, own)| Forged { id, what, after, roster, own })
}

fn payload(network: &Network, forged_record: &Forged) -> Json {
    let plan = network.people[0].plan_document();
    let names: Vec<String> = network.people[0].records(plan).iter().map(VerifiedRecord::name).collect();
    let own = |id: &u8| forged(HOSTILE, plan, *id, &Json::Null).records[0].name();
    let picked = |some: &[prop::sample::Index]| {
        let known = some.iter().map(|index| names[index.index(names.len())].clone());
        known.chain(forged_record.own.iter().map(own)).collect::<Vec<_>>()
    };
    let (after, roster) = (picked(&forged_record.after), picked(&forged_record.roster));
    let event = |event: Json| json!({ "n": 3, "kind": "event", "commitment": "c-04", "event": event, "after": after, "roster": roster });
    let said = |body: Json| {
        let mut body = body;
        body["n"] = json!(u64::MAX);
        body["roster"] = json!(roster);
        body
    };
    let hostile = member(HOSTILE).to_string();
    match forged_record.what {
        0 => event(json!({ "type": "log", "text": { "sv": "x" } })),
        1 => event(json!({ "type": "withdraw" })),
        2 => event(json!({ "type": "renegotiate", "new": "2030-01-01" })),
        3 => event(json!({ "type": "propose_due", "due": "2029-01-01" })),
        4 => event(json!({ "type": "settle_talk", "state": "accepted" })),
        5 => event(json!({ "type": "agree" })),
        6 => event(json!({ "type": "hand_over", "to": "p-05" })),
        7 => event(json!({ "type": "promise" })),
        8 => event(json!({ "type": "with", "add": ["p-05"], "remove": ["p-11"] })),
        9 => {
            let mut suggest = event(json!({ "type": "suggest" }));
            suggest["terms"] = json!({ "owner": "p-05", "requester": "p-05" });
            suggest
        }
        10 => said(json!({ "kind": "admit", "member": hostile, "participant": "p-11", "name": "" })),
        11 => {
            said(json!({ "kind": "place", "participant": "p-05", "org": "o-hem", "network_role": "leader" }))
        }
        12 => said(json!({ "kind": "place", "participant": "p-05", "org": "o-hem" })),
        13 => said(json!({ "kind": "imported", "events": { "c-04": [{ "kind": "accept", "by": "p-11" }] },
            "terms": { "c-04": { "owner": "p-05" } }, "people": { "p-05": { "network_role": "leader" } } })),
        14 => {
            said(json!({ "kind": "ballot", "vote": "v-1", "dots": { "cl-1": 4_000_000_000_u32, "cl-2": 1 } }))
        }
        _ => said(json!({ "kind": "settle", "entity": "goals/g-1", "field": "level", "replaces": names })),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn hostile_records_make_no_two_replicas_differ(
        records in prop::collection::vec((hostile_record(), 0..3_usize), 1..16),
        seed in any::<u64>(),
    ) {
        let mut network = Network::sample(&PARTICIPANTS);
        let mut all: Vec<Incoming> = Vec::new();
        for (hostile, honest) in &records {
            let plan = network.people[0].plan_document();
            let record = forged(HOSTILE, plan, hostile.id, &payload(&network, hostile));
            all.push(record.clone());
            network.people[0].apply_batch(vec![record]);
            let event = match honest {
                0 => Event::Log { text: Default::default() },
                1 => Event::ProposeDue { due: "2027-05-01".to_owned(), reason: None },
                _ => Event::Cancel { reason: None },
            };
            // Whoever is refused says nothing.
            let _refused = network.event(*honest % 2, "c-04", event);
            let _refused = network.execute(1, &add(Kind::Commitment, "own", &json!({ "title": { "sv": "eget" } })));
            let _refused = network.execute(1, &Command::Commitment { id: "own".to_owned(), event: Event::Promise { subject_to: None } });
        }
        let honest: Vec<Incoming> = network.sent.iter().map(|(_, incoming)| incoming.clone()).collect();
        all.extend(honest);
        for person in 0..3 {
            let mut order: Vec<usize> = (0..all.len()).collect();
            shuffle(&mut order, seed.wrapping_add(u64::try_from(person).unwrap()));
            for few in order.chunks(4) {
                let batch = few.iter().map(|index| all[*index].clone()).collect();
                network.people[person].apply_batch(batch);
            }
        }
        network.assert_equal();
        for person in &network.people {
            let standings: Vec<_> = ["c-04", "own"].iter().map(|id| person.standing(id)).collect();
            let first: Vec<_> = ["c-04", "own"].iter().map(|id| network.people[0].standing(id)).collect();
            assert_eq!(standings, first);
            assert_eq!(person.totals("v-1"), network.people[0].totals("v-1"));
            assert_eq!(person.open_questions(), network.people[0].open_questions());
            assert_eq!(person.participant_of(&member(HOSTILE)).as_deref(), Some("p-05"));
        }
        // A helper of nobody's: no word of theirs ends or moves what is promised.
        let standing = network.people[0].standing("c-04");
        assert_eq!(standing.owner.as_deref(), Some("p-11"));
        assert_ne!(standing.due.as_deref(), Some("2030-01-01"));
        assert_eq!(network.people[0].standing("own").begun_by.as_deref(), Some("p-11"));
    }
}
