//! Answers that no AWS gives, of any size, shape and time: an error in one line or the right result, and never a crash.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;

use harness::{Endpoint, Ran, Sandbox, Tools};

const SANDBOX: &str = env!("CARGO_BIN_EXE_emr-sandbox");

fn tools() -> Tools {
    Tools::beside(SANDBOX)
}

/// Times that EMR never tells, as they stand in its JSON.
const TIMES: [&str; 16] = [
    "0",
    "-1",
    "-1e300",
    "1e300",
    "9e99",
    "253402300799",
    "253402300800",
    "8.2e12",
    "8210266876799",
    "1e19",
    "-62135596801",
    "\"Infinity\"",
    "\"NaN\"",
    "NaN",
    "null",
    "\"2026-01-01T00:00:00Z\"",
];

/// Dates that HTTP never has.
const DATES: [&str; 6] = [
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Sat, 01 Jan 10000 00:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "yesterday",
    "",
    "Mon, 01 Jan 0001 00:00:00 GMT",
];

const TOOLS: &[(&str, &[&str])] = &[
    ("list-job-flows", &["--all", "--idle"]),
    ("find-pool", &["--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/s/"]),
    ("fill-pool", &["--min-idle", "1", "--dry-run", "--s3-scratch-uri", "s3://bucket/s/"]),
    ("wait-step", &["j-A"]),
    ("report-long-jobs", &[]),
    ("audit-usage", &["--group-by", "pool,owner,job,job_flow,day,instance_type"]),
    ("terminate-idle-job-flows", &["--max-hours-idle", "1", "--dry-run"]),
    ("terminate-job-flow", &["--dry-run", "j-A"]),
    ("fetch-logs", &["--no-ssh", "--cause", "j-A"]),
    ("fetch-output", &["s3://bucket/out/"]),
    ("add-step", &["--dry-run", "j-A", "--", "true"]),
    ("wait-job-flow", &["j-A"]),
    ("list-steps", &["--since", "1h", "j-A"]),
    ("cancel-step", &["j-A", "s-A"]),
    ("describe-job-flow", &["j-A"]),
    ("describe-job-flow", &["--as", "conf", "j-A"]),
    ("emr-doctor", &["--s3-scratch-uri", "s3://bucket/s/"]),
    ("s3-tmpwatch", &["30d", "s3://bucket/s/"]),
];

/// Asserts that a tool ended by itself, with an exit code of its own, and said no more than a line or two.
fn is_sound(ran: &Ran, what: &str) {
    assert!(ran.code.is_some_and(|code| code != 70 && code < 101), "{what}: {ran:?}");
    assert!(ran.stderr.lines().all(|line| line.len() < 4200), "{what}");
    assert!(ran.code == Some(0) || ran.code == Some(1) || !ran.stderr.is_empty(), "{what}: {ran:?}");
}

