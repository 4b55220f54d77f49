//! Parses `EbsConfiguration`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalar;
use crate::model::instances::{Ebs, Volume};

/// The most volumes that EMR attaches to an instance.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-storage.html>
const VOLUMES: u32 = 25;

/// `EbsConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EbsConfiguration {
    #[serde(default)]
    ebs_block_device_configs: Vec<Device>,
    #[serde(default, deserialize_with = "scalar::maybe_flag")]
    ebs_optimized: Option<bool>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// `EbsBlockDeviceConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Device {
    volume_specification: VolumeSpecification,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    volumes_per_instance: Option<u32>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// `VolumeSpecification`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeSpecification {
    volume_type: String,
    #[serde(rename = "SizeInGB", deserialize_with = "scalar::number")]
    size_gib: u32,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    iops: Option<u32>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    throughput: Option<u32>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// The volumes of `configuration`, one by one, and `configuration` itself if it has unknown members.
pub(super) fn ebs(configuration: Option<Value>) -> Result<(Ebs, Option<Value>), String> {
    let Some(written) = configuration else { return Ok((Ebs::default(), None)) };
    let configuration = EbsConfiguration::deserialize(&written).map_err(|cause| cause.to_string())?;
    let is_known = configuration.is_known();
    Ok((configuration.model()?, (!is_known).then_some(written)))
}

impl EbsConfiguration {
    fn is_known(&self) -> bool {
        let is_known = |device: &Device| device.unknown.is_empty() && device.volume_specification.unknown.is_empty();
        self.unknown.is_empty() && self.ebs_block_device_configs.iter().all(is_known)
    }

    fn model(self) -> Result<Ebs, String> {
        let mut volumes = Vec::new();
        for device in self.ebs_block_device_configs {
            let VolumeSpecification { volume_type, size_gib, iops, throughput, .. } = device.volume_specification;
            let volume = Volume { volume_type, size_gib, iops, throughput };
            let count = device.volumes_per_instance.unwrap_or(1).min(VOLUMES + 1);
            volumes.extend((0..count).map(|_| volume.clone()));
            if volumes.len() > VOLUMES as usize {
                return Err(format!("more than {VOLUMES} volumes per instance are not possible"));
            }
        }
        Ok(Ebs { volumes, optimized: self.ebs_optimized })
    }
}
