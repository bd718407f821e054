//! Requests to the store and their answers as plain JavaScript objects. `store.ts` has the other side of each shape.
//!
//! Ids cross as bytes, because IndexedDB keeps them as keys that way; numbers as numbers: logs and arrivals stay far
//! below 2^53. What can be said against a request without a database is said here, before it crosses.

use js_sys::{Array, Object, Reflect, Uint8Array};
use samverka_log::{
    DeviceId, Entry, EntryId, Frontier, LogHead, LogId, LogRange, SignedHeader, SlotId, SpaceId,
};
use samverka_store::{Arrival, Reply, Request, StoreError, Write, check_run, check_write};
use wasm_bindgen::prelude::*;

/// The largest whole number that JavaScript keeps exactly.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// A request as an object for the store.
pub(crate) fn request_to_js(request: &Request) -> Result<JsValue, StoreError> {
    Ok(match request {
        Request::Write(batch) => {
            let writes = batch.iter().map(write_to_js).collect::<Result<Array, _>>()?;
            object("write", &[("writes", writes.into())])
        }
        Request::Spaces => object("spaces", &[]),
        Request::Frontier { space } => object("frontier", &[("space", space_to_js(Some(*space)))]),
        Request::EntriesOfLog { space, log, from, max_entries, max_bytes } => object(
            "log",
            &[
                ("space", space_to_js(Some(*space))),
                ("log", log_to_js(log)),
                ("from", number(*from)),
                ("max_entries", size(*max_entries)),
                ("max_bytes", size(*max_bytes)),
            ],
        ),
        Request::EntriesByArrival { space, after, max_bytes } => object(
            "arrivals",
            &[
                ("space", space_to_js(Some(*space))),
                ("after", number(after.0)),
                ("max_bytes", size(*max_bytes)),
            ],
        ),
        Request::Bodyless { space, from, max_ranges } => object(
            "bodyless",
            &[
                ("space", space_to_js(Some(*space))),
                ("log", from.map_or(JsValue::NULL, |(log, _)| log_to_js(&log))),
                ("from", number(from.map_or(0, |(_, number)| number))),
                ("max_ranges", size(*max_ranges)),
            ],
        ),
        Request::Value { space, key } => {
            object("value", &[("space", space_to_js(*space)), ("key", key.as_str().into())])
        }
        Request::Values { space, prefix } => {
            object("values", &[("space", space_to_js(*space)), ("prefix", prefix.as_str().into())])
        }
    })
}

fn write_to_js(write: &Write) -> Result<JsValue, StoreError> {
    check_write(write)?;
    Ok(match write {
        Write::CreateSpace(space) => object("create_space", &[("space", space_to_js(Some(*space)))]),
        Write::Append { space, log, expect, entries } => {
            let head = check_run(*space, *log, *expect, entries)?;
            if head.next > EXACT_MAX {
                return Err(StoreError::Malformed("a log is as long as can be"));
            }
            let entries: Array = entries.iter().map(entry_to_js).collect();
            object(
                "append",
                &[
                    ("space", space_to_js(Some(*space))),
                    ("log", log_to_js(log)),
                    ("expect_next", number(expect.next)),
                    ("expect_head", bytes(expect.head.as_bytes())),
                    ("next", number(head.next)),
                    ("head", bytes(head.head.as_bytes())),
                    ("entries", entries.into()),
                ],
            )
        }
        Write::Put { space, key, value } => object(
            "put",
            &[("space", space_to_js(*space)), ("key", key.as_str().into()), ("value", bytes(value))],
        ),
        Write::Delete { space, key } => {
            object("delete", &[("space", space_to_js(*space)), ("key", key.as_str().into())])
        }
        Write::Fill { space, entries } => {
            let filled = |entry: &Entry| {
                let item = entry_to_js(entry);
                set(item.unchecked_ref(), "log", &log_to_js(&entry.header.fields().log));
                item
            };
            let entries: Array = entries.iter().map(filled).collect();
            object("fill", &[("space", space_to_js(Some(*space))), ("entries", entries.into())])
        }
        Write::DropBodies { space, document } => object(
            "drop_bodies",
            &[("space", space_to_js(Some(*space))), ("document", bytes(document.as_bytes()))],
        ),
        Write::RemoveSpace(space) => object("remove_space", &[("space", space_to_js(Some(*space)))]),
    })
}

