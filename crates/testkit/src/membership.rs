//! Who is in, told a second time: the rules of `crates/log/SPEC.md` ("Who is in"), written from that text alone, slow
//! and plain, to hold the resolver of `samverka-log` against; and random histories to compare the two on.
//!
//! [`Reference`] has one rule in one function and asks every question of the whole history anew. [`Mutant`] switches
//! a rule off or turns it round, so that a test can show that the histories would notice.

mod concern;
mod history;
mod mutant;
mod outcome;
mod reference;
mod set;
mod view;

pub use history::{Arrival, History};
pub use mutant::Mutant;
pub use outcome::{EpochOutcome, InvitationOutcome, MemberOutcome, Outcome};
pub use reference::{LogFork, Reference};
