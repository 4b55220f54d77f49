//! Whose output is wanted, and whether it is there to be had: only a step that completed has one.

use std::collections::BTreeMap;

use emr_aws::Emr;
use emr_cli::Commands;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::s3_uri::S3Uri;
use emr_core::model::step::StepState;
use emr_core::stdin::{NamedOutput, Places, StepOutput};

/// An output that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// Where it is.
    pub(crate) at: S3Uri,
    /// What tells it from others: the id of its step, or the last part of its place.
    pub(crate) name: String,
}

/// How to go on where a record does not say it.
const BY_PLACE: &str = "name the place if you know it: fetch-output s3://bucket/output/";

/// The outputs that are `named`, each once. Steps without one are passed over; that none has one is an error.
pub(crate) fn outputs(named: Vec<NamedOutput>) -> Result<Vec<Output>> {
    let mut outputs = Vec::new();
    for one in named {
        match one {
            NamedOutput::Place(text) => {
                let at = place(&text)?;
                let name = at.key.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                let name = if name.is_empty() { at.bucket.clone() } else { name.to_owned() };
                outputs.push(Output { at, name });
            }
            NamedOutput::Step(StepOutput { step, output: Some(output), .. }) => {
                let at = place(&output).map_err(|error| error.on(&step))?;
                outputs.push(Output { at, name: step.into() });
            }
            NamedOutput::Step(StepOutput { step, output: None, .. }) => {
                emr_cli::detail(&format!("{step} writes no output, and is passed over"));
            }
        }
    }
    if outputs.is_empty() {
        return Err(Error::new(Outcome::No, "none of these steps has an output").advise(BY_PLACE));
    }
    let outputs = each_once(outputs);
    check_apart(&outputs)?;
    Ok(outputs)
}

/// `outputs` without those whose place has come before, which is warned of: what lies there is one output, however many
/// steps have written it.
fn each_once(outputs: Vec<Output>) -> Vec<Output> {
    let mut seen: BTreeMap<S3Uri, usize> = BTreeMap::new();
    let mut once = Vec::new();
    for output in outputs {
        let times = seen.entry(output.at.join("")).or_default();
        *times += 1;
        match *times {
            1 => once.push(output),
            2 => emr_cli::warn(&format!("{} is named more than once, and is fetched once", output.at)),
            _ => {}
        }
    }
    once
}

/// Checks that no output lies in another: what is in both would be fetched twice.
fn check_apart(outputs: &[Output]) -> Result<()> {
    let mut folders: Vec<(S3Uri, &Output)> = outputs.iter().map(|output| (output.at.join(""), output)).collect();
    folders.sort_by(|(one, _), (two, _)| one.cmp(two));
    // Whatever lies in a folder comes right behind it.
    for ((outer, one), (inner, two)) in folders.iter().zip(folders.iter().skip(1)) {
        if outer.bucket == inner.bucket && inner.key.starts_with(&outer.key) {
            let text = format!("{} lies in {}, and would be fetched twice", two.at, one.at);
            return Err(Error::usage(text).advise("name one of them, or fetch one after the other"));
        }
    }
    Ok(())
}

/// The folders that `outputs` have within the one that keeps them; none where there is one output alone.
pub(crate) fn folders(outputs: &[Output]) -> Result<Vec<Option<String>>> {
    if outputs.len() == 1 {
        return Ok(vec![None]);
    }
    let mut named = BTreeMap::new();
    for output in outputs {
        if let Some(other) = named.insert(&output.name, &output.at) {
            let text = format!("{other} and {} would both be kept in the folder '{}'", output.at, output.name);
            return Err(Error::usage(text).advise("fetch each with an --output-dir of its own"));
        }
    }
    Ok(outputs.iter().map(|output| Some(output.name.clone())).collect())
}

/// The place on S3 that `output` is.
fn place(output: &str) -> Result<S3Uri> {
    if output.is_empty() {
        return Err(Error::usage("its record has an empty output").advise(BY_PLACE));
    }
    let scheme = output.split_once("://").map_or("", |(scheme, _)| scheme);
    // One in capitals is refused with how it is written.
    if ["s3", "s3n", "s3a"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return output.parse();
    }
    let where_it_is = if scheme.is_empty() || scheme == "hdfs" { "the HDFS of its job flow" } else { scheme };
    Err(Error::usage(format!("the output {output} is on {where_it_is}, which is not read here"))
        .advise("copy it to S3 with a step: add-step JOB_FLOW -- s3-dist-cp --src … --dest s3://bucket/output/"))
}

