//! The owner of a cluster, from its Name: lists of clusters have Names but no tags.

use super::run_id::RunId;

/// The beginning of the default Name, before the owner.
const DEFAULT: &str = "job-flow.";

/// The default label of a job flow that `owner` starts.
#[must_use]
pub fn default_label(owner: &str) -> String {
    format!("{DEFAULT}{owner}")
}

/// The owner in a Name without pool marker: our default Name, or mrjob's, `LABEL.OWNER.YYYYMMDD.HHMMSS.MICROSECONDS`.
#[must_use]
pub fn of_name(name: &str) -> Option<String> {
    let (label, _) = RunId::split(name);
    let ours = label.strip_prefix(DEFAULT).filter(|owner| !owner.contains(char::is_whitespace));
    ours.or_else(|| of_mrjob(label)).filter(|owner| !owner.is_empty()).map(str::to_owned)
}

fn of_mrjob(label: &str) -> Option<&str> {
    // In mrjob 0.7 the pool follows.
    let key = label.split(' ').next()?;
    let mut parts = key.rsplit('.');
    for digits in [6, 6, 8] {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
    }
    let owner = parts.next()?;
    parts.next().map(|_| owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_in_default_names_and_in_mrjob_s() {
        for (name, owner) in [
            ("job-flow.ann run:0123456789ab", Some("ann")),
            ("job-flow.ann.lee", Some("ann.lee")),
            ("mr_count.bob.20261122.060000.123456", Some("bob")),
            ("no_script.bob.20261122.060000.123456 pooling:0.7.4,default,0a1b", Some("bob")),
            ("job-flow. run:0123456789ab", None),
            ("job-flow.of the night", None),
            ("nightly", None),
            ("bob.20261122.060000.123456", None),
            ("mr_count.bob.20261122.0600.123456", None),
        ] {
            assert_eq!(of_name(name).as_deref(), owner, "{name}");
        }
    }
}
