//! The pool of a cluster that these tools or any version of mrjob started.

use super::mark::NAME_TAG;
use crate::model::cluster::BootstrapAction;
use crate::model::pool::{self, Marker};

/// The pool that a cluster is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The pool's name. mrjob's may be any text, even empty.
    pub pool_name: String,
    /// What put it there.
    pub by: PooledBy,
}

/// What put a cluster into a pool, which determines how its jobs lock it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PooledBy {
    /// These tools.
    EmrTools,
    /// mrjob, which keeps locks on S3 up to 0.7.2 and later in a tag.
    Mrjob,
}

/// The beginning of the pool in Names of mrjob 0.7.3 and later.
const MRJOB_MARK: &str = " pooling:";
/// mrjob 0.7's tag for the pool's name.
const MRJOB_NAME_TAG: &str = "__mrjob_pool_name";

impl Membership {
    /// The membership in a cluster's Name. If `None`, tags or bootstrap actions may still have one.
    #[must_use]
    pub fn of_name(cluster_name: &str) -> Option<Self> {
        let ours = Marker::read(cluster_name).map(|marker| marker.pool_name.as_str().to_owned());
        ours.map(|name| Self::new(name, PooledBy::EmrTools))
            .or_else(|| Some(Self::new(mrjob_suffix(cluster_name)?, PooledBy::Mrjob)))
    }

    /// The membership in a cluster's tags.
    #[must_use]
    pub fn of_tags(tags: &[(String, String)]) -> Option<Self> {
        let value = |wanted: &str| tags.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str());
        let ours = value(NAME_TAG).and_then(pool::decode).map(|name| Self::new(name, PooledBy::EmrTools));
        ours.or_else(|| Some(Self::new(value(MRJOB_NAME_TAG)?.to_owned(), PooledBy::Mrjob)))
    }

    /// The membership in a cluster's bootstrap actions, for mrjob 0.4: the first action named `master` has exactly two
    /// arguments, `pool-` with a hash, and the pool's name.
    #[must_use]
    pub fn of_bootstrap_actions(actions: &[BootstrapAction]) -> Option<Self> {
        let master = actions.iter().find(|action| action.name == "master")?;
        match master.args.as_slice() {
            [hash, name] if hash.starts_with("pool-") => Some(Self::new(name.clone(), PooledBy::Mrjob)),
            _ => None,
        }
    }

    fn new(pool_name: String, by: PooledBy) -> Self {
        Self { pool_name, by }
    }
}

/// The name of the pool in ` pooling:<version>,<name>,<hash>` at the end of a Name. The name may have commas.
fn mrjob_suffix(cluster_name: &str) -> Option<String> {
    let (_, suffix) = cluster_name.split_once(MRJOB_MARK)?;
    let (rest, hash) = suffix.rsplit_once(',')?;
    let (version, name) = rest.split_once(',')?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    let is_hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_version && is_hash).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    fn of_name(name: &str) -> Option<(String, PooledBy)> {
        Membership::of_name(name).map(|member| (member.pool_name, member.by))
    }

    #[test]
    fn names_have_our_pools_and_mrjob_s() {
        assert_eq!(of_name("night pool:my=20etl,0123456789abcdef"), Some(("my etl".to_owned(), PooledBy::EmrTools)));
        let mrjob = |name: &str| Some((name.to_owned(), PooledBy::Mrjob));
        assert_eq!(of_name(&format!("job.u.20260101.1 pooling:0.7.4,etl,{HASH}")), mrjob("etl"));
        assert_eq!(of_name(&format!("job pooling:0.7.4,a, b,c,{HASH}")), mrjob("a, b,c"));
        assert_eq!(of_name(&format!("job pooling:0.7.4,,{HASH}")), mrjob(""));
        for none in ["night", "a pooling:0.7.4,etl", "a pooling:0.7.4,etl,short", "car pooling:yes,no,maybe"] {
            assert_eq!(of_name(none), None, "{none}");
        }
    }

    #[test]
    fn tags_have_pools_too() {
        let of = |key: &str, value: &str| Membership::of_tags(&[(key.to_owned(), value.to_owned())]);
        assert_eq!(
            of("emr-tools:pool-name", "my=20etl"),
            Some(Membership::new("my etl".to_owned(), PooledBy::EmrTools))
        );
        assert_eq!(of("__mrjob_pool_name", "a=b"), Some(Membership::new("a=b".to_owned(), PooledBy::Mrjob)));
        assert_eq!(of("team", "data"), None);
    }

    #[test]
    fn the_bootstrap_action_of_mrjob_0_4_has_the_pool() {
        let action = |name: &str, args: &[&str]| BootstrapAction {
            name: name.to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        };
        let of = |actions: &[BootstrapAction]| Membership::of_bootstrap_actions(actions).map(|member| member.pool_name);
        let pooled = action("master", &["pool-0123", "reflecting"]);
        assert_eq!(of(&[action("action 0", &[]), pooled.clone()]).as_deref(), Some("reflecting"));
        assert_eq!(of(&[action("idle timeout", &["1800", "300"])]), None);
        assert_eq!(of(&[action("master", &["1800", "300"]), pooled]), None, "the first of the name counts");
        assert_eq!(of(&[action("master", &["pool-0123", "a", "b"])]), None);
    }
}
