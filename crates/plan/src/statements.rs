//! Views of statements other than commitments' events: votes, who stands behind a decision, how a goal was judged,
//! what is said of ties, who agreed to which version of the plan.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::MemberId;
use serde::Serialize;
use serde_json::Value as Json;

use crate::command::Texts;
use crate::ledger::Stated;
use crate::record::{Body, Limits};
use crate::schema::{EntityRef, Kind, begun_by};
use crate::workspace::Workspace;

/// The rules of a vote, as they were stated when it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct VoteRules {
    /// Dots for each person.
    pub dots: u32,
    /// The most dots on one item.
    pub max_per_item: u32,
    /// Whether it is closed.
    pub closed: bool,
}

/// What somebody says of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Stance {
    /// The participant, else the member.
    pub by: String,
    /// Whether they stand behind it.
    pub supports: bool,
    /// Why, by language.
    pub text: Texts,
}

/// How somebody judges a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Judgement {
    /// The participant, else the member.
    pub by: String,
    /// `nearer`, `same`, `further` or `cannot_tell`.
    pub verdict: String,
    /// The day, as an ISO date.
    pub date: String,
}

/// What somebody says of a tie.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TieStatement {
    /// The participant, else the member.
    pub by: String,
    /// What they say, by field.
    pub says: BTreeMap<String, Json>,
}

/// Who agreed to the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Agreement {
    /// The participant, else the member.
    pub by: String,
    /// To which version: the plan's Automerge heads in hexadecimal, joined by `+`.
    pub version: String,
}

/// A statement's name, and dots by item.
type Ballot = (String, BTreeMap<String, u32>);

impl Workspace {
    /// The rules of a vote. They come from the statement that opened it, not from its fields, so nobody can void
    /// others' dots by changing a field or by stating other rules: its maker's own word, told by the id; else what an
    /// admin's import states; else the first that anybody stated under an id of their choice.
    pub fn vote_rules(&self, vote: &str) -> VoteRules {
        let about = self.ledger.about(&EntityRef::new(Kind::Vote, vote));
        let opening = |stated: &&Stated| match &stated.statement.body {
            Body::VoteOpened { limits, .. } => {
                let rank = if begun_by(vote, &stated.device) == Some(true) { 0 } else { 2 };
                Some((rank, *limits))
            }
            Body::Imported { votes, .. } => {
                let limits = votes.get(vote).filter(|_| self.ledger.author(stated).admin)?;
                Some((1, *limits))
            }
            _ => None,
        };
        let limits = about.iter().filter_map(opening).min_by_key(|(rank, _)| *rank);
        let limits = limits.map_or_else(|| Limits::of(|_| None), |(_, limits)| limits);
        let closed = about.iter().any(|stated| self.closes(stated).is_some());
        VoteRules { dots: limits.dots, max_per_item: limits.max_per_item, closed }
    }

