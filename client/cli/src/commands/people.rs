//! People: invitations, the door, who is in.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use samverka_log::{DeviceId, MemberId};
use samverka_plan::EntityRef;
use samverka_replica::{InviteRequest, Joining, KnockState, Replica};
use samverka_seal::{DeviceKeys, InviteLink, Profile};
use serde_json::{Value as Json, json};

use super::participant;
use crate::args::{Arguments, DoorCommand, InviteArguments, InviteCommand, MembersCommand};
use crate::home::Home;
use crate::net::{Report, Stay, talk_to_relays};
use crate::output::talk;
use crate::session::{Access, DONE, Session, system_rng};
use crate::values::{moment, now_ms, one_of};
use crate::words::Word;

/// How long `join` tries to reach a relay.
const JOIN_MAX: Duration = Duration::from_secs(30);

pub(super) fn invite(arguments: &Arguments, command: &InviteArguments) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    match &command.command {
        None => {
            let participant =
                command.participant.as_deref().map(|typed| participant(&session, typed)).transpose()?;
            let request = InviteRequest {
                role: command.role,
                expires_at_ms: now_ms().saturating_add(command.expires),
                uses: command.uses,
                participant,
            };
            let view = session.replica.invite(&request, now_ms(), &mut session.rng)?;
            session.drive()?;
            let link = view.link.clone().unwrap_or_default();
            session.output.result(&invite_json(&view), || vec![link])?;
            let (uses, until) = (view.uses.to_string(), moment(view.expires_at_ms));
            session.output.talk(Word::LinkMade, &[&uses, view.role.word(), &until]);
            session.output.talk(Word::CarriesOn, &[]);
        }
        Some(InviteCommand::List) => {
            let invites = session.replica.invites(now_ms());
            let json: Vec<Json> = invites.iter().map(invite_json).collect();
            let row = |view: &samverka_replica::InviteView| {
                vec![
                    view.id.short(),
                    view.role.word().to_owned(),
                    format!("{}/{}", view.used, view.uses),
                    moment(view.expires_at_ms),
                    view.closed.unwrap_or("").to_owned(),
                ]
            };
            let head = [Word::Id, Word::Rights, Word::Used, Word::Expires, Word::State];
            session.output.list(&json!(json), &head, &invites.iter().map(row).collect::<Vec<_>>(), None)?;
        }
        Some(InviteCommand::Revoke { id }) => {
            let ids: Vec<String> =
                session.replica.invites(now_ms()).iter().map(|view| view.id.to_string()).collect();
            let id = one_of("invitation", id, &ids)?;
            session.replica.revoke_invite(id.parse()?, now_ms())?;
            session.drive()?;
            let said = session.output.say(Word::LinkRevoked, &[]);
            session.output.result(&json!({ "id": id, "revoked": true }), || vec![said])?;
            session.output.talk(Word::CarriesOn, &[]);
        }
    }
    Ok(DONE)
}

fn invite_json(view: &samverka_replica::InviteView) -> Json {
    json!({
        "id": view.id.to_string(),
        "role": view.role.word(),
        "expires_at_ms": view.expires_at_ms,
        "uses": view.uses,
        "used": view.used,
        "closed": view.closed,
        "link": view.link,
    })
}

pub(super) fn join(arguments: &Arguments, link: &str, no_wait: bool) -> Result<ExitCode> {
    let home = Home::at(arguments.home.clone())?;
    let person = home.person()?;
    let mut store = home.store()?;
    let link = InviteLink::parse(link)?;
    let space = link.space;
    let mut rng = system_rng()?;
    let keys = if Home::plans(&store)?.iter().any(|plan| plan.space == space) {
        // Whoever was turned away, or came too late, may knock again by another link.
        if !Home::is_joining(&store, space)? {
            bail!("this device is in this plan already: `samverka sync --plan {}` fetches it", space.short());
        }
        // Under new keys after a refusal: the relay knows the old ones as turned away.
        if Home::was_refused(&store, space)? {
            DeviceKeys::make(&mut rng)
        } else {
            Home::keys(&store, space)?
        }
    } else {
        DeviceKeys::make(&mut rng)
    };
    let slot = home.take_slot(space)?;
    // Whom the link is meant for is what the newcomer says they are; the admin sees it and confirms.
    let profile = Profile { participant: link.participant, ..super::plan::profile(&person) };
    let joining = Joining { link, keys: keys.clone(), slot: slot.slot, profile };
    let replica = Replica::join(joining, now_ms(), &mut rng)?;
    Home::keep_keys(&mut store, space, &keys)?;
    let output = person.output(arguments);
    let mut session = Session::with(home, person, store, replica, slot, rng, output);
    session.drive()?;
    let code = session.replica.check_code().unwrap_or_default();
    output.talk(Word::Knocking, &[&code]);
    let stay = if no_wait { Stay::UntilKnocked } else { Stay::UntilAdmitted };
    session.replica.set_eager();
    let report = talk_to_relays(&mut session, stay, JOIN_MAX, &mut |_, _| Ok(()))?;
    session.keep_title()?;
    keep_refusal(&mut session, &report)?;
    tell_joined(&session, &report, &code)
}

