//! `cargo xtask soak`: plays simulated worlds on every processor until it is stopped, and says which seeds fail.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

use crate::workspace::{Profile, Workspace, run as run_command};

/// The environment variable that names one seed to play.
const SEED: &str = "SAMVERKA_SEED";

/// What `cargo xtask soak` can be told. `SAMVERKA_SEED` plays that one seed and ends.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Ends after so many worlds.
    #[arg(long)]
    worlds: Option<u64>,
    /// The first seed; without it one that depends on the time, so that every soak plays other worlds.
    #[arg(long)]
    first: Option<u64>,
}

/// Plays worlds.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::open()?;
    // With the checks of a debug build: an overflow is a failure too. The machines are optimised all the same.
    run_command(workspace.cargo().args(["build", "--package", "samverka-world", "--bins"]))?;
    let player = workspace.binary(Profile::Dev, "samverka-world")?;
    if let Ok(seed) = std::env::var(SEED) {
        let seed: u64 = seed.parse().with_context(|| format!("{SEED} is not a number"))?;
        return run_command(Command::new(player).args([seed.to_string(), "1".to_owned(), "1".to_owned()]));
    }
    let players = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let first = match arguments.first {
        Some(first) => first,
        // Apart from the seeds of the tests, which are small.
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() * 1_000_000,
    };
    let share = arguments.worlds.map(|worlds| worlds.div_ceil(players as u64));
    println!("playing from seed {first} on {players} processors; stop with Ctrl+C");
    let (sender, lines) = mpsc::channel();
    let began = Instant::now();
    let mut children = Vec::new();
    for player_number in 0..players as u64 {
        let mut command = Command::new(&player);
        command.arg((first + player_number).to_string()).arg(players.to_string());
        command.args(share.map(|share| share.to_string()));
        let mut child = command.stdout(Stdio::piped()).spawn().context("start samverka-world")?;
        let said = BufReader::new(child.stdout.take().context("its output is piped")?);
        let sender = sender.clone();
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                // Nobody listens any more only when all of it ends.
                let _heard = sender.send(line);
            }
        });
        children.push(child);
    }
    drop(sender);
    for line in lines {
        println!("[{:>6} s] {line}", began.elapsed().as_secs());
    }
    finish(children)
}

fn finish(children: Vec<Child>) -> Result<()> {
    let mut failed = false;
    for mut child in children {
        failed |= !child.wait()?.success();
    }
    if failed {
        bail!("some worlds failed; each said how to play it again");
    }
    Ok(())
}
