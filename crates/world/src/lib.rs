//! A world of real replicas and real rooms as machines: virtual time, wires that break, disks that fail, people who
//! come, go and are put out, relays that lie. Everything follows from one seed.
//!
//! - [`World`] is the world; tests that tell one story drive it by hand.
//! - [`Script`] is what happens in it, made from a seed; [`run`] plays it and holds everything against a small model of
//!   what must be so ([`model`]).
//! - [`shrink`] makes a script that fails as short as it gets.
//!
//! A connection is what a WebSocket is: in order and whole while it lasts. Reordering, duplicates and loss come from
//! several relays, from connections that break with what was under way, and from relays that do it on purpose
//! ([`Malice`]).
//!
//! This crate is for development only; nothing that ships depends on it.

pub mod corpus;
pub mod decoders;
mod disk;
pub mod model;
mod person;
mod relay;
mod run;
mod script;
mod shrink;
mod world;

pub use disk::Trouble;
pub use person::Person;
pub use relay::{Malice, relay_settings};
pub use run::{Failure, check_seed, replay_hint, run};
pub use script::{Kind, Script, Step};
pub use shrink::shrink;
pub use world::{End, World};
