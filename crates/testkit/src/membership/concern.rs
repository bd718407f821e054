//! What the entitlement of an operation depends on.

use std::collections::BTreeSet;

use samverka_log::{DeviceId, MemberId, Operation, Target};

use super::reference::Reference;
use super::set::Set;

impl Reference {
    /// "Operations of its past that let in its author's device or a device that it is about, or give a role to whoever
    /// these may belong to or whom it is about, or remove one of these."
    pub(crate) fn concerns(&self, place: usize) -> Set {
        let op = &self.ops[place];
        let devices: BTreeSet<DeviceId> =
            self.device_it_is_about(place).into_iter().chain([op.author]).collect();
        let admissions = op
            .past
            .those(|earlier| self.lets_in(earlier).is_some_and(|(device, _)| devices.contains(&device)));
        let owners = admissions.iter().filter_map(|earlier| self.lets_in(earlier)).map(|(_, member)| member);
        let people: BTreeSet<MemberId> = owners.chain(self.person_it_is_about(place)).collect();
        let roles = op
            .past
            .those(|earlier| self.gives_role(earlier).is_some_and(|(member, _)| people.contains(&member)));
        let removals = op.past.those(|earlier| self.removes(earlier, &devices, &people));
        admissions.or(roles).or(removals)
    }

    fn device_it_is_about(&self, place: usize) -> Option<DeviceId> {
        match &self.ops[place].operation {
            Operation::AddMember { device, .. }
            | Operation::AddDevice { device, .. }
            | Operation::Remove { target: Target::Device(device), .. } => Some(*device),
            _ => None,
        }
    }

    fn person_it_is_about(&self, place: usize) -> Option<MemberId> {
        match &self.ops[place].operation {
            Operation::AddDevice { member, .. }
            | Operation::ChangeRole { member, .. }
            | Operation::Remove { target: Target::Member(member), .. } => Some(*member),
            _ => None,
        }
    }

    fn removes(&self, place: usize, devices: &BTreeSet<DeviceId>, people: &BTreeSet<MemberId>) -> bool {
        let Some(reduction) = &self.then[place].reduces else { return false };
        let about = match reduction.target {
            Target::Member(member) => people.contains(&member),
            Target::Device(device) => devices.contains(&device),
        };
        reduction.left_with.is_none() && (about || !reduction.devices.is_disjoint(devices))
    }
}
