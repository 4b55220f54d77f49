//! Parses the command line of the streaming jar. An option or a class that the sandbox lacks is refused
//! by its name before anything runs.

use std::collections::BTreeMap;

use emr_core::shell;

/// A file or an archive that tasks find under `name` in their directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) uri: String,
    pub(super) name: String,
}

/// The arguments of a streaming job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arguments {
    /// Of `-D` and of the older options for the same properties.
    pub(super) properties: BTreeMap<String, String>,
    pub(super) files: Vec<Link>,
    pub(super) archives: Vec<Link>,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    /// `None` is the identity mapper; likewise for the reducer.
    pub(super) mapper: Option<String>,
    pub(super) combiner: Option<String>,
    pub(super) reducer: Option<String>,
    pub(super) environment: Vec<(String, String)>,
}

/// Property names of the number of reducers, new and old.
const REDUCES: [&str; 2] = ["mapreduce.job.reduces", "mapred.reduce.tasks"];

/// Classes that do what the sandbox does without them.
const HARMLESS_CLASSES: [&str; 5] =
    ["TextInputFormat", "TextOutputFormat", "HashPartitioner", "KeyFieldBasedPartitioner", "KeyFieldBasedComparator"];

impl Arguments {
    /// Parses the arguments. The error says which of them is wrong.
    pub(super) fn parse(args: &[String]) -> Result<Self, String> {
        let mut arguments = Self::default();
        let mut args = args.iter();
        while let Some(option) = args.next() {
            let name = option.trim_start_matches('-');
            if !option.starts_with('-') {
                return Err(format!("unexpected argument {option}"));
            }
            if matches!(name, "verbose" | "debug" | "background" | "lazyOutput" | "info") {
                continue;
            }
            if let Some(property) = name.strip_prefix('D').filter(|rest| rest.contains('=')) {
                arguments.set(property)?;
                continue;
            }
            let value = args.next().ok_or_else(|| format!("option {option} needs a value"))?;
            arguments.take(name, value)?;
        }
        arguments.check()
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "D" | "jobconf" => self.set(value)?,
            "input" => self.inputs.extend(value.split(',').map(str::to_owned)),
            "output" => value.clone_into(&mut self.output),
            "mapper" => self.mapper = command(value),
            "combiner" => self.combiner = command(value),
            "reducer" => self.reducer = command(value),
            "file" => self.files.push(link(value)),
            "files" | "cacheFile" => self.files.extend(value.split(',').map(link)),
            "archives" | "cacheArchive" => self.archives.extend(value.split(',').map(link)),
            "cmdenv" => {
                let (name, value) = pair(value)?;
                self.environment.push((name.to_owned(), value.to_owned()));
            }
            "numReduceTasks" => self.set(&format!("{}={value}", REDUCES[0]))?,
            "inputformat" | "outputformat" | "partitioner" => harmless(name, value)?,
            "libjars" | "jt" | "fs" | "conf" => {}
            _ => return Err(format!("the sandbox does not know the option -{name}")),
        }
        Ok(())
    }

    fn set(&mut self, property: &str) -> Result<(), String> {
        let (name, value) = pair(property)?;
        self.properties.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    fn check(self) -> Result<Self, String> {
        if self.inputs.is_empty() {
            return Err("required argument: -input <path>".to_owned());
        }
        if self.output.is_empty() {
            return Err("required argument: -output <path>".to_owned());
        }
        for command in [&self.mapper, &self.combiner, &self.reducer].into_iter().flatten() {
            let words = shell::split(command).map_err(|error| format!("{command}: {error}"))?;
            if words.is_empty() || command == "aggregate" || is_class(command) {
                return Err(format!("the sandbox runs programs only, not `{command}`"));
            }
        }
        for name in REDUCES {
            let value = self.properties.get(name);
            if let Some(value) = value.filter(|value| value.parse::<usize>().is_err()) {
                return Err(format!("{name}: `{value}` is not a number"));
            }
        }
        Ok(self)
    }

    /// The value of the first of the properties `names` that is set.
    pub(super) fn property(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.properties.get(*name).map(String::as_str))
    }

    /// The number of reducers; 0 in a job of mappers only.
    pub(super) fn reducers(&self) -> usize {
        if self.reducer.as_deref() == Some("NONE") {
            return 0;
        }
        self.property(&REDUCES).and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

/// A command, `None` for Hadoop's identity classes.
fn command(text: &str) -> Option<String> {
    let is_identity = text.ends_with(".IdentityMapper") || text.ends_with(".IdentityReducer");
    (!is_identity).then(|| text.to_owned())
}

fn is_class(command: &str) -> bool {
    command.starts_with("org.apache.") && !command.contains(char::is_whitespace)
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').ok_or_else(|| format!("{text}: not of the form name=value"))
}

/// Parses `uri#name`, or a URI whose last part is the name. A name never leads out of the task's
/// directory.
fn link(text: &str) -> Link {
    let (uri, name) = text.split_once('#').unwrap_or((text, ""));
    let name = if name.is_empty() { uri } else { name };
    let name = name.rsplit('/').find(|part| !matches!(*part, "" | "." | ".."));
    Link { uri: uri.to_owned(), name: name.unwrap_or("file").to_owned() }
}

fn harmless(option: &str, class: &str) -> Result<(), String> {
    let name = class.rsplit('.').next().unwrap_or(class);
    if HARMLESS_CLASSES.contains(&name) {
        return Ok(());
    }
    Err(format!("the sandbox has no Java classes: -{option} {class}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(&shell::split(line).unwrap())
    }

    #[test]
    fn the_arguments_of_an_mrjob_step_are_read() {
        let arguments = parse(
            "-D mapreduce.job.name=x -files 's3://b/wc.py#wc.py,s3://b/setup-wrapper.sh#w.sh' \
             -archives 's3://b/code.tar.gz#code' -input s3://b/in -output s3://b/out \
             -mapper '/bin/sh -ex w.sh python3 wc.py --mapper' -reducer 'python3 wc.py --reducer' \
             -cmdenv A=b=c -jobconf x=1 -Dy=2 -numReduceTasks 3 -verbose",
        )
        .unwrap();
        assert_eq!(arguments.files[1], Link { uri: "s3://b/setup-wrapper.sh".into(), name: "w.sh".into() });
        assert_eq!(arguments.archives[0].name, "code");
        assert_eq!(arguments.environment, [("A".to_owned(), "b=c".to_owned())]);
        assert_eq!(arguments.properties["x"], "1");
        assert_eq!(arguments.properties["y"], "2");
        assert_eq!(arguments.reducers(), 3);
    }

    #[test]
    fn there_is_one_reducer_unless_the_job_says_otherwise() {
        let reducers = |rest: &str| parse(&format!("-input i -output o {rest}")).unwrap().reducers();
        assert_eq!(reducers(""), 1);
        assert_eq!(reducers("-reducer NONE"), 0);
        assert_eq!(reducers("-D mapred.reduce.tasks=0"), 0);
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        for (line, part) in [
            ("-output o", "-input"),
            ("-input i", "-output"),
            ("-input i -output", "needs a value"),
            ("-input i -output o -inputformat org.x.Y", "org.x.Y"),
            ("-input i -output o -what x", "-what"),
            ("-input i -output o -mapper \"'x\"", "'x"),
            ("-input i -output o -numReduceTasks many", "many"),
            ("-input i -output o -reducer aggregate", "aggregate"),
            ("-input i -output o -mapper org.apache.hadoop.Some", "org.apache.hadoop.Some"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }

    #[test]
    fn the_name_of_a_file_never_leaves_the_directory() {
        assert_eq!(link("s3://b/x#../../etc/passwd").name, "passwd");
        assert_eq!(link("s3://b/x#..").name, "file");
        assert_eq!(link("s3://b/dir/x").name, "x");
    }
}
