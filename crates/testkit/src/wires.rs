//! Connections as WebSockets are: in order and whole while they last, with delay, and gone all at once.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::StdRng;

/// What comes out of a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival<End> {
    /// A message for one end.
    Message {
        /// Which connection.
        wire: u64,
        /// Who receives it.
        to: End,
        /// The message.
        bytes: Vec<u8>,
    },
    /// The connection is gone; each end learns of it once.
    Broken {
        /// Which connection.
        wire: u64,
        /// Who learns of it.
        to: End,
    },
}

#[derive(Debug)]
struct Wire<End> {
    ends: [End; 2],
    /// When the last message in each direction arrives: nothing overtakes it.
    last_ms: [u64; 2],
}

/// All connections of a simulated world.
#[derive(Debug)]
pub struct Wires<End> {
    wires: BTreeMap<u64, Wire<End>>,
    /// By time of arrival, then in the order of sending.
    under_way: BTreeMap<(u64, u64), Arrival<End>>,
    next_wire: u64,
    next_message: u64,
    delay_ms_max: u64,
    /// How much a direction of a wire carries; none: as much as comes.
    bytes_per_ms: Option<u64>,
}

impl<End: Clone + PartialEq> Wires<End> {
    /// No connections; messages take up to `delay_ms_max` milliseconds.
    pub const fn new(delay_ms_max: u64) -> Self {
        Self {
            wires: BTreeMap::new(),
            under_way: BTreeMap::new(),
            next_wire: 0,
            next_message: 0,
            delay_ms_max,
            bytes_per_ms: None,
        }
    }

    /// Sets how much each direction of every wire carries from here on; none: as much as comes.
    ///
    /// # Panics
    /// Where it is nothing at all.
    pub fn throttle(&mut self, bytes_per_ms: Option<u64>) {
        assert!(bytes_per_ms != Some(0), "a wire that carries nothing is one that is cut");
        self.bytes_per_ms = bytes_per_ms;
    }

    /// Connects two ends.
    pub fn connect(&mut self, a: End, b: End) -> u64 {
        self.next_wire += 1;
        self.wires.insert(self.next_wire, Wire { ends: [a, b], last_ms: [0; 2] });
        self.next_wire
    }

    /// Sends a message from one end; it is lost without a word if the connection is gone, as it would be.
    pub fn send(&mut self, wire: u64, from: &End, bytes: Vec<u8>, now_ms: u64, rng: &mut StdRng) {
        let Some(open) = self.wires.get_mut(&wire) else { return };
        let direction = usize::from(open.ends[0] == *from);
        let takes_ms = self.bytes_per_ms.map_or(0, |speed| bytes.len() as u64 / speed);
        let at = (now_ms + rng.random_range(0..=self.delay_ms_max)).max(open.last_ms[direction]) + takes_ms;
        open.last_ms[direction] = at;
        let to = open.ends[direction].clone();
        self.next_message += 1;
        self.under_way.insert((at, self.next_message), Arrival::Message { wire, to, bytes });
    }

    /// Breaks a connection: what was under way is lost, and both ends learn of it.
    pub fn cut(&mut self, wire: u64, now_ms: u64) {
        let Some(cut) = self.wires.remove(&wire) else { return };
        self.under_way
            .retain(|_, arrival| !matches!(arrival, Arrival::Message { wire: of, .. } if *of == wire));
        for to in cut.ends {
            self.next_message += 1;
            self.under_way.insert((now_ms, self.next_message), Arrival::Broken { wire, to });
        }
    }

    /// The connections that hold.
    pub fn open(&self) -> Vec<u64> {
        self.wires.keys().copied().collect()
    }

    /// The connections of one end that hold.
    pub fn open_of(&self, end: &End) -> Vec<u64> {
        self.wires.iter().filter(|(_, wire)| wire.ends.contains(end)).map(|(id, _)| *id).collect()
    }

    /// The two ends of a connection that holds.
    pub fn ends(&self, wire: u64) -> Option<&[End; 2]> {
        self.wires.get(&wire).map(|wire| &wire.ends)
    }

    /// Whether two ends are connected.
    pub fn open_between(&self, a: &End, b: &End) -> bool {
        self.wires.values().any(|wire| wire.ends.contains(a) && wire.ends.contains(b))
    }

    /// When the next thing arrives.
    pub fn next_ms(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    /// The next thing that has arrived by now.
    pub fn arrive(&mut self, now_ms: u64) -> Option<Arrival<End>> {
        let (at, _) = *self.under_way.keys().next()?;
        if at > now_ms {
            return None;
        }
        self.under_way.pop_first().map(|(_, arrival)| arrival)
    }
}
