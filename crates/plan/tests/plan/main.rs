//! The plan as people use it: several workspaces that exchange what they make.

#![expect(clippy::unwrap_used, reason = "in a test an absence is a failure")]

mod apart;
mod automerge_files;
mod boards;
mod calendars;
mod commitments;
mod convergence;
mod harness;
mod hostile;
mod import_export;
mod memos;
mod tables;
mod votes;
