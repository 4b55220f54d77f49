//! What really happened, asked of the sandbox until it answers: its faults are not for those who ask for the truth.

use std::process::Command;

use harness::{Ran, Sandbox};
use serde_json::{Value, json};

/// A run, and the sandbox that it was against.
pub(crate) struct After {
    pub(crate) ran: Ran,
    pub(crate) sandbox: Sandbox,
}

/// Words that say that something may have happened.
const UNCERTAIN: [&str; 8] = [
    "may or may not",
    "before you try again",
    "it expires by itself",
    "no clear answer",
    "may have",
    "runs out",
    "could not be given back",
    "not given back",
];

impl After {
    /// The ids of all job flows that the account had not before.
    pub(crate) fn started(&self) -> Vec<String> {
        let clusters = ask(&self.sandbox, "ListClusters", &json!({}));
        ids(&clusters["Clusters"]).into_iter().filter(|id| !matches!(id.as_str(), "j-A" | "j-C")).collect()
    }

    /// The ids of all steps of `j-A` that it had not before.
    pub(crate) fn added(&self) -> Vec<String> {
        let steps = ask(&self.sandbox, "ListSteps", &json!({ "ClusterId": "j-A" }));
        ids(&steps["Steps"]).into_iter().filter(|id| !matches!(id.as_str(), "s-DONE" | "s-FAILED")).collect()
    }

    /// Whether `j-A` has been ended.
    pub(crate) fn is_ended(&self) -> bool {
        let cluster = ask(&self.sandbox, "DescribeCluster", &json!({ "ClusterId": "j-A" }));
        cluster["Cluster"]["Status"]["State"].as_str().is_some_and(|state| state.starts_with("TERMINAT"))
    }

    /// What is stored of the lock at `key`; null where there is none.
    pub(crate) fn lock(&self, key: &str) -> Value {
        let url = format!("{}/bucket/{key}", self.sandbox.endpoint());
        curl(&[&url], &["200", "404"]).map_or(Value::Null, |text| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Whether the lock at `key` is held under the token in `record`.
    pub(crate) fn holds(&self, key: &str, record: &Value) -> bool {
        let lock = self.lock(key);
        lock["state"] == "held" && lock["token"] == record["token"]
    }

    /// The only record that was printed.
    pub(crate) fn record(&self) -> Result<Value, String> {
        match &self.records()[..] {
            [record] => Ok(record.clone()),
            records => Err(format!("{} records", records.len())),
        }
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        self.ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Whether it is said that something may have happened.
    pub(crate) fn is_uncertain(&self) -> bool {
        UNCERTAIN.iter().any(|words| self.ran.stderr.contains(words))
    }
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|one| one["Id"].as_str()).map(str::to_owned).collect()
}

fn ask(sandbox: &Sandbox, operation: &str, body: &Value) -> Value {
    let target = format!("X-Amz-Target: ElasticMapReduce.{operation}");
    let body = body.to_string();
    let args = ["-H", &target, "-H", "Content-Type: application/x-amz-json-1.1", "-d", &body, sandbox.endpoint()];
    let text = curl(&args, &["200"]).expect("it answers");
    serde_json::from_str(&text).expect("the answer is JSON")
}

/// The body of the first answer with one of these statuses; none where it is 404.
fn curl(args: &[&str], statuses: &[&str]) -> Option<String> {
    for _ in 0..200 {
        let output = Command::new("curl").args(["-s", "-w", "\n%{http_code}"]).args(args).output();
        let text = String::from_utf8(output.expect("curl is installed").stdout).expect("it is text");
        let (body, status) = text.rsplit_once('\n').expect("a status follows");
        if statuses.contains(&status) {
            return (status != "404").then(|| body.to_owned());
        }
    }
    panic!("the sandbox never answers {args:?}");
}
