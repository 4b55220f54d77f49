//! The colours of owners, which colour-blind people can tell apart.

use emr_core::usage::{GroupBy, Report};

use super::template::escaped;

/// How many owners have a colour of their own; the others share a grey one. They are those of Okabe and Ito besides
/// black, in page.css, some of them lighter or darker: who sees no green tells them apart by that.
///
/// Source: <https://jfly.uni-koeln.de/color/>
const OWN: usize = 7;

/// Which owner has which colour.
pub(super) struct Palette(Vec<String>);

impl Palette {
    /// The colours of those who had most.
    pub(super) fn of(report: &Report) -> Self {
        let owners = report.groups().filter(|(by, ..)| *by == GroupBy::Owner);
        let mut owners: Vec<_> = owners.filter_map(|(_, name, totals)| Some((totals.rank(), name?))).collect();
        owners.sort_by(|one, other| (other.0.2, other.0.3, &one.1).cmp(&(one.0.2, one.0.3, &other.1)));
        Self(owners.into_iter().take(OWN).map(|(_, name)| name).collect())
    }

    /// The number of the colour of `owner`.
    pub(super) fn colour(&self, owner: Option<&str>) -> usize {
        self.0.iter().position(|known| Some(known.as_str()) == owner).unwrap_or(OWN)
    }

    /// A hatching in each colour.
    pub(super) fn patterns() -> String {
        let pattern = |colour: usize| {
            format!(
                "<pattern id=\"idle-{colour}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">\
                 <path class=\"stroke-{colour}\" d=\"M-1 1 1 -1M0 5 5 0M4 6 6 4\"/></pattern>"
            )
        };
        (0..=OWN).map(pattern).collect()
    }

    /// Who has which colour, as items of a list.
    pub(super) fn legend(&self) -> String {
        let own = self.0.iter().enumerate().map(|(colour, name)| (colour, escaped(name)));
        let item = |(colour, name)| {
            format!(
                "<li><svg class=\"key\" viewBox=\"0 0 16 12\" aria-hidden=\"true\"><path class=\"fill-{colour}\" \
                 d=\"M0 0h16v12h-16z\"/></svg> {name}</li>"
            )
        };
        own.chain([(OWN, "other or unknown".to_owned())]).map(item).collect()
    }
}
