//! The software of a job flow: a release of EMR with applications, or an AMI version with a Hadoop version.

use serde_json::Value;

use crate::config::{Config, Decisions, Setting, options as keys, setting};
use crate::error::{Error, Result};
use crate::model::job_flow::Software;

/// The default release.
pub const DEFAULT_RELEASE: &str = "emr-7.14.0";

/// The options for a job flow's software, each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SoftwareOptions {
    /// Release label.
    pub release_label: Option<Setting<String>>,
    /// AMI version 2 or 3, or the number of a release label.
    pub ami_version: Option<Setting<String>>,
    /// Hadoop version, on AMI versions.
    pub hadoop_version: Option<Setting<String>>,
    /// Applications, on release labels.
    pub applications: Vec<Setting<String>>,
}

impl SoftwareOptions {
    /// A typed release label, and nothing else.
    #[must_use]
    pub fn release(label: &str) -> Self {
        Self { release_label: Some(keys::RELEASE_LABEL.typed(label.to_owned())), ..Default::default() }
    }

    /// A typed AMI version, and nothing else.
    #[must_use]
    pub fn ami(version: &str) -> Self {
        Self { ami_version: Some(keys::AMI_VERSION.typed(version.to_owned())), ..Default::default() }
    }

    /// Looks the options up. A typed release label or AMI version overrides versions and applications in files that do
    /// not fit it.
    pub fn look_up(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let options = Self::versions(config, decisions)?;
        let hadoop_version = config.get(&keys::HADOOP_VERSION)?;
        let applications = config.get(&keys::APPLICATIONS)?;
        let is_old = options.is_old()?;
        let counts = |typed: bool| typed || !options.is_typed();
        let keeps_hadoop = is_old || counts(hadoop_version.as_ref().is_some_and(Setting::is_typed));
        if !keeps_hadoop {
            decisions.leave_out(&keys::HADOOP_VERSION);
        }
        if is_old && !counts(false) {
            decisions.leave_out(&keys::APPLICATIONS);
        }
        Ok(Self {
            hadoop_version: hadoop_version.filter(|_| keeps_hadoop),
            applications: options.fitting(applications)?,
            ..options
        })
    }

    /// Looks up the configurations that fit the software.
    pub fn configurations(&self, config: &Config) -> Result<Vec<Setting<Value>>> {
        self.fitting(config.get(&keys::EMR_CONFIGURATIONS)?)
    }

    /// Filters settings that need a release label: with a typed AMI version 2 or 3 only typed ones count, and are
    /// refused later.
    fn fitting<T>(&self, mut settings: Vec<Setting<T>>) -> Result<Vec<Setting<T>>> {
        if self.is_typed() && self.is_old()? {
            settings.retain(Setting::is_typed);
        }
        Ok(settings)
    }

    fn versions(config: &Config, decisions: &mut Decisions) -> Result<Self> {
        let mut release_label = config.get(&keys::RELEASE_LABEL)?;
        let mut ami_version = config.get(&keys::AMI_VERSION)?;
        let is_typed = |version: &Option<Setting<String>>| version.as_ref().is_some_and(Setting::is_typed);
        if is_typed(&ami_version) && !is_typed(&release_label) {
            release_label = None;
            decisions.leave_out(&keys::RELEASE_LABEL);
        } else if release_label.is_some() && !is_typed(&ami_version) {
            // As in mrjob, a release label overrides an AMI version.
            ami_version = None;
            decisions.leave_out(&keys::AMI_VERSION);
        }
        Ok(Self { release_label, ami_version, ..Default::default() })
    }

    fn is_typed(&self) -> bool {
        [&self.release_label, &self.ami_version].into_iter().flatten().any(Setting::is_typed)
    }

    /// Whether the AMI version is 2 or 3, which has a Hadoop version and no applications.
    fn is_old(&self) -> Result<bool> {
        match &self.ami_version {
            None => Ok(false),
            Some(version) if version.value == "latest" => Ok(false),
            Some(version) => Ok(major(version)? < 4),
        }
    }
}

