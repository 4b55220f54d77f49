//! What is on this machine for reaching nodes: the key of the key pair, the agent, ssh, and gdb.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use emr_core::config::Config;
use emr_core::config::options::{EC2_KEY_PAIR, EC2_KEY_PAIR_FILE, SSH_BIN};
use emr_core::config::setting::value;
use emr_core::error::Error;
use emr_core::shell;
use tokio::process::Command;
use tokio::time::timeout;

use crate::record::{CheckRecord, NOT_SET, State};

/// A program that takes longer to say its version hangs.
const PATIENCE: Duration = Duration::from_secs(5);

const KEY_FILE: &str = "key file";

/// What to do where a file is no key.
const EC2_S_FILE: &str = "name the file that EC2 gave for the key pair; it ends in .pem";

pub(crate) async fn checks(config: &Config) -> Vec<CheckRecord> {
    let pair = value(config.get(&EC2_KEY_PAIR).ok().flatten());
    let file = config.get(&EC2_KEY_PAIR_FILE);
    let key = match file {
        Ok(Some(file)) => Some(key_file(Path::new(&file.value), pair.as_deref()).await),
        Ok(None) => None,
        Err(error) => Some(CheckRecord::error(KEY_FILE, State::Failure, &error, "set ec2_key_pair_file to a path")),
    };
    let has_key = key.as_ref().is_some_and(|key| key.state == State::Ok);
    let (agent, ssh, gdb) = tokio::join!(agent(has_key), ssh(config), gdb());
    [Some(key_pair(pair.as_deref())), key, Some(agent), Some(ssh), Some(gdb)].into_iter().flatten().collect()
}

fn key_pair(pair: Option<&str>) -> CheckRecord {
    match pair {
        Some(pair) => CheckRecord::ok("key pair", pair),
        None => CheckRecord::warning(
            "key pair",
            format!("{NOT_SET}: ssh reaches no node of job flows that start without one"),
            "set ec2_key_pair in mrjob.conf, if nodes are to be reached",
        ),
    }
}

/// Whether `path` is a private key that ssh takes, and that of the key `pair` as far as its name tells.
async fn key_file(path: &Path, pair: Option<&str>) -> CheckRecord {
    let found = path.display().to_string();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(cause) => return unreadable(path, &cause),
    };
    // Opening a pipe waits for its writer.
    if !metadata.is_file() {
        return CheckRecord::failure(KEY_FILE, format!("{found} is no plain file"), EC2_S_FILE);
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let what = format!("{found} has the mode {mode:04o}, and ssh ignores a key that others can read");
        return CheckRecord::failure(KEY_FILE, what, format!("chmod 600 {}", shell::quote(&found)));
    }
    let key = match private_key(path).await {
        Ok(key) => key,
        Err(cause) => return unreadable(path, &cause),
    };
    match (key, pair) {
        (PrivateKey::No, _) => CheckRecord::failure(KEY_FILE, format!("{found} is no private key"), EC2_S_FILE),
        (PrivateKey::Locked, _) => CheckRecord::warning(
            KEY_FILE,
            format!("{found} has a passphrase, which the tools have ssh ask nobody for"),
            format!("ssh-add {}", shell::quote(&found)),
        ),
        (PrivateKey::Yes, Some(pair)) if is_of_another(path, pair) => CheckRecord::warning(
            KEY_FILE,
            format!("{found} is named after another key pair than {pair}"),
            "see that it is that key pair's, or set ec2_key_pair",
        ),
        (PrivateKey::Yes, _) => CheckRecord::ok(KEY_FILE, found),
    }
}

fn unreadable(path: &Path, cause: &io::Error) -> CheckRecord {
    let error = Error::file("read", path, cause);
    CheckRecord::error(KEY_FILE, State::Failure, &error, "set ec2_key_pair_file to the key pair's file")
}

/// No key is longer.
const LONGEST: u64 = 1 << 16;

/// Whether a file is a private key.
enum PrivateKey {
    Yes,
    /// With a passphrase.
    Locked,
    No,
}

/// What ssh-keygen says of the file at `path`, or else, where it does not run, its PEM header.
async fn private_key(path: &Path) -> io::Result<PrivateKey> {
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(match said(Command::new("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(path)).await {
        Some(said) if said.has_succeeded => PrivateKey::Yes,
        Some(said) if said.text.contains("incorrect passphrase") => PrivateKey::Locked,
        None if String::from_utf8_lossy(&text).contains("PRIVATE KEY-----") => PrivateKey::Yes,
        Some(_) | None => PrivateKey::No,
    })
}

/// EC2 names the file of a key pair after it. Of another name nothing is known.
fn is_of_another(path: &Path, pair: &str) -> bool {
    path.extension().is_some_and(|extension| extension == "pem") && path.file_stem().is_some_and(|stem| stem != pair)
}

/// The agent, which has the key where no file has it that ssh takes.
async fn agent(has_key: bool) -> CheckRecord {
    const CHECK: &str = "ssh agent";
    let keys = match std::env::var_os("SSH_AUTH_SOCK") {
        None => None,
        Some(_) => said(Command::new("ssh-add").arg("-l")).await.filter(|said| said.has_succeeded),
    };
    match keys {
        Some(said) => CheckRecord::ok(CHECK, format!("has {} keys", said.text.lines().count())),
        None if has_key => CheckRecord::ok(CHECK, "has no key, and there is a key file"),
        None => CheckRecord::warning(
            CHECK,
            "has no key, and there is no key file that is right",
            "set ec2_key_pair_file, or add the key with ssh-add, if nodes are to be reached",
        ),
    }
}

/// The command that tools for nodes run.
async fn ssh(config: &Config) -> CheckRecord {
    const CHECK: &str = "ssh";
    let words = match config.get(&SSH_BIN) {
        Ok(words) => value(words).unwrap_or_else(|| vec!["ssh".to_owned()]),
        Err(error) => return CheckRecord::error(CHECK, State::Failure, &error, "set ssh_bin to a command"),
    };
    let (program, args) = words.split_first().map_or(("", &[][..]), |(program, args)| (program.as_str(), args));
    match said(Command::new(program).args(args).arg("-V")).await {
        Some(said) if said.has_succeeded => CheckRecord::ok(CHECK, said.first_line()),
        _ => CheckRecord::warning(
            CHECK,
            format!(
                "{program} does not run: ssh-nodes and ssh-core-dump need it, and fetch-logs for what is not on S3 yet"
            ),
            "install OpenSSH's client, or set ssh_bin",
        ),
    }
}

/// gdb, which only backtraces want.
async fn gdb() -> CheckRecord {
    match said(Command::new("gdb").arg("--version")).await {
        Some(said) if said.has_succeeded => CheckRecord::ok("gdb", said.first_line()),
        _ => CheckRecord::warning(
            "gdb",
            "is not installed: ssh-core-dump shows no native backtraces without it",
            "install gdb, if you read core dumps here",
        ),
    }
}

/// What a program said.
struct Said {
    has_succeeded: bool,
    text: String,
}

impl Said {
    fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

/// What `command` says. `None` where it does not run, or not to its end.
async fn said(command: &mut Command) -> Option<Said> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(PATIENCE, output).await.ok()?.ok()?;
    // ssh says its version on stderr.
    let text = [output.stdout, output.stderr].concat();
    Some(Said { has_succeeded: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_another_pair_s_only_where_ec2_s_name_for_it_tells() {
        assert!(is_of_another(Path::new("/k/etl.pem"), "research"));
        for path in ["/k/research.pem", "/k/id_rsa"] {
            assert!(!is_of_another(Path::new(path), "research"), "{path}");
        }
    }
}
