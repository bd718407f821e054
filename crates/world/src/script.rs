//! What happens in a world, made from a seed. Each step carries its own seed, so that one can be left out and the others
//! do what they did.

use core::fmt;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_testkit::rng;

/// What happens in one step. Numbers in a [`Step`] say to whom, counted around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person writes something.
    Write,
    /// A person connects to a relay.
    Connect,
    /// A wire breaks.
    Cut,
    /// A few things that are under way arrive.
    Go,
    /// Seconds to minutes pass.
    Pass,
    /// A person's process dies between two effects.
    KillPerson,
    /// A relay's process dies.
    KillRelay,
    /// A device writes its own copy of the documents.
    Checkpoint,
    /// Somebody is let in.
    Admit,
    /// Roles change, people leave, are put out, are taken in again.
    Members,
    /// The world parts in two.
    Part,
    /// It is whole again.
    Heal,
    /// Wires carry little.
    Throttle,
    /// Wires carry what comes.
    Hasten,
    /// A device's clock is set wrong by up to years.
    Clock,
    /// A disk is full, or fails now and then.
    Trouble,
    /// All disks are well again.
    Repair,
    /// A device is backed up.
    BackUp,
    /// A device is lost and comes back from its backup.
    Restore,
    /// A device's data is copied, and both go on.
    Copy,
    /// Another, newer program writes beside a process.
    Newer,
    /// Noise is written beside a process, signed.
    Noise,
    /// A relay keeps a copy of what it has.
    RelayBackUp,
    /// A relay goes back to its copy.
    RelayBack,
    /// A relay begins to lie, in one way.
    Lie,
    /// All relays are honest again.
    Honest,
    /// The world says that something is wrong: to see that it is heard.
    Fail,
}

/// One step: what happens, to whom, and the randomness in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: Kind,
    /// To whom.
    pub who: u32,
    /// With whom, or how.
    pub how: u32,
    /// The randomness in it.
    pub seed: u64,
}

/// What happens in one world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Where it came from.
    pub seed: u64,
    /// How many people are in at the start, the founder counted.
    pub people: usize,
    /// How many relays there are. The first is always honest.
    pub relays: usize,
    /// How long disks take for an answer at most, in milliseconds.
    pub disk_delay_ms: u64,
    /// What happens.
    pub steps: Vec<Step>,
}

/// What kind of trouble a world has, besides wires that break and processes that die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Wires,
    Disks,
    Devices,
    Members,
    Lies,
    Strangers,
}

const THEMES: [Theme; 6] =
    [Theme::Wires, Theme::Disks, Theme::Devices, Theme::Members, Theme::Lies, Theme::Strangers];

impl Theme {
    /// What may happen, and how often beside the other.
    fn weights(self) -> Vec<(Kind, u32)> {
        let mut weights = vec![
            (Kind::Write, 40),
            (Kind::Connect, 24),
            (Kind::Cut, 8),
            (Kind::Go, 12),
            (Kind::Pass, 3),
            (Kind::KillPerson, 6),
            (Kind::KillRelay, 3),
            (Kind::Checkpoint, 2),
            (Kind::Clock, 1),
        ];
        weights.extend_from_slice(match self {
            Self::Wires => {
                &[(Kind::Admit, 2), (Kind::Part, 4), (Kind::Heal, 3), (Kind::Throttle, 3), (Kind::Hasten, 3)]
            }
            Self::Disks => &[(Kind::Trouble, 8), (Kind::Repair, 6), (Kind::KillPerson, 4), (Kind::Admit, 1)],
            Self::Devices => {
                &[(Kind::BackUp, 5), (Kind::Restore, 4), (Kind::Copy, 2), (Kind::Part, 1), (Kind::Heal, 1)]
            }
            Self::Members => &[(Kind::Members, 14), (Kind::Part, 2), (Kind::Heal, 2)],
            Self::Lies => &[
                (Kind::Lie, 8),
                (Kind::Honest, 3),
                (Kind::RelayBackUp, 3),
                (Kind::RelayBack, 3),
                (Kind::Admit, 1),
            ],
            Self::Strangers => &[(Kind::Newer, 6), (Kind::Noise, 4), (Kind::Part, 1), (Kind::Heal, 1)],
        });
        weights
    }
}

impl Script {
    /// The script of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = rng(seed);
        let theme = THEMES[usize::try_from(seed).unwrap_or(0) % THEMES.len()];
        let weights = theme.weights();
        let people = rng.random_range(2..5);
        let relays = if theme == Theme::Lies { rng.random_range(2..4) } else { rng.random_range(1..3) };
        let disk_delay_ms = [0, 5, 60][rng.random_range(0..3)];
        let steps = (0..rng.random_range(15..50)).map(|_| random_step(&weights, &mut rng)).collect();
        Self { seed, people, relays, disk_delay_ms, steps }
    }
}

fn random_step(weights: &[(Kind, u32)], rng: &mut StdRng) -> Step {
    let all: u32 = weights.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.random_range(0..all);
    let mut kind = Kind::Write;
    for (each, weight) in weights {
        kind = *each;
        if left < *weight {
            break;
        }
        left -= weight;
    }
    Step { kind, who: rng.random(), how: rng.random(), seed: rng.random() }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "seed {}: {} people, {} relays, disks within {} ms, {} steps",
            self.seed,
            self.people,
            self.relays,
            self.disk_delay_ms,
            self.steps.len()
        )?;
        for Step { kind, who, how, seed } in &self.steps {
            writeln!(f, "    Step {{ kind: Kind::{kind:?}, who: {who}, how: {how}, seed: {seed} }},")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_script_and_others_give_others() {
        assert_eq!(Script::of(7), Script::of(7));
        assert_ne!(Script::of(7).steps, Script::of(13).steps);
    }
}
