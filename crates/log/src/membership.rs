//! Who is in, who may do what, and since when: operations and how they resolve.

mod acceptance;
mod bits;
mod fold;
mod index;
mod operation;
mod resolver;
mod state;
#[cfg(test)]
mod tests;
mod verdict;
mod verified;
mod view;

pub use acceptance::{Acceptance, Authority, QuarantineReason, RefusalReason};
pub use operation::{
    AcceptUpTo, Cosignature, Operation, OperationError, Role, RoleError, Share, Target, Wrap,
};
pub use resolver::Resolver;
pub use state::{Epoch, Invitation, Member, MemberDevice, Membership};
pub use verified::{ResolverError, VerifiedOperation, VoidReason};
