//! `cargo xtask test`: everything that proves the project, cheap steps first.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::steps::{self, Outcome, Step, When};
use crate::tools::{DENY, MACHETE};
use crate::web::{WASM, ensure_wasm_target};
use crate::workspace::{Profile, Workspace, run as run_command};

/// The crates that have to work in a browser, and so must build for it (`design.md`, invariant 2).
const PURE: [&str; 7] = [
    "samverka-log",
    "samverka-seal",
    "samverka-protocol",
    "samverka-plan",
    "samverka-replica",
    "samverka-store",
    "samverka-room",
];

/// The end-to-end tests: minutes rather than seconds, so `--quick` leaves them out.
const END_TO_END: &str = "samverka-tests";

/// How long the advisories may take to arrive: a few megabytes. Past this the network is taken to be shut.
const ADVISORY_FETCH_MAX: Duration = Duration::from_secs(90);

/// What `cargo xtask test` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// For daily use: leaves out the docs, cargo-deny, unused dependencies, the end-to-end tests and the examples.
    #[arg(long)]
    quick: bool,
    /// Runs the remaining steps after a failure too.
    #[arg(long)]
    keep_going: bool,
    /// Runs these steps only.
    #[arg(long, value_name = "STEP", num_args = 1.., conflicts_with = "quick")]
    only: Vec<String>,
    /// Names the steps and runs nothing.
    #[arg(long)]
    list: bool,
}

/// Runs the steps that the arguments choose.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let chosen = choose(all(), arguments)?;
    if arguments.list {
        for step in chosen {
            println!("{:<14}{}", step.name, step.what);
        }
        return Ok(());
    }
    if arguments.quick {
        let left_out: Vec<_> =
            all().iter().filter(|step| step.when == When::Full).map(|step| step.name).collect();
        println!("quick: leaves out {}; run without --quick before a push", left_out.join(", "));
    }
    steps::run(&Workspace::open()?, &chosen, arguments.keep_going)
}

fn all() -> Vec<Step> {
    use When::{Always, Full, Quick};
    let step = |name, when, what, run| Step { name, what, when, run };
    vec![
        step("lock-file", Always, "the dependencies are those of Cargo.lock", lock_file),
        step("format", Always, "every file is formatted", format),
        step("clippy", Always, "no lint fires in any target", clippy),
        step("wasm", Always, "the crates of the web app build for the browser, without a lint", wasm),
        step("docs", Full, "the documentation builds without a warning", docs),
        step("unused", Full, "every dependency named is used (cargo-machete)", unused),
        step("deny", Full, "licences, bans, sources and advisories of the dependencies (cargo-deny)", deny),
        step("build", Always, "the binaries, tests and examples build", build),
        step("unit-tests", Quick, "every package's tests, less the end-to-end ones", unit_tests),
        step("tests", Full, "every package's tests, and end to end with the real binaries", tests),
        step("examples", Full, "every example runs to its end", examples),
        step(
            "app",
            Full,
            "the web app builds; its types are Rust's, its lints, words and state modules hold",
            app,
        ),
        step(
            "browser",
            Full,
            "the core and the app in Chromium: together, apart, in the dark, by keyboard, axe",
            browser,
        ),
    ]
}

fn choose(steps: Vec<Step>, arguments: &Arguments) -> Result<Vec<Step>> {
    if let Some(unknown) =
        arguments.only.iter().find(|name| !steps.iter().any(|step| step.name == name.as_str()))
    {
        bail!("there is no step {unknown}; `cargo xtask test --list` names them");
    }
    let left_out = if arguments.quick { When::Full } else { When::Quick };
    let wanted = |step: &Step| match arguments.only.as_slice() {
        [] => step.when != left_out,
        only => only.iter().any(|name| name == step.name),
    };
    Ok(steps.into_iter().filter(wanted).collect())
}

fn lock_file(workspace: &Workspace) -> Result<Outcome> {
    passed(workspace.cargo().args(["fetch", "--locked"]))
}

