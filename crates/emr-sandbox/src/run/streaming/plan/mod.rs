//! What a streaming job does, decided before anything runs. Source: `StreamJob.setJobConf`.
//!
//! - [`classes`] maps Java classes to the sandbox's equivalents, and refuses others
//! - [`links`] parses the files and archives of the tasks; [`types`] has the classes of keys and values

mod classes;
mod links;
mod program;
mod types;

use emr_core::hadoop_glob;

pub(super) use self::links::Link;
pub(super) use self::program::{Mapper, Program, Reducer};
pub(super) use self::types::Types;
use super::command_line::CommandLine;
use super::input::InputFormat;
use super::keys::{Comparator, Partitioner};
use super::output::OutputFormat;
use super::properties::Properties;

/// Unsupported properties that change a job's result or when it fails.
const LACKING: [&str; 8] = [
    "mapred.mapper.new-api",
    "mapred.output.committer.class",
    "mapred.reducer.new-api",
    "mapreduce.input.pathFilter.class",
    "mapreduce.job.map.output.collector.class",
    "mapreduce.job.skiprecords",
    "stream.io.identifier.resolver.class",
    "stream.minRecWrittenToEnableSkip_",
];

/// A streaming job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) properties: Properties,
    pub(super) files: Vec<Link>,
    pub(super) archives: Vec<Link>,
    /// Jars that must exist.
    pub(super) libjars: Vec<Link>,
    /// Variables of `-cmdenv`.
    pub(super) environment: Vec<(String, String)>,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    pub(super) input_format: InputFormat,
    /// Lines of this many bytes or more are skipped.
    pub(super) longest_line: u64,
    /// The smallest split, in bytes.
    pub(super) least_split: u64,
    pub(super) mapper: Mapper,
    pub(super) combiner: Option<Reducer>,
    pub(super) reducer: Reducer,
    /// 0 for a job without reducers.
    pub(super) reducers: usize,
    pub(super) comparator: Comparator,
    pub(super) partitioner: Partitioner,
    pub(super) types: Types,
    pub(super) output_format: OutputFormat,
    /// Whether an exit code other than 0 fails the task.
    pub(super) exit_codes_count: bool,
    /// The prefix of lines on standard error that are for Hadoop.
    pub(super) reporter_prefix: String,
    pub(super) marks_success: bool,
    /// Whether the step ends when the job has started.
    pub(super) is_background: bool,
}

impl Plan {
    /// Plans a job from its words. The error names what is wrong or unsupported.
    pub(super) fn of(line: &CommandLine) -> Result<Self, String> {
        let mut properties = line.properties.clone();
        check_characters(&properties)?;
        check_lacking(&properties)?;
        let required = |name| line.one(name).ok_or_else(|| format!("Required argument: -{name} <name>"));
        required("input")?;
        let output = required("output")?.to_owned();
        if let Some(form) = line.one("io") {
            for name in ["stream.map.input", "stream.map.output", "stream.reduce.input", "stream.reduce.output"] {
                properties.set(name, form);
            }
        }
        let reducers = reducers(line, &properties)?;
        properties.set("mapreduce.job.reduces", reducers.to_string());
        let (input_format, is_text) = classes::input_format(line, &properties)?;
        let mapper = Mapper::of(line, &properties, &input_format, is_text)?;
        let reducer = Reducer::of(line, &properties, reducers)?;
        let types = Types::of(&properties, &input_format, &mapper, &reducer, reducers)?;
        let has_reducers = reducers > 0;
        let combiner = if has_reducers { Reducer::combiner_of(line, &properties, &reducer)? } else { None };
        let number =
            |name: &str| Ok::<_, String>(properties.number(name)?.and_then(|number| u64::try_from(number).ok()));
        Ok(Self {
            files: files(line)?,
            archives: links::list(line.archives.as_deref()).chain(links::cached(line.all("cacheArchive"))?).collect(),
            libjars: links::list(line.libjars.as_deref()).collect(),
            environment: environment(line),
            inputs: inputs(line, &properties),
            output,
            input_format,
            longest_line: number("mapreduce.input.linerecordreader.line.maxlength")?.unwrap_or(u64::MAX),
            least_split: number("mapreduce.input.fileinputformat.split.minsize")?.unwrap_or(1),
            mapper,
            combiner: combiner.map(|combiner| combiner.of_keys(types.map_key)),
            reducer: reducer.of_keys(types.map_key),
            reducers,
            comparator: if has_reducers { classes::comparator(&properties, types.map_key)? } else { Comparator::Bytes },
            partitioner: if reducers > 1 || line.has("partitioner") {
                classes::partitioner(line, &properties)?
            } else {
                Partitioner::Hash
            },
            types,
            output_format: classes::output_format(line, &properties)?,
            exit_codes_count: properties.flag("stream.non.zero.exit.is.failure", true),
            reporter_prefix: properties.get("stream.stderr.reporter.prefix").unwrap_or("reporter:".to_owned()),
            marks_success: properties.flag("mapreduce.fileoutputcommitter.marksuccessfuljobs", true),
            is_background: line.has("background"),
            properties: described(line, properties),
        })
    }
}

