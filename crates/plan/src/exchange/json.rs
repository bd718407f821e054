//! The whole plan as JSON, in the shape of the sample plan.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::CryptoRng;
use samverka_log::DocumentId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use crate::command::{CommandError, DocumentHex, Texts};
use crate::execute::{Writing, terms_of};
use crate::record::{Body, Limits, Place, Terms};
use crate::schema::{EntityRef, FieldKind, ID_BYTES_MAX, Kind};
use crate::workspace::Workspace;

/// Bytes of a file that is taken in: a hundred times the sample plan, and more than any network writes.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Lists of things in a file, with the kind that each holds.
const LISTS: [Kind; 12] = [
    Kind::Organisation,
    Kind::Participant,
    Kind::Meeting,
    Kind::Cluster,
    Kind::Stage,
    Kind::Note,
    Kind::Goal,
    Kind::Indicator,
    Kind::Decision,
    Kind::Commitment,
    Kind::FollowUp,
    Kind::Vote,
];

/// What follows from a commitment's events and is left out when it is read.
const STANDING: &str = "standing_derived";

/// Fields that the program keeps for itself and that a file does not have.
const INTERNAL: [&str; 2] = ["made_by", "opened_ms"];

/// A key by which a file can say which board its notes go onto.
const ONTO_BOARD: &str = "onto_board";

/// A plan read from a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "BTreeMap<String, Json>"))]
#[serde(transparent)]
pub struct ImportedPlan {
    plan: Map<String, Json>,
}

/// Why a file is not a plan.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is longer than any plan.
    #[error("the file has {0} bytes, more than a plan can have")]
    TooLong(usize),
    /// It is not JSON.
    #[error("the file is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, and no plan.
    #[error("the file is not a plan: {0}")]
    Shape(String),
}

/// Reads a plan.
///
/// # Errors
/// [`ImportError`], with what is wrong and where.
pub fn import(bytes: &[u8]) -> Result<ImportedPlan, ImportError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(ImportError::TooLong(bytes.len()));
    }
    let Json::Object(plan) = serde_json::from_slice(bytes)? else {
        return Err(ImportError::Shape("it is not an object".to_owned()));
    };
    if !plan.get("title").is_some_and(Json::is_object) {
        return Err(ImportError::Shape("it has no title by language".to_owned()));
    }
    for kind in LISTS {
        let Some(list) = plan.get(kind.container()) else { continue };
        let list = list.as_object().ok_or_else(|| {
            ImportError::Shape(format!("{} is not an object of things by id", kind.container()))
        })?;
        for (id, thing) in list {
            if !thing.is_object() || id.is_empty() || id.len() > ID_BYTES_MAX {
                return Err(ImportError::Shape(format!("{} {id} is not an object", kind.container())));
            }
        }
    }
    Ok(ImportedPlan { plan })
}

impl ImportedPlan {
    /// Lists of things, to be added to a plan and one of its boards.
    pub(super) fn of(mut plan: Map<String, Json>, board: Option<DocumentHex>) -> Self {
        if let Some(DocumentHex(board)) = board {
            plan.insert(ONTO_BOARD.to_owned(), json!(board.to_string()));
        }
        Self { plan }
    }

    /// The board that notes go onto, where the file says.
    fn board(&self) -> Option<DocumentId> {
        self.plan.get(ONTO_BOARD)?.as_str()?.parse().ok()
    }

    /// The plan's title by language.
    pub fn title(&self) -> Texts {
        let texts = self.plan.get("title").and_then(Json::as_object).into_iter().flatten();
        texts.filter_map(|(language, text)| Some((language.clone(), text.as_str()?.to_owned()))).collect()
    }

    /// The terms of its commitments.
    fn terms(&self) -> BTreeMap<String, Terms> {
        let terms = |(id, thing): (String, Map<String, Json>)| (id, terms_of(&thing.into_iter().collect()));
        self.list(Kind::Commitment).into_iter().map(terms).collect()
    }

