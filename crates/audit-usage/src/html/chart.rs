//! Lives as bars: of all together, and of each job flow by its pool.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::DateTime;
use emr_core::model::time;
use emr_core::usage::{Part, Report};

use super::palette::Palette;
use super::rows::Row;
use super::template::escaped;
use crate::record::{hours, percent};

/// The parts in the order in which they are stacked, with their names and their looks.
pub(super) const PARTS: [(Part, &str, &str); 6] = [
    (Part::Used, "used", "used"),
    (Part::Starting, "starting", "starting"),
    (Part::Failed, "failed", "failed"),
    (Part::IdleBetween, "idle between", "between"),
    (Part::IdleAtEnd, "idle at the end", "at-end"),
    (Part::Unknown, "unknown", "unknown"),
];

/// The width of a chart in units: of names, and of times.
const NAMES: f64 = 190.0;
const TIMES: f64 = 900.0;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// The height of a row in units: of the smallest job flow, and of the largest.
const LOW: f64 = 7.0;
const HIGH: f64 = 26.0;

/// All lives as one bar, with what each part of it comes to.
pub(super) fn life(report: &Report, is_sized: bool) -> String {
    let total = report.total();
    let (parts, unit) = if is_sized { (&total.vcpu, "vCPU-hours") } else { (&total.wall, "hours") };
    let (mut left, mut bars, mut items) = (0.0, String::new(), String::new());
    for (part, name, class) in PARTS.into_iter().filter(|(part, ..)| parts.get(*part) > 0) {
        let share = percent(parts.get(part), parts.total());
        let text = format!("{name} {share:.0} % ({:.1} {unit})", hours(parts.get(part)));
        let wide = share * 10.0;
        let _ = write!(
            bars,
            "<path class=\"{class}\" d=\"M{left:.1} 0h{wide:.1}v36h-{wide:.1}z\"><title>{text}</title></path>"
        );
        let _ = write!(
            items,
            "<li><svg class=\"key\" viewBox=\"0 0 16 12\" aria-hidden=\"true\"><path class=\"{class}\" \
             d=\"M0 0h16v12h-16z\"/></svg> {text}</li>"
        );
        left += wide;
    }
    format!(
        "<svg class=\"life\" viewBox=\"0 0 1000 36\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"All lives by \
         their parts\">{bars}</svg><ul class=\"legend\">{items}</ul>"
    )
}

/// A chart of dates for each pool, that with the most waste first.
pub(super) fn by_date(rows: &[&Row], palette: &Palette) -> String {
    let bounds = rows.iter().map(|row| row.bounds()).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    bounds.map_or_else(String::new, |(from, to)| pools(rows, palette, Scale { from: Some(from), to, most: most(rows) }))
}

/// A chart of ages for each pool: short lives are seen as well as long ones, however far they are apart.
pub(super) fn by_age(rows: &[&Row], palette: &Palette) -> String {
    let ages = rows.iter().map(|row| row.bounds()).map(|(from, to)| to - from);
    ages.max().map_or_else(String::new, |oldest| {
        // A quarter of the axis is hours, or minutes if nothing is old.
        let quarters = if oldest > 4 * HOUR { 4 * HOUR } else { 4 * MINUTE };
        let to = oldest.max(1).div_euclid(quarters) * quarters + quarters;
        pools(rows, palette, Scale { from: None, to, most: most(rows) })
    })
}

fn most(rows: &[&Row]) -> u128 {
    rows.iter().filter_map(|row| row.vcpus).max().unwrap_or(1)
}

fn pools(rows: &[&Row], palette: &Palette, scale: Scale) -> String {
    let mut pools = BTreeMap::<Option<&str>, Vec<&Row>>::new();
    for row in rows {
        pools.entry(row.pool.as_deref()).or_default().push(row);
    }
    let mut pools: Vec<_> = pools.into_iter().collect();
    pools.sort_by_key(|(_, rows)| {
        std::cmp::Reverse(rows.iter().map(|row| row.parts.wasted() * row.vcpus.unwrap_or(1)).sum::<u128>())
    });
    pools.into_iter().map(|(pool, rows)| scale.pool(pool, rows, palette)).collect()
}

