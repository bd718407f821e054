//! What must hold, said as simply as it gets: what a screen called safe is safe, everybody ends with the same, nobody's
//! words are in the plan who did not write them, and nothing grows without end.

use std::collections::BTreeSet;

use samverka_log::{DeviceId, Frontier, LogId};
use samverka_room::{CREDIT_BYTES, PeerId};
use samverka_store::Store as _;

use crate::world::{End, World, url};

/// Requests that may wait for one disk: a replica asks for a batch a session, a relay for a read a channel.
const REQUESTS_MAX: usize = 2_000;

/// Bytes that a room may have under way to one channel: its credit, the answers beyond it, a frame of the largest size.
const OUTSTANDING_MAX: u64 = CREDIT_BYTES + 3 * 1024 * 1024;

/// What a person wrote, and where a screen said that it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    said: Vec<Said>,
}

#[derive(Clone, Debug)]
struct Said {
    text: String,
    /// The process that it was typed in lives.
    alive: bool,
    saved: bool,
    at_relays: BTreeSet<usize>,
    with_people: BTreeSet<usize>,
}

impl Facts {
    pub(crate) fn said(&mut self, text: String) {
        let (at_relays, with_people) = (BTreeSet::new(), BTreeSet::new());
        self.said.push(Said { text, alive: true, saved: false, at_relays, with_people });
    }

    pub(crate) fn process_died(&mut self) {
        for said in &mut self.said {
            said.alive = false;
        }
    }

    pub(crate) fn device_went_back(&mut self) {
        for said in &mut self.said {
            said.saved = false;
        }
    }
}

/// Notes what every screen says just then, and holds it against what is so.
///
/// # Errors
/// What a screen says that is not so, or what has grown too much.
pub fn observe(world: &mut World) -> Result<(), String> {
    for person in 0..world.people.len() {
        observe_person(world, person)?;
    }
    bounded(world)
}

fn observe_person(world: &mut World, person: usize) -> Result<(), String> {
    let own = &world.people[person];
    let Some(replica) = own.replica.as_ref().filter(|replica| replica.is_ready()) else { return Ok(()) };
    let status = replica.status();
    let stored = own.disk.store().frontier(world.space).map_err(|error| error.to_string())?;
    let claimed = status.entries_here + status.bodyless;
    if claimed > stored.entries() {
        return Err(format!(
            "person {person} is told that {claimed} entries are on their device, and {} are",
            stored.entries()
        ));
    }
    if status.unsaved > 0 {
        return Ok(());
    }
    let mut at_relays = BTreeSet::new();
    for relay in 0..world.relays.len() {
        let said = status.relays.iter().find(|known| known.url == url(relay));
        if world.relays[relay].broke_its_word || !said.is_some_and(|said| said.known && said.lacking_own == 0)
        {
            continue;
        }
        let theirs =
            world.relays[relay].disk.store().frontier(world.space).map_err(|error| error.to_string())?;
        covers(world, person, &stored, &theirs)
            .map_err(|log| format!("person {person} is told that relay {relay} has everything of {log}"))?;
        at_relays.insert(relay);
    }
    let mut with_people = BTreeSet::new();
    for device in status.devices.iter().filter(|device| device.said_ms.is_some() && device.lacking_own == 0) {
        let Some(other) = only_holder(world, &device.device) else { continue };
        let disk = world.people[other].disk.store();
        let theirs = disk.frontier(world.space).map_err(|error| error.to_string())?;
        covers(world, person, &stored, &theirs)
            .map_err(|log| format!("person {person} is told that person {other} has everything of {log}"))?;
        with_people.insert(other);
    }
    for said in &mut world.people[person].facts.said {
        // What died with its process before it was saved is not what is meant.
        if said.alive || said.saved {
            said.saved = true;
            said.at_relays.extend(&at_relays);
            said.with_people.extend(&with_people);
        }
    }
    Ok(())
}

/// The one person whose device this is; none where it has a twin or went back to an older state, since what it once said
/// may hold no more.
fn only_holder(world: &World, device: &DeviceId) -> Option<usize> {
    let other = world.people.iter().position(|person| person.keys.device() == *device)?;
    (!world.people[other].has_twin && !world.devices_went_back.contains(&other)).then_some(other)
}

/// Whether all that a device has of its own logs is in a frontier.
fn covers(world: &World, person: usize, stored: &Frontier, theirs: &Frontier) -> Result<(), LogId> {
    let device = world.people[person].keys.device();
    if world.people[person].has_twin {
        return Ok(());
    }
    // What another program wrote beside the process it may not have read yet.
    let beside = |log: &LogId| log.slot.0 >= 1 << 32 && world.people[person].slot != log.slot;
    for (log, head) in stored.iter().filter(|(log, _)| log.device == device && !beside(log)) {
        if theirs.head(log).next < head.next {
            return Err(*log);
        }
    }
    Ok(())
}

fn bounded(world: &World) -> Result<(), String> {
    for (number, relay) in world.relays.iter().enumerate() {
        if relay.disk.waiting() > REQUESTS_MAX {
            return Err(format!("{} requests wait for the disk of relay {number}", relay.disk.waiting()));
        }
        let Some(room) = &relay.room else { continue };
        for wire in world.wires.open_of(&End::Relay(number)) {
            let outstanding = room.outstanding(PeerId(wire));
            if outstanding > OUTSTANDING_MAX {
                return Err(format!("relay {number} holds {outstanding} bytes for one connection"));
            }
        }
    }
    let waiting = |person: &crate::Person| person.disk.waiting() > REQUESTS_MAX;
    match world.people.iter().position(waiting) {
        None => Ok(()),
        Some(person) => Err(format!("person {person} asks their disk without end")),
    }
}

