//! A person's device in this process, as a shell runs it: a replica, its store, a WebSocket to the relay. For benches,
//! which have to see when something reaches the view. It panics where anything goes wrong.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use rand::rngs::StdRng;
use samverka_log::{Role, SlotId};
use samverka_plan::{Command, Kind};
use samverka_replica::{Effect, Event, InviteRequest, Joining, Replica, SessionId, Setup, drive_store};
use samverka_seal::{DeviceKeys, InviteLink, Profile};
use samverka_store::Store;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How often a person with nothing to do looks around.
const LOOK: Duration = Duration::from_secs(1);
/// Frames that are taken together at most.
const BATCH_MAX: usize = 1_024;
const SESSION: SessionId = SessionId(1);

/// A person's device.
pub struct Person<S> {
    /// The plan as it is there.
    pub replica: Replica,
    /// Where it is kept.
    pub store: S,
    /// The device's keys.
    pub keys: DeviceKeys,
    /// Randomness, from the person's number.
    pub rng: StdRng,
    /// When something was last handed to the socket, since 1970.
    pub last_sent: Duration,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    synced: bool,
}

impl<S: Store> Person<S> {
    /// Founds a plan that `relay` (its address as people type it) is to carry.
    ///
    /// # Panics
    /// Where the store fails.
    pub fn found(store: S, relay: &str) -> Self {
        let (keys, mut rng) = identity(0);
        let setup = Setup {
            keys: keys.clone(),
            slot: SlotId(1),
            profile: profile(0),
            title: "Ingen ensam".to_owned(),
            relays: vec![relay.to_owned()],
        };
        let replica = Replica::found(setup, now_ms(), &mut rng).expect("a plan");
        Self::with(store, replica, keys, rng)
    }

    /// Comes in by a link, as the person with this number.
    ///
    /// # Panics
    /// Where the store fails.
    pub fn join(store: S, number: u8, link: &InviteLink) -> Self {
        let (keys, mut rng) = identity(number);
        let joining =
            Joining { link: link.clone(), keys: keys.clone(), slot: SlotId(1), profile: profile(number) };
        let replica = Replica::join(joining, now_ms(), &mut rng).expect("a link");
        Self::with(store, replica, keys, rng)
    }

    fn with(store: S, replica: Replica, keys: DeviceKeys, rng: StdRng) -> Self {
        let last_sent = Duration::ZERO;
        let mut person = Self { replica, store, keys, rng, last_sent, socket: None, synced: false };
        assert!(person.drive().is_empty(), "nothing is to be sent yet");
        person
    }

    /// Opens the door for an hour and makes a link that many may come by.
    ///
    /// # Panics
    /// Where this is no admin's device.
    pub fn open_door(&mut self) -> InviteLink {
        let hour = now_ms() + 3_600_000;
        let request = InviteRequest { role: Role::Editor, expires_at_ms: hour, uses: 64, participant: None };
        let invitation = self.replica.invite(&request, now_ms(), &mut self.rng).expect("an admin may");
        self.replica.open_door(hour, now_ms(), &mut self.rng).expect("an admin may");
        InviteLink::parse(&invitation.link.expect("it was made here")).expect("a link")
    }

    /// Connects.
    ///
    /// # Panics
    /// Where the relay does not listen.
    pub async fn connect(&mut self, relay: &str) {
        let url = format!("{}/sync", relay.replace("http://", "ws://"));
        let (mut socket, _) = connect_async(url).await.expect("the relay listens");
        if let MaybeTlsStream::Plain(stream) = socket.get_mut() {
            stream.set_nodelay(true).expect("a socket");
        }
        self.socket = Some(socket);
        self.synced = false;
        self.replica.connect(SESSION, relay);
        self.carry_out().await;
    }

    /// Goes offline.
    ///
    /// # Panics
    /// Where the store fails.
    pub fn disconnect(&mut self) {
        self.socket = None;
        self.replica.handle_disconnected(SESSION, now_ms());
        assert!(self.drive().is_empty(), "there is nowhere to send to");
    }

    /// Whether it is in and has been brought up to date, and the relay too.
    pub fn is_synced(&self) -> bool {
        self.synced && self.replica.is_ready()
    }

