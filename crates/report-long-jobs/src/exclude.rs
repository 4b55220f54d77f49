//! Which job flows are nobody's worry, by their tags.

use emr_core::error::{Error, Result};
use emr_core::model::tag;

/// A tag that a job flow is left out for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exclusion {
    key: String,
    /// Its value; none for any.
    value: Option<String>,
}

impl Exclusion {
    /// Reads `KEY=VALUE`, or `KEY` for any value.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let (key, value) = tag::pair(text)?;
        Ok(Self { key, value: text.contains('=').then_some(value) })
    }

    /// Reads `KEY,VALUE`, which is how mrjob writes it.
    pub(crate) fn read_with_comma(text: &str) -> Result<Self> {
        match text.split_once(',') {
            Some((key, value)) if !key.is_empty() => Ok(Self { key: key.to_owned(), value: Some(value.to_owned()) }),
            _ => Err(Error::usage(format!("'{text}' is no tag")).advise("write KEY,VALUE")),
        }
    }

    /// Whether one of `tags` is this.
    pub(crate) fn holds(&self, tags: &[(String, String)]) -> bool {
        let is_it = |(key, value): &(String, String)| {
            *key == self.key && self.value.as_ref().is_none_or(|wanted| wanted == value)
        };
        tags.iter().any(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags() -> Vec<(String, String)> {
        vec![("team".to_owned(), "etl".to_owned()), ("a,b".to_owned(), "c=d".to_owned())]
    }

    #[test]
    fn a_tag_is_excluded_by_its_key_or_by_both() {
        for text in ["team", "team=etl", "a,b=c=d"] {
            assert!(Exclusion::read(text).unwrap().holds(&tags()), "{text}");
        }
        for text in ["team=", "team=x", "etl"] {
            assert!(!Exclusion::read(text).unwrap().holds(&tags()), "{text}");
        }
    }

    #[test]
    fn mrjob_s_way_to_write_it_is_understood() {
        assert_eq!(Exclusion::read_with_comma("team,etl").unwrap(), Exclusion::read("team=etl").unwrap());
        assert!(Exclusion::read_with_comma("team").is_err());
        assert!(Exclusion::read_with_comma(",etl").is_err());
    }
}
