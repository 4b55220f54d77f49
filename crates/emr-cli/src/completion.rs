//! Shell completions, from the definitions that read the arguments.
//!
//! What an option takes is told by the word that stands for it in --help: of a PATH files are completed, of a COMMAND
//! commands, and of a NAME nothing. Pools, job flows and steps are those that earlier runs saw: the shell asks the tool
//! for them (`--generate pools`), which reads a file.

use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use super::seen::Kind;

/// The completions of `command` for `shell`.
pub(super) fn script(shell: Shell, command: Command) -> Vec<u8> {
    let mut command = hinted(command);
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, &name, &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = match shell {
        Shell::Bash => for_bash(&command, &script),
        Shell::Zsh => for_zsh(&command, &script),
        Shell::Fish => for_fish(&command, &script),
        _ => script.into_owned(),
    };
    script.into_bytes()
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
    if let Some(kind) = kind(arg) {
        return Some(stand_in(kind));
    }
    let name = arg.get_value_names()?.first()?.as_str();
    Some(match name {
        "PATH" | "FILE" | "FILE|JSON" | "PROGRAM" | "JAR" | "SCRIPT" | "GLOB" | "PATH[#NAME]" | "PLACE" | "JSON"
        | "HISTORY" => ValueHint::FilePath,
        "FOLDER" | "DIR" => ValueHint::DirPath,
        "COMMAND" => ValueHint::CommandString,
        _ => ValueHint::Other,
    })
}

/// The kind of words that `arg` takes, where earlier runs saw such.
fn kind(arg: &Arg) -> Option<Kind> {
    let name = arg.get_value_names().and_then(|names| names.first()).map(clap::builder::Str::as_str);
    match (arg.get_long(), name) {
        (Some("pool-name"), _) => Some(Kind::Pools),
        (Some("emr-job-flow-id"), _) | (None, Some("JOB_FLOW")) => Some(Kind::JobFlows),
        (None, Some("STEP")) => Some(Kind::Steps),
        _ => None,
    }
}

/// A hint that `clap_complete` has and these tools do not need otherwise: what it makes of it in a script is replaced.
fn stand_in(kind: Kind) -> ValueHint {
    match kind {
        Kind::Pools => ValueHint::Username,
        Kind::JobFlows => ValueHint::Hostname,
        Kind::Steps => ValueHint::EmailAddress,
    }
}

/// `script` with what `clap_complete` leaves out for bash: that `--option=` is as good as `--option `, that behind `--`
/// stands a command, and the words that earlier runs saw.
fn for_bash(command: &Command, script: &str) -> String {
    let name = command.get_name();
    let function = name.replace('-', "__");
    // Of a name with a dash clap_complete 4.6 spells the subcommands in two ways, and then finds none of them.
    let spelled = format!("{}__subcmd__", name.replace('-', "__subcmd__"));
    let script = script.replace(&spelled, &format!("{function}__subcmd__"));
    let behind = if takes_command(command) { BEHIND_DASHES } else { "" };
    let more = FOR_BASH
        .replace("@LISTS@", &lists_in_bash(command))
        .replace("@BEHIND@", behind)
        .replace("@SEEN@", &seen_in_bash(command));
    script + &more.replace("@FUNCTION@", &function).replace("@NAME@", name)
}

/// The options whose value is a list of known words.
fn lists(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_opts().filter(|arg| arg.get_value_delimiter() == Some(',') && !arg.get_possible_values().is_empty())
}

/// The words that a value of `arg` is one of.
fn known_words(arg: &Arg) -> Vec<String> {
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}

/// The case of an option that takes a list: what stands before the last comma stays.
fn lists_in_bash(command: &Command) -> String {
    let names: Vec<_> = lists(command).flat_map(spellings).collect();
    if names.is_empty() { String::new() } else { case(&names.join("|"), "[[ $2 != *,* ]] || list=${2%,*},") }
}

fn takes_command(command: &Command) -> bool {
    command.get_arguments().any(Arg::is_last_set) || command.get_subcommands().any(takes_command)
}

/// The cases of an option, or of a word that is behind none, for which bash asks for what was seen.
fn seen_in_bash(command: &Command) -> String {
    let options = command.get_opts().filter_map(|arg| Some((spellings(arg), kind(arg)?)));
    // Where nothing was seen, nothing is completed: bash would offer files.
    let seen = options.map(|(names, kind)| case(&names.join("|"), &(ask(kind) + NOTHING_ELSE)));
    let others: Vec<_> = command.get_opts().filter(|arg| kind(arg).is_none()).flat_map(spellings).collect();
    let asked: String = positional_kinds(command).into_iter().map(ask).collect();
    let word = if asked.is_empty() {
        String::new()
    } else {
        // A word behind an option that takes one is that option's.
        case(&others.join("|"), "") + &case("*", &format!("[[ $2 == -* ]] || {{ {asked}}}"))
    };
    seen.collect::<String>() + &word
}

fn case(pattern: &str, action: &str) -> String {
    format!("        {pattern}) {action} ;;\n")
}

fn ask(kind: Kind) -> String {
    format!("_@FUNCTION@__seen \"$1\" {} \"$2\"; ", kind.word())
}

