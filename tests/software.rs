//! What a job flow is made of, in the request that create-job-flow would send and in what EMR then tells of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use harness::{Ran, Sandbox, Tools};
use serde_json::{Value, json};

const TOOL: &str = env!("CARGO_BIN_EXE_create-job-flow");

fn tools() -> Tools {
    Tools::beside(TOOL)
}

fn dry_run(args: &[&str]) -> Ran {
    Ran::of(tools().command("create-job-flow").arg("--dry-run").args(args))
}

/// What a dry run with `args` would send.
fn request(args: &[&str]) -> Value {
    dry_run(args).ok().record()
}

/// What a dry run with the options `text` in mrjob.conf and `args` would send.
fn configured(text: &str, args: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let conf = folder.path().join("mrjob.conf");
    std::fs::write(&conf, text).unwrap();
    request(&[&["-c", conf.to_str().unwrap()], args].concat())
}

/// What EMR tells of the job flow that `args` start.
fn told(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.answer("DescribeCluster", &json!({"ClusterId": sandbox.job_flow(args)}))["Cluster"].clone()
}

const SITE: &str = r#"{"Classification":"mapred-site","Properties":{"mapreduce.map.memory.mb":2048,"x":"y"}}"#;

#[test]
fn configurations_of_files_and_of_the_command_line_are_one_list_in_which_the_later_counts() {
    let conf = "runners:\n  emr:\n    emr_configurations:\n    - Classification: mapred-site\n      Properties: {x: 1}\n    \
        - Classification: hadoop-env\n      Configurations:\n      - Classification: export\n        \
        Properties: {HADOOP_HEAPSIZE: 2048, USE: true}\n";
    let env = json!({"Classification": "hadoop-env", "Properties": {}, "Configurations": [
        {"Classification": "export", "Properties": {"HADOOP_HEAPSIZE": "2048", "USE": "true"}}]});
    let site = json!({"Classification": "mapred-site", "Properties": {"mapreduce.map.memory.mb": "2048", "x": "y"}});
    let plain = json!({"Classification": "mapred-site", "Properties": {"x": "1"}});
    assert_eq!(configured(conf, &[])["Configurations"], json!([plain, env]));
    assert_eq!(configured(conf, &["--emr-configuration", SITE])["Configurations"], json!([site, env]));
    let gone = r#"{"Classification": "mapred-site"}"#;
    assert_eq!(configured(conf, &["--emr-configuration", gone])["Configurations"], json!([env]));
    let old = configured(conf, &["--ami-version", "3.11.0"]);
    assert_eq!(old.get("Configurations"), None);
}

#[test]
fn image_volume_and_security_configuration_reach_emr_and_are_told_by_it() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let args = [
        "--image-id=ami-0123",
        "--ebs-root-volume-gb=40",
        "--ebs-root-volume-iops=4000",
        "--ebs-root-volume-throughput=250",
        "--security-configuration=secure",
        "--emr-configuration",
        SITE,
    ];
    let cluster = told(&sandbox, &args);
    assert_eq!(cluster["CustomAmiId"], "ami-0123");
    let volume = ["EbsRootVolumeSize", "EbsRootVolumeIops", "EbsRootVolumeThroughput"].map(|name| &cluster[name]);
    assert_eq!(volume, [40, 4000, 250]);
    assert_eq!(cluster["SecurityConfiguration"], "secure");
    assert_eq!(cluster["Configurations"][0]["Properties"]["mapreduce.map.memory.mb"], "2048");
    let conf = "runners: {emr: {image_id: ami-1, ebs_root_volume_gb: 15, security_configuration: s}}";
    let sent = configured(conf, &["--ebs-root-volume-gb", "0"]);
    assert_eq!((sent["CustomAmiId"].as_str(), sent["SecurityConfiguration"].as_str()), (Some("ami-1"), Some("s")));
    assert_eq!(sent.get("EbsRootVolumeSize"), None);
}

