//! Commands that a shell has to read together, such as an `if` whose `fi` is an item of its own.
//!
//! mrjob writes all commands into one script, where a construct may go over several of them. Here the commands of a
//! construct are joined, and a quote that does not end cannot swallow what follows. What no shell can read fails on every
//! machine, after minutes that are paid for, and so is refused at once.

use brush_parser::{ParseError, Parser, ParserOptions, TokenizerError};

use super::command::{Command, Part};
use crate::config::Setting;
use crate::error::{Error, Result};
use crate::text::one_line;

/// `commands` in groups that a shell can read, each as short as can be. A quotation ends where it begins, as in mrjob: two
/// stray quotes do not make what stands between them text.
pub fn group(commands: &[Setting<Command>]) -> Result<Vec<&[Setting<Command>]>> {
    let mut groups = Vec::new();
    let mut rest = commands;
    while let Some(first) = rest.first() {
        let most = if parse(&rest[..1]).is_err_and(|error| opens_quotation(&error)) { 0 } else { rest.len() };
        let length = (1..=most).find(|length| parse(&rest[..*length]).is_ok()).ok_or_else(|| broken(first))?;
        let (group, after) = rest.split_at(length);
        groups.push(group);
        rest = after;
    }
    Ok(groups)
}

fn broken(first: &Setting<Command>) -> Error {
    let written = one_line(&first.value.written, 80);
    let text = format!("a shell cannot read the command '{written}', neither alone nor with those after it");
    first.blame(
        Error::usage(text).advise("end what it begins (quotes, if, do, {, <<), or put the command into a script"),
    )
}

/// Parses `commands`, one below the other, as a shell would.
fn parse(commands: &[Setting<Command>]) -> std::result::Result<(), ParseError> {
    let lines: Vec<String> = commands.iter().map(|command| line(&command.value)).collect();
    let options = ParserOptions { enable_extended_globbing: false, ..ParserOptions::default() };
    Parser::new(lines.join("\n").as_bytes(), &options).parse_program().map(|_| ())
}

fn opens_quotation(error: &ParseError) -> bool {
    let ParseError::Tokenizing { inner, .. } = error else { return false };
    matches!(
        inner,
        TokenizerError::UnterminatedSingleQuote(..)
            | TokenizerError::UnterminatedDoubleQuote(..)
            | TokenizerError::UnterminatedAnsiCQuote(..)
    )
}

/// A command with a word for each file.
fn line(command: &Command) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::File(_) => "file".to_owned(),
    };
    command.parts.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::options::BOOTSTRAP;
    use crate::error::Outcome;

    fn settings(commands: &[&str]) -> Vec<Setting<Command>> {
        commands.iter().map(|text| BOOTSTRAP.in_file(Command::of(text).unwrap())).collect()
    }

    fn sizes(commands: &[&str]) -> Result<Vec<usize>> {
        Ok(group(&settings(commands))?.iter().map(|group| group.len()).collect())
    }

    #[test]
    fn a_construct_over_several_commands_is_one_group() {
        for (commands, expected) in [
            (&["echo a", "echo b # it's"][..], &[1, 1][..]),
            (&["if true; then", "echo a", "fi", "echo b"], &[3, 1]),
            (&["for f in a b", "do echo $f", "done"], &[3]),
            (&["case $x in", "a) echo b;;", "esac"], &[3]),
            (&["f() {", "echo a", "}", "f"], &[3, 1]),
            (&["cat > x <<EOF", "it's $x", "EOF", "cat x"], &[3, 1]),
            (&["true &&", "echo a |", "cat"], &[3]),
            (&["", "# a comment"], &[1, 1]),
            (&[], &[]),
        ] {
            assert_eq!(sizes(commands).unwrap(), expected, "{commands:?}");
        }
    }

    #[test]
    fn what_a_shell_reads_is_read() {
        for command in [
            "[ -f x ] || { echo y >&2; exit 1; }",
            "[[ $x =~ ^a(b|c)$ ]] && a=(1 2) && (( i++ ))",
            "sudo tee -a /etc/x <<< \"$(uname -r)\" > /dev/null 2>&1 &",
            "cat <(echo a) | sed -e 's/#\\(.*\\)/\\1/' | awk '{print $1}' |& tee x",
            "echo $((1 + 2)) ${x:-\"a b\"} ${x##*/} `date` $'a\\n' *.[ch] ~/y {a,b}",
            "while read -r a; do echo \"$a\"; done < f; ! false; time ls; echo if then",
            "python3 - <<'PY'\nprint(\"it's\")\nPY\necho done",
        ] {
            assert_eq!(sizes(&[command]).unwrap(), [1], "{command}");
        }
    }

    #[test]
    fn what_no_shell_reads_is_refused_with_the_command_that_begins_it() {
        for commands in [
            &["echo a", "if true; then", "echo b"][..],
            &["echo it's", "rm x's"],
            &["echo \"a"],
            &["fi"],
            &["echo a; ; echo b", "echo c"],
            &["}"],
        ] {
            let error = sizes(commands).unwrap_err();
            assert_eq!(error.outcome, Outcome::Config, "{commands:?}");
            assert!(
                error.to_string().starts_with("mrjob.conf: bootstrap: a shell cannot read the command '"),
                "{error}"
            );
        }
        assert!(sizes(&["echo a", "if true; then"]).unwrap_err().to_string().contains("'if true; then'"));
    }
}
