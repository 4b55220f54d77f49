//! A fake node: a folder of programs that only record how they are called.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The shells that are `/bin/sh` on EMR's nodes: Debian's, and Amazon Linux's.
pub(crate) const SHELLS: [&str; 2] = ["/bin/dash", "/bin/bash"];

/// Records its name and arguments. Fetches a file from the folder `objects`, or else a word.
const STAND_IN: &str = r#"#!/bin/sh
name=${0##*/}
printf '%s\0' "$#" "$name" "$@" >>"$NODE/calls"
case $name in
    sudo) exec "$@" ;;
    aws | hadoop)
        object=$NODE/objects/${3##*/}
        if [ -f "$object" ]; then cp "$object" "$4"; else echo fetched >"$4"; fi
        ;;
    fails) exit 3 ;;
esac
"#;

const PROGRAMS: [&str; 10] = ["sudo", "apt-get", "yum", "pip", "python", "python3", "aws", "hadoop", "record", "fails"];

pub(crate) struct Node {
    folder: TempDir,
    /// The name of the folder in which scripts run.
    work: &'static str,
}

impl Node {
    pub(crate) fn working_in(work: &'static str) -> Self {
        let node = Self { folder: tempfile::tempdir().unwrap(), work };
        for name in ["bin", "objects", work] {
            fs::create_dir(node.path(name)).unwrap();
        }
        for name in PROGRAMS {
            let program = node.path("bin").join(name);
            fs::write(&program, STAND_IN).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        node
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of a file in the folder where the script runs.
    pub(crate) fn file(&self, name: &str) -> String {
        self.path(self.work).join(name).to_str().unwrap().to_owned()
    }

    /// Adds an object that can be fetched from any URI that ends in this name.
    pub(crate) fn object(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path("objects").join(name), content).unwrap();
    }

    /// Runs `script` in `shell`. Returns its output and the recorded calls.
    pub(crate) fn run(&self, shell: &str, script: &str) -> (Output, Vec<Vec<String>>) {
        fs::write(self.path("script"), script).unwrap();
        let _ = fs::remove_file(self.path("calls"));
        let _ = fs::remove_dir_all(self.path(self.work));
        fs::create_dir(self.path(self.work)).unwrap();
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let mut run = Command::new(shell);
        run.arg(self.path("script")).current_dir(self.path(self.work));
        run.env_clear()
            .env("PATH", path)
            .env("NODE", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", "/home/hadoop");
        (run.output().unwrap(), self.calls())
    }

    /// Runs `script` in each shell, where it must succeed. Returns the calls, which must be equal.
    pub(crate) fn calls_of(&self, script: &str) -> Vec<Vec<String>> {
        let [dash, bash] = SHELLS.map(|shell| {
            let (output, calls) = self.run(shell, script);
            assert!(output.status.success(), "{shell}: {output:?}\n{script}");
            calls
        });
        assert_eq!(dash, bash, "dash and bash");
        bash
    }

    fn calls(&self) -> Vec<Vec<String>> {
        let noted = fs::read(self.path("calls")).unwrap_or_default();
        let mut words = noted.split(|byte| *byte == 0).map(|word| String::from_utf8(word.to_vec()).unwrap());
        let mut calls = Vec::new();
        while let Some(count) = words.next().filter(|count| !count.is_empty()) {
            calls.push(words.by_ref().take(1 + count.parse::<usize>().unwrap()).collect());
        }
        calls
    }
}
