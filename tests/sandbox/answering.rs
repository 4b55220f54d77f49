//! What EMR is known to answer, a line each: from recordings, public bug reports and AWS's own documentation.

use harness::Sandbox;
use serde_json::{Value, json};

use crate::sandbox;

/// A request that EMR accepts.
fn request() -> Value {
    json!({
        "Name": "x",
        "ReleaseLabel": "emr-7.1.0",
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "LogUri": "s3://bucket/logs",
        "Instances": {"KeepJobFlowAliveWhenNoSteps": true, "InstanceGroups": [group("MASTER", 1), group("CORE", 2)]},
    })
}

fn group(role: &str, count: usize) -> Value {
    json!({"InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count})
}

fn step(action: &str, command: &[&str]) -> Value {
    let jar = json!({"Jar": "command-runner.jar", "Args": command});
    json!({"Name": "s", "ActionOnFailure": action, "HadoopJarStep": jar})
}

/// Starts what the request asks for when `changes` are made to it.
fn run(sandbox: &Sandbox, changes: &[(&str, Value)]) -> String {
    let mut request = request();
    for (pointer, value) in changes {
        put(&mut request, pointer, value);
    }
    sandbox.answer("RunJobFlow", &request)["JobFlowId"].as_str().unwrap().to_owned()
}

fn put(request: &mut Value, pointer: &str, value: &Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    request.pointer_mut(parent).unwrap()[name] = value.clone();
}

fn described(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.answer("DescribeCluster", &json!({"ClusterId": id}))["Cluster"].clone()
}

/// The cluster once it is in `state`, or would never be.
fn ended(sandbox: &Sandbox, id: &str) -> Value {
    loop {
        let cluster = described(sandbox, id);
        if cluster["Status"]["State"].as_str().unwrap().starts_with("TERMINATED") {
            return cluster;
        }
        std::thread::yield_now();
    }
}

/// That `operation` is refused with an error of type and message.
fn refuses(sandbox: &Sandbox, operation: &str, request: &Value, kind: &str, message: &str) {
    let (status, body) = sandbox.ask(operation, request);
    let body: Value = serde_json::from_str(&body).unwrap();
    let said = body.get("message").or(body.get("Message")).and_then(Value::as_str).unwrap_or_default();
    let got = (status.as_str(), body["__type"].as_str().unwrap_or_default(), said);
    assert_eq!(got, ("400", kind, message), "{operation} {request}");
}

const VALIDATION: &str = "ValidationException";
const INVALID: &str = "InvalidRequestException";

#[test]
fn requests_for_clusters_that_are_none_are_refused_in_emrs_words() {
    let sandbox = sandbox(&[]);
    let none = "j-0000000000000";
    let cluster = |id: &str| json!({"ClusterId": id});
    refuses(&sandbox, "DescribeCluster", &cluster(none), INVALID, &format!("Cluster id '{none}' is not valid."));
    refuses(&sandbox, "ListSteps", &cluster("\"j-1\""), VALIDATION, "clusterId '\"j-1\"' is not valid.");
    let flows = json!({"JobFlowIds": [none]});
    refuses(&sandbox, "TerminateJobFlows", &flows, VALIDATION, "Specified job flow ID not valid.");
    let steps = json!({"JobFlowId": none, "Steps": [step("CONTINUE", &["true"])]});
    refuses(&sandbox, "AddJobFlowSteps", &steps, VALIDATION, "Specified job flow ID does not exist.");
    let id = run(&sandbox, &[]);
    let twice = json!({"JobFlowIds": [id, id]});
    refuses(&sandbox, "TerminateJobFlows", &twice, VALIDATION, "Specified job flow ID does not exist");
    let structure = json!({"JobFlowId": id, "Steps": {"Name": "s"}});
    let words = "Start of structure or map found where not expected.";
    refuses(&sandbox, "AddJobFlowSteps", &structure, "SerializationException", words);
}

#[test]
fn job_flows_that_emr_does_not_start_are_refused_in_emrs_words() {
    let sandbox = sandbox(&[]);
    let types = json!([{
        "InstanceType": "m5.xlarge", "BidPrice": "0.1", "BidPriceAsPercentageOfOnDemandPrice": 50.0,
    }]);
    let master = json!({
        "InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
    });
    let core = json!({"InstanceFleetType": "CORE", "TargetSpotCapacity": 1, "InstanceTypeConfigs": types});
    let mut large = group("MASTER", 1);
    large["InstanceType"] = json!("r7g.mega");
    let limits = json!({"ComputeLimits": {
        "UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 2, "MaximumCoreCapacityUnits": 3,
    }});
    let core_above_max =
        "Invalid configuration for managed scaling. The max Core capacity cannot be higher than max capacity";
    let cases = [
        (
            "/Instances",
            json!({"InstanceFleets": [master, core]}),
            "Specify at most one of bidPrice or bidPriceAsPercentageOfOnDemandPrice value for the Spot Instance fleet \
             : request.",
        ),
        ("/JobFlowRole", Value::Null, "InstanceProfile is required for creating cluster."),
        ("/JobFlowRole", json!("no role"), "Invalid InstanceProfile: no role."),
        ("/ReleaseLabel", json!("emr-5.3.1"), "The supplied release label is invalid: emr-5.3.1."),
        ("/Instances", json!({"InstanceGroups": [large]}), "Instance type 'r7g.mega' is not supported."),
        ("/ManagedScalingPolicy", limits.clone(), core_above_max),
    ];
    for (pointer, value, message) in cases {
        let mut request = request();
        put(&mut request, pointer, &value);
        refuses(&sandbox, "RunJobFlow", &request, VALIDATION, message);
    }
    let id = run(&sandbox, &[]);
    let policy = json!({"ClusterId": id, "ManagedScalingPolicy": limits});
    refuses(&sandbox, "PutManagedScalingPolicy", &policy, VALIDATION, core_above_max);
}

#[test]
fn groups_are_resized_only_once_the_cluster_is_up() {
    let sandbox = sandbox(&["--provision-s", "3600"]);
    let id = run(&sandbox, &[]);
    let groups = sandbox.answer("ListInstanceGroups", &json!({"ClusterId": id}))["InstanceGroups"].clone();
    let change = json!({"ClusterId": id, "InstanceGroups": [{"InstanceGroupId": groups[1]["Id"], "InstanceCount": 3}]});
    let words = "An instance group may only be modified when the cluster is running or waiting";
    refuses(&sandbox, "ModifyInstanceGroups", &change, VALIDATION, words);
}

#[test]
fn steps_that_cannot_be_cancelled_say_why() {
    let sandbox = sandbox(&[]);
    let steps = |command: &[&str]| ("/Steps", json!([step("CONTINUE", command), step("CONTINUE", &["true"])]));
    let cancel = |id: &str, place: usize| {
        let listed = sandbox.answer("ListSteps", &json!({"ClusterId": id}));
        let step = &listed["Steps"][1 - place];
        sandbox.answer("CancelSteps", &json!({"ClusterId": id, "StepIds": [step["Id"]]}))["CancelStepsInfoList"][0]
            ["Reason"]
            .clone()
    };
    let old = run(&sandbox, &[steps(&["sleep", "1000"]), ("/ReleaseLabel", json!("emr-5.20.0"))]);
    assert_eq!(cancel(&old, 0), "Cannot cancel the step. It is already RUNNING.");
    assert_eq!(cancel(&old, 1), "");
    assert_eq!(cancel(&old, 1), "Cannot cancel the step. It is already CANCELLED.");
    let oldest = run(&sandbox, &[steps(&["sleep", "1000"]), ("/ReleaseLabel", json!("emr-4.7.0"))]);
    assert_eq!(cancel(&oldest, 1), "This step cannot be cancelled.");
}

#[test]
fn a_transient_job_flow_ends_as_its_steps_did() {
    let sandbox = sandbox(&[]);
    for (action, command, state, code, message) in [
        ("CONTINUE", "true", "TERMINATED", "ALL_STEPS_COMPLETED", "Steps completed"),
        ("CONTINUE", "false", "TERMINATED", "STEP_FAILURE", "Steps completed with errors"),
        ("TERMINATE_CLUSTER", "false", "TERMINATED_WITH_ERRORS", "STEP_FAILURE", "Shut down as step failed"),
    ] {
        let steps = json!([step(action, &[command])]);
        let changes = [("/Steps", steps), ("/Instances/KeepJobFlowAliveWhenNoSteps", json!(false))];
        let status = ended(&sandbox, &run(&sandbox, &changes))["Status"].clone();
        assert_eq!(status["State"], state, "{status}");
        assert_eq!(status["StateChangeReason"], json!({"Code": code, "Message": message}));
    }
}

#[test]
fn three_masters_protect_a_job_flow_and_keep_it() {
    let sandbox = sandbox(&[]);
    let instances = json!({"InstanceGroups": [group("MASTER", 3), group("CORE", 2)]});
    let id = run(&sandbox, &[("/Instances", instances)]);
    let cluster = described(&sandbox, &id);
    assert_eq!((&cluster["TerminationProtected"], &cluster["AutoTerminate"]), (&json!(true), &json!(false)));
    assert_eq!(cluster["UnhealthyNodeReplacement"], true);
    let words = "Could not shut down one or more job flows since they are termination protected.";
    refuses(&sandbox, "TerminateJobFlows", &json!({"JobFlowIds": [id]}), VALIDATION, words);
}

#[test]
fn a_new_cluster_has_the_members_that_emr_gives_it() {
    let sandbox = sandbox(&[]);
    let id = run(&sandbox, &[]);
    let cluster = described(&sandbox, &id);
    assert_eq!(cluster["LogUri"], "s3n://bucket/logs/");
    assert_eq!(cluster["ScaleDownBehavior"], "TERMINATE_AT_TASK_COMPLETION");
    assert_eq!((&cluster["KerberosAttributes"], &cluster["PlacementGroups"]), (&json!({}), &json!([])));
    assert_eq!(cluster["NormalizedInstanceHours"], 0, "in the first hour");
    assert_eq!(cluster["Status"]["StateChangeReason"], json!({"Message": "Cluster ready to run steps."}));
    let attributes = &cluster["Ec2InstanceAttributes"];
    for (member, lead) in
        [("Ec2SubnetId", "subnet-"), ("EmrManagedMasterSecurityGroup", "sg-"), ("EmrManagedSlaveSecurityGroup", "sg-")]
    {
        assert!(attributes[member].as_str().unwrap().starts_with(lead), "{attributes}");
    }
    assert_eq!(attributes["AdditionalMasterSecurityGroups"], json!([]));
    let groups = sandbox.answer("ListInstanceGroups", &json!({"ClusterId": id}));
    assert_eq!(groups["InstanceGroups"][0]["Status"]["StateChangeReason"], json!({"Message": ""}));
    let instances = sandbox.answer("ListInstances", &json!({"ClusterId": id}));
    assert_eq!(instances["Instances"][0]["Status"]["StateChangeReason"], json!({}));

    sandbox.run("wait-step", &["--emr-job-flow-id", &id, &sandbox.shell_step(&id, "true")]).ok();
    let status = described(&sandbox, &id)["Status"].clone();
    assert_eq!(status["StateChangeReason"], json!({"Message": "Cluster ready after last step completed."}));
    let steps = sandbox.answer("ListSteps", &json!({"ClusterId": id}));
    assert_eq!(steps["Steps"][0]["Status"]["StateChangeReason"], json!({}));
    assert_eq!(sandbox.answer("TerminateJobFlows", &json!({"JobFlowIds": [id]})), Value::Null);
}

#[test]
fn what_the_sandbox_lacks_is_refused_by_its_name() {
    let sandbox = sandbox(&[]);
    let unknown = "UnknownOperationException";
    refuses(&sandbox, "StartSession", &json!({}), unknown, "emr-sandbox does not have StartSession, which EMR has.");
    assert_eq!(sandbox.ask("Nonsense", &json!({})).1, r#"{"__type":"UnknownOperationException"}"#);
}
