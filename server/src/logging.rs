//! Log lines on stderr. Fields have dotted names; no line holds a key, an address, a token or a body.

use anyhow::{Context, Result, anyhow};
use tracing_subscriber::EnvFilter;

use crate::arguments::LogFormat;
use crate::config::LogConfig;

/// Starts logging for the whole process.
///
/// # Errors
/// Where the filter is not one, or somebody else has started logging already.
pub fn start(config: &LogConfig) -> Result<()> {
    let filter =
        EnvFilter::try_new(&config.filter).with_context(|| format!("log filter {:?}", config.filter))?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let started = match config.format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow!("start logging: {error}"))
}
