//! `cargo xtask bench`: runs every bench target and keeps the figures.
//!
//! A bench is a program of its own (`harness = false`) that prints one line a figure, `BENCH ` and then JSON:
//! `{"name": "...", "value": 61.2, "unit": "µs", "goal": "at most 100", "limit_name": "...", "limit_value": 48.0}`.
//! `goal` is text that begins with `at most` or `at least` and a number in the same unit (a bare number means
//! `at most`). The limit is what the machine allows for the same work, measured in the same run. Goal and limit may
//! be left out; further fields are kept in the file as they are. The web app's benches print the same from Playwright
//! (`client/web/bench`); the word `web` chooses them.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::browser;
use crate::workspace::{Profile, Workspace, run as run_command, shown, stdout_of};

const MARK: &str = "BENCH ";
/// Set for benches that are to measure less. Those that are quick anyway pay no heed to it.
const QUICK_VARIABLE: &str = "SAMVERKA_BENCH_QUICK";

/// What `cargo xtask bench` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Runs only the bench targets with one of these words in their name or package; `web` for the app in a browser.
    filter: Vec<String>,
    /// Measures less, in a fraction of the time: the figures are rougher.
    #[arg(long)]
    quick: bool,
}

/// One figure.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
    #[serde(default)]
    goal: Option<Goal>,
    #[serde(default)]
    limit_name: Option<String>,
    #[serde(default)]
    limit_value: Option<f64>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Goal {
    AtMost(f64),
    Said(String),
}

/// Runs the benches, prints the table and writes the file.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::open()?;
    let chosen = |names: &[&str]| {
        let said = |word: &String| names.iter().any(|name| name.contains(word.as_str()));
        arguments.filter.is_empty() || arguments.filter.iter().any(said)
    };
    let benches: Vec<_> = workspace
        .targets_of_kind("bench")
        .into_iter()
        .filter(|(package, name)| chosen(&[package, name]))
        .collect();
    let of_app = chosen(&["web"]);
    ensure!(of_app || !benches.is_empty(), "no bench target fits");
    let count = benches.len() + usize::from(of_app);

    let mut figures = Vec::new();
    if of_app {
        // First: the relay takes the app in that is built here.
        println!("\n[1/{count}] the web app in a browser");
        figures.extend(figures_from(&mut browser::bench(&workspace)?, arguments.quick)?);
    }
    // Some benches drive the real programs, and compare nothing with a debug build.
    build(&workspace, &[])?;
    for (index, (package, name)) in benches.iter().enumerate() {
        println!("\n[{}/{count}] {package}: {name}", index + 1 + usize::from(of_app));
        let mut command = workspace.cargo();
        command
            .args(["bench", "--package", package, "--bench", name])
            .env("SAMVERKA_BIN", workspace.binary(Profile::Release, "samverka")?)
            .env("SAMVERKA_RELAY_BIN", workspace.binary(Profile::Release, "samverka-relay")?);
        figures.extend(figures_from(&mut command, arguments.quick)?);
    }
    ensure!(!figures.is_empty(), "no bench printed a figure");

    let path = keep(&workspace, arguments, &figures)?;
    println!("\n{}\nwritten to {}", table(&figures), path.display());
    Ok(())
}

/// Builds the programs as they ship, and `more`.
pub(crate) fn build(workspace: &Workspace, more: &[&str]) -> Result<()> {
    let programs = ["--package=samverka", "--package=samverka-relay"];
    run_command(workspace.cargo().args(["build", Profile::Release.argument()]).args(programs).args(more))
}

/// Runs a bench and takes the figures from what it prints.
fn figures_from(command: &mut Command, quick: bool) -> Result<Vec<Figure>> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if quick {
        command.env(QUICK_VARIABLE, "1");
    }
    let mut child = command.spawn().with_context(|| format!("start {}", shown(command)))?;
    let output = child.stdout.take().context("the output was piped")?;
    let mut figures = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("read what the bench prints")?;
        println!("{line}");
        if let Some(text) = line.strip_prefix(MARK) {
            figures.push(serde_json::from_str(text).with_context(|| format!("not a figure: {text}"))?);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(figures)
}

