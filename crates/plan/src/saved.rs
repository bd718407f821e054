//! Saved documents that come from somewhere else: read and looked into before they become part of a plan.

use samverka_log::DocumentId;

use crate::command::Delta;
use crate::delta::Telling;
use crate::document::{Document, DocumentError};
use crate::record::{Statement, VerifiedRecord};
use crate::workspace::Workspace;

/// A saved document that has been read and is not part of a plan yet.
pub struct SavedDocument(Document);

/// Where a change stands in its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePlace {
    /// Its actor; zeros where it is not one of ours.
    pub actor: [u8; 16],
    /// Its sequence number, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// What it builds on.
    pub dependencies: Vec<[u8; 32]>,
}

/// This device's own copy of a document and its records, read. Reading takes long and needs nothing of the plan: it can
/// be done anywhere.
pub struct OwnCopy {
    pub(crate) document: Document,
    pub(crate) records: Vec<(VerifiedRecord, Option<Statement>)>,
}

impl OwnCopy {
    /// Reads what [`Workspace::save`] made, with the records that were beside it.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn read(saved: &[u8], records: Vec<VerifiedRecord>) -> Result<Self, DocumentError> {
        let mut document = Document::load(saved)?;
        document.read_last_changes();
        let read = |record: VerifiedRecord| {
            let statement = Statement::parse(&record.payload);
            (record, statement)
        };
        Ok(Self { document, records: records.into_iter().map(read).collect() })
    }
}

impl SavedDocument {
    /// Reads what [`Workspace::save`] made, wherever it comes from. One that holds a change whose dependencies it lacks
    /// is refused: such a change is not in the history, and would come up once they arrive.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let mut document = Document::load(bytes)?;
        if document.lacks_dependencies() {
            return Err(DocumentError::Malformed("it lacks changes that others build on".to_owned()));
        }
        Ok(Self(document))
    }

    /// All changes in it but those that every document begins with, causes before effects.
    pub fn changes(&mut self) -> Vec<ChangePlace> {
        self.0.changes()
    }
}

impl Workspace {
    /// Takes this device's own copy of a document in the place of what is here of it.
    pub fn take_own(&mut self, document: DocumentId, copy: OwnCopy) {
        self.documents.insert(document, copy.document);
        for (record, statement) in copy.records {
            self.logs.insert(record.log);
            self.ledger.take_read(record, statement);
        }
        self.known_actors().clear();
        self.forget_standings();
        self.forget_links();
    }

    /// All changes of a document but those that every document begins with, causes before effects.
    pub fn changes(&mut self, document: DocumentId) -> Vec<ChangePlace> {
        self.documents.get_mut(&document).map(Document::changes).unwrap_or_default()
    }

    /// Takes what a saved document holds, and its records, in addition to what is here.
    ///
    /// # Errors
    /// [`DocumentError`] where both hold different changes of one actor with one number; nothing has changed then.
    pub fn take_saved(
        &mut self,
        document: DocumentId,
        saved: SavedDocument,
        records: Vec<VerifiedRecord>,
    ) -> Result<Delta, DocumentError> {
        let taken = self.documents.entry(document).or_insert_with(Document::new);
        taken.absorb(saved.0)?;
        if document != self.plan {
            taken.read_last_changes();
        }
        let mut telling = Telling::default();
        telling.delta.everything = true;
        for record in records {
            self.know_log(record.log, &mut telling.delta);
            self.take_record(record, &mut telling);
        }
        Ok(Delta { entities: Vec::new(), ..self.told(telling) })
    }
}