/// The software for `options`.
pub(super) fn software(options: &SoftwareOptions, decisions: &mut Decisions) -> Result<Software> {
    let label = match (&options.release_label, &options.ami_version) {
        (Some(label), Some(_)) => {
            return Err(label.blame(Error::usage("a release label and an AMI version exclude each other")));
        }
        (Some(label), None) => label.value.clone(),
        (None, Some(version)) if options.is_old()? => return ami(version, options),
        (None, version) => {
            let label = match version {
                Some(version) if version.value != "latest" => format!("emr-{}", version.value),
                _ => DEFAULT_RELEASE.to_owned(),
            };
            decisions.note(&keys::RELEASE_LABEL, label.as_str(), version.as_ref().map(|version| &version.source));
            label
        }
    };
    if label.trim().is_empty() {
        let error = Error::usage("the release label is empty").advise("give one such as emr-7.14.0");
        return Err(setting::blame(options.release_label.as_ref(), error));
    }
    if let Some(version) = &options.hadoop_version {
        let error = Error::usage(format!("{label} brings its own Hadoop version"));
        return Err(version.blame(error.advise("leave out the Hadoop version, or use it with AMI version 2 or 3")));
    }
    let applications = applications(&label, &options.applications);
    Ok(Software::Release { label, applications })
}

fn ami(version: &Setting<String>, options: &SoftwareOptions) -> Result<Software> {
    let version = &version.value;
    if let Some(application) = options.applications.first() {
        let error = Error::usage(format!("AMI version {version} has no applications"));
        return Err(application.blame(error.advise("use a release label, or a bootstrap action")));
    }
    let hadoop_version = options.hadoop_version.as_ref().map(|version| version.value.clone());
    Ok(Software::Ami { version: version.clone(), hadoop_version })
}

fn major(version: &Setting<String>) -> Result<u32> {
    let number = version.value.split('.').next().unwrap_or_default();
    number
        .parse()
        .map_err(|_| version.blame(Error::usage(format!("'{}' is not an AMI version such as 3.11.0", version.value))))
}

/// Each application once, including Hadoop: EMR installs only what is named, and every kind of step needs Hadoop.
fn applications(label: &str, wanted: &[Setting<String>]) -> Vec<String> {
    let numbered = label.strip_prefix("emr-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let hadoop = numbered.then_some("Hadoop");
    let mut applications: Vec<String> = Vec::new();
    for name in wanted.iter().map(|name| name.value.trim()).filter(|name| !name.is_empty()).chain(hadoop) {
        if !applications.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            applications.push(name.to_owned());
        }
    }
    applications
}

/// The default instance type, as in mrjob: m5.xlarge, or m4.large on AMI versions and releases before 5.13, which lack
/// m5.
pub(super) fn default_type(software: &Software) -> &'static str {
    let is_old =
        matches!(software, Software::Ami { .. }) || software.release().is_some_and(|release| release < (5, 13));
    if is_old { "m4.large" } else { "m5.xlarge" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &SoftwareOptions) -> Software {
        software(options, &mut Decisions::default()).unwrap()
    }

    fn of_release(label: &str) -> Software {
        of(&SoftwareOptions::release(label))
    }

    fn of_ami(version: &str) -> Software {
        of(&SoftwareOptions::ami(version))
    }

    #[test]
    fn ami_versions_and_release_labels_name_the_software() {
        let release =
            |label: &str| Software::Release { label: label.to_owned(), applications: vec!["Hadoop".to_owned()] };
        assert_eq!(of_ami("5.36.2"), release("emr-5.36.2"));
        assert_eq!(of_ami("latest"), release(DEFAULT_RELEASE));
        assert_eq!(of_release("emr-6.15.0"), release("emr-6.15.0"));
        let ami = Software::Ami { version: "2.4.2".to_owned(), hadoop_version: None };
        assert_eq!(of_ami("2.4.2"), ami);
        let spark = Software::Release { label: "emr-spark-8.1.0".to_owned(), applications: vec![] };
        assert_eq!(of_release("emr-spark-8.1.0"), spark);
    }

    #[test]
    fn the_default_type_exists_on_the_release() {
        let with = |label: &str| default_type(&of_release(label));
        assert_eq!(with("emr-5.12.0"), "m4.large");
        assert_eq!(with("emr-5.13.0"), "m5.xlarge");
        assert_eq!(with("emr-spark-8.1.0"), "m5.xlarge");
    }
}
