//! The rules got wrong, one at a time.

/// A rule that a mutant leaves out or turns round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// Reductions void nothing that their target made apart from them.
    SkipVoiding,
    /// What a void operation entitled somebody to counts all the same.
    SkipCascade,
    /// Any admin removes or demotes any other.
    SkipSeniority,
    /// The newest epoch that counts is written under, whoever knows its key.
    UseLatestEpoch,
    /// Of two operations the more junior author's is the stronger.
    JuniorFirst,
    /// Of roles set apart the greatest counts.
    MostPrivilegedWins,
    /// A device that was removed may be added again.
    LetBackIn,
    /// A member's id need not follow from the device.
    AnyMemberId,
    /// A device let in apart as two people's stays with both admissions.
    SkipClaims,
    /// An admin's removal voids only what came from devices that were the target's in their own past.
    ForgetWhatTheAdminKnew,
    /// A demotion voids everything that the target made apart from it.
    DemotionTakesAll,
    /// A demotion voids nothing.
    DemotionTakesNothing,
    /// A removal is void with the admission of whom it is about.
    RemovalFallsWithAdmission,
    /// In a ring nobody is the strongest: all of it is void.
    RingsAreVoid,
    /// Naming an admin admin again gives them the seniority of that operation.
    RenamedIsJunior,
    /// Adding a device to another admin takes no seniority.
    DeviceForAnybody,
    /// Leaving does not void what the leaver makes apart from another device.
    LeavingTakesNothing,
    /// A demotion made apart does not take the devices that an admin added.
    AdmissionsNeedNothing,
    /// A demotion made apart takes an admin's own leaving, or removal of a lost device.
    LeavingNeedsAdmin,
    /// Both branches of a forked log count.
    SkipForks,
    /// A forked log is void from the fork on, whoever built on it.
    SkipVouching,
    /// A branch is vouched for by the log's own device as well.
    VouchForOneself,
    /// Void epochs and shares say nothing of who knows a key.
    VoidTellsNothing,
    /// Epochs and shares by whoever never was in say who knows a key.
    StrangersTell,
    /// Who holds an epoch that wraps another is not taken for a holder of that.
    SkipWraps,
}

impl Mutant {
    /// Every one of them.
    pub const ALL: [Self; 25] = [
        Self::SkipVoiding,
        Self::SkipCascade,
        Self::SkipSeniority,
        Self::UseLatestEpoch,
        Self::JuniorFirst,
        Self::MostPrivilegedWins,
        Self::LetBackIn,
        Self::AnyMemberId,
        Self::SkipClaims,
        Self::ForgetWhatTheAdminKnew,
        Self::DemotionTakesAll,
        Self::DemotionTakesNothing,
        Self::RemovalFallsWithAdmission,
        Self::RingsAreVoid,
        Self::RenamedIsJunior,
        Self::DeviceForAnybody,
        Self::LeavingTakesNothing,
        Self::AdmissionsNeedNothing,
        Self::LeavingNeedsAdmin,
        Self::SkipForks,
        Self::SkipVouching,
        Self::VouchForOneself,
        Self::VoidTellsNothing,
        Self::StrangersTell,
        Self::SkipWraps,
    ];
}
