//! Refuses features that a release lacks, before any request is sent. The error names the first release that has the
//! feature.

use super::options::{LaunchOptions, VolumeOptions};
use crate::config::Setting;
use crate::config::setting::Source;
use crate::error::{Error, Result};
use crate::model::instances::{InstanceFleet, Instances, Setup};
use crate::model::job_flow::{JobFlow, Software};

/// Refuses features that the release of `job_flow` lacks. Errors are blamed on the source among `options`.
pub(super) fn check(job_flow: &JobFlow, options: &LaunchOptions) -> Result<()> {
    let setups = setups(&job_flow.instances);
    let LaunchOptions { root_volume: volume, instances, .. } = options;
    let list = source(instances.groups.as_ref()).or(source(instances.fleets.as_ref()));
    let speed = source(volume.iops.as_ref()).or(source(volume.throughput.as_ref()));
    let configurations = options.configurations.last().map(|setting| &setting.source);
    let fleets = if let Instances::Fleets(fleets) = &job_flow.instances { &fleets[..] } else { &[] };
    let has_configurations =
        !job_flow.configurations.is_empty() || setups.iter().any(|setup| !setup.configurations.is_empty());
    let has_image = job_flow.custom_image.is_some() || setups.iter().any(|setup| setup.image.is_some());
    // Fleets: 4.8 has them, 5.0 does not, 5.1 does again.
    let fleets_since = if job_flow.software.release() == Some((5, 0)) { (5, 1) } else { (4, 8) };
    let asked = [
        (has_configurations, "configurations", (4, 0), configurations.or(list)),
        (job_flow.instances.has_scaling(), "automatic scaling", (4, 0), list),
        (volume.size_gib.is_some(), "a size of the root volume", (4, 0), source(volume.size_gib.as_ref())),
        (
            job_flow.security_configuration.is_some(),
            "a security configuration",
            (4, 8),
            source(options.security_configuration.as_ref()),
        ),
        (!fleets.is_empty(), "instance fleets", fleets_since, list),
        (has_image, "a custom image", (5, 7), source(options.custom_image.as_ref()).or(list)),
        (fleets.iter().any(InstanceFleet::has_allocation_strategy), "allocation strategies", (5, 12), list),
        (speed.is_some(), "IOPS and throughput of the root volume", (6, 15), speed),
    ];
    let missing = asked.into_iter().find(|(is_asked, _, since, _)| *is_asked && !has(&job_flow.software, *since));
    if let Some((_, what, (major, minor), source)) = missing {
        let error = Error::usage(format!("{} does not have {what}", job_flow.software))
            .advise(format!("use release label emr-{major}.{minor}.0 or later"));
        return Err(match source {
            Some(source) => source.blame(error),
            None => error,
        });
    }
    check_volume(volume)?;
    check_subnets(job_flow, options)
}

fn source<T>(setting: Option<&Setting<T>>) -> Option<&Source> {
    setting.map(|setting| &setting.source)
}

/// Whether EMR indexes logs, and a warning if that `is_asked` for but the release cannot.
pub(super) fn debugging(is_asked: bool, software: &Software) -> (bool, Option<String>) {
    let has = software.release().is_some_and(|release| ((4, 1)..=(5, 27)).contains(&release));
    let why = format!("enable_emr_debugging has no effect: EMR has it in emr-4.1.0 to emr-5.27.0, not in {software}");
    (is_asked && has, (is_asked && !has).then_some(why))
}

fn check_volume(volume: &VolumeOptions) -> Result<()> {
    let numbers = [&volume.size_gib, &volume.iops, &volume.throughput];
    match numbers.into_iter().flatten().find(|number| number.value == 0) {
        Some(zero) => {
            let error = Error::usage("a root volume cannot have a size, IOPS or throughput of 0");
            Err(zero.blame(error.advise("leave it out")))
        }
        None => Ok(()),
    }
}

fn check_subnets(job_flow: &JobFlow, options: &LaunchOptions) -> Result<()> {
    let several = options.subnets.as_ref().filter(|subnets| subnets.value.len() > 1);
    match several.filter(|_| matches!(job_flow.instances, Instances::Groups(_))) {
        Some(subnets) => {
            let error = Error::usage("instance groups are in one subnet, and several are given");
            Err(subnets.blame(error.advise("give one, or use instance fleets, for which EMR chooses")))
        }
        None => Ok(()),
    }
}

