//! Carrying out commands: checked first, then written, so that one that does not fit changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use samverka_log::{DocumentId, LogId, actor_id};
use serde_json::{Value as Json, json};

use crate::command::{Command, CommandError, Context, Executed, Outcome, Produced, Texts};
use crate::delta::Telling;
use crate::document::Document;
use crate::history::ChangeNote;
use crate::language::text_key;
use crate::privacy::privacy_hints;
use crate::rebase::{one_text, rebase};
use crate::record::{Body, RecordDraft, VerifiedRecord};
use crate::schema::{EntityRef, FieldKind, ID_BYTES_MAX, Kind, new_begun_id, new_id};
use crate::workspace::Workspace;

mod merging;
mod saying;

pub(crate) use saying::terms_of;

/// What is being written by one command.
pub(crate) struct Writing<'w, 'c, R> {
    pub(crate) workspace: &'w mut Workspace,
    pub(crate) context: &'c mut Context<'c, R>,
    touched: BTreeSet<DocumentId>,
    records: Vec<(DocumentId, RecordDraft)>,
    entities: Vec<EntityRef>,
    remarks: Vec<String>,
    n: u64,
    /// The newest statements on who is who.
    roster: Vec<String>,
    /// The newest events of commitments that this command has stated something of.
    heads: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    /// Carries out a command.
    ///
    /// # Errors
    /// [`CommandError`]; nothing has changed then.
    pub fn execute<R: CryptoRng>(
        &mut self,
        command: &Command,
        context: &mut Context<'_, R>,
    ) -> Result<Executed, CommandError> {
        let (log, now_ms) = (context.log, context.now_ms);
        let n = self.ledger.next_n(&context.member, &log.device);
        let roster = self.ledger.who().heads().to_vec();
        let mut own = Context { log, member: context.member, now_ms, rng: &mut *context.rng };
        let mut writing = Writing {
            workspace: self,
            context: &mut own,
            touched: BTreeSet::new(),
            records: Vec::new(),
            entities: Vec::new(),
            remarks: Vec::new(),
            n,
            roster,
            heads: BTreeMap::new(),
        };
        let result = writing.carry_out(command);
        let Writing { touched, records, entities, remarks, .. } = writing;
        if let Err(error) = result {
            for document in touched {
                if let Some(doc) = self.documents.get_mut(&document) {
                    doc.rollback();
                }
            }
            return Err(error);
        }
        Ok(self.finish(command, log, now_ms, touched, records, Outcome { entities, remarks }))
    }

    fn finish(
        &mut self,
        command: &Command,
        log: LogId,
        now_ms: u64,
        touched: BTreeSet<DocumentId>,
        records: Vec<(DocumentId, RecordDraft)>,
        outcome: Outcome,
    ) -> Executed {
        let by_admin = self.ledger.member_of(&log.device).is_some_and(|member| self.ledger.is_admin(&member));
        let note = ChangeNote { command: command.name().to_owned(), entities: outcome.entities.clone() };
        let message = serde_json::to_string(&note).unwrap_or_default();
        let mut produced: BTreeMap<DocumentId, Produced> = BTreeMap::new();
        let empty = |document| Produced { document, changes: Vec::new(), records: Vec::new() };
        let mut telling = Telling::default();
        self.know_log(log, &mut telling.delta);
        telling.delta.entities.clone_from(&outcome.entities);
        for document in touched {
            if let Some(change) =
                self.documents.get_mut(&document).and_then(|doc| doc.commit(&message, now_ms))
            {
                let raw = change.raw_bytes().to_vec();
                self.tell_changes(document, &[change], &mut telling);
                produced.entry(document).or_insert_with(|| empty(document)).changes.push(raw);
            }
        }
        for (document, draft) in records {
            let record = VerifiedRecord {
                id: draft.id,
                document,
                log,
                time_ms: draft.time_ms,
                payload: draft.payload.clone(),
                signed: Vec::new(),
                by_admin,
            };
            self.take_record(record, &mut telling);
            produced.entry(document).or_insert_with(|| empty(document)).records.push(draft);
        }
        let delta = self.told(telling);
        Executed { documents: produced.into_values().collect(), outcome, delta }
    }
}

