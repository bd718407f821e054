//! What a history of membership comes to, in every order of arrival.

use samverka_log::{EpochId, InviteKey, LogHead, Membership, Operation, Role, ShareKey, VoidReason};

use crate::people::{Key, Space, epoch, share, void};

/// A founder (key 1) with two admins, keys 2 and 3, in this order of seniority.
fn three_admins() -> (Space, Key, Key, samverka_log::EntryId) {
    let mut space = Space::new();
    let (second, third) = (Key::new(2), Key::new(3));
    let founder = space.founder.clone();
    let genesis = space.genesis;
    let one = space.act(&founder, &[genesis], &space.add(&second, Role::Admin));
    let two = space.act(&founder, &[one], &space.add(&third, Role::Admin));
    (space, second, third, two)
}

#[test]
fn the_founder_is_the_first_admin() {
    let space = Space::new();
    let state = space.state();
    assert!(state.is_admin(&samverka_log::Signer::device(&space.founder)));
    assert_eq!(state.founder(), Some(space.member(&space.founder)));
    assert_eq!(state.members().count(), 1);
}

#[test]
fn an_admin_lets_an_editor_in_who_lets_nobody_in() {
    let mut space = Space::new();
    let (founder, editor, other) = (space.founder.clone(), Key::new(2), Key::new(3));
    let added = space.act(&founder, &[space.genesis], &space.add(&editor, Role::Editor));
    let tried = space.act(&editor, &[added], &space.add(&other, Role::Reader));
    let state = space.state();
    assert_eq!(state.role_of(&device(&editor)), Some(Role::Editor));
    assert_eq!(void(&state, tried), Some(VoidReason::Role));
    assert_eq!(state.role_of(&device(&other)), None);
}

#[test]
fn of_two_admins_who_remove_each_other_apart_the_senior_stays() {
    let (mut space, second, third, all) = three_admins();
    let senior = space.act(&second, &[all], &space.remove(&third));
    let junior = space.act(&third, &[all], &space.remove(&second));
    let state = space.state();
    assert!(state.is_admin(&device(&second)));
    assert_eq!(state.role_of(&device(&third)), None);
    assert_eq!(void(&state, junior), Some(VoidReason::NotSenior));
    assert_eq!(void(&state, senior), None);
}

#[test]
fn a_person_let_in_by_a_removed_admin_who_did_not_know_is_out() {
    let (mut space, second, _, all) = three_admins();
    let (founder, guest) = (space.founder.clone(), Key::new(4));
    let removal = space.act(&founder, &[all], &space.remove(&second));
    let added = space.act(&second, &[all], &space.add(&guest, Role::Editor));
    let state = space.state();
    assert_eq!(void(&state, added), Some(VoidReason::AuthorRemoved { by: removal }));
    assert_eq!(state.role_of(&device(&guest)), None);
}

#[test]
fn a_promotion_apart_from_a_demotion_leaves_the_least_right() {
    let mut space = Space::new();
    let (founder, second, editor) = (space.founder.clone(), Key::new(2), Key::new(3));
    let one = space.act(&founder, &[space.genesis], &space.add(&second, Role::Admin));
    let two = space.act(&founder, &[one], &space.add(&editor, Role::Editor));
    space.act(&founder, &[two], &space.role(&editor, Role::Admin));
    space.act(&second, &[two], &space.role(&editor, Role::Reader));
    assert_eq!(space.state().role_of(&device(&editor)), Some(Role::Reader));
}

#[test]
fn roles_given_apart_and_then_together_end_with_the_last_word() {
    let mut space = Space::new();
    let (founder, second, editor) = (space.founder.clone(), Key::new(2), Key::new(3));
    let one = space.act(&founder, &[space.genesis], &space.add(&second, Role::Admin));
    let two = space.act(&founder, &[one], &space.add(&editor, Role::Editor));
    let up = space.act(&founder, &[two], &space.role(&editor, Role::Admin));
    let down = space.act(&second, &[two], &space.role(&editor, Role::Reader));
    space.act(&founder, &[up, down], &space.role(&editor, Role::Editor));
    assert_eq!(space.state().role_of(&device(&editor)), Some(Role::Editor));
}

#[test]
fn two_admissions_of_one_device_are_one_member_with_the_least_right() {
    let (mut space, second, third, all) = three_admins();
    let guest = Key::new(4);
    space.act(&second, &[all], &space.add(&guest, Role::Editor));
    space.act(&third, &[all], &space.add(&guest, Role::Reader));
    let state = space.state();
    assert_eq!(state.role_of(&device(&guest)), Some(Role::Reader));
    assert_eq!(state.members().count(), 4);
}

#[test]
fn of_two_admissions_of_one_device_the_least_role_counts_whichever_admin_gave_it() {
    let roles = [Role::Relay, Role::Reader, Role::Editor, Role::Admin];
    for (senior, junior) in roles.iter().flat_map(|one| roles.map(|other| (*one, other))) {
        let (mut space, second, third, all) = three_admins();
        let guest = Key::new(4);
        space.act(&second, &[all], &space.add(&guest, senior));
        space.act(&third, &[all], &space.add(&guest, junior));
        // Five operations: every order of arrival.
        assert_eq!(space.state().role_of(&device(&guest)), Some(senior.min(junior)));
    }
}

