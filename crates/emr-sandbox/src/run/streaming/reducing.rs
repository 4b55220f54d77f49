//! Runs a reducer or a combiner over sorted records. Source: `PipeReducer`, `PipeCombiner`.

use std::io;
use std::process::ChildStdout;

use super::aggregate::{self, Aggregator};
use super::counters::FRAMEWORK;
use super::input::Lines;
use super::job::Job;
use super::plan::{Program, Reducer};
use super::sort::Records;
use super::task::Task;
use crate::run::failure::Failure;

/// What a reducer runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Combiner,
    Reducer,
    /// A reducer without records: Hadoop runs its command and discards its output.
    ReducerOfNothing,
}

impl Role {
    /// The counters of input and output records.
    fn counters(self) -> (&'static str, &'static str) {
        match self {
            Self::Combiner => ("Combine input records", "Combine output records"),
            Self::Reducer | Self::ReducerOfNothing => ("Reduce input records", "Reduce output records"),
        }
    }
}

/// Passes sorted records to `reducer`, and its output to `emit`.
pub(super) fn run(
    job: &Job<'_>,
    task: &Task<'_>,
    reducer: &Reducer,
    role: Role,
    records: &mut (impl Records + Send),
    mut emit: impl FnMut(&[u8], Option<&[u8]>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut emitted = 0;
    let mut emit = |key: &[u8], value: Option<&[u8]>| {
        emitted += 1;
        if role == Role::ReducerOfNothing { Ok(()) } else { emit(key, value) }
    };
    let taken = match reducer {
        Reducer::Command(program) => through(job, task, program, records, &mut emit)?,
        Reducer::Identity => identity(job, records, &mut emit).map_err(|error| task.io("output", &error))?,
        Reducer::Aggregate { most } => {
            aggregate(*most, role, records, &mut emit).map_err(|error| task.failure(&error))?
        }
    };
    job.count(FRAMEWORK, role.counters().0, taken);
    job.count(FRAMEWORK, role.counters().1, emitted);
    Ok(())
}

type Emit<'a> = dyn FnMut(&[u8], Option<&[u8]>) -> io::Result<()> + 'a;

/// Runs a command. Returns the number of its input records.
fn through(
    job: &Job<'_>,
    task: &Task<'_>,
    program: &Program,
    records: &mut (impl Records + Send),
    emit: &mut Emit<'_>,
) -> Result<u64, Failure> {
    let has_values = job.plan.types.map_has_values;
    let mut number = 0;
    let feed = |stdin: &mut _| {
        while let Some((key, value)) = records.next()? {
            program.writer.write(stdin, key, has_values.then_some(value))?;
            number += 1;
        }
        Ok(())
    };
    let take = |stdout: ChildStdout| {
        let mut lines = Lines::new(stdout);
        while lines.advance().map_err(|error| task.io("output", &error))? > 0 {
            let (key, value) = program.reader.split(lines.line());
            emit(key, value).map_err(|error| task.io("output", &error))?;
        }
        Ok(())
    };
    task.run(&program.command, feed, take)?;
    Ok(number)
}

fn identity(job: &Job<'_>, records: &mut impl Records, emit: &mut Emit<'_>) -> io::Result<u64> {
    let mut number = 0;
    while let Some((key, value)) = records.next()? {
        emit(key, job.plan.types.map_has_values.then_some(value))?;
        number += 1;
    }
    Ok(number)
}

/// Aggregates the values of each key. The error names a bad value.
fn aggregate(most: usize, role: Role, records: &mut impl Records, emit: &mut Emit<'_>) -> Result<u64, String> {
    let io = |error: io::Error| error.to_string();
    let mut number = 0;
    let mut group: Option<(Vec<u8>, Aggregator)> = None;
    while let Some((key, value)) = records.next().map_err(io)? {
        number += 1;
        if let Some((of, sums)) = group.take_if(|(of, _)| of.as_slice() != key) {
            report(role, &of, &sums, emit)?;
        }
        if group.is_none() {
            group = Some((key.to_vec(), Aggregator::new(&aggregate::split_key(key)?.0, most)?));
        }
        if let Some((_, sums)) = &mut group {
            sums.add(value)?;
        }
    }
    group.map_or(Ok(()), |(key, sums)| report(role, &key, &sums, emit))?;
    Ok(number)
}

fn report(role: Role, key: &[u8], sums: &Aggregator, emit: &mut Emit<'_>) -> Result<(), String> {
    let io = |error: io::Error| error.to_string();
    if role == Role::Combiner {
        return sums.combined().iter().try_for_each(|value| emit(key, Some(value.as_bytes()))).map_err(io);
    }
    let (_, name) = aggregate::split_key(key)?;
    emit(name.as_bytes(), Some(sums.report().as_bytes())).map_err(io)
}