    /// Where its participants belong and what they do.
    fn people(&self) -> BTreeMap<String, Place> {
        let text =
            |thing: &Map<String, Json>, field| thing.get(field).and_then(Json::as_str).map(str::to_owned);
        let place = |(id, thing): (String, Map<String, Json>)| {
            (id, Place { org: text(&thing, "org"), network_role: text(&thing, "network_role") })
        };
        self.list(Kind::Participant).into_iter().map(place).collect()
    }

    fn list(&self, kind: Kind) -> BTreeMap<String, Map<String, Json>> {
        let list = self.plan.get(kind.container()).and_then(Json::as_object).into_iter().flatten();
        list.filter_map(|(id, thing)| Some((id.clone(), thing.as_object()?.clone()))).collect()
    }
}

/// What a file states beside what it holds.
#[derive(Default)]
struct Stated {
    events: BTreeMap<String, Vec<Json>>,
    ballots: BTreeMap<String, BTreeMap<String, BTreeMap<String, u32>>>,
    votes: BTreeMap<String, Limits>,
}

impl<R: CryptoRng> Writing<'_, '_, R> {
    /// Takes a plan in: its things keep their ids, its events are stated and not verified.
    pub(crate) fn import(&mut self, imported: &ImportedPlan) -> Result<(), CommandError> {
        for kind in LISTS {
            for id in imported.list(kind).keys() {
                if self.workspace.has(&EntityRef::new(kind, id)) {
                    return Err(CommandError::Exists { kind, id: id.clone() });
                }
            }
        }
        let plan = self.workspace.plan;
        let boards = self.workspace.boards();
        let named = imported.board().filter(|board| boards.contains(board));
        let board = match named.or_else(|| boards.first().copied()) {
            Some(board) => board,
            None => self.new_board(&imported.title()),
        };
        let meta = EntityRef::meta();
        self.make(plan, &meta);
        let lists: Vec<&str> = LISTS
            .iter()
            .map(|kind| kind.container())
            .chain(["vote", "ties_now_wanted", "boards", "relays", ONTO_BOARD])
            .collect();
        for (field, value) in imported.plan.iter().filter(|(field, _)| !lists.contains(&field.as_str())) {
            self.import_field(plan, &meta, field, value);
        }
        let mut stated = Stated::default();
        for kind in LISTS {
            let document = if kind.on_board() { board } else { plan };
            for (id, thing) in imported.list(kind) {
                self.import_thing(document, &EntityRef::new(kind, &id), thing, &mut stated);
            }
        }
        if let Some(vote) = imported.plan.get("vote").and_then(Json::as_object) {
            let id = vote.get("id").and_then(Json::as_str).unwrap_or("vote").to_owned();
            let mut vote = vote.clone();
            vote.remove("id");
            self.import_thing(board, &EntityRef::new(Kind::Vote, id), vote, &mut stated);
        }
        let ties = imported.plan.get("ties_now_wanted").and_then(Json::as_array).into_iter().flatten();
        for (index, tie) in ties.enumerate() {
            let tie = tie.as_object().cloned().unwrap_or_default();
            let entity = EntityRef::new(Kind::Tie, format!("tie-{index:04}"));
            self.import_thing(plan, &entity, tie, &mut stated);
        }
        let (terms, people) = (imported.terms(), imported.people());
        let Stated { events, ballots, votes } = stated;
        let nothing = events.is_empty() && ballots.is_empty() && votes.is_empty();
        if !(nothing && terms.is_empty() && people.is_empty()) {
            self.state(plan, Body::Imported { terms, people, events, ballots, votes });
        }
        self.note(meta);
        Ok(())
    }

    fn import_thing(
        &mut self,
        document: DocumentId,
        entity: &EntityRef,
        mut thing: Map<String, Json>,
        stated: &mut Stated,
    ) {
        if entity.kind == Kind::Commitment {
            thing.remove(STANDING);
            if let Some(Json::Array(list)) = thing.remove("events") {
                stated.events.insert(entity.id.clone(), list);
            }
        }
        if entity.kind == Kind::Vote {
            thing.remove("totals_derived");
            if let Some(given) = thing.remove("ballots")
                && let Ok(given) = serde_json::from_value(given)
            {
                stated.ballots.insert(entity.id.clone(), given);
            }
            stated.votes.insert(entity.id.clone(), Limits::of(|field| thing.get(field)));
        }
        self.make(document, entity);
        for (field, value) in thing {
            self.import_field(document, entity, &field, &value);
        }
    }

