//! Release labels (`emr-7.1.0`): which exist, and what each release supports.

use emr_core::model::release::LATEST_PATCHES;

/// A patch version that EMR no longer accepts.
const WITHDRAWN: &str = "emr-5.3.1";

/// All release labels, newest first, with every patch version of each release.
pub(crate) fn labels() -> Vec<String> {
    let releases = LATEST_PATCHES.iter().copied().filter_map(version_of_label);
    let patched = releases
        .flat_map(|(major, minor, last)| (0..=last).rev().map(move |patch| format!("emr-{major}.{minor}.{patch}")));
    patched.filter(|label| label != WITHDRAWN).collect()
}

/// Whether EMR has a release of this label. Any well-formed `emr-spark-…` label passes, and so does a minor version
/// newer than this table.
pub(crate) fn is_known(label: &str) -> bool {
    if let Some(version) = label.strip_prefix("emr-spark-") {
        return version_of(version).is_some();
    }
    let Some(version) = label.strip_prefix("emr-").and_then(version_of) else {
        return false;
    };
    let newest = LATEST_PATCHES.iter().copied().find_map(version_of_label);
    newest.is_some_and(|newest| version > newest && version.0 == newest.0)
        || labels().iter().any(|known| known == label)
}

/// Whether a release has auto-termination policies: 5.30.0 and later, except 6.0.
pub(crate) fn has_auto_termination(label: &str) -> bool {
    version_of_label(label).is_none_or(|version| version >= (5, 30, 0) && !((6, 0, 0)..(6, 1, 0)).contains(&version))
}

/// Whether pending steps can be cancelled: since 4.8.0, except 5.0.
pub(crate) fn cancels_pending_steps(label: &str) -> bool {
    version_of_label(label).is_none_or(|version| version >= (4, 8, 0) && !((5, 0, 0)..(5, 1, 0)).contains(&version))
}

/// Whether running steps can be cancelled: since 5.28.0.
pub(crate) fn cancels_running_steps(label: &str) -> bool {
    version_of_label(label).is_none_or(|version| version >= (5, 28, 0))
}

/// Whether a cluster shrinks at task completion by default: since 5.10.0.
pub(crate) fn scales_down_at_task_completion(label: &str) -> bool {
    version_of_label(label).is_none_or(|version| version >= (5, 10, 0))
}

/// The version of a release; `None` for `emr-spark-…`, which supports everything.
fn version_of_label(label: &str) -> Option<(u32, u32, u32)> {
    label.strip_prefix("emr-").and_then(version_of)
}

/// The version of Hadoop in a release or on an AMI.
pub(crate) fn hadoop_version(label: Option<&str>, ami_version: Option<&str>) -> &'static str {
    let release = label.and_then(|label| label.strip_prefix("emr-")).and_then(version_of);
    match (release, ami_version) {
        (Some((..5, ..)), _) => "2.7.3",
        (Some((5, ..31, _)), _) => "2.8.5",
        (Some((5, ..)), _) => "2.10.1",
        (Some((6, ..6, _)), _) => "3.2.1",
        (Some((6, ..)), _) => "3.3.3",
        (None, Some(ami)) if ami.starts_with('3') => "2.4.0",
        (None, Some(_)) => "1.0.3",
        _ => "3.4.1",
    }
}

fn version_of(text: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_by_their_form_and_number() {
        for label in ["emr-7.1.0", "emr-5.36.2", "emr-5.36.0", "emr-spark-8.1.0", "emr-7.99.0"] {
            assert!(is_known(label), "{label}");
        }
        for label in ["emr-7.1", "emr-5.99.0", "emr-99.0.0", "emr-", "6.0.0", "emr-x.y.z", "emr-6.0.0.1", "emr-5.3.1"] {
            assert!(!is_known(label), "{label}");
        }
    }

    #[test]
    fn newer_releases_have_newer_versions_of_hadoop() {
        let of = |label| hadoop_version(Some(label), None);
        assert_eq!(["emr-5.20.0", "emr-6.0.0", "emr-7.1.0"].map(of), ["2.8.5", "3.2.1", "3.4.1"]);
        assert_eq!(hadoop_version(None, Some("2.4.2")), "1.0.3");
    }

    #[test]
    fn auto_termination_came_with_5_30_and_6_1() {
        let has = ["emr-5.29.0", "emr-5.30.0", "emr-6.0.0", "emr-6.1.0", "emr-7.0.0"];
        assert_eq!(has.map(has_auto_termination), [false, true, false, true, true]);
    }
}
