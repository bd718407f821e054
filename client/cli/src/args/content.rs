//! What a plan holds, as people type it.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ParticipantCommand {
    /// Add somebody who is not here yet
    Add {
        /// Their role, as the plan calls it
        role: String,
        /// Their organisation: its id or name; a new one is added by its name
        #[arg(long)]
        organisation: String,
    },
    /// All participants
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NoteCommand {
    /// Put notes on the wall: each text is one
    Add {
        /// The texts; `-` reads them from the standard input, one a line
        #[arg(required = true)]
        text: Vec<String>,
        /// The board
        #[arg(long)]
        board: Option<String>,
        /// The cluster
        #[arg(long)]
        cluster: Option<String>,
        /// The colour: butter, birch, sky, rose, heather, clay or paper
        #[arg(long)]
        colour: Option<String>,
    },
    /// Change a note's text
    Edit {
        /// The note
        id: String,
        /// The new text
        text: String,
    },
    /// Move a note on the wall
    Move {
        /// The note
        id: String,
        /// To the right
        #[arg(long, allow_negative_numbers = true)]
        x: i64,
        /// Down
        #[arg(long, allow_negative_numbers = true)]
        y: i64,
    },
    /// Put a note in a cluster
    Cluster {
        /// The note
        id: String,
        /// The cluster; none takes it out
        cluster: Option<String>,
    },
    /// Put a note in the parking place
    Park {
        /// The note
        id: String,
    },
    /// Put a note in the tray
    Archive {
        /// The note
        id: String,
    },
    /// Take a note back from the parking place or the tray
    Restore {
        /// The note
        id: String,
    },
    /// All notes
    List {
        /// The board
        #[arg(long)]
        board: Option<String>,
        /// Archived ones too
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// Make a cluster
    Add {
        /// Its title
        title: String,
        /// The board
        #[arg(long)]
        board: Option<String>,
    },
    /// Change its title
    Edit {
        /// The cluster
        id: String,
        /// The new title
        title: String,
    },
    /// Make one cluster part of another
    Merge {
        /// The cluster that ends
        from: String,
        /// The cluster that stays
        into: String,
    },
    /// All clusters
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BoardCommand {
    /// Make a board
    New {
        /// Its title
        title: String,
    },
    /// All boards
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GoalCommand {
    /// Set a goal
    Add {
        /// What shall be different
        statement: String,
        /// vision, outcome, result or process
        #[arg(long)]
        level: Option<String>,
        /// The organisation that answers for it
        #[arg(long)]
        organisation: Option<String>,
        /// Clusters that it came from
        #[arg(long = "theme")]
        themes: Vec<String>,
    },
    /// Change a goal
    Edit {
        /// The goal
        id: String,
        /// The new statement
        #[arg(long)]
        statement: Option<String>,
        /// vision, outcome, result or process
        #[arg(long)]
        level: Option<String>,
    },
    /// Judge a goal at a follow-up: nearer, same, further or cannot_tell
    Judge {
        /// The goal
        id: String,
        /// The verdict
        verdict: String,
    },
    /// All goals
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndicatorCommand {
    /// Say what will be measured
    Add {
        /// Its name
        name: String,
        /// The goal that it belongs to
        #[arg(long)]
        goal: String,
        /// The unit
        #[arg(long)]
        unit: Option<String>,
        /// Where it stands now
        #[arg(long, allow_negative_numbers = true)]
        baseline: Option<f64>,
        /// Where it should come
        #[arg(long, allow_negative_numbers = true)]
        target: Option<f64>,
        /// By when
        #[arg(long, value_parser = crate::values::date)]
        by: Option<String>,
    },
    /// Record a value
    Record {
        /// The indicator
        id: String,
        /// The value
        #[arg(allow_negative_numbers = true)]
        value: f64,
        /// The day; today where there is none
        #[arg(long, value_parser = crate::values::date)]
        date: Option<String>,
    },
    /// All indicators
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DecisionCommand {
    /// Write a decision down
    Add {
        /// What was decided
        text: String,
        /// consensus, consent, majority or official
        #[arg(long, default_value = "consent")]
        rule: String,
    },
    /// Stand behind a decision
    Support {
        /// The decision
        id: String,
    },
    /// Differ
    Dissent {
        /// The decision
        id: String,
        /// Why
        text: String,
    },
    /// All decisions
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VoteCommand {
    /// Open a vote
    New {
        /// What it is about
        title: String,
        /// Dots that each has
        #[arg(long, default_value_t = 3)]
        dots: u32,
        /// Dots that each may give to one item
        #[arg(long, default_value_t = 2)]
        max_per_item: u32,
        /// The board
        #[arg(long)]
        board: Option<String>,
    },
    /// Close it: its totals are shown
    Close {
        /// The vote
        id: String,
    },
    /// Give dots: ITEM=COUNT
    Cast {
        /// The vote
        id: String,
        /// Items with their dots, `cl-1=2`
        #[arg(required = true)]
        dots: Vec<String>,
        /// For somebody without a device: a participant
        #[arg(long = "for", value_name = "PARTICIPANT")]
        participant: Option<String>,
    },
    /// All votes with their totals
    List,
}
