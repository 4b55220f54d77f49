//! The places on S3 that a streaming step reads and writes, and how they may lie to one another.

use emr_core::error::{Error, Result};
use emr_core::hadoop_glob::{self, HadoopGlob};
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::step::NewStep;
use emr_core::streaming_step;
use emr_core::upload::Item;

use crate::location::Location;

/// What a streaming step reads and writes on S3. Places elsewhere, such as HDFS, are left out.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Option<S3Uri>,
}

/// An input on S3.
#[derive(Debug)]
pub(crate) struct Input {
    /// As it is written.
    pub(crate) written: String,
    /// The place, or the place up to where a glob begins, without a slash at its end.
    at: S3Uri,
    glob: Option<HadoopGlob>,
}

impl Places {
    /// The places of `step`; `None` if it does not stream.
    pub(crate) fn of(step: &NewStep) -> Option<Self> {
        if !streaming_step::is_streaming(&step.jar, &step.args) {
            return None;
        }
        Some(Self::new(inputs(step), streaming_step::output(&step.jar, &step.args)))
    }

    /// The places of a step that reads `inputs` and writes to `output`.
    pub(crate) fn new<'a>(inputs: impl Iterator<Item = &'a str>, output: Option<&str>) -> Self {
        Self {
            inputs: inputs.filter_map(Input::read).collect(),
            output: output.and_then(|output| output.parse().ok()).map(without_slash),
        }
    }

    /// Refuses places that overlap: an output that holds an input or the scratch URI, and one within an input.
    pub(crate) fn check(&self, scratch: Option<&S3Uri>) -> Result<()> {
        let Some(output) = &self.output else { return Ok(()) };
        let refused = |text: String| Err(Error::usage(text).advise("give another --output"));
        if output.key.is_empty() {
            return refused(format!(
                "the output {output} is a whole bucket, and Hadoop writes to no place that exists"
            ));
        }
        if let Some(scratch) = scratch.filter(|scratch| is_within(scratch, output)) {
            return refused(format!("the scratch URI {scratch} lies in the output {output}, which must not exist"));
        }
        for input in &self.inputs {
            if is_within(&input.at, output) {
                return refused(format!(
                    "the input {} lies in the output {output}, which must not exist",
                    input.written
                ));
            }
            if input.covers(output) {
                return refused(format!("the output {output} lies in the input {}", input.written));
            }
        }
        Ok(())
    }

    /// Whether this step may write what `input` reads.
    pub(crate) fn may_write(&self, input: &Input) -> bool {
        let touches = |output: &S3Uri| is_within(&input.at, output) || is_within(output, &input.at);
        self.output.as_ref().is_some_and(touches)
    }
}

impl Input {
    /// The input `written`; `None` if it is not on S3, or its glob cannot be parsed.
    pub(crate) fn read(written: &str) -> Option<Self> {
        let place: S3Uri = written.parse().ok()?;
        let glob = hadoop_glob::is_glob(&place.key).then(|| HadoopGlob::new(&place.key)).transpose().ok()?;
        let literal = hadoop_glob::literal_prefix(&place.key);
        let key = if glob.is_some() { &literal[..literal.rfind('/').unwrap_or(0)] } else { literal };
        let at = without_slash(S3Uri { bucket: place.bucket, key: key.to_owned() });
        Some(Self { written: written.to_owned(), at, glob })
    }

    /// The file that this is, unless it is a glob or a bucket.
    pub(crate) fn file(&self) -> Option<&S3Uri> {
        Some(&self.at).filter(|at| self.glob.is_none() && !at.key.is_empty())
    }

    /// What the keys of all that it reads begin with, but for [`Self::file`].
    pub(crate) fn folder(&self) -> S3Uri {
        let slash = if self.at.key.is_empty() { "" } else { "/" };
        S3Uri { key: format!("{}{slash}", self.at.key), ..self.at.clone() }
    }

    /// Whether `place` is the input, or lies below it.
    pub(crate) fn covers(&self, place: &S3Uri) -> bool {
        match &self.glob {
            Some(glob) => place.bucket == self.at.bucket && glob.covers(&place.key),
            None => is_within(place, &self.at),
        }
    }
}

/// Refuses an output that does not name its file system: it would be on HDFS, where a local path is meant.
pub(crate) fn check_output(place: &str) -> Result<()> {
    let advice = match Item::read(place) {
        Item::Remote(_) => return check_scheme(place),
        Item::Local(path) if path.is_absolute() && !place.contains("://") => {
            format!("write s3://bucket/directory/, or hdfs://{place} for a directory of the job flow's own")
        }
        Item::Local(_) => "write s3://bucket/directory/".to_owned(),
    };
    Err(Error::usage(format!("a job flow cannot write to '{place}'")).advise(advice))
}

