//! Plays worlds until it is stopped, or the given number of them: `samverka-world FIRST STRIDE [COUNT]` plays the seeds
//! `FIRST`, `FIRST + STRIDE`, ... and prints a line for each that fails and one for every hundred. `cargo xtask soak`
//! starts one for each processor.
#![expect(clippy::print_stdout, reason = "saying what came of it is its work")]

use std::process::ExitCode;

/// Worlds between two words of progress.
const PROGRESS_EVERY: u64 = 100;

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [first, stride, rest @ ..] = numbers.as_slice() else {
        println!("usage: samverka-world FIRST STRIDE [COUNT]");
        return ExitCode::from(2);
    };
    let count = rest.first().copied().unwrap_or(u64::MAX);
    // A panic of a machine is a failure like another; its seed is told below.
    std::panic::set_hook(Box::new(|_| {}));
    let mut failed = 0;
    for (played, seed) in (1..=count).zip((0..).map(|world| first + world * stride)) {
        if let Err(report) = samverka_world::check_seed(seed) {
            failed += 1;
            println!("FAILED {report}");
        }
        if played % PROGRESS_EVERY == 0 || played == count {
            println!("played {played} worlds up to seed {seed}, {failed} failed");
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