fn entry_to_js(entry: &Entry) -> JsValue {
    let fields = entry.header.fields();
    let item = Object::new();
    set(&item, "number", &number(fields.number));
    set(&item, "document", &bytes(fields.document.as_bytes()));
    set(&item, "header", &bytes(entry.header.bytes()));
    set(&item, "body", &entry.body.as_ref().map_or(JsValue::NULL, |body| bytes(body)));
    item.into()
}

/// The store's answer, read from the object that it gave.
pub(crate) fn reply_from_js(reply: &JsValue) -> Result<Reply, StoreError> {
    let kind = text(reply, "type")?;
    Ok(match kind.as_str() {
        "written" => Reply::Written,
        "spaces" => {
            Reply::Spaces(items(reply)?.iter().map(|space| space_from(&space)).collect::<Result<_, _>>()?)
        }
        "frontier" => {
            let mut frontier = Frontier::new();
            for item in items(reply)?.iter() {
                frontier.set(log_from(&field(&item, "log")?)?, head_from(&item)?);
            }
            Reply::Frontier(frontier)
        }
        "entries" => Reply::Entries(entries_from_js(&items(reply)?)?),
        "arrivals" => {
            let items = items(reply)?;
            let arrival = |item: &JsValue| Ok(Arrival(whole(&field(item, "arrival")?)?));
            let entry = |item: &JsValue| Ok((arrival(item)?, entry_from(item)?));
            Reply::Arrived(items.iter().map(|item| entry(&item)).collect::<Result<_, _>>()?)
        }
        "bodyless" => {
            let range = |item: &JsValue| {
                Ok(LogRange {
                    log: log_from(&field(item, "log")?)?,
                    from: whole(&field(item, "from")?)?,
                    until: whole(&field(item, "until")?)?,
                })
            };
            Reply::Bodyless(items(reply)?.iter().map(|item| range(&item)).collect::<Result<_, _>>()?)
        }
        "value" => {
            let value = field(reply, "value")?;
            Reply::Value(if value.is_null() { None } else { Some(bytes_from(&value)?) })
        }
        "values" => {
            let pair = |item: &JsValue| Ok((text(item, "key")?, bytes_from(&field(item, "value")?)?));
            Reply::Values(items(reply)?.iter().map(|item| pair(&item)).collect::<Result<_, _>>()?)
        }
        "conflict" => {
            return Err(StoreError::Conflict {
                space: space_from(&field(reply, "space")?)?,
                log: log_from(&field(reply, "log")?)?,
                stored: head_from(reply)?,
            });
        }
        "full" => return Err(StoreError::Full),
        "closed" => return Err(StoreError::Closed),
        "newer" => {
            return Err(StoreError::NewerVersion {
                found: signed(reply, "found")?,
                known: signed(reply, "known")?,
            });
        }
        _ => return Err(failed(text(reply, "reason").unwrap_or(kind))),
    })
}

/// Entries as the store gives them: `{header, body}`.
pub(crate) fn entries_from_js(items: &Array) -> Result<Vec<Entry>, StoreError> {
    items.iter().map(|item| entry_from(&item)).collect()
}

fn entry_from(item: &JsValue) -> Result<Entry, StoreError> {
    let header = SignedHeader::parse(&bytes_from(&field(item, "header")?)?)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let body = field(item, "body")?;
    let body = if body.is_null() || body.is_undefined() { None } else { Some(bytes_from(&body)?) };
    Ok(Entry { header, body })
}

