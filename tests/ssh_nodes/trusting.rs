//! Nothing secret goes to a node, nothing hostile comes from one, and the user's own ssh_config counts as far as it may.

use std::process::Command;

use harness::{Hosts, Ran, Tools};

use crate::Cluster;

/// An agent of a test's own that has the key.
struct Agent {
    process: String,
    socket: String,
}

impl Agent {
    fn with_key(cluster: &Cluster) -> Self {
        let socket = cluster.sandbox.folder().join("agent").to_str().unwrap().to_owned();
        let said = Ran::of(Command::new("ssh-agent").args(["-s", "-a", &socket])).ok().stdout;
        let process = said.split("SSH_AGENT_PID=").nth(1).unwrap().split(';').next().unwrap().to_owned();
        let mut add = Command::new("ssh-add");
        let added = Ran::of(add.arg("-q").arg(cluster.hosts.key_file()).env("SSH_AUTH_SOCK", &socket));
        assert_eq!(added.code, Some(0), "{added:?}");
        Self { process, socket }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(Command::new("kill").arg(&self.process).status());
    }
}

/// A command that runs ssh-nodes on the job flow with the user's `config`, and with no key.
fn with_config(cluster: &Cluster, config: &str) -> Command {
    let file = cluster.sandbox.file("ssh_config", config);
    let mut command = cluster.sandbox.tool("ssh-nodes");
    command.env("XDG_STATE_HOME", cluster.hosts.state()).arg(Hosts::JOB_FLOW).arg("--ssh-config").arg(file);
    command
}

#[test]
fn an_agent_lets_in_and_is_not_there_on_the_nodes() {
    let Some(cluster) = Cluster::start(1) else { return };
    let agent = Agent::with_key(&cluster);
    let mut command =
        with_config(&cluster, "Host *\n  ForwardAgent yes\n  ControlMaster auto\n  ControlPath /tmp/%C\n");
    command.env("SSH_AUTH_SOCK", &agent.socket).args(["--", "env; ls -A /tmp ~/.ssh"]);
    let ran = Ran::of(&mut command).ok();
    assert!(ran.stdout.contains("ip-10-99-0-11: SSH_CONNECTION=10.99.0.1 "), "{ran:?}");
    assert!(!ran.stdout.contains("SSH_AUTH_SOCK") && !ran.stdout.contains("agent"), "{ran:?}");
    let key = std::fs::read_to_string(cluster.hosts.key_file()).unwrap();
    for node in 0..2 {
        let found =
            cluster.hosts.exec(node, &["grep", "-rl", key.lines().nth(3).unwrap(), "/home", "/tmp", "/mnt", "/run"]);
        assert_eq!(found.stdout, "", "{found:?}");
    }
}

#[test]
fn the_user_s_own_file_gives_the_key_and_cannot_switch_checks_off() {
    let Some(cluster) = Cluster::start(1) else { return };
    let key = cluster.hosts.key_file();
    let loose = "StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  RemoteCommand false\n  LocalForward 1 h:1";
    let config = format!("Host *\n  IdentityFile {}\n  {loose}\n", key.display());
    Ran::of(with_config(&cluster, &config).args(["--", "true"])).ok();
    let pinned = cluster.hosts.state().join("emr-tools/known_hosts").join(Hosts::JOB_FLOW);
    let text = std::fs::read_to_string(&pinned).unwrap();
    assert!(text.contains("i-0slave1 ssh-ed25519 "), "{text}");
    std::fs::write(&pinned, text.replace("i-0slave1 ", "i-0other ").replace("i-0master ", "i-0slave1 ")).unwrap();
    let ran = Ran::of(with_config(&cluster, &config).args(["--role", "core", "--", "true"]));
    ran.fails(77, "i-0slave1: its host key differs from the one pinned");
}

/// Passes on what comes, both ways.
const PROXY: &str = "
import socket, sys, threading
server = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def pass_on(read, write):
    for piece in iter(lambda: read(65536), b''):
        write(piece)
