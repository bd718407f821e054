//! Frames to bytes and back. One canonical encoding; every length is checked before anything is allocated.

use samverka_log::limits::{HEADER_BYTES_MAX, LOGS_MAX};
use samverka_log::wire::{Reader, WireError, Writer};
use samverka_log::{
    DeviceId, Entry, Frontier, FrontierHash, HeaderError, LogHead, LogId, LogRange, RelayKey, Signature,
    SignedHeader, SpaceId,
};
use thiserror::Error;

use crate::limits::{
    ACK_LOGS_MAX, DETAIL_BYTES_MAX, ENTRIES_MAX, EPHEMERAL_BYTES_MAX, FRAME_BYTES_MAX,
    GREETING_EXTRA_BYTES_MAX, HOST_BYTES_MAX, KNOCK_BYTES_MAX, KNOCKS_MAX, LACKS_MAX, PART_BYTES_MAX,
    RECEIPT_BYTES_MAX, SOFTWARE_BYTES_MAX, TOKEN_BYTES_MAX, WANTS_MAX, WHOLE_BODY_BYTES_MAX,
};
use crate::{Bodies, Code, Frame, KnockState, Lack, LackReason, Rights};

/// The kind of frames with entries, and of those with a part of a body.
pub(crate) const ENTRIES: u8 = 9;
pub(crate) const PART: u8 = 10;

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes end too early or too late.
    #[error("frame: {0}")]
    Wire(#[from] WireError),
    /// The frame is longer than allowed.
    #[error("a frame of {0} bytes is over the limit")]
    TooLong(usize),
    /// A field is longer than allowed.
    #[error("a frame's {0} is over its limit")]
    FieldTooLong(&'static str),
    /// A byte has no meaning.
    #[error("a frame has an unknown {0}")]
    Value(&'static str),
    /// A text is not UTF-8.
    #[error("a frame's text is not UTF-8")]
    Text,
    /// A list is not strictly ascending.
    #[error("a frame's {0} are not in ascending order")]
    Order(&'static str),
    /// A header inside is malformed.
    #[error("frame: {0}")]
    Header(#[from] HeaderError),
}

impl Frame {
    /// The frame's bytes. Fields are within their limits where they come from this program's own types; longer texts
    /// are cut at a character.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_room_for(self.size_about());
        match self {
            Self::Hello { protocol_min, protocol_max, software } => {
                out.u8(1).u16(*protocol_min).u16(*protocol_max);
                text(&mut out, software, SOFTWARE_BYTES_MAX);
            }
            Self::Welcome { protocol, relay_key, nonce, software } => {
                out.u8(2).u16(*protocol).bytes(relay_key.as_bytes()).bytes(nonce);
                text(&mut out, software, SOFTWARE_BYTES_MAX);
            }
            Self::Attach { channel, space, device, host, signature } => {
                out.u8(3).u32(*channel).bytes(space.as_bytes()).bytes(device.as_bytes());
                text(&mut out, host, HOST_BYTES_MAX);
                out.bytes(signature.as_bytes());
            }
            Self::Attached { channel, rights, frontier_hash } => {
                let bits = u8::from(rights.push) | u8::from(rights.fetch) << 1;
                out.u8(4).u32(*channel).u8(bits).bytes(frontier_hash.as_bytes());
            }
            Self::Refused { channel, code, detail } => {
                out.u8(5).u32(*channel).u16(code.number());
                text(&mut out, detail, DETAIL_BYTES_MAX);
            }
            Self::Create { channel, token, entries } => {
                out.u8(6).u32(*channel);
                text(&mut out, token, TOKEN_BYTES_MAX);
                write_entries(&mut out, entries);
            }
            Self::Created { channel } => {
                out.u8(7).u32(*channel).u8(0);
            }
            Self::FrontierIs { channel, frontier, reply, bodies } => {
                let bodies = match bodies {
                    Bodies::All => 0,
                    Bodies::Snapshots => 1,
                    Bodies::Membership => 2,
                };
                out.u8(8).u32(*channel).u8(u8::from(*reply) | bodies << 1);
                write_frontier(&mut out, frontier);
            }
            Self::Entries { channel, entries } => {
                out.u8(ENTRIES).u32(*channel);
                write_entries(&mut out, entries);
            }
            Self::Part { channel, header, offset, total, bytes } => {
                out.u8(PART).u32(*channel).u32(*offset).u32(*total);
                out.block(header.as_ref().map_or(&[], SignedHeader::bytes)).block(bytes);
            }
            Self::Live { channel } => {
                out.u8(11).u32(*channel).u8(0);
            }
            Self::Ack { channel, logs } => {
                out.u8(12).u32(*channel).u32(count(logs.len()));
                for (log, next) in logs {
                    out.log(log);
                    out.u64(*next);
                }
            }
            Self::Reject { channel, log, number, code, detail } => {
                out.u8(13).u32(*channel);
                out.log(log);
                out.u64(*number).u16(code.number());
                text(&mut out, detail, DETAIL_BYTES_MAX);
            }
            Self::Fork { channel, first, second } => {
                out.u8(14).u32(*channel).block(first.bytes()).block(second.bytes());
            }
            Self::Ephemeral { channel, bytes } => {
                out.u8(15).u32(*channel).block(bytes);
            }
            Self::Receipt { channel, receipt } => {
                out.u8(16).u32(*channel).block(receipt);
            }
            Self::Knock { channel, space, knock } => {
                out.u8(17).u32(*channel).bytes(space.as_bytes()).block(knock);
            }
            Self::KnockAnswer { channel, state } => {
                let state = match state {
                    KnockState::Waiting => 0,
                    KnockState::Admitted => 1,
                    KnockState::Refused => 2,
                    KnockState::Expired => 3,
                };
                out.u8(18).u32(*channel).u8(state);
            }
            Self::Knocks { channel, knocks } => {
                out.u8(19).u32(*channel).u32(count(knocks.len()));
                for knock in knocks {
                    out.block(knock);
                }
            }
            Self::KnockClose { channel, device, refused } => {
                out.u8(20).u32(*channel).bytes(device.as_bytes()).u8(u8::from(*refused));
            }
            Self::Ping { token } => {
                out.u8(21).u64(*token);
            }
            Self::Pong { token } => {
                out.u8(22).u64(*token);
            }
            Self::Detach { channel } => {
                out.u8(23).u32(*channel).u8(0);
            }
            Self::Bye { code, detail } => {
                out.u8(24).u16(code.number());
                text(&mut out, detail, DETAIL_BYTES_MAX);
            }
            Self::WantBodies { channel, ask, wants } => {
                out.u8(25).u32(*channel).u32(*ask).u32(count(wants.len()));
                for want in wants {
                    write_range(&mut out, want);
                }
            }
            Self::Lacking { channel, ask, lacks, last } => {
                out.u8(26).u32(*channel).u32(*ask).u8(u8::from(*last)).u32(count(lacks.len()));
                for lack in lacks {
                    write_range(&mut out, &lack.range);
                    out.u8(match lack.why {
                        LackReason::Absent => 0,
                        LackReason::Dropped => 1,
                        LackReason::Withheld => 2,
                        LackReason::Busy => 3,
                    });
                }
            }
            Self::Unknown { kind, bytes } => {
                out.u8(*kind).bytes(bytes);
            }
        }
        out.finish()
    }

    /// Bytes that the frame takes, about: what is written often, or is large, should not grow step by step.
    fn size_about(&self) -> usize {
        // A header's and a body's lengths, the body's mark, and the frame's own fields.
        const AROUND_ENTRY: usize = 9;
        const SMALL: usize = 96;
        match self {
            Self::Entries { entries, .. } | Self::Create { entries, .. } => {
                SMALL + entries.iter().map(|entry| entry.size() + AROUND_ENTRY).sum::<usize>()
            }
            Self::Part { header, bytes, .. } => {
                SMALL + header.as_ref().map_or(0, |header| header.bytes().len()) + bytes.len()
            }
            _ => SMALL,
        }
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`] where the bytes are not the one canonical encoding of a frame, or a limit is broken. A greeting may
    /// have more at its end, for newer versions; that is passed over.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong(bytes.len()));
        }
        let mut input = Reader::new(bytes);
        let kind = input.u8()?;
        let frame = match kind {
            1 | 2 => read_greeting(kind, &mut input)?,
            3..=5 => read_admission(kind, &mut input)?,
            6..=14 => read_entries_frame(kind, &mut input)?,
            15..=24 => read_rest(kind, &mut input)?,
            25..=26 => read_bodies_frame(kind, &mut input)?,
            kind => Self::Unknown { kind, bytes: input.rest().to_vec() },
        };
        input.finish()?;
        Ok(frame)
    }
}

/// Greetings come before the two sides have agreed on a version, so what a newer one adds at the end is passed over.
fn read_greeting(kind: u8, input: &mut Reader<'_>) -> Result<Frame, FrameError> {
    let greeting = match kind {
        1 => Frame::Hello {
            protocol_min: input.u16()?,
            protocol_max: input.u16()?,
            software: read_text(input, "software", SOFTWARE_BYTES_MAX)?,
        },
        _ => Frame::Welcome {
            protocol: input.u16()?,
            relay_key: RelayKey::from_bytes(input.array()?),
            nonce: input.array()?,
            software: read_text(input, "software", SOFTWARE_BYTES_MAX)?,
        },
    };
    if input.rest().len() > GREETING_EXTRA_BYTES_MAX {
        return Err(FrameError::FieldTooLong("addition to a greeting"));
    }
    Ok(greeting)
}

fn read_admission(kind: u8, input: &mut Reader<'_>) -> Result<Frame, FrameError> {
    Ok(match kind {
        3 => Frame::Attach {
            channel: input.u32()?,
            space: SpaceId::from_bytes(input.array()?),
            device: DeviceId::from_bytes(input.array()?),
            host: read_text(input, "host", HOST_BYTES_MAX)?,
            signature: Signature::from_bytes(input.array()?),
        },
        4 => {
            let channel = input.u32()?;
            let bits = input.u8()?;
            if bits > 3 {
                return Err(FrameError::Value("right"));
            }
            let rights = Rights { push: bits & 1 != 0, fetch: bits & 2 != 0 };
            Frame::Attached { channel, rights, frontier_hash: FrontierHash::from_bytes(input.array()?) }
        }
        _ => Frame::Refused {
            channel: input.u32()?,
            code: Code::from_number(input.u16()?),
            detail: read_text(input, "detail", DETAIL_BYTES_MAX)?,
        },
    })
}

fn read_entries_frame(kind: u8, input: &mut Reader<'_>) -> Result<Frame, FrameError> {
    let channel = input.u32()?;
    Ok(match kind {
        6 => Frame::Create {
            channel,
            token: read_text(input, "token", TOKEN_BYTES_MAX)?,
            entries: read_entries(input)?,
        },
        7 => {
            zero(input)?;
            Frame::Created { channel }
        }
        8 => {
            let bits = input.u8()?;
            let bodies = match bits >> 1 {
                0 => Bodies::All,
                1 => Bodies::Snapshots,
                2 => Bodies::Membership,
                _ => return Err(FrameError::Value("reply or choice of bodies")),
            };
            Frame::FrontierIs { channel, reply: bits & 1 != 0, bodies, frontier: read_frontier(input)? }
        }
        9 => Frame::Entries { channel, entries: read_entries(input)? },
        10 => {
            let (offset, total) = (input.u32()?, input.u32()?);
            let header = match block(input, "header", HEADER_BYTES_MAX)? {
                [] => None,
                header => Some(SignedHeader::parse(header)?),
            };
            Frame::Part {
                channel,
                header,
                offset,
                total,
                bytes: block(input, "part", PART_BYTES_MAX)?.to_vec(),
            }
        }
        11 => {
            zero(input)?;
            Frame::Live { channel }
        }
        12 => {
            let logs = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
            if logs > ACK_LOGS_MAX {
                return Err(FrameError::FieldTooLong("list of logs"));
            }
            let logs =
                (0..logs).map(|_| Ok((input.log()?, input.u64()?))).collect::<Result<_, FrameError>>()?;
            Frame::Ack { channel, logs }
        }
        13 => Frame::Reject {
            channel,
            log: input.log()?,
            number: input.u64()?,
            code: Code::from_number(input.u16()?),
            detail: read_text(input, "detail", DETAIL_BYTES_MAX)?,
        },
        _ => Frame::Fork {
            channel,
            first: SignedHeader::parse(block(input, "header", HEADER_BYTES_MAX)?)?,
            second: SignedHeader::parse(block(input, "header", HEADER_BYTES_MAX)?)?,
        },
    })
}

fn read_rest(kind: u8, input: &mut Reader<'_>) -> Result<Frame, FrameError> {
    Ok(match kind {
        15 => Frame::Ephemeral {
            channel: input.u32()?,
            bytes: block(input, "ephemeral message", EPHEMERAL_BYTES_MAX)?.to_vec(),
        },
        16 => Frame::Receipt {
            channel: input.u32()?,
            receipt: block(input, "receipt", RECEIPT_BYTES_MAX)?.to_vec(),
        },
        17 => Frame::Knock {
            channel: input.u32()?,
            space: SpaceId::from_bytes(input.array()?),
            knock: block(input, "knock", KNOCK_BYTES_MAX)?.to_vec(),
        },
        18 => Frame::KnockAnswer {
            channel: input.u32()?,
            state: match input.u8()? {
                0 => KnockState::Waiting,
                1 => KnockState::Admitted,
                2 => KnockState::Refused,
                3 => KnockState::Expired,
                _ => return Err(FrameError::Value("state of a knock")),
            },
        },
        19 => {
            let channel = input.u32()?;
            let knocks = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
            if knocks > KNOCKS_MAX {
                return Err(FrameError::FieldTooLong("list of knocks"));
            }
            let knocks = (0..knocks)
                .map(|_| Ok(block(input, "knock", KNOCK_BYTES_MAX)?.to_vec()))
                .collect::<Result<_, FrameError>>()?;
            Frame::Knocks { channel, knocks }
        }
        20 => Frame::KnockClose {
            channel: input.u32()?,
            device: DeviceId::from_bytes(input.array()?),
            refused: boolean(input, "answer to a knock")?,
        },
        21 => Frame::Ping { token: input.u64()? },
        22 => Frame::Pong { token: input.u64()? },
        23 => {
            let channel = input.u32()?;
            zero(input)?;
            Frame::Detach { channel }
        }
        _ => Frame::Bye {
            code: Code::from_number(input.u16()?),
            detail: read_text(input, "detail", DETAIL_BYTES_MAX)?,
        },
    })
}

fn read_bodies_frame(kind: u8, input: &mut Reader<'_>) -> Result<Frame, FrameError> {
    let (channel, ask) = (input.u32()?, input.u32()?);
    Ok(match kind {
        25 => {
            let wants = list_len(input, "list of wanted bodies", WANTS_MAX)?;
            let wants = (0..wants).map(|_| read_range(input)).collect::<Result<_, _>>()?;
            Frame::WantBodies { channel, ask, wants }
        }
        _ => {
            let last = boolean(input, "last")?;
            let lacks = list_len(input, "list of lacking bodies", LACKS_MAX)?;
            let lacks = (0..lacks)
                .map(|_| {
                    let range = read_range(input)?;
                    let why = match input.u8()? {
                        0 => LackReason::Absent,
                        1 => LackReason::Dropped,
                        2 => LackReason::Withheld,
                        3 => LackReason::Busy,
                        _ => return Err(FrameError::Value("reason for a lacking body")),
                    };
                    Ok(Lack { range, why })
                })
                .collect::<Result<_, FrameError>>()?;
            Frame::Lacking { channel, ask, lacks, last }
        }
    })
}

fn write_entries(out: &mut Writer, entries: &[Entry]) {
    out.u32(count(entries.len()));
    for entry in entries {
        write_entry(out, &entry.header, entry.body.as_deref());
    }
}

/// One entry of a list: its header's bytes as they were received, and its body's.
pub(crate) fn write_entry(out: &mut Writer, header: &SignedHeader, body: Option<&[u8]>) {
    out.block(header.bytes());
    match body {
        Some(body) => out.u8(1).block(body),
        None => out.u8(0),
    };
}

fn read_entries(input: &mut Reader<'_>) -> Result<Vec<Entry>, FrameError> {
    let entries = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    if entries > ENTRIES_MAX {
        return Err(FrameError::FieldTooLong("list of entries"));
    }
    (0..entries)
        .map(|_| {
            let header = SignedHeader::parse(block(input, "header", HEADER_BYTES_MAX)?)?;
            let body = if boolean(input, "body mark")? {
                Some(block(input, "body", WHOLE_BODY_BYTES_MAX)?.to_vec())
            } else {
                None
            };
            Ok(Entry { header, body })
        })
        .collect()
}

fn write_range(out: &mut Writer, range: &LogRange) {
    out.log(&range.log);
    out.u64(range.from).u64(range.until);
}

fn read_range(input: &mut Reader<'_>) -> Result<LogRange, FrameError> {
    let range = LogRange { log: input.log()?, from: input.u64()?, until: input.u64()? };
    if range.from < range.until { Ok(range) } else { Err(FrameError::Value("range: it is empty")) }
}

fn list_len(input: &mut Reader<'_>, field: &'static str, max: usize) -> Result<usize, FrameError> {
    let len = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    if len > max { Err(FrameError::FieldTooLong(field)) } else { Ok(len) }
}

fn write_frontier(out: &mut Writer, frontier: &Frontier) {
    out.u32(count(frontier.len()));
    for (log, head) in frontier.iter() {
        out.log_head(log, head);
    }
}

fn read_frontier(input: &mut Reader<'_>) -> Result<Frontier, FrameError> {
    let logs = usize::try_from(input.u32()?).unwrap_or(usize::MAX);
    if logs > LOGS_MAX {
        return Err(FrameError::FieldTooLong("frontier"));
    }
    let mut read: Vec<(LogId, LogHead)> = Vec::new();
    for _ in 0..logs {
        let (log, head) = input.log_head()?;
        if head.next == 0 || read.last().is_some_and(|(last, _)| *last >= log) {
            return Err(FrameError::Order("logs"));
        }
        read.push((log, head));
    }
    Ok(read.into_iter().collect())
}

fn text(out: &mut Writer, text: &str, max: usize) {
    out.block(text.get(..text.floor_char_boundary(max)).unwrap_or_default().as_bytes());
}

fn read_text(input: &mut Reader<'_>, field: &'static str, max: usize) -> Result<String, FrameError> {
    let bytes = block(input, field, max)?;
    core::str::from_utf8(bytes).map(str::to_owned).map_err(|_| FrameError::Text)
}

fn block<'a>(input: &mut Reader<'a>, field: &'static str, max: usize) -> Result<&'a [u8], FrameError> {
    let block = input.block()?;
    if block.len() > max { Err(FrameError::FieldTooLong(field)) } else { Ok(block) }
}

fn boolean(input: &mut Reader<'_>, field: &'static str) -> Result<bool, FrameError> {
    match input.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(FrameError::Value(field)),
    }
}

/// A reserved byte, so that a later version can say something there.
fn zero(input: &mut Reader<'_>) -> Result<(), FrameError> {
    match input.u8()? {
        0 => Ok(()),
        _ => Err(FrameError::Value("reserved byte")),
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
