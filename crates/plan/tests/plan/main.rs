//! The plan as people use it: several workspaces that exchange what they make.

mod harness;
mod import_export;