/// What is expected at the end.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Whose words may rightly be missing, since somebody questioned their right to write.
    pub questioned: BTreeSet<usize>,
    /// Whether everything has to have gone everywhere, by every screen's word.
    pub all_settled: bool,
}

/// Holds the end of a world in which everybody has met against what must be so.
///
/// # Errors
/// What is not so.
pub fn check_end(world: &World, expected: &Expected) -> Result<(), String> {
    for (person, own) in world.people.iter().enumerate() {
        let replica = own.replica.as_ref().ok_or_else(|| format!("person {person} is dead"))?;
        if let Some(failure) = replica.store_failure() {
            return Err(format!("person {person} still cannot save: {failure}"));
        }
        if !replica.is_ready() && !replica.is_joining() {
            return Err(format!("person {person} does not get ready: {:?}", replica.status()));
        }
    }
    let membership = world.replica(0).membership();
    let reads = |person: &usize| membership.may_read(&world.people[*person].keys.device());
    let readers: Vec<usize> = (0..world.people.len()).filter(reads).collect();
    if !readers.contains(&0) && !expected.questioned.contains(&0) {
        return Err("the founder lost their place".to_owned());
    }
    let Some(first) = readers.first().copied() else { return Ok(()) };
    let export = world.export(first);
    for person in readers.iter().copied() {
        same(world, first, person, &export)?;
        status_is_true(world, person, expected)?;
    }
    nothing_safe_is_lost(world, &export, expected)?;
    nothing_is_made_up(world, &export)?;
    newer_kinds_are_passed_on(world, &readers, expected)
}

fn same(world: &World, first: usize, person: usize, export: &str) -> Result<(), String> {
    let (one, other) = (world.replica(first), world.replica(person));
    if other.membership() != one.membership() {
        return Err(format!("person {person} knows other members than person {first}"));
    }
    let held_back = |replica: &samverka_replica::Replica| {
        replica.quarantined().iter().map(|late| late.id).collect::<BTreeSet<_>>()
    };
    if held_back(other) != held_back(one) {
        return Err(format!("person {person} holds back other entries than person {first}"));
    }
    if world.export(person) != *export {
        let (one, other) = (one.status(), other.status());
        return Err(format!("person {person} has another plan than person {first}: {other:?}, {one:?}"));
    }
    Ok(())
}

fn status_is_true(world: &World, person: usize, expected: &Expected) -> Result<(), String> {
    let status = world.replica(person).status();
    let wrong = |what: &str| Err(format!("person {person}: {what} at the end: {status:?}"));
    if status.unsaved > 0 {
        return wrong("something is unsaved");
    }
    if !expected.all_settled {
        return Ok(());
    }
    if status.only_here + status.waiting + status.bodyless > 0 {
        return wrong("something is only here, waits or lacks its body");
    }
    let honest = |url_of: &str| {
        (0..world.relays.len()).any(|relay| url(relay) == url_of && world.relays[relay].malice.is_none())
    };
    if status.relays.iter().any(|relay| honest(&relay.url) && relay.lacking > 0) {
        return wrong("a relay lacks something");
    }
    if status.devices.iter().any(|device| device.lacking > 0) {
        return wrong("another device lacks something");
    }
    Ok(())
}

fn nothing_safe_is_lost(world: &World, export: &str, expected: &Expected) -> Result<(), String> {
    let kept_its_word = |relay: &usize| !world.relays[*relay].broke_its_word;
    let kept = |person: &usize| !world.devices_went_back.contains(person);
    for (person, own) in world.people.iter().enumerate().filter(|(who, _)| !expected.questioned.contains(who))
    {
        for said in &own.facts.said {
            let safe =
                said.saved || said.at_relays.iter().any(kept_its_word) || said.with_people.iter().any(kept);
            if safe && !export.contains(said.text.as_str()) {
                return Err(format!(
                    "{} of person {person} is gone, and was called safe: {said:?}",
                    said.text
                ));
            }
        }
    }
    Ok(())
}

fn nothing_is_made_up(world: &World, export: &str) -> Result<(), String> {
    let texts = export.match_indices("lapp ").map(|(at, _)| {
        let rest = &export[at + "lapp ".len()..];
        let end = rest.find(|next: char| !next.is_ascii_digit() && next != '-').unwrap_or(rest.len());
        &rest[..end]
    });
    for text in texts {
        let person = text.split('-').next().and_then(|person| person.parse::<usize>().ok());
        let whole = format!("lapp {text}");
        let typed = person.and_then(|person| world.people.get(person)).map(|person| &person.tried);
        if !typed.is_some_and(|typed| typed.contains(&whole)) {
            return Err(format!("{whole} is in the plan, and nobody wrote it"));
        }
    }
    Ok(())
}

fn newer_kinds_are_passed_on(world: &World, readers: &[usize], expected: &Expected) -> Result<(), String> {
    for (author, id) in
        world.written_beside.iter().filter(|(author, _)| !expected.questioned.contains(author))
    {
        if world.devices_went_back.contains(author) {
            continue;
        }
        for person in readers {
            let store = world.people[*person].disk.store();
            let all = store.entries_by_arrival(world.space, samverka_store::Arrival(0), usize::MAX);
            let all = all.map_err(|error| error.to_string())?;
            let kept = all.iter().find(|(_, entry)| entry.id() == *id);
            if kept.is_none_or(|(_, entry)| entry.body.is_none()) {
                return Err(format!("person {person} did not get entry {id} of another program of {author}"));
            }
        }
    }
    Ok(())
}
