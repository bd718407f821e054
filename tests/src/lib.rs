//! The harness of the end-to-end tests: the real relay binary, the real command line, real sockets, real files.
//!
//! Nothing here sleeps for a fixed time: it waits for a line, a file or an exit. The binaries are found beside the
//! test's own executable, or where `SAMVERKA_BIN` and `SAMVERKA_RELAY_BIN` say.

#![expect(clippy::print_stderr, reason = "what a test has to tell goes to whoever runs it")]

pub mod filled;
mod home;
pub mod hostile;
pub mod network;
pub mod person;
mod proxy;
mod relay;

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

pub use home::{Home, Mortal, Run};
pub use proxy::Proxy;
pub use relay::Relay;

/// The path of one of the product's binaries.
///
/// # Errors
/// Where it has not been built.
pub fn binary(name: &str) -> Result<PathBuf> {
    let variable = match name {
        "samverka" => "SAMVERKA_BIN",
        "samverka-relay" => "SAMVERKA_RELAY_BIN",
        other => bail!("{other} is not one of the product's binaries"),
    };
    if let Some(path) = env::var_os(variable) {
        return Ok(PathBuf::from(path));
    }
    // target/<profile>/deps/<test> → target/<profile>/<name>
    let own = env::current_exe().context("where does this test run?")?;
    let folder = own.ancestors().nth(2).context("the test runs outside a target folder")?;
    let path = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if !path.exists() {
        bail!(
            "{} is not built: run `cargo build -p samverka -p samverka-relay` first, or `cargo xtask test`",
            path.display()
        );
    }
    Ok(path)
}

/// The seed of a random test: `SAMVERKA_SEED` if it is set, so that a failure can be run again.
///
/// # Panics
/// Where the variable is not a number.
pub fn seed(default: u64) -> u64 {
    let Ok(text) = env::var("SAMVERKA_SEED") else { return default };
    text.parse().expect("SAMVERKA_SEED is a number")
}

/// A folder for a test's homes and relays, gone afterwards; kept, and told on stderr, where `SAMVERKA_KEEP` is set.
///
/// # Errors
/// Where it cannot be made.
pub fn folder() -> Result<TempDir> {
    let mut folder = tempfile::tempdir()?;
    if env::var_os("SAMVERKA_KEEP").is_some() {
        folder.disable_cleanup(true);
        eprintln!("kept in {}", folder.path().display());
    }
    Ok(folder)
}
