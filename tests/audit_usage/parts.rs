//! What the records say.

use serde_json::{Value, json};

use crate::account::{HOUR, JobFlow, audit, group, loaded, parts_of, sandbox, some_day};

/// Job flows whose steps overlap, fail, have no end and outlast their job flow.
fn motley() -> Vec<JobFlow> {
    let day = some_day();
    let one_by_one =
        [("a", "COMPLETED", 700, Some(1500)), ("b", "FAILED", 1600, Some(1700)), ("a", "COMPLETED", 2000, Some(2001))];
    let overlapping = [
        ("a", "COMPLETED", 400, Some(900)),
        ("b", "CANCELLED", 600, Some(1200)),
        ("c", "COMPLETED", 800, Some(1000)),
        ("d", "INTERRUPTED", 1100, Some(1300)),
        ("e", "COMPLETED", 3000, Some(9000)),
    ];
    let odd = [
        ("a", "COMPLETED", 10, Some(500)),
        ("b", "COMPLETED", 600, None),
        ("c", "PENDING", 700, None),
        ("d", "COMPLETED", 900, Some(800)),
        ("e", "FAILED", 1000, Some(1001)),
    ];
    let running = [("a", "COMPLETED", 400, Some(500)), ("b", "RUNNING", 3 * HOUR, None)];
    vec![
        JobFlow::new("ONE", day, 600, 2500, &one_by_one),
        JobFlow::new("OVER", day + HOUR, 300, 4000, &overlapping),
        JobFlow::new("ODD", day + 2 * HOUR, 300, 1500, &odd),
        JobFlow { ready: None, ..JobFlow::new("NEVER", day, 0, 900, &[]) },
        JobFlow { ended: None, cores: (9, 3), ..JobFlow::new("ALIVE", day, 300, 0, &running) },
    ]
}

#[test]
fn the_parts_of_each_job_flow_are_those_that_each_second_tells() {
    let job_flows = motley();
    let sandbox = sandbox(&job_flows, &[]);
    let records = audit(&sandbox, &["--group-by", "job_flow,pool"]).records();
    assert_eq!(records.len(), 6, "{records:?}");
    for job_flow in &job_flows {
        let record = group(&records, &job_flow.id);
        let life = record["life_s"].as_i64().unwrap();
        assert!(job_flow.ended.is_none_or(|ended| ended == life), "{record}");
        assert_eq!(parts_of(record), job_flow.parts(life), "{record}");
        assert_eq!(parts_of(record).iter().sum::<i64>(), life);
        // Of one that has ended those that were requested, of one that is alive those that run.
        let instances = if job_flow.ended.is_some() { 2.0 } else { 4.0 };
        let hours = |key: &str| record[key].as_f64().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "lives are short")]
        let life_h = life as f64 / 3600.0;
        assert!((hours("instance_h") - instances * life_h).abs() < 1e-5, "{record}");
        assert!((hours("life_vcpu_h") - 4.0 * instances * life_h).abs() < 1e-5, "{record}");
    }
    let unpooled = records.iter().find(|record| record["group_by"] == "pool").unwrap();
    assert_eq!((unpooled.get("group"), &unpooled["job_flows"]), (None, &json!(5)));
    // What was never ready is not asked for its steps.
    assert_eq!((sandbox.requests("ListClusters").len(), sandbox.requests("ListSteps").len()), (1, 4));
    assert_eq!((sandbox.requests("DescribeCluster").len(), sandbox.requests("ListInstanceGroups").len()), (5, 5));
}

#[test]
fn a_pool_saves_bootstraps_and_idle_time_belongs_to_the_job_before_it() {
    let pooled = |id: &str, created, steps: &[_]| JobFlow {
        name: format!("night.ann pool:etl,0123456789abcdef run:{}", "0123456789ab"),
        ..JobFlow::new(id, created, 400, 5000, steps)
    };
    let mr = "mr_wc.bob.20261122.060000.123456: Step 1 of 2";
    let mr_2 = "mr_wc.bob.20261122.060000.123456: Step 2 of 2";
    let steps = [
        (mr, "COMPLETED", 500, Some(600)),
        (mr_2, "COMPLETED", 650, Some(700)),
        ("sort run:0123456789ab", "COMPLETED", 1000, Some(2000)),
        ("sort run:ab0123456789", "FAILED", 2500, Some(3000)),
    ];
    let sandbox = sandbox(&[pooled("A", some_day(), &steps), pooled("B", some_day(), &steps[2..3])], &[]);
    let records = audit(&sandbox, &["--group-by", "pool", "--group-by", "job"]).records();
    let pool = group(&records, "etl");
    assert_eq!(
        [&pool["job_flows"], &pool["jobs"], &pool["bootstraps_saved"], &pool["bootstraps_saved_s"]],
        [2, 4, 2, 800]
    );
    assert_eq!(parts_of(group(&records, "mr_wc")), [400, 150, 0, 100 + 50 + 300, 0]);
    assert_eq!(parts_of(group(&records, "sort")), [400, 2000, 500, 500 + 600, 2000 + 3000]);
    assert_eq!(
        records.iter().map(|record| record["group"].as_str().unwrap()).collect::<Vec<_>>(),
        ["etl", "sort", "mr_wc"]
    );
}

