//! A text that somebody wrote from what they saw, brought to what it has become meanwhile.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// A text in one language, as the fields of an edit.
pub(crate) fn one_text(field: &str, language: &str, text: &str) -> BTreeMap<String, Json> {
    BTreeMap::from([(field.to_owned(), json!({ language: text }))])
}

/// One piece of a text put in the place of another. Positions are in characters of the text before.
#[derive(Debug, PartialEq, Eq)]
struct Splice<'a> {
    at: usize,
    removed: usize,
    put: &'a [char],
}

impl Splice<'_> {
    fn end(&self) -> usize {
        self.at.saturating_add(self.removed)
    }
}

/// `mine`, written from `seen`, with the change in it that others have made to `seen` since. Where both wrote in one
/// place both stay, one after the other.
pub(crate) fn rebase<'a>(seen: &str, theirs: &str, mine: &'a str) -> Cow<'a, str> {
    if theirs == seen || theirs == mine {
        return Cow::Borrowed(mine);
    }
    if mine == seen {
        return Cow::Owned(theirs.to_owned());
    }
    let [seen, theirs, mine] = [seen, theirs, mine].map(|text| text.chars().collect::<Vec<char>>());
    let (other, own) = (splice(&seen, &theirs), splice(&seen, &mine));
    let (at, removed) = if other.end() <= own.at {
        (other.at, other.removed)
    } else if other.at >= own.end() {
        // Behind what was written here: moved by what that added and took away.
        (other.at.saturating_sub(own.removed).saturating_add(own.put.len()), other.removed)
    } else {
        (own.at.saturating_add(own.put.len()), 0)
    };
    let (before, rest) = mine.split_at_checked(at).unwrap_or((&mine, &[]));
    let after = rest.get(removed..).unwrap_or_default();
    Cow::Owned([before, other.put, after].into_iter().flatten().collect())
}

/// The smallest single splice that makes `to` of `from`.
fn splice<'a>(from: &[char], to: &'a [char]) -> Splice<'a> {
    let same = |pairs: &mut dyn Iterator<Item = (&char, &char)>| pairs.take_while(|(a, b)| a == b).count();
    let at = same(&mut from.iter().zip(to));
    let (from, to) = (from.get(at..).unwrap_or_default(), to.get(at..).unwrap_or_default());
    let end = same(&mut from.iter().rev().zip(to.iter().rev()));
    let put = to.get(..to.len().saturating_sub(end)).unwrap_or_default();
    Splice { at, removed: from.len().saturating_sub(end), put }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_at_both_ends_stay() {
        assert_eq!(rebase("ett", "bord ett", "ett i köket"), "bord ett i köket");
        assert_eq!(rebase("ett", "ett i köket", "bord ett"), "bord ett i köket");
    }

    #[test]
    fn words_in_one_place_stay_one_after_the_other() {
        assert_eq!(rebase("kaffe", "kaffe och te", "kaffe och tolk"), "kaffe och te och tolk");
        assert_eq!(rebase("kaffe", "saft", "tolk"), "tolksaft");
    }

    #[test]
    fn what_one_takes_away_is_gone_and_what_the_other_wrote_stays() {
        assert_eq!(rebase("ett två tre", "två tre", "ett två tre fyra"), "två tre fyra");
        assert_eq!(rebase("ett två tre", "ett två tre fyra", "två tre"), "två tre fyra");
    }

    proptest! {
        #[test]
        fn nothing_that_anybody_wrote_is_missing(
            seen in "[abå ]{0,8}", theirs in "[abcå ]{0,10}", mine in "[abdå ]{0,10}",
        ) {
            let all = rebase(&seen, &theirs, &mine).into_owned();
            let [s, t, m] = [&seen, &theirs, &mine].map(|text| text.chars().collect::<Vec<_>>());
            for written in [splice(&s, &t), splice(&s, &m)] {
                let put: String = written.put.iter().collect();
                prop_assert!(all.contains(&put), "{all:?} lacks {put:?}");
            }
            prop_assert_eq!(rebase(&seen, &seen, &mine).into_owned(), mine.clone());
            prop_assert_eq!(rebase(&seen, &theirs, &seen).into_owned(), theirs.clone());
        }
    }
}
