//! The difference of two texts, for the message of a failed test.

/// Lines of context.
const AROUND: usize = 3;

/// The lines from the first difference to the last, marked as diff(1) marks them. `None` if the texts are equal.
pub(crate) fn lines(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let [old, new] = [expected, found].map(|text| text.lines().collect::<Vec<_>>());
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let marked = |mark: &str, lines: &[&str]| lines.iter().flat_map(|line| [mark, line, "\n"]).collect::<String>();
    Some(
        marked("  ", &old[before.saturating_sub(AROUND)..before])
            + &marked("- ", &old[before..old.len() - after])
            + &marked("+ ", &new[before..new.len() - after])
            + &marked("  ", &old[old.len() - after..][..after.min(AROUND)]),
    )
}

#[test]
fn different_lines_are_shown_with_context() {
    assert_eq!(lines("a\nb\n", "a\nb\n"), None);
    let shown = lines("1\n2\n3\n4\nold\n6\n", "1\n2\n3\n4\nnew\nmore\n6\n").unwrap();
    assert_eq!(shown, "  2\n  3\n  4\n- old\n+ new\n+ more\n  6\n");
    assert_eq!(lines("a\na\n", "a\n").unwrap(), "  a\n- a\n");
}
