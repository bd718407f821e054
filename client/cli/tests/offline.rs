//! The command line as people and scripts meet it, without a relay: real binary, real files.

mod support;

use serde_json::{Value, json};
use support::{Home, field};

#[test]
fn a_home_is_set_up_once_and_says_so() {
    let home = Home::bare();
    let told = home.fails(1, &["plan", "list"]);
    assert!(told.contains("samverka init"), "{told}");

    home.ok(&["init", "--name", "Rektor", "--organisation", "Lindsunds skola"]);

    let told = home.fails(1, &["init", "--name", "Rektor", "--organisation", "Lindsunds skola"]);
    assert!(told.contains("already"), "{told}");
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_can_read_a_home() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = Home::new();
    home.ok(&["plan", "new", "Plan"]);

    let mode =
        |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(home.path()), 0o700);
}

#[test]
fn wrong_usage_is_two_and_a_failure_is_one() {
    let home = Home::new();

    home.fails(2, &["note", "ad", "x"]);
    home.fails(2, &["commitment", "add", "--what", "x", "--due", "31.2.2027"]);
    home.fails(2, &["invite", "--role", "owner"]);
    let told = home.fails(1, &["note", "add", "x"]);

    assert!(told.contains("no plan here yet"), "{told}");
}

#[test]
fn a_plan_is_found_by_id_beginning_and_title_and_two_that_match_are_named() {
    let home = Home::new();
    let first = home.json(&["plan", "new", "Ingen ensam"]);
    home.ok(&["plan", "show"]);
    let second = home.json(&["plan", "new", "Övergångar"]);
    let id = field(&first, "id").as_str().expect("an id").to_owned();

    let told = home.fails(1, &["plan", "show"]);
    assert!(
        told.contains("2 plans match")
            && told.contains("Ingen ensam")
            && told.contains("Övergångar")
            && told.contains("--plan"),
        "{told}"
    );

    for wanted in [id.as_str(), id.get(..12).expect("ids are long"), "Ingen ensam"] {
        let shown = home.json(&["plan", "show", "--plan", wanted]);
        assert_eq!(field(&shown, "id"), field(&first, "id"), "{wanted}");
    }
    let shown = home.json(&["--plan", "Övergångar", "plan", "show"]);
    assert_eq!(field(&shown, "id"), field(&second, "id"));
    let told = home.fails(1, &["plan", "show", "--plan", "Något annat"]);
    assert!(told.contains("plan list"), "{told}");
}

#[test]
fn notes_are_written_moved_gathered_and_parked() {
    let home = Home::with_plan();
    let note = home.note("Ingen äter ensam i matsalen");
    let from = home.id(&["cluster", "add", "Ensamhet"]);
    let into = home.id(&["cluster", "add", "Gemenskap"]);

    home.ok(&["note", "edit", &note, "Ingen äter ensam"]);
    home.ok(&["note", "move", &note, "--x", "-40", "--y", "120"]);
    home.ok(&["note", "cluster", &note, &from]);
    home.ok(&["cluster", "merge", &from, &into]);

    let notes = home.json(&["note", "list"]);
    let seen = notes.as_array().expect("a list").first().expect("the note");
    assert_eq!(field(seen, "text"), "Ingen äter ensam");
    assert_eq!(field(seen, "cluster"), &json!(into));

    home.ok(&["note", "park", &note]);
    let parked = home.json(&["note", "list"]);
    assert_eq!(field(&parked[0], "state"), "parked");
    home.ok(&["note", "archive", &note]);
    assert_eq!(home.json(&["note", "list"]), json!([]), "archived notes are out of the way");
    assert_eq!(field(&home.json(&["note", "list", "--all"])[0], "state"), "archived");
}

#[test]
fn a_commitment_goes_from_a_suggestion_to_an_accepted_promise() {
    let home = Home::with_plan();
    let goal = home.id(&["goal", "add", "Färre barn känner sig ensamma", "--level", "outcome"]);
    let note = home.note("Kompisbord");
    let id = home.id(&[
        "commitment",
        "add",
        "--what",
        "Kompisbord i matsalen",
        "--owner",
        "me",
        "--done-when",
        "borden står",
        "--next-step",
        "fråga köket",
        "--due",
        "2027-03-31",
        "--goal",
        &goal,
        "--from-note",
        &note,
    ]);
    let show = || home.json(&["commitment", "show", &id]);
    let state = || field(&show(), "state").as_str().expect("a state").to_owned();
    assert_eq!(state(), "suggested");

    home.ok(&["commitment", "promise", &id]);
    home.ok(&["commitment", "start", &id]);
    home.ok(&["commitment", "log", &id, "Köket är med"]);
    home.ok(&["commitment", "renegotiate", &id, "--due", "14.4.2027", "--reason", "påsk"]);
    assert_eq!(state(), "under_way");
    assert_eq!(field(&show(), "due"), "2027-04-14");
    assert_eq!(field(&show(), "times_moved"), 1);

    home.ok(&["commitment", "report-done", &id, "--evidence", "fyra bord"]);
    assert_eq!(state(), "reported_done");
    let told = home.fails(1, &["commitment", "start", &id]);
    assert!(told.contains("does not stand where"), "{told}");

    assert_eq!(home.json(&["commitment", "list", "--mine"]).as_array().map(Vec::len), Some(1));
    assert_eq!(home.json(&["commitment", "list", "--overdue"]).as_array().map(Vec::len), Some(0));
    let events = field(&show(), "events").as_array().expect("events").clone();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["event"]["type"].as_str()).collect();
    assert_eq!(kinds, ["suggest", "promise", "start", "log", "renegotiate", "report_done"]);
}

