//! The names of options in `mrjob.conf`: the specification's, mrjob's later ones, and those of mrjob's runner that
//! mean nothing here.

/// How the values that several sources have for one option become one, as mrjob does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The strongest source's value, whatever it is made of.
    Value,
    /// The strongest source's value, with `~` and variables expanded.
    Path,
    /// The items of all sources, the weakest source's first; anything but a list is one item.
    List,
    /// The same, each item a path with `~`, variables and globs expanded.
    Paths,
    /// The entries of all sources; for each key the strongest source's.
    Map,
}

use Rule::{List, Map, Path, Paths, Value};

/// Each option's name in the specification's words, mrjob's other names for it, and how its values combine. Of the names
/// the newest is the last; the specification's is the oldest where it is not among them.
const OPTIONS: &[(&str, &[&str], Rule)] = &[
    ("additional_emr_info", &[], Value),
    ("ami_version", &["image_version"], Value),
    ("applications", &["emr_applications"], List),
    ("aws_availability_zone", &["zone"], Value),
    ("aws_region", &["region"], Value),
    ("bootstrap", &[], List),
    ("bootstrap_actions", &[], List),
    ("bootstrap_cmds", &[], List),
    ("bootstrap_files", &[], Paths),
    ("bootstrap_python", &[], Value),
    ("bootstrap_python_packages", &[], Paths),
    ("bootstrap_scripts", &[], Paths),
    ("bootstrap_spark", &[], Value),
    ("check_emr_status_every", &["check_cluster_every"], Value),
    ("core_dumps", &[], Value),
    ("ebs_root_volume_gb", &[], Value),
    ("ebs_root_volume_iops", &[], Value),
    ("ebs_root_volume_throughput", &[], Value),
    ("ec2_core_instance_bid_price", &["core_instance_bid_price"], Value),
    ("ec2_core_instance_type", &["ec2_slave_instance_type", "ec2_core_instance_type", "core_instance_type"], Value),
    ("ec2_instance_type", &["instance_type"], Value),
    ("ec2_key_pair", &[], Value),
    ("ec2_key_pair_file", &[], Path),
    ("ec2_master_instance_bid_price", &["master_instance_bid_price"], Value),
    ("ec2_master_instance_type", &["master_instance_type"], Value),
    ("ec2_task_instance_bid_price", &["task_instance_bid_price"], Value),
    ("ec2_task_instance_type", &["task_instance_type"], Value),
    ("emr_action_on_failure", &[], Value),
    ("emr_api_params", &[], Map),
    ("emr_configurations", &[], List),
    ("emr_endpoint", &[], Value),
    ("emr_job_flow_id", &["cluster_id"], Value),
    ("emr_job_flow_pool_name", &["pool_name"], Value),
    ("emr_tags", &["tags"], Map),
    ("enable_emr_debugging", &[], Value),
    ("extra_cluster_params", &[], Map),
    ("hadoop_version", &[], Value),
    ("iam_instance_profile", &["iam_job_flow_role", "iam_instance_profile"], Value),
    ("iam_service_role", &[], Value),
    ("image_id", &[], Value),
    ("instance_fleets", &[], Value),
    ("instance_groups", &[], Value),
    ("label", &[], Value),
    ("max_concurrent_steps", &[], Value),
    ("max_hours_idle", &[], Value),
    ("max_job_flows_in_pool", &["max_clusters_in_pool"], Value),
    ("max_mins_idle", &[], Value),
    ("mins_to_end_of_hour", &[], Value),
    ("num_ec2_core_instances", &["num_core_instances"], Value),
    ("num_ec2_instances", &[], Value),
    ("num_ec2_task_instances", &["num_task_instances"], Value),
    ("owner", &[], Value),
    ("pool_emr_job_flows", &["pool_clusters"], Value),
    ("pool_wait_minutes", &[], Value),
    ("python_bin", &[], Value),
    ("release_label", &[], Value),
    ("s3_endpoint", &[], Value),
    ("s3_log_uri", &["cloud_log_dir"], Path),
    ("s3_scratch_uri", &["s3_tmp_dir", "cloud_tmp_dir"], Path),
    ("s3_sse", &[], Value),
    ("s3_sse_kms_key_id", &[], Value),
    ("s3_sync_wait_time", &["cloud_fs_sync_secs"], Value),
    ("security_configuration", &[], Value),
    ("ssh_bin", &[], Value),
    ("ssh_bind_ports", &[], Value),
    ("ssh_tunnel_is_open", &[], Value),
    ("ssh_tunnel_to_job_tracker", &["ssh_tunnel"], Value),
    ("subnet", &[], Value),
    ("termination_protected", &[], Value),
    ("visible_to_all_users", &[], Value),
];

