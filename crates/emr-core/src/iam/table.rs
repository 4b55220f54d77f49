//! The table: what each tool needs, in all of its modes.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticmapreduce.html>

use super::grant::{Grant, On};

/// An action of EMR on job flows that exist.
const fn emr(action: &'static str) -> Grant {
    Grant::new(action, On::JobFlows)
}

const LIST_CLUSTERS: Grant = Grant::new("elasticmapreduce:ListClusters", On::Everything)
    .because("EMR lists a whole account or nothing: the action has no narrower resource");
const DESCRIBE_CLUSTER: Grant = emr("elasticmapreduce:DescribeCluster");
const LIST_STEPS: Grant = emr("elasticmapreduce:ListSteps");
const LIST_BOOTSTRAP_ACTIONS: Grant = emr("elasticmapreduce:ListBootstrapActions");
const LIST_SESSIONS: Grant = emr("elasticmapreduce:ListSessions").because("an active session keeps a job flow busy");
const CANCEL_STEPS: Grant = emr("elasticmapreduce:CancelSteps");
const TERMINATE: Grant = emr("elasticmapreduce:TerminateJobFlows");

/// The instances of a job flow, of either kind.
const SIZE: &[Grant] = &[emr("elasticmapreduce:ListInstanceGroups"), emr("elasticmapreduce:ListInstanceFleets")];

/// The nodes of a job flow, with their roles and types.
const NODES: &[Grant] = &[
    emr("elasticmapreduce:ListInstances"),
    emr("elasticmapreduce:ListInstanceGroups"),
    emr("elasticmapreduce:ListInstanceFleets"),
];

const fn list(on: On) -> Grant {
    Grant::new("s3:ListBucket", on).because(ABSENT)
}

const ABSENT: &str = "without it S3 answers for an absent object that access is denied";

const DECRYPT: &str = "S3 asks KMS in the caller's name for what is encrypted with a key of your own";

const fn decrypt() -> Grant {
    Grant::new("kms:Decrypt", On::Key).because(DECRYPT).unseen()
}

const fn encrypt() -> Grant {
    Grant::new("kms:GenerateDataKey", On::Key).because(DECRYPT).unseen()
}

/// Reading objects whose names are known, such as locks, and listing them.
const READ_SCRATCH: &[Grant] = &[Grant::new("s3:GetObject", On::Scratch), list(On::Scratch).unseen(), decrypt()];
const LIST_SCRATCH: &[Grant] = &[Grant::new("s3:GetObject", On::Scratch), list(On::Scratch), decrypt()];
const READ_LOGS: &[Grant] = &[Grant::new("s3:GetObject", On::Logs), list(On::Logs), decrypt()];
const READ_DATA: &[Grant] = &[Grant::new("s3:GetObject", On::Data), list(On::Data), decrypt()];

/// Writing objects: locks and small uploads.
const WRITE_SCRATCH: &[Grant] = &[Grant::new("s3:PutObject", On::Scratch), encrypt()];

/// Giving up an upload of a large file, whose parts cost money until then.
const ABORT_UPLOADS: &[Grant] =
    &[Grant::new("s3:AbortMultipartUpload", On::Scratch).because("the parts of an upload that broke off are removed")];

const DELETE: &str = "--delete-after removes what was fetched";

const PASS: &str = "who starts a job flow hands its roles over, to these services and no other";

/// Starting a job flow, and looking it up where the answer was lost.
const START: &[Grant] = &[
    Grant::new("elasticmapreduce:RunJobFlow", On::NewJobFlow)
        .because("a job flow that is being started has no ARN yet; only its tags can be demanded"),
    Grant::new("elasticmapreduce:AddTags", On::NewJobFlowTags)
        .because("a job flow is started with its tags; one that has another value of them cannot be given these")
        .unseen(),
    emr("elasticmapreduce:PutAutoTerminationPolicy").because("--max-hours-idle is set as it starts").unseen(),
    Grant::new("iam:PassRole", On::ServiceRole).because(PASS).unseen(),
    Grant::new("iam:PassRole", On::InstanceRole).because(PASS).unseen(),
    Grant::new("iam:PassRole", On::AutoScalingRole).because("instance groups may have a policy to scale by").unseen(),
    LIST_CLUSTERS,
];

