//! Notes, clusters and boards.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use samverka_plan::{Command, DocumentHex, EntityRef, Kind, NoteView};
use serde_json::{Value as Json, json};

use super::{access, entity, texts};
use crate::args::{Arguments, BoardCommand, ClusterCommand, NoteCommand};
use crate::session::{DONE, Session};
use crate::values::{one_of, short};
use crate::words::Word;

/// The colours of notes, each with its second sign.
const COLOURS: [&str; 7] = ["butter", "birch", "sky", "rose", "heather", "clay", "paper"];

pub(super) fn note(arguments: &Arguments, command: &NoteCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, NoteCommand::List { .. })))?;
    let done = match command {
        NoteCommand::Add { text, board, cluster, colour } => {
            return add(&mut session, text, board.as_deref(), cluster.as_deref(), colour.as_deref());
        }
        NoteCommand::List { board, all } => return list(&session, board.as_deref(), *all),
        NoteCommand::Edit { id, text } => {
            (id, BTreeMap::from([("text".to_owned(), json!(texts(&session, text)))]))
        }
        NoteCommand::Move { id, x, y } => {
            (id, BTreeMap::from([("x".to_owned(), json!(x)), ("y".to_owned(), json!(y))]))
        }
        NoteCommand::Cluster { id, cluster } => {
            let cluster =
                cluster.as_deref().map(|typed| entity(&session, Kind::Cluster, typed)).transpose()?;
            (id, BTreeMap::from([("cluster".to_owned(), json!(cluster.map(|cluster| cluster.id)))]))
        }
        NoteCommand::Park { id } => (id, state("parked")),
        NoteCommand::Archive { id } => (id, state("archived")),
        NoteCommand::Restore { id } => (id, state("revealed")),
    };
    let (typed, fields) = done;
    let note = entity(&session, Kind::Note, typed)?;
    session.execute(&Command::Edit { entity: note.clone(), fields })?;
    let views = session.workspace()?.notes(None, session.language());
    let view = views.iter().find(|view| view.id == note.id);
    session.output.result(&json!(view), || view.map(|note| line(&session, note)).into_iter().collect())?;
    Ok(DONE)
}

fn state(word: &str) -> BTreeMap<String, Json> {
    BTreeMap::from([("state".to_owned(), json!(word))])
}

fn add(
    session: &mut Session,
    lines: &[String],
    board: Option<&str>,
    cluster: Option<&str>,
    colour: Option<&str>,
) -> Result<ExitCode> {
    if let Some(colour) = colour
        && !COLOURS.contains(&colour)
    {
        bail!("there is no colour {colour}: a note is {}", COLOURS.join(", "));
    }
    let language = session.language();
    let board = board.map(|typed| find_board(session, typed)).transpose()?;
    let cluster = cluster.map(|typed| entity(session, Kind::Cluster, typed)).transpose()?;
    let mut made = Vec::new();
    for text in typed_or_piped(lines)? {
        let mut fields = BTreeMap::from([
            ("text".to_owned(), json!({ language.text_key(): text })),
            ("lang".to_owned(), json!(language.tag())),
        ]);
        if let Some(cluster) = &cluster {
            fields.insert("cluster".to_owned(), json!(cluster.id));
        }
        if let Some(colour) = colour {
            fields.insert("colour".to_owned(), json!(colour));
        }
        let outcome = session.execute(&Command::Add { kind: Kind::Note, id: None, board, fields })?;
        made.extend(outcome.entities.into_iter().map(|entity| entity.id));
    }
    session.output.result(&json!({ "ids": made }), || made.clone())?;
    Ok(DONE)
}

