//! One page of a list of names, by prefix, delimiter, start and limit. Pure.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The query of a list request.
pub(super) struct Query<'a> {
    pub(super) prefix: &'a str,
    /// Names with it after the prefix are grouped into common prefixes. Never empty.
    pub(super) delimiter: Option<&'a str>,
    pub(super) after: After<'a>,
    /// The largest number of names and common prefixes together.
    pub(super) limit: usize,
}

/// Where a page begins.
#[derive(Clone, Copy)]
pub(super) enum After<'a> {
    /// Names after this one. A common prefix is listed if any of its names comes after it.
    Name(&'a str),
    /// Names after a mark. If the mark is within a common prefix, that prefix has been listed.
    Mark(&'a str),
}

impl<'a> After<'a> {
    fn name(self) -> &'a str {
        match self {
            After::Name(name) | After::Mark(name) => name,
        }
    }

    fn is_past(self, group: &str) -> bool {
        matches!(self, After::Mark(mark) if mark.starts_with(group))
    }
}

impl<'a> Query<'a> {
    /// The query of a request. An empty prefix or delimiter counts as absent.
    pub(super) fn new(
        prefix: Option<&'a str>,
        delimiter: Option<&'a str>,
        after: After<'a>,
        limit: usize,
    ) -> Query<'a> {
        Query {
            prefix: prefix.unwrap_or_default(),
            delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()),
            after,
            limit,
        }
    }
}

/// A page.
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    pub(super) common_prefixes: Vec<String>,
    /// The last name or common prefix of the page, if more follow.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    pub(super) fn len(&self) -> usize {
        self.entries.len() + self.common_prefixes.len()
    }
}

/// The page of `names` for `query`.
pub(super) fn page<T: Clone>(names: &BTreeMap<String, T>, query: &Query<'_>) -> Page<T> {
    let mut page = Page { entries: Vec::new(), common_prefixes: Vec::new(), next: None };
    let after = query.after.name();
    let from = if after < query.prefix { Bound::Included(query.prefix) } else { Bound::Excluded(after) };
    let mut last = after;
    for (name, entry) in names.range::<str, _>((from, Bound::Unbounded)) {
        let Some(rest) = name.strip_prefix(query.prefix) else {
            break;
        };
        let group = common_prefix(name, rest, query.delimiter);
        let is_given = |group| page.common_prefixes.last().is_some_and(|last| last == group);
        if group.is_some_and(|group| is_given(group) || query.after.is_past(group)) {
            continue;
        }
        if page.len() == query.limit {
            page.next = (query.limit > 0).then(|| last.to_owned());
            break;
        }
        match group {
            Some(group) => page.common_prefixes.push(group.to_owned()),
            None => page.entries.push(entry.clone()),
        }
        last = group.unwrap_or(name);
    }
    page
}

/// The common prefix of `name`, if the delimiter is in `rest`, its part after the prefix.
fn common_prefix<'a>(name: &'a str, rest: &str, delimiter: Option<&str>) -> Option<&'a str> {
    let delimiter = delimiter?;
    let end = rest.find(delimiter)? + delimiter.len();
    Some(&name[..name.len() - rest.len() + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 7] = ["a", "b/1", "b/2", "b/c/3", "d", "e/", "é"];

    fn names() -> BTreeMap<String, &'static str> {
        NAMES.into_iter().map(|name| (name.to_owned(), name)).collect()
    }

    fn query<'a>(prefix: &'a str, delimiter: Option<&'a str>, after: &'a str) -> Query<'a> {
        Query::new(Some(prefix), delimiter, After::Mark(after), 1000)
    }

    #[test]
    fn without_a_delimiter_every_name_after_the_mark_is_listed() {
        let found = page(&names(), &query("", None, "b/1"));
        assert_eq!(found.entries, ["b/2", "b/c/3", "d", "e/", "é"]);
        assert_eq!(found.next, None);
        assert_eq!(page(&names(), &query("b/", None, "")).entries, ["b/1", "b/2", "b/c/3"]);
    }

    #[test]
    fn a_delimiter_groups_names_after_the_prefix() {
        let found = page(&names(), &query("", Some("/"), ""));
        assert_eq!(found.entries, ["a", "d", "é"]);
        assert_eq!(found.common_prefixes, ["b/", "e/"]);
        let found = page(&names(), &query("b/", Some("/"), ""));
        assert_eq!(found.entries, ["b/1", "b/2"]);
        assert_eq!(found.common_prefixes, ["b/c/"]);
    }

    #[test]
    fn pages_of_any_size_list_each_name_and_prefix_once() {
        for limit in 1..=8 {
            for delimiter in [None, Some("/")] {
                let whole = page(&names(), &query("", delimiter, ""));
                let (mut entries, mut prefixes, mut after) = (Vec::new(), Vec::new(), String::new());
                loop {
                    let asked = Query { limit, ..query("", delimiter, &after) };
                    let found = page(&names(), &asked);
                    assert!(found.len() <= limit);
                    entries.extend(found.entries);
                    prefixes.extend(found.common_prefixes);
                    match found.next {
                        Some(next) => after = next,
                        None => break,
                    }
                }
                assert_eq!(entries, whole.entries);
                assert_eq!(prefixes, whole.common_prefixes);
            }
        }
    }

    #[test]
    fn a_mark_within_a_common_prefix_skips_it_and_a_name_does_not() {
        let found = page(&names(), &query("", Some("/"), "b/1"));
        assert_eq!(found.common_prefixes, ["e/"]);
        let found = page(&names(), &Query { after: After::Name("b/1"), ..query("", Some("/"), "") });
        assert_eq!(found.common_prefixes, ["b/", "e/"]);
    }

    #[test]
    fn a_limit_of_zero_gives_an_empty_last_page() {
        let found = page(&names(), &Query { limit: 0, ..query("", None, "") });
        assert_eq!((found.len(), found.next), (0, None));
    }
}
