//! Pages of a list: 50 entries, and a marker for the next page.

use serde::Deserialize;
use serde_json::{Value, json};

/// EMR's page size.
const PAGE: usize = 50;

/// Where the next page begins: after the index of the last entry of a page. Lists only grow at their end, so indices
/// never change. A cluster created between two pages causes no repeated or skipped entry.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Option<String>")]
pub(crate) struct Marker(Option<usize>);

impl TryFrom<Option<String>> for Marker {
    type Error = String;

    fn try_from(text: Option<String>) -> Result<Self, String> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self(None));
        };
        let index = usize::from_str_radix(&text, 16);
        index.map(|index| Self(Some(index))).map_err(|_| format!("Marker '{text}' is not valid."))
    }
}

impl Marker {
    /// One page of the entries that `matches` accepts, in order, and the next page's marker.
    pub(crate) fn page<'a, T>(
        &self,
        entries: &'a [T],
        mut matches: impl FnMut(&T) -> bool,
    ) -> (Vec<&'a T>, Option<String>) {
        let from = self.0.map_or(0, |index| index.saturating_add(1));
        let indices = from..entries.len();
        take(indices.filter_map(|index| Some((index, entries.get(index)?))), |entry| matches(entry))
    }

    /// The same from the last entry to the first, for lists that start with the newest.
    pub(crate) fn page_newest_first<'a, T>(
        &self,
        entries: &'a [T],
        mut matches: impl FnMut(&T) -> bool,
    ) -> (Vec<&'a T>, Option<String>) {
        let until = self.0.map_or(entries.len(), |index| index.min(entries.len()));
        take(entries[..until].iter().enumerate().rev(), |entry| matches(entry))
    }
}

fn take<'a, T>(
    entries: impl Iterator<Item = (usize, &'a T)>,
    mut matches: impl FnMut(&T) -> bool,
) -> (Vec<&'a T>, Option<String>) {
    let mut entries = entries.filter(|(_, entry)| matches(entry));
    let page: Vec<_> = entries.by_ref().take(PAGE).collect();
    let more = entries.next().is_some();
    let marker = page.last().filter(|_| more).map(|(index, _)| format!("{index:x}"));
    (page.into_iter().map(|(_, entry)| entry).collect(), marker)
}

/// Adds the next page's marker to the answer, if there is one.
pub(crate) fn with_marker(mut answer: Value, marker: Option<String>) -> Value {
    if let Some(marker) = marker {
        answer["Marker"] = json!(marker);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(text: Option<String>) -> Marker {
        Marker::try_from(text).unwrap()
    }

    #[test]
    fn pages_of_fifty_cover_a_list_once_and_in_order() {
        let entries: Vec<usize> = (0..120).collect();
        let (mut seen, mut next, mut pages) = (Vec::new(), None, 0);
        loop {
            let (page, more) = marker(next).page(&entries, |_| true);
            seen.extend(page.into_iter().copied());
            pages += 1;
            next = more;
            if next.is_none() {
                break;
            }
        }
        assert_eq!((seen, pages), (entries, 3));
    }

    #[test]
    fn an_entry_added_between_two_pages_moves_nothing() {
        let mut entries: Vec<usize> = (0..60).collect();
        let (first, next) = Marker::default().page_newest_first(&entries, |_| true);
        assert_eq!((first[0], first.len()), (&59, 50));
        entries.push(60);
        let (second, end) = marker(next).page_newest_first(&entries, |_| true);
        assert_eq!(second, (0..10).rev().collect::<Vec<_>>().iter().collect::<Vec<_>>());
        assert_eq!(end, None);
    }

    #[test]
    fn a_full_last_page_has_no_marker() {
        let entries: Vec<usize> = (0..50).collect();
        assert_eq!(Marker::default().page(&entries, |_| true).1, None);
    }

    #[test]
    fn a_malformed_marker_is_refused() {
        assert!(Marker::try_from(Some("next".to_owned())).is_err());
    }
}
