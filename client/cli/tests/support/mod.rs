//! A home in a temporary folder, and the built binary to run in it.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Home {
    folder: TempDir,
}

pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    /// A folder in which nothing is set up.
    pub(crate) fn bare() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    /// A home that is set up.
    pub(crate) fn new() -> Self {
        let home = Self::bare();
        home.ok(&["init", "--name", "Rektor", "--organisation", "Lindsunds skola", "--role", "Rektor"]);
        home
    }

    /// A home with one plan, which lists no relay.
    pub(crate) fn with_plan() -> Self {
        let home = Self::new();
        home.ok(&["plan", "new", "Ingen ensam"]);
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_samverka"))
            .env_remove("SAMVERKA_HOME")
            .env_remove("SAMVERKA_PLAN")
            .arg("--home")
            .arg(self.path())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs");
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("results are UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("talk is UTF-8"),
        }
    }

    /// What a command that has to succeed printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}:\n{}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// What a command that has to fail with `code` said.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}:\n{}{}", run.stdout, run.stderr);
        run.stderr
    }

    /// The value that a command printed with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"))
    }

    /// The id of the thing that a command made.
    pub(crate) fn id(&self, arguments: &[&str]) -> String {
        let made = self.json(arguments);
        field(&made, "id").as_str().unwrap_or_else(|| panic!("{arguments:?}: {made}")).to_owned()
    }

    /// Writes a note; answers its id.
    pub(crate) fn note(&self, text: &str) -> String {
        let made = self.json(&["note", "add", text]);
        field(&made, "ids")[0].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }
}

/// A field that has to be there.
pub(crate) fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or_else(|| panic!("no {name} in {value}"))
}
