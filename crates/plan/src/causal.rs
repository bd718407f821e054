//! Who knew what: the pasts of statements that name the ones they build on.

use std::collections::{BTreeMap, BTreeSet};

use samverka_log::DeviceId;

/// A set of places in an order, as bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Places {
    words: Vec<u64>,
}

impl Places {
    pub(crate) fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(word) {
            *bits |= 1 << (place % 64);
        }
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        self.words.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (bits, more) in self.words.iter_mut().zip(&other.words) {
            *bits |= more;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|bits| usize::try_from(bits.count_ones()).unwrap_or_default()).sum()
    }

    /// The places that are here and not there, in order.
    pub(crate) fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        self.words.iter().enumerate().flat_map(move |(word, bits)| {
            let mut left = bits & !other.words.get(word).copied().unwrap_or_default();
            core::iter::from_fn(move || {
                let bit = usize::try_from(left.trailing_zeros()).ok().filter(|_| left != 0)?;
                left &= left - 1;
                Some(word * 64 + bit)
            })
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        const NONE: &Places = &Places { words: Vec::new() };
        self.without(NONE)
    }
}

/// Puts statements into an order in which causes come before effects: by how long a chain of causes each has, then by
/// name. The same for the same set, in whatever order they came. `items` are names with the names they build on.
///
/// A chain that bites its own tail can only be made on purpose. It is cut at the least name in it, and whoever builds
/// on it in good faith keeps everything else that they built on.
pub(crate) fn order(items: &[(&str, &[String])]) -> Vec<usize> {
    let by_name: BTreeMap<&str, usize> =
        items.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    let causes: Vec<Vec<usize>> = items
        .iter()
        .map(|(_, after)| after.iter().filter_map(|name| by_name.get(name.as_str()).copied()).collect())
        .collect();
    let mut effects: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    let mut waits: Vec<usize> = causes.iter().map(Vec::len).collect();
    for (index, causes) in causes.iter().enumerate() {
        for cause in causes {
            if let Some(effects) = effects.get_mut(*cause) {
                effects.push(index);
            }
        }
    }
    let mut depths: Vec<Option<usize>> = vec![None; items.len()];
    let mut ready: Vec<usize> = (0..items.len()).filter(|index| waits.get(*index) == Some(&0)).collect();
    let mut left: BTreeSet<(&str, usize)> =
        items.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    loop {
        while let Some(index) = ready.pop() {
            let known = causes.get(index).into_iter().flatten();
            let depth = known.filter_map(|cause| depths.get(*cause).copied().flatten()).max();
            if let (Some(place), Some((name, _))) = (depths.get_mut(index), items.get(index)) {
                *place = Some(depth.map_or(0, |depth| depth + 1));
                left.remove(&(*name, index));
            }
            for effect in effects.get(index).into_iter().flatten() {
                if let Some(wait) = waits.get_mut(*effect).filter(|wait| **wait > 0) {
                    *wait -= 1;
                    if *wait == 0 {
                        ready.push(*effect);
                    }
                }
            }
        }
        let Some((_, start)) = left.first() else { break };
        let cut = least_of_circle(*start, items, &causes, &depths);
        if let Some(wait) = waits.get_mut(cut) {
            *wait = 0;
        }
        ready.push(cut);
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| (depths.get(*index), items.get(*index).map(|(name, _)| *name)));
    order
}

/// The newest statements of each device, in order of their names. Statements are given in the order of causes, as a
/// name, its device, and the names that it builds on.
///
/// A statement counts as behind another only where the same device says so. Whoever builds on these names what each
/// device said last, so a device that later says something else under a name it has used takes nothing away but its
/// own words.
pub(crate) fn heads<'a>(said: impl Iterator<Item = (&'a str, DeviceId, &'a [String])>) -> Vec<String> {
    let mut devices: BTreeMap<&str, DeviceId> = BTreeMap::new();
    let mut behind: BTreeSet<&str> = BTreeSet::new();
    for (name, device, after) in said {
        let own = |cause: &&String| devices.get(cause.as_str()) == Some(&device);
        behind.extend(after.iter().filter(own).map(String::as_str));
        devices.insert(name, device);
    }
    devices.into_keys().filter(|name| !behind.contains(name)).map(str::to_owned).collect()
}