    /// One field. What does not have the form that its field takes is kept as it is, under a name of its own.
    fn import_field(&mut self, document: DocumentId, entity: &EntityRef, field: &str, value: &Json) {
        if field.is_empty() || field.contains(['#', '/', '.']) {
            self.put(document, entity, &format!("{KEPT}{}", encode_name(field)), value);
            return;
        }
        let fits = match entity.kind.field(field) {
            FieldKind::Text => value.as_object().is_some_and(|texts| {
                !texts.is_empty()
                    && texts.values().all(|text| text.as_str().is_some_and(|text| !text.is_empty()))
            }),
            FieldKind::Members => is_set(value),
            FieldKind::Single | FieldKind::Plain => true,
        };
        if fits {
            self.write_field(document, entity, field, value);
        } else if let (Kind::Indicator, "values", Some(values)) = (entity.kind, field, value.as_array()) {
            // A list of dated values becomes members, so that values recorded apart are all kept.
            let members: Map<String, Json> = values
                .iter()
                .enumerate()
                .map(|(index, value)| {
                    let date = value.get("date").and_then(Json::as_str).unwrap_or("undated");
                    (format!("{date} {index:04}"), value.clone())
                })
                .collect();
            self.write_field(document, entity, field, &Json::Object(members));
        } else {
            self.put(document, entity, &format!("{KEPT}{}", encode_name(field)), value);
        }
    }
}

/// Whether a value is a list of different ids.
fn is_set(value: &Json) -> bool {
    let Some(list) = value.as_array() else { return false };
    let ids: BTreeSet<&str> = list.iter().filter_map(Json::as_str).filter(|id| !id.is_empty()).collect();
    ids.len() == list.len()
}

/// Goes before the name of a field that is kept as it was found.
const KEPT: &str = "_kept_";

/// A field's name with the characters that have a meaning in keys written otherwise.
fn encode_name(name: &str) -> String {
    name.replace('%', "%25").replace('#', "%23").replace('/', "%2F").replace('.', "%2E")
}

fn decode_name(name: &str) -> String {
    name.replace("%2E", ".").replace("%2F", "/").replace("%23", "#").replace("%25", "%")
}

/// The whole plan. With `history`, events made here are given beside those that an import stated.
pub fn export(workspace: &Workspace) -> Json {
    let mut plan: Map<String, Json> = exported_fields(workspace, &EntityRef::meta());
    for kind in LISTS.into_iter().filter(|kind| *kind != Kind::Vote) {
        let things: Map<String, Json> = workspace
            .ids(kind)
            .into_iter()
            .map(|id| (id.clone(), export_thing(workspace, kind, &id)))
            .collect();
        let always = !matches!(kind, Kind::Stage | Kind::FollowUp);
        if always || !things.is_empty() {
            plan.insert(kind.container().to_owned(), Json::Object(things));
        }
    }
    let votes = workspace.ids(Kind::Vote);
    match votes.as_slice() {
        [] => {}
        [vote] => {
            plan.insert("vote".to_owned(), export_vote(workspace, vote));
        }
        votes => {
            let all = votes.iter().map(|vote| (vote.clone(), export_vote(workspace, vote))).collect();
            plan.insert("votes".to_owned(), Json::Object(all));
        }
    }
    let ties: Vec<Json> = workspace
        .ids(Kind::Tie)
        .into_iter()
        .map(|id| Json::Object(exported_fields(workspace, &EntityRef::new(Kind::Tie, id))))
        .collect();
    plan.insert("ties_now_wanted".to_owned(), Json::Array(ties));
    let boards = workspace.boards().into_iter().map(|board| {
        let entity = EntityRef::new(Kind::Board, board.to_string());
        (board.to_string(), Json::Object(exported_fields(workspace, &entity)))
    });
    plan.insert("boards".to_owned(), Json::Object(boards.collect()));
    plan.insert("relays".to_owned(), json!(workspace.relay_urls()));
    Json::Object(plan)
}

