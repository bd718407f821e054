//! Writes the types of commands, events, outcomes, deltas and views for TypeScript:
//! `cargo run -p samverka-plan --features typescript --example typescript -- FOLDER`.

use std::error::Error;
use std::fs;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a program beside the crate, which itself writes no files")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("say into which folder the types go")?;
    for (path, text) in samverka_plan::typescript::files()? {
        let path = Path::new(&folder).join(path);
        fs::create_dir_all(path.parent().ok_or("a file is in a folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}
