//! Where the job flows of an input are, as far as the input says it.

use std::collections::BTreeMap;

use super::Target;
use crate::error::{Error, Result};
use crate::model::id::JobFlowId;
use crate::model::place::{Place, is_region};

/// The places that an input names. A tool acts on each job flow where its record says that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The place of each job flow of which something is said.
    of: BTreeMap<JobFlowId, Place>,
    /// All places, each once, in the order of the input.
    all: Vec<Place>,
}

impl Places {
    /// The places in `targets`. An error if two records disagree on a job flow.
    pub fn of<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Result<Self> {
        let mut places = Self::default();
        for Target { job_flow, place, .. } in targets {
            places.add(job_flow.as_ref(), place)?;
        }
        Ok(places)
    }

    /// Adds what a record says: that `job_flow`, or that of its step, is at `place`.
    pub fn add(&mut self, job_flow: Option<&JobFlowId>, place: &Place) -> Result<()> {
        if let Some(region) = place.region.as_deref().filter(|region| !is_region(region)) {
            let id = job_flow.map_or("a step", JobFlowId::as_str);
            return Err(Error::usage(format!("'{region}' in the record of {id} is not an AWS region")));
        }
        if !self.all.contains(place) {
            self.all.push(place.clone());
        }
        let Some(id) = job_flow.filter(|_| *place != Place::default()) else { return Ok(()) };
        let Some(known) = self.of.get_mut(id) else {
            self.of.insert(id.clone(), place.clone());
            return Ok(());
        };
        let Place { region, profile } = known;
        merge(region, place.region.as_ref(), "the region", id)?;
        merge(profile, place.profile.as_ref(), "the profile", id)
    }

    /// The region that stands in for the configured one: the first that is named, if all say where they are. A record of
    /// another region than the one `typed` is an error: one of the two is a mistake.
    pub fn region(&self, typed: Option<&str>) -> Result<Option<&str>> {
        let elsewhere = |place: &&Place| typed.is_some() && place.region.is_some() && place.region.as_deref() != typed;
        if let (Some(typed), Some(place)) = (typed, self.all.iter().find(elsewhere)) {
            let id = self.of.iter().find(|(_, of)| of.region == place.region).map(|(id, _)| id.as_str());
            let (id, region) = (id.unwrap_or("a step"), place.region.as_deref().unwrap_or_default());
            let text = format!("the record of {id} is of {region}, and --region says {typed}");
            return Err(Error::usage(text).advise("leave out --region: each record says where its job flow is"));
        }
        let all_say_it = self.all.iter().all(|place| place.region.is_some());
        Ok(self.all.first().filter(|_| all_say_it).and_then(|place| place.region.as_deref()))
    }

    /// The profile of the tool's calls: the one `typed`, or else the one that is named. Records of several profiles are
    /// an error: a run acts in one account.
    pub fn profile<'a>(&'a self, typed: Option<&'a str>) -> Result<Option<&'a str>> {
        let mut profiles: Vec<_> = self.all.iter().map(|place| place.profile.as_deref()).collect();
        profiles.sort_unstable();
        profiles.dedup();
        let named: Vec<_> = profiles.iter().copied().flatten().collect();
        match (typed, named.as_slice()) {
            (_, [one, other, ..]) => Err(several(&format!("the profiles {one} and {other}"))),
            (None, [one]) if profiles.len() > 1 => Err(several(&format!("the profile {one} and without one"))),
            (None, named) => Ok(named.first().copied()),
            (typed, _) => Ok(typed),
        }
    }

    /// The job flows whose region is known, with it.
    pub fn regions(&self) -> impl Iterator<Item = (&JobFlowId, &str)> {
        self.of.iter().filter_map(|(id, place)| Some((id, place.region.as_deref()?)))
    }
}

