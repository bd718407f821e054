//! Which entries count, as a function of their header and the membership.

use samverka_log::{
    Acceptance, Authority, EntryId, EntryKind, LogHead, LogId, Operation, QuarantineReason, RefusalReason,
    Resolver, Role, SignedHeader, Signer as _, SlotId, Target,
};

use crate::people::{Key, Space, content_header};

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
