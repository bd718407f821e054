//! A relay under clients that mean no good, with the real binary: garbage, oversized frames, wrong signatures, replays,
//! gaps, numbers of another member's log, floods, and 500 connections that never read. The relay stays up, names what
//! it refuses, stays within [`RSS_MAX`], and an honest pair of homes syncs meanwhile.

#![expect(clippy::print_stderr, reason = "the seed and the figures have to be seen")]

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use samverka_log::{Entry, Frontier, Role, SpaceId};
use samverka_protocol::{Bodies, Code, Frame};
use samverka_testkit::people::Device;
use samverka_tests::hostile::{CHANNEL, Liar, Raw, Verdict, forged};
use samverka_tests::network::{Network, SIX, text};
use samverka_tests::{Relay, folder, seed};
use tokio_tungstenite::tungstenite::Message;

/// What the relay's resident memory may reach in all of this: half a megabyte for each client that never reads. A room
/// queues a megabyte at most for each of them, and the system's socket buffers have taken a part of what was sent;
/// some 190 MB were measured.
const RSS_MAX: u64 = 256 << 20;
/// Connections that never read, in so many plans.
const SILENT: usize = 500;
const PLANS: u8 = 10;
/// Connections that say nothing, or not enough, before the greeting.
const HALF_OPEN: usize = 250;
/// Rounds of the honest pair while those hang there.
const ROUNDS: usize = 10;
/// Beyond this a person would think that it does not work.
const ROUND_MAX: Duration = Duration::from_secs(10);

