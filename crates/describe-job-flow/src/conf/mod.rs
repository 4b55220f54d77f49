//! Turns a description into an mrjob.conf that starts a job flow like it. What no option can express becomes a comment,
//! and a warning if it is lost.

mod bootstrap;
mod instances;
mod parameters;
mod pool;

use emr_core::config::{Declaration, options as keys};
use emr_core::model::description::Description;
use emr_core::model::job_flow::Software;
use emr_core::model::pool::Marker;
use serde_json::{Value, json};

use crate::yaml;

/// What EMR's API does not return of any job flow. Every file says so at its top.
const HIDDEN: [&str; 3] = [
    "EMR's API does not return what bootstrap scripts contain, which local files they were uploaded from,",
    "AdditionalInfo, the passwords of KerberosAttributes, the private key of the key pair, and the availability",
    "zone that was requested for instance groups outside a subnet. Steps are left out: add-step adds them.",
];

/// Options in the order in which they are written, and comments on what they do not express.
#[derive(Debug, Default)]
pub(crate) struct Conf {
    title: String,
    options: Vec<(&'static str, Value)>,
    /// Settings that are lost or may differ. Each is a comment and a warning.
    lost: Vec<String>,
    /// Comments on settings that are kept.
    remarks: Vec<String>,
}

impl Conf {
    /// The configuration that starts a job flow like the described one.
    pub(crate) fn of(description: &Description) -> Self {
        let mut conf = Self { title: title(description), ..Self::default() };
        pool::add(&mut conf, description);
        software(&mut conf, description);
        instances::add(&mut conf, description);
        place(&mut conf, description);
        access(&mut conf, description);
        ending(&mut conf, description);
        bootstrap::add(&mut conf, description);
        pool::add_tags(&mut conf, description);
        parameters::add(&mut conf, description);
        conf
    }

    /// Sets `option`, unless `value` is null or empty.
    fn set(&mut self, option: &Declaration, value: impl Into<Value>) {
        let value = value.into();
        let is_nothing = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if !is_nothing {
            self.options.push((option.name, value));
        }
    }

    fn lose(&mut self, what: impl Into<String>) {
        self.lost.push(what.into());
    }

    fn remark(&mut self, what: impl Into<String>) {
        self.remarks.push(what.into());
    }

