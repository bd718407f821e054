//! The server's settings: flags, then environment, then the file, then the defaults.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use samverka_room::Hosting;
use serde::Deserialize;

use crate::arguments::{HostingPolicy, LimitArguments, LogFormat, PlaceArguments, ServeArguments};

/// The environment variable with the token for `--hosting token`.
pub const HOSTING_TOKEN_VARIABLE: &str = "SAMVERKA_RELAY_HOSTING_TOKEN";
/// The shortest token that is taken: 16 characters cannot be guessed over the network.
const TOKEN_CHARACTERS_MIN: usize = 16;
/// The longest token that a frame carries.
const TOKEN_BYTES_MAX: usize = 128;

/// Everything that the server has to be told.
#[derive(Clone)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the database and of the relay's identity key.
    pub data: PathBuf,
    /// Who may found new plans here.
    pub hosting: Hosting,
    /// Hosts (with the port where the address names one) that devices may prove their keys for, beside the
    /// machine's own addresses.
    pub public_hosts: Vec<String>,
    /// How to log.
    pub log: LogConfig,
    /// Certificate and key, where the relay speaks TLS itself.
    pub tls: Option<TlsConfig>,
    /// Whether the last element of X-Forwarded-For is the client's address.
    pub trust_forwarded: bool,
    /// Limits.
    pub limits: Limits,
}

impl fmt::Debug for Config {
    /// The hosting token is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data", &self.data)
            .field("tls", &self.tls.is_some())
            .field("trust_forwarded", &self.trust_forwarded)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// How to log.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// How a line looks.
    pub format: LogFormat,
    /// Which lines to write.
    pub filter: String,
}

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct TlsConfig {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// What the server takes on at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time: four thousand idle ones take some 100 MB.
    pub connections_max: u32,
    /// Connections at a time from one address. A whole town's schools may share one, so it is generous.
    pub connections_per_address_max: u32,
    /// Spaces kept here.
    pub spaces_max: u64,
    /// Bytes of entries that one space may take: a plan of ten years with its boards is some 100 MB.
    pub space_bytes_max: u64,
    /// Entries a second that a connection may push on average; after weeks offline a device has some thousands.
    pub entries_per_second_max: u32,
    /// Bytes a second that a connection may push on average.
    pub bytes_per_second_max: u32,
    /// Bytes that large bodies on their way in or out may take in memory together, over all spaces.
    pub large_body_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            connections_per_address_max: 1_024,
            spaces_max: 10_000,
            space_bytes_max: 2 << 30,
            entries_per_second_max: 5_000,
            bytes_per_second_max: 16 << 20,
            large_body_bytes_max: 64 << 20,
        }
    }
}

impl Limits {
    fn with(self, given: &LimitArguments) -> Self {
        Self {
            connections_max: given.connections_max.unwrap_or(self.connections_max),
            connections_per_address_max: given
                .connections_per_address_max
                .unwrap_or(self.connections_per_address_max),
            spaces_max: given.spaces_max.unwrap_or(self.spaces_max),
            space_bytes_max: given.space_bytes_max.unwrap_or(self.space_bytes_max),
            entries_per_second_max: given.entries_per_second_max.unwrap_or(self.entries_per_second_max),
            bytes_per_second_max: given.bytes_per_second_max.unwrap_or(self.bytes_per_second_max),
            large_body_bytes_max: given.large_body_bytes_max.unwrap_or(self.large_body_bytes_max),
        }
    }
}

impl Config {
    /// The defaults, with data in `data`.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            data: data.into(),
            hosting: Hosting::Off,
            public_hosts: Vec::new(),
            log: LogConfig { format: LogFormat::Text, filter: "info".to_owned() },
            tls: None,
            trust_forwarded: false,
            limits: Limits::default(),
        }
    }

    /// Puts together what flags, environment (clap reads both; `token` is the one variable that is no flag) and the
    /// file say.
    ///
    /// # Errors
    /// Where the file cannot be read or the settings do not go together.
    pub fn resolve(given: &ServeArguments, token: Option<String>) -> Result<Self> {
        let file = File::read(given.place.config.as_deref())?;
        let mut config = Self::new(folder(&given.place, &file));
        if let Some(listen) = given.listen.or(file.listen) {
            config.listen = listen;
        }
        config.hosting = hosting(given, &file, token)?;
        let urls = given.public_url.clone().or(file.public_url).unwrap_or_default();
        config.public_hosts = urls.iter().map(|url| host_of(url)).collect::<Result<_>>()?;
        config.log.format = given.log_format.or(file.log_format).unwrap_or_default();
        if let Some(filter) = given.log.clone().or(file.log) {
            config.log.filter = filter;
        }
        let certificate = given.tls_certificate.clone().or(file.tls_certificate);
        let key = given.tls_key.clone().or(file.tls_key);
        config.tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(TlsConfig { certificate, key }),
            (None, None) => None,
            _ => bail!("TLS takes both a certificate and a key: set tls-certificate and tls-key"),
        };
        config.trust_forwarded = given.trust_forwarded.or(file.trust_forwarded).unwrap_or(false);
        config.limits = Limits::default().with(&file.limits).with(&given.limits);
        Ok(config)
    }
}

