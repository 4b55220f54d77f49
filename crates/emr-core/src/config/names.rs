//! Classifies the names in `mrjob.conf`: our options, under the specification's or mrjob's names, credentials, and
//! options of mrjob that these tools do not support.

use super::declaration::Declaration;
use super::options;

/// mrjob's options for credentials. Credentials come from AWS's own chain, never from `mrjob.conf`.
const CREDENTIALS: &[&str] = &["aws_access_key_id", "aws_secret_access_key", "aws_security_token", "aws_session_token"];

/// Options of mrjob 0.4 to 0.7 for EMR that these tools do not support, with their effect in mrjob.
const NOT_OURS: &[(&str, Effect)] = &[
    ("add_steps_in_batch", Effect::Nothing),
    ("base_tmp_dir", Effect::Nothing),
    ("bootstrap_mrjob", Effect::JobFlows),
    ("cleanup", Effect::Nothing),
    ("cleanup_on_failure", Effect::Nothing),
    ("cloud_part_size_mb", Effect::Nothing),
    ("cloud_upload_part_size", Effect::Nothing),
    ("docker_client_config", Effect::Jobs),
    ("docker_image", Effect::Jobs),
    ("docker_mounts", Effect::Jobs),
    ("ec2_endpoint", Effect::Nothing),
    ("hadoop_version_on_emr", Effect::Nothing),
    ("iam_endpoint", Effect::Nothing),
    ("interpreter", Effect::Jobs),
    ("local_tmp_dir", Effect::Nothing),
    ("min_available_mb", Effect::Pools),
    ("min_available_virtual_cores", Effect::Pools),
    ("pool_jitter_seconds", Effect::Nothing),
    ("pool_timeout_minutes", Effect::Pools),
    ("read_logs", Effect::Nothing),
    ("s3_upload_part_size", Effect::Nothing),
    ("sort_bin", Effect::Nothing),
    ("ssh_add_bin", Effect::Nothing),
    ("ssh_tunnel", Effect::Tunnel),
    ("ssh_tunnel_to_job_tracker", Effect::Tunnel),
    ("steps_interpreter", Effect::Jobs),
    ("strict_protocols", Effect::Jobs),
];

/// What an option of mrjob affects there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Only how mrjob works, not the result.
    Nothing,
    /// What jobs do.
    Jobs,
    /// How job flows are prepared.
    JobFlows,
    /// Which pooled job flow a job gets.
    Pools,
    /// Whether a tunnel is open while a job runs.
    Tunnel,
}

impl Effect {
    /// Whether the result of a tool with the options `offered` may differ from mrjob's because of this option.
    pub(super) fn concerns(self, offered: &[&Declaration]) -> bool {
        let offers = |option: &Declaration| offered.iter().any(|offered| offered.name == option.name);
        let starts = || offers(&options::BOOTSTRAP.option);
        let adds_steps = || offers(&options::EMR_ACTION_ON_FAILURE.option);
        match self {
            Self::Nothing => false,
            Self::Jobs => starts() || adds_steps(),
            Self::JobFlows => starts(),
            Self::Pools => offers(&options::MAX_JOB_FLOWS_IN_POOL.option),
            Self::Tunnel => adds_steps(),
        }
    }

    /// What is missing, as the end of a sentence about the option.
    pub(super) fn loss(self) -> &'static str {
        match self {
            Self::Nothing => "has no effect in these tools",
            Self::Jobs => "has no effect: mrjob changes each job by it, and these tools add steps unchanged",
            Self::JobFlows => "has no effect: mrjob prepares job flows by it, and these tools do not",
            Self::Pools => "has no effect: mrjob chooses among pooled job flows by it, and these tools do not",
            Self::Tunnel => "has no effect: open the tunnel with ssh-nodes --tunnel",
        }
    }
}

/// What a name in a configuration file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// An option that is read here.
    Option(Known),
    /// A credential, which is never read.
    Credential,
    /// An option of mrjob that is not supported here.
    NotOurs(Effect),
    /// An unknown name, with the most similar known one.
    Unknown(Option<&'static str>),
}

/// An option that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Its name in the specification.
    pub(super) option: &'static str,
    /// How new the name in the file is: of two names in one file the newer counts.
    pub(super) newness: usize,
}

/// Classifies `name`.
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
    if let Some((_, effect)) = NOT_OURS.iter().find(|(known, _)| *known == name) {
        return Name::NotOurs(*effect);
    }
    Name::Unknown(nearest(name))
}

/// The options that are valid in files.
fn of_files() -> impl Iterator<Item = &'static Declaration> {
    options::all().filter(|option| option.is_in_files)
}

fn nearest(name: &str) -> Option<&'static str> {
    let all = of_files().flat_map(|option| option.other_names.iter().chain([&option.name]));
    let all = all.chain(CREDENTIALS).chain(NOT_OURS.iter().map(|(name, _)| name));
    // A longer name is near to none of them, and to compare it takes long.
    let all = all.filter(|known| name.len() <= 2 * known.len());
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
    fn the_chapter_on_migrating_says_what_replaces_each_option_that_is_not_heeded() {
        let chapter = include_str!("../../../../man/emr-migrating.md");
        let all = NOT_OURS.iter().map(|(name, _)| name).chain(CREDENTIALS);
        let missing: Vec<_> = all.filter(|name| !chapter.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn old_and_new_names_are_one_option() {
        assert_eq!(known("s3_tmp_dir").option, "s3_scratch_uri");
        assert_eq!(known("num_core_instances").option, "num_ec2_core_instances");
        assert_eq!(look_up("interpreter"), Name::NotOurs(Effect::Jobs));
        assert_eq!(look_up("aws_secret_access_key"), Name::Credential);
    }

    #[test]
    fn of_two_names_the_newer_is_known() {
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
    fn each_name_is_declared_once() {
        let mut seen = std::collections::BTreeSet::new();
        for Declaration { name, other_names, .. } in options::all() {
            assert!(other_names.contains(name) || seen.insert(*name), "{name}");
            assert!(other_names.iter().all(|name| seen.insert(*name)), "{other_names:?}");
        }
        assert!(NOT_OURS.iter().map(|(name, _)| name).chain(CREDENTIALS).all(|name| seen.insert(*name)));
    }

    #[test]
    fn an_unsupported_option_concerns_the_tools_whose_result_it_would_change() {
        let create: &[&Declaration] = &[&options::LABEL.option, &options::BOOTSTRAP.option];
        let add: &[&Declaration] = &[&options::EMR_ACTION_ON_FAILURE.option];
        let list: &[&Declaration] = &[&options::AWS_REGION.option];
        let concerned = |effect: Effect| [create, add, list].map(|offered| effect.concerns(offered));
        assert_eq!(concerned(Effect::Jobs), [true, true, false]);
        assert_eq!(concerned(Effect::JobFlows), [true, false, false]);
        assert_eq!(concerned(Effect::Tunnel), [false, true, false]);
        assert_eq!(concerned(Effect::Nothing), [false; 3]);
    }

    #[test]
    fn a_misspelt_name_comes_with_the_most_similar_one() {
        assert_eq!(look_up("ec2_key_par"), Name::Unknown(Some("ec2_key_pair")));
        assert_eq!(look_up("zzz"), Name::Unknown(None));
    }
}
