//! What the envelopes promise, tried from outside.

mod common;
mod entries;
mod epochs;
mod golden;
mod invitations;
mod local;
mod presence;
mod records;