#[test]
fn a_relay_under_hostile_clients_stays_up_and_small_and_serves_an_honest_pair() -> Result<()> {
    let seed = seed(20_270_210);
    eprintln!("SAMVERKA_SEED={seed}");
    let folder = folder()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let pair = Network::found(folder.path(), &[&relay], &SIX[..2])?;
    let (address, pid) = (relay.address(), relay.pid()?);
    let before = rss(pid)?;
    let (begin, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let (rounds, slowest, greatest) = thread::scope(|scope| {
        let honest = scope.spawn(|| keep_in_touch(&pair, &begin, &stop));
        let attack = || -> Result<u64> {
            let mut rng = StdRng::seed_from_u64(seed);
            let space: SpaceId = pair.plan.parse()?;
            let members = pair.homes[0].json(&["members"])?;
            let known = text(&members[0]["devices"][0], "id")?.parse()?;
            nonsense(address, &mut rng)?;
            at_the_gate(address, space, known, &mut rng)?;
            inside(address)?;
            let mut greatest = rss(pid)?;
            eprintln!("resident after misdeeds: {} MB", greatest >> 20);
            let hanging = never_read(address)?;
            eprintln!("resident with all of them hanging: {} MB", rss(pid)? >> 20);
            begin.store(true, Ordering::SeqCst);
            while !stop.load(Ordering::SeqCst) {
                greatest = greatest.max(rss(pid)?);
                thread::sleep(Duration::from_millis(50));
            }
            drop(hanging);
            Ok(greatest)
        };
        // Whatever comes of it, a panic too, the honest pair is told to finish.
        let greatest = scope.spawn(attack).join();
        begin.store(true, Ordering::SeqCst);
        let (rounds, slowest) = honest.join().map_err(|_| anyhow!("the honest pair panicked"))??;
        let greatest = greatest.map_err(|_| anyhow!("the attack panicked"))??;
        anyhow::Ok((rounds, slowest, greatest))
    })?;
    eprintln!(
        "resident: {} MB before, {} MB at most; the honest pair did {rounds} rounds, the slowest in {slowest:?}",
        before >> 20,
        greatest >> 20
    );
    ensure!(greatest <= RSS_MAX, "the relay took {greatest} bytes");
    ensure!(slowest <= ROUND_MAX, "an honest round took {slowest:?}");
    ensure!(relay.pid()? == pid && !relay.log()?.contains("panicked"), "the relay's log: {}", relay.log()?);
    pair.settle(3)?;
    relay.stop()?;
    relay.command(&["check"])?;
    Ok(())
}

/// Two honest people pass notes to and fro until [`ROUNDS`] rounds after `begin`. Answers how many and the slowest.
fn keep_in_touch(pair: &Network, begin: &AtomicBool, stop: &AtomicBool) -> Result<(usize, Duration)> {
    let work = || {
        let (mut rounds, mut under_load, mut slowest) = (0, 0, Duration::ZERO);
        let [one, other] = pair.homes.as_slice() else { bail!("a pair") };
        while under_load < ROUNDS {
            under_load += usize::from(begin.load(Ordering::SeqCst));
            let began = Instant::now();
            let words = format!("hälsning {rounds}");
            one.ok(&["note", "add", &words])?;
            one.ok(&["sync"])?;
            other.ok(&["sync"])?;
            let notes = other.ok(&["note", "list"])?;
            ensure!(notes.contains(&words), "{words} has not come: {notes}");
            slowest = slowest.max(began.elapsed());
            rounds += 1;
        }
        Ok((rounds, slowest))
    };
    let done = work();
    stop.store(true, Ordering::SeqCst);
    done
}

/// Bytes that are no protocol: on the bare socket, as WebSocket frames, and as true frames with a few bits wrong.
fn nonsense(relay: SocketAddr, rng: &mut StdRng) -> Result<()> {
    for _ in 0..50 {
        let mut bytes = vec![0; rng.random_range(1..5_000)];
        rng.fill_bytes(&mut bytes);
        // It may be cut off while it writes.
        let _cut = TcpStream::connect(relay)?.write_all(&bytes);
    }
    for _ in 0..100 {
        let mut raw = Raw::connect(relay)?;
        let mut bytes = vec![0; rng.random_range(1..2_000)];
        rng.fill_bytes(&mut bytes);
        let _cut = raw.socket.send(Message::binary(bytes));
        // Kinds of newer versions are passed over; a ping then finds the connection alive.
        let _cut = raw.send(&Frame::Bye { code: Code::GoingAway, detail: String::new() });
        let verdict = raw.verdict()?;
        let fine = matches!(verdict, Verdict::Closed | Verdict::Named(Code::Malformed | Code::GoingAway));
        ensure!(fine, "garbage: {verdict:?}");
    }
    let mut founder = Device::new(40);
    let genesis = founder.found();
    let whole = Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] }.encode();
    for _ in 0..200 {
        let mut bytes = whole.to_vec();
        let at = rng.random_range(1..bytes.len());
        match rng.random_range(0..2) {
            0 => bytes.truncate(at),
            _ => bytes[at] ^= 1 << rng.random_range(0..8),
        }
        let mut raw = Raw::connect(relay)?;
        let _cut = raw.socket.send(Message::binary(bytes));
        let _cut = raw.send(&Frame::Bye { code: Code::GoingAway, detail: String::new() });
        raw.verdict()?;
    }
    let mut raw = Raw::connect(relay)?;
    raw.socket.send(Message::text("hello"))?;
    expect("text", &raw.verdict()?, &[Code::Malformed])?;
    for bytes in [(1 << 20) + 1, 3 << 20, 64 << 20] {
        let mut raw = Raw::connect(relay)?;
        let _cut = raw.socket.send(Message::binary(vec![0; bytes]));
        let verdict = raw.verdict()?;
        ensure!(
            matches!(verdict, Verdict::Closed | Verdict::Named(Code::TooLarge)),
            "{bytes} bytes: {verdict:?}"
        );
    }
    // A frame that promises 2⁶² bytes: nothing may be set aside for it.
    let mut raw = Raw::connect(relay)?;
    raw.socket.get_mut().write_all(&[0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])?;
    let verdict = raw.verdict()?;
    ensure!(matches!(verdict, Verdict::Closed | Verdict::Named(Code::TooLarge)), "a promise: {verdict:?}");
    Ok(())
}

