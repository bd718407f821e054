//! Taking back one's own last deeds, and nobody else's.
//!
//! A command is not unmade: its opposite is made, as a command like any other, and only of what is still as this device
//! left it. What somebody said to others (a promise, a ballot, who somebody is) is never taken back this way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value as Json;

use crate::command::{Command, Outcome};
use crate::document::without_own_change;
use crate::rebase::one_text;
use crate::schema::{EntityRef, FieldKind, Kind};
use crate::workspace::Workspace;

/// Deeds that are remembered.
const STEPS_MAX: usize = 100;

/// The last deeds of this device. Kept in memory: whoever comes back later finds nothing to take back.
#[derive(Debug, Default)]
pub struct Undo {
    steps: VecDeque<Step>,
}

/// What there was before a command, as far as it can be taken back.
#[derive(Debug)]
pub struct Before {
    entity: Option<EntityRef>,
    parts: Vec<Part>,
}

/// The opposite of a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opposite {
    /// What is to be carried out, in order; nothing where others have since changed all of it.
    pub commands: Vec<Command>,
    /// What stays, since others have changed it: fields of the thing.
    pub kept: BTreeSet<String>,
    /// The thing.
    pub entity: Option<EntityRef>,
}

#[derive(Debug)]
struct Step {
    entity: EntityRef,
    deed: Deed,
}

#[derive(Debug)]
enum Deed {
    /// A note was made, with these fields.
    Made(BTreeMap<String, Json>),
    /// Parts of a thing were changed: how they were, and how this device left them.
    Changed(Vec<(Part, Option<Json>)>),
}

/// One thing that a command can change, with what there was.
#[derive(Clone, Debug)]
struct Part {
    place: Place,
    before: Option<Json>,
}

#[derive(Clone, Debug)]
enum Place {
    /// A text in a language.
    Text { field: String, language: String },
    /// A field with one value.
    Value { field: String },
    /// A member of a set or map field.
    Member { field: String, id: String },
}

impl Undo {
    /// Looks at what a command is about to change. To be called before it is carried out.
    pub fn look(&self, workspace: &Workspace, command: &Command) -> Before {
        let (entity, places) = match command {
            Command::Edit { entity, fields } => (entity.clone(), edited(workspace, entity, fields)),
            Command::Write { entity, field, language, text, .. } => {
                (entity.clone(), edited(workspace, entity, &one_text(field, language, text)))
            }
            Command::Members { entity, field, add, remove } if !states(entity.kind, field) => {
                let place = |id: &String| Place::Member { field: field.clone(), id: id.clone() };
                (entity.clone(), add.keys().chain(remove).map(place).collect())
            }
            Command::MergeClusters { from, .. } => {
                let field = "redirect_to".to_owned();
                (EntityRef::new(Kind::Cluster, from), vec![Place::Value { field }])
            }
            _ => return Before { entity: None, parts: Vec::new() },
        };
        let part = |place: Place| Some(Part { before: read(workspace, &entity, &place)?, place });
        let parts = places.into_iter().filter_map(part).collect();
        Before { entity: Some(entity), parts }
    }

    /// Remembers a command that was carried out, if it can be taken back.
    pub fn remember(&mut self, workspace: &Workspace, command: &Command, before: Before, outcome: &Outcome) {
        let made = outcome.entities.first();
        let (entity, deed) = match (command, before.entity, made) {
            (Command::Add { kind: Kind::Note, .. }, _, Some(note)) => {
                (note.clone(), Deed::Made(workspace.fields(note)))
            }
            (_, Some(entity), _) => {
                let left = |part: Part| {
                    let now = read(workspace, &entity, &part.place)?;
                    (now != part.before).then_some((part, now))
                };
                let parts: Vec<_> = before.parts.into_iter().filter_map(left).collect();
                if parts.is_empty() {
                    return;
                }
                (entity, Deed::Changed(parts))
            }
            _ => return,
        };
        if self.steps.len() == STEPS_MAX {
            self.steps.pop_front();
        }
        self.steps.push_back(Step { entity, deed });
    }

    /// Whether there is anything to take back.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The opposite of the last deed that is remembered, which is forgotten by that; none where there is none. What it
    /// says is to be carried out, and not to be remembered.
    pub fn take_back(&mut self, workspace: &Workspace) -> Option<Opposite> {
        let Step { entity, deed } = self.steps.pop_back()?;
        Some(match deed {
            Deed::Made(fields) if workspace.fields(&entity) == fields => {
                let fields = BTreeMap::from([("state".to_owned(), Json::from("archived"))]);
                let commands = vec![Command::Edit { entity: entity.clone(), fields }];
                Opposite { commands, kept: BTreeSet::new(), entity: Some(entity) }
            }
            Deed::Made(_) => {
                let kept = BTreeSet::from(["state".to_owned()]);
                Opposite { commands: Vec::new(), kept, entity: Some(entity) }
            }
            Deed::Changed(parts) => put_back(workspace, entity, parts),
        })
    }
}

