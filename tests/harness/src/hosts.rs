//! Hosts that run sshd: a master, slaves that only the master reaches, and a client that reaches only the master.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Ran, Sandbox, Tools, skip};

const SCRIPT: &str = include_str!("hosts.sh");

/// Output of a `.bashrc` before each command: lines, lines in the tools' own protocols, random bytes, megabytes, a
/// trace, and no newline at the end.
const NOISE: &str = r#"
for stream in 1 2; do
    {
        echo 'hello from bashrc'
        echo "$BASH_EXECUTION_STRING"
        printf 'emr-tools-ready\nemr-tools-0123456789abcdef0123456789abcdef-out\n'
        printf '12 1449857544.25 /mnt/var/log/hadoop/steps/s-NOISE/stderr\0'
        printf 'v\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\2'
        head -c 3000000 /dev/urandom
    } >&$stream
done
set -x
printf 'no newline'
"#;

/// The options of unshare(1) for them.
const NAMESPACES: [&str; 6] = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// Hosts in their own network namespaces. They end with this value, and with the test's process however that ends.
///
/// A node has a number: 0 is the master. The last slave is a task node, if there are several.
#[derive(Debug)]
pub struct Hosts {
    child: Child,
    control: Mutex<Control>,
    folder: TempDir,
    slaves: usize,
}

/// The pipes to the process that manages the hosts.
#[derive(Debug)]
struct Control {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The PID of each node, in the namespace of that process.
    processes: Vec<String>,
}

impl Hosts {
    /// The id of their job flow.
    pub const JOB_FLOW: &str = "j-HOSTS";

