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
        ensure!(self.agree()?, "the homes differ after {rounds} rounds");
        Ok(())
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
    let invitation = admin.json(&["invite", "--uses", "1", "--expires", "7d"])?;
    let link = text(&invitation, "link")?;
    admin.ok(&["sync"])?;
    newcomer.ok(&["join", link, "--no-wait"])?;
    admin.ok(&["sync"])?;
    admin.ok(&["admit", "--all"])?;
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
