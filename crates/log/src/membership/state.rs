//! The resolved state: what a set of operations comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::operation::{AcceptUpTo, Role, Share, Wrap};
use super::verified::VoidReason;
use crate::{DeviceId, DocumentId, EntryId, EpochId, InviteKey, LogHead, LogId, MemberId, ShareKey};

/// How senior an admin is: depth, then id, of the operation that made them one. Less is more senior; genesis is 0.
pub(crate) type Rank = (u64, EntryId);

/// One device of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDevice {
    /// The device.
    pub device: DeviceId,
    /// Where shares of epoch keys go.
    pub share_key: ShareKey,
    /// The operation that added it.
    pub added_by: EntryId,
    /// The operation that removed it, alone or with its member.
    pub removed_by: Option<EntryId>,
    /// How the operation that added it stands against others made apart from it: its author's seniority, then order.
    pub(crate) strength: (Rank, Rank),
}

/// A person in the space, now or once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id.
    pub id: MemberId,
    /// What they may do; what they might do last, once they are removed.
    pub role: Role,
    /// Their devices, removed ones included.
    pub devices: BTreeMap<DeviceId, MemberDevice>,
    /// The operation that let them in.
    pub added_by: EntryId,
    /// The device that let them in; their own for the founder.
    pub admitted_by: DeviceId,
    /// The invitation that they came by.
    pub invite: Option<EntryId>,
    /// The operation that ended their membership.
    pub removed_by: Option<EntryId>,
    /// The operations that set the role, none of which knew another, in order of their ids.
    pub(crate) role_by: Vec<(EntryId, Role)>,
}

impl Member {
    /// Whether they are in.
    pub const fn is_in(&self) -> bool {
        self.removed_by.is_none()
    }
}

/// One content key's lifetime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// What commits to the key.
    pub commitment: [u8; 32],
    /// The suite of its shares and wraps.
    pub suite: u16,
    /// The device that made the key.
    pub author: DeviceId,
    /// Whether the operation counts. Entries under a void epoch can still be opened; nothing new is written under it.
    pub void: bool,
    /// The key for each recipient, later shares included, whether their operations count or not.
    pub shares: Vec<Share>,
    /// Earlier keys under this one.
    pub wraps: Vec<Wrap>,
    /// The operations that handed it on, in order, with how many of the last `shares` are each one's.
    pub(crate) handed_on: Vec<(Rank, usize)>,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The entry that made it.
    pub id: EntryId,
    /// The key that its secret derives.
    pub key: InviteKey,
    /// What newcomers will be allowed to do.
    pub role: Role,
    /// When it ends, in Unix milliseconds.
    pub expires_at_ms: u64,
    /// How many may come by it.
    pub uses: u32,
    /// Who made it.
    pub author: DeviceId,
    /// What took it back.
    pub revoked_by: Option<EntryId>,
    /// Who came by it.
    pub used_by: BTreeSet<MemberId>,
}

impl Invitation {
    /// Why nobody may come by it at this time, if so.
    pub fn closed(&self, now_ms: u64) -> Option<&'static str> {
        if self.revoked_by.is_some() {
            return Some("has been taken back");
        }
        if now_ms >= self.expires_at_ms {
            return Some("has run out");
        }
        let used = u32::try_from(self.used_by.len()).unwrap_or(u32::MAX);
        (used >= self.uses).then_some("has been used as often as it may")
    }
}

/// A reduction of somebody's rights, with up to where their entries count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reduction {
    pub(crate) operation: EntryId,
    pub(crate) devices: BTreeSet<DeviceId>,
    pub(crate) member: Option<MemberId>,
    /// What they may still do; nothing after a removal.
    pub(crate) left_with: Option<Role>,
    pub(crate) accept_up_to: AcceptUpTo,
}

