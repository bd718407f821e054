//! Ids and messages that are derived, each under its own domain.

use sha2::{Digest, Sha256};

use crate::{DeviceId, DocumentId, LogId, MemberId, RelayKey, SpaceId};

/// The Automerge actor of one log in one document: nobody can write as somebody else, because the actor follows from
/// the log and the log from the key that signs (design, invariant 5). First 16 bytes of
/// `SHA-256("samverka/actor/v1" ‖ space ‖ document ‖ device ‖ slot)`.
pub fn actor_id(space: SpaceId, document: DocumentId, log: LogId) -> [u8; 16] {
    let hash = Sha256::new_with_prefix(b"samverka/actor/v1")
        .chain_update(space.as_bytes())
        .chain_update(document.as_bytes())
        .chain_update(log.device.as_bytes())
        .chain_update(log.slot.0.to_be_bytes());
    first_16(hash)
}

/// The person whose first device this is, in a space (see [`MemberId`]).
pub fn member_id(space: SpaceId, first_device: DeviceId) -> MemberId {
    let hash = Sha256::new_with_prefix(b"samverka/member/v1")
        .chain_update(space.as_bytes())
        .chain_update(first_device.as_bytes());
    MemberId::from_bytes(first_16(hash))
}

/// What a device signs to attach to a space at a relay: the relay's key, host and nonce are in it, so the answer to
/// one relay's challenge is worth nothing at another.
pub fn attach_message(
    relay: RelayKey,
    host: &str,
    nonce: &[u8; 32],
    space: SpaceId,
    device: DeviceId,
) -> Vec<u8> {
    let host_len = u16::try_from(host.len()).unwrap_or(u16::MAX).to_be_bytes();
    let parts: [&[u8]; 7] = [
        b"samverka/attach/v1\0",
        relay.as_bytes(),
        &host_len,
        host.as_bytes(),
        nonce,
        space.as_bytes(),
        device.as_bytes(),
    ];
    parts.concat()
}

fn first_16(hash: Sha256) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}
