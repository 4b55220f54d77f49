//! The mapper, the combiner and the reducer of a job.

use crate::run::streaming::command_line::CommandLine;
use crate::run::streaming::input::InputFormat;
use crate::run::streaming::keys::KeyClass;
use crate::run::streaming::pipe::{Form, InputWriter, OutputReader};
use crate::run::streaming::properties::Properties;

/// A command, and the formats of its pipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Program {
    pub(in super::super) command: String,
    pub(in super::super) writer: InputWriter,
    pub(in super::super) reader: OutputReader,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Mapper {
    Command(Program),
    /// Passes records on unchanged.
    Identity,
}

/// A reducer or a combiner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Reducer {
    Command(Program),
    /// Passes records on unchanged.
    Identity,
    /// Aggregates, counting up to `most` unique values of a key.
    Aggregate {
        most: usize,
    },
}

impl Mapper {
    /// The mapper; the identity if the job names none.
    pub(super) fn of(
        line: &CommandLine,
        properties: &Properties,
        input_format: &InputFormat,
        is_text: bool,
    ) -> Result<Self, String> {
        match named(line, properties, "mapper").as_deref() {
            None | Some("org.apache.hadoop.mapred.lib.IdentityMapper") => Ok(Self::Identity),
            Some(command) if is_class(command) => Err(lacking("mapper", command)),
            Some(command) => {
                let mut program = Program::of(command, properties, "map")?;
                let is_left_out = properties.flag("stream.map.input.ignoreKey", is_text);
                program.writer.leaves_out_key = is_left_out && program.writer.form == Form::Text;
                program.writer.key_class = input_format.key_class();
                Ok(Self::Command(program))
            }
        }
    }
}

impl Reducer {
    /// The reducer; the identity if the job names none or has no reducers.
    pub(super) fn of(line: &CommandLine, properties: &Properties, reducers: usize) -> Result<Self, String> {
        if reducers == 0 {
            return Ok(Self::Identity);
        }
        match named(line, properties, "reducer") {
            None => Ok(Self::Identity),
            Some(command) if command.eq_ignore_ascii_case("aggregate") => aggregate(properties),
            Some(command) => Self::of_command("reducer", &command, properties),
        }
    }

    /// The combiner. `aggregate` brings its own.
    pub(super) fn combiner_of(
        line: &CommandLine,
        properties: &Properties,
        reducer: &Self,
    ) -> Result<Option<Self>, String> {
        let is_aggregate = line.one("reducer").is_some_and(|command| command.eq_ignore_ascii_case("aggregate"));
        if is_aggregate {
            return Ok(Some(reducer.clone()));
        }
        let command = named(line, properties, "combiner");
        command.map(|command| Self::of_command("combiner", &command, properties)).transpose()
    }

    fn of_command(role: &str, command: &str, properties: &Properties) -> Result<Self, String> {
        match command {
            "org.apache.hadoop.mapred.lib.IdentityReducer" => Ok(Self::Identity),
            "org.apache.hadoop.mapred.lib.aggregate.ValueAggregatorReducer" if role == "reducer" => {
                aggregate(properties)
            }
            "org.apache.hadoop.mapred.lib.aggregate.ValueAggregatorCombiner" if role == "combiner" => {
                aggregate(properties)
            }
            class if is_class(class) => Err(lacking(role, class)),
            command => Program::of(command, properties, "reduce").map(Self::Command),
        }
    }

    /// The reducer for keys of this class.
    pub(super) fn of_keys(mut self, key_class: KeyClass) -> Self {
        if let Self::Command(program) = &mut self {
            program.writer.key_class = key_class;
        }
        self
    }
}

impl Program {
    /// A command, with the pipe formats of the properties `stream.SIDE.…`.
    fn of(command: &str, properties: &Properties, side: &str) -> Result<Self, String> {
        let form = |way: &str| {
            let name = format!("stream.{side}.{way}");
            let named = properties.get(&name).map_or(Ok(Form::Text), |form| Form::of_name(&form));
            named.map_err(|error| format!("{name}: {error}"))
        };
        let separator = |way: &str| {
            properties.get(&format!("stream.{side}.{way}.field.separator")).unwrap_or("\t".to_owned()).into_bytes()
        };
        Ok(Self {
            command: command.to_owned(),
            writer: InputWriter {
                form: form("input")?,
                separator: separator("input"),
                leaves_out_key: false,
                key_class: KeyClass::Text,
            },
            reader: OutputReader {
                form: form("output")?,
                separator: separator("output"),
                key_fields: properties.number(&format!("stream.num.{side}.output.key.fields"))?.unwrap_or(1),
            },
        })
    }
}

/// The command or class in the option or the older property of a role.
fn named(line: &CommandLine, properties: &Properties, role: &str) -> Option<String> {
    line.one(role).map(str::to_owned).or_else(|| properties.get(&format!("mapred.{role}.class")))
}

fn aggregate(properties: &Properties) -> Result<Reducer, String> {
    let most = properties.number("mapreduce.aggregate.max.num.unique.values")?.filter(|most| *most > 0);
    Ok(Reducer::Aggregate { most: most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX) })
}

fn is_class(command: &str) -> bool {
    command.starts_with("org.apache.") && !command.contains(char::is_whitespace)
}

fn lacking(role: &str, class: &str) -> String {
    format!("the sandbox runs programs only: -{role} {class}")
}
