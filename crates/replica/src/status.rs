//! The truth about every change: on this device, at each relay, with the others.
//!
//! Every word here comes from a fact (design, invariant 9): *saved here* from a durable write, *at the relay* from
//! what the relay acknowledged or said it has, *with a member* from that member's own signed receipt. When a relay
//! turns out to have lost something, its status goes back; the entries go there again.

use std::collections::BTreeMap;

use samverka_log::{DeviceId, EntryKind, Frontier, LogId, MemberId};

use crate::Replica;
use crate::session::Stage;
use crate::shelf::EntryState;

/// What one relay is known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayStatus {
    /// Its address.
    pub url: String,
    /// Whether there is a connection that has been let in.
    pub connected: bool,
    /// Entries of this device's space that it lacks, as far as is known.
    pub lacking: u64,
    /// Of those, the ones written on this device.
    pub lacking_own: u64,
    /// When it last answered, in Unix milliseconds.
    pub last_contact_ms: Option<u64>,
    /// Whether it ever told what it has.
    pub known: bool,
}

/// What one device of a member is known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub member: MemberId,
    /// Entries written on this device that it has not said to have.
    pub lacking_own: u64,
    /// Entries, whoever wrote them, that it has not said to have.
    pub lacking: u64,
    /// When it said so, by its own clock, in Unix milliseconds; `None` while it never did.
    pub said_ms: Option<u64>,
}

/// What is where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Entries on this device, durable and whole.
    pub entries_here: u64,
    /// Entries whose headers are on this device and whose bodies are not (yet).
    pub bodyless: u64,
    /// Edits on the screen that are not durable yet.
    pub unsaved: u64,
    /// Entries written on this device that no relay is known to have.
    pub only_here: u64,
    /// Each relay.
    pub relays: Vec<RelayStatus>,
    /// Each device of each other current member.
    pub devices: Vec<DeviceStatus>,
    /// Entries held back until an admin decides.
    pub quarantined: u64,
    /// Entries that this device has no key for yet.
    pub unreadable: u64,
    /// Entries that wait for something that they name.
    pub waiting: u64,
}

/// Where one change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeStatus {
    /// Whether it is durable on this device, with its body.
    pub saved: bool,
    /// The relays that have it.
    pub at_relays: Vec<String>,
    /// The members one of whose devices has it.
    pub with_members: Vec<MemberId>,
}

impl Replica {
    /// What is where, right now.
    pub fn status(&self) -> Status {
        let own_device = self.keys.device();
        let own = |log: &LogId| log.device == own_device;
        let relays = self.relay_status();
        let frontiers: Vec<&Frontier> = self.known_relay_frontiers().map(|(_, frontier)| frontier).collect();
        let count = |wanted: fn(&EntryState) -> bool| {
            let changes = self.shelf.iter().filter(|known| known.header.fields().kind == EntryKind::Change);
            u64::try_from(changes.filter(|known| wanted(&known.state)).count()).unwrap_or(u64::MAX)
        };
        let bodyless = self.shelf.lacking().values().map(std::collections::BTreeSet::len).sum::<usize>();
        let bodyless = u64::try_from(bodyless).unwrap_or(u64::MAX);
        let in_flight = self.shelf.frontier().entries().saturating_sub(self.durable.entries());
        let pending = u64::try_from(self.pending.len()).unwrap_or(u64::MAX);
        Status {
            entries_here: self.durable.entries().saturating_sub(bodyless),
            bodyless,
            unsaved: in_flight + pending,
            only_here: in_none(&self.durable, &frontiers, own),
            relays,
            devices: self.device_status(),
            quarantined: count(|state| matches!(state, EntryState::Quarantined(_))),
            unreadable: count(|state| matches!(state, EntryState::Unreadable)),
            waiting: count(|state| matches!(state, EntryState::Waiting)),
        }
    }

