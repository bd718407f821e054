//! Two organisations, one plan, no owner: a school founds it, the home services come in by a link, and a promise is
//! made, kept and accepted between equals.
//!
//! `cargo run -p samverka-examples --example two_organisations`

use anyhow::{Context as _, Result, ensure};
use samverka_log::Role;
use samverka_plan::{Command, Event, Kind, Language, State};
use samverka_replica::InviteRequest;
use serde_json::json;

use samverka_examples::{Device, NOW_MS, Relay, say};

fn main() -> Result<()> {
    // The school founds the plan. It is whole on its own device before any relay has heard of it.
    let mut school = Device::found(1, "Rektor", "Lindsunds skola", "Ingen ensam i Lindsund")?;
    let mut relay = Relay::new(school.replica.space());
    school.add_note("Ingen äter ensam i matsalen")?;

    // An invitation is a link with a secret in its fragment, which no web server ever sees.
    let request =
        InviteRequest { role: Role::Editor, expires_at_ms: NOW_MS + 86_400_000, uses: 1, participant: None };
    let invite = school.ask(|replica, rng| replica.invite(&request, NOW_MS, rng))?;
    let link = invite.link.context("this device made it")?;
    relay.meet(&mut school)?;

    // The home services knock. The relay keeps the knock and cannot read who it is.
    let mut services = Device::join(2, "Familjearbetare", "Hemservicen för barnfamiljer", &link)?;
    relay.meet(&mut services)?;
    relay.meet(&mut school)?;
    let knock = school.replica.knocks(NOW_MS).into_iter().next().context("somebody knocks")?;
    say(&format!("{} ({}) knocks; both screens show {}", knock.name, knock.organisation, knock.check_code));
    school.ask(|replica, rng| replica.admit(knock.device, None, NOW_MS, rng))?;
    relay.meet(&mut school)?;
    relay.meet(&mut services)?;

    // A promise: only the one who will own it can make it, only the receiver can accept it.
    let own = services.replica.me().context("the services are in")?;
    let own = services.replica.workspace()?.participant_of(&own).context("and are a participant")?;
    let title = json!({ "sv": "Tre kvällscaféer för familjer i norra byarna" });
    let fields = [("title", title), ("owner", json!(own)), ("due", json!("2027-03-31"))];
    let id = school.add(Kind::Commitment, fields)?;
    let too_early =
        school.execute(&Command::Commitment { id: id.clone(), event: Event::Promise { subject_to: None } });
    say(&format!("The school cannot promise for others: {}", too_early.err().context("it was refused")?));
    relay.meet(&mut school)?;
    relay.meet(&mut services)?;
    services.execute(&Command::Commitment { id: id.clone(), event: Event::Promise { subject_to: None } })?;
    services
        .execute(&Command::Commitment { id: id.clone(), event: Event::ReportDone { evidence: [].into() } })?;
    relay.meet(&mut services)?;
    relay.meet(&mut school)?;
    school.execute(&Command::Commitment { id: id.clone(), event: Event::Accept })?;
    relay.meet(&mut school)?;
    relay.meet(&mut services)?;

    for device in [&school, &services] {
        let view = device
            .replica
            .workspace()?
            .commitment(&id, Language::SvFi, "2027-02-01")
            .context("it is there")?;
        say(&format!("{}: {}", view.title, view.state_word));
        ensure!(view.state == State::Accepted, "both see the same");
    }
    Ok(())
}
