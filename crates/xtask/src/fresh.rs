//! Steps that are left out while nothing that they read has changed.
//!
//! Content decides and not the time of a change: a checkout touches every file, and what comes out the same need not
//! be built again.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// What one step was made from, and whether what it made is still there.
///
/// The digests only have to differ when the content does, from one run to the next on one machine: after a new compiler
/// they may all be others, and the step runs once more.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: u64,
}

impl Stamp {
    /// Reads what the step `name` is made from: files and folders under the root, and settings that are in no file.
    pub(crate) fn of(
        workspace: &Workspace,
        name: &str,
        inputs: &[PathBuf],
        settings: &[&str],
    ) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        settings.hash(&mut hasher);
        for input in inputs {
            digest(input, &mut hasher)?;
        }
        let file = workspace.target().join("web/stamps").join(name);
        Ok(Self { file, inputs: hasher.finish() })
    }

    /// Whether the step has run on just these inputs, and its outputs are as it left them.
    pub(crate) fn holds(&self, outputs: &[PathBuf]) -> bool {
        // A stamp that cannot be read, and outputs that are not there, both mean: do it again.
        fs::read_to_string(&self.file)
            .is_ok_and(|written| self.line(outputs).is_ok_and(|line| line == written))
    }

    /// Notes that the step has run.
    pub(crate) fn write(&self, outputs: &[PathBuf]) -> Result<()> {
        let line = self.line(outputs)?;
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        }
        fs::write(&self.file, line).with_context(|| format!("write {}", self.file.display()))
    }

    fn line(&self, outputs: &[PathBuf]) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        for output in outputs {
            digest(output, &mut hasher)?;
        }
        Ok(format!("{:016x} {:016x}\n", self.inputs, hasher.finish()))
    }
}

/// The files under a folder, in order, by their paths from there.
pub(crate) fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found)?;
    let mut found: Vec<_> =
        found.iter().filter_map(|path| path.strip_prefix(folder).ok().map(Path::to_owned)).collect();
    found.sort_unstable();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        if !path.is_dir() {
            found.push(path);
        } else if path.file_name().is_none_or(|name| name != "node_modules" && name != "target") {
            collect(&path, found)?;
        }
    }
    Ok(())
}

/// Takes in a file, or a folder with all that is in it.
fn digest(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if !path.exists() {
        bail!("{} is missing", path.display());
    }
    let files = if path.is_dir() {
        files_under(path)?.into_iter().map(|file| (path.join(&file), file)).collect()
    } else {
        vec![(path.to_owned(), PathBuf::new())]
    };
    for (file, name) in files {
        name.hash(hasher);
        fs::read(&file).with_context(|| format!("read {}", file.display()))?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_an_input_a_setting_or_an_output_changes() {
        let workspace = Workspace::open().unwrap();
        let folder = workspace.target().join("web/stamps/for-a-test");
        fs::create_dir_all(folder.join("in")).unwrap();
        let (input, output) = (folder.join("in/source"), folder.join("output"));
        fs::write(&input, "one").unwrap();
        fs::write(&output, "made of one").unwrap();
        let now =
            |setting| Stamp::of(&workspace, "for-a-test/stamp", &[folder.join("in")], &[setting]).unwrap();
        let outputs = [output.clone()];

        now("a").write(&outputs).unwrap();
        assert!(now("a").holds(&outputs));
        assert!(!now("b").holds(&outputs));
        fs::write(&output, "touched").unwrap();
        assert!(!now("a").holds(&outputs));
        fs::write(&output, "made of one").unwrap();
        fs::remove_file(&output).unwrap();
        assert!(!now("a").holds(&outputs));
        fs::write(&output, "made of one").unwrap();
        assert!(now("a").holds(&outputs));
        fs::rename(&input, folder.join("in/renamed")).unwrap();
        assert!(!now("a").holds(&outputs));
        fs::remove_dir_all(&folder).unwrap();
    }
}
