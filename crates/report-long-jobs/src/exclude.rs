//! Excludes job flows by their tags.

use emr_core::error::{Error, Result};
use emr_core::model::tag;

/// A tag that excludes a job flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exclusion {
    key: String,
    /// Its value; `None` for any.
    value: Option<String>,
}

impl Exclusion {
    /// Parses `KEY=VALUE`, or `KEY` for any value.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let (key, value) = tag::pair(text)?;
        Ok(Self { key, value: text.contains('=').then_some(value) })
    }

    /// Parses `KEY,VALUE`, the form of mrjob.
    pub(crate) fn read_with_comma(text: &str) -> Result<Self> {
        match text.split_once(',') {
            Some((key, value)) if !key.is_empty() => Ok(Self { key: key.to_owned(), value: Some(value.to_owned()) }),
            _ => Err(Error::usage(format!("'{text}' is not a tag")).advise("write KEY,VALUE")),
        }
    }

    /// Whether `tags` has this tag.
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
    fn mrjob_s_form_is_understood() {
        assert_eq!(Exclusion::read_with_comma("team,etl").unwrap(), Exclusion::read("team=etl").unwrap());
        assert!(Exclusion::read_with_comma("team").is_err());
        assert!(Exclusion::read_with_comma(",etl").is_err());
    }
}
