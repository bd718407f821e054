//! Plays a script, and holds the world against the model after every step and at the end.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::RngExt as _;
use samverka_testkit::rng;

use crate::disk::Trouble;
use crate::model::{Expected, check_end, observe};
use crate::person::Foreign;
use crate::relay::Malice;
use crate::script::{Kind, Script, Step};
use crate::shrink::shrink;
use crate::world::{End, World};

/// People in one world at most.
const PEOPLE_MAX: usize = 8;

/// How far clocks go wrong: ten years.
const SKEW_MS_MAX: i64 = 10 * 365 * 86_400_000;

/// A script, and what was wrong in its world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// After which step it showed; none: at the end, when everybody had met.
    pub after_step: Option<usize>,
    /// What was wrong.
    pub what: String,
}

/// How to see a failing seed again.
pub fn replay_hint(seed: u64) -> String {
    format!("run it again with `SAMVERKA_SEED={seed} cargo xtask soak`")
}

/// Plays the script of a seed; where it fails, says so with the shortest script that fails as well.
///
/// # Errors
/// What was wrong, with how to see it again.
pub fn check_seed(seed: u64) -> Result<(), String> {
    let script = Script::of(seed);
    let Err(failure) = run(&script) else { return Ok(()) };
    let (short, why) = shrink(&script, &failure);
    Err(format!(
        "seed {seed}: {}\n{}\nin its shortest form: {}\n{short}",
        failure.what,
        replay_hint(seed),
        why.what
    ))
}

/// Plays a script.
///
/// # Errors
/// [`Failure`]: a machine panicked, or something did not hold.
pub fn run(script: &Script) -> Result<(), Failure> {
    let mut at = None;
    let played = catch_unwind(AssertUnwindSafe(|| play(script, &mut at)));
    let what = match played {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(what)) => what,
        Err(panic) => format!("panicked: {}", words_of(&*panic)),
    };
    Err(Failure { after_step: at, what })
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word").to_owned()
}

/// What a script has done to its world that the model has to know.
#[derive(Default)]
struct Past {
    questioned: BTreeSet<usize>,
}

fn play(script: &Script, at: &mut Option<usize>) -> Result<(), String> {
    let mut world = World::with_disks(script.seed, script.people, script.relays, script.disk_delay_ms);
    let mut past = Past::default();
    for (number, step) in script.steps.iter().enumerate() {
        *at = Some(number);
        world.rng = rng(step.seed);
        take(&mut world, step, &mut past);
        observe(&mut world)?;
    }
    *at = None;
    world.rng = rng(script.seed);
    everybody_meets(&mut world)?;
    let settled = world.calm && !world.somebody_is_removed;
    let expected = Expected { questioned: past.questioned, all_settled: settled };
    check_end(&world, &expected)?;
    for person in 0..world.people.len() {
        world.restart(person);
    }
    check_end(&world, &expected).map_err(|what| format!("after everybody started again: {what}"))
}

fn take(world: &mut World, step: &Step, past: &mut Past) {
    let person = step.who as usize % world.people.len();
    let relay = step.how as usize % world.relays.len();
    match step.kind {
        Kind::Write => world.act(person),
        Kind::Connect => world.connect(person, relay),
        Kind::Cut => world.cut_one(),
        Kind::Go => {
            for _ in 0..step.how % 40 {
                world.step();
            }
        }
        Kind::Pass => world.pass(u64::from(step.how % 120_000)),
        Kind::KillPerson => world.kill_person(person),
        Kind::KillRelay => world.kill_relay(relay),
        Kind::Checkpoint => {
            // One that cannot be made costs time at the next start and nothing else.
            let _unmade = world.with(person, |replica, _, rng| replica.checkpoint(rng));
        }
        Kind::Admit if world.people.len() < PEOPLE_MAX => drop(world.admit_if_possible(person)),
        Kind::Admit => {}
        Kind::Members => {
            world.somebody_is_removed = true;
            world.change_members(PEOPLE_MAX, &mut past.questioned);
        }
        Kind::Part => world.part(step.who, step.how),
        Kind::Heal => world.part(0, 0),
        Kind::Throttle => world.wires.throttle(Some(u64::from(step.how % 20 + 1))),
        Kind::Hasten => world.wires.throttle(None),
        Kind::Clock => {
            let skew = world.rng.random_range(-SKEW_MS_MAX..SKEW_MS_MAX);
            world.set_clock(person, [0, skew][step.how as usize % 2]);
        }
        Kind::Trouble | Kind::Repair => disks(world, step),
        Kind::BackUp => world.back_up(person),
        Kind::Restore => {
            world.calm = false;
            world.restore(person);
        }
        Kind::Copy if world.people.len() < PEOPLE_MAX => {
            world.calm = false;
            world.copy(person);
        }
        Kind::Copy => {}
        Kind::Newer => world.write_beside(person, Foreign::NewerKind),
        Kind::Noise => {
            world.calm = false;
            world.write_beside(person, Foreign::Noise);
        }
        Kind::Fail => panic!("it was asked to"),
        Kind::RelayBackUp | Kind::RelayBack | Kind::Lie | Kind::Honest => lies(world, step),
    }
}

fn disks(world: &mut World, step: &Step) {
    let all = (0..world.people.len()).map(End::Person).chain((0..world.relays.len()).map(End::Relay));
    let ends: Vec<End> = all.collect();
    if step.kind == Kind::Repair {
        for end in ends {
            world.set_trouble(end, None);
        }
        return;
    }
    let trouble = [Trouble::Full, Trouble::Flaky][step.how as usize % 2];
    world.set_trouble(ends[step.who as usize % ends.len()], Some(trouble));
}

/// The first relay never lies.
fn lies(world: &mut World, step: &Step) {
    world.calm = false;
    if step.kind == Kind::Honest {
        for relay in 1..world.relays.len() {
            world.set_malice(relay, None);
        }
        return;
    }
    if world.relays.len() < 2 {
        return;
    }
    let relay = 1 + step.who as usize % (world.relays.len() - 1);
    match step.kind {
        Kind::RelayBackUp => world.relays[relay].backup = Some(world.relays[relay].disk.store().clone()),
        Kind::RelayBack => world.roll_back(relay),
        _ => world.set_malice(relay, Some(Malice::pick(step.how))),
    }
}

/// Everything heals, and everybody meets at every honest relay.
fn everybody_meets(world: &mut World) -> Result<(), String> {
    world.part(0, 0);
    world.wires.throttle(None);
    for person in 0..world.people.len() {
        world.set_trouble(End::Person(person), None);
    }
    for relay in 0..world.relays.len() {
        world.set_trouble(End::Relay(relay), None);
    }
    let honest: Vec<usize> =
        (0..world.relays.len()).filter(|relay| world.relays[*relay].malice.is_none()).collect();
    for liar in (0..world.relays.len()).filter(|relay| !honest.contains(relay)) {
        for wire in world.wires.open_of(&End::Relay(liar)) {
            world.wires.cut(wire, world.now());
        }
    }
    world.rest();
    // Connections stay; what was quarantined and taken in goes around once more.
    let rounds = if world.somebody_is_removed { 3 } else { 2 };
    for _ in 0..rounds {
        for relay in honest.iter().copied() {
            for person in 0..world.people.len() {
                world.connect(person, relay);
                world.rest();
                observe(world)?;
            }
        }
    }
    Ok(())
}
