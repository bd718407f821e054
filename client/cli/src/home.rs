//! The home folder: who this device belongs to, one SQLite store for all plans, one lock file for each writer.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rand::TryRng as _;
use samverka_log::{SlotId, SpaceId};
use samverka_plan::Language;
use samverka_seal::DeviceKeys;
use samverka_store::{Store as _, Write};
use samverka_store_sqlite::{OpenOptions, SqliteStore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::args::Arguments;
use crate::output::Output;

/// Where a device's keys are in the store, for each plan.
const DEVICE_KEY: &str = "device";
/// Where a plan's title is remembered, so that plans can be told apart without opening them.
const TITLE_KEY: &str = "title";

/// Where a hosting token is kept.
const TOKEN_KEY: &str = "hosting-token";

/// Where the replica keeps the knock of a device that is not in yet.
const TICKET_KEY: &str = "ticket";
/// Set where this device was turned away.
const REFUSED_KEY: &str = "turned-away";

/// Who this device belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Person {
    /// Their name.
    pub(crate) name: String,
    /// Their organisation.
    pub(crate) organisation: String,
    /// Their title there.
    pub(crate) role: String,
    /// Their language.
    pub(crate) language: Language,
}

impl Person {
    /// How a command prints for them.
    pub(crate) fn output(&self, arguments: &Arguments) -> Output {
        Output { json: arguments.json, language: arguments.language.unwrap_or(self.language) }
    }
}

/// A home folder.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    path: PathBuf,
}

/// A plan in the store.
#[derive(Clone, Debug)]
pub(crate) struct PlanEntry {
    /// The space.
    pub(crate) space: SpaceId,
    /// Its title, as far as it is known.
    pub(crate) title: String,
}

/// A writer's place, held as long as this lives.
pub(crate) struct SlotLock {
    /// The slot.
    pub(crate) slot: SlotId,
    _file: File,
}

/// The membership log of this device in a plan, held as long as this lives.
pub(crate) struct MembershipLock {
    file: File,
    is_copy: bool,
}

impl MembershipLock {
    /// Whether the home was copied or restored since this log was last known to be whole: it may have been written on
    /// from elsewhere.
    pub(crate) const fn is_copy(&self) -> bool {
        self.is_copy
    }

    /// Takes note that a relay has said what this log holds: from here on it is written here.
    pub(crate) fn adopt(&mut self) -> Result<()> {
        sign_as_own(&mut self.file).context("the lock of the membership log cannot be written")?;
        self.is_copy = false;
        Ok(())
    }
}

impl Home {
    pub(crate) fn at(path: Option<PathBuf>) -> Result<Self> {
        let path = match path {
            Some(path) => path,
            None => default_path().context("there is no place for data on this system: say --home DIR")?,
        };
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Sets the device up.
    pub(crate) fn init(&self, person: &Person) -> Result<()> {
        if self.person_path().exists() {
            bail!("{} is set up already", self.path.display());
        }
        fs::create_dir_all(&self.path).with_context(|| format!("{} cannot be made", self.path.display()))?;
        private(&self.path, 0o700)?;
        write_atomically(&self.person_path(), serde_json::to_string_pretty(person)?.as_bytes())?;
        self.store()?;
        Ok(())
    }

    pub(crate) fn person(&self) -> Result<Person> {
        let text = fs::read_to_string(self.person_path()).with_context(|| {
            format!(
                "{} is not set up: run `samverka init --name … --organisation …` first",
                self.path.display()
            )
        })?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} cannot be read", self.person_path().display()))
    }

    pub(crate) fn store(&self) -> Result<SqliteStore> {
        SqliteStore::open(&self.path.join("samverka.db"), &OpenOptions::default())
            .with_context(|| format!("the store in {} cannot be opened", self.path.display()))
    }

    /// All plans, by title.
    pub(crate) fn plans(store: &SqliteStore) -> Result<Vec<PlanEntry>> {
        let mut plans = Vec::new();
        for space in store.spaces()? {
            if store.value(Some(space), DEVICE_KEY)?.is_none() {
                continue;
            }
            let title = store.value(Some(space), TITLE_KEY)?.unwrap_or_default();
            plans.push(PlanEntry { space, title: String::from_utf8_lossy(&title).into_owned() });
        }
        plans.sort_by(|a, b| (&a.title, a.space).cmp(&(&b.title, b.space)));
        Ok(plans)
    }

