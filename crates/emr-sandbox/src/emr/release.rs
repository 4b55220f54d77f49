//! Release labels (`emr-7.1.0`): which there are, and which came before which.

/// The releases of each major version, newest first: the minor version and its last patch.
const RELEASES: [(u32, &[(u32, u32)]); 4] = [
    (
        7,
        &[
            (14, 0),
            (13, 0),
            (12, 0),
            (11, 0),
            (10, 0),
            (9, 0),
            (8, 0),
            (7, 0),
            (6, 0),
            (5, 0),
            (4, 0),
            (3, 0),
            (2, 0),
            (1, 0),
            (0, 0),
        ],
    ),
    (
        6,
        &[
            (15, 0),
            (14, 0),
            (13, 0),
            (12, 0),
            (11, 1),
            (10, 1),
            (9, 1),
            (8, 1),
            (7, 0),
            (6, 0),
            (5, 0),
            (4, 0),
            (3, 1),
            (2, 1),
            (1, 1),
            (0, 1),
        ],
    ),
    (
        5,
        &[
            (36, 2),
            (35, 0),
            (34, 0),
            (33, 1),
            (32, 1),
            (31, 1),
            (30, 2),
            (29, 0),
            (28, 1),
            (27, 1),
            (26, 0),
            (25, 0),
            (24, 1),
            (23, 1),
            (22, 0),
            (21, 2),
            (20, 1),
            (19, 1),
            (18, 1),
            (17, 2),
            (16, 1),
            (15, 1),
            (14, 2),
            (13, 1),
            (12, 3),
            (11, 4),
            (10, 1),
            (9, 1),
            (8, 3),
            (7, 1),
            (6, 1),
            (5, 4),
            (4, 1),
            (3, 2),
            (2, 3),
            (1, 1),
            (0, 3),
        ],
    ),
    (4, &[(10, 0), (9, 6), (8, 5), (7, 4), (6, 1), (5, 0), (4, 0), (3, 0), (2, 0), (1, 0), (0, 0)]),
];

/// All release labels, newest first, with every patch of each release.
pub(crate) fn labels() -> Vec<String> {
    let releases =
        RELEASES.iter().flat_map(|(major, minors)| minors.iter().map(move |&(minor, patch)| (*major, minor, patch)));
    let patched = releases
        .flat_map(|(major, minor, last)| (0..=last).rev().map(move |patch| format!("emr-{major}.{minor}.{patch}")));
    patched.collect()
}

/// Whether EMR has a release of this label. Labels of other lines (`emr-spark-8.1.0`) and of
/// releases newer than this table are believed.
pub(crate) fn is_known(label: &str) -> bool {
    if let Some(version) = label.strip_prefix("emr-spark-") {
        return version_of(version).is_some();
    }
    let Some(version) = label.strip_prefix("emr-").and_then(version_of) else {
        return false;
    };
    let newest = (RELEASES[0].0, RELEASES[0].1[0].0, RELEASES[0].1[0].1);
    version > newest || labels().iter().any(|known| known == label)
}

/// Whether a release has auto-termination policies: 5.30.0 and later, but not 6.0.
pub(crate) fn has_auto_termination(label: &str) -> bool {
    let version = label.strip_prefix("emr-").and_then(version_of);
    version.is_none_or(|version| version >= (5, 30, 0) && !((6, 0, 0)..(6, 1, 0)).contains(&version))
}

/// The version of Hadoop in a release, or on an AMI of the time before releases.
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
        for label in ["emr-7.1.0", "emr-5.36.2", "emr-5.36.0", "emr-spark-8.1.0", "emr-9.0.0"] {
            assert!(is_known(label), "{label}");
        }
        for label in ["emr-7.1", "emr-5.99.0", "emr-", "6.0.0", "emr-x.y.z", "emr-6.0.0.1"] {
            assert!(!is_known(label), "{label}");
        }
    }

    #[test]
    fn hadoop_grows_with_the_releases() {
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
