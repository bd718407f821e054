//! Plaintext canaries: a marker typed into every kind of field that the command line has, and every text of the sample
//! plan, are found in no file of the relay, no line of its log (at its most talkative), no answer of its `/metrics`,
//! and no frame that passes between it and its clients, in either direction. Names of files count too.
//!
//! The marker is looked for as UTF-8, UTF-16, hexadecimal and Base64 at every alignment. What is compressed first would
//! slip through; that nothing is sent compressed and unsealed rests on the frames' types (`room` and `server` name no
//! type that holds plaintext, which `server/tests/walls.rs` proves).
//!
//! So that a search that cannot find anything is not taken for a proof, the same search has to find every canary in the
//! export of a client, and the plan's public id in the frames.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use samverka_tests::network::{admit, text};
use samverka_tests::{Home, Proxy, Relay, folder};
use serde_json::Value as Json;

/// What every canary contains: no word of any language, and no bytes that chance produces.
const MARKER: &str = "kanarieqvx7";
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/sample-plan.json");

/// What was typed, by the kind of field.
#[derive(Default)]
struct Canaries(Vec<String>);

impl Canaries {
    /// A new one, for this kind of field.
    fn new_in(&mut self, field: &str) -> String {
        let canary = format!("{MARKER} {field} {}", self.0.len());
        self.0.push(canary.clone());
        canary
    }
}

#[test]
fn nothing_that_people_type_is_found_at_the_relay_or_on_the_way_there() -> Result<()> {
    let folder = folder()?;
    let proxy = Proxy::bind()?;
    let arguments = ["--log", "trace", "--public-url", &proxy.url()];
    let mut relay = Relay::start_with(&folder.path().join("relay"), &arguments)?;
    proxy.lead_to(relay.address())?;
    let mut canaries = Canaries::default();
    let mut person = |name: &str| {
        let said = ["name", "organisation", "role"].map(|field| canaries.new_in(&format!("{name} {field}")));
        let home = Home::bare(&folder.path().join(name));
        home.ok(&["init", "--name", &said[0], "--organisation", &said[1], "--role", &said[2]])?;
        anyhow::Ok(home)
    };
    let (founder, second, refused) = (person("founder")?, person("second")?, person("refused")?);
    let title = canaries.new_in("plan title");
    let plan = founder.json(&["plan", "new", &title, "--relay", &proxy.url()])?;
    let plan = text(&plan, "id")?.to_owned();
    founder.ok(&["sync"])?;
    admit(&founder, &second)?;
    let at_the_door = at_the_door(&founder, &refused)?;
    type_everywhere(&founder, &second, &mut canaries)?;
    let sample = founder.json(&["plan", "import", SAMPLE, "--relay", &proxy.url()])?;
    founder.ok(&["--plan", text(&sample, "id")?, "sync"])?;

    // The search finds what is there to be found.
    let export = second.ok(&["export", "--format", "json"])?;
    let profiles = second.ok(&["members", "--json"])? + &at_the_door;
    for canary in &canaries.0 {
        ensure!(
            found(export.as_bytes(), canary) || found(profiles.as_bytes(), canary),
            "{canary} reached nobody"
        );
    }
    let secrets = sample_texts()?;
    ensure!(secrets.len() > 200, "{} texts in the sample are few", secrets.len());
    let id = HEXLOWER.decode(plan.as_bytes())?;
    let (to_relay, to_client) = (proxy.sent_by_clients()?, proxy.sent_by_relay()?);
    for pieces in [&to_relay, &to_client] {
        ensure!(pieces.iter().any(|piece| contains(piece, &id)), "the plan's id is not seen in the frames");
    }

    let planted = [
        HEXUPPER.encode(MARKER.as_bytes()),
        BASE64.encode(MARKER.as_bytes()),
        BASE64.encode(format!("a{MARKER}b").as_bytes()),
        BASE64.encode(format!("aa{MARKER}bb").as_bytes()),
    ];
    for code in planted {
        ensure!(found(code.as_bytes(), MARKER), "the search does not see {code}");
    }

    // And finds nothing where nothing may be.
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    places.extend(to_relay.into_iter().map(|piece| ("what a client sent".to_owned(), piece)));
    places.extend(to_client.into_iter().map(|piece| ("what the relay sent".to_owned(), piece)));
    // A relay that is sent plaintext by mistake keeps none of it either.
    // The web app, where it is built in, is the answer to any address; nothing is known at the other one.
    for (path, status) in [(format!("/{MARKER}?{MARKER}={MARKER}"), " "), (format!("/sync?{MARKER}"), " 40")]
    {
        let answer = get(&relay, &path, &format!("Referer: {MARKER}\r\n"))?;
        ensure!(contains(&answer, status.as_bytes()), "{path} answers {}", String::from_utf8_lossy(&answer));
        places.push((format!("the answer to {path}"), answer));
    }
    let answer = get(&relay, "/metrics", "")?;
    ensure!(contains(&answer, b" 200 "), "no metrics: {}", String::from_utf8_lossy(&answer));
    places.push(("/metrics".to_owned(), answer));
    places.push(("its statistics".to_owned(), relay.command(&["stats", "--json"])?.into_bytes()));
    relay.command(&["backup", &folder.path().join("relay/backup.db").to_string_lossy()])?;
    read_all(relay.data(), &mut places)?;
    relay.stop()?;
    read_all(relay.data(), &mut places)?;
    let log = relay.log()?;
    ensure!(log.contains("serving") && log.contains("stopped"), "the log is read: {log}");
    places.push(("its log".to_owned(), log.into_bytes()));
    for (place, bytes) in &places {
        ensure!(!found(bytes, MARKER), "a canary in {place}: {:?}", around(bytes));
        for secret in &secrets {
            ensure!(!contains(bytes, secret.as_bytes()), "{secret} of the sample in {place}");
        }
    }
    relay.command(&["check"])?;
    Ok(())
}

