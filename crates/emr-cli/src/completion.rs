//! Shell completions, from the definitions that read the arguments.
//!
//! What an option takes is told by the word that stands for it in --help: of a PATH files are completed, of a COMMAND
//! commands, and of a NAME nothing.

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

/// The completions of `command` for `shell`.
pub(super) fn script(shell: Shell, command: Command) -> Vec<u8> {
    let mut command = hinted(command);
    let name = command.get_name().to_owned();
    let takes_command = takes_command(&command);
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    if shell == Shell::Bash { for_bash(&name, takes_command, &script) } else { script }
}

/// `command`, whose arguments tell what they take.
fn hinted(command: Command) -> Command {
    let command = command.mut_args(|arg| match hint(&arg) {
        Some(hint) => arg.value_hint(hint),
        None => arg,
    });
    command.mut_subcommands(hinted)
}

/// What `arg` takes; `None` if it takes nothing, or words that are known.
fn hint(arg: &Arg) -> Option<ValueHint> {
    if !arg.get_action().takes_values() || !arg.get_possible_values().is_empty() {
        return None;
    }
    if arg.is_last_set() {
        return Some(ValueHint::CommandWithArguments);
    }
    let name = arg.get_value_names()?.first()?.as_str();
    Some(match name {
        "PATH" | "FILE" | "FILE|JSON" | "PROGRAM" | "JAR" | "SCRIPT" | "GLOB" | "PATH[#NAME]" | "'PATH ARGUMENT…'"
        | "PLACE" | "JSON" => ValueHint::FilePath,
        "FOLDER" | "DIR" => ValueHint::DirPath,
        "COMMAND" => ValueHint::CommandString,
        _ => ValueHint::Other,
    })
}

fn takes_command(command: &Command) -> bool {
    command.get_arguments().any(Arg::is_last_set) || command.get_subcommands().any(takes_command)
}

/// `script` with what `clap_complete` leaves out for bash: that `--option=` is as good as `--option `, and that behind
/// `--` stands a command.
fn for_bash(name: &str, takes_command: bool, script: &[u8]) -> Vec<u8> {
    let function = name.replace('-', "__");
    // Of a name with a dash clap_complete 4.6 spells the subcommands in two ways, and then finds none of them.
    let spelled = format!("{}__subcmd__", name.replace('-', "__subcmd__"));
    let script = String::from_utf8_lossy(script).replace(&spelled, &format!("{function}__subcmd__"));
    let behind = if takes_command { BEHIND_DASHES } else { "" };
    let more = FOR_BASH.replace("@BEHIND@", behind).replace("@FUNCTION@", &function).replace("@NAME@", name);
    (script + &more).into_bytes()
}

const FOR_BASH: &str = "
_@FUNCTION@__words() {
    local i prev=$3
    @BEHIND@if [[ $prev == = && $COMP_CWORD -ge 2 ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $2 == = && $COMP_CWORD -ge 1 ]]; then
        _@FUNCTION@ \"$1\" \"\" \"${COMP_WORDS[COMP_CWORD-1]}\"
        return
    fi
    _@FUNCTION@ \"$1\" \"$2\" \"$prev\"
}
complete -F _@FUNCTION@__words -o bashdefault -o default @NAME@
";

const BEHIND_DASHES: &str = "for (( i = 1; i < COMP_CWORD; i++ )); do
        [[ ${COMP_WORDS[i]} == -- ]] || continue
        if declare -F _comp_command_offset >/dev/null; then
            _comp_command_offset $(( i + 1 ))
        elif declare -F _command_offset >/dev/null; then
            _command_offset $(( i + 1 ))
        elif (( COMP_CWORD == i + 1 )); then
            mapfile -t COMPREPLY < <(compgen -c -- \"$2\")
        else
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- \"$2\")
        fi
        return
    done
    ";
