//! Attacks on membership by people who hold real keys. Each name says what must hold.

#[expect(dead_code, reason = "these people are shared with the other tests, which need more of them")]
#[path = "log/people.rs"]
mod people;

use people::{Key, Space, content_header, epoch, void};
use samverka_log::{
    Acceptance, Authority, DeviceId, EntryId, EntryKind, HeaderVerifier, InviteKey, Operation, Role,
    Signature, SignedHeader, Signer as _, Target, VoidReason, Wrap, verify_strict,
};

/// A founder (key 1) and two admins, keys 2 and 3, in this order of seniority.
fn three_admins() -> (Space, Key, Key, EntryId) {
    let mut space = Space::new();
    let (second, third) = (Key::new(2), Key::new(3));
    let founder = space.founder.clone();
    let genesis = space.genesis;
    let one = space.act(&founder, &[genesis], &space.add(&second, Role::Admin));
    let two = space.act(&founder, &[one], &space.add(&third, Role::Admin));
    (space, second, third, two)
}

#[test]
fn a_junior_does_not_make_a_senior_junior_by_naming_them_admin_again() {
    let (mut space, second, third, all) = three_admins();
    for target in [space.founder.clone(), second] {
        let named = space.act(&third, &[all], &space.role(&target, Role::Admin));
        let removal = space.act(&third, &[named], &space.remove(&target));
        let state = space.state();
        assert_eq!(void(&state, removal), Some(VoidReason::NotSenior));
        assert!(state.is_admin(&target.device()));
    }
}

#[test]
fn a_junior_does_not_act_as_a_senior_by_a_device_put_under_them() {
    let (mut space, second, third, all) = three_admins();
    let (founder, planted) = (space.founder.clone(), Key::new(9));
    let added = space.act(&third, &[all], &space.add_device(&founder, &planted));
    let removal = space.act(&planted, &[added], &space.remove(&second));
    let state = space.state();
    assert!(void(&state, added).is_some());
    assert!(void(&state, removal).is_some());
    assert!(state.is_admin(&second.device()));
}

#[test]
fn whoever_left_lets_nobody_in_from_another_device() {
    let (mut space, second, _, all) = three_admins();
    let (tablet, puppet) = (Key::new(8), Key::new(9));
    let own = space.act(&second, &[all], &space.add_device(&second, &tablet));
    space.act(&second, &[own], &Operation::Leave);
    let backdated = space.act(&tablet, &[own], &space.add(&puppet, Role::Admin));
    let state = space.state();
    assert!(void(&state, backdated).is_some());
    assert_eq!(state.role_of(&puppet.device()), None);
}

#[test]
fn whoever_left_and_goes_on_writing_can_be_removed_all_the_same() {
    let (mut space, second, _, all) = three_admins();
    let founder = space.founder.clone();
    let left = space.act(&second, &[all], &Operation::Leave);
    let removal = space.act(&founder, &[left], &space.remove(&second));
    assert_eq!(void(&space.state(), removal), None);
    let entry = content_header(space.id, &second, 0, &[all], EntryKind::Change);
    assert_ne!(acceptance(&space, &entry), Acceptance::Accepted);
}

#[test]
fn what_was_written_under_a_promotion_that_is_void_does_not_count() {
    let (mut space, second, _, all) = three_admins();
    let (founder, puppet) = (space.founder.clone(), Key::new(9));
    let added = space.act(&founder, &[all], &space.add(&puppet, Role::Reader));
    space.act(&founder, &[added], &space.remove(&second));
    let promoted = space.act(&second, &[added], &space.role(&puppet, Role::Editor));
    assert!(void(&space.state(), promoted).is_some());
    let entry = content_header(space.id, &puppet, 0, &[promoted], EntryKind::Change);
    assert_ne!(acceptance(&space, &entry), Acceptance::Accepted);
}

