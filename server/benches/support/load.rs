//! Devices that write into spaces while others look on, and what that cost the server.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use samverka_testkit::people::Device;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::client::Client;
use super::{Process, Space, frames};

/// What is done.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Spaces that are written to at the same time.
    pub spaces: u16,
    /// Devices that look on in each, beside the one that writes.
    pub subscribers: u8,
    /// Entries in each space.
    pub entries: usize,
    /// Entries in one frame.
    pub per_frame: usize,
    /// Entries that may be under way: sent, and not acknowledged.
    pub window: usize,
}

/// What it took.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The server's processor time for one entry, in µs.
    pub cpu_us: f64,
    /// Entries a second, all spaces together.
    pub per_second: f64,
}

/// One writer and its subscribers, connected.
struct Group {
    writer: Client,
    device: Device,
    subscribers: Vec<Client>,
    frames: Vec<bytes::Bytes>,
    /// Entries of others that the writer gets.
    others: usize,
}

impl Load {
    /// Has a relay carry it: durable, acknowledged, with every subscriber.
    pub async fn on_relay(self, relay: &Process, address: SocketAddr) -> Cost {
        let mut groups = Vec::new();
        for number in 0..self.spaces {
            let mut space = Space::new(number, self.subscribers + 1);
            space.bring(address).await;
            let mut subscribers = Vec::new();
            for device in &space.devices[1..] {
                subscribers.push(Client::live(address, device).await);
            }
            let writer = Client::live(address, &space.devices[0]).await;
            let mut device = space.devices.swap_remove(0);
            let frames = frames(&mut device, self.entries, self.per_frame);
            groups.push(Group { writer, device, subscribers, frames, others: 0 });
        }
        self.run(relay, groups, None).await
    }

    /// Has a relay carry it with every writer in one space, where each gets what the others write.
    pub async fn in_one_space(self, relay: &Process, address: SocketAddr) -> Cost {
        let writers = u8::try_from(self.spaces).expect("a few");
        let space = Space::new(0, writers);
        space.bring(address).await;
        let mut groups = Vec::new();
        for mut device in space.devices {
            let writer = Client::live(address, &device).await;
            let frames = frames(&mut device, self.entries, self.per_frame);
            let others = (usize::from(writers) - 1) * self.entries;
            groups.push(Group { writer, device, subscribers: Vec::new(), frames, others });
        }
        self.run(relay, groups, None).await
    }

    /// Has the bare server pass the same frames on, no faster than so many entries a second: a server that is never
    /// idle does not pay for waking, and one that is flooded writes to sockets whose readers are awake.
    pub async fn on_bare(self, server: &Process, address: SocketAddr, per_second: f64) -> Cost {
        let mut groups = Vec::new();
        for number in 0..self.spaces {
            let mut space = Space::new(number, self.subscribers + 1);
            let mut subscribers = Vec::new();
            for _ in 0..self.subscribers {
                subscribers.push(Client::bare(address, number).await);
            }
            let writer = Client::bare(address, number).await;
            let mut device = space.devices.swap_remove(0);
            let frames = frames(&mut device, self.entries, self.per_frame);
            groups.push(Group { writer, device, subscribers, frames, others: 0 });
        }
        let frames_per_second = per_second / self.per_frame as f64 / f64::from(self.spaces);
        self.run(server, groups, Some(Duration::from_secs_f64(1.0 / frames_per_second))).await
    }

    async fn run(self, server: &Process, groups: Vec<Group>, pace: Option<Duration>) -> Cost {
        let (began, before) = (Instant::now(), server.cpu());
        let mut work = JoinSet::new();
        for group in groups {
            work.spawn(self.run_group(group, pace));
        }
        // The connections stay until the cost is known: closing them is not what is measured.
        let ended = work.join_all().await;
        let (after, took) = (server.cpu(), began.elapsed());
        drop(ended);
        let entries = (self.entries * usize::from(self.spaces)) as f64;
        Cost { cpu_us: after.since_us(&before) / entries, per_second: entries / took.as_secs_f64() }
    }

    /// At a pace where that is given; else as fast as acknowledgements come.
    async fn run_group(self, group: Group, pace: Option<Duration>) -> Vec<Client> {
        let Group { mut writer, device, subscribers, frames, others } = group;
        let mut looking_on = JoinSet::new();
        let mut come = Vec::new();
        for mut subscriber in subscribers {
            let (told, tells) = watch::channel(0);
            come.push(tells);
            looking_on.spawn(async move {
                let tell = |come| {
                    told.send_replace(come);
                };
                subscriber.entries_until(self.entries, tell).await;
                subscriber
            });
        }
        let (mut sent, mut durable) = (0, 0);
        let mut ticks = pace.map(tokio::time::interval);
        for frame in frames {
            if let Some(ticks) = &mut ticks {
                ticks.tick().await;
            }
            sent += self.per_frame.min(self.entries - sent);
            writer.send_bytes(frame);
            writer.flush().await;
            let room = self.window.saturating_sub(self.per_frame);
            let due = if sent == self.entries { sent } else { sent.saturating_sub(room) };
            if pace.is_none() && durable < due {
                durable = writer.acknowledged(&device, due).await;
            }
            for tells in &mut come {
                tells.wait_for(|come| *come >= due).await.expect("it looks on to the end");
            }
        }
        writer.entries_until(others, |_| {}).await;
        let mut all = looking_on.join_all().await;
        all.push(writer);
        all
    }
}
