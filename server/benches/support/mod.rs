//! What the benches of the relay have in common: a relay process, its clients, entries made in advance, figures.

#![allow(dead_code, unreachable_pub, reason = "each bench uses a part of it")]

pub mod bare;
pub mod client;
pub mod figures;
pub mod load;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use samverka_log::{Entry, Operation, ShareKey};
use samverka_protocol::Frame;
use samverka_testkit::people::{Device, PLAN};

/// The channel of every client.
pub const CHANNEL: u32 = 1;
/// Bytes of a body: a sealed change of one line of text. The header adds some 250.
pub const BODY_BYTES: usize = 200;
/// Entries in a frame of a replica that brings what it wrote offline (its `BATCH_ENTRIES_MAX`).
pub const BATCH_ENTRIES: usize = 512;
/// Entries that a replica has under way at most (its `IN_FLIGHT_ENTRIES_MAX`).
pub const IN_FLIGHT_ENTRIES: usize = 2_048;

/// Whether to measure less, in a fraction of the time.
pub fn quick() -> bool {
    std::env::var_os("SAMVERKA_BENCH_QUICK").is_some()
}

/// Whether a case is wanted: all are, unless the command line has words that some lack: a profiler wants one at a time.
pub fn wanted(name: &str) -> bool {
    std::env::args().skip(1).filter(|word| !word.starts_with('-')).all(|word| name.contains(&word))
}

/// `full` rounds, or one for every three of them.
pub fn rounds(full: usize) -> usize {
    if quick() { full.div_ceil(3) } else { full }
}

/// A process that is measured; killed when dropped.
pub struct Process(Child);

impl Process {
    /// Takes a child over.
    pub const fn new(child: Child) -> Self {
        Self(child)
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// What its threads have cost so far.
    pub fn cpu(&self) -> Cpu {
        Cpu::of(&self.id().to_string())
    }

    /// Bytes that it has in memory now.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the kernel tells");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that cannot be killed has ended already.
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Processor time of each thread of a process, user and system, in nanoseconds.
pub struct Cpu(BTreeMap<OsString, u64>);

impl Cpu {
    /// What a process (`self` for this one) has cost so far.
    pub fn of(process: &str) -> Self {
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("the process runs, on Linux");
        let cost = threads.filter_map(|thread| {
            let thread = thread.expect("a folder");
            // A thread may end while this is read.
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            Some((thread.file_name(), text.split(' ').next()?.parse().expect("a number")))
        });
        Self(cost.collect())
    }

    /// The time since then, in µs. What a thread did that has ended in the meantime is left out: a pool's thread ends
    /// when it had nothing to do for seconds.
    pub fn since_us(&self, before: &Self) -> f64 {
        let spent = self.0.iter().map(|(thread, ns)| ns - before.0.get(thread).copied().unwrap_or_default());
        spent.sum::<u64>() as f64 / 1e3
    }
}

/// The relay's real binary, on a free port, and where it listens.
pub fn start_relay(data: &Path, more: &[&str]) -> (Process, std::net::SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samverka-relay"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--hosting", "open", "--log", "warn", "--data"]);
    command.arg(data).args(more);
    started(&mut command)
}

/// Starts a server that prints `listening on http://ADDRESS`.
pub fn started(command: &mut Command) -> (Process, std::net::SocketAddr) {
    use std::io::{BufRead, BufReader};
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let output = child.stdout.take().expect("it was piped");
    let process = Process::new(child);
    let mut lines = BufReader::new(output).lines();
    let address = lines.find_map(|line| {
        line.expect("text").strip_prefix("listening on http://").map(|text| text.parse().expect("an address"))
    });
    (process, address.expect("it says where it listens"))
}

/// A space whose founder has let others in: the entries that make it so, and everybody.
pub struct Space {
    /// The founder first.
    pub devices: Vec<Device>,
    /// The founder's membership log.
    pub membership: Vec<Entry>,
}

impl Space {
    /// The space with this number, of so many devices. Its devices may be in other spaces as well: their keys are
    /// made from small numbers, which a relay does not see.
    pub fn new(number: u16, devices: u8) -> Self {
        let mut founder = Device::new(0);
        let mut nonce = [1; 16];
        nonce[..2].copy_from_slice(&number.to_be_bytes());
        let genesis = founder.operation(&Operation::Genesis {
            nonce,
            suite: 1,
            plan_document: PLAN,
            share_key: ShareKey::from_bytes([1; 32]),
        });
        founder.space = genesis.header.space();
        let mut others: Vec<Device> = (1..devices).map(Device::new).collect();
        let mut membership = vec![genesis];
        for other in &mut others {
            membership.push(founder.add(other, samverka_log::Role::Editor));
        }
        for other in &mut others {
            other.learn(&founder);
        }
        let devices = std::iter::once(founder).chain(others).collect();
        Self { devices, membership }
    }

    /// Brings it to a relay.
    pub async fn bring(&self, relay: std::net::SocketAddr) {
        let mut client = client::Client::connect(relay).await;
        client.send(&Frame::Create {
            channel: CHANNEL,
            token: String::new(),
            entries: vec![self.membership[0].clone()],
        });
        client.flush().await;
        client.until(|frame| matches!(frame, Frame::Created { .. })).await;
        client.attach(&self.devices[0]).await;
        if self.membership.len() > 1 {
            client.send(&Frame::Entries { channel: CHANNEL, entries: self.membership[1..].to_vec() });
            client.flush().await;
            client.until(|frame| matches!(frame, Frame::Ack { .. })).await;
        }
    }
}

/// Entries of one device, in encoded frames of so many, made in advance.
pub fn frames(device: &mut Device, count: usize, per_frame: usize) -> Vec<bytes::Bytes> {
    let mut left = count;
    let mut frames = Vec::new();
    while left > 0 {
        let entries: Vec<_> = (0..per_frame.min(left)).map(|_| device.change(BODY_BYTES)).collect();
        left -= entries.len();
        frames.push(Frame::Entries { channel: CHANNEL, entries }.encode().into());
    }
    frames
}
