//! Runs the master bootstrap script on a fake node, whose programs record how they are called.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "the script runs with real files and processes")]

mod node;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use emr_core::config::{Setting, options as keys};
use emr_core::error::Result;
use emr_core::launch::bootstrap::BootstrapOptions;
use emr_core::launch::software::SoftwareOptions;
use emr_core::launch::{LaunchOptions, job_flow};
use emr_core::model::content::Content;
use emr_core::model::job_flow::Body;
use emr_core::setup::{Command, Machine, NamedFile, Source, packs_none};
use proptest::prelude::*;

use node::{Node, SHELLS};

/// A machine on which every path is a file.
const MACHINE: Machine<'static> =
    Machine { expand: &|path| path.to_owned(), content: &|_: &Path| Ok(content()), pack: &packs_none };

fn content() -> Content {
    Content::from([7; 32])
}

fn commands(texts: &[&str]) -> Vec<Setting<Command>> {
    texts.iter().map(|text| keys::BOOTSTRAP.typed(Command::read(text, &MACHINE).unwrap())).collect()
}

fn cmd(command: Result<Command>) -> Setting<Command> {
    keys::BOOTSTRAP_CMDS.typed(command.unwrap())
}

fn files(texts: &[&str]) -> Vec<Setting<NamedFile>> {
    texts.iter().map(|text| keys::BOOTSTRAP_FILES.typed(NamedFile::read(text, &MACHINE).unwrap())).collect()
}

fn remote(uri: &str, name: &str) -> Setting<NamedFile> {
    let source = Source::Remote(uri.to_owned());
    keys::BOOTSTRAP_FILES.typed(NamedFile { source, name: Some(name.to_owned()), is_archive: false })
}

/// The script for a release, or for an AMI version.
fn script_on(ami_version: Option<&str>, bootstrap: BootstrapOptions) -> String {
    let options = LaunchOptions {
        software: ami_version.map(SoftwareOptions::ami).unwrap_or_default(),
        scratch_uri: Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned())),
        bootstrap,
        ..Default::default()
    };
    let job_flow = job_flow(&options).unwrap().job_flow;
    match job_flow.uploads.last().unwrap().body.clone() {
        Body::Text(text) => text,
        Body::Bytes(bytes) => panic!("{bytes:?} is not the script"),
        Body::File(path) => panic!("{} is not the script", path.display()),
    }
}

fn script(bootstrap: BootstrapOptions) -> String {
    script_on(None, bootstrap)
}

fn of_commands(texts: &[&str]) -> String {
    script(BootstrapOptions { commands: commands(texts), ..Default::default() })
}

