//! Completions for `emr-tools` itself: names of tools, chapters behind `help`, and behind a tool's name what that tool
//! completes.
//!
//! `clap_complete` does not know that the words behind the first are those of another command.

use emr_cli::Text;
use emr_core::error::{Outcome, Result};

use super::chapter::CHAPTERS;
use super::help::WORD;
use super::tool::TOOLS;

/// The script for the shell of this name; none for a shell that has none of its own here.
fn script(shell: &str) -> Option<&'static str> {
    Some(match shell {
        "bash" => FOR_BASH,
        "zsh" => FOR_ZSH,
        "fish" => FOR_FISH,
        _ => return None,
    })
}

/// What the words of a command line ask for, if it is a script that stands here.
pub(crate) fn asked(words: &[std::ffi::OsString]) -> Option<&'static str> {
    let [_, option, shell] = words else { return None };
    (option == "--generate").then(|| script(shell.to_str()?)).flatten()
}

/// Prints `script` with the names in it.
pub(crate) fn print(script: &str) -> Result<Outcome> {
    let tools: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
    let topics: Vec<_> = CHAPTERS.iter().map(|chapter| chapter.topic).chain(tools.iter().copied()).collect();
    let first: Vec<_> = tools.iter().copied().chain([WORD]).collect();
    let mut text = Text::on_stdout();
    text.print(script.replace("@FIRST@", &first.join(" ")).replace("@TOPICS@", &topics.join(" ")).as_bytes());
    text.end().map(|_| Outcome::Done)
}

const FOR_BASH: &str = r#"_emr__tools() {
    COMPREPLY=()
    if (( COMP_CWORD == 1 )); then
        mapfile -t COMPREPLY < <(compgen -W "@FIRST@ --help --version" -- "$2")
    elif [[ ${COMP_WORDS[1]} == help ]]; then
        (( COMP_CWORD > 2 )) || mapfile -t COMPREPLY < <(compgen -W "@TOPICS@" -- "$2")
    else
        local tool=${COMP_WORDS[1]} words=("${COMP_WORDS[@]:1}")
        local function=_${tool//-/__}__words
        declare -F "$function" >/dev/null || eval "$("$1" "$tool" --generate bash 2>/dev/null)"
        declare -F "$function" >/dev/null || return
        local COMP_WORDS=("${words[@]}") COMP_CWORD=$((COMP_CWORD - 1))
        "$function" "$tool" "$2" "$3"
    fi
}
complete -F _emr__tools -o bashdefault -o default emr-tools
"#;

const FOR_ZSH: &str = r#"#compdef emr-tools

_emr-tools() {
    if (( CURRENT == 2 )); then
        compadd "$@" @FIRST@
    elif [[ $words[2] == help ]]; then
        (( CURRENT > 3 )) || compadd "$@" @TOPICS@
    else
        shift words
        (( CURRENT-- ))
        _normal
    fi
}

if [ "$funcstack[1]" = "_emr-tools" ]; then
    _emr-tools "$@"
else
    compdef _emr-tools emr-tools
fi
"#;

const FOR_FISH: &str = "\
complete -c emr-tools -f
complete -c emr-tools -n __fish_is_first_token -a '@FIRST@'
complete -c emr-tools -n '__fish_seen_subcommand_from help; and test (count (commandline -opc)) -eq 2' -a '@TOPICS@'
complete -c emr-tools -n 'not __fish_is_first_token; and not __fish_seen_subcommand_from help' -a '(__fish_complete_subcommand --fcs-skip=1)'
";