/// Follows unplaced causes from a statement until they repeat; answers the least name in that circle.
fn least_of_circle(
    start: usize,
    items: &[(&str, &[String])],
    causes: &[Vec<usize>],
    depths: &[Option<usize>],
) -> usize {
    let mut trail = vec![start];
    let mut seen = BTreeMap::from([(start, 0)]);
    loop {
        let at = trail.last().copied().unwrap_or(start);
        let unplaced = |cause: &&usize| depths.get(**cause).is_some_and(Option::is_none);
        let Some(next) = causes.get(at).and_then(|causes| causes.iter().find(unplaced)) else { return at };
        if let Some(begin) = seen.insert(*next, trail.len()) {
            let circle = trail.get(begin..).unwrap_or_default();
            return circle
                .iter()
                .copied()
                .min_by_key(|index| items.get(*index).map(|(name, _)| *name))
                .unwrap_or(at);
        }
        trail.push(*next);
    }
}

/// The pasts of statements. They are added in an order in which causes come before effects; a statement that claims to
/// build on one that comes later, or that is not here, has not got it in its past.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pasts {
    places: BTreeMap<String, usize>,
    pasts: Vec<Places>,
}

impl Pasts {
    /// Adds the next statement.
    pub(crate) fn push<'a>(&mut self, name: &str, after: impl IntoIterator<Item = &'a String>) {
        let past = self.closure(after);
        self.places.insert(name.to_owned(), self.pasts.len());
        self.pasts.push(past);
    }

    /// The statements named and everything in their pasts.
    pub(crate) fn closure<'a>(&self, heads: impl IntoIterator<Item = &'a String>) -> Places {
        let mut closure = Places::default();
        for place in heads.into_iter().filter_map(|head| self.places.get(head.as_str())) {
            if let Some(past) = self.pasts.get(*place) {
                closure.extend(past);
            }
            closure.insert(*place);
        }
        closure
    }

    pub(crate) fn of(&self, place: usize) -> Option<&Places> {
        self.pasts.get(place)
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.pasts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Pasts, Places, order};

    fn names_in_order(items: &[(&str, &[&str])]) -> Vec<String> {
        let owned: Vec<(&str, Vec<String>)> = items
            .iter()
            .map(|(name, after)| (*name, after.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        let borrowed: Vec<(&str, &[String])> =
            owned.iter().map(|(name, after)| (*name, after.as_slice())).collect();
        order(&borrowed).into_iter().map(|index| borrowed[index].0.to_owned()).collect()
    }

    #[test]
    fn causes_come_before_effects_however_they_are_named() {
        assert_eq!(
            names_in_order(&[("a", &["z"]), ("z", &[]), ("m", &["a"]), ("b", &[])]),
            ["b", "z", "a", "m"]
        );
    }

    #[test]
    fn a_chain_that_bites_its_tail_is_cut_and_does_not_take_others_along() {
        let items: &[(&str, &[&str])] = &[
            ("x", &["y"]),
            ("y", &["x"]),
            ("b", &["c", "honest"]),
            ("c", &["y"]),
            ("a", &["b"]),
            ("honest", &[]),
        ];
        assert_eq!(names_in_order(items), ["honest", "x", "y", "c", "b", "a"]);
        assert_eq!(names_in_order(&[("self", &["self"])]), ["self"]);
    }

    #[test]
    fn a_past_holds_everything_behind_what_is_named_and_nothing_that_comes_later() {
        let mut pasts = Pasts::default();
        let names: Vec<String> = (0..130).map(|n| format!("s{n}")).collect();
        for (index, name) in names.iter().enumerate() {
            let after: Vec<String> =
                names.get(index.wrapping_sub(1)).into_iter().chain(names.get(index + 1)).cloned().collect();
            pasts.push(name, &after);
        }
        assert_eq!(pasts.of(0).map(Places::len), Some(0));
        assert_eq!(pasts.of(129).map(Places::len), Some(129));
        let apart: Vec<usize> = pasts.closure([&names[129]]).without(&pasts.closure([&names[127]])).collect();
        assert_eq!(apart, [128, 129]);
    }
}
