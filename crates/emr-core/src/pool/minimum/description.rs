//! A minimum in words, for messages.

use std::fmt;
use std::time::Duration;

use super::Wanted;
use crate::model::job_flow::Software;
use crate::pool::{Demand, Want, WantedKind, words};

/// `2 free job flows at '8-18 mon-fri' (Europe/Berlin)`.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.min_idle == 1 { "job flow" } else { "job flows" };
        write!(f, "{} free {noun}", self.min_idle)?;
        if self.at.is_empty() {
            return Ok(());
        }
        let at: Vec<_> = self.at.iter().map(|at| format!("'{at}'")).collect();
        write!(f, " at {} ({})", at.join(" and "), self.tz)
    }
}

impl Wanted {
    /// The same beside `other`, with whatever differs: two of one pool may agree in number and times.
    ///
    /// `2 free job flows, each of 1 x m5.xlarge (master) and 11 x m5.xlarge (core), with --keep 3h`
    #[must_use]
    pub fn beside(&self, other: &Self) -> String {
        let parts = [
            (self.at == other.at && self.at.is_empty() && self.tz != other.tz)
                .then(|| format!("by the clocks of {}", self.tz)),
            (self.demand != other.demand).then(|| format!("each of {}", instances(&self.demand, &other.demand))),
            // Other tools may know other types.
            (self.demand == other.demand && self.vcpus != other.vcpus).then(|| size(self.vcpus)),
            (self.software != other.software).then(|| format!("each with {}", software(&self.software))),
            (self.keep_s != other.keep_s).then(|| format!("with --keep {}", keep(self.keep_s))),
        ];
        let parts: Vec<_> = [Some(self.to_string())].into_iter().chain(parts).flatten().collect();
        parts.join(", ")
    }
}

/// The instances of `demand`; in detail where `other` has as many of the same types.
fn instances(demand: &Demand, other: &Demand) -> String {
    let text = plain(demand);
    if text != plain(other) {
        return text;
    }
    let differing = demand.wants.iter().zip(&other.wants).filter(|(own, other)| own != other);
    words::list(differing.map(|(own, _)| detailed(own)), "and")
}

fn plain(demand: &Demand) -> String {
    words::list(demand.wants.iter().map(|want| format!("{} ({})", want.text, want.role.group_name())), "and")
}

/// `11 x m5.xlarge (core: 0 vCPU on demand and 44 spot; m5.xlarge counts for 4, spot at 0.10 USD, no volumes)`.
fn detailed(want: &Want) -> String {
    let Want { role, kinds, on_demand, spot, measure, text } = want;
    let kind = |WantedKind { instance_type, weight, market, ebs }: &WantedKind| {
        format!("{instance_type} counts for {weight}, {}, {}", words::market(market), words::ebs(ebs))
    };
    let kinds: Vec<_> = kinds.iter().map(kind).collect();
    let role = role.group_name();
    format!("{text} ({role}: {on_demand} {measure} on demand and {spot} spot; {})", kinds.join("; "))
}

fn size(vcpus: Option<u32>) -> String {
    vcpus.map_or_else(|| "each of a size that is not known".to_owned(), |vcpus| format!("each of {vcpus} vCPUs"))
}

/// The software with its applications in their order, which the pool's hash leaves out.
fn software(software: &Software) -> String {
    match software {
        Software::Release { label, applications } if !applications.is_empty() => {
            format!("{label} and {}", applications.join(", "))
        }
        Software::Release { .. } | Software::Ami { .. } => software.to_string(),
    }
}

/// As --keep takes it.
fn keep(seconds: u64) -> String {
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bid::Bid;
    use crate::model::instances::{InstanceGroup, Instances, Market, Role};

    fn demand(cores: u32, market: Market) -> Demand {
        let group = |role, count, market| InstanceGroup::new(role, "m5.xlarge".to_owned(), count, market);
        Demand::of(&Instances::Groups(vec![group(Role::Master, 1, Market::OnDemand), group(Role::Core, cores, market)]))
    }

    fn wanted() -> Wanted {
        let software = Software::Release { label: "emr-7.14.0".to_owned(), applications: vec!["Spark".to_owned()] };
        let demand = demand(11, Market::OnDemand);
        let at = vec!["8-18 mon-fri".to_owned(), "sat".to_owned()];
        Wanted { min_idle: 2, at, tz: "UTC".to_owned(), keep_s: 10_800, demand, software, vcpus: Some(48) }
    }

    #[test]
    fn it_says_how_many_and_when() {
        assert_eq!(wanted().to_string(), "2 free job flows at '8-18 mon-fri' and 'sat' (UTC)");
        assert_eq!(Wanted { min_idle: 1, at: Vec::new(), ..wanted() }.to_string(), "1 free job flow");
        assert_eq!(wanted().beside(&wanted()), wanted().to_string());
    }

    #[test]
    fn two_are_told_apart_by_whatever_differs() {
        let always = Wanted { at: Vec::new(), ..wanted() };
        let spot = Market::Spot(Bid::Usd("0.10".to_owned()));
        let software = Software::Release {
            label: "emr-7.14.0".to_owned(),
            applications: vec!["Hive".to_owned(), "Spark".to_owned()],
        };
        let table = [
            (Wanted { tz: "Europe/Berlin".to_owned(), ..always.clone() }, "by the clocks of Europe/Berlin"),
            (Wanted { keep_s: 5400, ..always.clone() }, "with --keep 1h 30m"),
            (
                Wanted { demand: demand(5, Market::OnDemand), vcpus: Some(24), ..always.clone() },
                "each of 1 x m5.xlarge (master) and 5 x m5.xlarge (core)",
            ),
            (
                Wanted { demand: demand(11, spot), ..always.clone() },
                "each of 11 x m5.xlarge (core: 0 vCPU on demand and 44 spot; m5.xlarge counts for 4, spot at 0.10 USD, \
                 no volumes)",
            ),
            (Wanted { vcpus: None, ..always.clone() }, "each of a size that is not known"),
            (Wanted { software, ..always.clone() }, "each with emr-7.14.0 and Hive, Spark"),
        ];
        for (other, words) in table {
            assert_eq!(other.beside(&always), format!("2 free job flows, {words}"));
            assert_ne!(always.beside(&other), other.beside(&always));
        }
    }
}
