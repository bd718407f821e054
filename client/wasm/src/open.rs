//! A plan that is open in one tab: its replica, and what converting takes.

use rand::SeedableRng as _;
use rand::rngs::{StdRng, SysRng};
use samverka_log::{SlotId, SpaceId};
use samverka_plan::{EntityRef, Language, Workspace};
use samverka_replica::{Joining, Opening, Replica, ReplicaError, Setup, Verifier};
use samverka_seal::{DeviceKeys, InviteLink, Profile, RelayUrl};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// When something is asked: the time and the local day, which only the shell knows.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Unix milliseconds.
    pub now_ms: u64,
    /// The day where this device is, as an ISO date.
    pub today: String,
}

/// Who a device belongs to.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their organisation.
    pub organisation: String,
    /// Their title there.
    pub role_title: String,
    /// Their language.
    pub language: Language,
}

impl Person {
    pub(crate) fn profile(&self) -> Profile {
        Profile {
            name: self.name.clone(),
            organisation: self.organisation.clone(),
            role_title: self.role_title.clone(),
            language: self.language.tag().to_owned(),
            participant: None,
        }
    }
}

/// A plan that is open.
pub struct OpenPlan {
    pub(crate) replica: Replica,
    pub(crate) rng: StdRng,
    pub(crate) language: Language,
    /// The check that is under way.
    pub(crate) verifier: Verifier,
    /// New keys, until the worker has taken them to be kept.
    secret: Option<Zeroizing<Vec<u8>>>,
    was_ready: bool,
}

impl OpenPlan {
    /// Founds a plan. Relays are addresses as people type them.
    ///
    /// # Errors
    /// `malformed` for an address or title that cannot be used.
    pub fn found(
        person: &Person,
        title: &str,
        relays: &[String],
        slot: u64,
        now_ms: u64,
    ) -> Result<Self, Failure> {
        let relays = relays.iter().map(|relay| relay_url(relay)).collect::<Result<Vec<_>, _>>()?;
        let mut rng = system_rng()?;
        let keys = DeviceKeys::make(&mut rng);
        let secret = Some(Zeroizing::new(keys.to_secret_bytes().to_vec()));
        let setup =
            Setup { keys, slot: SlotId(slot), profile: person.profile(), title: title.to_owned(), relays };
        let replica = Replica::found(setup, now_ms, &mut rng)?;
        Ok(Self::around(replica, rng, person.language, secret))
    }

    /// Knocks at a plan. `kept` are the keys of an earlier knock there, where they may be used again.
    ///
    /// # Errors
    /// `malformed` for a link that is none.
    pub fn join(
        person: &Person,
        link: &str,
        kept: Option<&[u8]>,
        slot: u64,
        now_ms: u64,
    ) -> Result<Self, Failure> {
        let link = InviteLink::parse(link).map_err(|error| Failure::malformed(&error))?;
        let mut rng = system_rng()?;
        let keys = match kept {
            Some(secret) => keys_from(secret)?,
            None => DeviceKeys::make(&mut rng),
        };
        let secret = Some(Zeroizing::new(keys.to_secret_bytes().to_vec()));
        // Whom the link is meant for is what the newcomer says they are; the admin sees it and confirms.
        let profile = Profile { participant: link.participant, ..person.profile() };
        let replica = Replica::join(Joining { link, keys, slot: SlotId(slot), profile }, now_ms, &mut rng)?;
        Ok(Self::around(replica, rng, person.language, secret))
    }

    /// Opens a plan that is in the store.
    ///
    /// # Errors
    /// `malformed` where the id or the keys are none.
    pub fn open(space: &str, secret: &[u8], slot: u64, language: Language) -> Result<Self, Failure> {
        let space: SpaceId = space.parse().map_err(|error| Failure::malformed(&error))?;
        let keys = keys_from(secret)?;
        let replica = Replica::open(Opening { space, keys, slot: SlotId(slot) });
        Ok(Self::around(replica, system_rng()?, language, None))
    }

    fn around(replica: Replica, rng: StdRng, language: Language, secret: Option<Zeroizing<Vec<u8>>>) -> Self {
        let was_ready = replica.is_ready();
        Self { replica, rng, language, verifier: Verifier::default(), secret, was_ready }
    }

    /// The replica, to be driven.
    pub const fn replica(&mut self) -> &mut Replica {
        &mut self.replica
    }

    /// The replica with the randomness to drive it.
    pub const fn driven(&mut self) -> (&mut Replica, &mut StdRng) {
        (&mut self.replica, &mut self.rng)
    }

    /// New keys, once, to be wrapped and kept.
    pub fn take_secret(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        self.secret.take()
    }

    /// The language of views.
    pub const fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    /// Whether the plan became usable since this was last asked.
    pub fn became_ready(&mut self) -> bool {
        let ready = self.replica.is_ready();
        !core::mem::replace(&mut self.was_ready, ready) && ready
    }

    pub(crate) fn workspace(&self) -> Result<&Workspace, ReplicaError> {
        self.replica.workspace()
    }

    /// The title in the language of views; empty while nothing is here.
    pub(crate) fn title(&self) -> String {
        let title = |workspace: &Workspace| workspace.text(&EntityRef::meta(), "title", self.language.tag());
        self.workspace().map(title).unwrap_or_default()
    }
}

/// What stands in a link: `{plan, relays}`.
///
/// # Errors
/// `malformed`, with what is wrong with it as a sentence.
pub fn invitation(link: &str) -> Result<Json, Failure> {
    let link = InviteLink::parse(link).map_err(|error| Failure::malformed(&error))?;
    let relays: Vec<&str> = link.relays.iter().map(RelayUrl::as_str).collect();
    Ok(json!({ "plan": link.space.to_string(), "relays": relays }))
}

fn relay_url(typed: &str) -> Result<String, Failure> {
    let url: RelayUrl = typed.parse().map_err(|error| Failure::malformed(&error))?;
    Ok(url.as_str().to_owned())
}

fn keys_from(secret: &[u8]) -> Result<DeviceKeys, Failure> {
    let mut bytes = Zeroizing::new([0; DeviceKeys::SECRET_LEN]);
    if secret.len() != bytes.len() {
        return Err(Failure::malformed(&"this device's keys for the plan are damaged"));
    }
    bytes.copy_from_slice(secret);
    Ok(DeviceKeys::from_secret_bytes(&bytes))
}

fn system_rng() -> Result<StdRng, Failure> {
    StdRng::try_from_rng(&mut SysRng).map_err(|error| Failure::internal(&error))
}
