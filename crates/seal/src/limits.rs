//! Named limits of what is sealed, each with its reason.

/// Bytes of one record's payload. The longest statements are decisions and comments; 64 KiB is some 20 printed pages.
pub const RECORD_PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a body's content once decompressed: four times the largest body, so that a body made to explode stops
/// here and not at the end of memory.
pub const CONTENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Changes in one entry: what one command or 150 ms of typing can produce, an import of a large plan included.
pub const CHANGES_PER_ENTRY_MAX: usize = 65_536;

/// Entries that one snapshot may cover: ten times the largest plan that was measured.
pub const COVERED_ENTRIES_MAX: usize = 1_000_000;

/// Bytes of the reason in a drop.
pub const DROP_REASON_BYTES_MAX: usize = 1024;

/// Relays that an invitation link may name, so that it stays short enough for a mail and a QR code.
pub const LINK_RELAYS_MAX: usize = 8;

/// Bytes of one relay's address.
pub const RELAY_URL_BYTES_MAX: usize = 200;

/// Admission keys that an invitation link may name; a knock is sealed to each of them.
pub const ADMISSION_KEYS_MAX: usize = 8;

/// Bytes of each text in a newcomer's profile: names, not stories.
pub const PROFILE_TEXT_BYTES_MAX: usize = 200;

/// Bytes of a sealed profile: [`ADMISSION_KEYS_MAX`] recipients, the longest texts, padding.
pub const SEALED_PROFILE_BYTES_MAX: usize = 10 * 1024;

/// Bytes of a sealed presence frame, as the protocol carries it.
pub const PRESENCE_FRAME_BYTES_MAX: usize = 4096;

/// Bytes of a presence frame's payload: what fits a frame after padding and signature.
pub const PRESENCE_PAYLOAD_BYTES_MAX: usize = 3584;

/// Bytes of a local blob: a checkpoint of the largest document that a body can carry.
pub const LOCAL_BLOB_BYTES_MAX: usize = CONTENT_BYTES_MAX;