/// The texts as they were typed; `-` stands for the lines of the standard input.
fn typed_or_piped(typed: &[String]) -> Result<Vec<String>> {
    if typed != ["-"] {
        return Ok(typed.to_vec());
    }
    let text =
        std::io::read_to_string(std::io::stdin().lock()).context("the standard input cannot be read")?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn list(session: &Session, board: Option<&str>, all: bool) -> Result<ExitCode> {
    let board = board.map(|typed| find_board(session, typed)).transpose()?.map(|board| board.0);
    let mut notes = session.workspace()?.notes(board, session.language());
    notes.retain(|note| all || note.state != "archived");
    let row = |note: &NoteView| {
        vec![
            short(&note.id).to_owned(),
            state_said(session, note),
            cluster_title(session, note.cluster.as_deref()),
            note.text.clone(),
            note.author.as_deref().map(|author| session.called(author)).unwrap_or_default(),
        ]
    };
    let head = [Word::Id, Word::State, Word::Theme, Word::Text, Word::Author];
    session.output.list(
        &json!(notes),
        &head,
        &notes.iter().map(row).collect::<Vec<_>>(),
        Some(Word::NoNotes),
    )?;
    Ok(DONE)
}

fn line(session: &Session, note: &NoteView) -> String {
    let state = state_said(session, note);
    let state = if state.is_empty() { state } else { format!("  [{state}]") };
    format!("{}  {}{state}", short(&note.id), note.text)
}

/// Where a note is, unless it hangs on the wall as notes do.
fn state_said(session: &Session, note: &NoteView) -> String {
    let say = |word| session.output.say(word, &[]);
    match note.state.as_str() {
        "revealed" => String::new(),
        _ if note.archived_and_edited => say(Word::ArchivedAndEdited),
        "parked" => say(Word::Parked),
        "archived" => say(Word::Archived),
        other => other.to_owned(),
    }
}

fn cluster_title(session: &Session, cluster: Option<&str>) -> String {
    let Some(cluster) = cluster else { return String::new() };
    let Ok(workspace) = session.workspace() else { return String::new() };
    workspace.text(&EntityRef::new(Kind::Cluster, cluster), "title", session.language().tag())
}

pub(super) fn find_board(session: &Session, typed: &str) -> Result<DocumentHex> {
    let workspace = session.workspace()?;
    let boards = workspace.boards();
    let tag = session.language().tag();
    let named: Vec<_> = boards
        .iter()
        .filter(|board| {
            workspace.text(&EntityRef::new(Kind::Board, board.to_string()), "title", tag) == typed
        })
        .collect();
    if let [one] = named.as_slice() {
        return Ok(DocumentHex(**one));
    }
    let ids: Vec<String> = boards.iter().map(ToString::to_string).collect();
    Ok(DocumentHex(one_of("board", typed, &ids)?.parse()?))
}

pub(super) fn cluster(arguments: &Arguments, command: &ClusterCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, ClusterCommand::List)))?;
    let id = match command {
        ClusterCommand::Add { title, board } => {
            let board = board.as_deref().map(|typed| find_board(&session, typed)).transpose()?;
            let fields = BTreeMap::from([("title".to_owned(), json!(texts(&session, title)))]);
            let outcome = session.execute(&Command::Add { kind: Kind::Cluster, id: None, board, fields })?;
            outcome.entities.first().map(|entity| entity.id.clone()).unwrap_or_default()
        }
        ClusterCommand::Edit { id, title } => {
            let cluster = entity(&session, Kind::Cluster, id)?;
            let fields = BTreeMap::from([("title".to_owned(), json!(texts(&session, title)))]);
            session.execute(&Command::Edit { entity: cluster.clone(), fields })?;
            cluster.id
        }
        ClusterCommand::Merge { from, into } => {
            let from = entity(&session, Kind::Cluster, from)?;
            let into = entity(&session, Kind::Cluster, into)?;
            session.execute(&Command::MergeClusters { from: from.id, into: into.id.clone() })?;
            into.id
        }
        ClusterCommand::List => {
            let workspace = session.workspace()?;
            let notes = workspace.notes(None, session.language());
            let rows: Vec<(String, String, String, usize)> = workspace
                .ids(Kind::Cluster)
                .into_iter()
                .map(|id| {
                    let title = workspace.text(
                        &EntityRef::new(Kind::Cluster, id.clone()),
                        "title",
                        session.language().tag(),
                    );
                    let count = notes.iter().filter(|note| note.cluster.as_deref() == Some(&id)).count();
                    let target = workspace.cluster_target(&id);
                    (id, title, target, count)
                })
                .collect();
            let json: Vec<Json> = rows
                .iter()
                .map(|(id, title, target, count)| {
                    json!({ "id": id, "title": title, "part_of": (target != id).then_some(target), "notes": count })
                })
                .collect();
            let row = |(id, title, _, count): &(String, String, String, usize)| {
                vec![short(id).to_owned(), title.clone(), count.to_string()]
            };
            let shown: Vec<Vec<String>> =
                rows.iter().filter(|(id, _, target, _)| id == target).map(row).collect();
            session.output.list(&json!(json), &[Word::Id, Word::Theme, Word::NotesHead], &shown, None)?;
            return Ok(DONE);
        }
    };
    session.output.result(&json!({ "id": id }), || vec![id.clone()])?;
    Ok(DONE)
}

pub(super) fn board(arguments: &Arguments, command: &BoardCommand) -> Result<ExitCode> {
    let mut session = Session::open(arguments, access(matches!(command, BoardCommand::List)))?;
    match command {
        BoardCommand::New { title } => {
            let title = texts(&session, title);
            let outcome = session.execute(&Command::NewBoard { title })?;
            let id = outcome.entities.first().map(|entity| entity.id.clone()).unwrap_or_default();
            session.output.result(&json!({ "id": id }), || vec![id.clone()])?;
        }
        BoardCommand::List => {
            let workspace = session.workspace()?;
            let rows: Vec<(String, String, usize)> = workspace
                .boards()
                .into_iter()
                .map(|board| {
                    let entity = EntityRef::new(Kind::Board, board.to_string());
                    let title = workspace.text(&entity, "title", session.language().tag());
                    (board.to_string(), title, workspace.ids_on(board, Kind::Note).len())
                })
                .collect();
            let json: Vec<Json> = rows
                .iter()
                .map(|(id, title, notes)| json!({ "id": id, "title": title, "notes": notes }))
                .collect();
            let shown: Vec<Vec<String>> = rows
                .iter()
                .map(|(id, title, notes)| vec![short(id).to_owned(), title.clone(), notes.to_string()])
                .collect();
            session.output.list(&json!(json), &[Word::Id, Word::Title, Word::NotesHead], &shown, None)?;
        }
    }
    Ok(DONE)
}