    /// Starts a master and `slaves`. `None` if this user cannot create namespaces; in CI that fails the test.
    #[must_use]
    pub fn start(slaves: usize) -> Option<Self> {
        let mut try_out = Command::new("unshare");
        try_out.args(NAMESPACES).arg("true").stderr(Stdio::null());
        if !try_out.status().expect("util-linux is installed").success() {
            skip("hosts need namespaces, and these need root");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = folder.path().join("hosts.sh");
        fs::write(&script, SCRIPT).expect("the script is written");
        let mut child = Command::new("unshare")
            .args(NAMESPACES)
            .arg("bash")
            .arg(&script)
            .arg("cluster")
            .arg(folder.path())
            .arg(slaves.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux is installed");
        let orders = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut control = Control { orders, answers, processes: Vec::new() };
        control.hear();
        Some(Self { child, control: Mutex::new(control), folder, slaves })
    }

    /// The same tools, run on the client.
    #[must_use]
    pub fn client(&self, tools: &Tools) -> Tools {
        tools.run_by(&["nsenter", &format!("--net=/proc/{}/ns/net", self.child.id()), "--"])
    }

    /// A sandbox on the client, with their job flow.
    #[must_use]
    pub fn sandbox(&self, tools: &Tools) -> Sandbox {
        let file = self.folder.path().join("cluster.json");
        fs::write(&file, self.cluster_json().to_string()).expect("the file is written");
        Sandbox::start(&self.client(tools), &["--load", file.to_str().expect("the path is text")])
    }

    /// A command that runs the tool `name` on the client, with the key, but without the SSH settings of this machine.
    #[must_use]
    pub fn tool(&self, sandbox: &Sandbox, name: &str) -> Command {
        let mut command = sandbox.tool(name);
        command.arg("--ec2-key-pair-file").arg(self.key_file()).args(["--ssh-config", "none"]);
        command.env("XDG_STATE_HOME", self.state());
        command
    }

    /// The folder where the tools keep their state, such as host keys.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The private key for all nodes.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// The folder of a node: `home` (of hadoop), `mnt`, and `tmp` with `cores`.
    #[must_use]
    pub fn folder(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("node{node}"))
    }

    /// The instance id of a node.
    #[must_use]
    pub fn id(node: usize) -> String {
        if node == 0 { "i-0master".to_owned() } else { format!("i-0slave{node}") }
    }

    /// The private address of a node.
    #[must_use]
    pub fn ip(node: usize) -> String {
        format!("10.99.0.{}", if node == 0 { 1 } else { 10 + node })
    }

    /// Makes the login shell of a node print on both streams before each command.
    pub fn make_noisy(&self, node: usize) {
        fs::write(self.folder(node).join("home/.bashrc"), NOISE).expect("the home is there");
    }

    /// Kills a node, as if its power were cut.
    pub fn kill(&self, node: usize) {
        self.order("kill", node);
    }

    /// Starts a slave again.
    pub fn restart(&self, node: usize) {
        self.order("start", node);
    }

    /// Takes the link of a slave down.
    pub fn cut(&self, node: usize) {
        self.order("cut", node);
    }

    /// Takes the link of a slave up again.
    pub fn mend(&self, node: usize) {
        self.order("mend", node);
    }

    /// Runs `command` as root on a node.
    #[must_use]
    pub fn exec(&self, node: usize, command: &[&str]) -> Ran {
        const ENTER: &str =
            r#"read -r child <"/proc/$0/task/$0/children"; exec nsenter -t "$child" -m -n -u -p -- "$@""#;
        let process = self.control.lock().expect("no test panics meanwhile").processes[node].clone();
        let keeper = children(self.child.id());
        let mut enter = Command::new("nsenter");
        enter.args(["-t", keeper.trim(), "-m", "-p", "--", "sh", "-c", ENTER, &process]);
        let ran = Ran::of(enter.args(command));
        assert!(!ran.stderr.starts_with("nsenter:"), "{ran:?}");
        ran
    }

    /// The PIDs of the processes `name` on the client.
    #[must_use]
    pub fn on_client(&self, name: &str) -> Vec<String> {
        let network = |process: &str| fs::read_link(format!("/proc/{process}/ns/net")).ok();
        let client = network(&self.child.id().to_string());
        let found = Ran::of(Command::new("pgrep").args(["-x", name])).stdout;
        found.lines().filter(|process| network(process) == client).map(str::to_owned).collect()
    }

    /// Their job flow, for `emr-sandbox --load`.
    #[must_use]
    pub fn cluster_json(&self) -> Value {
        let status = json!({"State": "WAITING", "Timeline": {"CreationDateTime": 1_767_225_600, "ReadyDateTime": 1_767_229_200}});
        let group = |role: &str, count: usize| {
            json!({"Id": format!("ig-{role}"), "InstanceGroupType": role, "InstanceType": "m5.xlarge", "Market": "ON_DEMAND",
                "RequestedInstanceCount": count, "RunningInstanceCount": count, "Status": {"State": "RUNNING"}})
        };
        let cores = self.slaves - usize::from(self.slaves > 1);
        let groups = [group("MASTER", 1), group("CORE", cores), group("TASK", self.slaves - cores)];
        json!({"clusters": [{
            "Cluster": {"Id": Self::JOB_FLOW, "Name": "hosts", "Status": status, "ReleaseLabel": "emr-6.15.0",
                "MasterPublicDnsName": "ip-10-99-0-1.ec2.internal", "InstanceCollectionType": "INSTANCE_GROUP"},
            "InstanceGroups": groups,
            "Instances": (0..=self.slaves).map(|node| Self::instance(node, cores)).collect::<Vec<_>>(),
        }]})
    }

    fn instance(node: usize, cores: usize) -> Value {
        let group = if node == 0 {
            "ig-MASTER"
        } else if node <= cores {
            "ig-CORE"
        } else {
            "ig-TASK"
        };
        let ip = Self::ip(node);
        let mut instance = json!({
            "Id": format!("ci-{node}"), "Ec2InstanceId": Self::id(node), "InstanceGroupId": group,
            "InstanceType": "m5.xlarge", "PrivateIpAddress": ip, "PublicDnsName": "",
            "PrivateDnsName": format!("ip-{}.ec2.internal", ip.replace('.', "-")), "Status": {"State": "RUNNING"},
        });
        if node == 0 {
            instance["PublicIpAddress"] = json!("198.51.100.1");
        }
        instance
    }

    fn order(&self, verb: &str, node: usize) {
        let mut control = self.control.lock().expect("no test panics meanwhile");
        writeln!(control.orders, "{verb} {node}").expect("the hosts are there");
        control.hear();
    }
}

impl Control {
    fn hear(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the hosts answer");
        let processes = line.strip_prefix("done ").expect("the hosts are as they should be");
        self.processes = processes.split_whitespace().map(str::to_owned).collect();
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The PIDs of the children of `parent`.
fn children(parent: u32) -> String {
    let path = PathBuf::from(format!("/proc/{parent}/task/{parent}/children"));
    fs::read_to_string(Path::new(&path)).expect("Linux tells")
}
