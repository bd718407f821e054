//! What happened since it was last asked, gathered: a burst of entries becomes one change with the newest views.

use std::collections::BTreeSet;

use samverka_plan::{Delta, EntityRef};
use samverka_replica::{Event, KnockState};
use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};

/// Things whose views go out one by one; with more, everything is shown anew, which costs less.
const UPDATES_MAX: usize = 256;

impl OpenPlan {
    /// What happened since this was last asked, in order, as one JSON array; changes and status are told once.
    ///
    /// # Errors
    /// [`Failure`] where a view could not be made.
    pub fn events(&mut self, moment: &Moment) -> Result<Vec<Json>, Failure> {
        let mut told = Vec::new();
        let mut changed = Delta::default();
        let (mut status, mut membership) = (false, false);
        while let Some(event) = self.replica.poll_event() {
            match event {
                Event::Changed(delta) => {
                    changed.everything |= delta.everything;
                    changed.entities.extend(delta.entities);
                    changed.also.extend(delta.also);
                }
                Event::StatusChanged => status = true,
                Event::MembershipChanged => membership = true,
                other => told.extend(self.tell(other)),
            }
        }
        if self.became_ready() {
            told.push(json!({ "type": "ready" }));
        }
        if !changed.is_empty() {
            told.push(self.changed(&changed, moment)?);
        }
        if membership {
            told.push(json!({ "type": "membership" }));
        }
        if status {
            told.push(json!({ "type": "status" }));
        }
        Ok(told)
    }

    fn changed(&self, delta: &Delta, moment: &Moment) -> Result<Json, Failure> {
        let entities: BTreeSet<&EntityRef> = delta.to_show().collect();
        let everything = delta.everything || entities.len() > UPDATES_MAX || !self.replica.is_ready();
        let updates = if everything {
            Vec::new()
        } else {
            entities.iter().map(|entity| self.update(entity, moment)).collect::<Result<Vec<_>, _>>()?
        };
        Ok(json!({ "type": "changed", "everything": everything, "updates": updates }))
    }

    fn update(&self, entity: &EntityRef, moment: &Moment) -> Result<Json, Failure> {
        let view = self.one(entity.kind, &entity.id, moment)?;
        Ok(json!({ "kind": entity.kind, "id": entity.id, "view": view }))
    }

    /// One event; none where it says nothing to a screen.
    fn tell(&self, event: Event) -> Option<Json> {
        Some(match event {
            Event::Changed(_) | Event::StatusChanged | Event::MembershipChanged => return None,
            Event::Synced(session) => json!({ "type": "synced", "session": session.0 }),
            Event::Live(session) => json!({ "type": "live", "session": session.0 }),
            Event::Refused { session, reason } => {
                json!({ "type": "refused", "session": session.0, "reason": reason })
            }
            Event::Knocked { device } => json!({ "type": "knock", "device": device.to_string() }),
            Event::KnockAnswered { state, .. } => {
                json!({ "type": "join", "state": knock_word(state) })
            }
            Event::LeftOut { member, document, reason } => json!({
                "type": "left_out",
                "member": member.map(|member| member.to_string()),
                "document": document.to_string(),
                "reason": reason,
            }),
            Event::Ephemeral { device, content } => {
                // Another member's program may say anything: what is no JSON is nothing to show.
                let content: Json = serde_json::from_slice(&content).ok()?;
                let member = self.replica.membership().member_of(&device);
                json!({
                    "type": "presence",
                    "device": device.to_string(),
                    "member": member.map(|member| member.to_string()),
                    "content": content,
                })
            }
            Event::Notice { reason } => json!({ "type": "notice", "reason": reason }),
            Event::StoreFailed { reason } => json!({ "type": "store_failed", "reason": reason }),
        })
    }
}

const fn knock_word(state: KnockState) -> &'static str {
    match state {
        KnockState::Waiting => "waiting",
        KnockState::Admitted => "admitted",
        KnockState::Refused => "refused",
        KnockState::Expired => "expired",
    }
}
