//! A sandbox for a test: started on a free port, ended with the test.
//!
//! Whatever a test is about, it fails where a tool asks for something that its IAM policy has no line for, and where the
//! history of its locks is violated.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{fs, thread};

use emr_core::iam;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Ran, Tools, history, run};

/// The file of a sandbox's folder in which tools record what they ask of locks.
const HISTORY: &str = "lock-history.jsonl";

/// A running `emr-sandbox` with the bucket `bucket`.
#[derive(Debug)]
pub struct Sandbox {
    tools: Tools,
    child: Child,
    endpoint: String,
    folder: TempDir,
}

impl Sandbox {
    /// Starts a sandbox with `args`, and waits until it is ready.
    #[must_use]
    pub fn start(tools: &Tools, args: &[&str]) -> Self {
        Self::with_programs(tools, &[], args)
    }

    /// Starts a sandbox whose nodes have these folders at the front of their `PATH`.
    #[must_use]
    pub fn with_programs(tools: &Tools, programs: &[&Path], args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = tools
            .command("emr-sandbox")
            .env("PATH", tools.path(programs))
            .args(["--bucket", "bucket", "--request-log"])
            .arg(folder.path().join("requests.json"))
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut ready = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut ready).expect("the sandbox says that it is ready");
        let ready: Value = serde_json::from_str(&ready).expect("the sandbox is ready");
        let endpoint = ready["endpoint"].as_str().expect("the sandbox has an endpoint").to_owned();
        Self { tools: tools.clone(), child, endpoint, folder }
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The PID of the sandbox.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it `signal`, and waits until it has ended. Its folder stays.
    pub fn end(&mut self, signal: &str) {
        let sent = Command::new("kill").args(["-s", signal, &self.pid().to_string()]).status();
        assert!(sent.expect("kill is installed").success(), "the sandbox runs");
        self.child.wait().expect("the sandbox is ours");
    }

