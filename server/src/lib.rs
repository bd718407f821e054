//! The relay: an axum server around one [`samverka_room::Room`] for each space.
//!
//! It knows sealed entries, public keys and its own identity key. It must never know a member's key, a content key or
//! plaintext: it depends on no crate that has a type for them, and a test over `cargo tree` keeps it so.
//!
//! ```text
//! socket ─ connection task ─▶ room task ─▶ one writer thread (group commit) ─▶ SQLite
//!    ▲      one each, bounded   one a space      readers, blocking pool     ◀─┘
//!    └────── frames, by credit ◀──┘
//! ```
//!
//! Where `cargo xtask web` has built the web app, it is embedded (`build.rs`) and served beside `/sync`, `/health`,
//! `/ready` and `/metrics`; the relay knows of it no more than files.
//!
//! [`Relay::start`] runs one inside any tokio runtime, on port 0 if asked: tests and examples use it as the binary
//! does.

mod actor;
mod admission;
mod app;
pub mod arguments;
pub mod backup;
pub mod check;
pub mod config;
mod connection;
mod identity;
mod listen;
pub mod logging;
mod metrics;
mod registry;
mod relay;
mod router;
pub mod stats;
mod storage;
mod web;

pub use config::Config;
pub use relay::{Relay, RunningRelay, serve};
pub use samverka_room::Hosting;
pub use storage::DATABASE_FILE;
