//! EBS volumes.

use serde::Deserialize;

use super::scalar;
use crate::model::instances::{Ebs, Volume};

/// EMR attaches no more volumes than this to an instance.
const VOLUMES: u32 = 25;

/// `EbsConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct EbsConfiguration {
    #[serde(default)]
    ebs_block_device_configs: Vec<Device>,
    #[serde(default, deserialize_with = "scalar::maybe_flag")]
    ebs_optimized: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Device {
    volume_specification: VolumeSpecification,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    volumes_per_instance: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct VolumeSpecification {
    volume_type: String,
    #[serde(rename = "SizeInGB", deserialize_with = "scalar::number")]
    size_gib: u32,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    iops: Option<u32>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    throughput: Option<u32>,
}

/// The volumes that `configuration` asks for, one by one.
pub(super) fn ebs(configuration: Option<EbsConfiguration>) -> Result<Ebs, String> {
    let Some(configuration) = configuration else { return Ok(Ebs::default()) };
    let mut volumes = Vec::new();
    for device in configuration.ebs_block_device_configs {
        let VolumeSpecification { volume_type, size_gib, iops, throughput } = device.volume_specification;
        let volume = Volume { volume_type, size_gib, iops, throughput };
        let count = device.volumes_per_instance.unwrap_or(1).min(VOLUMES + 1);
        volumes.extend((0..count).map(|_| volume.clone()));
        if volumes.len() > VOLUMES as usize {
            return Err(format!("more than {VOLUMES} volumes per instance are not possible"));
        }
    }
    Ok(Ebs { volumes, optimized: configuration.ebs_optimized })
}