#[test]
fn hostile_values_travel_unchanged() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let long = "x".repeat(20_000);
    for hostile in ["$(touch x) `y`", "it's \"quoted\" \\", "line\nbreak\ttab", "日本 🎉", "", "true", "007", &long]
    {
        let site = json!({"Classification": hostile, "Properties": {hostile: hostile}});
        let extra = json!({"Realm": hostile});
        let args = [
            format!("--emr-configuration={site}"),
            format!("--image-id=ami-{hostile}"),
            format!("--extra-cluster-param=KerberosAttributes={extra}"),
        ];
        let cluster = told(&sandbox, &args.each_ref().map(String::as_str));
        assert_eq!(cluster["Configurations"], json!([site]));
        assert_eq!(cluster["CustomAmiId"].as_str(), Some(format!("ami-{hostile}").as_str()));
        assert_eq!(cluster["KerberosAttributes"]["Realm"], hostile);
    }
    let megabyte = "ä\n".repeat(300_000);
    let site = json!({"Classification": "x", "Properties": {"a": megabyte}});
    let conf = json!({"runners": {"emr": {"emr_configurations": [site]}}});
    assert_eq!(configured(&conf.to_string(), &[])["Configurations"], json!([site]));
}

#[test]
fn emr_tells_of_groups_and_fleets_what_was_asked_for() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let own = json!({"CustomAmiId": "ami-1", "Configurations": [{"Classification": "x", "Properties": {"a": "1"}}]});
    let with = |one: Value| {
        let mut one = one;
        one.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        one
    };
    let mut master = with(json!({"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}));
    let policy = json!({"Constraints": {"MinCapacity": 1, "MaxCapacity": 4}, "Rules": []});
    master["AutoScalingPolicy"] = policy.clone();
    let id = sandbox.job_flow(&["--instance-groups", &json!([master]).to_string()]);
    let group = sandbox.answer("ListInstanceGroups", &json!({"ClusterId": id}))["InstanceGroups"][0].clone();
    assert_eq!(json!({"CustomAmiId": group["CustomAmiId"], "Configurations": group["Configurations"]}), own);
    assert_eq!(group["AutoScalingPolicy"]["Constraints"], policy["Constraints"]);

    let kind = with(json!({"InstanceType": "m5.xlarge"}));
    let resize = json!({"SpotResizeSpecification": {"TimeoutDurationMinutes": 9}});
    let fleet = json!([{"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1, "InstanceTypeConfigs": [kind],
        "ResizeSpecifications": resize}]);
    let id = sandbox.job_flow(&["--instance-fleets", &fleet.to_string()]);
    let fleet = sandbox.answer("ListInstanceFleets", &json!({"ClusterId": id}))["InstanceFleets"][0].clone();
    let kind = &fleet["InstanceTypeSpecifications"][0];
    assert_eq!(json!({"CustomAmiId": kind["CustomAmiId"], "Configurations": kind["Configurations"]}), own);
    assert_eq!(fleet["ResizeSpecifications"], resize);
}

#[test]
fn whatever_has_no_option_of_its_own_reaches_the_request() {
    let conf = "runners:\n  emr:\n    emr_api_params:\n      Instances.Ec2SubnetId: subnet-1\n      VisibleToAllUsers: 'false'\n      \
        Instances.AdditionalMasterSecurityGroups.member.1: sg-1\n    extra_cluster_params:\n      Instances:\n        \
        EmrManagedMasterSecurityGroup: sg-2\n      ManagedScalingPolicy:\n        ComputeLimits:\n          \
        {UnitType: Instances, MinimumCapacityUnits: 1, MaximumCapacityUnits: 9}\n      LogUri: ~\n";
    let typed = [
        "--s3-log-uri=s3://b/logs/",
        "--extra-cluster-param=Instances.ServiceAccessSecurityGroup=sg-3",
        "--extra-cluster-param=NewMember={\"a\": [1, \"2\"]}",
        "--extra-cluster-param=Applications=null",
        "--emr-api-param=Instances.UnhealthyNodeReplacement=true",
        "--extra-cluster-param=StepConcurrencyLevel=3",
    ];
    let sent = configured(conf, &typed);
    let instances = &sent["Instances"];
    assert_eq!((&instances["Ec2SubnetId"], &sent["VisibleToAllUsers"]), (&json!("subnet-1"), &json!(false)));
    assert_eq!(instances["AdditionalMasterSecurityGroups"], json!(["sg-1"]));
    assert_eq!(
        (&instances["EmrManagedMasterSecurityGroup"], &instances["ServiceAccessSecurityGroup"]),
        (&json!("sg-2"), &json!("sg-3"))
    );
    let limits = json!({"UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 9});
    assert_eq!(sent["ManagedScalingPolicy"], json!({"ComputeLimits": limits}));
    assert_eq!((&sent["NewMember"], &instances["UnhealthyNodeReplacement"]), (&json!({"a": [1, "2"]}), &json!(true)));
    assert_eq!(sent["StepConcurrencyLevel"], 3);
    assert_eq!((sent.get("LogUri"), sent.get("Applications")), (None, None));
    assert_eq!(instances["InstanceGroups"].as_array().unwrap().len(), 1);

    let sandbox = Sandbox::start(&tools(), &[]);
    let cluster =
        told(&sandbox, &["--extra-cluster-param=LogEncryptionKmsKeyId=ä\"x", "--extra-cluster-param=ServiceRole=own"]);
    assert_eq!((&cluster["LogEncryptionKmsKeyId"], &cluster["ServiceRole"]), (&json!("ä\"x"), &json!("own")));
}

#[test]
fn subnets_are_one_for_groups_and_a_choice_for_fleets() {
    let fleets = r#"[{"InstanceFleetType":"MASTER","TargetSpotCapacity":1,"InstanceTypeConfigs":[{"InstanceType":"m5.xlarge"}]}]"#;
    let both = json!(["subnet-1", "subnet-2"]);
    let conf = "runners: {emr: {subnet: [subnet-1, subnet-2]}}";
    assert_eq!(configured(conf, &["--instance-fleets", fleets])["Instances"]["Ec2SubnetIds"], both);
    let typed = request(&["--instance-fleets", fleets, "--subnet", "subnet-1,subnet-2"]);
    assert_eq!(typed["Instances"]["Ec2SubnetIds"], both);
    dry_run(&["--subnet=subnet-1,subnet-2"]).fails(2, "instance groups are in one subnet");
    assert_eq!(request(&["--subnet", "subnet-1"])["Instances"]["Ec2SubnetId"], "subnet-1");
}

#[test]
fn debugging_is_a_step_where_emr_has_it_and_told_where_not() {
    let sent = request(&["--release-label=emr-5.27.0", "--enable-emr-debugging"]);
    let step = json!({"Name": "Setup Hadoop Debugging", "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["state-pusher-script"]}});
    assert_eq!(sent["Steps"], json!([step]));
    let sandbox = Sandbox::start(&tools(), &[]);
    let flow = sandbox.job_flow(&["--release-label=emr-5.27.0", "--enable-emr-debugging"]);
    let id = sandbox.answer("ListSteps", &json!({"ClusterId": flow}))["Steps"][0]["Id"].as_str().unwrap().to_owned();
    sandbox.run("wait-step", &["--emr-job-flow-id", &flow, &id]).ok();
    let today = dry_run(&["--enable-emr-debugging"]).ok();
    assert!(today.stderr.contains("enable_emr_debugging has no effect: EMR has it in emr-4.1.0 to emr-5.27.0"));
    assert_eq!(today.record().get("Steps"), None);
    let conf = "runners: {emr: {enable_emr_debugging: true, release_label: emr-5.27.0}}";
    assert_eq!(configured(conf, &["--disable-emr-debugging"]).get("Steps"), None);
}

/// The specification's line that enables Ganglia, which lacks the quote at its end.
const GANGLIA: &str = r#"--bootstrap-action="s3://elasticmapreduce/bootstrap-actions/install-ganglia"#;

/// The specification's lines that limit mappers and reducers.
const ONE_MAPPER: &str = r#"--bootstrap-action="s3://elasticmapreduce/bootstrap-actions/configure-hadoop \
    -m mapred.tasktracker.map.tasks.maximum=1 \
    -m mapred.tasktracker.reduce.tasks.maximum=1""#;

/// What a dry run with `options` does, which a shell reads as they are written.
fn shell(options: &str) -> Ran {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("create-job-flow --dry-run {options}")]).env_clear().env("HOME", "/nonexistent");
    Ran::of(shell.env("PATH", tools().path(&[])))
}

#[test]
fn the_specification_s_ganglia_is_the_application_where_the_release_has_it() {
    let with = |label: &str| shell(&format!("{label} {GANGLIA}\""));
    let today = with("--release-label emr-6.15.0").ok();
    assert_eq!(today.record()["Applications"], json!([{"Name": "Hadoop"}, {"Name": "Ganglia"}]));
    assert_eq!(today.record().get("BootstrapActions"), None);
    assert!(today.stderr.contains("emr-6.15.0 has the application Ganglia in place of install-ganglia"), "{today:?}");
    let twice = with("--release-label emr-6.15.0 --applications hadoop,GANGLIA").ok().record();
    assert_eq!(twice["Applications"], json!([{"Name": "hadoop"}, {"Name": "GANGLIA"}]));
    with("").fails(2, "install-ganglia does not run on emr-7.14.0; use --application AmazonCloudWatchAgent");
    let old = with("--ami-version 2.4.2").ok();
    let path = &old.record()["BootstrapActions"][0]["ScriptBootstrapAction"]["Path"];
    assert_eq!(path, "s3://elasticmapreduce/bootstrap-actions/install-ganglia");
    assert!(!old.stderr.contains("warning"), "{old:?}");
    // As it stands, without the quote, a shell does not take it.
    assert_eq!(shell(GANGLIA).code, Some(2));
}

#[test]
fn the_specification_s_configure_hadoop_is_a_configuration_on_release_labels() {
    let ran = shell(&format!("--release-label emr-5.36.2 {ONE_MAPPER}")).ok();
    let maximum = |of: &str| format!("mapred.tasktracker.{of}.tasks.maximum");
    let site = json!({"Classification": "mapred-site", "Properties": {maximum("map"): "1", maximum("reduce"): "1"}});
    assert_eq!(ran.record()["Configurations"], json!([site]));
    assert_eq!(ran.record().get("BootstrapActions"), None);
    for words in
        ["has the configuration of mapred-site in place of configure-hadoop", "map.tasks.maximum means nothing on YARN"]
    {
        assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    }
    let beside =
        shell(&format!("--emr-configuration '{SITE}' {ONE_MAPPER} --bootstrap-action 's3://b/own.sh -m x'")).ok();
    let sent = beside.record();
    assert_eq!(sent["Configurations"][0]["Properties"]["x"], "y");
    assert_eq!(sent["Configurations"][0]["Properties"][maximum("map")], "1");
    assert_eq!(sent["BootstrapActions"][0]["ScriptBootstrapAction"]["Args"], json!(["-m", "x"]));
    let file =
        "--bootstrap-action 's3://elasticmapreduce/bootstrap-actions/configure-hadoop --core-config-file s3://b/x'";
    shell(file)
        .fails(2, "--core-config-file takes a file, which release labels do not; write each property as -m KEY=VALUE");
}

#[test]
fn what_cannot_be_is_told_before_anything_is_asked_of_emr() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let bad = sandbox.file("bad.conf", "runners: {emr: {emr_configurations: [{Classification: x, Property: {}}]}}");
    let cases: [(&[&str], i32, &str); 13] = [
        (&["--emr-configuration", "{"], 2, "--emr-configuration is not JSON"),
        (&["--emr-configuration", r#"{"Properties":{}}"#], 2, "missing field `Classification`"),
        (&["-c", bad.to_str().unwrap()], 78, "emr_configurations is not a configuration: unknown field `Property`"),
        (&["--emr-configuration", SITE, "--ami-version=2.4.2"], 2, "AMI version 2.4.2 does not have configurations"),
        (&["--image-id=ami-1", "--release-label=emr-5.6.0"], 2, "use release label emr-5.7.0 or later"),
        (&["--ebs-root-volume-iops=3000", "--release-label=emr-6.14.0"], 2, "use release label emr-6.15.0 or later"),
        (&["--ebs-root-volume-iops=0"], 2, "a root volume cannot have a size, IOPS or throughput of 0"),
        (&["--extra-cluster-param", "Name=x"], 2, "the extra parameter Name is set by the tools; use --name"),
        (&["--extra-cluster-param=Instances={\"KeepJobFlowAliveWhenNoSteps\": false}"], 2, "use --auto-terminate"),
        (&["--emr-api-param=Tags.member.1.Key=x"], 2, "use --tag"),
        (&["--extra-cluster-param", "Instances={"], 2, "--extra-cluster-param Instances is not JSON"),
        (&["--extra-cluster-param", "x"], 2, "'x' is not NAME=VALUE"),
        (&["--extra-cluster-param=Instances=1"], 2, "the extra parameter Instances is not a mapping"),
    ];
    for (args, code, words) in cases {
        sandbox.run("create-job-flow", args).fails(code, words);
    }
    assert_eq!(sandbox.requests("RunJobFlow").len(), 0);
}

#[test]
fn what_the_aws_cli_and_mrjob_take_is_taken() {
    let named = |request: &Value| {
        let all = request["Applications"].as_array().unwrap().iter();
        all.map(|application| application["Name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for args in [
        &["--applications", "Name=Spark", "Name=Hive"][..],
        &["--application", "Spark", "--application", "Name=Hive"],
        &["--applications", "Spark,Hive"],
    ] {
        assert_eq!(named(&request(args)), ["Spark", "Hive", "Hadoop"], "{args:?}");
    }
    let sent = request(&[
        "--release-label",
        "6.15.0",
        "--tags",
        "Key=team,Value=etl",
        "env=prod",
        "--instance-count",
        "3",
        "--service-role",
        "Role",
        "--label",
        "nightly",
    ]);
    assert_eq!(sent["ReleaseLabel"], "emr-6.15.0");
    assert_eq!(sent["Tags"], json!([{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": "etl"}]));
    assert_eq!(
        (&sent["ServiceRole"], sent["Instances"]["InstanceGroups"][1]["InstanceCount"].as_i64()),
        (&json!("Role"), Some(2))
    );
    assert!(sent["Name"].as_str().unwrap().starts_with("nightly run:"), "{sent}");
    let in_file = configured("runners: {emr: {release_label: 6.15.0, applications: [{Name: Spark}, Hive]}}", &[]);
    assert_eq!(in_file["ReleaseLabel"], "emr-6.15.0");
    assert_eq!(named(&in_file), ["Spark", "Hive", "Hadoop"]);
    let more = dry_run(&["--applications", "Name=Spark,Args=[a,b]"]);
    assert!(more.code == Some(2) && more.stderr.contains("not the name of an application"), "{more:?}");
}

#[test]
fn json_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("groups.json");
    let groups = json!([{"InstanceGroupType": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}]);
    std::fs::write(&file, groups.to_string()).unwrap();
    let sent = request(&["--instance-groups", &format!("file://{}", file.display())]);
    assert_eq!(sent["Instances"]["InstanceGroups"][0]["InstanceRole"], "MASTER");
    let words = [
        "InstanceGroupType=MASTER,InstanceCount=1,InstanceType=m5.xlarge",
        "InstanceGroupType=CORE,InstanceCount=2,InstanceType=c5.xlarge,BidPrice=0.40",
    ];
    let sent = request(&[&["--instance-groups"], &words[..], &["--name", "x"]].concat());
    let core = &sent["Instances"]["InstanceGroups"][1];
    assert_eq!(
        (&core["InstanceRole"], &core["InstanceCount"], &core["BidPrice"]),
        (&json!("CORE"), &json!(2), &json!("0.40"))
    );
    let none = dry_run(&["--configurations", "file:///nowhere/x.json"]);
    assert!(none.code == Some(2) && none.stderr.contains("cannot read /nowhere/x.json"), "{none:?}");
}

#[test]
fn a_duration_may_have_a_unit() {
    let idle = |args: &[&str]| request(args)["AutoTerminationPolicy"]["IdleTimeout"].as_u64();
    for args in [["--max-hours-idle", "1.5"], ["--max-hours-idle", "90m"], ["--max-mins-idle", "1h 30m"]] {
        assert_eq!(idle(&args), Some(5400), "{args:?}");
    }
    for text in ["max_hours_idle: 90m", "max_mins_idle: 90", "max_hours_idle: 1.5"] {
        let sent = configured(&format!("runners: {{emr: {{{text}}}}}"), &[]);
        assert_eq!(sent["AutoTerminationPolicy"]["IdleTimeout"], 5400, "{text}");
    }
    assert_eq!(dry_run(&["--max-hours-idle", "soon"]).code, Some(2));
}

#[test]
fn where_no_variable_names_the_owner_the_system_does() {
    let mut command = tools().command("create-job-flow");
    let sent = Ran::of(command.env_remove("USER").env("LOGNAME", "").arg("--dry-run")).ok().record();
    let user = Ran::of(std::process::Command::new("id").arg("-un")).ok().stdout;
    let name = format!("job-flow.{} run:", user.trim());
    assert!(sent["Name"].as_str().unwrap().starts_with(&name), "{sent}");
    let own = Ran::of(tools().command("create-job-flow").args(["--dry-run", "--owner", "ann"])).ok().record();
    assert!(own["Name"].as_str().unwrap().starts_with("job-flow.ann run:"), "{own}");
}
