//! A token bucket that makes whoever goes too fast wait instead of failing.

/// Lets `per_second` units a second through on average, and ten seconds' worth at once after a pause: a device that
/// comes back from a week offline should not feel it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    per_second: u64,
    /// Units times 1000, so that whole milliseconds count exactly. Negative: a debt that time pays off.
    milli_units: i64,
    at_ms: u64,
}

/// How many seconds' worth may go at once.
const BURST_SECONDS: u64 = 10;

impl Bucket {
    pub(crate) fn new(per_second: u32, now_ms: u64) -> Self {
        let per_second = u64::from(per_second.max(1));
        Self { per_second, milli_units: Self::full(per_second), at_ms: now_ms }
    }

    /// Takes `units`, even beyond what is there.
    pub(crate) fn take(&mut self, units: u64, now_ms: u64) {
        self.fill(now_ms);
        let milli = i64::try_from(units.saturating_mul(1000)).unwrap_or(i64::MAX);
        self.milli_units = self.milli_units.saturating_sub(milli);
    }

    /// When the debt is paid off; `now_ms` or earlier if there is none.
    pub(crate) fn ready_at_ms(&self) -> u64 {
        let debt = u64::try_from(self.milli_units.saturating_neg()).unwrap_or(0);
        self.at_ms.saturating_add(debt.div_ceil(self.per_second))
    }

    fn fill(&mut self, now_ms: u64) {
        let passed = now_ms.saturating_sub(self.at_ms);
        let gained = i64::try_from(passed.saturating_mul(self.per_second)).unwrap_or(i64::MAX);
        self.milli_units = self.milli_units.saturating_add(gained).min(Self::full(self.per_second));
        self.at_ms = self.at_ms.max(now_ms);
    }

    fn full(per_second: u64) -> i64 {
        i64::try_from(per_second.saturating_mul(BURST_SECONDS * 1000)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_waits_for_its_average() {
        let mut bucket = Bucket::new(100, 5_000);
        bucket.take(1_000, 5_000);
        assert!(bucket.ready_at_ms() <= 5_000);
        bucket.take(50, 5_000);
        assert_eq!(bucket.ready_at_ms(), 5_500);
        bucket.take(0, 5_500);
        assert_eq!(bucket.ready_at_ms(), 5_500);
    }

    #[test]
    fn a_clock_that_jumps_back_does_no_harm() {
        let mut bucket = Bucket::new(100, 5_000);
        bucket.take(2_000, 1_000);
        assert_eq!(bucket.ready_at_ms(), 15_000);
    }
}
