//! Sets of operations by their place in the list.

use core::fmt;

/// How many operations a history may have here: a set of them is one number.
pub(crate) const PLACES_MAX: usize = 64;

/// A set of places below [`PLACES_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Set(u64);

impl Set {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn one(place: usize) -> Self {
        assert!(place < PLACES_MAX, "a history here has at most {PLACES_MAX} operations");
        Self(1 << place)
    }

    pub(crate) fn has(self, place: usize) -> bool {
        place < PLACES_MAX && self.0 & (1 << place) != 0
    }

    #[must_use]
    pub(crate) fn with(self, place: usize) -> Self {
        self.or(Self::one(place))
    }

    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> usize {
        self.iter().count()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> + Clone {
        (0..PLACES_MAX).filter(move |place| self.has(*place))
    }

    /// The places for which something holds.
    #[must_use]
    pub(crate) fn those(self, holds: impl Fn(usize) -> bool) -> Self {
        self.iter().filter(|place| holds(*place)).collect()
    }

    /// Every set of some of these.
    pub(crate) fn subsets(self) -> impl Iterator<Item = Self> {
        let places: Vec<usize> = self.iter().collect();
        (0..1_u64 << places.len()).map(move |chosen| {
            places
                .iter()
                .enumerate()
                .filter(|(bit, _)| chosen & (1 << bit) != 0)
                .map(|(_, place)| *place)
                .collect()
        })
    }
}

impl FromIterator<usize> for Set {
    fn from_iter<T: IntoIterator<Item = usize>>(places: T) -> Self {
        places.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
