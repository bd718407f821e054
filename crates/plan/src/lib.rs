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
//! - **Views** ([`EntityView`]) say everything that is shown of a thing, what one may do with it included; a [`Delta`]
//!   names which ones look different. Nothing outside knows fields. Their types for TypeScript are written by
//!   `cargo run -p samverka-plan --features typescript --example typescript -- FOLDER`.
//!
//! The formats are written down in `SPEC.md` in this crate's folder, with golden vectors in `tests/golden` that have to
//! open for ever.
//!
//! # Decisions
//! - An entity is one flat map with keys such as `due#<proposal>` and `title.sv`, rather than nested maps: no container
//!   that two devices could create apart and then lose one of, and a third of the objects.
//! - All things of a kind hang from one map that the shipped first change made. Adding a note to 2,000 others costs a
//!   reader 0.2 ms (`cargo bench -p samverka-plan`), so the map is not cut into buckets.
//! - On boards everybody may settle, so the answers that were seen are taken away by whoever gives a new one; in the
//!   plan a signed record does it, and counts only from those entitled.
//! - **Who may say what follows from statements alone**: the terms of a commitment, who leads, who a member is, the
//!   rules of a vote. A field says what is shown; whoever rewrites one entitles nobody and takes nothing back.
//! - A statement names the newest ones that it builds on, of its commitment (`after`) and of who is who (`roster`). It
//!   is judged in that past, whatever is said later, and ordered by causes; clocks are shown and decide nothing, and
//!   there is no number that somebody could raise to come first.
//!   "Newest" is each device's own: if everybody's knowledge hung on one device's statement, that device could put
//!   another of the same name in its place, built on nothing, and take the effect from what others had said since.
//! - A commitment's id carries the beginning of its maker's device key, and a record's name that of its author's:
//!   nobody can begin another's commitment on other terms, or push another's record out by taking its id.
//! - A commitment's date after the promise is moved by the owner's word. What somebody else proposes, or what the
//!   owner says apart on another device, stands beside it as a question.
//! - Whoever closes a vote names the dots that count, so nobody gives any after it, whatever their program says that
//!   it had not heard of. Dots given meanwhile are shown as late.
//! - What an import states counts only for commitments that began with it, and only from an admin.
//! - Events in files say which were made apart and which had no effect, so that a plan that was exported and imported
//!   needs the same talks, and a forged word stays without effect.
//! - What a delta names is told by a change's operations and by statements, not by what a change says of itself: a
//!   program that lies about what it did leaves nobody with an old screen.
//! - [`Undo`] makes the opposite of one's own last command, only of what is still as it was left; of a text the own
//!   change is taken out by character. What was said to others is not taken back: that takes another word.
//! - Private drafts are no document of a workspace: nothing in this crate keeps or sends what was not written into a
//!   shared document. They come with the private document, which never has a log.
//!
//! # What is not kept out
//! Rights follow from what the author *says* that they knew. Somebody who was given another part can still speak in
//! their old one by not naming the statement that changed it; it is signed, and everybody sees it. Whether they decided
//! who is in is not theirs to say: whoever hands a record over ([`VerifiedRecord::by_admin`]) has it from membership,
//! for the point of the log at which it was stated, so an admin who is demoted leaves behind whom they bound.
//!
//! # What it costs
//! 10,000 events over 200 commitments, 2,000 notes, 40 members; release, one of two busy cores. Saved documents 191
//! KiB, statements 2.4 MiB.
//!
//! | what | cost |
//! | --- | --- |
//! | load both documents, which Automerge does / with all statements | 72 ms / 88 ms |
//! | everything from raw changes in one batch | 215 to 340 ms |
//! | all commitments, judged for the first time / again | 28 to 48 ms / 14 ms |
//! | all notes / all open questions | 14 to 23 ms / 9 to 16 ms |
//!
//! Once somebody looks; measured while the machine took 171 ms to load both documents with all statements, about twice
//! the time above. Views of commitments have their histories in them since the table above was made.
//!
//! | what | cost |
//! | --- | --- |
//! | all commitments / all notes, again | 59 ms / 66 ms |
//! | every view for the first time / again / as 3.7 MiB of JSON | 334 ms / 168 ms / 15 ms |
//! | add a note: here / from another / shown anew | 0.37 ms / 0.21 ms / 0.10 ms |
//! | edit a note: here / from another / shown anew | 0.11 ms / 0.08 ms / 0.01 ms |
//! | an event of a commitment with 50 others: here / from another / shown anew | 0.55 ms / 0.41 ms / 0.17 ms |
//! | edit a commitment: here / from another / shown anew | 0.37 ms / 0.29 ms / 0.22 ms |

mod causal;
mod command;
mod commitment;
mod delta;
mod document;
mod event;
pub mod exchange;
mod execute;
mod history;
mod language;
mod ledger;
mod links;
mod privacy;
mod rebase;
mod record;
mod roster;
mod rules;
mod saved;
pub mod schema;
mod standing;
mod statements;
#[cfg(feature = "typescript")]
pub mod typescript;
mod undo;
mod view;
mod words;
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
pub use saved::{ChangePlace, OwnCopy, SavedDocument};
pub use schema::{EntityRef, Kind};
pub use standing::{Counter, DueMove, DueProposal, Ineffective, Mandate, Standing};
pub use statements::{Agreement, Judgement, Stance, TieStatement, VoteRules};
pub use undo::{Before, Opposite, Undo};
pub use view::{
    Answer, BoardView, Changed, ClusterView, CommitmentView, DecisionView, Dissent, EntityView, EventView,
    FieldTexts, FollowUpView, GoalView, IndicatorView, Markers, Measure, MeetingView, NoteView, OpenQuestion,
    OrganisationView, ParticipantView, Period, PlanView, Position, RelayView, Speaker, StageView, TieView,
    ViewContext, VoteView, day_of, iso_date,
};
pub use words::{deed_word, kind_word};
pub use workspace::{Applied, Incoming, LeftOut, Workspace};
