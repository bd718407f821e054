//! Who is who: which participant a member is, where participants belong, who leads. Worked out from statements, as
//! their authors knew it, so that a later change of hands takes nothing away from what was said before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use samverka_log::{DeviceId, MemberId, Role};

use crate::causal::{Pasts, Places, heads, order};
use crate::ledger::{Profile, Stated};
use crate::record::{Body, Place};

/// Who is who, as membership says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// Whose each device is or was.
    pub devices: BTreeMap<DeviceId, MemberId>,
    /// Everybody who is or was in.
    pub members: BTreeMap<MemberId, DirectoryMember>,
    /// Who began the plan.
    pub founder: Option<MemberId>,
}

/// What the plan has to know of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryMember {
    /// What they may do.
    pub role: Role,
    /// Whether they are in.
    pub is_in: bool,
}

impl Directory {
    /// Whether a member decides who is in now.
    pub(crate) fn is_admin(&self, member: &MemberId) -> bool {
        self.members.get(member).is_some_and(|known| known.is_in && known.role == Role::Admin)
    }
}

/// Who somebody was when they spoke.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actor {
    /// The participant that the member was bound to.
    pub(crate) participant: Option<String>,
    /// The organisation of that participant.
    pub(crate) org: Option<String>,
    /// Whether they led the network.
    pub(crate) leads: bool,
    /// Whether they decide who is in.
    pub(crate) admin: bool,
    /// Whether they lead a conversation: may close votes and give dots for others.
    pub(crate) facilitates: bool,
}

/// Who is who at one point of what was known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roster {
    participants: BTreeMap<MemberId, String>,
    /// What people were called when they were let in; nothing but their name was said then.
    introduced: BTreeMap<MemberId, Profile>,
    places: BTreeMap<String, Place>,
}

impl Roster {
    /// Which participant a member is.
    pub(crate) fn participant_of(&self, member: &MemberId) -> Option<&String> {
        self.participants.get(member)
    }

    /// What a member was called when they were let in.
    pub(crate) fn introduced(&self, member: &MemberId) -> Option<&Profile> {
        self.introduced.get(member)
    }

    /// Everybody who is bound to a participant, with that participant.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (&MemberId, &String)> {
        self.participants.iter()
    }

    /// A participant's organisation.
    pub(crate) fn org_of(&self, participant: &str) -> Option<&String> {
        self.places.get(participant)?.org.as_ref()
    }

    fn role_of(&self, participant: &str) -> Option<&str> {
        self.places.get(participant)?.network_role.as_deref()
    }

    /// Who a member is, or was when they had this right.
    pub(crate) fn actor(&self, directory: &Directory, member: &MemberId, admin: bool) -> Actor {
        let participant = self.participants.get(member).cloned();
        let role = participant.as_deref().and_then(|participant| self.role_of(participant));
        // Somebody leads from the start: whoever began the plan, until somebody else is said to.
        let nobody_leads =
            || !self.places.values().any(|place| place.network_role.as_deref() == Some("leader"));
        let leads = role == Some("leader") || (directory.founder == Some(*member) && nobody_leads());
        Actor {
            org: participant.as_deref().and_then(|participant| self.org_of(participant)).cloned(),
            leads,
            admin,
            facilitates: leads || role == Some("facilitator"),
            participant,
        }
    }

    fn place(&mut self, participant: &str, said: &Place) {
        let place = self.places.entry(participant.to_owned()).or_default();
        if said.org.is_some() {
            place.org.clone_from(&said.org);
        }
        if said.network_role.is_some() {
            place.network_role.clone_from(&said.network_role);
        }
    }

    fn take(&mut self, body: &Body) {
        match body {
            Body::Admit { member, participant, name } => {
                self.participants.insert(member.0, participant.clone());
                let profile = Profile { name: name.clone(), ..Profile::default() };
                self.introduced.insert(member.0, profile);
            }
            Body::Place { participant, org, network_role } => {
                let said = Place { org: org.clone(), network_role: network_role.clone() };
                self.place(participant, &said);
            }
            Body::Imported { people, .. } => {
                for (participant, said) in people {
                    self.place(participant, said);
                }
            }
            _ => {}
        }
    }
}

/// Everything that was said of who is who.
#[derive(Default)]
pub(crate) struct WhoIsWho {
    pasts: Pasts,
    /// What counts, by place; none where the author was not entitled.
    said: Vec<Option<Body>>,
    current: Arc<Roster>,
    /// Rosters as they were known, by what was known. Grows with the number of different pasts that statements name,
    /// and that is at most the number of statements on who is who where people work one after the other.
    known: Mutex<BTreeMap<Places, Arc<Roster>>>,
    heads: Vec<String>,
}

/// Whether a statement is about who is who.
pub(crate) fn is_about_people(body: &Body) -> bool {
    match body {
        Body::Admit { .. } | Body::Place { .. } => true,
        Body::Imported { people, .. } => !people.is_empty(),
        _ => false,
    }
}

impl WhoIsWho {
    pub(crate) fn work_out(directory: &Directory, stated: &[&Stated]) -> Self {
        let items: Vec<(&str, &[String])> =
            stated.iter().map(|one| (one.name.as_str(), one.statement.roster.as_slice())).collect();
        let mut who = Self::default();
        let mut current = Roster::default();
        let order = order(&items);
        for index in order.iter().copied() {
            let Some(one) = stated.get(index) else { continue };
            let place = who.pasts.len();
            who.pasts.push(&one.name, &one.statement.roster);
            let past = who.pasts.of(place).cloned().unwrap_or_default();
            let counts = match directory.devices.get(&one.device) {
                None => false,
                Some(author) if past.len() == place => {
                    may_say(&one.statement.body, &current.actor(directory, author, one.by_admin))
                }
                Some(author) => {
                    may_say(&one.statement.body, &who.fold(&past).actor(directory, author, one.by_admin))
                }
            };
            if counts {
                current.take(&one.statement.body);
            }
            who.said.push(counts.then(|| one.statement.body.clone()));
        }
        let in_order = order.into_iter().filter_map(|index| stated.get(index));
        who.heads =
            heads(in_order.map(|one| (one.name.as_str(), one.device, one.statement.roster.as_slice())));
        who.current = Arc::new(current);
        who
    }

    /// Who is who now.
    pub(crate) fn current(&self) -> &Roster {
        &self.current
    }

    /// The newest statements, each device's own: what a new statement names.
    pub(crate) fn heads(&self) -> &[String] {
        &self.heads
    }

    /// Who was who for somebody who knew these statements.
    pub(crate) fn at(&self, heads: &[String]) -> Arc<Roster> {
        if heads == self.heads {
            return Arc::clone(&self.current);
        }
        let past = self.pasts.closure(heads);
        if past.len() == self.pasts.len() {
            return Arc::clone(&self.current);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let roster = known.entry(past).or_insert_with_key(|past| Arc::new(self.fold(past)));
        Arc::clone(roster)
    }

    fn fold(&self, past: &Places) -> Roster {
        let mut roster = Roster::default();
        for body in past.iter().filter_map(|place| self.said.get(place)?.as_ref()) {
            roster.take(body);
        }
        roster
    }
}

/// Whether somebody may say this of who is who.
fn may_say(body: &Body, author: &Actor) -> bool {
    match body {
        Body::Admit { .. } | Body::Imported { .. } => author.admin,
        Body::Place { participant, network_role, .. } => {
            let own = author.participant.as_ref() == Some(participant);
            author.admin || author.leads || (own && network_role.is_none())
        }
        _ => false,
    }
}
