//! Newcomers at the door: their signed requests are kept outside the logs until an admin's device answers.
//!
//! The relay checks that the invitation is in force and that both signatures hold; it learns no name, and it lets
//! nobody in: that is an admin's membership operation.

use std::collections::BTreeMap;

use samverka_log::wire::{Reader, Writer};
use samverka_log::{DeviceId, Knock};
use samverka_protocol::limits::KNOCKS_MAX;
use samverka_protocol::{Code, Frame, KnockState};

use crate::effect::PeerId;
use crate::peer::{Peer, Stage};
use crate::room::{Room, State};
use crate::settings::{KNOCK_LIFETIME_MS_MAX, KNOCKS_PER_INVITE_MAX};

/// The layout of a stored knock.
const VERSION: u8 = 1;

/// Who is at the door.
#[derive(Debug, Default)]
pub(crate) struct Knocks {
    kept: BTreeMap<DeviceId, Kept>,
}

#[derive(Debug)]
struct Kept {
    knock: Knock,
    bytes: Vec<u8>,
    until_ms: u64,
    refused: bool,
}

impl Knocks {
    /// Takes a stored knock.
    pub(crate) fn load(&mut self, value: &[u8]) {
        if let Some(kept) = read(value) {
            self.kept.insert(kept.knock.device, kept);
        }
    }

    pub(crate) fn next_expiry_ms(&self) -> Option<u64> {
        self.kept.values().map(|kept| kept.until_ms).min()
    }

    fn waiting(&self) -> Vec<Vec<u8>> {
        self.kept.values().filter(|kept| !kept.refused).map(|kept| kept.bytes.clone()).collect()
    }
}

impl Room {
    pub(crate) fn knock(&mut self, peer: PeerId, bytes: Vec<u8>, now_ms: u64) {
        if !matches!(self.state, State::Ready) {
            return self.refuse(peer, Code::UnknownSpace, "this plan is not on this relay");
        }
        let knock = match Knock::verify(&bytes) {
            Ok(knock) if knock.space == self.space => knock,
            Ok(_) => return self.refuse(peer, Code::WrongSpace, "the knock is for another plan"),
            Err(error) => return self.refuse(peer, Code::BadSignature, &error.to_string()),
        };
        let device = knock.device;
        if let Some(known) = self.peers.get_mut(&peer) {
            known.stage = Stage::Knocking(device);
        }
        let state = self.gate.state();
        if state.role_of(&device).is_some() {
            return self.answer(peer, KnockState::Admitted);
        }
        let Some(invitation) = state.invitation(&knock.invite) else {
            return self.refuse(peer, Code::UnknownInvitation, "");
        };
        if state.member_of(&device).is_some()
            || self.knocks.kept.get(&device).is_some_and(|kept| kept.refused)
        {
            return self.answer(peer, KnockState::Refused);
        }
        if let Some(why) = invitation.closed(now_ms) {
            return self.refuse(peer, Code::InvitationClosed, &format!("the invitation {why}"));
        }
        let others = self.knocks.kept.values().filter(|kept| kept.knock.device != device);
        let on_invite = others.clone().filter(|kept| kept.knock.invite == knock.invite).count();
        if others.count() >= KNOCKS_MAX || on_invite >= KNOCKS_PER_INVITE_MAX {
            return self.refuse(peer, Code::TooManyKnocks, "");
        }
        let until_ms = invitation.expires_at_ms.min(now_ms.saturating_add(KNOCK_LIFETIME_MS_MAX));
        let changed = self.knocks.kept.get(&device).is_none_or(|kept| kept.bytes != bytes);
        self.keep_knock(Kept { knock, bytes, until_ms, refused: false });
        if let Some(channel) = self.peers.get(&peer).map(Peer::channel) {
            self.commit.tell(peer, Frame::KnockAnswer { channel, state: KnockState::Waiting });
        }
        if changed {
            self.tell_admins();
        }
        self.commit_next(now_ms);
    }

