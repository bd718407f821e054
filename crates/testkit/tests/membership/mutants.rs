//! Rules got wrong: for each there is a history on which the resolver comes to something else, so the comparison in
//! this package would notice if the resolver had the rule wrong, too.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use samverka_testkit::membership::{History, Mutant, Outcome, Reference};

use crate::{operations, resolver};

/// Histories that are looked through. The rarest rule shows in the 253rd.
const HISTORIES: u64 = 2_000;

macro_rules! told_apart {
    ($($name:ident: $mutant:ident,)*) => {
        const TESTED: &[Mutant] = &[$(Mutant::$mutant),*];

        $(#[test]
        fn $name() {
            is_told_apart(Mutant::$mutant);
        })*
    };
}

told_apart! {
    rules_without_voiding_are_told_apart: SkipVoiding,
    rules_without_cascade_are_told_apart: SkipCascade,
    rules_without_seniority_are_told_apart: SkipSeniority,
    rules_that_use_the_latest_epoch_are_told_apart: UseLatestEpoch,
    rules_by_which_juniors_go_first_are_told_apart: JuniorFirst,
    rules_by_which_the_greatest_role_wins_are_told_apart: MostPrivilegedWins,
    rules_that_let_back_in_are_told_apart: LetBackIn,
    rules_that_take_any_member_id_are_told_apart: AnyMemberId,
    rules_without_claims_are_told_apart: SkipClaims,
    rules_that_forget_what_the_admin_knew_are_told_apart: ForgetWhatTheAdminKnew,
    rules_by_which_a_demotion_takes_all_are_told_apart: DemotionTakesAll,
    rules_by_which_a_demotion_takes_nothing_are_told_apart: DemotionTakesNothing,
    rules_by_which_a_removal_falls_with_the_admission_are_told_apart: RemovalFallsWithAdmission,
    rules_by_which_rings_are_void_are_told_apart: RingsAreVoid,
    rules_by_which_being_named_again_makes_junior_are_told_apart: RenamedIsJunior,
    rules_that_put_devices_under_anybody_are_told_apart: DeviceForAnybody,
    rules_by_which_leaving_takes_nothing_are_told_apart: LeavingTakesNothing,
    rules_by_which_a_demoted_admins_devices_stay_are_told_apart: AdmissionsNeedNothing,
    rules_by_which_a_demotion_holds_whoever_leaves_are_told_apart: LeavingNeedsAdmin,
    rules_without_forks_are_told_apart: SkipForks,
    rules_without_vouching_are_told_apart: SkipVouching,
    rules_by_which_a_log_vouches_for_itself_are_told_apart: VouchForOneself,
    rules_by_which_void_operations_tell_nothing_are_told_apart: VoidTellsNothing,
    rules_by_which_strangers_tell_of_keys_are_told_apart: StrangersTell,
    rules_without_wraps_are_told_apart: SkipWraps,
}

#[test]
fn every_mutant_has_its_test() {
    assert_eq!(TESTED.len(), Mutant::ALL.len());
    assert!(Mutant::ALL.iter().all(|mutant| TESTED.contains(mutant)));
}

fn is_told_apart(mutant: Mutant) {
    let apart = (0..HISTORIES).any(|seed| {
        let history = History::random(&mut StdRng::seed_from_u64(seed));
        let turned = Reference::with_rules(&history.entries, &history.proofs, Some(mutant));
        let resolver = resolver(&operations(&history), &history, &history.in_order(), false);
        Outcome::from(&*resolver.state()) != turned.outcome()
    });
    assert!(apart, "no history tells {mutant:?} from the rules");
}
