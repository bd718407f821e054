//! Figures for Prometheus, counted with atomics and written by hand: there are few, and none has a label that grows.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets of durations, in microseconds: from a fast commit to a disk in trouble.
const BUCKETS_US: [u64; 10] = [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000];

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    /// Adds.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// What it stands at.
    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    /// One more.
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One fewer.
    pub(crate) fn decrement(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// Sets it.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// What it stands at.
    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something took, in buckets.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Durations {
    /// Takes one measurement in.
    pub(crate) fn observe(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bound, bucket) in BUCKETS_US.iter().zip(&self.buckets) {
            if us <= *bound {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Connections that are open.
    pub(crate) connections: Gauge,
    /// Connections since the start.
    pub(crate) connections_total: Counter,
    /// Connections turned away for a limit.
    pub(crate) connections_refused_total: Counter,
    /// Connections that the relay ended for what they sent or did not read.
    pub(crate) connections_dismissed_total: Counter,
    /// Rooms in memory.
    pub(crate) rooms: Gauge,
    /// Frames received.
    pub(crate) frames_received_total: Counter,
    /// Bytes of frames received.
    pub(crate) bytes_received_total: Counter,
    /// Frames sent.
    pub(crate) frames_sent_total: Counter,
    /// Bytes of frames sent.
    pub(crate) bytes_sent_total: Counter,
    /// Entries appended, durable.
    pub(crate) entries_appended_total: Counter,
    /// Bodies that became durable after their headers.
    pub(crate) bodies_filled_total: Counter,
    /// Bodies that were asked for and sent.
    pub(crate) bodies_wanted_total: Counter,
    /// Entries refused.
    pub(crate) entries_refused_total: Counter,
    /// Forks of logs seen.
    pub(crate) forks_total: Counter,
    /// Writes that the store could not do.
    pub(crate) store_failures_total: Counter,
    /// From handing a write to the store to its being durable.
    pub(crate) commit_duration: Durations,
}

impl Metrics {
    /// The figures in Prometheus' text format.
    pub(crate) fn render(&self) -> String {
        let mut out = String::with_capacity(4096);
        let gauge = |out: &mut String, name, help, value: u64| sample(out, name, help, "gauge", value);
        let counter =
            |out: &mut String, name, help, of: &Counter| sample(out, name, help, "counter", of.value());
        gauge(&mut out, "connections", "Open connections", self.connections.value());
        gauge(&mut out, "rooms", "Rooms in memory", self.rooms.value());
        counter(&mut out, "connections_total", "Connections since the start", &self.connections_total);
        counter(
            &mut out,
            "connections_refused_total",
            "Turned away for a limit",
            &self.connections_refused_total,
        );
        counter(
            &mut out,
            "connections_dismissed_total",
            "Ended for what they sent or did not read",
            &self.connections_dismissed_total,
        );
        counter(&mut out, "frames_received_total", "Frames received", &self.frames_received_total);
        counter(&mut out, "bytes_received_total", "Bytes of frames received", &self.bytes_received_total);
        counter(&mut out, "frames_sent_total", "Frames sent", &self.frames_sent_total);
        counter(&mut out, "bytes_sent_total", "Bytes of frames sent", &self.bytes_sent_total);
        counter(
            &mut out,
            "entries_appended_total",
            "Entries appended, durable",
            &self.entries_appended_total,
        );
        counter(
            &mut out,
            "bodies_filled_total",
            "Bodies durable after their headers",
            &self.bodies_filled_total,
        );
        counter(&mut out, "bodies_wanted_total", "Bodies asked for and sent", &self.bodies_wanted_total);
        counter(&mut out, "entries_refused_total", "Entries refused", &self.entries_refused_total);
        counter(&mut out, "forks_total", "Forks of logs seen", &self.forks_total);
        counter(&mut out, "store_failures_total", "Store requests that failed", &self.store_failures_total);
        durations(&mut out, "commit_duration_seconds", "From handing over to durable", &self.commit_duration);
        out
    }
}

fn sample(out: &mut String, name: &str, help: &str, kind: &str, value: u64) {
    let _infallible = write!(
        out,
        "# HELP samverka_relay_{name} {help}.\n# TYPE samverka_relay_{name} {kind}\nsamverka_relay_{name} {value}\n"
    );
}

fn durations(out: &mut String, name: &str, help: &str, of: &Durations) {
    let name = format!("samverka_relay_{name}");
    let _infallible = writeln!(out, "# HELP {name} {help}.\n# TYPE {name} histogram");
    for (bound, bucket) in BUCKETS_US.iter().zip(&of.buckets) {
        let _infallible =
            writeln!(out, "{name}_bucket{{le=\"{}\"}} {}", seconds(*bound), bucket.load(Ordering::Relaxed));
    }
    let count = of.count.load(Ordering::Relaxed);
    let sum = seconds(of.sum_us.load(Ordering::Relaxed));
    let _infallible =
        writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
}

/// Microseconds as decimal seconds, exactly.
fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_help_and_type_and_a_value() {
        let metrics = Metrics::default();
        metrics.entries_appended_total.add(3);
        metrics.commit_duration.observe(Duration::from_micros(700));
        let text = metrics.render();
        assert!(text.contains("\nsamverka_relay_entries_appended_total 3\n"));
        assert!(text.contains("samverka_relay_commit_duration_seconds_bucket{le=\"0.000500\"} 0\n"));
        assert!(text.contains("samverka_relay_commit_duration_seconds_bucket{le=\"0.001000\"} 1\n"));
        assert!(text.contains("samverka_relay_commit_duration_seconds_sum 0.000700\n"));
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        assert!(
            samples
                .clone()
                .all(|line| line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok()))
        );
    }
}