    /// Stays until the relay has everything that was written until now.
    ///
    /// # Panics
    /// Where the connection breaks.
    pub async fn sync(&mut self) {
        self.synced = false;
        while !self.is_synced() {
            self.turn(Instant::now() + LOOK).await;
        }
    }

    /// Waits for frames, for what the replica has to do, or until then; takes in what has come, shows it, and carries
    /// out what follows from it. Answers what the replica had to tell, and when what had come could be seen: before it
    /// was durable here, as the replica allows.
    ///
    /// # Panics
    /// Where the connection breaks, or the relay refuses something.
    pub async fn turn(&mut self, until: Instant) -> (Vec<Event>, Duration) {
        let due = self.replica.poll_timeout().map(at_ms);
        let wake = due.into_iter().chain([until, Instant::now() + LOOK]).min().expect("there is one");
        let socket = self.socket.as_mut().expect("it is connected");
        let mut received = tokio::select! {
            biased;
            received = socket.next() => Some(received),
            () = sleep_until(wake) => None,
        };
        let mut taken = 0;
        while let Some(message) = received {
            let message = message.expect("the relay goes on").expect("the connection holds");
            if let Message::Binary(frame) = message {
                self.replica.handle_frame(SESSION, &frame, now_ms(), &mut self.rng);
            }
            taken += 1;
            // What has come meanwhile goes in together.
            let socket = self.socket.as_mut().expect("it is connected");
            received = if taken < BATCH_MAX { socket.next().now_or_never() } else { None };
        }
        self.replica.handle_timeout(now_ms(), &mut self.rng);
        let mut events = self.events();
        let seen = since_epoch();
        self.carry_out().await;
        events.extend(self.events());
        (events, seen)
    }

    /// Writes a note. It is sealed and sent by a later turn.
    ///
    /// # Panics
    /// Where this person may not write.
    pub fn write_note(&mut self, text: &str) -> String {
        let text = BTreeMap::from([("text".to_owned(), json!({ "sv": text }))]);
        let command = Command::Add { kind: Kind::Note, id: None, board: None, fields: text };
        let outcome = self.replica.execute(&command, now_ms(), &mut self.rng).expect("an editor may");
        outcome.entities.first().expect("a note").id.clone()
    }

    /// What the replica has to tell.
    ///
    /// # Panics
    /// Where the relay refused something, or the store failed.
    pub fn events(&mut self) -> Vec<Event> {
        let events: Vec<Event> = std::iter::from_fn(|| self.replica.poll_event()).collect();
        for event in &events {
            match event {
                Event::Synced(_) => self.synced = true,
                Event::Refused { reason, .. } | Event::StoreFailed { reason } => panic!("{reason}"),
                _ => {}
            }
        }
        events
    }

    /// Carries out what concerns the store; answers the rest.
    pub fn drive(&mut self) -> Vec<Effect> {
        drive_store(&mut self.replica, &mut self.store, now_ms(), &mut self.rng)
    }

    async fn carry_out(&mut self) {
        let effects = self.drive();
        let Some(socket) = &mut self.socket else { return };
        let mut sent = false;
        for effect in effects {
            match effect {
                Effect::Send { frame, .. } => {
                    socket.feed(Message::binary(frame)).await.expect("the connection holds");
                    sent = true;
                }
                Effect::Close { reason, .. } => panic!("{reason}"),
                Effect::Store { .. } => {}
            }
        }
        if sent {
            socket.flush().await.expect("the connection holds");
            self.last_sent = since_epoch();
        }
    }
}

/// Unix milliseconds.
///
/// # Panics
/// Where the clock is before 1970.
pub fn now_ms() -> u64 {
    u64::try_from(since_epoch().as_millis()).expect("this age")
}

/// The time since 1970.
///
/// # Panics
/// Where the clock is before 1970.
pub fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock of this age")
}

/// When a time since 1970 comes; to the microsecond, since half a millisecond more each time would show.
fn at_ms(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms).saturating_sub(since_epoch())
}

fn identity(number: u8) -> (DeviceKeys, StdRng) {
    let mut rng = samverka_testkit::rng(u64::from(number));
    (DeviceKeys::make(&mut rng), rng)
}

fn profile(number: u8) -> Profile {
    Profile {
        name: format!("Person {number}"),
        organisation: "Lindsunds skola".to_owned(),
        role_title: "Klasslärare".to_owned(),
        language: "sv-FI".to_owned(),
        participant: None,
    }
}
