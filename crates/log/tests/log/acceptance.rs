//! Which entries count, as a function of their header and the membership.

use samverka_log::{
    Acceptance, Authority, EntryId, EntryKind, LogHead, LogId, Operation, QuarantineReason, RefusalReason,
    Resolver, Role, SignedHeader, Signer as _, SlotId, Target, VoidReason,
};

use crate::people::{Key, Space, content_header, void};

fn judge(resolver: &Resolver, header: &SignedHeader) -> Acceptance {
    Authority { resolver, previous_heads: None }.acceptance(header)
}

fn change(space: &Space, by: &Key, number: u64, heads: &[EntryId]) -> SignedHeader {
    content_header(space.id, by, number, heads, EntryKind::Change)
}

/// A founder (key 1) and an editor (key 2), and the operation that let the editor in.
fn with_editor() -> (Space, Key, EntryId) {
    let mut space = Space::new();
    let (founder, editor) = (space.founder.clone(), Key::new(2));
    let added = space.act(&founder, &[space.genesis], &space.add(&editor, Role::Editor));
    (space, editor, added)
}

fn up_to(by: &Key, next: u64) -> Vec<(LogId, LogHead)> {
    let log = LogId { device: by.device(), slot: SlotId(5) };
    vec![(log, LogHead { next, head: EntryId::from_bytes([3; 32]) })]
}

#[test]
fn an_editors_change_counts_and_a_readers_and_a_strangers_do_not() {
    let (mut space, editor, added) = with_editor();
    let (founder, reader) = (space.founder.clone(), Key::new(3));
    let all = space.act(&founder, &[added], &space.add(&reader, Role::Reader));
    let resolver = space.resolver();
    assert_eq!(judge(&resolver, &change(&space, &editor, 0, &[all])), Acceptance::Accepted);
    let readers = judge(&resolver, &change(&space, &reader, 0, &[all]));
    assert_eq!(readers, Acceptance::Refused(RefusalReason::Role(Role::Reader)));
    let strangers = judge(&resolver, &change(&space, &Key::new(9), 0, &[all]));
    assert_eq!(strangers, Acceptance::Refused(RefusalReason::NotAMember));
    let early = judge(&resolver, &change(&space, &editor, 0, &[space.genesis]));
    assert_eq!(early, Acceptance::Refused(RefusalReason::NotAMember));
}

#[test]
fn a_change_that_names_unknown_membership_waits_for_it() {
    let (space, editor, added) = with_editor();
    let unknown = EntryId::from_bytes([0xee; 32]);
    let judged = judge(&space.resolver(), &change(&space, &editor, 0, &[added, unknown]));
    assert_eq!(judged, Acceptance::Waiting(vec![unknown]));
}

#[test]
fn changes_beyond_what_a_removal_accepts_are_held_back_until_taken_in() {
    let (mut space, editor, added) = with_editor();
    let founder = space.founder.clone();
    let target = Target::Member(space.member(&editor));
    let removal =
        space.act(&founder, &[added], &Operation::Remove { target, accept_up_to: up_to(&editor, 2) });
    let held = Acceptance::Quarantined(QuarantineReason::Late { operation: removal });
    let resolver = space.resolver();
    assert_eq!(judge(&resolver, &change(&space, &editor, 1, &[added])), Acceptance::Accepted);
    assert_eq!(judge(&resolver, &change(&space, &editor, 2, &[added])), held);
    space.act(&founder, &[removal], &Operation::AcceptLate { logs: up_to(&editor, 3) });
    let resolver = space.resolver();
    assert_eq!(judge(&resolver, &change(&space, &editor, 2, &[added])), Acceptance::Accepted);
    assert_eq!(judge(&resolver, &change(&space, &editor, 3, &[added])), held);
    let knowing = judge(&resolver, &change(&space, &editor, 2, &[removal]));
    assert_eq!(knowing, Acceptance::Refused(RefusalReason::NotAMember));
}

#[test]
fn a_demoted_editors_late_changes_are_held_back() {
    let (mut space, editor, added) = with_editor();
    let founder = space.founder.clone();
    let demotion = space.act(&founder, &[added], &space.role(&editor, Role::Reader));
    let judged = judge(&space.resolver(), &change(&space, &editor, 0, &[added]));
    assert_eq!(judged, Acceptance::Quarantined(QuarantineReason::Late { operation: demotion }));
}

