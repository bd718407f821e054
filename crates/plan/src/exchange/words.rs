//! The words of exported files in each language, and the names of things in them.

use crate::language::Language;
use crate::schema::{EntityRef, Kind};
use crate::workspace::Workspace;

/// A word in Swedish, Finnish and English.
pub(crate) struct Word {
    sv: &'static str,
    fi: &'static str,
    en: &'static str,
}

impl Word {
    pub(crate) const fn new(sv: &'static str, fi: &'static str, en: &'static str) -> Self {
        Self { sv, fi, en }
    }

    pub(crate) const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::SvFi | Language::SvSe => self.sv,
            Language::Fi => self.fi,
            Language::En => self.en,
        }
    }

    /// Whether somebody who wrote this meant the word, in whichever language.
    pub(crate) fn is_meant_by(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        [self.sv, self.fi, self.en].iter().any(|word| word.to_lowercase() == text)
    }
}

pub(crate) const NETWORK: Word = Word::new("nätverket", "verkosto", "the network");
pub(crate) const OUTSIDE: Word = Word::new("(utomstående)", "(ulkopuolinen)", "(outside)");

/// Goes before the name of somebody who is not in the plan.
const EXTERNAL: &str = "external:";

/// Names of participants and organisations as files show them.
pub(crate) struct Names<'w> {
    pub(crate) workspace: &'w Workspace,
    pub(crate) language: Language,
}

impl Names<'_> {
    /// A participant's title; the name of somebody who is not in the plan; the network.
    pub(crate) fn person(&self, id: &str) -> String {
        if id == "network" {
            return NETWORK.in_language(self.language).to_owned();
        }
        if let Some(name) = id.strip_prefix(EXTERNAL) {
            return name.to_owned();
        }
        self.text(Kind::Participant, id, "role_title")
    }

    /// An organisation's name; of one that is not in the plan, that it is outside.
    pub(crate) fn organisation(&self, id: &str) -> String {
        if id.starts_with(EXTERNAL) {
            return OUTSIDE.in_language(self.language).to_owned();
        }
        self.text(Kind::Organisation, id, "name")
    }

    /// Several people, with commas between.
    pub(crate) fn people<'a>(&self, ids: impl IntoIterator<Item = &'a String>) -> String {
        ids.into_iter().map(|id| self.person(id)).collect::<Vec<_>>().join(", ")
    }

    /// Whoever owns a commitment, or is asked to where nobody does.
    pub(crate) fn owner(&self, view: &crate::view::CommitmentView) -> String {
        view.owner.as_ref().or(view.asked.as_ref()).map(|owner| self.person(owner)).unwrap_or_default()
    }

    /// A text of a thing; its id where there is none.
    pub(crate) fn text(&self, kind: Kind, id: &str, field: &str) -> String {
        let text = self.workspace.text(&EntityRef::new(kind, id), field, self.language.tag());
        if text.is_empty() { id.to_owned() } else { text }
    }
}
