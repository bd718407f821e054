//! Who is in, who is asked in, who is at the door.

use samverka_log::{MemberId, Role};
use samverka_plan::{EntityRef, Kind};
use samverka_replica::{InviteRequest, InviteView};
use serde_json::{Value as Json, json};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};

impl OpenPlan {
    /// What a member is called: by the name that they gave, their role in the plan, or the beginning of the id.
    pub(crate) fn name_of(&self, member: &MemberId) -> String {
        let Ok(workspace) = self.workspace() else { return member.short() };
        let name = workspace.profile(member).map(|profile| profile.name.clone());
        let role = || {
            let participant = workspace.participant_of(member)?;
            let entity = EntityRef::new(Kind::Participant, participant);
            Some(workspace.text(&entity, "role_title", self.language.tag()))
        };
        let said = |name: &String| !name.is_empty();
        name.filter(said).or_else(role).filter(said).unwrap_or_else(|| member.short())
    }

    pub(crate) fn members(&self) -> Result<Json, Failure> {
        let workspace = self.workspace()?;
        let membership = self.replica.membership();
        let status = self.replica.status();
        let tag = self.language.tag();
        let members = membership.members().map(|member| {
            let profile = workspace.profile(&member.id).cloned().unwrap_or_default();
            let participant = workspace.participant_of(&member.id);
            let organisation = participant
                .as_deref()
                .and_then(|id| workspace.org_of(id))
                .map_or(profile.organisation, |org| {
                    workspace.text(&EntityRef::new(Kind::Organisation, org), "name", tag)
                });
            let role_title = participant.as_ref().map_or(profile.role_title, |id| {
                workspace.text(&EntityRef::new(Kind::Participant, id), "role_title", tag)
            });
            let heard = status.devices.iter().filter(|device| device.member == member.id);
            let devices: Vec<Json> = member
                .devices
                .values()
                .map(|device| {
                    json!({
                        "id": device.device.to_string(),
                        "is_in": device.removed_by.is_none(),
                        "this_device": device.device == self.replica.device(),
                    })
                })
                .collect();
            json!({
                "id": member.id.to_string(),
                "name": self.name_of(&member.id),
                "organisation": organisation,
                "role_title": role_title,
                "participant": participant,
                "role": member.role.word(),
                "is_in": member.is_in(),
                "me": self.replica.me() == Some(member.id),
                "admitted_by": membership.member_of(&member.admitted_by).map(|by| by.to_string()),
                "devices": devices,
                "last_seen_ms": heard.filter_map(|device| device.said_ms).max(),
            })
        });
        Ok(members.collect())
    }

    pub(crate) fn late_entries(&self) -> Json {
        let late = self.replica.quarantined().into_iter().map(|entry| {
            json!({
                "id": entry.id.to_string(),
                "log": entry.log.to_string(),
                "number": entry.number,
                "member": entry.member.map(|member| member.to_string()),
                "reason": entry.reason,
            })
        });
        late.collect()
    }

    pub(crate) fn invites(&self, moment: &Moment) -> Json {
        self.replica.invites(moment.now_ms).iter().map(invite_json).collect()
    }

    pub(crate) fn invite(&mut self, arguments: Arguments<'_>, moment: &Moment) -> Result<Json, Failure> {
        let request = InviteRequest {
            role: arguments.role()?,
            expires_at_ms: arguments.number("expires_at_ms")?,
            uses: u32::try_from(arguments.number("uses")?).unwrap_or(u32::MAX),
            participant: arguments.text_or_none("participant")?.map(str::to_owned),
        };
        let view = self.replica.invite(&request, moment.now_ms, &mut self.rng)?;
        Ok(invite_json(&view))
    }

    pub(crate) fn knocks(&self, moment: &Moment) -> Json {
        let knocks = self.replica.knocks(moment.now_ms).into_iter().map(|knock| {
            json!({
                "device": knock.device.to_string(),
                "name": knock.name,
                "organisation": knock.organisation,
                "role_title": knock.role_title,
                "check_code": knock.check_code,
                "made_ms": knock.made_ms,
                "role": knock.role.map(Role::word),
                "closed": knock.closed,
            })
        });
        knocks.collect()
    }
}

fn invite_json(view: &InviteView) -> Json {
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
