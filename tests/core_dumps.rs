//! The bootstrap action that turns core dumps on: on nodes made of files and programs that note how they are called, and
//! with a process that really crashes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../emr-core/src/launch/bootstrap/core_dumps/core-dumps.sh");
const CRASH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/core_dumps/crash.sh");

/// A node, with what the script looks at below a folder of its own.
struct Node {
    folder: TempDir,
}

impl Node {
    fn new() -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["bin", "tmp", "mnt", "proc/sys/kernel"] {
            fs::create_dir_all(node.path(folder)).unwrap();
        }
        node.write("proc/mounts", "/dev/xvda1 / ext4 rw 0 0\n/dev/xvdb /mnt xfs rw 0 0\n");
        node.write("proc/sys/kernel/core_pattern", "|/usr/lib/systemd/systemd-coredump %P %u\n");
        for name in ["sudo", "mount", "systemctl", "chown"] {
            node.program(name, "");
        }
        node.program("id", "echo 0");
        node.program("df", "echo Filesystem; echo '/dev/xvdb 99 9 40000003 1% /mnt'");
        node
    }

    /// Amazon Linux 2 or 2023.
    fn with_systemd(self) -> Self {
        fs::create_dir_all(self.path("run/systemd/system")).unwrap();
        self
    }

    /// AMI version 3, which is of Amazon's first Linux; version 2, a Debian, has no sysconfig.
    fn with_init_scripts(self) -> Self {
        self.write("etc/sysconfig/init", "BOOTUP=color\n");
        self.write("home/hadoop/conf/hadoop-user-env.sh", "export HADOOP_HEAPSIZE=2048\n");
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Makes a program that notes its call and does `body`.
    fn program(&self, name: &str, body: &str) {
        let calls = self.path("calls");
        self.write(&format!("bin/{name}"), &format!("#!/bin/sh\necho \"{name} $*\" >>{}\n{body}\n", calls.display()));
        fs::set_permissions(self.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, shell: &str) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let mut run = Command::new(shell);
        run.arg(SCRIPT).env_clear().env("PATH", path).env("CORE_DUMPS_ROOT", self.folder.path()).output().unwrap()
    }

    /// Runs it twice, in dash and in bash, and returns the calls of both but those that only ask.
    fn prepared(self) -> Self {
        for shell in ["/bin/dash", "/bin/bash"] {
            let output = self.run(shell);
            assert!(output.status.success() && output.stderr.is_empty(), "{shell}: {output:?}");
        }
        self
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o7777
    }

    fn calls(&self, program: &str) -> usize {
        self.read("calls").lines().filter(|line| line.split(' ').next() == Some(program)).count()
    }
}

#[test]
fn cores_go_to_a_folder_for_everybody_with_the_room_of_the_disk_for_data() {
    let node = Node::new().prepared();
    assert_eq!((node.mode("tmp/cores"), node.mode("mnt/cores")), (0o1777, 0o1777));
    let root = node.folder.path().display();
    assert!(node.read("calls").contains(&format!("mount --bind {root}/mnt/cores {root}/tmp/cores\n")));
    let pattern = "/tmp/cores/core.%e.%p.%h.%t\n";
    assert_eq!(node.read("proc/sys/kernel/core_pattern"), pattern);
    assert_eq!(node.read("etc/sysctl.d/99-core-dumps.conf"), format!("kernel.core_pattern = {pattern}"));
}

#[test]
fn what_is_mounted_already_is_not_mounted_again_and_without_a_disk_for_data_nothing_is() {
    for mounts in ["/dev/xvdb /mnt xfs rw 0 0\n/dev/xvdb /tmp/cores xfs rw 0 0\n", "/dev/xvda1 / ext4 rw 0 0\n"] {
        let node = Node::new();
        node.write("proc/mounts", mounts);
        let node = node.prepared();
        assert_eq!((node.calls("mount"), node.mode("tmp/cores")), (0, 0o1777), "{mounts}");
    }
}

#[test]
fn every_session_may_leave_a_quarter_of_the_room() {
    let limits = "* soft core 10000000\n* hard core unlimited\nroot soft core 10000000\nroot hard core unlimited\n";
    let node = Node::new().prepared();
    assert_eq!(node.read("etc/security/limits.d/99-core-dumps.conf"), limits);
    assert_eq!(node.mode("etc/security/limits.d/99-core-dumps.conf"), 0o644);
    assert_eq!(node.calls("systemctl"), 0);
}

#[test]
fn the_services_of_systemd_are_allowed_as_much() {
    let node = Node::new().with_systemd().prepared();
    let expected = "[Manager]\nDefaultLimitCORE=10240000000\n";
    assert_eq!(node.read("etc/systemd/system.conf.d/99-core-dumps.conf"), expected);
    assert!(node.read("calls").contains("systemctl daemon-reexec\n"));
}

#[test]
fn the_daemons_of_old_amis_are_allowed_as_much_and_told_once() {
    let node = Node::new().with_init_scripts().prepared();
    assert_eq!(node.read("etc/sysconfig/init"), "BOOTUP=color\nDAEMON_COREFILE_LIMIT=10000000\n");
    let env = node.read("home/hadoop/conf/hadoop-user-env.sh");
    assert_eq!(env, "export HADOOP_HEAPSIZE=2048\nulimit -S -c 10000000\n");
}

#[test]
fn who_is_not_root_becomes_it() {
    let node = Node::new();
    node.program("id", "echo 498");
    assert!(node.run("/bin/sh").status.success());
    assert!(node.read("calls").ends_with(&format!("sudo sh {SCRIPT}\n")));
}

#[test]
fn a_node_that_lets_no_pattern_be_set_fails_to_bootstrap() {
    let node = Node::new();
    fs::remove_dir_all(node.path("proc/sys")).unwrap();
    assert!(!node.run("/bin/sh").status.success());
}

#[test]
fn a_process_of_any_user_that_crashes_leaves_its_core() {
    let unshare = |words: &[&str]| Command::new("unshare").arg("--mount").args(words).output().unwrap();
    // In some containers root cannot.
    if !unshare(&["test", "-w", "/proc/sys/kernel/core_pattern"]).status.success() {
        harness::skip("a crash needs root, and a kernel whose core_pattern may be set");
        return;
    }
    let before = fs::read("/proc/sys/kernel/core_pattern").unwrap();
    let crash = unshare(&["sh", CRASH, SCRIPT]);
    assert_eq!(fs::read("/proc/sys/kernel/core_pattern").unwrap(), before);
    let told = String::from_utf8(crash.stdout).unwrap();
    let stderr = String::from_utf8(crash.stderr).unwrap();
    assert!(crash.status.success(), "{stderr}");
    let (cores, owner) = told.trim_end().split_once(' ').unwrap_or_else(|| panic!("{told}{stderr}"));
    assert!(cores.starts_with("core.sh.") || cores.starts_with("core.dash."), "{told}{stderr}");
    assert_eq!(owner, "nobody");
}

#[test]
fn the_script_pleases_shellcheck() {
    assert!(Command::new("shellcheck").args([SCRIPT, CRASH]).status().unwrap().success());
}