/// Whoever is not a member gets into no plan, whatever they know of it.
fn at_the_gate(
    relay: SocketAddr,
    space: SpaceId,
    known: samverka_log::DeviceId,
    rng: &mut StdRng,
) -> Result<()> {
    let mut stranger = Device::new(41);
    stranger.space = space;
    stranger.heads = vec![samverka_log::EntryId::from(space)];
    let mut raw = Raw::connect(relay)?;
    let proof = raw.proof(&stranger);
    raw.ask(CHANNEL, space, stranger.id(), proof)?;
    expect("a stranger", &raw.verdict()?, &[Code::NotAMember])?;
    raw.ask(CHANNEL + 1, space, known, proof)?;
    expect("a member's name with another's proof", &raw.verdict()?, &[Code::BadProof])?;
    for (what, frame) in [
        ("entries", Frame::Entries { channel: 9, entries: vec![stranger.change(10)] }),
        (
            "a frontier",
            Frame::FrontierIs { channel: 9, frontier: Frontier::new(), reply: true, bodies: Bodies::All },
        ),
        ("a moment's message", Frame::Ephemeral { channel: 9, bytes: vec![0; 100] }),
        ("a receipt", Frame::Receipt { channel: 9, receipt: vec![0; 100] }),
    ] {
        let mut raw = Raw::connect(relay)?;
        raw.send(&frame)?;
        raw.send(&Frame::Bye { code: Code::GoingAway, detail: String::new() })?;
        ensure!(
            !matches!(raw.frame()?, Some(Frame::Entries { .. } | Frame::Ack { .. })),
            "{what} were answered"
        );
    }
    for _ in 0..200 {
        let mut raw = Raw::connect(relay)?;
        let mut knock = stranger.knock(&Device::new(42), space);
        let at = rng.random_range(0..knock.len());
        knock[at] ^= rng.random_range(0..2);
        raw.send(&Frame::Knock { channel: CHANNEL, space, knock })?;
        let verdict = raw.verdict()?;
        let named =
            [Code::UnknownInvitation, Code::BadSignature, Code::Malformed, Code::WrongSpace, Code::BadProof];
        expect("a knock without an invitation", &verdict, &named)?;
    }
    let mut raw = Raw::connect(relay)?;
    for channel in 0..100 {
        let proof = raw.proof(&stranger);
        if raw.ask(channel, space, stranger.id(), proof).is_err() {
            break;
        }
    }
    Ok(())
}

