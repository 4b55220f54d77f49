//! The lifecycle rule of a bucket that deletes what is safe by age alone.

use std::time::Duration;

use serde_json::{Value, json};

use super::limits::FLOOR;
use crate::model::scratch_uri::{LOGS, OUTPUTS};

/// The lifecycle configuration that deletes logs and outputs below the scratch URI with the key `scratch`, a while after
/// they were written. In the shape of `aws s3api put-bucket-lifecycle-configuration`, with days rounded up.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html>
#[must_use]
pub fn lifecycle_rule(scratch: &str, age: Duration) -> Value {
    let days = age.max(FLOOR).as_secs().div_ceil(86_400);
    let rules = [LOGS, OUTPUTS].map(|folder| {
        json!({
            "ID": format!("emr-tools {scratch}{folder}"),
            "Status": "Enabled",
            "Filter": {"Prefix": format!("{scratch}{folder}")},
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
        assert_eq!(prefixes, ["tmp/logs/", "tmp/output/"]);
    }
}
