//! `spark-defaults.conf`: the settings of a step's Spark unless the application sets others. Pure.
//!
//! The last value of a name counts. The order is: the sandbox's settings, those of the local Spark, as a release of EMR
//! has its own, then those of the cluster's classification `spark-defaults`.

use std::collections::BTreeMap;

/// The sandbox's own settings.
const OURS: &str = "\
# Written by emr-sandbox.
spark.master local[*]
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
# All data is on this machine: do not look up where a file is.
spark.sql.sources.ignoreDataLocality true
";

/// Settings that select YARN, which the sandbox lacks: this machine is the whole cluster.
const OF_YARN: [&str; 2] = ["spark.master", "spark.submit.deployMode"];

/// The settings of the cluster's classification `spark-defaults`, by name.
pub(crate) type SparkDefaults = BTreeMap<String, String>;

/// The text of the file. `installation` is the text of the local Spark's own file.
pub(super) fn text(installation: &str, cluster: &SparkDefaults) -> String {
    let mut text = format!("{OURS}{installation}");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for (name, value) in cluster.iter().filter(|(name, _)| !OF_YARN.contains(&name.as_str())) {
        text += &[&escaped(name, "=: #!"), "=", &escaped(value, ""), "\n"].concat();
    }
    text
}

/// The cluster's settings that the file leaves out.
pub(super) fn left_out(cluster: &SparkDefaults) -> impl Iterator<Item = &'static str> {
    OF_YARN.into_iter().filter(|name| cluster.contains_key(*name))
}

/// `text` for a Java properties file, with a backslash before each of `special`.
fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        match char {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\\' => escaped.push_str("\\\\"),
            char if special.contains(char) => escaped.extend(['\\', char]),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(settings: &[(&str, &str)]) -> SparkDefaults {
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_clusters_settings_come_after_all_others() {
        let text = text("spark.ui.enabled false", &cluster(&[("spark.ui.enabled", "true"), ("spark.x", r"a\b c = d")]));
        let tail = "ignoreDataLocality true\nspark.ui.enabled false\nspark.ui.enabled=true\nspark.x=a\\\\b c = d\n";
        assert!(text.ends_with(tail), "{text}");
    }

    #[test]
    fn settings_that_select_yarn_are_left_out_and_reported() {
        let settings = cluster(&[("spark.master", "yarn"), ("spark.submit.deployMode", "cluster"), ("spark.x", "1")]);
        let text = text("", &settings);
        assert!(!text.contains("yarn") && !text.contains("deployMode") && text.ends_with("spark.x=1\n"), "{text}");
        assert_eq!(left_out(&settings).collect::<Vec<_>>(), OF_YARN);
    }

    #[test]
    fn any_name_and_value_stay_on_one_line() {
        let text = text("", &cluster(&[("# a:b", "1\n2")]));
        assert!(text.ends_with("\n\\#\\ a\\:b=1\\n2\n"), "{text}");
    }
}
