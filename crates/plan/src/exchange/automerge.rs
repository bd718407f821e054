//! One document as an `.automerge` file that any Automerge program opens, with the signed records inside it.
//!
//! The file is the document's own history and one change on top of it, always by the same actor, which puts every
//! signed record under its id. Reading takes that change off again: what is left are the changes as they were made,
//! with their hashes, and whoever reads checks the records' signatures.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use data_encoding::HEXLOWER;
use samverka_log::DocumentId;
use thiserror::Error;

use crate::document::first_change_hashes;
use crate::workspace::Workspace;

/// The actor of the change that holds the records.
const RECORDS_ACTOR: [u8; 16] = *b"samverka/records";
/// The key at the root under which they are.
const RECORDS: &str = "samverka/records/1";
/// Bytes of a file that is read.
const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why a file is not written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AutomergeError {
    /// It is longer than any document of a plan.
    #[error("the file has {0} bytes, more than a document of a plan can have")]
    TooLong(usize),
    /// Automerge does not read or write it.
    #[error("not an Automerge document")]
    Automerge(#[from] automerge::AutomergeError),
    /// It is an Automerge document, and not one of a plan.
    #[error("the document does not begin as every document of a plan does")]
    OtherBeginning,
    /// What is under the records' key is no record.
    #[error("the file's records are not in the form that they are written in")]
    Records,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Raw changes, causes before effects.
    pub changes: Vec<Vec<u8>>,
    /// Signed records by their id in hexadecimal, not verified yet.
    pub records: BTreeMap<String, Vec<u8>>,
}

/// A document as a file. Records that this device has not signed yet are left out.
///
/// # Errors
/// [`AutomergeError::Automerge`].
pub fn export(workspace: &mut Workspace, document: DocumentId) -> Result<Vec<u8>, AutomergeError> {
    let mut doc = AutoCommit::load(&workspace.save(document))?.with_actor(ActorId::from(RECORDS_ACTOR));
    let signed = workspace.records(document).iter().filter(|record| !record.signed.is_empty());
    let records: BTreeMap<String, Vec<u8>> =
        signed.map(|record| (HEXLOWER.encode(&record.id), record.signed.clone())).collect();
    let map = doc.put_object(ROOT, RECORDS, ObjType::Map)?;
    for (id, signed) in records {
        doc.put(&map, id, ScalarValue::Bytes(signed))?;
    }
    doc.commit_with(CommitOptions::default().with_time(0));
    Ok(doc.save())
}

/// Reads a file.
///
/// # Errors
/// [`AutomergeError`].
pub fn read(file: &[u8]) -> Result<Exported, AutomergeError> {
    if file.len() > FILE_BYTES_MAX {
        return Err(AutomergeError::TooLong(file.len()));
    }
    let mut doc = AutoCommit::load(file)?;
    let own = ActorId::from(RECORDS_ACTOR);
    let changes = doc.get_changes(&[]);
    let [first] = first_change_hashes();
    if !changes.iter().any(|change| change.hash().0 == first) {
        return Err(AutomergeError::OtherBeginning);
    }
    let changes = changes.into_iter().filter(|change| *change.actor_id() != own);
    let changes = changes.map(|change| change.raw_bytes().to_vec()).collect();
    Ok(Exported { changes, records: records(&doc)? })
}

fn records(doc: &AutoCommit) -> Result<BTreeMap<String, Vec<u8>>, AutomergeError> {
    let map = match doc.get(ROOT, RECORDS)? {
        None => return Ok(BTreeMap::new()),
        Some((Value::Object(ObjType::Map), map)) => map,
        Some(_) => return Err(AutomergeError::Records),
    };
    let ids: Vec<String> = doc.keys(&map).collect();
    let mut records = BTreeMap::new();
    for id in ids {
        match doc.get(&map, id.as_str())? {
            Some((Value::Scalar(scalar), _)) => match scalar.as_ref() {
                ScalarValue::Bytes(signed) => records.insert(id, signed.clone()),
                _ => return Err(AutomergeError::Records),
            },
            _ => return Err(AutomergeError::Records),
        };
    }
    Ok(records)
}
