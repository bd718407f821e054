//! The relay's identity key: what devices bind their proofs to, so that a proof for this relay works nowhere else.
//!
//! It signs nothing and opens nothing. Whoever copies it can pose as this relay to devices that reach the impostor
//! under this relay's name, and would still see sealed entries only.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ed25519_dalek::SigningKey;
use samverka_log::RelayKey;

/// The file in the data folder: 32 bytes.
const FILE_NAME: &str = "identity.key";

/// The relay's key pair.
#[derive(Clone)]
pub(crate) struct Identity {
    key: SigningKey,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?}, secret ***)", self.public())
    }
}

impl Identity {
    /// Reads the key, or makes one at the first start.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or is not a key.
    pub(crate) fn open(data: &Path) -> Result<Self> {
        let path = data.join(FILE_NAME);
        match fs::read(&path) {
            Ok(bytes) => {
                let Ok(bytes) = <[u8; 32]>::try_from(bytes.as_slice()) else {
                    bail!("{} is not an identity key (32 bytes)", path.display());
                };
                Ok(Self { key: SigningKey::from_bytes(&bytes) })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(data, &path),
            Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
        }
    }

    /// The public key.
    pub(crate) fn public(&self) -> RelayKey {
        RelayKey::from_bytes(self.key.verifying_key().to_bytes())
    }

    /// A half-written key must never be taken for one: the file gets its name once it is whole and on disk.
    fn make(data: &Path, path: &Path) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).context("draw a key")?;
        let fresh: PathBuf = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh).with_context(|| format!("write {}", fresh.display()))?;
        file.write_all(&secret)
            .and_then(|()| file.sync_all())
            .with_context(|| format!("write {}", fresh.display()))?;
        fs::rename(&fresh, path).with_context(|| format!("write {}", path.display()))?;
        #[cfg(unix)]
        File::open(data)
            .and_then(|folder| folder.sync_all())
            .with_context(|| format!("sync {}", data.display()))?;
        Ok(Self { key: SigningKey::from_bytes(&secret) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Identity::open(folder.path()).unwrap();
        let second = Identity::open(folder.path()).unwrap();
        assert_eq!(first.public(), second.public());
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &fs::metadata(folder.path().join(FILE_NAME)).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_is_an_error_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE_NAME), b"half a ke").unwrap();
        assert!(Identity::open(folder.path()).is_err());
        assert_eq!(fs::read(folder.path().join(FILE_NAME)).unwrap(), b"half a ke");
    }
}
