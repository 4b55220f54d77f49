//! What a release does not have is refused, before EMR is asked for it.

use crate::error::{Error, Result};
use crate::model::instances::{InstanceFleet, Instances, Setup};
use crate::model::job_flow::{JobFlow, Software};

/// Refuses what the release of `job_flow` does not have.
pub(super) fn check(job_flow: &JobFlow) -> Result<()> {
    let setups = setups(&job_flow.instances);
    let volume = &job_flow.root_volume;
    let fleets = if let Instances::Fleets(fleets) = &job_flow.instances { &fleets[..] } else { &[] };
    let has_configurations =
        !job_flow.configurations.is_empty() || setups.iter().any(|setup| !setup.configurations.is_empty());
    let has_image = job_flow.custom_image.is_some() || setups.iter().any(|setup| setup.image.is_some());
    // The one release after the first with fleets that lacks them.
    let fleets_since = if job_flow.software.release() == Some((5, 0)) { (5, 1) } else { (4, 8) };
    let asked = [
        (has_configurations, "configurations", (4, 0)),
        (job_flow.instances.has_scaling(), "automatic scaling", (4, 0)),
        (volume.size_gib.is_some(), "a size of the root volume", (4, 0)),
        (job_flow.security_configuration.is_some(), "a security configuration", (4, 8)),
        (!fleets.is_empty(), "instance fleets", fleets_since),
        (has_image, "a custom image", (5, 7)),
        (fleets.iter().any(InstanceFleet::has_allocation_strategy), "allocation strategies", (5, 12)),
        (volume.iops.or(volume.throughput).is_some(), "IOPS and throughput of the root volume", (6, 15)),
    ];
    let missing = asked.into_iter().find(|(is_asked, _, since)| *is_asked && !has(&job_flow.software, *since));
    if let Some((_, what, (major, minor))) = missing {
        return Err(Error::usage(format!("{} does not have {what}", job_flow.software))
            .advise(format!("use release label emr-{major}.{minor}.0 or later")));
    }
    check_numbers(job_flow)
}

/// Whether EMR is to index logs where that `is_asked` for, and otherwise why it cannot.
pub(super) fn debugging(is_asked: bool, software: &Software) -> (bool, Option<String>) {
    let has = software.release().is_some_and(|release| ((4, 1)..=(5, 27)).contains(&release));
    let why = format!("enable_emr_debugging has no effect: EMR has it in emr-4.1.0 to emr-5.27.0, not in {software}");
    (is_asked && has, (is_asked && !has).then_some(why))
}

fn check_numbers(job_flow: &JobFlow) -> Result<()> {
    let volume = &job_flow.root_volume;
    if [volume.size_gib, volume.iops, volume.throughput].contains(&Some(0)) {
        return Err(Error::usage("a root volume has no size, IOPS or throughput of 0").advise("leave it out"));
    }
    if job_flow.subnets.len() > 1 && matches!(job_flow.instances, Instances::Groups(_)) {
        return Err(Error::usage("instance groups are in one subnet, and several are given")
            .advise("give one, or use instance fleets, for which EMR chooses"));
    }
    Ok(())
}

/// What sets groups, or types of fleets, apart.
fn setups(instances: &Instances) -> Vec<&Setup> {
    match instances {
        Instances::Groups(groups) => groups.iter().map(|group| &group.setup).collect(),
        Instances::Fleets(fleets) => fleets.iter().flat_map(|fleet| &fleet.types).map(|kind| &kind.setup).collect(),
    }
}

/// Whether `software` is of the release `since` or a later one. A label without numbers is of today.
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
    use crate::config::setting::Setting;
    use crate::launch::instances::InstanceOptions;
    use crate::launch::software::SoftwareOptions;
    use crate::launch::{LaunchOptions, job_flow};
    use crate::model::job_flow::RootVolume;

    fn fleet(more: &Value) -> LaunchOptions {
        let mut fleet = json!({"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1,
            "InstanceTypeConfigs": [{"InstanceType": "m4.large"}]});
        fleet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let fleets = Some(Setting::typed(json!([fleet])));
        LaunchOptions { instances: InstanceOptions { fleets, ..Default::default() }, ..Default::default() }
    }

    fn with_volume(root_volume: RootVolume) -> LaunchOptions {
        LaunchOptions { root_volume, ..Default::default() }
    }

    fn on(label: &str, options: &LaunchOptions) -> Result<JobFlow> {
        let is_release = label.starts_with("emr-");
        let software = if is_release { SoftwareOptions::release(label) } else { SoftwareOptions::ami(label) };
        job_flow(&LaunchOptions { software, ..options.clone() }).map(|(job_flow, _)| job_flow)
    }

    #[test]
    fn what_a_release_does_not_have_is_refused_with_the_first_that_has_it() {
        let text = |text: &str| Some(text.to_owned());
        let configuration = json!({"Classification": "x", "Properties": {"a": "b"}});
        let strategy =
            json!({"LaunchSpecifications": {"OnDemandSpecification": {"AllocationStrategy": "lowest-price"}}});
        let cases = [
            (
                LaunchOptions { configurations: vec![Setting::typed(configuration)], ..Default::default() },
                "3.11.0",
                "4.0",
            ),
            (with_volume(RootVolume { size_gib: Some(20), ..Default::default() }), "2.4.2", "4.0"),
            (LaunchOptions { security_configuration: text("s"), ..Default::default() }, "emr-4.7.2", "4.8"),
            (fleet(&json!({})), "emr-4.7.0", "4.8"),
            (fleet(&json!({})), "emr-5.0.3", "5.1"),
            (LaunchOptions { custom_image: text("ami-1"), ..Default::default() }, "emr-5.6.0", "5.7"),
            (fleet(&strategy), "emr-5.11.0", "5.12"),
            (with_volume(RootVolume { iops: Some(3000), ..Default::default() }), "emr-6.14.0", "6.15"),
        ];
        for (options, version, since) in cases {
            let error = on(version, &options).unwrap_err().to_string();
            assert!(error.contains(&format!("use release label emr-{since}.0 or later")), "{error}");
            assert!(on("emr-7.1.0", &options).is_ok() && on("emr-spark-8.1.0", &options).is_ok(), "{options:?}");
        }
    }

    #[test]
    fn groups_are_in_one_subnet_and_fleets_in_one_of_several() {
        let subnets = vec!["subnet-1".to_owned(), "subnet-2".to_owned()];
        let groups = LaunchOptions { subnets: subnets.clone(), ..Default::default() };
        assert!(on("emr-7.1.0", &groups).unwrap_err().to_string().contains("instance groups are in one subnet"));
        assert_eq!(
            on("emr-7.1.0", &LaunchOptions { subnets: subnets.clone(), ..fleet(&json!({})) }).unwrap().subnets,
            subnets
        );
    }

    #[test]
    fn debugging_is_told_to_have_no_effect_where_emr_has_ended_it() {
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
