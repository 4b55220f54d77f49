//! The commands that install Python packages on each release.

use super::instruction::{Instruction, in_folder};
use crate::model::job_flow::Software;
use crate::shell;

/// Installs pip on AMI versions 2 and 3: some are Debian, the others Amazon Linux.
const GET_PIP: &str = "sudo apt-get install -y python-pip || sudo yum install -y python-pip";

/// The commands that install `packages`, files in the folder, in order, for the Python that `python_bin` runs.
///
/// Consecutive wheels share a call of pip. A source package has its own, because its build may need the packages before
/// it.
pub(super) fn install(software: &Software, python_bin: &[String], packages: &[&str]) -> Vec<Instruction> {
    let pip = pip(software, python_bin);
    let is_old = matches!(software, Software::Ami { .. });
    let get = (is_old && !packages.is_empty()).then(|| Instruction::plain(GET_PIP));
    let is_wheel = |name: &&str| name.rsplit_once('.').is_some_and(|(_, extension)| extension == "whl");
    let calls = packages.chunk_by(|one, other| is_wheel(one) && is_wheel(other)).map(|names| {
        let paths: Vec<_> = names.iter().map(|name| in_folder(name)).collect();
        Instruction { written: format!("{pip} {}", names.join(" ")), run: format!("{pip} {}", paths.join(" ")) }
    });
    get.into_iter().chain(calls).collect()
}

/// The pip command for the Python that `python_bin` runs. The default is the Python of the release: Python 2 before EMR
/// 6, and on AMI versions the one of their pip.
fn pip(software: &Software, python_bin: &[String]) -> String {
    let is_2_6 = python_bin.first().is_some_and(|bin| bin.rsplit('/').next().unwrap_or(bin).starts_with("python2.6"));
    let python = match software {
        // Python 2.6 cannot run `-m pip`. Where it is installed, pip belongs to it.
        Software::Ami { .. } if python_bin.is_empty() || is_2_6 => return "sudo pip install".to_owned(),
        _ if !python_bin.is_empty() => shell::join(python_bin),
        _ if software.release().is_some_and(|release| release < (6, 0)) => "python".to_owned(),
        _ => "python3".to_owned(),
    };
    format!("sudo {python} -m pip install")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ami() -> Software {
        Software::Ami { version: "2.4.2".to_owned(), hadoop_version: None }
    }

    fn release(label: &str) -> Software {
        Software::Release { label: label.to_owned(), applications: Vec::new() }
    }

    #[test]
    fn the_default_pip_is_that_of_the_release() {
        let words = |words: &str| words.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (software, python_bin, expected) in [
            (ami(), "", "sudo pip install"),
            (ami(), "python2.6-dbg", "sudo pip install"),
            (ami(), "python2.7 -v", "sudo python2.7 -v -m pip install"),
            (release("emr-5.36.2"), "", "sudo python -m pip install"),
            (release("emr-5.36.2"), "python3", "sudo python3 -m pip install"),
            (release("emr-6.0.0"), "", "sudo python3 -m pip install"),
            (release("emr-7.14.0"), "/opt/$py", "sudo '/opt/$py' -m pip install"),
            (release("emr-spark-8.1.0"), "", "sudo python3 -m pip install"),
        ] {
            assert_eq!(pip(&software, &words(python_bin)), expected);
        }
    }

    #[test]
    fn wheels_share_a_call_and_source_packages_do_not() {
        let calls = install(&release("emr-7.14.0"), &[], &["a.whl", "b.whl", "c.tar.gz", "d.tar.gz", "e f.whl"]);
        let runs: Vec<_> = calls.iter().map(|call| call.run.replace("sudo python3 -m pip install ", "")).collect();
        let file = |name: &str| format!("\"$bootstrap_dir\"/{name}");
        let wheels = format!("{} {}", file("a.whl"), file("b.whl"));
        assert_eq!(runs, [wheels, file("c.tar.gz"), file("d.tar.gz"), file("'e f.whl'")]);
    }

    #[test]
    fn old_amis_get_pip_only_if_there_are_packages() {
        assert_eq!(install(&ami(), &[], &["a.tar.gz"])[0].run, GET_PIP);
        assert_eq!(install(&ami(), &[], &[]).len(), 0);
    }
}
