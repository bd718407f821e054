//! Formats other than JSON.

use anyhow::{Result, bail};

use crate::args::Format;
use crate::session::Session;

pub(super) fn export(_session: &mut Session, format: Format, _what: Option<&str>) -> Result<Vec<u8>> {
    bail!("this version does not write {format:?} yet")
}
