//! Where to find what is said about a person or a device, and which operations stand against each other.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::operation::{Operation, Role, Target};
use super::resolver::Node;
use super::state::Rank;
use crate::{DeviceId, MemberId, SpaceId, member_id};

/// From how many operations on a set is quicker than a list: one bit for each operation of the space.
const MANY: usize = 64;

/// Operations about a person, in the order of the list.
#[derive(Default)]
pub(crate) struct Person {
    /// What gives them a role: their admissions and changes of role.
    pub(crate) roles: Vec<usize>,
    /// The same, once there are many.
    pub(crate) many_roles: Option<Bits>,
    /// What gives them a device: their admissions, and devices added.
    pub(crate) devices: Vec<usize>,
    /// What they did, as far as they knew themselves.
    by: Vec<usize>,
    /// Removals of the person.
    pub(crate) removals: Vec<usize>,
    /// Removals and demotions of the person.
    reductions: Vec<usize>,
}

/// Operations about a device, in the order of the list.
#[derive(Default)]
pub(crate) struct Device {
    /// What lets it in.
    pub(crate) admissions: Vec<usize>,
    /// Removals of the device, alone or with the person whose it was for an admin.
    pub(crate) removals: Vec<usize>,
    /// Removals and demotions that are aimed at it.
    aimed_at: Vec<usize>,
    /// What it did.
    by: Vec<usize>,
}

/// Everything that is found without going through the list. Operations that are void by their own past alone are not
/// in it: they have no effect.
#[derive(Default)]
pub(crate) struct Index {
    people: BTreeMap<MemberId, Person>,
    devices: BTreeMap<DeviceId, Device>,
    /// For an operation that takes rights or claims a device: what it makes void where it counts.
    pub(crate) conflicts: BTreeMap<usize, Bits>,
}

/// How an operation stands against others made apart from it: by its author's seniority, then order. Less is stronger.
pub(crate) type Strength = (Rank, Rank);

impl Node {
    /// Its place in the order: by depth, then id.
    pub(crate) const fn order(&self) -> Rank {
        (self.depth, self.operation.id)
    }

    pub(crate) const fn strength(&self) -> Strength {
        (self.rank, self.order())
    }

    /// Whether it is by an admin as such: an admin who leaves does what anybody may.
    pub(crate) fn is_by_admin(&self) -> bool {
        self.rank.0 < u64::MAX && self.needs == Role::Admin
    }

    /// The device that it lets in, and whose it becomes.
    pub(crate) fn lets_in(&self) -> Option<(DeviceId, MemberId)> {
        match &self.operation.operation {
            Operation::Genesis { .. } => {
                let author = self.operation.author();
                Some((author, member_id(SpaceId::ZERO, author)))
            }
            Operation::AddMember { member, device, .. } | Operation::AddDevice { member, device, .. } => {
                Some((*device, *member))
            }
            _ => None,
        }
    }

    /// Whom it gives a role, and which.
    pub(crate) fn gives_role(&self) -> Option<(MemberId, Role)> {
        match &self.operation.operation {
            Operation::Genesis { .. } => {
                Some((member_id(SpaceId::ZERO, self.operation.author()), Role::Admin))
            }
            Operation::AddMember { member, role, .. } | Operation::ChangeRole { member, role, .. } => {
                Some((*member, *role))
            }
            _ => None,
        }
    }

    /// Devices that it removes, beside those of a member that it removes: one, or those that an admin knew as the
    /// member's, which an admission made apart may have made somebody else's.
    pub(crate) fn removes_devices(&self) -> impl Iterator<Item = &DeviceId> {
        let aim = self.aim.as_ref().filter(|aim| aim.left_with.is_none());
        let aim = aim.filter(|aim| self.is_by_admin() || matches!(aim.target, Target::Device(_)));
        aim.into_iter().flat_map(|aim| aim.devices.keys())
    }
}

impl Person {
    fn add_role(&mut self, index: usize) {
        self.roles.push(index);
        match &mut self.many_roles {
            Some(many) => many.set(index),
            None if self.roles.len() > MANY => self.many_roles = Some(self.roles.iter().copied().collect()),
            None => {}
        }
    }
}

impl Index {
    pub(crate) fn person(&self, member: &MemberId) -> Option<&Person> {
        self.people.get(member)
    }

    pub(crate) fn device(&self, device: &DeviceId) -> Option<&Device> {
        self.devices.get(device)
    }