/// A member of a plan who lies inside it.
fn inside(relay: SocketAddr) -> Result<()> {
    let (mut liar, mut other) = (Device::new(43), Device::new(44));
    let mut raw = Raw::connect(relay)?;
    raw.create(liar.found())?;
    raw.attach(&liar)?;
    let add = liar.add(&other, Role::Editor);
    other.learn(&liar);
    raw.push(vec![add])?;
    let good: Vec<Entry> = (0..20).map(|_| liar.change(500)).collect();
    raw.push(good.clone())?;
    raw.acknowledged(&liar, 20)?;
    // Said again a hundred times, it is there once.
    for _ in 0..100 {
        raw.push(good.clone())?;
    }
    raw.is_served(1)?;
    let mut reader = Raw::connect(relay)?;
    reader.attach(&other)?;
    let mut got = 0;
    loop {
        match reader.frame()?.context("the relay closed")? {
            Frame::Entries { entries, .. } => got += entries.len(),
            Frame::Live { .. } => break,
            _ => {}
        }
    }
    ensure!(got == 22, "{got} entries instead of 22 after replays");

    let next = liar.clone().change(100);
    let in_their_log = forged(&next, &Liar { hand: &liar, name: liar.id(), twist: b"" }, |fields| {
        fields.log.device = other.id();
        fields.number = 0;
        fields.previous = samverka_log::EntryId::ZERO;
    })?;
    let honest = Liar { hand: &liar, name: liar.id(), twist: b"" };
    let twisted = Liar { twist: b"x", ..honest };
    let honest = Liar { hand: &liar, name: liar.id(), twist: b"" };
    let mut other_body = next.clone();
    other_body.body = Some(vec![8; 100]);
    let mut no_body = next.clone();
    no_body.body = None;
    let misdeeds = [
        ("a wrong signature", forged(&next, &twisted, |_| {})?, Code::BadSignature),
        ("another member's log", in_their_log, Code::BadSignature),
        ("a gap", forged(&next, &honest, |fields| fields.number += 5)?, Code::Gap),
        ("a number far off", forged(&next, &honest, |fields| fields.number = u64::MAX / 2)?, Code::Gap),
        (
            "another plan's",
            forged(&next, &honest, |fields| fields.space = SpaceId::from_bytes([7; 32]))?,
            Code::WrongSpace,
        ),
        ("another body", other_body, Code::BodyMismatch),
        ("no body", no_body, Code::BodyMissing),
        // Last: nothing more is taken into a log that has forked.
        ("a fork", forged(&next, &honest, |fields| fields.number -= 1)?, Code::Fork),
    ];
    for (what, entry, code) in misdeeds {
        let mut raw = Raw::connect(relay)?;
        raw.attach(&liar)?;
        raw.push(vec![entry])?;
        expect(what, &raw.verdict()?, &[code, Code::Malformed])?;
    }
    // After all that the other member is served.
    let mut raw = Raw::connect(relay)?;
    raw.attach(&other)?;
    raw.push(vec![other.change(100)])?;
    raw.acknowledged(&other, 1)
}

/// What stays until it is dropped: members who do not read, and sockets that are not even connections yet.
struct Hanging {
    _silent: Vec<Raw>,
    _half_open: Vec<TcpStream>,
}

/// 500 members of ten plans who ask for the 10 MB there and never read, while more comes live; and 250 sockets on which
/// nobody says enough. Every other plan has large entries, the others small ones.
fn never_read(relay: SocketAddr) -> Result<Hanging> {
    let mut silent = Vec::new();
    let mut founders = Vec::new();
    for plan in 0..PLANS {
        let (size, count) = if plan % 2 == 0 { (64 << 10, 10) } else { (1 << 10, 600) };
        let mut founder = Device::new(100 + plan);
        let mut raw = Raw::connect(relay)?;
        raw.create(founder.found())?;
        raw.attach(&founder)?;
        for batch in 1..=16 {
            raw.push((0..count).map(|_| founder.change(size)).collect())?;
            raw.acknowledged(&founder, batch * count)?;
        }
        for _ in 0..SILENT / usize::from(PLANS) {
            let mut never_reads = Raw::connect(relay)?;
            never_reads.attach(&founder)?;
            silent.push(never_reads);
        }
        founders.push((founder, raw, size, count));
    }
    for batch in 17..=20 {
        for (founder, raw, size, count) in &mut founders {
            raw.push((0..*count).map(|_| founder.change(*size)).collect())?;
            raw.acknowledged(founder, batch * *count)?;
        }
    }
    let mut half_open = Vec::new();
    for index in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(relay)?;
        if index % 2 == 0 {
            stream.write_all(b"GET /sync HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n")?;
        }
        half_open.push(stream);
    }
    Ok(Hanging { _silent: silent, _half_open: half_open })
}

fn expect(what: &str, verdict: &Verdict, codes: &[Code]) -> Result<()> {
    ensure!(codes.iter().any(|code| *verdict == Verdict::Named(*code)), "{what}: {verdict:?}, not {codes:?}");
    Ok(())
}

/// The process's resident memory, in bytes.
fn rss(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes << 10)
}
