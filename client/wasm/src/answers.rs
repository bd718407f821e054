//! Questions and what they answer.

use samverka_log::Role;
use samverka_plan::privacy_hints;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};
use crate::question::Question;

impl OpenPlan {
    pub(crate) fn answer(&mut self, question: Question, moment: &Moment) -> Result<Json, Failure> {
        match question {
            Question::Opened => self.opened(),
            Question::Join => Ok(self.join_state()),
            Question::Plan => self.plan(),
            Question::Notes { board } => json_of(self.notes(board.as_deref())?),
            Question::Clusters { board } => json_of(self.clusters(board.as_deref())?),
            Question::Commitments => json_of(self.workspace()?.commitments(self.language, &moment.today)),
            Question::Commitment { id } => {
                json_of(self.workspace()?.commitment(&id, self.language, &moment.today))
            }
            Question::CommitmentEvents { id } => json_of(self.workspace()?.events(&id)),
            Question::CommitmentChoices { id } => json_of(self.choices(&id, moment)?),
            Question::Participants => json_of(self.participants()?),
            Question::Things { kind, board } => json_of(self.things(kind, board.as_deref())?),
            Question::Thing { kind, id } => json_of(self.thing(kind, &id)?),
            Question::Questions => json_of(self.workspace()?.open_questions()),
            Question::MaySettle { entity } => {
                let workspace = self.workspace()?;
                Ok(json!(self.replica.me().is_some_and(|me| workspace.may_settle(&entity, &me))))
            }
            Question::PrivacyHints { text } => Ok(json!(privacy_hints(&text))),
            Question::Status => Ok(self.status()),
            Question::Execute { command } => {
                json_of(self.replica.execute(&command, moment.now_ms, &mut self.rng)?)
            }
            Question::Members => self.members(),
            Question::ChangeRole { member, role } => self.change_role(&member, &role, moment),
            Question::RemoveMember { member } => self.remove_member(&member, moment),
            Question::RemoveDevice { device } => self.remove_device(&device, moment),
            Question::Leave => {
                self.replica.leave(moment.now_ms)?;
                Ok(Json::Null)
            }
            Question::LateEntries => Ok(self.late_entries()),
            Question::AcceptLate { member } => self.accept_late(&member, moment),
            Question::Invites => Ok(self.invites(moment)),
            Question::Invite { role, expires_at_ms, uses, participant } => {
                self.invite(&role, expires_at_ms, uses, participant, moment)
            }
            Question::RevokeInvite { invite } => self.revoke_invite(&invite, moment),
            Question::Knocks => Ok(self.knocks(moment)),
            Question::Admit { device, participant } => self.admit(&device, participant, moment),
            Question::RefuseKnock { device } => self.refuse_knock(&device),
            Question::OpenDoor { until_ms } => self.open_door(until_ms, moment),
            Question::CloseDoor => {
                self.replica.close_door();
                Ok(Json::Null)
            }
            Question::Door => Ok(json!(self.replica.door(moment.now_ms))),
            Question::Present { content } => {
                self.replica.say(content.to_string().as_bytes(), moment.now_ms, &mut self.rng)?;
                Ok(Json::Null)
            }
        }
    }

    fn opened(&self) -> Result<Json, Failure> {
        let me = self.replica.me();
        let workspace = self.workspace().ok();
        let participant = workspace.and_then(|workspace| workspace.participant_of(&me?));
        let boards = workspace.map(samverka_plan::Workspace::boards).unwrap_or_default();
        let role = self.replica.membership().role_of(&self.replica.device());
        Ok(json!({
            "id": self.replica.space().to_string(),
            "ready": self.replica.is_ready(),
            "title": self.title(),
            "member": me.map(|me| me.to_string()),
            "participant": participant,
            "role": role.map(Role::word),
            "boards": boards.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))
    }

    fn join_state(&self) -> Json {
        let state = if self.replica.is_joining() { "waiting" } else { "admitted" };
        json!({
            "plan": self.replica.space().to_string(),
            "state": state,
            "check_code": self.replica.check_code(),
        })
    }

    fn status(&self) -> Json {
        let status = self.replica.status();
        let relays = status.relays.iter().map(|relay| {
            json!({
                "url": relay.url,
                "connected": relay.connected,
                "lacking": relay.lacking,
                "lacking_own": relay.lacking_own,
                "last_contact_ms": relay.last_contact_ms,
                "known": relay.known,
            })
        });
        let devices = status.devices.iter().map(|device| {
            json!({
                "device": device.device.to_string(),
                "member": device.member.to_string(),
                "lacking_own": device.lacking_own,
                "lacking": device.lacking,
                "said_ms": device.said_ms,
            })
        });
        json!({
            "entries_here": status.entries_here,
            "unsaved": status.unsaved,
            "only_here": status.only_here,
            "relays": relays.collect::<Vec<_>>(),
            "devices": devices.collect::<Vec<_>>(),
            "quarantined": status.quarantined,
            "unreadable": status.unreadable,
            "waiting": status.waiting,
            "store_failure": self.replica.store_failure(),
        })
    }
}

/// Anything as JSON. What is converted here is made of plain fields, so it does not fail; were it to, the caller is
/// told.
pub(crate) fn json_of(value: impl Serialize) -> Result<Json, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::internal(&error))
}
