//! The others in a plan, for the web app's bench (`cargo xtask bench web`): they found a plan at a relay, let whoever
//! comes by the link in, and stay connected until nobody listens to them any more.
//!
//! `crowd RELAY plan`: one person and the plan of 10,000 events.
//! `crowd RELAY wall NOTES PEOPLE`: so many notes on a wall, and so many people.
//!
//! It prints the link, and then `done` for each line that it reads: `type` (everybody types in a note of their own, five
//! keys a second), `quiet`, `note TEXT` (the founder writes a note, and it is under way).

#![expect(clippy::print_stdout, reason = "it speaks to the bench that started it")]

use std::cell::Cell;
use std::io::BufRead as _;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use samverka_plan::{Command, EntityRef, Kind};
use samverka_store::MemoryStore;
use samverka_tests::filled;
use samverka_tests::person::{Person, now_ms};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::Instant;

/// How often a key is pressed, and how soon a line is looked for.
const KEY: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_millis(20);
/// A note's letters, after which it is written anew.
const LETTERS_MAX: usize = 60;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match words[..] {
            [relay, "plan"] => stay(relay, filled::fill, 0).await,
            [relay, "wall", notes, people] => {
                let notes: usize = notes.parse().context("how many notes")?;
                let write = |founder: &mut Person<MemoryStore>| {
                    for number in 0..notes {
                        founder.write_note(&format!("Lapp {number}: mer tid med barnen, mindre väntan"));
                    }
                };
                stay(relay, write, people.parse().context("how many people")?).await
            }
            _ => bail!("crowd RELAY plan | crowd RELAY wall NOTES PEOPLE"),
        }
    })
}

async fn stay(relay: &str, fill: impl FnOnce(&mut Person<MemoryStore>), people: u8) -> Result<()> {
    let mut founder = Person::found(MemoryStore::default(), relay);
    fill(&mut founder);
    founder.connect(relay).await;
    founder.sync().await;
    let link = founder.open_door();
    founder.sync().await;
    let typing = Rc::new(Cell::new(false));
    for number in 1..=people {
        let mut person = Person::join(MemoryStore::default(), number, &link);
        person.connect(relay).await;
        while !person.is_synced() {
            founder.turn(Instant::now() + LOOK).await;
            person.turn(Instant::now() + LOOK).await;
        }
        spawn_local(types(person, number, Rc::clone(&typing)));
    }
    println!("{}", *link.to_url()?);

    let mut lines = lines();
    loop {
        founder.turn(Instant::now() + LOOK).await;
        let line = match lines.try_recv() {
            Ok(line) => line,
            Err(mpsc::error::TryRecvError::Empty) => continue,
            Err(mpsc::error::TryRecvError::Disconnected) => return Ok(()),
        };
        match line.split_once(' ') {
            Some(("note", text)) => {
                founder.write_note(text);
            }
            None if line == "type" => typing.set(true),
            None if line == "quiet" => typing.set(false),
            _ => bail!("{line}: no such line"),
        }
        println!("done");
    }
}

/// What is typed to this program.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// One person, who types as long as everybody does.
async fn types(mut person: Person<MemoryStore>, number: u8, typing: Rc<Cell<bool>>) {
    let id = person.write_note(&format!("Min lapp, {number}"));
    let (mut seen, mut next) = (format!("Min lapp, {number}"), Instant::now());
    loop {
        person.turn(next.max(Instant::now() + LOOK)).await;
        if !typing.get() || Instant::now() < next {
            continue;
        }
        next = Instant::now() + KEY;
        let text = if seen.chars().count() < LETTERS_MAX { format!("{seen}o") } else { "Min".to_owned() };
        let command = Command::Write {
            entity: EntityRef::new(Kind::Note, id.clone()),
            field: "text".to_owned(),
            language: "sv".to_owned(),
            seen: core::mem::replace(&mut seen, text.clone()),
            text,
        };
        person.replica.execute(&command, now_ms(), &mut person.rng).expect("an editor may");
    }
}
