//! The order of part files: numbers by their value, everything else by its bytes, folder by folder.
//!
//! Hadoop writes five digits and goes on with six: by its bytes `part-100000` would come before `part-99999`.

use std::cmp::Ordering;

/// Compares the paths of two part files below one output.
pub(crate) fn compare(one: &str, two: &str) -> Ordering {
    let (mut ones, mut twos) = (one.split('/'), two.split('/'));
    loop {
        match (ones.next(), twos.next()) {
            (Some(a), Some(b)) if a == b => {}
            // Of two spellings of one number, such as 7 and 07, either may be first, as long as it is always the same.
            (Some(a), Some(b)) => return tokens(a).cmp(tokens(b)).then_with(|| a.cmp(b)),
            (a, b) => return a.cmp(&b),
        }
    }
}

/// A piece of a name. Numbers stand where their digits stand among the bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    BeforeDigits(u8),
    /// The number of its digits without leading zeros, and these.
    Number(usize, &'a [u8]),
    AfterDigits(u8),
}

fn tokens(name: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = name.as_bytes();
    std::iter::from_fn(move || {
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            return Some(if byte < b'0' { Token::BeforeDigits(byte) } else { Token::AfterDigits(byte) });
        }
        let (digits, after) = rest.split_at(length);
        rest = after;
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        Some(Token::Number(length - zeros, &digits[zeros..]))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_in_the_order_of_their_numbers_folder_by_folder() {
        // A folder's own files stand where their names do.
        let ordered = [
            "day=9/part-00000",
            "day=10/hour=2/part-00001",
            "day=10/hour=11/part-00000",
            "day=10/part-00000",
            "part-00000",
            "part-00001.gz",
            "part-99999",
            "part-100000",
            "part-m-00000",
            "part-m-00001",
            "part-r-00000",
        ];
        let mut sorted = ordered;
        sorted.reverse();
        sorted.sort_by(|a, b| compare(a, b));
        assert_eq!(sorted, ordered);
    }

    #[test]
    fn one_number_in_two_spellings_is_two_names() {
        assert_eq!(compare("part-7", "part-07"), Ordering::Greater);
        assert_eq!(compare("part-07", "part-7"), Ordering::Less);
        assert_eq!(compare("part-07", "part-07"), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn hadoop_s_own_names_are_in_the_order_of_their_numbers(a in 0..2_000_000_u32, b in 0..2_000_000_u32) {
            let name = |number: u32| format!("part-{number:05}");
            prop_assert_eq!(compare(&name(a), &name(b)), a.cmp(&b));
        }

        #[test]
        fn it_is_one_order_of_all_names(a in "[a-b0-2/=-]{0,6}", b in "[a-b0-2/=-]{0,6}", c in "[a-b0-2/=-]{0,6}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le(), "{a} {b} {c}");
            }
        }

        #[test]
        fn a_folder_s_files_stand_together(folder in "[a-b0-2]{1,3}", other in "[a-b0-2]{1,3}", x in "[a-z]", y in "[a-z]") {
            prop_assume!(folder != other);
            let in_one = |name: &str| compare(&format!("{folder}/{name}"), &format!("{other}/q"));
            prop_assert_eq!(in_one(&x), in_one(&y));
        }
    }
}
