//! All documents of a plan in memory, and the ledger of what was stated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use samverka_log::{DocumentId, LogId, MemberId, SpaceId};
use serde_json::Value as Json;

use crate::command::Delta;
use crate::commitment::{Happened, in_order, judge};
use crate::document::{Document, DocumentError, Proposal, Thing};
use crate::event::Event;
use crate::ledger::{Ledger, Profile, Taken};
use crate::record::{Body, VerifiedRecord};
use crate::roster::{Actor, Directory, is_about_people};
use crate::schema::{EntityRef, FieldKind, Kind};
use crate::standing::Standing;

/// What arrives for one document from one log.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The document.
    pub document: DocumentId,
    /// The log.
    pub log: LogId,
    /// Raw Automerge changes, verified to be this log's.
    pub changes: Vec<Vec<u8>>,
    /// Records, verified to be this log's.
    pub records: Vec<VerifiedRecord>,
}

/// All documents of a plan, and what people have stated.
pub struct Workspace {
    pub(crate) space: SpaceId,
    pub(crate) plan: DocumentId,
    pub(crate) documents: BTreeMap<DocumentId, Document>,
    pub(crate) ledger: Ledger,
    /// Where commitments stand, as far as it was asked for; forgotten when a statement about one comes.
    standings: Mutex<BTreeMap<String, Arc<Standing>>>,
}

impl Workspace {
    /// An empty plan: the documents as they are shipped.
    pub fn new(space: SpaceId, plan: DocumentId) -> Self {
        let documents = BTreeMap::from([(plan, Document::new())]);
        Self { space, plan, documents, ledger: Ledger::default(), standings: Mutex::default() }
    }

    /// The plan's own document.
    pub const fn plan_document(&self) -> DocumentId {
        self.plan
    }

    /// Says who is who.
    pub fn set_directory(&mut self, directory: Directory) {
        if self.ledger.set_directory(directory) {
            self.forget_standings();
        }
    }

    /// Takes in what has arrived: one Automerge apply a document, whatever the number of entries.
    pub fn apply_batch(&mut self, batch: Vec<Incoming>) -> Delta {
        let mut changes: BTreeMap<DocumentId, Vec<Vec<u8>>> = BTreeMap::new();
        let mut delta = Delta::default();
        for incoming in batch {
            for raw in &incoming.changes {
                note_change(raw, &mut delta);
            }
            changes.entry(incoming.document).or_default().extend(incoming.changes);
            for record in incoming.records {
                self.take_record(record, &mut delta);
            }
        }
        for (document, raw) in changes {
            self.documents.entry(document).or_insert_with(Document::new).apply(&raw);
        }
        delta.entities.sort();
        delta.entities.dedup();
        delta
    }

    pub(crate) fn take_record(&mut self, record: VerifiedRecord, delta: &mut Delta) {
        let body = match self.ledger.take(record) {
            Taken::Known => return,
            Taken::Unread => None,
            Taken::InPlaceOfAnother => {
                self.forget_standings();
                None
            }
            Taken::At(place) => self.ledger.at(place).map(|stated| &stated.statement.body),
        };
        if body.is_some_and(|body| is_about_people(body) || matches!(body, Body::Imported { .. })) {
            self.forget_standings();
        }
        let entity = match body {
            Some(Body::Event { commitment, .. }) => {
                self.cached().remove(commitment);
                Some(EntityRef::new(Kind::Commitment, commitment))
            }
            Some(Body::VoteOpened { vote, .. } | Body::VoteClosed { vote } | Body::Ballot { vote, .. }) => {
                Some(EntityRef::new(Kind::Vote, vote))
            }
            Some(Body::Stance { decision, .. }) => Some(EntityRef::new(Kind::Decision, decision)),
            Some(Body::Judgement { goal, .. }) => Some(EntityRef::new(Kind::Goal, goal)),
            Some(Body::TieStated { tie, .. }) => Some(EntityRef::new(Kind::Tie, tie)),
            Some(Body::Agreement { .. }) => Some(EntityRef::meta()),
            Some(Body::Settle { entity, .. }) => entity_named(entity),
            Some(
                Body::Profile { .. }
                | Body::Admit { .. }
                | Body::Place { .. }
                | Body::Imported { .. }
                | Body::Unknown,
            )
            | None => None,
        };
        match entity {
            Some(entity) => delta.entities.push(entity),
            None => delta.everything = true,
        }
    }