/// Remembers a refusal, for the next knock.
pub(super) fn keep_refusal(session: &mut Session, report: &Report) -> Result<()> {
    if report.knock == Some(KnockState::Refused) {
        Home::keep_refusal(&mut session.store, session.replica.space())?;
    }
    Ok(())
}

fn tell_joined(session: &Session, report: &Report, code: &str) -> Result<ExitCode> {
    let state = match report.knock {
        Some(KnockState::Admitted) => "admitted",
        Some(KnockState::Refused) => "refused",
        Some(KnockState::Expired) => "expired",
        Some(KnockState::Waiting) => "waiting",
        None => "not sent",
    };
    let space = session.replica.space();
    let json = json!({ "id": space.to_string(), "state": state, "check_code": code, "failed": report.failed_json() });
    let title = session
        .workspace()
        .map(|workspace| workspace.text(&EntityRef::meta(), "title", session.language().tag()))
        .unwrap_or_default();
    let said = match report.knock {
        Some(KnockState::Admitted) => session.output.say(Word::LetIn, &[&title]),
        Some(KnockState::Refused) => session.output.say(Word::SaidNo, &[]),
        Some(KnockState::Expired) => session.output.say(Word::KnockExpired, &[]),
        Some(KnockState::Waiting) => session.output.say(Word::StillWaiting, &[]),
        None => session.output.say(Word::KnockKept, &[]),
    };
    session.output.result(&json, || vec![said])?;
    for (url, why) in &report.failed {
        talk(&format!("{url}: {why}"));
    }
    let fine = matches!(report.knock, Some(KnockState::Admitted | KnockState::Waiting));
    Ok(if fine { DONE } else { ExitCode::FAILURE })
}

pub(super) fn knocks(arguments: &Arguments) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let knocks = session.replica.knocks(now_ms());
    let json: Vec<Json> = knocks
        .iter()
        .map(|knock| {
            json!({
                "device": knock.device.to_string(),
                "name": knock.name,
                "organisation": knock.organisation,
                "role_title": knock.role_title,
                "check_code": knock.check_code,
                "made_ms": knock.made_ms,
                "role": knock.role.map(samverka_log::Role::word),
                "closed": knock.closed,
            })
        })
        .collect();
    let row = |knock: &samverka_replica::KnockView| {
        vec![
            knock.device.short(),
            knock.name.clone(),
            knock.organisation.clone(),
            knock.check_code.clone(),
            knock.closed.map(|why| format!("the invitation {why}")).unwrap_or_default(),
        ]
    };
    let head = [Word::Id, Word::Name, Word::Organisation, Word::Code, Word::State];
    let rows: Vec<Vec<String>> = knocks.iter().map(row).collect();
    session.output.list(&json!(json), &head, &rows, Some(Word::NobodyKnocks))?;
    Ok(DONE)
}

pub(super) fn admit(arguments: &Arguments, ids: &[String], all: bool, who: Option<&str>) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let who = who.map(|typed| participant(&session, typed)).transpose()?;
    let mut admitted = Vec::new();
    let mut failed = Vec::new();
    for device in at_the_door(&session, ids, all)? {
        match session.replica.admit(device, who.clone(), now_ms(), &mut session.rng) {
            Ok(()) => admitted.push(device.to_string()),
            Err(error) if all => failed.push((device.to_string(), error.to_string())),
            Err(error) => return Err(error.into()),
        }
    }
    session.drive()?;
    let refused: Vec<Json> =
        failed.iter().map(|(device, why)| json!({ "device": device, "reason": why })).collect();
    let said = session.output.say(Word::Admitted, &[&admitted.len().to_string()]);
    session.output.result(&json!({ "admitted": admitted, "failed": refused }), || vec![said])?;
    session.output.talk(if admitted.is_empty() { Word::NobodyKnocks } else { Word::CarriesOn }, &[]);
    for (device, why) in &failed {
        talk(&format!("{}: {why}", device.get(..8).unwrap_or(device)));
    }
    Ok(if failed.is_empty() { DONE } else { ExitCode::FAILURE })
}

pub(super) fn refuse(arguments: &Arguments, ids: &[String]) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    let devices = at_the_door(&session, ids, false)?;
    for device in &devices {
        session.replica.refuse_knock(*device)?;
    }
    session.drive()?;
    let said = session.output.say(Word::Turned, &[&devices.len().to_string()]);
    session.output.result(&json!({ "refused": devices.len() }), || vec![said])?;
    Ok(DONE)
}

fn at_the_door(session: &Session, ids: &[String], all: bool) -> Result<Vec<DeviceId>> {
    let devices: Vec<DeviceId> = session.replica.knocks(now_ms()).iter().map(|knock| knock.device).collect();
    if all {
        return Ok(devices);
    }
    let names: Vec<String> = devices.iter().map(ToString::to_string).collect();
    ids.iter().map(|typed| Ok(one_of("knock", typed, &names)?.parse()?)).collect()
}

