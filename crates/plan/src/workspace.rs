//! All documents of a plan in memory, and the ledger of what was stated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use samverka_log::{DeviceId, DocumentId, LogId, MemberId, SpaceId, actor_id};
use serde_json::Value as Json;

use crate::command::Delta;
use crate::commitment::{Happened, Judged, in_order, judge};
use crate::delta::Telling;
use crate::document::{Document, DocumentError, Proposal, Thing};
use crate::event::Event;
use crate::ledger::{DirectoryChange, Ledger, Profile};
use crate::links::Links;
use crate::record::{Body, VerifiedRecord};
use crate::roster::{Actor, Directory};
use crate::saved::OwnCopy;
use crate::schema::{EntityRef, FieldKind, Kind, SAME_AS};
use crate::standing::Standing;
use crate::view::follow;

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

/// What came of taking something in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What changed on the screen.
    pub delta: Delta,
    /// Changes that are not in the documents.
    pub left_out: Vec<LeftOut>,
}

/// A change that did not go into its document. Only a program that keeps to no rules makes one; what others wrote is
/// not touched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The document.
    pub document: DocumentId,
    /// The log that it came in.
    pub log: LogId,
    /// Why, as a sentence.
    pub reason: String,
}

/// All documents of a plan, and what people have stated.
pub struct Workspace {
    pub(crate) space: SpaceId,
    pub(crate) plan: DocumentId,
    pub(crate) documents: BTreeMap<DocumentId, Document>,
    pub(crate) ledger: Ledger,
    /// Where commitments stand, as far as it was asked for; forgotten when a statement about one comes.
    standings: Mutex<BTreeMap<String, Arc<Judged>>>,
    /// What views show of other things.
    pub(crate) links: Links,
    /// Logs that something came from.
    pub(crate) logs: BTreeSet<LogId>,
    /// Whose Automerge's actors are, as far as it was asked for.
    actors: Mutex<BTreeMap<DocumentId, BTreeMap<[u8; 16], DeviceId>>>,
}

impl Workspace {
    /// An empty plan: the documents as they are shipped.
    pub fn new(space: SpaceId, plan: DocumentId) -> Self {
        let documents = BTreeMap::from([(plan, Document::new())]);
        Self {
            space,
            plan,
            documents,
            ledger: Ledger::default(),
            standings: Mutex::default(),
            links: Links::default(),
            logs: BTreeSet::new(),
            actors: Mutex::default(),
        }
    }

    /// The plan's own document.
    pub const fn plan_document(&self) -> DocumentId {
        self.plan
    }

    /// Says who is who. Answers what looks different by that.
    pub fn set_directory(&mut self, directory: Directory) -> Delta {
        match self.ledger.set_directory(directory) {
            DirectoryChange::None | DirectoryChange::Newcomers => Delta::default(),
            DirectoryChange::Some => {
                self.forget_standings();
                self.forget_links();
                Delta::of_everything()
            }
        }
    }

    /// Names logs that documents which were loaded come from, so that views can say who changed something.
    pub fn know_logs(&mut self, logs: impl IntoIterator<Item = LogId>) -> Delta {
        let mut delta = Delta::default();
        logs.into_iter().for_each(|log| self.know_log(log, &mut delta));
        delta
    }

    pub(crate) fn know_log(&mut self, log: LogId, delta: &mut Delta) {
        if !self.logs.insert(log) {
            return;
        }
        self.known_actors().clear();
        let boards = self.documents.iter().filter(|(document, _)| **document != self.plan);
        let mut shown = boards.map(|(document, doc)| doc.is_last_of(actor_id(self.space, *document, log)));
        delta.everything |= shown.any(|is| is);
    }