/// Refuses the URI of a place that Hadoop can neither read nor write.
pub(crate) fn check_scheme(uri: &str) -> Result<()> {
    let Some((scheme, rest)) = uri.split_once("://") else { return Ok(()) };
    let lower = scheme.to_ascii_lowercase();
    if ["http", "https", "ftp"].contains(&lower.as_str()) {
        return Err(Error::usage(format!("Hadoop neither reads nor writes '{uri}'")).advise("copy it to S3"));
    }
    if lower == scheme {
        return Ok(());
    }
    Err(Error::usage(format!("Hadoop knows no '{scheme}://'")).advise(format!("write {lower}://{rest}")))
}

fn without_slash(uri: S3Uri) -> S3Uri {
    S3Uri { key: uri.key.trim_end_matches('/').to_owned(), ..uri }
}

/// What a streaming step reads.
fn inputs(step: &NewStep) -> impl Iterator<Item = &str> {
    streaming_step::values(&step.args, "input").flat_map(hadoop_glob::paths)
}

/// Where the job's output is that each of `steps` writes. What a later one reads is not the job's output.
pub(crate) fn outputs(steps: &[NewStep]) -> Vec<Option<String>> {
    let all = steps.iter().enumerate().map(|(number, step)| {
        let output = streaming_step::output(&step.jar, &step.args)?;
        (reader(steps, number).is_none()).then(|| output.to_owned())
    });
    all.collect()
}

/// The first two of `steps`, counted from 0, of which the later reads what the earlier writes.
pub(crate) fn dependents(steps: &[NewStep]) -> Option<(usize, usize)> {
    (0..steps.len()).find_map(|number| Some((number, reader(steps, number)?)))
}

/// The first of `steps` that reads what the one of this `number` writes.
fn reader(steps: &[NewStep], number: usize) -> Option<usize> {
    let output = Location::output(&steps[number])?;
    (number + 1..steps.len()).find(|later| reads(&steps[*later], &output))
}

/// Whether `step` reads what lies at `output`, as far as its words tell. Of a step that does not stream each word may be
/// a place that it reads.
fn reads(step: &NewStep, output: &Location) -> bool {
    if streaming_step::is_streaming(&step.jar, &step.args) {
        return inputs(step).map(Location::read).any(|input| input.meets(output));
    }
    let words = step.args.iter().flat_map(|arg| arg.split(['=', ',']));
    let mut places = words.filter(|word| word.contains(":/") || word.starts_with('/')).map(Location::read);
    // A place above the output may stand for anything.
    places.any(|place| place.meets(output) && !output.is_below(&place))
}

/// Refuses `steps` of which one writes where another of them does, or within that.
pub(crate) fn check_outputs(steps: &[NewStep]) -> Result<()> {
    let all: Vec<_> = steps.iter().map(Location::output).collect();
    for (number, later) in all.iter().enumerate() {
        let Some(later) = later else { continue };
        let is_one = |other: &Option<Location>| {
            other.as_ref().is_some_and(|other| other == later || other.is_below(later) || later.is_below(other))
        };
        if let Some(earlier) = all[..number].iter().position(is_one) {
            let text = format!("step {} and step {} write to one place, {later}", earlier + 1, number + 1);
            return Err(Error::usage(text).advise("give each step an -output of its own, outside of the others"));
        }
    }
    Ok(())
}

