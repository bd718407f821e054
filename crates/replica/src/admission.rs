//! Letting people in: invitations, who knocks, the open door. The admitting is always done by an admin's device; a
//! relay only carries.

use rand_core::CryptoRng;
use samverka_log::{DeviceId, EntryId, Knock, Operation, Role, body_hash, member_id};
use samverka_plan::{Command, EntityRef, Kind};
use samverka_protocol::Frame;
use samverka_seal::limits::{ADMISSION_KEYS_MAX, LINK_RELAYS_MAX};
use samverka_seal::{
    AdmissionKey, CheckCode, InviteLink, InviteSecret, KnockContext, ParticipantId, Profile,
};
use zeroize::Zeroizing;

use crate::Replica;
use crate::effect::Event;
use crate::error::ReplicaError;
use crate::session::{CHANNEL, Stage};

/// What an invitation should allow.
#[derive(Clone, Debug)]
pub struct InviteRequest {
    /// What newcomers may do.
    pub role: Role,
    /// When it ends, in Unix milliseconds.
    pub expires_at_ms: u64,
    /// How many may come by it.
    pub uses: u32,
    /// The participant of the plan whom it is for.
    pub participant: Option<String>,
}

/// An invitation, for whoever lists them.
#[derive(Clone, Debug)]
pub struct InviteView {
    /// The entry that made it.
    pub id: EntryId,
    /// What newcomers may do.
    pub role: Role,
    /// When it ends.
    pub expires_at_ms: u64,
    /// How many may come by it.
    pub uses: u32,
    /// How many came.
    pub used: usize,
    /// Why nobody can come by it any more.
    pub closed: Option<&'static str>,
    /// The link, where this device made it.
    pub link: Option<String>,
}

/// Somebody at the door, for the admin who decides.
#[derive(Clone, Debug)]
pub struct KnockView {
    /// Their device.
    pub device: DeviceId,
    /// The name that they gave; nobody has checked it.
    pub name: String,
    /// The organisation that they gave.
    pub organisation: String,
    /// The title that they gave.
    pub role_title: String,
    /// Digits that both screens show.
    pub check_code: String,
    /// When they knocked, by their clock.
    pub made_ms: u64,
    /// What they will be allowed to do.
    pub role: Option<Role>,
    /// Why they cannot be let in, if so.
    pub closed: Option<&'static str>,
}

/// A knock that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    knock: Knock,
    profile: Profile,
}

/// Whether valid invitations are let in without asking, and until when. A matter of this device alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Door {
    until_ms: Option<u64>,
}

impl Door {
    pub(crate) const fn closes_at(self) -> Option<u64> {
        self.until_ms
    }

    pub(crate) fn is_open(self, now_ms: u64) -> bool {
        self.until_ms.is_some_and(|until| now_ms < until)
    }

    pub(crate) fn handle_timeout(&mut self, now_ms: u64) {
        if self.until_ms.is_some_and(|until| until <= now_ms) {
            self.until_ms = None;
        }
    }

    pub(crate) fn restore(&mut self, value: &[u8]) {
        self.until_ms = value.try_into().ok().map(u64::from_be_bytes);
    }
}

impl Replica {
    /// Makes an invitation; answers its link.
    ///
    /// # Errors
    /// [`ReplicaError::Role`] unless this device is an admin's, [`ReplicaError::Link`] where no relay is listed.
    pub fn invite(
        &mut self,
        request: &InviteRequest,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<InviteView, ReplicaError> {
        self.must_be_admin()?;
        let secret = InviteSecret::make(rng);
        let operation = Operation::Invite {
            key: secret.derive_signer(self.space).key(),
            role: request.role,
            expires_at_ms: request.expires_at_ms,
            uses: request.uses,
        };
        let participant = request.participant.as_deref().map(participant_tag);
        // The link is made first: an invitation that cannot be handed out is not made.
        let mut kept = secret.to_secret_bytes().to_vec();
        kept.extend(participant.iter().flat_map(|participant| participant.0));
        self.link_of(&kept)?;
        let id = self.author_membership(&operation, now_ms)?;
        self.put(&format!("invite/{id}"), kept.clone());
        self.invitations.insert(id, kept);
        self.invites(now_ms)
            .into_iter()
            .find(|invite| invite.id == id)
            .ok_or_else(|| unknown("invitation", &id))
    }

    /// All invitations of the plan, newest last.
    pub fn invites(&self, now_ms: u64) -> Vec<InviteView> {
        let membership = self.membership();
        membership
            .invitations()
            .map(|invitation| InviteView {
                id: invitation.id,
                role: invitation.role,
                expires_at_ms: invitation.expires_at_ms,
                uses: invitation.uses,
                used: invitation.used_by.len(),
                closed: invitation.closed(now_ms),
                link: self.invitations.get(&invitation.id).and_then(|kept| self.link_of(kept).ok()),
            })
            .collect()
    }

    /// Takes an invitation back. Whoever came by it stays.
    ///
    /// # Errors
    /// [`ReplicaError::Role`], [`ReplicaError::Unknown`].
    pub fn revoke_invite(&mut self, id: EntryId, now_ms: u64) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        if !self.membership().invitations().any(|invitation| invitation.id == id) {
            return Err(unknown("invitation", &id));
        }
        self.author_membership(&Operation::RevokeInvite { invite: id }, now_ms)?;
        self.invitations.remove(&id);
        self.delete(&format!("invite/{id}"));
        Ok(())
    }

