//! Name, pool, tags, and the URIs of scratch files and logs.

use emr_core::config::options as keys;
use emr_core::model::description::Description;
use emr_core::model::pool::Marker;
use emr_core::model::run_id::RunId;
use emr_core::pool::{self, Membership, PooledBy, locks};
use serde_json::{Map, Value, json};

use super::Conf;

/// Prefix of mrjob's own tags, which name the run that a cluster was for.
const OF_MRJOB: &str = "__mrjob_";

pub(super) fn add(conf: &mut Conf, description: &Description) {
    let detail = &description.detail;
    let name = &detail.cluster.name;
    let membership = Membership::of_name(name);
    let scratch = scratch_uri(description);
    conf.set(&keys::LABEL.option, label(name, membership.as_ref()));
    match membership {
        Some(Membership { pool_name, by: PooledBy::EmrTools }) => {
            conf.set(&keys::POOL_EMR_JOB_FLOWS.option, true);
            conf.set(&keys::EMR_JOB_FLOW_POOL_NAME.option, pool_name);
            if scratch.is_none() {
                conf.lose("its tags do not name the locks of its pool: set s3_scratch_uri");
            }
        }
        Some(Membership { pool_name, by: PooledBy::Mrjob }) => {
            conf.lose(format!("it is in mrjob's pool '{pool_name}'; the new one will be in no pool"));
        }
        None => {}
    }
    conf.set(&keys::S3_SCRATCH_URI.option, scratch);
    conf.set(&keys::S3_LOG_URI.option, detail.log_uri.as_deref().map(of_today));
}

/// The Name without pool marker and run id.
fn label(name: &str, membership: Option<&Membership>) -> String {
    let unmarked = Marker::without(name);
    let (label, _) = RunId::split(&unmarked);
    let is_of_mrjob = membership.is_some_and(|membership| membership.by == PooledBy::Mrjob);
    let label = if is_of_mrjob { label.split(" pooling:").next().unwrap_or_default() } else { label };
    label.trim_end().to_owned()
}

/// An S3 URI with the scheme `s3://`. EMR answers with `s3n://`.
fn of_today(uri: &str) -> String {
    uri.strip_prefix("s3n://").map_or_else(|| uri.to_owned(), |rest| format!("s3://{rest}"))
}

/// The scratch URI, from the tag that names the pool's locks or else from the path of an uploaded script.
fn scratch_uri(description: &Description) -> Option<String> {
    let locks = locks::of_tags(&description.detail.tags).map(|locks| locks.to_string());
    let of_locks = locks.as_deref().and_then(|locks| locks.strip_suffix("locks/"));
    let uploaded = || description.bootstrap_actions.iter().find_map(|action| uploaded(action["ScriptPath"].as_str()?));
    of_locks.map(str::to_owned).or_else(uploaded)
}

/// The scratch URI below which the tools uploaded the script `path`: uploads are `files/<SHA-256>/<name>` there.
pub(super) fn uploaded(path: &str) -> Option<String> {
    let (scratch, file) = path.rsplit_once("files/")?;
    let (hash, _) = file.split_once('/')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && scratch.starts_with("s3://") && scratch.ends_with('/')).then(|| scratch.to_owned())
}

/// Tags, except those that the tools and AWS set.
pub(super) fn add_tags(conf: &mut Conf, description: &Description) {
    let mut tags = Map::new();
    for (key, value) in &description.detail.tags {
        if pool::TAGS.contains(&key.as_str()) || key.starts_with("aws:") {
            continue;
        }
        if key.starts_with(OF_MRJOB) {
            conf.lose(format!("the tag {key} is mrjob's own and is left out"));
        } else {
            tags.insert(key.clone(), json!(value));
        }
    }
    conf.set(&keys::EMR_TAGS.option, Value::Object(tags));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_no_pool_marker_and_no_run_id() {
        let label = |name: &str| label(name, Membership::of_name(name).as_ref());
        assert_eq!(label("nightly run:0123456789ab"), "nightly");
        assert_eq!(label("nightly pool:my=20etl,0123456789abcdef run:0123456789ab"), "nightly");
        let mrjob = "mr.ann.20261122.060000.123456 pooling:0.7.4,etl,0123456789abcdef0123456789abcdef";
        assert_eq!(label(mrjob), "mr.ann.20261122.060000.123456");
        assert_eq!(label("car pooling: a study"), "car pooling: a study");
    }

    #[test]
    fn the_scratch_uri_is_read_from_the_path_of_an_upload() {
        let hash = "0a".repeat(32);
        let of = |path: String| uploaded(&path);
        assert_eq!(of(format!("s3://b/tmp/files/{hash}/a.sh")).as_deref(), Some("s3://b/tmp/"));
        assert_eq!(of(format!("s3://b/files/{hash}/a.sh")).as_deref(), Some("s3://b/"));
        for other in [format!("s3://b/files/{hash}"), "s3://b/files/x/a.sh".to_owned(), format!("/files/{hash}/x")] {
            assert_eq!(of(other), None);
        }
    }
}
