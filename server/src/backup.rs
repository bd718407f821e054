//! `samverka-relay backup TO`: one moment's state of the database, whole, while the relay runs.
//!
//! The copy becomes a relay's data when it is put into a data folder under the database's name. The identity key is
//! not in it: devices ask a relay for its key anew on every connection, so a restored relay may have another.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::storage::open_to_read;

/// Copies the database of a data folder into a new file.
///
/// # Errors
/// Where there is no database, the file exists, or copying fails; nothing is left under the file's name then.
pub fn run(data: &Path, to: &Path) -> Result<()> {
    ensure!(!to.exists(), "{} is there already; a backup is not written over", to.display());
    let store = open_to_read(data)?;
    // A copy that was cut short must not look like a backup.
    let partial = partial(to);
    if partial.exists() {
        fs::remove_file(&partial).with_context(|| format!("remove {}", partial.display()))?;
    }
    store.backup(&partial).with_context(|| format!("copy the database to {}", partial.display()))?;
    make_private(&partial).with_context(|| format!("protect {}", partial.display()))?;
    File::open(&partial)
        .and_then(|file| file.sync_all())
        .with_context(|| format!("sync {}", partial.display()))?;
    fs::rename(&partial, to).with_context(|| format!("name {}", to.display()))
}

fn partial(to: &Path) -> PathBuf {
    let mut name: OsString = to.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

#[cfg(unix)]
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
