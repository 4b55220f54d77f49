//! Follows the markers of a paged list and stops at endless ones.
//!
//! Each answer but the last has a marker for the next page. With markers that return to an earlier page, or that never
//! end, a tool would never finish: both are errors.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use emr_core::error::{CallError, Result, StrangeAnswer};

use super::convert::said;

/// The most pages: 500,000 clusters at 50 a page. EMR lists the clusters of two months, which are fewer.
const MOST: usize = 10_000;

/// The position in one list.
#[derive(Debug, Default)]
pub(super) struct Paging {
    /// Hashes of the markers so far. The markers themselves may be long.
    seen: HashSet<u64>,
    marker: Option<String>,
    done: bool,
}

impl Paging {
    /// The marker of the next page; `None` for the first.
    pub(super) fn marker(&self) -> Option<String> {
        self.marker.clone()
    }

    /// Whether there is no further page.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Notes the `marker` in an answer to `operation`. An empty one counts as none.
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
    fn a_cycle_of_any_length_is_an_error() {
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
