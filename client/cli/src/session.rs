//! A plan opened for one command: its replica, the store, the locks that this process holds.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use rand::SeedableRng as _;
use rand::rngs::{StdRng, SysRng};
use samverka_log::{MemberId, SlotId, SpaceId};
use samverka_plan::{Command, EntityRef, Kind, Language, Outcome, Workspace};
use samverka_replica::{Effect, Event, Opening, Replica, drive_store_beside};
use samverka_store_sqlite::SqliteStore;

use crate::args::Arguments;
use crate::home::{Home, MembershipLock, Person, PlanEntry, SlotLock};
use crate::output::Output;
use crate::threads::{Threads, together};
use crate::values::now_ms;
use crate::words::Word;

/// A plan opened for one command.
pub(crate) struct Session {
    pub(crate) home: Home,
    pub(crate) person: Person,
    pub(crate) store: SqliteStore,
    pub(crate) replica: Replica,
    pub(crate) rng: StdRng,
    pub(crate) output: Output,
    /// What the replica told since it was last looked at.
    pub(crate) events: Vec<Event>,
    /// The place that this process writes in; none for one that only reads.
    slot: Option<SlotLock>,
    _membership: Option<MembershipLock>,
    /// What is to be sent.
    outbox: Vec<Effect>,
    /// The store's version when it was last read.
    seen_version: i64,
    threads: Threads,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.replica.abandon();
    }
}

/// What a command wants to do with a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Look: nothing is locked, and nothing can be written.
    Read,
    /// Write once and go: this device's membership log is held from reading to writing, since any edit may have to
    /// take a new key first.
    Write,
    /// Stay and talk to relays: the membership log is taken for a moment at a time ([`Session::in_turn`]).
    Stay,
}

/// The log that a process reads under. It is never written: [`Session::execute`] refuses.
const READING: SlotId = SlotId(u64::MAX);

/// Randomness of the system, behind a generator that never fails.
pub(crate) fn system_rng() -> Result<StdRng> {
    StdRng::try_from_rng(&mut SysRng).context("the system gives no randomness")
}

impl Session {
    /// Opens the plan that is meant.
    pub(crate) fn open(arguments: &Arguments, access: Access) -> Result<Self> {
        let home = Home::at(arguments.home.clone())?;
        let person = home.person()?;
        let store = home.store()?;
        let plan = Home::plan(&store, arguments.plan.as_deref())?;
        Self::open_space(home, person, store, plan.space, access, arguments)
    }

    /// Opens every plan on this device in turn, to talk to its relays.
    pub(crate) fn open_each(arguments: &Arguments) -> Result<Vec<Self>> {
        let home = Home::at(arguments.home.clone())?;
        let person = home.person()?;
        let plans = Home::plans(&home.store()?)?;
        let open = |plan: PlanEntry| {
            Self::open_space(home.clone(), person.clone(), home.store()?, plan.space, Access::Stay, arguments)
        };
        plans.into_iter().map(open).collect()
    }

    fn open_space(
        home: Home,
        person: Person,
        store: SqliteStore,
        space: SpaceId,
        access: Access,
        arguments: &Arguments,
    ) -> Result<Self> {
        let output = person.output(arguments);
        let held = if access == Access::Write { Some(home.take_membership(space)?) } else { None };
        let slot = if access == Access::Read { None } else { Some(home.take_slot(space)?) };
        let keys = Home::keys(&store, space)?;
        let writing = slot.as_ref().map_or(READING, |slot| slot.slot);
        let mut replica = Replica::open(Opening { space, keys, slot: writing });
        replica.set_together(together);
        if held.as_ref().is_some_and(MembershipLock::is_copy) {
            replica.distrust_membership_log();
        }
        if let Some(token) = Home::token(&store, space)? {
            replica.set_hosting_token(token);
        }
        // Asked before reading: what is written meanwhile is read again rather than missed.
        let seen_version = store.data_version()?;
        let mut session = Self {
            home,
            person,
            store,
            replica,
            rng: system_rng()?,
            output,
            events: Vec::new(),
            slot,
            _membership: held,
            outbox: Vec::new(),
            seen_version,
            threads: Threads::default(),
        };
        session.drive()?;
        Ok(session)
    }

    /// Wraps a replica that was just made.
    pub(crate) fn with(
        home: Home,
        person: Person,
        store: SqliteStore,
        mut replica: Replica,
        slot: SlotLock,
        rng: StdRng,
        output: Output,
    ) -> Self {
        replica.set_together(together);
        Self {
            home,
            person,
            store,
            replica,
            rng,
            output,
            events: Vec::new(),
            slot: Some(slot),
            _membership: None,
            outbox: Vec::new(),
            // Unlike any version: the first turn looks.
            seen_version: -1,
            threads: Threads::default(),
        }
    }

    /// Carries out what the replica asks of the store. What is to be sent waits in the outbox.
    pub(crate) fn drive(&mut self) -> Result<()> {
        let (replica, store, now_ms) = (&mut self.replica, &mut self.store, now_ms());
        self.outbox.extend(drive_store_beside(replica, store, now_ms, &mut self.rng, &mut self.threads));
        while let Some(event) = self.replica.poll_event() {
            self.events.push(event);
        }
        if let Some(failure) = self.replica.store_failure() {
            bail!("{failure}");
        }
        Ok(())
    }

    /// What is to be sent.
    pub(crate) fn take_outbox(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.outbox)
    }

    /// Takes what other processes of this device have written meanwhile, and holds the membership log while `work` may
    /// write to it: letting somebody in by the open door, taking a new key. No two processes ever write from the same
    /// place of it.
    pub(crate) fn in_turn<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let mut held = self.home.take_membership(self.replica.space())?;
        if held.is_copy() {
            self.replica.distrust_membership_log();
        }
        let version = self.store.data_version()?;
        if self.seen_version != version {
            self.seen_version = version;
            self.replica.handle_store_changed();
            self.drive()?;
        }
        let result = work(self)?;
        if held.is_copy() && self.replica.trusts_membership_log() {
            held.adopt()?;
        }
        Ok(result)
    }

    /// The plan.
    pub(crate) fn workspace(&self) -> Result<&Workspace> {
        Ok(self.replica.workspace()?)
    }

    pub(crate) const fn language(&self) -> Language {
        self.output.language
    }

    /// What a participant is called: by role, or else by the id.
    pub(crate) fn called(&self, participant: &str) -> String {
        let Ok(workspace) = self.workspace() else { return participant.to_owned() };
        let title = workspace.text(
            &EntityRef::new(Kind::Participant, participant),
            "role_title",
            self.language().tag(),
        );
        if title.is_empty() { participant.to_owned() } else { title }
    }

    /// What a member is called: by the name that they gave, their role in the plan, or the beginning of the id.
    pub(crate) fn name_of(&self, member: &MemberId) -> String {
        let Ok(workspace) = self.workspace() else { return member.short() };
        let name =
            workspace.profile(member).map(|profile| profile.name.clone()).filter(|name| !name.is_empty());
        name.or_else(|| Some(self.called(&workspace.participant_of(member)?)))
            .unwrap_or_else(|| member.short())
    }

    /// Carries out a command: when this returns, it is on disk.
    pub(crate) fn execute(&mut self, command: &Command) -> Result<Outcome> {
        if self.slot.is_none() {
            bail!("this command was opened to read: nothing is written");
        }
        let outcome = self.replica.execute(command, now_ms(), &mut self.rng)?;
        self.replica.flush(now_ms(), &mut self.rng)?;
        self.drive()?;
        for remark in &outcome.remarks {
            self.output.talk(Word::Hint, &[remark]);
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
