//! The classes of keys and values between map and reduce, and in the output. Hadoop declares them from the job's
//! options, and fails a mapper that emits others.

use super::classes::key_class;
use super::program::{Mapper, Reducer};
use crate::run::streaming::input::InputFormat;
use crate::run::streaming::keys::KeyClass;
use crate::run::streaming::pipe::Form;
use crate::run::streaming::properties::Properties;

const TEXT: &str = "org.apache.hadoop.io.Text";

/// The types of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Types {
    /// The class of the mappers' keys.
    pub(in super::super) map_key: KeyClass,
    /// Whether the mappers' records have values.
    pub(in super::super) map_has_values: bool,
    /// Why the first record of a mapper fails, if it does.
    pub(in super::super) mismatch: Option<String>,
    /// The class of the keys in the output.
    pub(in super::super) output_key: KeyClass,
}

impl Types {
    pub(super) fn of(
        properties: &Properties,
        input_format: &InputFormat,
        mapper: &Mapper,
        reducer: &Reducer,
        reducers: usize,
    ) -> Result<Self, String> {
        let (map_key, map_has_values) = match mapper {
            Mapper::Command(program) => (KeyClass::Text, program.reader.form == Form::Text),
            Mapper::Identity => (input_format.key_class(), true),
        };
        let declared = declared(properties, mapper, reducer)?;
        let value = properties.get("mapreduce.map.output.value.class").unwrap_or(TEXT.to_owned());
        let mismatch = if reducers == 0 {
            None
        } else if declared != map_key {
            let (expected, received) = (declared.name(), map_key.name());
            Some(format!("Type mismatch in key from map: expected {expected}, received {received}"))
        } else if *mapper == Mapper::Identity && value != TEXT {
            Some(format!("Type mismatch in value from map: expected {value}, received {TEXT}"))
        } else {
            None
        };
        let is_kept = reducers == 0 || *reducer == Reducer::Identity;
        let output_key = if is_kept { map_key } else { KeyClass::Text };
        Ok(Self { map_key, map_has_values, mismatch, output_key })
    }
}

/// The key class that a job declares for its mappers.
fn declared(properties: &Properties, mapper: &Mapper, reducer: &Reducer) -> Result<KeyClass, String> {
    if matches!(mapper, Mapper::Command(_)) || properties.get("stream.map.output").is_some() {
        return Ok(KeyClass::Text);
    }
    if let Some(class) = key_class(properties, "mapreduce.map.output.key.class")? {
        return Ok(class);
    }
    if matches!(reducer, Reducer::Command(_)) || properties.get("stream.reduce.output").is_some() {
        return Ok(KeyClass::Text);
    }
    Ok(key_class(properties, "mapreduce.job.output.key.class")?.unwrap_or(KeyClass::Long))
}