    /// Where one entry is.
    pub fn change_status(&self, log: &LogId, number: u64) -> ChangeStatus {
        let at_relays = self
            .known_relay_frontiers()
            .filter(|(_, frontier)| frontier.covers(log, number))
            .map(|(url, _)| url.to_owned())
            .collect();
        let membership = self.membership();
        let mut with_members: Vec<MemberId> = self
            .receipts
            .values()
            .filter(|receipt| receipt.device != log.device && receipt.frontier.covers(log, number))
            .filter_map(|receipt| membership.member_of(&receipt.device))
            .collect();
        with_members.sort_unstable();
        with_members.dedup();
        let saved = self.durable.covers(log, number) && !self.shelf.lacks_body(log, number);
        ChangeStatus { saved, at_relays, with_members }
    }

    fn relay_status(&self) -> Vec<RelayStatus> {
        let own_device = self.keys.device();
        self.relays()
            .into_iter()
            .map(|url| {
                let session = self.sessions.values().find(|session| session.url == url);
                let connected = session.is_some_and(|session| session.stage == Stage::Open);
                let note = self.relay_notes.get(&url);
                let frontier = session
                    .filter(|_| connected)
                    .map(|session| &session.theirs)
                    .or(note.map(|note| &note.frontier));
                let empty = Frontier::new();
                let (lacking, lacking_own) =
                    lacking(&self.durable, frontier.unwrap_or(&empty), |log| log.device == own_device);
                RelayStatus {
                    url,
                    connected,
                    lacking,
                    lacking_own,
                    last_contact_ms: note.map(|note| note.last_contact_ms),
                    known: frontier.is_some(),
                }
            })
            .collect()
    }

    fn device_status(&self) -> Vec<DeviceStatus> {
        let own_device = self.keys.device();
        let membership = self.membership();
        let others = membership.reader_devices().filter(|(device, _)| *device != own_device);
        others
            .filter_map(|(device, _)| {
                let member = membership.member_of(&device)?;
                let receipt = self.receipts.get(&device);
                let empty = Frontier::new();
                let theirs = receipt.map_or(&empty, |receipt| &receipt.frontier);
                let (lacking, lacking_own) = lacking(&self.durable, theirs, |log| log.device == own_device);
                let said_ms = receipt.map(|receipt| receipt.counter);
                Some(DeviceStatus { device, member, lacking_own, lacking, said_ms })
            })
            .collect()
    }

    /// What each relay is known to have: by the word of this connection, or else as it was remembered.
    fn known_relay_frontiers(&self) -> impl Iterator<Item = (&str, &Frontier)> {
        let live = self.sessions.values().filter(|session| session.stage == Stage::Open);
        let remembered = self.relay_notes.iter().filter(|(url, _)| {
            !self.sessions.values().any(|session| session.stage == Stage::Open && session.url == **url)
        });
        live.map(|session| (session.url.as_str(), &session.theirs))
            .chain(remembered.map(|(url, note)| (url.as_str(), &note.frontier)))
    }
}

/// How many entries of `ours` a replica with `theirs` lacks: all, and those of the logs that `own` holds of.
pub(crate) fn lacking(ours: &Frontier, theirs: &Frontier, own: impl Fn(&LogId) -> bool) -> (u64, u64) {
    ours.missing_in(theirs).iter().fold((0, 0), |(all, mine), range| {
        let count = range.until - range.from;
        (all + count, if own(&range.log) { mine + count } else { mine })
    })
}

/// Entries of this device that are in none of the frontiers.
pub(crate) fn in_none(ours: &Frontier, theirs: &[&Frontier], own: impl Fn(&LogId) -> bool) -> u64 {
    let mut best: BTreeMap<LogId, u64> = BTreeMap::new();
    for frontier in theirs {
        for (log, head) in frontier.iter() {
            let next = best.entry(*log).or_default();
            *next = (*next).max(head.next);
        }
    }
    ours.iter()
        .filter(|(log, _)| own(log))
        .map(|(log, head)| head.next.saturating_sub(best.get(log).copied().unwrap_or(0)))
        .sum()
}
