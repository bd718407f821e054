//! The command line on a plan of 10,000 events, 200 commitments and 2,000 notes, whole processes: writing a note,
//! opening the plan, joining it. `cargo xtask bench samverka`.
//!
//! The size is that of a large network after a few years. The real binaries with a real home on the disk; whoever
//! founded the plan is in the bench's own process, stays connected and lets newcomers in. Opening and writing are
//! measured with the home and the program evicted from the system's page cache before each run ("cold") and once more
//! without. A figure is the least of some runs.

#![expect(clippy::print_stdout, reason = "a bench stops at any failure and tells its numbers")]

mod limit;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use samverka_seal::InviteLink;
use samverka_store::MemoryStore;
use samverka_tests::filled::{self, EVENTS, NOTES};
use samverka_tests::person::Person;
use samverka_tests::{Home, Relay};
use serde_json::{Value, json};

fn main() {
    let rounds = if std::env::var_os("SAMVERKA_BENCH_QUICK").is_some() { 3 } else { 7 };
    let folder = tempfile::tempdir().expect("a folder");
    let relay = Relay::start(&folder.path().join("relay")).expect("a relay");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (founder, link) = runtime.block_on(found(&relay.url()));
    let limits = limit::measure(folder.path(), &founder.store, founder.replica.space());
    let (joins, home) = while_founder_is_there(founder, || join(folder.path(), &link, rounds));
    let view = Times { wall_ms: joins.view_ms, ..Times::default() };
    let name = "joining that plan by a new device until its view is complete";
    bench(name, &view, "at most 500", &limits.join());
    let name = "joining that plan by a new device until its history is here too, whole process";
    bench(name, &joins.whole, "none", &limits.join());

    let start = least(&run(&home, &["--version"], rounds, true).wall_ms);
    let store = home.path().to_owned();
    let read = limit::reading(&store, rounds);
    let opened = run(&home, &["plan", "show"], rounds, true);
    let opened_warm = run(&home, &["plan", "show"], rounds, false);
    let limit = ("starting the program and reading its store's bytes, cold", start + read);
    bench("opening that plan from disk and showing it, cold", &opened, "at most 150", &limit);
    bench(
        "opening that plan from disk and showing it, files in the page cache",
        &opened_warm,
        "at most 150",
        &limit,
    );
    let noted = run(&home, &["note", "add", "en lapp till"], rounds, true);
    let noted_warm = run(&home, &["note", "add", "en lapp till"], rounds, false);
    let limit =
        ("starting the program, reading its store's bytes, one commit", start + read + limits.commit_ms);
    bench("note add on that plan, whole process, cold", &noted, "at most 150", &limit);
    bench(
        "note add on that plan, whole process, files in the page cache",
        &noted_warm,
        "at most 150",
        &limit,
    );
}

/// A filled plan at the relay, and a link to it.
async fn found(relay: &str) -> (Person<MemoryStore>, InviteLink) {
    let mut founder = Person::found(MemoryStore::default(), relay);
    filled::fill(&mut founder);
    founder.connect(relay).await;
    founder.sync().await;
    let link = founder.open_door();
    founder.sync().await;
    (founder, link)
}

/// Keeps the founder connected while something is done.
fn while_founder_is_there<T>(mut founder: Person<MemoryStore>, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let look = || tokio::time::Instant::now() + Duration::from_millis(100);
                // The connection was made by another runtime.
                founder.disconnect();
                let relay = founder.replica.relays().remove(0);
                founder.connect(&relay).await;
                while !done.load(Ordering::Relaxed) {
                    founder.turn(look()).await;
                }
            });
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// What joining took.
#[derive(Default)]
struct Joins {
    /// Until the program said that the plan is here.
    view_ms: Vec<f64>,
    whole: Times,
}

/// Has new devices join one after the other; answers how long it took, and the home of the last.
fn join(folder: &Path, link: &InviteLink, rounds: usize) -> (Joins, Home) {
    let url = link.to_url().expect("a link");
    let (mut joins, mut last) = (Joins::default(), None);
    for round in 0..rounds {
        let home = Home::new(&folder.join(format!("home-{round}")), "Klasslärare", "Lindsunds skola");
        let home = home.expect("a home");
        let view_ms = joins.whole.take(|| {
            let began = Instant::now();
            let mut child = home.start(&["--language", "en", "join", &url]).expect("it starts");
            let said = BufReader::new(child.stderr.take().expect("it is piped")).lines();
            let mut said = said.map(|line| line.expect("text"));
            said.find(|line| line.starts_with("The plan is here")).expect("it says when the plan is here");
            let view_ms = began.elapsed().as_secs_f64() * 1e3;
            said.for_each(drop);
            assert!(child.wait().expect("it ends").success());
            view_ms
        });
        joins.view_ms.push(view_ms);
        let notes = home.json(&["note", "list"]).expect("a list");
        assert_eq!(notes.as_array().map(Vec::len), Some(NOTES), "the view is complete");
        last = Some(home);
    }
    (joins, last.expect("a round"))
}

/// How long a command takes.
fn run(home: &Home, arguments: &[&str], rounds: usize, cold: bool) -> Times {
    let mut times = Times::default();
    for _ in 0..rounds {
        if cold {
            evict(home.path());
            evict(&samverka_tests::binary("samverka").expect("it is built"));
        }
        times.take(|| home.ok(arguments).expect("it works"));
    }
    times
}

/// What some runs of a program took.
#[derive(Default)]
struct Times {
    wall_ms: Vec<f64>,
    cpu_ms: f64,
}

impl Times {
    fn take<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let (began, before) = (Instant::now(), cpu_of_children_ms());
        let answer = run();
        self.wall_ms.push(began.elapsed().as_secs_f64() * 1e3);
        self.cpu_ms += cpu_of_children_ms() - before;
        answer
    }
}

/// Processor time of the programs that this one has run to their end, in steps of 10 ms.
fn cpu_of_children_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // The name in parentheses may hold spaces; the children's user and system time are fields 16 and 17 of all.
    let rest = stat.rsplit_once(')').expect("a name in parentheses").1;
    let ticks = rest.split_whitespace().skip(13).take(2).map(|field| field.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() * 10.0
}

/// Has the system forget what it holds of files in memory.
fn evict(path: &Path) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder");
        entries.for_each(|entry| evict(&entry.expect("an entry").path()));
        return;
    }
    // What is not on the disk yet stays, so it goes there first. This is GNU dd's way to say POSIX_FADV_DONTNEED.
    std::fs::File::open(path).and_then(|file| file.sync_all()).expect("synced");
    let mut command = Command::new("dd");
    command.arg(format!("if={}", path.display())).args(["iflag=nocache", "count=0", "status=none"]);
    assert!(command.status().expect("dd is there").success());
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn bench(name: &str, times: &Times, goal: &str, (limit_name, limit_ms): &(&str, f64)) {
    let line: Value = json!({
        "name": name,
        "value": least(&times.wall_ms),
        "unit": "ms",
        "goal": goal,
        "limit_name": limit_name,
        "limit_value": limit_ms,
        "events": EVENTS,
        "runs_ms": times.wall_ms,
        "cpu_ms_mean": (times.cpu_ms > 0.0).then_some(times.cpu_ms / times.wall_ms.len() as f64),
    });
    println!("BENCH {line}");
}
