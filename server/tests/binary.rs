//! The program as people start it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use samverka_log::{Entry, LogHead};
use samverka_relay::DATABASE_FILE;
use samverka_store::{Store, Write};
use samverka_store_sqlite::{OpenOptions, SqliteStore};
use samverka_testkit::people::Device;

fn relay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samverka-relay"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SAMVERKA_RELAY_") {
            command.env_remove(name);
        }
    }
    command
}

fn serve(data: &Path, arguments: &[&str]) -> (Child, String) {
    let mut child = relay()
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    let (name, rest) = arguments.split_first().unwrap();
    relay().arg(name).arg("--data").arg(data).args(rest).output().unwrap()
}

fn stop(mut child: Child) -> String {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(child.wait().unwrap().success(), "{log}");
    log
}

fn open(data: &Path) -> SqliteStore {
    std::fs::create_dir_all(data).unwrap();
    SqliteStore::open(&data.join(DATABASE_FILE), &OpenOptions::default()).unwrap()
}

/// A data folder with one space of a few entries.
fn stored(data: &Path, tamper: impl Fn(&mut Vec<Entry>)) {
    let mut founder = Device::new(1);
    let genesis = founder.found();
    let space = founder.space;
    let mut entries: Vec<_> = (0..5).map(|_| founder.change(30)).collect();
    tamper(&mut entries);
    let mut store = open(data);
    let membership = genesis.header.fields().log;
    let append = |log, entries| Write::Append { space, log, expect: LogHead::EMPTY, entries };
    store
        .write(&[
            Write::CreateSpace(space),
            append(membership, vec![genesis]),
            append(founder.log(), entries),
        ])
        .unwrap();
}

#[test]
fn it_says_where_it_listens_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (child, line) = serve(folder.path(), &["--log-format", "json"]);
    let port = line.trim().strip_prefix("listening on http://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    let log = stop(child);
    assert!(log.contains("\"message\":\"stopped\""), "{log}");
    assert!(!log.contains("127.0.0.1"), "{log}");
}

#[test]
fn check_says_what_is_wrong_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
    stored(&good, |_| {});
    stored(&bad, |entries| entries[3].body = Some(vec![9; 30]));
    let checked = run(&good, &["check"]);
    assert!(checked.status.success(), "{checked:?}");
    let checked = run(&bad, &["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert!(String::from_utf8_lossy(&checked.stdout).contains("entry 3 of log"), "{checked:?}");
}

#[test]
fn a_backup_of_a_running_relay_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    stored(&data, |_| {});
    let (child, _) = serve(&data, &[]);
    std::fs::create_dir(&copy).unwrap();
    let to = copy.join(DATABASE_FILE);
    let to = to.to_str().unwrap();
    let backed_up = run(&data, &["backup", to]);
    assert!(backed_up.status.success(), "{backed_up:?}");
    // A backup is never written over.
    assert!(!run(&data, &["backup", to]).status.success());
    stop(child);
    let checked = run(&copy, &["check"]);
    assert!(checked.status.success(), "{checked:?}");
    assert!(String::from_utf8_lossy(&checked.stdout).starts_with("6 entries in 1 spaces"), "{checked:?}");
}

#[test]
fn stats_count_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    stored(folder.path(), |_| {});
    let stats = run(folder.path(), &["stats", "--json"]);
    assert!(stats.status.success(), "{stats:?}");
    let stats: serde_json::Value = serde_json::from_slice(&stats.stdout).unwrap();
    assert_eq!(stats["entries"], 6);
    assert_eq!(stats["spaces"][0]["logs"], 2);
}

#[test]
fn a_folder_without_a_relays_data_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let checked = run(&folder.path().join("nothing"), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&checked.stderr).contains("no relay data"), "{checked:?}");
}

/// A figure of the issue: 1,000 connected idle devices in 100 spaces take less than 64 MB.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_idle_devices_fit_into_64_megabytes() {
    use samverka_log::Frontier;

    let folder = tempfile::tempdir().unwrap();
    let (child, line) = serve(folder.path(), &["--hosting", "open"]);
    let address = line.trim().strip_prefix("listening on http://").unwrap().parse().unwrap();
    let mut clients = Vec::new();
    for space in 0..100 {
        let mut founder = Device::new(space + 1);
        let genesis = founder.found();
        let mut first = support::Client::connect_to(address).await;
        first.create(genesis).await;
        first.attach(&founder).await;
        first.catch_up(Frontier::new()).await;
        clients.push(first);
        for _ in 1..10 {
            let mut client = support::Client::connect_to(address).await;
            client.attach(&founder).await;
            client.catch_up(Frontier::new()).await;
            clients.push(client);
        }
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = resident.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 64 * 1024, "{kilobytes} kB for {} connections", clients.len());
    drop(clients);
    stop(child);
}
