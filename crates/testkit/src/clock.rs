//! Time that passes only when a test says so.

/// Unix milliseconds under a test's control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    now_ms: u64,
}

impl Clock {
    /// 20 January 2027, 8.30 in Helsinki: when the sample workshop begins.
    pub const fn at_the_workshop() -> Self {
        Self { now_ms: 1_800_426_600_000 }
    }

    /// The time.
    pub const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Lets time pass.
    pub const fn advance(&mut self, by_ms: u64) {
        self.now_ms += by_ms;
    }

    /// Goes to a time that is not in the past.
    pub const fn advance_to(&mut self, at_ms: u64) {
        if at_ms > self.now_ms {
            self.now_ms = at_ms;
        }
    }
}
