//! Views: what is shown, worked out from documents and statements. Stable field names in snake_case; the same for the
//! command line's `--json` and the web app.

mod alike;
mod board;
mod commitment;
mod days;
mod questions;

pub use board::NoteView;
pub use commitment::{CommitmentView, EventView};
pub use days::{day_of, iso_date};
pub use questions::{Answer, OpenQuestion};

/// Follows redirections to their end; a circle ends at the smallest id in it.
fn follow(start: &str, next: impl Fn(&str) -> Option<String>) -> String {
    let mut trail: Vec<String> = vec![start.to_owned()];
    while let Some(at) = trail.last().and_then(|at| next(at)) {
        if let Some(begin) = trail.iter().position(|seen| *seen == at) {
            return trail.into_iter().skip(begin).min().unwrap_or(at);
        }
        trail.push(at);
    }
    trail.pop().unwrap_or_default()
}
