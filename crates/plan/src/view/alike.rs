//! Which titles look alike.

use std::collections::{BTreeMap, BTreeSet};

/// Open commitments by the words of their titles.
#[derive(Default)]
pub(super) struct Alike {
    words: BTreeMap<String, Vec<String>>,
    sizes: BTreeMap<String, usize>,
}

impl Alike {
    pub(super) fn add(&mut self, id: &str, title: &str) {
        let stems = stems(title);
        self.sizes.insert(id.to_owned(), stems.len());
        for stem in stems {
            self.words.entry(stem).or_default().push(id.to_owned());
        }
    }

    /// Others whose titles share most of their longer words.
    pub(super) fn to(&self, id: &str, title: &str) -> Vec<String> {
        let own = stems(title);
        let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
        for other in own.iter().filter_map(|stem| self.words.get(stem)).flatten().filter(|other| *other != id)
        {
            *shared.entry(other).or_default() += 1;
        }
        let is_alike = |(other, shared): &(&str, usize)| {
            let theirs = self.sizes.get(*other).copied().unwrap_or_default();
            shared * 2 >= own.len().min(theirs) && shared * 3 >= own.len().max(theirs)
        };
        shared.into_iter().filter(is_alike).map(|(other, _)| other.to_owned()).collect()
    }
}

/// The beginnings of a text's longer words: enough to find `lokal` in `lokalen` in Swedish and Finnish alike.
fn stems(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4)
        .map(|word| word.chars().take(5).collect())
        .collect()
}
