//! Why something was not done, as the screens tell it.

use samverka_plan::CommandError;
use samverka_replica::ReplicaError;

/// Why something was not done: a word for the program and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `unknown`, `not_ready`, `refused`, `malformed` or `internal`; `CoreErrorCode` in `api.ts`.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
}

impl Failure {
    pub(crate) fn malformed(error: &impl ToString) -> Self {
        Self { code: "malformed", message: error.to_string() }
    }

    pub(crate) fn internal(error: &impl ToString) -> Self {
        Self { code: "internal", message: error.to_string() }
    }

    pub(crate) fn unknown(what: &str, id: &str) -> Self {
        Self { code: "unknown", message: format!("there is no {what} {id} in this plan") }
    }
}

impl From<ReplicaError> for Failure {
    fn from(error: ReplicaError) -> Self {
        let code = match &error {
            ReplicaError::NotReady => "not_ready",
            ReplicaError::Unknown { .. } | ReplicaError::Command(CommandError::Unknown { .. }) => "unknown",
            ReplicaError::Link(_) | ReplicaError::Profile(_) | ReplicaError::TooLong => "malformed",
            ReplicaError::NotAMember
            | ReplicaError::Role { .. }
            | ReplicaError::NoKey
            | ReplicaError::UpdateNeeded
            | ReplicaError::Forbidden(_)
            | ReplicaError::Invitation(_)
            | ReplicaError::Command(_) => "refused",
            _ => "internal",
        };
        Self { code, message: error.to_string() }
    }
}
