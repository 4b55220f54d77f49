//! Each test makes local files, asks for a setup of them, and looks at its values, or has a shell run its script.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use emr_core::config::{Config, Document, Surroundings, Typed};
use emr_core::model::job_flow::Body;

use super::*;

struct Here {
    folder: tempfile::TempDir,
    local: LocalFiles,
}

impl Here {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder, local: LocalFiles::new(Some("s3://b/tmp/".to_owned())) }
    }

    /// The setup that `options` ask for, in which HERE is where the files are.
    fn setup(&mut self, options: &str) -> Result<TaskSetup> {
        let options = options.replace("HERE", &self.folder.path().display().to_string());
        let text = format!("runners: {{emr: {{{options}}}}}");
        let path = Path::new("mrjob.conf");
        let document = Document::read(path, text.into_bytes()).unwrap();
        let config = Config::new(Typed::default(), Surroundings::default()).with(path, &document).unwrap();
        TaskNeeds::look_up(&config, &mut self.local)?.place(&mut self.local)
    }

    fn refusal(&mut self, options: &str) -> String {
        self.setup(options).unwrap_err().to_string()
    }

    /// The script that runs before the tasks.
    fn script(&self) -> &str {
        let mut bodies = self.local.uploads().iter().map(|upload| &upload.body);
        bodies.find_map(|body| if let Body::Text(text) = body { Some(text) } else { None }).unwrap()
    }

    /// Runs `words` behind the script, in a working directory with what the tasks get.
    fn run(&self, shell: &[&str], words: &[&str]) -> Output {
        let work = self.folder.path().join("work");
        fs::create_dir_all(&work).unwrap();
        fs::write(work.join(WRAPPER), self.script()).unwrap();
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(WRAPPER).args(words).current_dir(work).output().unwrap()
    }
}

fn names(list: &[(String, String)]) -> Vec<&str> {
    list.iter().map(|(_, name)| name.as_str()).collect()
}

#[test]
fn without_options_there_is_nothing() {
    let setup = Here::new(&[]).setup("owner: a").unwrap();
    assert!(setup.files.is_empty() && setup.archives.is_empty() && setup.wrapper.is_none());
    assert_eq!(setup.wrap("python3 m.py 'a b'"), "python3 m.py 'a b'");
}

#[test]
fn files_archives_and_directories_are_known_by_their_names() {
    let mut here = Here::new(&[("m.py", "m"), ("x.tar.gz", "x"), ("lib/a.py", "a"), ("src/b.c", "b")]);
    let setup = here.setup(
        "upload_files: [HERE/m.py, HERE/m.py#other], upload_archives: [HERE/x.tar.gz, 's3://b2/y.zip#y/'], \
         upload_dirs: [HERE/lib/, HERE/src#code]",
    );
    let setup = setup.unwrap();
    assert_eq!(names(&setup.files), ["m.py", "other"]);
    assert_eq!(names(&setup.archives), ["code", "lib", "x.tar.gz", "y"]);
    assert!(setup.archives[0].0.starts_with("s3://b/tmp/files/") && setup.archives[0].0.ends_with("/src.tar.gz"));
    assert_eq!(setup.archives[3].0, "s3://b2/y.zip");
    assert_eq!(here.local.uploads().len(), 4, "m.py is one file");
    assert!(setup.wrapper.is_none());
}

#[test]
fn what_hadoop_would_not_hand_on_is_refused_with_its_option() {
    let mut here = Here::new(&[("a,b", ""), ("x.tar.bz2", ""), ("d/a", "")]);
    for (options, words) in [
        ("upload_files: ['HERE/a,b']", "upload_files: no file can have the name 'a,b' there"),
        ("upload_files: ['s3://b/a,b#c']", "the URI s3://b/a,b has a comma in it"),
        ("upload_files: ['HERE/d/a#']", "a file without a name"),
        ("upload_files: ['HERE/d/a#..']", "no file can have the name '..' there"),
        ("upload_files: ['HERE/d/a#x', 's3://b/c#x']", "two files have the name 'x'"),
        ("upload_files: [HERE/none]", "none"),
        ("upload_archives: [HERE/x.tar.bz2]", "'x.tar.bz2' is no archive that Hadoop unpacks"),
        ("upload_dirs: [HERE/d/a]", "is not a directory"),
        ("upload_dirs: ['s3://b/d']", "is not a local directory"),
        ("py_files: ['HERE/d/a#b']", "keeps its own name"),
        ("setup: ['cd HERE/none#/']", "setup: the command 'cd "),
        ("setup: ['if true; then']", "a shell cannot read the command 'if true; then'"),
        ("setup: [make], sh_bin: [/bin/sh, '']", "sh_bin: '' is no word that Hadoop could pass on"),
    ] {
        let said = here.refusal(options);
        assert!(said.contains(words), "{options}: {said}");
    }
}

