//! Plugs pulled at random: relay and clients are killed (SIGKILL) at least 200 times while three people write, and
//! nothing that anybody was told is untrue afterwards.
//!
//! - A text whose `note add` ended with 0 is at that client, whatever was killed since.
//! - A text that a client's `status` said is at the relay is at the relay, however often that was killed since: a
//!   device that slept through it all (the witness) gets it from the relay before any writer comes back.
//! - Every store opens, `check` and `verify` find nothing, no text is there twice, and none that nobody typed.
//!
//! What this cannot show: a machine that loses power also loses what its operating system had not written. That rests
//! on SQLite's `synchronous` setting, which the stores' own tests hold.

#![expect(clippy::print_stderr, reason = "the seed and the tally have to be seen")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use samverka_tests::network::{Network, SIX, admit, text};
use samverka_tests::{Home, Mortal, Relay, folder, seed};
use serde_json::json;

/// Kills of each of the three writers, of the one that watches, and of the relay; 200 and more in all.
const WRITER_KILLS: usize = 45;
const WATCHER_KILLS: usize = 25;
const RELAY_KILLS: usize = 50;

/// What one person has typed and was told.
#[derive(Debug, Default)]
struct Tale {
    /// Everything typed, whatever came of it.
    typed: BTreeSet<String>,
    /// The command ended with 0.
    returned: BTreeSet<String>,
    /// `status` said that the relay has it.
    at_relay: BTreeSet<String>,
    kills: usize,
}

#[test]
fn nothing_that_anybody_was_told_is_untrue_after_two_hundred_pulled_plugs() -> Result<()> {
    let seed = seed(20_270_209);
    eprintln!("SAMVERKA_SEED={seed}");
    let folder = folder()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let network = Network::found(folder.path(), &[&relay], &SIX[..4])?;
    network.settle(3)?;
    let (writers, witness) = network.homes.split_at(3);
    let witness = witness.first().context("a witness")?;

    let writing = AtomicUsize::new(writers.len());
    let failed = AtomicBool::new(false);
    let (mut tales, mut kills) = (Vec::new(), 0);
    thread::scope(|scope| -> Result<()> {
        let spawn = |index: usize, work: fn(&Home, usize, StdRng, &dyn Fn() -> bool) -> Result<Tale>| {
            let home = writers[index % writers.len()].clone();
            let rng = StdRng::seed_from_u64(seed.wrapping_add(u64::try_from(index).unwrap_or_default()));
            let (writing, failed) = (&writing, &failed);
            scope.spawn(move || {
                let tale = work(&home, index, rng, &|| failed.load(Ordering::SeqCst));
                if tale.is_err() {
                    failed.store(true, Ordering::SeqCst);
                }
                writing.fetch_sub(1, Ordering::SeqCst);
                tale
            })
        };
        writing.fetch_add(1, Ordering::SeqCst);
        let mut hands: Vec<_> = (0..writers.len()).map(|index| spawn(index, write)).collect();
        hands.push(spawn(writers.len(), watch));
        let mut rng = StdRng::seed_from_u64(!seed);
        while kills < RELAY_KILLS || writing.load(Ordering::SeqCst) > 0 {
            thread::sleep(Duration::from_micros(rng.random_range(0..400_000)));
            relay.kill()?;
            kills += 1;
            relay.restart()?;
        }
        for hand in hands {
            tales.push(hand.join().map_err(|_| anyhow!("a thread panicked"))??);
        }
        Ok(())
    })?;
    relay.kill()?;
    let clients: usize = tales.iter().map(|tale| tale.kills).sum();
    let returned: BTreeSet<&String> = tales.iter().flat_map(|tale| &tale.returned).collect();
    let at_relay: BTreeSet<&String> = tales.iter().flat_map(|tale| &tale.at_relay).collect();
    let typed: BTreeSet<&String> = tales.iter().flat_map(|tale| &tale.typed).collect();
    eprintln!(
        "{clients} clients and {kills} relays were killed; {} texts typed, {} returned, {} said to be at the relay",
        typed.len(),
        returned.len(),
        at_relay.len()
    );
    ensure!(clients + kills >= 200, "{clients} + {kills} kills are too few");
    ensure!(!at_relay.is_empty() && at_relay.len() <= returned.len(), "nobody was told anything");

    for (home, tale) in writers.iter().zip(&tales) {
        present(home, tale.returned.iter(), "whose command returned")
            .context(home.path().display().to_string())?;
        sound(home)?;
    }
    relay.command(&["check"])?;
    relay.restart()?;
    witness.ok(&["sync"])?;
    present(witness, at_relay.iter().copied(), "that a status said is at the relay")?;

    network.settle(6)?;
    let newcomer = Home::new(&folder.path().join("newcomer"), SIX[4].0, SIX[4].1)?;
    admit(&network.homes[0], &newcomer)?;
    network.settle(3)?;
    newcomer.ok(&["sync"])?;
    for home in network.homes.iter().chain([&newcomer]) {
        let there = present(home, returned.iter().copied(), "that was typed")?;
        let strange: Vec<&String> = there.iter().filter(|text| !typed.contains(text)).collect();
        ensure!(strange.is_empty(), "nobody typed {strange:?}");
        sound(home)?;
    }
    relay.stop()?;
    relay.command(&["check"])?;
    Ok(())
}

