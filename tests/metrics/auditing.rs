//! What audit-usage measures.

use harness::{Sandbox, Tools};
use serde_json::json;

use crate::{HOUR, SANDBOX, cluster, gauges, has, loaded, now, pooled};

const TOOL: &str = "audit-usage";

/// A job flow that was ready for two hours and then ended, with a step that completed after the first of these.
fn ended(id: &str, name: &str) -> serde_json::Value {
    let day = (now() / 86_400.0).floor() * 86_400.0 - 86_400.0;
    let mut cluster = cluster(id, name, "TERMINATED");
    let at = |hours: f64| day + hours * HOUR;
    cluster["Cluster"]["Status"]["Timeline"] =
        json!({"CreationDateTime": at(0.0), "ReadyDateTime": at(0.5), "EndDateTime": at(2.5)});
    let timeline = json!({"CreationDateTime": at(0.0), "StartDateTime": at(0.5), "EndDateTime": at(1.5)});
    cluster["Steps"] = json!([{"Id": format!("s-{}", &id[2..]), "Name": "sort", "Status": {"State": "COMPLETED", "Timeline": timeline}}]);
    cluster["InstanceGroups"] = json!([{
        "Id": format!("ig-{}", &id[2..]), "InstanceGroupType": "MASTER", "InstanceType": "m5.xlarge",
        "Market": "ON_DEMAND", "RequestedInstanceCount": 1, "RunningInstanceCount": 0,
    }]);
    cluster
}

#[test]
fn the_parts_of_each_group_and_of_all_are_measured_in_seconds() {
    let sandbox = loaded(&[ended("j-A", &pooled("etl")), ended("j-B", "night.ann")], &[]);
    let (ran, samples) = gauges(&sandbox, TOOL, &["-q", "--group-by", "pool,job,instance-type"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let of = |name: &str, label: &str, part: &str| format!("emr_{name}{{{label}part=\"{part}\",region=\"us-east-1\"}}");
    has(
        &samples,
        &[
            (&of("usage_seconds", "", "used"), 7200.0),
            (&of("usage_vcpu_seconds", "", "idle_at_end"), 4.0 * 7200.0),
            (&of("usage_vcpu_seconds", "", "unknown"), 0.0),
            (r#"emr_pool_usage_vcpu_seconds{part="used",pool="etl",region="us-east-1"}"#, 4.0 * 3600.0),
            (r#"emr_pool_usage_seconds{part="starting",pool="etl",region="us-east-1"}"#, 1800.0),
            (&of("pool_usage_seconds", "", "idle_at_end"), 3600.0),
            (&of("job_usage_vcpu_seconds", "job_name=\"sort\",", "used"), 4.0 * 7200.0),
            (&of("instance_type_usage_seconds", "instance_type=\"m5.xlarge\",", "used"), 7200.0),
            (r#"emr_usage_job_flows{region="us-east-1"}"#, 2.0),
            (r#"emr_usage_looked_at_ratio{region="us-east-1"}"#, 1.0),
            (r#"emr_usage_least_wasted_ratio{region="us-east-1"}"#, 0.4),
            (r#"emr_usage_most_wasted_ratio{region="us-east-1"}"#, 0.4),
            (r#"emr_tools_last_run_success{region="us-east-1",tool="audit-usage"}"#, 1.0),
        ],
    );
    assert!(!samples.keys().any(|sample| sample.contains("dollars") || sample.contains("j-A")), "{samples:#?}");
    let (_, samples) = gauges(&sandbox, TOOL, &["-q", "--list-only"]);
    has(
        &samples,
        &[
            (&of("usage_seconds", "", "unknown"), 14_400.0),
            (r#"emr_usage_looked_at_job_flows{region="us-east-1"}"#, 0.0),
            (r#"emr_usage_least_wasted_ratio{region="us-east-1"}"#, 0.0),
            (r#"emr_usage_most_wasted_ratio{region="us-east-1"}"#, 0.8),
        ],
    );
    assert!(!samples.contains_key(&of("usage_vcpu_seconds", "", "used")), "no size is known: {samples:#?}");
    let prices = sandbox.file("prices", "m5.xlarge 0.5");
    let (_, samples) = gauges(&sandbox, TOOL, &["-q", "--prices", prices.to_str().unwrap()]);
    has(&samples, &[(&of("usage_dollars", "", "used"), 1.0)]);
}

#[test]
fn an_account_with_nothing_in_it_has_zeros() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    let (ran, samples) = gauges(&sandbox, TOOL, &["-q"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    has(
        &samples,
        &[
            (r#"emr_usage_vcpu_seconds{part="used",region="us-east-1"}"#, 0.0),
            (r#"emr_usage_seconds{part="unknown",region="us-east-1"}"#, 0.0),
            (r#"emr_usage_looked_at_ratio{region="us-east-1"}"#, 1.0),
            (r#"emr_usage_most_wasted_ratio{region="us-east-1"}"#, 0.0),
        ],
    );
}

#[test]
fn groups_of_which_there_are_ever_more_are_refused() {
    let sandbox = Sandbox::start(&Tools::beside(SANDBOX), &[]);
    for by in ["job_flow", "day", "hour"] {
        let args = ["--output", "prometheus", "--group-by", &format!("pool,{by}")];
        sandbox.run(TOOL, &args).fails(2, &format!("cannot be used with --group-by {by}"));
    }
    assert!(sandbox.all_requests().is_empty());
}
