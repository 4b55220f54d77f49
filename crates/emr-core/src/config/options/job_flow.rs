//! Options for a job flow's name, place, roles and lifetime.

use super::keys;
use crate::config::{Argument, FilePath, Hours, Key, List, Map, Minutes, Nested, Overlay, Takes, Yaml};

const HEADING: &str = "Job flow";

const fn argument(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Value(takes), help).under(HEADING)
}

const fn number(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Number(takes), help).under(HEADING)
}

const fn entry(long: &'static str, takes: &'static str, help: &'static str) -> Argument {
    Argument::new(long, Takes::Entry(takes), help).under(HEADING)
}

keys! { JOB_FLOW:
    /// Name of the job flow; by default job-flow. and the `owner`.
    LABEL: String = Key::named("label")
        .typed_as(&[argument("name", "NAME", "Name; a run id is added to it [default: job-flow.OWNER]")
            .also(&["label"])
            .first()]);

    /// Owner of the job flow, for its default name; by default the user who runs the tool: USER or LOGNAME, or else the
    /// name of the user in the system.
    OWNER: String = Key::named("owner").last_variables(&["USER", "LOGNAME"])
        .typed_as(&[argument("owner", "NAME", "Owner, for its default name; not beside a name [default: the user who runs this]")]);

    /// EC2 key pair for SSH; none by default.
    EC2_KEY_PAIR: String = Key::named("ec2_key_pair")
        .typed_as(&[argument("ec2-key-pair", "NAME", "EC2 key pair for SSH [default: none]").first()]);

    /// Subnet, or with instance fleets a list of subnets; by default EMR chooses.
    SUBNET: Nested = Key::named("subnet")
        .typed_as(&[argument("subnet", "ID", "Subnet, or for instance fleets several, separated by commas [default: EMR chooses]")
            .also(&["subnets"])]);

    /// Availability zone, if no subnet is given; by default EMR chooses.
    AWS_AVAILABILITY_ZONE: String = Key::named("aws_availability_zone").also(&["zone"])
        .typed_as(&[argument("aws-availability-zone", "ZONE", "Availability zone [default: EMR chooses]")
            .also(&["zone"])
            .conflicts_with(&["subnet"])]);

    /// Instance profile of the instances; EMR_EC2_DefaultRole by default.
    IAM_INSTANCE_PROFILE: String = Key::named("iam_instance_profile").also(&["iam_job_flow_role", "iam_instance_profile"])
        .typed_as(&[argument(
            "iam-instance-profile",
            "NAME",
            "Instance profile of the instances [default: EMR_EC2_DefaultRole]",
        )
        .also(&["iam-job-flow-role"])]);

    /// Service role, which EMR assumes; EMR_DefaultRole by default.
    IAM_SERVICE_ROLE: String = Key::named("iam_service_role")
        .typed_as(&[argument("iam-service-role", "NAME", "Service role, which EMR assumes [default: EMR_DefaultRole]")
            .also(&["service-role"])]);

    /// Where EMR copies logs; by default logs/ below the scratch URI.
    S3_LOG_URI: FilePath = Key::named("s3_log_uri").also(&["cloud_log_dir"])
        .typed_as(&[argument("s3-log-uri", "S3_URI", "Where EMR copies logs [default: logs/ below the scratch URI]")
            .also(&["log-uri", "cloud-log-dir"])]);

    /// Folder on S3 for what the tools keep: uploads, locks and logs; none by default.
    S3_SCRATCH_URI: FilePath = Key::named("s3_scratch_uri").also(&["s3_tmp_dir", "cloud_tmp_dir"])
        .typed_as(&[argument("s3-scratch-uri", "S3_URI", "Folder on S3 for what the tools keep: uploads, locks, logs [default: none]")
            .also(&["s3-tmp-dir", "cloud-tmp-dir"])
            .first()]);

    /// Tags of the job flow.
    EMR_TAGS: Map<String> = Key::named("emr_tags").also(&["tags"])
        .typed_as(&[Argument::new(
            "tag",
            Takes::Tags("KEY=VALUE"),
            "Tags, each `KEY=VALUE` or `Key=KEY,Value=VALUE`; may be repeated",
        )
        .also(&["tags", "emr-tag"])
        .first()
        .under(HEADING)]);

    /// Whether the whole account sees it; by default it does. EMR has ignored this since 2023.
    VISIBLE_TO_ALL_USERS: bool = Key::named("visible_to_all_users")
        .typed_as(&[
            Argument::yes(
                "visible-to-all-users",
                "Show it to the whole account (since 2023 EMR does so anyway)",
            )
            .overrides(&["no-visible-to-all-users"])
            .under(HEADING),
            Argument::no("no-visible-to-all-users", "Show it to the caller alone (ignored by EMR since 2023)").under(HEADING),
        ]);

    /// Whether a job flow is protected against termination; by default not.
    TERMINATION_PROTECTED: bool = Key::named("termination_protected")
        .typed_as(&[
            Argument::yes("termination-protected", "Protect it against termination until the protection is lifted")
                .overrides(&["no-termination-protected"])
                .under(HEADING),
            Argument::no("no-termination-protected", "Let it be terminated, whatever mrjob.conf says").under(HEADING),
        ]);

    /// Steps that may run at once, 1 to 256; by default 1.
    MAX_CONCURRENT_STEPS: u32 = Key::named("max_concurrent_steps")
        .typed_as(&[argument("max-concurrent-steps", "N", "Steps that may run at once, 1 to 256 (EMR 5.28 and later) [default: 1]")
            .also(&["step-concurrency", "step-concurrency-level"])]);

    /// How long a persistent job flow may be idle before it ends itself, in hours: a minute to seven days; by default
    /// it stays. Of this and `max_mins_idle` the one from the stronger source counts, and of equals the hours. EMR
    /// itself ends it on releases 5.30, 6.1 and later; on older ones and on AMI versions a script does, which runs on
    /// the master as the bootstrap action `idle timeout`, and is uploaded below the scratch URI.
    MAX_HOURS_IDLE: Hours = Key::named("max_hours_idle")
        .typed_as(&[number(
            "max-hours-idle",
            "HOURS",
            "Let the job flow end itself once it has been idle for longer than this. EMR does it (5.30, 6.1 and later), or on \
             older releases a script on the master [default: it stays]",
        )
        .first()]);

    /// The same as `max_hours_idle`, in minutes.
    MAX_MINS_IDLE: Minutes = Key::named("max_mins_idle")
        .typed_as(&[number("max-mins-idle", "MINUTES", "The same in minutes").conflicts_with(&["max-hours-idle"])]);

    /// The script that ends an idle job flow waits until less than this is left of an hour since the master started, in
    /// minutes; by default it does not wait.
    MINS_TO_END_OF_HOUR: Minutes = Key::named("mins_to_end_of_hour")
        .typed_as(&[number(
            "mins-to-end-of-hour",
            "MINUTES",
            "Where a script ends it (older releases): only while less than this is left of an hour since its master started [default: at any time]",
        )]);

    /// Whether a job flow ends with its last step.
    AUTO_TERMINATE: bool = Key::named("auto_terminate").in_no_file()
        .typed_as(&[Argument::yes("auto-terminate", "Terminate it when its last step is done").under(HEADING).first()]);

    /// JSON for features of EMR that have no option of their own: text, or a mapping.
    ADDITIONAL_EMR_INFO: Yaml = Key::named("additional_emr_info")
        .typed_as(&[Argument::new(
            "additional-emr-info",
            Takes::Json("JSON"),
            "JSON for features of EMR that have no option of their own",
        )
        .also(&["additional-info"])
        .under(HEADING)]);

    /// Further parameters of `RunJobFlow`, named and nested as in its API; null removes one. Those that the tools rely
    /// on, such as `Name`, `Tags` and `ReleaseLabel`, are refused.
    EXTRA_CLUSTER_PARAMS: Overlay = Key::named("extra_cluster_params")
        .typed_as(&[entry(
            "extra-cluster-param",
            "NAME=JSON",
            "Further parameter of EMR's `RunJobFlow`, such as `Instances.ServiceAccessSecurityGroup=sg-1`; the value is \
             JSON or text, and null removes a parameter; may be repeated",
        )]);

    /// Further parameters of `RunJobFlow` by the dotted names of mrjob 0.4, such as `Instances.Ec2SubnetId`.
    EMR_API_PARAMS: Overlay = Key::named("emr_api_params")
        .typed_as(&[entry(
            "emr-api-param",
            "NAME=VALUE",
            "The same with a text value, as in mrjob 0.4",
        )]);

    /// Parameters of `RunJobFlow` to leave out.
    NO_EMR_API_PARAMS: List<String> = Key::named("no_emr_api_params").in_no_file()
        .typed_as(&[argument(
            "no-emr-api-param",
            "NAME",
            "Parameter of `RunJobFlow` to leave out, as in mrjob 0.4",
        )]);
}
