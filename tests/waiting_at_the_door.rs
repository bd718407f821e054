//! Somebody knocks and waits until an admin has let them in: the command ends by itself with the plan here, and says on
//! the way when the plan can be seen.

use std::io::{BufRead as _, BufReader, Read as _};

use anyhow::{Context as _, Result, ensure};
use samverka_tests::network::text;
use samverka_tests::{Home, Relay, folder};

#[test]
fn whoever_waits_at_the_door_is_told_when_the_plan_is_here() -> Result<()> {
    let folder = folder()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let admin = Home::new(&folder.path().join("admin"), "Rektor", "Lindsunds skola")?;
    admin.ok(&["plan", "new", "Ingen ensam", "--relay", &relay.url()])?;
    admin.ok(&["note", "add", "Nya familjer känner ingen"])?;
    let invitation = admin.json(&["invite", "--uses", "1"])?;
    admin.ok(&["sync"])?;

    let newcomer = Home::new(&folder.path().join("newcomer"), "Kurator", "Elevvården")?;
    let link = text(&invitation, "link")?;
    let mut waiting = newcomer.start(&["--language", "en", "join", link])?;
    while admin.json(&["knocks"])?.as_array().is_none_or(Vec::is_empty) {
        ensure!(waiting.try_wait()?.is_none(), "it went away before anybody answered");
        admin.ok(&["sync"])?;
    }
    admin.ok(&["admit", "--all"])?;
    admin.ok(&["sync"])?;

    let told = BufReader::new(waiting.stderr.take().context("it is piped")?).lines();
    let told = told.collect::<Result<Vec<String>, _>>()?;
    let mut result = String::new();
    waiting.stdout.take().context("it is piped")?.read_to_string(&mut result)?;
    ensure!(waiting.wait()?.success(), "it failed: {told:?}");
    let here = told.iter().filter(|line| line.starts_with("The plan is here")).count();
    ensure!(here == 1, "it says once that the plan is here: {told:?}");
    ensure!(result.contains("You are in: Ingen ensam"), "it says where one is: {result}");
    ensure!(newcomer.ok(&["note", "list"])?.contains("Nya familjer"), "the plan is not there");
    newcomer.ok(&["verify"])?;
    relay.stop()?;
    Ok(())
}