    /// The plan that is meant: the only one, or by id, beginning of an id, or title.
    pub(crate) fn plan(store: &SqliteStore, wanted: Option<&str>) -> Result<PlanEntry> {
        let plans = Self::plans(store)?;
        let matching: Vec<&PlanEntry> = match wanted {
            None => plans.iter().collect(),
            Some(wanted) => {
                let title = wanted.to_lowercase();
                let same: Vec<&PlanEntry> =
                    plans.iter().filter(|plan| plan.title.to_lowercase() == title).collect();
                let begins = |plan: &&PlanEntry| {
                    let by_title = plan.title.to_lowercase().starts_with(&title);
                    !wanted.is_empty() && (by_title || plan.space.to_string().starts_with(wanted))
                };
                if same.is_empty() { plans.iter().filter(begins).collect() } else { same }
            }
        };
        match (matching.as_slice(), wanted) {
            ([plan], _) => Ok((*plan).clone()),
            ([], None) => {
                bail!("there is no plan here yet: `samverka plan new TITLE`, or `samverka join LINK`")
            }
            ([], Some(wanted)) => bail!("there is no plan {wanted} here: `samverka plan list` shows all"),
            (several, _) => {
                let names: Vec<String> =
                    several.iter().map(|plan| format!("{} ({})", plan.title, plan.space.short())).collect();
                let wanted = wanted.map(|wanted| format!(" {wanted}")).unwrap_or_default();
                bail!("{} plans match{wanted}: {}; say which with --plan", several.len(), names.join(", "))
            }
        }
    }

    pub(crate) fn keys(store: &SqliteStore, space: SpaceId) -> Result<DeviceKeys> {
        let bytes = store.value(Some(space), DEVICE_KEY)?.context("this device has no keys for the plan")?;
        let mut secret = Zeroizing::new([0; DeviceKeys::SECRET_LEN]);
        if bytes.len() != secret.len() {
            bail!("this device's keys for the plan are damaged: restore the store from a backup");
        }
        secret.copy_from_slice(&bytes);
        Ok(DeviceKeys::from_secret_bytes(&secret))
    }

    pub(crate) fn keep_keys(store: &mut SqliteStore, space: SpaceId, keys: &DeviceKeys) -> Result<()> {
        let value = keys.to_secret_bytes().to_vec();
        store.write(&[
            Write::CreateSpace(space),
            Write::Delete { space: Some(space), key: REFUSED_KEY.to_owned() },
            Write::Put { space: Some(space), key: DEVICE_KEY.to_owned(), value },
        ])?;
        Ok(())
    }

    /// Keeps the token for a relay that takes new plans only with one, until the plan is there.
    pub(crate) fn keep_token(store: &mut SqliteStore, space: SpaceId, token: &str) -> Result<()> {
        let value = token.as_bytes().to_vec();
        store.write(&[Write::Put { space: Some(space), key: TOKEN_KEY.to_owned(), value }])?;
        Ok(())
    }

    pub(crate) fn token(store: &SqliteStore, space: SpaceId) -> Result<Option<String>> {
        let value = store.value(Some(space), TOKEN_KEY)?;
        Ok(value.map(|value| String::from_utf8_lossy(&value).into_owned()))
    }

    /// Whether this device has knocked at a plan and is not in yet.
    pub(crate) fn is_joining(store: &SqliteStore, space: SpaceId) -> Result<bool> {
        Ok(store.value(Some(space), TICKET_KEY)?.is_some())
    }

    /// Remembers that this device was turned away at a plan. Relays go on saying no to it until the knock has run out.
    pub(crate) fn keep_refusal(store: &mut SqliteStore, space: SpaceId) -> Result<()> {
        store.write(&[Write::Put { space: Some(space), key: REFUSED_KEY.to_owned(), value: Vec::new() }])?;
        Ok(())
    }

    /// Whether this device was turned away at a plan.
    pub(crate) fn was_refused(store: &SqliteStore, space: SpaceId) -> Result<bool> {
        Ok(store.value(Some(space), REFUSED_KEY)?.is_some())
    }

    pub(crate) fn keep_title(store: &mut SqliteStore, space: SpaceId, title: &str) -> Result<()> {
        if store.value(Some(space), TITLE_KEY)?.as_deref() != Some(title.as_bytes()) {
            let value = title.as_bytes().to_vec();
            store.write(&[Write::Put { space: Some(space), key: TITLE_KEY.to_owned(), value }])?;
        }
        Ok(())
    }

