//! What a name in `mrjob.conf` is: an option by the specification's or mrjob's later name, a credential, or an option of
//! mrjob's runner that means nothing here.

use super::declaration::Declaration;
use super::options;

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
    /// How new the name is by which it was asked for: of two names in one file the newer counts.
    pub(super) newness: usize,
}

/// What `name` is.
pub(super) fn look_up(name: &str) -> Name {
    let known = of_files().find_map(|option| {
        let newness = option.other_names.iter().position(|known| *known == name).map(|place| place + 1);
        let newness = newness.or((option.name == name).then_some(0))?;
        Some(Known { option: option.name, newness })
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

/// The options that a file may have.
fn of_files() -> impl Iterator<Item = &'static Declaration> {
    options::all().filter(|option| option.is_in_files)
}

fn nearest(name: &str) -> Option<&'static str> {
    let all = of_files().flat_map(|option| option.other_names.iter().chain([&option.name]));
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
        assert_eq!(known("s3_tmp_dir").option, "s3_scratch_uri");
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
        for Declaration { name, other_names, .. } in options::all() {
            assert!(other_names.contains(name) || seen.insert(*name), "{name}");
            assert!(other_names.iter().all(|name| seen.insert(*name)), "{other_names:?}");
        }
        assert!(NOT_OURS.iter().chain(CREDENTIALS).all(|name| seen.insert(*name)));
    }

    #[test]
    fn a_misspelt_name_is_told_with_the_nearest() {
        assert_eq!(look_up("ec2_key_par"), Name::Unknown(Some("ec2_key_pair")));
        assert_eq!(look_up("zzz"), Name::Unknown(None));
    }
}
