//! What mrjob takes and does with a file, and how these tools take it or say that they do not.

use harness::{Ran, Tools};

use crate::{TOOL, home, of_text, options, print_config};

#[test]
fn what_mrjob_would_heed_and_is_left_out_is_warned_about_once_and_not_with_q() {
    let home = home(&[
        ("base", "runners: {emr: {interpreter: ruby, bootstrap_mrjob: true, local_tmp_dir: /t, min_available_mb: 9}}"),
        ("conf", "include: base\nrunners: {emr: {interpreter: perl, ssh_tunnel: true, docker_image: ''}}"),
    ]);
    let said = |args: &[&str]| Ran::of(print_config(home.path()).args(["-c", "conf"]).args(args)).ok().stderr;
    let lines = said(&[]);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("line 1, column 30: interpreter has no effect: mrjob changes each job by it"), "{lines}");
    assert!(lines.contains("bootstrap_mrjob has no effect: mrjob prepares job flows by it"), "{lines}");
    assert_eq!(said(&["-q"]), "");
}

#[test]
fn a_region_is_taken_as_mrjob_took_it() {
    for (written, meant) in [("EU", "eu-west-1"), ("US-WEST-2", "us-west-2"), ("ap-south-1", "ap-south-1")] {
        let ran = of_text(&format!("runners: {{emr: {{aws_region: {written}}}}}")).ok();
        assert_eq!(options(&ran)["aws_region"].0, meant);
    }
}

#[test]
fn a_colon_that_makes_a_mapping_of_a_command_is_explained() {
    for option in ["bootstrap", "bootstrap_cmds", "bootstrap_actions"] {
        let text = format!("runners:\n  emr:\n    {option}:\n    - echo \"proxy: none\" | sudo tee x\n");
        let words = format!("{option} is a mapping, because of the colon behind 'echo \"proxy'; put quotes around");
        of_text(&text).fails(78, &words);
    }
}

#[test]
fn a_pattern_in_a_command_is_not_said_to_match_nothing_where_it_matches() {
    let home = home(&[("a.deb", ""), ("b.deb", "")]);
    let dry_run = |command: &str| {
        let mut create = Tools::beside(TOOL).command("create-job-flow");
        Ran::of(create.current_dir(home.path()).args(["--dry-run", "--bootstrap", command]))
    };
    dry_run("sudo dpkg -i *.deb#").fails(2, "*.deb is a pattern, and a command names one file at a time");
    dry_run("sudo dpkg -i *.rpm#").fails(74, "no file matches *.rpm");
}

#[test]
fn what_no_shell_can_read_is_refused_before_a_job_flow_is_paid_for() {
    let text = "runners:\n  emr:\n    s3_scratch_uri: s3://b/\n    bootstrap:\n    - if true; then\n    - echo a\n";
    let dry_run = |text: &str| {
        let home = home(&[("conf", text)]);
        let mut create = Tools::beside(TOOL).command("create-job-flow");
        Ran::of(create.current_dir(home.path()).args(["--dry-run", "-c", "conf"]))
    };
    let words = "conf: line 5, column 7: bootstrap: a shell cannot read the command 'if true; then'";
    dry_run(text).fails(78, words);
    dry_run(&format!("{text}    - fi\n")).ok();
}
