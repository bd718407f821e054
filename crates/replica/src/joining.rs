//! Beginning: founding a plan, opening one, and coming in by an invitation.

use rand_core::CryptoRng;
use samverka_log::{DocumentId, Knock, LogHead, LogId, Operation, Signer, SlotId, SpaceId};
use samverka_plan::Command;
use samverka_protocol::Frame;
use samverka_seal::{CheckCode, DeviceKeys, InviteLink, KnockContext, Profile, SUITE_X25519};
use samverka_store::Write;

use crate::Replica;
use crate::author::sign_membership;
use crate::effect::{Event, KnockState, SessionId};
use crate::error::ReplicaError;
use crate::session::{CHANNEL, Stage};

/// Whoever founds a plan, and what it is called.
#[derive(Clone, Debug)]
pub struct Setup {
    /// New keys.
    pub keys: DeviceKeys,
    /// The slot that this process holds.
    pub slot: SlotId,
    /// Who founds it.
    pub profile: Profile,
    /// The plan's title, in the profile's language.
    pub title: String,
    /// The relays that will carry it.
    pub relays: Vec<String>,
}

/// A plan that is in the store.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The space.
    pub space: SpaceId,
    /// The device's keys.
    pub keys: DeviceKeys,
    /// The slot that this process holds.
    pub slot: SlotId,
}

/// Coming in by an invitation.
#[derive(Clone, Debug)]
pub struct Joining {
    /// The link.
    pub link: InviteLink,
    /// New keys.
    pub keys: DeviceKeys,
    /// The slot that this process holds.
    pub slot: SlotId,
    /// Who comes.
    pub profile: Profile,
}

/// What a newcomer keeps until they are in: the knock, and where to knock.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    knock: Vec<u8>,
    profile: Profile,
    relays: Vec<String>,
}

impl Replica {
    /// Founds a plan: genesis, a first epoch, the plan document with its title, relays and founder.
    ///
    /// # Errors
    /// [`ReplicaError`] where the title or a relay's address is not usable.
    pub fn found(setup: Setup, now_ms: u64, rng: &mut impl CryptoRng) -> Result<Self, ReplicaError> {
        let (mut nonce, mut plan_document) = ([0; 16], [0; 16]);
        rng.fill_bytes(&mut nonce);
        rng.fill_bytes(&mut plan_document);
        let operation = Operation::Genesis {
            nonce,
            suite: SUITE_X25519,
            plan_document: DocumentId::from_bytes(plan_document),
            share_key: setup.keys.share_key(),
        };
        let log = LogId::membership(setup.keys.device());
        let entry = sign_membership(SpaceId::ZERO, log, LogHead::EMPTY, Vec::new(), &operation, &setup.keys)?;
        let mut replica = Self::empty(entry.header.space(), setup.keys, setup.slot);
        replica.write(vec![Write::CreateSpace(replica.space)]);
        let genesis = replica.put_own(entry, now_ms);
        replica.settle_membership(genesis);
        replica.rotate(now_ms, rng)?;
        replica.relay_hints.clone_from(&setup.relays);
        let command = Command::NewPlan {
            title: setup.title,
            language: setup.profile.language.clone(),
            name: setup.profile.name,
            organisation: setup.profile.organisation,
            role_title: setup.profile.role_title,
            relays: setup.relays,
        };
        replica.execute(&command, now_ms, rng)?;
        replica.flush(now_ms, rng)?;
        Ok(replica)
    }

    /// Opens a plan that is in the store. It is ready when the requests to the store have been answered.
    pub fn open(opening: Opening) -> Self {
        let mut replica = Self::empty(opening.space, opening.keys, opening.slot);
        replica.begin_load();
        replica
    }

