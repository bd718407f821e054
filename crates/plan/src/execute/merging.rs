//! Participants that turn out to be the same.

use rand_core::CryptoRng;
use serde_json::{Value as Json, json};

use super::{Writing, value};
use crate::command::CommandError;
use crate::record::Body;
use crate::schema::{EntityRef, Kind, SAME_AS};

impl<R: CryptoRng> Writing<'_, '_, R> {
    pub(super) fn merge_participants(&mut self, from: &str, into: &str) -> Result<(), CommandError> {
        let (from, into) = (participant(from), participant(into));
        self.must_have(&from)?;
        self.must_have(&into)?;
        if self.workspace.same_as(&from) == self.workspace.same_as(&into) {
            return Err(value("into", "a participant cannot go on as itself"));
        }
        if !self.workspace.ledger.actor(&self.context.member).admin {
            return Err(CommandError::NotEntitled("only an admin says who somebody is".to_owned()));
        }
        if let Some(open) = self.workspace.open_commitment_of(&from.id) {
            return Err(CommandError::NotEntitled(format!(
                "commitment {open} is theirs or waits for them: it has to be handed over first"
            )));
        }
        for member in self.workspace.members_of(&from.id) {
            let name = self.workspace.profile(&member).map(|profile| profile.name.clone());
            self.admit(member, into.id.clone(), &name.unwrap_or_default());
        }
        self.hand_on_leading(&from, &into);
        let (org, other) = (self.workspace.org_of(&from.id), self.workspace.org_of(&into.id));
        let plan = self.workspace.plan;
        self.put(plan, &from, SAME_AS, &json!(into.id));
        if let (Some(org), Some(other)) = (org, other)
            && org != other
            && self.workspace.only_of(&org, &from.id)
        {
            let org = EntityRef::new(Kind::Organisation, org);
            self.put(plan, &org, SAME_AS, &json!(other));
            self.note(org);
        }
        self.note(from);
        self.note(into);
        Ok(())
    }

    /// Whoever led as the one goes on leading as the other, unless somebody else leads. What the one did in the network
    /// ends.
    fn hand_on_leading(&mut self, from: &EntityRef, into: &EntityRef) {
        let speakers = self.workspace.members_of(&from.id);
        if !speakers.iter().any(|member| self.workspace.leads(member)) {
            return;
        }
        let leads = |id: &String| {
            let role = self.workspace.single_text(&participant(id), "network_role");
            *id != from.id && role.as_deref() == Some("leader")
        };
        if !self.workspace.ids(Kind::Participant).iter().any(leads) {
            self.say_role(into, "leader");
        }
        self.say_role(from, "member");
    }

    fn say_role(&mut self, of: &EntityRef, role: &str) {
        let plan = self.workspace.plan;
        self.write_field(plan, of, "network_role", &json!(role));
        let network_role = Some(role.to_owned());
        self.state(plan, Body::Place { participant: of.id.clone(), org: None, network_role });
    }
}

fn participant(id: &str) -> EntityRef {
    EntityRef::new(Kind::Participant, id)
}

impl crate::workspace::Workspace {
    /// An open commitment that a participant owns, asks for, helps with, or is asked to take.
    fn open_commitment_of(&self, participant: &str) -> Option<String> {
        let is = |role: &Option<String>| role.as_deref() == Some(participant);
        self.ids(Kind::Commitment).into_iter().find(|id| {
            let standing = self.standing_of(id);
            let theirs = is(&standing.owner) || is(&standing.requester) || is(&standing.asked);
            standing.state.is_open() && (theirs || standing.with.contains(participant))
        })
    }

    /// Whether an organisation is nobody's but one participant's, and nothing else names it.
    fn only_of(&self, org: &str, participant: &str) -> bool {
        let others = self.ids(Kind::Participant).into_iter().filter(|id| id != participant);
        let named = |kind: Kind| {
            self.things(kind).into_iter().any(|(_, _, thing)| {
                let fields = thing.fields();
                fields.values().any(|value| names(value, org))
            })
        };
        others.into_iter().all(|id| self.org_of(&id).as_deref() != Some(org))
            && ![Kind::Meta, Kind::Goal, Kind::Commitment, Kind::Tie].into_iter().any(named)
    }
}

/// Whether a value has a text in it.
fn names(value: &Json, text: &str) -> bool {
    match value {
        Json::String(one) => one == text,
        Json::Array(list) => list.iter().any(|one| names(one, text)),
        Json::Object(map) => map.values().any(|one| names(one, text)),
        _ => false,
    }
}
