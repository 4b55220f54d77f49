use std::path::Path;

use super::*;
use crate::config::options as keys;
use crate::error::Outcome;
use crate::launch::software::SoftwareOptions;
use crate::launch::{self, LaunchOptions};
use crate::model::job_flow::{Body, Software, Upload};
use crate::setup::{Command, Machine, NamedFile, packs_none};
use crate::upload;

/// Reads options on a machine where each file contains its own name.
struct Here;

impl Here {
    fn machine<T>(read: impl Fn(&Machine<'_>) -> Result<T>) -> T {
        let content = |path: &Path| Ok(upload::content_of(&path.file_name().unwrap().to_string_lossy()));
        read(&Machine { expand: &str::to_owned, content: &content, pack: &packs_none }).unwrap()
    }

    fn actions(texts: &[&str]) -> Vec<Setting<Action>> {
        let read = |text: &&str| Self::machine(|machine| Action::read(text, machine));
        texts.iter().map(|text| keys::BOOTSTRAP_ACTIONS.typed(read(text))).collect()
    }

    fn commands(texts: &[&str]) -> Vec<Setting<Command>> {
        let read = |text: &&str| Self::machine(|machine| Command::read(text, machine));
        texts.iter().map(|text| keys::BOOTSTRAP.typed(read(text))).collect()
    }

    fn files(texts: &[&str]) -> Vec<Setting<NamedFile>> {
        let read = |text: &&str| Self::machine(|machine| NamedFile::read(text, machine));
        texts.iter().map(|text| keys::BOOTSTRAP_FILES.typed(read(text))).collect()
    }
}

fn on(release: &str, bootstrap: BootstrapOptions) -> LaunchOptions {
    let scratch_uri = Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned()));
    LaunchOptions { software: SoftwareOptions::release(release), scratch_uri, bootstrap, ..Default::default() }
}

fn made(options: &LaunchOptions) -> JobFlow {
    launch::job_flow(options).unwrap().job_flow
}

/// The master script without its head.
fn master_of(job_flow: &JobFlow) -> String {
    let Some(Upload { body: Body::Text(text), .. }) = job_flow.uploads.last() else { panic!("{job_flow:?}") };
    text.split_once("trap bootstrap_end EXIT\n").unwrap().1.to_owned()
}

#[test]
fn actions_come_first_and_the_master_script_after_them() {
    let options = BootstrapOptions {
        core_dumps: true,
        actions: Here::actions(&["s3://x/act.sh a 'b c'", "local/act.sh", "file:/usr/share/aws/emr/install-hue"]),
        cmds: Here::commands(&["true"]),
        ..Default::default()
    };
    let made = made(&on("emr-7.14.0", options));
    let actions: Vec<_> =
        made.bootstrap_actions.iter().map(|action| (action.name.as_str(), &action.args[..])).collect();
    let args = ["a", "b c"].map(str::to_owned);
    assert_eq!(
        actions,
        [("core dumps", &[][..]), ("action 0", &args[..]), ("action 1", &[]), ("action 2", &[]), ("master", &[])]
    );
    let paths: Vec<_> = made.bootstrap_actions.iter().map(|action| action.path.as_str()).collect();
    assert_eq!((paths[1], paths[3]), ("s3://x/act.sh", "file:/usr/share/aws/emr/install-hue"));
    let uploaded: Vec<_> = made.uploads.iter().map(|upload| upload.to.to_string()).collect();
    assert_eq!(uploaded, [paths[0], paths[2], paths[4]]);
    assert_eq!(made.uploads[1].body, Body::File("local/act.sh".into()));
    assert!(paths[2].starts_with("s3://b/tmp/files/") && paths[2].ends_with("/act.sh"), "{paths:?}");
}

