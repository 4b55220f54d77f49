//! The file of `--output-file`: whole at any time, whatever becomes of the run.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use harness::{Ran, Sandbox, Tools, skip};

use crate::{SANDBOX, TOOLS, cluster, has, left, loaded, samples};

const PROM: [&str; 4] = ["--output", "prometheus", "--output-file", "emr.prom"];

fn read(sandbox: &Sandbox, name: &str) -> String {
    std::fs::read_to_string(sandbox.folder().join(name)).unwrap()
}

#[test]
fn every_form_goes_into_the_file_as_it_goes_to_stdout() {
    let sandbox = loaded(&[cluster("j-A", "night", "WAITING")], &[]);
    for form in ["json", "table", "id", "prometheus"] {
        let args = ["--output", form, "--output-file"];
        let told = sandbox.run("list-job-flows", &[&args[..], &["-"]].concat()).ok().stdout;
        let ran = sandbox.run("list-job-flows", &[&args[..], &["told"]].concat()).ok();
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
        let without_times = |text: &str| {
            let lines = text.lines().filter(|line| !line.contains("_seconds"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(without_times(&read(&sandbox, "told")), without_times(&told), "{form}");
    }
    sandbox.run("list-job-flows", &["--output-file", "told"]).ok();
    assert!(read(&sandbox, "told").starts_with("{\"job_flow_id\":"), "a file is for programs");
    let usage = sandbox.run("audit-usage", &["-q", "--output-file", "told", "--html", "page.html"]).ok();
    assert!(usage.stdout.is_empty() && read(&sandbox, "told").starts_with("{\"group_by\":"));
    let swept = sandbox.run("terminate-idle-job-flows", &["--output", "id", "--output-file", "told"]).ok();
    assert_eq!((swept.stdout.as_str(), read(&sandbox, "told").as_str()), ("", "j-A\n"));
    assert_eq!(left(sandbox.folder()), [""; 0]);
}

#[test]
fn gauges_can_be_read_by_the_user_of_the_collector_whatever_the_mask_is() {
    let sandbox = loaded(&[], &[]);
    let run = |file: &str, form: &str| {
        let line = format!("umask 077; exec list-job-flows --output {form} --output-file {file}");
        let path = Tools::beside(SANDBOX).path(&[]);
        Ran::of(sandbox.point(Command::new("sh").env_clear().env("PATH", path)).args(["-c", &line])).ok();
        std::fs::metadata(sandbox.folder().join(file)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!([run("emr.prom", "prometheus"), run("list", "json")], [0o644, 0o600]);
    std::fs::set_permissions(sandbox.folder().join("emr.prom"), Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run("emr.prom", "prometheus"), 0o640, "what somebody has chosen stays");
}

#[test]
fn a_file_that_root_replaces_stays_that_of_its_owner_and_group() {
    let sandbox = loaded(&[], &[]);
    let files = ["emr.prom", "list", "page.html"].map(|name| sandbox.file(name, "old"));
    for file in &files {
        if chown(file, Some(1234), Some(4321)).is_err() {
            return skip("only root may give files away");
        }
        std::fs::set_permissions(file, Permissions::from_mode(0o640)).unwrap();
    }
    sandbox.run("list-job-flows", &PROM).ok();
    sandbox.run("audit-usage", &["--output-file", "list", "--html", "page.html"]).ok();
    for file in &files {
        let found = file.metadata().unwrap();
        let found = (found.uid(), found.gid(), found.mode() & 0o777);
        assert_eq!(found, (1234, 4321, 0o640), "{}", file.display());
        assert_ne!(std::fs::read_to_string(file).unwrap(), "old");
    }
}

#[test]
fn a_run_without_credentials_or_an_account_that_answers_leaves_records_as_they_were() {
    let sandbox = loaded(&[cluster("j-A", "night", "WAITING")], &["--fault", "ListClusters:deny:9"]);
    for tool in ["list-job-flows", "audit-usage"] {
        sandbox.file("told", "old");
        sandbox.run(tool, &["--output-file", "told"]).fails(77, "AWS denies ListClusters");
        assert_eq!(read(&sandbox, "told"), "old", "{tool}");
    }
    for tool in TOOLS {
        let ran = sandbox.run(tool, &[&PROM[..], &["-qq"]].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(77), ""));
        let success = format!("emr_tools_last_run_success{{region=\"us-east-1\",tool=\"{tool}\"}}");
        has(&samples(&read(&sandbox, "emr.prom")), &[(&success, 0.0)]);
    }
}

#[test]
fn a_signal_leaves_the_file_whole_and_no_other() {
    for tool in ["list-job-flows", "audit-usage"] {
        for args in [&PROM[..], &["--output-file", "told"]] {
            let clusters = [cluster("j-A", "night", "WAITING")];
            let sandbox = loaded(&clusters, &["--fault", "ListSteps:delay:9:60000"]);
            let old = sandbox.file("told", "old");
            let mut child = sandbox.tool(tool);
            // Without idle times the list asks for no steps.
            let idle: &[&str] = if tool == "list-job-flows" { &["--idle"] } else { &[] };
            let child = child.args(args).arg("-vv").args(idle).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = child.spawn().unwrap();
            // It has begun, and no answer to the next call will come.
            let mut said = BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            while !line.contains("ListClusters: answered") {
                line.clear();
                assert_ne!(said.read_line(&mut line).unwrap(), 0, "it asks for the list");
            }
            assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
            let ran = Ran::from(child.wait_with_output().unwrap());
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(128 + 15), ""), "{ran:?}");
            assert_eq!(std::fs::read_to_string(old).unwrap(), "old");
            if args == PROM {
                let code = format!("emr_tools_last_run_exit_code{{region=\"us-east-1\",tool=\"{tool}\"}}");
                has(&samples(&read(&sandbox, "emr.prom")), &[(&code, 143.0)]);
            }
            assert_eq!(left(sandbox.folder()), [""; 0]);
        }
    }
}

#[test]
fn whoever_reads_while_others_write_reads_a_whole_file() {
    let clusters: Vec<_> = (0..40).map(|number| cluster(&format!("j-{number:02}"), "night", "STARTING")).collect();
    let sandbox = loaded(&clusters, &[]);
    sandbox.run("list-job-flows", &PROM).ok();
    let sample = r#"emr_job_flows{region="us-east-1",state="STARTING"}"#;
    for _ in 0..3 {
        let run = |_| sandbox.tool("list-job-flows").args(PROM).stderr(Stdio::null()).spawn().unwrap();
        let mut runs: Vec<_> = (0..3).map(run).collect();
        while runs.iter_mut().any(|run| run.try_wait().unwrap().is_none()) {
            has(&samples(&read(&sandbox, "emr.prom")), &[(sample, 40.0)]);
        }
        assert!(runs.iter_mut().all(|run| run.wait().unwrap().success()));
    }
    assert_eq!(left(sandbox.folder()), [""; 0]);
}

#[test]
fn a_file_that_the_run_needs_for_something_else_is_refused_and_stays() {
    let sandbox = loaded(&[cluster("j-A", "night", "WAITING")], &[]);
    let (conf, base) = ("include: base.conf\n", "runners: {emr: {owner: base}}\n");
    sandbox.file("mrjob.conf", conf);
    sandbox.file("base.conf", base);
    for tool in TOOLS {
        for file in ["mrjob.conf", "./mrjob.conf", "base.conf"] {
            let ran = sandbox.run(tool, &["--conf-path", "mrjob.conf", "--output-file", file]);
            ran.fails(2, &format!("--output-file names a file of the configuration, {file}; name another one"));
        }
        let exported = |name: &str, value: &str, file: &str| {
            Ran::of(sandbox.tool(tool).env(name, value).args(["--output-file", file]))
        };
        exported("MRJOB_CONF", "mrjob.conf", "mrjob.conf").fails(2, "--output-file names a file of the configuration");
        let words = "EMR_TOOLS_LOCK_HISTORY and --output-file name one file, told; name a file for each";
        exported("EMR_TOOLS_LOCK_HISTORY", "told", "told").fails(2, words);
    }
    let page = ["--conf-path", "mrjob.conf", "--html", "mrjob.conf"];
    sandbox.run("audit-usage", &page).fails(2, "--html names a file of the configuration, mrjob.conf");
    assert_eq!([read(&sandbox, "mrjob.conf"), read(&sandbox, "base.conf")], [conf, base]);
    assert!(sandbox.all_requests().is_empty() && !sandbox.folder().join("told").exists());
}

#[test]
fn a_history_is_a_file_for_every_tool_and_its_error_names_what_was_typed() {
    let sandbox = loaded(&[], &[]);
    let words = "needs a file, and - is none; write ./- for one of that name";
    let find = ["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"];
    let none: &[&str] = &[];
    for (tool, args) in TOOLS.map(|tool| (tool, none)).into_iter().chain([("find-pool", &find[..])]) {
        let ran = Ran::of(sandbox.tool(tool).args(args).env("EMR_TOOLS_LOCK_HISTORY", "-"));
        ran.fails(2, &format!("EMR_TOOLS_LOCK_HISTORY {words}"));
        if matches!(tool, "find-pool" | "terminate-idle-job-flows") {
            sandbox.run(tool, &[args, &["--history", "-"]].concat()).fails(2, &format!("--history {words}"));
        }
    }
    assert!(sandbox.all_requests().is_empty() && !sandbox.folder().join("-").exists());
}

/// Runs `line` in a folder of its own with room for one page, of which `told` says "old"; says what is there in the end.
fn on_a_full_disk(sandbox: &Sandbox, line: &str) -> Ran {
    let script = format!(
        "mkdir -p small && mount -t tmpfs -o size=4k tmpfs small && cd small && echo old > told && {line}; \
         code=$?; cat told >&2; ls -A >&2; exit $code"
    );
    let path = Tools::beside(SANDBOX).path(&[]);
    let mut small = Command::new("unshare");
    Ran::of(sandbox.point(small.env_clear().env("PATH", path)).args(["-m", "sh", "-c", &script]))
}

#[test]
fn on_a_full_disk_the_old_file_stays_and_what_was_done_is_told_on_stdout() {
    if !Path::new("/proc/self/ns/mnt").exists()
        || !Command::new("unshare").args(["-m", "true"]).status().unwrap().success()
    {
        return skip("this user cannot mount a small disk");
    }
    let sandbox = loaded(&[cluster("j-A", "night", "WAITING")], &[]);
    let gauges = on_a_full_disk(&sandbox, "list-job-flows --output prometheus --output-file told");
    assert_eq!((gauges.code, gauges.stdout.as_str()), (Some(74), ""), "{gauges:?}");
    assert!(gauges.stderr.contains("/small/told: no space left on device\nold\ntold\n"), "{gauges:?}");
    let dry = on_a_full_disk(&sandbox, "terminate-idle-job-flows --dry-run --output-file told");
    assert_eq!((dry.code, &dry.record()["job_flow_id"]), (Some(74), &"j-A".into()), "{dry:?}");
    let swept = on_a_full_disk(&sandbox, "terminate-idle-job-flows --output prometheus --output-file told");
    assert_eq!((swept.code, &swept.record()["job_flow_id"]), (Some(74), &"j-A".into()), "{swept:?}");
    assert!(swept.stderr.contains("no space left on device; the records are on stdout\nold\ntold\n"), "{swept:?}");
}