    /// Which dots a statement says count in a vote that it closes, if its author may close one.
    fn closes<'a>(&self, stated: &'a Stated) -> Option<&'a [String]> {
        match &stated.statement.body {
            Body::VoteClosed { counts, .. } if self.ledger.author(stated).facilitates => Some(counts),
            _ => None,
        }
    }

    /// Ballots of a vote by voter: one a person, the last in the order of the voter's own words. One that keeps to no
    /// rules has no effect; one that was given on another's behalf gives way to their own. Once the vote is closed,
    /// only those count that somebody who closed it knew.
    pub(crate) fn ballots(&self, vote: &str) -> BTreeMap<String, BTreeMap<String, u32>> {
        self.ballots_of(vote, true).into_iter().map(|(voter, (_, dots))| (voter, dots)).collect()
    }

    /// The statements whose dots count in a vote as it stands.
    pub(crate) fn counted(&self, vote: &str) -> Vec<String> {
        let names: BTreeSet<String> =
            self.ballots_of(vote, true).into_values().map(|(name, _)| name).collect();
        names.into_iter().collect()
    }

    /// Who gave dots, or gave others, that whoever closed the vote had not heard of: they do not count.
    pub fn late_voters(&self, vote: &str) -> BTreeSet<String> {
        let counted = self.ballots_of(vote, true);
        let late = |(voter, ballot): &(String, Ballot)| counted.get(voter) != Some(ballot);
        self.ballots_of(vote, false).into_iter().filter(late).map(|(voter, _)| voter).collect()
    }

    /// As [`Self::ballots`], each with the name of the statement that it is from; late ones too where `closing` is
    /// not looked at.
    fn ballots_of(&self, vote: &str, closing: bool) -> BTreeMap<String, Ballot> {
        let rules = self.vote_rules(vote);
        let about = self.ledger.about(&EntityRef::new(Kind::Vote, vote));
        let counts: BTreeSet<&String> =
            about.iter().filter_map(|stated| self.closes(stated)).flatten().collect();
        let in_time = |stated: &&&Stated| !closing || !rules.closed || counts.contains(&stated.name);
        let keeps = |dots: &BTreeMap<String, u32>| {
            let total: u64 = dots.values().map(|count| u64::from(*count)).sum();
            total <= u64::from(rules.dots) && dots.values().all(|count| *count <= rules.max_per_item)
        };
        let mut ballots = BTreeMap::new();
        for stated in about.iter().filter(in_time) {
            if let Body::Imported { ballots: imported, .. } = &stated.statement.body
                && self.ledger.author(stated).admin
            {
                for (voter, dots) in imported.get(vote).into_iter().flatten() {
                    ballots.insert(voter.clone(), (stated.name.clone(), dots.clone()));
                }
            }
        }
        for on_behalf in [true, false] {
            for stated in about.iter().filter(in_time) {
                let Body::Ballot { on_behalf_of, dots, .. } = &stated.statement.body else { continue };
                if on_behalf_of.is_some() != on_behalf || !keeps(dots) {
                    continue;
                }
                let voter = match on_behalf_of {
                    Some(participant) => self.ledger.author(stated).facilitates.then(|| participant.clone()),
                    None => self.speaker(stated),
                };
                if let Some(voter) = voter {
                    ballots.insert(voter, (stated.name.clone(), dots.clone()));
                }
            }
        }
        ballots
    }

    /// Who stated something: the participant that they were, else the member.
    fn speaker(&self, stated: &Stated) -> Option<String> {
        let member = self.ledger.member_of(&stated.device)?;
        Some(self.ledger.author(stated).participant.unwrap_or_else(|| member.to_string()))
    }

    /// Who a member is as a voter: the participant that they are, else the member.
    pub(crate) fn voter(&self, member: &MemberId) -> String {
        self.participant_of(member).unwrap_or_else(|| member.to_string())
    }

    /// Dots by item in a vote.
    pub fn totals(&self, vote: &str) -> BTreeMap<String, u32> {
        let mut totals: BTreeMap<String, u32> = BTreeMap::new();
        for (item, count) in self.ballots(vote).into_values().flatten() {
            let total = totals.entry(item).or_default();
            *total = total.saturating_add(count);
        }
        totals
    }

    /// Who has given a ballot: shown while the totals are hidden.
    pub fn voters(&self, vote: &str) -> BTreeSet<String> {
        self.ballots(vote).into_keys().collect()
    }

    /// Each speaker's last word on a thing, in order of the speakers.
    fn last_words<W>(&self, entity: &EntityRef, say: impl Fn(&Body, String) -> Option<W>) -> Vec<W> {
        let mut words: BTreeMap<String, W> = BTreeMap::new();
        for stated in self.ledger.about(entity) {
            if let Some(by) = self.speaker(stated)
                && let Some(word) = say(&stated.statement.body, by.clone())
            {
                words.insert(by, word);
            }
        }
        words.into_values().collect()
    }

    /// Who stands behind a decision and who does not: each one's last word.
    pub fn stances(&self, decision: &str) -> Vec<Stance> {
        self.last_words(&EntityRef::new(Kind::Decision, decision), |body, by| match body {
            Body::Stance { supports, text, .. } => {
                Some(Stance { by, supports: *supports, text: text.clone() })
            }
            _ => None,
        })
    }

    /// What each participant says of a tie: both ends may differ, and both are shown.
    pub fn tie_statements(&self, tie: &str) -> Vec<TieStatement> {
        self.last_words(&EntityRef::new(Kind::Tie, tie), |body, by| match body {
            Body::TieStated { says, .. } => Some(TieStatement { by, says: says.clone() }),
            _ => None,
        })
    }

    /// Who agreed to which version of the plan: each one's last word.
    pub fn agreements(&self) -> Vec<Agreement> {
        self.last_words(&EntityRef::meta(), |body, by| match body {
            Body::Agreement { version } => Some(Agreement { by, version: version.clone() }),
            _ => None,
        })
    }

    /// How a goal was judged.
    pub fn judgements(&self, goal: &str) -> Vec<Judgement> {
        self.ledger
            .about(&EntityRef::new(Kind::Goal, goal))
            .into_iter()
            .filter_map(|stated| match &stated.statement.body {
                Body::Judgement { verdict, date, .. } => {
                    let by = self.speaker(stated)?;
                    Some(Judgement { by, verdict: verdict.clone(), date: date.clone() })
                }
                _ => None,
            })
            .collect()
    }
}
