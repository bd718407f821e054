//! `THREATS.md` says only what is shown: every test that it names is in the tree, and every row that says *cannot* names
//! one or admits that there is none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a row says that no test shows.
const NOT_SHOWN: &str = "not shown yet";
/// Folders without sources of ours.
const PASSED_OVER: [&str; 4] = ["target", "node_modules", ".git", "dist"];

#[test]
fn every_test_that_the_threat_table_names_is_in_the_tree() {
    let (known, table) = (tests_in(&root()), table());
    let missing: Vec<&str> =
        rows(&table).iter().flat_map(|row| names(row.1)).filter(|name| !known.contains(*name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "THREATS.md names tests that do not exist");
}

#[test]
fn every_row_of_the_threat_table_names_a_test_or_says_that_there_is_none() {
    let table = table();
    let rows = rows(&table);
    assert!(rows.len() > 50, "the table is read as it is written");
    for (cannot, shown_by) in rows {
        let admitted = shown_by.contains(NOT_SHOWN);
        assert_ne!(names(shown_by).is_empty(), !admitted, "{cannot}: {shown_by}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn table() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("THREATS.md"))
        .expect("it lies beside the crate")
}

/// The rows of all tables: what somebody cannot do, and what shows it.
fn rows(table: &str) -> Vec<(&str, &str)> {
    let cells =
        table.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    cells.filter(|(first, second)| !first.starts_with("---") && *second != "Shown by").collect()
}

/// The names in a cell, which stand in backquotes.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of all tests in the tree.
fn tests_in(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in
        fs::read_dir(folder).expect("a folder of the tree").map(|entry| entry.expect("an entry of it"))
    {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !PASSED_OVER.iter().any(|passed| name == *passed) {
                found.extend(tests_in(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(tests_of(&fs::read_to_string(&path).expect("sources are text")));
        }
    }
    found
}

/// The functions of a source that have a test's attribute in front of them, other attributes between.
fn tests_of(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut found = Vec::new();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            continue;
        }
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if let Some((name, _)) = function.filter(|_| is_test).and_then(|rest| rest.split_once('(')) {
            found.push(name.to_owned());
        }
        is_test = false;
    }
    found
}
