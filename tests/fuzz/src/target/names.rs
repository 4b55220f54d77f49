//! Names of clusters and steps, tags, and bootstrap actions: of these tools, of mrjob, and of anybody. The first line is
//! the Name; of each further line, the first tab ends a key.

use chrono::DateTime;
use emr_core::model::cluster::BootstrapAction;
use emr_core::model::owner;
use emr_core::model::pool::{Marker, PoolName, decode, encode};
use emr_core::model::run_id::RunId;
use emr_core::pool::{Membership, Size, mrjob_holder, shape};
use emr_core::usage::Job;

use crate::input::{head, text};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (name, rest) = head(input);
    of_name(&name);
    let rest = text(rest);
    let pairs = rest.lines().map(|line| line.split_once('\t').unwrap_or((line, "")));
    let pairs: Vec<_> = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let _ = (Membership::of_tags(&pairs), mrjob_holder(&pairs, now), emr_core::pool::locks::of_tags(&pairs));
    let actions: Vec<_> = pairs.iter().map(|(name, args)| action(name, args)).collect();
    let _ = Membership::of_bootstrap_actions(&actions);
}

fn of_name(name: &str) {
    let (label, run) = RunId::split(name);
    assert!(name.starts_with(label));
    if let Some(run) = run {
        assert!(run.made(name), "{name}");
    }
    if let Some(marker) = Marker::read(name) {
        assert_eq!(Marker::read(&marker.write()).as_ref(), Some(&marker), "{name}");
        assert!(!Marker::without(name).contains(&marker.write()) || name.matches("pool:").count() > 1, "{name}");
    } else {
        assert_eq!(Marker::without(name), name);
    }
    assert_eq!(decode(&encode(name)).as_deref(), Some(name));
    if let Some(pool) = PoolName::decode(name) {
        assert_eq!(pool.encoded(), name);
    }
    let job = Job::of(name);
    assert!(name.starts_with(job.label) && job.run.is_none_or(|run| name.contains(run)), "{name}");
    let _ = (Membership::of_name(name), Size::of_name(name), owner::of_name(name), shape::offer(name));
}

fn action(name: &str, args: &str) -> BootstrapAction {
    BootstrapAction { name: name.to_owned(), args: args.split('\t').map(str::to_owned).collect() }
}
