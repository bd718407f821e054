//! Views of statements other than commitments' events: who stands behind a decision, how a goal was judged.

use serde_json::{Value as Json, json};

use crate::record::Body;
use crate::workspace::Workspace;

impl Workspace {
    /// Who stands behind a decision and who does not: each one's last word, causes before effects.
    pub fn stances(&self, decision: &str) -> Vec<Json> {
        let mut stances: Vec<(String, Json)> = Vec::new();
        for stated in self.ledger.all() {
            if let Body::Stance { decision: of, supports, text } = &stated.statement.body
                && of == decision
                && let Some(member) = self.ledger.member_of(&stated.device)
            {
                let by = self.participant_of(&member).unwrap_or_else(|| member.to_string());
                stances.retain(|(other, _)| *other != by);
                stances.push((by.clone(), json!({ "by": by, "supports": supports, "text": text })));
            }
        }
        stances.into_iter().map(|(_, stance)| stance).collect()
    }

    /// How a goal was judged, causes before effects.
    pub fn judgements(&self, goal: &str) -> Vec<Json> {
        self.ledger
            .all()
            .filter_map(|stated| match &stated.statement.body {
                Body::Judgement { goal: of, verdict, date } if of == goal => {
                    let member = self.ledger.member_of(&stated.device)?;
                    let by = self.participant_of(&member).unwrap_or_else(|| member.to_string());
                    Some(json!({ "by": by, "verdict": verdict, "date": date }))
                }
                _ => None,
            })
            .collect()
    }
}