/// The setups of all groups, or of all types of all fleets.
fn setups(instances: &Instances) -> Vec<&Setup> {
    match instances {
        Instances::Groups(groups) => groups.iter().map(|group| &group.setup).collect(),
        Instances::Fleets(fleets) => fleets.iter().flat_map(|fleet| &fleet.types).map(|kind| &kind.setup).collect(),
    }
}

/// Whether `software` is the release `since` or later. A label without numbers counts as later than any.
fn has(software: &Software, since: (u32, u32)) -> bool {
    match software {
        Software::Ami { .. } => false,
        Software::Release { .. } => software.release().is_none_or(|release| release >= since),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::options as keys;
    use crate::launch::instances::InstanceOptions;
    use crate::launch::job_flow;
    use crate::launch::software::SoftwareOptions;

    fn fleet(more: &Value) -> LaunchOptions {
        let mut fleet = json!({"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1,
            "InstanceTypeConfigs": [{"InstanceType": "m4.large"}]});
        fleet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let fleets = Some(keys::INSTANCE_FLEETS.typed(json!([fleet])));
        LaunchOptions { instances: InstanceOptions { fleets, ..Default::default() }, ..Default::default() }
    }

    fn with_volume(root_volume: VolumeOptions) -> LaunchOptions {
        LaunchOptions { root_volume, ..Default::default() }
    }

    fn on(label: &str, options: &LaunchOptions) -> Result<JobFlow> {
        let is_release = label.starts_with("emr-");
        let software = if is_release { SoftwareOptions::release(label) } else { SoftwareOptions::ami(label) };
        job_flow(&LaunchOptions { software, ..options.clone() }).map(|plan| plan.job_flow)
    }

    #[test]
    fn a_missing_feature_is_refused_with_the_first_release_that_has_it() {
        let text = |text: &str| Some(keys::IMAGE_ID.typed(text.to_owned()));
        let number = |number| Some(keys::EBS_ROOT_VOLUME_GB.typed(number));
        let configuration = json!({"Classification": "x", "Properties": {"a": "b"}});
        let strategy =
            json!({"LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}}});
        let cases = vec![
            (
                LaunchOptions {
                    configurations: vec![keys::EMR_CONFIGURATIONS.typed(configuration)],
                    ..Default::default()
                },
                "3.11.0",
                "4.0",
            ),
            (with_volume(VolumeOptions { size_gib: number(20), ..Default::default() }), "2.4.2", "4.0"),
            (LaunchOptions { security_configuration: text("s"), ..Default::default() }, "emr-4.7.2", "4.8"),
            (fleet(&json!({})), "emr-4.7.0", "4.8"),
            (fleet(&json!({})), "emr-5.0.3", "5.1"),
            (LaunchOptions { custom_image: text("ami-1"), ..Default::default() }, "emr-5.6.0", "5.7"),
            (fleet(&strategy), "emr-5.11.0", "5.12"),
            (with_volume(VolumeOptions { iops: number(3000), ..Default::default() }), "emr-6.14.0", "6.15"),
        ];
        for (options, version, since) in cases {
            let error = on(version, &options).unwrap_err().to_string();
            assert!(error.contains(&format!("use release label emr-{since}.0 or later")), "{error}");
            assert!(on("emr-7.1.0", &options).is_ok() && on("emr-spark-8.1.0", &options).is_ok(), "{options:?}");
        }
    }

    #[test]
    fn groups_take_one_subnet_and_fleets_several() {
        let subnets = vec!["subnet-1".to_owned(), "subnet-2".to_owned()];
        let given = Some(keys::SUBNET.typed(subnets.clone()));
        let groups = LaunchOptions { subnets: given.clone(), ..Default::default() };
        assert!(on("emr-7.1.0", &groups).unwrap_err().to_string().contains("instance groups are in one subnet"));
        assert_eq!(on("emr-7.1.0", &LaunchOptions { subnets: given, ..fleet(&json!({})) }).unwrap().subnets, subnets);
    }

    #[test]
    fn debugging_is_warned_about_on_releases_without_it() {
        let of = |version: &str| {
            let options = LaunchOptions { has_debugging: true, ..Default::default() };
            let flow = on(version, &options).unwrap();
            (flow.has_debugging, debugging(true, &flow.software).1.is_some())
        };
        assert_eq!(of("emr-5.27.0"), (true, false));
        for without in ["emr-4.0.0", "emr-5.28.0", "3.11.0"] {
            assert_eq!(of(without), (false, true), "{without}");
        }
    }
}
