//! Pages of a listing: 50 entries and a marker for the next.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Failure;

/// How many entries EMR puts on a page.
const PAGE: usize = 50;

/// Where the next page goes on: the place of the last entry that was told. Places never change,
/// because lists only grow at their end, so a page turned while a cluster is created neither
/// repeats nor skips one.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Option<String>")]
pub(crate) struct Marker(Option<usize>);

impl TryFrom<Option<String>> for Marker {
    type Error = String;

    fn try_from(text: Option<String>) -> Result<Self, String> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self(None));
        };
        let place = usize::from_str_radix(&text, 16);
        place.map(|place| Self(Some(place))).map_err(|_| format!("Marker '{text}' is not valid."))
    }
}

impl Marker {
    /// One page of the entries that `wanted` lets pass, in order, and the next page's marker.
    pub(crate) fn page<'a, T>(
        &self,
        entries: &'a [T],
        mut wanted: impl FnMut(&T) -> bool,
    ) -> (Vec<&'a T>, Option<String>) {
        let from = self.0.map_or(0, |place| place.saturating_add(1));
        let places = from..entries.len();
        take(places.filter_map(|place| Some((place, entries.get(place)?))), |entry| wanted(entry))
    }

    /// The same from the last entry to the first, for lists that tell the newest first.
    pub(crate) fn page_newest_first<'a, T>(
        &self,
        entries: &'a [T],
        mut wanted: impl FnMut(&T) -> bool,
    ) -> (Vec<&'a T>, Option<String>) {
        let until = self.0.map_or(entries.len(), |place| place.min(entries.len()));
        take(entries[..until].iter().enumerate().rev(), |entry| wanted(entry))
    }
}

fn take<'a, T>(
    entries: impl Iterator<Item = (usize, &'a T)>,
    mut wanted: impl FnMut(&T) -> bool,
) -> (Vec<&'a T>, Option<String>) {
    let mut entries = entries.filter(|(_, entry)| wanted(entry));
    let page: Vec<_> = entries.by_ref().take(PAGE).collect();
    let more = entries.next().is_some();
    let marker = page.last().filter(|_| more).map(|(place, _)| format!("{place:x}"));
    (page.into_iter().map(|(_, entry)| entry).collect(), marker)
}

/// The answer with the next page's marker, if there is one.
pub(crate) fn with_marker(mut answer: Value, marker: Option<String>) -> Value {
    if let Some(marker) = marker {
        answer["Marker"] = json!(marker);
    }
    answer
}

/// Refuses more than `limit` of what is called `name`.
pub(crate) fn at_most<T>(limit: usize, name: &str, values: &[T]) -> Result<(), Failure> {
    if values.len() <= limit {
        return Ok(());
    }
    Err(Failure::validation(format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: \
         Member must have length less than or equal to {limit}"
    )))
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
    fn an_entry_that_is_added_while_pages_are_turned_moves_nothing() {
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
    fn a_marker_of_nobodys_making_is_refused() {
        assert!(Marker::try_from(Some("next".to_owned())).is_err());
    }
}
