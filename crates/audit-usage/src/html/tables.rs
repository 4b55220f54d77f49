//! Sums as tables, which the script sorts.

use emr_core::usage::{GroupBy, Part, Report, Totals};

use super::rows::Row;
use super::template::escaped;
use crate::record::{dollars, hours, sum};

/// A cell: what it shows, and the number that it is sorted by.
type Cell = (String, Option<f64>);

/// The sums of a grouping.
pub(super) fn of_groups(report: &Report, by: GroupBy, is_priced: bool) -> String {
    let (title, first) = match by {
        GroupBy::Owner => ("By owner", "Owner"),
        GroupBy::Job => ("By job: idle after whose step", "Job"),
        _ => ("By pool", "Pool"),
    };
    let rows = report.groups().filter(|(of, ..)| *of == by).map(|(_, name, totals)| {
        let mut cells = vec![text(name.as_deref().unwrap_or("–")), whole(totals.job_flows)];
        cells.extend(parts(&totals.wall));
        for vcpu in [totals.vcpu.total(), totals.vcpu.wasted()] {
            cells.push(of_some(hours(vcpu), totals.unsized_job_flows, totals.job_flows));
        }
        if is_priced {
            cells.push(of_some(dollars(totals.money.total()), totals.unpriced_job_flows, totals.job_flows));
        }
        cells
    });
    let mut heads = vec![first, "Job flows"];
    heads.extend(HOURS);
    heads.extend(["vCPU-h", "vCPU-h wasted"]);
    heads.extend(is_priced.then_some("Dollars"));
    table(title, &heads, rows)
}

/// What is missing from the sums, in words.
pub(super) fn missing(total: &Totals) -> String {
    let all = total.job_flows;
    let unknown =
        |what: &str, count: u64| (count > 0).then(|| format!("The {what} of {count} of {all} job flows is unknown."));
    let missing = [unknown("size", total.unsized_job_flows), unknown("price", total.unpriced_job_flows)];
    let missing: Vec<_> = missing.into_iter().flatten().collect();
    if missing.is_empty() {
        return String::new();
    }
    format!("<p>{} A sum with + is without those, and ? is a sum without any.</p>", missing.join(" "))
}

/// The job flows that are shown one by one.
pub(super) fn of_job_flows(rows: &[&Row]) -> String {
    let mut heads = vec!["Job flow", "Name", "Pool", "Owner", "vCPUs"];
    heads.extend(HOURS);
    let rows = rows.iter().map(|row| {
        let vcpus = row.vcpus.and_then(|vcpus| u64::try_from(vcpus).ok());
        let mut cells = vec![
            text(row.id.as_str()),
            text(&row.name),
            text(row.pool.as_deref().unwrap_or("–")),
            text(row.owner.as_deref().unwrap_or("–")),
            vcpus.map_or_else(unknown, whole),
        ];
        cells.extend(parts(&row.parts));
        cells
    });
    table("By job flow", &heads, rows)
}

/// The headings of [`parts`].
const HOURS: [&str; 7] = ["Hours", "Starting", "Used", "Failed", "Idle between", "Idle at the end", "Unknown"];

fn parts(parts: &emr_core::usage::Parts) -> impl Iterator<Item = Cell> + '_ {
    [parts.total()]
        .into_iter()
        .chain(Part::ALL.into_iter().map(|part| parts.get(part)))
        .map(|amount| number(hours(amount)))
}

fn text(text: &str) -> Cell {
    (escaped(text), None)
}

fn number(number: f64) -> Cell {
    (format!("{number:.1}"), Some(number))
}

/// A sum from which so many of `all` job flows are missing.
fn of_some(number: f64, missing: u64, all: u64) -> Cell {
    sum(format!("{number:.1}"), missing, all).map_or_else(unknown, |text| (text, Some(number)))
}

fn unknown() -> Cell {
    ("?".to_owned(), Some(-1.0))
}

#[expect(clippy::cast_precision_loss, reason = "it is sorted by, and no more")]
fn whole(count: u64) -> Cell {
    (count.to_string(), Some(count as f64))
}

fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> String {
    let head = |head: &&str| format!("<th scope=\"col\"><button type=\"button\">{head}</button></th>");
    let heads: String = heads.iter().map(head).collect();
    let cell = |(text, number): Cell| match number {
        Some(number) => format!("<td class=\"number\" data-v=\"{number}\">{text}</td>"),
        None => format!("<td>{text}</td>"),
    };
    let row = |cells: Vec<Cell>| format!("<tr>{}</tr>", cells.into_iter().map(cell).collect::<String>());
    let rows: String = rows.map(row).collect();
    format!(
        "<h3>{title}</h3><div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table class=\"sums\">\
         <thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}