fn call(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// One of everything.
fn everything() -> BootstrapOptions {
    BootstrapOptions {
        commands: commands(&["record 1 it.txt#"]),
        files: files(&["s3://b2/remote#there"]),
        packages: files(&["p.tar.gz"]),
        cmds: vec![cmd(Command::of("record '2'; record \"$bootstrap_dir\""))],
        scripts: files(&["run.sh"]),
        ..Default::default()
    }
}

#[test]
fn files_packages_and_commands_come_in_order() {
    let node = Node::working_in("work dir");
    node.object("run.sh", "#!/bin/sh\nrecord 3 \"$0\"\n");
    let calls = node.calls_of(&script(everything()));
    let uri = |name: &str| format!("s3://b/tmp/files/{}/{name}", content());
    let fetch = |uri: &str, name: &str| call(&["aws", "s3", "cp", uri, &node.file(name)]);
    assert_eq!(
        calls,
        [
            fetch(&uri("it.txt"), "it.txt"),
            fetch(&uri("p.tar.gz"), "p.tar.gz"),
            fetch(&uri("run.sh"), "run.sh"),
            fetch("s3://b2/remote", "there"),
            call(&["record", "1", &node.file("it.txt")]),
            call(&["sudo", "python3", "-m", "pip", "install", &node.file("p.tar.gz")]),
            call(&["python3", "-m", "pip", "install", &node.file("p.tar.gz")]),
            call(&["record", "2"]),
            call(&["record", node.file("").trim_end_matches('/')]),
            call(&["record", "3", &node.file("run.sh")]),
        ]
    );
}

#[test]
fn amis_fetch_with_hadoop_and_install_pip_first() {
    let node = Node::working_in("work dir");
    let options = BootstrapOptions { packages: files(&["p.tar.gz"]), ..Default::default() };
    let calls = node.calls_of(&script_on(Some("2.4.2"), options));
    let uri = format!("s3://b/tmp/files/{}/p.tar.gz", content());
    assert_eq!(
        calls,
        [
            call(&["hadoop", "fs", "-copyToLocal", &uri, &node.file("p.tar.gz")]),
            call(&["sudo", "apt-get", "install", "-y", "python-pip"]),
            call(&["apt-get", "install", "-y", "python-pip"]),
            call(&["sudo", "pip", "install", &node.file("p.tar.gz")]),
            call(&["pip", "install", &node.file("p.tar.gz")]),
        ]
    );
}

#[test]
fn the_first_failing_command_ends_the_script_and_is_reported_as_written() {
    let node = Node::working_in("work dir");
    for (written, code) in [
        ("fails a.txt# 'it'", 3),
        ("record 1; fails; record 2", 3),
        ("record 1 |\n  fails", 3),
        ("no-such-program $HOME", 127),
        ("exit 4", 4),
        ("cd /nowhere", 1),
    ] {
        for shell in SHELLS {
            let (output, calls) = node.run(shell, &of_commands(&["true", written, "record after"]));
            let stderr = String::from_utf8(output.stderr).unwrap();
            let told = stderr.split_once("bootstrap: exit code ").unwrap_or_else(|| panic!("{shell}: {stderr}")).1;
            assert!(told.ends_with(&format!(" from: {written}\n")), "{shell}: {stderr}");
            let is_code = output.status.code() == Some(code) || (shell.ends_with("dash") && written == "cd /nowhere");
            assert!(is_code && !output.status.success(), "{shell}: {written}: {:?}", output.status);
            assert!(!calls.contains(&call(&["record", "after"])), "{shell}: {written}");
            assert_eq!(output.stdout, b"");
        }
    }
}

#[test]
fn a_failing_fetch_ends_the_script_and_is_reported() {
    let node = Node::working_in("work dir");
    fs::remove_file(node.path("bin/aws")).unwrap();
    for shell in SHELLS {
        let (output, _) = node.run(shell, &script(everything()));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(127));
        assert!(stderr.contains("bootstrap: exit code 127 from: fetch"), "{stderr}");
    }
}

#[test]
fn commands_share_a_shell_but_not_their_quoting() {
    let node = Node::working_in("work dir");
    let calls = node.calls_of(&of_commands(&[
        "cd /tmp; export X='a  b'; y=1",
        "record \"$PWD\" \"$X\" $y \"$#\"",
        "false && record never",
        "[ -e /nowhere ] && record never",
        "record before # record never; 'quoted'",
        "cat <<END >/dev/null\nit is\nEND",
        "record one \\\n  two",
        "set -- a b",
        "record after \"$2\" &",
        "wait",
        "false && true",
    ]));
    assert_eq!(
        calls,
        [
            call(&["record", "/tmp", "a  b", "1", "0"]),
            call(&["record", "before"]),
            call(&["record", "one", "two"]),
            call(&["record", "after", "b"]),
        ]
    );
}

#[test]
fn a_command_with_an_open_quote_is_refused() {
    for text in ["record \"a", "record 'a", "record $(", "record `", "cat <<END"] {
        let cmds = vec![cmd(Command::of(text)), cmd(Command::of("record \" ' $( ` \""))];
        let scratch_uri = Some(keys::S3_SCRATCH_URI.typed("s3://b/tmp".to_owned()));
        let bootstrap = BootstrapOptions { cmds, ..Default::default() };
        let refused = job_flow(&LaunchOptions { scratch_uri, bootstrap, ..Default::default() }).unwrap_err();
        assert!(refused.to_string().contains("a shell cannot read the command"), "{text}: {refused}");
    }
}

#[test]
fn a_construct_across_commands_runs_as_one() {
    let node = Node::working_in("work dir");
    let construct = ["if true; then", "record yes", "else", "record no", "fi", "record after"];
    assert_eq!(node.calls_of(&of_commands(&construct)), [call(&["record", "yes"]), call(&["record", "after"])]);
}

