//! Which titles look alike.

use std::collections::{BTreeMap, BTreeSet};

use super::Texts;

/// Titles by their words, language by language: two that are written in no common language are never alike.
///
/// Where every title shares a word with every other, as in a plan that was drawn up from one template, all have to be
/// held against all: things and words have numbers here, so that this costs a count and not a comparison of texts.
#[derive(Default)]
pub(crate) struct Alike {
    /// The number of each thing that ever had a title.
    numbers: BTreeMap<String, usize>,
    /// By the things' numbers.
    titles: Vec<Titles>,
    /// Each word of each language.
    words: BTreeMap<(String, String), usize>,
    /// By the words' numbers: whose titles have it.
    has: Vec<Vec<usize>>,
}

/// The titles of one thing.
struct Titles {
    id: String,
    /// The numbers of the words of each, by language.
    words: BTreeMap<String, Vec<usize>>,
}

impl Alike {
    /// Says what a thing is called; nothing takes it out.
    pub(crate) fn set(&mut self, id: &str, titles: &Texts) {
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None if titles.is_empty() => return,
            None => {
                self.numbers.insert(id.to_owned(), self.titles.len());
                self.titles.push(Titles { id: id.to_owned(), words: BTreeMap::new() });
                self.titles.len() - 1
            }
        };
        let words: BTreeMap<String, Vec<usize>> = titles
            .iter()
            .map(|(language, title)| (language.clone(), self.words_of(language, title)))
            .collect();
        for word in words.values().flatten() {
            if let Some(has) = self.has.get_mut(*word)
                && !has.contains(&number)
            {
                has.push(number);
            }
        }
        let Some(own) = self.titles.get_mut(number) else { return };
        let before = core::mem::replace(&mut own.words, words);
        let gone = before
            .into_values()
            .flatten()
            .filter(|word| !own.words.values().flatten().any(|now| now == word));
        for word in gone {
            if let Some(has) = self.has.get_mut(word) {
                has.retain(|other| *other != number);
            }
        }
    }

    fn words_of(&mut self, language: &str, title: &str) -> Vec<usize> {
        let number = |stem| {
            *self.words.entry((language.to_owned(), stem)).or_insert_with(|| {
                self.has.push(Vec::new());
                self.has.len() - 1
            })
        };
        stems(title).into_iter().map(number).collect()
    }

    /// Others whose titles share most of their longer words, in order of their ids.
    pub(crate) fn to(&self, id: &str) -> Vec<&str> {
        let Some(number) = self.numbers.get(id) else { return Vec::new() };
        let mut alike = BTreeSet::new();
        for (language, own) in self.titles.get(*number).into_iter().flat_map(|titles| &titles.words) {
            let mut shared = vec![0_usize; self.titles.len()];
            for other in own.iter().filter_map(|word| self.has.get(*word)).flatten() {
                if let Some(shared) = shared.get_mut(*other) {
                    *shared += 1;
                }
            }
            let is_alike = |(other, titles, shared): &(usize, &Titles, usize)| {
                let theirs = titles.words.get(language).map_or(0, Vec::len);
                let most = shared * 2 >= own.len().min(theirs) && shared * 3 >= own.len().max(theirs);
                *shared > 0 && other != number && most
            };
            let others = self.titles.iter().zip(shared).enumerate();
            let others = others.map(|(other, (titles, shared))| (other, titles, shared)).filter(is_alike);
            alike.extend(others.map(|(other, ..)| other));
        }
        let mut ids: Vec<&str> =
            alike.into_iter().filter_map(|other| Some(self.titles.get(other)?.id.as_str())).collect();
        ids.sort_unstable();
        ids
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
        assert_eq!(alike.to("a"), ["b"]);
        assert_eq!(alike.to("b"), ["a"]);

        alike.set("b", &titles(&[("sv", "Något annat")]));
        assert!(alike.to("a").is_empty());
        alike.set("a", &Texts::new());
        assert!(alike.to("a").is_empty());
        alike.set("a", &titles(&[("sv", "Lokal i församlingen")]));
        alike.set("d", &titles(&[("sv", "Församlingens lokal")]));
        assert_eq!(alike.to("a"), ["d"]);
    }
}
