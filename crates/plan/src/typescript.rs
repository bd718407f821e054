//! Types for TypeScript, derived from the Rust types that are serialised: nobody types them twice.
//!
//! Times in Unix milliseconds and counts are `number`: JavaScript holds them exactly up to 2^53.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ts_rs::{Config, ExportError, TS, TypeVisitor};

use crate::command::{Command, Delta, Outcome, Texts};
use crate::event::Event;
use crate::standing;
use crate::view::EntityView;

/// The types of commands, events, outcomes, deltas and views: files by their paths, one for each type, and `index.ts`
/// that names them all.
///
/// # Errors
/// [`ExportError`] where a type cannot be written as one of TypeScript.
pub fn files() -> Result<BTreeMap<PathBuf, String>, ExportError> {
    let mut files = Files { config: Config::new().with_large_int("number"), written: BTreeMap::new() };
    files.visit::<Command>();
    files.visit::<Event>();
    files.visit::<Outcome>();
    files.visit::<Delta>();
    files.visit::<EntityView>();
    let mut all = BTreeMap::new();
    let mut index = String::new();
    for (path, (name, text)) in files.written {
        let file = path.with_extension("");
        index.push_str(&format!("export type {{ {name} }} from \"./{}\";\n", file.display()));
        all.insert(path, text?);
    }
    all.insert(PathBuf::from("index.ts"), index);
    Ok(all)
}

/// Types as they are found.
struct Files {
    config: Config,
    /// By path: the type's name, and its file.
    written: BTreeMap<PathBuf, (String, Result<String, ExportError>)>,
}

impl TypeVisitor for Files {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Lists and maps have no file of their own; what they hold has been visited beside them.
        let Some(path) = T::output_path() else { return };
        if self.written.contains_key(&path) {
            return;
        }
        let file = T::export_to_string(&self.config);
        self.written.insert(path, (T::ident(&self.config), file));
        T::visit_dependencies(self);
    }
}

/// The shape of [`standing::DueProposal`].
#[derive(serde::Serialize, TS)]
pub struct DueProposal {
    /// The record.
    pub record: String,
    /// The date.
    pub due: String,
    /// Who.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// The shape of [`standing::DueMove`].
#[derive(serde::Serialize, TS)]
pub struct DueMove {
    /// The record.
    pub record: String,
    /// The date before.
    pub from: Option<String>,
    /// The date after.
    pub to: String,
    /// Who moved it.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Whether the receiver has agreed.
    pub agreed: bool,
}

/// The shape of [`standing::Counter`].
#[derive(serde::Serialize, TS)]
pub struct Counter {
    /// The record.
    pub record: String,
    /// What, by language.
    pub text: Texts,
    /// Another date.
    pub due: Option<String>,
    /// Who.
    pub by: Option<String>,
}

/// The shape of [`standing::Mandate`].
#[derive(serde::Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mandate {
    /// It is the owner's own work.
    OwnWork,
    /// The owner's organisation has to agree.
    NeedsOrganisation,
    /// It has agreed.
    Confirmed,
    /// It has not.
    Refused,
}

// Taken apart by name, so that a shape that no longer fits does not compile.

impl From<standing::DueProposal> for DueProposal {
    fn from(of: standing::DueProposal) -> Self {
        let standing::DueProposal { record, due, by, reason } = of;
        Self { record, due, by, reason }
    }
}

impl From<standing::DueMove> for DueMove {
    fn from(of: standing::DueMove) -> Self {
        let standing::DueMove { record, from, to, by, reason, agreed } = of;
        Self { record, from, to, by, reason, agreed }
    }
}

impl From<standing::Counter> for Counter {
    fn from(of: standing::Counter) -> Self {
        let standing::Counter { record, text, due, by } = of;
        Self { record, text, due, by }
    }
}

impl From<standing::Mandate> for Mandate {
    fn from(of: standing::Mandate) -> Self {
        match of {
            standing::Mandate::OwnWork => Self::OwnWork,
            standing::Mandate::NeedsOrganisation => Self::NeedsOrganisation,
            standing::Mandate::Confirmed => Self::Confirmed,
            standing::Mandate::Refused => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::{Counter, DueMove, DueProposal, Mandate, files, standing};

    #[test]
    fn shapes_are_serialised_like_what_they_are_the_shapes_of() {
        use standing::Mandate::{Confirmed, NeedsOrganisation, OwnWork, Refused};
        for mandate in [OwnWork, NeedsOrganisation, Confirmed, Refused] {
            assert_eq!(json!(mandate), json!(Mandate::from(mandate)));
        }
        let (record, due, by) = (String::new(), String::new(), None::<String>);
        let proposal = standing::DueProposal { record: record.clone(), due, by: by.clone(), reason: None };
        assert_eq!(json!(proposal), json!(DueProposal::from(proposal.clone())));
        let (from, to, reason) = (None, String::new(), None);
        let step =
            standing::DueMove { record: record.clone(), from, to, by: by.clone(), reason, agreed: true };
        assert_eq!(json!(step), json!(DueMove::from(step.clone())));
        let counter = standing::Counter { record, text: Default::default(), due: None, by };
        assert_eq!(json!(counter), json!(Counter::from(counter.clone())));
    }

    #[test]
    fn every_type_is_written_with_numbers_that_json_has_and_named_in_the_index() {
        let files = files().expect("types are written");
        let read = |name: &str| files.get(Path::new(name)).expect("the file is there");
        for name in ["Command", "Event", "Outcome", "Delta", "EntityView", "CommitmentView", "NoteView"] {
            let line = format!("export type {{ {name} }} from \"./{name}\";");
            assert!(read("index.ts").contains(&line), "{name}");
        }
        for (path, text) in &files {
            assert!(!text.contains("bigint"), "{}", path.display());
            for import in text.lines().filter_map(|line| line.split_once(" from \"./")?.1.strip_suffix("\";"))
            {
                let of = path.parent().expect("a folder").join(import).with_extension("ts");
                assert!(files.contains_key(&of), "{} wants {import}", path.display());
            }
        }
        assert!(read("Event.ts").contains("\"type\": \"hand_over\""));
        assert!(read("Command.ts").contains("\"command\": \"merge_clusters\""));
        assert!(read("EntityView.ts").contains("\"kind\": \"follow_up\""));
        assert!(read("EventView.ts").contains("time_ms: number"));
    }
}
