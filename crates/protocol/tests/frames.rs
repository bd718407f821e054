//! Frames against whatever a peer may send: round trips, limits, and bytes that are no frame.

mod support;

use proptest::prelude::*;
use samverka_log::limits::LOGS_MAX;
use samverka_log::{Entry, EntryId, Frontier, LogHead, LogId, SlotId};
use samverka_protocol::limits::{
    ENTRIES_MAX, EPHEMERAL_BYTES_MAX, FRAME_BYTES_MAX, GREETING_EXTRA_BYTES_MAX, KNOCK_BYTES_MAX, KNOCKS_MAX,
    LACKS_MAX, PART_BYTES_MAX, RECEIPT_BYTES_MAX, WANTS_MAX, WHOLE_BODY_BYTES_MAX,
};
use samverka_protocol::{
    Bodies, Code, EntryBatcher, Frame, FrameError, Lack, LackReason, PROTOCOL_VERSION, PartAssembler,
    PartError, batches, negotiate, parts,
};
use support::{entry, every_kind, header, log, range};

#[test]
fn the_largest_of_every_frame_is_within_the_limit() {
    let logs = |count: usize| {
        (0..count).map(|n| LogId { slot: SlotId(u64::try_from(n).unwrap()), ..log(1) }).collect::<Vec<_>>()
    };
    let frontier: Frontier = logs(LOGS_MAX)
        .into_iter()
        .map(|log| (log, LogHead { next: 1, head: EntryId::from_bytes([1; 32]) }))
        .collect();
    let acknowledged = logs(LOGS_MAX).into_iter().map(|log| (log, 1)).collect();
    for frame in [
        Frame::FrontierIs { channel: 1, frontier, reply: true, bodies: Bodies::All },
        Frame::Ack { channel: 1, logs: acknowledged },
        Frame::Receipt { channel: 1, receipt: vec![1; RECEIPT_BYTES_MAX] },
        Frame::Knocks { channel: 1, knocks: vec![vec![1; KNOCK_BYTES_MAX]; KNOCKS_MAX] },
        Frame::Ephemeral { channel: 1, bytes: vec![1; EPHEMERAL_BYTES_MAX] },
        Frame::WantBodies { channel: 1, ask: 1, wants: vec![range(1, 0, 1); WANTS_MAX] },
        Frame::Lacking {
            channel: 1,
            ask: 1,
            lacks: vec![Lack { range: range(1, 0, 1), why: LackReason::Absent }; LACKS_MAX],
            last: false,
        },
    ] {
        let bytes = frame.encode();
        assert!(bytes.len() <= FRAME_BYTES_MAX, "{}", bytes.len());
        assert_eq!(Frame::decode(&bytes), Ok(frame));
    }
}

#[test]
fn what_is_over_a_limit_is_refused_by_name() {
    let refused = |frame: Frame| Frame::decode(&frame.encode()).unwrap_err();
    assert_eq!(
        refused(Frame::Ephemeral { channel: 1, bytes: vec![1; EPHEMERAL_BYTES_MAX + 1] }),
        FrameError::FieldTooLong("ephemeral message")
    );
    let too_long = entry(1, 0, &vec![1; WHOLE_BODY_BYTES_MAX + 1]);
    assert_eq!(
        refused(Frame::Entries { channel: 1, entries: vec![too_long] }),
        FrameError::FieldTooLong("body")
    );
    assert_eq!(Frame::decode(&vec![9; FRAME_BYTES_MAX + 1]), Err(FrameError::TooLong(FRAME_BYTES_MAX + 1)));
    let wants = vec![range(1, 0, 1); WANTS_MAX + 1];
    assert_eq!(
        refused(Frame::WantBodies { channel: 1, ask: 1, wants }),
        FrameError::FieldTooLong("list of wanted bodies")
    );
    let lacks = vec![Lack { range: range(1, 0, 1), why: LackReason::Busy }; LACKS_MAX + 1];
    assert_eq!(
        refused(Frame::Lacking { channel: 1, ask: 1, lacks, last: true }),
        FrameError::FieldTooLong("list of lacking bodies")
    );
    // A count that is not backed by bytes reserves nothing.
    let mut lying = Frame::Entries { channel: 1, entries: Vec::new() }.encode();
    let at = lying.len() - 4;
    lying[at..].fill(0xff);
    assert_eq!(Frame::decode(&lying), Err(FrameError::FieldTooLong("list of entries")));
}