/// Credentials, which come from AWS's own chain and never from a file of options.
const CREDENTIALS: &[&str] = &["aws_access_key_id", "aws_secret_access_key", "aws_security_token", "aws_session_token"];

/// Options of mrjob's runner that mean nothing here.
const NOT_OURS: &[&str] = &[
    "add_steps_in_batch",
    "base_tmp_dir",
    "bootstrap_mrjob",
    "check_input_paths",
    "cleanup",
    "cleanup_on_failure",
    "cloud_part_size_mb",
    "cmdenv",
    "cloud_upload_part_size",
    "docker_client_config",
    "docker_image",
    "docker_mounts",
    "ec2_endpoint",
    "hadoop_extra_args",
    "hadoop_streaming_jar",
    "hadoop_streaming_jar_on_emr",
    "hadoop_version_on_emr",
    "iam_endpoint",
    "interpreter",
    "jobconf",
    "libjars",
    "local_tmp_dir",
    "min_available_mb",
    "min_available_virtual_cores",
    "partitioner",
    "pool_jitter_seconds",
    "pool_timeout_minutes",
    "py_files",
    "python_archives",
    "read_logs",
    "s3_upload_part_size",
    "setup",
    "setup_cmds",
    "setup_scripts",
    "sh_bin",
    "sort_bin",
    "spark_args",
    "spark_deploy_mode",
    "spark_master",
    "spark_submit_bin",
    "ssh_add_bin",
    "steps_interpreter",
    "steps_python_bin",
    "strict_protocols",
    "task_python_bin",
    "upload_archives",
    "upload_dirs",
    "upload_files",
];

/// What a name in a configuration file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// An option that is read here.
    Option(Known),
    /// A credential of mrjob's, which is never read.
    Credential,
    /// An option of mrjob's that means nothing here.
    NotOurs,
    /// Nobody's option; the nearest that is one.
    Unknown(Option<&'static str>),
}

/// An option that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Its name in the specification.
    pub(super) option: &'static str,
    /// How its values combine.
    pub(super) rule: Rule,
    /// How new the name is by which it was asked for: of two names in one file the newer counts.
    pub(super) newness: usize,
}

/// What `name` is.
pub(super) fn look_up(name: &str) -> Name {
    let known = OPTIONS.iter().find_map(|(option, names, rule)| {
        let newness = names.iter().position(|known| *known == name).map(|place| place + 1);
        let newness = newness.or((*option == name).then_some(0))?;
        Some(Known { option, rule: *rule, newness })
    });
    if let Some(known) = known {
        return Name::Option(known);
    }
    if CREDENTIALS.contains(&name) {
        return Name::Credential;
    }
    if NOT_OURS.contains(&name) {
        return Name::NotOurs;
    }
    Name::Unknown(nearest(name))
}

fn nearest(name: &str) -> Option<&'static str> {
    let all = OPTIONS.iter().flat_map(|(option, names, _)| names.iter().chain([option]));
    let all = all.chain(CREDENTIALS).chain(NOT_OURS);
    let (distance, near) = all.map(|known| (strsim::damerau_levenshtein(name, known), *known)).min()?;
    (distance <= name.len() / 3).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Known {
        let Name::Option(known) = look_up(name) else { panic!("{name} is no option") };
        known
    }

    #[test]
    fn old_and_new_names_are_one_option() {
        assert_eq!((known("s3_tmp_dir").option, known("s3_tmp_dir").rule), ("s3_scratch_uri", Path));
        assert_eq!(known("num_core_instances").option, "num_ec2_core_instances");
        assert_eq!(look_up("jobconf"), Name::NotOurs);
        assert_eq!(look_up("aws_secret_access_key"), Name::Credential);
    }

    #[test]
    fn of_two_names_it_is_known_which_is_newer() {
        for (older, newer) in [
            ("s3_scratch_uri", "s3_tmp_dir"),
            ("s3_tmp_dir", "cloud_tmp_dir"),
            ("ec2_slave_instance_type", "ec2_core_instance_type"),
            ("ec2_core_instance_type", "core_instance_type"),
        ] {
            assert!(known(older).newness < known(newer).newness, "{older}");
        }
    }

    #[test]
    fn each_name_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (option, names, _) in OPTIONS {
            assert!(names.contains(option) || seen.insert(*option), "{option}");
            assert!(names.iter().all(|name| seen.insert(*name)), "{names:?}");
        }
        assert!(NOT_OURS.iter().chain(CREDENTIALS).all(|name| seen.insert(*name)));
    }

    #[test]
    fn a_misspelt_name_is_told_with_the_nearest() {
        assert_eq!(look_up("ec2_key_par"), Name::Unknown(Some("ec2_key_pair")));
        assert_eq!(look_up("zzz"), Name::Unknown(None));
    }
}
