//! A wire between client and relay that keeps everything that passes.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result};

/// Everything that one connection carried in one direction.
type Record = Arc<Mutex<Vec<u8>>>;

/// A TCP proxy in front of a relay. Its threads end with the connections, and with the test's process.
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    to_relay: Arc<Mutex<Vec<Record>>>,
    to_client: Arc<Mutex<Vec<Record>>>,
}

impl Proxy {
    /// Takes an address. A relay has to be told it (`--public-url`), since devices prove their keys for a host.
    ///
    /// # Errors
    /// Where no port can be had.
    pub fn bind() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, to_relay: Arc::default(), to_client: Arc::default() })
    }

    /// Carries every connection to `relay` from now on.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn lead_to(&self, relay: SocketAddr) -> Result<()> {
        let listener = self.listener.try_clone()?;
        let (to_relay, to_client) = (Arc::clone(&self.to_relay), Arc::clone(&self.to_client));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(relay) = TcpStream::connect(relay) else { continue };
                let pairs = client.try_clone().and_then(|client| Ok((client, relay.try_clone()?)));
                let Ok((client_again, relay_again)) = pairs else { continue };
                carry(client, relay, &to_relay);
                carry(relay_again, client_again, &to_client);
            }
        });
        Ok(())
    }

    /// The address as people type a relay's.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What clients have sent, one piece for each connection: the request as it was, the frames without their mask.
    ///
    /// # Errors
    /// Where what passed was no WebSocket.
    pub fn sent_by_clients(&self) -> Result<Vec<Vec<u8>>> {
        self.pieces(&self.to_relay)
    }

    /// What the relay has sent, one piece for each connection.
    ///
    /// # Errors
    /// Where what passed was no WebSocket.
    pub fn sent_by_relay(&self) -> Result<Vec<Vec<u8>>> {
        self.pieces(&self.to_client)
    }

    fn pieces(&self, records: &Mutex<Vec<Record>>) -> Result<Vec<Vec<u8>>> {
        let records = records.lock().expect("no thread panics while it holds this").clone();
        records
            .iter()
            .map(|record| plain(&record.lock().expect("no thread panics while it holds this")))
            .collect()
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, records: &Mutex<Vec<Record>>) {
    let record = Record::default();
    records.lock().expect("no thread panics while it holds this").push(Arc::clone(&record));
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(len) = from.read(&mut buffer)
            && let Some(bytes) = buffer.get(..len).filter(|bytes| !bytes.is_empty())
        {
            record.lock().expect("no thread panics while it holds this").extend_from_slice(bytes);
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        // Either side may be gone already.
        let _gone = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
    });
}

/// The bytes of a WebSocket connection as they were before the client masked them (RFC 6455, 5.3): header of the HTTP
/// request, then the frames' payloads. The last frame may be cut off.
fn plain(wire: &[u8]) -> Result<Vec<u8>> {
    let end = b"\r\n\r\n";
    if wire.is_empty() {
        return Ok(Vec::new());
    }
    let head = wire.windows(end.len()).position(|four| four == end).context("no HTTP header")? + end.len();
    let (head, mut rest) = wire.split_at(head);
    let mut plain = head.to_vec();
    while let Some((len, header)) = frame(rest) {
        let payload = rest.get(header..).unwrap_or_default();
        let payload = payload.get(..len.min(payload.len())).unwrap_or_default();
        let masked = rest.get(1).is_some_and(|byte| byte & 0x80 != 0);
        let mask = if masked { rest.get(header - 4..header).unwrap_or_default() } else { &[0] };
        plain.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        rest = rest.get(header + payload.len()..).unwrap_or_default();
    }
    Ok(plain)
}

/// Length of the payload and of the header of the frame that begins here; none where the header is not whole.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let second = *bytes.get(1)?;
    let (len, header) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?, 10),
        len => (usize::from(len), 2),
    };
    let header = if second & 0x80 == 0 { header } else { header + 4 };
    (bytes.len() >= header).then_some((len, header))
}