/// A person who writes notes, syncs now and then and looks at the status, while plugs are pulled.
fn write(home: &Home, person: usize, mut rng: StdRng, stop: &dyn Fn() -> bool) -> Result<Tale> {
    let mut tale = Tale::default();
    for step in 0.. {
        if tale.kills >= WRITER_KILLS || stop() {
            break;
        }
        match rng.random_range(0..10) {
            0..6 => {
                let words = format!("ord{person}x{step}x{}", rng.random_range(0..1_000_000));
                tale.typed.insert(words.clone());
                match home.run_mortal(&["note", "add", &words], life(&mut rng, 90_000))? {
                    Mortal::Killed => tale.kills += 1,
                    Mortal::Ended(run) => {
                        ensure!(run.code == Some(0), "note add ended with {:?}: {}", run.code, run.stderr);
                        tale.returned.insert(words);
                    }
                }
            }
            6..9 => match home.run_mortal(&["sync", "--timeout", "5"], life(&mut rng, 400_000))? {
                Mortal::Killed => tale.kills += 1,
                Mortal::Ended(run) => {
                    // 1 where the relay was just being killed.
                    ensure!(
                        matches!(run.code, Some(0 | 1)),
                        "sync ended with {:?}: {}",
                        run.code,
                        run.stderr
                    );
                }
            },
            _ => {
                let status = home.json(&["status"])?;
                let relay = &status["relays"][0];
                if relay["known"] == true && relay["lacking_own"] == 0 {
                    tale.at_relay.clone_from(&tale.returned);
                }
            }
        }
    }
    Ok(tale)
}

/// The first person's second process: it stays connected beside the one that writes, until it is killed.
fn watch(home: &Home, _person: usize, mut rng: StdRng, stop: &dyn Fn() -> bool) -> Result<Tale> {
    let mut tale = Tale::default();
    while tale.kills < WATCHER_KILLS && !stop() {
        let life = life(&mut rng, 1_500_000);
        let killed = if rng.random_range(0..2) == 0 {
            home.run_to_first_line(&["sync", "--watch"], life)?
        } else {
            match home.run_mortal(&["sync", "--watch"], life)? {
                Mortal::Killed => true,
                Mortal::Ended(run) => bail!("watching ended with {:?}: {}", run.code, run.stderr),
            }
        };
        tale.kills += usize::from(killed);
    }
    Ok(tale)
}

fn life(rng: &mut StdRng, micros_max: u64) -> Duration {
    Duration::from_micros(rng.random_range(0..micros_max))
}

/// All texts of notes at a home, each once; every one of `wanted` among them.
fn present<'a>(
    home: &Home,
    wanted: impl Iterator<Item = &'a String>,
    which: &str,
) -> Result<BTreeSet<String>> {
    let notes = home.json(&["note", "list", "--all"])?;
    let mut there = BTreeSet::new();
    for note in notes.as_array().context("notes")? {
        let words = text(note, "text")?.to_owned();
        ensure!(!there.contains(&words), "{words} is there twice");
        there.insert(words);
    }
    let missing: Vec<&String> = wanted.filter(|text| !there.contains(*text)).collect();
    ensure!(missing.is_empty(), "{} texts {which} are missing: {missing:?}", missing.len());
    Ok(there)
}

fn sound(home: &Home) -> Result<()> {
    let verdict = home.json(&["verify"])?;
    for field in ["faults", "left_out", "void_operations", "store"] {
        ensure!(
            verdict[field] == json!([]),
            "verify in {}: {field} {}",
            home.path().display(),
            verdict[field]
        );
    }
    Ok(())
}
