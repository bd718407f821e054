//! The replica in a browser's worker: conversions between Rust and JavaScript, and nothing else.
//!
//! It knows one device's opened plans, each an [`OpenPlan`] around a `Replica`. It must never know a socket, a
//! database or a clock: the worker (`client/web/src/core`) carries out effects, as the command line does natively.
//!
//! # Driving it from JavaScript
//! 1. `Plan.found`, `Plan.open` or `Plan.join`. The secret that `found` and `join` leave behind (`takeSecret`) is the
//!    worker's to wrap and keep.
//! 2. After every call: `nextEffect` until there is none, in order. A store effect's answer goes to `stored`, and its
//!    turn comes before the next effect's. Then `events`, one JSON array of what happened since.
//! 3. Questions and actions are one JSON object each ([`OpenPlan::ask`]), and so are their answers.
//! 4. `frame`, `timeout`, `flush` and actions on membership run under the device-wide lock of slot 0, after the worker
//!    has looked whether another tab has written (`storeChanged`); `execute` needs no lock.
//!
//! Everything but `bridge` and `exports` (only there in wasm) is plain Rust and tested natively.

mod answers;
mod arguments;
mod events;
mod failure;
mod files;
mod open;
mod people;
mod things;

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bridge;
#[cfg(all(target_arch = "wasm32", target_os = "unknown", feature = "conformance"))]
pub mod conformance;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod exports;

pub use failure::Failure;
pub use open::{Moment, OpenPlan, Person, invitation};
