//! The ledger: every statement that was made and who made it, found by what it is about.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use samverka_log::{DeviceId, DocumentId, MemberId};

use crate::record::{Body, Statement, VerifiedRecord};
use crate::roster::{Actor, Directory, Roster, WhoIsWho, is_about_people};
use crate::schema::{EntityRef, Kind};

/// A statement with who made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    pub(crate) name: String,
    pub(crate) statement: Statement,
    pub(crate) device: DeviceId,
    pub(crate) time_ms: u64,
    /// As [`VerifiedRecord::by_admin`].
    pub(crate) by_admin: bool,
}

/// All statements of a plan.
#[derive(Default)]
pub(crate) struct Ledger {
    records: BTreeMap<DocumentId, Vec<VerifiedRecord>>,
    /// Where each record is, by id and device.
    known: BTreeMap<([u8; 16], DeviceId), (DocumentId, usize)>,
    /// What they state, in the order in which they came; the indexes below are places in it.
    stated: Vec<Stated>,
    about: BTreeMap<Kind, BTreeMap<String, Vec<usize>>>,
    /// Settlements by entity and field.
    settled: BTreeMap<(String, String), Vec<usize>>,
    people: Vec<usize>,
    /// Each device's last word on who its member is, with its number and name.
    profiles: BTreeMap<DeviceId, (u64, String, Profile)>,
    greatest: BTreeMap<DeviceId, u64>,
    directory: Directory,
    who: OnceLock<WhoIsWho>,
}

/// Who a member says they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Profile {
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// Their title there.
    pub role_title: String,
    /// Their language.
    pub language: String,
}

/// What came of saying who is who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryChange {
    /// It is as it was.
    None,
    /// Some have come of whom nothing is here yet.
    Newcomers,
    /// Anything may count otherwise.
    Some,
}

/// What came of taking a record.
pub(crate) enum Taken {
    /// It was here already.
    Known,
    /// It is kept, and this version does not read it.
    Unread,
    /// It takes the place of another of the same name.
    InPlaceOfAnother,
    /// It is the statement at this place.
    At(usize),
}

impl Ledger {
    /// Says who is who. Answers whether that changes anything of what is here.
    pub(crate) fn set_directory(&mut self, directory: Directory) -> DirectoryChange {
        if self.directory == directory {
            return DirectoryChange::None;
        }
        let before = core::mem::replace(&mut self.directory, directory);
        let same_devices = before.devices.iter().all(|(id, of)| self.directory.devices.get(id) == Some(of));
        let same_members = before.members.iter().all(|(id, of)| self.directory.members.get(id) == Some(of));
        let mut new_devices =
            self.directory.devices.keys().filter(|device| !before.devices.contains_key(*device));
        let mut new_members =
            self.directory.members.keys().filter(|member| !before.members.contains_key(*member));
        let silent = !new_devices.any(|device| self.greatest.contains_key(device))
            && !new_members.any(|member| self.who().current().participant_of(member).is_some());
        let same_founder = before.founder == self.directory.founder;
        if same_devices && same_members && same_founder && silent {
            return DirectoryChange::Newcomers;
        }
        self.who = OnceLock::new();
        DirectoryChange::Some
    }

    /// Takes a record; one that is here already changes nothing.
    ///
    /// Two records of one id and device can only come from that device, against all rules. The lesser one counts on
    /// every replica, whichever came first.
    pub(crate) fn take(&mut self, record: VerifiedRecord) -> Taken {
        let statement = Statement::parse(&record.payload);
        self.take_read(record, statement)
    }

