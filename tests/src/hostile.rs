//! Clients that speak the relay's protocol and mean no good.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use samverka_log::{
    DeviceId, Entry, Frontier, HeaderFields, RelayKey, Signature, Signer, SpaceId, UnsignedHeader,
};
use samverka_protocol::{Bodies, Code, Frame};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

use samverka_testkit::people::Device;

/// The channel that these clients use where they need one.
pub const CHANNEL: u32 = 1;
/// How long a relay may take for an answer, however busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A WebSocket to a relay, after the greeting.
pub struct Raw {
    /// The socket.
    pub socket: WebSocket<TcpStream>,
    host: String,
    relay_key: RelayKey,
    nonce: [u8; 32],
}

/// What a relay did about a misdeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It refused the channel, rejected the entry or said goodbye, by name.
    Named(Code),
    /// It closed the connection without a word.
    Closed,
}

impl Raw {
    /// Connects and greets.
    ///
    /// # Errors
    /// Where the relay does not answer.
    pub fn connect(relay: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(relay)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // The client's own limits are off: it is the relay's that are tried.
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) = client::client_with_config(format!("ws://{relay}/sync"), stream, Some(config))
            .context("the WebSocket's handshake")?;
        let mut raw = Self { socket, host: relay.to_string(), relay_key: RelayKey::ZERO, nonce: [0; 32] };
        raw.send(&Frame::hello("hostile"))?;
        let Some(Frame::Welcome { relay_key, nonce, .. }) = raw.frame()? else { bail!("no welcome") };
        (raw.relay_key, raw.nonce) = (relay_key, nonce);
        Ok(raw)
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// Where the socket takes no more.
    pub fn send(&mut self, frame: &Frame) -> Result<()> {
        Ok(self.socket.send(Message::binary(frame.encode()))?)
    }

    /// The next frame; none once the relay has closed.
    ///
    /// # Errors
    /// Where nothing comes in time, or no frame.
    pub fn frame(&mut self) -> Result<Option<Frame>> {
        loop {
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => return Ok(Some(Frame::decode(&bytes)?)),
                Ok(Message::Close(_)) => return Ok(None),
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    bail!("no answer in time")
                }
                Err(_) => return Ok(None),
            }
        }
    }

    /// What the relay says about a misdeed, past everything else that it says.
    ///
    /// # Errors
    /// Where nothing comes in time.
    pub fn verdict(&mut self) -> Result<Verdict> {
        loop {
            match self.frame()? {
                None => return Ok(Verdict::Closed),
                Some(Frame::Refused { code, .. } | Frame::Reject { code, .. } | Frame::Bye { code, .. }) => {
                    return Ok(Verdict::Named(code));
                }
                Some(Frame::Fork { .. }) => return Ok(Verdict::Named(Code::Fork)),
                Some(_) => {}
            }
        }
    }

    /// A proof of a device's key for this connection.
    pub fn proof(&self, device: &Device) -> Signature {
        device.proof(self.relay_key, &self.host, &self.nonce)
    }

    /// Asks for a space with whatever proof.
    ///
    /// # Errors
    /// Where the socket takes no more.
    pub fn ask(
        &mut self,
        channel: u32,
        space: SpaceId,
        device: DeviceId,
        signature: Signature,
    ) -> Result<()> {
        let host = self.host.clone();
        self.send(&Frame::Attach { channel, space, device, host, signature })
    }

    /// Begins a space of the device's own.
    ///
    /// # Errors
    /// Where the relay does not take it.
    pub fn create(&mut self, genesis: Entry) -> Result<()> {
        self.send(&Frame::Create { channel: CHANNEL, token: String::new(), entries: vec![genesis] })?;
        while let Some(frame) = self.frame()? {
            match frame {
                Frame::Created { .. } => return Ok(()),
                Frame::Refused { code, detail, .. } => bail!("{code}: {detail}"),
                _ => {}
            }
        }
        bail!("the relay closed")
    }

    /// Attaches honestly and asks for everything, reading none of it.
    ///
    /// # Errors
    /// Where the relay does not let the device in.
    pub fn attach(&mut self, device: &Device) -> Result<()> {
        let proof = self.proof(device);
        self.ask(CHANNEL, device.space, device.id(), proof)?;
        loop {
            match self.frame()?.context("the relay closed")? {
                Frame::Attached { .. } => break,
                Frame::Refused { code, detail, .. } => bail!("{code}: {detail}"),
                _ => {}
            }
        }
        self.send(&Frame::FrontierIs {
            channel: CHANNEL,
            frontier: Frontier::new(),
            reply: false,
            bodies: Bodies::All,
        })
    }

    /// Pushes entries.
    ///
    /// # Errors
    /// Where the socket takes no more.
    pub fn push(&mut self, entries: Vec<Entry>) -> Result<()> {
        self.send(&Frame::Entries { channel: CHANNEL, entries })
    }

    /// Waits until the device's log is durable up to `next`.
    ///
    /// # Errors
    /// Where the relay rejects anything.
    pub fn acknowledged(&mut self, device: &Device, next: u64) -> Result<()> {
        loop {
            match self.frame()?.context("the relay closed")? {
                Frame::Ack { logs, .. } if logs.contains(&(device.log(), next)) => return Ok(()),
                Frame::Reject { code, detail, .. } | Frame::Bye { code, detail } => bail!("{code}: {detail}"),
                _ => {}
            }
        }
    }

    /// Whether the relay still answers on this connection.
    ///
    /// # Errors
    /// Where it does not.
    pub fn is_served(&mut self, token: u64) -> Result<()> {
        self.send(&Frame::Ping { token })?;
        loop {
            let frame = self.frame()?.context("the relay closed")?;
            ensure!(!matches!(frame, Frame::Bye { .. }), "{frame:?}");
            if frame == (Frame::Pong { token }) {
                return Ok(());
            }
        }
    }
}

/// Signs in another device's name, or something else than it says.
pub struct Liar<'a> {
    /// Who signs in truth.
    pub hand: &'a Device,
    /// In whose name.
    pub name: DeviceId,
    /// What is put before the message that is signed.
    pub twist: &'static [u8],
}

impl Signer for Liar<'_> {
    fn device(&self) -> DeviceId {
        self.name
    }

    fn sign(&self, message: &[u8]) -> Signature {
        self.hand.sign(&[self.twist, message].concat())
    }
}

/// A made entry with other fields, signed anew.
///
/// # Errors
/// Where a header cannot say that.
pub fn forged(entry: &Entry, signer: &impl Signer, change: impl FnOnce(&mut HeaderFields)) -> Result<Entry> {
    let mut fields = entry.header.fields().clone();
    change(&mut fields);
    let header = UnsignedHeader::new(fields).context("the header")?.sign(signer);
    Ok(Entry { header, body: entry.body.clone() })
}
