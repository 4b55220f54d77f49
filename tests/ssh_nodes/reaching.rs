//! Which nodes there are, and the ways to them.

use std::process::Command;

use harness::{Hosts, Ran};

use crate::Cluster;

#[test]
fn without_a_command_nodes_are_listed() {
    let Some(cluster) = Cluster::start(2) else { return };
    let records = cluster.run(&[]).ok().records();
    let told: Vec<_> =
        records.iter().map(|record| (record["node"].as_str().unwrap(), record["role"].as_str().unwrap())).collect();
    assert_eq!(told, [("i-0master", "master"), ("i-0slave1", "core"), ("i-0slave2", "task")]);
    assert_eq!(records[0]["public_ip"], "198.51.100.1");
    assert_eq!(records[1]["private_ip"], "10.99.0.11");
    let id = cluster.run(&["--node", "ip-10-99-0-12", "--output", "id"]).ok();
    assert_eq!(id.stdout, "i-0slave2\n");
    cluster.run(&["--node", "ip-10-99-0-99"]).fails(2, "no node that is up is named 'ip-10-99-0-99'");
}

#[test]
fn printed_commands_work_when_they_are_pasted() {
    let Some(cluster) = Cluster::start(1) else { return };
    let ran = cluster.run(&["--print", "--", "sh", "-c", "echo \"it's $(hostname)\""]).ok();
    let said: Vec<_> = ran
        .stdout
        .lines()
        .map(|line| {
            let shell = cluster.hosts.client(&harness::Tools::beside("/bin/sh"));
            Ran::of(shell.command("sh").args(["-c", line])).ok().stdout
        })
        .collect();
    assert_eq!(said, ["it's ip-10-99-0-1.ec2.internal\n", "it's ip-10-99-0-11.ec2.internal\n"]);
}

#[test]
fn login_becomes_ssh_to_the_node() {
    let Some(cluster) = Cluster::start(1) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--login", "--node", "10.99.0.11"]);
    let ran = Ran::with_stdin(&mut command, "hostname; exit 5\n");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(5), "ip-10-99-0-11.ec2.internal\n"), "{ran:?}");
}

#[test]
fn a_tunnel_leads_to_the_page_of_the_resource_manager() {
    use std::io::{BufRead, BufReader};
    let Some(cluster) = Cluster::start(0) else { return };
    let server =
        "import http.server as s; s.HTTPServer(('10.99.0.1', 8088), s.SimpleHTTPRequestHandler).serve_forever()";
    std::fs::write(cluster.hosts.folder(0).join("tmp/cluster"), "the page\n").unwrap();
    cluster.hosts.make_noisy(0);
    let hosts = &cluster.hosts;
    std::thread::scope(|scope| {
        let server = scope
            .spawn(|| hosts.exec(0, &["sh", "-c", &format!("cd /tmp && exec timeout 60 python3 -c \"{server}\"")]));
        let mut command = hosts.tool(&cluster.sandbox, "ssh-nodes");
        command.args(["--tunnel", Hosts::JOB_FLOW]).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let url = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        assert!(url.starts_with("http://localhost:40") && url.ends_with("/cluster"), "{url}");
        let curl = harness::Tools::beside("/usr/bin/curl");
        let got =
            Ran::of(hosts.client(&curl).command("curl").args(["-fsS", "--retry", "5", "--retry-all-errors", &url]))
                .ok();
        assert_eq!(got.stdout, "the page\n");
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(hosts.exec(0, &["pkill", "-f", "serve_forever"]).code, Some(0));
        server.join().unwrap();
    });
}

#[test]
fn no_tunnel_outlives_the_tool() {
    use std::io::{BufRead, BufReader};
    let Some(cluster) = Cluster::start(0) else { return };
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--tunnel"]).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    assert!(BufReader::new(child.stdout.take().unwrap()).lines().next().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    for left in cluster.hosts.on_client("ssh") {
        let gone = Ran::of(Command::new("timeout").args(["20", "tail", "--pid", &left, "-f", "/dev/null"]));
        assert_eq!(gone.code, Some(0), "an ssh is left: {gone:?}");
    }
}

#[test]
fn every_page_of_groups_and_fleets_is_listed() {
    let sandbox = harness::Sandbox::start(&harness::Tools::beside(crate::TOOL), &[]);
    let fleets = r#"[{"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]},
        {"InstanceFleetType": "CORE", "TargetSpotCapacity": 119, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}]"#;
    for args in [["--num-ec2-instances", "120"], ["--instance-fleets", fleets]] {
        let job_flow = sandbox.job_flow(&args);
        let mut command = sandbox.tool("ssh-nodes");
        let records = Ran::of(command.env("XDG_STATE_HOME", sandbox.folder()).arg(job_flow)).ok().records();
        let roles: Vec<_> = records.iter().map(|record| record["role"].as_str().unwrap()).collect();
        assert_eq!((roles.len(), roles[0], roles[1], roles[119]), (120, "master", "core", "core"));
    }
}
