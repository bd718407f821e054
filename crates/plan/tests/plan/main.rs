//! The plan as people use it: several workspaces that exchange what they make.

mod apart;
mod automerge_files;
mod boards;
mod calendars;
mod commitments;
mod convergence;
mod golden;
mod harness;
mod hostile;
mod hostile_convergence;
mod import_export;
mod memos;
mod tables;
mod votes;
