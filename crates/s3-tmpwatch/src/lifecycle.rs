//! Prints the lifecycle rule that does a part of the work.

use std::time::Duration;

use emr_cli::Text;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::{S3Uri, is_for_xml};
use emr_core::scratch::{Kind, lifecycle_rule, place};

/// Prints the rules for `folders`, which must be scratch URIs in one bucket, and says what they leave out.
pub(crate) fn print(folders: &[S3Uri], age: Duration) -> Result<Outcome> {
    if folders.iter().any(|folder| folder.bucket != folders[0].bucket) {
        return Err(
            Error::usage("a lifecycle rule is of one bucket").advise("name the folders of one bucket at a time")
        );
    }
    let mut rules = Vec::new();
    for folder in folders {
        check(folder)?;
        if is_within_scratch(folder) {
            let within = Error::usage(format!("{folder} is a part of a scratch URI"));
            return Err(within.advise("name the scratch URI itself: the rule names its folders"));
        }
        let mut rule = lifecycle_rule(&folder.key, age);
        rules.extend(rule["Rules"].as_array_mut().map(std::mem::take).unwrap_or_default());
    }
    let text = serde_json::to_string_pretty(&serde_json::json!({ "Rules": rules }));
    let text = text.map_err(|cause| Error::new(Outcome::Bug, format!("a rule has no JSON: {cause}")))?;
    let mut stdout = Text::on_stdout();
    stdout.print(format!("{text}\n").as_bytes());
    stdout.end()?;
    emr_cli::say(
        "the rule leaves out files/ and inputs/, which a live job flow may use however old they are, the folders of \
         mrjob's jobs, whose names it cannot match, and locks/, which must stay; s3-tmpwatch looks after the first three",
    );
    emr_cli::say(
        "put-bucket-lifecycle-configuration replaces the rules that the bucket has: add these to them; the outputs of a \
         step that runs for longer than the days of the rule are deleted under it",
    );
    for folder in folders {
        emr_cli::say(&format!("everything below {folder}output/ is deleted, whoever wrote it"));
    }
    Ok(Outcome::Done)
}

/// Refuses a folder of which no rule is safe, or can be sent.
fn check(folder: &S3Uri) -> Result<()> {
    if folder.key.is_empty() {
        let whole = Error::usage(format!("the rule would take all that is below {folder}output/"));
        return Err(whole.advise("name a folder in the bucket"));
    }
    if !is_for_xml(&folder.key) {
        let unsaid = Error::usage(format!("{folder} has characters that no lifecycle rule can carry"));
        return Err(unsaid.advise("leave out --print-lifecycle-rule"));
    }
    Ok(())
}

/// Whether `folder` is named as one below a scratch URI.
fn is_within_scratch(folder: &S3Uri) -> bool {
    let hash = "0".repeat(64);
    ["j-AAAAAAAAAAAAA/x", "aaaaaaaaaaaa/x", &format!("{hash}/x")].iter().any(|rest| {
        let key = format!("{}{rest}", folder.key);
        let place = place(&folder.key, &key);
        place.kind == Kind::Lock || place.kind != Kind::Other && place.scratch != folder.key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_scratch_uri_is_told_from_one() {
        let is_within = |text: &str| is_within_scratch(&text.parse().unwrap());
        assert!(
            ["s3://b/tmp/logs/", "s3://b/output/", "s3://b/files/", "s3://b/tmp/locks/"].map(is_within) == [true; 4]
        );
        assert!(["s3://b/", "s3://b/tmp/", "s3://b/logs/tmp/"].map(is_within) == [false; 3]);
    }

    #[test]
    fn neither_a_whole_bucket_nor_what_xml_cannot_carry_has_a_rule() {
        let is_fine = |text: &str| check(&text.parse().unwrap()).is_ok();
        assert!(is_fine("s3://b/tmp/") && !is_fine("s3://b/") && !is_fine("s3://b/a\u{1}b/"));
    }
}