#[test]
fn a_demoted_admins_late_order_to_drop_is_held_back_and_their_change_is_not() {
    let (mut space, admin, _) = with_editor();
    let founder = space.founder.clone();
    let before = space.chain(&founder).head;
    let promoted = space.act(&founder, &[before], &space.role(&admin, Role::Admin));
    let resolver = space.resolver();
    let drop = content_header(space.id, &admin, 0, &[promoted], EntryKind::Drop);
    assert_eq!(judge(&resolver, &drop), Acceptance::Accepted);
    let demotion = space.act(&founder, &[promoted], &space.role(&admin, Role::Editor));
    let resolver = space.resolver();
    let held = Acceptance::Quarantined(QuarantineReason::Late { operation: demotion });
    assert_eq!(judge(&resolver, &drop), held);
    assert_eq!(judge(&resolver, &change(&space, &admin, 0, &[promoted])), Acceptance::Accepted);
}

#[test]
fn an_entry_that_claims_to_know_less_than_the_one_before_is_refused() {
    let (mut space, editor, added) = with_editor();
    let founder = space.founder.clone();
    let more = space.act(&founder, &[added], &space.add(&Key::new(3), Role::Reader));
    let resolver = space.resolver();
    let back = change(&space, &editor, 1, &[added]);
    let after = |heads: &[EntryId], header: &SignedHeader| {
        Authority { resolver: &resolver, previous_heads: Some(heads) }.acceptance(header)
    };
    let refused = Acceptance::Refused(RefusalReason::HeadsWentBack);
    assert_eq!(after(&[more], &back), refused);
    assert_eq!(after(&[added], &back), Acceptance::Accepted);
    let forward = change(&space, &editor, 1, &[more]);
    assert_eq!(after(&[added], &forward), Acceptance::Accepted);
}

#[test]
fn an_entry_by_somebody_whose_admission_is_void_is_refused() {
    let (mut space, admin, added) = with_editor();
    let (founder, guest) = (space.founder.clone(), Key::new(3));
    let promoted = space.act(&founder, &[added], &space.role(&admin, Role::Admin));
    space.act(&founder, &[promoted], &space.remove(&admin));
    let theirs = space.act(&admin, &[promoted], &space.add(&guest, Role::Editor));
    let judged = judge(&space.resolver(), &change(&space, &guest, 0, &[theirs]));
    assert_eq!(judged, Acceptance::Refused(RefusalReason::AdmissionVoid));
}

#[test]
fn an_entry_by_a_reader_whose_promotion_is_void_is_refused() {
    let (mut space, admin, added) = with_editor();
    let (founder, reader) = (space.founder.clone(), Key::new(3));
    let promoted = space.act(&founder, &[added], &space.role(&admin, Role::Admin));
    let all = space.act(&founder, &[promoted], &space.add(&reader, Role::Reader));
    space.act(&founder, &[all], &space.remove(&admin));
    let theirs = space.act(&admin, &[all], &space.role(&reader, Role::Editor));
    let judged = judge(&space.resolver(), &change(&space, &reader, 0, &[theirs]));
    assert_eq!(judged, Acceptance::Refused(RefusalReason::AdmissionVoid));
}

#[test]
fn only_an_admin_drops_a_document_and_nobody_the_plan() {
    let (space, editor, added) = with_editor();
    let resolver = space.resolver();
    let by_editor = content_header(space.id, &editor, 0, &[added], EntryKind::Drop);
    assert_eq!(judge(&resolver, &by_editor), Acceptance::Refused(RefusalReason::Role(Role::Editor)));
    let by_founder = content_header(space.id, &space.founder, 0, &[added], EntryKind::Drop);
    assert_eq!(judge(&resolver, &by_founder), Acceptance::Accepted);
}