    fn forget_standings(&self) {
        self.cached().clear();
    }

    fn cached(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Standing>>> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Automerge's `save()` of a document.
    pub fn save(&mut self, document: DocumentId) -> Vec<u8> {
        self.documents.entry(document).or_insert_with(Document::new).save()
    }

    /// Takes a saved document in the place of what is here of it.
    ///
    /// # Errors
    /// [`DocumentError`]; nothing has changed then.
    pub fn load(
        &mut self,
        document: DocumentId,
        saved: &[u8],
        records: Vec<VerifiedRecord>,
    ) -> Result<(), DocumentError> {
        let loaded = Document::load(saved)?;
        self.documents.insert(document, loaded);
        for record in records {
            self.ledger.take(record);
        }
        self.forget_standings();
        Ok(())
    }

    /// The records of a document, in the order in which they came.
    pub fn records(&self, document: DocumentId) -> &[VerifiedRecord] {
        self.ledger.records(document)
    }

    /// Hands in the signed bytes of a record that a command made here.
    pub fn set_signed(&mut self, document: DocumentId, id: &[u8; 16], signed: Vec<u8>) {
        self.ledger.set_signed(document, id, signed);
    }

    /// The documents that are here.
    pub fn documents(&self) -> Vec<DocumentId> {
        let mut documents: BTreeSet<DocumentId> = self.documents.keys().copied().collect();
        documents.extend(self.ledger.documents());
        documents.into_iter().collect()
    }

    /// The Automerge heads of a document, in order.
    pub fn heads(&mut self, document: DocumentId) -> Vec<[u8; 32]> {
        self.documents.get_mut(&document).map(Document::heads).unwrap_or_default()
    }

    /// The version of the plan: its Automerge heads in one word, for agreeing to it.
    pub(crate) fn version(&mut self) -> String {
        let heads: Vec<String> =
            self.heads(self.plan).iter().map(|head| data_encoding::HEXLOWER.encode(head)).collect();
        heads.join("+")
    }

    /// Actor and sequence number of a change that is here.
    pub fn change_place(&self, document: DocumentId, hash: &[u8; 32]) -> Option<([u8; 16], u64)> {
        self.documents.get(&document)?.change_place(hash)
    }

    /// Where the plan is kept, in order of the addresses.
    pub fn relay_urls(&self) -> Vec<String> {
        let mut relays: Vec<(i64, String)> = self
            .ids(Kind::Relay)
            .into_iter()
            .filter(|id| {
                self.plain(&EntityRef::new(Kind::Relay, id.clone()), "removed") != Some(Json::Bool(true))
            })
            .map(|id| {
                let order = self.plain(&EntityRef::new(Kind::Relay, id.clone()), "order");
                (order.and_then(|order| order.as_i64()).unwrap_or(i64::MAX), id)
            })
            .collect();
        relays.sort();
        relays.into_iter().map(|(_, url)| url).collect()
    }

    /// All participants.
    pub fn participant_ids(&self) -> Vec<String> {
        self.ids(Kind::Participant)
    }

    /// Which participant a member is.
    pub fn participant_of(&self, member: &MemberId) -> Option<String> {
        self.ledger.participant_of(member).cloned()
    }

    /// The members behind a participant.
    pub fn members_of(&self, participant: &str) -> Vec<MemberId> {
        self.ledger.members_of(participant)
    }

    /// Who a member says they are.
    pub fn profile(&self, member: &MemberId) -> Option<&Profile> {
        self.ledger.profile(member)
    }

    /// The boards, the first one first.
    pub fn boards(&self) -> Vec<DocumentId> {
        let mut boards: Vec<(u64, DocumentId)> = self
            .ids(Kind::Board)
            .into_iter()
            .filter_map(|id| {
                let opened = self.plain(&EntityRef::new(Kind::Board, id.clone()), "opened_ms");
                Some((opened.and_then(|at| at.as_u64()).unwrap_or(u64::MAX), id.parse().ok()?))
            })
            .collect();
        boards.sort_unstable();
        boards.into_iter().map(|(_, document)| document).collect()
    }

    /// Which document an entity is in.
    pub fn document_of(&self, entity: &EntityRef) -> Option<DocumentId> {
        if !entity.kind.on_board() {
            return Some(self.plan);
        }
        let has = |document: &&DocumentId| {
            **document != self.plan
                && self.documents.get(document).is_some_and(|known| known.has(entity.kind, &entity.id))
        };
        self.documents.keys().find(has).copied()
    }

    pub(crate) fn doc_of(&self, entity: &EntityRef) -> Option<&Document> {
        self.documents.get(&self.document_of(entity)?)
    }

    /// Whether there is such a thing.
    pub fn has(&self, entity: &EntityRef) -> bool {
        entity.kind == Kind::Meta || self.doc_of(entity).is_some_and(|doc| doc.has(entity.kind, &entity.id))
    }

    /// The ids of all things of a kind, over all boards, in order.
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        if !kind.on_board() {
            return self.documents.get(&self.plan).map(|doc| doc.ids(kind)).unwrap_or_default();
        }
        let boards = self.documents.iter().filter(|(document, _)| **document != self.plan);
        let mut ids: Vec<String> = boards.flat_map(|(_, doc)| doc.ids(kind)).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The ids of all things of a kind on one board.
    pub fn ids_on(&self, board: DocumentId, kind: Kind) -> Vec<String> {
        self.documents.get(&board).map(|doc| doc.ids(kind)).unwrap_or_default()
    }

    /// A plain field.
    pub fn plain(&self, entity: &EntityRef, field: &str) -> Option<Json> {
        self.doc_of(entity)?.plain(entity.kind, &entity.id, field)
    }

    /// A text by language.
    pub fn texts(&self, entity: &EntityRef, field: &str) -> BTreeMap<String, String> {
        self.doc_of(entity).map(|doc| doc.texts(entity.kind, &entity.id, field)).unwrap_or_default()
    }

    /// A text in a language, or in the nearest there is.
    pub fn text(&self, entity: &EntityRef, field: &str, language: &str) -> String {
        crate::language::pick(&self.texts(entity, field), language)
    }

    /// The members of a set or map field.
    pub fn members(&self, entity: &EntityRef, field: &str) -> BTreeMap<String, Json> {
        self.doc_of(entity).and_then(|doc| doc.members(entity.kind, &entity.id, field)).unwrap_or_default()
    }

    /// The answers that stand for a single-value field, the latest last. More than one: a question to settle.
    pub fn answers(&self, entity: &EntityRef, field: &str) -> Vec<Proposal> {
        let Some(doc) = self.doc_of(entity) else { return Vec::new() };
        self.standing_answers(entity, field, doc.proposals(entity.kind, &entity.id, field))
    }

    /// Those of several answers that nobody entitled has taken away.
    fn standing_answers(&self, entity: &EntityRef, field: &str, all: Vec<Proposal>) -> Vec<Proposal> {
        if all.len() < 2 {
            return all;
        }
        let retired = self.retired(entity, field);
        let last = all.last().cloned();
        let standing: Vec<Proposal> =
            all.into_iter().filter(|proposal| !retired.contains(&proposal.id)).collect();
        // Settlements made apart may retire each other's choice; the latest answer is shown then.
        if standing.is_empty() { last.into_iter().collect() } else { standing }
    }

    /// A single value: the latest answer that stands.
    pub fn single(&self, entity: &EntityRef, field: &str) -> Option<Json> {
        self.answers(entity, field).pop().map(|proposal| proposal.value).filter(|value| !value.is_null())
    }

    /// As [`Self::answers`], of a thing that was read.
    pub(crate) fn answers_of(&self, entity: &EntityRef, thing: &Thing<'_>, field: &str) -> Vec<Proposal> {
        self.standing_answers(entity, field, thing.proposals(field))
    }

    /// As [`Self::single_text`], of a thing that was read.
    pub(crate) fn text_of(&self, entity: &EntityRef, thing: &Thing<'_>, field: &str) -> Option<String> {
        self.answers_of(entity, thing, field).pop()?.value.as_str().map(str::to_owned)
    }

    /// All things of a kind with the document that each is in, over all boards.
    pub(crate) fn things(&self, kind: Kind) -> Vec<(DocumentId, EntityRef, Thing<'_>)> {
        let of_kind = |document: &&DocumentId| (**document == self.plan) != kind.on_board();
        let documents = self.documents.keys().filter(of_kind);
        documents.flat_map(|document| self.things_on(*document, kind)).collect()
    }

    /// All things of a kind in one document.
    pub(crate) fn things_on(
        &self,
        document: DocumentId,
        kind: Kind,
    ) -> Vec<(DocumentId, EntityRef, Thing<'_>)> {
        let things = self.documents.get(&document).map(|doc| doc.things(kind)).unwrap_or_default();
        things.into_iter().map(|(id, thing)| (document, EntityRef::new(kind, id), thing)).collect()
    }

    /// A single value that is a text.
    pub fn single_text(&self, entity: &EntityRef, field: &str) -> Option<String> {
        self.single(entity, field)?.as_str().map(str::to_owned)
    }

    fn retired(&self, entity: &EntityRef, field: &str) -> BTreeSet<String> {
        if entity.kind == Kind::Commitment {
            let standing = self.standing_of(&entity.id);
            let retired = standing.retired.iter().filter(|(of, _)| of == field);
            return retired.map(|(_, proposal)| proposal.clone()).collect();
        }
        self.ledger
            .settlements(entity_name(entity), field)
            .filter(|stated| self.ledger.member_of(&stated.device).is_some())
            .filter(|stated| entity.kind != Kind::Meta || decides(&self.ledger.author(stated)))
            .filter_map(|stated| match &stated.statement.body {
                Body::Settle { replaces, .. } => Some(replaces),
                _ => None,
            })
            .flatten()
            .cloned()
            .collect()
    }

    /// Whether a member may say which of several answers holds: for the plan itself whoever leads it; for a
    /// commitment those whose promise it is; for the rest every editor.
    pub fn may_settle(&self, entity: &EntityRef, member: &MemberId) -> bool {
        match entity.kind {
            Kind::Meta => decides(&self.ledger.actor(member)),
            Kind::Commitment => {
                let standing = self.standing_of(&entity.id);
                let who = self.ledger.participant_of(member);
                let is = |role: &Option<String>| role.is_some() && role.as_ref() == who;
                is(&standing.owner) || is(&standing.requester) || is(&standing.begun_by) || self.leads(member)
            }
            _ => true,
        }
    }

    /// Whether a member leads the network: by an entitled word on their participant's part in it, not by what a field
    /// says.
    pub fn leads(&self, member: &MemberId) -> bool {
        self.ledger.actor(member).leads
    }

    /// One thing as JSON, as exports give it: texts by language, sets as lists, unknown fields as they are.
    pub fn fields(&self, entity: &EntityRef) -> BTreeMap<String, Json> {
        let Some(doc) = self.doc_of(entity) else { return BTreeMap::new() };
        let mut fields = doc.fields(entity.kind, &entity.id);
        let single: Vec<&str> = entity
            .kind
            .fields()
            .iter()
            .filter(|(name, kind)| *kind == FieldKind::Single && fields.contains_key(*name))
            .map(|(name, _)| *name)
            .collect();
        for name in single {
            if let Some(answer) = self.answers(entity, name).pop() {
                fields.insert(name.to_owned(), answer.value);
            }
        }
        fields
    }

    /// Where a commitment stands.
    pub fn standing(&self, commitment: &str) -> Standing {
        Standing::clone(&self.standing_of(commitment))
    }

    pub(crate) fn standing_of(&self, commitment: &str) -> Arc<Standing> {
        if let Some(known) = self.cached().get(commitment) {
            return Arc::clone(known);
        }
        let standing = Arc::new(judge(commitment, &self.happened(commitment)));
        self.cached().insert(commitment.to_owned(), Arc::clone(&standing));
        standing
    }

    /// What imports state of a commitment, by their records' names; the one that it began with first.
    pub(crate) fn imported_events(&self, commitment: &str) -> Vec<(&str, &[Json])> {
        let mut imports: Vec<(bool, &str, &[Json])> = Vec::new();
        for stated in self.ledger.of_commitment(commitment) {
            if let Body::Imported { events, terms, .. } = &stated.statement.body {
                let events = events.get(commitment).map_or(&[][..], Vec::as_slice);
                imports.push((!terms.contains_key(commitment), &stated.name, events));
            }
        }
        imports.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        imports.into_iter().map(|(_, name, events)| (name, events)).collect()
    }

    /// Everything that happened to a commitment, stated events included, causes before effects.
    pub(crate) fn happened(&self, commitment: &str) -> Vec<Happened> {
        let mut happened = Vec::new();
        for stated in self.ledger.of_commitment(commitment) {
            let actor = self.ledger.author(stated);
            match &stated.statement.body {
                Body::Event { event, after, terms, .. } => happened.push(Happened {
                    name: stated.name.clone(),
                    device: stated.device,
                    actor,
                    roster: self.ledger.roster_at(&stated.statement.roster),
                    event: event.clone(),
                    after: after.clone(),
                    terms: terms.clone(),
                    import: None,
                    time_ms: stated.time_ms,
                    stated_at: None,
                }),
                Body::Imported { events, terms, .. } => {
                    let beginning = Happened {
                        name: stated.name.clone(),
                        device: stated.device,
                        actor,
                        roster: Arc::default(),
                        event: Event::Suggest,
                        after: Vec::new(),
                        terms: terms.get(commitment).cloned(),
                        import: Some(stated.name.clone()),
                        time_ms: stated.time_ms,
                        stated_at: None,
                    };
                    let events = events.get(commitment).map_or(&[][..], Vec::as_slice);
                    happened.extend(imported_events(events, &beginning));
                    happened.push(beginning);
                }
                _ => {}
            }
        }
        in_order(happened)
    }
}

/// Whether somebody settles questions about the plan itself.
const fn decides(actor: &Actor) -> bool {
    actor.leads || actor.admin
}

/// Kind and id of an entity in one word.
pub(crate) fn entity_name(entity: &EntityRef) -> String {
    format!("{}/{}", entity.kind.container(), entity.id)
}

/// The entity of such a word.
fn entity_named(name: &str) -> Option<EntityRef> {
    let (container, id) = name.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.container() == container)?;
    Some(EntityRef::new(kind, id))
}