/// As [`export`], as text: two spaces, keys in order, a line break at the end.
pub fn export_text(workspace: &Workspace) -> String {
    let mut text = serde_json::to_string_pretty(&export(workspace)).unwrap_or_default();
    text.push('\n');
    text
}

fn export_thing(workspace: &Workspace, kind: Kind, id: &str) -> Json {
    let mut thing = exported_fields(workspace, &EntityRef::new(kind, id));
    match kind {
        Kind::Commitment => {
            let events = export_events(workspace, id);
            if events.iter().any(|event| event.get("verified").is_some()) {
                thing.insert(STANDING.to_owned(), export_standing(workspace, id));
            }
            thing.insert("events".to_owned(), Json::Array(events));
        }
        Kind::Indicator => {
            if let Some(Json::Object(values)) = thing.get("values") {
                let list = values.values().cloned().collect();
                thing.insert("values".to_owned(), Json::Array(list));
            }
        }
        Kind::Decision => {
            let stances = workspace.stances(id);
            if !stances.is_empty() {
                thing.insert("stances".to_owned(), json!(stances));
            }
        }
        Kind::Goal => {
            let judgements = workspace.judgements(id);
            if !judgements.is_empty() {
                thing.insert("judgements".to_owned(), json!(judgements));
            }
        }
        _ => {}
    }
    Json::Object(thing)
}

fn export_vote(workspace: &Workspace, id: &str) -> Json {
    let mut vote = exported_fields(workspace, &EntityRef::new(Kind::Vote, id));
    vote.insert("id".to_owned(), json!(id));
    vote.insert("ballots".to_owned(), json!(workspace.ballots(id)));
    vote.insert("totals_derived".to_owned(), json!(workspace.totals(id)));
    Json::Object(vote)
}

/// Where a commitment stands after what happened here, for programs that read files and do not judge events.
fn export_standing(workspace: &Workspace, commitment: &str) -> Json {
    let standing = workspace.standing_of(commitment);
    json!({
        "state": standing.state,
        "owner": standing.owner,
        "due": standing.due,
        "times_moved": standing.moves.len(),
    })
}

/// Events that imports stated, as they were found, then those made here, causes before effects.
fn export_events(workspace: &Workspace, commitment: &str) -> Vec<Json> {
    let mut events = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (import, stated) in workspace.imported_events(commitment) {
        // What comes after an import as such comes after everything that it states.
        for place in 0..stated.len() {
            places.insert(format!("{import}-{place:06}"), events.len() + place);
        }
        events.extend(stated.iter().cloned());
    }
    let judged = workspace.judged(commitment);
    let standing = &judged.standing;
    for happened in judged.events.iter().filter(|happened| happened.import.is_none()) {
        let mut event = match serde_json::to_value(&happened.event) {
            Ok(Json::Object(event)) => event,
            _ => Map::new(),
        };
        if let Some(kind) = event.remove("type") {
            event.insert("kind".to_owned(), kind);
        }
        event.insert("id".to_owned(), json!(happened.name));
        event.insert("by".to_owned(), json!(happened.actor.participant));
        event.insert("at_ms".to_owned(), json!(happened.time_ms));
        event.insert("verified".to_owned(), json!(true));
        let mut after: Vec<usize> =
            happened.after.iter().filter_map(|name| places.get(name).copied()).collect();
        after.sort_unstable();
        if after.last().copied() != events.len().checked_sub(1) || after.len() > 1 {
            event.insert("after".to_owned(), json!(after));
        }
        if let Some(one) = standing.ineffective.iter().find(|one| one.record == happened.name) {
            event.insert("without_effect".to_owned(), json!(one.reason));
        }
        places.insert(happened.name.clone(), events.len());
        events.push(Json::Object(event));
    }
    events
}

fn exported_fields(workspace: &Workspace, entity: &EntityRef) -> Map<String, Json> {
    workspace
        .fields(entity)
        .into_iter()
        .filter(|(field, _)| !INTERNAL.contains(&field.as_str()))
        .map(|(field, value)| match field.strip_prefix(KEPT) {
            Some(kept) => (decode_name(kept), value),
            None => (field, value),
        })
        .collect()
}
