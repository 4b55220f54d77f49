//! What instances cost, as the user says: no price of AWS is known here.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::model::instance_type;

/// Dollars an hour of each instance type. EMR's own fee is in it if the user puts it there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices(HashMap<String, u64>);

/// Millionths, in which money is counted.
const MILLION: f64 = 1e6;

/// No instance costs more an hour.
const MOST: f64 = 1e5;

impl Prices {
    /// Reads a line for each type: `m5.xlarge 0.24`, in dollars an hour. `#` begins a comment. Spreadsheets put a byte
    /// order mark before the first line.
    pub fn read(text: &str) -> Result<Self> {
        let mut prices = HashMap::new();
        for (number, line) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (name, price) = parse(line).ok_or_else(|| {
                Error::config(format!("line {number} is '{line}', which is no type and its price"))
                    .advise("write m5.xlarge 0.24, in dollars an hour")
            })?;
            if prices.contains_key(&name) {
                return Err(Error::config(format!("line {number} has a second price of {name}")).advise("keep one"));
            }
            prices.insert(name, price);
        }
        Ok(Self(prices))
    }

    /// Millionths of a dollar that an hour of `instance_type` costs, if that is known.
    #[must_use]
    pub fn of(&self, instance_type: &str) -> Option<u64> {
        self.0.get(instance_type).copied()
    }
}

fn parse(line: &str) -> Option<(String, u64)> {
    let mut words = line.split_whitespace();
    let (name, price) = (words.next()?.to_ascii_lowercase(), words.next()?.parse::<f64>().ok()?);
    let is_price = words.next().is_none() && instance_type::is_well_formed(&name) && (0.0..=MOST).contains(&price);
    is_price.then(|| (name, millionths(price)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "prices are from 0 to MOST dollars")]
fn millionths(dollars: f64) -> u64 {
    (dollars * MILLION).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_type_and_its_price() {
        let prices = Prices::read("# ours\nm5.xlarge\t0.24  # with EMR's fee\n\nc5.2xlarge 0.085\n").unwrap();
        assert_eq!((prices.of("m5.xlarge"), prices.of("c5.2xlarge")), (Some(240_000), Some(85_000)));
        assert_eq!(prices.of("m5.large"), None);
    }

    #[test]
    fn capitals_and_a_byte_order_mark_are_read() {
        assert_eq!(Prices::read("\u{feff}M5.XLarge 0.24\n").unwrap().of("m5.xlarge"), Some(240_000));
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_line() {
        for bad in ["m5.xlarge", "m5.xlarge -1", "m5.xlarge NaN", "m5.xlarge 1 2", "m5 1", "m5.xlarge $1", "a.b inf"] {
            let error = Prices::read(&format!("\n{bad}")).unwrap_err().to_string();
            assert!(error.starts_with("line 2 is "), "{error}");
        }
        assert!(Prices::read("a.b 1\na.b 1").unwrap_err().to_string().contains("second price of a.b"));
    }
}