    /// A folder for a test's files, which is deleted with the sandbox.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("the file is written");
        path
    }

    /// Makes an AWS client use the sandbox.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::point_at(&self.endpoint, command)
            .env("EMR_TOOLS_LOCK_HISTORY", self.folder.path().join(HISTORY))
            .current_dir(self.folder.path())
    }

    /// A command that runs the tool `name` against the sandbox, with a scratch URI for the tools that need one.
    #[must_use]
    pub fn tool(&self, name: &str) -> Command {
        let mut command = self.tools.command(name);
        self.point(&mut command);
        if matches!(name, "create-job-flow" | "add-step") {
            command.args(["--s3-scratch-uri", "s3://bucket/scratch/"]);
        }
        command
    }

    /// Runs the tool `name` with `args` against the sandbox.
    #[must_use]
    pub fn run(&self, name: &str, args: &[&str]) -> Ran {
        Ran::of(self.tool(name).args(args))
    }

    /// Creates a job flow with `args`, and returns its id.
    #[must_use]
    pub fn job_flow(&self, args: &[&str]) -> String {
        let record = self.run("create-job-flow", args).ok().record();
        record["job_flow_id"].as_str().expect("a record has an id").to_owned()
    }

    /// The ids of all job flows, including ended ones.
    #[must_use]
    pub fn job_flows(&self) -> Vec<String> {
        let records = self.run("list-job-flows", &["--all", "--no-idle"]).ok().records();
        records.iter().map(|record| record["job_flow_id"].as_str().expect("a record has an id").to_owned()).collect()
    }

    /// Adds a step that runs `command` in a shell on `job_flow`, and returns its id.
    #[must_use]
    pub fn shell_step(&self, job_flow: &str, command: &str) -> String {
        let record = self.run("add-step", &[job_flow, "--", "sh", "-c", command]).ok().record();
        record["step_id"].as_str().expect("a record has an id").to_owned()
    }

    /// The status and body of EMR's answer to `request` for `operation`, asked by curl instead of a tool.
    #[must_use]
    pub fn ask(&self, operation: &str, request: &Value) -> (String, String) {
        self.ask_in("us-east-1", operation, request)
    }

    /// The same, asked in `region`.
    #[must_use]
    pub fn ask_in(&self, region: &str, operation: &str, request: &Value) -> (String, String) {
        let target = format!("X-Amz-Target: ElasticMapReduce.{operation}");
        let scope = format!("Credential=AKIDSANDBOX/20260101/{region}/elasticmapreduce/aws4_request");
        let signature = format!("Authorization: AWS4-HMAC-SHA256 {scope}");
        let mut curl = Command::new("curl");
        curl.args([
            "-sS",
            "-w",
            "\n%{http_code}",
            "-H",
            &target,
            "-H",
            &signature,
            "--data-binary",
            "@-",
            self.endpoint(),
        ]);
        let text = Ran::with_stdin(&mut curl, &request.to_string()).ok().stdout;
        let (body, status) = text.rsplit_once('\n').expect("a status follows");
        (status.to_owned(), body.to_owned())
    }

    /// EMR's answer to `request` for `operation`, which must succeed.
    #[must_use]
    pub fn answer(&self, operation: &str, request: &Value) -> Value {
        self.answer_in("us-east-1", operation, request)
    }

    /// The same, asked in `region`.
    #[must_use]
    pub fn answer_in(&self, region: &str, operation: &str, request: &Value) -> Value {
        let (status, body) = self.ask_in(region, operation, request);
        assert_eq!(status, "200", "{operation}: {body}");
        if body.is_empty() { Value::Null } else { serde_json::from_str(&body).expect("the answer is JSON") }
    }

    /// The requests for `operation` that it has answered so far.
    #[must_use]
    pub fn requests(&self, operation: &str) -> Vec<Value> {
        self.all_requests().into_iter().filter(|request| request["operation"] == operation).collect()
    }

    /// All requests that it has answered so far.
    #[must_use]
    pub fn all_requests(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.folder.path().join("requests.json")).expect("there is a request log");
        log.lines().map(|line| serde_json::from_str(line).expect("each line is a request")).collect()
    }

    /// The object at `key` in the bucket, as text; `None` if it does not exist.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<String> {
        let output = self.curl(&[], key);
        output.status.success().then(|| String::from_utf8(output.stdout).expect("the object is text"))
    }

    /// The bytes of the object at `key` in the bucket, which must exist.
    #[must_use]
    pub fn bytes(&self, key: &str) -> Vec<u8> {
        let output = self.curl(&[], key);
        assert!(output.status.success(), "there is no object {key}");
        output.stdout
    }

    /// Uploads `file` to `key` in the bucket.
    pub fn put(&self, key: &str, file: &Path) {
        let file = file.to_str().expect("the name of a file is text");
        assert!(self.curl(&["-T", file], key).status.success(), "{key} is not written");
    }

    /// The keys in the bucket that begin with `prefix`, at most 1,000.
    #[must_use]
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let listed = self.curl(&[], &format!("?list-type=2&prefix={prefix}")).stdout;
        let listed = String::from_utf8(listed).expect("a list is text");
        let keys = listed.split("<Key>").skip(1);
        keys.map(|rest| rest.split("</Key>").next().unwrap_or_default().to_owned()).collect()
    }

    /// The requests of tools, each once, as tool, service and operation.
    #[must_use]
    pub fn requests_of_tools(&self) -> BTreeSet<[String; 3]> {
        let text = |request: &Value, key: &str| request[key].as_str().unwrap_or_default().to_owned();
        // A sandbox that was killed may leave a line that is no request.
        let log = fs::read_to_string(self.folder.path().join("requests.json")).unwrap_or_default();
        let requests = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let of_tools = requests.filter(|request| iam::tools().any(|tool| request["app"] == tool));
        of_tools.map(|request| ["app", "service", "operation"].map(|key| text(&request, key))).collect()
    }

    /// Asserts that the policy of each tool allows what it asked for.
    fn check_permissions(&self) {
        let mut missing = self.requests_of_tools();
        missing.retain(|[tool, service, operation]| !iam::is_allowed(tool, service, operation));
        assert!(missing.is_empty(), "emr_core::iam::TOOLS lacks the permissions for {missing:?}");
    }

    fn curl(&self, args: &[&str], path: &str) -> std::process::Output {
        let url = format!("{}/bucket/{path}", self.endpoint).replace("bucket/?", "bucket?");
        Command::new("curl").args(["-fsg"]).args(args).arg(url).output().expect("curl is installed")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // SIGTERM makes the sandbox end its steps. The folder is deleted with this value.
        if let Ok(None) = self.child.try_wait() {
            drop(Command::new("kill").arg(self.child.id().to_string()).status());
        }
        drop(self.child.wait());
        if !thread::panicking() {
            self.check_permissions();
            history::check(&self.folder.path().join(HISTORY));
        }
    }
}