#[test]
fn commands_are_wrapped_unless_hadoop_runs_them_itself() {
    let mut here = Here::new(&[("my.own.Tool", "")]);
    let setup = here.setup("setup: [make], upload_files: [HERE/my.own.Tool]").unwrap();
    assert_eq!(names(&setup.files), ["my.own.Tool", "setup-wrapper.sh"]);
    for command in ["python3 m.py 'a b'", "cat", "my.own.Tool", "wc.R", "aggregate x"] {
        assert_eq!(setup.wrap(command), format!("/bin/sh -ex setup-wrapper.sh {command}"));
    }
    for command in ["org.apache.hadoop.mapred.lib.IdentityMapper", "aggregate", "NONE"] {
        assert_eq!(setup.wrap(command), command);
    }
    let setup = here.setup("setup: [make], sh_bin: '/bin/my\\ sh', upload_files: [HERE/my.own.Tool#setup-wrapper.sh]");
    assert_eq!(setup.unwrap().wrap("cat"), "'/bin/my sh' setup-wrapper-1.sh cat");
}

#[test]
fn the_commands_run_apart_from_the_data_of_the_task() {
    let mut here = Here::new(&[]);
    here.setup("setup: ['cd /', 'export X=set', 'echo noise', cat]").unwrap();
    let ran = here.run(&["/bin/sh", "-e"], &["sh", "-c", "echo \"$X:$1:$(basename \"$PWD\")\"", "sh", "a  b"]);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "set:a  b:work\n", "{ran:?}");
    assert!(String::from_utf8_lossy(&ran.stderr).contains("noise"), "{ran:?}");
}

#[test]
fn a_command_that_fails_ends_the_task_and_so_does_the_task_itself() {
    let mut here = Here::new(&[]);
    here.setup("setup: ['false']").unwrap();
    let ran = here.run(&["/bin/sh", "-x"], &["echo", "ran"]);
    assert!(!ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    let mut here = Here::new(&[]);
    here.setup("setup: ['true']").unwrap();
    assert_eq!(here.run(&["/bin/sh", "-ex"], &["sh", "-c", "exit 7"]).status.code(), Some(7));
}

#[test]
fn a_setup_that_ends_early_fails_the_task_and_one_that_sets_words_leaves_those_of_the_task() {
    for (shell, options) in [("/bin/sh", "-ex"), ("/bin/sh", "-ux"), ("/bin/bash", "-ex")] {
        for early in ["exit 0", "return 0", "exit 3"] {
            let mut here = Here::new(&[]);
            here.setup(&format!("setup: ['{early}', 'true']")).unwrap();
            let ran = here.run(&[shell, options], &["echo", "ran"]);
            assert!(!ran.status.success() && ran.stdout.is_empty(), "{shell} {options} {early}: {ran:?}");
            let said = String::from_utf8_lossy(&ran.stderr).contains("\nthe setup ended before its last command\n");
            assert_eq!(said, early.ends_with('0'), "{shell} {options} {early}: {ran:?}");
        }
        let mut here = Here::new(&[]);
        here.setup("setup: ['set -- other words']").unwrap();
        assert_eq!(String::from_utf8_lossy(&here.run(&[shell, options], &["echo", "a  b"]).stdout), "a  b\n");
    }
}

#[test]
fn a_program_of_the_working_directory_runs_by_its_name() {
    let mut here = Here::new(&[("work/tool", "#!/bin/sh\necho \"tool $1\"\n")]);
    here.setup("setup: ['cd /']").unwrap();
    let ran = here.run(&["/bin/sh", "-ex"], &["tool", "a b"]);
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "tool a b\n", "{ran:?}");
}

#[test]
fn files_in_commands_have_their_places() {
    let mut here = Here::new(&[("one/src.tar.gz", "1"), ("two/src.tar.gz", "2"), ("lib/a.py", ""), ("s.sh", "")]);
    let setup = here.setup(
        "setup: ['cd HERE/one/src.tar.gz#/; make', 'cd HERE/two/src.tar.gz#/', 'ls HERE/lib/#'], setup_cmds: [[echo, 'a#b']], \
         setup_scripts: [HERE/s.sh]",
    );
    assert_eq!(names(&setup.unwrap().archives), ["lib", "src", "src-1"]);
    for line in [
        "cd \"$__mrjob_PWD\"/src/; make\n",
        "cd \"$__mrjob_PWD\"/src-1/\n",
        "ls \"$__mrjob_PWD\"/lib/\n",
        "echo 'a#b'\n",
        "\"$__mrjob_PWD\"/s.sh\n",
    ] {
        assert!(here.script().contains(line), "{line}: {}", here.script());
    }
}

#[test]
fn python_imports_from_its_files_and_archives() {
    let mut here = Here::new(&[("a.zip", ""), ("b.py", ""), ("c.tar.gz", "")]);
    here.setup("py_files: [HERE/a.zip, HERE/b.py], python_archives: [HERE/c.tar.gz]").unwrap();
    let ran = here.run(&["/bin/sh", "-e"], &["sh", "-c", "echo $PYTHONPATH"]);
    let path =
        String::from_utf8_lossy(&ran.stdout).replace(&*fs::canonicalize(&here.folder).unwrap().to_string_lossy(), "");
    assert_eq!(path, "/work/c:/work:/work/a.zip\n", "{ran:?}");
}

#[test]
fn the_same_setup_is_the_same_script_and_the_lock_is_that_of_its_files() {
    let script = |text: &str| {
        let mut here = Here::new(&[("x", text)]);
        here.setup("setup: ['sh HERE/x#']").unwrap();
        here.script().to_owned()
    };
    assert_eq!(script("1"), script("1"));
    assert_ne!(script("1"), script("2"), "two contents under one name take two locks");
}
