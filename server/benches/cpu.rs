//! What the relay's processor does for one entry: take it from the socket, verify it, make it durable, acknowledge it,
//! pass it on. `cargo xtask bench relay_cpu`.
//!
//! The real binary in a process of its own, devices that sign, real sockets, the disk that `TMPDIR` is on. Three ways
//! in which honest clients write, since a commit shared with others costs less:
//!
//! - at a quiet relay: one entry in a frame, as somebody types, and the next when this one has come everywhere;
//! - at a busy relay: the same in thirty-two spaces (with twenty subscribers: four) at the same time;
//! - back from offline: frames of 512 entries, 2,048 under way, as a replica sends them.
//!
//! A figure is the least of some rounds. Its limit is the processor's time for a bare axum server that passes the same
//! frames on to the same sockets at the relay's pace, plus that of a loop that verifies the same entries and commits
//! them to one SQLite table, as many together as can be under way.

#![expect(clippy::print_stdout, reason = "a bench stops at any failure and tells its numbers")]

mod support;

use support::bare::{self, BareStore};
use support::figures::{Figure, least};
use support::load::Load;
use support::{BATCH_ENTRIES, BODY_BYTES, Cpu, IN_FLIGHT_ENTRIES, Space, quick, rounds, start_relay, wanted};

struct Case {
    name: &'static str,
    load: Load,
    /// Entries that can be in one commit.
    together: usize,
    /// Whether the goal is for this way of writing.
    goal: bool,
}

impl Case {
    fn full_name(&self) -> String {
        let subscribers = self.load.subscribers;
        let to =
            if subscribers == 1 { "1 subscriber".to_owned() } else { format!("{subscribers} subscribers") };
        format!("relay: CPU for one entry to {to}, {}", self.name)
    }
}

fn main() {
    if bare::serve_if_asked() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let some = |full: usize| if quick() { full / 4 } else { full };
    let quiet = |subscribers| Load { spaces: 1, subscribers, entries: some(800), per_frame: 1, window: 1 };
    let busy = |spaces, subscribers| {
        let entries = some(12_800) / usize::from(spaces) / if subscribers > 1 { 4 } else { 1 };
        Load { spaces, subscribers, entries, per_frame: 1, window: 1 }
    };
    let back = |subscribers| {
        let entries = some(20_480);
        Load { spaces: 1, subscribers, entries, per_frame: BATCH_ENTRIES, window: IN_FLIGHT_ENTRIES }
    };
    let cases = [
        Case { name: "at a quiet relay", load: quiet(1), together: 1, goal: false },
        Case { name: "at a busy relay", load: busy(32, 1), together: 32, goal: true },
        Case { name: "back from offline", load: back(1), together: BATCH_ENTRIES, goal: true },
        Case { name: "at a quiet relay", load: quiet(20), together: 1, goal: false },
        Case { name: "at a busy relay", load: busy(4, 20), together: 4, goal: true },
        Case { name: "back from offline", load: back(20), together: BATCH_ENTRIES, goal: false },
    ];
    for case in cases.iter().filter(|case| wanted(&case.full_name())) {
        runtime.block_on(measure(case));
    }
}

async fn measure(case: &Case) {
    let Load { spaces, subscribers, entries, per_frame, .. } = case.load;
    let rounds = rounds(4);
    let (mut relay_us, mut bare_us, mut keep_us) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let folder = tempfile::tempdir().expect("a folder");
        let (relay, address) = start_relay(folder.path(), &["--entries-per-second-max", "1000000"]);
        let cost = case.load.on_relay(&relay, address).await;
        relay_us.push(cost.cpu_us);
        drop(relay);
        let (server, address) = bare::start();
        bare_us.push(case.load.on_bare(&server, address, cost.per_second).await.cpu_us);
        keep_us.push(keep(case.together, entries));
    }
    let (relay_us, bare_us, keep_us) = (least(relay_us), least(bare_us), least(keep_us));
    let figure = Figure::new(&case.full_name(), relay_us, "µs");
    // With a commit for every entry the disk alone takes more of the processor than the goal allows; there the
    // figure stands beside its limit only.
    let figure = match (subscribers, case.goal) {
        (1, true) => figure.goal("at most 100"),
        (_, true) => figure.goal(&format!("at most {:.0}", 2.5 * bare_us)),
        (_, false) => figure,
    };
    let limit = "bare axum passing it on, and a bare loop verifying and storing it";
    figure
        .limit(limit, bare_us + keep_us)
        .with("bare_axum_us", bare_us)
        .with("verify_and_store_us", keep_us)
        .with("body_bytes", BODY_BYTES)
        .with("entries", entries * usize::from(spaces))
        .with("entries_in_a_frame", per_frame)
        .with("spaces", spaces)
        .with("subscribers", subscribers)
        .with("least_of_rounds", rounds)
        .print();
}

/// The processor's time for verifying an entry and storing it with so many in a commit, in µs.
fn keep(together: usize, count: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = BareStore::create(&folder.path().join("bare.sqlite"));
    let mut writer = Space::new(0, 1).devices.swap_remove(0);
    let count = count.max(together * 8);
    let entries: Vec<_> = (0..count).map(|_| writer.change(BODY_BYTES)).collect();
    let before = Cpu::of("self");
    for group in entries.chunks(together) {
        BareStore::verify(group);
        store.append(group);
    }
    Cpu::of("self").since_us(&before) / count as f64
}