/// Where the job flows of the steps are that are `named`. What lies on S3 is found wherever it is.
pub(crate) fn places(named: &[NamedOutput]) -> Result<Places> {
    let mut places = Places::default();
    for one in named {
        if let NamedOutput::Step(step) = one {
            places.add(step.job_flow.as_ref(), &step.place)?;
        }
    }
    Ok(places)
}

/// Why the outputs of those steps that are `named` and did not complete cannot be fetched.
pub(crate) async fn incomplete(emr: &Emr, named: &[NamedOutput], commands: &Commands) -> Vec<Error> {
    let (mut errors, mut ended) = (Vec::new(), BTreeMap::new());
    for one in named {
        let NamedOutput::Step(step) = one else { continue };
        if step.state == StepState::Completed {
            continue;
        }
        let is_gone = match step.job_flow.as_ref().filter(|_| may_never_begin(step)) {
            None => false,
            Some(job_flow) => match ended.get(job_flow) {
                Some(is_gone) => *is_gone,
                None => *ended.entry(job_flow).or_insert(has_ended(emr, job_flow).await),
            },
        };
        errors.push(refusal(step, is_gone, commands));
    }
    errors
}

/// Whether `step` never begins if its job flow has ended.
fn may_never_begin(step: &StepOutput) -> bool {
    !step.has_begun && !matches!(step.state, StepState::Running | StepState::Failed | StepState::Other(_))
}

/// Whether the job flow has ended, as far as EMR tells.
async fn has_ended(emr: &Emr, job_flow: &JobFlowId) -> bool {
    match Box::pin(emr.describe_cluster(job_flow)).await {
        Ok(found) => found.cluster.state.has_ended(),
        Err(error) => {
            emr_cli::detail(&format!("cannot tell whether {job_flow} has ended: {error}"));
            false
        }
    }
}

/// Why the output of `step` cannot be fetched, which never began if its job flow `is_gone`.
fn refusal(found: &StepOutput, is_gone: bool, commands: &Commands) -> Error {
    let StepOutput { step, state, .. } = found;
    let command = |words: &[&str]| {
        let of_step = ["--emr-job-flow-id", found.job_flow.as_ref()?.as_str(), step.as_str()];
        Some(commands.at(&[words, &of_step].concat(), &found.place))
    };
    let wait = || command(&["wait-step"]);
    if is_gone {
        let text = format!("{step} never began, because its job flow ended first; it has no output");
        return Error::new(Outcome::TryAgain, text).advise("add the step to another job flow");
    }
    if let StepState::Other(state) = state {
        let text = format!("{step} is in the state '{state}', which is not known here, and its output is not fetched");
        return advised(Error::new(Outcome::No, text), wait().map(|wait| format!("'{wait}' looks at it anew")));
    }
    let error = Error::new(Outcome::No, format!("{step} is {state}, and its output is not fetched"));
    let advice = match state {
        StepState::Failed => command(&["fetch-logs", "--cause"]).map(|why| format!("'{why}' says why")),
        state if state.has_ended() => None,
        _ => wait().map(|wait| format!("wait for it first: '{wait}'")),
    };
    advised(error, advice)
}

fn advised(error: Error, advice: Option<String>) -> Error {
    match advice {
        Some(advice) => error.advise(advice),
        None => error,
    }
}

