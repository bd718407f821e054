//! The front desk of one connection: greeting, which channel belongs to which space, how fast frames may come.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use samverka_log::SpaceId;
use samverka_protocol::limits::FRAME_BYTES_MAX;
use samverka_protocol::{Code, Frame, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN, negotiate};

use crate::rate::Bucket;
use crate::settings::Settings;

/// One connection, before its frames reach rooms. Knows nothing of what rooms do.
///
/// Give every message to [`Self::handle_frame`], do what it says, and read the next one no sooner than
/// [`Self::ready_at_ms`].
#[derive(Debug)]
pub struct Reception {
    settings: Arc<Settings>,
    nonce: [u8; 32],
    greeted: bool,
    channels: BTreeMap<u32, SpaceId>,
    entries: Bucket,
    bytes: Bucket,
}

/// What a message asks for.
#[derive(Debug)]
pub enum Reaction {
    /// Nothing.
    Nothing,
    /// Send this back.
    Send(Bytes),
    /// Open a channel to a space's room, and hand it the frame.
    Open {
        /// The channel.
        channel: u32,
        /// The space.
        space: SpaceId,
        /// The first frame.
        frame: Frame,
    },
    /// Hand the frame to the room of an open channel.
    Pass {
        /// The channel.
        channel: u32,
        /// The frame.
        frame: Frame,
    },
    /// Close a channel.
    Leave {
        /// The channel.
        channel: u32,
    },
    /// Say goodbye with the reason and end the connection.
    Bye {
        /// Why.
        code: Code,
        /// Why, for people.
        detail: String,
    },
}

impl Reception {
    /// The connection's challenge.
    pub const fn nonce(&self) -> [u8; 32] {
        self.nonce
    }

    /// A new connection, with its challenge.
    pub fn new(settings: Arc<Settings>, nonce: [u8; 32], now_ms: u64) -> Self {
        let limits = settings.limits;
        Self {
            nonce,
            greeted: false,
            channels: BTreeMap::new(),
            entries: Bucket::new(limits.entries_per_second_max, now_ms),
            bytes: Bucket::new(limits.bytes_per_second_max, now_ms),
            settings,
        }
    }

    /// A message arrived.
    pub fn handle_frame(&mut self, message: &[u8], now_ms: u64) -> Reaction {
        self.bytes.take(u64::try_from(message.len()).unwrap_or(u64::MAX), now_ms);
        if message.len() > FRAME_BYTES_MAX {
            return bye(Code::TooLarge, "the frame is over the limit");
        }
        let frame = match Frame::decode(message) {
            Ok(frame) => frame,
            Err(error) => return bye(Code::Malformed, &error.to_string()),
        };
        let count = match &frame {
            Frame::Entries { entries, .. } | Frame::Create { entries, .. } => entries.len(),
            // Each range is a read at least.
            Frame::WantBodies { wants, .. } => wants.len(),
            _ => 0,
        };
        self.entries.take(u64::try_from(count).unwrap_or(u64::MAX), now_ms);
        match frame {
            Frame::Hello { protocol_min, protocol_max, .. } => self.greet(protocol_min, protocol_max),
            _ if !self.greeted => bye(Code::Malformed, "a connection begins with hello"),
            Frame::Ping { token } => Reaction::Send(crate::encode(&Frame::Pong { token })),
            // A frame of a newer version is passed over, whatever it is.
            Frame::Pong { .. } | Frame::Unknown { .. } => Reaction::Nothing,
            Frame::Bye { .. } => bye(Code::GoingAway, ""),
            Frame::Detach { channel } => match self.channels.remove(&channel) {
                Some(_) => Reaction::Leave { channel },
                None => Reaction::Nothing,
            },
            Frame::Attach { channel, space, .. } | Frame::Knock { channel, space, .. } => {
                self.open(channel, space, frame)
            }
            Frame::Create { channel, ref entries, .. } => match entries.first() {
                Some(genesis) => self.open(channel, genesis.header.space(), frame),
                None => bye(Code::Malformed, "a plan begins with its genesis entry"),
            },
            frame => match frame.channel() {
                Some(channel) if self.channels.contains_key(&channel) => Reaction::Pass { channel, frame },
                // It may have been on its way when the channel was closed.
                Some(_) => Reaction::Nothing,
                None => bye(Code::Malformed, "this frame is not for a relay"),
            },
        }
    }

    /// When the next message may be read, in Unix milliseconds.
    pub fn ready_at_ms(&self) -> u64 {
        self.entries.ready_at_ms().max(self.bytes.ready_at_ms())
    }

    fn greet(&mut self, protocol_min: u16, protocol_max: u16) -> Reaction {
        if core::mem::replace(&mut self.greeted, true) {
            return bye(Code::Malformed, "hello was said before");
        }
        let Some(protocol) = negotiate(protocol_min, protocol_max) else {
            let detail =
                format!("this relay speaks protocol versions {PROTOCOL_VERSION_MIN} to {PROTOCOL_VERSION}");
            return bye(Code::Version, &detail);
        };
        Reaction::Send(crate::encode(&Frame::Welcome {
            protocol,
            relay_key: self.settings.relay_key,
            nonce: self.nonce,
            software: self.settings.software.clone(),
        }))
    }

    fn open(&mut self, channel: u32, space: SpaceId, frame: Frame) -> Reaction {
        match self.channels.get(&channel) {
            Some(open) if *open == space => Reaction::Pass { channel, frame },
            Some(_) => bye(Code::Malformed, "the channel belongs to another plan: detach first"),
            None if self.channels.len() >= self.settings.limits.channels_max => {
                bye(Code::TooManyChannels, "")
            }
            None => {
                self.channels.insert(channel, space);
                Reaction::Open { channel, space, frame }
            }
        }
    }
}

fn bye(code: Code, detail: &str) -> Reaction {
    Reaction::Bye { code, detail: detail.to_owned() }
}
