//! Whoever has the same has the same: whatever people do, in whatever order and how often it arrives.

use proptest::prelude::*;
use samverka_plan::{Command, EntityRef, Event, Incoming, Kind};
use serde_json::json;

use crate::harness::{Network, add, edit};

/// Who does something, or gets something.
#[derive(Clone, Debug)]
enum Step {
    Does { person: usize, what: usize, which: usize, how: usize },
    Gets { person: usize, from: usize, count: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_usize, 0..24_usize, 0..4_usize, 0..3_usize)
            .prop_map(|(person, what, which, how)| Step::Does { person, what, which, how }),
        1 => (0..3_usize, any::<prop::sample::Index>(), 1..6_usize)
            .prop_map(|(person, from, count)| Step::Gets { person, from: from.index(1000), count }),
    ]
}

pub(crate) const COMMITMENTS: [&str; 4] = ["c-01", "c-04", "c-05", "x"];
pub(crate) const NOTES: [&str; 4] = ["n-001", "n-002", "n-003", "y"];
pub(crate) const CLUSTERS: [&str; 4] = ["cl-1", "cl-2", "cl-3", "cl-4"];
pub(crate) const PARTICIPANTS: [&str; 3] = ["p-01", "p-11", "p-05"];

/// One of many commands; many of them do not fit where things stand, and then nothing happens.
pub(crate) fn command(what: usize, which: usize, how: usize) -> Command {
    let texts =
        [json!({ "sv": "kort" }), json!({ "sv": "en längre text", "fi": "pitkä" }), json!({ "sv": "" })];
    let commitment = |event| Command::Commitment { id: COMMITMENTS[which].to_owned(), event };
    let date = ["2027-04-07", "2027-04-14", "2027-W20"][how].to_owned();
    match what {
        0 => add(Kind::Commitment, "x", &json!({ "title": texts[how], "owner": (PARTICIPANTS[how]) })),
        1 => add(Kind::Note, "y", &json!({ "text": texts[how], "cluster": (CLUSTERS[which]) })),
        2 => edit(Kind::Commitment, COMMITMENTS[which], &json!({ "done_when": texts[how] })),
        3 => edit(Kind::Note, NOTES[which], &json!({ "text": texts[how] })),
        4 => edit(Kind::Note, NOTES[which], &json!({ "state": (["archived", "parked", "revealed"][how]) })),
        5 => edit(Kind::Note, NOTES[which], &json!({ "cluster": (CLUSTERS[how]) })),
        6 => edit(
            Kind::Goal,
            "g-1",
            &json!({ "level": (["vision", "process", "outcome"][how]), "themes": [(CLUSTERS[which]), "cl-1"] }),
        ),
        7 => Command::MergeClusters { from: CLUSTERS[which].to_owned(), into: CLUSTERS[how].to_owned() },
        8 => commitment(Event::Promise { subject_to: None }),
        9 => commitment(Event::Log { text: [("sv".to_owned(), date)].into() }),
        10 => commitment(Event::Renegotiate { old: None, new: date, reason: None }),
        11 => commitment(Event::Cancel { reason: None }),
        12 => commitment(Event::ReportDone { evidence: Default::default() }),
        13 => commitment([Event::Accept, Event::NotYet { reason: None }, Event::KeepDue][how].clone()),
        14 => commitment(Event::HandOver { to: PARTICIPANTS[how].to_owned(), reason: None }),
        15 => Command::Ballot { vote: "v-1".to_owned(), dots: [(CLUSTERS[which].to_owned(), 1)].into() },
        16 => Command::Members {
            entity: EntityRef::new(Kind::Goal, "g-2"),
            field: "themes".to_owned(),
            add: [(CLUSTERS[how].to_owned(), json!(true))].into(),
            remove: vec![CLUSTERS[which].to_owned()],
        },
        17 => Command::MergeCommitments {
            from: COMMITMENTS[which].to_owned(),
            into: COMMITMENTS[how].to_owned(),
        },
        18 => commitment(Event::Agree),
        19 => edit(Kind::Commitment, COMMITMENTS[which], &json!({ "requester": (PARTICIPANTS[how]) })),
        20 => {
            edit(Kind::Participant, PARTICIPANTS[how], &json!({ "org": (["o-hem", "o-skola"][which % 2]) }))
        }
        21 => Command::Stance { decision: "d-1".to_owned(), supports: how == 0, text: Default::default() },
        22 => commitment(Event::Request { to: PARTICIPANTS[how].to_owned() }),
        _ => edit(Kind::Meta, "self", &json!({ "purpose": texts[how], "next_review": date })),
    }
}

/// Settles whatever questions one person sees, so that settlements are part of what goes about.
pub(crate) fn settle(network: &mut Network, person: usize) {
    for question in network.people[person].open_questions() {
        let keep = question.answers[0].id.clone();
        // Not everybody may settle everything; then nothing happens.
        let _refused = network
            .execute(person, &Command::Settle { entity: question.entity, field: question.field, keep });
    }
}

fn deliver(network: &mut Network, person: usize, what: impl Iterator<Item = usize>) {
    let batch: Vec<Incoming> = what.map(|index| network.sent[index].1.clone()).collect();
    network.people[person].apply_batch(batch);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn three_writers_end_with_the_same(steps in prop::collection::vec(step(), 1..50), seed in any::<u64>()) {
        let mut network = Network::sample(&PARTICIPANTS);
        for step in steps {
            match step {
                Step::Does { person, what, which, how } => {
                    // A command that does not fit is refused: that is one of the outcomes.
                    let _refused = network.execute(person, &command(what, which, how));
                }
                Step::Gets { person, from, count } => {
                    let from = from % network.sent.len();
                    let to = (from + count).min(network.sent.len());
                    deliver(&mut network, person, from..to);
                    settle(&mut network, person);
                }
            }
        }
        for person in 0..3 {
            let count = network.sent.len();
            let mut order: Vec<usize> = (0..count).chain(0..count.min(7)).collect();
            shuffle(&mut order, seed.wrapping_add(u64::try_from(person).unwrap()));
            for few in order.chunks(3) {
                deliver(&mut network, person, few.iter().copied());
            }
        }
        network.assert_equal();
        assert_saved_and_loaded_alike(&mut network);
    }
}

/// Puts a list into an order that a seed decides (a linear congruential step; only variety matters here).
pub(crate) fn shuffle(order: &mut [usize], mut seed: u64) {
    for last in (1..order.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(seed >> 33).unwrap() % (last + 1);
        order.swap(last, other);
    }
}

/// A workspace that is loaded from what another saved shows the same.
fn assert_saved_and_loaded_alike(network: &mut Network) {
    let mut loaded = Network::new(3);
    for document in network.people[0].documents() {
        let saved = network.people[0].save(document);
        let records = network.people[0].records(document).to_vec();
        loaded.people[0].load(document, &saved, records).unwrap();
    }
    network.people[1] = loaded.people.swap_remove(0);
    network.assert_equal();
}
