//! Views thing by thing: whoever asks again for what a delta names has the same on the screen as whoever asks for
//! everything.

use std::collections::BTreeMap;

use proptest::prelude::*;
use samverka_plan::{Command, Delta, EntityRef, EntityView, Event, Incoming, Kind, Language, ViewContext};
use serde_json::json;

use crate::convergence::{CLUSTERS, COMMITMENTS, NOTES, PARTICIPANTS, command, shuffle};
use crate::harness::{Network, TODAY, add, admit, edit, member};

/// What a person has on the screen.
struct Screen {
    context: ViewContext,
    views: BTreeMap<EntityRef, EntityView>,
}

impl Screen {
    fn of(network: &Network, person: usize) -> Self {
        let context =
            ViewContext { language: Language::SvFi, today: TODAY.to_owned(), me: Some(member(person)) };
        let mut screen = Self { context, views: BTreeMap::new() };
        screen.show(network, person, &Delta { everything: true, ..Delta::default() });
        screen
    }

    fn show(&mut self, network: &Network, person: usize, delta: &Delta) {
        let workspace = &network.people[person];
        if delta.everything {
            let all = workspace.all_views(&self.context);
            self.views = all.into_iter().map(|view| (view.entity(), view)).collect();
        }
        for entity in delta.to_show() {
            match workspace.view_of(entity, &self.context) {
                Some(view) => drop(self.views.insert(entity.clone(), view)),
                None => drop(self.views.remove(entity)),
            }
        }
    }

    /// The screen is what somebody sees who comes to it now.
    fn check(&self, network: &Network, person: usize, what: &str) {
        let workspace = &network.people[person];
        let all = workspace.all_views(&self.context);
        let fresh: BTreeMap<EntityRef, EntityView> =
            all.into_iter().map(|view| (view.entity(), view)).collect();
        for (entity, view) in &fresh {
            assert_eq!(self.views.get(entity), Some(view), "after {what}");
        }
        assert_eq!(self.views.len(), fresh.len(), "after {what}");
    }
}

/// Who does something, or gets something.
#[derive(Clone, Debug)]
enum Step {
    Does { person: usize, what: usize, which: usize, how: usize },
    Settles { person: usize },
    Gets { person: usize, count: usize, seed: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_usize, 0..44_usize, 0..4_usize, 0..3_usize)
            .prop_map(|(person, what, which, how)| Step::Does { person, what, which, how }),
        2 => (0..3_usize, 24..44_usize, 0..4_usize, 0..3_usize)
            .prop_map(|(person, what, which, how)| Step::Does { person, what, which, how }),
        1 => (0..3_usize).prop_map(|person| Step::Settles { person }),
        2 => (0..3_usize, 1..8_usize, any::<u64>())
            .prop_map(|(person, count, seed)| Step::Gets { person, count, seed }),
    ]
}

/// More that people do, for what views show of other things.
fn more(what: usize, which: usize, how: usize) -> Command {
    let text = json!({ "sv": (["Fråga församlingen om lokal", "Be församlingen om en lokal", "x"][how]) });
    let member_of = |kind, id: &str, field: &str, one: &str| Command::Members {
        entity: EntityRef::new(kind, id),
        field: field.to_owned(),
        add: if how == 0 { BTreeMap::new() } else { [(one.to_owned(), json!(true))].into() },
        remove: if how == 0 { vec![one.to_owned()] } else { Vec::new() },
    };
    match what {
        24 => edit(Kind::Commitment, COMMITMENTS[which], &json!({ "title": text })),
        25 => member_of(Kind::Commitment, COMMITMENTS[which], "goals", ["g-1", "g-2", "g-3"][which % 3]),
        26 => member_of(Kind::Goal, "g-1", "indicators", ["i-1", "i-2", "i-3", "i-9"][which]),
        27 => edit(Kind::Indicator, ["i-1", "i-2", "i-3"][how], &json!({ "target": { "value": which } })),
        28 => add(Kind::Indicator, "i-9", &json!({ "name": text })),
        29 => add(Kind::FollowUp, "f-1", &json!({ "goal": "g-1", "commitment": (COMMITMENTS[which]) })),
        30 => edit(Kind::FollowUp, "f-1", &json!({ "goal": (["g-1", "g-2", "g-3"][how]) })),
        31 => edit(Kind::Note, NOTES[which], &json!({ "x": which, "y": how })),
        32 => admit(which % 3, PARTICIPANTS[how]),
        33 => Command::Profile {
            name: format!("namn {which}"),
            organisation: String::new(),
            role_title: String::new(),
            language: ["sv-FI", "fi", "en"][how].to_owned(),
        },
        34 => add(Kind::Organisation, ["o-1", "o-2", "o-3", "o-4"][which], &json!({ "name": text })),
        35 => add(Kind::Cluster, CLUSTERS[which], &json!({ "title": text })),
        36 => add(Kind::Cluster, "z", &json!({ "title": text, "redirect_to": (CLUSTERS[which]) })),
        37 => edit(Kind::Note, NOTES[which], &json!({ "cluster": (["z", "cl-1", "unknown"][how]) })),
        38 => edit(
            Kind::Participant,
            PARTICIPANTS[how],
            &json!({ "network_role": (["leader", "member"][which % 2]) }),
        ),
        39 => edit(Kind::Tie, "tie-0000", &json!({ "now": which })),
        40 => Command::CloseVote { vote: "v-1".to_owned() },
        41 => Command::MergeParticipants {
            from: PARTICIPANTS[how].to_owned(),
            into: ["p-02", "p-14", "p-01", "p-05"][which].to_owned(),
        },
        _ => {
            let kind = if which == 0 { Kind::Organisation } else { Kind::Participant };
            let (of, other) = if which == 0 { ("o-elev", "o-hem") } else { (PARTICIPANTS[how], "p-14") };
            edit(kind, of, &json!({ "same_as": (if which == 3 { "unknown" } else { other }) }))
        }
    }
}

