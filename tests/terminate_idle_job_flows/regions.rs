//! Sweeps of several regions. A pooled job flow is ended only where its locks can be seen.

use serde_json::{Value, json};

use crate::account::{idle, tagged, with};
use crate::{SWEEP, doomed, ids, loaded, set};

const BOTH: [&str; 4] = ["--region", "us-east-1", "--region", "eu-west-1"];

fn in_region(region: &str, cluster: Value) -> Value {
    let arn = format!("arn:aws:elasticmapreduce:{region}:123456789012:cluster/x");
    with(cluster, "ClusterArn", json!(arn))
}

fn there(cluster: Value) -> Value {
    in_region("eu-west-1", cluster)
}

#[test]
fn each_region_is_swept_and_one_that_fails_does_not_stop_the_others() {
    let clusters = [idle("j-HERE"), there(idle("j-THERE")), in_region("ap-south-1", idle("j-DENIED"))];
    let sandbox = loaded(&clusters, &["--fault", "ListClusters@ap-south-1:deny:99"]);
    assert_eq!(doomed(&sandbox, &[]), set(&["j-HERE"]));
    assert_eq!(doomed(&sandbox, &BOTH), set(&["j-HERE", "j-THERE"]));
    let ran = sandbox.run(SWEEP, &["--region", "all", "--explain"]);
    assert_eq!((ran.code, ids(&ran)), (Some(77), set(&["j-HERE", "j-THERE"])), "{ran:?}");
    let ran = sandbox.run(SWEEP, &["--region", "all", "-q"]);
    assert_eq!((ran.code, ids(&ran)), (Some(77), set(&["j-HERE", "j-THERE"])), "{ran:?}");
    assert!(ran.stderr.contains("ap-south-1: AWS denies ListClusters"), "{ran:?}");
    assert!(ran.stderr.contains("1 of 33 regions failed: ap-south-1\n"), "{ran:?}");
    let regions: Vec<_> = ran.records().iter().map(|record| record["region"].to_string()).collect();
    assert_eq!(regions.len(), 2);
    assert_eq!(sandbox.run(SWEEP, &BOTH).ok().stdout, "", "nothing is left to do");
}

#[test]
fn a_limit_counts_over_all_regions() {
    let mut clusters: Vec<Value> = (0..4).map(|number| idle(&format!("j-HERE{number}"))).collect();
    clusters.extend((0..4).map(|number| there(idle(&format!("j-THERE{number}")))));
    let sandbox = loaded(&clusters, &[]);
    assert_eq!(doomed(&sandbox, &[&BOTH[..], &["--limit", "3"]].concat()).len(), 3);
    let ran = sandbox.run(SWEEP, &[&BOTH[..], &["--limit", "3"]].concat()).ok();
    assert_eq!(ids(&ran).len(), 3);
    assert_eq!(sandbox.requests("TerminateJobFlows").len(), 3);
}

#[test]
fn a_claim_is_seen_wherever_the_tag_of_its_pool_says_that_it_is() {
    let sandbox = loaded(&[], &[]);
    let pool = ["--pool-emr-job-flows", "--pool-name", "etl", "--region", "eu-west-1"];
    let pooled = [(); 2].map(|()| sandbox.job_flow(&pool));
    let find = ["--pool-name", "etl", "--region", "eu-west-1", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let claimed = sandbox.run("find-pool", &find).ok().record()["job_flow_id"].as_str().unwrap().to_owned();
    let free = pooled.into_iter().find(|id| *id != claimed).unwrap();
    let is_idle = |id: &str| {
        let listed = sandbox.run("list-job-flows", &["--idle", "--region", "eu-west-1"]).ok().records();
        listed.iter().any(|record| record["job_flow_id"] == id && record["idle_s"].as_u64() >= Some(2))
    };
    while !is_idle(&claimed) || !is_idle(&free) {}
    let ran = sandbox.run(SWEEP, &[&BOTH[..], &["--max-hours-idle", "0"]].concat()).ok();
    assert_eq!((ids(&ran), ran.stderr.as_str()), (set(&[&free]), ""));
    assert!(sandbox.object(&format!("scratch/locks/job-flows/{free}")).unwrap().contains("\"free\""));
}

#[test]
fn where_locks_of_early_mrjob_are_out_of_sight_its_pools_are_left_alone() {
    let early = |id: &str| tagged(idle(id), "__mrjob_pool_name", "etl");
    let hash = "0123456789abcdef0123456789abcdef";
    let late = |id: &str| with(early(id), "Name", json!(format!("job.1 pooling:0.7.4,etl,{hash}")));
    let clusters = [early("j-EARLY1"), there(early("j-EARLY2")), late("j-LATE1"), there(late("j-LATE2"))];
    let sandbox = loaded(&clusters, &[]);
    // The bucket is in us-east-1.
    let scratch = ["--s3-scratch-uri", "s3://bucket/tmp/"];
    for (args, ended) in [(&scratch[..], &["j-EARLY1", "j-LATE1", "j-LATE2"][..]), (&[], &["j-LATE1", "j-LATE2"])] {
        let ran = sandbox.run(SWEEP, &[&BOTH[..], args, &["--dry-run"]].concat());
        assert_eq!((ran.code, ids(&ran)), (Some(1), set(ended)), "{ran:?}");
        let said = "eu-west-1: j-EARLY2 is in a pool of mrjob's whose locks are not known in its region";
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
    let alone = [&["--region", "eu-west-1"], &scratch[..]].concat();
    assert_eq!(doomed(&sandbox, &alone), set(&["j-EARLY2", "j-LATE2"]));
}
