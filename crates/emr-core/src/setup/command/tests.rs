use proptest::prelude::*;

use super::*;
use crate::setup::{Source, packs_none};
use crate::upload;

/// A machine on which every file exists, and `~` and `$V` mean something.
fn read(written: &str) -> Result<Command> {
    let expand = |path: &str| path.replace('~', "/home/u").replace("$V", "/v");
    let content = |path: &Path| Ok(upload::content_of(path.to_str().unwrap()));
    Command::read(written, &Machine { expand: &expand, content: &content, pack: &packs_none })
}

/// What is left of a command: its text, and each file as `<path|name>`, an archive as `<path|name|archive>`.
fn told(written: &str) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::File(NamedFile { source, name, is_archive }) => {
            let place = match source {
                Source::Remote(uri) => uri.clone(),
                Source::Local { path, .. } => path.display().to_string(),
            };
            let name = name.clone().unwrap_or_default();
            format!("<{place}|{name}{}>", if *is_archive { "|archive" } else { "" })
        }
    };
    read(written).unwrap().parts.iter().map(part).collect()
}

#[test]
fn files_are_told_from_the_rest_of_a_command() {
    for (written, expected) in [
        ("sudo apt-get install -y python-simplejson", "sudo apt-get install -y python-simplejson"),
        ("sudo dpkg -i deb/foo.deb#", "sudo dpkg -i <deb/foo.deb|>"),
        ("sudo dpkg -i fooify.deb#; fooify bar", "sudo dpkg -i <fooify.deb|>; fooify bar"),
        ("sh a.sh#b.sh x", "sh <a.sh|b.sh> x"),
        ("export PYTHONPATH=$PYTHONPATH:foo.egg#", "export PYTHONPATH=$PYTHONPATH:<foo.egg|>"),
        ("export PYTHONPATH=$PYTHONPATH:src.tar.gz#src/", "export PYTHONPATH=$PYTHONPATH:<src.tar.gz|src|archive>/"),
        ("x s3://b/k:1=2#n y", "x <s3://b/k:1=2|n> y"),
        ("x=s3://b/k#", "x=<s3://b/k|>"),
        ("sudo pip install -r ~/$V/r.txt#", "sudo pip install -r </home/u//v/r.txt|>"),
        (r"cat \~/a\ b\$V\##", r"cat <~/a b$V#|>"),
        ("echo 'a#b' \"c#d\" # e#", "echo 'a#b' \"c#d\" # <e|>"),
        (r"echo a\#b \\", r"echo a\#b \\"),
        ("a#b#c", "<a#b|c>"),
        ("echo a \\\n b", "echo a \\\n b"),
        ("", ""),
    ] {
        assert_eq!(told(written), expected, "{written}");
    }
}

#[test]
fn what_cannot_be_a_command_is_refused_with_the_command() {
    for (bad, why) in [
        ("echo 'a", "does not end"),
        ("echo it's", "does not end"),
        ("echo \"a\\\"", "does not end"),
        ("echo \\", "last backslash"),
        ("tar c src/#x", "is a directory"),
        ("a\0b", "NUL"),
    ] {
        let error = read(bad).unwrap_err().to_string();
        assert!(error.contains(why), "{bad}: {error}");
    }
}

#[test]
fn words_reach_the_program_as_they_are() {
    let words = ["echo", "it's", "$HOME", ""].map(str::to_owned);
    assert_eq!(Command::of_words(&words).unwrap().written, r"echo 'it'\''s' '$HOME' ''");
}

proptest! {
    #[test]
    fn every_text_is_read_or_refused_and_without_a_hash_stays_what_it_is(written: String) {
        if let Ok(command) = read(&written) {
            prop_assert_eq!(&command.written, &written);
            if !written.contains('#') {
                prop_assert_eq!(told(&written), written);
            }
        }
    }

    #[test]
    fn shell_like_texts_are_read_or_refused(written in r#"([a~$/:=#'"\\ ;]|s3://|\n){0,12}"#) {
        let _ = read(&written);
    }
}
