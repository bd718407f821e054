//! `samverka-relay stats`: what is stored, space by space. Nothing in it says what the spaces are about.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use samverka_log::SpaceId;
use samverka_room::USAGE_KEY;
use samverka_store::Store;
use serde::Serialize;

use crate::storage::{database_path, open_to_read};

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Each space, in order of its id.
    pub spaces: Vec<SpaceStats>,
    /// Entries of all spaces.
    pub entries: u64,
    /// Bytes of entries of all spaces, about.
    pub entry_bytes: u64,
}

/// What is stored of one space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpaceStats {
    /// The space.
    pub id: String,
    /// Logs (writers).
    pub logs: usize,
    /// Entries.
    pub entries: u64,
    /// Bytes of entries as they were accepted, dropped bodies included.
    pub entry_bytes: u64,
}

/// Writes what is stored in a data folder.
///
/// # Errors
/// Where the store cannot be read or the lines not be written.
pub fn run(data: &Path, json: bool, out: &mut impl Write) -> Result<()> {
    let stats = stats(&open_to_read(data)?)?;
    if json {
        serde_json::to_writer(&mut *out, &stats).context("write")?;
        writeln!(out)?;
        return Ok(());
    }
    for space in &stats.spaces {
        let SpaceStats { id, logs, entries, entry_bytes } = space;
        writeln!(out, "{id}  {entries} entries in {logs} logs, {entry_bytes} bytes")?;
    }
    let file_bytes = std::fs::metadata(database_path(data)).map_or(0, |file| file.len());
    let (spaces, entries, bytes) = (stats.spaces.len(), stats.entries, stats.entry_bytes);
    writeln!(
        out,
        "{spaces} spaces, {entries} entries, {bytes} bytes of entries, {file_bytes} bytes on disk"
    )?;
    Ok(())
}

/// What is in a store.
///
/// # Errors
/// Where it cannot be read.
pub fn stats(store: &impl Store) -> Result<Stats> {
    let spaces = store.spaces().context("list the spaces")?;
    let spaces = spaces.into_iter().map(|space| one(store, space)).collect::<Result<Vec<_>>>()?;
    let entries = spaces.iter().map(|space| space.entries).sum();
    let entry_bytes = spaces.iter().map(|space| space.entry_bytes).sum();
    Ok(Stats { spaces, entries, entry_bytes })
}

fn one(store: &impl Store, space: SpaceId) -> Result<SpaceStats> {
    let frontier = store.frontier(space).with_context(|| format!("read space {space}"))?;
    let usage = store.value(Some(space), USAGE_KEY).with_context(|| format!("read space {space}"))?;
    let entry_bytes = usage.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
    Ok(SpaceStats { id: space.to_string(), logs: frontier.len(), entries: frontier.entries(), entry_bytes })
}
