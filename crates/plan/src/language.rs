//! Languages, and the words for where things stand (domain model, section 2; sv-FI is the home dialect).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::State;

/// A language that the product speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Language {
    /// Swedish in Finland.
    #[default]
    #[serde(rename = "sv-FI")]
    SvFi,
    /// Swedish in Sweden.
    #[serde(rename = "sv-SE")]
    SvSe,
    /// Finnish.
    #[serde(rename = "fi")]
    Fi,
    /// English.
    #[serde(rename = "en")]
    En,
}

/// Why a text is not a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is sv-FI, sv-SE, fi or en")]
pub struct LanguageError;

impl core::str::FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        match text {
            "sv-FI" | "sv" => Ok(Self::SvFi),
            "sv-SE" => Ok(Self::SvSe),
            "fi" | "fi-FI" => Ok(Self::Fi),
            "en" | "en-GB" => Ok(Self::En),
            _ => Err(LanguageError),
        }
    }
}

impl Language {
    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::SvFi => "sv-FI",
            Self::SvSe => "sv-SE",
            Self::Fi => "fi",
            Self::En => "en",
        }
    }

    /// The key of texts in this language.
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::SvFi | Self::SvSe => "sv",
            Self::Fi => "fi",
            Self::En => "en",
        }
    }
}

/// The key of texts in a language given by its tag: `sv` for `sv-FI`.
pub fn text_key(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// A text in a language; else in Swedish, English, Finnish, or whatever there is.
pub fn pick(texts: &BTreeMap<String, String>, tag: &str) -> String {
    [text_key(tag), "sv", "en", "fi"]
        .iter()
        .find_map(|key| texts.get(*key))
        .or_else(|| texts.values().next())
        .cloned()
        .unwrap_or_default()
}

/// The word for where a commitment stands.
pub const fn state_word(state: State, language: Language) -> &'static str {
    let (sv_fi, sv_se, fi, en) = match state {
        State::Suggested => ("förslag", "förslag", "ehdotus", "suggested"),
        State::Requested => ("efterfrågat", "efterfrågat", "pyydetty", "requested"),
        State::Promised => ("lovat", "lovat", "luvattu", "promised"),
        State::UnderWay => ("pågår", "pågår", "käynnissä", "under way"),
        State::ReportedDone => ("anmält klart", "klarrapporterat", "ilmoitettu valmiiksi", "reported done"),
        State::Accepted => ("godkänt", "godkänt", "hyväksytty", "accepted"),
        State::Declined => ("tackade nej", "tackade nej", "kieltäytyi", "declined"),
        State::Withdrawn => ("återtaget", "återtaget", "peruttu (antaja)", "withdrawn"),
        State::Cancelled => ("inställt", "avslutat", "peruttu (pyytäjä)", "cancelled"),
        State::Merged => ("hopslaget", "hopslaget", "yhdistetty", "merged"),
        State::NeedsTalk => {
            ("behöver ett samtal", "behöver ett samtal", "vaatii keskustelun", "needs a talk")
        }
    };
    match language {
        Language::SvFi => sv_fi,
        Language::SvSe => sv_se,
        Language::Fi => fi,
        Language::En => en,
    }
}
