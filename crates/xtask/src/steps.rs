//! Runs numbered steps, says which one is at work, and sums up what each took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// One thing to prove.
pub(crate) struct Step {
    /// The word that `--only` and the summary use.
    pub(crate) name: &'static str,
    /// What it proves, in a line.
    pub(crate) what: &'static str,
    /// In which runs it takes part.
    pub(crate) when: When,
    /// Does it.
    pub(crate) run: fn(&Workspace) -> Result<Outcome>,
}

/// In which runs a step takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// In all of them.
    Always,
    /// Left out by `--quick`.
    Full,
    /// Only with `--quick`, in place of something slower.
    Quick,
}

/// How a step ended that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything that the step can prove is proven.
    Passed,
    /// It passed, and this part of it could not be done here.
    PassedWithout(String),
}

/// Runs the steps one after another. The first failure ends the run unless `keep_going`.
pub(crate) fn run(workspace: &Workspace, steps: &[Step], keep_going: bool) -> Result<()> {
    let began = Instant::now();
    let mut report = Vec::with_capacity(steps.len());
    let mut failed = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("[{}/{}]", index + 1, steps.len());
        println!("\n{place} {}: {}", step.name, step.what);
        let step_began = Instant::now();
        let result = (step.run)(workspace);
        let took = seconds(step_began.elapsed());
        let verdict = match &result {
            Ok(Outcome::Passed) => "ok".to_owned(),
            Ok(Outcome::PassedWithout(part)) => format!("ok, without {part}"),
            Err(error) => format!("FAILED: {error:#}"),
        };
        println!("{place} {}: {verdict} ({took}, {} in all)", step.name, seconds(began.elapsed()));
        let short = if result.is_err() { "FAILED" } else { verdict.as_str() };
        report.push(format!("{:<14}{took:>9}  {short}", step.name));
        if result.is_err() {
            failed.push(step.name);
            if !keep_going {
                break;
            }
        }
    }
    println!("\n{}\n{:<14}{:>9}", report.join("\n"), "in all", seconds(began.elapsed()));
    if !failed.is_empty() {
        bail!("failed: {}; run one again with `cargo xtask test --only {}`", failed.join(", "), failed[0]);
    }
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: Step = Step { name: "passes", what: "", when: When::Always, run: |_| Ok(Outcome::Passed) };
    const FAILS: Step = Step { name: "fails", what: "", when: When::Always, run: |_| bail!("no") };
    const PANICS: Step =
        Step { name: "panics", what: "", when: When::Always, run: |_| panic!("must not be reached") };

    #[test]
    fn the_first_failure_ends_the_run_and_is_named() {
        let workspace = Workspace::open().unwrap();
        let error = run(&workspace, &[PASSES, FAILS, PANICS], false).unwrap_err();
        assert!(error.to_string().starts_with("failed: fails;"), "{error}");
    }

    #[test]
    fn keeping_going_names_every_failure() {
        let workspace = Workspace::open().unwrap();
        let error = run(&workspace, &[FAILS, PASSES, FAILS], true).unwrap_err();
        assert!(error.to_string().starts_with("failed: fails, fails;"), "{error}");
    }
}