/// Somebody knocks and is refused. Answers what the admin saw.
fn at_the_door(admin: &Home, newcomer: &Home) -> Result<String> {
    let invitation = admin.json(&["invite"])?;
    admin.ok(&["sync"])?;
    newcomer.ok(&["join", text(&invitation, "link")?, "--no-wait"])?;
    admin.ok(&["sync"])?;
    let knocks = admin.json(&["knocks"])?;
    admin.ok(&["refuse", text(&knocks[0], "device")?])?;
    admin.ok(&["sync"])?;
    Ok(knocks.to_string())
}

/// Types a canary into every field of every command.
fn type_everywhere(founder: &Home, second: &Home, canaries: &mut Canaries) -> Result<()> {
    let mut new = |field: &str| canaries.new_in(field);
    founder.ok(&["plan", "edit", "--purpose", &new("purpose")])?;
    founder.ok(&["participant", "add", &new("participant"), "--organisation", &new("organisation")])?;
    let cluster = founder.json(&["cluster", "add", &new("cluster title")])?;
    let cluster = text(&cluster, "id")?.to_owned();
    let note = founder.json(&["note", "add", &new("note"), "--cluster", &cluster])?;
    founder.ok(&[
        "note",
        "edit",
        note["ids"][0].as_str().context("an id")?,
        &new("note in another language"),
        "--language",
        "en",
    ])?;
    founder.ok(&["board", "new", &new("board title")])?;
    let goal = founder.json(&["goal", "add", &new("goal")])?;
    let goal = goal["id"].as_str().context("a goal's id")?.to_owned();
    founder.ok(&["indicator", "add", &new("indicator name"), "--goal", &goal, "--unit", &new("unit")])?;
    let decision = founder.json(&["decision", "add", &new("decision")])?;
    let decision = decision["id"].as_str().context("a decision's id")?.to_owned();
    let fields = ["done when", "next step", "support"].map(&mut new);
    let [done_when, next_step, support] = &fields;
    let first = commitment(
        founder,
        &new("commitment"),
        &["--owner", "me", "--done-when", done_when, "--next-step", next_step, "--support", support],
    )?;
    founder.ok(&["commitment", "promise", &first])?;
    founder.ok(&["commitment", "start", &first])?;
    founder.ok(&["commitment", "log", &first, &new("log")])?;
    founder.ok(&[
        "commitment",
        "renegotiate",
        &first,
        "--due",
        "2027-05-05",
        "--reason",
        &new("why it moves"),
    ])?;
    founder.ok(&["commitment", "report-done", &first, "--evidence", &new("evidence")])?;
    let (declined, countered) =
        (commitment(founder, &new("second"), &[])?, commitment(founder, &new("third"), &[])?);
    let members = second.json(&["members"])?;
    let me = members.as_array().context("members")?.iter().find(|one| one["me"] == true).context("me")?;
    for asked in [&declined, &countered] {
        founder.ok(&["commitment", "request", asked, "--to", text(me, "participant")?])?;
    }
    let outside = commitment(founder, &new("fourth"), &[])?;
    founder.ok(&[
        "commitment",
        "request",
        &outside,
        "--to",
        &format!("external:{}", new("somebody outside")),
    ])?;
    founder.ok(&["commitment", "cancel", &outside, "--reason", &new("why cancelled")])?;
    let given_up = commitment(founder, &new("fifth"), &["--owner", "me"])?;
    founder.ok(&["commitment", "promise", &given_up])?;
    founder.ok(&["commitment", "withdraw", &given_up, "--reason", &new("why withdrawn")])?;
    let handed = commitment(founder, &new("sixth"), &["--owner", "me"])?;
    founder.ok(&["commitment", "promise", &handed])?;
    let to = text(me, "participant")?;
    founder.ok(&["commitment", "hand-over", &handed, "--to", to, "--reason", &new("why handed over")])?;
    founder.ok(&["sync"])?;
    second.ok(&["sync"])?;
    second.ok(&["commitment", "decline", &declined, "--reason", &new("why declined")])?;
    second.ok(&["commitment", "counter", &countered, "--text", &new("counter-offer")])?;
    second.ok(&["commitment", "not-yet", &first, "--reason", &new("why not yet")])?;
    second.ok(&["decision", "dissent", &decision, &new("dissent")])?;
    second.ok(&["sync"])?;
    founder.ok(&["sync"])?;
    Ok(())
}