#[test]
fn days_hours_and_windows_cut_lives() {
    let day = some_day();
    let steps = [("a", "COMPLETED", 1800, Some(2 * HOUR))];
    let sandbox = sandbox(&[JobFlow::new("A", day - HOUR, 600, 3 * HOUR, &steps)], &[]);
    let run = |args: &[&str]| audit(&sandbox, args).records();
    let lives = |records: &[Value]| records.iter().map(|record| record["life_s"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(lives(&run(&["--group-by", "day"])), [HOUR, 2 * HOUR]);
    let hours = run(&["--group-by", "hour"]);
    assert_eq!(
        hours.iter().map(parts_of).collect::<Vec<_>>(),
        [[600, 1800, 0, 1200, 0], [0, 3600, 0, 0, 0], [0, 0, 0, 0, 3600]]
    );
    assert!(hours[1]["group"].as_str().unwrap().ends_with("T00:00:00Z"), "{hours:?}");
    let window = ["--since", &time(day - 1000), "--until", &time(day + 500)];
    let cut = run(&window);
    assert_eq!(parts_of(&cut[0]), [0, 1500, 0, 0, 0]);
    assert_eq!(run(&["--until", &time(day - 2 * HOUR)]), [Value::Null; 0]);
}

fn time(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339()
}

#[test]
fn sizes_come_from_fleets_too_and_dollars_from_the_user() {
    let mut fleets = JobFlow::new("FLEET", some_day(), 600, HOUR, &[]).json();
    fleets["Cluster"]["InstanceCollectionType"] = json!("INSTANCE_FLEET");
    fleets.as_object_mut().unwrap().remove("InstanceGroups");
    let fleet = |id: &str, role: &str, spot: u32, types: &[&str]| {
        let types: Vec<_> = types.iter().map(|name| json!({"InstanceType": name, "WeightedCapacity": 2})).collect();
        json!({"Id": id, "InstanceFleetType": role, "TargetSpotCapacity": spot, "InstanceTypeSpecifications": types})
    };
    fleets["InstanceFleets"] =
        json!([fleet("if-1", "MASTER", 1, &["m5.xlarge"]), fleet("if-2", "CORE", 5, &["c5.2xlarge"])]);
    let mut mixed = JobFlow::new("MIXED", some_day(), 600, HOUR, &[]).json();
    mixed["Cluster"]["InstanceCollectionType"] = json!("INSTANCE_FLEET");
    mixed.as_object_mut().unwrap().remove("InstanceGroups");
    mixed["InstanceFleets"] = json!([fleet("if-3", "CORE", 5, &["c5.2xlarge", "m5.xlarge"])]);
    let mut forgotten = mixed.clone();
    forgotten["Cluster"]["Id"] = json!("j-FORGOTTEN");
    let instance = |number: u32, name: &str, created: i64, ended: i64| {
        let timeline = json!({"CreationDateTime": some_day() + created, "EndDateTime": some_day() + ended});
        json!({
            "Id": format!("ci-{number}"), "Ec2InstanceId": format!("i-{number}"), "InstanceFleetId": "if-3",
            "InstanceType": name, "Status": {"State": "TERMINATED", "Timeline": timeline},
        })
    };
    // The second was lost, and the fourth came in its place.
    mixed["Instances"] = json!([
        instance(1, "c5.2xlarge", 10, HOUR),
        instance(2, "c5.2xlarge", 10, 2000),
        instance(3, "m5.xlarge", 10, HOUR),
        instance(4, "m5.xlarge", 2100, HOUR),
    ]);
    let sandbox = loaded(&[fleets, mixed, forgotten], &[]);
    let prices = sandbox.file("prices", "m5.xlarge 0.5 # with EMR's fee\nc5.2xlarge 1\n");
    let args = ["--group-by", "job_flow,instance_type", "--prices", prices.to_str().unwrap()];
    let records = audit(&sandbox, &args).records();
    let fleet = group(&records, "j-FLEET");
    assert_eq!([&fleet["life_vcpu_h"], &fleet["instance_h"], &fleet["life_usd"]], [28.0, 4.0, 3.5], "{fleet}");
    let mixed = group(&records, "j-MIXED");
    assert_eq!([&mixed["life_vcpu_h"], &mixed["instance_h"], &mixed["life_usd"]], [20.0, 3.0, 2.5], "{mixed}");
    let forgotten = group(&records, "j-FORGOTTEN");
    assert_eq!((forgotten.get("life_vcpu_h"), forgotten.get("life_usd")), (None, None));
    assert_eq!((&forgotten["unsized_job_flows"], &forgotten["unpriced_job_flows"]), (&json!(1), &json!(1)));
    assert_eq!(group(&records, "c5.2xlarge")["life_usd"], 5.0);
}

#[test]
fn people_get_a_table_and_a_summary() {
    let sandbox = sandbox(&motley()[..2], &[]);
    let ran = audit(&sandbox, &["--output", "table", "--group-by", "owner,job"]);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("BY     GROUP  FLOWS  HOURS  VCPU-H  START  USED  FAILED"), "{}", ran.stdout);
    assert!(ran.stderr.contains("2 job flows, 14.4 vCPU-hours: 14 % starting"), "{}", ran.stderr);
    let ids = audit(&sandbox, &["--output", "id", "--group-by", "job_flow", "-q"]);
    assert_eq!((ids.stdout.lines().count(), ids.stderr.as_str()), (2, ""));
}
