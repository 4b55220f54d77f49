//! Where a list goes on, which comes in pages.
//!
//! Each answer has a marker that leads to the next page. An endpoint whose markers lead back to an earlier page, or on
//! for ever, would keep a tool asking for ever: both are errors.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use emr_core::error::{CallError, Result, StrangeAnswer};

use super::convert::said;

/// The greatest number of pages. EMR keeps clusters for two months: half a million in pages of fifty are not reached.
const MOST: usize = 10_000;

/// The way through the pages of one list.
#[derive(Debug, Default)]
pub(super) struct Paging {
    /// The markers that led here, as hashes: an endpoint may send long ones.
    seen: HashSet<u64>,
    marker: Option<String>,
    done: bool,
}

impl Paging {
    /// What asks for the next page; `None` asks for the first.
    pub(super) fn marker(&self) -> Option<String> {
        self.marker.clone()
    }

    /// Whether there is no further page.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Notes that a page of `operation` was answered with `marker`; an empty one stands for none.
    pub(super) fn turn(&mut self, operation: &'static str, marker: Option<&str>) -> Result<()> {
        self.marker = said(marker);
        let Some(marker) = &self.marker else {
            self.done = true;
            return Ok(());
        };
        let mut hasher = DefaultHasher::new();
        marker.hash(&mut hasher);
        let how = match self.seen.insert(hasher.finish()) {
            true if self.seen.len() < MOST => return Ok(()),
            true => format!("with more than {MOST} pages of a list"),
            false => "with the same page of a list again".to_owned(),
        };
        Err(CallError::strange(operation, &StrangeAnswer::new(how).into()).into())
    }
}

#[cfg(test)]
mod tests {
    use emr_core::error::Outcome;

    use super::*;

    #[test]
    fn a_list_ends_where_an_answer_has_no_marker() {
        let mut paging = Paging::default();
        paging.turn("ListSteps", Some("a")).unwrap();
        assert_eq!((paging.marker().as_deref(), paging.is_done()), (Some("a"), false));
        paging.turn("ListSteps", Some("")).unwrap();
        assert_eq!((paging.marker(), paging.is_done()), (None, true));
    }

    #[test]
    fn a_circle_of_any_length_is_an_error() {
        for length in 1..5 {
            let mut paging = Paging::default();
            for marker in 0..length {
                paging.turn("ListSteps", Some(&marker.to_string())).unwrap();
            }
            let error = paging.turn("ListSteps", Some("0")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "AWS failed on ListSteps: the endpoint answered with the same page of a list again"
            );
            assert_eq!(error.outcome, Outcome::Unavailable);
        }
    }

    #[test]
    fn a_list_without_end_is_an_error() {
        let mut paging = Paging::default();
        let error = (0..).find_map(|marker: u32| paging.turn("ListSteps", Some(&marker.to_string())).err()).unwrap();
        assert_eq!(
            error.to_string(),
            "AWS failed on ListSteps: the endpoint answered with more than 10000 pages of a list"
        );
    }
}
