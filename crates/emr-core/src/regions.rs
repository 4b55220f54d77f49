//! AWS's regions with EMR, and which of them `--region all` stands for.
//!
//! The list is EMR's list of endpoints as it was in November 2026. To ask AWS for it would take a permission that no
//! tool needs otherwise (`ec2:DescribeRegions` or `account:ListRegions`). A region that AWS opens later is asked for by
//! its name until it is added here.
//!
//! Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>

use crate::error::{Error, Result};

/// What `--region` takes for all regions of the account's partition.
pub const ALL: &str = "all";

/// A region with EMR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Region {
    name: &'static str,
    /// Whether an account has to enable it first. AWS made all regions since March 2019 so, in its largest partition.
    is_opt_in: bool,
}

/// A region that every account has.
const fn open(name: &'static str) -> Region {
    Region { name, is_opt_in: false }
}

/// A region that an account has to enable.
///
/// Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
const fn opt_in(name: &'static str) -> Region {
    Region { name, is_opt_in: true }
}

const REGIONS: [Region; 37] = [
    opt_in("af-south-1"),
    opt_in("ap-east-1"),
    opt_in("ap-east-2"),
    open("ap-northeast-1"),
    open("ap-northeast-2"),
    open("ap-northeast-3"),
    open("ap-south-1"),
    opt_in("ap-south-2"),
    open("ap-southeast-1"),
    open("ap-southeast-2"),
    opt_in("ap-southeast-3"),
    opt_in("ap-southeast-4"),
    opt_in("ap-southeast-5"),
    opt_in("ap-southeast-7"),
    open("ca-central-1"),
    opt_in("ca-west-1"),
    open("cn-north-1"),
    open("cn-northwest-1"),
    open("eu-central-1"),
    opt_in("eu-central-2"),
    open("eu-north-1"),
    opt_in("eu-south-1"),
    opt_in("eu-south-2"),
    open("eu-west-1"),
    open("eu-west-2"),
    open("eu-west-3"),
    opt_in("il-central-1"),
    opt_in("me-central-1"),
    opt_in("me-south-1"),
    opt_in("mx-central-1"),
    open("sa-east-1"),
    open("us-east-1"),
    open("us-east-2"),
    open("us-gov-east-1"),
    open("us-gov-west-1"),
    open("us-west-1"),
    open("us-west-2"),
];

/// The names of all regions, for completion.
pub fn names() -> impl Iterator<Item = &'static str> {
    REGIONS.into_iter().map(|region| region.name)
}

/// The partition of AWS that `region` is in: a world of its own, with accounts of its own, which ARNs begin with.
///
/// Source: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
#[must_use]
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The beginnings of regions in other partitions, of which none is listed here.
const OTHERS: [&str; 3] = ["eu-iso", "eusc-", "us-iso"];

/// All regions of the partition that `region` is in; without one, of AWS's largest.
pub fn beside(region: Option<&str>) -> Result<Vec<&'static str>> {
    let region = region.unwrap_or_default();
    if OTHERS.iter().any(|beginning| region.starts_with(beginning)) {
        return Err(
            Error::usage(format!("the regions beside {region} are not known")).advise("name each with --region")
        );
    }
    Ok(names().filter(|name| partition(name) == partition(region)).collect())
}

/// Whether an account may not have enabled `region`. There AWS refuses valid credentials as unknown.
#[must_use]
pub fn is_opt_in(region: &str) -> bool {
    REGIONS.iter().any(|known| known.name == region && known.is_opt_in)
}

/// The region of `endpoint`, if that is one of AWS's own, such as `https://elasticmapreduce.eu-west-1.amazonaws.com`.
#[must_use]
pub fn of_endpoint(endpoint: &str) -> Option<&'static str> {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).split(['/', ':']).next()?;
    let is_of_aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    names().find(|name| is_of_aws && host.split('.').any(|label| label == *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_those_of_the_partition() {
        let all = beside(Some("eu-west-1")).unwrap();
        assert_eq!(all, beside(None).unwrap());
        assert!(all.contains(&"us-east-1") && all.contains(&"af-south-1"));
        assert!(!all.iter().any(|name| name.starts_with("cn-") || name.starts_with("us-gov-")));
        assert_eq!(beside(Some("cn-north-1")).unwrap(), ["cn-north-1", "cn-northwest-1"]);
        assert_eq!(beside(Some("us-gov-west-1")).unwrap(), ["us-gov-east-1", "us-gov-west-1"]);
        assert_eq!(beside(Some("xx-new-1")).unwrap(), all, "a region that is newer than the list");
        for other in ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"] {
            let error = beside(Some(other)).unwrap_err().to_string();
            assert_eq!(error, format!("the regions beside {other} are not known; name each with --region"));
        }
    }

    #[test]
    fn each_is_listed_once_and_in_order() {
        assert!(names().is_sorted_by(|one, two| one < two));
    }

    #[test]
    fn every_partition_has_regions_that_every_account_has() {
        // Credentials that are refused there are wrong, and not those of an account without the region.
        for region in ["us-east-1", "cn-north-1", "us-gov-west-1"] {
            assert!(!is_opt_in(region), "{region}");
        }
        assert!(is_opt_in("ap-east-1") && !is_opt_in("nowhere"));
    }

    #[test]
    fn an_endpoint_may_name_its_region() {
        assert_eq!(of_endpoint("https://elasticmapreduce.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(of_endpoint("us-west-2.elasticmapreduce.amazonaws.com:443/"), Some("us-west-2"));
        for none in ["http://127.0.0.1:9000", "https://proxy.example.com/eu-west-1", "us-west-2.localhost"] {
            assert_eq!(of_endpoint(none), None, "{none}");
        }
    }
}
