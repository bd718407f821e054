//! Programs that the checks need and a fresh clone lacks. They are built from crates.io into `target/tools`,
//! so that nothing is left outside the checkout.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{Workspace, run, stdout_of};

/// A cargo extension, at the version that the checks were written for.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Licences, bans, sources and advisories of the dependencies.
pub(crate) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Dependencies that a manifest names and no code uses.
pub(crate) const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2" };

impl Tool {
    /// The program, built first where it is missing or has another version.
    pub(crate) fn command(&self, workspace: &Workspace) -> Result<Command> {
        let path = self.path(workspace);
        if !self.is_installed(workspace) {
            let mut install = workspace.cargo();
            // Unoptimised: 51 s for cargo-deny on two cores instead of about 4 minutes, and a run takes seconds either way.
            install
                .args(["install", "--locked", "--debug", "--force"])
                .arg(format!("{}@{}", self.name, self.version))
                .arg("--root")
                .arg(workspace.target().join("tools"));
            run(&mut install)?;
        }
        let mut command = Command::new(path);
        command.current_dir(workspace.root());
        Ok(command)
    }

    fn path(&self, workspace: &Workspace) -> PathBuf {
        workspace.target().join("tools/bin").join(self.name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    fn is_installed(&self, workspace: &Workspace) -> bool {
        // A tool that cannot say its version is as good as absent: it is built again.
        stdout_of(Command::new(self.path(workspace)).arg("--version"))
            .is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
    }
}