/// Events as an imported plan states them. Each comes after the one before it, unless it says in `after` by their
/// places in the list which ones it comes after; ones that had no effect where they were made are left out.
fn imported_events(list: &[Json], beginning: &Happened) -> Vec<Happened> {
    let mut names: Vec<Option<String>> = Vec::new();
    let mut happened: Vec<Happened> = Vec::new();
    for (place, json) in list.iter().enumerate() {
        let event = imported_event(json, place, beginning).map(|mut event| {
            let stated = json.get("after").and_then(Json::as_array).into_iter().flatten();
            let stated =
                stated.filter_map(|place| names.get(usize::try_from(place.as_u64()?).ok()?)?.clone());
            event.after = stated.collect();
            if event.after.is_empty() {
                let forks = json.get("after").is_some();
                let last = happened.last().filter(|_| !forks).unwrap_or(beginning);
                event.after.push(last.name.clone());
            }
            event
        });
        names.push(event.as_ref().map(|event| event.name.clone()));
        happened.extend(event);
    }
    happened
}

fn imported_event(json: &Json, place: usize, beginning: &Happened) -> Option<Happened> {
    let mut object = json.as_object()?.clone();
    if object.contains_key("without_effect") {
        return None;
    }
    let kind = object.remove("kind")?;
    object.insert("type".to_owned(), kind);
    let by = object.get("by").and_then(Json::as_str).map(str::to_owned);
    let at = object.get("at").and_then(Json::as_str).map(str::to_owned);
    let event: Event = serde_json::from_value(Json::Object(object)).ok()?;
    let import = beginning.import.clone()?;
    Some(Happened {
        name: format!("{import}-{place:06}"),
        device: beginning.device,
        actor: Actor { participant: by, ..Actor::default() },
        roster: Arc::default(),
        event,
        after: Vec::new(),
        terms: None,
        import: Some(import),
        time_ms: beginning.time_ms,
        stated_at: at,
    })
}

/// What a change says of itself; what it says nothing of is shown anew as a whole.
fn note_change(raw: &[u8], delta: &mut Delta) {
    let message = crate::document::decode_change(raw).ok().and_then(|change| change.message);
    let note = message.and_then(|message| serde_json::from_str::<crate::history::ChangeNote>(&message).ok());
    match note {
        Some(note) => {
            // An import names no things: there are too many.
            delta.everything |= note.command == "import";
            delta.entities.extend(note.entities);
        }
        None => delta.everything = true,
    }
}
