//! Plans in and out of files (domain model 6.2).
//!
//! JSON is the one that loses nothing: [`json::import`] and [`json::export`] give back what they were given, unknown
//! fields included. Equal replicas export equal bytes: receipt times and status are left out, and everything has an
//! order.

pub mod automerge;
pub mod boards;
pub mod csv;
mod draft;
pub mod ics;
pub mod json;
pub mod markdown;
mod words;

pub use json::{ImportError, ImportedPlan};