    /// Settings that are lost or may differ.
    pub(crate) fn lost(&self) -> &[String] {
        &self.lost
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut lines: Vec<String> = [&self.title, ""].into_iter().chain(HIDDEN).map(comment).collect();
        let more: Vec<_> = self.lost.iter().chain(&self.remarks).collect();
        if !more.is_empty() {
            lines.push(comment(""));
            lines.extend(more.iter().map(|text| comment(&format!("- {text}"))));
        }
        lines.extend(["runners:".to_owned(), "  emr:".to_owned()]);
        for (name, value) in &self.options {
            lines.extend(yaml::entry(name, value).into_iter().map(|line| format!("    {line}")));
        }
        lines.join("\n") + "\n"
    }
}

/// A comment line. Names are other people's text, so control characters are replaced: none may end the comment.
fn comment(text: &str) -> String {
    format!("# {}", emr_core::text::plain(text)).trim_end().to_owned()
}

fn title(description: &Description) -> String {
    let cluster = &description.detail.cluster;
    let name = Marker::without(&cluster.name);
    format!("Starts a job flow like {} ({name}): create-job-flow --conf-path FILE", cluster.id)
}

/// The text of the member `name`.
fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn software(conf: &mut Conf, description: &Description) {
    let (detail, cluster) = (&description.detail, &description.cluster);
    conf.set(&keys::RELEASE_LABEL.option, detail.release_label.clone());
    if detail.release_label.is_some() {
        conf.set(&keys::APPLICATIONS.option, detail.traits.applications.clone());
    } else {
        conf.set(&keys::AMI_VERSION.option, detail.ami_version.clone());
        let applications = cluster["Applications"].as_array().into_iter().flatten();
        for version in applications.filter_map(|application| text(application, "Version")) {
            let option = keys::HADOOP_VERSION.option.name;
            conf.remark(format!("Hadoop {version} runs on it; set {option} if that is not the default of its AMI"));
        }
    }
    conf.set(&keys::EMR_CONFIGURATIONS.option, cluster["Configurations"].clone());
    conf.set(&keys::IMAGE_ID.option, detail.traits.custom_image.clone());
    let volume = detail.traits.root_volume;
    conf.set(&keys::EBS_ROOT_VOLUME_GB.option, volume.size_gib);
    conf.set(&keys::EBS_ROOT_VOLUME_IOPS.option, volume.iops);
    conf.set(&keys::EBS_ROOT_VOLUME_THROUGHPUT.option, volume.throughput);
    conf.set(&keys::SECURITY_CONFIGURATION.option, detail.traits.security_configuration.clone());
}

/// The subnet or availability zone that was requested.
fn place(conf: &mut Conf, description: &Description) {
    let ec2 = &description.cluster["Ec2InstanceAttributes"];
    let zones = ec2["RequestedEc2AvailabilityZones"].as_array().cloned().unwrap_or_default();
    match description.detail.traits.subnets.as_slice() {
        [] => {}
        [one] => conf.set(&keys::SUBNET.option, one.as_str()),
        several => conf.set(&keys::SUBNET.option, several.to_vec()),
    }
    if description.detail.traits.subnets.is_empty() {
        match zones.as_slice() {
            [] => {}
            [one] => conf.set(&keys::AWS_AVAILABILITY_ZONE.option, one.clone()),
            several => conf.lose(format!("it may be in any of {}, but the option takes one zone", json!(several))),
        }
        let found = [text(ec2, "Ec2SubnetId"), text(ec2, "Ec2AvailabilityZone")];
        let found: Vec<_> = found.into_iter().flatten().collect();
        if zones.is_empty() && !found.is_empty() {
            conf.remark(format!("EMR chose where it is: {}", found.join(" in ")));
        }
    }
}

fn access(conf: &mut Conf, description: &Description) {
    let traits = &description.detail.traits;
    conf.set(&keys::EC2_KEY_PAIR.option, traits.key_pair.clone());
    conf.set(&keys::IAM_INSTANCE_PROFILE.option, traits.instance_profile.clone());
    conf.set(&keys::IAM_SERVICE_ROLE.option, traits.service_role.clone());
    if description.cluster["VisibleToAllUsers"] == json!(false) {
        conf.set(&keys::VISIBLE_TO_ALL_USERS.option, false);
    }
}

/// Termination protection, step concurrency, and when it ends by itself.
fn ending(conf: &mut Conf, description: &Description) {
    let detail = &description.detail;
    if detail.termination_protected {
        conf.set(&keys::TERMINATION_PROTECTED.option, true);
    }
    if detail.step_concurrency > 1 {
        conf.set(&keys::MAX_CONCURRENT_STEPS.option, detail.step_concurrency);
    }
    if !detail.keep_alive {
        conf.lose("it ends with its last step: pass --auto-terminate to create-job-flow, as no file can set it");
    }
    let idle = description.auto_termination.as_ref().and_then(|policy| policy["IdleTimeout"].as_u64());
    if let Some(seconds) = idle {
        conf.set(&keys::MAX_HOURS_IDLE.option, hours(seconds));
    }
}

/// Whole hours as a number, other durations as seconds with a unit: `5400s`.
fn hours(seconds: u64) -> Value {
    if seconds.is_multiple_of(3600) { json!(seconds / 3600) } else { json!(format!("{seconds}s")) }
}

/// The major and minor version of its release.
fn release(description: &Description) -> Option<(u32, u32)> {
    let label = description.detail.release_label.clone()?;
    Software::Release { label, applications: Vec::new() }.release()
}

#[cfg(test)]
mod tests {
    use emr_core::model::cluster::{ClusterState, example};

    use super::*;

    fn description(cluster: Value) -> Description {
        let detail = example::detail(example::cluster("j-A", ClusterState::Waiting));
        Description {
            detail,
            cluster,
            groups: Vec::new(),
            fleets: Vec::new(),
            bootstrap_actions: Vec::new(),
            auto_termination: None,
            managed_scaling: None,
        }
    }

    #[test]
    fn a_name_cannot_leave_its_comment() {
        let mut hostile = description(json!({}));
        hostile.detail.cluster.name = "x\nrunners:\u{85}\u{2028}y".to_owned();
        let text = Conf::of(&hostile).text();
        assert!(text.starts_with("# Starts a job flow like j-A (x?runners:??y)"), "{text}");
        assert_eq!(text.lines().find(|line| !line.starts_with('#')), Some("runners:"));
    }

    #[test]
    fn whole_hours_are_a_number_and_others_are_seconds() {
        assert_eq!([hours(7200), hours(5400)], [json!(2), json!("5400s")]);
    }

    #[test]
    fn what_no_option_expresses_becomes_a_comment() {
        let mut transient = description(json!({"Ec2InstanceAttributes": {"Ec2SubnetId": "subnet-1"}}));
        transient.detail.keep_alive = false;
        let conf = Conf::of(&transient);
        assert!(conf.lost()[0].contains("--auto-terminate"), "{:?}", conf.lost());
        assert!(conf.text().contains("# - EMR chose where it is: subnet-1\n"), "{}", conf.text());
    }
}
