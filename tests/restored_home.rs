//! A home folder that is restored from a backup, or used on two machines at once: nothing of either is lost, no log
//! forks, and who is in is not changed before a relay has told what this device had said since the copy was made.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use samverka_tests::network::{admit, heads};
use samverka_tests::{Home, Relay, folder};

#[test]
fn a_copy_of_a_home_and_its_original_write_on_and_both_keep_everything() -> Result<()> {
    let folder = folder()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let original = Home::new(&folder.path().join("original"), "Rektor", "Lindsunds skola")?;
    let other = Home::new(&folder.path().join("other"), "Kurator", "Elevvården")?;
    original.ok(&["plan", "new", "Ingen ensam", "--relay", &relay.url()])?;
    original.ok(&["note", "add", "före kopian"])?;
    original.ok(&["sync"])?;
    admit(&original, &other)?;

    copy(original.path(), &folder.path().join("copy"))?;
    let restored = Home::bare(&folder.path().join("copy"));
    original.ok(&["note", "add", "på originalet"])?;
    original.ok(&["invite"])?;
    original.ok(&["sync"])?;
    restored.ok(&["note", "add", "på kopian"])?;
    let too_early = restored.run(&["invite"])?;
    ensure!(
        too_early.code == Some(1) && too_early.stderr.contains("restored from a backup"),
        "a copy changed who is in: {too_early:?}"
    );
    restored.ok(&["sync"])?;
    restored.ok(&["invite"])?;
    restored.ok(&["note", "add", "på kopian igen"])?;
    for _ in 0..2 {
        for home in [&restored, &original, &other] {
            home.ok(&["sync"])?;
        }
    }

    for home in [&original, &restored, &other] {
        let notes = home.ok(&["note", "list"])?;
        for note in ["före kopian", "på originalet", "på kopian", "på kopian igen"] {
            ensure!(notes.contains(note), "{note} is gone in {}:\n{notes}", home.path().display());
        }
        ensure!(heads(home)? == heads(&original)?, "{} has another plan", home.path().display());
        home.ok(&["verify"])?;
    }
    let invitations = original.json(&["invite", "list"])?;
    let listed = invitations.as_array().map(Vec::len);
    ensure!(listed == Some(3), "three invitations were made: {invitations}");
    relay.stop()?;
    relay.command(&["check"])?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
