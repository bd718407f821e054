//! `samverka`: a network's plan in the terminal, for people, scripts and field laptops.
//!
//! Every command works on this device and returns when its change is on disk; nothing waits for the network but
//! `sync` and `join`. Results go to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod args;
mod commands;
mod home;
mod net;
mod output;
mod progress;
mod session;
mod threads;
mod values;
mod words;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match commands::run(&arguments) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::talk(&format!("samverka: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whoever read the output has seen enough: that is a success.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
