//! Named limits of the protocol, each with its reason.

/// Bytes of one frame. Large enough for a whole frontier ([`samverka_log::limits::LOGS_MAX`] logs at 80 bytes) and a
/// good batch of entries, small enough that a few per connection do no harm.
pub const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of a body that travels whole; longer ones travel in parts, so that others get a word in between.
pub const WHOLE_BODY_BYTES_MAX: usize = 128 * 1024;

/// Bytes of one part of a large body.
pub const PART_BYTES_MAX: usize = 64 * 1024;

/// Entries in one frame.
pub const ENTRIES_MAX: usize = 4096;

/// Spaces that one connection attaches to. A person in sixty networks has other worries.
pub const CHANNELS_MAX: usize = 64;

/// Bytes of an ephemeral message: a cursor, a name, a timer's tick.
pub const EPHEMERAL_BYTES_MAX: usize = 4096;

/// Bytes of a detail that goes with a code.
pub const DETAIL_BYTES_MAX: usize = 200;

/// Bytes of the name of a program in a greeting.
pub const SOFTWARE_BYTES_MAX: usize = 64;

/// Bytes of a hosting token.
pub const TOKEN_BYTES_MAX: usize = 128;

/// Bytes of a knock: a sealed profile and its signatures.
pub const KNOCK_BYTES_MAX: usize = 12 * 1024;

/// Knocks that wait in one space: more than come to one meeting.
pub const KNOCKS_MAX: usize = 80;

/// Bytes of a host and port in an address (RFC 1035: a name has 253 at most).
pub const HOST_BYTES_MAX: usize = 260;

/// Bytes of a receipt: a whole frontier, a counter and a signature.
pub const RECEIPT_BYTES_MAX: usize = samverka_log::limits::LOGS_MAX * 80 + 256;

/// Logs that one acknowledgement names: all that a space may have.
pub const ACK_LOGS_MAX: usize = samverka_log::limits::LOGS_MAX;

/// Bytes that a newer version may add to a greeting, and that are passed over here.
pub const GREETING_EXTRA_BYTES_MAX: usize = 1024;

/// Ranges of numbers that one frame asks bodies of: a log is mostly one range, and asks follow each other.
pub const WANTS_MAX: usize = 256;

/// Frames that ask for bodies and may wait for their answers on one channel. With [`WANTS_MAX`] that is about as much
/// memory at the relay as a channel is given for what is on its way to it.
pub const ASKS_MAX: usize = 4;

/// Ranges of numbers that one frame says are lacking.
pub const LACKS_MAX: usize = 256;