/// Takes in that `what` of `id` is also said to be `now`.
fn merge(known: &mut Option<String>, now: Option<&String>, what: &str, id: &JobFlowId) -> Result<()> {
    match (&known, now) {
        (Some(before), Some(now)) if before != now => {
            Err(Error::usage(format!("{what} of {id} is said to be both {before} and {now}")))
        }
        (None, Some(now)) => {
            *known = Some(now.clone());
            Ok(())
        }
        _ => Ok(()),
    }
}

fn several(what: &str) -> Error {
    let error = Error::usage(format!("there are records of {what}, and a run acts in one account"));
    error.advise("pipe in those of one: jq -c 'select(.profile == \"NAME\")'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(id: &str, region: &str, profile: &str) -> Target {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let place = Place { region: said(region), profile: said(profile) };
        Target { job_flow: id.parse().ok(), place, ..Target::default() }
    }

    fn places(targets: &[(&str, &str, &str)]) -> Places {
        let targets: Vec<_> = targets.iter().map(|(id, region, profile)| target(id, region, profile)).collect();
        Places::of(&targets).unwrap()
    }

    #[test]
    fn each_job_flow_has_its_region_and_one_that_is_not_said_is_that_of_the_configuration() {
        let one = places(&[("j-A", "eu-west-1", ""), ("j-B", "us-east-1", "")]);
        assert_eq!(one.region(None).unwrap(), Some("eu-west-1"));
        let two = places(&[("j-A", "eu-west-1", ""), ("j-B", "us-east-1", ""), ("j-C", "", "")]);
        assert_eq!(two.region(None).unwrap(), None);
        let regions: Vec<_> = two.regions().map(|(id, region)| (id.as_str(), region)).collect();
        assert_eq!(regions, [("j-A", "eu-west-1"), ("j-B", "us-east-1")]);
        assert_eq!(places(&[("j-C", "", "")]).region(Some("us-east-1")).unwrap(), None);
    }

    #[test]
    fn a_record_of_another_region_than_the_typed_one_is_an_error() {
        let places = places(&[("j-A", "us-east-1", ""), ("j-B", "eu-west-1", "")]);
        let error = places.region(Some("us-east-1")).unwrap_err().to_string();
        assert!(error.starts_with("the record of j-B is of eu-west-1, and --region says us-east-1"), "{error}");
    }

    #[test]
    fn a_run_acts_in_one_account() {
        let of = |named: &[(&str, &str, &str)], typed| {
            let places = places(named);
            places.profile(typed).map(|profile| profile.map(str::to_owned)).map_err(|error| error.to_string())
        };
        let (a, b, none) = (("j-A", "", "a"), ("j-B", "", "b"), ("j-C", "", ""));
        assert_eq!(of(&[a], None), Ok(Some("a".to_owned())));
        assert_eq!(of(&[a, none], Some("x")), Ok(Some("x".to_owned())), "other rights in the same account");
        assert_eq!(of(&[none], None), Ok(None));
        assert!(of(&[a, b], None).unwrap_err().starts_with("there are records of the profiles a and b, and"));
        assert!(of(&[a, b], Some("x")).is_err());
        assert!(of(&[a, none], None).unwrap_err().contains("of the profile a and without one"));
    }

    #[test]
    fn what_is_no_region_never_becomes_a_part_of_a_host_name() {
        let error = Places::of(&[target("j-A", "x.example.com/", "")]).unwrap_err().to_string();
        assert_eq!(error, "'x.example.com/' in the record of j-A is not an AWS region");
    }

    #[test]
    fn two_records_of_a_job_flow_agree_on_its_place() {
        let agreed = places(&[("j-A", "", ""), ("j-A", "eu-west-1", "")]);
        assert_eq!(agreed.regions().count(), 1);
        let targets = [target("j-A", "eu-west-1", ""), target("j-A", "us-east-1", "")];
        let error = Places::of(&targets).unwrap_err().to_string();
        assert_eq!(error, "the region of j-A is said to be both eu-west-1 and us-east-1");
    }
}
