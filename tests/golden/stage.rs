//! Runs cases: a sandbox with the clusters, files and objects of a fixture.

use std::fs;
use std::process::Command;

use harness::{Hosts, Ran, Sandbox};
use serde_json::{Map, Value, json};

use crate::bucket::Bucket;
use crate::fixture::{Case, Fixture, Found};
use crate::masks::Masks;
use crate::{core_dump, layout, tools};

pub(crate) struct Stage {
    sandbox: Sandbox,
    hosts: Option<Hosts>,
    bucket: Bucket,
    masks: Masks,
}

impl Stage {
    /// Starts what `fixture` needs. `None` if that is hosts, and namespaces are not allowed here.
    pub(crate) fn set(fixture: &Fixture) -> Option<Self> {
        let hosts = match fixture.slaves {
            Some(slaves) => Some(Hosts::start(slaves)?),
            None => None,
        };
        let sandbox = hosts.as_ref().map_or_else(|| loaded(&fixture.clusters), |hosts| hosts.sandbox(&tools()));
        if let Some(hosts) = &hosts {
            core_dump::leave(hosts);
        }
        let below = hosts.as_ref().map_or_else(|| sandbox.folder().to_owned(), |hosts| hosts.folder(0).join(".."));
        for (path, text) in &fixture.files {
            let path = below.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut bucket = Bucket::at(sandbox.endpoint());
        if hosts.is_none() {
            fixture.objects.iter().for_each(|(key, text)| bucket.put(key, text));
            let _ = bucket.written();
        }
        let masks = Masks::new(sandbox.endpoint(), sandbox.folder().to_str().unwrap());
        Some(Self { sandbox, hosts, bucket, masks })
    }

    /// Runs `case`.
    pub(crate) fn play(&mut self, fixture: &Fixture, case: &Case) -> Found {
        let words = fixture.command.iter().chain(&case.args).map(|word| self.masks.unmask(&text(word)));
        let words: Vec<String> = words.collect();
        let (tool, args) = words.split_first().unwrap();
        let mut command = self.command(tool);
        if let Some(conf) = &case.conf {
            self.sandbox.file("mrjob.conf", conf_text(conf));
            command.args(["-c", "mrjob.conf"]);
        }
        let stdin = match &case.stdin {
            Value::Null => String::new(),
            Value::Array(records) => records.iter().map(|record| record.to_string() + "\n").collect(),
            one => text(one),
        };
        let ran = Ran::with_stdin(command.args(args).envs(&case.env), &self.masks.unmask(&stdin));
        let code = ran.code.unwrap_or_else(|| panic!("{}: {ran:?}", case.name));
        Found {
            line: emr_core::shell::join(&words),
            records: self.records(&ran, &fixture.pick),
            code,
            objects: self.objects(),
        }
    }

    fn command(&self, tool: &str) -> Command {
        if let Some(hosts) = &self.hosts {
            return hosts.tool(&self.sandbox, tool);
        }
        let mut command = tools().command(tool);
        self.sandbox.point(&mut command);
        command
    }

    /// The records on stdout, or the keys `pick` of each.
    fn records(&mut self, ran: &Ran, pick: &[String]) -> Value {
        let record = |line: &str| layout::read(line).map_or_else(|| line.into(), |record| picked(record, pick));
        let mut records: Vec<Value> = ran.stdout.lines().map(|line| self.masks.mask(record(line))).collect();
        if records.len() == 1 { records.remove(0) } else { records.into() }
    }

    fn objects(&mut self) -> Map<String, Value> {
        if self.hosts.is_some() {
            return Map::new();
        }
        match self.masks.mask(self.bucket.written().into()) {
            Value::Object(objects) => objects,
            other => panic!("{other}"),
        }
    }
}

/// The keys `pick` of `record`: all if `pick` is empty, the bare value if it is a single key.
fn picked(mut record: Value, pick: &[String]) -> Value {
    match (&mut record, pick) {
        (_, []) => {}
        (Value::Object(items), [key]) => return items.remove(key).unwrap_or_default(),
        (Value::Object(items), keys) => items.retain(|key, _| keys.contains(key)),
        _ => {}
    }
    record
}

/// A sandbox with these clusters.
fn loaded(clusters: &[Value]) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    fs::write(&file, json!({"clusters": clusters}).to_string()).unwrap();
    Sandbox::start(&tools(), &["--load", file.to_str().unwrap()])
}

/// A string as it is, any other value as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text of mrjob.conf, given as such or as a mapping of options.
fn conf_text(conf: &Value) -> String {
    conf.as_str().map_or_else(|| json!({"runners": {"emr": conf}}).to_string(), str::to_owned)
}
