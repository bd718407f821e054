//! One relay, as a replica sees it: what it has, what it was sent, where the conversation stands.

use std::collections::BTreeMap;

use samverka_log::{Frontier, LogHead, LogId, SignedHeader};
use samverka_protocol::PartAssembler;

use crate::bringing::Bringing;
use crate::effect::RequestId;
use crate::lean::Numbers;

/// The channel that a replica uses on its connections: one space each.
pub(crate) const CHANNEL: u32 = 1;

/// Entries that may be under way to a relay without an acknowledgement.
pub(crate) const IN_FLIGHT_ENTRIES_MAX: u64 = 2_048;

/// How long a relay that has no room, or too much to do, is left alone the first time.
const HOLD_MS: u64 = 1_000;

/// How often that doubles: up to half a minute, so that whoever made room need not wait long.
const HOLD_DOUBLINGS_MAX: u32 = 5;

/// Where the conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Hello is sent; the relay's welcome, with its challenge, is awaited.
    Greeting,
    /// Attach is sent.
    Attaching,
    /// The relay does not know the space, or this device in it; the membership is being brought.
    Creating,
    /// The knock is posted; an admin has to answer.
    Knocking,
    /// Attached; the relay's frontier is awaited.
    Exchanging,
    /// The relay's frontier is known, entries flow both ways.
    Open,
    /// The relay said no. The connection may stay for its reason to be read.
    Refused,
}

/// The challenge of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) relay_key: samverka_log::RelayKey,
    pub(crate) nonce: [u8; 32],
}

/// One connection to one relay.
#[derive(Debug)]
pub(crate) struct Session {
    /// The relay's address, as the plan lists it.
    pub(crate) url: String,
    /// The host and port in it, as the challenge binds them.
    pub(crate) host: String,
    pub(crate) stage: Stage,
    pub(crate) challenge: Option<Challenge>,
    /// What the relay acknowledged or said that it has.
    pub(crate) theirs: Frontier,
    /// `theirs`, and what is under way.
    pub(crate) sent: Frontier,
    /// The first place in the order of arrival that may still have to go there.
    pub(crate) cursor: usize,
    /// Logs that the relay refused entries of on this connection.
    pub(crate) refused: Vec<LogId>,
    /// When it may be sent entries again, where it had no room or too much to do.
    pub(crate) hold_until: Option<u64>,
    /// How often in a row it was left alone.
    pub(crate) held: u32,
    /// Bodies that are being read from the store to be sent.
    pub(crate) reading: Option<RequestId>,
    /// Whether the relay has sent all that it had when asked.
    pub(crate) live: bool,
    /// Whether `Event::Synced` was told since the last time something was missing.
    pub(crate) told_synced: bool,
    /// When to ask again for a space that this device is in and the relay does not know it in yet.
    pub(crate) retry_at: Option<u64>,
    /// Whether the membership was brought there on this connection.
    pub(crate) brought: bool,
    /// What of it is still to be brought.
    pub(crate) bringing: Bringing,
    /// How often it was asked again.
    pub(crate) retries: u32,
    /// The version that the relay speaks.
    pub(crate) protocol: u16,
    /// Whether headers are on their way, most of them without their bodies.
    pub(crate) heading: bool,
    /// Whether `Event::Live` was told.
    pub(crate) told_live: bool,
    /// Bodies that the relay was asked for, by the number of the ask.
    pub(crate) asks: BTreeMap<u32, Numbers>,
    /// The number of the next ask.
    pub(crate) next_ask: u32,
    /// Bodies that the relay does not send.
    pub(crate) not_there: Numbers,
    /// When it may be asked for bodies again, where it had too much to do.
    pub(crate) ask_again_at: Option<u64>,
    /// Large bodies on their way in.
    pub(crate) parts: PartAssembler,
    /// The hash of the frontier in the receipt last sent here.
    pub(crate) receipt_sent: Option<samverka_log::FrontierHash>,
}

impl Session {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            host: host_of(url).to_owned(),
            stage: Stage::Greeting,
            challenge: None,
            theirs: Frontier::new(),
            sent: Frontier::new(),
            cursor: 0,
            refused: Vec::new(),
            hold_until: None,
            held: 0,
            reading: None,
            live: false,
            told_synced: false,
            retry_at: None,
            brought: false,
            bringing: Bringing::default(),
            retries: 0,
            protocol: 1,
            heading: false,
            told_live: false,
            asks: BTreeMap::new(),
            next_ask: 0,
            not_there: Numbers::new(),
            ask_again_at: None,
            parts: PartAssembler::new(),
            receipt_sent: None,
        }
    }

    /// Leaves the relay alone for a while, longer each time until it takes something.
    pub(crate) fn hold(&mut self, now_ms: u64) {
        if self.hold_until.is_none_or(|at| at <= now_ms) {
            self.hold_until = Some(now_ms.saturating_add(HOLD_MS << self.held.min(HOLD_DOUBLINGS_MAX)));
            self.held = self.held.saturating_add(1);
        }
    }

    /// Takes note that the relay has an entry: it sent it. Where what comes before it is under way there and not
    /// acknowledged, nothing is noted: the acknowledgement of that says nothing of this one, so it is to be sent, and
    /// acknowledged, as well.
    pub(crate) fn note_theirs(&mut self, header: &SignedHeader) {
        let fields = header.fields();
        let head = LogHead { next: fields.number + 1, head: header.id() };
        if fields.number != self.theirs.head(&fields.log).next {
            return;
        }
        self.theirs.set(fields.log, head);
        if fields.number == self.sent.head(&fields.log).next {
            self.sent.set(fields.log, head);
        }
    }

    /// Takes note that an entry is under way there.
    pub(crate) fn note_sent(&mut self, header: &SignedHeader) {
        let fields = header.fields();
        if fields.number == self.sent.head(&fields.log).next {
            self.sent.set(fields.log, LogHead { next: fields.number + 1, head: header.id() });
        }
    }

    /// How many entries are under way.
    pub(crate) fn in_flight(&self) -> u64 {
        self.sent.entries().saturating_sub(self.theirs.entries())
    }
}

/// Host and port of an address: what lies between the scheme and the path.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn the_host_is_what_lies_between_scheme_and_path() {
        assert_eq!(host_of("https://rela.example:8443/samverka"), "rela.example:8443");
        assert_eq!(host_of("http://127.0.0.1:80"), "127.0.0.1:80");
        assert_eq!(host_of("rela.example"), "rela.example");
    }
}