fn head_from(item: &JsValue) -> Result<LogHead, StoreError> {
    Ok(LogHead {
        next: whole(&field(item, "next")?)?,
        head: EntryId::from_bytes(array(&field(item, "head")?)?),
    })
}

fn space_from(value: &JsValue) -> Result<SpaceId, StoreError> {
    Ok(SpaceId::from_bytes(array(value)?))
}

fn log_from(value: &JsValue) -> Result<LogId, StoreError> {
    let bytes: [u8; 40] = array(value)?;
    let (mut device, mut slot) = ([0; 32], [0; 8]);
    device.copy_from_slice(&bytes[..32]);
    slot.copy_from_slice(&bytes[32..]);
    Ok(LogId { device: DeviceId::from_bytes(device), slot: SlotId(u64::from_be_bytes(slot)) })
}

fn log_to_js(log: &LogId) -> JsValue {
    let mut key = [0; 40];
    key[..32].copy_from_slice(log.device.as_bytes());
    key[32..].copy_from_slice(&log.slot.0.to_be_bytes());
    bytes(&key)
}

/// The store itself has no space: no bytes.
fn space_to_js(space: Option<SpaceId>) -> JsValue {
    space.map_or_else(|| bytes(&[]), |space| bytes(space.as_bytes()))
}

pub(crate) fn bytes(value: &[u8]) -> JsValue {
    Uint8Array::from(value).into()
}

/// An object with its `type`.
pub(crate) fn object(kind: &str, fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    set(&object, "type", &kind.into());
    for (name, value) in fields {
        set(&object, name, value);
    }
    object.into()
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a field of a fresh plain object cannot fail: it has no setters and is not frozen.
    let _set = Reflect::set(object, &name.into(), value);
}

/// A number that fits; a larger one is as good as the largest that does, since it only bounds what is read.
#[expect(clippy::cast_precision_loss, reason = "the value is below 2^53, which f64 holds exactly")]
pub(crate) fn number(value: u64) -> JsValue {
    JsValue::from_f64(value.min(EXACT_MAX) as f64)
}

fn size(value: usize) -> JsValue {
    number(u64::try_from(value).unwrap_or(u64::MAX))
}

fn field(object: &JsValue, name: &str) -> Result<JsValue, StoreError> {
    Reflect::get(object, &name.into()).map_err(|_| failed(format!("the store's answer has no {name}")))
}

fn text(object: &JsValue, name: &str) -> Result<String, StoreError> {
    field(object, name)?.as_string().ok_or_else(|| failed(format!("the store's {name} is no text")))
}

fn items(object: &JsValue) -> Result<Array, StoreError> {
    field(object, "items")?
        .dyn_into::<Array>()
        .map_err(|_| failed("the store's items are no list".to_owned()))
}

fn bytes_from(value: &JsValue) -> Result<Vec<u8>, StoreError> {
    value
        .dyn_ref::<Uint8Array>()
        .map(Uint8Array::to_vec)
        .ok_or_else(|| StoreError::Corrupt("what is stored is not bytes".to_owned()))
}

fn array<const N: usize>(value: &JsValue) -> Result<[u8; N], StoreError> {
    let bytes = bytes_from(value)?;
    bytes.try_into().map_err(|_| StoreError::Corrupt("a stored id has another length".to_owned()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, not negative and below 2^53: the line before says so"
)]
fn whole(value: &JsValue) -> Result<u64, StoreError> {
    let number = value
        .as_f64()
        .filter(|number| number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(number));
    number
        .map(|number| number as u64)
        .ok_or_else(|| StoreError::Corrupt("a stored number is none".to_owned()))
}

fn signed(object: &JsValue, name: &str) -> Result<i64, StoreError> {
    Ok(i64::try_from(whole(&field(object, name)?)?).unwrap_or(i64::MAX))
}

fn failed(reason: String) -> StoreError {
    StoreError::io(std::io::Error::other(reason))
}