fn format(workspace: &Workspace) -> Result<Outcome> {
    passed(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<Outcome> {
    passed(workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn wasm(workspace: &Workspace) -> Result<Outcome> {
    ensure_wasm_target(workspace)?;
    let mut command = workspace.cargo();
    command.args(["clippy", "--target", WASM]);
    for package in PURE {
        command.args(["--package", package]);
    }
    command.args(["--package", "samverka-wasm", "--features", "samverka-wasm/conformance"]);
    passed(command.args(["--", "-D", "warnings"]))
}

fn docs(workspace: &Workspace) -> Result<Outcome> {
    // Without private items: what a reader of the crates sees, and a link to something private is then an error.
    passed(workspace.cargo().env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--no-deps", "--workspace"]))
}

fn unused(workspace: &Workspace) -> Result<Outcome> {
    passed(&mut MACHETE.command(workspace)?)
}

fn deny(workspace: &Workspace) -> Result<Outcome> {
    let quiet = ["--hide-inclusion-graph"];
    passed(DENY.command(workspace)?.args(["check"]).args(quiet).args(["licenses", "bans", "sources"]))?;
    if !fetch_advisories(DENY.command(workspace)?)? {
        println!(
            "the advisory database cannot be reached from here: licences, bans and sources ran, advisories did not"
        );
        return Ok(Outcome::PassedWithout("advisories (database out of reach)".to_owned()));
    }
    passed(DENY.command(workspace)?.args(["check", "--disable-fetch"]).args(quiet).arg("advisories"))
}

/// Fetches the advisories; says whether they could be had.
fn fetch_advisories(mut deny: Command) -> Result<bool> {
    let mut child = deny
        .args(["fetch", "db"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // git must not stop to ask for a password where a network answers in the host's place.
        .env("GIT_TERMINAL_PROMPT", "0")
        .spawn()
        .context("start cargo-deny")?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if began.elapsed() > ADVISORY_FETCH_MAX {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Builds everything that the other steps run.
pub(crate) fn build(workspace: &Workspace) -> Result<Outcome> {
    // With the tests and examples, so that features are unified as in the next step and nothing is built twice.
    passed(workspace.cargo().args(["build", "--workspace", "--bins", "--tests", "--examples"]))
}

/// Last, so that the relay's own tests are not built twice: it embeds the app where there is one.
fn app(workspace: &Workspace) -> Result<Outcome> {
    crate::web::check_types(workspace)?;
    crate::web::build(workspace)?;
    passed(crate::web::in_app(workspace).args(["run", "lint"]))?;
    passed(crate::web::in_app(workspace).args(["test"]))
}

/// Uses what the step before it has built.
fn browser(workspace: &Workspace) -> Result<Outcome> {
    crate::browser::prove(workspace)?;
    Ok(Outcome::Passed)
}

fn unit_tests(workspace: &Workspace) -> Result<Outcome> {
    passed(workspace.cargo().args(["test", "--workspace", "--no-fail-fast", "--exclude", END_TO_END]))
}

fn tests(workspace: &Workspace) -> Result<Outcome> {
    passed(
        workspace
            .cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            .env("SAMVERKA_BIN", workspace.binary(Profile::Dev, "samverka")?)
            .env("SAMVERKA_RELAY_BIN", workspace.binary(Profile::Dev, "samverka-relay")?),
    )
}

/// Those that a reader starts; what needs a feature is a generator and belongs to the step that uses it.
fn examples(workspace: &Workspace) -> Result<Outcome> {
    for (package, example) in workspace.targets_without_features("example") {
        run_command(workspace.cargo().args(["run", "--quiet", "--package", package, "--example", example]))?;
    }
    Ok(Outcome::Passed)
}

fn passed(command: &mut Command) -> Result<Outcome> {
    run_command(command)?;
    Ok(Outcome::Passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_swaps_the_slow_tests_for_the_fast_ones() {
        let names = names(&Arguments { quick: true, keep_going: false, only: vec![], list: false });
        assert!(names.contains(&"unit-tests") && !names.contains(&"tests") && !names.contains(&"deny"));
    }

    #[test]
    fn a_full_run_tests_everything_once() {
        let names = names(&Arguments { quick: false, keep_going: false, only: vec![], list: false });
        assert!(names.contains(&"tests") && !names.contains(&"unit-tests") && names.contains(&"deny"));
    }

    #[test]
    fn a_step_that_does_not_exist_is_refused() {
        let arguments =
            Arguments { quick: false, keep_going: false, only: vec!["tset".to_owned()], list: false };
        assert!(choose(all(), &arguments).err().unwrap().to_string().contains("no step tset"));
    }

    #[test]
    fn every_pure_crate_is_in_the_workspace() {
        let workspace = Workspace::open().unwrap();
        for name in PURE {
            assert!(workspace.packages().iter().any(|package| package.name == name), "{name}");
        }
    }

    fn names(arguments: &Arguments) -> Vec<&'static str> {
        choose(all(), arguments).unwrap().iter().map(|step| step.name).collect()
    }
}