pub(super) fn door(arguments: &Arguments, command: &DoorCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, Access::Write)?;
    match command {
        DoorCommand::Open { minutes } => {
            let until = now_ms().saturating_add(minutes.saturating_mul(60_000));
            session.replica.open_door(until, now_ms(), &mut session.rng)?;
            session.drive()?;
            let said = session.output.say(Word::DoorOpen, &[&moment(until)]);
            session.output.result(&json!({ "open_until_ms": until }), || vec![said])?;
        }
        DoorCommand::Close => {
            session.replica.close_door();
            session.drive()?;
            let said = session.output.say(Word::DoorClosed, &[]);
            session.output.result(&json!({ "open_until_ms": Json::Null }), || vec![said])?;
        }
    }
    Ok(DONE)
}

pub(super) fn members(arguments: &Arguments, command: Option<&MembersCommand>) -> Result<ExitCode> {
    let Some(command) = command else { return list_members(arguments) };
    let mut session = Session::open(arguments, Access::Write)?;
    let said = match command {
        MembersCommand::Role { id, role } => {
            let member = member(&session, id)?;
            session.replica.change_role(member, *role, now_ms(), &mut session.rng)?;
            Word::RoleChanged
        }
        MembersCommand::Remove { id, device: true } => {
            let membership = session.replica.membership();
            let devices: Vec<String> = membership
                .members()
                .flat_map(|member| member.devices.keys())
                .map(ToString::to_string)
                .collect();
            let device: DeviceId = one_of("device", id, &devices)?.parse()?;
            session.replica.remove_device(device, now_ms(), &mut session.rng)?;
            Word::DeviceOut
        }
        MembersCommand::Remove { id, device: false } => {
            let member = member(&session, id)?;
            session.replica.remove_member(member, now_ms(), &mut session.rng)?;
            Word::MemberOut
        }
        MembersCommand::AcceptLate { id } => {
            let member = member(&session, id)?;
            session.replica.accept_late(member, now_ms())?;
            Word::TakenIn
        }
        MembersCommand::Leave => {
            session.replica.leave(now_ms())?;
            Word::Left
        }
    };
    session.drive()?;
    let said = session.output.say(said, &[]);
    session.output.result(&json!({ "done": true }), || vec![said])?;
    session.output.talk(Word::CarriesOn, &[]);
    Ok(DONE)
}

/// The member that was typed: by name, or by id or its beginning.
fn member(session: &Session, typed: &str) -> Result<MemberId> {
    let membership = session.replica.membership();
    let named: Vec<MemberId> =
        membership.members().map(|member| member.id).filter(|id| session.name_of(id) == typed).collect();
    if let [one] = named.as_slice() {
        return Ok(*one);
    }
    let ids: Vec<String> =
        session.replica.membership().members().map(|member| member.id.to_string()).collect();
    one_of("member", typed, &ids)?.parse().context("a member's id")
}

fn list_members(arguments: &Arguments) -> Result<ExitCode> {
    let session = Session::open(arguments, Access::Read)?;
    let workspace = session.workspace()?;
    let membership = session.replica.membership();
    let tag = session.language().tag();
    let status = session.replica.status();
    let mut json = Vec::new();
    let mut rows = Vec::new();
    for member in membership.members() {
        let profile = workspace.profile(&member.id).cloned().unwrap_or_default();
        let participant = workspace.participant_of(&member.id);
        let role_title = participant
            .as_ref()
            .map(|id| {
                workspace.text(
                    &EntityRef::new(samverka_plan::Kind::Participant, id.clone()),
                    "role_title",
                    tag,
                )
            })
            .unwrap_or_default();
        let organisation = participant.as_deref().and_then(|id| workspace.org_of(id)).map_or_else(
            || profile.organisation.clone(),
            |org| workspace.text(&EntityRef::new(samverka_plan::Kind::Organisation, org), "name", tag),
        );
        let seen = status
            .devices
            .iter()
            .filter(|device| device.member == member.id)
            .filter_map(|device| device.said_ms)
            .max();
        let me = session.replica.me() == Some(member.id);
        let name = session.name_of(&member.id);
        rows.push(vec![
            member.id.to_string().chars().take(8).collect(),
            name.clone(),
            organisation.clone(),
            if member.is_in() { member.role.word().to_owned() } else { session.output.say(Word::Gone, &[]) },
            member.devices.len().to_string(),
            if me { session.output.say(Word::ThisDevice, &[]) } else { seen.map(moment).unwrap_or_default() },
        ]);
        json.push(json!({
            "id": member.id.to_string(),
            "name": name,
            "organisation": organisation,
            "role_title": role_title,
            "participant": participant,
            "role": member.role.word(),
            "is_in": member.is_in(),
            "me": me,
            "admitted_by": membership.member_of(&member.admitted_by).map(|by| by.to_string()),
            "added_by_operation": member.added_by.to_string(),
            "devices": member.devices.values().map(|device| json!({
                "id": device.device.to_string(),
                "is_in": device.removed_by.is_none(),
            })).collect::<Vec<_>>(),
            "last_seen_ms": seen,
        }));
    }
    let head = [Word::Id, Word::Name, Word::Organisation, Word::Rights, Word::Devices, Word::Heard];
    session.output.list(&json!(json), &head, &rows, None)?;
    Ok(DONE)
}
