//! Which titles look alike.

use std::collections::{BTreeMap, BTreeSet};

use super::Texts;

/// Titles by their words, language by language: two that are written in no common language are never alike.
#[derive(Default)]
pub(crate) struct Alike {
    /// The words of each title, by language.
    titles: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// Whose titles have a word of a language.
    words: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Alike {
    /// Says what a thing is called; nothing takes it out.
    pub(crate) fn set(&mut self, id: &str, titles: &Texts) {
        for (language, stems) in self.titles.remove(id).into_iter().flatten() {
            for stem in stems {
                let key = (language.clone(), stem);
                if let Some(ids) = self.words.get_mut(&key) {
                    ids.remove(id);
                    if ids.is_empty() {
                        self.words.remove(&key);
                    }
                }
            }
        }
        if titles.is_empty() {
            return;
        }
        let stems: BTreeMap<String, BTreeSet<String>> =
            titles.iter().map(|(language, title)| (language.clone(), stems(title))).collect();
        for (language, stems) in &stems {
            for stem in stems {
                self.words.entry((language.clone(), stem.clone())).or_default().insert(id.to_owned());
            }
        }
        self.titles.insert(id.to_owned(), stems);
    }

    /// Others whose titles share most of their longer words.
    pub(crate) fn to(&self, id: &str) -> BTreeSet<String> {
        let mut alike = BTreeSet::new();
        for (language, own) in self.titles.get(id).into_iter().flatten() {
            let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
            for stem in own {
                let ids = self.words.get(&(language.clone(), stem.clone()));
                for other in ids.into_iter().flatten().filter(|other| *other != id) {
                    *shared.entry(other).or_default() += 1;
                }
            }
            let is_alike = |(other, shared): &(&str, usize)| {
                let theirs = self.titles.get(*other).and_then(|stems| stems.get(language));
                let theirs = theirs.map_or(0, BTreeSet::len);
                shared * 2 >= own.len().min(theirs) && shared * 3 >= own.len().max(theirs)
            };
            alike.extend(shared.into_iter().filter(is_alike).map(|(other, _)| other.to_owned()));
        }
        alike
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

#[cfg(test)]
mod tests {
    use super::{Alike, Texts};

    fn titles(titles: &[(&str, &str)]) -> Texts {
        titles.iter().map(|(language, title)| ((*language).to_owned(), (*title).to_owned())).collect()
    }

    #[test]
    fn titles_are_alike_in_a_language_that_both_have() {
        let mut alike = Alike::default();
        alike.set("a", &titles(&[("sv", "Fråga församlingen om lokal"), ("fi", "Kysy tilaa")]));
        alike.set("b", &titles(&[("sv", "Be församlingen om en lokal")]));
        alike.set("c", &titles(&[("en", "Ask the församling for a lokal")]));
        assert_eq!(alike.to("a"), ["b".to_owned()].into());
        assert_eq!(alike.to("b"), ["a".to_owned()].into());

        alike.set("b", &titles(&[("sv", "Något annat")]));
        assert!(alike.to("a").is_empty());
        alike.set("a", &Texts::new());
        assert!(alike.titles.len() == 2 && alike.to("a").is_empty());
    }
}
