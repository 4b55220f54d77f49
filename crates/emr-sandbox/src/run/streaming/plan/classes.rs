//! The Java classes that a job names, and the sandbox's equivalents. A class without one is refused by name.

use super::super::command_line::CommandLine;
use super::super::compress::Codec;
use super::super::input::InputFormat;
use super::super::keys::{Comparator, KeyClass, KeyFields, Partitioner};
use super::super::output::OutputFormat;
use super::super::properties::Properties;

/// The codec of compressed outputs if the job names none.
const DEFAULT_CODEC: &str = "org.apache.hadoop.io.compress.DefaultCodec";

/// The input format, and whether mappers by default get lines without keys.
pub(super) fn input_format(line: &CommandLine, properties: &Properties) -> Result<(InputFormat, bool), String> {
    let reader = line.one("inputreader");
    let Some(class) = line.one("inputformat") else {
        return match reader {
            Some(reader) => Ok((stream_format(Some(reader), properties)?, false)),
            None => Ok((text(properties), true)),
        };
    };
    let keyed = |format| Ok((format, false));
    match class.strip_prefix("org.apache.hadoop.").unwrap_or(class) {
        "mapred.TextInputFormat" | "TextInputFormat" => Ok((text(properties), true)),
        "streaming.AutoInputFormat" | "AutoInputFormat" => keyed(text(properties)),
        "mapred.KeyValueTextInputFormat"
        | "KeyValueTextInputFormat"
        | "streaming.StreamInputFormat"
        | "StreamInputFormat" => keyed(stream_format(reader, properties)?),
        "mapred.lib.NLineInputFormat" => {
            let number = properties.number("mapreduce.input.lineinputformat.linespermap")?;
            keyed(InputFormat::NLine { lines: number.unwrap_or(1) })
        }
        name if name.starts_with("mapreduce.") => {
            Err(format!("class {class} not org.apache.hadoop.mapred.InputFormat"))
        }
        name if name.starts_with("mapred.") || name.starts_with("SequenceFile") => {
            Err(format!("the sandbox does not support -inputformat {class}"))
        }
        _ => Err(format!("-inputformat : class not found : {class}")),
    }
}

fn text(properties: &Properties) -> InputFormat {
    InputFormat::Text { delimiter: properties.get("textinputformat.record.delimiter").map(String::into_bytes) }
}

/// The format of `-inputreader`; without one, keys and values.
fn stream_format(reader: Option<&str>, properties: &Properties) -> Result<InputFormat, String> {
    let Some(reader) = reader else {
        let separator = properties.get("mapreduce.input.keyvaluelinerecordreader.key.value.separator");
        // The low byte of the first character, as Java casts it.
        let byte = separator.and_then(|text| text.encode_utf16().next()).map_or(b'\t', |unit| unit.to_le_bytes()[0]);
        return Ok(InputFormat::KeyValue { separator: byte });
    };
    let mut words = reader.split(',');
    let class = words.next().unwrap_or_default();
    if class.strip_prefix("org.apache.hadoop.streaming.").unwrap_or(class) != "StreamXmlRecordReader" {
        return Err(format!("-inputreader: class not found: {class}"));
    }
    let mut marks = Properties::default();
    words.filter_map(|word| word.split_once('=')).for_each(|(name, value)| marks.set(name, value));
    if marks.flag("slowmatch", false) {
        return Err("the sandbox does not support slowmatch of -inputreader".to_owned());
    }
    let mark = |name: &str| {
        let mark = marks.get(name).map(String::into_bytes);
        mark.ok_or_else(|| format!("JobConf: missing required property: stream.recordreader.{name}"))
    };
    Ok(InputFormat::Xml { begin: mark("begin")?, end: mark("end")? })
}

/// The output format.
pub(super) fn output_format(line: &CommandLine, properties: &Properties) -> Result<OutputFormat, String> {
    let class = line.one("outputformat").unwrap_or("org.apache.hadoop.mapred.TextOutputFormat");
    let (is_multiple, is_null) = match class.strip_prefix("org.apache.hadoop.").unwrap_or_default() {
        "mapred.TextOutputFormat" => (false, false),
        "mapred.lib.MultipleTextOutputFormat" => (true, false),
        "mapred.lib.NullOutputFormat" => (false, true),
        name if name.starts_with("mapred.") => {
            return Err(format!("the sandbox does not support -outputformat {class}"));
        }
        name if name.starts_with("mapreduce.") => {
            return Err(format!("class {class} not org.apache.hadoop.mapred.OutputFormat"));
        }
        _ => return Err(format!("-outputformat : class not found : {class}")),
    };
    if is_multiple && properties.get("mapred.outputformat.numOfTrailingLegs").is_some() {
        return Err("the sandbox does not support mapred.outputformat.numOfTrailingLegs".to_owned());
    }
    Ok(OutputFormat {
        separator: properties.get("mapreduce.output.textoutputformat.separator").unwrap_or("\t".into()).into_bytes(),
        codec: codec(properties)?,
        is_lazy: is_multiple || line.has("lazyOutput"),
        is_null,
    })
}

