//! Two devices edit the same plan without a connection, and everything is there when they meet.
//!
//! `cargo run -p samverka-examples --example offline_merge`

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use samverka_log::Role;
use samverka_plan::{Command, EntityRef, Kind, exchange};
use samverka_replica::InviteRequest;
use serde_json::json;

use samverka_examples::{Device, NOW_MS, Relay, say};

fn main() -> Result<()> {
    let (mut school, mut tablet, mut relay) = two_in_one_plan()?;
    let note = school.add_note("Kväll i byn")?;
    relay.meet(&mut school)?;
    relay.meet(&mut tablet)?;

    // From here on nobody is connected. Both write in the same text, and each moves it to another place.
    let entity = EntityRef::new(Kind::Note, note);
    edit(&mut school, &entity, "text", json!({ "sv": "Kväll i byn, tolk på plats" }))?;
    edit(&mut tablet, &entity, "text", json!({ "sv": "Kaffe och läxhjälp: Kväll i byn" }))?;
    edit(&mut school, &entity, "state", json!("parked"))?;
    edit(&mut tablet, &entity, "on_behalf_of", json!("p-11"))?;
    tablet.add_note("Fråga församlingen om lokal")?;
    say(&format!("the tablet has {} entries that are only there", tablet.replica.status().only_here));

    // They meet again, in whatever order.
    relay.meet(&mut tablet)?;
    relay.meet(&mut school)?;
    relay.meet(&mut tablet)?;
    let (one, other) =
        (exchange::json::export_text(school.replica.workspace()?), tablet.replica.workspace()?);
    ensure!(one == exchange::json::export_text(other), "equal replicas export equal bytes");
    for text in school.notes()? {
        say(&format!("- {text}"));
    }
    let merged = school.notes()?.concat();
    ensure!(
        merged.contains("tolk på plats") && merged.contains("Kaffe och läxhjälp"),
        "nothing typed is lost"
    );
    say(&format!("the tablet has {} entries that are only there", tablet.replica.status().only_here));
    Ok(())
}

fn edit(device: &mut Device, entity: &EntityRef, field: &str, value: serde_json::Value) -> Result<()> {
    let fields = BTreeMap::from([(field.to_owned(), value)]);
    device.execute(&Command::Edit { entity: entity.clone(), fields })?;
    Ok(())
}

fn two_in_one_plan() -> Result<(Device, Device, Relay)> {
    let mut school = Device::found(1, "Rektor", "Lindsunds skola", "Ingen ensam i Lindsund")?;
    let mut relay = Relay::new(school.replica.space());
    let request =
        InviteRequest { role: Role::Editor, expires_at_ms: NOW_MS + 86_400_000, uses: 1, participant: None };
    let invite = school.ask(|replica, rng| replica.invite(&request, NOW_MS, rng))?;
    relay.meet(&mut school)?;
    let link = invite.link.context("this device made it")?;
    let mut tablet = Device::join(2, "Familjearbetare", "Hemservicen för barnfamiljer", &link)?;
    relay.meet(&mut tablet)?;
    relay.meet(&mut school)?;
    let device = school.replica.knocks(NOW_MS).first().context("somebody knocks")?.device;
    school.ask(|replica, rng| replica.admit(device, None, NOW_MS, rng))?;
    relay.meet(&mut school)?;
    relay.meet(&mut tablet)?;
    Ok((school, tablet, relay))
}
