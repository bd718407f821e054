//! Opening a plan from this device's own copies, which are read beside the replica.

use samverka_log::SlotId;

use crate::village::Village;
use crate::{Opening, Replica, Work, Worked, Workers, drive_store_beside};

/// Does everything when it is waited for: after all entries were read.
struct Late {
    work: Vec<Work>,
    damages: bool,
}

impl Workers for Late {
    fn begin(&mut self, mut work: Vec<Work>) {
        if self.damages {
            for work in &mut work {
                work.bytes[work.saved.clone()].fill(7);
            }
        }
        self.work.extend(work);
    }

    fn next(&mut self) -> Worked {
        self.work.pop().unwrap().run()
    }
}

/// A plan of two with a checkpoint of the second's, and what both did after that.
fn with_a_tail(seed: u64) -> Village {
    let mut village = Village::new(seed, 1);
    village.write(0, 5);
    village.promise(0);
    village.carry(0, 1);
    village.promise(1);
    let Village { people, rng, .. } = &mut village;
    people[1].replica.checkpoint(rng).unwrap();
    village.drive(1);
    village.write(1, 2);
    village.carry(1, 0);
    village.write(0, 2);
    village.promise(0);
    village.carry(0, 1);
    village
}

fn open_beside(village: &mut Village, damages: bool) -> usize {
    let now_ms = village.now_ms;
    let (own, rng) = (&mut village.people[1], &mut village.rng);
    let (space, keys) = (own.replica.space(), own.keys.clone());
    own.replica = Replica::open(Opening { space, keys, slot: SlotId(1) });
    let mut workers = Late { work: Vec::new(), damages };
    drive_store_beside(&mut own.replica, &mut own.store, now_ms, rng, &mut workers);
    assert!(own.replica.is_ready() && workers.work.is_empty());
    own.replica.checkpointed.len()
}

#[test]
fn documents_that_are_read_after_all_entries_are_as_those_that_are_read_first() {
    let mut village = with_a_tail(31);
    let expected = village.picture(1);
    village.restart(1);
    assert_eq!(village.picture(1), expected);
    assert!(open_beside(&mut village, false) > 0, "the checkpoint was used");
    assert_eq!(village.picture(1), expected);
    village.write(1, 1);
    village.carry(1, 0);
    assert_eq!(village.picture(0), village.picture(1), "it writes on where it was");
}

#[test]
fn a_copy_that_does_not_read_costs_time_and_nothing_else() {
    let mut village = with_a_tail(32);
    let expected = village.picture(1);
    assert_eq!(open_beside(&mut village, true), 0, "every entry was opened");
    assert_eq!(village.picture(1), expected);
}
