//! Tables for people: aligned columns, fitted to the terminal.
//!
//! On a narrow terminal the columns of names are cut, the widest first, and sentences are wrapped; ids stay whole. Where
//! stdout is no terminal nothing is cut, as ps(1) does it.

use std::iter::repeat_n;

use emr_core::model::record::Record;
use emr_core::text::plain;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands between two columns.
const GAP: &str = "  ";

/// The text of a cell without a value.
const NONE: &str = "-";

/// The least room for sentences beside the other columns. With less they get lines of their own.
const LEAST_PROSE: usize = 24;

/// How far sentences on lines of their own are indented.
const INDENT: usize = 4;

/// Rows that are held back until all of them are known.
pub(crate) struct Table {
    columns: &'static [&'static str],
    cut: &'static [(&'static str, usize)],
    prose: Option<&'static str>,
    varying: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of records of the kind `R`.
    pub(crate) fn of<R: Record>() -> Self {
        Self { columns: R::COLUMNS, cut: R::CUT, prose: R::PROSE, varying: R::VARYING, rows: Vec::new() }
    }

    /// Adds a row. Escapes control characters: nothing in a name may move the cursor.
    pub(crate) fn push(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| plain(cell)).collect());
    }

    /// The lines, of at most `width` columns of a terminal where the ids leave room for that. A column in which no row
    /// has a value is left out, and one that is there to tell rows apart unless it does.
    pub(crate) fn text(mut self, width: Option<usize>) -> String {
        let has_value = |place: usize| self.rows.iter().any(|row| row[place] != NONE);
        let differs = |place: usize| self.rows.iter().any(|row| row[place] != self.rows[0][place]);
        let is_shown = |place: &usize| {
            if self.varying.contains(&self.columns[*place]) { differs(*place) } else { has_value(*place) }
        };
        let shown: Vec<usize> = (0..self.columns.len()).filter(is_shown).collect();
        let heading = self.columns.iter().map(|heading| (*heading).to_owned()).collect();
        self.rows.insert(0, heading);
        let prose = shown.last().copied().filter(|place| Some(self.columns[*place]) == self.prose);
        let aligned: Vec<usize> = shown.into_iter().filter(|place| Some(*place) != prose).collect();
        let widths = self.widths(&aligned, width);
        let lines = self.rows.iter().map(|row| {
            let cells = aligned.iter().zip(&widths).map(|(place, width)| padded(&row[*place], *width));
            let line = cells.collect::<Vec<_>>().join(GAP);
            match prose.map(|place| row[place].as_str()) {
                Some(prose) => beside(&line, prose, width),
                None => line.trim_end().to_owned(),
            }
        });
        lines.map(|line| line + "\n").collect()
    }

    /// The widths of the columns at `places`: what their cells need, or less where the whole must fit into `limit`.
    fn widths(&self, places: &[usize], limit: Option<usize>) -> Vec<usize> {
        let needed = |place: &usize| self.rows.iter().map(|row| row[*place].width()).max().unwrap_or_default();
        let mut widths: Vec<usize> = places.iter().map(needed).collect();
        let least = |place: usize| {
            let cut = self.cut.iter().find(|(heading, _)| *heading == self.columns[place]);
            cut.map_or(usize::MAX, |(heading, least)| heading.width().max(*least))
        };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let is_too_wide = |widths: &[usize]| limit.is_some_and(|limit| widths.iter().sum::<usize>() + gaps > limit);
        while is_too_wide(&widths) {
            let can_give = |column: &usize| widths[*column] > least(places[*column]);
            let Some(widest) = (0..widths.len()).filter(can_give).max_by_key(|column| widths[*column]) else { break };
            widths[widest] -= 1;
        }
        widths
    }
}

/// `cell` in `width` columns, cut or padded.
fn padded(cell: &str, width: usize) -> String {
    let cell = cut(cell, width);
    let room = width.saturating_sub(cell.width());
    cell.chars().chain(repeat_n(' ', room)).collect()
}

fn cut(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let mut cut = String::new();
    for character in cell.chars() {
        if cut.width() + character.width().unwrap_or(0) >= width {
            break;
        }
        cut.push(character);
    }
    cut + "…"
}

/// `line` with `prose` behind it, wrapped so that the whole stays within `width`.
fn beside(line: &str, prose: &str, width: Option<usize>) -> String {
    let indent = line.width() + GAP.len();
    let Some(width) = width.filter(|width| indent + prose.width() > *width) else {
        return format!("{line}{GAP}{prose}");
    };
    let is_beside = indent + LEAST_PROSE <= width;
    let indent = if is_beside { indent } else { INDENT };
    let margin = " ".repeat(indent);
    let text = wrapped(prose, width.saturating_sub(indent)).join(&format!("\n{margin}"));
    if is_beside { format!("{line}{GAP}{text}") } else { format!("{}\n{margin}{text}", line.trim_end()) }
}

/// The words of `text` on lines of at most `width` columns. A word that is longer stays whole.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 5]], width: Option<usize>) -> String {
        let mut table = Table {
            columns: &["ID", "POOL", "OWNER", "NAME", "REASON"],
            cut: &[("POOL", 4), ("NAME", 6), ("OWNER", 4)],
            prose: Some("REASON"),
            varying: &[],
            rows: Vec::new(),
        };
        for row in rows {
            table.push(&row.map(str::to_owned));
        }
        table.text(width)
    }

    #[test]
    fn columns_are_aligned_and_those_without_a_value_left_out() {
        let text = table(&[["j-1", "-", "-", "日本", "-"], ["j-200", "-", "-", "a\x1bb", "-"]], None);
        assert_eq!(text, "ID     NAME\nj-1    日本\nj-200  a?b\n");
    }

    #[test]
    fn a_column_that_tells_rows_apart_is_there_only_if_it_does() {
        let table = |regions: [&str; 2]| {
            let (columns, varying) = (&["ID", "REGION"], &["REGION"]);
            let rows = regions.map(|region| vec!["j-1".to_owned(), region.to_owned()]).to_vec();
            Table { columns, cut: &[], prose: None, varying, rows }.text(None)
        };
        assert_eq!(table(["us-east-1", "us-east-1"]), "ID\nj-1\nj-1\n");
        assert_eq!(table(["us-east-1", "eu-west-1"]), "ID   REGION\nj-1  us-east-1\nj-1  eu-west-1\n");
    }

    #[test]
    fn a_narrow_terminal_cuts_names_the_longest_first_and_never_ids() {
        let row = ["j-2AXXXXXXGAPLF", "warehouse", "ann", "a rather long name of a job flow", "-"];
        let text = table(&[row], Some(40));
        let lines = ["ID               POOL     OWNER  NAME", "j-2AXXXXXXGAPLF  wareho…  ann    a rath…"];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
        let tight = table(&[row], Some(10));
        assert!(tight.contains("\nj-2AXXXXXXGAPLF  war…  ann    a rat…\n"), "{tight}");
    }

    #[test]
    fn sentences_are_wrapped_beside_the_columns_or_below_them() {
        let row = ["j-1", "-", "-", "etl", "the subnet subnet-1 does not exist in this account"];
        let beside = table(&[row], Some(40));
        assert_eq!(
            beside,
            "ID   NAME  REASON\nj-1  etl   the subnet subnet-1 does not\n           exist in this account\n"
        );
        let below = table(&[row], Some(30));
        assert_eq!(below, "ID   NAME  REASON\nj-1  etl\n    the subnet subnet-1 does\n    not exist in this account\n");
        assert_eq!(table(&[row], None).lines().count(), 2);
    }
}
