//! Bodies that come after their headers: matched, kept, and held against what a snapshot said in their place.

use samverka_log::{Entry, EntryId, EntryKind};
use samverka_plan::decode_change;
use samverka_seal::{ChangeHash, Content, check_content, open_entry};
use samverka_store::Write;

use crate::Replica;
use crate::effect::Event;
use crate::intake::{Source, is_own_record};
use crate::shelf::EntryState;

impl Replica {
    /// Takes the bodies of entries that are here as headers alone; anything else is passed over.
    pub(crate) fn fill(&mut self, entries: Vec<Entry>, source: Source) {
        let filled: Vec<Entry> = entries.into_iter().filter(|entry| self.shelve_body(entry)).collect();
        if filled.is_empty() {
            return;
        }
        let ids: Vec<EntryId> = filled.iter().map(Entry::id).collect();
        if source == Source::Relay {
            self.write(vec![Write::Fill { space: self.space, entries: filled }]);
        }
        let mut void = false;
        for id in ids {
            match self.shelf.known(&id).map(|known| &known.state) {
                Some(EntryState::In) => void |= !self.verify_body(id),
                Some(EntryState::Waiting | EntryState::Bodyless) => self.to_settle.push_back(id),
                Some(EntryState::Quarantined(_)) => self.free_waiters(id),
                _ => self.forget_body(id),
            }
        }
        if void {
            // Something counted that no longer does. The bodies are in the store, or on their way there.
            self.rebuild();
        }
        self.settle_all();
    }

    /// What waited for the body of a late entry is looked at again.
    fn free_waiters(&mut self, id: EntryId) {
        let Some(document) = self.shelf.known(&id).map(|known| known.header.fields().document) else {
            return;
        };
        let freed = self.graphs.get_mut(&document).map(|graph| graph.waiters(&id));
        self.to_settle.extend(freed.into_iter().flatten());
    }

    /// Puts a body with its header, where that is here without one.
    fn shelve_body(&mut self, entry: &Entry) -> bool {
        let (id, fields) = (entry.id(), entry.header.fields());
        let lacks = self.shelf.lacks_body(&fields.log, fields.number);
        let Some(body) = entry.body.as_ref().filter(|body| lacks && entry.header.matches_body(body)) else {
            return false;
        };
        let Some(known) = self.shelf.known_mut(&id) else { return false };
        known.body = Some(body.clone());
        self.shelf.has_body_now(&fields.log, fields.number);
        true
    }

    /// Holds the body of an entry that counts against what was taken for its content. Where it does not hold, the
    /// entry is void, as it is on every device that had the body first.
    fn verify_body(&mut self, id: EntryId) -> bool {
        let checked = self.check_body(id);
        self.forget_body(id);
        let Err(reason) = checked else { return true };
        let Some(known) = self.shelf.known(&id) else { return true };
        let fields = known.header.fields();
        let member = self.resolver.state().member_of(&fields.log.device);
        self.events.push_back(Event::LeftOut { member, document: fields.document, reason });
        false
    }

    /// Whether a body holds what its header committed to. What was taken for its content was matched to the same
    /// commitment, so nothing else is to be compared.
    fn check_body(&self, id: EntryId) -> Result<(), String> {
        let known = self.shelf.known(&id).ok_or("the entry is not here")?;
        let fields = known.header.fields();
        if fields.kind != EntryKind::Change {
            return Ok(());
        }
        let key = self.keyring.key(&fields.epoch).ok_or("its key is not here")?;
        let entry = Entry { header: known.header.clone(), body: known.body.clone() };
        let content = open_entry(&entry, key).map_err(|error| error.to_string())?;
        let Content::Change(change) = &content else {
            return Err("it holds something else than its header says".into());
        };
        let hashes = change
            .changes
            .iter()
            .map(|raw| decode_change(raw).map(|change| ChangeHash::from_bytes(change.hash)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("it holds a malformed change: {error}"))?;
        check_content(&entry.header, &content, &hashes, key).map_err(|error| error.to_string())?;
        if change.records.iter().all(|record| is_own_record(fields, record)) {
            Ok(())
        } else {
            Err("it holds a record in somebody else's name, or of another document".to_owned())
        }
    }
}
