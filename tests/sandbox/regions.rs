//! Each region has job flows of its own.

use harness::Ran;
use serde_json::json;

use crate::sandbox;

/// The ids that the sandbox lists in `region`.
fn listed(sandbox: &harness::Sandbox, region: &str) -> Vec<String> {
    let listed = sandbox.answer_in(region, "ListClusters", &json!({}));
    let ids = listed["Clusters"].as_array().unwrap().iter();
    ids.map(|cluster| cluster["Id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_job_flow_is_in_the_region_that_it_was_asked_for_in() {
    let sandbox = sandbox(&["--fault", "ListClusters@ap-east-1:not-enabled:1"]);
    let here = sandbox.job_flow(&[]);
    let there = sandbox.job_flow(&["--region", "eu-west-1"]);
    assert_eq!([listed(&sandbox, "us-east-1"), listed(&sandbox, "eu-west-1")], [[here.as_str()], [there.as_str()]]);
    let (status, body) = sandbox.ask("DescribeCluster", &json!({"ClusterId": there}));
    assert!(status == "400" && body.contains("is not valid"), "{body}");
    let described = sandbox.answer_in("eu-west-1", "DescribeCluster", &json!({"ClusterId": there}));
    let arn = described["Cluster"]["ClusterArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:elasticmapreduce:eu-west-1:"), "{arn}");
    let (_, body) = sandbox.ask_in("ap-east-1", "ListClusters", &json!({}));
    assert!(body.contains("UnrecognizedClientException"), "{body}");
    // Something that is no region, as old clients sign for an address, is the sandbox's own.
    assert_eq!(listed(&sandbox, "0"), [here.as_str()]);
}

#[test]
fn a_step_runs_in_the_region_of_its_job_flow() {
    let sandbox = sandbox(&[]);
    let region = ["--region", "eu-west-1"];
    let id = sandbox.job_flow(&region);
    let mut add = sandbox.tool("add-step");
    let record = Ran::of(add.args(region).args([&id, "--", "sh", "-c", "test $AWS_REGION = eu-west-1"])).ok().stdout;
    Ran::with_stdin(sandbox.tool("wait-step").args(region), &record).ok();
}
