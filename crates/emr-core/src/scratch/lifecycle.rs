//! The lifecycle rule of a bucket that deletes what is safe by age alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::limits::FLOOR;
use crate::model::scratch_uri::{LOGS, OUTPUTS};
use crate::upload::content_of;

/// The lifecycle configuration that deletes the logs of job flows, and all that lies below `output/`, in the scratch URI
/// with the key `scratch`, a while after they were written. In the shape of `aws s3api put-bucket-lifecycle-configuration`,
/// with days rounded up. An ID has at most 255 characters, so it names the scratch URI by a hash.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>
#[must_use]
pub fn lifecycle_rule(scratch: &str, age: Duration) -> Value {
    let days = age.max(FLOOR).as_secs().div_ceil(86_400);
    let hash = content_of(scratch).to_string();
    let rules = [(LOGS, "j-"), (OUTPUTS, "")].map(|(folder, start)| {
        json!({
            "ID": format!("emr-tools-{}-{}", folder.trim_end_matches('/'), &hash[..16]),
            "Status": "Enabled",
            "Filter": {"Prefix": format!("{scratch}{folder}{start}")},
            "Expiration": {"Days": days},
        })
    });
    json!({ "Rules": rules })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_logs_and_outputs_alone_and_counts_in_whole_days() {
        let days =
            |hours| lifecycle_rule("tmp/", Duration::from_hours(hours))["Rules"][0]["Expiration"]["Days"].clone();
        assert_eq!((days(1), days(48), days(49)), (json!(2), json!(2), json!(3)));
        let rule = lifecycle_rule("tmp/", Duration::from_hours(720));
        let prefixes: Vec<_> = rule["Rules"].as_array().unwrap().iter().map(|rule| &rule["Filter"]["Prefix"]).collect();
        assert_eq!(prefixes, ["tmp/logs/j-", "tmp/output/"]);
    }

    #[test]
    fn each_id_is_short_and_plain_and_its_own_whatever_the_scratch_uri() {
        let ids = |scratch: &str| {
            let rule = lifecycle_rule(scratch, FLOOR);
            [0, 1].map(|at| rule["Rules"][at]["ID"].as_str().unwrap().to_owned())
        };
        let mut all = ["tmp/", "tmp2/", &format!("{}/", "long".repeat(250)), "a\u{1}b/"].map(ids).concat();
        assert!(all.iter().all(|id| id.len() < 64 && !id.contains(char::is_control)), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 8);
    }
}
