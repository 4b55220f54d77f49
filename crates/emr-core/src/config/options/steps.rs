//! Which job flow steps are added to, what EMR does when one fails, and how often to look at them.

use super::keys;
use crate::config::{Argument, Key, Seconds, Takes};
use crate::model::id::JobFlowId;
use crate::model::step::ActionOnFailure;

keys! { STEPS:
    /// Job flow that add-step adds to where none is named and none is piped in.
    EMR_JOB_FLOW_ID: JobFlowId = Key::named("emr_job_flow_id").also(&["cluster_id"]);

    /// What EMR does when a step fails: CONTINUE, CANCEL_AND_WAIT or TERMINATE_CLUSTER; by default CANCEL_AND_WAIT, or
    /// CONTINUE where steps run side by side.
    EMR_ACTION_ON_FAILURE: ActionOnFailure = Key::named("emr_action_on_failure")
        .typed_as(&[Argument::new(
            "action-on-failure",
            Takes::Value("ACTION"),
            "CONTINUE, CANCEL_AND_WAIT or TERMINATE_CLUSTER [default: CANCEL_AND_WAIT; CONTINUE where steps run side by \
             side]",
        )
        .also(&["emr-action-on-failure"])
        .usually(|| vec!["CONTINUE", "CANCEL_AND_WAIT", "TERMINATE_CLUSTER"])]);

    /// Longest time between two looks of wait-step, in seconds; 30 by default.
    CHECK_EMR_STATUS_EVERY: Seconds = Key::named("check_emr_status_every").also(&["check_cluster_every"])
        .typed_as(&[Argument::new(
            "check-emr-status-every",
            Takes::Value("DURATION"),
            "Longest time between two looks, in seconds, or with a unit; the first looks come sooner [default: 30s]",
        )
        .also(&["check-cluster-every"])]);
}