#[test]
fn the_master_script_runs_in_mrjob_s_order() {
    let options = BootstrapOptions {
        commands: Here::commands(&["echo one", "dpkg -i x.deb#"]),
        files: Here::files(&["data.txt#d", "s3://b2/remote"]),
        packages: Here::files(&["p.tar.gz"]),
        cmds: Here::commands(&["echo 'three'"]),
        scripts: Here::files(&["s.sh"]),
        ..Default::default()
    };
    let script = master_of(&made(&on("emr-7.14.0", options)));
    let key = |name: &str| format!("s3://b/tmp/files/{}/{name}", upload::content_of(name));
    let (_, script) = script.split_once("# Files\n\n").unwrap();
    let expected = format!(
        r#"bootstrap_fetch {data} d
bootstrap_fetch {package} p.tar.gz
bootstrap_fetch s3://b2/remote remote
bootstrap_fetch {script} s.sh
bootstrap_fetch {deb} x.deb

# Commands

bootstrap_begin 'echo one'
eval "$bootstrap_command
:"

bootstrap_begin 'dpkg -i x.deb#'
eval 'dpkg -i "$bootstrap_dir"/x.deb
:'

bootstrap_begin 'sudo python3 -m pip install p.tar.gz'
eval 'sudo python3 -m pip install "$bootstrap_dir"/p.tar.gz
:'

bootstrap_begin 'echo '\''three'\'''
eval "$bootstrap_command
:"

bootstrap_begin s.sh
eval '"$bootstrap_dir"/s.sh
:'
"#,
        data = key("data.txt"),
        package = key("p.tar.gz"),
        script = key("s.sh"),
        deb = key("x.deb"),
    );
    assert_eq!(script, expected);
}

#[test]
fn without_options_there_is_no_script_and_no_upload() {
    let made = made(&LaunchOptions { scratch_uri: None, ..on("emr-7.14.0", BootstrapOptions::default()) });
    assert_eq!((made.bootstrap_actions, made.uploads), (vec![], vec![]));
}

#[test]
fn an_upload_needs_a_scratch_uri() {
    for options in [
        BootstrapOptions { actions: Here::actions(&["a.sh"]), ..Default::default() },
        BootstrapOptions { cmds: Here::commands(&["true"]), ..Default::default() },
        BootstrapOptions { core_dumps: true, ..Default::default() },
    ] {
        let nowhere = LaunchOptions { scratch_uri: None, ..on("emr-7.14.0", options) };
        let error = launch::job_flow(&nowhere).unwrap_err();
        assert_eq!(error.outcome, Outcome::Config);
        assert!(error.to_string().contains("--s3-scratch-uri"), "{error}");
    }
    let remote = BootstrapOptions { actions: Here::actions(&["s3://x/y"]), ..Default::default() };
    assert!(launch::job_flow(&LaunchOptions { scratch_uri: None, ..on("emr-7.14.0", remote) }).is_ok());
}

#[test]
fn releases_fetch_from_s3_only_and_amis_with_hadoop() {
    let options = |file| BootstrapOptions { files: Here::files(&[file]), ..Default::default() };
    let script = master_of(&made(&on("emr-7.14.0", options("s3n://b2/x"))));
    assert!(script.contains("    aws s3 cp ") && script.contains("bootstrap_fetch s3://b2/x x\n"), "{script}");
    assert!(launch::job_flow(&on("emr-7.14.0", options("hdfs:///x"))).is_err());
    let ami = LaunchOptions { software: SoftwareOptions::ami("2.4.2"), ..on("", options("hdfs:///x")) };
    let script = master_of(&made(&ami));
    assert!(
        script.contains("    hadoop fs -copyToLocal ") && script.contains("bootstrap_fetch hdfs:///x x\n"),
        "{script}"
    );
}

#[test]
fn actions_beyond_emr_s_limits_are_refused() {
    let with =
        |actions: &[&str]| on("emr-7.14.0", BootstrapOptions { actions: Here::actions(actions), ..Default::default() });
    assert!(launch::job_flow(&with(&["s3://b/x"; 16])).is_ok());
    assert_eq!(launch::job_flow(&with(&["s3://b/x"; 17])).unwrap_err().outcome, Outcome::Usage);
    let argument = |length| format!("s3://b/x {}", "ä".repeat(length));
    assert!(launch::job_flow(&with(&[&argument(10_280)])).is_ok());
    for bad in [argument(10_281), "s3://b/x a\u{1}b".to_owned(), "s3://b/x a\0".to_owned()] {
        let error = launch::job_flow(&with(&[&bad])).unwrap_err();
        assert!(error.to_string().contains("the bootstrap action 'action 0' has"), "{error}");
    }
    let archive = BootstrapOptions { commands: Here::commands(&["cat x.rar#x/y"]), ..Default::default() };
    assert!(launch::job_flow(&on("emr-7.14.0", archive)).unwrap_err().to_string().contains("not an archive"));
}