/// The parts of a thing that an edit is about to change.
fn edited(workspace: &Workspace, entity: &EntityRef, fields: &BTreeMap<String, Json>) -> Vec<Place> {
    let mut places = Vec::new();
    for (field, value) in fields.iter().filter(|(field, _)| !states(entity.kind, field)) {
        match entity.kind.field(field) {
            FieldKind::Text => {
                let languages = value.as_object().into_iter().flatten().map(|(language, _)| language);
                let text =
                    |language: &String| Place::Text { field: field.clone(), language: language.clone() };
                places.extend(languages.map(text));
            }
            FieldKind::Single | FieldKind::Plain => places.push(Place::Value { field: field.clone() }),
            FieldKind::Members => {
                let mut ids: BTreeSet<String> = workspace.members(entity, field).into_keys().collect();
                match value {
                    Json::Array(list) => ids.extend(list.iter().filter_map(Json::as_str).map(str::to_owned)),
                    Json::Object(map) => ids.extend(map.keys().cloned()),
                    _ => {}
                }
                places.extend(ids.into_iter().map(|id| Place::Member { field: field.clone(), id }));
            }
        }
    }
    places
}

/// Whether changing a field states something to others, which is not taken back.
fn states(kind: Kind, field: &str) -> bool {
    match kind {
        Kind::Commitment => field == "with" || kind.field(field) == FieldKind::Single,
        Kind::Participant => matches!(field, "org" | "network_role"),
        Kind::Tie => true,
        _ => false,
    }
}

/// What there is in a place: nothing where it is empty. None where it cannot be put back, since there are several
/// answers to choose from.
#[expect(clippy::option_option, reason = "whether it can be told, and what is there")]
fn read(workspace: &Workspace, entity: &EntityRef, place: &Place) -> Option<Option<Json>> {
    let value = match place {
        Place::Text { field, language } => {
            let text = workspace.texts(entity, field).remove(language);
            text.map(Json::String)
        }
        Place::Value { field } if entity.kind.field(field) == FieldKind::Single => {
            let mut answers = workspace.answers(entity, field);
            if answers.len() > 1 {
                return None;
            }
            answers.pop().map(|answer| answer.value)
        }
        Place::Value { field } => workspace.plain(entity, field),
        Place::Member { field, id } => workspace.members(entity, field).remove(id),
    };
    Some(value.filter(|value| !value.is_null()))
}

/// Puts back what is still as it was left. Of a text only the own change is taken out.
fn put_back(workspace: &Workspace, entity: EntityRef, parts: Vec<(Part, Option<Json>)>) -> Opposite {
    let mut opposite = Opposite::default();
    let mut fields: BTreeMap<String, Json> = BTreeMap::new();
    let mut members: BTreeMap<String, (BTreeMap<String, Json>, Vec<String>)> = BTreeMap::new();
    for (Part { place, before }, left) in parts {
        let now = read(workspace, &entity, &place);
        let as_left = now.as_ref() == Some(&left);
        match place {
            Place::Text { field, language } => {
                let text = |value: &Option<Json>| {
                    value.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned()
                };
                let now = text(&now.flatten());
                let back = without_own_change(&text(&before), &text(&left), &now);
                if back != now {
                    let texts = fields.entry(field).or_insert_with(|| Json::Object(serde_json::Map::new()));
                    if let Some(texts) = texts.as_object_mut() {
                        texts.insert(language, Json::String(back));
                    }
                }
            }
            Place::Value { field } if as_left => {
                fields.insert(field, before.unwrap_or(Json::Null));
            }
            Place::Member { field, id } if as_left => {
                let (add, remove) = members.entry(field).or_default();
                match before {
                    Some(value) => drop(add.insert(id, value)),
                    None => remove.push(id),
                }
            }
            Place::Value { field } | Place::Member { field, .. } => drop(opposite.kept.insert(field)),
        }
    }
    if !fields.is_empty() {
        opposite.commands.push(Command::Edit { entity: entity.clone(), fields });
    }
    for (field, (add, remove)) in members {
        opposite.commands.push(Command::Members { entity: entity.clone(), field, add, remove });
    }
    opposite.entity = Some(entity);
    opposite
}
