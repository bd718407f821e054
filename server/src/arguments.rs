//! What can be typed after `samverka-relay`, and the environment variables that say the same.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

/// A relay for Samverka: it stores sealed entries and passes them on, and can read none of them.
///
/// Every setting can be given as a flag, as an environment variable or in the configuration file; the first of them
/// that says something counts.
#[derive(Debug, Parser)]
#[command(name = "samverka-relay", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do; without a command the relay serves.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings of the server, where no command is named.
    #[command(flatten)]
    pub serve: ServeArguments,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves until it is asked to stop (the default).
    Serve(Box<ServeArguments>),
    /// Copies the database to a new file while the relay runs.
    Backup {
        /// The new file.
        to: PathBuf,
        /// Where the data is.
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Verifies every chain, signature and body on disk; fails with a sentence for each fault.
    Check {
        /// Where the data is.
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Says what is stored, space by space.
    Stats {
        /// Where the data is.
        #[command(flatten)]
        place: PlaceArguments,
        /// Prints one JSON object instead of lines for people.
        #[arg(long)]
        json: bool,
    },
}

/// Where the relay's data and configuration are.
#[derive(Clone, Debug, Default, Args)]
pub struct PlaceArguments {
    /// Folder of the database and of the relay's identity key [default: relay-data]
    #[arg(long, value_name = "FOLDER", env = "SAMVERKA_RELAY_DATA")]
    pub data: Option<PathBuf>,
    /// Configuration file (TOML); its keys are the flags' names with underscores.
    #[arg(long, value_name = "FILE", env = "SAMVERKA_RELAY_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Settings of the server.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArguments {
    /// Where the data is.
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS", env = "SAMVERKA_RELAY_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Who may found new plans here [default: off]
    #[arg(long, value_name = "POLICY", env = "SAMVERKA_RELAY_HOSTING")]
    pub hosting: Option<HostingPolicy>,
    /// File with the token for `--hosting token`. (A token given on the command line could be read by every user of
    /// the machine, so there is no such flag; the environment variable SAMVERKA_RELAY_HOSTING_TOKEN is read.)
    #[arg(long, value_name = "FILE", env = "SAMVERKA_RELAY_HOSTING_TOKEN_FILE")]
    pub hosting_token_file: Option<PathBuf>,
    /// An address by which people reach this relay, as they type it. Devices prove their keys for the host and port
    /// in it; addresses of the machine itself are always accepted.
    #[arg(long, value_name = "URL", env = "SAMVERKA_RELAY_PUBLIC_URL", value_delimiter = ',')]
    pub public_url: Option<Vec<String>>,
    /// How log lines look [default: text]
    #[arg(long, value_name = "FORMAT", env = "SAMVERKA_RELAY_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Which log lines to write, as `level` or `target=level,…` [default: info]
    #[arg(long, value_name = "FILTER", env = "SAMVERKA_RELAY_LOG")]
    pub log: Option<String>,
    /// Certificate chain (PEM) for TLS.
    #[arg(long, value_name = "FILE", env = "SAMVERKA_RELAY_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,
    /// Private key (PEM) for TLS.
    #[arg(long, value_name = "FILE", env = "SAMVERKA_RELAY_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Takes the client's address from the last element of X-Forwarded-For. Only behind a proxy that sets it.
    #[arg(long, env = "SAMVERKA_RELAY_TRUST_FORWARDED", num_args = 0..=1, default_missing_value = "true")]
    pub trust_forwarded: Option<bool>,
    /// Limits.
    #[command(flatten)]
    pub limits: LimitArguments,
}

/// Limits of the server, each with its reason at [`crate::config::Limits`].
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitArguments {
    /// Connections at a time [default: 4096]
    #[arg(long, value_name = "COUNT", env = "SAMVERKA_RELAY_CONNECTIONS_MAX")]
    pub connections_max: Option<u32>,
    /// Connections at a time from one address; organisations share one [default: 1024]
    #[arg(long, value_name = "COUNT", env = "SAMVERKA_RELAY_CONNECTIONS_PER_ADDRESS_MAX")]
    pub connections_per_address_max: Option<u32>,
    /// Spaces (plans) kept here [default: 10000]
    #[arg(long, value_name = "COUNT", env = "SAMVERKA_RELAY_SPACES_MAX")]
    pub spaces_max: Option<u64>,
    /// Bytes of entries that one space may take [default: 2147483648]
    #[arg(long, value_name = "BYTES", env = "SAMVERKA_RELAY_SPACE_BYTES_MAX")]
    pub space_bytes_max: Option<u64>,
    /// Entries a second that one connection may push, on average [default: 5000]
    #[arg(long, value_name = "COUNT", env = "SAMVERKA_RELAY_ENTRIES_PER_SECOND_MAX")]
    pub entries_per_second_max: Option<u32>,
    /// Bytes a second that one connection may push, on average [default: 16777216]
    #[arg(long, value_name = "BYTES", env = "SAMVERKA_RELAY_BYTES_PER_SECOND_MAX")]
    pub bytes_per_second_max: Option<u32>,
    /// Bytes that large bodies on their way in or out may take together [default: 67108864]
    #[arg(long, value_name = "BYTES", env = "SAMVERKA_RELAY_LARGE_BODY_BYTES_MAX")]
    pub large_body_bytes_max: Option<u64>,
}

/// Who may found new plans on a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostingPolicy {
    /// Everybody.
    Open,
    /// Whoever has the token.
    Token,
    /// Nobody: only plans that are here already.
    Off,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default_command() {
        let arguments = Arguments::try_parse_from(["samverka-relay", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.serve.listen.unwrap().port(), 0);

        let arguments = Arguments::try_parse_from(["samverka-relay", "serve", "--hosting", "open"]).unwrap();
        let Some(Command::Serve(serve)) = arguments.command else { panic!("serve was named") };
        assert_eq!(serve.hosting, Some(HostingPolicy::Open));
    }

    #[test]
    fn check_takes_the_data_folder_after_its_name() {
        let arguments = Arguments::try_parse_from(["samverka-relay", "check", "--data", "here"]).unwrap();
        let Some(Command::Check { place }) = arguments.command else { panic!("check was named") };
        assert_eq!(place.data, Some(PathBuf::from("here")));
    }
}
