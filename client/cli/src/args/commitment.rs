//! Commitments, as people type them.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct CommitmentFields {
    /// Who owns it: a participant
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// With whom
    #[arg(long)]
    pub(crate) with: Vec<String>,
    /// To whom; the network where there is none
    #[arg(long)]
    pub(crate) requester: Option<String>,
    /// How we know that it is done
    #[arg(long)]
    pub(crate) done_when: Option<String>,
    /// The first small step
    #[arg(long)]
    pub(crate) next_step: Option<String>,
    /// Support that is needed
    #[arg(long)]
    pub(crate) support: Option<String>,
    /// By when: 2027-03-31, 31.3.2027, 31.3 or a week as v.8
    #[arg(long, value_parser = crate::values::date)]
    pub(crate) due: Option<String>,
    /// When it is looked at together
    #[arg(long, value_parser = crate::values::date)]
    pub(crate) follow_up: Option<String>,
    /// Notes that it came from
    #[arg(long = "from-note")]
    pub(crate) from_notes: Vec<String>,
    /// Goals that it serves
    #[arg(long = "goal")]
    pub(crate) goals: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CommitmentCommand {
    /// Write a commitment down
    Add {
        /// What
        #[arg(long)]
        what: String,
        #[command(flatten)]
        fields: CommitmentFields,
    },
    /// Change its texts, helpers or links
    Edit {
        /// The commitment
        id: String,
        /// What
        #[arg(long)]
        what: Option<String>,
        #[command(flatten)]
        fields: CommitmentFields,
    },
    /// Ask somebody
    Request {
        /// The commitment
        id: String,
        /// Whom: a participant, or external:…
        #[arg(long)]
        to: String,
    },
    /// I promise
    Promise {
        /// The commitment
        id: String,
        /// It needs my employer's agreement
        #[arg(long)]
        subject_to_organisation: bool,
    },
    /// Say no
    Decline(Reasoned),
    /// Offer something else
    Counter {
        /// The commitment
        id: String,
        /// What
        #[arg(long, alias = "what")]
        text: String,
        /// Another date
        #[arg(long, value_parser = crate::values::date)]
        due: Option<String>,
    },
    /// The employer agrees
    Confirm {
        /// The commitment
        id: String,
    },
    /// The employer does not agree
    Refuse(Reasoned),
    /// Work has begun
    Start {
        /// The commitment
        id: String,
    },
    /// Write a short note in its log
    Log {
        /// The commitment
        id: String,
        /// The note
        text: String,
    },
    /// Move the date; whoever does not own it proposes
    Renegotiate {
        /// The commitment
        id: String,
        /// The new date
        #[arg(long, value_parser = crate::values::date)]
        due: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Keep the date over what others proposed
    KeepDue {
        /// The commitment
        id: String,
    },
    /// Agree to a moved date
    Agree {
        /// The commitment
        id: String,
    },
    /// Hand it over; the new owner has to promise
    HandOver {
        /// The commitment
        id: String,
        /// To whom
        #[arg(long)]
        to: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Report that it is done
    ReportDone {
        /// The commitment
        id: String,
        /// How one can tell
        #[arg(long)]
        evidence: Option<String>,
    },
    /// Accept it as done
    Accept {
        /// The commitment
        id: String,
    },
    /// Not done yet
    NotYet(Reasoned),
    /// Take the promise back
    Withdraw(Reasoned),
    /// Call it off
    Cancel(Reasoned),
    /// After a talk: say what holds
    SettleTalk {
        /// The commitment
        id: String,
        /// promised, under_way, reported_done, accepted, withdrawn or cancelled
        state: String,
    },
    /// After a talk between two who had promised: say whose promise holds
    SettleOwner {
        /// The commitment
        id: String,
        /// The participant
        owner: String,
    },
    /// Let one go on as another that is the same; both histories are kept
    Merge {
        /// The commitment that ends
        from: String,
        /// The commitment that goes on
        into: String,
    },
    /// All commitments
    List {
        /// Mine
        #[arg(long)]
        mine: bool,
        /// Overdue ones
        #[arg(long)]
        overdue: bool,
    },
    /// One commitment with its history
    Show {
        /// The commitment
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Reasoned {
    /// The commitment
    pub(crate) id: String,
    /// Why
    #[arg(long)]
    pub(crate) reason: Option<String>,
}
