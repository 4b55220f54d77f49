//! Where a job flow is: the region, and the AWS profile of its account.

use std::fmt;

use serde::Serialize;

/// The region of a job flow, and the profile by which it was asked for. In a record the two are keys of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Its region; `None` if a record does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The profile, if `--profile` or a record named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl Place {
    /// A place in `region`, in the account of the usual credentials.
    #[must_use]
    pub fn in_region(region: &str) -> Self {
        Self { region: Some(region.to_owned()), profile: None }
    }
}

/// `eu-west-1`, or `eu-west-1 of the profile etl`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.region.as_deref().unwrap_or("the region of the configuration"))?;
        self.profile.as_ref().map_or(Ok(()), |profile| write!(f, " of the profile {profile}"))
    }
}

/// Whether `text` could be a region: it becomes a part of host names.
#[must_use]
pub fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The region in an ARN, such as `arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-2AXXXXXXGAPLF`.
#[must_use]
pub fn of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(2).filter(|region| is_region(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_with_the_profile_if_there_is_one() {
        let place = Place::in_region("eu-west-1");
        assert_eq!(place.to_string(), "eu-west-1");
        let place = Place { profile: Some("etl".to_owned()), ..place };
        assert_eq!(place.to_string(), "eu-west-1 of the profile etl");
        assert_eq!(serde_json::to_string(&place).unwrap(), r#"{"region":"eu-west-1","profile":"etl"}"#);
        assert_eq!(serde_json::to_string(&Place::default()).unwrap(), "{}");
    }

    #[test]
    fn an_arn_has_the_region_of_its_cluster() {
        assert_eq!(of_arn("arn:aws-cn:elasticmapreduce:cn-north-1:1:cluster/j-A"), Some("cn-north-1"));
        for none in ["", "arn:aws:iam::1:role/x", "j-A", "arn:aws:elasticmapreduce:e/x:1:cluster/j-A"] {
            assert_eq!(of_arn(none), None, "{none}");
        }
    }
}
