//! moto's server, a fake of AWS that others wrote: started on a free port, ended with the test.

use std::io::{BufRead, BufReader, Read, copy, sink};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::{Ran, Tools, client, run};

/// A running `moto_server`. It knows EMR's clusters, and its steps never end.
#[derive(Debug)]
pub struct Moto {
    tools: Tools,
    child: Child,
    endpoint: String,
}

impl Moto {
    /// Starts one, and waits until it listens.
    #[must_use]
    pub fn start(tools: &Tools) -> Self {
        let mut child = client("moto_server")
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto starts");
        let mut said = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let listens = said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let (_, endpoint) = line.split_once("Running on ")?;
            Some(endpoint.trim().to_owned())
        });
        // It says a line for every request, and would stand still if nobody read them.
        thread::spawn(move || copy(&mut said, &mut sink()));
        Self { tools: tools.clone(), child, endpoint: listens.expect("moto says where it listens") }
    }

    /// Sets what an AWS client needs to find it.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        run::point_at(&self.endpoint, command)
    }

    /// Runs the tool `name` with `args` against it.
    #[must_use]
    pub fn run(&self, name: &str, args: &[&str]) -> Ran {
        self.pipe(name, args, "")
    }

    /// Runs the tool `name` with `args` and `stdin` against it.
    #[must_use]
    pub fn pipe(&self, name: &str, args: &[&str], stdin: &str) -> Ran {
        Ran::with_stdin(self.point(self.tools.command(name).args(args)), stdin)
    }

    /// Starts a job flow of `args`, and returns its id.
    #[must_use]
    pub fn job_flow(&self, args: &[&str]) -> String {
        let record = self.run("create-job-flow", args).ok().record();
        record["job_flow_id"].as_str().expect("a record has an id").to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It keeps nothing that an end in order would save.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
