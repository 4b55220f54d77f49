//! The script that ends idle job flows of old releases, run for real on a master made of files and small programs.
//!
//! Its `sleep` moves the clock by a minute, and its `yarn` and the like are bits of shell that know the time as `$now`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

const SCRIPT: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../emr-core/src/launch/self_termination/terminate-when-idle.sh");

/// What YARN answers where nothing runs.
const NOTHING: &str = "echo 'INFO client.RMProxy: Connecting' >&2
    echo 'Total number of applications (application-types: [] and states: [SUBMITTED, ACCEPTED, RUNNING]):0'
    echo '                Application-Id\t    Application-Name'";

/// What YARN answers where an application waits or runs.
const RUNNING: &str =
    "echo 'Total number of applications (application-types: [] and states: [SUBMITTED, ACCEPTED, RUNNING]):1'
    echo '                Application-Id\t    Application-Name'
    echo 'application_1512_0001\t        word count\t   MAPREDUCE\thadoop\tdefault\tACCEPTED'";

/// A machine that ends a quarter of an hour after it starts the script, unless it is shut down before.
struct Machine {
    folder: TempDir,
}

impl Machine {
    /// A master of which the uptime is `uptime` seconds, and on which YARN says that there is nothing to do.
    fn master(uptime: u64) -> Self {
        Self::lasting(uptime, 900)
    }