/// The data folder, for the commands that need nothing else.
///
/// # Errors
/// Where the configuration file cannot be read.
pub fn data_folder(place: &PlaceArguments) -> Result<PathBuf> {
    Ok(folder(place, &File::read(place.config.as_deref())?))
}

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    hosting: Option<HostingPolicy>,
    hosting_token_file: Option<PathBuf>,
    public_url: Option<Vec<String>>,
    log_format: Option<LogFormat>,
    log: Option<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    trust_forwarded: Option<bool>,
    limits: LimitArguments,
}

impl File {
    fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("read {}", path.display()))
    }
}

fn folder(place: &PlaceArguments, file: &File) -> PathBuf {
    place.data.clone().or_else(|| file.data.clone()).unwrap_or_else(|| PathBuf::from("relay-data"))
}

fn hosting(given: &ServeArguments, file: &File, token: Option<String>) -> Result<Hosting> {
    match given.hosting.or(file.hosting).unwrap_or(HostingPolicy::Off) {
        HostingPolicy::Open => Ok(Hosting::Open),
        HostingPolicy::Off => Ok(Hosting::Off),
        HostingPolicy::Token => {
            let path = given.hosting_token_file.as_ref().or(file.hosting_token_file.as_ref());
            let token = match (token, path) {
                (Some(token), _) => token,
                (None, Some(path)) => {
                    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?
                }
                (None, None) => {
                    bail!("hosting by token needs {HOSTING_TOKEN_VARIABLE} or hosting-token-file")
                }
            };
            let token = token.trim();
            ensure!(
                token.chars().count() >= TOKEN_CHARACTERS_MIN && token.len() <= TOKEN_BYTES_MAX,
                "the hosting token has to have {TOKEN_CHARACTERS_MIN} to {TOKEN_BYTES_MAX} characters"
            );
            Ok(Hosting::token(token.as_bytes()))
        }
    }
}

/// Host and port of an address, as devices sign them: what lies between the scheme and the path.
fn host_of(url: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").with_context(|| format!("{url} is not an http(s) address"))?;
    ensure!(matches!(scheme, "http" | "https"), "{url} is not an http(s) address");
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    ensure!(!host.is_empty() && !host.contains('@'), "{url} names no host");
    Ok(host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str) -> (tempfile::TempDir, ServeArguments) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("relay.toml");
        std::fs::write(&path, text).unwrap();
        let place = PlaceArguments { config: Some(path), data: None };
        (folder, ServeArguments { place, ..ServeArguments::default() })
    }

    #[test]
    fn a_flag_counts_before_the_file_and_the_file_before_the_default() {
        let (_folder, mut given) = with_file(
            "listen = '0.0.0.0:1'\nhosting = 'open'\n[limits]\nspaces_max = 5\nconnections_max = 6\n",
        );
        given.listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 2)));
        given.limits.connections_max = Some(7);
        let config = Config::resolve(&given, None).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert!(matches!(config.hosting, Hosting::Open));
        assert_eq!((config.limits.spaces_max, config.limits.connections_max), (5, 7));
        assert_eq!(config.limits.space_bytes_max, Limits::default().space_bytes_max);
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let (_folder, given) = with_file("lissen = '0.0.0.0:1'");
        let error = format!("{:#}", Config::resolve(&given, None).unwrap_err());
        assert!(error.contains("lissen"), "{error}");
    }

    #[test]
    fn hosting_by_token_needs_a_token_that_cannot_be_guessed() {
        let given = ServeArguments { hosting: Some(HostingPolicy::Token), ..ServeArguments::default() };
        assert!(Config::resolve(&given, None).is_err());
        assert!(Config::resolve(&given, Some("short".to_owned())).is_err());
        assert!(Config::resolve(&given, Some("long enough to be a token".to_owned())).is_ok());
    }

    #[test]
    fn the_token_is_not_printed() {
        let given = ServeArguments { hosting: Some(HostingPolicy::Token), ..ServeArguments::default() };
        let config = Config::resolve(&given, Some("long enough to be a token".to_owned())).unwrap();
        assert!(!format!("{config:?}").contains("long enough"));
    }

    #[test]
    fn a_public_address_gives_the_host_that_devices_sign() {
        assert_eq!(host_of("https://Rela.example:8443/x").unwrap(), "rela.example:8443");
        assert_eq!(host_of("http://rela.example").unwrap(), "rela.example");
        assert!(host_of("rela.example").is_err());
    }

    #[test]
    fn a_certificate_without_a_key_is_refused() {
        let given = ServeArguments { tls_certificate: Some("cert.pem".into()), ..ServeArguments::default() };
        assert!(Config::resolve(&given, None).is_err());
    }
}
