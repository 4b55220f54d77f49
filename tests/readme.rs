//! What README.md and the chapters of the manual show works as it is written.
//!
//! The language of a block of code says what becomes of it here:
//!
//! - `console`: what stands behind `$ ` is typed in the sandbox, one line after the other; none may fail.
//! - `bash`: a script, which runs in the same sandbox after that. The one of `scripts/examples` has a test of its own.
//! - `crontab`: each line runs as cron runs it, after that: in `sh`, with the variables of the block alone.
//! - `yaml`: a configuration file, which is read without a warning.
//! - `sh`, or none: what needs more than the sandbox has (nodes, AWS itself). The tools and their options exist.
//! - `text`: what a terminal shows. The tables are those that the tools print.
//!
//! Tools and options exist in all of them, and in what stands between backquotes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "readme/document.rs"]
mod document;
#[path = "readme/options.rs"]
mod options;
#[path = "readme/shown.rs"]
mod shown;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use document::{Document, documents};
use harness::{Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

/// Writes an executable file.
fn script(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Puts what a reader has at hand into the folder of `sandbox`, which is home as well.
fn furnish(sandbox: &Sandbox) {
    sandbox.file(".mrjob.conf", "runners: {emr: {s3_scratch_uri: 's3://bucket/scratch/'}}\n");
    sandbox.file("in.txt", "a b a\n");
    for (name, text) in [("m.py", "import sys\nsys.stdout.write(sys.stdin.read())\n"), ("r.py", "import sys\n")] {
        sandbox.file(name, text);
    }
    script(&sandbox.folder().join("hourly.sh"), "#!/bin/sh\ntrue\n");
    for part in ["map", "reduce"] {
        fs::copy(top().join("scripts/examples/word-count").join(part), sandbox.folder().join(part)).unwrap();
    }
}

/// Runs `text` in bash, where each command is shown and none may fail.
fn run(sandbox: &Sandbox, text: &str, of: &Document) {
    let mut command = Command::new("bash");
    command.args(["-exo", "pipefail", "-c", text]).env_clear().env("HOME", sandbox.folder());
    let ran = Ran::of(sandbox.point(command.env("PATH", tools().path(&[]))));
    assert_eq!(ran.code, Some(0), "{}: {text}\n{}\n{}", of.name, ran.stdout, ran.stderr);
}

/// Runs each line of a crontab with the variables that it sets itself, and a place to find AWS.
///
/// The first folder of its `PATH` is that of the tools.
fn run_as_cron(sandbox: &Sandbox, crontab: &str, of: &Document) {
    let is_setting = |line: &&str| line.starts_with(|first: char| first.is_ascii_uppercase());
    let (settings, jobs): (Vec<_>, Vec<_>) = crontab.lines().partition(is_setting);
    for line in jobs {
        let job = line.splitn(6, ' ').last().unwrap().trim();
        assert!(!["0", "*"].iter().any(|minute| line.starts_with(minute)), "{}: on the full hour: {line}", of.name);
        let mut command = Command::new("/bin/sh");
        sandbox.point(command.env_clear()).env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION");
        command.args(["-c", job]).env("HOME", sandbox.folder()).env("PATH", "/usr/bin:/bin");
        for (name, value) in settings.iter().map(|setting| setting.split_once('=').unwrap()) {
            let rest = value.split_once(':').map(|(_, rest)| format!("{}:{rest}", tools().folder().display()));
            command.env(name, rest.unwrap_or_else(|| value.to_owned()));
        }
        let ran = Ran::of(&mut command);
        assert_eq!(ran.code, Some(0), "{}: {line}\n{}\n{}", of.name, ran.stdout, ran.stderr);
    }
}

#[test]
fn every_example_succeeds_in_the_order_in_which_a_reader_meets_them() {
    let programs = tempfile::tempdir().unwrap();
    script(&programs.path().join("spark-submit"), "#!/bin/sh\necho \"submits $1\"\n");
    let mut examples = 0;
    for document in documents() {
        let sandbox = Sandbox::with_programs(&tools(), &[programs.path()], &[]);
        furnish(&sandbox);
        run(&sandbox, "create-job-flow --pool-emr-job-flows --name 'of the pool that has no name'", &document);
        let typed = document.typed();
        run(&sandbox, &typed.join("\n"), &document);
        for text in document.blocks("bash").filter(|text| !text.starts_with("#!")) {
            run(&sandbox, text, &document);
        }
        for block in document.blocks("crontab") {
            run_as_cron(&sandbox, block, &document);
        }
        examples += typed.len();
    }
    assert!(examples >= 40, "{examples}");
}

/// The pipeline at the head of the README.
fn first_pipeline() -> String {
    let readme = Document::read("README.md");
    readme.blocks("").find(|code| code.starts_with("create-job-flow ")).unwrap().to_owned()
}

#[test]
fn the_first_pipeline_neither_leaks_a_job_flow_nor_hides_a_failed_step() {
    let programs = tempfile::tempdir().unwrap();
    let denied: &[&str] = &["--fault", "AddJobFlowSteps:deny:1"];
    for (faults, exit, code) in [(&[][..], 0, 0), (&[], 3, 1), (denied, 0, 66)] {
        script(&programs.path().join("spark-submit"), &format!("#!/bin/sh\nexit {exit}\n"));
        let sandbox = Sandbox::with_programs(&tools(), &[programs.path()], faults);
        furnish(&sandbox);
        let mut command = Command::new("sh");
        command.args(["-c", &first_pipeline()]).env_clear().env("HOME", sandbox.folder());
        let ran = Ran::of(sandbox.point(command.env("PATH", tools().path(&[]))));
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let job_flows = sandbox.job_flows();
        assert_eq!(job_flows.len(), 1, "{ran:?}");
        let policy = sandbox.answer("GetAutoTerminationPolicy", &serde_json::json!({"ClusterId": job_flows[0]}));
        assert_eq!(policy["AutoTerminationPolicy"]["IdleTimeout"], 3600, "{ran:?}");
    }
}

#[test]
fn no_example_hides_a_failed_step_behind_what_ends_its_job_flow() {
    let pages = fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|section| section == "1"));
    let pages = pages.chain([top().join("man/emr-tools.7")]).map(|path| fs::read_to_string(path).unwrap());
    let blocks = documents().into_iter().flat_map(|document| {
        let languages = ["", "bash", "console", "crontab", "sh"];
        languages.map(|language| document.blocks(language).collect::<Vec<_>>().join("\n"))
    });
    for text in pages.chain(blocks) {
        let text = text.replace("\\-", "-").split_whitespace().collect::<Vec<_>>().join(" ");
        for pipeline in text.split("wait-step").skip(1) {
            assert!(!pipeline.trim_start().starts_with("| terminate-job-flow"), "{text}");
        }
    }
}

