//! Proves the web app in a real Chromium: the core by itself, then the app from a real relay's address.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};

use crate::workspace::{Profile, Workspace, run as run_command};
use crate::{bench, checks, web};

/// Names the browser where it is none of [`NAMES`].
const NAMED: &str = "SAMVERKA_CHROMIUM";

const PLAYWRIGHT: &str = "node_modules/@playwright/test/cli.js";

/// What a Chromium is called.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Finds the browser, builds what it is to show, and runs both suites.
pub(crate) fn prove(workspace: &Workspace) -> Result<()> {
    // First: it is the one thing that may be missing on this machine.
    let chromium = ensure_chromium()?;
    web::build(workspace)?;
    let package = web::build_for_tests(workspace)?;
    // The relay takes the app in.
    checks::build(workspace)?;
    let node = || -> Result<Command> {
        let mut node = node(workspace, &chromium, Profile::Dev)?;
        node.env("SAMVERKA_TEST_PKG", &package);
        Ok(node)
    };
    run_command(node()?.arg("scripts/core-test.mjs"))?;
    run_command(node()?.args([PLAYWRIGHT, "test"]))
}

/// Builds everything as it ships; answers the command that measures the app and prints its figures.
pub(crate) fn bench(workspace: &Workspace) -> Result<Command> {
    let chromium = ensure_chromium()?;
    web::build(workspace)?;
    bench::build(
        workspace,
        &["--package=samverka-tests", "--bin=samverka", "--bin=samverka-relay", "--bin=crowd"],
    )?;
    let mut node = node(workspace, &chromium, Profile::Release)?;
    node.env("SAMVERKA_CROWD_BIN", workspace.binary(Profile::Release, "crowd")?);
    node.args([PLAYWRIGHT, "test", "--config=playwright.bench.config.ts"]);
    Ok(node)
}

/// Node in the app's folder, told which browser and which programs to use.
fn node(workspace: &Workspace, chromium: &Path, profile: Profile) -> Result<Command> {
    let mut node = Command::new("node");
    node.current_dir(workspace.root().join("client/web"))
        .env(NAMED, chromium)
        .env("SAMVERKA_BIN", workspace.binary(profile, "samverka")?)
        .env("SAMVERKA_RELAY_BIN", workspace.binary(profile, "samverka-relay")?)
        .env("SAMVERKA_E2E_OUTPUT", workspace.target().join("e2e"));
    Ok(node)
}

/// The browser: the one that is named, one on the path, or Debian's, which is put there first where that may be done.
fn ensure_chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os(NAMED).filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        ensure!(path.is_file(), "{NAMED} names {}, and no file is there", path.display());
        return Ok(path);
    }
    if let Some(found) = on_path() {
        return Ok(found);
    }
    let install = [vec!["update"], vec!["install", "-y", "--no-install-recommends", "chromium"]];
    let typed: Vec<_> = install.iter().map(|words| format!("apt-get {}", words.join(" "))).collect();
    if !Path::new("/etc/debian_version").is_file() || !is_root() {
        bail!(
            "there is no Chromium to prove the app in. On Debian, as root: `{}`; elsewhere install one and name it: \
             {NAMED}=/path/to/chromium",
            typed.join(" && ")
        );
    }
    for words in install {
        // Nobody is there to answer a question.
        run_command(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(words))?;
    }
    match on_path() {
        Some(found) => Ok(found),
        None => bail!("`{}` left no Chromium on the path", typed.join(" && ")),
    }
}

/// The first of the names that is on the path.
fn on_path() -> Option<PathBuf> {
    let path: OsString = env::var_os("PATH")?;
    NAMES
        .iter()
        .find_map(|name| env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Whether this runs with the rights to install packages.
fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").stdin(Stdio::null()).output();
    asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
