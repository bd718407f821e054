//! The project's own commands, run as `cargo xtask NAME`:
//!
//! - `test` proves everything that continuous integration proves; `.ci/run` calls it and nothing else,
//! - `web` builds the web app, which a relay built after it embeds,
//! - `start` builds and runs a relay with the sample plan at hand,
//! - `soak` plays simulated worlds until it is stopped,
//! - `mutants` puts faults into the code one by one and expects the tests to catch each,
//! - `bench` runs every bench of the workspace and keeps the figures with machine and commit.
//!
//! It only starts other programs and says what they do; no rule about the product lives here.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the person at the terminal is its work"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod browser;
mod checks;
mod fresh;
mod mutants;
mod soak;
mod start;
mod steps;
mod tools;
mod web;
mod workspace;

/// Builds, starts and proves Samverka.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every check and test, step by step.
    Test(checks::Arguments),
    /// Builds a relay and the command line, starts the relay with the sample plan, and says what to type next.
    Start(start::Arguments),
    /// Builds the web app into `client/web/dist`, for relays to embed.
    Web(web::Arguments),
    /// Plays simulated worlds until it is stopped, and says which seeds fail.
    Soak(soak::Arguments),
    /// Puts the faults of `tests/mutants` into a copy of the code one by one, and expects a test to catch each.
    Mutants(mutants::Arguments),
    /// Runs the benches and writes their figures to `target/bench/COMMIT.json`.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Test(arguments) => checks::run(&arguments),
        Command::Start(arguments) => start::run(&arguments),
        Command::Web(arguments) => web::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Mutants(arguments) => mutants::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
