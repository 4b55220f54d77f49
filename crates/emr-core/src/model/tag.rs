//! Tags as typed on the command line.

use crate::error::{Error, Result};

/// Parses a tag: `KEY=VALUE`, or the AWS CLI's form `Key=KEY,Value=VALUE`. `KEY` alone has an empty value.
pub fn pair(text: &str) -> Result<(String, String)> {
    let of_aws = text.strip_prefix("Key=").and_then(|rest| rest.split_once(",Value="));
    let (key, value) = of_aws.or_else(|| text.split_once('=')).unwrap_or((text, ""));
    if key.is_empty() || key.contains('=') {
        return Err(Error::usage(format!("'{text}' is not a tag")).advise("write KEY=VALUE"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_parsed_in_either_form() {
        for (text, key, value) in [
            ("team=etl", "team", "etl"),
            ("Key=team,Value=etl", "team", "etl"),
            ("Key=team,Value=a,b=c", "team", "a,b=c"),
            ("Key=team", "Key", "team"),
            ("keep", "keep", ""),
        ] {
            assert_eq!(pair(text).unwrap(), (key.to_owned(), value.to_owned()), "{text}");
        }
        for bad in ["", "=x", "Key=,Value=x", "Key=a=b,Value=c"] {
            assert!(pair(bad).is_err(), "{bad}");
        }
    }
}
