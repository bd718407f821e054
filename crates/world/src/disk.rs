//! A store that answers later, fills up, fails, and forgets what it had not answered when its process dies.

use std::collections::VecDeque;

use rand::RngExt as _;
use rand::rngs::StdRng;
use samverka_store::{MemoryStore, Reply, Request, StoreError, handle};

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It takes no writes.
    Full,
    /// Writes fail now and then.
    Flaky,
}

/// In which order requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they were asked: what a replica needs.
    Asked,
    /// Any, as a relay's readers beside its writer do.
    Any,
}

/// A store behind a queue. What is in [`Self::store`] is on the medium and survives everything but [`Self::replace`].
#[derive(Debug)]
pub(crate) struct Disk<Id> {
    store: MemoryStore,
    /// Requests that are not carried out yet, with when they will be.
    queue: VecDeque<(u64, Id, Request)>,
    order: Order,
    delay_ms_max: u64,
    trouble: Option<Trouble>,
}

impl<Id: Copy> Disk<Id> {
    pub(crate) const fn new(order: Order, delay_ms_max: u64) -> Self {
        Self::of(MemoryStore::new(), order, delay_ms_max)
    }

    /// A disk with this on it.
    pub(crate) const fn of(store: MemoryStore, order: Order, delay_ms_max: u64) -> Self {
        Self { store, queue: VecDeque::new(), order, delay_ms_max, trouble: None }
    }

    /// What is on the medium.
    pub(crate) const fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// Writes to the medium beside the process whose disk it is.
    pub(crate) const fn store_mut(&mut self) -> &mut MemoryStore {
        &mut self.store
    }

    /// Puts an older copy, or somebody else's, in its place.
    pub(crate) fn replace(&mut self, store: MemoryStore) {
        self.queue.clear();
        self.store = store;
    }

    pub(crate) const fn set_trouble(&mut self, trouble: Option<Trouble>) {
        self.trouble = trouble;
    }

    pub(crate) const fn is_in_trouble(&self) -> bool {
        self.trouble.is_some()
    }

    /// How many requests wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn ask(&mut self, id: Id, request: Request, now_ms: u64, rng: &mut StdRng) {
        let mut at =
            now_ms + if self.delay_ms_max == 0 { 0 } else { rng.random_range(0..=self.delay_ms_max) };
        let mut place = self.queue.len();
        match self.order {
            Order::Asked => at = at.max(self.queue.back().map_or(0, |(last, ..)| *last)),
            Order::Any => place = self.queue.partition_point(|(other, ..)| *other <= at),
        }
        self.queue.insert(place, (at, id, request));
    }

    /// When the next answer comes.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.queue.front().map(|(at, ..)| *at)
    }

    /// Carries out the next request that is due, and answers it.
    pub(crate) fn answer(
        &mut self,
        now_ms: u64,
        rng: &mut StdRng,
    ) -> Option<(Id, Result<Reply, StoreError>)> {
        if self.next_ms()? > now_ms {
            return None;
        }
        let (_, id, request) = self.queue.pop_front()?;
        Some((id, self.carry_out(&request, rng)))
    }

    fn carry_out(&mut self, request: &Request, rng: &mut StdRng) -> Result<Reply, StoreError> {
        let fails = match self.trouble {
            Some(Trouble::Full) => Some(StoreError::Full),
            Some(Trouble::Flaky) if rng.random_range(0..3) == 0 => Some(StoreError::Busy),
            _ => None,
        };
        if let (Some(error), Request::Write(_)) = (fails, request) {
            return Err(error);
        }
        handle(&mut self.store, request)
    }

    /// The process dies: of what it had asked and had no answer to, the first few may have been written, and the rest is
    /// gone.
    pub(crate) fn crash(&mut self, rng: &mut StdRng) {
        let written = rng.random_range(0..=self.queue.len());
        for (_, _, request) in core::mem::take(&mut self.queue).into_iter().take(written) {
            // Nobody is left to be told how it went.
            let _unheard = self.carry_out(&request, rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use samverka_log::SpaceId;
    use samverka_store::{Store as _, Write};
    use samverka_testkit::rng;

    use super::*;

    fn space(number: u8) -> Request {
        Request::Write(vec![Write::CreateSpace(SpaceId::from_bytes([number; 32]))])
    }

    #[test]
    fn a_crash_keeps_a_beginning_of_what_was_under_way_and_all_that_was_answered() {
        for seed in 0..50 {
            let mut rng = rng(seed);
            let mut disk = Disk::new(Order::Asked, 10);
            disk.ask(0, space(1), 0, &mut rng);
            while disk.answer(10, &mut rng).is_some() {}
            for number in 2..6 {
                disk.ask(number, space(number), 10, &mut rng);
            }
            disk.crash(&mut rng);
            let kept = disk.store().spaces().unwrap();
            assert!(kept.contains(&SpaceId::from_bytes([1; 32])));
            let beginning =
                (1..=kept.len()).map(|number| SpaceId::from_bytes([u8::try_from(number).unwrap(); 32]));
            assert_eq!(kept, beginning.collect::<Vec<_>>());
            assert_eq!(disk.waiting(), 0);
        }
    }

    #[test]
    fn a_full_disk_reads_and_does_not_write() {
        let mut rng = rng(1);
        let mut disk = Disk::new(Order::Asked, 0);
        disk.set_trouble(Some(Trouble::Full));
        disk.ask(0, space(1), 0, &mut rng);
        disk.ask(1, Request::Spaces, 0, &mut rng);
        assert!(matches!(disk.answer(0, &mut rng), Some((0, Err(StoreError::Full)))));
        assert!(matches!(disk.answer(0, &mut rng), Some((1, Ok(Reply::Spaces(none)))) if none.is_empty()));
    }
}