#[test]
fn the_pool_hash_depends_on_contents_names_and_order_and_not_on_paths() {
    let pooled = |bootstrap: BootstrapOptions| {
        let pool = Some("etl".parse().unwrap());
        made(&LaunchOptions { pool, ..on("emr-7.14.0", bootstrap) }).pool.unwrap().hash
    };
    let commands = |texts: &[&str]| pooled(BootstrapOptions { commands: Here::commands(texts), ..Default::default() });
    let actions = |texts: &[&str]| pooled(BootstrapOptions { actions: Here::actions(texts), ..Default::default() });
    let files = |texts: &[&str]| pooled(BootstrapOptions { files: Here::files(texts), ..Default::default() });
    assert_eq!(commands(&["sh a/f.sh#"]), commands(&["sh b/f.sh#"]));
    assert_eq!(actions(&["a/f.sh 1"]), actions(&["b/f.sh 1"]));
    assert_eq!(files(&["a/f", "b/g"]), files(&["c/g", "d/f"]));
    let different = [
        commands(&[]),
        commands(&["sh a/f.sh#"]),
        commands(&["sh a/g.sh#f.sh"]),
        commands(&["sh a/f.sh#x"]),
        commands(&["sh a/f.sh#", "true"]),
        commands(&["true", "sh a/f.sh#"]),
        commands(&["cat a/f.tar#x/y"]),
        files(&["a/f.sh"]),
        actions(&["a/f.sh"]),
        actions(&["a/f.sh 1"]),
        actions(&["s3://b/f.sh"]),
        actions(&["s3://c/f.sh"]),
        actions(&["s3://b/f.sh", "s3://c/f.sh"]),
        actions(&["s3://c/f.sh", "s3://b/f.sh"]),
        pooled(BootstrapOptions { scripts: Here::files(&["a/f.sh"]), ..Default::default() }),
        pooled(BootstrapOptions { core_dumps: true, ..Default::default() }),
    ];
    let hashes: std::collections::BTreeSet<_> = different.iter().collect();
    assert_eq!(hashes.len(), different.len());
}

#[test]
fn spark_is_an_application_or_an_action_and_a_missing_python_3_a_command() {
    let options = BootstrapOptions { spark: true, python_3: true, ..Default::default() };
    let release = made(&on("emr-4.5.0", options.clone()));
    let Software::Release { applications, .. } = &release.software else { panic!("{release:?}") };
    assert_eq!(applications, &["Hadoop", "Spark"]);
    assert!(master_of(&release).contains("bootstrap_begin 'sudo yum install -y python34 "));
    assert_eq!(made(&on("emr-7.14.0", options.clone())).bootstrap_actions, vec![]);
    let ami = LaunchOptions { software: SoftwareOptions::ami("3.11.0"), ..on("", options) };
    let paths: Vec<_> = made(&ami).bootstrap_actions.into_iter().map(|action| action.path).collect();
    assert_eq!(paths[0], "file:///usr/share/aws/emr/install-spark/install-spark");
    assert_eq!(paths.len(), 2);
}

#[test]
fn apt_get_is_warned_about_on_amazon_linux() {
    let told = |version: &str, command: &str| {
        let cmds = Here::commands(&[command]);
        let bootstrap = BootstrapOptions { cmds, ..Default::default() };
        let options = LaunchOptions { software: SoftwareOptions::ami(version), ..on("", bootstrap) };
        launch::job_flow(&options).unwrap().warnings
    };
    let install = "sudo apt-get install -y python-simplejson";
    assert!(told("3.11.0", install)[0].starts_with(&format!("'{install}' will fail: AMI version 3")));
    assert_eq!(told("7.14.0", install).len(), 1);
    for (version, command) in
        [("2.4.2", install), ("7.14.0", "apt-get update || yum check-update"), ("7.14.0", "echo apt-get")]
    {
        assert_eq!(told(version, command), Vec::<String>::new(), "{version} {command}");
    }
}
