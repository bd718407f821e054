//! Who is at the other end: proofs of device keys, founding, being cut off.

use samverka_log::{DeviceId, Entry, Frontier, Role, Signature, attach_message, verify_strict};
use samverka_protocol::{Code, Frame, Rights};

use crate::effect::PeerId;
use crate::incoming::Checked;
use crate::peer::{Peer, Stage};
use crate::push::Source;
use crate::room::{Room, State};

impl Room {
    pub(crate) fn attach(
        &mut self,
        peer: PeerId,
        device: DeviceId,
        host: &str,
        signature: Signature,
        now_ms: u64,
    ) {
        if !matches!(self.state, State::Ready) {
            return self.refuse(peer, Code::UnknownSpace, "this plan is not on this relay");
        }
        let Some(known) = self.peers.get_mut(&peer) else { return };
        let relay = self.settings.relay_key;
        // The host has to be one that this relay answers to: otherwise somebody in between could have a device sign
        // for them, and use it here.
        let answers = known.introduction.hosts.iter().any(|ours| ours == host);
        let message = attach_message(relay, host, &known.introduction.nonce, self.space, device);
        let proved = answers && verify_strict(device, &message, signature).is_ok();
        if !proved {
            return self.refuse(peer, Code::BadProof, "the proof is not for this relay, host and connection");
        }
        let state = self.gate.state();
        known.stage = match state.role_of(&device) {
            Some(_) => Stage::Member(device),
            None if state.member_of(&device).is_some() => Stage::Removed(device),
            None => return self.refuse(peer, Code::NotAMember, "this device is not a member"),
        };
        known.fall_silent();
        let rights = rights(state.role_of(&device));
        let frontier_hash = self.frontier_for(peer).hash();
        let Some(channel) = self.peers.get(&peer).map(Peer::channel) else { return };
        self.tell_attached(peer);
        self.send(peer, &Frame::Attached { channel, rights, frontier_hash });
        self.tell_forks(peer);
        self.tell_knocks(peer, now_ms);
    }

    /// What a channel may know that the relay has. A removed device learns of its own logs only.
    pub(crate) fn frontier_for(&self, peer: PeerId) -> Frontier {
        match self.peers.get(&peer).map(|peer| peer.stage) {
            Some(Stage::Member(_)) => self.durable.clone(),
            Some(Stage::Removed(device)) => self
                .durable
                .iter()
                .filter(|(log, _)| log.device == device)
                .map(|(log, head)| (*log, *head))
                .collect(),
            Some(Stage::Stranger | Stage::Knocking(_)) | None => Frontier::new(),
        }
    }

    /// Founds the space with its first entries.
    pub(crate) fn create(&mut self, peer: PeerId, token: &str, entries: Vec<Entry>, now_ms: u64) {
        let Some(channel) = self.peers.get(&peer).map(Peer::channel) else { return };
        match self.state {
            // Whoever did not hear the answer asks again; and the space is the same whoever brings it.
            State::Ready if self.durable.is_empty() => {
                return self.commit.tell(peer, Frame::Created { channel });
            }
            State::Ready => return self.send(peer, &Frame::Created { channel }),
            State::Missing => {}
            State::Loading(_) | State::Failed => return,
        }
        if !self.settings.hosting.admits(token.as_bytes()) {
            return self.refuse(peer, Code::HostingClosed, "this relay does not take new plans from you");
        }
        let begins = entries
            .first()
            .is_some_and(|first| first.header.is_genesis() && first.header.space() == self.space);
        if !begins {
            return self.refuse(peer, Code::Malformed, "a plan begins with its genesis entry");
        }
        self.commit.found();
        self.state = State::Ready;
        let checked = entries.into_iter().map(Checked::new).collect();
        self.take(Source::Founder(peer), checked, now_ms);
        if self.heads.is_empty() {
            self.state = State::Missing;
            self.commit.clear();
            return self.refuse(peer, Code::Malformed, "the genesis entry does not hold");
        }
        self.commit.tell(peer, Frame::Created { channel });
        self.commit_next(now_ms);
    }

    /// Looks again at everybody's rights after membership changed. A removed device is cut off at once; so is
    /// whatever was on its way there.
    pub(crate) fn membership_changed(&mut self, now_ms: u64) {
        let state = self.gate.state();
        let cut: Vec<PeerId> = self
            .peers
            .iter()
            .filter(
                |(_, peer)| matches!(peer.stage, Stage::Member(device) if state.role_of(&device).is_none()),
            )
            .map(|(id, _)| *id)
            .collect();
        for peer in cut {
            if let Some(known) = self.peers.get_mut(&peer) {
                known.stage = Stage::Stranger;
                known.fall_silent();
                known.parts = None;
            }
            self.refuse(peer, Code::Removed, "this device has been removed");
        }
        self.answer_knocks(now_ms);
    }
}

/// What a device's own entries may do. A reader may still send a membership operation of its own, such as leaving,
/// and pass on what others wrote.
fn rights(role: Option<Role>) -> Rights {
    match role {
        Some(role) => Rights { push: role >= Role::Editor, fetch: true },
        None => Rights { push: true, fetch: false },
    }
}