fn check_lacking(properties: &Properties) -> Result<(), String> {
    let is_set = |name: &&str| properties.get(name).is_some_and(|value| value != "false");
    let lacking = LACKING.into_iter().find(is_set);
    lacking.map_or(Ok(()), |name| Err(format!("the sandbox does not support {name}")))
}

/// Refuses values that the XML file of a job cannot hold.
fn check_characters(properties: &Properties) -> Result<(), String> {
    let is_illegal = |char: char| (char < ' ' && !"\t\n\r".contains(char)) || matches!(char, '\u{fffe}' | '\u{ffff}');
    match properties.iter().find(|(_, value)| value.contains(is_illegal)) {
        Some((name, value)) => {
            Err(format!("{name}: Hadoop cannot pass the value {value:?} to tasks: it has a control character"))
        }
        None => Ok(()),
    }
}

fn reducers(line: &CommandLine, properties: &Properties) -> Result<usize, String> {
    let of_option = line
        .one("numReduceTasks")
        .map(|text| text.parse().map_err(|_| format!("-numReduceTasks {text}: not a number")));
    let number = of_option.transpose()?.or(properties.number("mapreduce.job.reduces")?).unwrap_or(1);
    if line.one("reducer") == Some("NONE") {
        return Ok(0);
    }
    usize::try_from(number).map_err(|_| format!("mapreduce.job.reduces: {number} is less than 0"))
}

fn inputs(line: &CommandLine, properties: &Properties) -> Vec<String> {
    let of_property = properties.get("mapreduce.input.fileinputformat.inputdir");
    let all = of_property.as_deref().into_iter().chain(line.all("input"));
    all.flat_map(hadoop_glob::paths).filter(|input| !input.is_empty()).map(str::to_owned).collect()
}

fn files(line: &CommandLine) -> Result<Vec<Link>, String> {
    let mut files: Vec<_> = links::list(line.files.as_deref()).collect();
    for file in line.all("file") {
        if file.contains("://") {
            return Err(format!("File: {file} does not exist, or is not readable: -file takes a path on the master"));
        }
        files.push(Link::parse(file));
    }
    files.extend(links::cached(line.all("cacheFile"))?);
    Ok(files)
}

/// The variables of `-cmdenv`. Hadoop joins them with blanks and splits at blanks, so a value ends at its first blank.
fn environment(line: &CommandLine) -> Vec<(String, String)> {
    let joined = line.all("cmdenv").collect::<Vec<_>>().join(" ");
    let pairs = joined.split(' ').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The properties, and those that streaming sets for its tasks.
fn described(line: &CommandLine, mut properties: Properties) -> Properties {
    let joined = line.all("cmdenv").fold("HADOOP_ROOT_LOGGER=".to_owned(), |all, pair| format!("{all} {pair}"));
    properties.set("stream.addenvironment", joined);
    for (option, name) in [("mapper", "map"), ("combiner", "combine"), ("reducer", "reduce")] {
        if let Some(command) = line.one(option) {
            properties.set(&format!("stream.{name}.streamprocessor"), url_encoded(command));
        }
    }
    properties.set("mapreduce.output.fileoutputformat.outputdir", line.one("output").unwrap_or_default());
    properties.set("mapreduce.input.fileinputformat.inputdir", inputs(line, &properties).join(","));
    for name in ["mapreduce.job.output.key.class", "mapreduce.job.output.value.class"] {
        if properties.get(name).is_none() {
            properties.set(name, "org.apache.hadoop.io.Text");
        }
    }
    properties
}

/// Encodes as Java's `URLEncoder` does.
fn url_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b".-*_".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests;
