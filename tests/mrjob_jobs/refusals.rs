//! Jobs that cannot be run, and why.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::{Ran, client};

use crate::job::{Cluster, example, own};

#[test]
fn a_job_that_cannot_be_asked_says_why_and_nothing_is_added() {
    let cluster = Cluster::start(&[]);
    let broken = cluster.sandbox.file("mr_broken.py", "from mrjob.job import MRJob\nimport numpie\n");
    let empty = cluster.sandbox.file("empty.py", "print('hello')\n");
    let example = example("mr_grep.py");
    let own_runner = own("own_runner.py");
    let input = ["--input", "in.txt"];
    for (script, args, code, words) in [
        (&broken, &input[..], 78, "mr_broken.py: ModuleNotFoundError: No module named 'numpie'"),
        (&empty, &input, 78, "empty.py: the script ended without running a job"),
        (&own_runner, &input, 78, "own_runner.py: the script makes a runner by itself"),
        (&example, &input, 2, "mr_grep.py: error: the following arguments are required: -e/--expression"),
        (&example, &["--", "-e", "x"], 2, "mr_grep.py has nothing to read"),
        (&example, &["--", "-e", "x", "-"], 2, "a job cannot read stdin"),
        (&example, &["--", "-e", "x", "in.txt", "-r", "hadoop"], 2, "the job is to be run by \"hadoop\""),
        (
            &example,
            &["--", "-e", "x", "in.txt", "--instance-type", "m5.xlarge"],
            2,
            "--instance-type is not an option of the job",
        ),
        (&example, &["--", "-e", "x", "in.txt", "--no-conf"], 2, "give --conf-path or --no-conf before --"),
        (&example, &["--", "-e", "x", "missing.txt"], 74, "missing.txt"),
        (&example, &["--", "-e", "x", "in.txt", "--output-dir", "local"], 2, "a job flow cannot write to 'local'"),
        (&example, &["--", "-e", "x", "in.txt", "--step-output-dir", "mid"], 2, "a job flow cannot write to 'mid'"),
        (&example, &["--", "-e", "x", "http://h/in.txt"], 2, "Hadoop neither reads nor writes 'http://h/in.txt'"),
        (&example, &["--input", "S3://bucket/in", "--", "-e", "x"], 2, "Hadoop knows no 'S3://'"),
    ] {
        cluster.add(script, args).fails(code, words);
    }
    assert_eq!(cluster.sandbox.requests("AddJobFlowSteps").len(), 0);
    assert_eq!(cluster.sandbox.requests("PutObject").len(), 0);
}

#[test]
fn a_script_that_is_not_there_is_told_before_anything_is_asked() {
    let cluster = Cluster::start(&[]);
    for (script, code, words) in
        [("nope.py", 74, "cannot read nope.py: no such file"), ("", 2, "--mrjob names no script")]
    {
        let ran = cluster.add(Path::new(script), &["--input", "in.txt"]);
        ran.fails(code, words);
        assert_eq!(ran.stderr.trim_end().lines().count(), 1, "{ran:?}");
    }
    assert_eq!(cluster.sandbox.requests("DescribeCluster").len(), 0);
}

