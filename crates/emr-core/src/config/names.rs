//! The names of options in `mrjob.conf`: the specification's, mrjob's later ones, and those of mrjob's runner that
//! mean nothing here.

/// Each option's name in the specification's words, with the names that mrjob gave it later.
const OPTIONS: &[(&str, &[&str])] = &[
    ("additional_emr_info", &[]),
    ("ami_version", &["image_version"]),
    ("applications", &["emr_applications"]),
    ("aws_availability_zone", &["zone"]),
    ("aws_region", &["region"]),
    ("check_emr_status_every", &["check_cluster_every"]),
    ("ec2_core_instance_bid_price", &["core_instance_bid_price"]),
    ("ec2_core_instance_type", &["core_instance_type", "ec2_slave_instance_type"]),
    ("ec2_instance_type", &["instance_type"]),
    ("ec2_key_pair", &[]),
    ("ec2_key_pair_file", &[]),
    ("ec2_master_instance_bid_price", &["master_instance_bid_price"]),
    ("ec2_master_instance_type", &["master_instance_type"]),
    ("ec2_task_instance_bid_price", &["task_instance_bid_price"]),
    ("ec2_task_instance_type", &["task_instance_type"]),
    ("emr_action_on_failure", &[]),
    ("emr_job_flow_id", &["cluster_id"]),
    ("emr_job_flow_pool_name", &["pool_name"]),
    ("emr_tags", &["tags"]),
    ("hadoop_version", &[]),
    ("iam_instance_profile", &["iam_job_flow_role"]),
    ("iam_service_role", &[]),
    ("instance_fleets", &[]),
    ("instance_groups", &[]),
    ("label", &[]),
    ("max_concurrent_steps", &[]),
    ("max_hours_idle", &[]),
    ("max_job_flows_in_pool", &["max_clusters_in_pool"]),
    ("max_mins_idle", &[]),
    ("mins_to_end_of_hour", &[]),
    ("num_ec2_core_instances", &["num_core_instances"]),
    ("num_ec2_instances", &[]),
    ("num_ec2_task_instances", &["num_task_instances"]),
    ("owner", &[]),
    ("pool_emr_job_flows", &["pool_clusters"]),
    ("pool_wait_minutes", &[]),
    ("release_label", &[]),
    ("s3_log_uri", &["cloud_log_dir"]),
    ("s3_scratch_uri", &["s3_tmp_dir", "cloud_tmp_dir"]),
    ("s3_sync_wait_time", &["cloud_fs_sync_secs"]),
    ("ssh_bin", &[]),
    ("subnet", &[]),
    ("termination_protected", &[]),
    ("visible_to_all_users", &[]),
];

/// Options of mrjob's that decide what a cluster is, and that have no effect here yet.
const NOT_YET: &[&str] = &[
    "bootstrap",
    "bootstrap_actions",
    "bootstrap_cmds",
    "bootstrap_files",
    "bootstrap_python",
    "bootstrap_python_packages",
    "bootstrap_scripts",
    "bootstrap_spark",
    "docker_image",
    "ebs_root_volume_gb",
    "emr_api_params",
    "emr_configurations",
    "emr_endpoint",
    "extra_cluster_params",
    "image_id",
    "s3_endpoint",
];

/// Options of mrjob's runner that mean nothing here.
const NOT_OURS: &[&str] = &[
    "add_steps_in_batch",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "base_tmp_dir",
    "bootstrap_mrjob",
    "check_input_paths",
    "cleanup",
    "cleanup_on_failure",
    "cloud_part_size_mb",
    "cmdenv",
    "docker_client_config",
    "docker_mounts",
    "ec2_endpoint",
    "enable_emr_debugging",
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
    "python_bin",
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
    "ssh_bind_ports",
    "ssh_tunnel",
    "ssh_tunnel_is_open",
    "ssh_tunnel_to_job_tracker",
    "steps_interpreter",
    "steps_python_bin",
    "task_python_bin",
    "upload_archives",
    "upload_dirs",
    "upload_files",
];

/// What a name in a configuration file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// An option that is read here, by its name in the specification.
    Option(&'static str),
    /// An option of mrjob's that would change the cluster, and does not yet.
    NotYet,
    /// An option of mrjob's that means nothing here.
    NotOurs,
    /// Nobody's option; the nearest that is one.
    Unknown(Option<&'static str>),
}

/// What `name` is.
pub(super) fn look_up(name: &str) -> Name {
    let is = |(option, later): &&(&str, &[&str])| *option == name || later.contains(&name);
    if let Some((option, _)) = OPTIONS.iter().find(is) {
        return Name::Option(option);
    }
    if NOT_YET.contains(&name) {
        return Name::NotYet;
    }
    if NOT_OURS.contains(&name) {
        return Name::NotOurs;
    }
    Name::Unknown(nearest(name))
}

fn nearest(name: &str) -> Option<&'static str> {
    let all = OPTIONS.iter().flat_map(|(option, later)| later.iter().chain([option])).chain(NOT_YET).chain(NOT_OURS);
    let (distance, near) = all.map(|known| (strsim::damerau_levenshtein(name, known), *known)).min()?;
    (distance <= name.len() / 3).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_names_are_one_option() {
        assert_eq!(look_up("s3_tmp_dir"), Name::Option("s3_scratch_uri"));
        assert_eq!(look_up("num_core_instances"), Name::Option("num_ec2_core_instances"));
        assert_eq!(look_up("jobconf"), Name::NotOurs);
        assert_eq!(look_up("bootstrap_cmds"), Name::NotYet);
    }

    #[test]
    fn a_misspelt_name_is_told_with_the_nearest() {
        assert_eq!(look_up("ec2_key_par"), Name::Unknown(Some("ec2_key_pair")));
        assert_eq!(look_up("zzz"), Name::Unknown(None));
    }
}
