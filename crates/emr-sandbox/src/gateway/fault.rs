//! Injected faults: which request fails, and how. Pure: the gateway carries them out.

use std::str::FromStr;
use std::time::Duration;

use emr_core::model::time;

use crate::emr::{StartFault, StartFaultKind};

/// How a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is cut before the work is done.
    DropRequest,
    /// The connection is cut after the work was done.
    DropResponse,
    Throttle,
    Error500,
    Deny,
    /// The credentials are refused, as in a region that the account has not enabled.
    NotEnabled,
    /// The signature is refused as expired.
    StaleSignature,
    /// The request succeeds after a pause.
    Delay(Duration),
    /// The request succeeds, but the job flow that it starts fails while it starts.
    Start(StartFault),
}

impl Fault {
    /// The name in rules.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::DropRequest => "drop-request",
            Self::DropResponse => "drop-response",
            Self::Throttle => "throttle",
            Self::Error500 => "error-500",
            Self::Deny => "deny",
            Self::NotEnabled => "not-enabled",
            Self::StaleSignature => "stale-signature",
            Self::Delay(_) => "delay",
            Self::Start(fault) => fault.kind.name(),
        }
    }
}

/// How the next requests for an operation fail: `API[@REGION]:KIND:COUNT[:ARG]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    operation: String,
    /// The region that the requests are signed for; `None` for any.
    region: Option<String>,
    fault: Fault,
    /// How many requests are still to fail.
    left: u32,
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(4, ':');
        let (Some(operation), Some(kind), Some(count)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("a rule is API:KIND:COUNT[:ARG]".to_owned());
        };
        let (operation, region) = match operation.split_once('@') {
            Some((operation, region)) => (operation, Some(region.to_owned())),
            None => (operation, None),
        };
        let argument = parts.next();
        let left = count.parse().map_err(|_| format!("`{count}` is not a number of requests"))?;
        if let Some(kind) = StartFaultKind::ALL.into_iter().find(|known| known.name() == kind) {
            if operation != "RunJobFlow" {
                return Err(format!("{} is a fault of RunJobFlow only", kind.name()));
            }
            let fault = Fault::Start(StartFault { kind, reason: argument.map(str::to_owned) });
            return Ok(Self { operation: operation.to_owned(), region, fault, left });
        }
        if operation.is_empty() || (argument.is_some() && kind != "delay") {
            return Err("a rule is API:KIND:COUNT, API:delay:COUNT:MS, or RunJobFlow:KIND:COUNT[:REASON]".to_owned());
        }
        let fault = match kind {
            "drop-request" => Fault::DropRequest,
            "drop-response" => Fault::DropResponse,
            "throttle" => Fault::Throttle,
            "error-500" => Fault::Error500,
            "deny" => Fault::Deny,
            "not-enabled" => Fault::NotEnabled,
            "stale-signature" => Fault::StaleSignature,
            "delay" => Fault::Delay(delay(argument)?),
            _ => return Err(format!("unknown kind of fault `{kind}`")),
        };
        Ok(Self { operation: operation.to_owned(), region, fault, left })
    }
}

fn delay(argument: Option<&str>) -> Result<Duration, String> {
    let delay = argument.and_then(|text| time::milliseconds(text).ok());
    delay.ok_or_else(|| "a delay needs a number of milliseconds, or a duration such as 2s".to_owned())
}

/// The rules, in the order in which they apply.
#[derive(Debug)]
pub(crate) struct Faults(Vec<Rule>);

impl Faults {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// Takes the fault of a request for `operation` in `region` from the first matching rule that is not used up.
    pub(crate) fn take(&mut self, operation: &str, region: &str) -> Option<Fault> {
        let is_of = |rule: &&mut Rule| {
            rule.operation == operation && rule.region.as_deref().is_none_or(|only| only == region) && rule.left > 0
        };
        let rule = self.0.iter_mut().find(is_of)?;
        rule.left -= 1;
        Some(rule.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The region of requests.
    const HERE: &str = "us-east-1";

    fn faults(rules: &[&str]) -> Faults {
        Faults::new(rules.iter().map(|rule| rule.parse().unwrap()).collect())
    }

    #[test]
    fn a_rule_applies_count_times_and_only_to_its_operation() {
        let mut faults = faults(&["RunJobFlow:throttle:2"]);
        assert_eq!(faults.take("ListClusters", HERE), None);
        assert_eq!(faults.take("RunJobFlow", HERE), Some(Fault::Throttle));
        assert_eq!(faults.take("RunJobFlow", HERE), Some(Fault::Throttle));
        assert_eq!(faults.take("RunJobFlow", HERE), None);
    }

    #[test]
    fn rules_for_one_operation_follow_one_another() {
        let mut faults = faults(&["PutObject:error-500:1", "PutObject:delay:1:30"]);
        assert_eq!(faults.take("PutObject", HERE), Some(Fault::Error500));
        assert_eq!(faults.take("PutObject", HERE), Some(Fault::Delay(Duration::from_millis(30))));
        assert_eq!(self::faults(&["X:delay:1:2s"]).take("X", HERE), Some(Fault::Delay(Duration::from_secs(2))));
    }

    #[test]
    fn a_rule_may_be_of_one_region() {
        let mut faults = faults(&["ListClusters@eu-west-1:not-enabled:1"]);
        assert_eq!(faults.take("ListClusters", HERE), None);
        assert_eq!(faults.take("ListClusters", "eu-west-1"), Some(Fault::NotEnabled));
        assert_eq!(faults.take("ListClusters", "eu-west-1"), None);
    }

    #[test]
    fn a_job_flow_may_fail_for_a_reason_with_colons() {
        let reason = Some("Learn more at https://x".to_owned());
        let fault = Fault::Start(StartFault { kind: StartFaultKind::NoCapacity, reason });
        let mut faults = faults(&["RunJobFlow:no-capacity:1:Learn more at https://x"]);
        assert_eq!(faults.take("RunJobFlow", HERE), Some(fault));
    }

    #[test]
    fn malformed_rules_are_refused() {
        for text in [
            "",
            "X",
            "X:throttle",
            "X:explode:1",
            "X:throttle:x",
            "X:delay:1",
            ":deny:1",
            "X:deny:1:2",
            "X:no-capacity:1",
        ] {
            assert!(text.parse::<Rule>().is_err(), "{text}");
        }
    }
}