threading.Thread(target=pass_on, args=(server.recv, sys.stdout.buffer.raw.write), daemon=True).start()
pass_on(sys.stdin.buffer.raw.read, server.sendall)
";

#[test]
fn a_proxy_command_of_the_user_s_reaches_nodes_by_their_instance_ids() {
    let Some(cluster) = Cluster::start(1) else { return };
    let key = cluster.hosts.key_file();
    // Stands in for `aws ssm start-session --target %h`: it alone knows where an instance is.
    let proxy = cluster.sandbox.file("proxy", PROXY);
    let proxy = format!("Host i-0master\n  ProxyCommand python3 {} 198.51.100.1 %p\n", proxy.display());
    let config = format!("{proxy}Host *\n  IdentityFile {}\n", key.display());
    let mut command = with_config(&cluster, &config);
    let ran = Ran::of(command.args(["--ssh-address", "instance-id", "--output", "json", "--", "hostname -s"]));
    let mut said: Vec<_> =
        ran.ok().records().iter().map(|record| record["stdout"].as_str().unwrap().to_owned()).collect();
    said.sort();
    assert_eq!(said, ["ip-10-99-0-1\n", "ip-10-99-0-11\n"]);
}

#[test]
fn a_file_of_options_that_ssh_does_not_understand_is_a_wrong_configuration() {
    let Some(cluster) = Cluster::start(0) else { return };
    let ran = Ran::of(with_config(&cluster, "Host *\n  NoSuchOption yes\n").args(["--", "true"]));
    ran.fails(78, "ssh does not understand its configuration");
}

#[test]
fn hostile_output_does_not_move_the_cursor_of_a_terminal_and_a_file_gets_it_whole() {
    let Some(cluster) = Cluster::start(0) else { return };
    let hostile = "printf 'a\\033[2Jb\\r\\302\\233c\\n'; printf '\\033]0;x\\007\\n' >&2";
    let ran = cluster.run(&["--", hostile]).ok();
    assert_eq!(ran.stdout, "ip-10-99-0-1: a\u{1b}[2Jb\r\u{9b}c\n");
    let mut command = cluster.hosts.tool(&cluster.sandbox, "ssh-nodes");
    command.args([Hosts::JOB_FLOW, "--", hostile]);
    let ran = on_a_terminal(&command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("a\\u{1b}[2Jb\\r\\u{9b}c") && !ran.stdout.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn a_host_name_from_the_account_is_no_option_and_no_command() {
    let Some(hosts) = Hosts::start(1) else { return };
    let mut cluster = hosts.cluster_json();
    let instances = &mut cluster["clusters"][0]["Instances"];
    instances[1]["PrivateIpAddress"] = "-oProxyCommand=touch${IFS}/tmp/pwned".into();
    instances[1]["PrivateDnsName"] = "../../\u{1b}[2Jx\nHost *".into();
    let file = hosts.state().with_file_name("hostile.json");
    std::fs::write(&file, cluster.to_string()).unwrap();
    let tools = hosts.client(&Tools::beside(crate::TOOL));
    let cluster = Cluster { sandbox: harness::Sandbox::start(&tools, &["--load", file.to_str().unwrap()]), hosts };
    let ran = cluster.run(&["--", "true"]);
    assert_eq!(ran.code, Some(69), "{ran:?}");
    assert!(
        ran.stderr.contains("i-0slave1 has the address '-oProxyCommand") && !ran.stderr.contains('\u{1b}'),
        "{ran:?}"
    );
    assert_eq!(cluster.run(&["--print", "--role", "core"]).code, Some(69));
    assert_eq!(cluster.run(&["--role", "master", "--", "true"]).code, Some(0), "the others are reached");
}

/// Runs `command` on a terminal of its own, on which nobody types.
pub(crate) fn on_a_terminal(command: &Command) -> Ran {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted: Vec<_> = words.map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"))).collect();
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &quoted.join(" "), "/dev/null"]);
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ran::of(&mut terminal)
}