impl<R: CryptoRng> Writing<'_, '_, R> {
    fn carry_out(&mut self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::NewPlan { title, language, name, organisation, role_title, relays } => {
                self.new_plan(title, language, relays);
                let member = self.context.member;
                let participant = self.person(name, organisation, role_title, language, Some("leader"));
                self.admit(member, participant, name);
                self.profile(name, organisation, role_title, language);
            }
            Command::Admit { member, name, organisation, role_title, language, participant } => {
                let participant = match participant {
                    Some(id) => {
                        self.must_have(&EntityRef::new(Kind::Participant, id))?;
                        id.clone()
                    }
                    None => self.person(name, organisation, role_title, language, None),
                };
                self.admit(*member, participant, name);
            }
            Command::Profile { name, organisation, role_title, language } => {
                self.profile(name, organisation, role_title, language);
            }
            Command::Add { kind, id, board, fields } => {
                self.add(*kind, id.as_deref(), board.map(|board| board.0), fields)?;
            }
            Command::Edit { entity, fields } => self.edit(entity, fields)?,
            Command::Write { entity, field, language, seen, text } => {
                let texts = self.workspace.texts(entity, field);
                let theirs = texts.get(language).map_or("", String::as_str);
                self.edit(entity, &one_text(field, language, &rebase(seen, theirs, text)))?;
            }
            Command::Members { entity, field, add, remove } => self.members(entity, field, add, remove)?,
            Command::Settle { entity, field, keep } => self.settle(entity, field, keep)?,
            Command::MergeClusters { from, into } => self.merge_clusters(from, into)?,
            Command::Commitment { id, event } => self.commitment(id, event)?,
            Command::NewBoard { title } => drop(self.new_board(title)),
            Command::Ballot { vote, dots } => self.ballot(vote, None, dots)?,
            Command::BallotFor { vote, participant, dots } => self.ballot(vote, Some(participant), dots)?,
            Command::CloseVote { vote } => self.close_vote(vote)?,
            Command::MergeCommitments { from, into } => self.merge_commitments(from, into)?,
            Command::MergeParticipants { from, into } => self.merge_participants(from, into)?,
            Command::Agree => self.agree_to_plan(),
            Command::Stance { decision, supports, text } => {
                self.must_have(&EntityRef::new(Kind::Decision, decision))?;
                text.values().for_each(|text| self.look_at(text));
                let body =
                    Body::Stance { decision: decision.clone(), supports: *supports, text: text.clone() };
                self.state(self.workspace.plan, body);
                self.entities.push(EntityRef::new(Kind::Decision, decision));
            }
            Command::Judge { goal, verdict, date } => {
                self.must_have(&EntityRef::new(Kind::Goal, goal))?;
                if !["nearer", "same", "further", "cannot_tell"].contains(&verdict.as_str()) {
                    return Err(value("verdict", "it is nearer, same, further or cannot_tell"));
                }
                let body =
                    Body::Judgement { goal: goal.clone(), verdict: verdict.clone(), date: date.clone() };
                self.state(self.workspace.plan, body);
                self.entities.push(EntityRef::new(Kind::Goal, goal));
            }
            Command::Import(plan) => self.import(plan)?,
        }
        Ok(())
    }

    fn new_plan(&mut self, title: &str, language: &str, relays: &[String]) {
        let plan = self.workspace.plan;
        let meta = EntityRef::meta();
        self.make(plan, &meta);
        self.write_text(plan, &meta, "title", text_key(language), title);
        self.propose(plan, &meta, "plan_type", &json!("network_plan"));
        self.put(plan, &meta, "contains_client_data", &json!(false));
        for (order, relay) in relays.iter().enumerate() {
            let entity = EntityRef::new(Kind::Relay, relay);
            self.make(plan, &entity);
            self.put(plan, &entity, "order", &json!(order));
        }
        self.new_board(&Texts::from([(text_key(language).to_owned(), title.to_owned())]));
        self.entities.insert(0, meta);
    }

    pub(crate) fn new_board(&mut self, title: &Texts) -> DocumentId {
        let mut bytes = [0; 16];
        self.context.rng.fill_bytes(&mut bytes);
        let document = DocumentId::from_bytes(bytes);
        let plan = self.workspace.plan;
        let entity = EntityRef::new(Kind::Board, document.to_string());
        self.make(plan, &entity);
        self.put(plan, &entity, "opened_ms", &json!(self.context.now_ms));
        for (language, text) in title {
            self.write_text(plan, &entity, "title", language, text);
        }
        // The board's own first change, so that its document exists everywhere.
        let meta = EntityRef::meta();
        self.make(document, &meta);
        self.entities.push(entity);
        document
    }

    pub(crate) fn add(
        &mut self,
        kind: Kind,
        id: Option<&str>,
        board: Option<DocumentId>,
        fields: &BTreeMap<String, Json>,
    ) -> Result<EntityRef, CommandError> {
        let document = if kind.on_board() {
            board.or_else(|| self.workspace.boards().first().copied()).ok_or(CommandError::NoBoard)?
        } else {
            self.workspace.plan
        };
        let id = match id {
            Some(id) => id.to_owned(),
            None if matches!(kind, Kind::Commitment | Kind::Vote) => {
                new_begun_id(self.context.now_ms, &self.context.log.device, self.context.rng)
            }
            None => self.new_id(),
        };
        if id.is_empty() || id.len() > ID_BYTES_MAX {
            return Err(value("id", "it is empty or too long"));
        }
        let entity = EntityRef::new(kind, id);
        if self.workspace.has(&entity) {
            return Err(CommandError::Exists { kind, id: entity.id });
        }
        check_fields(kind, fields)?;
        self.make(document, &entity);
        for (field, value) in fields {
            self.write_field(document, &entity, field, value);
        }
        if kind == Kind::Note && !fields.contains_key("state") {
            self.propose(document, &entity, "state", &json!("revealed"));
        }
        if matches!(kind, Kind::Note | Kind::Commitment) {
            let member = self.context.member;
            self.put(document, &entity, "made_by", &json!(member.to_string()));
            if kind == Kind::Note
                && !fields.contains_key("author")
                && let Some(participant) = self.workspace.participant_of(&member)
            {
                self.put(document, &entity, "author", &json!(participant));
            }
        }
        self.entities.push(entity.clone());
        self.state_of_new(document, &entity, fields);
        Ok(entity)
    }

    fn edit(&mut self, entity: &EntityRef, fields: &BTreeMap<String, Json>) -> Result<(), CommandError> {
        self.must_have(entity)?;
        check_fields(entity.kind, fields)?;
        let document = self.workspace.document_of(entity).ok_or_else(|| unknown(entity))?;
        if entity.kind == Kind::Meta {
            self.make(document, entity);
        }
        for (field, value) in fields {
            if entity.kind == Kind::Commitment {
                self.edit_commitment(document, entity, field, value)?;
            } else {
                self.write_field(document, entity, field, value);
            }
        }
        self.state_of_edited(document, entity, fields);
        if entity.kind == Kind::Note && fields.contains_key("text") && !fields.contains_key("state") {
            self.state_anew(document, entity);
        }
        self.entities.push(entity.clone());
        Ok(())
    }

    /// Whoever edits a note says that it stays: somebody who archives it apart makes a second answer, and both show.
    fn state_anew(&mut self, document: DocumentId, note: &EntityRef) {
        let seen = self.workspace.answers(note, "state");
        let Some(state) = seen.last().map(|answer| answer.value.clone()) else { return };
        self.propose(document, note, "state", &state);
        self.retire(document, note, "state", seen.into_iter().map(|answer| answer.id).collect());
    }

    fn members(
        &mut self,
        entity: &EntityRef,
        field: &str,
        add: &BTreeMap<String, Json>,
        remove: &[String],
    ) -> Result<(), CommandError> {
        self.must_have(entity)?;
        if entity.kind.field(field) != FieldKind::Members {
            return Err(value(field, "it is not a list"));
        }
        if entity.kind == Kind::Commitment && field == "with" {
            self.state_with(&entity.id, add.keys().cloned().collect(), remove.to_vec());
        }
        let document = self.workspace.document_of(entity).ok_or_else(|| unknown(entity))?;
        let doc = self.touch(document);
        for (member, value) in add {
            doc.add_member(entity.kind, &entity.id, field, member, value);
        }
        for member in remove {
            doc.remove_member(entity.kind, &entity.id, field, member);
        }
        self.entities.push(entity.clone());
        Ok(())
    }

    /// On boards everybody may settle, so answers that were seen are simply taken away: answers given apart stay, as
    /// in any multi-value register. In the plan a signed record says so.
    pub(crate) fn retire(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        field: &str,
        replaces: Vec<String>,
    ) {
        if replaces.is_empty() {
            return;
        }
        if entity.kind.on_board() {
            let doc = self.touch(document);
            for proposal in replaces {
                doc.retire(entity.kind, &entity.id, field, &proposal);
            }
        } else {
            self.settle_in_plan(entity, field, replaces);
        }
    }

    fn merge_clusters(&mut self, from: &str, into: &str) -> Result<(), CommandError> {
        let (from, into) = (EntityRef::new(Kind::Cluster, from), EntityRef::new(Kind::Cluster, into));
        self.must_have(&from)?;
        self.must_have(&into)?;
        if self.workspace.cluster_target(&into.id) == from.id || from.id == into.id {
            return Err(value("into", "a cluster cannot become part of itself"));
        }
        self.edit(&from, &BTreeMap::from([("redirect_to".to_owned(), json!(into.id))]))
    }

    /// Writes one field, by its kind.
    pub(crate) fn write_field(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        field: &str,
        value: &Json,
    ) {
        match entity.kind.field(field) {
            FieldKind::Text => {
                for (language, text) in value.as_object().into_iter().flatten() {
                    self.write_text(document, entity, field, language, text.as_str().unwrap_or_default());
                }
            }
            FieldKind::Single => {
                let seen: Vec<_> = self.workspace.answers(entity, field);
                if seen.len() == 1 && seen.first().is_some_and(|answer| answer.value == *value) {
                    return;
                }
                self.propose(document, entity, field, value);
                if self.workspace.may_settle(entity, &self.context.member) {
                    self.retire(document, entity, field, seen.into_iter().map(|answer| answer.id).collect());
                }
            }
            FieldKind::Plain => self.put(document, entity, field, value),
            FieldKind::Members => self.write_members(document, entity, field, value),
        }
    }

    fn write_members(&mut self, document: DocumentId, entity: &EntityRef, field: &str, value: &Json) {
        let wanted: BTreeMap<String, Json> = match value {
            Json::Array(list) => {
                list.iter().filter_map(|id| Some((id.as_str()?.to_owned(), Json::Bool(true)))).collect()
            }
            Json::Object(map) => map.iter().map(|(id, value)| (id.clone(), value.clone())).collect(),
            _ => BTreeMap::new(),
        };
        let doc = self.touch(document);
        let known = doc.members(entity.kind, &entity.id, field);
        if known.is_none() && wanted.is_empty() {
            doc.add_member(entity.kind, &entity.id, field, "", &Json::Bool(true));
        }
        for gone in known.into_iter().flatten().map(|(id, _)| id).filter(|id| !wanted.contains_key(id)) {
            doc.remove_member(entity.kind, &entity.id, field, &gone);
        }
        for (id, value) in &wanted {
            doc.add_member(entity.kind, &entity.id, field, id, value);
        }
        if value.is_array() && doc.field(entity.kind, &entity.id, field).as_ref() != Some(value) {
            doc.set_plain(entity.kind, &entity.id, field, value);
        }
    }

    pub(crate) fn make(&mut self, document: DocumentId, entity: &EntityRef) {
        self.touch(document).make(entity.kind, &entity.id);
    }

    pub(crate) fn put(&mut self, document: DocumentId, entity: &EntityRef, field: &str, value: &Json) {
        self.touch(document).set_plain(entity.kind, &entity.id, field, value);
    }

    pub(crate) fn propose(&mut self, document: DocumentId, entity: &EntityRef, field: &str, value: &Json) {
        let proposal = self.new_id();
        self.touch(document).propose(entity.kind, &entity.id, field, &proposal, value);
    }

    pub(crate) fn write_text(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        field: &str,
        language: &str,
        text: &str,
    ) {
        self.look_at(text);
        self.touch(document).write_text(entity.kind, &entity.id, field, language, text);
    }

    /// Remarks on what somebody writes: a signed statement can be taken back even less than a text.
    pub(crate) fn look_at(&mut self, text: &str) {
        for hint in privacy_hints(text) {
            if !self.remarks.contains(&hint) {
                self.remarks.push(hint);
            }
        }
    }

    pub(crate) fn touch(&mut self, document: DocumentId) -> &mut Document {
        let doc = self.workspace.documents.entry(document).or_insert_with(Document::new);
        if self.touched.insert(document) {
            doc.begin(actor_id(self.workspace.space, document, self.context.log));
        }
        doc
    }

    pub(crate) fn note(&mut self, entity: EntityRef) {
        self.entities.push(entity);
    }

    pub(crate) fn new_id(&mut self) -> String {
        new_id(self.context.now_ms, self.context.rng)
    }

    pub(crate) fn must_have(&self, entity: &EntityRef) -> Result<(), CommandError> {
        if self.workspace.has(entity) { Ok(()) } else { Err(unknown(entity)) }
    }
}

/// Whether values have the form that their fields take.
fn check_fields(kind: Kind, fields: &BTreeMap<String, Json>) -> Result<(), CommandError> {
    for (field, given) in fields {
        if field.is_empty() || field.contains(['#', '/', '.']) {
            return Err(value(field, "a field's name has no #, / or ."));
        }
        let fits = match kind.field(field) {
            FieldKind::Text => given
                .as_object()
                .is_some_and(|texts| texts.iter().all(|(key, text)| !key.is_empty() && text.is_string())),
            FieldKind::Members => given.is_array() || given.is_object(),
            FieldKind::Single | FieldKind::Plain => true,
        };
        if !fits {
            return Err(value(field, "it takes texts by language, or a list"));
        }
    }
    Ok(())
}

pub(crate) fn value(field: &str, reason: &str) -> CommandError {
    CommandError::Value { field: field.to_owned(), reason: reason.to_owned() }
}

pub(crate) fn unknown(entity: &EntityRef) -> CommandError {
    CommandError::Unknown { kind: entity.kind, id: entity.id.clone() }
}
