//! The ledger: every statement that was made, who made it, and what follows for who is who and which answers stand.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use samverka_log::{DeviceId, DocumentId, MemberId, Role};

use crate::record::{Body, Statement, VerifiedRecord};

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

/// A statement with who made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stated {
    pub(crate) id: String,
    pub(crate) statement: Statement,
    pub(crate) device: DeviceId,
    pub(crate) time_ms: u64,
}

/// All statements of a plan.
#[derive(Default)]
pub(crate) struct Ledger {
    records: BTreeMap<DocumentId, Vec<VerifiedRecord>>,
    known: BTreeSet<[u8; 16]>,
    /// By order of causes: number, then id.
    stated: BTreeMap<(u64, String), Stated>,
    by_commitment: BTreeMap<String, Vec<(u64, String)>>,
    settled: Vec<(u64, String)>,
    bindings: BTreeMap<MemberId, String>,
    profiles: BTreeMap<MemberId, Profile>,
    directory: Directory,
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

impl Ledger {
    pub(crate) fn set_directory(&mut self, directory: Directory) {
        self.directory = directory;
        self.bind();
    }

    /// Takes a record; one that is here already changes nothing. Answers what it says, if it can be read.
    pub(crate) fn take(&mut self, record: VerifiedRecord) -> Option<Body> {
        if !self.known.insert(record.id) {
            return None;
        }
        let statement = serde_json::from_slice::<Statement>(&record.payload).ok();
        let id = HEXLOWER.encode(&record.id);
        let device = record.log.device;
        let time_ms = record.time_ms;
        self.records.entry(record.document).or_default().push(record);
        let statement = statement?;
        let place = (statement.n, id.clone());
        match &statement.body {
            Body::Event { commitment, .. } => {
                self.by_commitment.entry(commitment.clone()).or_default().push(place.clone());
            }
            Body::Imported { events, .. } => {
                for commitment in events.keys() {
                    self.by_commitment.entry(commitment.clone()).or_default().push(place.clone());
                }
            }
            Body::Settle { .. } => self.settled.push(place.clone()),
            _ => {}
        }
        let body = statement.body.clone();
        self.stated.insert(place, Stated { id, statement, device, time_ms });
        if matches!(body, Body::Admit { .. } | Body::Profile { .. }) {
            self.bind();
        }
        Some(body)
    }

    /// The records of a document, in the order in which they came.
    pub(crate) fn records(&self, document: DocumentId) -> &[VerifiedRecord] {
        self.records.get(&document).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn set_signed(&mut self, document: DocumentId, id: &[u8; 16], signed: Vec<u8>) {
        let own = self.records.get_mut(&document).and_then(|records| records.iter_mut().rev().find(|record| record.id == *id));
        if let Some(record) = own {
            record.signed = signed;
        }
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = &DocumentId> {
        self.records.keys()
    }

    /// One more than the greatest number here. A number that somebody raised out of all reason does not take the
    /// rest along: it is capped.
    pub(crate) fn next_n(&self) -> u64 {
        const N_MAX: u64 = 1 << 48;
        self.stated.keys().next_back().map_or(1, |(n, _)| (*n).min(N_MAX) + 1)
    }

    /// Everything stated, causes before effects.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Stated> {
        self.stated.values()
    }

    /// What was stated of a commitment.
    pub(crate) fn of_commitment(&self, commitment: &str) -> impl Iterator<Item = &Stated> {
        let places = self.by_commitment.get(commitment).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.stated.get(place))
    }

    pub(crate) fn settlements(&self) -> impl Iterator<Item = &Stated> {
        self.settled.iter().filter_map(|place| self.stated.get(place))
    }

    pub(crate) fn member_of(&self, device: &DeviceId) -> Option<MemberId> {
        self.directory.devices.get(device).copied()
    }

    pub(crate) fn is_admin(&self, member: &MemberId) -> bool {
        self.directory.founder == Some(*member)
            || self.directory.members.get(member).is_some_and(|known| known.role == Role::Admin)
    }

    /// Which participant a member is.
    pub(crate) fn participant_of(&self, member: &MemberId) -> Option<&str> {
        self.bindings.get(member).map(String::as_str)
    }

    /// Which members are a participant.
    pub(crate) fn members_of(&self, participant: &str) -> Vec<MemberId> {
        self.bindings.iter().filter(|(_, bound)| *bound == participant).map(|(member, _)| *member).collect()
    }

    pub(crate) fn profile(&self, member: &MemberId) -> Option<&Profile> {
        self.profiles.get(member)
    }

    /// Works out who is who: an admin's word about others, everybody's own about their name. The last word in the
    /// order of causes counts.
    fn bind(&mut self) {
        self.bindings.clear();
        self.profiles.clear();
        for stated in self.stated.values() {
            let Some(author) = self.directory.devices.get(&stated.device) else { continue };
            match &stated.statement.body {
                Body::Admit { member, participant, .. } => {
                    let admin = self.directory.founder == Some(*author)
                        || self.directory.members.get(author).is_some_and(|known| known.role == Role::Admin);
                    if admin {
                        self.bindings.insert(member.0, participant.clone());
                    }
                }
                Body::Profile { name, organisation, role_title, language } => {
                    let profile = Profile {
                        name: name.clone(),
                        organisation: organisation.clone(),
                        role_title: role_title.clone(),
                        language: language.clone(),
                    };
                    self.profiles.insert(*author, profile);
                }
                _ => {}
            }
        }
    }
}
