//! Named limits of the format, each with its reason. Hitting one is a named error, never a truncation.

/// Heads of a document that an entry may name in `after`: what its one-byte count can say. More heads than this exist
/// only after hundreds of writers were apart at once.
pub const AFTER_MAX: usize = 255;

/// Membership heads that an entry may name. Sixteen admins acting apart at the same time is beyond any real plan;
/// where it happens all the same, an entry names those that its author needs (`Resolver::heads`).
pub const MEMBERSHIP_HEADS_MAX: usize = 16;

/// Extensions in one header: room for the future, too few to be a burden.
pub const EXTENSIONS_MAX: usize = 8;

/// Bytes of one extension.
pub const EXTENSION_BYTES_MAX: usize = 1024;

/// Bytes of a whole header with its signature, given the limits above.
pub const HEADER_BYTES_MAX: usize = 16 * 1024;

/// Bytes of one sealed body. A snapshot of a plan with 100,000 changes is 0.26 MB, so this is ample, and a relay can
/// hold a few of them in memory without harm.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes of a membership operation's body: an epoch for [`DEVICES_MAX`] recipients fits.
pub const MEMBERSHIP_BODY_BYTES_MAX: usize = 1024 * 1024;

/// Devices that a space may have had, removed ones included.
pub const DEVICES_MAX: usize = 4096;

/// Logs (device slots) in one space, so that a frontier fits one frame.
pub const LOGS_MAX: usize = 8192;

/// Membership operations that count in one space; the resolver is bounded by it.
pub const MEMBERSHIP_OPERATIONS_MAX: usize = 10_000;

/// Membership operations of one device: a tenth of what a space may have. A device that lets in five hundred people,
/// with a share of the key for each, comes to that.
pub const MEMBERSHIP_LOG_OPERATIONS_MAX: u64 = 1_000;

/// Membership operations that are here and do not count. They take no room from those that do.
pub const MEMBERSHIP_VOID_MAX: usize = 5_000;

/// Membership operations that wait for others, which may never come.
pub const MEMBERSHIP_WAITING_MAX: usize = 10_000;

/// Operations that do not count of which a replica knows just where they were, so that it understands what builds on
/// them. About 100 bytes each.
pub const MEMBERSHIP_FORGOTTEN_MAX: usize = 100_000;
