//! What the examples share: a device and a relay in one process, with nothing between them but frames.
//!
//! The machines are the real ones. A shell with sockets and files does the same things with them: it carries bytes,
//! answers requests to the store, and says what time it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use samverka_log::{RelayKey, SlotId, SpaceId};
use samverka_plan::{Command, Kind, Language, Outcome};
use samverka_replica::{Effect, Joining, Replica, SessionId, Setup, drive_store};
use samverka_room::{
    Budget, Hosting, Incoming, Introduction, PeerId, Reaction, Reception, Room, RoomLimits, Settings,
};
use samverka_seal::{DeviceKeys, InviteLink, Profile};
use samverka_store::{MemoryStore, handle};
use serde_json::{Value as Json, json};

/// The day of the sample workshop, 20 January 2027 at 8.30 in Helsinki.
pub const NOW_MS: u64 = 1_800_426_600_000;

/// The relay's address. Nobody listens there: frames are handed over in this process.
pub const RELAY: &str = "http://relay.example";

/// One person's device.
pub struct Device {
    /// The machine.
    pub replica: Replica,
    store: MemoryStore,
    rng: StdRng,
    session: SessionId,
}

fn profile(role: &str, organisation: &str) -> Profile {
    Profile {
        name: role.to_owned(),
        organisation: organisation.to_owned(),
        role_title: role.to_owned(),
        language: Language::SvFi.tag().to_owned(),
        participant: None,
    }
}

impl Device {
    /// Founds a plan.
    ///
    /// # Errors
    /// Where the machine refuses.
    pub fn found(seed: u64, role: &str, organisation: &str, title: &str) -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let setup = Setup {
            keys: DeviceKeys::make(&mut rng),
            slot: SlotId(1),
            profile: profile(role, organisation),
            title: title.to_owned(),
            relays: vec![RELAY.to_owned()],
        };
        let replica = Replica::found(setup, NOW_MS, &mut rng)?;
        Self::begin(replica, rng, seed)
    }

    /// Comes in by an invitation.
    ///
    /// # Errors
    /// Where the link or the machine refuses.
    pub fn join(seed: u64, role: &str, organisation: &str, link: &str) -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(seed);
        let joining = Joining {
            link: InviteLink::parse(link)?,
            keys: DeviceKeys::make(&mut rng),
            slot: SlotId(1),
            profile: profile(role, organisation),
        };
        let replica = Replica::join(joining, NOW_MS, &mut rng)?;
        Self::begin(replica, rng, seed)
    }

    fn begin(replica: Replica, rng: StdRng, seed: u64) -> Result<Self> {
        let mut device = Self { replica, store: MemoryStore::new(), rng, session: SessionId(seed) };
        device.drive();
        Ok(device)
    }

    /// Carries out a command: when this returns it is in the store.
    ///
    /// # Errors
    /// Where the plan refuses.
    pub fn execute(&mut self, command: &Command) -> Result<Outcome> {
        let outcome = self.replica.execute(command, NOW_MS, &mut self.rng)?;
        self.replica.flush(NOW_MS, &mut self.rng)?;
        self.drive();
        Ok(outcome)
    }

    /// Puts a note on the wall; answers its id.
    ///
    /// # Errors
    /// Where the plan refuses.
    pub fn add_note(&mut self, text: &str) -> Result<String> {
        self.add(Kind::Note, [("text", json!({ "sv": text }))])
    }

    /// Makes a thing; answers its id.
    ///
    /// # Errors
    /// Where the plan refuses.
    pub fn add<const N: usize>(&mut self, kind: Kind, fields: [(&str, Json); N]) -> Result<String> {
        let fields = BTreeMap::from(fields.map(|(field, value)| (field.to_owned(), value)));
        let outcome = self.execute(&Command::Add { kind, id: None, board: None, fields })?;
        Ok(outcome.entities.first().context("something was made")?.id.clone())
    }

    /// Asks the machine with randomness at hand.
    ///
    /// # Errors
    /// What the machine answers.
    pub fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut Replica, &mut StdRng) -> Result<T, samverka_replica::ReplicaError>,
    ) -> Result<T> {
        let answer = ask(&mut self.replica, &mut self.rng)?;
        self.drive();
        Ok(answer)
    }

    /// What the notes say, in order.
    ///
    /// # Errors
    /// Where the plan is not here yet.
    pub fn notes(&self) -> Result<Vec<String>> {
        let mut notes: Vec<String> =
            self.replica.workspace()?.notes(None, Language::SvFi).into_iter().map(|note| note.text).collect();
        notes.sort();
        Ok(notes)
    }

    fn drive(&mut self) -> Vec<Effect> {
        drive_store(&mut self.replica, &mut self.store, NOW_MS, &mut self.rng)
    }
}