#[test]
fn what_is_written_offline_is_counted_as_only_here() {
    let home = Home::new();
    home.ok(&["plan", "new", "Plan", "--relay", "http://127.0.0.1:1"]);
    home.ok(&["note", "add", "Bussen går för sällan"]);

    let status = home.json(&["status"]);
    assert!(field(&status, "only_here").as_u64().is_some_and(|count| count > 0), "{status}");
    assert_eq!(field(&status, "unsaved"), 0);

    let run = home.run(&["sync", "--timeout", "5", "--language", "en"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("Nothing is lost"), "{}", run.stdout);
}

#[test]
fn a_text_that_names_a_person_is_remarked_on_and_kept() {
    let home = Home::with_plan();

    let run = home.run(&["note", "add", "pojken (131052-308T) är ensam"]);

    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("identity code"), "{}", run.stderr);
}

#[test]
fn the_plan_comes_out_as_it_went_in() {
    let home = Home::with_plan();
    home.ok(&["goal", "add", "Färre barn känner sig ensamma"]);
    let file = home.path().join("plan.json");
    let file_name = file.to_str().expect("a path in UTF-8");

    home.ok(&["export", "--format", "json", "--out", file_name]);

    let text = std::fs::read_to_string(&file).expect("the file is there");
    assert_eq!(text, home.ok(&["export", "--format", "json"]), "the same in a file and on stdout");
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(plan["title"]["sv"], "Ingen ensam");

    let other = Home::new();
    other.ok(&["plan", "import", file_name]);
    let again: Value = serde_json::from_str(&other.ok(&["export", "--format", "json"])).expect("JSON");
    assert_eq!(again["goals"], plan["goals"]);
}

#[test]
fn everything_that_was_done_is_in_the_log_and_verifies() {
    let home = Home::with_plan();
    let note = home.note("Kompisbord");
    home.ok(&["note", "edit", &note, "Kompisbord i matsalen"]);

    let all = home.json(&["log"]);
    let of_note = home.json(&["log", "--entity", &note]);

    assert!(all.as_array().expect("a list").len() >= 3, "{all}");
    assert_eq!(of_note.as_array().expect("a list").len(), 2, "{of_note}");
    home.ok(&["verify"]);
}

#[test]
fn completions_are_printed_for_every_shell() {
    let home = Home::bare();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(home.ok(&["completions", shell]).contains("samverka"), "{shell}");
    }
}

#[test]
fn many_commands_at_once_each_keep_what_they_wrote() {
    let home = Home::with_plan();

    std::thread::scope(|scope| {
        for number in 0..6 {
            let home = &home;
            scope.spawn(move || home.ok(&["note", "add", &format!("lapp {number}")]));
        }
    });

    let notes = home.json(&["note", "list"]);
    assert_eq!(notes.as_array().expect("a list").len(), 6, "{notes}");
    home.ok(&["verify"]);
}

#[test]
fn a_participant_is_meant_by_role_and_one_who_is_not_here_yet_can_be_asked() {
    let home = Home::with_plan();
    home.ok(&["participant", "add", "Kurator", "--organisation", "Elevvården"]);
    let id = home.id(&["commitment", "add", "--what", "Öppet hus", "--with", "Rektor"]);

    let asked = home.json(&["commitment", "request", &id, "--to", "kurator"]);

    assert_eq!(field(&asked, "state"), "requested");
    let participants = home.json(&["participant", "list"]);
    let known = participants.as_array().expect("a list").iter().find(|one| one["role_title"] == "Kurator");
    assert_eq!(known.map(|one| &one["id"]), Some(field(&asked, "asked")));
    let told = home.fails(1, &["commitment", "request", &id, "--to", "Nobody"]);
    assert!(told.contains("there is no participant Nobody"), "{told}");
}

#[test]
fn the_command_line_speaks_the_language_that_is_asked_for() {
    let home = Home::with_plan();
    let say = |language| home.run(&["note", "list", "--language", language]).stderr;

    assert!(say("sv-FI").contains("Väggen är tom"));
    assert!(say("fi").contains("Seinä on tyhjä"));
    assert!(say("en").contains("The wall is empty"));
    home.fails(2, &["note", "list", "--language", "de"]);
}

