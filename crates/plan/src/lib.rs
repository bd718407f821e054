//! The plan: what people write together and what they say to each other, over Automerge.
//!
//! This crate knows notes, goals, commitments and the rules by which they merge. It must never know a key or a
//! network, and it reads no clock: time and randomness come in as arguments.
//!
//! - **Documents** ([`schema`]) hold what people write together: texts that merge by character, single values that
//!   keep every answer until somebody entitled settles, sets. Every document begins with one shipped first change.
//! - **The ledger** holds what they state: a commitment's events, settlements, ballots, who is who. Where a commitment
//!   stands ([`Standing`]) follows from valid statements alone, never from a field, so no editor can unsay another's
//!   word.
//! - **Commands** go in ([`Workspace::execute`]) and become Automerge changes and records to be signed; what arrives
//!   from others goes in by [`Workspace::apply_batch`]; views come out.
//!
//! The formats are written down in `SPEC.md` in this crate's folder, with golden vectors in `tests/golden` that have to
//! open for ever.
//!
//! # Decisions
//! - An entity is one flat map with keys such as `due#<proposal>` and `title.sv`, rather than nested maps: no container
//!   that two devices could create apart and then lose one of, and a third of the objects.
//! - On boards everybody may settle, so the answers that were seen are taken away by whoever gives a new one; in the
//!   plan a signed record does it, and counts only from those entitled.
//! - Statements carry a number that is greater than every number their author knew. It gives them one order in which
//!   causes come before effects, on every device; clocks are shown and decide nothing.
//! - A commitment's date after the promise is moved by events, not in its field. What somebody other than the owner
//!   proposes stands beside it as a question.

mod causal;
mod command;
mod commitment;
mod document;
mod event;
pub mod exchange;
mod execute;
mod history;
mod language;
mod ledger;
mod privacy;
mod record;
mod roster;
mod rules;
pub mod schema;
mod standing;
mod statements;
mod view;
mod workspace;

pub use command::{Command, CommandError, Context, Delta, DocumentHex, Executed, Outcome, Produced, Texts};
pub use document::{DecodedChange, DocumentError, Proposal, decode_change, first_change_hashes};
pub use event::{Event, State};
pub use history::{ChangeNote, Deed, deed_of_change, deed_of_record};
pub use language::{Language, LanguageError, pick, state_word, text_key};
pub use ledger::Profile;
pub use privacy::privacy_hints;
pub use record::{Body, Limits, MemberHex, Place, RecordDraft, Statement, Terms, VerifiedRecord};
pub use roster::{Directory, DirectoryMember};
pub use schema::{EntityRef, Kind};
pub use standing::{Counter, DueMove, DueProposal, Ineffective, Mandate, Standing};
pub use statements::VoteRules;
pub use view::{Answer, CommitmentView, EventView, NoteView, OpenQuestion, day_of, iso_date};
pub use workspace::{Incoming, Workspace};