/// A relay that carries one plan. It has no type for a key or a text: look at what it is built from.
pub struct Relay {
    room: Room,
    store: MemoryStore,
    settings: Arc<Settings>,
}

impl Relay {
    /// A relay for a plan.
    pub fn new(space: SpaceId) -> Self {
        let settings = Arc::new(Settings {
            relay_key: RelayKey::from_bytes([7; 32]),
            software: "example".to_owned(),
            hosting: Hosting::Open,
            large_bodies: Budget::new(64 << 20),
            limits: RoomLimits::default(),
        });
        Self { room: Room::new(space, Arc::clone(&settings)), store: MemoryStore::new(), settings }
    }

    /// Connects a device, lets both say everything they have to say, and disconnects it.
    ///
    /// # Errors
    /// Where the relay sends the device away.
    pub fn meet(&mut self, device: &mut Device) -> Result<()> {
        let peer = PeerId(device.session.0);
        let mut nonce = [0; 32];
        device.rng.fill(&mut nonce);
        let mut reception = Reception::new(Arc::clone(&self.settings), nonce, NOW_MS);
        device.replica.connect(device.session, RELAY);
        loop {
            let effects = device.drive();
            let mut quiet = effects.is_empty();
            for effect in effects {
                match effect {
                    Effect::Send { frame, .. } => self.take(&mut reception, device, peer, nonce, &frame)?,
                    Effect::Close { reason, .. } => bail!("the device hung up: {reason}"),
                    Effect::Store { .. } => {}
                }
            }
            quiet &= !self.answer(device);
            if quiet {
                break;
            }
        }
        self.room.handle_disconnected(peer, NOW_MS);
        device.replica.handle_disconnected(device.session, NOW_MS);
        device.drive();
        Ok(())
    }

    fn take(
        &mut self,
        reception: &mut Reception,
        device: &mut Device,
        peer: PeerId,
        nonce: [u8; 32],
        frame: &[u8],
    ) -> Result<()> {
        match reception.handle_frame(frame, NOW_MS) {
            Reaction::Send(answer) => {
                device.replica.handle_frame(device.session, &answer, NOW_MS, &mut device.rng);
            }
            Reaction::Open { channel, frame, .. } => {
                let hosts = Arc::from(["relay.example".to_owned()]);
                self.room.handle_connected(peer, Introduction { channel, nonce, hosts }, NOW_MS);
                self.room.handle_frame(peer, Incoming::new(frame), NOW_MS);
            }
            Reaction::Pass { frame, .. } => self.room.handle_frame(peer, Incoming::new(frame), NOW_MS),
            Reaction::Bye { detail, .. } => bail!("the relay hung up: {detail}"),
            Reaction::Nothing | Reaction::Leave { .. } => {}
        }
        Ok(())
    }

    /// Carries out what the room asks; answers whether there was anything.
    fn answer(&mut self, device: &mut Device) -> bool {
        let mut any = false;
        while let Some(effect) = self.room.poll_effect() {
            any = true;
            match effect {
                samverka_room::Effect::Store { id, request } => {
                    let answer = handle(&mut self.store, &request);
                    self.room.handle_stored(id, answer, NOW_MS);
                }
                samverka_room::Effect::Send { peer, frame } => {
                    device.replica.handle_frame(device.session, &frame, NOW_MS, &mut device.rng);
                    let len = u64::try_from(frame.len()).unwrap_or(u64::MAX);
                    self.room.handle_drained(peer, len, NOW_MS);
                }
                samverka_room::Effect::Attached { .. } | samverka_room::Effect::Close { .. } => {}
            }
        }
        any
    }
}

/// Says something; examples talk on stdout.
#[expect(clippy::print_stdout, reason = "an example shows what it does")]
pub fn say(text: &str) {
    println!("{text}");
}
