//! Journey 7.2 of the domain notes, played literally: home services are two days without a connection while the
//! school edits the same plan, and what comes out when the tablet is back is held against the table there, row by row.
//!
//! Each act is done at its place in the table's order, in the home of whoever does it; the school's four people sync
//! after each of theirs, the tablet never does until 16.20.
//!
//! Two rows are left out, since the command line has no way to play them: the clock that goes two hours wrong (nothing
//! sets a process's clock but the system's own), and the tablet's summary "Medan du var borta" (a view of the
//! application). What the summary counts, the changes and the questions, is asserted all the same.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use samverka_tests::network::{Network, admit_as, text};
use samverka_tests::{Home, Relay, folder};
use serde_json::{Value as Json, json};

/// The school's people and the tablet's owner: who they are in the sample plan.
struct People {
    leader: Home,
    teacher: Home,
    early: Home,
    curator: Home,
    tablet: Home,
    network: Network,
}

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/sample-plan.json");

impl People {
    fn gather(folder: &Path, relay: &Relay) -> Result<Self> {
        let at =
            |name: &str, role: &str, organisation: &str| Home::new(&folder.join(name), role, organisation);
        let leader = at("p-01", "Rektor", "Lindsunds skola")?;
        let teacher = at("p-02", "Klasslärare", "Lindsunds skola")?;
        let early = at("p-05", "Lärare inom småbarnspedagogik", "Daghemmet Tallkotten")?;
        let curator = at("p-09", "Kurator", "Elevvården (psykolog, kurator)")?;
        let tablet = at("p-11", "Familjearbetare", "Hemservicen för barnfamiljer")?;
        let plan = leader.json(&["plan", "import", SAMPLE, "--as", "p-01", "--relay", &relay.url()])?;
        let plan = text(&plan, "id")?.to_owned();
        leader.ok(&["sync"])?;
        for (home, participant) in
            [(&teacher, "p-02"), (&early, "p-05"), (&curator, "p-09"), (&tablet, "p-11")]
        {
            admit_as(&leader, home, participant)?;
        }
        let homes = [&leader, &teacher, &early, &curator, &tablet].map(Clone::clone).to_vec();
        let people = Self { leader, teacher, early, curator, tablet, network: Network { homes, plan } };
        people.network.settle(3)?;
        for (home, participant) in people.network.homes.iter().zip(["p-01", "p-02", "p-05", "p-09", "p-11"]) {
            let members = home.json(&["members"])?;
            let me = find(&members, "me", &json!(true))?;
            ensure!(
                me["participant"] == participant,
                "{} is in the plan as {}",
                participant,
                me["participant"]
            );
        }
        Ok(people)
    }

    /// What tablet and school do, in the order of the table. Answers the ids of the tablet's c-10, of its twin and of
    /// the note in cl-3.
    fn two_days(&self) -> Result<(String, String, String)> {
        let Self { leader, teacher, early, curator, tablet, .. } = self;
        // Tuesday 7.40 was the last contact.
        tablet.ok(&["commitment", "start", "c-04"])?;
        tablet.ok(&["commitment", "log", "c-04", "Bygården bokad 24.2"])?;
        online(
            early,
            &["commitment", "edit", "c-04", "--done-when", &(done_when(early)? + "; tolk på plats")],
        )?;
        let made = ["commitment", "add", "--what", "Fråga församlingen om lokal", "--owner", "me"];
        let c10 = text(&tablet.json(&made)?, "id")?.to_owned();
        tablet.ok(&[
            "commitment",
            "edit",
            "c-04",
            "--done-when",
            &("Kaffe och läxhjälp. ".to_owned() + &done_when(tablet)?),
        ])?;
        online(
            leader,
            &["commitment", "renegotiate", "c-04", "--due", "2027-04-07", "--reason", "sportlov"],
        )?;
        online(curator, &["cluster", "merge", "cl-3", "cl-2"])?;
        // Wednesday.
        let made = ["commitment", "add", "--what", "Be församlingen om lokal", "--owner", "me"];
        let twin = text(&online(teacher, &made)?, "id")?.to_owned();
        let reason = "menföre, bron stängd";
        tablet.ok(&["commitment", "renegotiate", "c-04", "--due", "2027-04-14", "--reason", reason])?;
        let made =
            tablet.json(&["note", "add", "Mormor hjälper gärna till i kaféet", "--cluster", "cl-3"])?;
        let note = made["ids"][0].as_str().context("a note's id")?.to_owned();
        online(leader, &["commitment", "cancel", "c-05", "--reason", "mallen finns redan"])?;
        tablet.ok(&["commitment", "log", "c-05", "Provade mallen med en familj"])?;
        for home in [leader, teacher, early, curator] {
            home.ok(&["sync"])?;
        }
        Ok((c10, twin, note))
    }
}

