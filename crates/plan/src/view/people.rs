//! Who takes part.

use serde::Serialize;

use super::Texts;
use super::questions::OpenQuestion;
use super::reading::{FieldTexts, Reading, member_word};

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OrganisationView {
    /// Its id.
    pub id: String,
    /// Its name, in the language asked for or the nearest.
    pub name: String,
    /// Its name in all languages.
    pub texts: Texts,
    /// `school`, `home_services`, ….
    pub sector: Option<String>,
    /// Who runs it.
    pub employer: Option<String>,
    /// Where it is.
    pub place: Option<String>,
    /// The organisation that it goes on as: it is shown in its place, and what names it means that one.
    pub same_as: Option<String>,
}

/// A participant: a role in the network, with or without a member behind it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ParticipantView {
    /// Its id.
    pub id: String,
    /// What whoever speaks for it is called; nothing where nobody does.
    pub name: Option<String>,
    /// The title, in the language asked for or the nearest.
    pub role_title: String,
    /// What may be promised without asking.
    pub mandate_note: String,
    /// All its texts.
    pub texts: FieldTexts,
    /// The organisation.
    pub organisation: Option<String>,
    /// `leader`, `facilitator`, `recorder`, `member`, `observer`, `expert_by_experience`.
    pub network_role: Option<String>,
    /// The language of whoever speaks for it, as a BCP 47 tag.
    pub language: Option<String>,
    /// The members who speak for it.
    pub speakers: Vec<Speaker>,
    /// Whether that is me.
    pub me: bool,
    /// Whether they lead the network, by what was stated.
    pub leads: bool,
    /// From when, as an ISO date.
    pub since: Option<String>,
    /// Until when, as an ISO date.
    pub until: Option<String>,
    /// The participant who stands in.
    pub substitute: Option<String>,
    /// The participant that it goes on as: it is shown in its place, and what names it means that one.
    pub same_as: Option<String>,
    /// What is not settled.
    pub questions: Vec<OpenQuestion>,
}

/// A member who speaks for a participant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Speaker {
    /// The member's id, in hexadecimal.
    pub member: String,
    /// Their name, as they gave it.
    pub name: String,
    /// Their organisation, as they gave it.
    pub organisation: String,
    /// Their title there, as they gave it.
    pub role_title: String,
    /// Whether they are still in the plan.
    pub is_in: bool,
}

impl Reading<'_> {
    pub(super) fn organisation(&self) -> OrganisationView {
        OrganisationView {
            id: self.id(),
            name: self.text("name"),
            texts: self.texts("name"),
            sector: self.word("sector"),
            employer: self.word("employer"),
            place: self.word("place"),
            same_as: self.same_as(),
        }
    }

    pub(super) fn participant(&self) -> ParticipantView {
        let members = self.workspace.members_of(&self.entity.id);
        let said = |member| self.workspace.profile(member).cloned().unwrap_or_default();
        let profiles = members.iter().map(|member| (member, said(member)));
        let speakers: Vec<Speaker> = profiles
            .clone()
            .map(|(member, profile)| Speaker {
                member: member_word(member),
                name: profile.name,
                organisation: profile.organisation,
                role_title: profile.role_title,
                is_in: self.workspace.ledger.is_in(member),
            })
            .collect();
        let mut languages = profiles.map(|(_, profile)| profile.language);
        let named = speakers.iter().find(|speaker| speaker.is_in && !speaker.name.is_empty());
        ParticipantView {
            id: self.id(),
            name: named.map(|speaker| speaker.name.clone()),
            role_title: self.text("role_title"),
            mandate_note: self.text("mandate_note"),
            texts: self.all_texts(),
            organisation: self.word("org"),
            network_role: self.word("network_role"),
            language: languages.find(|language| !language.is_empty()),
            me: self.context.me.is_some_and(|me| members.contains(&me)),
            leads: members.iter().any(|member| self.workspace.leads(member)),
            speakers,
            since: self.word("since"),
            until: self.word("until"),
            substitute: self.word("substitute"),
            same_as: self.same_as(),
            questions: self.questions(),
        }
    }
}
