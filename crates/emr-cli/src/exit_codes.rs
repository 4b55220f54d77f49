//! The exit codes of each tool: those that it can end with, in its own words.
//!
//! `--help`, the man pages and the end-to-end tests read the same table: a tool of a test that ends with a code which
//! its table lacks fails that test.

use emr_core::error::EXIT_CODES;

/// An exit code and what it means.
pub(super) type ExitCode = (&'static str, &'static str);

/// The codes that every tool has which asks AWS for something.
const GENERAL: [ExitCode; 8] = [
    ("2", "the command line or the input is wrong, or AWS refused the request"),
    ("69", "AWS cannot be reached, or fails"),
    ("70", "a bug of the tool"),
    ("74", "a local file or pipe fails"),
    ("75", "AWS throttled every attempt: try again later"),
    ("77", "there are no credentials, or AWS denies the request"),
    ("78", "the configuration is wrong, or names no region"),
    ("128+N", "signal N ended it"),
];

/// Those of a tool that reaches nodes.
const REACHES_NODES: [ExitCode; 2] = [
    ("69", "AWS or a node cannot be reached, or fails"),
    ("77", "there are no credentials, AWS or a node denies it, or a host key has changed"),
];

const NO_INPUT: ExitCode = ("66", "nothing came on stdin");

/// The exit codes of `tool`, in the order of their numbers.
pub(super) fn of(tool: &str) -> Vec<ExitCode> {
    let Some((_, own)) = OWN.iter().find(|(known, _)| *known == tool) else { return EXIT_CODES.to_vec() };
    let nodes: &[ExitCode] = if reaches_nodes(tool) { &REACHES_NODES } else { &[] };
    let general: &[ExitCode] = if asks_aws(tool) { &GENERAL } else { &[] };
    let mut all: Vec<ExitCode> = Vec::new();
    for &(code, meaning) in own.iter().chain(nodes).chain(general) {
        if all.iter().all(|(known, _)| *known != code) {
            all.push((code, meaning));
        }
    }
    all.sort_by_key(|(code, _)| EXIT_CODES.iter().position(|(known, _)| known == code));
    all
}

/// Whether `tool` ends with the codes of a request that failed.
fn asks_aws(tool: &str) -> bool {
    !matches!(tool, "emr-doctor" | "emr-sandbox" | "emr-tools")
}

fn reaches_nodes(tool: &str) -> bool {
    matches!(tool, "fetch-logs" | "ssh-core-dump" | "ssh-nodes")
}

/// What each tool alone means by a code.
const OWN: &[(&str, &[ExitCode])] = &[
    (
        "add-step",
        &[
            ("0", "all steps are added"),
            NO_INPUT,
            ("75", "no room for more steps, the job flow has ended, its claim is lost, or AWS throttled every attempt"),
        ],
    ),
    ("audit-usage", &[("0", "all is reported"), ("74", "the archive, the prices, the page or stdout fails")]),
    (
        "cancel-step",
        &[
            ("0", "every step is cancelled, or there is nothing to do"),
            ("1", "a step was not cancelled: it ended otherwise, or EMR refused"),
            ("124", "--timeout passed"),
        ],
    ),
    ("create-job-flow", &[("0", "the job flow is started")]),
    ("describe-job-flow", &[("0", "all are described, or there is nothing to do")]),
    ("emr-doctor", &DOCTOR),
    (
        "emr-sandbox",
        &[
            ("0", "a signal ended it"),
            ("2", "the command line is wrong"),
            ("70", "a bug of the tool"),
            ("74", "it cannot listen, or read or write a file"),
        ],
    ),
    (
        "emr-tools",
        &[
            ("0", "done"),
            ("2", "there is no such tool or chapter"),
            ("70", "a bug of the tool"),
            ("74", "stdout fails"),
            ("N", "the tool that it ran exited with N"),
        ],
    ),
    (
        "fetch-logs",
        &[
            ("0", "all logs are printed, or there is nothing to do"),
            ("1", "there is no log, one breaks off or is damaged, or no cause is found"),
            ("75", "S3 lacks some of the log: EMR copies it every five minutes; or AWS throttled every attempt"),
        ],
    ),
    (
        "fetch-output",
        &[
            ("0", "all of the output is printed or kept"),
            ("1", "a step did not complete, there is no output, or a file is damaged"),
            NO_INPUT,
            (
                "75",
                "a job flow ended before its step began, a file was replaced while it was read, another run fetches it, or AWS \
                 throttled every attempt",
            ),
        ],
    ),
    (
        "fill-pool",
        &[
            ("0", "the minimum is there, starts, or does not hold now; for --forget: it is taken back"),
            ("1", "--forget: there is no minimum"),
            (
                "75",
                "the pool is full, its job flows fail to come up and it waits, others start job flows in it for too long, \
                 or AWS throttled every attempt",
            ),
            (
                "78",
                "the configuration is wrong, names no region, the store does not honour locks, the minimum is damaged, or \
                 another line of cron keeps another",
            ),
        ],
    ),
    (
        "find-pool",
        &[
            ("0", "a job flow is claimed"),
            ("1", "none is free"),
            ("75", "the pool is full, others start job flows in it for too long, or AWS throttled every attempt"),
            ("78", "the configuration is wrong, names no region, or the store does not honour locks"),
        ],
    ),
    ("list-job-flows", &[("0", "all are listed")]),
    ("list-steps", &[("0", "all are listed, or there is nothing to do")]),
    ("report-long-jobs", &[("0", "all are reported")]),
    ("s3-lock", &LOCK),
    (
        "s3-tmpwatch",
        &[
            ("0", "all that is old is deleted, or there is nothing to do"),
            ("75", "another run deletes uploads, S3 was slow, or AWS throttled every attempt: run it again later"),
            ("78", "the configuration is wrong, names no region, or the store does not honour locks"),
        ],
    ),
    (
        "ssh-core-dump",
        &[
            ("0", "all core dumps are listed or fetched, or no job flow is named"),
            ("1", "there is no core dump"),
            ("75", "the job flow has no node that is up, a file changed while it was read, or another run fetches it"),
        ],
    ),
    (
        "ssh-nodes",
        &[
            ("0", "the command exited with 0 on every node"),
            ("75", "the job flow has no node that is up, or AWS throttled every attempt"),
            ("124", "--timeout passed on a node"),
            ("N", "the largest exit code of the command and of the failures above, of all nodes"),
        ],
    ),
    (
        "terminate-idle-job-flows",
        &[
            ("0", "all that are idle are terminated, or there are none"),
            ("1", "a job flow was left alone because it no longer says where its claims are"),
            (
                "78",
                "the configuration is wrong, names no region, the store does not honour locks, or a minimum is damaged",
            ),
        ],
    ),
    (
        "terminate-job-flow",
        &[
            ("0", "all are terminated, or there is nothing to do"),
            ("1", "one is protected against termination, and left alone"),
        ],
    ),
    ("wait-job-flow", &WAIT_JOB_FLOW),
    ("wait-step", &WAIT_STEP),
];

