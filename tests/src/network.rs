//! A network of people: several homes that keep one plan through one or more relays.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Home, Relay};

/// Organisation and role of each member of the six-organisation network.
pub const SIX: [(&str, &str); 6] = [
    ("Rektor", "Lindsunds skola"),
    ("Daghemsföreståndare", "Daghemmet Tallkotten"),
    ("Hälsovårdare A", "Barnrådgivningen"),
    ("Psykolog", "Elevvården (psykolog, kurator)"),
    ("Familjearbetare", "Hemservicen för barnfamiljer"),
    ("Familjerådgivare", "Familjerådgivningen"),
];

/// Homes that share one plan.
pub struct Network {
    /// The homes; the first one founded the plan.
    pub homes: Vec<Home>,
    /// The plan's id.
    pub plan: String,
}

impl Network {
    /// Founds a plan at the relays and lets everybody in, in one meeting with an open door.
    ///
    /// # Errors
    /// Where a step fails.
    pub fn found(folder: &Path, relays: &[&Relay], people: &[(&str, &str)]) -> Result<Self> {
        let homes = people
            .iter()
            .enumerate()
            .map(|(index, (role, organisation))| {
                Home::new(&folder.join(format!("home-{index}")), role, organisation)
            })
            .collect::<Result<Vec<_>>>()?;
        let (founder, others) = homes.split_first().context("a network has people")?;
        let urls: Vec<String> = relays.iter().map(|relay| relay.url()).collect();
        let mut arguments = vec!["plan", "new", "Ingen ensam i Lindsund"];
        for url in &urls {
            arguments.extend(["--relay", url]);
        }
        let plan = founder.json(&arguments)?;
        let plan = text(&plan, "id")?.to_owned();
        founder.ok(&["sync"])?;
        for home in others {
            admit(founder, home)?;
        }
        Ok(Self { homes, plan })
    }

    /// Lets every home synchronise until all have the same: at most `rounds` times around.
    ///
    /// # Errors
    /// Where a sync fails, or the homes still differ at the end.
    pub fn settle(&self, rounds: usize) -> Result<()> {
        for _ in 0..rounds {
            for home in &self.homes {
                home.ok(&["sync"])?;
            }
            if self.agree()? {
                return Ok(());
            }
        }
        let differences = self.differences()?;
        ensure!(
            differences.is_empty(),
            "the homes differ after {rounds} rounds:\n{}",
            differences.join("\n")
        );
        Ok(())
    }

    /// Where the homes differ from the first one, in words.
    fn differences(&self) -> Result<Vec<String>> {
        let (first, others) = self.homes.split_first().context("a network has people")?;
        let mut differences = Vec::new();
        let (own_heads, own_export) = (heads(first)?, first.ok(&["export", "--format", "json"])?);
        for home in others {
            let name = home.path().display();
            if heads(home)? != own_heads {
                let statuses = [first.ok(&["status"])?, home.ok(&["status"])?].join("\n");
                differences.push(format!("{name}: other heads\n{statuses}"));
            }
            let export = home.ok(&["export", "--format", "json"])?;
            let lines = own_export.lines().zip(export.lines()).filter(|(one, other)| one != other);
            differences.extend(lines.take(3).map(|(one, other)| format!("{name}: {one} / {other}")));
            if export.lines().count() != own_export.lines().count() {
                differences.push(format!("{name}: an export of another length"));
            }
        }
        Ok(differences)
    }

    /// Whether all homes have the same Automerge heads and export the same bytes.
    ///
    /// # Errors
    /// Where a home cannot export.
    pub fn agree(&self) -> Result<bool> {
        let mut all =
            self.homes.iter().map(|home| Ok((heads(home)?, home.ok(&["export", "--format", "json"])?)));
        let first: Result<_> = all.next().context("a network has people")?;
        let first = first?;
        for other in all {
            let other: (Value, String) = other?;
            if other != first {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Invites a home with a link of one use, lets it knock and admits it.
///
/// # Errors
/// Where a step fails.
pub fn admit(admin: &Home, newcomer: &Home) -> Result<()> {
    let_in(admin, newcomer, None)
}

/// As [`admit`], for somebody whom the admin knows as a participant of the plan.
///
/// # Errors
/// Where a step fails.
pub fn admit_as(admin: &Home, newcomer: &Home, participant: &str) -> Result<()> {
    let_in(admin, newcomer, Some(participant))
}

fn let_in(admin: &Home, newcomer: &Home, participant: Option<&str>) -> Result<()> {
    let invitation = admin.json(&["invite", "--uses", "1", "--expires", "7d"])?;
    let link = text(&invitation, "link")?;
    admin.ok(&["sync"])?;
    newcomer.ok(&["join", link, "--no-wait"])?;
    admin.ok(&["sync"])?;
    match participant {
        None => admin.ok(&["admit", "--all"])?,
        Some(participant) => admin.ok(&["admit", "--all", "--as", participant])?,
    };
    admin.ok(&["sync"])?;
    newcomer.ok(&["sync"])?;
    Ok(())
}

/// The Automerge heads of every document, as `status --json` gives them.
///
/// # Errors
/// Where the home cannot be asked.
pub fn heads(home: &Home) -> Result<Value> {
    let status = home.json(&["status"])?;
    Ok(status.get("heads").context("status has no heads")?.clone())
}

/// A text field.
///
/// # Errors
/// Where there is none.
pub fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value.get(field).and_then(Value::as_str).with_context(|| format!("no text {field} in {value}"))
}
