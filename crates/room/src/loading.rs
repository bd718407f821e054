//! A room's beginning: it reads what membership there is, where logs stand, and the values beside them.

use std::collections::VecDeque;

use samverka_log::wire::Reader;
use samverka_log::{LogId, SignedHeader, SlotId};
use samverka_protocol::Code;
use samverka_store::{Reply, Request, StoreError};

use crate::commit::USAGE_KEY;
use crate::effect::PeerId;
use crate::filling::BODILESS_RANGES_MAX;
use crate::incoming::Incoming;
use crate::room::{Purpose, Room, State};

/// Bytes of membership entries read at a time.
const READ_BYTES: usize = 1024 * 1024;

/// What is being read.
#[derive(Debug, Default)]
pub(crate) struct Loading {
    /// Frames that came too early.
    pub(crate) early: Vec<(PeerId, Incoming)>,
    logs: VecDeque<(LogId, u64)>,
}

impl Room {
    pub(crate) fn begin_loading(&mut self) {
        self.request(Purpose::Load, Request::Frontier { space: self.space });
    }

    pub(crate) fn loaded(&mut self, result: Result<Reply, StoreError>, now_ms: u64) {
        match result {
            Ok(Reply::Frontier(frontier)) if frontier.is_empty() => {
                self.finish_loading(State::Missing, now_ms);
            }
            Ok(Reply::Frontier(frontier)) => {
                if let State::Loading(loading) = &mut self.state {
                    let membership = frontier.iter().filter(|(log, _)| log.slot == SlotId::MEMBERSHIP);
                    loading.logs = membership.map(|(log, _)| (*log, 0)).collect();
                }
                self.durable = frontier;
                self.request(
                    Purpose::Load,
                    Request::Values { space: Some(self.space), prefix: String::new() },
                );
            }
            Ok(Reply::Values(values)) => {
                for (key, value) in values {
                    self.take_value(&key, &value);
                }
                let (space, max_ranges) = (self.space, BODILESS_RANGES_MAX);
                self.request(Purpose::Load, Request::Bodyless { space, from: None, max_ranges });
            }
            Ok(Reply::Bodyless(ranges)) => {
                self.bodiless.load(ranges);
                self.load_next(now_ms);
            }
            Ok(Reply::Entries(entries)) => {
                for entry in &entries {
                    self.gate.insert(entry);
                }
                if let State::Loading(loading) = &mut self.state
                    && let Some((_, from)) = loading.logs.front_mut()
                {
                    // Nothing more, whatever the frontier said, is an end as well.
                    let next = entries.last().map_or(u64::MAX, |entry| entry.header.fields().number + 1);
                    *from = next;
                }
                self.load_next(now_ms);
            }
            _ => {
                self.state = State::Failed;
                self.close_all(Code::Internal, "the relay could not read its store");
            }
        }
    }

    fn load_next(&mut self, now_ms: u64) {
        let space = self.space;
        while let State::Loading(loading) = &mut self.state {
            let Some((log, from)) = loading.logs.front().copied() else {
                return self.finish_loading(State::Ready, now_ms);
            };
            if from >= self.durable.head(&log).next {
                loading.logs.pop_front();
                continue;
            }
            let (max_entries, max_bytes) = (usize::MAX, READ_BYTES);
            return self
                .request(Purpose::Load, Request::EntriesOfLog { space, log, from, max_entries, max_bytes });
        }
    }

    fn finish_loading(&mut self, state: State, now_ms: u64) {
        self.heads = self.durable.clone();
        for (first, _) in self.forks.values() {
            self.gate.note_fork(first.fields().log, first.fields().number);
        }
        let State::Loading(loading) = core::mem::replace(&mut self.state, state) else { return };
        for (peer, incoming) in loading.early {
            self.handle_frame(peer, incoming, now_ms);
        }
        self.commit_next(now_ms);
    }

    /// A value that this version does not know stays where it is.
    fn take_value(&mut self, key: &str, value: &[u8]) {
        if key == USAGE_KEY {
            if let Ok(bytes) = value.try_into() {
                self.space_bytes = u64::from_be_bytes(bytes);
            }
        } else if let Some(document) = key.strip_prefix("drop/") {
            if let Ok(document) = document.parse() {
                self.dropped.insert(document);
            }
        } else if key.starts_with("fork/") {
            if let Some((first, second)) = read_fork(value) {
                self.forks.insert(first.fields().log, (first, second));
            }
        } else if key.starts_with("receipt/") {
            self.receipts.load(value);
        } else if key.starts_with("knock/") {
            self.knocks.load(value);
        }
    }
}

fn read_fork(value: &[u8]) -> Option<(SignedHeader, SignedHeader)> {
    let mut input = Reader::new(value);
    let first = SignedHeader::parse(input.block().ok()?).ok()?;
    let second = SignedHeader::parse(input.block().ok()?).ok()?;
    Some((first, second))
}
