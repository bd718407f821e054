//! What is printed: results on stdout, talk on stderr.

use std::io::{self, Write as _};

use anyhow::Result;
use serde_json::Value as Json;

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// As JSON.
    pub(crate) json: bool,
}

impl Output {
    /// Prints a result: the JSON, or the lines for people.
    pub(crate) fn result(self, json: &Json, lines: impl FnOnce() -> Vec<String>) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(json)?)?;
        } else {
            for line in lines() {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()?;
        Ok(())
    }
}

/// Says something that is not the result.
pub(crate) fn talk(text: &str) {
    // There is nowhere to tell that stderr is gone.
    let _gone = writeln!(io::stderr().lock(), "{text}");
}

/// Columns padded to the widest cell, two spaces between; the last column is left as it is.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    let width = widths.get(column).copied().unwrap_or(0);
                    line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 2));
                }
            }
            line
        })
        .collect()
}