    /// What an author's right to an operation can depend on: what its past says of whose the author's device and the
    /// devices that it is about are, and of these people's roles and removals.
    pub(crate) fn concerning(&self, nodes: &[Node], node: &Node) -> Vec<usize> {
        let (mut devices, mut people) = (vec![node.operation.author()], Vec::new());
        match &node.operation.operation {
            Operation::AddMember { device, .. } => devices.push(*device),
            Operation::AddDevice { member, device, .. } => {
                devices.push(*device);
                people.push(*member);
            }
            Operation::ChangeRole { member, .. } => people.push(*member),
            Operation::Remove { target: Target::Member(member), .. } => people.push(*member),
            Operation::Remove { target: Target::Device(device), .. } => devices.push(*device),
            _ => {}
        }
        let mut found = Vec::new();
        for device in devices.iter().filter_map(|device| self.devices.get(device)) {
            found.extend(device.admissions.iter().chain(&device.removals));
            let known = device.admissions.iter().filter(|by| node.past.has(**by));
            people.extend(known.filter_map(|by| nodes.get(*by)?.lets_in()).map(|(_, member)| member));
        }
        people.sort_unstable();
        people.dedup();
        for person in people.iter().filter_map(|member| self.people.get(member)) {
            found.extend(person.roles.iter().chain(&person.removals));
        }
        found.retain(|index| node.past.has(*index));
        found
    }

    /// Takes in the newest of the operations.
    pub(crate) fn add(&mut self, nodes: &[Node]) {
        let Some((node, index)) = nodes.last().zip(nodes.len().checked_sub(1)) else { return };
        if node.local.is_err() {
            return;
        }
        self.list(node, index);
        let mut found = Vec::new();
        self.aimed_by(nodes, node, index, &mut found);
        self.aimed_at(nodes, node, index, &mut found);
        self.claims(nodes, node, index, &mut found);
        for (taker, hit) in found {
            self.conflicts.entry(taker).or_default().set(hit);
        }
    }

    fn list(&mut self, node: &Node, index: usize) {
        if let Some((device, member)) = node.lets_in() {
            self.people.entry(member).or_default().devices.push(index);
            self.devices.entry(device).or_default().admissions.push(index);
        }
        if let Some((member, _)) = node.gives_role() {
            self.people.entry(member).or_default().add_role(index);
        }
        for device in node.removes_devices() {
            self.devices.entry(*device).or_default().removals.push(index);
        }
        if let Some(aim) = &node.aim {
            if let Target::Member(member) = aim.target {
                let person = self.people.entry(member).or_default();
                person.reductions.push(index);
                if aim.left_with.is_none() {
                    person.removals.push(index);
                }
            }
            for device in aim.devices.keys() {
                self.devices.entry(*device).or_default().aimed_at.push(index);
            }
        }
        self.devices.entry(node.operation.author()).or_default().by.push(index);
        if let Some(own) = node.own {
            self.people.entry(own).or_default().by.push(index);
        }
    }

    /// What a new reduction hits.
    fn aimed_by(&self, nodes: &[Node], node: &Node, index: usize, found: &mut Vec<(usize, usize)>) {
        let Some(aim) = &node.aim else { return };
        let devices =
            aim.devices.keys().filter_map(|device| self.devices.get(device)).flat_map(|known| &known.by);
        let person = match aim.target {
            Target::Member(member) => self.people.get(&member),
            Target::Device(_) => None,
        };
        let all = person.into_iter().flat_map(|person| &person.by).chain(devices);
        found.extend(all.filter(|hit| is_hit(nodes, index, **hit)).map(|hit| (index, *hit)));
    }

    /// What hits a new operation.
    fn aimed_at(&self, nodes: &[Node], node: &Node, index: usize, found: &mut Vec<(usize, usize)>) {
        let device = self.devices.get(&node.operation.author());
        let takers = device.into_iter().flat_map(|device| &device.aimed_at);
        let person = node.own.and_then(|own| self.people.get(&own));
        let takers = person.into_iter().flat_map(|person| &person.reductions).chain(takers);
        found.extend(takers.filter(|taker| is_hit(nodes, **taker, index)).map(|taker| (*taker, index)));
    }

    /// Other admissions of the device that a new operation lets in, made apart, that make it another member's.
    fn claims(&self, nodes: &[Node], node: &Node, index: usize, found: &mut Vec<(usize, usize)>) {
        let Some((device, member)) = node.lets_in() else { return };
        for other in self.devices.get(&device).into_iter().flat_map(|device| &device.admissions) {
            let Some(known) = nodes.get(*other).filter(|_| !node.past.has(*other) && *other != index) else {
                continue;
            };
            if known.lets_in().is_some_and(|(_, others)| others != member) {
                let stronger = known.strength() < node.strength();
                found.push(if stronger { (*other, index) } else { (index, *other) });
            }
        }
    }
}

/// Whether a reduction that counts makes an operation void: it is apart from it, by the target, and needs more than what
/// is left. The target is whoever the author was as far as they knew themselves; whom an admin removes is also whatever
/// device the admin knew as the target's.
fn is_hit(nodes: &[Node], taker: usize, hit: usize) -> bool {
    let Some((reduction, node)) = nodes.get(taker).zip(nodes.get(hit)) else { return false };
    let Some(aim) = &reduction.aim else { return false };
    let device = aim.devices.contains_key(&node.operation.author());
    let by_target = match aim.target {
        Target::Member(member) => node.own == Some(member) || device && reduction.is_by_admin(),
        Target::Device(_) => device && (reduction.is_by_admin() || node.own == reduction.own),
    };
    by_target
        && taker != hit
        && !node.past.has(taker)
        && !reduction.past.has(hit)
        && aim.left_with.is_none_or(|role| node.needs > role)
}