    /// As [`Self::take`], of one that was read.
    pub(crate) fn take_read(&mut self, record: VerifiedRecord, statement: Option<Statement>) -> Taken {
        let key = (record.id, record.log.device);
        if let Some((document, index)) = self.known.get(&key).copied() {
            let held = self.records.get(&document).and_then(|records| records.get(index));
            if held.is_none_or(|held| (held.document, &held.payload) <= (record.document, &record.payload)) {
                return Taken::Known;
            }
            self.replace(record);
            return Taken::InPlaceOfAnother;
        }
        let (name, device, time_ms) = (record.name(), record.log.device, record.time_ms);
        let by_admin = record.by_admin;
        let records = self.records.entry(record.document).or_default();
        self.known.insert(key, (record.document, records.len()));
        records.push(record);
        let Some(statement) = statement else { return Taken::Unread };
        let place = self.stated.len();
        self.index(place, &name, device, &statement);
        self.stated.push(Stated { name, statement, device, time_ms, by_admin });
        Taken::At(place)
    }

    /// What is stated at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&Stated> {
        self.stated.get(place)
    }

    /// Puts a record in the place of another of the same id and device, and reads everything again.
    fn replace(&mut self, record: VerifiedRecord) {
        let mut all: Vec<VerifiedRecord> =
            core::mem::take(&mut self.records).into_values().flatten().collect();
        all.retain(|held| (held.id, held.log.device) != (record.id, record.log.device));
        all.push(record);
        let directory = core::mem::take(&mut self.directory);
        *self = Self { directory, ..Self::default() };
        for record in all {
            self.take(record);
        }
    }

    fn index(&mut self, place: usize, name: &str, device: DeviceId, statement: &Statement) {
        let greatest = self.greatest.entry(device).or_default();
        *greatest = statement.n.max(*greatest);
        let mut about = |kind: Kind, id: &str| {
            let things = self.about.entry(kind).or_default();
            match things.get_mut(id) {
                Some(places) => places.push(place),
                None => drop(things.insert(id.to_owned(), vec![place])),
            }
        };
        match &statement.body {
            Body::Event { commitment, .. } => about(Kind::Commitment, commitment),
            Body::Imported { events, terms, ballots, votes, .. } => {
                for commitment in events.keys().chain(terms.keys().filter(|id| !events.contains_key(*id))) {
                    about(Kind::Commitment, commitment);
                }
                for vote in ballots.keys().chain(votes.keys().filter(|vote| !ballots.contains_key(*vote))) {
                    about(Kind::Vote, vote);
                }
            }
            Body::VoteOpened { vote, .. } | Body::VoteClosed { vote, .. } | Body::Ballot { vote, .. } => {
                about(Kind::Vote, vote);
            }
            Body::Stance { decision, .. } => about(Kind::Decision, decision),
            Body::Judgement { goal, .. } => about(Kind::Goal, goal),
            Body::TieStated { tie, .. } => about(Kind::Tie, tie),
            Body::Agreement { .. } => about(Kind::Meta, "self"),
            Body::Settle { entity, field, .. } => {
                self.settled.entry((entity.clone(), field.clone())).or_default().push(place);
            }
            Body::Profile { name: said, organisation, role_title, language } => {
                let profile = Profile {
                    name: said.clone(),
                    organisation: organisation.clone(),
                    role_title: role_title.clone(),
                    language: language.clone(),
                };
                let newest = (statement.n, name.to_owned(), profile);
                let known = self.profiles.entry(device).or_insert_with(|| newest.clone());
                if (known.0, &known.1) < (newest.0, &newest.1) {
                    *known = newest;
                }
            }
            Body::Admit { .. } | Body::Place { .. } | Body::Unknown => {}
        }
        if is_about_people(&statement.body) {
            self.people.push(place);
            self.who = OnceLock::new();
        }
    }

    /// The records of a document, in the order in which they came.
    pub(crate) fn records(&self, document: DocumentId) -> &[VerifiedRecord] {
        self.records.get(&document).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn set_signed(&mut self, document: DocumentId, id: &[u8; 16], signed: Vec<u8>) {
        let own = self
            .records
            .get_mut(&document)
            .and_then(|records| records.iter_mut().rev().find(|record| record.id == *id));
        if let Some(record) = own {
            record.signed = signed;
        }
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = &DocumentId> {
        self.records.keys()
    }

    /// One more than the greatest number of a member's own.
    pub(crate) fn next_n(&self, member: &MemberId, device: &DeviceId) -> u64 {
        let own = |of: &&DeviceId| self.directory.devices.get(*of) == Some(member) || *of == device;
        let greatest = self.greatest.iter().filter(|(of, _)| own(of)).map(|(_, n)| *n).max();
        greatest.unwrap_or(0).saturating_add(1)
    }

    /// What was stated of a thing, in the order of the authors' numbers, then names.
    pub(crate) fn about(&self, entity: &EntityRef) -> Vec<&Stated> {
        let mut stated: Vec<&Stated> = self.of(entity.kind, &entity.id).collect();
        stated.sort_by(|a, b| (a.statement.n, &a.name).cmp(&(b.statement.n, &b.name)));
        stated
    }

    /// What was stated of a commitment, in no particular order.
    pub(crate) fn of_commitment(&self, commitment: &str) -> impl Iterator<Item = &Stated> {
        self.of(Kind::Commitment, commitment)
    }

    fn of(&self, kind: Kind, id: &str) -> impl Iterator<Item = &Stated> {
        let places = self.about.get(&kind).and_then(|things| things.get(id));
        places.into_iter().flatten().filter_map(|place| self.stated.get(*place))
    }

    /// Settlements of one question.
    pub(crate) fn settlements(&self, entity: String, field: &str) -> impl Iterator<Item = &Stated> {
        let places = self.settled.get(&(entity, field.to_owned()));
        places.into_iter().flatten().filter_map(|place| self.stated.get(*place))
    }

    pub(crate) fn member_of(&self, device: &DeviceId) -> Option<MemberId> {
        self.directory.devices.get(device).copied()
    }

    /// Whether a member is in the plan.
    pub(crate) fn is_in(&self, member: &MemberId) -> bool {
        self.directory.members.get(member).is_some_and(|known| known.is_in)
    }

    pub(crate) fn who(&self) -> &WhoIsWho {
        self.who.get_or_init(|| {
            let people: Vec<&Stated> =
                self.people.iter().filter_map(|place| self.stated.get(*place)).collect();
            WhoIsWho::work_out(&self.directory, &people)
        })
    }

    /// Who is who for somebody who knew these statements.
    pub(crate) fn roster_at(&self, heads: &[String]) -> Arc<Roster> {
        self.who().at(heads)
    }

    /// Who somebody was when they made a statement.
    pub(crate) fn author(&self, stated: &Stated) -> Actor {
        match self.member_of(&stated.device) {
            Some(member) => {
                let roster = self.roster_at(&stated.statement.roster);
                roster.actor(&self.directory, &member, stated.by_admin)
            }
            None => Actor::default(),
        }
    }

    /// Who somebody is now.
    pub(crate) fn actor(&self, member: &MemberId) -> Actor {
        self.who().current().actor(&self.directory, member, self.is_admin(member))
    }

    /// Whether a member decides who is in now.
    pub(crate) fn is_admin(&self, member: &MemberId) -> bool {
        self.directory.is_admin(member)
    }

    /// Which participant a member is.
    pub(crate) fn participant_of(&self, member: &MemberId) -> Option<&String> {
        self.who().current().participant_of(member)
    }

    /// Which members are a participant.
    pub(crate) fn members_of(&self, participant: &str) -> Vec<MemberId> {
        let bound = self.who().current().bound();
        bound.filter(|(_, bound)| *bound == participant).map(|(member, _)| *member).collect()
    }

    /// Who a member says they are: their last word, else the name by which they were let in.
    pub(crate) fn profile(&self, member: &MemberId) -> Option<&Profile> {
        self.profiles
            .iter()
            .filter(|(device, _)| self.member_of(device) == Some(*member))
            .max_by(|(_, a), (_, b)| (a.0, &a.1).cmp(&(b.0, &b.1)))
            .map(|(_, (_, _, profile))| profile)
            .or_else(|| self.who().current().introduced(member))
    }
}