    /// The same, but it ends after so many seconds.
    fn lasting(uptime: u64, seconds: u64) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        let (root, end) = (machine.root(), uptime + seconds);
        machine.write("proc/uptime", &format!("{uptime}.07 1234.56\n"));
        machine.write("mnt/var/lib/info/instance.json", "{\n  \"isMaster\": true,\n  \"isRunningNameNode\": true\n}");
        fs::create_dir_all(machine.path("mnt/var/log/bootstrap-actions")).unwrap();
        let tick = format!("echo \"$((now + 60)).00 0\" > {root}/proc/uptime; [ $now -lt {end} ] || kill $PPID");
        machine.program("sleep", &format!("{tick}\n[ ! -e {root}/on-sleep ] || . {root}/on-sleep"));
        machine.program("sudo", &format!("echo \"$now $*\" >> {root}/shutdowns; kill $PPID"));
        machine.program("pgrep", "exit 1");
        machine.program("yarn", NOTHING);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn root(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    /// Makes a program of the `name` for the script to find, which knows the uptime as `$now`.
    fn program(&self, name: &str, body: &str) {
        let clock = format!("read -r now _ < {}/proc/uptime\nnow=${{now%%.*}}", self.root());
        self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{clock}\n{body}\n"));
        fs::set_permissions(self.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the script in `shell` until it and what it leaves in the background are at their end.
    fn boot(&self, shell: &str, args: &[&str]) -> Output {
        // The background keeps descriptor 3 open, which is our end of the pipe.
        let command = ["-c", "exec 3>&1 >/dev/null; \"$@\"", "sh", shell, SCRIPT];
        let path = format!("{}/bin:/usr/bin:/bin", self.root());
        let mut boot = Command::new("/bin/sh");
        boot.args(command).args(args).env_clear().env("PATH", path).env("TERMINATE_WHEN_IDLE_ROOT", self.root());
        boot.output().unwrap()
    }

    /// The uptimes at which it wanted to shut down, in dash and in bash the same.
    fn shutdowns(&self, args: &[&str]) -> Vec<u64> {
        let before = fs::read(self.path("proc/uptime")).unwrap();
        let runs = ["/bin/dash", "/bin/bash"].map(|shell| {
            let _ = fs::remove_file(self.path("shutdowns"));
            assert!(self.boot(shell, args).status.success());
            fs::write(self.path("proc/uptime"), &before).unwrap();
            let asked = fs::read_to_string(self.path("shutdowns")).unwrap_or_default();
            let time = |line: &str| line.strip_suffix(" shutdown -h now").unwrap().parse().unwrap();
            asked.lines().map(time).collect::<Vec<u64>>()
        });
        assert_eq!(runs[0], runs[1], "dash and bash");
        runs[0].clone()
    }
}

#[test]
fn idleness_that_lasts_ends_the_job_flow_after_a_time_of_grace() {
    let master = Machine::master(100);
    assert_eq!(master.shutdowns(&["120"]), [760], "more than ten minutes after it began");
    let log = fs::read_to_string(master.path("mnt/var/log/bootstrap-actions/terminate-when-idle.log")).unwrap();
    assert!(log.contains("without work for 660 s: shutting down"), "{log}");
}

#[test]
fn the_limit_is_longer_than_and_not_at_least() {
    let master = Machine::lasting(100, 1500);
    assert_eq!(master.shutdowns(&["1200"]), [1360]);
}

#[test]
fn work_begins_the_count_anew() {
    let master = Machine::lasting(0, 3600);
    master.program("yarn", &format!("if [ $now -eq 1200 ]; then {RUNNING}\nelse {NOTHING}\nfi"));
    assert_eq!(master.shutdowns(&["900"]), [960], "the machine is ended before that work");
    assert_eq!(master.shutdowns(&["1200"]), [2460]);
}

#[test]
fn work_that_goes_on_is_never_ended() {
    let master = Machine::master(0);
    master.program("yarn", RUNNING);
    assert_eq!(master.shutdowns(&["60"]), []);
}

#[test]
fn an_answer_that_says_nothing_counts_as_work() {
    let master = Machine::master(0);
    let says = |body: &str| {
        master.program("yarn", body);
        master.shutdowns(&["60"])
    };
    assert_eq!(says("echo 'Exception in thread \"main\"'; exit 0"), []);
    assert_eq!(says("exit 0"), []);
    assert_eq!(says(&format!("{NOTHING}\nexit 1")), []);
    assert_eq!(says("exit 127"), []);
    master.program("pgrep", "exit 127");
    assert_eq!(says(NOTHING), []);
    master.program("pgrep", "exit 1");
    assert_eq!(says("echo 'Total number of applications (states: [RUNNING]):10'"), []);
}

#[test]
fn until_hadoop_is_installed_nothing_is_idle() {
    let master = Machine::master(0);
    fs::remove_file(master.path("bin/yarn")).unwrap();
    assert_eq!(master.shutdowns(&["60"]), []);
}

#[test]
fn hadoop_1_is_asked_for_its_jobs() {
    let master = Machine::lasting(0, 1200);
    fs::remove_file(master.path("bin/yarn")).unwrap();
    let table = "echo 'JobId\tState\tStartTime\tUserName\tPriority\tSchedulingInfo'";
    master.program("hadoop", &format!("[ \"$*\" = 'job -list' ] || exit 1; echo '0 jobs currently running'; {table}"));
    assert_eq!(master.shutdowns(&["60"]), [660]);
    let one = format!("echo '1 jobs currently running'; {table}; echo 'job_201611_0001\t1\t14\thadoop\tNORMAL\tNA'");
    master.program("hadoop", &format!("[ $now -gt 1000 ] && echo '0 jobs currently running' || {{ {one}; }}"));
    assert_eq!(master.shutdowns(&["60"]), [1080]);
    master.program("hadoop", "echo '10 jobs currently running'");
    assert_eq!(master.shutdowns(&["60"]), []);
}

#[test]
fn a_step_that_waits_or_runs_is_work_also_where_yarn_does_not_see_it() {
    let master = Machine::lasting(0, 1200);
    for state in ["PENDING", "RUNNING"] {
        master.write("mnt/var/lib/info/steps/1.json", "{\"state\":\"COMPLETED\"}");
        master.write("mnt/var/lib/info/steps/2.json", &format!("{{\n  \"id\" : 2,\n  \"state\" : \"{state}\"\n}}"));
        assert_eq!(master.shutdowns(&["60"]), [], "{state}");
    }
    master.write("mnt/var/lib/info/steps/2.json", "{\"state\":\"FAILED\"}");
    assert_eq!(master.shutdowns(&["60"]), [660]);
    master.program("pgrep", "[ \"$*\" = '-f /mnt/var/lib/hadoop/steps/' ] && [ $now -lt 1000 ] && echo 4711");
    assert_eq!(master.shutdowns(&["60"]), [1080]);
}

#[test]
fn a_step_that_comes_and_goes_between_two_looks_begins_the_count_anew() {
    for place in ["mnt/var/lib/info/steps/7.json", "mnt/var/log/hadoop/steps/s-7"] {
        let master = Machine::lasting(0, 3600);
        master.write("mnt/var/lib/info/steps/1.json", "{\"state\":\"COMPLETED\"}");
        let step = master.path(place);
        let (folder, step) = (step.parent().unwrap().display(), step.display());
        let text = format!("[ $now -lt 1140 ] && rm -f {step} || {{ mkdir -p {folder}; echo {{}} > {step}; }}");
        master.write("on-sleep", &text);
        assert_eq!(master.shutdowns(&["1200"]), [2460], "{place}");
    }
}

#[test]
fn a_shutdown_that_fails_or_does_not_come_is_asked_for_again_unless_work_came() {
    let master = Machine::master(0);
    master.program("sudo", &format!("echo \"$now $*\" >> {}/shutdowns; [ $now -gt 700 ]", master.root()));
    master.program("yarn", &format!("if [ $now -gt 780 ]; then {RUNNING}\nelse {NOTHING}\nfi"));
    assert_eq!(master.shutdowns(&["60"]), [660, 720, 780]);
}

#[test]
fn a_sleep_that_fails_does_not_end_the_watch() {
    let master = Machine::master(0);
    let tick = format!("echo \"$((now + 60)).00 0\" > {}/proc/uptime; [ $now -lt 900 ] || kill $PPID", master.root());
    master.program("sleep", &format!("{tick}\n[ $now -ne 300 ]"));
    assert_eq!(master.shutdowns(&["60"]), [660]);
}

#[test]
fn time_stands_still_where_it_cannot_be_told() {
    for unreadable in ["", "soon\n", "-5.00 0\n"] {
        let master = Machine::lasting(0, 3600);
        let (root, uptime) = (master.root(), format!("{}/proc/uptime", master.root()));
        let lose = format!("{RUNNING}; cp {uptime} {root}/kept; printf '{unreadable}' > {uptime}");
        master.program("yarn", &format!("if [ $now -eq 1200 ]; then {lose}\nelse {NOTHING}\nfi"));
        let find = format!("[ ! -e {root}/kept ] || {{ mv {root}/kept {uptime}; now=1200; }}");
        let tick = format!("echo \"$((now + 60)).00 0\" > {uptime}; [ $now -lt 3600 ] || kill $PPID");
        master.program("sleep", &format!("{find}\n{tick}"));
        assert_eq!(master.shutdowns(&["1200"]), [2400], "work was seen at 1200, and the time told last was 1140");
    }
}

#[test]
fn near_the_end_of_an_hour_only() {
    let master = Machine::lasting(1000, 3600);
    assert_eq!(master.shutdowns(&["60", "300"]), [3340], "260 s before the hour is over");
    // This hour ends within the time of grace, and at 6900 there are 300 s left of the next, which is not less.
    let master = Machine::lasting(3180, 4000);
    assert_eq!(master.shutdowns(&["60", "300"]), [6960]);
}

#[test]
fn a_worker_or_who_does_not_know_what_it_is_leaves_at_once() {
    let machine = Machine::master(0);
    for text in ["{\"isMaster\": false}", "", "{\"isMaster\":\"true\"}"] {
        machine.write("mnt/var/lib/info/instance.json", text);
        assert_eq!(machine.shutdowns(&["60"]), [], "{text}");
        assert_eq!(fs::read_to_string(machine.path("proc/uptime")).unwrap(), "0.07 1234.56\n");
    }
    fs::remove_file(machine.path("mnt/var/lib/info/instance.json")).unwrap();
    assert_eq!(machine.shutdowns(&["60"]), []);
}

#[test]
fn anything_but_whole_seconds_is_refused() {
    let machine = Machine::master(0);
    for args in [&[][..], &["1.5"], &[""], &["60", "x"], &["60", "1", "2"], &["-1"]] {
        let output = machine.boot("/bin/sh", args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8(output.stderr).unwrap().starts_with("usage: "));
    }
}
