//! Finds the line of an instruction in the line tables of `CPython`'s code objects, in each of their forms.
//!
//! The forms are described in `Objects/lnotab_notes.txt` and `Objects/locations.md` of `CPython`.

use super::layout::Lines;

/// The line of the instruction at byte `at`, in code that begins at the line `first`.
pub(super) fn line(form: Lines, table: &[u8], at: i64, first: i32) -> i32 {
    match form {
        Lines::Growing => steps(table, at, first, i32::from),
        Lines::Signed => steps(table, at, first, signed),
        Lines::Ranges => ranges(table, at, first),
        Lines::Locations => locations(table, at, first),
    }
}

fn signed(byte: u8) -> i32 {
    i32::from(byte.cast_signed())
}

fn steps(table: &[u8], at: i64, first: i32, delta: impl Fn(u8) -> i32) -> i32 {
    let (mut address, mut line) = (0, first);
    for pair in table.chunks_exact(2) {
        address += i64::from(pair[0]);
        if address > at {
            break;
        }
        line = line.saturating_add(delta(pair[1]));
    }
    line
}

fn ranges(table: &[u8], at: i64, first: i32) -> i32 {
    /// Marks bytes without a line.
    const NONE: i32 = -128;
    let (mut end, mut line) = (0, first);
    for pair in table.chunks_exact(2) {
        end += i64::from(pair[0]);
        let delta = signed(pair[1]);
        line = line.saturating_add(if delta == NONE { 0 } else { delta });
        if at < end {
            break;
        }
    }
    line
}

fn locations(table: &[u8], at: i64, first: i32) -> i32 {
    let (mut end, mut line) = (0, first);
    let mut bytes = table.iter().copied();
    while let Some(head) = bytes.next() {
        end += (i64::from(head & 7) + 1) * 2;
        let delta = match head >> 3 & 15 {
            0..=9 => {
                bytes.next();
                0
            }
            code @ 10..=12 => {
                bytes.nth(1);
                i32::from(code) - 10
            }
            13 => number(&mut bytes),
            14 => {
                let delta = number(&mut bytes);
                for _ in 0..3 {
                    magnitude(&mut bytes);
                }
                delta
            }
            _ => 0,
        };
        line = line.saturating_add(delta);
        if at < end {
            break;
        }
    }
    line
}

/// A number in groups of six bits, the lowest first. Its lowest bit is the sign.
fn number(bytes: &mut impl Iterator<Item = u8>) -> i32 {
    let number = magnitude(bytes);
    let half = i32::try_from(number >> 1).unwrap_or(0);
    if number & 1 == 1 { -half } else { half }
}

fn magnitude(bytes: &mut impl Iterator<Item = u8>) -> u32 {
    let mut number = 0;
    for shift in (0..30).step_by(6) {
        let byte = bytes.next().unwrap_or(0);
        number |= u32::from(byte & 63) << shift;
        if byte & 64 == 0 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The tables, and the lines that dis.findlinestarts finds, of this function in Python 2.7, 3.9, 3.10 and 3.11:
    //     def f(a):
    //         b = g(a,
    //               1)
    //         for x in b:
    //             print(x)
    //
    //         return g(b,
    //            [2, x] + h(
    //               a))
    const V2_7: (&[u8], &[(i64, i32)]) =
        (&[0, 1, 6, 1, 9, 1, 13, 1, 9, 2, 6, 1, 12, 1], &[(0, 2), (6, 3), (15, 4), (28, 5), (37, 7), (43, 8), (55, 9)]);
    const V3_9: (&[u8], &[(i64, i32)]) = (
        &[0, 1, 4, 1, 2, 255, 4, 2, 8, 1, 10, 2, 4, 1, 8, 1, 2, 255, 4, 255],
        &[(0, 2), (4, 3), (6, 2), (10, 4), (18, 5), (28, 7), (32, 8), (40, 9), (42, 8), (46, 7)],
    );
    const V3_10: (&[u8], &[(i64, i32)]) =
        (&[4, 1, 2, 1, 4, 255, 8, 2, 10, 1, 4, 2, 8, 1, 2, 1, 4, 255, 4, 255], V3_9.1);
    const V3_11: (&[u8], &[(i64, i32)]) = (
        &[
            128, 0, 221, 8, 9, 136, 33, 216, 10, 11, 241, 3, 1, 9, 13, 244, 0, 1, 9, 13, 128, 65, 224, 13, 14, 240, 0,
            1, 5, 17, 240, 0, 1, 5, 17, 136, 1, 221, 8, 13, 136, 97, 137, 8, 140, 8, 136, 8, 136, 8, 229, 11, 12, 136,
            81, 216, 8, 9, 136, 49, 128, 118, 149, 1, 216, 10, 11, 241, 3, 1, 17, 13, 244, 0, 1, 17, 13, 241, 0, 1, 8,
            13, 241, 3, 2, 12, 14, 244, 0, 2, 12, 14, 240, 0, 2, 5, 14,
        ],
        &[(0, 1), (2, 2), (16, 3), (18, 2), (34, 4), (42, 5), (74, 7), (88, 8), (106, 9), (108, 8), (126, 7)],
    );

    #[test]
    fn each_form_has_the_lines_that_python_finds() {
        let forms = [(Lines::Growing, V2_7), (Lines::Signed, V3_9), (Lines::Ranges, V3_10), (Lines::Locations, V3_11)];
        for (form, (table, starts)) in forms {
            for (at, expected) in starts {
                assert_eq!(line(form, table, *at, 1), *expected, "{form:?} at {at}");
            }
        }
    }

    #[test]
    fn lines_may_decrease() {
        assert_eq!(line(Lines::Signed, &[2, 5, 2, 0xff], 4, 10), 14);
        assert_eq!(line(Lines::Growing, &[2, 5, 2, 0xff], 4, 10), 270);
        // A long form: code 14, delta -3, end line, columns.
        assert_eq!(line(Lines::Locations, &[0xf0, 0x07, 0, 1, 1], 0, 10), 7);
    }

    proptest! {
        #[test]
        fn no_table_causes_a_panic(table: Vec<u8>, at: i64, first: i32) {
            for form in [Lines::Growing, Lines::Signed, Lines::Ranges, Lines::Locations] {
                line(form, &table, at, first);
            }
        }
    }
}
