//! Bodies over the size of a frame travel in parts: put together here, within the shared allowance of memory.

use samverka_log::limits::BODY_BYTES_MAX;
use samverka_log::{Entry, SignedHeader};
use samverka_protocol::Code;

use crate::Budget;
use crate::budget::Share;

/// A large body on its way in.
#[derive(Debug)]
pub(crate) struct Incoming {
    header: SignedHeader,
    total: usize,
    bytes: Vec<u8>,
    _share: Share,
}

/// One part, as its frame says.
pub(crate) struct Part {
    pub(crate) header: Option<SignedHeader>,
    pub(crate) offset: u32,
    pub(crate) total: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Takes the next part of what `slot` holds; answers the entry once it is whole. After an error the slot is empty.
pub(crate) fn take(slot: &mut Option<Incoming>, part: Part, budget: &Budget) -> Result<Option<Entry>, Code> {
    let mut incoming = match (slot.take(), part.header) {
        (Some(incoming), None) => incoming,
        (_, Some(header)) => begin(header, part.total, budget)?,
        (None, None) => return Err(Code::Malformed),
    };
    let continues = usize::try_from(part.offset) == Ok(incoming.bytes.len());
    let fits = part.bytes.len() <= incoming.total.saturating_sub(incoming.bytes.len());
    if !continues || !fits || part.bytes.is_empty() || usize::try_from(part.total) != Ok(incoming.total) {
        return Err(Code::Malformed);
    }
    incoming.bytes.extend_from_slice(&part.bytes);
    if incoming.bytes.len() < incoming.total {
        *slot = Some(incoming);
        return Ok(None);
    }
    Ok(Some(Entry { header: incoming.header, body: Some(incoming.bytes) }))
}

fn begin(header: SignedHeader, total: u32, budget: &Budget) -> Result<Incoming, Code> {
    let claimed = usize::try_from(total).unwrap_or(usize::MAX);
    if claimed > BODY_BYTES_MAX {
        return Err(Code::TooLarge);
    }
    if header.fields().body_length != total {
        return Err(Code::Malformed);
    }
    // Taken whole at the beginning: half a body is worth nothing, so better wait than run dry in the middle.
    let share = budget.take(u64::from(total)).ok_or(Code::Busy)?;
    Ok(Incoming { header, total: claimed, bytes: Vec::new(), _share: share })
}
