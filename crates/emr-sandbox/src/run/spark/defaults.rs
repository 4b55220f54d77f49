//! `spark-defaults.conf`: what a step's Spark is set to unless the application says otherwise. Pure.
//!
//! Of a name that is set twice the last value counts: first come the sandbox's settings, then those of the Spark of this
//! machine, as a release of EMR has its own, then those of the cluster's classification `spark-defaults`.

use std::collections::BTreeMap;

/// The sandbox's own settings.
const OURS: &str = "\
# Written by emr-sandbox.
spark.master local[*]
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
# All data is here: where a file lies need not be asked.
spark.sql.sources.ignoreDataLocality true
";

/// Settings that ask for YARN. This machine is the whole cluster.
const OF_YARN: [&str; 2] = ["spark.master", "spark.submit.deployMode"];

/// Settings by name, of the cluster's classification `spark-defaults`.
pub(crate) type SparkDefaults = BTreeMap<String, String>;

/// The text of the file, with the text that the installation has for its own.
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

/// The settings of the cluster that the file is without.
pub(super) fn left_out(cluster: &SparkDefaults) -> impl Iterator<Item = &'static str> {
    OF_YARN.into_iter().filter(|name| cluster.contains_key(*name))
}

/// `text` as a file of Java's properties has it, with a backslash before each of `special`.
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
    fn what_asks_for_yarn_is_left_out_and_known_to_be() {
        let settings = cluster(&[("spark.master", "yarn"), ("spark.submit.deployMode", "cluster"), ("spark.x", "1")]);
        let text = text("", &settings);
        assert!(!text.contains("yarn") && !text.contains("deployMode") && text.ends_with("spark.x=1\n"), "{text}");
        assert_eq!(left_out(&settings).collect::<Vec<_>>(), OF_YARN);
    }

    #[test]
    fn names_and_values_of_any_text_stay_on_their_line() {
        let text = text("", &cluster(&[("# a:b", "1\n2")]));
        assert!(text.ends_with("\n\\#\\ a\\:b=1\\n2\n"), "{text}");
    }
}
