//! What is asked of EMR, and what is known without asking.

use harness::{Ran, Tools};
use serde_json::{Value, json};

use crate::TOOL;
use crate::account::{HOUR, JobFlow, audit, group, parts_of, sandbox, some_day};

#[test]
fn the_list_alone_costs_a_call_for_fifty_job_flows() {
    let steps = [("a", "COMPLETED", 700, Some(800))];
    let job_flow = |number: i64| {
        let shape = "m1:m5.xlarge+c3:m5.2xlarge";
        JobFlow {
            name: format!("night pool:etl,0123456789abcdef,{shape} run:0123456789ab"),
            ..JobFlow::new(&format!("{number:05}"), some_day(), 600, HOUR, &steps)
        }
    };
    let sandbox = sandbox(&(0..500).map(job_flow).collect::<Vec<_>>(), &["--quotas", "emr"]);
    let ran = audit(&sandbox, &["--list-only"]);
    let record = ran.record();
    assert_eq!([&record["job_flows"], &record["life_s"]], [500, 500 * HOUR]);
    assert_eq!([&record["starting_s"], &record["unknown_s"], &record["used_s"]], [500 * 600, 500 * 3000, 0]);
    assert_eq!(record["life_vcpu_h"], 14000.0, "the shape in the Name tells it");
    assert!(record.get("bootstraps_saved").is_none(), "{record}");
    assert!(
        ran.stderr.contains("83 % unknown") && ran.stderr.contains("waste is between 0 % and 84 %"),
        "{}",
        ran.stderr
    );
    assert_eq!((sandbox.requests("ListClusters").len(), sandbox.all_requests().len()), (10, 10));
}