/// A founder, an editor (key 2), and twenty admins who did something each without knowing of the others, by their ids
/// in ascending order.
fn twenty_apart() -> (Space, Key, Vec<EntryId>) {
    let (mut space, editor, mut last) = with_editor();
    let founder = space.founder.clone();
    let admins: Vec<Key> = (10..30).map(Key::new).collect();
    for admin in &admins {
        last = space.act(&founder, &[last], &space.add(admin, Role::Admin));
    }
    let mut heads: Vec<EntryId> = (60..80)
        .zip(&admins)
        .map(|(guest, admin)| space.act(admin, &[last], &space.add(&Key::new(guest), Role::Editor)))
        .collect();
    heads.sort();
    (space, editor, heads)
}

#[test]
fn an_author_who_knows_more_heads_than_an_entry_names_may_name_others_than_before() {
    let (mut space, editor, heads) = twenty_apart();
    let resolver = space.resolver();
    let after = |before: &[EntryId], now: &[EntryId]| {
        let header = change(&space, &editor, 1, now);
        Authority { resolver: &resolver, previous_heads: Some(before) }.acceptance(&header)
    };
    let refused = Acceptance::Refused(RefusalReason::HeadsWentBack);
    assert_eq!(after(&heads[..16], &heads[4..]), Acceptance::Accepted);
    assert_eq!(after(&heads[4..], &heads[..16]), Acceptance::Accepted);
    assert_eq!(after(&heads[..1], &heads[4..]), Acceptance::Accepted);
    assert_eq!(after(&heads[..16], &heads[5..]), refused, "there was room for one more");
    // An admin brings some together; whoever names that names nothing of it again.
    let founder = space.founder.clone();
    let joined = space.act(&founder, &heads[..8], &space.add(&Key::new(90), Role::Editor));
    let later = space.act(&founder, &[joined], &space.add(&Key::new(91), Role::Editor));
    let resolver = space.resolver();
    let after = |before: &[EntryId], now: &[EntryId]| {
        let header = change(&space, &editor, 1, now);
        Authority { resolver: &resolver, previous_heads: Some(before) }.acceptance(&header)
    };
    assert_eq!(after(&heads[..16], &[&heads[8..], &[later][..]].concat()), Acceptance::Accepted);
    assert_eq!(after(&[joined], &heads[..16]), refused, "it had known what brings eight of them together");
    assert_eq!(after(&[heads[0], heads[19]], &[&heads[8..19], &[joined, later][..]].concat()), refused);
}

#[test]
fn sixteen_heads_of_which_some_know_others_displace_nothing() {
    let (mut space, editor, heads) = twenty_apart();
    let founder = space.founder.clone();
    let joined = space.act(&founder, &heads[..8], &space.add(&Key::new(90), Role::Editor));
    let resolver = space.resolver();
    let padded = [&heads[..4], &heads[8..19], &[joined][..]].concat();
    assert_eq!(padded.len(), 16);
    let header = change(&space, &editor, 1, &padded);
    let judged = Authority { resolver: &resolver, previous_heads: Some(&heads[19..]) }.acceptance(&header);
    assert_eq!(judged, Acceptance::Refused(RefusalReason::HeadsWentBack));
}

#[test]
fn whether_a_head_was_displaced_waits_until_it_is_here() {
    let (space, editor, heads) = twenty_apart();
    let mut resolver = Resolver::new();
    let (last, before) = space.operations.split_last().expect("many");
    for operation in before {
        resolver.insert(operation.clone()).expect("it belongs here");
    }
    let named: Vec<EntryId> = heads.iter().filter(|id| **id != last.id()).take(16).copied().collect();
    let header = change(&space, &editor, 1, &named);
    let judge =
        |resolver: &Resolver| Authority { resolver, previous_heads: Some(&[last.id()]) }.acceptance(&header);
    assert_eq!(judge(&resolver), Acceptance::Waiting(vec![last.id()]));
    resolver.insert(last.clone()).expect("it belongs here");
    assert_eq!(judge(&resolver), Acceptance::Accepted);
}

#[test]
fn whoever_was_let_in_by_one_of_twenty_heads_names_that_one() {
    let (space, editor, heads) = twenty_apart();
    let resolver = space.resolver();
    let mut before: Option<Vec<EntryId>> = None;
    for guest in (60..80).map(Key::new) {
        let named = resolver.heads(&guest.device());
        assert_eq!(named.len(), 16);
        assert!(named.is_sorted() && named.iter().all(|id| heads.contains(id)));
        assert_eq!(judge(&resolver, &change(&space, &guest, 0, &named)), Acceptance::Accepted);
        // Nobody's first entry is that of the editor, who goes from one choice to the next.
        let own = change(&space, &editor, 1, &named);
        let judged = Authority { resolver: &resolver, previous_heads: before.as_deref() }.acceptance(&own);
        assert_eq!(judged, Acceptance::Accepted);
        before = Some(named);
    }
}

