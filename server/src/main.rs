//! `samverka-relay`: serves, backs up, checks and counts.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use samverka_relay::arguments::{Arguments, Command, ServeArguments};
use samverka_relay::config::{Config, HOSTING_TOKEN_VARIABLE, data_folder};
use samverka_relay::{backup, check, logging, serve, stats};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is gone there is nobody to tell.
            let _gone = writeln!(io::stderr(), "samverka-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        None => start(&arguments.serve),
        Some(Command::Serve(given)) => start(&given),
        Some(Command::Backup { to, place }) => {
            backup::run(&data_folder(&place)?, &to)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Check { place }) => {
            let faults = check::run(&data_folder(&place)?, &mut io::stdout().lock())?;
            Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(Command::Stats { place, json }) => {
            stats::run(&data_folder(&place)?, json, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn start(given: &ServeArguments) -> Result<ExitCode> {
    let config = Config::resolve(given, std::env::var(HOSTING_TOKEN_VARIABLE).ok())?;
    logging::start(&config.log)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(serve(config))?;
    Ok(ExitCode::SUCCESS)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}