/// Writes the figures to a file named after the commit, and after the filter and `--quick`: a part, or a rough one, must
/// not replace the whole.
fn keep(workspace: &Workspace, arguments: &Arguments, figures: &[Figure]) -> Result<PathBuf> {
    let commit = commit(workspace)?;
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let name = std::iter::once(commit.as_str())
        .chain(arguments.filter.iter().map(String::as_str))
        .chain(arguments.quick.then_some("quick"))
        .collect::<Vec<_>>()
        .join("-");
    let path = folder.join(format!("{name}.json"));
    let content =
        json!({ "commit": commit, "machine": machine(), "quick": arguments.quick, "figures": figures });
    fs::write(&path, format!("{content:#}\n")).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
}

/// The commit that was measured; `-dirty` where tracked files differ from it.
fn commit(workspace: &Workspace) -> Result<String> {
    let git = || {
        let mut command = Command::new("git");
        command.current_dir(workspace.root());
        command
    };
    let hash = stdout_of(git().args(["rev-parse", "--short=12", "HEAD"]))?;
    let changed = stdout_of(git().args(["status", "--porcelain", "--untracked-files=no"]))?;
    Ok(format!("{}{}", hash.trim(), if changed.is_empty() { "" } else { "-dirty" }))
}

/// What the figures were measured on. What a system does not tell is null.
fn machine() -> Value {
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| field(&text, "model name"));
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field(&text, "MemTotal"));
    json!({
        "processor": processor,
        "cores": std::thread::available_parallelism().ok().map(std::num::NonZero::get),
        "memory": memory,
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
    })
}

fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl Figure {
    /// Whether the goal is met; none where there is no goal that can be read.
    fn meets_goal(&self) -> Option<bool> {
        match self.goal.as_ref()? {
            Goal::AtMost(most) => Some(self.value <= *most),
            Goal::Said(text) => {
                let number = |rest: &str| rest.split_whitespace().next()?.parse::<f64>().ok();
                match (text.strip_prefix("at most "), text.strip_prefix("at least ")) {
                    (Some(rest), _) => Some(self.value <= number(rest)?),
                    (_, Some(rest)) => Some(self.value >= number(rest)?),
                    (None, None) => None,
                }
            }
        }
    }

    fn row(&self) -> [String; 4] {
        let goal = match &self.goal {
            None => String::new(),
            Some(Goal::AtMost(most)) => format!("at most {most}"),
            Some(Goal::Said(text)) => text.clone(),
        };
        let verdict = match self.meets_goal() {
            None => "",
            Some(true) => " (met)",
            Some(false) => " (MISSED)",
        };
        let limit = match (&self.limit_name, self.limit_value) {
            (Some(name), Some(value)) => format!("{} {} {name}", rounded(value), self.unit),
            (Some(name), None) => name.clone(),
            (None, _) => String::new(),
        };
        [
            self.name.clone(),
            format!("{} {}", rounded(self.value), self.unit),
            format!("{goal}{verdict}"),
            limit,
        ]
    }
}

/// Three digits that mean something, and never fewer than the whole number has.
fn rounded(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

fn table(figures: &[Figure]) -> String {
    let head = ["figure", "value", "goal", "limit measured beside it"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(figures.iter().map(Figure::row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [name, value, goal, limit] in &rows {
        let line = format!("{name:<0$}  {value:>1$}  {goal:<2$}  {limit}", widths[0], widths[1], widths[2]);
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_keeps_fields_that_the_collector_does_not_know() {
        let text = r#"{"name":"a","value":1,"unit":"µs","subscribers":20}"#;
        let figure: Figure = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&figure).unwrap()["subscribers"], 20);
    }

    #[test]
    fn a_goal_is_judged_in_both_directions() {
        assert_eq!(figure(99.0, &json!("at most 100")).meets_goal(), Some(true));
        assert_eq!(figure(59.0, &json!("at least 60 %")).meets_goal(), Some(false));
        assert_eq!(figure(101.0, &json!(100)).meets_goal(), Some(false));
        assert_eq!(figure(1.0, &json!("none yet")).meets_goal(), None);
        assert_eq!(figure(1.0, &Value::Null).meets_goal(), None);
    }

    #[test]
    fn the_table_says_which_goal_was_missed() {
        let text = table(&[figure(140.0, &json!("at most 100"))]);
        assert!(text.contains("140 µs  at most 100 (MISSED)"), "{text}");
    }

    fn figure(value: f64, goal: &Value) -> Figure {
        serde_json::from_value(json!({ "name": "accept", "value": value, "unit": "µs", "goal": goal }))
            .unwrap()
    }
}
