//! What is used and wasted at which hour of which weekday, in UTC.

use std::fmt::Write;

use emr_core::usage::{Part, Parts, Reckoning, Span};

use crate::record::hours;

const HOUR: i64 = 3600;
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How dark a cell may be.
const SHADES: u128 = 9;

/// The size of the chart of the day.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 240.0;

/// Sums by weekday and hour: of wall time, and of vCPUs.
#[derive(Debug, Default)]
pub(super) struct Clock {
    wall: [[Parts; 24]; 7],
    vcpu: [[Parts; 24]; 7],
    /// From the first second of all lives to the last, since the epoch.
    bounds: Option<(i64, i64)>,
}

impl Clock {
    pub(super) fn add(&mut self, reckoning: &Reckoning<'_>) {
        let vcpus = reckoning.vcpus().unwrap_or(0);
        for span in &reckoning.spans {
            for (since, seconds) in span.stretches(HOUR) {
                let hour = since.div_euclid(HOUR);
                let (day, hour_of_day) = place(hour);
                self.wall[day][hour_of_day].add(span.part, seconds);
                self.vcpu[day][hour_of_day].add(span.part, seconds * vcpus);
            }
            let (from, to) = self.bounds.unwrap_or((span.from, span.to));
            self.bounds = Some((from.min(span.from), to.max(span.to)));
        }
    }

    fn cells(&self, is_sized: bool) -> &[[Parts; 24]; 7] {
        if is_sized { &self.vcpu } else { &self.wall }
    }

    /// How many seconds of each hour of the day there are, from the first second of all lives to the last.
    fn seconds(&self) -> [u128; 24] {
        let mut seconds = [0; 24];
        let bounds = self.bounds.map(|(from, to)| Span { from, to, part: Part::Unknown, step: None });
        for (since, length) in bounds.iter().flat_map(|span| span.stretches(HOUR)) {
            seconds[place(since.div_euclid(HOUR)).1] += length;
        }
        seconds
    }

    /// The mean of a day, as stacked bars.
    pub(super) fn day(&self, is_sized: bool) -> String {
        let cells = self.cells(is_sized);
        let mut of_day = [Parts::default(); 24];
        for day in cells {
            for (hour, parts) in day.iter().enumerate() {
                of_day[hour] += *parts;
            }
        }
        let seconds = self.seconds();
        let means: Vec<_> = of_day.iter().zip(seconds).map(|(parts, all)| mean(parts.total(), all)).collect();
        let most = means.into_iter().fold(0.0, f64::max);
        if most <= 0.0 {
            return "<p>Nothing.</p>".to_owned();
        }
        let unit = if is_sized { "vCPUs" } else { "job flows" };
        let bar =
            |(hour, (parts, all)): (u32, (&Parts, u128))| bar(hour, parts, &|amount| mean(amount, all), most, unit);
        let bars: String = (0_u32..).zip(of_day.iter().zip(seconds)).map(bar).collect();
        format!(
            "<svg class=\"day\" viewBox=\"-48 -8 {w} {h}\" role=\"img\" aria-label=\"{unit} by hour of the day\">\
             <text x=\"-6\" y=\"8\" class=\"end\">{most:.1}</text><text x=\"-6\" y=\"{HEIGHT}\" class=\"end\">0</text>\
             {bars}</svg><p class=\"unit\">Mean {unit} by hour of the day (UTC), from the first \
             life's beginning to the last one's end</p>",
            w = WIDTH + 56.0,
            h = HEIGHT + 32.0,
        )
    }

    /// What is wasted, as a table of hours by weekdays.
    pub(super) fn heat(&self, is_sized: bool) -> String {
        let cells = self.cells(is_sized);
        let most = cells.iter().flatten().map(Parts::wasted).max().unwrap_or(0);
        let unit = if is_sized { "vCPU-hours" } else { "hours" };
        let column = |hour: u32| format!("<th scope=\"col\">{hour:02}</th>");
        let head: String = (0..24).map(column).collect();
        let row = |(day, cells): (&str, &[Parts; 24])| {
            let cell = |parts: &Parts| {
                let wasted = parts.wasted();
                let shade = (wasted * SHADES).checked_div(most).unwrap_or(0);
                format!("<td class=\"heat-{shade}\">{}</td>", short(hours(wasted)))
            };
            format!("<tr><th scope=\"row\">{day}</th>{}</tr>", cells.iter().map(cell).collect::<String>())
        };
        let rows: String = WEEKDAYS.into_iter().zip(cells).map(row).collect();
        format!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Waste by hour and weekday\"><table \
             class=\"heat\"><caption>Wasted {unit} by weekday and hour (UTC)</caption><thead><tr><td></td>{head}</tr></thead>\
             <tbody>{rows}</tbody></table></div>"
        )
    }
}

/// Weekday and hour of the day of an hour since the epoch, which was a Thursday.
fn place(hour: i64) -> (usize, usize) {
    let day = (hour.div_euclid(24) + 3).rem_euclid(7);
    (usize::try_from(day).unwrap_or(0), usize::try_from(hour.rem_euclid(24)).unwrap_or(0))
}

/// The mean of `amount` times seconds over `all` of the seconds.
fn mean(amount: u128, all: u128) -> f64 {
    if all == 0 { 0.0 } else { hours(amount) / hours(all) }
}

fn bar(hour: u32, parts: &Parts, mean: &impl Fn(u128) -> f64, most: f64, unit: &str) -> String {
    let wide = WIDTH / 24.0;
    let left = f64::from(hour) * wide;
    let mut top = HEIGHT;
    let mut pieces = String::new();
    for (part, name, class) in super::chart::PARTS {
        let value = mean(parts.get(part));
        let high = value / most * HEIGHT;
        if high > 0.0 {
            top -= high;
            let wide = wide - 2.0;
            let _ = write!(
                pieces,
                "<path class=\"{class}\" d=\"M{left:.1} {top:.1}h{wide:.1}v{high:.1}h-{wide:.1}z\"><title>{hour:02}:00 {name}: \
                 {value:.2} {unit}</title></path>",
            );
        }
    }
    format!("{pieces}<text x=\"{:.1}\" y=\"{}\" class=\"middle\">{hour:02}</text>", left + wide / 2.0, HEIGHT + 16.0)
}

/// A number that fits into a cell.
fn short(number: f64) -> String {
    match number {
        none if none < 0.05 => String::new(),
        few if few < 10.0 => format!("{few:.1}"),
        some if some < 10_000.0 => format!("{some:.0}"),
        many => format!("{:.0}k", many / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_epoch_was_a_thursday() {
        assert_eq!((place(0), place(-1), place(24 * 4 + 5)), ((3, 0), (2, 23), (0, 5)));
    }

    #[test]
    fn each_hour_is_divided_by_how_often_it_was() {
        let bounds = Some((12 * HOUR + 1800, 38 * HOUR));
        let clock = Clock { bounds, ..Clock::default() };
        let seconds = clock.seconds();
        assert_eq!([seconds[11], seconds[12], seconds[13], seconds[14]], [3600, 5400, 7200, 3600]);
        // One job flow of four vCPUs has four at each hour, however long it lives.
        let means = seconds.map(|all| mean(4 * all, all));
        assert!(means.iter().all(|mean| (mean - 4.0).abs() < 1e-9), "{means:?}");
    }

    #[test]
    fn numbers_fit_into_cells() {
        assert_eq!([0.0, 0.04, 0.06, 9.94, 10.2, 12_345.0].map(short), ["", "", "0.1", "9.9", "10", "12k"]);
    }
}
