//! The web page of the resource manager or job tracker, and the local port of a tunnel to it.

use emr_core::error::{Error, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The local ports to choose from by default, the same as mrjob's.
pub(crate) const PORTS: std::ops::RangeInclusive<u16> = 40001..=40840;

/// The number of ports that are tried.
const TRIED: usize = 20;

/// A page on the master.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its port on the master.
    pub port: u16,
    /// Its path.
    pub path: &'static str,
    /// Whether it listens only on the master's loopback address.
    pub is_local: bool,
}

/// The page that shows the jobs of `cluster`: of the job tracker on AMI 2, of the resource manager later.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-web-interfaces.html>
#[must_use]
pub(crate) fn page(cluster: &ClusterDetail) -> Page {
    let ami = cluster.ami_version.as_deref().filter(|_| cluster.release_label.is_none());
    match ami.map(|version| version.split('.').next().unwrap_or_default()) {
        Some("1" | "2") => Page { port: 9100, path: "/jobtracker.jsp", is_local: true },
        Some("3") => Page { port: 9026, path: "/cluster", is_local: false },
        _ => Page { port: 8088, path: "/cluster", is_local: false },
    }
}

/// The ports of `from` to try for `job_flow`, in order. A job flow gets the same ones each time, so that a bookmark in
/// a browser stays valid.
#[must_use]
pub(crate) fn ports_of(job_flow: &JobFlowId, from: &[u16]) -> Vec<u16> {
    let mut left = from.to_vec();
    let mut seed = Sha256::digest(job_flow.as_str());
    let mut chosen = Vec::new();
    while chosen.len() < TRIED && !left.is_empty() {
        let number = seed.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        let place = number % u64::try_from(left.len()).unwrap_or(1);
        chosen.push(left.remove(usize::try_from(place).unwrap_or(0)));
        seed = Sha256::digest(seed);
    }
    chosen
}

/// Parses a port number, a text such as `40001:40840`, `40001-40840` or `8157,8158`, or a list of these.
pub(crate) fn read_ports(value: &Value) -> Result<Vec<u16>> {
    match value {
        Value::Array(items) => Ok(items.iter().map(read_ports).collect::<Result<Vec<_>>>()?.concat()),
        Value::String(text) => read_text(text),
        other => read_text(&other.to_string()),
    }
}

fn read_text(text: &str) -> Result<Vec<u16>> {
    let wrong = || {
        Error::usage(format!("'{text}' is not a port or a range of ports"))
            .advise("write them like 40001:40840 or 8157,8158")
    };
    let mut ports = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once([':', '-']).unwrap_or((part, part));
        let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0);
        let (first, last) = port(first).zip(port(last)).filter(|(first, last)| first <= last).ok_or_else(wrong)?;
        ports.extend(first..=last);
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use emr_core::model::cluster::{ClusterState, example};

    #[test]
    fn each_generation_has_its_page() {
        let of = |release_label: Option<&str>, ami_version: Option<&str>| {
            let detail = example::detail(example::cluster("j-A", ClusterState::Waiting));
            let text = |text: Option<&str>| text.map(str::to_owned);
            page(&ClusterDetail { release_label: text(release_label), ami_version: text(ami_version), ..detail }).port
        };
        assert_eq!(of(None, Some("2.4.9")), 9100);
        assert_eq!(of(None, Some("3.11.0")), 9026);
        assert_eq!(of(Some("emr-6.15.0"), None), 8088);
    }

    #[test]
    fn a_job_flow_always_gets_the_same_ports() {
        let all: Vec<u16> = PORTS.collect();
        let (one, other) = ("j-A".parse().unwrap(), "j-B".parse().unwrap());
        assert_eq!(ports_of(&one, &all), ports_of(&one, &all));
        assert_ne!(ports_of(&one, &all), ports_of(&other, &all));
        let mut some = ports_of(&one, &all);
        some.sort_unstable();
        some.dedup();
        assert_eq!(some.len(), TRIED);
        assert_eq!(ports_of(&one, &[7]), [7]);
    }

    #[test]
    fn ports_are_parsed_as_ranges_and_lists() {
        assert_eq!(read_ports(&json!("7:9,40")).unwrap(), [7, 8, 9, 40]);
        assert_eq!(read_ports(&json!([7, "9-9"])).unwrap(), [7, 9]);
        for bad in
            [json!(""), json!("9:7"), json!(0), json!("65536"), json!("a"), json!("1:2:3"), json!({}), json!(7.5)]
        {
            assert!(read_ports(&bad).is_err(), "{bad}");
        }
    }
}