#[test]
fn scripts_that_do_more_than_run_their_job_are_refused_by_name() {
    let cluster = Cluster::start(&[]);
    let job = |body: &str, end: &str| {
        format!(
            "from mrjob.job import MRJob\nclass MRTold(MRJob):\n    def mapper(self, key, line):\n        yield line, 1\n\
             {body}\nif __name__ == '__main__':\n    {end}\n"
        )
    };
    let runs = "MRTold.run()";
    let own = |name: &str| format!("    def {name}(self):\n        super().{name}()\n        print('more')");
    let own_run = format!("    @classmethod\n{}", own("run"));
    for (text, args, code, words) in [
        (job(&own("run_job"), runs), &[][..], 78, "told.py: MRTold.run_job is the job's own, and may do more"),
        (job(&own_run, runs), &[], 78, "told.py: MRTold.run is the job's own, and may do more"),
        (job("", "MRTold(args=['in.txt']).run_job()"), &[], 2, "the script gives its job arguments of its own"),
        (job("", runs), &["--", "--mapper"], 2, "told.py: --mapper has a script run a task, and not the job"),
        (job("", runs), &["--", "--cluster-id=j-A"], 2, "--cluster-id is not an option of the job"),
        (job("", runs), &["--", "--pool-clusters"], 2, "--pool-clusters is not an option of the job"),
        (job("", runs), &["--", "--no-bootstrap-mrjob"], 2, "--no-bootstrap-mrjob is not an option of the job"),
    ] {
        let script = cluster.sandbox.file("told.py", &text);
        cluster.add(&script, &[&["--input", "in.txt"], args].concat()).fails(code, words);
    }
}

#[test]
fn what_a_script_would_do_behind_its_job_is_warned_about_and_does_not_run() {
    let cluster = Cluster::start(&[]);
    let said = cluster.sandbox.folder().join("said");
    let write = format!("open({:?}, 'w').close()", said.to_str().unwrap());
    let told = |end: &str| {
        let text = format!(
            "import sys\nfrom mrjob.job import MRJob\nclass MRTold(MRJob):\n    def mapper(self, key, line):\n        \
             yield line, 1\ndef main():\n    MRTold.run()\n    return 0\ndef write(*_):\n    WRITE\nif __name__ == '__main__':\n    {end}\n"
        )
        .replace("WRITE", &write);
        let script = cluster.sandbox.file("told.py", text);
        cluster.add(&script, &["--input", "in.txt", "--dry-run"]).ok().stderr
    };
    for (end, line) in [
        ("MRTold.run()\n    WRITE", 13),
        ("MRTold.run()\n    code = 0\n    if code == 0:\n        MRTold.run()", 15),
        ("try:\n        MRTold.run()\n    finally:\n        WRITE", 15),
        ("main()\nWRITE", 13),
        ("for _ in range(2):\n        MRTold.run()", 12),
        ("MRTold.run(); WRITE", 12),
        ("MRTold.run(); write()", 12),
        ("write(main())", 12),
        ("try:\n        write(main())\n    except BaseException:\n        pass", 13),
        ("sys.exit(main() or write())", 12),
        ("[MRTold.run() for _ in '12']", 12),
        ("import atexit; atexit.register(write); MRTold.run(); MRTold.run()", 12),
    ] {
        let stderr = told(end);
        let words = format!("told.py: line {line} ('");
        assert!(
            stderr.contains(&words) && stderr.contains("that does not run here, but in every task"),
            "{end}: {stderr}"
        );
        assert!(!said.exists(), "{end}");
    }
    for end in [
        "MRTold.run()",
        "sys.exit(main())",
        "MRTold.run()\n    sys.exit(0)",
        "MRTold.run()\n    pass",
        "main()",
        "exit(main())",
        "raise SystemExit(main())",
    ] {
        assert_eq!(told(end), "", "{end}");
    }
}

#[test]
fn of_two_jobs_on_one_line_the_first_is_added() {
    let cluster = Cluster::start(&[]);
    let text = "from mrjob.job import MRJob\nclass First(MRJob):\n    def mapper(self, key, line):\n        yield line, 1\n\
                class Second(First):\n    def reducer(self, key, values):\n        yield key, 1\n\
                if __name__ == '__main__':\n    First.run(); Second.run()\n";
    let script = cluster.sandbox.file("two.py", text);
    let ran = cluster.add(&script, &["--input", "in.txt", "--dry-run"]).ok();
    assert!(!ran.stdout.contains("-reducer"), "{ran:?}");
    assert!(ran.stderr.contains("two.py: line 9 ('First.run(); Second.run()') has the script go on"), "{ran:?}");
}

