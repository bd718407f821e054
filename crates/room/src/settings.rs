//! What a room is told by its shell, and the limits that it keeps, each with its reason.

use samverka_log::RelayKey;

use crate::{Budget, Hosting};

/// Bytes that may be on their way to one channel before it has to wait for its socket. Writing to a socket takes
/// microseconds, so this much keeps a fast reader busy, and five hundred readers that never read hold 32 MiB.
pub const CREDIT_BYTES: u64 = 64 * 1024;

/// Bytes beyond [`CREDIT_BYTES`] that answers (acknowledgements, refusals) may add before a channel that does not
/// read is closed: only a client that sends without ever reading gets there.
pub(crate) const UNREAD_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes of entries read from the store at a time for one channel: large enough that streaming 37 MB takes a few
/// hundred reads, small enough to be forgotten when a thousand channels do it.
pub(crate) const READ_BYTES: usize = 128 * 1024;

/// Bytes of entries in one frame that a room makes.
pub(crate) const ENTRIES_FRAME_BYTES: usize = 48 * 1024;

/// Entries in one frame that a room makes.
pub(crate) const ENTRIES_PER_FRAME_MAX: usize = 512;

/// Bytes of accepted entries that may wait for the store in one room; then senders are told to try later.
pub(crate) const PENDING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes of entries that wait for membership operations which have not arrived.
pub(crate) const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Entries that wait for membership operations which have not arrived.
pub(crate) const WAITING_ENTRIES_MAX: usize = 1024;

/// Bytes of membership operations that a channel may bring before it is attached: as many operations as a space can
/// have, of a size that few reach (an epoch for a hundred devices has 11 KB).
pub(crate) const BROUGHT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Entries that a removed device may push in one attachment: weeks of work offline, and no more.
pub(crate) const REMOVED_ENTRIES_MAX: u64 = 4096;

/// Bytes that a removed device may push in one attachment.
pub(crate) const REMOVED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Receipts are passed on and kept at most this often: they say how far somebody has read, which nobody needs at
/// once.
pub(crate) const RECEIPTS_EVERY_MS: u64 = 500;

/// Bytes of receipts that are passed on at a time, unless the first alone has more: half of a channel's credit, so that
/// receipts alone never push a channel that keeps up off the live stream. Every device in a space sends one for whatever
/// somebody writes, each as long as the space has logs, and each goes to all others: thirty people send each other 3 MB
/// in a moment, two hundred 600 MB. The larger the space, the longer a receipt takes.
pub(crate) const RECEIPTS_BYTES_AT_ONCE: usize = 32 * 1024;

/// Bytes of receipts that a room keeps in memory.
pub(crate) const RECEIPTS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Knocks on one invitation: a class of thirty with one link, twice.
pub(crate) const KNOCKS_PER_INVITE_MAX: usize = 64;

/// How long an unanswered knock is kept, whatever it asks for.
pub(crate) const KNOCK_LIFETIME_MS_MAX: u64 = 30 * 24 * 3600 * 1000;

/// Forks of which a room keeps the proof: one for each log would fill it; more than this is somebody's game.
pub(crate) const FORKS_MAX: usize = 256;

/// Channels of one space at a time: every device that a space may have.
pub(crate) const PEERS_MAX: usize = samverka_log::limits::DEVICES_MAX;

/// How long a store that failed is left alone before what is pending is tried again.
pub(crate) const STORE_RETRY_MS: u64 = 1_000;

/// What every room of a relay is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The relay's identity: devices bind their proofs to it.
    pub relay_key: RelayKey,
    /// What the relay calls itself in its welcome.
    pub software: String,
    /// Who may found spaces.
    pub hosting: Hosting,
    /// Memory for large bodies, shared by all rooms.
    pub large_bodies: Budget,
    /// Limits that whoever runs the relay sets.
    pub limits: RoomLimits,
}

/// Limits that whoever runs the relay sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLimits {
    /// Bytes of entries that one space may take.
    pub space_bytes_max: u64,
    /// Logs in one space.
    pub logs_max: usize,
    /// Entries a second that a connection may push on average.
    pub entries_per_second_max: u32,
    /// Bytes a second that a connection may push on average.
    pub bytes_per_second_max: u32,
    /// Channels that a connection may have open.
    pub channels_max: usize,
}

impl Default for RoomLimits {
    fn default() -> Self {
        Self {
            space_bytes_max: 2 << 30,
            logs_max: samverka_log::limits::LOGS_MAX,
            entries_per_second_max: 5_000,
            bytes_per_second_max: 16 << 20,
            channels_max: 64,
        }
    }
}
