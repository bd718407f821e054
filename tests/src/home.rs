//! One person's device: a home folder that the command line works in.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::binary;

/// A device of one person.
#[derive(Clone, Debug)]
pub struct Home {
    path: PathBuf,
}

/// What a command said and how it ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// What it printed as its result.
    pub stdout: String,
    /// What it told on the side.
    pub stderr: String,
}

impl Home {
    /// A home in `path`, set up for a person with this role at this organisation.
    ///
    /// # Errors
    /// Where `samverka init` fails.
    pub fn new(path: &Path, role: &str, organisation: &str) -> Result<Self> {
        let home = Self::bare(path);
        home.ok(&["init", "--name", role, "--organisation", organisation, "--role", role])?;
        Ok(home)
    }

    /// A home in `path` that nobody has set up.
    pub fn bare(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The command, ready to run.
    ///
    /// # Errors
    /// Where the binary is not built.
    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(binary("samverka")?);
        command
            .env_remove("SAMVERKA_HOME")
            .arg("--home")
            .arg(&self.path)
            .args(arguments)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs a command, whatever comes of it.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Result<Run> {
        let output = self.command(arguments)?.output().context("run samverka")?;
        Ok(output.into())
    }

    /// Starts a command in the background, its output piped.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn start(&self, arguments: &[&str]) -> Result<Child> {
        Ok(self.command(arguments)?.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }

    /// Runs a command that has to succeed; answers what it printed.
    ///
    /// # Errors
    /// Where it fails; its words are in the error.
    pub fn ok(&self, arguments: &[&str]) -> Result<String> {
        let run = self.run(arguments)?;
        if run.code != Some(0) {
            bail!(
                "samverka {} ended with {:?}:\n{}{}",
                arguments.join(" "),
                run.code,
                run.stdout,
                run.stderr
            );
        }
        Ok(run.stdout)
    }

    /// Runs a command with `--json` that has to succeed; answers its value.
    ///
    /// # Errors
    /// Where it fails, or does not print JSON.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.ok(&[arguments, &["--json"]].concat())?;
        serde_json::from_str(&text)
            .with_context(|| format!("samverka {} printed no JSON: {text}", arguments.join(" ")))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A command that may be killed on the way.
#[derive(Debug)]
pub enum Mortal {
    /// It came to its end first.
    Ended(Run),
    /// It was killed on the spot (SIGKILL).
    Killed,
}

impl Home {
    /// Runs a command and pulls its plug after `life`, if it still runs then.
    ///
    /// # Errors
    /// Where it cannot be started or waited for.
    pub fn run_mortal(&self, arguments: &[&str], life: Duration) -> Result<Mortal> {
        let mut child = self.start(arguments)?;
        thread::sleep(life);
        child.kill()?;
        let output = child.wait_with_output()?;
        // A process that was killed has no exit code; one that had ended before has its own.
        Ok(if output.status.code().is_some() { Mortal::Ended(output.into()) } else { Mortal::Killed })
    }

    /// Runs a command and pulls its plug when it prints its first line, or after `life` at the latest. Answers
    /// whether it was killed.
    ///
    /// # Errors
    /// Where it cannot be started or waited for.
    pub fn run_to_first_line(&self, arguments: &[&str], life: Duration) -> Result<bool> {
        let mut child = self.start(arguments)?;
        let stdout = child.stdout.take().context("its output is piped")?;
        let (sender, first) = mpsc::channel();
        let reader = thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines();
            let line = lines.next();
            // Nobody may be waiting any more; the rest is read so that nothing blocks on a full pipe.
            let _waiting = sender.send(line.is_some());
            lines.for_each(drop);
        });
        let _line = first.recv_timeout(life);
        child.kill()?;
        let status = child.wait_with_output()?.status;
        reader.join().map_err(|_| anyhow!("the reader panicked"))?;
        Ok(status.code().is_none())
    }
}
