//! `cargo xtask mutants`: faults on purpose. Each file in `tests/mutants` is a patch with the test that has to catch it
//! written above it; each is put into a copy of the code, and its test has to fail there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::workspace::{Workspace, run as run_command, stdout_of};

/// Where the patches are.
const FOLDER: &str = "tests/mutants";

/// The line in a patch that names the test: what `cargo test` is told.
const CAUGHT_BY: &str = "Caught-by: ";

/// What `cargo xtask mutants` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Tries those only whose name holds one of these words.
    words: Vec<String>,
    /// Names them with the test that catches each, and tries nothing.
    #[arg(long)]
    list: bool,
}

/// One fault.
#[derive(Debug)]
struct Mutant {
    name: String,
    path: PathBuf,
    /// What is wrong in it.
    what: String,
    /// What `cargo test` is told.
    caught_by: Vec<String>,
}

/// Tries the faults.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::open()?;
    let chosen = |mutant: &Mutant| {
        arguments.words.is_empty() || arguments.words.iter().any(|word| mutant.name.contains(word.as_str()))
    };
    let mutants: Vec<Mutant> = read_all(workspace.root())?.into_iter().filter(chosen).collect();
    ensure!(!mutants.is_empty(), "no fault in {FOLDER} has such a name");
    if arguments.list {
        for mutant in &mutants {
            println!(
                "{:<44}{}\n{:<44}cargo test {}",
                mutant.name,
                mutant.what,
                "",
                mutant.caught_by.join(" ")
            );
        }
        return Ok(());
    }
    let scratch = Scratch::copy(&workspace)?;
    let mut missed = Vec::new();
    for (number, mutant) in mutants.iter().enumerate() {
        let caught = scratch.catches(mutant)?;
        let verdict = if caught { "caught" } else { "NOT CAUGHT" };
        println!("[{}/{}] {}: {verdict}", number + 1, mutants.len(), mutant.name);
        if !caught {
            missed.push(mutant.name.as_str());
        }
    }
    ensure!(missed.is_empty(), "not caught: {}", missed.join(", "));
    println!("all {} are caught", mutants.len());
    Ok(())
}

fn read_all(root: &Path) -> Result<Vec<Mutant>> {
    let folder = root.join(FOLDER);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "patch"));
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Result<Mutant> {
    let text = fs::read_to_string(&path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let caught_by = text.lines().find_map(|line| line.strip_prefix(CAUGHT_BY));
    let caught_by = caught_by.with_context(|| format!("{name} does not say {CAUGHT_BY}"))?;
    let what = text.lines().next().unwrap_or_default().to_owned();
    ensure!(!what.starts_with("diff ") && !what.starts_with(CAUGHT_BY), "{name} does not say what is wrong");
    Ok(Mutant { name, path, what, caught_by: caught_by.split_whitespace().map(str::to_owned).collect() })
}

/// A copy of the code as it stands, uncommitted changes too, with a target folder that all faults share.
struct Scratch {
    tree: PathBuf,
    target: PathBuf,
}

impl Scratch {
    fn copy(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target().join("mutants");
        let (tree, target) = (folder.join("tree"), folder.join("target"));
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        let mut list = Command::new("git");
        list.current_dir(workspace.root()).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        for name in stdout_of(&mut list)?.split('\0').filter(|name| !name.is_empty()) {
            let (from, to) = (workspace.root().join(name), tree.join(name));
            // A file that was removed and not committed yet is listed all the same.
            if from.is_file() {
                fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
                fs::copy(&from, &to).with_context(|| format!("copy {name}"))?;
            }
        }
        let scratch = Self { tree, target };
        // A repository of its own, so that patches are applied to it and not to the one that it lies in.
        run_command(&mut scratch.git(&["init", "--quiet"]))?;
        Ok(scratch)
    }

    /// Whether the named test fails with the fault in the code, and the code builds with it.
    fn catches(&self, mutant: &Mutant) -> Result<bool> {
        let patch = mutant.path.to_string_lossy();
        run_command(&mut self.git(&["apply", &patch]))
            .with_context(|| format!("{} does not apply", mutant.name))?;
        let caught = self.test_fails(mutant);
        run_command(&mut self.git(&["apply", "--reverse", &patch]))?;
        caught
    }

    fn test_fails(&self, mutant: &Mutant) -> Result<bool> {
        let built = self.cargo_test(mutant, &["--no-run"])?;
        ensure!(built.status.success(), "{} does not build:\n{}", mutant.name, text(&built.stderr));
        let tested = self.cargo_test(mutant, &[])?;
        let said = text(&tested.stdout);
        if said.contains("test result: FAILED") {
            return Ok(true);
        }
        if !tested.status.success() {
            bail!("{}: the test did not come to a verdict:\n{said}{}", mutant.name, text(&tested.stderr));
        }
        ensure!(!said.lines().all(|line| !line.starts_with("test ")), "{} names no test", mutant.name);
        Ok(false)
    }

    fn cargo_test(&self, mutant: &Mutant, more: &[&str]) -> Result<std::process::Output> {
        // What follows `--` is for the test program.
        let split = mutant.caught_by.iter().position(|word| word == "--").unwrap_or(mutant.caught_by.len());
        let (own, program) = mutant.caught_by.split_at(split);
        let mut command = Command::new("cargo");
        command.current_dir(&self.tree).arg("test").args(own).args(more);
        if more.is_empty() {
            command.args(program);
        }
        command.env("CARGO_TARGET_DIR", &self.target).stdin(Stdio::null());
        Ok(command.output()?)
    }

    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.tree).args(arguments);
        command
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_fits_the_code_and_names_a_test() {
        let workspace = Workspace::open().unwrap();
        let mutants = read_all(workspace.root()).unwrap();
        assert!(!mutants.is_empty());
        for mutant in mutants {
            assert!(mutant.caught_by.iter().any(|word| word == "-p"), "{} names no package", mutant.name);
            let mut check = Command::new("git");
            check.current_dir(workspace.root()).args(["apply", "--check"]).arg(&mutant.path);
            let applied = check.output().unwrap();
            assert!(applied.status.success(), "{}: {}", mutant.name, text(&applied.stderr));
        }
    }
}
