//! The store, asked from async code.
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use samverka_store::{MemoryStore, Reply, Request, StoreError};

use crate::metrics::Metrics;

pub(crate) struct Storage {
    store: Mutex<MemoryStore>,
}

impl Storage {
    pub(crate) async fn open(_data: &Path, _metrics: Arc<Metrics>) -> Result<Self> {
        Ok(Self { store: Mutex::new(MemoryStore::default()) })
    }
    pub(crate) async fn handle(&self, request: Request) -> Result<Reply, StoreError> {
        samverka_store::handle(&mut *self.store.lock().expect("interim"), &request)
    }
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
    pub(crate) async fn close(&self) -> Result<()> {
        Ok(())
    }
}
pub(crate) fn open_to_read(_: &Path) -> Result<MemoryStore> {
    Ok(MemoryStore::default())
}
pub(crate) fn database_path(data: &Path) -> std::path::PathBuf {
    data.join("relay.sqlite")
}