#[test]
fn operations_that_do_not_count_crowd_out_none_that_does() {
    let (mut space, editor, heads) = twenty_apart();
    let founder = space.founder.clone();
    let half = space.act(&founder, &heads[..10], &space.add(&Key::new(90), Role::Editor));
    let all = [&heads[10..], &[half][..]].concat();
    let joined = space.act(&founder, &all, &space.add(&Key::new(91), Role::Editor));
    // Whoever is no admin lets nobody in, from many devices and with any ids.
    for guest in 60..80 {
        space.act(&Key::new(guest), &all, &space.add(&Key::new(guest + 40), Role::Editor));
    }
    for device in [&founder, &editor] {
        assert!(space.resolver().heads(&device.device()).contains(&joined));
    }
    let promotion = space.role(&editor, Role::Admin);
    assert_eq!(space.resolver().would_count(space.id, founder.device(), &promotion), Ok(()));
}

#[test]
fn what_a_device_of_somebody_who_left_goes_on_writing_is_held_back_whatever_their_role() {
    for role in [Role::Editor, Role::Admin] {
        let mut space = Space::new();
        let (founder, leaver, tablet) = (space.founder.clone(), Key::new(2), Key::new(3));
        let added = space.act(&founder, &[space.genesis], &space.add(&leaver, role));
        let both = space.act(&leaver, &[added], &space.add_device(&leaver, &tablet));
        let target = Target::Member(space.member(&leaver));
        let mut accept_up_to = [up_to(&leaver, 2), up_to(&tablet, 1)].concat();
        accept_up_to.sort_by_key(|(log, _)| *log);
        let left = space.act(&leaver, &[both], &Operation::Remove { target, accept_up_to });
        let state = space.state();
        assert!(state.was_removed(&leaver.device()) && state.was_removed(&tablet.device()));
        let held = Acceptance::Quarantined(QuarantineReason::Late { operation: left });
        let resolver = space.resolver();
        for (by, number, expected) in [
            (&leaver, 1, &Acceptance::Accepted),
            (&leaver, 2, &held),
            (&tablet, 0, &Acceptance::Accepted),
            (&tablet, 1, &held),
        ] {
            assert_eq!(&judge(&resolver, &change(&space, by, number, &[both])), expected);
        }
        let knowing = judge(&resolver, &change(&space, &leaver, 2, &[left]));
        assert_eq!(knowing, Acceptance::Refused(RefusalReason::NotAMember));
    }
}

#[test]
fn whoever_may_only_read_leaves_too_and_removes_nobody_else() {
    let mut space = Space::new();
    let (founder, reader, other) = (space.founder.clone(), Key::new(2), Key::new(3));
    let one = space.act(&founder, &[space.genesis], &space.add(&reader, Role::Reader));
    let two = space.act(&founder, &[one], &space.add(&other, Role::Reader));
    let tried = space.act(&reader, &[two], &space.remove(&other));
    let left = space.act(&reader, &[tried], &space.remove(&reader));
    let state = space.state();
    assert!(void(&state, tried).is_some());
    assert_eq!(void(&state, left), None);
    assert!(state.was_removed(&reader.device()) && state.may_read(&other.device()));
}

#[test]
fn leaving_in_the_old_way_makes_what_knows_of_it_void() {
    let (mut space, editor, added) = with_editor();
    let left = space.act(&editor, &[added], &Operation::Leave);
    let after = space.act(&editor, &[left], &space.add_device(&editor, &Key::new(3)));
    let state = space.state();
    assert!(state.was_removed(&editor.device()));
    assert_eq!(void(&state, after), Some(VoidReason::NoLongerAMember));
    let judged = judge(&space.resolver(), &change(&space, &editor, 0, &[left]));
    assert_eq!(judged, Acceptance::Refused(RefusalReason::NotAMember));
}
