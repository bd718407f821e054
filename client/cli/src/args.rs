//! The command line as people type it.

mod commitment;
mod content;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use samverka_log::Role;
use samverka_plan::Language;
use samverka_seal::RelayUrl;

pub(crate) use commitment::{CommitmentCommand, CommitmentFields, Reasoned};
pub(crate) use content::{
    BoardCommand, ClusterCommand, DecisionCommand, GoalCommand, IndicatorCommand, NoteCommand,
    ParticipantCommand, VoteCommand,
};

/// A network's plan: notes, goals and promises that six organisations keep together. Works without a connection.
#[derive(Debug, Parser)]
#[command(name = "samverka", version, propagate_version = true, max_term_width = 110)]
pub(crate) struct Arguments {
    /// Where this device keeps everything. Protect this folder: it holds the keys
    #[arg(long, global = true, env = "SAMVERKA_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Which plan: its id or title, or the beginning of one
    #[arg(long, global = true, env = "SAMVERKA_PLAN", value_name = "PLAN")]
    pub(crate) plan: Option<String>,
    /// Print JSON, with stable field names
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language to speak and to write in: sv-FI, sv-SE, fi or en [default: the one given to `init`]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub(crate) language: Option<Language>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set this device up: who you are
    Init {
        /// Your name, or your role if you rather
        #[arg(long)]
        name: String,
        /// Where you work
        #[arg(long)]
        organisation: String,
        /// Your title there
        #[arg(long, default_value = "")]
        role: String,
    },
    /// Plans on this device
    #[command(subcommand)]
    Plan(PlanCommand),
    /// Make a link that lets somebody in (it is all that is printed); list or take back links
    Invite(InviteArguments),
    /// Come in by a link
    Join {
        /// The link
        link: String,
        /// Do not wait until somebody lets you in; a later `sync` goes on
        #[arg(long)]
        no_wait: bool,
    },
    /// Who is at the door
    Knocks,
    /// Let somebody in
    Admit {
        /// Whom: the beginning of an id that `knocks` shows
        #[arg(required_unless_present = "all")]
        ids: Vec<String>,
        /// Everybody who is at the door
        #[arg(long)]
        all: bool,
        /// Which participant of the plan they are
        #[arg(long = "as", value_name = "PARTICIPANT")]
        participant: Option<String>,
    },
    /// Say no to somebody at the door
    Refuse {
        /// Whom: the beginning of an id that `knocks` shows
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Let in whoever comes with a valid link, for a while (needs `sync --watch` running)
    #[command(subcommand)]
    Door(DoorCommand),
    /// Who is in
    Members {
        #[command(subcommand)]
        command: Option<MembersCommand>,
    },
    /// Who takes part: roles in the network, with or without somebody behind them yet
    #[command(subcommand)]
    Participant(ParticipantCommand),
    /// Notes on the wall
    #[command(subcommand)]
    Note(NoteCommand),
    /// Clusters of notes
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Boards
    #[command(subcommand)]
    Board(BoardCommand),
    /// Shared goals
    #[command(subcommand)]
    Goal(GoalCommand),
    /// Indicators of goals
    #[command(subcommand)]
    Indicator(IndicatorCommand),
    /// Promises to each other
    #[command(subcommand, alias = "c")]
    Commitment(CommitmentCommand),
    /// Decisions
    #[command(subcommand)]
    Decision(DecisionCommand),
    /// Votes
    #[command(subcommand)]
    Vote(VoteCommand),
    /// Questions that have more than one answer, and settling them
    Settle {
        /// The thing, as `settle` without arguments shows it
        #[arg(requires = "field")]
        entity: Option<String>,
        /// The field
        #[arg(requires = "keep")]
        field: Option<String>,
        /// The answer that stays: its number or the beginning of its id
        keep: Option<String>,
    },
    /// Send what waits and fetch what is new
    Sync {
        /// Stay connected and print what arrives
        #[arg(long)]
        watch: bool,
        /// Every plan on this device, one after the other
        #[arg(long, conflicts_with = "watch")]
        all: bool,
        /// Give up on a relay after so many seconds
        #[arg(long, default_value_t = 30, value_name = "SECONDS")]
        timeout: u64,
    },
    /// What is only here, what each relay has, what each member is known to have
    Status,
    /// Write the plan to a file
    Export {
        /// The format
        #[arg(long, value_enum)]
        format: Format,
        /// For csv: commitments (the default), notes, ties or indicators; for ics: whose dates (`me`, a participant;
        /// everybody's where there is none); for automerge: a board instead of the plan itself
        #[arg(long)]
        what: Option<String>,
        /// For ics: say only that something is due, for calendars that others see
        #[arg(long)]
        neutral: bool,
        /// The file; stdout where there is none
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take a file into the plan
    Import {
        /// A plan or Trello board (.json), a table of notes or commitments (.csv), or lines, each of which becomes a
        /// note (.txt, .md)
        file: PathBuf,
        /// The board, for notes
        #[arg(long)]
        board: Option<String>,
    },
    /// Who changed what, and when
    Log {
        /// Only about this thing
        #[arg(long, value_name = "ID")]
        entity: Option<String>,
    },
    /// Check everything that is stored
    Verify,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Begin a plan
    New {
        /// Its title
        title: String,
        /// Where it is kept; several may be given
        #[arg(long = "relay", value_name = "URL")]
        relays: Vec<RelayUrl>,
        /// A token, where a relay takes new plans only with one
        #[arg(long, env = "SAMVERKA_HOSTING_TOKEN", hide_env_values = true)]
        token: Option<String>,
        /// A template: a plan as JSON whose goals, stages and clusters are taken over
        #[arg(long, value_name = "FILE")]
        template: Option<PathBuf>,
    },
    /// All plans on this device
    List,
    /// One plan
    Show,
    /// Change what a plan says of itself
    Edit {
        /// The title
        #[arg(long)]
        title: Option<String>,
        /// What it is for
        #[arg(long)]
        purpose: Option<String>,
        /// When it is looked at together next
        #[arg(long, value_parser = crate::values::date)]
        next_review: Option<String>,
    },
    /// Agree to the plan as it stands
    Agree,
    /// Where a plan is kept
    #[command(subcommand)]
    Relay(RelayCommand),
    /// Begin a plan from a file
    Import {
        /// A plan as JSON
        file: PathBuf,
        /// Where it is kept; several may be given
        #[arg(long = "relay", value_name = "URL")]
        relays: Vec<RelayUrl>,
        /// A token, where a relay takes new plans only with one
        #[arg(long, env = "SAMVERKA_HOSTING_TOKEN", hide_env_values = true)]
        token: Option<String>,
        /// Which participant of the plan you are; a new one where there is none
        #[arg(long = "as", value_name = "PARTICIPANT")]
        participant: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RelayCommand {
    /// Keep it at one more relay
    Add {
        /// Its address
        url: RelayUrl,
    },
    /// Keep it there no longer; what is there stays until its host removes it
    Remove {
        /// Its address
        url: RelayUrl,
    },
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct InviteArguments {
    #[command(subcommand)]
    pub(crate) command: Option<InviteCommand>,
    /// What whoever comes may do: reader, editor or admin
    #[arg(long, default_value = "editor")]
    pub(crate) role: Role,
    /// How long the link holds: 30m, 12h, 7d
    #[arg(long, default_value = "7d", value_parser = crate::values::duration_ms)]
    pub(crate) expires: u64,
    /// How many may come by it
    #[arg(long, default_value_t = 1)]
    pub(crate) uses: u32,
    /// The participant of the plan whom it is for
    #[arg(long = "for", value_name = "PARTICIPANT")]
    pub(crate) participant: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InviteCommand {
    /// All links
    List,
    /// Take a link back
    Revoke {
        /// The beginning of its id
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DoorCommand {
    /// Open it
    Open {
        /// For how long
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=1440))]
        minutes: u64,
    },
    /// Close it
    Close,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MembersCommand {
    /// Change what somebody may do
    Role {
        /// Whom: the beginning of an id
        id: String,
        /// reader, editor or admin
        role: Role,
    },
    /// Remove somebody, or one device (`--device`). The key changes; what they have already read they keep
    Remove {
        /// Whom: the beginning of an id
        id: String,
        /// The id is a device's
        #[arg(long)]
        device: bool,
    },
    /// Take in what somebody wrote before hearing that they were removed
    AcceptLate {
        /// Whose: the beginning of an id
        id: String,
    },
    /// Leave the plan
    Leave,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The whole plan, nothing lost
    Json,
    /// A memo
    Markdown,
    /// A table for a spreadsheet
    Csv,
    /// A calendar
    Ics,
    /// The Automerge document
    Automerge,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }
}