fn spellings(arg: &Arg) -> Vec<String> {
    let long = arg.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(|name| format!("--{name}"));
    let short = arg.get_short_and_visible_aliases().unwrap_or_default().into_iter().map(|name| format!("-{name}"));
    long.chain(short).collect()
}

/// The kinds of words that stand behind no option. Where steps are named, the job flow may be named first.
fn positional_kinds(command: &Command) -> Vec<Kind> {
    match command.get_positionals().find_map(kind) {
        Some(Kind::Steps) => vec![Kind::Steps, Kind::JobFlows],
        Some(kind) => vec![kind],
        None => Vec::new(),
    }
}

const NOTHING_ELSE: &str = "[[ ${#COMPREPLY[@]} -gt 0 ]] || { compopt -o nospace 2>/dev/null; COMPREPLY=(\"$2\"); }";

const FOR_BASH: &str = "
_@FUNCTION@__seen() {
    local word start=${3//\\\\/}
    while IFS= read -r word; do
        [[ $word == \"$start\"* ]] && COMPREPLY+=(\"$(printf '%q' \"$word\")\")
    done < <(\"$1\" --generate \"$2\" 2>/dev/null)
}
_@FUNCTION@__words() {
    local i prev=$3 list=
    @BEHIND@if [[ $prev == = && $COMP_CWORD -ge 2 ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    elif [[ $2 == = && $COMP_CWORD -ge 1 ]]; then
        _@FUNCTION@__words \"$1\" \"\" \"${COMP_WORDS[COMP_CWORD-1]}\"
        return
    fi
    COMPREPLY=()
    case $prev in
@SEEN@@LISTS@    esac
    [[ ${#COMPREPLY[@]} -gt 0 ]] || _@FUNCTION@ \"$1\" \"${2#\"$list\"}\" \"$prev\"
    [[ -z $list ]] || COMPREPLY=(\"${COMPREPLY[@]/#/$list}\")
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

/// `script` with functions in place of the stand-ins, and of the words of lists.
fn for_zsh(command: &Command, script: &str) -> String {
    let name = command.get_name();
    let both = "$(@NAME@ --generate steps 2>/dev/null; @NAME@ --generate job-flows 2>/dev/null)";
    let kinds = Kind::ALL.map(|kind| (kind.word(), format!("$(@NAME@ --generate {} 2>/dev/null)", kind.word())));
    let kinds = kinds.into_iter().chain([(STEPS_OR_JOB_FLOWS, both.to_owned())]);
    let function = |(kind, words): (&str, String)| FOR_ZSH.replace("@KIND@", kind).replace("@WORDS@", &words);
    let functions = kinds.map(function).collect::<String>().replace("@NAME@", name);
    // The first line says what the script is for, and has to stay the first.
    let script = script.replacen("\n\n", &format!("\n{functions}\n"), 1);
    let script = lists(command).fold(script, |script, arg| {
        let words = known_words(arg).join(" ");
        script.replace(&format!(":({words})'"), &format!(r#":{{compset -P "*,"; compadd - {words}}}'"#))
    });
    let script = script.replace(":_users'", &format!(":_{name}_pools'"));
    let script = script.replace(":_hosts'", &format!(":_{name}_job-flows'"));
    script.replace(":_email_addresses'", &format!(":_{name}_{STEPS_OR_JOB_FLOWS}'"))
}

/// What stands behind no option where steps are named: a job flow may be named first.
const STEPS_OR_JOB_FLOWS: &str = "steps-or-job-flows";

const FOR_ZSH: &str = "
_@NAME@_@KIND@() {
    local -a seen=( ${(f)\"@WORDS@\"} )
    compadd \"$@\" -a seen
}
";

const FISH_LIST: &str = "__emr_tools_list";

/// The words of a list, each behind what stands before the last comma.
const FOR_FISH_LISTS: &str = "\
function __emr_tools_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    printf '%s\\n' \"$before\"$argv
end
";

/// `script` with what earlier runs saw in place of the stand-ins, and for words behind no option.
fn for_fish(command: &Command, script: &str) -> String {
    let name = command.get_name();
    let asked = |kind: Kind| format!("({name} --generate {} 2>/dev/null)", kind.word());
    let script = script.replace("(__fish_complete_users)", &asked(Kind::Pools));
    let script = script.replace("(__fish_print_hostnames)", &asked(Kind::JobFlows));
    let script = lists(command).fold(script, |script, arg| {
        let words = known_words(arg);
        let written: Vec<_> = words.iter().map(|word| format!("{word}\\t''")).collect();
        script.replace(&format!("\"{}\"", written.join("\n")), &format!("'({FISH_LIST} {})'", words.join(" ")))
    });
    let script = if script.contains(FISH_LIST) { FOR_FISH_LISTS.to_owned() + &script } else { script };
    let condition = "not contains -- -- (commandline -opc)";
    let word = |kind: Kind| format!("complete -c {name} -n '{condition}' -f -a '{}'\n", asked(kind));
    script + &positional_kinds(command).into_iter().map(word).collect::<String>()
}
