//! What a command states beside what it writes: records to be signed.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use samverka_log::{DocumentId, MemberId};
use serde_json::{Value as Json, json};

use super::{Writing, unknown, value};
use crate::command::CommandError;
use crate::event::{Event, State};
use crate::language::text_key;
use crate::record::{Body, Limits, MemberHex, RecordDraft, Statement, Terms, record_name};
use crate::roster::is_about_people;
use crate::schema::{EntityRef, FieldKind, Kind};
use crate::workspace::entity_name;

impl<R: CryptoRng> Writing<'_, '_, R> {
    /// States something; answers the record's name.
    pub(crate) fn state(&mut self, document: DocumentId, body: Body) -> String {
        let about_people = is_about_people(&body);
        let statement = Statement { n: self.n, roster: self.roster.clone(), body };
        self.n = self.n.saturating_add(1);
        let mut random = [0; 10];
        self.context.rng.fill_bytes(&mut random);
        let id =
            uuid::Builder::from_unix_timestamp_millis(self.context.now_ms, &random).into_uuid().into_bytes();
        let payload = serde_json::to_vec(&statement).unwrap_or_default();
        self.records.push((document, RecordDraft { id, time_ms: self.context.now_ms, payload }));
        let name = record_name(&id, &self.context.log);
        if about_people {
            self.roster = vec![name.clone()];
        }
        name
    }

    /// A participant for a person who was let in: their role and organisation, which is found by its name.
    pub(super) fn person(
        &mut self,
        name: &str,
        organisation: &str,
        role_title: &str,
        language: &str,
        network_role: Option<&str>,
    ) -> String {
        let plan = self.workspace.plan;
        let key = text_key(language).to_owned();
        let org = self.organisation(organisation, &key);
        let id = self.new_id();
        let entity = EntityRef::new(Kind::Participant, &id);
        self.make(plan, &entity);
        if let Some(org) = &org {
            self.propose(plan, &entity, "org", &json!(org));
        }
        if let Some(role) = network_role {
            self.propose(plan, &entity, "network_role", &json!(role));
        }
        let title = if role_title.is_empty() { name } else { role_title };
        self.write_text(plan, &entity, "role_title", &key, title);
        self.entities.push(entity);
        let network_role = network_role.map(str::to_owned);
        if org.is_some() || network_role.is_some() {
            self.state(plan, Body::Place { participant: id.clone(), org, network_role });
        }
        id
    }

    /// The organisation of a name, made where there is none; nobody's where no name was given.
    fn organisation(&mut self, name: &str, key: &str) -> Option<String> {
        if name.trim().is_empty() {
            return None;
        }
        let same = |id: &String| {
            let entity = EntityRef::new(Kind::Organisation, id.clone());
            self.workspace.texts(&entity, "name").values().any(|known| known == name)
        };
        let found = self.workspace.ids(Kind::Organisation).into_iter().find(same);
        let found = found.map(|id| self.workspace.same_as(&EntityRef::new(Kind::Organisation, id)));
        Some(found.unwrap_or_else(|| {
            let id = self.new_id();
            let entity = EntityRef::new(Kind::Organisation, &id);
            self.make(self.workspace.plan, &entity);
            self.write_text(self.workspace.plan, &entity, "name", key, name);
            id
        }))
    }

    pub(super) fn admit(&mut self, member: MemberId, participant: String, name: &str) {
        let body = Body::Admit { member: MemberHex(member), participant, name: name.to_owned() };
        self.state(self.workspace.plan, body);
    }

    pub(super) fn profile(&mut self, name: &str, organisation: &str, role_title: &str, language: &str) {
        let body = Body::Profile {
            name: name.to_owned(),
            organisation: organisation.to_owned(),
            role_title: role_title.to_owned(),
            language: language.to_owned(),
        };
        self.state(self.workspace.plan, body);
    }

    /// What making a thing states.
    pub(super) fn state_of_new(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        fields: &BTreeMap<String, Json>,
    ) {
        match entity.kind {
            Kind::Commitment => {
                let body = Body::Event {
                    commitment: entity.id.clone(),
                    event: Event::Suggest,
                    after: Vec::new(),
                    terms: Some(terms_of(fields)),
                };
                let name = self.state(self.workspace.plan, body);
                self.heads.insert(entity.id.clone(), vec![name]);
                self.promote(fields.get("from_notes"), &entity.id);
            }
            Kind::Goal => self.promote(fields.get("from_notes"), &entity.id),
            Kind::Vote => {
                let limits = Limits::of(|field| fields.get(field));
                self.state(document, Body::VoteOpened { vote: entity.id.clone(), limits });
            }
            _ => self.state_of_edited(document, entity, fields),
        }
    }

