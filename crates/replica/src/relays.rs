//! What is remembered of each relay between connections: shown while there is none, never believed on the next.

use samverka_log::Frontier;
use samverka_log::wire::{Reader, WireError, Writer};

use crate::Replica;

const VERSION: u8 = 1;

/// What one relay was known to have, and when it last answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RelayNote {
    pub(crate) frontier: Frontier,
    pub(crate) last_contact_ms: u64,
}

impl RelayNote {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u8(VERSION).u64(self.last_contact_ms);
        out.u32(u32::try_from(self.frontier.len()).unwrap_or(u32::MAX));
        for (log, head) in self.frontier.iter() {
            out.log_head(log, head);
        }
        out.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut input = Reader::new(bytes);
        if input.u8()? != VERSION {
            return Err(WireError::Trailing { left: input.left() });
        }
        let last_contact_ms = input.u64()?;
        let count = input.u32()?;
        let mut frontier = Frontier::new();
        for _ in 0..count {
            let (log, head) = input.log_head()?;
            frontier.set(log, head);
        }
        input.finish()?;
        Ok(Self { frontier, last_contact_ms })
    }
}

impl Replica {
    /// The relays that carry the plan: those that the plan lists, and before it is here those of the invitation.
    pub fn relays(&self) -> Vec<String> {
        let listed = self.workspace.as_ref().map(samverka_plan::Workspace::relay_urls).unwrap_or_default();
        let mut relays = if listed.is_empty() { self.relay_hints.clone() } else { listed };
        relays.dedup();
        relays
    }

    /// Remembers what a relay had.
    pub(crate) fn remember_relay(&mut self, url: String, theirs: Frontier, now_ms: u64) {
        if theirs.is_empty() {
            return;
        }
        let note = RelayNote { frontier: theirs, last_contact_ms: now_ms };
        self.put(&format!("relay/{url}"), note.encode());
        self.relay_notes.insert(url, note);
    }

    /// Takes a note from the store; one that cannot be read says nothing, as if there were none.
    pub(crate) fn take_relay_note(&mut self, url: &str, value: &[u8]) {
        if let Ok(note) = RelayNote::decode(value) {
            self.relay_notes.insert(url.to_owned(), note);
        }
    }
}