#[test]
fn a_range_of_no_bodies_and_a_reason_or_choice_without_a_meaning_are_refused() {
    for (from, until) in [(3, 3), (4, 3), (u64::MAX, 0)] {
        let wants = Frame::WantBodies { channel: 1, ask: 1, wants: vec![range(1, from, until)] };
        assert_eq!(Frame::decode(&wants.encode()), Err(FrameError::Value("range: it is empty")));
    }
    let lacks = vec![Lack { range: range(1, 0, 1), why: LackReason::Busy }];
    let mut bytes = Frame::Lacking { channel: 1, ask: 1, lacks, last: true }.encode();
    if let Some(reason) = bytes.last_mut() {
        *reason += 1;
    }
    assert_eq!(Frame::decode(&bytes), Err(FrameError::Value("reason for a lacking body")));
    let frontier = Frontier::new();
    let mut bytes =
        Frame::FrontierIs { channel: 1, frontier, reply: true, bodies: Bodies::Membership }.encode();
    bytes[5] += 2;
    assert_eq!(Frame::decode(&bytes), Err(FrameError::Value("reply or choice of bodies")));
}

#[test]
fn a_greeting_of_a_newer_version_is_understood_and_other_frames_have_no_rest() {
    for (name, frame) in every_kind() {
        let mut bytes = frame.encode();
        bytes.push(0);
        let longer = Frame::decode(&bytes);
        match name {
            "hello" | "welcome" => assert_eq!(longer, Ok(frame), "{name}"),
            "unknown" => assert!(longer.is_ok()),
            _ => assert!(longer.is_err(), "{name}"),
        }
    }
    let mut flooded = Frame::hello("x").encode();
    flooded.resize(flooded.len() + GREETING_EXTRA_BYTES_MAX + 1, 0);
    assert!(Frame::decode(&flooded).is_err());
}

#[test]
fn a_frame_that_is_cut_short_is_never_taken_for_whole() {
    for (name, frame) in every_kind() {
        let bytes = frame.encode();
        for len in 0..bytes.len() {
            let cut = Frame::decode(&bytes[..len]);
            assert!(cut.is_err() || name == "unknown" && len > 0, "{name} at {len}");
        }
    }
}

#[test]
fn the_newest_common_version_is_spoken() {
    assert_eq!(negotiate(0, 9), Some(PROTOCOL_VERSION));
    assert_eq!(negotiate(PROTOCOL_VERSION, PROTOCOL_VERSION), Some(PROTOCOL_VERSION));
    assert_eq!(negotiate(1, 1), Some(1), "the first version is spoken still");
    assert_eq!(negotiate(PROTOCOL_VERSION + 1, 9), None);
    assert_eq!(negotiate(0, 0), None);
    assert_eq!(negotiate(9, 0), None);
}

#[test]
fn long_details_are_cut_at_a_character() {
    let frame = Frame::Bye { code: Code::Internal, detail: "ä".repeat(150) };
    let Ok(Frame::Bye { detail, .. }) = Frame::decode(&frame.encode()) else { panic!("it is a goodbye") };
    assert_eq!(detail, "ä".repeat(100));
}

#[test]
fn a_new_space_brings_what_fits_one_frame() {
    let whole = |count| (0..count).map(|n| entry(7, n, &[1; 60_000])).collect::<Vec<_>>();
    let frame = Frame::create(1, String::new(), whole(40));
    let bytes = frame.encode();
    assert!(bytes.len() <= FRAME_BYTES_MAX);
    let Ok(Frame::Create { entries, .. }) = Frame::decode(&bytes) else { panic!("it is a new space") };
    assert!((2..40).contains(&entries.len()));
    assert_eq!(entries, whole(40)[..entries.len()]);
    let large = vec![entry(7, 0, b"genesis"), entry(7, 1, &[1; WHOLE_BODY_BYTES_MAX + 1]), entry(7, 2, b"x")];
    let Frame::Create { entries, .. } = Frame::create(1, String::new(), large) else { panic!("it is") };
    assert_eq!(entries.len(), 1);
}

#[test]
fn parts_out_of_order_are_refused_and_leave_nothing_behind() {
    let whole = entry(7, 0, &[5; PART_BYTES_MAX * 2 + 10]);
    let total = whole.header.fields().body_length;
    let piece = |index: usize| {
        let body = whole.body.as_deref().unwrap_or_default();
        let begin = index * PART_BYTES_MAX;
        let header = (index == 0).then(|| whole.header.clone());
        let end = body.len().min(begin + PART_BYTES_MAX);
        (header, u32::try_from(begin).unwrap(), body[begin..end].to_vec())
    };
    let mut assembler = PartAssembler::new();
    let mut take = |index: usize, total: u32| {
        let (header, offset, bytes) = piece(index);
        assembler.take(header, offset, total, &bytes)
    };
    assert_eq!(take(1, total), Err(PartError::NoBeginning));
    assert_eq!(take(0, total), Ok(None));
    assert_eq!(take(2, total), Err(PartError::OutOfPlace));
    assert_eq!(take(1, total), Err(PartError::NoBeginning));
    assert_eq!(take(0, total + 1), Err(PartError::Length));
    assert_eq!(take(0, total), Ok(None));
    assert_eq!(take(1, total + 1), Err(PartError::OutOfPlace));
    assert_eq!(take(0, total), Ok(None));
    assert_eq!(take(0, total), Ok(None), "another beginning takes the place of the first");
    assert_eq!(take(1, total), Ok(None));
    assert_eq!(take(2, total), Ok(Some(whole.clone())));
    assert_eq!(take(2, total), Err(PartError::NoBeginning));
}

