//! The ids of job flows, steps and instances, validated when they are parsed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

macro_rules! id {
    ($name:ident, $prefix:literal, $what:literal, $example:literal) => {
        #[doc = concat!("The id of a ", $what, ", such as `", $example, "`.")]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as AWS spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let well_formed = text.strip_prefix($prefix).is_some_and(|rest| {
                    (1..=128).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
                });
                if well_formed {
                    return Ok(Self(text.to_owned()));
                }
                Err(Error::usage(format!(concat!("'{}' is not the id of a ", $what), text))
                    .advise(concat!("such an id looks like ", $example)))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(JobFlowId, "j-", "job flow", "j-2AXXXXXXGAPLF");
id!(StepId, "s-", "step", "s-2AXXXXXXGAPLF");
id!(InstanceId, "i-", "EC2 instance", "i-0123456789abcdef0");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_parsed() {
        assert_eq!("j-JOBFLOWID".parse::<JobFlowId>().unwrap().as_str(), "j-JOBFLOWID");
        assert_eq!("s-1".parse::<StepId>().unwrap().to_string(), "s-1");
    }

    #[test]
    fn anything_else_is_refused_with_its_text() {
        for bad in ["", "j-", "j-AB/../x", "j-AB C", "x-ABC", "j-ü", &format!("j-{}", "A".repeat(129))] {
            let error = bad.parse::<JobFlowId>().unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
        assert!("j-ABC".parse::<StepId>().is_err());
    }
}
