//! One allowance of memory that all rooms of a process share, for the large bodies that pass through them.

use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// Bytes that large bodies (those that travel in parts) may take together. Clones share the allowance.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicU64>,
}

/// Bytes taken from a [`Budget`]; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    left: Arc<AtomicU64>,
    bytes: u64,
}

impl Budget {
    /// An allowance of `bytes`.
    pub fn new(bytes: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(bytes)) }
    }

    /// Takes `bytes`, or nothing where fewer are left.
    pub(crate) fn take(&self, bytes: u64) -> Option<Share> {
        self.left
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes))
            .ok()
            .map(|_| Share { left: Arc::clone(&self.left), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.left.fetch_add(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::new(10);
        let first = budget.take(7).unwrap();
        assert!(budget.clone().take(4).is_none());
        drop(first);
        assert!(budget.take(10).is_some());
    }
}
