//! What simulated worlds and decoders have found, each told as shortly as it goes.

use samverka_world::{End, Trouble, World};

const FOUNDER: usize = 0;
const MEMBER: usize = 1;
const OTHER: usize = 2;

/// Found by seeds 1 and 9: with disks that take their time, a device had to be woken for what it could only do once its
/// disk had answered.
#[test]
fn a_device_that_waits_for_its_disk_is_not_woken_for_what_comes_after() {
    let mut world = World::with_disks(9, 2, 2, 60);
    for person in [FOUNDER, MEMBER] {
        world.connect(person, 1);
    }
    for turn in 0..6 {
        world.act(turn % 2);
    }
    world.rest();
    let status = world.replica(MEMBER).status();
    assert!(status.relays.iter().all(|relay| relay.lacking == 0), "{status:?}");
}

/// Found by seed 30: a relay greeted while the store was being read, and the device came as nobody.
#[test]
fn a_relay_that_greets_while_the_store_is_read_is_told_who_comes() {
    let mut world = World::with_disks(30, 1, 1, 60);
    world.kill_person(FOUNDER);
    world.connect(FOUNDER, 0);
    world.rest();
    let status = world.replica(FOUNDER).status();
    assert!(status.relays[0].connected, "{status:?}");
}

/// Found by reading for the simulator: removing somebody writes twice to one log. Where the first write failed, the
/// second was in the wrong place and was given up, and whoever started again had removed somebody without a new key.
#[test]
fn what_follows_a_write_that_failed_is_written_after_it() {
    let mut world = World::new(3, 3, 1);
    world.set_trouble(End::Person(FOUNDER), Some(Trouble::Full));
    world.remove(FOUNDER, OTHER);
    assert!(world.replica(FOUNDER).store_failure().is_some());
    let unsaved = world.replica(FOUNDER).status().unsaved;
    assert!(unsaved >= 2, "{unsaved}");
    world.set_trouble(End::Person(FOUNDER), None);
    world.rest();
    let (failure, status) = (world.replica(FOUNDER).store_failure(), world.replica(FOUNDER).status());
    assert!(failure.is_none() && status.unsaved == 0, "{failure:?} {status:?}");
    let before = world.replica(FOUNDER).membership();
    world.restart(FOUNDER);
    assert_eq!(world.replica(FOUNDER).membership(), before);
}

#[test]
fn what_is_called_saved_is_on_the_disk() {
    let mut world = World::new(4, 2, 1);
    world.set_trouble(End::Person(MEMBER), Some(Trouble::Full));
    world.act(MEMBER);
    assert!(world.replica(MEMBER).status().unsaved > 0);
    world.set_trouble(End::Person(MEMBER), None);
    world.rest();
    let (status, typed) = (world.replica(MEMBER).status(), world.people[MEMBER].typed.clone());
    assert_eq!(status.unsaved, 0);
    world.restart(MEMBER);
    let export = world.export(MEMBER);
    assert!(typed.iter().all(|text| export.contains(text.as_str())), "{typed:?}");
}

#[test]
fn a_full_relay_is_left_alone_for_a_while_and_gets_everything_when_there_is_room() {
    let mut world = World::new(5, 2, 1);
    world.go_offline(MEMBER);
    for _ in 0..4 {
        world.act(MEMBER);
    }
    world.set_trouble(End::Relay(0), Some(Trouble::Full));
    world.keep_frames();
    world.connect(MEMBER, 0);
    world.rest();
    let frames = world.kept_frames().len();
    assert!(frames < 80, "{frames} frames in a minute");
    let status = world.replica(MEMBER).status();
    assert!(status.relays[0].lacking_own > 0 && status.unsaved == 0, "{status:?}");
    world.set_trouble(End::Relay(0), None);
    world.rest();
    let status = world.replica(MEMBER).status();
    assert!(status.relays[0].lacking == 0, "{status:?}");
}

/// Found by seed 72: a device whose clock was set back and that started again told less than before, for years.
#[test]
fn a_device_whose_clock_goes_back_is_believed_all_the_same() {
    let mut world = World::new(72, 2, 1);
    world.set_clock(MEMBER, -3 * 365 * 86_400_000);
    world.restart(MEMBER);
    world.connect(MEMBER, 0);
    world.act(FOUNDER);
    world.rest();
    let status = world.replica(FOUNDER).status();
    assert!(status.devices.iter().all(|device| device.lacking == 0), "{status:?}");
}

/// Found by seed 176: the relay said that it does not carry the plan before its founding was on the disk, and was not
/// brought it on that connection.
#[test]
fn a_plan_reaches_a_relay_that_was_asked_before_its_founding_was_durable() {
    for seed in 170..180 {
        let world = World::with_disks(seed, 1, 1, 60);
        let status = world.replica(FOUNDER).status();
        assert!(status.relays[0].connected && status.only_here == 0, "seed {seed}: {status:?}");
    }
}

/// Found by seed 163: a write that went well in between hid one that had failed, which nobody tried again then, and
/// everything after it waited behind it.
#[test]
fn a_write_that_goes_well_does_not_hide_one_that_failed() {
    for seed in 0..20 {
        let mut world = World::new(seed, 3, 1);
        world.set_trouble(End::Person(FOUNDER), Some(Trouble::Flaky));
        world.remove(FOUNDER, OTHER);
        for _ in 0..4 {
            world.act(FOUNDER);
        }
        world.set_trouble(End::Person(FOUNDER), None);
        world.rest();
        let (failure, status) = (world.replica(FOUNDER).store_failure(), world.replica(FOUNDER).status());
        assert!(failure.is_none() && status.unsaved == 0, "seed {seed}: {failure:?} {status:?}");
    }
}

/// Found by seed 177: what came while the documents were built anew, because somebody's rights had changed, was settled
/// before what its own log had before it, and both waited for each other from then on.
#[test]
fn what_comes_while_documents_are_built_anew_is_settled_in_its_place() {
    samverka_world::check_seed(177).unwrap_or_else(|report| panic!("{report}"));
}