#[test]
fn a_part_cannot_announce_more_than_a_body_may_have() {
    let mut assembler = PartAssembler::new();
    let refused = assembler.take(Some(header(7, 0, b"short")), 0, u32::MAX, b"x");
    assert_eq!(refused, Err(PartError::Length));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _any = Frame::decode(&bytes);
    }

    /// Random bytes seldom get past the first field; frames with a few wrong bytes do.
    #[test]
    fn damaged_frames_never_panic_and_decode_to_what_encodes_the_same(
        kind: prop::sample::Index,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut kinds = every_kind();
        let (name, frame) = kinds.swap_remove(kind.index(kinds.len()));
        let mut bytes = frame.encode();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(decoded) = Frame::decode(&bytes) {
            // Greetings pass over what newer versions add, so theirs may be shorter.
            let again = decoded.encode();
            prop_assert!(again == bytes || bytes.starts_with(&again) && bytes[0] <= 2, "{}", name);
        }
    }

    #[test]
    fn texts_and_numbers_come_back(
        channel: u32,
        number: u64,
        code: u16,
        detail in "\\PC{0,40}",
    ) {
        for frame in [
            Frame::Refused { channel, code: Code::from_number(code), detail: detail.clone() },
            Frame::Reject { channel, log: log(3), number, code: Code::from_number(code), detail: detail.clone() },
            Frame::Bye { code: Code::from_number(code), detail: detail.clone() },
            Frame::Ping { token: number },
        ] {
            prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn what_is_wanted_and_lacking_comes_back(
        ask: u32,
        last: bool,
        ranges in prop::collection::vec((any::<u8>(), 0..u64::MAX, 1..=u64::MAX, 0..4_usize), 0..WANTS_MAX),
    ) {
        let reasons =
            [LackReason::Absent, LackReason::Dropped, LackReason::Withheld, LackReason::Busy];
        let lacks: Vec<Lack> = ranges
            .into_iter()
            .map(|(device, from, more, why)| {
                Lack { range: range(device, from, from.saturating_add(more)), why: reasons[why] }
            })
            .collect();
        let wants = lacks.iter().map(|lack| lack.range).collect();
        for frame in [
            Frame::WantBodies { channel: 1, ask, wants },
            Frame::Lacking { channel: 1, ask, lacks, last },
        ] {
            prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
        }
    }

    #[test]
    fn entries_come_back_through_frames_whatever_their_sizes(
        sizes in prop::collection::vec(
            prop_oneof![8 => 0..3_000_usize, 2 => 100_000..300_000_usize],
            0..40,
        ),
        left_out in any::<prop::sample::Index>(),
    ) {
        let mut entries: Vec<Entry> = (0..).zip(&sizes).map(|(n, size)| entry(7, n, &vec![9; *size])).collect();
        if !entries.is_empty() {
            let at = left_out.index(entries.len());
            entries[at].body = None;
        }
        let frames: Vec<Vec<u8>> = batches(5, entries.clone()).iter().map(Frame::encode).collect();
        let mut batcher = EntryBatcher::new(5);
        for entry in &entries {
            batcher.push(&entry.header, entry.body.as_deref());
        }
        prop_assert_eq!(&batcher.finish(), &frames);

        let (mut assembler, mut received) = (PartAssembler::new(), Vec::new());
        for bytes in &frames {
            prop_assert!(bytes.len() <= FRAME_BYTES_MAX);
            match Frame::decode(bytes).unwrap() {
                Frame::Entries { channel: 5, entries } => received.extend(entries),
                Frame::Part { channel: 5, header, offset, total, bytes } => {
                    received.extend(assembler.take(header, offset, total, &bytes).unwrap());
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
        prop_assert_eq!(received, entries);
    }
}

#[test]
fn many_small_entries_fill_frames_by_count() {
    let entries: Vec<Entry> = (0..5).map(|n| entry(7, n, b"")).collect();
    let many: Vec<Entry> = entries.iter().cycle().take(ENTRIES_MAX + 1).cloned().collect();
    let frames = batches(1, many);
    let counts: Vec<usize> = frames
        .iter()
        .map(|frame| match frame {
            Frame::Entries { entries, .. } => entries.len(),
            _ => 0,
        })
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), ENTRIES_MAX + 1);
    assert!(frames.iter().all(|frame| frame.encode().len() <= FRAME_BYTES_MAX));
    assert_eq!(parts(1, &entries[0]), Vec::new());
}
