//! Calendar files: RFC 5545 as calendars read it.

use samverka_plan::exchange::ics::{Selection, export};
use samverka_plan::{Event, Kind, Language};
use serde_json::json;

use crate::harness::{Network, TODAY, add, edit};

const SAMPLE: &str = include_str!("../data/sample-c04.ics");

fn network() -> Network {
    Network::sample(&["p-01", "p-11"])
}

fn calendar(network: &Network, participant: Option<&str>) -> String {
    let selection = Selection { participant: participant.map(str::to_owned), neutral: false };
    export(&network.people[0], &selection, Language::SvFi, TODAY)
}

fn unfolded(calendar: &str) -> String {
    calendar.replace("\r\n ", "")
}

/// The entry of a UID, unfolded, line by line.
fn entry(calendar: &str, uid: &str) -> Vec<String> {
    let all = unfolded(calendar);
    let start = format!("UID:{uid}@");
    let found = all.split("BEGIN:VEVENT\r\n").find(|entry| entry.starts_with(&start)).unwrap_or_default();
    found.split("END:VEVENT").next().unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_moved_commitment_of_the_sample_comes_out_like_the_sample() {
    let mut network = network();
    network.happens(1, "c-04", Event::Start);
    let new = "2027-04-14".to_owned();
    network.happens(1, "c-04", Event::Renegotiate { old: None, new, reason: None });
    network.exchange();
    let ours = entry(&calendar(&network, Some("p-11")), "c-04");
    // The sample's file shortens two names; the program's own ids and times differ.
    let theirs = unfolded(SAMPLE)
        .replace("Hemservicen.", "Hemservicen för barnfamiljer.")
        .replace(": tre kvällar", ": Tre kvällar");
    let theirs: Vec<&str> = theirs.lines().skip_while(|line| !line.starts_with("SEQUENCE")).collect();
    for line in &ours {
        let differs = line.starts_with("UID:") || line.starts_with("DTSTAMP:");
        assert!(differs || theirs.contains(&line.as_str()), "{line}");
    }
    assert!(ours[0].ends_with(".samverka") && ours[1].starts_with("DTSTAMP:20270209T"), "{ours:?}");
    assert_eq!(ours.len(), 14);
}

#[test]
fn lines_are_folded_at_75_octets_and_characters_stay_whole() {
    let mut network = network();
    for size in 60..80 {
        let title = format!("{}åäö☃🎈\\;,\nslut\u{7}", "ä".repeat(size));
        network.must(
            0,
            &add(
                Kind::Commitment,
                &format!("w-{size}"),
                &json!({ "title": { "sv": title }, "due": "2027-W20" }),
            ),
        );
    }
    let calendar = calendar(&network, None);
    for line in calendar.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\n', '\u{7}']), "{line}");
    }
    let summary = entry(&calendar, "w-60")[5].clone();
    assert!(summary.contains("äåäö☃🎈\\\\\\;\\,\\nslut (w-60)"), "{summary}");
    assert_eq!(entry(&calendar, "w-60")[3], "DTSTART;VALUE=DATE:20270523");
}

#[test]
fn what_is_called_off_is_cancelled_with_a_greater_sequence() {
    let mut network = network();
    let sequence = |network: &Network| {
        let line = entry(&calendar(network, Some("p-11")), "c-04")
            .into_iter()
            .find(|line| line.starts_with("SEQUENCE"));
        line.unwrap().trim_start_matches("SEQUENCE:").parse::<u32>().unwrap()
    };
    let before = sequence(&network);
    network.must(0, &edit(Kind::Commitment, "c-04", &json!({ "follow_up": "2027-03-25" })));
    let moved = sequence(&network);
    network.happens(0, "c-04", Event::Cancel { reason: None });
    assert!(before < moved && moved < sequence(&network));
    let cancelled = entry(&calendar(&network, Some("p-11")), "c-04");
    assert!(cancelled.contains(&"STATUS:CANCELLED".to_owned()));
    assert!(!cancelled.iter().any(|line| line.contains("VALARM")));
}

#[test]
fn one_persons_calendar_has_what_concerns_them_and_the_next_meeting() {
    let network = network();
    let uids = |participant| {
        let calendar = unfolded(&calendar(&network, participant));
        let uids = calendar
            .lines()
            .filter_map(|line| line.strip_prefix("UID:")?.split('@').next().map(str::to_owned));
        uids.collect::<Vec<_>>()
    };
    // Owner of c-04, helper with c-05.
    assert_eq!(uids(Some("p-11")), ["c-04", "c-04-follow-up", "c-05", "c-05-follow-up", "m-2"]);
    assert_eq!(uids(None).len(), 9 * 2 + 1);
}

#[test]
fn neutral_entries_say_nothing_of_the_plan() {
    let network = network();
    let selection = Selection { participant: None, neutral: true };
    let calendar = unfolded(&export(&network.people[0], &selection, Language::Fi, TODAY));
    assert!(calendar.contains("SUMMARY;LANGUAGE=fi:Verkostosuunnitelma: määräpäivä\r\n"));
    for word in ["Lindsund", "iltakahvila", "Familje", "Tavoite"] {
        assert!(!calendar.contains(word), "{word}");
    }
}

#[test]
fn dates_and_times_that_no_calendar_holds_do_no_harm() {
    let mut network = network();
    for (id, due) in [("far", "99999-01-01"), ("not", "soon"), ("end", "9999-12-31")] {
        network.must(0, &add(Kind::Commitment, id, &json!({ "title": { "sv": id }, "due": due })));
    }
    network.must(0, &edit(Kind::Meeting, "m-2", &json!({ "start": "ååååååååå" })));
    let calendar = calendar(&network, None);
    assert!(calendar.lines().all(|line| !line.starts_with("DTSTART") || line.len() == 27), "{calendar}");
}