/// What AWS refuses is a failed check.
const DOCTOR: [ExitCode; 7] = [
    ("0", "no check failed"),
    ("1", "a check failed"),
    ("2", "the command line is wrong"),
    ("70", "a bug of the tool"),
    ("74", "stdout fails"),
    ("78", "the configuration of a policy is wrong"),
    ("128+N", "signal N ended it"),
];

const LOCK: [ExitCode; 8] = [
    ("0", "done; for run: the command exited with 0"),
    ("1", "somebody else holds the lock; for probe: the store does not honour conditional writes"),
    ("66", "nothing came on stdin to name the lock"),
    ("75", "run: the lock was lost; or S3 throttled every attempt"),
    ("78", "the configuration is wrong, names no region, or the store does not honour locks"),
    ("126", "the command of run cannot be executed"),
    ("127", "the command of run was not found"),
    ("N", "the command of run exited with N, or --conflict-exit-code chose it"),
];

const WAIT_JOB_FLOW: [ExitCode; 8] = [
    ("0", "all are ready, or have ended as they were to"),
    ("1", "a bootstrap action or a step failed, or a job flow ended otherwise"),
    ("2", "the command line or the input is wrong, or EMR refused the request for the job flow"),
    NO_INPUT,
    ("69", "EMR failed, or could not be asked for an hour: the job flows go on"),
    ("75", "no capacity, a quota is reached, EC2 throttled EMR, or an instance was lost: another type or time may do"),
    ("77", "there are no credentials, or a role or the user may not do it"),
    ("124", "--timeout passed: the job flows go on"),
];

const WAIT_STEP: [ExitCode; 5] = [
    ("0", "every step completed"),
    ("1", "a step failed, was cancelled or interrupted, or a job flow without steps failed"),
    NO_INPUT,
    ("75", "a job flow ended before its step began, and nothing is 1; or AWS throttled every attempt"),
    ("124", "--timeout passed: the steps go on"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_of_the_contract_and_stands_once_in_its_order() {
        for tool in ["add-step", "emr-doctor", "emr-sandbox", "s3-lock", "ssh-nodes", "wait-job-flow", "a-tool-to-come"]
        {
            let places: Vec<_> = of(tool)
                .iter()
                .map(|(code, _)| EXIT_CODES.iter().position(|(known, _)| known == code).expect("a known code"))
                .collect();
            assert!(places.is_sorted_by(|one, next| one < next), "{tool}: {places:?}");
        }
    }

    #[test]
    fn a_tool_s_own_meaning_goes_before_the_general_one() {
        let meaning = |tool, code| of(tool).into_iter().find(|(known, _)| *known == code).map(|(_, meaning)| meaning);
        assert_eq!(meaning("find-pool", "1"), Some("none is free"));
        assert_eq!(meaning("ssh-nodes", "69"), Some("AWS or a node cannot be reached, or fails"));
        assert_eq!(meaning("list-steps", "69"), Some("AWS cannot be reached, or fails"));
        assert_eq!((meaning("list-steps", "1"), meaning("emr-sandbox", "77")), (None, None));
        assert_eq!(meaning("emr-doctor", "69"), None, "a failed check is 1");
    }
}