/// Who is in, what they may do, which keys there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Shared with other states, of which there are many and which differ in few members.
    pub(crate) members: BTreeMap<MemberId, Arc<Member>>,
    pub(crate) devices: BTreeMap<DeviceId, MemberId>,
    /// By what first, in order.
    pub(crate) removed_devices: BTreeMap<DeviceId, Rank>,
    pub(crate) removed_members: BTreeMap<MemberId, Rank>,
    pub(crate) epochs: BTreeMap<EpochId, Arc<Epoch>>,
    /// Shares of keys of which the epoch is not here.
    pub(crate) early_shares: BTreeMap<EpochId, BTreeMap<Rank, Vec<Share>>>,
    pub(crate) invitations: BTreeMap<EntryId, Invitation>,
    pub(crate) invitation_uses: BTreeMap<EntryId, BTreeSet<MemberId>>,
    pub(crate) revocations: BTreeMap<EntryId, Rank>,
    /// In order.
    pub(crate) reductions: BTreeMap<Rank, Reduction>,
    pub(crate) accepted_late: BTreeMap<LogId, LogHead>,
    pub(crate) void: BTreeMap<EntryId, VoidReason>,
    pub(crate) plan_document: Option<DocumentId>,
    pub(crate) founder: Option<MemberId>,
    pub(crate) unknown_operation: bool,
}

