//! Jars for Hadoop on the master: it looks there for the classes of partitioners, formats and mappers when a job is
//! submitted, and finds none in a jar on S3. So a step before the others fetches them, as it does for mrjob.
//!
//! Source: `EMRJobRunner._master_node_setup_script_content`, `_libjar_paths` of mrjob; `GenericOptionsParser.getLibJars`
//! of Hadoop

use emr_core::error::Result;
use emr_core::model::run_id::RunId;
use emr_core::model::step::{ActionOnFailure, NewStep};
use emr_core::shell;

use crate::files::LocalFiles;
use crate::plan::script_runner;

/// The name of the script that fetches the jars.
const SCRIPT: &str = "master-setup.sh";

/// Jars that the master lacks, and the folder there that they go to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MasterJars {
    folder: String,
    /// URI and name of each.
    jars: Vec<(String, String)>,
}

impl MasterJars {
    /// Puts into the place of each URI in `libjars` the path that its jar will have on the master for the job of `run`.
    /// `None` where all are there.
    pub(crate) fn of(libjars: &mut [String], run: &RunId) -> Option<Self> {
        let mut fetched = Self { folder: format!("/tmp/libjars-{}", run.as_str()), jars: Vec::new() };
        for jar in libjars.iter_mut().filter(|jar| jar.contains("://")) {
            let name = fetched.name(jar);
            let path = format!("{}/{name}", fetched.folder);
            fetched.jars.push((std::mem::replace(jar, path), name));
        }
        (!fetched.jars.is_empty()).then_some(fetched)
    }

    /// A name for the jar at `uri`: its own, which may stand in a list with commas, and a number where another has it.
    fn name(&self, uri: &str) -> String {
        let last = uri.rsplit('/').next().unwrap_or_default();
        let own: String =
            last.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
        let (stem, end) =
            own.rsplit_once('.').map_or((own.as_str(), String::new()), |(stem, end)| (stem, format!(".{end}")));
        let numbered = (1..).map(|number| format!("{stem}-{number}{end}"));
        let is_free = |name: &String| self.jars.iter().all(|(_, known)| known != name);
        std::iter::once(own.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// The step that fetches them for the `job`, in `region`.
    pub(crate) fn step(
        &self,
        job: &str,
        action_on_failure: ActionOnFailure,
        region: &str,
        files: &mut LocalFiles,
    ) -> Result<NewStep> {
        Ok(NewStep {
            name: format!("{job}: Master node setup"),
            jar: script_runner(region),
            main_class: None,
            args: vec![files.add_text(self.script(), SCRIPT)?],
            properties: Vec::new(),
            action_on_failure,
        })
    }

    fn script(&self) -> String {
        let folder = shell::quote(&self.folder);
        let fetch = |(uri, name): &(String, String)| {
            let (words, name) = (shell::quote(uri), shell::quote(name));
            let by_hadoop = format!("hadoop fs -copyToLocal {words} {name}");
            if uri.starts_with("s3://") {
                format!("aws s3 cp {words} {name} || {by_hadoop}\n")
            } else {
                by_hadoop + "\n"
            }
        };
        let fetches: String = self.jars.iter().map(fetch).collect();
        format!(
            "#!/bin/sh -ex\n# Fetches jars for a job. Written by the emr-tools.\nmkdir -p {folder}\ncd {folder}\n{fetches}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(jars: &[&str]) -> (Vec<String>, Option<MasterJars>) {
        let mut jars: Vec<_> = jars.iter().map(|jar| (*jar).to_owned()).collect();
        let fetched = MasterJars::of(&mut jars, &RunId::from_random(32));
        (jars, fetched)
    }

    #[test]
    fn a_jar_on_s3_gets_a_path_on_the_master_and_one_that_is_there_keeps_its_own() {
        let (jars, fetched) = of(&["s3://b/x.jar", "/usr/lib/y.jar", "hdfs:///x.jar", "s3://b/a, b"]);
        let folder = format!("/tmp/libjars-{}", RunId::from_random(32).as_str());
        let expected = ["x.jar", "", "x-1.jar", "a__b"].map(|name| format!("{folder}/{name}"));
        assert_eq!((&jars[..1], &jars[2..]), (&expected[..1], &expected[2..]));
        assert_eq!(jars[1], "/usr/lib/y.jar");
        let script = fetched.unwrap().script();
        for line in [
            "aws s3 cp s3://b/x.jar x.jar || hadoop fs -copyToLocal s3://b/x.jar x.jar\n",
            "\nhadoop fs -copyToLocal hdfs:///x.jar x-1.jar\n",
            "aws s3 cp 's3://b/a, b' a__b ||",
        ] {
            assert!(script.contains(line), "{script}");
        }
        assert!(
            script.starts_with("#!/bin/sh -ex\n") && script.contains(&format!("\nmkdir -p {folder}\ncd {folder}\n"))
        );
    }

    #[test]
    fn where_the_master_has_all_there_is_nothing_to_fetch() {
        assert_eq!(of(&["/usr/lib/y.jar"]).1, None);
        assert_eq!(of(&[]).1, None);
    }
}
