//! Which software a job flow runs: a release of EMR with applications, or an AMI version with a Hadoop version.

use crate::error::{Error, Result};
use crate::model::job_flow::Software;

/// The release that is started where none is asked for.
pub const DEFAULT_RELEASE: &str = "emr-7.14.0";

/// The options that decide which software a job flow runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SoftwareOptions {
    /// Release label.
    pub release_label: Option<String>,
    /// AMI version 2 or 3, or the number of a release label.
    pub ami_version: Option<String>,
    /// Hadoop version, on AMI versions.
    pub hadoop_version: Option<String>,
    /// Applications, on release labels.
    pub applications: Vec<String>,
}

impl SoftwareOptions {
    /// A release label, and nothing else.
    #[must_use]
    pub fn release(label: &str) -> Self {
        Self { release_label: Some(label.to_owned()), ..Self::default() }
    }

    /// An AMI version, and nothing else.
    #[must_use]
    pub fn ami(version: &str) -> Self {
        Self { ami_version: Some(version.to_owned()), ..Self::default() }
    }

    /// Whether these ask for AMI version 2 or 3, which has a Hadoop version and no applications.
    pub fn has_old_software(&self) -> Result<bool> {
        match self.ami_version.as_deref() {
            None | Some("latest") => Ok(false),
            Some(version) => Ok(major(version)? < 4),
        }
    }
}

/// The software that `options` ask for.
pub(super) fn software(options: &SoftwareOptions) -> Result<Software> {
    let label = match (&options.release_label, options.ami_version.as_deref()) {
        (Some(_), Some(_)) => return Err(Error::usage("a release label and an AMI version exclude each other")),
        (Some(label), None) => label.clone(),
        (None, None | Some("latest")) => DEFAULT_RELEASE.to_owned(),
        (None, Some(version)) if options.has_old_software()? => return ami(version, options),
        (None, Some(version)) => format!("emr-{version}"),
    };
    if label.trim().is_empty() {
        return Err(Error::usage("the release label is empty").advise("give one such as emr-7.14.0"));
    }
    if options.hadoop_version.is_some() {
        return Err(Error::usage(format!("{label} brings its own Hadoop version"))
            .advise("leave out the Hadoop version, or use it with AMI version 2 or 3"));
    }
    let applications = applications(&label, &options.applications);
    Ok(Software::Release { label, applications })
}

fn ami(version: &str, options: &SoftwareOptions) -> Result<Software> {
    if !options.applications.is_empty() {
        return Err(Error::usage(format!("AMI version {version} has no applications"))
            .advise("use a release label, or a bootstrap action"));
    }
    Ok(Software::Ami { version: version.to_owned(), hadoop_version: options.hadoop_version.clone() })
}

fn major(version: &str) -> Result<u32> {
    let number = version.split('.').next().unwrap_or_default();
    number.parse().map_err(|_| Error::usage(format!("'{version}' is not an AMI version such as 3.11.0")))
}

/// Each application once, and Hadoop among them: steps of every kind need it, and EMR installs just what is named.
fn applications(label: &str, wanted: &[String]) -> Vec<String> {
    let numbered = label.strip_prefix("emr-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let hadoop = numbered.then_some("Hadoop");
    let mut applications: Vec<String> = Vec::new();
    for name in wanted.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).chain(hadoop) {
        if !applications.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            applications.push(name.to_owned());
        }
    }
    applications
}

/// The type of instances where none is asked for. mrjob's defaults: m5.xlarge, and m4.large on releases before 5.13 and on AMI versions, which lack m5.
pub(super) fn default_type(software: &Software) -> &'static str {
    let is_old =
        matches!(software, Software::Ami { .. }) || software.release().is_some_and(|release| release < (5, 13));
    if is_old { "m4.large" } else { "m5.xlarge" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_release(label: &str) -> Software {
        software(&SoftwareOptions::release(label)).unwrap()
    }

    fn of_ami(version: &str) -> Software {
        software(&SoftwareOptions::ami(version)).unwrap()
    }

    #[test]
    fn old_and_new_ways_to_name_the_software_are_understood() {
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
    fn the_default_type_is_one_that_the_release_has() {
        let with = |label: &str| default_type(&of_release(label));
        assert_eq!(with("emr-5.12.0"), "m4.large");
        assert_eq!(with("emr-5.13.0"), "m5.xlarge");
        assert_eq!(with("emr-spark-8.1.0"), "m5.xlarge");
    }
}
