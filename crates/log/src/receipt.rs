//! Receipts: a device's signed word about what it has, so that others may know what has arrived.

use thiserror::Error;

use crate::limits::LOGS_MAX;
use crate::wire::{Reader, WireError, Writer};
use crate::{DeviceId, Frontier, LogHead, LogId, Signature, SignatureError, Signer, SpaceId, verify_strict};

const VERSION: u8 = 1;
const SIGNATURE_DOMAIN: &[u8] = b"samverka/receipt/v1\0";

/// What a device has, by its own signed word. Relays keep the newest of each device, by its counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The space.
    pub space: SpaceId,
    /// The device.
    pub device: DeviceId,
    /// Rises with every receipt: the device's clock in Unix milliseconds, or one more than the last.
    pub counter: u64,
    /// What is durable there.
    pub frontier: Frontier,
}

/// Why bytes are not a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The bytes end too early or too late.
    #[error("receipt: {0}")]
    Wire(#[from] WireError),
    /// A version that this program does not know.
    #[error("receipt version {0} is newer than this program")]
    Version(u8),
    /// It names more logs than a space may have.
    #[error("a receipt names too many logs")]
    TooManyLogs,
    /// The logs are not in ascending order.
    #[error("a receipt's logs are not in ascending order")]
    Order,
    /// The signature does not hold.
    #[error("receipt: {0}")]
    Signature(#[from] SignatureError),
}

impl Receipt {
    /// The signed bytes.
    ///
    /// # Errors
    /// [`ReceiptError::TooManyLogs`].
    pub fn sign(&self, signer: &impl Signer) -> Result<Vec<u8>, ReceiptError> {
        let count = u16::try_from(self.frontier.len()).map_err(|_| ReceiptError::TooManyLogs)?;
        if self.frontier.len() > LOGS_MAX {
            return Err(ReceiptError::TooManyLogs);
        }
        let mut out = Writer::new();
        out.u8(VERSION)
            .bytes(self.space.as_bytes())
            .bytes(self.device.as_bytes())
            .u64(self.counter)
            .u16(count);
        for (log, head) in self.frontier.iter() {
            out.log_head(log, head);
        }
        let mut bytes = out.finish();
        let signature = signer.sign(&[SIGNATURE_DOMAIN, &bytes].concat());
        bytes.extend_from_slice(signature.as_bytes());
        Ok(bytes)
    }

    /// Reads a receipt and checks its signature.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let mut input = Reader::new(bytes);
        match input.u8()? {
            VERSION => {}
            version => return Err(ReceiptError::Version(version)),
        }
        let space = SpaceId::from_bytes(input.array()?);
        let device = DeviceId::from_bytes(input.array()?);
        let counter = input.u64()?;
        let count = usize::from(input.u16()?);
        if count > LOGS_MAX {
            return Err(ReceiptError::TooManyLogs);
        }
        let mut logs: Vec<(LogId, LogHead)> = Vec::new();
        for _ in 0..count {
            let (log, head) = input.log_head()?;
            if logs.last().is_some_and(|(last, _)| *last >= log) || head.next == 0 {
                return Err(ReceiptError::Order);
            }
            logs.push((log, head));
        }
        let signed = bytes.get(..input.position()).unwrap_or_default();
        let signature = Signature::from_bytes(input.array()?);
        input.finish()?;
        verify_strict(device, &[SIGNATURE_DOMAIN, signed].concat(), signature)?;
        Ok(Self { space, device, counter, frontier: logs.into_iter().collect() })
    }
}