#[test]
fn relays_are_added_and_removed() {
    let home = Home::with_plan();

    let told = home.fails(1, &["invite"]);
    assert!(told.contains("relay"), "{told}");
    home.ok(&["plan", "relay", "add", "https://rela.example/"]);
    let link = home.ok(&["invite"]);
    assert!(link.starts_with("https://rela.example/#/join/") && link.lines().count() == 1, "{link}");
    let left = home.json(&["plan", "relay", "remove", "https://rela.example"]);
    assert_eq!(left, json!({ "relays": [] }));
}

#[test]
fn every_format_is_written_and_what_can_be_is_read_again() {
    let home = Home::with_plan();
    home.ok(&["note", "add", "=1+1 är en lapp", "Kompisbord"]);
    home.ok(&[
        "commitment",
        "add",
        "--what",
        "Kompisbord i matsalen",
        "--owner",
        "me",
        "--due",
        "2027-03-31",
    ]);

    assert!(home.ok(&["export", "--format", "markdown"]).contains("Kompisbord i matsalen"));
    let notes = home.ok(&["export", "--format", "csv", "--what", "notes"]);
    assert!(notes.starts_with('\u{feff}') && notes.contains("'=1+1"), "{notes}");
    let calendar = home.ok(&["export", "--format", "ics", "--what", "me"]);
    assert!(calendar.contains("DTSTART;VALUE=DATE:20270331"), "{calendar}");
    home.fails(1, &["export", "--format", "csv", "--what", "people"]);
    let file = |name: &str| home.path().join(name).to_str().expect("a path in UTF-8").to_owned();
    home.ok(&["export", "--format", "automerge", "--out", &file("plan.automerge")]);
    home.ok(&["export", "--format", "csv", "--what", "notes", "--out", &file("notes.csv")]);
    std::fs::write(file("lines.txt"), "Ensamhet:\n- Ingen äter ensam\n- Bussen\n").expect("a file");

    let other = Home::with_plan();
    other.ok(&["import", &file("notes.csv")]);
    other.ok(&["import", &file("lines.txt")]);

    let notes = other.json(&["note", "list"]);
    let mut texts: Vec<&str> =
        notes.as_array().expect("a list").iter().filter_map(|n| n["text"].as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["=1+1 är en lapp", "Bussen", "Ingen äter ensam", "Kompisbord"]);
    other.fails(1, &["import", &file("plan.automerge")]);
}

#[test]
fn a_vote_is_opened_given_dots_and_closed_and_the_plan_is_agreed_to() {
    let home = Home::with_plan();
    let item = home.id(&["cluster", "add", "Ensamhet"]);
    let vote = home.id(&["vote", "new", "Vad först?", "--dots", "3", "--max-per-item", "2"]);

    home.ok(&["vote", "cast", &vote, &format!("{item}=2")]);
    let told = home.fails(1, &["vote", "cast", &vote, &format!("{item}=3")]);
    assert!(told.contains("more dots"), "{told}");
    let closed = home.json(&["vote", "close", &vote]);

    assert_eq!(closed["totals"][&item], 2, "{closed}");
    let agreed = home.json(&["plan", "agree"]);
    assert_eq!(field(&agreed, "agreements").as_array().map(Vec::len), Some(1), "{agreed}");
}

#[test]
fn two_commitments_that_are_the_same_go_on_as_one() {
    let home = Home::with_plan();
    let first = home.id(&["commitment", "add", "--what", "Fråga församlingen om lokal"]);
    let second = home.id(&["commitment", "add", "--what", "Be församlingen om lokal"]);
    let shown = home.json(&["commitment", "show", &first]);
    assert_eq!(field(&shown, "similar"), &json!([second]));

    home.ok(&["commitment", "merge", &second, &first]);

    let merged = home.json(&["commitment", "show", &second]);
    assert_eq!(field(&merged, "merged_into"), &json!(first));
}

#[test]
fn whoever_begins_a_plan_from_a_file_is_the_participant_that_they_say_and_no_other() {
    let home = Home::new();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/sample-plan.json");

    home.ok(&["plan", "import", file, "--as", "p-01"]);

    let participants = home.json(&["participant", "list"]);
    let participants = participants.as_array().expect("a list");
    assert_eq!(participants.len(), 14, "those of the file and nobody else");
    let spoken_for = |one: &&Value| one["members"].as_array().is_some_and(|members| !members.is_empty());
    let spoken_for: Vec<&Value> = participants.iter().filter(spoken_for).collect();
    assert_eq!(spoken_for.len(), 1);
    assert_eq!(spoken_for[0]["id"], "p-01");
    let shown = home.json(&["plan", "show"]);
    assert_eq!(
        (&shown["counts"]["participants"], &shown["counts"]["organisations"]),
        (&json!(14), &json!(6))
    );
    // As the leader that the file says p-01 is.
    home.ok(&["commitment", "cancel", "c-04", "--reason", "bron är stängd"]);

    for id in ["c-03", "n-007", "p-11"] {
        let log = home.json(&["log", "--entity", id]);
        let deeds: Vec<&Value> = log
            .as_array()
            .expect("a list")
            .iter()
            .flat_map(|item| item["deeds"].as_array())
            .flatten()
            .collect();
        assert!(deeds.iter().any(|deed| deed["what"] == "import"), "{id}: {log}");
    }
}