/// Where times are in a chart, and how high vCPUs are.
#[derive(Clone, Copy)]
struct Scale {
    /// The first second; `None` if each row begins with itself.
    from: Option<i64>,
    to: i64,
    most: u128,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "seconds of years and vCPUs of an account are exact in a double")]
    fn x(self, after: i64) -> f64 {
        let width = self.width().max(1) as f64;
        // A tenth of a unit is less than anyone sees: shorter spans vanish, and the page stays small.
        ((after as f64 / width * TIMES) * 10.0).round() / 10.0 + NAMES
    }

    /// The seconds from its left end to its right end.
    fn width(self) -> i64 {
        self.to - self.from.unwrap_or(0)
    }

    /// Where `at` is in `row`.
    fn place(self, row: &Row, at: i64) -> f64 {
        self.x(at - self.from.unwrap_or(row.bounds().0))
    }

    /// The height of a job flow: its area grows slower than its vCPUs, or small ones would not be seen.
    #[expect(clippy::cast_precision_loss, reason = "seconds of years and vCPUs of an account are exact in a double")]
    fn height(self, vcpus: Option<u128>) -> f64 {
        let share = vcpus.unwrap_or(0) as f64 / self.most.max(1) as f64;
        (LOW + (HIGH - LOW) * share.sqrt()).round()
    }

    fn pool(self, pool: Option<&str>, mut rows: Vec<&Row>, palette: &Palette) -> String {
        rows.sort_by_key(|row| (row.bounds(), row.id.clone()));
        let name = pool.map_or_else(|| "No pool".to_owned(), |pool| format!("Pool {}", escaped(pool)));
        let (mut top, mut body) = (24.0, String::new());
        for (number, row) in rows.iter().enumerate() {
            let high = self.height(row.vcpus);
            body += &self.row(row, top, high, palette, number == 0);
            top += high.max(12.0) + 3.0;
        }
        format!(
            "<details open><summary>{name} ({})</summary><div class=\"wide\"><svg class=\"chart\" viewBox=\"0 0 {} {top}\" \
             role=\"list\" aria-label=\"{name}\">{}{body}</svg></div></details>",
            rows.len(),
            NAMES + TIMES + 10.0,
            self.axis(top),
        )
    }

    /// Lines for some times, with the times above them.
    fn axis(self, bottom: f64) -> String {
        let mark = |step: i64| {
            let after = self.width() * step / 4;
            let x = self.x(after);
            let text = match self.from {
                Some(from) => DateTime::from_timestamp(from + after, 0).map(|at| at.format("%m-%d %R").to_string()),
                None => u64::try_from(after).ok().map(time::clock),
            };
            let text = text.unwrap_or_default();
            let class = if step == 4 { "end" } else { "start" };
            format!(
                "<path class=\"grid\" d=\"M{x:.1} 16V{bottom}\"/><text x=\"{x:.1}\" y=\"11\" class=\"{class}\">{text}</text>"
            )
        };
        (0..=4).map(mark).collect()
    }

    fn row(self, row: &Row, top: f64, high: f64, palette: &Palette, is_first: bool) -> String {
        let colour = palette.colour(row.owner.as_deref());
        let label = escaped(&label(row));
        let room = high.max(12.0);
        let y = top + (room - high) / 2.0;
        let mut shapes = String::new();
        for (part, _, class) in PARTS {
            let path = self.path(row, part, y, high);
            if !path.is_empty() {
                let class = match part {
                    Part::Used | Part::Failed => format!("fill-{colour}"),
                    Part::Starting => format!("fill-{colour} pale"),
                    Part::IdleBetween | Part::IdleAtEnd => format!("idle-{colour}"),
                    Part::Unknown => class.to_owned(),
                };
                let _ = write!(shapes, "<path class=\"{class}\" d=\"{path}\"/>");
            }
        }
        let middle = y + high / 2.0;
        let crosses: String = row.failures.iter().map(|at| cross(self.place(row, *at), middle)).collect();
        if !crosses.is_empty() {
            let _ = write!(shapes, "<path class=\"halo\" d=\"{crosses}\"/><path class=\"cross\" d=\"{crosses}\"/>");
        }
        let (left, right) = row.bounds();
        let (left, right) = (self.place(row, left), self.place(row, right));
        format!(
            "<g class=\"row\" role=\"listitem\" tabindex=\"{}\" aria-label=\"{label}\"><title>{label}</title>\
             <text x=\"{}\" y=\"{:.1}\" class=\"end\">{}</text>{shapes}\
             <path class=\"frame\" d=\"M{left:.1} {y:.1}H{right:.1}v{high:.1}H{left:.1}z\"/></g>",
            if is_first { 0 } else { -1 },
            NAMES - 6.0,
            middle + 4.0,
            escaped(&short(&title(row))),
        )
    }

    /// The spans of `part`, as one path.
    fn path(self, row: &Row, part: Part, y: f64, high: f64) -> String {
        let mut path = String::new();
        for (from, to, _) in row.spans.iter().filter(|span| span.2 == part) {
            let (left, right) = (self.place(row, *from), self.place(row, *to));
            if right > left {
                let _ = write!(path, "M{left:.1} {y:.1}H{right:.1}v{high:.1}H{left:.1}z");
            }
        }
        path
    }
}

/// A cross, which marks a failure whatever the colours are.
fn cross(x: f64, y: f64) -> String {
    format!("M{:.1} {:.1}l6 6m0 -6l-6 6", x - 3.0, y - 3.0)
}

/// What is said of a job flow in words.
fn label(row: &Row) -> String {
    let total = row.parts.total();
    let parts = PARTS.into_iter().filter(|(part, ..)| row.parts.get(*part) > 0);
    let parts: Vec<_> =
        parts.map(|(part, name, _)| format!("{name} {:.0} %", percent(row.parts.get(part), total))).collect();
    let vcpus = row.vcpus.map_or_else(|| "size unknown".to_owned(), |vcpus| format!("{vcpus} vCPUs"));
    let owner = row.owner.as_deref().unwrap_or("owner unknown");
    format!("{} {}, {owner}, {vcpus}, {:.1} h: {}", row.id, row.name, hours(total), parts.join(", "))
}

/// The name of a job flow, with its owner if the name does not tell it.
fn title(row: &Row) -> String {
    match &row.owner {
        Some(owner) if !row.name.contains(owner) => format!("{}: {}", owner, row.name),
        _ => row.name.clone(),
    }
}

/// A name that fits into its column.
fn short(name: &str) -> String {
    if name.chars().count() <= 28 { name.to_owned() } else { name.chars().take(27).chain(['…']).collect() }
}
