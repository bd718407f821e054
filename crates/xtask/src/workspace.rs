//! Where the workspace lies, what it holds, and how its programs are started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The workspace as cargo describes it.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

/// One package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    /// Its name as cargo knows it.
    pub(crate) name: String,
    /// Everything in it that can be built.
    pub(crate) targets: Vec<Target>,
}

/// Something that cargo can build in a package.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    /// The name to pass to cargo.
    pub(crate) name: String,
    /// `lib`, `bin`, `bench`, `example`, `test`, ...
    pub(crate) kind: Vec<String>,
    /// Without these it is not built; left out by cargo where there are none.
    #[serde(default, rename = "required-features")]
    pub(crate) required_features: Vec<String>,
}

impl Workspace {
    /// Asks cargo about the workspace that this program was built in.
    pub(crate) fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask lies two folders below the root")?
            .to_owned();
        let mut command = cargo_in(&root);
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata = serde_json::from_str(&stdout_of(&mut command)?).context("read cargo's metadata")?;
        Ok(Self { root, metadata })
    }

    /// The folder of the root `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where builds go.
    pub(crate) fn target(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// The packages.
    pub(crate) fn packages(&self) -> &[Package] {
        &self.metadata.packages
    }

    /// Every (package, target) of one kind, in the order of their names.
    pub(crate) fn targets_of_kind(&self, kind: &str) -> Vec<(&str, &str)> {
        self.targets(|target| target.kind.iter().any(|each| each == kind))
    }

    /// The same, without those that are only built when a feature is asked for.
    pub(crate) fn targets_without_features(&self, kind: &str) -> Vec<(&str, &str)> {
        self.targets(|target| {
            target.required_features.is_empty() && target.kind.iter().any(|each| each == kind)
        })
    }

    fn targets(&self, wanted: impl Fn(&Target) -> bool) -> Vec<(&str, &str)> {
        let mut found: Vec<_> = self
            .packages()
            .iter()
            .flat_map(|package| package.targets.iter().map(move |target| (package.name.as_str(), target)))
            .filter(|(_, target)| wanted(target))
            .map(|(package, target)| (package, target.name.as_str()))
            .collect();
        found.sort_unstable();
        found
    }

    /// A cargo command in the root.
    pub(crate) fn cargo(&self) -> Command {
        cargo_in(&self.root)
    }

    /// The built binary of this name.
    pub(crate) fn binary(&self, profile: Profile, name: &str) -> Result<PathBuf> {
        let path =
            self.target().join(profile.folder()).join(name).with_extension(std::env::consts::EXE_EXTENSION);
        ensure!(path.is_file(), "{} has not been built", path.display());
        Ok(path)
    }
}

/// How the binaries are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Built fast; the dependencies are optimised all the same.
    Dev,
    /// Built to be fast.
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }

    /// The argument that asks cargo for it.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Dev => "--profile=dev",
            Self::Release => "--profile=release",
        }
    }
}

/// Runs a command with its output going straight to the terminal; fails where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("start {}", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command silently and answers what it printed.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("start {}", shown(command)))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}:\n{}", shown(command), output.status, talk.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", shown(command)))
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let quoted = |word: &OsStr| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains(char::is_whitespace) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    };
    let set = command.get_envs().filter_map(|(name, value)| {
        let value = quoted(value?);
        Some(format!("{}={value}", name.to_string_lossy()))
    });
    set.chain(std::iter::once(name).chain(command.get_args()).map(quoted)).collect::<Vec<_>>().join(" ")
}

fn cargo_in(root: &Path) -> Command {
    // Under `cargo xtask`, CARGO names the very cargo that started us.
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["test", "a b"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo test 'a b'");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let workspace = Workspace::open().unwrap();
        let error = stdout_of(workspace.cargo().arg("no-such-command")).unwrap_err();
        assert!(error.to_string().contains("cargo no-such-command"), "{error}");
    }

    #[test]
    fn the_workspace_knows_its_packages() {
        let workspace = Workspace::open().unwrap();
        assert!(workspace.targets_of_kind("bin").contains(&("samverka-relay", "samverka-relay")));
        let generator = ("samverka-plan", "typescript");
        assert!(workspace.targets_of_kind("example").contains(&generator));
        assert!(!workspace.targets_without_features("example").contains(&generator));
    }
}