/// What a run comes to that fetched nothing because of these `errors`: a step that failed outweighs one that never began.
pub(crate) fn outcome(errors: &[Error]) -> Outcome {
    let is_no = errors.iter().any(|error| error.outcome == Outcome::No);
    if is_no { Outcome::No } else { Outcome::TryAgain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::model::place::Place;

    fn step(state: StepState, output: Option<&str>) -> StepOutput {
        let step = "s-B".parse().unwrap();
        StepOutput {
            job_flow: None,
            step,
            state,
            has_begun: true,
            output: output.map(str::to_owned),
            place: Place::default(),
        }
    }

    fn completed(output: Option<&str>) -> NamedOutput {
        NamedOutput::Step(step(StepState::Completed, output))
    }

    #[test]
    fn outputs_are_named_by_their_steps_or_their_places() {
        let place = |text: &str| NamedOutput::Place(text.to_owned());
        let all = vec![completed(None), completed(Some("s3n://b/out")), place("s3://b/x/y/"), place("s3://c")];
        let found = outputs(all).unwrap();
        let names: Vec<_> = found.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["s-B", "y", "c"]);
        assert_eq!(found[0].at.to_string(), "s3://b/out");
    }

    #[test]
    fn each_of_several_outputs_has_a_folder_and_no_two_have_one() {
        let folders = |places: &[&str]| {
            let named = places.iter().map(|place| NamedOutput::Place((*place).to_owned())).collect();
            folders(&outputs(named).unwrap())
        };
        assert_eq!(folders(&["s3://b/x/out"]).unwrap(), [None]);
        assert_eq!(folders(&["s3://b/x/", "s3://b/y"]).unwrap(), ["x", "y"].map(|name| Some(name.to_owned())));
        let error = folders(&["s3://b/x/out", "s3://b/y/out/"]).unwrap_err().to_string();
        let text =
            "s3://b/x/out and s3://b/y/out/ would both be kept in the folder 'out'; fetch each with an --output-dir";
        assert!(error.starts_with(text), "{error}");
    }

    #[test]
    fn nothing_is_fetched_twice() {
        let found = |places: &[&str]| {
            let named = places.iter().map(|place| NamedOutput::Place((*place).to_owned())).collect();
            outputs(named).map(|outputs| outputs.into_iter().map(|output| output.at.to_string()).collect::<Vec<_>>())
        };
        let places = ["s3://b/y", "s3n://b/x/", "s3://b/x", "s3://b/y/", "s3://b/x/"];
        assert_eq!(found(&places).unwrap(), ["s3://b/y", "s3://b/x/"]);
        assert!(found(&["s3://b/out", "s3://b/out-2", "s3://b/out.d/", "s3://c/out/x"]).is_ok());
        for (outer, inner) in
            [("s3://b/out", "s3://b/out/part-00000"), ("s3://b/", "s3://b/x"), ("s3://b/x/", "s3://b/x/y/z/")]
        {
            for places in [[outer, "s3://b0/", inner], [inner, "s3://b0/", outer]] {
                let error = found(&places).unwrap_err();
                let text = format!("{inner} lies in {outer}, and would be fetched twice");
                assert!(error.outcome == Outcome::Usage && error.to_string().starts_with(&text), "{error}");
            }
        }
    }

    #[test]
    fn what_is_not_on_s3_is_refused_by_name() {
        for (output, what) in [
            ("hdfs:///user/hadoop/out", "on the HDFS of its job flow"),
            ("out", "on the HDFS of its job flow"),
            ("file:///tmp/out", "on file"),
        ] {
            let error = outputs(vec![completed(Some(output))]).unwrap_err();
            assert_eq!(error.outcome, Outcome::Usage);
            let text = error.to_string();
            assert!(
                text.starts_with("s-B: the output ") && text.contains(what) && text.contains("s3-dist-cp"),
                "{text}"
            );
        }
    }

    #[test]
    fn that_no_step_has_an_output_is_an_error() {
        let error = outputs(vec![completed(None)]).unwrap_err();
        assert_eq!((error.outcome, error.to_string().contains("none of these steps")), (Outcome::No, true));
    }

    #[test]
    fn how_to_go_on_is_said_for_where_the_step_is() {
        let advice = |state, job_flow: Option<&str>| {
            let (job_flow, place) = (job_flow.map(|id| id.parse().unwrap()), Place::in_region("eu-west-1"));
            let step = StepOutput { job_flow, place, ..step(state, None) };
            refusal(&step, false, &Commands::default()).to_string()
        };
        let of_step = "--emr-job-flow-id j-A s-B --region eu-west-1'";
        for (state, words) in [
            (StepState::Running, "wait-step"),
            (StepState::Failed, "fetch-logs --cause"),
            (StepState::Other("NEW".to_owned()), "wait-step"),
        ] {
            let said = advice(state.clone(), Some("j-A"));
            assert!(said.contains(&format!("'{words} {of_step}")), "{said}");
            assert!(advice(state, None).ends_with("is not fetched"), "a command would need the job flow");
        }
    }

    #[test]
    fn a_failure_weighs_more_than_a_step_that_never_began() {
        let refusal = |state, is_gone| refusal(&step(state, None), is_gone, &Commands::default());
        let never = refusal(StepState::Cancelled, true);
        let failed = refusal(StepState::Failed, false);
        assert!(failed.to_string().starts_with("s-B is FAILED"), "{failed}");
        assert_eq!(outcome(std::slice::from_ref(&never)), Outcome::TryAgain);
        assert_eq!(outcome(&[never, failed]), Outcome::No);
    }
}
