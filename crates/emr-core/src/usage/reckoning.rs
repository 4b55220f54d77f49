//! The reckoning of one job flow: its spans within a window, and how large it is.

use chrono::{DateTime, Utc};

use super::{JobFlow, Life, Parts, Prices, Span, Window};

/// The reckoning of one job flow.
#[derive(Debug, Clone)]
pub struct Reckoning<'a> {
    /// Its whole life.
    pub life: Life,
    /// Its spans within the window, in their order.
    pub spans: Vec<Span<'a>>,
    /// Their sum.
    pub parts: Parts,
    /// What each of its instance types comes to; `None` if its instances are not known.
    pub sizes: Option<Vec<Size<'a>>>,
}

/// All instances of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size<'a> {
    /// The type.
    pub instance_type: &'a str,
    /// How many.
    pub instances: u128,
    /// Their vCPUs together, if the type is known.
    pub vcpus: Option<u128>,
    /// Millionths of a dollar that all of them cost an hour, if that is known.
    pub price: Option<u128>,
}

impl<'a> Reckoning<'a> {
    /// The reckoning of `job_flow` at `now`; `None` if nothing of its life is in `window`. `vcpus` tells the vCPUs of an
    /// instance type.
    pub fn of(
        job_flow: &'a JobFlow,
        now: DateTime<Utc>,
        window: Window,
        prices: Option<&Prices>,
        mut vcpus: impl FnMut(&str) -> Option<u32>,
    ) -> Option<Self> {
        let life = Life::of(job_flow, now)?;
        window.cut(life.created, life.end)?;
        let cut = |span: Span<'a>| window.cut(span.from, span.to).map(|(from, to)| Span { from, to, ..span });
        let spans: Vec<_> = life.spans(job_flow).into_iter().filter_map(cut).collect();
        let mut parts = Parts::default();
        for span in &spans {
            parts.add(span.part, span.seconds());
        }
        let size = |count: &'a super::Count| {
            let instances = u128::from(count.instances);
            Size {
                instance_type: &count.instance_type,
                instances,
                vcpus: vcpus(&count.instance_type).map(|each| instances * u128::from(each)),
                price: prices.and_then(|all| all.of(&count.instance_type)).map(|each| instances * u128::from(each)),
            }
        };
        let sizes = job_flow.instances.as_ref().map(|counts| counts.iter().map(size).collect());
        Some(Self { life, spans, parts, sizes })
    }

    /// The instances of all types.
    #[must_use]
    pub fn instances(&self) -> Option<u128> {
        self.sizes.as_ref().map(|sizes| sizes.iter().map(|size| size.instances).sum())
    }

    /// The vCPUs of all types.
    #[must_use]
    pub fn vcpus(&self) -> Option<u128> {
        self.sizes.as_ref()?.iter().map(|size| size.vcpus).sum()
    }

    /// Millionths of a dollar that an hour costs.
    #[must_use]
    pub fn price(&self) -> Option<u128> {
        self.sizes.as_ref()?.iter().map(|size| size.price).sum()
    }
}

impl Span<'_> {
    /// How long it is.
    #[must_use]
    pub fn seconds(&self) -> u128 {
        u128::try_from(self.to - self.from).unwrap_or(0)
    }

    /// This span, cut wherever a stretch of `length` seconds since the epoch ends: the beginning of each stretch, and the
    /// seconds in it.
    pub fn stretches(&self, length: i64) -> impl Iterator<Item = (i64, u128)> + use<> {
        let (from, to) = (self.from, self.to);
        let first = from.div_euclid(length) * length;
        let beginnings = std::iter::successors(Some(first), move |beginning| beginning.checked_add(length));
        beginnings.take_while(move |beginning| *beginning < to).map(move |beginning| {
            let seconds = to.min(beginning.saturating_add(length)) - from.max(beginning);
            (beginning, u128::try_from(seconds).unwrap_or(0))
        })
    }
}