#[test]
fn a_drop_by_somebody_who_is_no_admin_any_more_does_not_count() {
    let (mut space, second, _, all) = three_admins();
    let founder = space.founder.clone();
    space.act(&founder, &[all], &space.role(&second, Role::Editor));
    let order = content_header(space.id, &second, 0, &[all], EntryKind::Drop);
    assert_ne!(acceptance(&space, &order), Acceptance::Accepted);
    let change = content_header(space.id, &second, 0, &[all], EntryKind::Change);
    assert_eq!(acceptance(&space, &change), Acceptance::Accepted);
}

#[test]
fn a_removal_that_is_void_leaves_its_victim_free() {
    let (mut space, second, third, all) = three_admins();
    let (stolen, guest) = (Key::new(8), Key::new(9));
    let own = space.act(&second, &[all], &space.add_device(&second, &stolen));
    // The thief removes the third admin; the owner, apart from that and after some more work, the stolen device.
    let theft = space.act(&stolen, &[own], &space.remove(&third));
    let invite = Operation::Invite {
        key: InviteKey::from_bytes([8; 32]),
        role: Role::Editor,
        expires_at_ms: 9,
        uses: 1,
    };
    let first = space.act(&second, &[own], &invite);
    let device = Operation::Remove { target: Target::Device(stolen.device()), accept_up_to: Vec::new() };
    space.act(&second, &[first], &device);
    let added = space.act(&third, &[own], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert!(void(&state, theft).is_some());
    assert!(state.is_admin(&third.device()));
    assert_eq!(void(&state, added), None, "it is void only through a removal that does not count");
}

#[test]
fn a_removal_by_a_device_that_a_removed_junior_had_added_leaves_its_victim_free() {
    let (mut space, second, third, all) = three_admins();
    let (founder, editor, planted, guest) = (space.founder.clone(), Key::new(7), Key::new(8), Key::new(9));
    let base = space.act(&founder, &[all], &space.add(&editor, Role::Editor));
    let named = space.act(&founder, &[base], &space.role(&editor, Role::Admin));
    space.act(&founder, &[named], &space.remove(&second));
    let added = space.act(&second, &[named], &space.add_device(&editor, &planted));
    let theft = space.act(&planted, &[added], &space.remove(&third));
    let let_in = space.act(&third, &[named], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert!(void(&state, theft).is_some());
    assert_eq!(void(&state, let_in), None);
}

#[test]
fn a_removed_admin_does_not_evict_whom_they_let_in_by_forking_their_own_log() {
    let (mut space, second, _, all) = three_admins();
    let (founder, guest) = (space.founder.clone(), Key::new(9));
    let at = space.chain(&second);
    let added = space.act(&second, &[all], &space.add(&guest, Role::Editor));
    space.act(&founder, &[added], &space.remove(&second));
    space.act_from(&second, at, &[all], &Operation::Unknown { tag: 99, payload: Vec::new() });
    let state = space.state();
    assert_eq!(void(&state, added), None);
    assert!(state.may_write(&guest.device()));
}

#[test]
fn of_two_branches_of_a_fork_both_count_where_others_built_on_both() {
    let (mut space, second, third, all) = three_admins();
    let (founder, one, other) = (space.founder.clone(), Key::new(8), Key::new(9));
    let at = space.chain(&second);
    let first = space.act(&second, &[all], &space.add(&one, Role::Editor));
    space.act(&founder, &[first], &epoch(&[&founder]));
    let twin = space.act_from(&second, at, &[all], &space.add(&other, Role::Editor));
    assert_eq!(void(&space.state(), twin), Some(VoidReason::Fork));
    space.act(&third, &[twin], &epoch(&[&third]));
    let state = space.state();
    assert!(state.may_write(&one.device()) && state.may_write(&other.device()));
}

#[test]
fn whoever_forks_two_logs_of_their_own_vouches_for_neither_with_itself() {
    let (mut space, second, third, all) = three_admins();
    let mut branches = Vec::new();
    for (by, guest) in [(&second, Key::new(7)), (&third, Key::new(8))] {
        let at = space.chain(by);
        let first = space.act(by, &[all], &space.add(&guest, Role::Editor));
        branches.push(space.act(by, &[first], &epoch(&[by])));
        space.act_from(by, at, &[all], &epoch(&[by]));
    }
    let state = space.state();
    for id in branches {
        assert_eq!(void(&state, id), Some(VoidReason::Fork));
    }
}

#[test]
fn an_operation_that_counts_again_while_another_ceases_to_is_noticed() {
    let (mut space, second, third, all) = three_admins();
    let (founder, one) = (space.founder.clone(), Key::new(8));
    let at = space.chain(&second);
    let first = space.act(&second, &[all], &space.add(&one, Role::Editor));
    let twin = space.act_from(&second, at, &[all], &space.add(&Key::new(9), Role::Editor));
    let before = space.state().losses();
    // The third admin, who was removed apart from it, builds on one branch: it counts, and what they did does not.
    space.act(&founder, &[all], &space.remove(&third));
    let with_removal = space.state().losses();
    space.act(&third, &[twin], &epoch(&[&third]));
    let state = space.state();
    assert_eq!((void(&state, first), void(&state, twin)), (Some(VoidReason::Fork), None));
    assert_ne!(before, with_removal);
    assert_eq!((with_removal.0, with_removal.1), (state.losses().0, state.losses().1));
    assert_ne!(with_removal, state.losses());
}

#[test]
fn whoever_is_no_admin_removes_a_device_of_theirs_just_once() {
    let mut space = Space::new();
    let (founder, reader, tablet) = (space.founder.clone(), Key::new(2), Key::new(3));
    let added = space.act(&founder, &[space.genesis], &space.add(&reader, Role::Reader));
    let own = space.act(&reader, &[added], &space.add_device(&reader, &tablet));
    let device = Operation::Remove { target: Target::Device(tablet.device()), accept_up_to: Vec::new() };
    let once = space.act(&reader, &[own], &device);
    let twice = space.act(&reader, &[once], &device);
    let by_admin = space.act(&founder, &[once], &device);
    let state = space.state();
    assert_eq!((void(&state, once), void(&state, by_admin)), (None, None));
    assert_eq!(void(&state, twice), Some(VoidReason::Role));
}

#[test]
fn a_stranger_makes_no_epoch_unsafe() {
    let mut space = Space::new();
    let (founder, stranger) = (space.founder.clone(), Key::new(9));
    let own = space.act(&founder, &[space.genesis], &epoch(&[&founder]));
    let shares = Operation::KeyShare { epoch: own.into(), shares: vec![people::share(&stranger)] };
    space.act(&stranger, &[own], &shares);
    assert_eq!(space.state().safe_epochs(), [own.into()]);
}

#[test]
fn a_stranger_makes_no_epoch_unsafe_by_forking_a_log_of_theirs() {
    let mut space = Space::new();
    let (founder, stranger) = (space.founder.clone(), Key::new(9));
    let own = space.act(&founder, &[space.genesis], &epoch(&[&founder]));
    let start = space.chain(&stranger);
    let shares = Operation::KeyShare { epoch: own.into(), shares: vec![people::share(&stranger)] };
    let one = space.act(&stranger, &[own], &shares);
    let wrap = Wrap { epoch: own.into(), nonce: [0; 24], ciphertext: [0; 48] };
    let wrapping = Operation::Epoch {
        suite: 1,
        commitment: [6; 32],
        shares: vec![people::share(&stranger)],
        wraps: vec![wrap],
    };
    let other = space.act_from(&stranger, start, &[own], &wrapping);
    let state = space.state();
    assert_eq!((void(&state, one), void(&state, other)), (Some(VoidReason::Fork), Some(VoidReason::Fork)));
    assert_eq!(state.safe_epochs(), [own.into()]);
    assert_eq!(state.epochs().count(), 1);
}

#[test]
fn a_member_who_forks_a_log_of_theirs_still_makes_a_key_unsafe_by_handing_it_on() {
    let (mut space, second, _, all) = three_admins();
    let (founder, stranger) = (space.founder.clone(), Key::new(9));
    let own = space.act(&founder, &[all], &epoch(&[&founder]));
    let start = space.chain(&second);
    let shares = Operation::KeyShare { epoch: own.into(), shares: vec![people::share(&stranger)] };
    let one = space.act(&second, &[own], &shares);
    space.act_from(&second, start, &[own], &Operation::Leave);
    let state = space.state();
    assert_eq!(void(&state, one), Some(VoidReason::Fork));
    assert!(state.safe_epochs().is_empty());
}

#[test]
fn whoever_was_removed_makes_a_key_unsafe_by_handing_it_on() {
    let (mut space, second, _, all) = three_admins();
    let (founder, stranger) = (space.founder.clone(), Key::new(9));
    let own = space.act(&founder, &[all], &epoch(&[&founder]));
    let removal = space.act(&founder, &[own], &space.remove(&second));
    let shares = Operation::KeyShare { epoch: own.into(), shares: vec![people::share(&stranger)] };
    space.act(&second, &[removal], &shares);
    assert!(space.state().safe_epochs().is_empty());
}

#[test]
fn a_reader_makes_no_epoch() {
    let mut space = Space::new();
    let (founder, reader) = (space.founder.clone(), Key::new(2));
    let added = space.act(&founder, &[space.genesis], &space.add(&reader, Role::Reader));
    let own = space.act(&reader, &[added], &epoch(&[&reader]));
    assert_eq!(void(&space.state(), own), Some(VoidReason::Role));
}

#[test]
fn a_reader_does_not_put_an_admin_out_by_having_claimed_their_device_before() {
    let mut space = Space::new();
    let (founder, reader, admin, guest) = (space.founder.clone(), Key::new(2), Key::new(3), Key::new(4));
    let one = space.act(&founder, &[space.genesis], &space.add(&reader, Role::Reader));
    let two = space.act(&founder, &[one], &space.add(&Key::new(5), Role::Reader));
    let three = space.act(&founder, &[two], &space.add(&admin, Role::Admin));
    // Backdated: as if the reader had not heard of the admin, and had made the admin's device one of their own.
    let claim = space.act(&reader, &[one], &space.add_device(&reader, &admin));
    let device = Operation::Remove { target: Target::Device(admin.device()), accept_up_to: Vec::new() };
    let removal = space.act(&reader, &[claim], &device);
    let added = space.act(&admin, &[three], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert_eq!(void(&state, claim), Some(VoidReason::DeviceClaimed { by: three }));
    assert!(void(&state, removal).is_some());
    assert_eq!(void(&state, added), None);
    assert!(state.is_admin(&admin.device()) && state.may_write(&guest.device()));
}

#[test]
fn whoever_leaves_takes_no_claimed_device_along() {
    let mut space = Space::new();
    let (founder, reader, admin, guest) = (space.founder.clone(), Key::new(2), Key::new(3), Key::new(4));
    let one = space.act(&founder, &[space.genesis], &space.add(&reader, Role::Reader));
    let two = space.act(&founder, &[one], &space.add(&admin, Role::Admin));
    let claim = space.act(&reader, &[one], &space.add_device(&reader, &admin));
    space.act(&reader, &[claim], &space.remove(&reader));
    let added = space.act(&admin, &[two], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert!(state.was_removed(&reader.device()));
    assert_eq!(void(&state, added), None);
    assert!(state.is_admin(&admin.device()) && state.may_write(&guest.device()));
    // Nor by a claim that never counted, of a device that was known.
    let again = space.act(&Key::new(9), &[two], &space.add_device(&reader, &admin));
    let state = space.state();
    assert!(void(&state, again).is_some());
    assert_eq!(void(&state, added), None);
}

#[test]
fn whoever_was_removed_does_not_come_back_as_a_device_of_somebody_more_senior() {
    let (mut space, second, third, all) = three_admins();
    let (founder, guest) = (space.founder.clone(), Key::new(9));
    let added = space.act(&third, &[all], &space.add(&guest, Role::Editor));
    let removal = space.act(&founder, &[added], &space.remove(&guest));
    let claim = space.act(&second, &[all], &space.add_device(&second, &guest));
    let state = space.state();
    assert_eq!(void(&state, added), Some(VoidReason::DeviceClaimed { by: claim }));
    assert_eq!(void(&state, removal), None);
    assert_eq!(state.role_of(&guest.device()), None);
}

#[test]
fn a_claim_that_its_authors_removal_makes_void_harms_no_device() {
    let (mut space, second, _, all) = three_admins();
    let (founder, editor, tablet) = (space.founder.clone(), Key::new(7), Key::new(8));
    let one = space.act(&founder, &[all], &space.add(&editor, Role::Editor));
    let own = space.act(&editor, &[one], &space.add_device(&editor, &tablet));
    let removal = space.act(&founder, &[one], &space.remove(&second));
    // Whoever was removed claims the tablet, as if they had not heard of it nor of their removal.
    let claim = space.act(&second, &[all], &space.add_device(&second, &tablet));
    let key = space.act(&tablet, &[own], &epoch(&[&tablet]));
    let state = space.state();
    assert_eq!(void(&state, claim), Some(VoidReason::AuthorRemoved { by: removal }));
    assert_eq!((void(&state, own), void(&state, key)), (None, None));
    assert!(state.may_write(&tablet.device()));
}

#[test]
fn what_a_void_demotion_had_made_void_counts_again() {
    // Ten phones: which of the two demotions is first in order depends on the ids.
    for phone in (10..20).map(Key::new) {
        let (mut space, second, _, all) = three_admins();
        let founder = space.founder.clone();
        let own = space.act(&founder, &[all], &space.add_device(&founder, &phone));
        let work = space.act(&second, &[all], &space.add(&Key::new(9), Role::Reader));
        // The founder demotes themselves. Their phone, apart from that, demotes another admin and then leaves, which
        // makes the first demotion void: so the second counts.
        let itself = space.act(&founder, &[own], &space.role(&space.founder, Role::Editor));
        let other = space.act(&phone, &[own], &space.role(&second, Role::Reader));
        let left = space.act(&phone, &[other], &Operation::Leave);
        let state = space.state();
        assert_eq!(void(&state, itself), Some(VoidReason::AuthorRemoved { by: left }));
        assert_eq!(void(&state, other), None);
        assert_eq!(void(&state, work), Some(VoidReason::AuthorRemoved { by: other }));
        assert_eq!(state.role_of(&second.device()), Some(Role::Reader));
    }
}

#[test]
fn whoever_was_made_admin_by_what_is_void_is_as_senior_as_their_next_promotion() {
    let (mut space, second, third, all) = three_admins();
    let (founder, puppet, later) = (space.founder.clone(), Key::new(8), Key::new(9));
    let added = space.act(&founder, &[all], &space.add(&puppet, Role::Reader));
    // The second admin promotes the puppet early, and is removed apart from it.
    let early = space.act(&second, &[added], &space.role(&puppet, Role::Admin));
    space.act(&founder, &[added], &space.remove(&second));
    // Who does not know of the removal lets another admin in, and then names the puppet admin again.
    let other = space.act(&third, &[early], &space.add(&later, Role::Admin));
    let again = space.act(&third, &[other], &space.role(&puppet, Role::Admin));
    let removal = space.act(&puppet, &[again], &space.remove(&later));
    let state = space.state();
    assert!(void(&state, early).is_some());
    assert_eq!((void(&state, other), void(&state, again)), (None, None));
    assert_eq!(
        void(&state, removal),
        Some(VoidReason::Cascade),
        "they became an admin after whom they remove"
    );
    assert!(state.is_admin(&later.device()) && state.is_admin(&puppet.device()));
}

#[test]
fn a_junior_does_not_stay_a_seniors_hand_by_naming_them_admin_again() {
    let (mut space, second, third, all) = three_admins();
    let (founder, fourth, guest) = (space.founder.clone(), Key::new(8), Key::new(9));
    let base = space.act(&founder, &[all], &space.add(&fourth, Role::Admin));
    // The fourth names the second admin again, who then removes the third. Apart from that the third removes the fourth:
    // so whether the second was named again hangs on the third's removal, that on the second's, and that on the name.
    let again = space.act(&fourth, &[base], &space.role(&second, Role::Admin));
    let added = space.act(&fourth, &[again], &space.add(&guest, Role::Editor));
    let senior = space.act(&second, &[added], &space.remove(&third));
    let junior = space.act(&third, &[base], &space.remove(&fourth));
    let state = space.state();
    assert_eq!(void(&state, junior), Some(VoidReason::AuthorRemoved { by: senior }));
    for id in [again, added, senior] {
        assert_eq!(void(&state, id), None);
    }
    assert!(state.is_admin(&fourth.device()) && state.may_write(&guest.device()));
}

#[test]
fn a_junior_admin_does_not_claim_whom_a_senior_lets_in() {
    let (mut space, second, third, all) = three_admins();
    let (guest, own) = (Key::new(8), Key::new(9));
    // The senior's is deeper than the junior's.
    let before = space.act(&second, &[all], &space.add(&own, Role::Reader));
    let added = space.act(&second, &[before], &space.add(&guest, Role::Editor));
    let claim = space.act(&third, &[all], &space.add_device(&third, &guest));
    let state = space.state();
    assert_eq!(void(&state, claim), Some(VoidReason::DeviceClaimed { by: added }));
    assert_eq!(state.member_of(&guest.device()), Some(space.member(&guest)));
}

#[test]
fn a_claim_that_is_void_itself_takes_no_device_from_anybody() {
    let (mut space, second, third, all) = three_admins();
    let (founder, tablet) = (space.founder.clone(), Key::new(9));
    let own = space.act(&third, &[all], &space.add_device(&third, &tablet));
    let claim = space.act(&second, &[all], &space.add(&tablet, Role::Reader));
    space.act(&founder, &[all], &space.remove(&second));
    let state = space.state();
    assert!(void(&state, claim).is_some());
    assert_eq!(void(&state, own), None);
    assert!(state.is_admin(&tablet.device()));
}

#[test]
fn whoever_was_removed_is_not_let_in_again_by_an_admission_made_apart() {
    let (mut space, second, third, all) = three_admins();
    let (founder, guest) = (space.founder.clone(), Key::new(9));
    let first = space.act(&third, &[all], &space.add(&guest, Role::Editor));
    let removal = space.act(&second, &[first], &space.remove(&guest));
    space.act(&second, &[all], &space.add(&Key::new(8), Role::Editor));
    assert!(space.state().was_removed(&guest.device()));
    // The third admin goes, and with them the admission that the removal was about. It stands all the same.
    space.act(&founder, &[all], &space.remove(&third));
    space.act(&founder, &[all], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert!(void(&state, first).is_some());
    assert_eq!(void(&state, removal), None);
    assert_eq!(state.role_of(&guest.device()), None);
    assert!(state.member(&space.member(&guest)).is_some_and(|member| !member.is_in()));
}

#[test]
fn a_demoted_admin_puts_no_device_of_theirs_under_a_junior_admin() {
    let (mut space, second, third, all) = three_admins();
    let (founder, planted, puppet) = (space.founder.clone(), Key::new(8), Key::new(9));
    let demotion = space.act(&founder, &[all], &space.role(&second, Role::Reader));
    // Backdated: as if the second had not heard of the demotion.
    let added = space.act(&second, &[all], &space.add_device(&third, &planted));
    let let_in = space.act(&planted, &[added], &space.add(&puppet, Role::Admin));
    let state = space.state();
    assert_eq!(void(&state, added), Some(VoidReason::AuthorRemoved { by: demotion }));
    assert!(void(&state, let_in).is_some());
    assert_eq!((state.role_of(&planted.device()), state.role_of(&puppet.device())), (None, None));
}

#[test]
fn a_demoted_admin_claims_no_device_that_a_junior_admin_lets_in() {
    let (mut space, second, third, all) = three_admins();
    let (founder, guest) = (space.founder.clone(), Key::new(8));
    let let_in = space.act(&third, &[all], &space.add(&guest, Role::Editor));
    space.act(&founder, &[all], &space.role(&second, Role::Reader));
    let claim = space.act(&second, &[all], &space.add_device(&second, &guest));
    let device = Operation::Remove { target: Target::Device(guest.device()), accept_up_to: Vec::new() };
    let removal = space.act(&second, &[claim], &device);
    let state = space.state();
    assert_eq!(void(&state, let_in), None);
    assert!(void(&state, claim).is_some() && void(&state, removal).is_some());
    assert!(state.may_write(&guest.device()));
}

#[test]
fn a_demotion_made_apart_holds_nobody_who_leaves_and_spares_no_lost_device() {
    let (mut space, second, third, all) = three_admins();
    let (founder, tablet) = (space.founder.clone(), Key::new(8));
    let own = space.act(&third, &[all], &space.add_device(&third, &tablet));
    let one = space.act(&founder, &[own], &space.role(&second, Role::Reader));
    space.act(&founder, &[one], &space.role(&third, Role::Reader));
    let leaves = space.act(&second, &[own], &space.remove(&second));
    let device = Operation::Remove { target: Target::Device(tablet.device()), accept_up_to: Vec::new() };
    let loses = space.act(&third, &[own], &device);
    let state = space.state();
    assert_eq!((void(&state, leaves), void(&state, loses)), (None, None));
    assert_eq!((state.role_of(&second.device()), state.role_of(&tablet.device())), (None, None));
    assert_eq!(state.role_of(&third.device()), Some(Role::Reader));
}

fn acceptance(space: &Space, header: &samverka_log::SignedHeader) -> Acceptance {
    let resolver = space.resolver();
    Authority { resolver: &resolver, previous_heads: None }.acceptance(header)
}

/// The order of the group, which an Ed25519 signature's second half is below, least byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_signature_has_one_encoding() {
    let (space, second, _, all) = three_admins();
    let header = content_header(space.id, &second, 0, &[all], EntryKind::Change);
    let mut bytes = header.bytes().to_vec();
    let second_half = bytes.len() - 32;
    let mut carry = 0;
    for (byte, added) in bytes[second_half..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(added) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "it fits");
    let other = SignedHeader::parse(&bytes).unwrap();
    assert_ne!(other.id(), header.id(), "it would be another entry in the same place");
    assert!(header.verify().is_ok() && other.verify().is_err());
    assert!(HeaderVerifier::default().verify(&other).is_err());
}

#[test]
fn no_key_of_small_order_signs() {
    // The neutral point, in its encoding and in the two that are not canonical: whatever is signed, the equation holds
    // for a signature of itself and zero, unless somebody looks at the key.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut negative = neutral;
    negative[31] = 0x80;
    let mut above_the_field = [0xff; 32];
    (above_the_field[0], above_the_field[31]) = (0xee, 0x7f);
    for point in [neutral, negative, above_the_field] {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&neutral);
        let (device, signature) = (DeviceId::from_bytes(point), Signature::from_bytes(signature));
        assert!(verify_strict(device, b"anything", signature).is_err());
    }
}

#[test]
fn a_signature_is_checked_by_the_key_that_its_own_header_names_whoever_came_before() {
    let (space, second, third, all) = three_admins();
    let by = |key: &Key, number| content_header(space.id, key, number, &[all], EntryKind::Change);
    let (own, others) = (by(&second, 0), by(&third, 0));
    // The same signature in the other's name: the device stands after version, kind and space.
    let mut bytes = own.bytes().to_vec();
    bytes[34..66].copy_from_slice(third.device().as_bytes());
    let stolen = SignedHeader::parse(&bytes).unwrap();
    let mut broken = own.bytes().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    let broken = SignedHeader::parse(&broken).unwrap();
    let mut verifier = HeaderVerifier::default();
    for (header, holds) in [
        (&own, true),
        (&stolen, false),
        (&own, true),
        (&broken, false),
        (&others, true),
        (&stolen, false),
        (&others, true),
        (&own, true),
    ] {
        assert_eq!(verifier.verify(header).is_ok(), holds);
        assert_eq!(header.verify().is_ok(), holds);
    }
}