#[test]
fn every_configuration_is_read_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("team.conf"), "runners: {emr: {emr_tags: {cost: low}}}\n").unwrap();
    fs::create_dir(folder.path().join("emr_packages")).unwrap();
    fs::write(folder.path().join("emr_packages/ours.tar.gz"), "").unwrap();
    let path = folder.path().join("mrjob.conf");
    let mut read = 0;
    for document in documents() {
        for text in document.blocks("yaml") {
            fs::write(&path, text).unwrap();
            let mut command = tools().command("create-job-flow");
            command.args(["--print-config", "-c"]).arg(&path).args(["--s3-scratch-uri", "s3://bucket/scratch/"]);
            let ran = Ran::of(command.env("AWS_REGION", "us-east-1").env("MY_SOURCE_TREE", folder.path())).ok();
            assert_eq!(ran.stderr, "", "{}: {text}", document.name);
            read += 1;
        }
    }
    assert!(read >= 4, "{read}");
}

#[test]
fn every_tool_and_every_option_that_is_shown_exists() {
    let mut unknown = String::new();
    for document in documents() {
        for code in document.code() {
            for option in options::unknown(&code) {
                writeln!(unknown, "{}: {option} in: {code}", document.name).unwrap();
            }
        }
    }
    assert_eq!(unknown, "");
}

#[test]
fn every_tool_and_every_file_that_the_readme_names_is_there() {
    let readme = Document::read("README.md");
    let crates = fs::read_dir(top().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    for tool in crates.filter(|path| path.join("src/main.rs").exists()) {
        let tool = tool.file_name().unwrap().to_str().unwrap();
        assert!(readme.text.contains(&format!("`{tool}`")), "{tool} is not in README.md");
    }
    let links = readme.text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(top().join(link).exists(), "{link}");
    }
    for chapter in documents().into_iter().skip(1) {
        assert!(readme.text.contains(&format!("(man/{}.md)", chapter.name)), "{} is not in README.md", chapter.name);
    }
}

#[test]
fn the_readme_is_read_in_one_sitting() {
    let readme = Document::read("README.md");
    let words = readme.text.split_whitespace().count();
    assert!(words <= 1300, "{words} words");
    let longest = readme.text.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(longest.chars().count() <= 120, "{longest}");
}

#[test]
fn the_first_run_counts_what_it_says() {
    let count = "./scripts/examples/word-count/map < LICENSE | LC_ALL=C sort | ./scripts/examples/word-count/reduce";
    let counted = Ran::of(Command::new("sh").args(["-c", count]).current_dir(top())).ok().stdout;
    let readme = Document::read("README.md");
    let shown: Vec<_> = readme.blocks("text").flat_map(str::lines).filter_map(|line| line.split_once('\t')).collect();
    assert!(shown.len() >= 3, "{shown:?}");
    for (word, count) in shown {
        assert!(counted.lines().any(|line| line == format!("{word}\t{count}")), "{word} {count}");
    }
    let all = format!("All {} counts", counted.lines().count());
    assert!(readme.text.contains(&all), "{all}");
}

#[test]
fn the_nightly_script_is_shown_word_for_word() {
    let shown = Document::read("man/emr-scripts.md");
    let script = fs::read_to_string(top().join("scripts/examples/nightly")).unwrap();
    assert!(shown.blocks("bash").any(|text| text == script), "copy scripts/examples/nightly into man/emr-scripts.md");
}