#[test]
fn a_job_that_its_package_alone_can_import_is_refused() {
    let cluster = Cluster::start(&[]);
    std::fs::create_dir(cluster.sandbox.folder().join("jobs")).unwrap();
    cluster.sandbox.file("jobs/__init__.py", "");
    cluster.sandbox.file("jobs/helper.py", "");
    let tail = "from mrjob.job import MRJob\nclass MRTold(MRJob):\n    def mapper(self, key, line):\n        yield line, 1\n\
                if __name__ == '__main__':\n    MRTold.run()\n";
    let input = ["--input", "in.txt", "--dry-run"];
    cluster.sandbox.file("jobs/told.py", format!("from . import helper\n{tail}"));
    let words = "jobs.told: the job's file says 'from . import', and the tasks run the file outside its package";
    cluster.add(Path::new("jobs.told"), &input).fails(2, words);
    let either = "try:\n    from . import helper\nexcept ImportError:\n    import helper\n";
    for head in ["from jobs import helper\n", either] {
        cluster.sandbox.file("jobs/told.py", format!("{head}{tail}"));
        cluster.add(Path::new("jobs.told"), &input).ok();
    }
}

#[test]
fn a_python_that_cannot_ask_is_named() {
    let cluster = Cluster::start(&[]);
    let script = own("mr_sorted.py");
    let script = script.to_str().unwrap();
    let job = |python: &str| {
        let args = [&cluster.flow, "--mrjob", script, "--input", "in.txt", "--steps-python-bin", python];
        cluster.sandbox.run("add-step", &args)
    };
    job("/none/python").fails(78, "cannot run /none/python, which is to ask the job for its steps");
    let lacking = client("python").get_program().to_str().unwrap().to_owned() + " -S";
    job(&lacking).fails(78, "this Python cannot import mrjob: No module named 'mrjob'");
    let shim = program(&cluster, "shim", "echo 'shim: python3.9 is not installed' >&2; exit 127");
    let words = "cannot run SHIM, which is to ask the job for its steps: it ended with exit status: 127 before it ran \
                 anything: shim: python3.9 is not installed";
    job(&shim).fails(78, &words.replace("SHIM", &shim));
}

/// A program of this `text`, and its path.
fn program(cluster: &Cluster, name: &str, text: &str) -> String {
    let path = cluster.sandbox.file(name, format!("#!/bin/sh\n{text}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn where_the_python_of_the_nodes_cannot_ask_that_of_the_path_does() {
    let cluster = Cluster::start(&[]);
    let shim = program(&cluster, "shim", "echo 'shim: python3.9 is not installed' >&2; exit 127");
    let lacking = client("python").get_program().to_str().unwrap().to_owned() + " -S";
    let script = own("mr_sorted.py");
    for of_nodes in ["/none/python", &shim, &lacking] {
        let mut add = cluster.sandbox.tool("add-step");
        add.env("PATH", format!("{}:/usr/bin:/bin", Path::new(&cluster.python()).parent().unwrap().display()));
        add.args([&cluster.flow, "--mrjob", script.to_str().unwrap(), "--input", "in.txt", "--dry-run", "-v"]);
        let ran = Ran::of(add.args(["--python-bin", of_nodes])).ok();
        assert!(ran.stderr.contains("the job is asked by python3: "), "{ran:?}");
        assert!(ran.stdout.contains(&format!("setup-wrapper.sh {of_nodes} mr_sorted.py")), "{ran:?}");
    }
}

#[test]
fn options_that_need_a_job_are_refused_without_one() {
    let cluster = Cluster::start(&[]);
    cluster
        .sandbox
        .run("add-step", &[&cluster.flow, "--steps-python-bin", "python3", "--", "true"])
        .fails(2, "--steps-python-bin has no effect on commands; it is for mrjob jobs");
    cluster.sandbox.run("add-step", &[&cluster.flow, "--mrjob", "x.py", "--streaming"]).fails(2, "--streaming");
}
