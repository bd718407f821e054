//! Sets of places in the list of operations: a past is one, and pasts are compared all the time.

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl FromIterator<usize> for Bits {
    fn from_iter<T: IntoIterator<Item = usize>>(iter: T) -> Self {
        let mut bits = Self::default();
        for index in iter {
            bits.set(index);
        }
        bits
    }
}

impl Bits {
    /// As many as there are from 0 on.
    pub(super) fn first(count: usize) -> Self {
        let mut words = vec![u64::MAX; count / 64];
        if !count.is_multiple_of(64) {
            words.push((1 << (count % 64)) - 1);
        }
        Self(words)
    }

    pub(super) fn has(&self, index: usize) -> bool {
        self.0.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let ones = |(at, word): (usize, &u64)| {
            let mut left = *word;
            core::iter::from_fn(move || {
                let bit = usize::try_from(left.trailing_zeros()).ok().filter(|_| left != 0)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        };
        self.0.iter().enumerate().flat_map(ones)
    }

    /// The greatest.
    pub(super) fn last(&self) -> Option<usize> {
        let (at, word) = self.0.iter().enumerate().rev().find(|(_, word)| **word != 0)?;
        Some(at * 64 + usize::try_from(word.ilog2()).ok()?)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(word, more)| word & more != 0)
    }

    /// Whether everything in the other is in this.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let words = self.0.iter().copied().chain(core::iter::repeat(0));
        other.0.iter().zip(words).all(|(word, own)| word & !own == 0)
    }

    pub(super) fn set(&mut self, index: usize) {
        if self.0.len() <= index / 64 {
            self.0.resize(index / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    pub(super) fn unset(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Takes out what is in the other.
    pub(super) fn remove(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word &= !more;
        }
    }

    /// Leaves what is in the other too.
    pub(super) fn keep(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word &= more;
        }
    }
}
