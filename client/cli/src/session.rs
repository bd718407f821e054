//! A plan opened for one command: its replica, the store, the locks that this process holds.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use rand::SeedableRng as _;
use rand::rngs::{StdRng, SysRng};
use samverka_log::SpaceId;
use samverka_plan::{Command, EntityRef, Language, Outcome, Workspace};
use samverka_replica::{Effect, Event, Opening, Replica, drive_store};
use samverka_store_sqlite::SqliteStore;

use crate::args::Arguments;
use crate::home::{Home, Person, SlotLock};
use crate::output::{Output, talk};
use crate::values::now_ms;

/// A plan opened for one command.
pub(crate) struct Session {
    pub(crate) person: Person,
    pub(crate) store: SqliteStore,
    pub(crate) replica: Replica,
    pub(crate) rng: StdRng,
    pub(crate) output: Output,
    /// What the replica told since it was last looked at.
    pub(crate) events: Vec<Event>,
    _slot: SlotLock,
    _membership: Option<SlotLock>,
}

/// Randomness of the system, behind a generator that never fails.
pub(crate) fn system_rng() -> Result<StdRng> {
    StdRng::try_from_rng(&mut SysRng).context("the system gives no randomness")
}

impl Session {
    /// Opens the plan that is meant.
    pub(crate) fn open(arguments: &Arguments) -> Result<Self> {
        Self::open_with(arguments, false)
    }

    /// Opens the plan that is meant, and holds this device's membership log while it is open.
    pub(crate) fn open_for_membership(arguments: &Arguments) -> Result<Self> {
        Self::open_with(arguments, true)
    }

    fn open_with(arguments: &Arguments, membership: bool) -> Result<Self> {
        let home = Home::at(arguments.home.clone())?;
        let person = home.person()?;
        let store = home.store()?;
        let plan = Home::plan(&store, arguments.plan.as_deref())?;
        Self::open_space(&home, person, store, plan.space, membership, Output { json: arguments.json })
    }

    fn open_space(
        home: &Home,
        person: Person,
        store: SqliteStore,
        space: SpaceId,
        membership: bool,
        output: Output,
    ) -> Result<Self> {
        let held = if membership { Some(home.take_membership(space)?) } else { None };
        let slot = home.take_slot(space)?;
        let keys = Home::keys(&store, space)?;
        let mut replica = Replica::open(Opening { space, keys, slot: slot.slot });
        if let Some(token) = Home::token(&store, space)? {
            replica.set_hosting_token(token);
        }
        let rng = system_rng()?;
        let mut session =
            Self { person, store, replica, rng, output, events: Vec::new(), _slot: slot, _membership: held };
        session.drive()?;
        // What reading the plan back told is no news.
        session.events.clear();
        Ok(session)
    }

    /// Wraps a replica that was just made.
    pub(crate) fn with(
        person: Person,
        store: SqliteStore,
        replica: Replica,
        slot: SlotLock,
        rng: StdRng,
        output: Output,
    ) -> Self {
        Self { person, store, replica, rng, output, events: Vec::new(), _slot: slot, _membership: None }
    }

    /// Carries out what the replica asks of the store; answers the other effects.
    pub(crate) fn drive(&mut self) -> Result<Vec<Effect>> {
        let effects = drive_store(&mut self.replica, &mut self.store, now_ms(), &mut self.rng);
        while let Some(event) = self.replica.poll_event() {
            self.events.push(event);
        }
        if let Some(failure) = self.replica.store_failure() {
            bail!("{failure}");
        }
        Ok(effects)
    }

    /// The plan.
    pub(crate) fn workspace(&self) -> Result<&Workspace> {
        Ok(self.replica.workspace()?)
    }

    pub(crate) const fn language(&self) -> Language {
        self.person.language
    }

    /// Carries out a command: when this returns, it is on disk.
    pub(crate) fn execute(&mut self, command: &Command) -> Result<Outcome> {
        // Writing may take a new key first, and that goes into the membership log.
        let outcome = self.replica.execute(command, now_ms(), &mut self.rng)?;
        self.replica.flush(now_ms(), &mut self.rng)?;
        self.drive()?;
        for remark in &outcome.remarks {
            talk(&format!("note: {remark}"));
        }
        self.keep_title()?;
        Ok(outcome)
    }

    /// Remembers the title, for telling plans apart.
    pub(crate) fn keep_title(&mut self) -> Result<()> {
        if let Ok(workspace) = self.replica.workspace() {
            let title = workspace.text(&EntityRef::meta(), "title", self.person.language.tag());
            Home::keep_title(&mut self.store, self.replica.space(), &title)?;
        }
        Ok(())
    }

    /// The participant that this device's member is.
    pub(crate) fn own_participant(&self) -> Option<String> {
        let member = self.replica.me()?;
        self.replica.workspace().ok()?.participant_of(&member)
    }
}

/// The exit code of a command that did what it should.
pub(crate) const DONE: ExitCode = ExitCode::SUCCESS;
