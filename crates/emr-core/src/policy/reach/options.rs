//! What is asked of `ssh`: a configuration file for a session, or one command line for a person.

use std::fmt::Write;
use std::path::Path;

use super::{Reach, UserConfig, address, master};
use crate::error::{Error, Result};
use crate::model::instance::Node;

/// What a person has no use for, who can answer questions and reads what `ssh` says.
const UNATTENDED: [&str; 6] =
    ["BatchMode", "ClearAllForwardings", "ControlPersist", "LogLevel", "PermitLocalCommand", "RequestTTY"];

/// The text of an `ssh_config` in which each of `nodes` is a host under its address; who holds a connection
/// to the master shares it at the socket `control`.
///
/// `ssh` takes the first value it finds, so what is forced stands first and the user's own file last. A value that
/// `ssh_config` cannot hold is an error.
///
/// Source: the manual of `ssh_config`
pub fn config_file(nodes: &[Node], reach: &Reach, control: &Path) -> Result<String> {
    let jump = jump(nodes, reach);
    let mut text = String::new();
    for node in nodes {
        let from_here = reach.direct || jump == Some(node);
        let _ = writeln!(text, "Host {}", address(node, reach, from_here)?);
        let _ = writeln!(text, "  HostKeyAlias {}", node.id);
        let control = if jump == Some(node) { path(control)? } else { "none".to_owned() };
        let _ = writeln!(text, "  ControlMaster no\n  ControlPath {control}");
        if let Some(jump) = jump.filter(|_| !from_here) {
            let _ = writeln!(text, "  ProxyJump {}", address(jump, reach, true)?);
        }
    }
    let _ = writeln!(text, "Match all");
    for (keyword, value) in forced(reach)? {
        let _ = writeln!(text, "  {keyword} {value}");
    }
    match &reach.config {
        UserConfig::Default => text.push_str("Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n"),
        UserConfig::File(file) => {
            let _ = writeln!(text, "Include {}", quoted(&file.to_string_lossy())?);
        }
        UserConfig::None => {}
    }
    Ok(text)
}

/// The words of an `ssh` command that reaches `node` with no file of ours, for a person to paste; the remote command
/// goes behind.
///
/// What is said with `-o` and `-i` does not reach a jump host, hence the `ProxyCommand`.
pub fn command_line(node: &Node, nodes: &[Node], reach: &Reach) -> Result<Vec<String>> {
    let jump = jump(nodes, reach).filter(|jump| !reach.direct && *jump != node);
    let mut words = plain(node, reach)?;
    if let Some(jump) = jump {
        let mut through = plain(jump, reach)?;
        through.extend(["-W".to_owned(), "[%h]:%p".to_owned(), address(jump, reach, true)?.to_owned()]);
        words.extend(["-o".to_owned(), format!("ProxyCommand={}", shell_words::join(&through))]);
    }
    words.push(address(node, reach, jump.is_none())?.to_owned());
    Ok(words)
}

fn plain(node: &Node, reach: &Reach) -> Result<Vec<String>> {
    let mut words = reach.ssh.clone();
    match &reach.config {
        UserConfig::Default => {}
        UserConfig::File(file) => words.extend(["-F".to_owned(), file.to_string_lossy().into_owned()]),
        UserConfig::None => words.extend(["-F".to_owned(), "none".to_owned()]),
    }
    words.extend(["-o".to_owned(), format!("HostKeyAlias={}", node.id)]);
    let options = forced(reach)?.into_iter().filter(|(keyword, _)| !UNATTENDED.contains(keyword));
    words.extend(options.flat_map(|(keyword, value)| ["-o".to_owned(), format!("{keyword}={value}")]));
    Ok(words)
}

/// The master that nodes are reached through, where they are.
fn jump<'a>(nodes: &'a [Node], reach: &Reach) -> Option<&'a Node> {
    master(nodes).filter(|_| !reach.direct)
}

/// What holds for every host, whatever the user's own file says.
fn forced(reach: &Reach) -> Result<Vec<(&'static str, String)>> {
    let text = |text: &str| text.to_owned();
    let mut options = vec![
        ("User", user(&reach.user)?),
        ("BatchMode", text("yes")),
        ("LogLevel", text("ERROR")),
        ("RequestTTY", text("no")),
        ("RemoteCommand", text("none")),
        ("ClearAllForwardings", text("yes")),
        ("ControlPersist", text("no")),
        ("ForwardAgent", text("no")),
        ("ForwardX11", text("no")),
        ("PermitLocalCommand", text("no")),
        // Addresses are used again by other instances, and an instance id never: keys are known by it.
        ("CheckHostIP", text("no")),
        ("HashKnownHosts", text("no")),
        ("StrictHostKeyChecking", text("accept-new")),
        ("UpdateHostKeys", text("no")),
        ("UserKnownHostsFile", path(&reach.known_hosts)?),
        ("VerifyHostKeyDNS", text("no")),
        ("ConnectTimeout", reach.connect_timeout.as_secs().max(1).to_string()),
        ("ServerAliveInterval", text("5")),
        ("ServerAliveCountMax", text("3")),
    ];
    if let Some(key) = &reach.key_file {
        options.extend([("IdentityFile", path(key)?), ("IdentitiesOnly", text("yes"))]);
    }
    Ok(options)
}

fn user(name: &str) -> Result<String> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@\\+".contains(&byte);
    if !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_fit) {
        return Ok(name.to_owned());
    }
    Err(Error::usage(format!("'{name}' is not the name of a user")))
}

/// A path as a value, in which `%` begins a token.
fn path(path: &Path) -> Result<String> {
    quoted(&path.to_string_lossy().replace('%', "%%"))
}

/// A value in quotes. Not every version of `ssh_config` can hold a quote, and it reads `${…}` in paths.
fn quoted(value: &str) -> Result<String> {
    if value.contains(['"', '\\', char::REPLACEMENT_CHARACTER])
        || value.contains("${")
        || value.chars().any(char::is_control)
    {
        return Err(Error::usage(format!("ssh_config cannot hold the path '{value}'")).advise("use another one"));
    }
    Ok(format!("\"{value}\""))
}