    /// An admin's device says no, or that the knock has been seen to.
    pub(crate) fn knock_close(&mut self, peer: PeerId, device: DeviceId, refused: bool, now_ms: u64) {
        if !self.admin_peers().contains(&peer) {
            return self.refuse(peer, Code::NotEntitled, "admins answer knocks");
        }
        // An admin's device that has let somebody in says so of a list from before; the operation that does it may still
        // be on its way here. Whoever waits is told when it comes, and only if their knock is still known.
        if !refused && self.gate.state().member_of(&device).is_none() {
            return;
        }
        let Some(mut kept) = self.knocks.kept.remove(&device) else { return };
        if refused {
            // Kept until it runs out: the same device is told no again without asking an admin again.
            kept.refused = true;
            self.keep_knock(kept);
            self.tell_knocker(device, KnockState::Refused);
        } else {
            self.commit.delete(key(&device));
        }
        self.tell_admins();
        self.commit_next(now_ms);
    }

    /// Looks again at who is at the door after membership changed.
    pub(crate) fn answer_knocks(&mut self, now_ms: u64) {
        let state = self.gate.state();
        let answered: Vec<(DeviceId, KnockState)> = self
            .knocks
            .kept
            .values()
            .filter_map(|kept| {
                let device = kept.knock.device;
                if state.member_of(&device).is_some() {
                    return Some((device, KnockState::Admitted));
                }
                let invitation = state.invitation(&kept.knock.invite)?;
                (!kept.refused && invitation.closed(now_ms).is_some())
                    .then_some((device, KnockState::Expired))
            })
            .collect();
        self.finish_knocks(&answered);
    }

    /// Lets go of knocks whose time is over.
    pub(crate) fn expire_knocks(&mut self, now_ms: u64) {
        let over = self.knocks.kept.values().filter(|kept| kept.until_ms <= now_ms);
        let over: Vec<_> = over.map(|kept| (kept.knock.device, KnockState::Expired)).collect();
        self.finish_knocks(&over);
    }

    fn finish_knocks(&mut self, finished: &[(DeviceId, KnockState)]) {
        if finished.is_empty() {
            return;
        }
        for (device, state) in finished {
            self.knocks.kept.remove(device);
            self.commit.delete(key(device));
            self.tell_knocker(*device, *state);
        }
        self.tell_admins();
    }

    /// Who waits, to one channel, if it is an admin's.
    pub(crate) fn tell_knocks(&mut self, peer: PeerId, now_ms: u64) {
        self.expire_knocks(now_ms);
        let knocks = self.knocks.waiting();
        if knocks.is_empty() || !self.admin_peers().contains(&peer) {
            return;
        }
        if let Some(channel) = self.peers.get(&peer).map(Peer::channel) {
            self.send(peer, &Frame::Knocks { channel, knocks });
        }
    }

    fn tell_admins(&mut self) {
        let admins = self.admin_peers();
        let knocks = self.knocks.waiting();
        self.send_to_all(
            |id, _| admins.contains(&id),
            |channel| Frame::Knocks { channel, knocks: knocks.clone() },
        );
    }

    fn tell_knocker(&mut self, device: DeviceId, state: KnockState) {
        self.send_to_all(
            |_, peer| peer.stage == Stage::Knocking(device),
            |channel| Frame::KnockAnswer { channel, state },
        );
    }

    fn answer(&mut self, peer: PeerId, state: KnockState) {
        if let Some(channel) = self.peers.get(&peer).map(Peer::channel) {
            self.send(peer, &Frame::KnockAnswer { channel, state });
        }
    }

    fn keep_knock(&mut self, kept: Kept) {
        let device = kept.knock.device;
        self.commit.put(key(&device), write(&kept));
        self.knocks.kept.insert(device, kept);
    }
}

fn key(device: &DeviceId) -> String {
    format!("knock/{device}")
}

fn write(kept: &Kept) -> Vec<u8> {
    let mut out = Writer::new();
    out.u8(VERSION).u8(u8::from(kept.refused)).u64(kept.until_ms).block(&kept.bytes);
    out.finish()
}

fn read(value: &[u8]) -> Option<Kept> {
    let mut input = Reader::new(value);
    if input.u8().ok()? != VERSION {
        return None;
    }
    let refused = input.u8().ok()? != 0;
    let until_ms = input.u64().ok()?;
    let bytes = input.block().ok()?.to_vec();
    input.finish().ok()?;
    Some(Kept { knock: Knock::verify(&bytes).ok()?, bytes, until_ms, refused })
}