#[test]
fn what_a_tablet_did_offline_for_two_days_comes_together_with_what_the_school_did() -> Result<()> {
    let folder = folder()?;
    let mut relay = Relay::start(&folder.path().join("relay"))?;
    let people = People::gather(folder.path(), &relay)?;
    let before = people.tablet.json(&["commitment", "list"])?.as_array().context("commitments")?.len();
    let (c10, twin, note) = people.two_days()?;

    // Offline the tablet has everything that was done on it, and says that it waits.
    let status = people.tablet.json(&["status"])?;
    ensure!(status["only_here"].as_u64() > Some(0), "the tablet's queue shows: {status}");
    ensure!(people.tablet.json(&["commitment", "show", "c-04"])?["due"] == "2027-04-14");

    // 16.20.
    people.tablet.ok(&["sync"])?;
    people.network.settle(3)?;
    for home in &people.network.homes {
        row_text(home)?;
        row_date(home)?;
        row_twins(home, &c10, &twin)?;
        row_note(home, &note)?;
        row_talk(home)?;
        row_never(home, before)?;
    }
    ensure!(people.tablet.json(&["status"])?["only_here"] == 0, "the tablet's queue is empty");
    settled_by_the_owner(&people)?;
    for home in &people.network.homes {
        let verdict = home.json(&["verify"])?;
        ensure!(verdict["faults"] == json!([]) && verdict["left_out"] == json!([]), "verify found {verdict}");
    }
    relay.stop()?;
    relay.command(&["check"])?;
    Ok(())
}

/// | c-04 text | both additions present |
fn row_text(home: &Home) -> Result<()> {
    let done_when = done_when(home)?;
    let expected = "Kaffe och läxhjälp. Tre kvällar har hållits och daghemmet har fått en halv sida lärdomar; tolk på plats";
    ensure!(done_when == expected, "c-04 is done when: {done_when}");
    Ok(())
}

/// | c-04 date | 14.4 (the owner's act) with 7.4 shown as proposal from the leader; p-11 sees one question |
fn row_date(home: &Home) -> Result<()> {
    let c04 = home.json(&["commitment", "show", "c-04"])?;
    ensure!(c04["due"] == "2027-04-14", "c-04 is due {}", c04["due"]);
    let [proposal] = list(&c04["proposals"])? else {
        anyhow::bail!("one question, not {}", c04["proposals"])
    };
    ensure!(proposal["due"] == "2027-04-07" && proposal["by"] == "p-01", "the proposal is {proposal}");
    ensure!(proposal["reason"] == "sportlov", "the proposal is {proposal}");
    ensure!(c04["times_moved"] == 1, "moved {} times", c04["times_moved"]);
    let moved = find(&c04["events"], "event/type", &json!("renegotiate"))?;
    ensure!(moved["event"]["reason"] == "menföre, bron stängd", "the move is {moved}");
    Ok(())
}

/// | c-10 and the school's twin | both kept, "Liknar" hint |
fn row_twins(home: &Home, c10: &str, twin: &str) -> Result<()> {
    for (id, other, title) in
        [(c10, twin, "Fråga församlingen om lokal"), (twin, c10, "Be församlingen om lokal")]
    {
        let one = home.json(&["commitment", "show", id])?;
        ensure!(one["title"] == title, "{id} is {}", one["title"]);
        ensure!(list(&one["similar"])?.iter().any(|id| id == other), "{title} is like {}", one["similar"]);
    }
    Ok(())
}