    /// What changing a thing states: where a participant belongs, what ties organisations.
    pub(super) fn state_of_edited(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        fields: &BTreeMap<String, Json>,
    ) {
        let text = |field: &str| fields.get(field).and_then(Json::as_str).map(str::to_owned);
        match entity.kind {
            Kind::Participant => {
                let (org, network_role) = (text("org"), text("network_role"));
                let actor = self.workspace.ledger.actor(&self.context.member);
                let own = actor.participant.as_ref() == Some(&entity.id) && network_role.is_none();
                if (org.is_some() || network_role.is_some()) && (actor.admin || actor.leads || own) {
                    self.state(document, Body::Place { participant: entity.id.clone(), org, network_role });
                }
            }
            Kind::Tie => {
                self.state(document, Body::TieStated { tie: entity.id.clone(), says: fields.clone() });
            }
            _ => {}
        }
    }

    /// Notes that something came from say so: they may be erased with their board before it is.
    fn promote(&mut self, notes: Option<&Json>, into: &str) {
        for note in notes.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            let note = EntityRef::new(Kind::Note, note);
            if let Some(document) = self.workspace.document_of(&note) {
                self.touch(document).add_member(Kind::Note, &note.id, "promoted_to", into, &Json::Bool(true));
                self.entities.push(note);
            }
        }
    }

    /// One field of a commitment. What decides who may say what of it is stated, so that nobody changes it by writing
    /// into the document; somebody who is not entitled leaves an answer beside the one that stands.
    pub(super) fn edit_commitment(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        field: &str,
        given: &Json,
    ) -> Result<(), CommandError> {
        if field == "with" {
            let wanted: BTreeSet<String> = match given {
                Json::Array(list) => list.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect(),
                Json::Object(map) => map.keys().cloned().collect(),
                _ => BTreeSet::new(),
            };
            let known = self.workspace.standing_of(&entity.id).with.clone();
            let add = wanted.difference(&known).cloned().collect();
            self.state_with(&entity.id, add, known.difference(&wanted).cloned().collect());
        }
        if Kind::Commitment.field(field) != FieldKind::Single {
            self.write_field(document, entity, field, given);
            return Ok(());
        }
        let seen = self.workspace.answers(entity, field);
        if let [only] = seen.as_slice()
            && only.value == *given
        {
            return Ok(());
        }
        let replaces = seen.into_iter().map(|answer| answer.id).collect();
        let revise = Event::Revise { field: field.to_owned(), value: given.clone(), replaces };
        match self.workspace.would_count(&entity.id, &revise, &self.context.member) {
            Ok(()) => self.event(&entity.id, &revise),
            Err(_) if matches!(field, "owner" | "due") && self.past_terms(&entity.id) => {
                return Err(CommandError::NotEntitled(
                    "once it is promised, the owner changes by handing over and the date by renegotiating"
                        .to_owned(),
                ));
            }
            Err(_) => {}
        }
        self.propose(document, entity, field, given);
        Ok(())
    }

    fn past_terms(&self, commitment: &str) -> bool {
        !matches!(self.workspace.standing_of(commitment).state, State::Suggested | State::Requested)
    }

    /// States who does it together with the owner, where the author is entitled to say so.
    pub(super) fn state_with(&mut self, commitment: &str, add: Vec<String>, remove: Vec<String>) {
        let event = Event::With { add, remove };
        let empty = event == Event::With { add: Vec::new(), remove: Vec::new() };
        if !empty && self.workspace.would_count(commitment, &event, &self.context.member).is_ok() {
            self.event(commitment, &event);
        }
    }

    pub(super) fn settle(&mut self, entity: &EntityRef, field: &str, keep: &str) -> Result<(), CommandError> {
        self.must_have(entity)?;
        let answers = self.workspace.answers(entity, field);
        let Some(kept) = answers.iter().find(|answer| answer.id == keep).map(|answer| answer.value.clone())
        else {
            return Err(value(field, "there is no such answer"));
        };
        let replaces: Vec<String> =
            answers.into_iter().map(|answer| answer.id).filter(|id| id != keep).collect();
        if entity.kind == Kind::Commitment {
            let revise = Event::Revise { field: field.to_owned(), value: kept, replaces };
            return self.commitment(&entity.id, &revise);
        }
        if !self.workspace.may_settle(entity, &self.context.member) {
            return Err(CommandError::NotEntitled("this is somebody else's to settle".to_owned()));
        }
        let document = self.workspace.document_of(entity).ok_or_else(|| unknown(entity))?;
        self.retire(document, entity, field, replaces);
        self.entities.push(entity.clone());
        Ok(())
    }

    pub(super) fn settle_in_plan(&mut self, entity: &EntityRef, field: &str, replaces: Vec<String>) {
        let body = Body::Settle { entity: entity_name(entity), field: field.to_owned(), replaces };
        self.state(self.workspace.plan, body);
    }

    pub(super) fn commitment(&mut self, id: &str, event: &Event) -> Result<(), CommandError> {
        let entity = EntityRef::new(Kind::Commitment, id);
        self.must_have(&entity)?;
        let member = self.context.member;
        let event = self.workspace.complete_event(id, event, &member);
        self.workspace.would_count(id, &event, &member).map_err(CommandError::NotEntitled)?;
        event.texts().for_each(|text| self.look_at(text));
        self.event(id, &event);
        self.entities.push(entity);
        Ok(())
    }

    pub(super) fn merge_commitments(&mut self, from: &str, into: &str) -> Result<(), CommandError> {
        self.must_have(&EntityRef::new(Kind::Commitment, into))?;
        if self.workspace.commitment_target(into) == self.workspace.commitment_target(from) {
            return Err(value("into", "a commitment cannot go on as itself"));
        }
        self.commitment(from, &Event::Merge { into: into.to_owned() })
    }

    /// States an event of a commitment.
    fn event(&mut self, commitment: &str, event: &Event) {
        let after = match self.heads.get(commitment) {
            Some(heads) => heads.clone(),
            None => self.workspace.commitment_heads(commitment),
        };
        let body =
            Body::Event { commitment: commitment.to_owned(), event: event.clone(), after, terms: None };
        let name = self.state(self.workspace.plan, body);
        self.heads.insert(commitment.to_owned(), vec![name]);
    }

    pub(super) fn ballot(
        &mut self,
        vote: &str,
        on_behalf_of: Option<&String>,
        dots: &BTreeMap<String, u32>,
    ) -> Result<(), CommandError> {
        let entity = EntityRef::new(Kind::Vote, vote);
        self.must_have(&entity)?;
        let actor = self.workspace.ledger.actor(&self.context.member);
        if on_behalf_of.is_some() && !actor.facilitates {
            return Err(CommandError::NotEntitled(
                "only whoever leads the conversation gives dots for others".to_owned(),
            ));
        }
        let rules = self.workspace.vote_rules(vote);
        if rules.closed {
            return Err(CommandError::NotEntitled("the vote is closed".to_owned()));
        }
        if dots.values().map(|count| u64::from(*count)).sum::<u64>() > u64::from(rules.dots) {
            return Err(value("dots", "that is more dots than there are"));
        }
        if dots.values().any(|count| *count > rules.max_per_item) {
            return Err(value("dots", "that is more dots on one item than allowed"));
        }
        let document = self.workspace.document_of(&entity).ok_or_else(|| unknown(&entity))?;
        let body =
            Body::Ballot { vote: vote.to_owned(), on_behalf_of: on_behalf_of.cloned(), dots: dots.clone() };
        self.state(document, body);
        self.entities.push(entity);
        Ok(())
    }

    pub(super) fn close_vote(&mut self, vote: &str) -> Result<(), CommandError> {
        let entity = EntityRef::new(Kind::Vote, vote);
        let document = self.workspace.document_of(&entity).ok_or_else(|| unknown(&entity))?;
        if !self.workspace.ledger.actor(&self.context.member).facilitates {
            return Err(CommandError::NotEntitled(
                "only whoever leads the conversation closes a vote".to_owned(),
            ));
        }
        let counts = self.workspace.counted(vote);
        self.state(document, Body::VoteClosed { vote: vote.to_owned(), counts });
        self.entities.push(entity);
        Ok(())
    }

    pub(super) fn agree_to_plan(&mut self) {
        let version = self.workspace.version();
        self.state(self.workspace.plan, Body::Agreement { version });
        self.entities.push(EntityRef::meta());
    }
}

/// The terms that a commitment's fields make.
pub(crate) fn terms_of(fields: &BTreeMap<String, Json>) -> Terms {
    let text = |field: &str| fields.get(field).and_then(Json::as_str).map(str::to_owned);
    let with = match fields.get("with") {
        Some(Json::Array(list)) => list.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        Some(Json::Object(map)) => map.keys().cloned().collect(),
        _ => BTreeSet::new(),
    };
    Terms { owner: text("owner"), requester: text("requester"), due: text("due"), with }
}
