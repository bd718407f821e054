use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::limits::RELAY_URL_BYTES_MAX;

/// Why a text is not a relay's address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RelayUrlError {
    /// It begins with neither `https://` nor `http://`.
    #[error("a relay's address begins with https:// or http://")]
    Scheme,
    /// There is no host in it.
    #[error("a relay's address needs a host")]
    Host,
    /// It has a character that does not belong there.
    #[error("a relay's address cannot contain {0:?}")]
    Character(char),
    /// It is longer than allowed.
    #[error("a relay's address of {0} bytes is over the limit of {RELAY_URL_BYTES_MAX}")]
    TooLong(usize),
}

/// A relay's address: `https://host[:port][/path]`, or `http://` for a plain one, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelayUrl(String);

impl RelayUrl {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Host and port, as a browser's `Host` header has them.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.split_once('/').map_or(rest, |(host, _)| host)
    }
}

impl FromStr for RelayUrl {
    type Err = RelayUrlError;

    fn from_str(text: &str) -> Result<Self, RelayUrlError> {
        if text.len() > RELAY_URL_BYTES_MAX {
            return Err(RelayUrlError::TooLong(text.len()));
        }
        let (scheme, rest) = text.split_once("://").ok_or(RelayUrlError::Scheme)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(RelayUrlError::Scheme);
        }
        let allowed = |c: &char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(*c);
        if let Some(character) = rest.chars().find(|c| !allowed(c)) {
            return Err(RelayUrlError::Character(character));
        }
        let rest = rest.trim_end_matches('/');
        let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        if host.is_empty() || host.starts_with(':') {
            return Err(RelayUrlError::Host);
        }
        let host = host.to_ascii_lowercase();
        Ok(Self(
            path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}")),
        ))
    }
}

impl fmt::Display for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