/// The answer of an EMR where all times are `time`.
fn emr(operation: &str, time: &str) -> String {
    let timeline = format!(
        r#""Timeline":{{"CreationDateTime":{time},"ReadyDateTime":{time},"StartDateTime":{time},"EndDateTime":{time}}}"#
    );
    let flow = format!(r#"{{"Id":"j-A","Name":"x","Status":{{"State":"WAITING",{timeline}}}}}"#);
    match operation {
        "ListClusters" => format!(r#"{{"Clusters":[{flow}]}}"#),
        "DescribeCluster" => format!(r#"{{"Cluster":{flow}}}"#),
        "ListSteps" => {
            format!(r#"{{"Steps":[{{"Id":"s-A","Name":"x","Status":{{"State":"COMPLETED",{timeline}}}}}]}}"#)
        }
        _ => r#"{"InstanceGroups":[],"Instances":[],"BootstrapActions":[],"Sessions":[]}"#.to_owned(),
    }
}

#[test]
fn no_time_makes_a_tool_crash() {
    let all = |time: &'static str| {
        let endpoint = Endpoint::answering(move |operation, _| emr(operation, time));
        for &(tool, args) in TOOLS {
            is_sound(&endpoint.run(&tools(), tool, &[args, &["--no-conf"]].concat()), &format!("{tool} at {time}"));
        }
    };
    thread::scope(|scope| TIMES.map(|time| scope.spawn(move || all(time))).map(|run| run.join().expect("it holds")));
}

#[test]
fn no_date_makes_a_tool_crash() {
    for date in DATES {
        let endpoint = Endpoint::answering(move |operation, _| {
            format!("Content-Type: application/x-amz-json-1.1\r\nDate: {date}\r\n\r\n{}", emr(operation, "1790000000"))
        });
        for (tool, args) in [TOOLS[0], TOOLS[3], TOOLS[5]] {
            is_sound(&endpoint.run(&tools(), tool, &[args, &["--no-conf"]].concat()), &format!("{tool} at {date}"));
        }
    }
    let usual = "Thu, 26 Nov 2026 00:00:00 GMT";
    for (date, modified) in DATES.map(|date| (date, usual)).into_iter().chain(DATES.map(|modified| (usual, modified))) {
        let lock = r#"{"v":1,"state":"held","generation":18446744073709551615,"nonce":"n","token":"t","ttl_s":60,"owner":"o"}"#;
        let endpoint = Endpoint::answering(move |_, _| {
            format!("ETag: \"e\"\r\nDate: {date}\r\nLast-Modified: {modified}\r\n\r\n{lock}")
        });
        for verb in ["show", "acquire"] {
            let ran = endpoint.run(&tools(), "s3-lock", &[verb, "s3://b/x", "--no-conf"]);
            is_sound(&ran, &format!("s3-lock {verb} at {date}, written at {modified}"));
        }
    }
}

/// Writes `text` over and over, until nobody reads any more.
fn for_ever(head: &str, text: &str, mut stream: TcpStream) {
    let head = format!("HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\nETag: \"e\"\r\n\r\n");
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    let mut written = stream.write_all(head.as_bytes());
    while written.is_ok() {
        written = stream.write_all(chunk.as_bytes());
    }
}

#[test]
fn an_answer_without_end_is_an_error_of_both_services() {
    let block = " ".repeat(1 << 16);
    let json = "200 OK\r\nContent-Type: application/x-amz-json-1.1";
    let xml = "200 OK\r\nContent-Type: application/xml";
    let refused = "403 Forbidden\r\nContent-Type: application/xml";
    let lock = "200 OK\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT";
    let cases: [(&str, &str, &[&str]); 5] = [
        (json, "list-job-flows", &[]),
        ("400 Bad\r\nContent-Type: application/x-amz-json-1.1", "wait-step", &["j-A"]),
        (lock, "s3-lock", &["show", "s3://b/x"]),
        (refused, "s3-lock", &["show", "s3://b/x"]),
        (xml, "s3-lock", &["probe", "s3://b/x/"]),
    ];
    for (head, tool, args) in cases {
        let (head, text) = (head.to_owned(), block.clone());
        let endpoint = Endpoint::writing(move |_, _, stream| for_ever(&head, &text, stream));
        let ran = endpoint.run(&tools(), tool, &[args, &["--no-conf"]].concat());
        is_sound(&ran, tool);
        assert!(ran.code > Some(1), "{tool}: {ran:?}");
    }
}

#[test]
fn no_shape_makes_a_tool_crash() {
    let deep = |open: &str| format!(r#"{{"Clusters":[],"X":{}"#, open.repeat(200_000));
    let bodies = [
        deep("["),
        deep(r#"{"a":"#),
        format!(
            r#"{{"Clusters":[{}]}}"#,
            r#"{"Id":"j-A","Status":{"State":"WAITING"}},"#.repeat(50_000).trim_end_matches(',')
        ),
        "{\"Clusters\":[{\"Id\":\"j-\u{0}\",\"Status\":{\"State\":\"\u{202e}\"}}]}".to_owned(),
        r#"{"Clusters":[{"Id":"j-A","Name":"\ud800","Status":{"State":"WAITING"}}]}"#.to_owned(),
        r#"{"Clusters":[{"Id":"j-A","NormalizedInstanceHours":99999999999999999999,"Status":{"State":"X"}}]}"#
            .to_owned(),
    ];
    for body in bodies {
        let what: String = body.chars().take(60).collect();
        let endpoint = Endpoint::answering(move |_, _| body.clone());
        is_sound(&endpoint.run(&tools(), "list-job-flows", &["--no-conf"]), &what);
    }
    let heads: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ];
    let strange = |head: &'static [u8]| {
        let endpoint = Endpoint::writing(move |_, _, mut stream| drop(stream.write_all(head)));
        let ran = endpoint.run(&tools(), "create-job-flow", &["--no-conf"]);
        ran.fails(69, "may or may not have happened");
        is_sound(&endpoint.run(&tools(), "s3-lock", &["show", "--no-conf", "s3://b/x"]), "s3-lock show");
    };
    thread::scope(|scope| {
        heads.map(|head| scope.spawn(move || strange(head))).map(|run| run.join().expect("it holds"))
    });
}

#[test]
fn a_limit_on_open_files_is_an_error_in_one_line_and_leaves_no_lock() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let flow = sandbox.job_flow(&["--pool-emr-job-flows", "--pool-name", "etl"]);
    let calls: [(&str, &[&str]); 10] = [
        ("list-job-flows", &["--no-conf"]),
        ("find-pool", &["--no-conf", "--pool-name", "etl", "--s3-scratch-uri", "s3://bucket/scratch/"]),
        ("create-job-flow", &["--no-conf"]),
        ("wait-step", &["--no-conf", &flow]),
        ("terminate-idle-job-flows", &["--no-conf", "--max-hours-idle", "1"]),
        ("fetch-logs", &["--no-conf", "--no-ssh", &flow]),
        ("report-long-jobs", &["--no-conf"]),
        ("s3-lock", &["run", "--no-conf", "s3://bucket/locks/x", "--", "true"]),
        ("s3-tmpwatch", &["--no-conf", "30d", "s3://bucket/scratch/"]),
        ("add-step", &["--no-conf", &flow, "--", "true"]),
    ];
    for (tool, args) in calls {
        for files in 3..=10 {
            let mut shell = Command::new("sh");
            let script = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
            let plain = sandbox.tool(tool);
            shell.args(["-c", &script]).arg(plain.get_program()).args(plain.get_args()).args(args).env_clear();
            shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
            shell.current_dir(sandbox.folder()).stdin(Stdio::null());
            let output = shell.output().expect("a shell");
            assert_eq!(output.status.signal(), None, "{tool} with {files} files: {output:?}");
            // Where not even the executable's libraries can be opened it is the loader that speaks, with 127.
            if output.status.code() == Some(127) {
                continue;
            }
            let ran = Ran::from(output);
            is_sound(&ran, &format!("{tool} with {files} files"));
            assert!(ran.stderr.lines().count() <= 3, "{tool} with {files} files: {ran:?}");
        }
    }
    for key in ["locks/x", &format!("scratch/locks/job-flows/{flow}")] {
        let held = sandbox.object(key).is_some_and(|lock| lock.contains("\"held\""));
        assert!(!held || key != "locks/x", "{key} is held");
    }
}