#[test]
fn of_two_share_keys_for_one_device_the_most_senior_admins_counts() {
    for guest in (10..20).map(Key::new) {
        let (mut space, second, third, all) = three_admins();
        let founder = space.founder.clone();
        let keyed = |key: u8| {
            let mut add = space.add(&guest, Role::Editor);
            if let Operation::AddMember { share_key, .. } = &mut add {
                *share_key = ShareKey::from_bytes([key; 32]);
            }
            add
        };
        let (by_founder, by_second, by_third) = (keyed(1), keyed(2), keyed(3));
        let of = |state: &Membership| {
            let member = state.member(&state.member_of(&device(&guest)).expect("in")).expect("in");
            (member.devices[&device(&guest)].share_key, member.added_by, member.admitted_by)
        };
        let junior = space.act(&third, &[all], &by_third);
        assert_eq!(of(&space.state()), (ShareKey::from_bytes([3; 32]), junior, device(&third)));
        let senior = space.act(&second, &[all], &by_second);
        assert_eq!(of(&space.state()), (ShareKey::from_bytes([2; 32]), senior, device(&second)));
        // However late the founder's is made, knowing of neither.
        let own = space.act(&founder, &[all], &epoch(&[&founder]));
        let founders = space.act(&founder, &[own], &by_founder);
        assert_eq!(of(&space.state()), (ShareKey::from_bytes([1; 32]), founders, device(&founder)));
        assert_eq!(space.state().members().count(), 4);
    }
}

#[test]
fn a_device_that_a_member_and_an_admin_let_in_apart_belongs_where_the_admin_put_it() {
    let (mut space, second, _, all) = three_admins();
    let (founder, editor, tablet) = (space.founder.clone(), Key::new(5), Key::new(6));
    let added = space.act(&founder, &[all], &space.add(&editor, Role::Editor));
    let own = space.act(&editor, &[added], &space.add_device(&editor, &tablet));
    let admins = space.act(&second, &[added], &space.add(&tablet, Role::Reader));
    let state = space.state();
    assert_eq!(void(&state, own), Some(VoidReason::DeviceClaimed { by: admins }));
    assert_eq!(state.role_of(&device(&tablet)), Some(Role::Reader));
    assert_eq!(state.role_of(&device(&editor)), Some(Role::Editor));
}

#[test]
fn a_junior_admin_removes_or_demotes_no_senior_one() {
    let (mut space, second, third, all) = three_admins();
    let removal = space.act(&third, &[all], &space.remove(&second));
    let demotion = space.act(&third, &[removal], &space.role(&second, Role::Reader));
    let founder = space.founder.clone();
    let founders = space.act(&third, &[demotion], &space.remove(&founder));
    let state = space.state();
    for id in [removal, demotion, founders] {
        assert_eq!(void(&state, id), Some(VoidReason::NotSenior));
    }
    assert!(state.is_admin(&device(&second)));
}

#[test]
fn what_a_void_admission_entitled_is_void_too() {
    let (mut space, second, _, all) = three_admins();
    let (founder, guest, friend) = (space.founder.clone(), Key::new(4), Key::new(5));
    space.act(&founder, &[all], &space.remove(&second));
    let added = space.act(&second, &[all], &space.add(&guest, Role::Admin));
    let friends = space.act(&guest, &[added], &space.add(&friend, Role::Editor));
    let state = space.state();
    assert_eq!(void(&state, friends), Some(VoidReason::Cascade));
    assert_eq!(state.role_of(&device(&friend)), None);
}

#[test]
fn a_removed_device_never_comes_back() {
    let mut space = Space::new();
    let (founder, editor) = (space.founder.clone(), Key::new(2));
    let added = space.act(&founder, &[space.genesis], &space.add(&editor, Role::Editor));
    let removed = space.act(&founder, &[added], &space.remove(&editor));
    let again = space.act(&founder, &[removed], &space.add(&editor, Role::Editor));
    let elsewhere = space.act(&founder, &[again], &space.add_device(&founder, &editor));
    let state = space.state();
    assert_eq!(void(&state, again), Some(VoidReason::DeviceAgain));
    assert_eq!(void(&state, elsewhere), Some(VoidReason::DeviceAgain));
    assert!(state.was_removed(&device(&editor)));
}

#[test]
fn a_reader_let_in_apart_from_a_new_key_lacks_it_until_it_is_shared() {
    let mut space = Space::new();
    let (founder, second, reader) = (space.founder.clone(), Key::new(2), Key::new(3));
    let one = space.act(&founder, &[space.genesis], &space.add(&second, Role::Admin));
    let rotated = space.act(&founder, &[one], &epoch(&[&founder, &second]));
    let added = space.act(&second, &[one], &space.add(&reader, Role::Reader));
    let id = EpochId::from(rotated);
    let lacking = space.state().readers_lacking(&id);
    assert_eq!(lacking, [(device(&reader), reader.share_key())]);
    let shares = Operation::KeyShare { epoch: id, shares: vec![share(&reader)] };
    space.act(&second, &[rotated, added], &shares);
    let state = space.state();
    assert!(state.readers_lacking(&id).is_empty());
    assert_eq!(state.safe_epochs(), [id]);
}

