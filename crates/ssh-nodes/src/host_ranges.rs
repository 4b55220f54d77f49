//! Writes names that differ only in a number as one: `ip-10-0-0-[11-13,17]`.

/// Joins `names` in order; those that differ only in their last number become one.
#[must_use]
pub(crate) fn fold(names: &[&str]) -> String {
    let mut families: Vec<(&str, Vec<u64>)> = Vec::new();
    for name in names {
        let (stem, number) = split(name);
        let family = families.iter_mut().find(|(of, numbers)| *of == stem && !numbers.is_empty());
        match (family, number) {
            (Some((_, numbers)), Some(number)) => numbers.push(number),
            (_, number) => families.push((stem, number.into_iter().collect())),
        }
    }
    families.into_iter().map(|(stem, numbers)| family(stem, numbers)).collect::<Vec<_>>().join(",")
}

/// The stem of a name and its last number. Digits that begin with 0 are part of the stem, as a number would lose the 0.
fn split(name: &str) -> (&str, Option<u64>) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[stem.len()..];
    match digits.parse::<u64>() {
        Ok(number) if number.to_string() == digits => (stem, Some(number)),
        _ => (name, None),
    }
}

fn family(stem: &str, mut numbers: Vec<u64>) -> String {
    numbers.sort_unstable();
    numbers.dedup();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let range = |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    let texts: Vec<_> = ranges.iter().map(range).collect();
    match ranges[..] {
        [] => stem.to_owned(),
        [(first, last)] if first == last => format!("{stem}{first}"),
        _ => format!("{stem}[{}]", texts.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn consecutive_names_become_a_range() {
        assert_eq!(fold(&["ip-10-0-0-13", "ip-10-0-0-11", "ip-10-0-0-12", "ip-10-0-0-17"]), "ip-10-0-0-[11-13,17]");
        assert_eq!(fold(&["a1", "b1", "a2"]), "a[1-2],b1");
        assert_eq!(fold(&["i-0abc", "a01", "a1", "a02"]), "i-0abc,a01,a1,a02");
        assert_eq!(fold(&[]), "");
    }

    /// The names from which `fold` made `text`.
    fn unfold(text: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(',').unwrap_or(rest.len());
            let open = rest[..end].find('[');
            let end = open.map_or(end, |open| open + rest[open..].find(']').unwrap() + 1);
            let part = &rest[..end];
            match part.split_once('[') {
                None => names.push(part.to_owned()),
                Some((stem, ranges)) => {
                    for range in ranges.trim_end_matches(']').split(',') {
                        let (first, last) = range.split_once('-').unwrap_or((range, range));
                        let numbers = first.parse::<u64>().unwrap()..=last.parse().unwrap();
                        names.extend(numbers.map(|number| format!("{stem}{number}")));
                    }
                }
            }
            rest = rest[end..].strip_prefix(',').unwrap_or("");
        }
        names
    }

    proptest! {
        #[test]
        fn no_name_is_lost_or_added(names in proptest::collection::hash_set("[a-c]-?0?[0-9]{0,2}", 0..20)) {
            let names: Vec<_> = names.iter().filter(|name| !name.is_empty()).map(String::as_str).collect();
            let mut unfolded = unfold(&fold(&names));
            unfolded.sort();
            let mut names = names;
            names.sort_unstable();
            prop_assert_eq!(unfolded, names);
        }
    }
}