    /// Begins to come in: makes the knock and keeps it. It is posted on every connection until an admin answers.
    ///
    /// # Errors
    /// [`ReplicaError::Profile`] where the profile is not usable.
    pub fn join(joining: Joining, now_ms: u64, rng: &mut impl CryptoRng) -> Result<Self, ReplicaError> {
        let Joining { link, keys, slot, profile } = joining;
        let signer = link.secret.derive_signer(link.space);
        let context = KnockContext {
            space: link.space,
            invite: signer.key(),
            device: keys.device(),
            share_key: keys.share_key(),
        };
        let sealed = profile.seal(&context, &link.admission, rng)?;
        let knock = Knock {
            space: link.space,
            invite: context.invite,
            device: context.device,
            share_key: context.share_key,
            made_ms: now_ms,
            profile: sealed,
        };
        let message = knock.message();
        let bytes = knock.with_signatures(signer.sign(&message), keys.sign(&message));
        let relays: Vec<String> = link.relays.iter().map(|relay| relay.as_str().to_owned()).collect();
        let ticket = Ticket { knock: bytes, profile, relays };
        let mut replica = Self::empty(link.space, keys, slot);
        replica.write(vec![Write::CreateSpace(link.space)]);
        replica.put("ticket", ticket.encode());
        replica.relay_hints.clone_from(&ticket.relays);
        replica.ticket = Some(ticket);
        Ok(replica)
    }

    /// The digits that the newcomer and an admin compare, while this device waits at the door.
    pub fn check_code(&self) -> Option<String> {
        let knock = Knock::verify(&self.ticket.as_ref()?.knock).ok()?;
        Some(CheckCode::derive(knock.space, knock.invite, knock.device, knock.share_key).to_string())
    }

    pub(crate) fn take_ticket(&mut self, value: &[u8]) {
        if let Some(ticket) = Ticket::decode(value) {
            self.relay_hints.clone_from(&ticket.relays);
            self.ticket = Some(ticket);
        }
    }

    /// Once this device is in, the knock has done its work.
    pub(crate) fn check_ticket(&mut self) {
        if self.ticket.is_some() && self.resolver.state().role_of(&self.keys.device()).is_some() {
            self.ticket = None;
            self.delete("ticket");
        }
    }

    pub(crate) fn post_knock(&mut self, session: SessionId) {
        let Some(knock) = self.ticket.as_ref().map(|ticket| ticket.knock.clone()) else { return };
        if let Some(open) = self.sessions.get_mut(&session) {
            open.stage = Stage::Knocking;
        }
        self.send(session, &Frame::Knock { channel: CHANNEL, space: self.space, knock });
    }

    pub(crate) fn handle_knock_answer(&mut self, session: SessionId, state: samverka_protocol::KnockState) {
        let state = match state {
            samverka_protocol::KnockState::Waiting => KnockState::Waiting,
            samverka_protocol::KnockState::Admitted => KnockState::Admitted,
            samverka_protocol::KnockState::Refused => KnockState::Refused,
            samverka_protocol::KnockState::Expired => KnockState::Expired,
        };
        if state == KnockState::Admitted {
            self.attach(session);
        }
        self.events.push_back(Event::KnockAnswered { session, state });
    }
}

impl Ticket {
    fn encode(&self) -> Vec<u8> {
        let mut out = samverka_log::wire::Writer::new();
        out.u8(1).block(&self.knock);
        for text in
            [&self.profile.name, &self.profile.organisation, &self.profile.role_title, &self.profile.language]
        {
            out.block(text.as_bytes());
        }
        out.u32(u32::try_from(self.relays.len()).unwrap_or(u32::MAX));
        for relay in &self.relays {
            out.block(relay.as_bytes());
        }
        out.finish()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = samverka_log::wire::Reader::new(bytes);
        if input.u8().ok()? != 1 {
            return None;
        }
        let knock = input.block().ok()?.to_vec();
        let mut text = || String::from_utf8(input.block().ok()?.to_vec()).ok();
        let profile = Profile {
            name: text()?,
            organisation: text()?,
            role_title: text()?,
            language: text()?,
            participant: None,
        };
        let count = input.u32().ok()?;
        let relays = (0..count)
            .map(|_| String::from_utf8(input.block().ok()?.to_vec()).ok())
            .collect::<Option<Vec<_>>>()?;
        Some(Self { knock, profile, relays })
    }
}