    /// Who is at the door.
    pub fn knocks(&self, now_ms: u64) -> Vec<KnockView> {
        let membership = self.membership();
        self.knocks
            .values()
            .map(|waiting| {
                let knock = &waiting.knock;
                let invitation = membership.invitation(&knock.invite);
                KnockView {
                    device: knock.device,
                    name: waiting.profile.name.clone(),
                    organisation: waiting.profile.organisation.clone(),
                    role_title: waiting.profile.role_title.clone(),
                    check_code: CheckCode::derive(knock.space, knock.invite, knock.device, knock.share_key)
                        .to_string(),
                    made_ms: knock.made_ms,
                    role: invitation.map(|invitation| invitation.role),
                    closed: invitation.map_or(Some("is not known"), |invitation| invitation.closed(now_ms)),
                }
            })
            .collect()
    }

    /// Lets somebody in who knocks: they become a member, get the keys, and the plan says who they are.
    ///
    /// # Errors
    /// [`ReplicaError::Role`], [`ReplicaError::Unknown`], [`ReplicaError::Invitation`].
    pub fn admit(
        &mut self,
        device: DeviceId,
        participant: Option<String>,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        let Waiting { knock, profile } =
            self.knocks.get(&device).cloned().ok_or_else(|| unknown("knock", &device))?;
        let membership = self.membership();
        if membership.member_of(&device).is_some() {
            // Another device or process of an admin was quicker.
            self.forget_knock(device);
            return Ok(());
        }
        let invitation =
            membership.invitation(&knock.invite).ok_or(ReplicaError::Invitation("is not known"))?;
        if let Some(why) = invitation.closed(now_ms) {
            return Err(ReplicaError::Invitation(why));
        }
        let meant_for = self.participant_of_invite(&invitation.id);
        let member = member_id(self.space, device);
        let add = Operation::AddMember {
            member,
            role: invitation.role,
            device,
            share_key: knock.share_key,
            invite: Some(invitation.id),
        };
        self.author_membership(&add, now_ms)?;
        self.share_keys(now_ms, rng)?;
        let command = Command::Admit {
            member,
            name: profile.name,
            organisation: profile.organisation,
            role_title: profile.role_title,
            language: profile.language,
            participant: participant.or(meant_for),
        };
        self.execute(&command, now_ms, rng)?;
        self.flush(now_ms, rng)?;
        // The relay is not told that the knock is answered: it sees that when the membership arrives, and only then
        // can the newcomer come in.
        self.forget_knock(device);
        Ok(())
    }