fn settle(network: &mut Network, person: usize) -> Vec<Delta> {
    let mut deltas = Vec::new();
    for question in network.people[person].open_questions() {
        let keep = question.answers[0].id.clone();
        let settle = Command::Settle { entity: question.entity, field: question.field, keep };
        // Not everybody may settle everything; then nothing happens.
        deltas.extend(network.execute(person, &settle).map(|executed| executed.delta));
    }
    deltas
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_screen_kept_by_deltas_is_a_screen_drawn_anew(steps in prop::collection::vec(step(), 1..40)) {
        let mut network = Network::sample(&PARTICIPANTS);
        let mut screens: Vec<Screen> = (0..3).map(|person| Screen::of(&network, person)).collect();
        for step in steps {
            let (person, deltas) = match step {
                Step::Does { person, what, which, how } => {
                    let command =
                        if what < 24 { command(what, which, how) } else { more(what, which, how) };
                    // A command that does not fit is refused: that is one of the outcomes.
                    let executed = network.execute(person, &command);
                    (person, executed.into_iter().map(|executed| executed.delta).collect())
                }
                Step::Settles { person } => (person, settle(&mut network, person)),
                Step::Gets { person, count, seed } => {
                    // The newest in any order, and so with holes between: what does not fit yet waits.
                    let mut sent: Vec<usize> = (0..network.sent.len()).rev().take(count * 2).collect();
                    shuffle(&mut sent, seed);
                    let batch: Vec<Incoming> =
                        sent.into_iter().take(count).map(|index| network.sent[index].1.clone()).collect();
                    (person, vec![network.people[person].apply_batch(batch).delta])
                }
            };
            for delta in deltas {
                screens[person].show(&network, person, &delta);
            }
            screens[person].check(&network, person, &format!("{step:?}"));
        }
    }
}

fn named(delta: &Delta) -> (Vec<String>, Vec<String>) {
    assert!(!delta.everything, "{delta:?}");
    let names = |entities: &[EntityRef]| {
        entities.iter().map(|entity| format!("{}/{}", entity.kind.container(), entity.id)).collect()
    };
    (names(&delta.entities), names(&delta.also))
}

#[test]
fn a_delta_names_what_was_changed_and_beside_it_what_looks_different() {
    let mut network = Network::sample(&PARTICIPANTS);
    let screen = Screen::of(&network, 0);
    let title = |title: &str| json!({ "title": { "sv": title } });
    let mut say = |command: Command| named(&network.must(0, &command).delta);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();

    let moved = say(edit(Kind::Note, "n-001", &json!({ "cluster": "cl-2" })));
    assert_eq!(moved, (words(&["notes/n-001"]), words(&["clusters/cl-1", "clusters/cl-2"])));

    let (changed, beside) = say(Command::MergeClusters { from: "cl-3".to_owned(), into: "cl-2".to_owned() });
    assert_eq!(changed, ["clusters/cl-3"]);
    let notes = screen
        .views
        .values()
        .filter(|view| matches!(view, EntityView::Note(note) if note.cluster.as_deref() == Some("cl-3")));
    let mut expected: Vec<String> = notes.map(|note| format!("notes/{}", note.entity().id)).collect();
    assert!(!expected.is_empty());
    expected.push("clusters/cl-2".to_owned());
    assert_eq!(beside, expected);

    say(edit(Kind::Commitment, "c-04", &title("Fråga församlingen om lokal")));
    let alike = say(edit(Kind::Commitment, "c-05", &title("Be församlingen om en lokal")));
    assert_eq!(alike, (words(&["commitments/c-05"]), words(&["commitments/c-04"])));
    let log = Event::Withdraw { reason: None };
    let unlike = network.event(1, "c-04", log).unwrap();
    assert_eq!(named(&unlike.delta).0, ["commitments/c-04"], "an event names its commitment");
    let batch = network.sent.last().unwrap().1.clone();
    let elsewhere = network.people[0].apply_batch(vec![batch]).delta;
    assert_eq!(named(&elsewhere), (words(&["commitments/c-04"]), words(&["commitments/c-05"])));

    let profile = Command::Profile {
        name: "Rektorn".to_owned(),
        organisation: String::new(),
        role_title: String::new(),
        language: "fi".to_owned(),
    };
    assert_eq!(named(&network.must(0, &profile).delta), (words(&["participants/p-01"]), Vec::new()));
    let goals = Command::Members {
        entity: EntityRef::new(Kind::Commitment, "c-05"),
        field: "goals".to_owned(),
        add: [("g-2".to_owned(), json!(true))].into(),
        remove: Vec::new(),
    };
    let served = named(&network.must(0, &goals).delta);
    assert_eq!(served, (words(&["commitments/c-05"]), words(&["goals/g-2"])));
}
