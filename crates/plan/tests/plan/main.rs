//! The plan as people use it: several workspaces that exchange what they make.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod apart;
mod automerge_files;
mod boards;
mod calendars;
mod commitments;
mod convergence;
mod deltas;
mod golden;
mod harness;
mod hostile;
mod hostile_convergence;
mod import_export;
mod memos;
mod newer;
mod offers;
mod people;
mod tables;
mod undo;
mod views;
mod votes;
mod who_is_who;