/// Whether `inner` is `outer` or lies below it.
fn is_within(inner: &S3Uri, outer: &S3Uri) -> bool {
    let rest = inner.key.strip_prefix(&outer.key).filter(|_| inner.bucket == outer.bucket);
    rest.is_some_and(|rest| outer.key.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example::new_step;

    use super::*;

    fn places(args: &[&str]) -> Option<Places> {
        Places::of(&new_step("command-runner.jar", args))
    }

    fn checked(input: &str, output: &str) -> Result<()> {
        let places = places(&["hadoop-streaming", "-input", input, "-output", output]).unwrap();
        places.check(Some(&"s3://b/tmp".parse().unwrap()))
    }

    #[test]
    fn a_place_that_hadoop_cannot_use_is_refused() {
        for (output, words) in [
            ("out", "cannot write to 'out'; write s3://bucket/directory/"),
            ("/tmp/x", "or hdfs:///tmp/x for a directory"),
            ("file:///tmp/x", "cannot write to 'file:///tmp/x'"),
            ("S3://b/Out", "Hadoop knows no 'S3://'; write s3://b/Out"),
            ("https://b/out", "Hadoop neither reads nor writes 'https://b/out'"),
        ] {
            let error = check_output(output).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
        for place in ["s3://b/out", "s3n://b/out", "s3a://b/out", "hdfs:///out", "hdfs:/out", "viewfs://x/y"] {
            check_output(place).unwrap();
        }
        check_scheme("in.txt").unwrap();
    }

    #[test]
    fn only_places_on_s3_of_streaming_steps_count() {
        assert!(places(&["spark-submit", "-input", "s3://b/x"]).is_none());
        let args = ["hadoop-streaming", "-input", "s3://b/x,hdfs:///y", "-input", "s3n://c/z/", "-output", "/out"];
        let found = places(&args).unwrap();
        assert_eq!(
            found.inputs.iter().map(|input| input.written.as_str()).collect::<Vec<_>>(),
            ["s3://b/x", "s3n://c/z/"]
        );
        assert_eq!(found.output, None);
    }

    #[test]
    fn places_that_lie_in_one_another_are_refused() {
        for (input, output, words) in [
            ("s3://b/in/", "s3://b/in", "the input s3://b/in/ lies in the output"),
            ("s3://b/out/deep/x", "s3://b/out/", "the input s3://b/out/deep/x lies in the output"),
            ("s3://b/out/*", "s3://b/out/", "the input s3://b/out/* lies in the output"),
            ("s3://b/in", "s3://b/in/out", "the output s3://b/in/out lies in the input s3://b/in"),
            ("s3://b/in/*", "s3n://b/in/out", "the output s3://b/in/out lies in the input s3://b/in/*"),
            ("s3://b/in", "s3://b/tmp/", "the scratch URI s3://b/tmp lies in the output"),
            ("s3://c/in", "s3://b/", "is a whole bucket"),
        ] {
            let error = checked(input, output).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        for (input, output) in [
            ("s3://b/in", "s3://b/in-2"),
            ("s3://b/in-2", "s3://b/in"),
            ("s3://c/in", "s3://b/in"),
            ("s3://b/in/*.gz", "s3://b/in/out"),
            ("s3://b/x/", "s3://b/tmp/out"),
        ] {
            checked(input, output).unwrap();
        }
    }

    #[test]
    fn what_a_later_step_reads_is_not_the_output_of_the_job() {
        let step = |input: &str, output: &str| {
            new_step("command-runner.jar", &["hadoop-streaming", "-input", input, "-output", output])
        };
        let told = |steps: &[NewStep]| outputs(steps).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>();
        for (middle, read) in [
            ("s3://b/mid/", "s3n://b/mid"),
            ("s3://b/mid", "s3://b/mid/part-*"),
            ("hdfs:///mid", "s3://b/x,hdfs:///mid/"),
            ("s3://b/mid/1/", "s3://b/mid/"),
            ("s3://b/mid/1", "s3://b/{mid,other}/*"),
            ("hdfs:///tmp/x", "/tmp/x"),
            ("hdfs:///user/hadoop/x", "x/part-*"),
        ] {
            let steps =
                [step("s3://b/in", middle), step(read, "s3://b/out/"), new_step("command-runner.jar", &["true"])];
            assert_eq!(told(&steps), ["", "s3://b/out/", ""], "{middle} {read}");
            assert_eq!(dependents(&steps), Some((0, 1)));
        }
        let apart = [step("s3://b/in", "s3://b/mid"), step("s3://b/middle", "hdfs:///out")];
        assert_eq!(check_outputs(&apart).map_err(|error| error.to_string()), Ok(()));
        assert_eq!(told(&apart), ["s3://b/mid", "hdfs:///out"]);
        assert_eq!(dependents(&apart), None);
    }

    #[test]
    fn a_step_that_does_not_stream_reads_the_places_among_its_words() {
        let first = new_step("command-runner.jar", &["hadoop-streaming", "-output", "s3://b/mid/"]);
        let told = |word: &str| {
            let later = new_step("command-runner.jar", &["spark-submit", "s3://b/job.py", word]);
            dependents(&[first.clone(), later])
        };
        for word in ["s3://b/mid", "--in=s3a://b/mid/", "s3://b/mid/part-*,s3://b/x", "s3://b/m*"] {
            assert_eq!(told(word), Some((0, 1)), "{word}");
        }
        for word in ["s3://b/", "s3://b/middle", "mid", "--in=s3://c/mid"] {
            assert_eq!(told(word), None, "{word}");
        }
    }

    #[test]
    fn outputs_that_lie_in_one_another_are_refused() {
        let step = |output: &str| new_step("command-runner.jar", &["hadoop-streaming", "-output", output]);
        for (one, other) in
            [("s3://b/out", "s3n://b/out/"), ("s3://b/out/1", "s3://b/out"), ("hdfs:///tmp/x", "/tmp/x/y")]
        {
            let error = check_outputs(&[step(one), new_step("x.jar", &[]), step(other)]).unwrap_err();
            assert!(error.to_string().starts_with("step 1 and step 3 write to one place, "), "{error}");
            assert_eq!(error.outcome.exit_code(), 2);
        }
    }

    #[test]
    fn an_earlier_step_may_write_what_a_later_one_reads() {
        let first = places(&["hadoop-streaming", "-input", "s3://b/in", "-output", "s3://b/mid/"]).unwrap();
        let input = |text: &str| Input::read(text).unwrap();
        assert!(first.may_write(&input("s3://b/mid/part-*")) && first.may_write(&input("s3://b/")));
        assert!(!first.may_write(&input("s3://b/middle")));
    }
}
