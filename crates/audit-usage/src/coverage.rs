//! How much was looked at, and what follows for the whole.

use emr_core::usage::{JobFlow, Part, Parts, Totals};

use crate::record::{hours, percent};

/// Which share of what there is was looked at.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    job_flows: u64,
    looked_at: u64,
    stake: u128,
    stake_looked_at: u128,
}

impl Coverage {
    /// Notes `job_flow`, which comes to `parts`.
    pub(crate) fn note(&mut self, job_flow: &JobFlow, parts: &Parts) {
        let stake = job_flow.stake(parts.total());
        self.job_flows += 1;
        self.stake += stake;
        if job_flow.steps.is_some() {
            self.looked_at += 1;
            self.stake_looked_at += stake;
        }
    }

    /// How many job flows were looked at.
    pub(crate) fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// How much of what all may have cost was looked at, in per cent: all of nothing.
    pub(crate) fn percent_looked_at(&self) -> f64 {
        if self.stake == 0 { 100.0 } else { percent(self.stake_looked_at, self.stake) }
    }

    /// How much of `total` was wasted at least, and at most, in per cent.
    pub(crate) fn wasted(total: &Totals) -> (f64, f64) {
        let shares = shares(total).0;
        let most = shares.wasted() + shares.get(Part::Unknown);
        (percent(shares.wasted(), shares.total()), percent(most, shares.total()))
    }

    /// What a person is told of `total`.
    pub(crate) fn summary(&self, total: &Totals) -> String {
        let (shares, unit) = shares(total);
        let share = |amount: u128| percent(amount, shares.total());
        let of_part = |part: Part, name: &str| match shares.get(part) {
            0 => None,
            amount => Some(format!("{:.0} % {name}", share(amount))),
        };
        let wasted = (shares.wasted() > 0).then(|| format!("{:.0} % wasted", share(shares.wasted())));
        let all = format!("{}, {:.1} {unit}", counted(self.job_flows, "job flow"), hours(shares.total()));
        let parts = [of_part(Part::Starting, "starting"), of_part(Part::Used, "used"), wasted];
        let parts = parts.into_iter().chain([of_part(Part::Unknown, "unknown")]).flatten().collect::<Vec<_>>();
        let parts = if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) };
        if shares.get(Part::Unknown) == 0 {
            return parts;
        }
        let looked_at = match self.looked_at {
            0 => "looked at no steps".to_owned(),
            count => format!(
                "looked at the steps of {}, which may have cost {:.0} % of all",
                counted(count, "job flow"),
                self.percent_looked_at().floor()
            ),
        };
        let (least, most) = Self::wasted(total);
        format!("{parts}; {looked_at}; waste is between {:.0} % and {:.0} % of the hours", least.floor(), most.ceil())
    }
}

/// What shares of `total` are of, and their unit: large job flows count for more, where all sizes are known.
fn shares(total: &Totals) -> (&Parts, &'static str) {
    if total.is_measured() { (&total.vcpu, "vCPU-hours") } else { (&total.wall, "hours") }
}

/// `count` of `thing`, in words.
fn counted(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
