//! Snapshots: a document as it stood, shared through the log, so that whoever comes in later need not open every entry
//! of its life before they see it. A cache, never an authority (design, "Entries").
//!
//! - [`content`] says whether a saved document and its records hold just what the headers of the entries that they
//!   cover committed to. Whoever writes a snapshot asks it of their own documents, whoever uses one of what came.
//! - [`tail`] says when the next one is due, and who writes it.
//! - [`write`](mod@write) writes one.
//! - [`take`] takes the content of entries from one, where their bodies are not here.
//!
//! What a snapshot claims to cover is believed of an accepted author when the next one is considered: an editor who
//! writes empty ones keeps the others from writing useful ones, by name, and costs newcomers the time that snapshots
//! save. Nobody takes a wrong word of theirs for the plan.

mod content;
mod tail;
mod take;
#[cfg(test)]
mod tests;
mod write;

use samverka_log::{Acceptance, EntryId};

use crate::Replica;
use crate::shelf::EntryState;

pub use tail::SnapshotMarks;
pub(crate) use tail::Tail;
pub(crate) use take::Shape;

impl Replica {
    /// Takes note of a snapshot once everything is settled that its author had.
    pub(crate) fn settle_snapshot(&mut self, id: EntryId) {
        let Some(known) = self.shelf.known(&id) else { return };
        let header = known.header.clone();
        let document = header.fields().document;
        if known.state != EntryState::Waiting {
            return;
        }
        let here = self.snapshots.entry(document).or_default();
        if !here.contains(&id) {
            here.push(id);
        }
        let graph = self.graphs.entry(document).or_default();
        if let Some(missing) = graph.missing(&header) {
            graph.wait(id, missing);
            return;
        }
        let state = match self.acceptance(&header) {
            Acceptance::Waiting(_) => {
                self.waiting_for_membership.insert(id);
                return;
            }
            Acceptance::Accepted if !self.is_forked(&header) => {
                self.shorten_tail(id);
                EntryState::Apart
            }
            Acceptance::Accepted => EntryState::Out("its log has forked".to_owned()),
            Acceptance::Refused(why) => EntryState::Out(why.to_string()),
            Acceptance::Quarantined(why) => EntryState::Out(why.to_string()),
        };
        self.set_state(id, state);
        self.forget_body(id);
    }
}
