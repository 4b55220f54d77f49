//! What is asked of each job flow: all of its steps, or those that are named.

use emr_core::error::{Error, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::stdin::Target;

/// What is wanted of one job flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) job_flow: JobFlowId,
    /// The steps that are named; `None` if the job flow itself is.
    pub(crate) steps: Option<Vec<StepId>>,
}

/// What `targets` ask for, each job flow once. `job_flow` is that of steps named alone.
pub(crate) fn of(targets: Vec<Target>, job_flow: Option<&JobFlowId>) -> Result<Vec<Wanted>> {
    let mut all: Vec<Wanted> = Vec::new();
    for Target { job_flow: flow, step, .. } in targets {
        let unknown = || {
            let step = step.as_ref().map_or("a step", StepId::as_str);
            Error::usage(format!("the job flow of {step} is not known"))
                .advise("give it with --emr-job-flow-id, or pipe in records")
        };
        let flow = flow.or_else(|| job_flow.cloned()).ok_or_else(unknown)?;
        match all.iter_mut().find(|wanted| wanted.job_flow == flow) {
            Some(known) => known.add(step),
            None => all.push(Wanted { job_flow: flow, steps: step.map(|step| vec![step]) }),
        }
    }
    Ok(all)
}

impl Wanted {
    fn add(&mut self, step: Option<StepId>) {
        match (&mut self.steps, step) {
            (Some(steps), Some(step)) if !steps.contains(&step) => steps.push(step),
            (steps, None) => *steps = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(job_flow: &str, step: &str) -> Target {
        Target { job_flow: job_flow.parse().ok(), step: step.parse().ok(), ..Default::default() }
    }

    #[test]
    fn steps_stand_for_themselves_unless_their_job_flow_is_named_too() {
        let of = |targets: &[Target]| {
            let wanted = of(targets.to_vec(), None).unwrap();
            let steps = |steps: Vec<StepId>| steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            wanted.into_iter().map(|one| (one.job_flow.to_string(), one.steps.map(steps))).collect::<Vec<_>>()
        };
        let named = of(&[target("j-A", "s-1"), target("j-B", ""), target("j-A", "s-2"), target("j-A", "s-1")]);
        assert_eq!(named, [("j-A".to_owned(), Some("s-1 s-2".to_owned())), ("j-B".to_owned(), None)]);
        assert_eq!(of(&[target("j-A", "s-1"), target("j-A", ""), target("j-A", "s-2")]), [("j-A".to_owned(), None)]);
    }

    #[test]
    fn a_step_alone_is_of_the_job_flow_that_is_given_or_of_none() {
        let flow: JobFlowId = "j-A".parse().unwrap();
        assert_eq!(of(vec![target("", "s-1")], Some(&flow)).unwrap()[0].job_flow, flow);
        let error = of(vec![target("", "s-1")], None).unwrap_err().to_string();
        assert!(error.contains("the job flow of s-1 is not known"), "{error}");
    }
}
