//! What is printed: results on stdout, talk on stderr. Plain text: nothing is told by colour alone, so nothing is
//! coloured.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Result;
use samverka_plan::Language;
use serde_json::Value as Json;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::words::{Word, fill};

/// The narrowest that a column is cut down to.
const COLUMN_MIN: usize = 8;
/// Between columns.
const GAP: &str = "  ";

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// As JSON.
    pub(crate) json: bool,
    /// The language of the command line's own words.
    pub(crate) language: Language,
}

impl Output {
    /// Prints a result: the JSON, or the lines for people.
    pub(crate) fn result(self, json: &Json, lines: impl FnOnce() -> Vec<String>) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(json)?)?;
        } else {
            for line in lines() {
                writeln!(out, "{}", harmless(&line))?;
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Prints a list: the JSON, or a table for people; where there is nothing, what to do about it (as talk).
    pub(crate) fn list(
        self,
        json: &Json,
        head: &[Word],
        rows: &[Vec<String>],
        empty: Option<Word>,
    ) -> Result<()> {
        if !self.json && rows.is_empty() {
            if let Some(empty) = empty {
                talk(empty.say(self.language));
            }
            return Ok(());
        }
        self.result(json, || {
            let head = head.iter().map(|word| word.say(self.language).to_uppercase()).collect();
            let all: Vec<Vec<String>> = std::iter::once(head).chain(rows.iter().cloned()).collect();
            table(&all, width())
        })
    }

    /// One of the command line's sentences.
    pub(crate) fn say(self, word: Word, things: &[&str]) -> String {
        fill(word, self.language, things)
    }

    /// Says something that is not the result.
    pub(crate) fn talk(self, word: Word, things: &[&str]) {
        talk(&self.say(word, things));
    }
}

/// Says something that is not the result.
pub(crate) fn talk(text: &str) {
    // There is nowhere to tell that stderr is gone.
    let _gone = writeln!(io::stderr().lock(), "{}", harmless(text));
}

/// A text without characters that could take over the terminal: texts come from others.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// How wide the terminal is; none where the output goes elsewhere, and is not cut.
fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Columns padded to the widest cell. Where the terminal is narrower, the widest columns give way, and what is cut
/// ends in `…`.
pub(crate) fn table(rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let mut widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
    if let Some(width) = width {
        let room = width.saturating_sub(GAP.len() * columns.saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > COLUMN_MIN) else { break };
            *widest -= 1;
        }
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        if column > 0 {
            line.push_str(GAP);
        }
        let cell = cut(&cell.replace(['\n', '\t', '\r'], " "), *width);
        line.push_str(&cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width())));
    }
    line.truncate(line.trim_end().len());
    line
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::{harmless, table};

    fn rows() -> Vec<Vec<String>> {
        [["ID", "VAD"], ["c-01", "Kompisbord i matsalen tre dagar i veckan"], ["c-02", "日本"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn columns_stand_under_each_other_and_lines_have_no_blanks_at_the_end() {
        let lines = table(&rows(), None);
        assert_eq!(lines, ["ID    VAD", "c-01  Kompisbord i matsalen tre dagar i veckan", "c-02  日本"]);
    }

    #[test]
    fn the_widest_column_gives_way_in_a_narrow_terminal() {
        let lines = table(&rows(), Some(20));
        assert_eq!(lines, ["ID    VAD", "c-01  Kompisbord i …", "c-02  日本"]);
    }

    #[test]
    fn a_text_from_somebody_else_cannot_take_over_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{9b}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }

    #[test]
    fn a_line_break_in_a_text_does_not_break_the_table() {
        let lines = table(&[vec!["en\nrad".to_owned(), "b".to_owned()]], None);
        assert_eq!(lines, ["en rad  b"]);
    }
}