fn commitment(home: &Home, what: &str, fields: &[&str]) -> Result<String> {
    let made = home.json(&[&["commitment", "add", "--what", what], fields].concat())?;
    Ok(text(&made, "id")?.to_owned())
}

/// Every string of the sample plan that is long enough not to be there by chance.
fn sample_texts() -> Result<BTreeSet<String>> {
    fn collect(json: &Json, texts: &mut BTreeSet<String>) {
        match json {
            Json::String(text) if text.len() >= 10 => drop(texts.insert(text.clone())),
            Json::Array(list) => list.iter().for_each(|one| collect(one, texts)),
            Json::Object(fields) => fields.values().for_each(|one| collect(one, texts)),
            _ => {}
        }
    }
    let mut texts = BTreeSet::new();
    collect(&serde_json::from_slice(&fs::read(SAMPLE)?)?, &mut texts);
    Ok(texts)
}

/// Whether a text is there, in any of the ways in which programs write texts.
fn found(bytes: &[u8], text: &str) -> bool {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex = [HEXLOWER.encode(text.as_bytes()), HEXUPPER.encode(text.as_bytes())];
    let base64 = (0..3).map(|shift| {
        let shifted = [vec![0; shift], text.as_bytes().to_vec()].concat();
        let whole = (shifted.len() * 8) / 6;
        let coded = BASE64.encode(&shifted);
        coded.get((shift * 8).div_ceil(6)..whole).unwrap_or_default().to_owned()
    });
    let codes = hex.into_iter().chain(base64).map(String::into_bytes);
    [text.as_bytes().to_vec(), utf16].into_iter().chain(codes).any(|code| contains(bytes, &code))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn around(bytes: &[u8]) -> String {
    let place =
        bytes.windows(MARKER.len()).position(|window| window == MARKER.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(place..(place + 60).min(bytes.len())).unwrap_or_default()).into_owned()
}

/// Every file under a folder with what it is called and what it holds.
fn read_all(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.display().to_string();
        if path.is_dir() {
            read_all(&path, places)?;
        } else {
            places.push((name.clone(), fs::read(&path)?));
        }
        places.push((format!("the name {name}"), name.into_bytes()));
    }
    Ok(())
}

fn get(relay: &Relay, path: &str, header: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(relay.address())?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: relay\r\n{header}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