/// Each tool and what it needs.
pub const TOOLS: &[(&str, &[&[Grant]])] = &[
    (
        "add-step",
        &[
            &[DESCRIBE_CLUSTER, LIST_STEPS, emr("elasticmapreduce:AddJobFlowSteps"), CANCEL_STEPS],
            READ_SCRATCH,
            WRITE_SCRATCH,
            ABORT_UPLOADS,
            &[list(On::Data)],
        ],
    ),
    ("audit-usage", &[&[LIST_CLUSTERS, DESCRIBE_CLUSTER, LIST_STEPS], NODES]),
    ("cancel-step", &[&[DESCRIBE_CLUSTER, LIST_STEPS, CANCEL_STEPS]]),
    ("create-job-flow", &[START, READ_SCRATCH, WRITE_SCRATCH, ABORT_UPLOADS]),
    (
        "describe-job-flow",
        &[
            &[DESCRIBE_CLUSTER, LIST_BOOTSTRAP_ACTIONS],
            &[emr("elasticmapreduce:GetAutoTerminationPolicy"), emr("elasticmapreduce:GetManagedScalingPolicy")],
            SIZE,
        ],
    ),
    (
        "emr-doctor",
        &[
            &[LIST_CLUSTERS],
            &[
                Grant::new("iam:GetRole", On::ServiceRole),
                Grant::new("iam:ListAttachedRolePolicies", On::ServiceRole)
                    .because("one of AWS's policies wants a tag on job flows"),
                Grant::new("iam:GetInstanceProfile", On::InstanceProfile),
            ],
            READ_SCRATCH,
            WRITE_SCRATCH,
            &[
                Grant::new("s3:DeleteObject", On::Scratch).because("the objects of the test are removed"),
                list(On::Logs),
            ],
        ],
    ),
    ("fetch-logs", &[&[DESCRIBE_CLUSTER, LIST_STEPS], NODES, READ_LOGS]),
    (
        "fetch-output",
        &[
            &[DESCRIBE_CLUSTER],
            READ_DATA,
            &[Grant::new("s3:DeleteObject", On::Data).because(DELETE)],
            &[
                Grant::new("s3:GetObject", On::Outputs),
                list(On::Outputs),
                Grant::new("s3:DeleteObject", On::Outputs).because(DELETE),
            ],
        ],
    ),
    ("fill-pool", &[&[LIST_STEPS], START, &[DESCRIBE_CLUSTER], SIZE, READ_SCRATCH, WRITE_SCRATCH, ABORT_UPLOADS]),
    ("find-pool", &[&[LIST_STEPS], START, &[DESCRIBE_CLUSTER], SIZE, LIST_SCRATCH, WRITE_SCRATCH, ABORT_UPLOADS]),
    ("list-job-flows", &[&[LIST_CLUSTERS, DESCRIBE_CLUSTER, LIST_STEPS, LIST_SESSIONS], SIZE, READ_SCRATCH]),
    ("list-steps", &[&[DESCRIBE_CLUSTER, LIST_STEPS]]),
    ("report-long-jobs", &[&[LIST_CLUSTERS, DESCRIBE_CLUSTER, LIST_STEPS]]),
    (
        "s3-lock",
        &[
            READ_SCRATCH,
            WRITE_SCRATCH,
            &[Grant::new("s3:DeleteObject", On::Scratch).because("s3-lock probe removes the objects of its test")],
        ],
    ),
    (
        "s3-tmpwatch",
        &[
            &[LIST_CLUSTERS, LIST_STEPS],
            LIST_SCRATCH,
            WRITE_SCRATCH,
            &[Grant::new("s3:DeleteObject", On::Scratch).because("old files are deleted")],
        ],
    ),
    ("ssh-core-dump", &[&[DESCRIBE_CLUSTER], NODES]),
    ("ssh-nodes", &[&[DESCRIBE_CLUSTER], NODES]),
    (
        "terminate-idle-job-flows",
        &[
            &[LIST_CLUSTERS, DESCRIBE_CLUSTER, LIST_STEPS, LIST_BOOTSTRAP_ACTIONS, LIST_SESSIONS, TERMINATE],
            SIZE,
            LIST_SCRATCH,
            WRITE_SCRATCH,
        ],
    ),
    ("terminate-job-flow", &[&[DESCRIBE_CLUSTER, TERMINATE]]),
    ("wait-job-flow", &[&[DESCRIBE_CLUSTER]]),
    ("wait-step", &[&[DESCRIBE_CLUSTER, LIST_STEPS, CANCEL_STEPS], NODES, READ_LOGS]),
];

#[cfg(test)]
mod tests {
    use super::super::grants;
    use super::*;

    #[test]
    fn tools_stand_in_order_and_ask_for_nothing_twice() {
        assert!(TOOLS.is_sorted_by_key(|(tool, _)| tool));
        for (tool, _) in TOOLS {
            let all: Vec<_> = grants(tool).map(|grant| (grant.action, grant.on)).collect();
            for (place, grant) in all.iter().enumerate() {
                // Reading and writing both want the key.
                assert!(!all[place + 1..].contains(grant), "{tool}: {grant:?}");
            }
        }
    }

    #[test]
    fn a_resource_of_its_own_is_only_left_out_with_a_reason() {
        for (tool, _) in TOOLS {
            for grant in grants(tool).filter(|grant| matches!(grant.on, On::Everything | On::NewJobFlow)) {
                assert!(grant.why.is_some(), "{tool}: {}", grant.action);
            }
        }
    }
}
