//! What a tool is to act on: its arguments, or what stdin brings.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;

use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::stdin::Target;

/// Reads the targets in `args`; with none, or for `-`, those on stdin, a record or an id a line.
///
/// Everything is read before anything is done, so that a broken line stops a tool before it acts.
pub fn targets(args: &[String]) -> Result<Vec<Target>> {
    if args.is_empty() {
        if io::stdin().is_terminal() {
            return Err(Error::usage("nothing to act on").advise("name an id, or pipe records or ids into stdin"));
        }
        return from_stdin();
    }
    let mut targets = Vec::new();
    for arg in args {
        if arg == "-" {
            targets.extend(from_stdin()?);
        } else {
            targets.push(Target::read(arg)?);
        }
    }
    Ok(targets)
}

/// The targets on stdin; none where nothing can come from there: a terminal, or the `/dev/null` that cron gives.
///
/// A pipe or file that turns out to be empty is not none: somebody was to have written into it.
pub fn piped() -> Result<Option<Vec<Target>>> {
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from).and_then(|stdin| stdin.metadata());
    if stdin.is_ok_and(|stdin| stdin.file_type().is_char_device()) { Ok(None) } else { from_stdin().map(Some) }
}

fn from_stdin() -> Result<Vec<Target>> {
    read(io::stdin().lock())
}

fn read(lines: impl BufRead) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for (number, line) in lines.split(b'\n').enumerate() {
        let line = line.map_err(|cause| Error::new(Outcome::Io, format!("cannot read stdin: {}", reason(&cause))))?;
        let line = String::from_utf8_lossy(&line);
        if !line.trim().is_empty() {
            targets.push(Target::read(&line).map_err(|error| error.on(format!("line {} of stdin", number + 1)))?);
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_are_passed_over_and_a_broken_one_is_told_by_number() {
        assert_eq!(read(&b"j-A\n\n  \n{\"Id\":\"j-B\"}"[..]).unwrap().len(), 2);
        let error = read(&b"j-A\n\n{\"job_flow_id\": j\n"[..]).unwrap_err();
        assert!(error.to_string().starts_with("line 3 of stdin: not a record: "), "{error}");
        assert!(read(&b"\xff\xfe\n"[..]).is_err());
    }
}
