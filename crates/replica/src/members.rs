//! Who is in: roles, removal, leaving, and what to do with what arrives late.

use rand_core::CryptoRng;
use samverka_log::{AcceptUpTo, DeviceId, EntryId, LogHead, LogId, MemberId, Operation, Role, Target};

use crate::Replica;
use crate::error::ReplicaError;
use crate::shelf::EntryState;

/// An entry that is held back.
#[derive(Clone, Debug)]
pub struct LateEntry {
    /// The entry.
    pub id: EntryId,
    /// Its log.
    pub log: LogId,
    /// Its number.
    pub number: u64,
    /// Whose it is.
    pub member: Option<MemberId>,
    /// Why it is held back.
    pub reason: String,
}

impl Replica {
    /// Changes what somebody may do. For a reduction, everything of theirs that is here counts.
    ///
    /// # Errors
    /// [`ReplicaError::Role`], [`ReplicaError::Unknown`], [`ReplicaError::Forbidden`].
    pub fn change_role(
        &mut self,
        member: MemberId,
        role: Role,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        let membership = self.membership();
        let known = membership
            .member(&member)
            .filter(|known| known.is_in())
            .ok_or_else(|| unknown_member(&member))?;
        let accept_up_to = if role < known.role { self.logs_of(&member) } else { Vec::new() };
        self.author_checked(&Operation::ChangeRole { member, role, accept_up_to }, now_ms)?;
        if role >= Role::Reader {
            self.share_keys(now_ms, rng)?;
        } else {
            self.rotate(now_ms, rng)?;
        }
        Ok(())
    }

    /// Removes somebody with all devices, and changes the key in the same upload. What they wrote and is here stays.
    ///
    /// # Errors
    /// [`ReplicaError::Role`], [`ReplicaError::Unknown`], [`ReplicaError::Forbidden`].
    pub fn remove_member(
        &mut self,
        member: MemberId,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        let membership = self.membership();
        membership.member(&member).filter(|known| known.is_in()).ok_or_else(|| unknown_member(&member))?;
        let accept_up_to = self.logs_of(&member);
        self.author_checked(&Operation::Remove { target: Target::Member(member), accept_up_to }, now_ms)?;
        if self.membership().may_write(&self.keys.device()) {
            self.rotate(now_ms, rng)?;
        }
        Ok(())
    }

    /// Removes one device, and changes the key in the same upload.
    ///
    /// # Errors
    /// [`ReplicaError::Unknown`], [`ReplicaError::Forbidden`].
    pub fn remove_device(
        &mut self,
        device: DeviceId,
        now_ms: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<(), ReplicaError> {
        let membership = self.membership();
        if membership.role_of(&device).is_none() {
            return Err(ReplicaError::Unknown { what: "device", id: device.to_string() });
        }
        if membership.member_of(&device) != self.me() {
            self.must_be_admin()?;
        }
        let accept_up_to = self.logs_where(|log| log.device == device);
        self.author_checked(&Operation::Remove { target: Target::Device(device), accept_up_to }, now_ms)?;
        if self.membership().may_write(&self.keys.device()) {
            self.rotate(now_ms, rng)?;
        }
        Ok(())
    }

    /// Leaves the plan with all devices. What this person wrote and is here stays with the others, and what this
    /// device has stays here to read. [`Self::flush`] first: what is pending cannot be sealed afterwards.
    ///
    /// It removes the own member rather than saying `Leave`, because a removal says up to where entries count: whoever
    /// holds one of the devices could go on writing as if they had not heard, else.
    ///
    /// # Errors
    /// [`ReplicaError::NotAMember`].
    pub fn leave(&mut self, now_ms: u64) -> Result<(), ReplicaError> {
        if self.membership().role_of(&self.keys.device()).is_none() {
            return Err(ReplicaError::NotAMember);
        }
        let member = self.me().ok_or(ReplicaError::NotAMember)?;
        let accept_up_to = self.logs_of(&member);
        self.author_checked(&Operation::Remove { target: Target::Member(member), accept_up_to }, now_ms)?;
        Ok(())
    }

    /// What is held back until an admin decides.
    pub fn quarantined(&self) -> Vec<LateEntry> {
        let membership = self.membership();
        self.shelf
            .iter()
            .filter_map(|known| {
                let EntryState::Quarantined(reason) = &known.state else { return None };
                let fields = known.header.fields();
                Some(LateEntry {
                    id: known.header.id(),
                    log: fields.log,
                    number: fields.number,
                    member: membership.member_of(&fields.log.device),
                    reason: reason.clone(),
                })
            })
            .collect()
    }

    /// Takes in what somebody wrote before hearing that they were removed or demoted, as far as it is here.
    ///
    /// # Errors
    /// [`ReplicaError::Role`].
    pub fn accept_late(&mut self, member: MemberId, now_ms: u64) -> Result<(), ReplicaError> {
        self.must_be_admin()?;
        let logs = self.logs_of(&member);
        self.author_checked(&Operation::AcceptLate { logs }, now_ms)?;
        Ok(())
    }

    /// Authors an operation unless the resolver would void it: nobody is told that something was done that was not.
    fn author_checked(&mut self, operation: &Operation, now_ms: u64) -> Result<EntryId, ReplicaError> {
        if let Err(reason) = self.resolver.would_count(self.space, self.keys.device(), operation) {
            return Err(ReplicaError::Forbidden(reason.to_string()));
        }
        self.author_membership(operation, now_ms)
    }

    fn logs_of(&self, member: &MemberId) -> AcceptUpTo {
        let membership = self.membership();
        self.logs_where(|log| membership.member_of(&log.device).as_ref() == Some(member))
    }

    fn logs_where(&self, which: impl Fn(&LogId) -> bool) -> AcceptUpTo {
        let content = self.shelf.frontier().iter().filter(|(log, _)| log.slot.0 != 0 && which(log));
        content.map(|(log, head)| (*log, LogHead { next: head.next, head: head.head })).collect()
    }
}

fn unknown_member(member: &MemberId) -> ReplicaError {
    ReplicaError::Unknown { what: "member", id: member.to_string() }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use samverka_log::{Operation, SlotId, Target};
    use samverka_seal::{DeviceKeys, Profile};

    use crate::{Replica, Setup};

    #[test]
    fn leaving_removes_the_own_member_and_says_up_to_where_its_entries_count() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut replica = founded(&mut rng);
        let me = replica.me().expect("the founder is in");
        let logs = replica.logs_of(&me);
        assert!(!logs.is_empty(), "the plan's first entry is the founder's");

        replica.leave(2).expect("anybody may");

        assert_eq!(replica.membership().role_of(&replica.keys.device()), None);
        let last = replica.resolver.operations().last().expect("there is one");
        let removal = Operation::Remove { target: Target::Member(me), accept_up_to: logs };
        assert_eq!(last.operation(), &removal);
        assert!(replica.leave(3).is_err(), "whoever is out does not leave again");
    }

    fn founded(rng: &mut StdRng) -> Replica {
        let profile = Profile {
            name: "Aino".to_owned(),
            organisation: "Byalaget".to_owned(),
            role_title: String::new(),
            language: "sv-FI".to_owned(),
            participant: None,
        };
        let keys = DeviceKeys::make(rng);
        let setup =
            Setup { keys, slot: SlotId(1), profile, title: "Ingen ensam".to_owned(), relays: Vec::new() };
        Replica::found(setup, 1, rng).expect("a plan")
    }
}