fn codec(properties: &Properties) -> Result<Option<Codec>, String> {
    const COMPRESS: &str = "mapreduce.output.fileoutputformat.compress";
    if !properties.flag(COMPRESS, false) {
        return Ok(None);
    }
    let name = format!("{COMPRESS}.codec");
    let class = properties.get(&name).unwrap_or(DEFAULT_CODEC.to_owned());
    Codec::of_class(&class).map(Some).map_err(|error| format!("{name}: {error}"))
}

/// The separator of key fields for the classes below.
fn separator(properties: &Properties) -> String {
    properties.get("mapreduce.map.output.key.field.separator").unwrap_or("\t".to_owned())
}

fn is_key_field_comparator(class: &str) -> bool {
    let name = class.strip_prefix("org.apache.hadoop.").unwrap_or_default();
    matches!(name, "mapred.lib.KeyFieldBasedComparator" | "mapreduce.lib.partition.KeyFieldBasedComparator")
}

/// The order of keys between map and reduce.
pub(super) fn comparator(properties: &Properties, key_class: KeyClass) -> Result<Comparator, String> {
    const NAME: &str = "mapreduce.job.output.key.comparator.class";
    for name in ["mapreduce.job.output.group.comparator.class", "mapreduce.job.combiner.group.comparator.class"] {
        // Hadoop passes whole keys to this class, which compares them as usual: it has no effect.
        if let Some(class) = properties.get(name).filter(|class| !is_key_field_comparator(class)) {
            return Err(format!("{name}: the sandbox has no class {class}"));
        }
    }
    let Some(class) = properties.get(NAME) else {
        return Ok(Comparator::Bytes);
    };
    match (class.as_str(), key_class) {
        (class, KeyClass::Text) if is_key_field_comparator(class) => {
            let options = properties.get("mapreduce.partition.keycomparator.options").unwrap_or_default();
            Ok(Comparator::Fields(KeyFields::parse(&options, &separator(properties))?))
        }
        ("org.apache.hadoop.io.Text$Comparator", KeyClass::Text)
        | ("org.apache.hadoop.io.LongWritable$Comparator", KeyClass::Long) => Ok(Comparator::Bytes),
        ("org.apache.hadoop.io.LongWritable$DecreasingComparator", KeyClass::Long) => Ok(Comparator::Decreasing),
        _ => Err(format!("{NAME}: the sandbox has no class {class} for keys of {}", key_class.name())),
    }
}

/// Which reducer gets a key.
pub(super) fn partitioner(line: &CommandLine, properties: &Properties) -> Result<Partitioner, String> {
    const PROPERTY: &str = "mapred.partitioner.class";
    let option = line.one("partitioner");
    let name = if option.is_some() { "-partitioner " } else { PROPERTY };
    let Some(class) = option.map(str::to_owned).or_else(|| properties.get(PROPERTY)) else {
        return Ok(Partitioner::Hash);
    };
    match class.strip_prefix("org.apache.hadoop.").unwrap_or_default() {
        "mapred.lib.HashPartitioner" => Ok(Partitioner::Hash),
        "mapred.lib.KeyFieldBasedPartitioner" => {
            if let Some(count) = properties.number("num.key.fields.for.partition")? {
                return Ok(Partitioner::Fields(KeyFields::first(count, &separator(properties))));
            }
            let options = properties.get("mapreduce.partition.keypartitioner.options").unwrap_or_default();
            Ok(Partitioner::Fields(KeyFields::parse(&options, &separator(properties))?))
        }
        known if known.starts_with("mapreduce.") => {
            Err(format!("class {class} not org.apache.hadoop.mapred.Partitioner"))
        }
        known if known.starts_with("mapred.") => Err(format!("{name}: the sandbox has no class {class}")),
        _ => Err(format!("{name}: class not found : {class}")),
    }
}

/// The key class that the property `name` names.
pub(super) fn key_class(properties: &Properties, name: &str) -> Result<Option<KeyClass>, String> {
    let Some(class) = properties.get(name) else {
        return Ok(None);
    };
    let known = [KeyClass::Text, KeyClass::Long].into_iter().find(|known| known.name() == class);
    known.map(Some).ok_or_else(|| format!("{name}: the sandbox has no class {class}"))
}
