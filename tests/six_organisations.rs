//! Six homes, two relays, one plan: everybody edits offline, and it all comes together.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use samverka_tests::network::{Network, SIX, admit, text};
use samverka_tests::{Home, Relay, seed};
use serde_json::Value as Json;

/// Commands that each home carries out while nobody is connected.
const COMMANDS_EACH: usize = 300;

#[test]
fn six_homes_that_edited_offline_end_with_the_same_plan_whatever_the_order() -> Result<()> {
    let seed = seed(20_270_120);
    together(seed).with_context(|| format!("run it again with SAMVERKA_SEED={seed}"))
}

fn together(seed: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let first = Relay::start(&folder.path().join("relay-a"))?;
    let second = Relay::start(&folder.path().join("relay-b"))?;
    let network = sample_network(folder.path(), &[&first, &second])?;
    network.settle(4)?;

    let mut typed: Vec<String> = Vec::new();
    let mut hands: Vec<std::thread::JoinHandle<Result<Vec<String>>>> = Vec::new();
    for (index, home) in network.homes.iter().cloned().enumerate() {
        let rng = StdRng::seed_from_u64(seed + u64::try_from(index)?);
        hands.push(std::thread::spawn(move || edit_offline(&home, index, rng)));
    }
    for hand in hands {
        typed.extend(hand.join().ok().context("a home's thread panicked")??);
    }
    // They come back in a random order, each through whichever relays are up.
    let mut rng = StdRng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..network.homes.len()).collect();
    for place in (1..order.len()).rev() {
        order.swap(place, rng.random_range(0..=place));
    }
    for index in order {
        network.homes[index].ok(&["sync", "--timeout", "120"])?;
    }
    network.settle(4)?;

    let export = network.homes[0].ok(&["export", "--format", "json"])?;
    let missing: Vec<&String> = typed.iter().filter(|text| !export.contains(text.as_str())).collect();
    ensure!(missing.is_empty(), "{} of {} typed texts are gone: {missing:?}", missing.len(), typed.len());
    for home in &network.homes {
        let verdict = home.json(&["verify"])?;
        ensure!(verdict["faults"] == Json::Array(Vec::new()), "verify found {}", verdict["faults"]);
        ensure!(verdict["left_out"] == Json::Array(Vec::new()), "left out: {}", verdict["left_out"]);
    }
    for relay in [first, second] {
        let mut relay = relay;
        relay.stop()?;
        relay.command(&["check"])?;
    }
    Ok(())
}

/// The sample plan in the hands of six people of six organisations.
fn sample_network(folder: &std::path::Path, relays: &[&Relay]) -> Result<Network> {
    let homes = SIX
        .iter()
        .enumerate()
        .map(|(index, (role, organisation))| {
            Home::new(&folder.join(format!("home-{index}")), role, organisation)
        })
        .collect::<Result<Vec<_>>>()?;
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/sample-plan.json");
    let urls: Vec<String> = relays.iter().map(|relay| relay.url()).collect();
    let mut arguments = vec!["plan", "import", sample];
    for url in &urls {
        arguments.extend(["--relay", url]);
    }
    let (founder, others) = homes.split_first().context("a network has people")?;
    let plan = founder.json(&arguments)?;
    let plan = text(&plan, "id")?.to_owned();
    founder.ok(&["sync"])?;
    for home in others {
        admit(founder, home)?;
    }
    Ok(Network { homes, plan })
}

/// A person's offline days: mostly notes, texts and commitments. Answers what was typed and has to be found again.
fn edit_offline(home: &Home, person: usize, mut rng: StdRng) -> Result<Vec<String>> {
    let mut typed = Vec::new();
    let mut notes: Vec<String> = ids(home, &["note", "list", "--all"])?;
    let mut commitments: Vec<String> = ids(home, &["commitment", "list"])?;
    let clusters: Vec<String> = ids(home, &["cluster", "list"])?;
    let mut own = BTreeSet::new();
    for step in 0..COMMANDS_EACH {
        let words = format!("ord{person}x{step}x{}", rng.random_range(0..1_000_000));
        let pick = |list: &[String], rng: &mut StdRng| list[rng.random_range(0..list.len())].clone();
        match rng.random_range(0..100) {
            0..35 => {
                let made = home.json(&["note", "add", &words])?;
                let id = made["ids"][0].as_str().context("an id")?.to_owned();
                own.insert(id.clone());
                notes.push(id);
                typed.push(words);
            }
            35..50 => drop(home.ok(&["note", "move", &pick(&notes, &mut rng), "--x", "12", "--y", "-7"])?),
            50..60 => {
                drop(home.ok(&["note", "cluster", &pick(&notes, &mut rng), &pick(&clusters, &mut rng)])?);
            }
            60..66 => drop(home.ok(&["note", "park", &pick(&notes, &mut rng)])?),
            66..76 => {
                // Only one's own notes are rewritten whole, so that what others typed stays to be found.
                if let Some(id) = own.iter().nth(rng.random_range(0..own.len().max(1))).cloned() {
                    let before = home.json(&["note", "list", "--all"])?;
                    let list = before.as_array().context("notes")?;
                    let note =
                        list.iter().find(|note| note["id"] == id.as_str()).context("one's own note")?;
                    let longer = format!("{} {words}", text(note, "text")?);
                    home.ok(&["note", "edit", &id, &longer])?;
                    typed.push(words);
                }
            }
            76..88 => {
                let made = home.json(&[
                    "commitment",
                    "add",
                    "--what",
                    &words,
                    "--owner",
                    "me",
                    "--due",
                    "2027-06-30",
                ])?;
                commitments.push(text(&made, "id")?.to_owned());
                typed.push(words);
            }
            _ => {
                let id = pick(&commitments, &mut rng);
                let event = ["promise", "start", "report-done", "accept", "withdraw", "cancel"];
                // Most of these are somebody else's to do, and are refused with a reason: that is part of the test.
                let run = home.run(&["commitment", event[rng.random_range(0..event.len())], &id])?;
                ensure!(
                    matches!(run.code, Some(0 | 1)),
                    "an event ended with {:?}: {}",
                    run.code,
                    run.stderr
                );
            }
        }
    }
    Ok(typed)
}

fn ids(home: &Home, arguments: &[&str]) -> Result<Vec<String>> {
    let list = home.json(arguments)?;
    list.as_array().context("a list")?.iter().map(|thing| Ok(text(thing, "id")?.to_owned())).collect()
}