#[test]
fn an_invitation_that_a_removed_admin_made_apart_is_void() {
    let (mut space, second, _, all) = three_admins();
    let founder = space.founder.clone();
    let key = InviteKey::from_bytes([8; 32]);
    let invite = Operation::Invite { key, role: Role::Editor, expires_at_ms: 9, uses: 1 };
    space.act(&founder, &[all], &space.remove(&second));
    space.act(&second, &[all], &invite);
    assert_eq!(space.state().invitation(&key), None);
}

#[test]
fn a_device_added_apart_from_its_owners_removal_is_out() {
    for by_admin in [false, true] {
        let (mut space, second, third, all) = three_admins();
        let (founder, tablet) = (space.founder.clone(), Key::new(4));
        space.act(&founder, &[all], &space.remove(&third));
        let adder = if by_admin { &second } else { &third };
        space.act(adder, &[all], &space.add_device(&third, &tablet));
        assert_eq!(space.state().role_of(&device(&tablet)), None);
    }
}

#[test]
fn whoever_leaves_is_out_with_every_device() {
    let mut space = Space::new();
    let (founder, editor, tablet) = (space.founder.clone(), Key::new(2), Key::new(3));
    let added = space.act(&founder, &[space.genesis], &space.add(&editor, Role::Editor));
    let second = space.act(&editor, &[added], &space.add_device(&editor, &tablet));
    space.act(&tablet, &[second], &Operation::Leave);
    let state = space.state();
    assert!(state.was_removed(&device(&editor)) && state.was_removed(&device(&tablet)));
}

#[test]
fn a_fork_in_a_membership_log_voids_both_branches_from_its_number_on() {
    let (mut space, second, _, all) = three_admins();
    let (before, one, other) = (Key::new(4), Key::new(5), Key::new(6));
    let sound = space.act(&second, &[all], &space.add(&before, Role::Editor));
    let at = space.chain(&second);
    let first = space.act(&second, &[sound], &space.add(&one, Role::Editor));
    let later = space.act(&second, &[first], &space.add(&Key::new(7), Role::Editor));
    assert_eq!(at.next, 1);
    let twin = space.act_from(&second, at, &[sound], &space.add(&other, Role::Editor));
    let state = space.state();
    assert_eq!(void(&state, sound), None);
    for id in [first, later, twin] {
        assert_eq!(void(&state, id), Some(VoidReason::Fork));
    }
    assert!(state.may_write(&device(&before)));
    assert!(!state.may_write(&device(&one)) && !state.may_write(&device(&other)));
}

#[test]
fn a_noted_fork_voids_as_much_as_a_seen_one() {
    let (mut space, second, _, all) = three_admins();
    let log = samverka_log::LogId::membership(device(&second));
    let act = space.act(&second, &[all], &space.add(&Key::new(4), Role::Editor));
    let mut early = samverka_log::Resolver::new();
    early.note_fork(log, 0);
    let mut late = samverka_log::Resolver::new();
    for operation in &space.operations {
        early.insert(operation.clone()).expect("belongs here");
        late.insert(operation.clone()).expect("belongs here");
    }
    late.note_fork(log, 0);
    assert_eq!(void(&early.state(), act), Some(VoidReason::Fork));
    assert_eq!(early.state(), late.state());
}

#[test]
fn keys_that_a_removed_device_knows_are_not_written_under() {
    let (mut space, second, third, all) = three_admins();
    let founder = space.founder.clone();
    let shared = space.act(&founder, &[all], &epoch(&[&founder, &second, &third]));
    let own = space.act(&founder, &[shared], &epoch(&[&founder, &second]));
    space.act(&founder, &[own], &space.remove(&third));
    // Made by the removed device apart from its removal: void, and its key is known to it all the same.
    let theirs = space.act(&third, &[own], &epoch(&[&founder, &second, &third]));
    let state = space.state();
    assert!(state.epoch(&EpochId::from(theirs)).is_some_and(|epoch| epoch.void));
    assert_eq!(state.safe_epochs(), [EpochId::from(own)]);
    // A void share, too, makes the device a holder of a key that it did not have.
    let shares = Operation::KeyShare { epoch: own.into(), shares: vec![share(&third)] };
    space.act(&third, &[own], &shares);
    assert!(space.state().safe_epochs().is_empty());
}

#[test]
fn an_operation_of_a_newer_version_is_known_to_be_there() {
    let mut space = Space::new();
    let founder = space.founder.clone();
    let unknown = Operation::Unknown { tag: 200, payload: vec![1, 2, 3] };
    space.act(&founder, &[space.genesis], &unknown);
    assert!(space.state().has_unknown_operation());
    assert_eq!(space.chain(&founder).next, LogHead::EMPTY.next + 2);
}

fn device(key: &Key) -> samverka_log::DeviceId {
    samverka_log::Signer::device(key)
}