/// | note in cl-3 | shows in cl-2 |
fn row_note(home: &Home, note: &str) -> Result<()> {
    let notes = home.json(&["note", "list"])?;
    let note = find(&notes, "id", &json!(note))?;
    ensure!(note["cluster"] == "cl-2", "the note shows in {}", note["cluster"]);
    ensure!(note["text"] == "Mormor hjälper gärna till i kaféet", "the note is {note}");
    let clusters = home.json(&["cluster", "list"])?;
    ensure!(find(&clusters, "id", &json!("cl-3"))?["part_of"] == "cl-2", "cl-3 is part of cl-2");
    Ok(())
}

/// | c-05 | "needs a talk": cancel and later log both shown |
fn row_talk(home: &Home) -> Result<()> {
    let c05 = home.json(&["commitment", "show", "c-05"])?;
    ensure!(c05["state"] == "needs_talk", "c-05 is {}", c05["state"]);
    let cancel = find(&c05["events"], "event/type", &json!("cancel"))?;
    let log = find(&c05["events"], "event/type", &json!("log"))?;
    ensure!(
        cancel["event"]["reason"] == "mallen finns redan" && cancel["by"] == "p-01",
        "the cancel is {cancel}"
    );
    ensure!(
        log.to_string().contains("Provade mallen med en familj") && log["by"] == "p-11",
        "the log is {log}"
    );
    for record in [cancel, log] {
        ensure!(record["ineffective"] == Json::Null, "neither is without effect: {record}");
        ensure!(list(&c05["talk"])?.contains(&record["record"]), "the talk is about {}", c05["talk"]);
    }
    Ok(())
}

/// | never | duplicates of c-04, lost log |
fn row_never(home: &Home, before: usize) -> Result<()> {
    let all = home.json(&["commitment", "list"])?;
    let all = list(&all)?;
    ensure!(all.len() == before + 2, "{} commitments became {}", before, all.len());
    let cafes =
        all.iter().filter(|one| one["title"].as_str().is_some_and(|title| title.contains("kvällscaféer")));
    ensure!(cafes.count() == 1, "c-04 is there once");
    let c04 = home.json(&["commitment", "show", "c-04"])?;
    ensure!(c04["state"] == "under_way", "c-04 was started: {}", c04["state"]);
    let log = find(&c04["events"], "event/type", &json!("log"))?;
    ensure!(log.to_string().contains("Bygården bokad 24.2"), "the log is {log}");
    Ok(())
}

/// | times moved = 1 after settlement | and after the talk about c-05, what was said there holds everywhere.
fn settled_by_the_owner(people: &People) -> Result<()> {
    people.tablet.ok(&["commitment", "keep-due", "c-04"])?;
    people.tablet.ok(&["sync"])?;
    online(&people.leader, &["commitment", "settle-talk", "c-05", "cancelled"])?;
    people.network.settle(3)?;
    for home in &people.network.homes {
        let c04 = home.json(&["commitment", "show", "c-04"])?;
        ensure!(c04["due"] == "2027-04-14" && c04["proposals"] == json!([]), "after settlement: {c04}");
        ensure!(c04["times_moved"] == 1, "moved {} times after settlement", c04["times_moved"]);
        let c05 = home.json(&["commitment", "show", "c-05"])?;
        ensure!(c05["state"] == "cancelled" && c05["talk"] == json!([]), "after the talk: {c05}");
        ensure!(find(&c05["events"], "event/type", &json!("log")).is_ok(), "the log stays: {c05}");
    }
    Ok(())
}

fn done_when(home: &Home) -> Result<String> {
    Ok(text(&home.json(&["commitment", "show", "c-04"])?, "done_when")?.to_owned())
}

/// A command of somebody who is connected.
fn online(home: &Home, arguments: &[&str]) -> Result<Json> {
    home.ok(&["sync"])?;
    let said = home.json(arguments)?;
    home.ok(&["sync"])?;
    Ok(said)
}

fn list(value: &Json) -> Result<&[Json]> {
    Ok(value.as_array().context("a list")?)
}

/// The one whose `path` (`/` between names) has this value.
fn find<'a>(all: &'a Json, path: &str, wanted: &Json) -> Result<&'a Json> {
    let is = |one: &&Json| one.pointer(&format!("/{path}")) == Some(wanted);
    list(all)?.iter().find(is).with_context(|| format!("nothing with {path} = {wanted} in {all}"))
}