    /// Says no to somebody who knocks.
    ///
    /// # Errors
    /// [`ReplicaError::Role`], [`ReplicaError::Unknown`].
    pub fn refuse_knock(&mut self, device: DeviceId) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        let made_ms = self.knocks.get(&device).ok_or_else(|| unknown("knock", &device))?.knock.made_ms;
        self.forget_knock(device);
        // Kept, because no relay may hear it now: it is told when a relay brings the knock again.
        self.put(&format!("refused/{device}"), made_ms.to_be_bytes().to_vec());
        self.refusals.insert(device, made_ms);
        self.tell_knock_closed(device, true);
        Ok(())
    }

    /// Lets everybody with a valid invitation in without asking until then, as long as this device is connected.
    ///
    /// # Errors
    /// [`ReplicaError::Role`].
    pub fn open_door(
        &mut self,
        until_ms: u64,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        self.door.until_ms = Some(until_ms);
        self.put("door", until_ms.to_be_bytes().to_vec());
        self.admit_through_door(now_ms, rng);
        Ok(())
    }

    /// Closes the door.
    pub fn close_door(&mut self) {
        self.door.until_ms = None;
        self.delete("door");
    }

    /// Until when the door is open, in Unix milliseconds.
    pub fn door(&self, now_ms: u64) -> Option<u64> {
        self.door.until_ms.filter(|_| self.door.is_open(now_ms))
    }

    /// Takes the list of who waits, as a relay sends it.
    pub(crate) fn handle_knocks(&mut self, knocks: &[Vec<u8>], now_ms: u64, rng: &mut impl CryptoRng) {
        for bytes in knocks {
            // A relay could put anything here: only what is signed and sealed to this device is shown.
            if let Some(waiting) = self.read_knock(bytes) {
                let device = waiting.knock.device;
                if self.membership().member_of(&device).is_some() {
                    self.tell_knock_closed(device, false);
                    continue;
                }
                // Whoever was turned away may come again by another link: that is a later knock.
                if self.refusals.get(&device).is_some_and(|refused| waiting.knock.made_ms <= *refused) {
                    self.tell_knock_closed(device, true);
                    continue;
                }
                if self.knocks.insert(device, waiting).is_none() {
                    self.put(&format!("knock/{device}"), bytes.clone());
                    self.events.push_back(Event::Knocked { device });
                }
            }
        }
        self.admit_through_door(now_ms, rng);
    }

    pub(crate) fn take_stored_knock(&mut self, bytes: &[u8]) {
        if let Some(waiting) = self.read_knock(bytes) {
            self.knocks.insert(waiting.knock.device, waiting);
        }
    }

    /// What another process of this device has made of who waits: some may be let in or turned away already.
    pub(crate) fn take_stored_knocks(&mut self, stored: &[(String, Vec<u8>)]) {
        self.knocks.clear();
        for (_, bytes) in stored {
            self.take_stored_knock(bytes);
        }
    }

    /// What another process of this device has made of the door. It is looked at when the next timeout is handled.
    pub(crate) fn take_stored_door(&mut self, stored: Option<&[u8]>) {
        match stored {
            Some(value) => self.door.restore(value),
            None => self.door.until_ms = None,
        }
        self.look_at_door = !self.knocks.is_empty();
    }

    pub(crate) fn take_stored_refusal(&mut self, name: &str, value: &[u8]) {
        if let (Ok(device), Ok(made_ms)) = (name.parse(), value.try_into()) {
            self.refusals.insert(device, u64::from_be_bytes(made_ms));
        }
    }

    fn forget_knock(&mut self, device: DeviceId) {
        self.knocks.remove(&device);
        self.delete(&format!("knock/{device}"));
    }

    pub(crate) fn admit_through_door(&mut self, now_ms: u64, rng: &mut impl CryptoRng) {
        let may = self.must_be_admin().is_ok() && self.trusts_membership_log();
        if !may || !self.door.is_open(now_ms) {
            return;
        }
        let devices: Vec<DeviceId> = self.knocks.keys().copied().collect();
        for device in devices {
            if let Err(error) = self.admit(device, None, now_ms, rng) {
                let reason = format!("somebody at the open door was not let in: {error}");
                self.events.push_back(Event::Notice { reason });
            }
        }
    }

    fn read_knock(&self, bytes: &[u8]) -> Option<Waiting> {
        let knock = Knock::verify(bytes).ok().filter(|knock| knock.space == self.space)?;
        let context = KnockContext {
            space: knock.space,
            invite: knock.invite,
            device: knock.device,
            share_key: knock.share_key,
        };
        let profile = Profile::open(&knock.profile, &context, &self.keys).ok()?;
        Some(Waiting { knock, profile })
    }

    fn tell_knock_closed(&mut self, device: DeviceId, refused: bool) {
        let open: Vec<_> = self
            .sessions
            .iter()
            .filter(|(_, session)| matches!(session.stage, Stage::Exchanging | Stage::Open))
            .map(|(id, _)| *id)
            .collect();
        for session in open {
            self.send(session, &Frame::KnockClose { channel: CHANNEL, device, refused });
        }
    }

    fn participant_of_invite(&self, invite: &EntryId) -> Option<String> {
        let tag: [u8; 16] = self.invitations.get(invite)?.get(32..)?.try_into().ok()?;
        let workspace = self.workspace.as_ref()?;
        let named = workspace.ids(Kind::Participant).into_iter().find(|id| participant_tag(id).0 == tag)?;
        Some(workspace.same_as(&EntityRef::new(Kind::Participant, named)))
    }

    fn link_of(&self, kept: &[u8]) -> Result<String, ReplicaError> {
        let (secret, participant) = kept.split_at(kept.len().min(32));
        let mut bytes = Zeroizing::new([0; 32]);
        let len = secret.len().min(32);
        bytes[..len].copy_from_slice(&secret[..len]);
        let mut relays = Vec::new();
        for relay in self.relays().into_iter().take(LINK_RELAYS_MAX) {
            relays.push(relay.parse().map_err(samverka_seal::LinkError::from)?);
        }
        let membership = self.membership();
        let own = self.keys.device();
        let mut admission: Vec<AdmissionKey> = membership
            .admin_devices()
            .map(|(device, share_key)| AdmissionKey { device, share_key })
            .collect();
        admission.sort_by_key(|key| (key.device != own, key.device));
        admission.truncate(ADMISSION_KEYS_MAX);
        let link = InviteLink {
            space: self.space,
            relays,
            admission,
            secret: InviteSecret::from_secret_bytes(&bytes),
            participant: participant.try_into().ok().map(ParticipantId),
        };
        Ok(link.to_url()?.to_string())
    }
}

/// What a link says of the participant whom it is for: the first half of the hash of their id, since ids of imported
/// plans have any length.
pub fn participant_tag(id: &str) -> ParticipantId {
    let hash = body_hash(id.as_bytes());
    let mut tag = [0; 16];
    tag.copy_from_slice(&hash.as_bytes()[..16]);
    ParticipantId(tag)
}

fn unknown(what: &'static str, id: &impl ToString) -> ReplicaError {
    ReplicaError::Unknown { what, id: id.to_string() }
}
