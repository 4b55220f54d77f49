//! The options of `ssh`: a configuration file for a session, or a command line for a person.

use std::fmt::Write;
use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::model::instance::Node;
use emr_core::shell;

use super::{Reach, UserConfig, address, master};

/// Left out of a command line for a person, who can answer questions and read messages.
const UNATTENDED: [&str; 6] =
    ["BatchMode", "ClearAllForwardings", "ControlPersist", "LogLevel", "PermitLocalCommand", "RequestTTY"];

/// The text of an `ssh_config` with a host for the address of each node. The connection to the master is shared at the
/// socket `control`.
///
/// `ssh` uses the first value of an option, so forced options come first and the user's own file last. A value that
/// `ssh_config` cannot hold is an error.
///
/// Source: the manual of `ssh_config`
pub fn config_file(nodes: &[Node], reach: &Reach, control: &Path) -> Result<String> {
    let jump = jump(nodes, reach);
    let mut text = String::new();
    for node in nodes {
        let from_here = reach.direct || jump == Some(node);
        // A node without an address is an error only when it is used.
        let Ok(host) = address(node, reach, from_here) else { continue };
        let _ = writeln!(text, "Host {host}");
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

/// The words of an `ssh` command that reaches `node` without a configuration file of ours, for a person to paste. The
/// remote command goes at the end.
///
/// `-o` and `-i` do not apply to a jump host, hence the `ProxyCommand`.
pub fn command_line(node: &Node, nodes: &[Node], reach: &Reach) -> Result<Vec<String>> {
    let jump = jump(nodes, reach).filter(|jump| !reach.direct && *jump != node);
    let mut words = plain(node, reach)?;
    if let Some(jump) = jump {
        let mut through = plain(jump, reach)?;
        through.extend(["-W".to_owned(), "[%h]:%p".to_owned(), address(jump, reach, true)?.to_owned()]);
        words.extend(["-o".to_owned(), format!("ProxyCommand={}", shell::join(&through))]);
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

/// The master that nodes are reached through; `None` if they are reached directly.
fn jump<'a>(nodes: &'a [Node], reach: &Reach) -> Option<&'a Node> {
    master(nodes).filter(|_| !reach.direct)
}

/// The options of every host, which the user's own file cannot change.
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
        // An ssh that does not know this option says so and goes on. IgnoreUnknown would not silence it, and would
        // override the user's.
        ("GSSAPIDelegateCredentials", text("no")),
        ("PermitLocalCommand", text("no")),
        // Host keys are stored by instance id: other instances reuse addresses, but never ids.
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
    Err(Error::usage(format!("'{name}' is not a user name")))
}

/// A path as a value. `%` begins a token and must be doubled.
fn path(path: &Path) -> Result<String> {
    quoted(&path.to_string_lossy().replace('%', "%%"))
}

/// A value in quotes. Some versions of `ssh_config` cannot hold a quote, and `${…}` is expanded in paths.
fn quoted(value: &str) -> Result<String> {
    if value.contains(['"', '\\', char::REPLACEMENT_CHARACTER])
        || value.contains("${")
        || value.chars().any(char::is_control)
    {
        return Err(Error::usage(format!("ssh_config cannot hold the path '{value}'")).advise("use another one"));
    }
    Ok(format!("\"{value}\""))
}

#[cfg(test)]
mod tests {
    use super::super::example::reach;
    use super::*;
    use emr_core::model::instance::example::node;
    use emr_core::model::instances::Role;

    fn nodes() -> [Node; 3] {
        [node(1, Role::Master), node(2, Role::Core), node(3, Role::Task)]
    }

    fn text(reach: &Reach) -> String {
        config_file(&nodes(), reach, Path::new("/tmp/emr-x/m")).unwrap()
    }

    #[test]
    fn slaves_are_reached_through_the_master_and_their_keys_stored_by_instance_id() {
        let text = text(&reach());
        let slave = "Host 10.0.0.3\n  HostKeyAlias i-3\n  ControlMaster no\n  ControlPath none\n  \
                     ProxyJump ec2-1-1-1-1.compute-1.amazonaws.com\n";
        assert!(text.contains(slave), "{text}");
        assert!(text.contains("  ControlPath \"/tmp/emr-x/m\"\n"), "{text}");
        assert!(text.contains("  IdentityFile \"/keys/my key\"\n  IdentitiesOnly yes\n"), "{text}");
    }

    #[test]
    fn direct_connections_are_not_shared() {
        let text = text(&Reach { direct: true, ..reach() });
        assert!(!text.contains("ProxyJump") && !text.contains("/tmp/emr-x/m"), "{text}");
    }

    #[test]
    fn no_configuration_forwards_an_agent_or_accepts_a_changed_key() {
        for config in [UserConfig::Default, UserConfig::File("/etc/theirs".into()), UserConfig::None] {
            for direct in [false, true] {
                let reach = Reach { config: config.clone(), direct, ..reach() };
                let text = text(&reach);
                let line = shell::join(command_line(&nodes()[2], &nodes(), &reach).unwrap());
                for said in [text, line.replace('=', " ")] {
                    assert!(said.contains("StrictHostKeyChecking accept-new") && !said.contains(" -A"), "{said}");
                    assert!(said.contains("ForwardAgent no") && said.contains("HostKeyAlias"), "{said}");
                    assert!(said.contains("ForwardX11 no") && said.contains("GSSAPIDelegateCredentials no"), "{said}");
                }
            }
        }
    }

    #[test]
    fn the_user_s_own_file_comes_last() {
        let own = Reach { config: UserConfig::File("/home/me/my config".into()), ..reach() };
        assert!(text(&own).ends_with("\nInclude \"/home/me/my config\"\n"));
        let default = Reach { config: UserConfig::Default, ..reach() };
        assert!(text(&default).ends_with("\nInclude ~/.ssh/config\nInclude /etc/ssh/ssh_config\n"));
    }

    #[test]
    fn values_that_ssh_config_cannot_hold_are_refused() {
        for bad in ["/a\nProxyCommand id", "/a\"b", "/a\\", "/${HOME}/a"] {
            let reach = Reach { key_file: Some(bad.into()), ..reach() };
            assert!(config_file(&nodes(), &reach, Path::new("/m")).is_err(), "{bad}");
        }
        for bad in ["", "-l", "a b", "a\nb", "%r", "a;b"] {
            let reach = Reach { user: bad.to_owned(), ..reach() };
            assert!(command_line(&nodes()[1], &nodes(), &reach).is_err(), "{bad}");
        }
        assert_eq!(path(Path::new("/100%/a'b c")).unwrap(), "\"/100%%/a'b c\"");
    }

    #[test]
    fn a_command_line_needs_no_file_of_ours_except_known_hosts() {
        let words = command_line(&nodes()[1], &nodes(), &reach()).unwrap();
        assert_eq!((words.first().unwrap().as_str(), words.last().unwrap().as_str()), ("ssh", "10.0.0.2"));
        let proxy = words.iter().find_map(|word| word.strip_prefix("ProxyCommand=")).unwrap();
        let through = shell::split(proxy).unwrap();
        assert!(through.contains(&"HostKeyAlias=i-1".to_owned()) && !words.contains(&"HostKeyAlias=i-1".to_owned()));
        assert!(through.ends_with(&["-W", "[%h]:%p", "ec2-1-1-1-1.compute-1.amazonaws.com"].map(str::to_owned)));
        assert!(!words.iter().any(|word| word.starts_with("BatchMode")), "a person can answer");
        let master = command_line(&nodes()[0], &nodes(), &reach()).unwrap();
        assert!(!master.iter().any(|word| word.contains("ProxyCommand")));
    }
}
