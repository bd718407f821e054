//! Things read from somebody else's file, on their way into one command: names become ids, what is missing is made.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use serde_json::{Map, Value as Json, json};

use super::json::ImportedPlan;
use super::words::{NETWORK, OUTSIDE};
use crate::command::{Command, DocumentHex};
use crate::language::text_key;
use crate::schema::{EntityRef, Kind, new_id};
use crate::workspace::Workspace;

pub(super) struct Draft<'a, R> {
    pub(super) workspace: &'a Workspace,
    board: Option<DocumentHex>,
    now_ms: u64,
    rng: &'a mut R,
    things: BTreeMap<Kind, Map<String, Json>>,
    clusters: BTreeMap<String, String>,
}

impl<'a, R: CryptoRng> Draft<'a, R> {
    pub(super) fn new(
        workspace: &'a Workspace,
        board: Option<DocumentHex>,
        now_ms: u64,
        rng: &'a mut R,
    ) -> Self {
        Self { workspace, board, now_ms, rng, things: BTreeMap::new(), clusters: BTreeMap::new() }
    }

    pub(super) fn new_id(&mut self) -> String {
        new_id(self.now_ms, self.rng)
    }

    pub(super) fn put(&mut self, kind: Kind, id: String, thing: Map<String, Json>) {
        self.things.entry(kind).or_default().insert(id, Json::Object(thing));
    }

    /// One more field of something that was put.
    pub(super) fn set(&mut self, kind: Kind, id: &str, field: &str, value: &str) {
        if let Some(Json::Object(thing)) = self.things.get_mut(&kind).and_then(|list| list.get_mut(id)) {
            thing.insert(field.to_owned(), json!(value));
        }
    }

    pub(super) fn note(&mut self, id: String, text: &str, cluster: Option<String>, colour: Option<&str>) {
        let mut note = Map::new();
        note.insert("text".to_owned(), self.texts(text));
        note.insert("state".to_owned(), json!("revealed"));
        if let Some(cluster) = cluster {
            note.insert("cluster".to_owned(), json!(cluster));
        }
        if let Some(colour) = colour {
            note.insert("colour".to_owned(), json!(colour));
        }
        self.put(Kind::Note, id, note);
    }

    /// A text in the plan's first language.
    pub(super) fn texts(&self, text: &str) -> Json {
        let languages = self.workspace.plain(&EntityRef::meta(), "languages");
        let first = languages.as_ref().and_then(|list| list.get(0)).and_then(Json::as_str).map(text_key);
        let titled = self.workspace.texts(&EntityRef::meta(), "title");
        let key = first.or_else(|| titled.keys().next().map(String::as_str)).unwrap_or("sv");
        json!({ key: text })
    }

    /// The cluster of a title: one that is there, or a new one.
    pub(super) fn cluster(&mut self, title: &str) -> Option<String> {
        if title.is_empty() {
            return None;
        }
        if let Some(known) = self.clusters.get(title) {
            return Some(known.clone());
        }
        let id = match self.named(Kind::Cluster, "title", title) {
            Some(id) => id,
            None => {
                let id = self.new_id();
                self.put(
                    Kind::Cluster,
                    id.clone(),
                    Map::from_iter([("title".to_owned(), self.texts(title))]),
                );
                id
            }
        };
        self.clusters.insert(title.to_owned(), id.clone());
        Some(id)
    }

    /// The participant of a title or id; somebody from outside where there is none.
    pub(super) fn person(&self, name: &str) -> String {
        if NETWORK.is_meant_by(name) {
            return "network".to_owned();
        }
        self.named(Kind::Participant, "role_title", name).unwrap_or_else(|| format!("external:{name}"))
    }

    /// People with commas between; a title that has a comma itself is found as well.
    pub(super) fn people(&self, names: &str) -> Vec<String> {
        let parts: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        let mut people = Vec::new();
        let mut at = 0;
        while at < parts.len() {
            let joined = |end: usize| parts.get(at..end).map(|parts| parts.join(", ")).unwrap_or_default();
            let longest = (at + 1..=parts.len())
                .rev()
                .find_map(|end| Some((end, self.named(Kind::Participant, "role_title", &joined(end))?)));
            let (end, person) = longest.unwrap_or_else(|| (at + 1, self.person(&joined(at + 1))));
            if !people.contains(&person) {
                people.push(person);
            }
            at = end;
        }
        people
    }

    /// The organisation of a name or id.
    pub(super) fn organisation(&self, name: &str) -> Option<String> {
        if name.is_empty() || OUTSIDE.is_meant_by(name) {
            return None;
        }
        self.named(Kind::Organisation, "name", name)
    }

    fn named(&self, kind: Kind, field: &str, name: &str) -> Option<String> {
        let wanted = name.to_lowercase();
        self.workspace.ids(kind).into_iter().find(|id| {
            let texts = self.workspace.texts(&EntityRef::new(kind, id), field);
            id == name || texts.values().any(|text| text.to_lowercase() == wanted)
        })
    }

    /// One command that takes everything in at once, or none where there is nothing.
    pub(super) fn into_commands(self) -> Vec<Command> {
        if self.things.is_empty() {
            return Vec::new();
        }
        let lists =
            self.things.into_iter().map(|(kind, list)| (kind.container().to_owned(), Json::Object(list)));
        vec![Command::Import(Box::new(ImportedPlan::of(lists.collect(), self.board)))]
    }
}