    /// Takes a writer's place in a plan: one that is free, or a new one. Two processes never hold the same, and a copy
    /// of a home takes new ones: the original may be written on, and two logs of one name would be a fork.
    pub(crate) fn take_slot(&self, space: SpaceId) -> Result<SlotLock> {
        let folder = self.slots(space)?;
        let mut names: Vec<PathBuf> =
            fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        names.sort();
        for path in names {
            let slot = path.file_stem().and_then(|name| u64::from_str_radix(name.to_str()?, 16).ok());
            if let Some(slot) = slot.filter(|slot| *slot != 0)
                && let Some(mut file) = try_lock(&path)?
                && is_own(&mut file).with_context(|| format!("{} cannot be read", path.display()))?
            {
                return Ok(SlotLock { slot: SlotId(slot), _file: file });
            }
        }
        loop {
            let slot = rand::rngs::SysRng.try_next_u64().context("the system gives no randomness")?;
            if slot == 0 {
                continue;
            }
            let path = folder.join(format!("{slot:016x}.lock"));
            if let Some(mut file) = try_lock(&path)? {
                sign_as_own(&mut file).with_context(|| format!("{} cannot be written", path.display()))?;
                return Ok(SlotLock { slot: SlotId(slot), _file: file });
            }
        }
    }

    /// Takes a writer's place by its number, in a plan that was just begun.
    pub(crate) fn take_named_slot(&self, space: SpaceId, slot: SlotId) -> Result<SlotLock> {
        let path = self.slots(space)?.join(format!("{:016x}.lock", slot.0));
        let mut file = try_lock(&path)?.context("another process writes in a plan that was just begun")?;
        sign_as_own(&mut file).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(SlotLock { slot, _file: file })
    }

    /// Takes the membership log of this device in a plan; waits while another process has it.
    pub(crate) fn take_membership(&self, space: SpaceId) -> Result<MembershipLock> {
        let path = self.slots(space)?.join("membership");
        let mut file = lock_file(&path)?;
        file.lock().with_context(|| format!("{} cannot be locked", path.display()))?;
        let is_copy = !is_own(&mut file).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(MembershipLock { file, is_copy })
    }

    fn slots(&self, space: SpaceId) -> Result<PathBuf> {
        let folder = self.path.join("slots").join(space.to_string());
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(folder)
    }

    fn person_path(&self) -> PathBuf {
        self.path.join("person.json")
    }
}

fn lock_file(path: &Path) -> Result<File> {
    let opened = File::options().create(true).truncate(false).read(true).write(true).open(path);
    opened.with_context(|| format!("{} cannot be opened", path.display()))
}

/// Whether a lock file is the one that was written here, rather than a copy or a restored one. A new file becomes it.
fn is_own(file: &mut File) -> std::io::Result<bool> {
    let mut written = String::new();
    file.rewind()?;
    file.read_to_string(&mut written)?;
    if written.is_empty() {
        sign_as_own(file)?;
        return Ok(true);
    }
    Ok(written == identity(file)?)
}

/// Writes into a lock file which file it is.
fn sign_as_own(file: &mut File) -> std::io::Result<()> {
    let identity = identity(file)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(identity.as_bytes())?;
    file.sync_all()
}

/// What tells a file from its copies: they are other files, and were made at another time.
fn identity(file: &File) -> std::io::Result<String> {
    let metadata = file.metadata()?;
    let made = metadata.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let made = made.map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    // There the time of making is kept by nothing but the file itself.
    #[cfg(not(unix))]
    let number = 0_u64;
    Ok(format!("{number}-{made}"))
}

fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = lock_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

/// Writes a file so that it is there whole or not at all, whatever happens.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&part)?;
        private(&part, 0o600)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        sync_folder(path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// Makes a new name durable.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// There is no way to ask for it here: a rename is durable when the file system makes it so.
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn private(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

/// The platform's folder for a user's data.
fn default_path() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return Some(set("LOCALAPPDATA")?.join("Samverka"));
    }
    if cfg!(target_os = "macos") {
        return Some(set("HOME")?.join("Library/Application Support/Samverka"));
    }
    Some(set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")))?.join("samverka"))
}