impl Membership {
    /// Everybody who is or was in, in order of their id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values().map(Arc::as_ref)
    }

    /// One person.
    pub fn member(&self, id: &MemberId) -> Option<&Member> {
        self.members.get(id).map(Arc::as_ref)
    }

    pub(crate) fn member_mut(&mut self, id: &MemberId) -> Option<&mut Member> {
        self.members.get_mut(id).map(Arc::make_mut)
    }

    /// Whose device this is or was.
    pub fn member_of(&self, device: &DeviceId) -> Option<MemberId> {
        self.devices.get(device).copied()
    }

    /// What a device may do now; `None` if it is not in (any more).
    pub fn role_of(&self, device: &DeviceId) -> Option<Role> {
        let member = self.members.get(self.devices.get(device)?)?;
        let own = member.devices.get(device)?;
        (member.is_in() && own.removed_by.is_none()).then_some(member.role)
    }

    /// Whether a device may read.
    pub fn may_read(&self, device: &DeviceId) -> bool {
        self.role_of(device).is_some_and(|role| role >= Role::Reader)
    }

    /// Whether a device may write.
    pub fn may_write(&self, device: &DeviceId) -> bool {
        self.role_of(device).is_some_and(|role| role >= Role::Editor)
    }

    /// Whether a device decides who is in.
    pub fn is_admin(&self, device: &DeviceId) -> bool {
        self.role_of(device) == Some(Role::Admin)
    }

    /// Whether a device was in once and is not any more.
    pub fn was_removed(&self, device: &DeviceId) -> bool {
        self.devices.contains_key(device) && self.role_of(device).is_none()
    }

    /// Every device that may read, with its share key, in order of the device.
    pub fn reader_devices(&self) -> impl Iterator<Item = (DeviceId, ShareKey)> {
        self.devices.iter().filter(|(device, _)| self.may_read(device)).filter_map(|(device, member)| {
            Some((*device, self.members.get(member)?.devices.get(device)?.share_key))
        })
    }

    /// Every admin's device with its share key: whom a newcomer seals their profile to.
    pub fn admin_devices(&self) -> impl Iterator<Item = (DeviceId, ShareKey)> {
        self.reader_devices().filter(|(device, _)| self.is_admin(device))
    }

    /// All epochs, void ones included.
    pub fn epochs(&self) -> impl Iterator<Item = (&EpochId, &Epoch)> {
        self.epochs.iter().map(|(id, epoch)| (id, epoch.as_ref()))
    }

    /// One epoch.
    pub fn epoch(&self, id: &EpochId) -> Option<&Epoch> {
        self.epochs.get(id).map(Arc::as_ref)
    }

    /// Epochs that no other epoch wraps.
    pub fn epoch_heads(&self) -> Vec<EpochId> {
        let wrapped: BTreeSet<_> =
            self.epochs.values().flat_map(|epoch| &epoch.wraps).map(|wrap| wrap.epoch).collect();
        self.epochs.keys().filter(|id| !wrapped.contains(id)).copied().collect()
    }

    /// Every device known to hold an epoch's key: its maker, recipients of its shares, and holders of epochs that
    /// wrap it. Operations that are void count here: a key once sealed to a device is known to it.
    pub fn holders(&self, epoch: &EpochId) -> BTreeSet<DeviceId> {
        let mut seen = BTreeSet::new();
        let mut stack = vec![*epoch];
        let mut holders = BTreeSet::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(known) = self.epochs.get(&id) else { continue };
            holders.insert(known.author);
            holders.extend(known.shares.iter().map(|share| share.device));
            let wrapping =
                self.epochs.iter().filter(|(_, other)| other.wraps.iter().any(|wrap| wrap.epoch == id));
            stack.extend(wrapping.map(|(other, _)| *other));
        }
        holders
    }

    /// The epochs that may be written under: they count, and every known holder is a current reader. Heads come
    /// first, then by descending id, so that writers who know the same choose the same.
    pub fn safe_epochs(&self) -> Vec<EpochId> {
        let safe = |id: &&EpochId| self.holders(id).iter().all(|device| self.may_read(device));
        let counted = self.epochs.iter().filter(|(_, epoch)| !epoch.void).map(|(id, _)| id);
        let mut safe: Vec<EpochId> = counted.filter(safe).copied().collect();
        let heads: BTreeSet<EpochId> = self.epoch_heads().into_iter().collect();
        safe.sort_by_key(|id| (!heads.contains(id), core::cmp::Reverse(*id)));
        safe
    }

    /// Devices that may read and are not known to hold an epoch's key, with their share keys.
    pub fn readers_lacking(&self, epoch: &EpochId) -> Vec<(DeviceId, ShareKey)> {
        let holders = self.holders(epoch);
        self.reader_devices().filter(|(device, _)| !holders.contains(device)).collect()
    }

    /// All invitations, closed ones included.
    pub fn invitations(&self) -> impl Iterator<Item = &Invitation> {
        self.invitations.values()
    }

    /// The invitation with a key.
    pub fn invitation(&self, key: &InviteKey) -> Option<&Invitation> {
        self.invitations.values().find(|invitation| invitation.key == *key)
    }

    /// Operations that do not count, each with the reason.
    pub fn void(&self) -> impl Iterator<Item = (&EntryId, &VoidReason)> {
        self.void.iter()
    }

    /// A mark that changes whenever entries that counted may no longer count, or the other way round: how many
    /// reductions and void operations there are, and a hash of which they are and of what was taken in late. (Counts
    /// alone do not do: an operation may come to count again at the moment when another ceases to.)
    pub fn losses(&self) -> (usize, usize, u64) {
        let mut hash = Sha256::new();
        for id in self.reductions.values().map(|reduction| &reduction.operation).chain(self.void.keys()) {
            hash.update(id.as_bytes());
        }
        for (log, head) in &self.accepted_late {
            hash.update(log.device.as_bytes());
            hash.update(log.slot.0.to_be_bytes());
            hash.update(head.next.to_be_bytes());
        }
        let mut mark = [0; 8];
        mark.copy_from_slice(&hash.finalize()[..8]);
        (self.reductions.len(), self.void.len(), u64::from_be_bytes(mark))
    }

    /// Which document is the plan itself.
    pub const fn plan_document(&self) -> Option<DocumentId> {
        self.plan_document
    }

    /// Who began the space.
    pub const fn founder(&self) -> Option<MemberId> {
        self.founder
    }

    /// Whether there is an operation of a newer version: reading goes on, writing stops until the program is updated.
    pub const fn has_unknown_operation(&self) -> bool {
        self.unknown_operation
    }
}