#[test]
fn archives_are_unpacked_into_world_readable_directories() {
    let node = Node::working_in("work dir");
    fs::write(node.path("inner"), "text").unwrap();
    for (end, flags) in [("tar", "-cf"), ("tar.gz", "-czf"), ("tgz", "-czf")] {
        let mut tar = Process::new("tar");
        tar.arg(flags).arg(node.path("objects").join(format!("a b.{end}"))).arg("-C").arg(node.path("")).arg("inner");
        assert!(tar.status().unwrap().success());
        let options = BootstrapOptions {
            commands: commands(&[&format!(r"record $(cat dir/a\ b.{end}#named/inner) dir/a\ b.{end}#/inner")]),
            ..Default::default()
        };
        // The key of the upload has no blank.
        fs::copy(node.path("objects").join(format!("a b.{end}")), node.path("objects").join(format!("a_b.{end}")))
            .unwrap();
        for shell in SHELLS {
            let (output, calls) = node.run(shell, &script(options.clone()));
            assert_eq!(calls.last(), Some(&call(&["record", "text", &node.file("a b/inner")])), "{end}: {output:?}");
        }
    }
}

#[test]
fn shellcheck_accepts_the_script() {
    let all = BootstrapOptions { commands: commands(&["record 'it' $x a.txt#", "ls d.zip#d/"]), ..everything() };
    for text in [script(all.clone()), script_on(Some("3.11.0"), all), of_commands(&["true"])] {
        let mut check = Process::new("shellcheck").arg("-").stdin(Stdio::piped()).spawn().unwrap();
        check.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(check.wait().unwrap().success(), "{text}");
    }
}

#[test]
fn a_command_may_have_a_megabyte() {
    let node = Node::working_in("work dir");
    let long = "x".repeat(1 << 20);
    let calls = node.calls_of(&of_commands(&[&format!("a={long}; record \"${{#a}}\"")]));
    assert_eq!(calls, [call(&["record", "1048576"])]);
}

/// A word of characters that are special to shells, paths and terminals.
fn hostile() -> impl Strategy<Value = String> {
    let word =
        prop::string::string_regex("([a'\"$`\\\\ \\n\\t;&|<>(){}*?~!#=:%äß€😀\\r\u{1b}-]|\\$\\(touch x\\)){0,12}");
    word.unwrap()
}

fn hostile_name() -> impl Strategy<Value = String> {
    hostile().prop_map(|word| word.replace('#', "")).prop_filter("a name", |name| !name.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn data_stays_data(name in hostile_name(), key in hostile(), words in prop::collection::vec(hostile(), 1..4)) {
        let node = Node::working_in("work dir");
        let uri = format!("s3://b/{key}");
        let mut call_words = vec!["record".to_owned()];
        call_words.extend(words);
        let options = BootstrapOptions {
            files: vec![remote(&uri, &name)],
            cmds: vec![cmd(Command::of_words(&call_words))],
            ..Default::default()
        };
        for (ami, fetch) in [(None, ["aws", "s3", "cp"]), (Some("2.4.2"), ["hadoop", "fs", "-copyToLocal"])] {
            let calls = node.calls_of(&script_on(ami, options.clone()));
            let fetched = call(&[fetch[0], fetch[1], fetch[2], &uri, &node.file(&name)]);
            prop_assert_eq!(&calls, &[fetched, call_words.clone()]);
            let left: Vec<_> = fs::read_dir(node.path("work dir")).unwrap().collect();
            prop_assert_eq!(left.len(), 1, "{:?}", left);
        }
    }

    #[test]
    fn local_paths_stay_data(path in hostile_name()) {
        let node = Node::working_in("work dir");
        let escaped: String = path.chars().flat_map(|c| ['\\', c]).collect();
        prop_assume!(!path.contains('\n'));
        let options = BootstrapOptions { commands: commands(&[&format!("record {escaped}#")]), ..Default::default() };
        let calls = node.calls_of(&script(options));
        prop_assert_eq!(calls.last().unwrap(), &call(&["record", &node.file(&path)]));
    }
}
