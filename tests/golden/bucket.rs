//! The objects in the sandbox's bucket, read over plain HTTP.

use std::collections::BTreeMap;
use std::process::Command;

use harness::Ran;
use serde_json::{Map, Value};

use crate::layout;

/// The bucket, with the `ETags` of its objects when it was last listed.
#[derive(Debug)]
pub(crate) struct Bucket {
    url: String,
    seen: BTreeMap<String, String>,
}

impl Bucket {
    pub(crate) fn at(endpoint: &str) -> Self {
        Self { url: format!("{endpoint}/bucket"), seen: BTreeMap::new() }
    }

    /// Puts an object into it.
    pub(crate) fn put(&mut self, key: &str, text: &str) {
        let put = ["-X", "PUT", "--data-binary", "@-", "-o", "/dev/null"];
        let _ = self.curl(&put, &path(key), text);
    }

    /// The locks and files written since the last call: the content of a lock, the length of a file. Output and logs of
    /// steps are left out, because they may be written at any time.
    pub(crate) fn written(&mut self) -> Map<String, Value> {
        let mut now = self.list();
        now.retain(|key, _| ["locks/", "files/", "inputs/"].iter().any(|place| key.contains(place)));
        let written: Vec<_> = now.iter().filter(|(key, tag)| self.seen.get(*key) != Some(*tag)).collect();
        let objects = written.iter().map(|(key, _)| ((*key).clone(), self.content(key))).collect();
        self.seen = now;
        objects
    }

    /// Each key with its `ETag`.
    fn list(&self) -> BTreeMap<String, String> {
        let answer = self.curl(&[], "?list-type=2", "");
        let within = |text: &str, name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        answer.split("<Contents>").skip(1).map(|one| (within(one, "Key"), within(one, "ETag"))).collect()
    }

    fn content(&self, key: &str) -> Value {
        let text = self.curl(&[], &path(key), "");
        let lock = layout::read(&text).filter(Value::is_object);
        lock.unwrap_or_else(|| text.len().into())
    }

    fn curl(&self, args: &[&str], place: &str, body: &str) -> String {
        let mut curl = Command::new("curl");
        curl.args(["-gfsS"]).args(args).arg(format!("{}{place}", self.url));
        Ran::with_stdin(&mut curl, body).ok().stdout
    }
}

/// The path of an object in a URL.
fn path(key: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte);
    let encoded = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("/{}", key.bytes().map(encoded).collect::<String>())
}