    /// Takes in what has arrived: one Automerge apply a document, whatever the number of entries.
    pub fn apply_batch(&mut self, batch: Vec<Incoming>) -> Applied {
        let mut changes: BTreeMap<DocumentId, Vec<(LogId, Vec<u8>)>> = BTreeMap::new();
        let mut telling = Telling::default();
        for incoming in batch {
            self.know_log(incoming.log, &mut telling.delta);
            let of_log = incoming.changes.into_iter().map(|raw| (incoming.log, raw));
            changes.entry(incoming.document).or_default().extend(of_log);
            for record in incoming.records {
                self.take_record(record, &mut telling);
            }
        }
        let mut left_out = Vec::new();
        for (document, changes) in changes {
            let raw: Vec<&[u8]> = changes.iter().map(|(_, raw)| raw.as_slice()).collect();
            let went = self.documents.entry(document).or_insert_with(Document::new).apply(&raw);
            for (place, error) in went.left_out {
                if let Some((log, _)) = changes.get(place) {
                    left_out.push(LeftOut { document, log: *log, reason: error.to_string() });
                }
            }
            self.tell_changes(document, &went.in_now, &mut telling);
        }
        Applied { delta: self.told(telling), left_out }
    }

    pub(crate) fn forget_standings(&self) {
        self.cached().clear();
    }

    pub(crate) fn cached(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Judged>>> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn known_actors(&self) -> MutexGuard<'_, BTreeMap<DocumentId, BTreeMap<[u8; 16], DeviceId>>> {
        self.actors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose an Automerge actor of a document is, among the logs that are known.
    fn device_of(&self, document: DocumentId, actor: [u8; 16]) -> Option<DeviceId> {
        let named = |log: &LogId| (actor_id(self.space, document, *log), log.device);
        let mut known = self.known_actors();
        let actors = known.entry(document).or_insert_with(|| self.logs.iter().map(named).collect());
        actors.get(&actor).copied()
    }

    /// Who last changed a note, where that is known, and when by their clock, in Unix milliseconds.
    pub(crate) fn last_change(&self, board: DocumentId, note: &str) -> Option<(Option<MemberId>, u64)> {
        let last = self.documents.get(&board)?.last_change(note)?;
        let device = self.device_of(board, last.actor());
        let time_ms = u64::try_from(last.time).unwrap_or_default().saturating_mul(1000);
        Some((device.and_then(|device| self.ledger.member_of(&device)), time_ms))
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
        self.take_own(document, OwnCopy::read(saved, records)?);
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

    /// All participants but those that go on as another.
    pub fn participant_ids(&self) -> Vec<String> {
        self.ids_that_go_on(Kind::Participant)
    }

    /// The ids of all things of a kind but participants and organisations that go on as another.
    pub fn ids_that_go_on(&self, kind: Kind) -> Vec<String> {
        let mut ids = self.ids(kind);
        if matches!(kind, Kind::Participant | Kind::Organisation) {
            ids.retain(|id| self.same_as(&EntityRef::new(kind, id)) == *id);
        }
        ids
    }

    /// As which participant or organisation one goes on in the end; itself where it is the same as no other. Circles,
    /// which two people can make apart, end at the smallest id in them.
    pub fn same_as(&self, entity: &EntityRef) -> String {
        follow(&entity.id, |id| {
            let next = self.plain(&EntityRef::new(entity.kind, id), SAME_AS)?.as_str()?.to_owned();
            self.has(&EntityRef::new(entity.kind, &next)).then_some(next)
        })
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

    /// Reads one thing; none where it is not there.
    pub(crate) fn thing_of(&self, entity: &EntityRef) -> Option<Thing<'_>> {
        self.doc_of(entity)?.thing(entity.kind, &entity.id)
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
        Arc::clone(&self.judged(commitment).standing)
    }

    /// What came of judging a commitment.
    pub(crate) fn judged(&self, commitment: &str) -> Arc<Judged> {
        if let Some(known) = self.cached().get(commitment) {
            return Arc::clone(known);
        }
        let judged = Arc::new(judge(commitment, self.happened(commitment)));
        self.cached().insert(commitment.to_owned(), Arc::clone(&judged));
        judged
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
    fn happened(&self, commitment: &str) -> Vec<Happened> {
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
