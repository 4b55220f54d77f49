//! Options for steps: the job flow, the action on failure, the poll interval, and the settings of tasks.

use super::keys;
use crate::config::{Argument, Environment, FilePath, Key, List, Map, Property, Seconds, Takes};
use crate::model::id::JobFlowId;
use crate::model::step::ActionOnFailure;

const STREAMING: &str = "Streaming";

const fn streaming(long: &'static str, takes: Takes, help: &'static str) -> Argument {
    Argument::new(long, takes, help).under(STREAMING)
}

const fn tasks(long: &'static str, takes: Takes, help: &'static str) -> Argument {
    Argument::new(long, takes, help).under("Tasks")
}

keys! { STEPS:
    /// Job flow that add-step adds to if none is named and none is piped in.
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

    /// Longest time between two polls of wait-step, wait-job-flow and cancel-step, in seconds; 30 by default.
    CHECK_EMR_STATUS_EVERY: Seconds = Key::named("check_emr_status_every").also(&["check_cluster_every"])
        .typed_as(&[Argument::new(
            "check-emr-status-every",
            Takes::Value("DURATION"),
            "Longest time between two polls; the first polls come sooner [default: 30s]",
        )
        .also(&["check-cluster-every"])]);

    /// Properties of streaming steps and of Spark jobs; null removes one.
    JOBCONF: Map<Property> = Key::named("jobconf")
        .typed_as(&[tasks("jobconf", Takes::Entry("KEY=VALUE"), "Property of Hadoop or Spark; may be repeated").short('D').also(&["conf"]).first()]);

    /// Environment variables of the tasks of streaming steps and of Spark jobs; null takes one away. Of a variable whose
    /// name ends in PATH the values of all files count, that of the later file first, with colons between them.
    CMDENV: Environment = Key::named("cmdenv")
        .typed_as(&[tasks(
            "cmdenv",
            Takes::Entry("KEY=VALUE"),
            "Environment variable of the tasks, which for streaming may not contain blanks; may be repeated",
        )]);

    /// Jars for the class path of streaming steps and of Spark jobs, local or not. For Hadoop a step of its own copies them
    /// to the master first; `file://` names one that is there.
    LIBJARS: List<FilePath> = Key::named("libjars")
        .typed_as(&[tasks(
            "libjars",
            Takes::Listed("JAR"),
            "Jars for the class path of tasks and of Hadoop on the master, local or not, separated by commas; may be \
             repeated",
        )
        .also(&["libjar", "jars"])]);

    /// Class that assigns keys to the reducers of streaming steps.
    PARTITIONER: String = Key::named("partitioner")
        .typed_as(&[streaming("partitioner", Takes::Value("CLASS"), "Class that assigns keys to reducers")]);

    /// Further arguments of Hadoop for streaming steps, before those of streaming.
    HADOOP_EXTRA_ARGS: List<String> = Key::named("hadoop_extra_args")
        .typed_as(&[streaming(
            "hadoop-arg",
            Takes::Value("ARGUMENT"),
            "Further argument of Hadoop, before those of streaming, as in --hadoop-arg=-verbose; may be repeated",
        )
        .also(&["hadoop-extra-arg"])]);

    /// Whether add-step checks that inputs exist, that outputs do not, and that the relative paths that a step names are
    /// those of local files; by default it does.
    CHECK_INPUT_PATHS: bool = Key::named("check_input_paths")
        .typed_as(&[
            Argument::no(
                "no-check-input-paths",
                "Do not check that inputs and the files that a step names exist, and that outputs do not",
            )
            .overrides(&["check-input-paths"])
            .under(STREAMING),
            Argument::yes("check-input-paths", "Check them, whatever mrjob.conf says")
                .overrides(&["no-check-input-paths"])
                .under(STREAMING),
        ]);
}