#[test]
fn the_bounds_are_of_time_where_sizes_are_those_of_names() {
    // The Name tells four times the vCPUs that the second has in truth, and the second wastes all.
    let used = [("a", "COMPLETED", 600, Some(HOUR))];
    let named = |id: &str, shape: &str, steps: &[_]| JobFlow {
        name: format!("night pool:etl,0123456789abcdef,{shape} run:0123456789ab"),
        ..JobFlow::new(id, some_day(), 600, HOUR, steps)
    };
    let sandbox = sandbox(&[named("A", "m1:m5.xlarge", &used), named("B", "m1:m5.xlarge+c7:m5.xlarge", &[])], &[]);
    let ran = audit(&sandbox, &["--list-only", "--output", "table"]);
    assert!(ran.stderr.contains("2 job flows, 2.0 hours: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("waste is between 0 % and 84 % of the hours"), "{}", ran.stderr);
}

#[test]
fn with_a_budget_the_dearest_come_first_and_the_truth_is_within_the_bounds() {
    let steps = [("a", "COMPLETED", 700, Some(900))];
    let job_flow = |number: i64| {
        let long = JobFlow::new(&format!("A{number}"), some_day(), 600, HOUR * (number + 1), &steps);
        let mut json = long.json();
        json["Cluster"]["NormalizedInstanceHours"] = json!((number + 1) * 16);
        (long, json)
    };
    let (job_flows, clusters): (Vec<_>, Vec<_>) = (0..12).map(job_flow).unzip();
    let sandbox = crate::account::loaded(&clusters, &[]);
    let ran = audit(&sandbox, &["--budget", "3s", "--group-by", "job_flow,pool"]);
    let records = ran.records();
    assert_eq!(group(&records, "j-A11").get("unknown_s"), None, "{}", ran.stderr);
    for (job_flow, life) in job_flows.iter().zip((1..).map(|number: i64| number * HOUR)) {
        check_bounds(group(&records, &job_flow.id), job_flow.parts(life));
    }
    let all = records.iter().find(|record| record["group_by"] == "pool").unwrap();
    let lives = job_flows.iter().zip((1..).map(|number: i64| number * HOUR));
    let truth = lives.map(|(job_flow, life)| job_flow.parts(life));
    check_bounds(all, truth.fold([0; 5], |all, parts| std::array::from_fn(|part| all[part] + parts[part])));
    assert!(all["unknown_s"].as_i64().unwrap() > 0 && ran.stderr.contains("waste is between"), "{}", ran.stderr);
}

/// What is wasted for certain is not more than the `truth`, nor is the truth more than that and what is unknown.
fn check_bounds(record: &Value, truth: [i64; 5]) {
    let wasted = |parts: [i64; 5]| parts[2] + parts[3] + parts[4];
    let (known, unknown) = (wasted(parts_of(record)), record["unknown_s"].as_i64().unwrap_or(0));
    assert!((known..=known + unknown).contains(&wasted(truth)), "{record}");
    assert!(unknown > 0 || parts_of(record) == truth, "{record}");
}

#[test]
fn the_dearest_comes_first_wherever_it_stands_in_the_list() {
    // EMR lists the newest first, fifty a page.
    let job_flow = |number: i64| {
        let mut json = JobFlow::new(&format!("A{number}"), some_day() + number, 600, HOUR, &[]).json();
        json["Cluster"]["NormalizedInstanceHours"] = json!(if number == 0 { 1000 } else { 1 });
        json
    };
    let sandbox = crate::account::loaded(&(0..60).map(job_flow).collect::<Vec<_>>(), &["--quotas", "emr"]);
    let ran = audit(&sandbox, &["--budget", "1s", "--group-by", "job_flow"]);
    assert_eq!(group(&ran.records(), "j-A0").get("unknown_s"), None, "{}", ran.stderr);
    let asked = sandbox.all_requests();
    let last_list = asked.iter().rposition(|request| request["operation"] == "ListClusters").unwrap();
    assert!(asked[..last_list].iter().all(|request| request["operation"] == "ListClusters"), "{asked:?}");
}

#[test]
fn a_budget_within_which_nothing_is_answered_is_a_failure() {
    let sandbox = sandbox(&[JobFlow::new("A", some_day(), 600, HOUR, &[])], &["--fault", "ListSteps:throttle:50"]);
    let ran = sandbox.run("audit-usage", &["--budget", "1s"]);
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains("EMR did not answer for one job flow within --budget"), "{}", ran.stderr);
    assert_eq!(ran.record()["unknown_s"], 3000);
    assert!(ran.stderr.ends_with("; incomplete, because these failed: the look at a job flow\n"), "{}", ran.stderr);
}

#[test]
fn one_that_cannot_be_looked_at_is_an_error_and_unknown_and_the_rest_is_reported() {
    let job_flows = ["A", "B"].map(|id| JobFlow::new(id, some_day(), 600, HOUR, &[]));
    let sandbox = sandbox(&job_flows, &["--fault", "ListSteps:deny:1"]);
    let ran = sandbox.run("audit-usage", &["--group-by", "owner"]);
    assert_eq!(ran.code, Some(77), "{ran:?}");
    assert_eq!([&ran.record()["unknown_s"], &ran.record()["idle_at_end_s"]], [3000, 3000]);
    assert!(ran.stderr.ends_with("; incomplete, because these failed: the look at a job flow\n"), "{}", ran.stderr);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (prices, notes) = (file("prices", "m5.xlarge much\n"), file("notes", "remember the milk\n"));
    for (args, code, words) in [
        (&["--group-by", "colour"][..], 2, "the groups are pool, owner, job, job_flow, day, hour, instance_type"),
        (&["--budget", "10"], 2, "has no unit"),
        (&["--budget", "10m", "--list-only"], 2, "cannot be used with"),
        (&["--since", "1h", "--until", "2h"], 2, "--since is not before --until"),
        (&["--prices", &prices], 78, "line 1 is 'm5.xlarge much'"),
        (&["--prices", "/nowhere/prices"], 74, "cannot read /nowhere/prices"),
        (&["--archive", "/nowhere/usage.jsonl"], 74, "cannot open /nowhere/usage.jsonl"),
        (&["--archive", "/dev/null"], 74, "cannot write /dev/null: it is no plain file"),
        (&["--html", "/dev/null"], 74, "cannot write /dev/null: it is no plain file"),
        (&["--html", "/"], 74, "cannot write /: it is no plain file"),
        (&["--archive", &notes], 78, "is no record of an archived job flow"),
        (&["--archive", &notes, "--output-file", &notes], 2, "--archive and --output-file name one file"),
        (&["--html", &notes, "--prices", &notes], 2, "--prices and --html name one file"),
        (&["--html", "-"], 2, "--html needs a file, and - is none; write ./- for one of that name"),
        (&["--output", "prometheus", "--output-label", "a=1", "--output-label", "a=2"], 2, "names a twice"),
    ] {
        let mut command = Tools::beside(TOOL).command("audit-usage");
        command.args(args).args(["--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1", "--no-conf"]);
        Ran::of(&mut command).fails(code, words);
    }
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "remember the milk\n");
}
