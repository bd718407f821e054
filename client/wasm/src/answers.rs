//! Questions and what they answer.

use samverka_log::Role;
use samverka_plan::{Command, Kind, privacy_hints};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};

impl OpenPlan {
    /// Answers a question, or does what is asked: one JSON object, told apart by `ask`, its arguments beside it. The
    /// names are those of `Views` and of the methods of `Core` in `api.ts`, in snake_case; there stands what each
    /// answers.
    ///
    /// Read by hand rather than derived: one enum of everything that can be asked took 110 kB of the wasm file.
    ///
    /// # Errors
    /// [`Failure`]; nothing has changed then.
    pub fn ask(&mut self, question: &Json, moment: &Moment) -> Result<Json, Failure> {
        let arguments = Arguments(question);
        let asked = arguments.text("ask")?;
        if let Some(answer) = self.look(asked, arguments, moment)? {
            return Ok(answer);
        }
        self.act(asked, arguments, moment)
    }

    /// As [`Self::ask`], with the question in JSON and the answer too.
    ///
    /// # Errors
    /// [`Failure`]; nothing has changed then.
    pub fn ask_json(&mut self, question: &str, moment: &Moment) -> Result<String, Failure> {
        let question: Json = serde_json::from_str(question).map_err(|error| Failure::malformed(&error))?;
        Ok(self.ask(&question, moment)?.to_string())
    }

    /// Questions; nothing where it is none.
    fn look(&self, asked: &str, arguments: Arguments<'_>, moment: &Moment) -> Result<Option<Json>, Failure> {
        let answer = match asked {
            "opened" => self.opened(),
            "join" => self.join_state(),
            "plan" => self.one(Kind::Meta, "self", moment)?,
            "notes" => self.all(Kind::Note, arguments.text_or_none("board")?, moment)?,
            "clusters" => self.all(Kind::Cluster, arguments.text_or_none("board")?, moment)?,
            "commitments" => self.all(Kind::Commitment, None, moment)?,
            "commitment" => self.one(Kind::Commitment, arguments.text("id")?, moment)?,
            "commitment_events" => json_of(self.workspace()?.events(arguments.text("id")?))?,
            "commitment_choices" => {
                let commitment = self.one(Kind::Commitment, arguments.text("id")?, moment)?;
                commitment.get("may").cloned().unwrap_or_else(|| json!([]))
            }
            "participants" => self.all(Kind::Participant, None, moment)?,
            "things" => self.things(arguments.kind()?, arguments.text_or_none("board")?, moment)?,
            "thing" => self.thing(arguments.kind()?, arguments.text("id")?, moment)?,
            "questions" => json_of(self.workspace()?.open_questions())?,
            "may_settle" => {
                let (workspace, entity) = (self.workspace()?, arguments.entity("entity")?);
                json!(self.replica.me().is_some_and(|me| workspace.may_settle(&entity, &me)))
            }
            "privacy_hints" => json!(privacy_hints(arguments.text("text")?)),
            "status" => self.status(),
            "members" => self.members()?,
            "late_entries" => self.late_entries(),
            "invites" => self.invites(moment),
            "knocks" => self.knocks(moment),
            "door" => json!(self.replica.door(moment.now_ms)),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }

    fn act(&mut self, asked: &str, arguments: Arguments<'_>, moment: &Moment) -> Result<Json, Failure> {
        let now_ms = moment.now_ms;
        match asked {
            "execute" => {
                let command: Command = serde_json::from_value(arguments.value("command").clone())
                    .map_err(|error| Failure::malformed(&error))?;
                return json_of(self.replica.execute(&command, now_ms, &mut self.rng)?);
            }
            "invite" => return self.invite(arguments, moment),
            "change_role" => {
                let (member, role) = (arguments.id("member")?, arguments.role()?);
                self.replica.change_role(member, role, now_ms, &mut self.rng)?;
            }
            "remove_member" => self.replica.remove_member(arguments.id("member")?, now_ms, &mut self.rng)?,
            "remove_device" => self.replica.remove_device(arguments.id("device")?, now_ms, &mut self.rng)?,
            "leave" => self.replica.leave(now_ms)?,
            "accept_late" => self.replica.accept_late(arguments.id("member")?, now_ms)?,
            "revoke_invite" => self.replica.revoke_invite(arguments.id("invite")?, now_ms)?,
            "admit" => {
                let participant = arguments.text_or_none("participant")?.map(str::to_owned);
                self.replica.admit(arguments.id("device")?, participant, now_ms, &mut self.rng)?;
            }
            "refuse_knock" => self.replica.refuse_knock(arguments.id("device")?)?,
            "open_door" => self.replica.open_door(arguments.number("until_ms")?, now_ms, &mut self.rng)?,
            "close_door" => self.replica.close_door(),
            "present" => {
                let content = arguments.value("content").to_string();
                self.replica.say(content.as_bytes(), now_ms, &mut self.rng)?;
            }
            other => return Err(Failure::malformed(&format!("there is nothing to ask called {other}"))),
        }
        Ok(Json::Null)
    }

    fn opened(&self) -> Json {
        let me = self.replica.me();
        let workspace = self.workspace().ok();
        let participant = workspace.and_then(|workspace| workspace.participant_of(&me?));
        let boards = workspace.map(samverka_plan::Workspace::boards).unwrap_or_default();
        let role = self.replica.membership().role_of(&self.replica.device());
        json!({
            "id": self.replica.space().to_string(),
            "ready": self.replica.is_ready(),
            "title": self.title(),
            "member": me.map(|me| me.to_string()),
            "participant": participant,
            "role": role.map(Role::word),
            "boards": boards.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
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
            "bodyless": status.bodyless,
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
