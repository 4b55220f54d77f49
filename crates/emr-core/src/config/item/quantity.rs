//! Types of amounts: sizes and durations, where a bare number has the unit of its option.

use std::time::Duration;

use serde_json::Value as Json;

use super::{Item, Read, parsed};
use crate::config::value::Value;
use crate::config::{Surroundings, scalar};
use crate::model::size;
use crate::model::time::Unit;

/// A number of GiB, or a size such as `100G`.
#[derive(Debug)]
pub struct Gibibytes;

impl Gibibytes {
    /// How many a size with a unit is.
    fn of_size(text: &str) -> Option<u32> {
        let bytes =
            size::bytes(text).ok().filter(|bytes| text.parse::<u64>().is_err() && bytes.is_multiple_of(1 << 30))?;
        (bytes >> 30).try_into().ok()
    }
}

impl Item for Gibibytes {
    type Value = u32;

    fn read(value: &Value, _: &Surroundings) -> Read<u32> {
        let number = |text: &str| scalar::whole(text)?.try_into().ok();
        parsed(value, "is not a whole number of GiB", |text| number(text).or_else(|| Self::of_size(text)))
    }

    fn json(value: &u32) -> Json {
        (*value).into()
    }

    fn check(text: &str) -> Result<String, String> {
        let number = text.parse().ok().or_else(|| Self::of_size(text));
        number
            .map(|number| number.to_string())
            .ok_or_else(|| "not a whole number of GiB, nor a size such as 100G".to_owned())
    }
}

/// Declares a type of durations. A bare number has the unit in the option's name.
macro_rules! duration {
    ($(#[doc = $text:literal] $type:ident: $unit:expr;)*) => {$(
        #[doc = $text]
        #[derive(Debug)]
        pub struct $type;

        impl Item for $type {
            type Value = Duration;

            fn read(value: &Value, _: &Surroundings) -> Read<Duration> {
                parsed(value, "is not a duration", |text| match scalar::number(text) {
                    Some(amount) => $unit.times(amount),
                    None => $unit.read(text).ok(),
                })
            }

            fn json(value: &Duration) -> Json {
                $unit.count(*value).into()
            }

            fn check(text: &str) -> Result<String, String> {
                let duration = $unit.read(text).map_err(|error| error.to_string())?;
                Ok(humantime::format_duration(duration).to_string())
            }
        }
    )*};
}

duration! {
    /// A number of seconds, or a duration such as `15m`.
    Seconds: Unit::Seconds;
    /// A number of minutes, or a duration such as `2h`.
    Minutes: Unit::Minutes;
    /// A number of hours, or a duration such as `90m`.
    Hours: Unit::Hours;
}
