//! Servers of others, which know nothing about these tools: started on free ports, ended with the test.

use std::io::{BufRead, BufReader, Read, copy, pipe, sink};
use std::process::{Child, Command};
use std::thread;

use tempfile::TempDir;

use crate::seaweed_fs::Ports;
use crate::{Ran, Tools, client, run};

/// A running server with the bucket `bucket`.
#[derive(Debug)]
pub struct Server {
    tools: Tools,
    child: Child,
    endpoint: String,
    ports: Option<Ports>,
    _folder: TempDir,
}

impl Server {
    /// moto's server, a simulation of AWS. It has EMR's clusters, but its steps never end.
    #[must_use]
    pub fn moto(tools: &Tools) -> Self {
        let moto = Self::start(tools, "moto_server", &["-H", "127.0.0.1", "-p", "0"], "Running on http://");
        moto.make_bucket();
        moto
    }

    /// `SeaweedFS`, a store with S3's interface and conditional writes.
    #[must_use]
    pub fn seaweed_fs(tools: &Tools) -> Self {
        let ports = Ports::free();
        let args = ports.args();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let mut weed = Self::start(tools, "weed", &args, "Start Seaweed S3 API Server");
        weed.endpoint = ports.endpoint();
        weed.ports = Some(ports);
        weed.make_bucket();
        weed
    }

    /// s3rver, a store with S3's interface that ignores the conditions of writes.
    #[must_use]
    pub fn s3rver(tools: &Tools) -> Self {
        let args = ["-a", "127.0.0.1", "-p", "0", "-d", ".", "--configure-bucket", "bucket"];
        Self::start(tools, "s3rver", &args, "S3rver listening on ")
    }

    /// Starts `name` with `args`, and waits for a line with `listens`, which is followed by the address.
    fn start(tools: &Tools, name: &str, args: &[&str], listens: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Some print it on stdout, others on stderr.
        let (said, says) = pipe().expect("a pipe");
        let says_too = says.try_clone().expect("a pipe for two");
        let child = client(name).args(args).current_dir(folder.path()).stdout(says).stderr(says_too).spawn();
        let mut said = BufReader::new(said);
        let place = said.by_ref().lines().map_while(Result::ok).find_map(|line| {
            let (_, place) = line.split_once(listens)?;
            Some(place.trim().to_owned())
        });
        // It prints a line for every request, and would block if nobody read them.
        thread::spawn(move || copy(&mut said, &mut sink()));
        let endpoint = format!("http://{}", place.expect("the server says where it listens"));
        let child = child.expect("the server starts");
        Self { tools: tools.clone(), child, endpoint, ports: None, _folder: folder }
    }

    fn make_bucket(&self) {
        let url = format!("{}/bucket", self.endpoint);
        let made = Command::new("curl").args(["-fsS", "-X", "PUT", &url]).output().expect("curl is installed");
        assert!(made.status.success(), "{made:?}");
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes an AWS client use this server.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // s3rver accepts only these credentials; the others accept any.
        let keys = [("AWS_ACCESS_KEY_ID", "S3RVER"), ("AWS_SECRET_ACCESS_KEY", "S3RVER")];
        run::point_at(&self.endpoint, command).envs(keys)
    }

    /// Runs the tool `name` with `args` against this server.
    #[must_use]
    pub fn run(&self, name: &str, args: &[&str]) -> Ran {
        self.pipe(name, args, "")
    }

    /// Runs the tool `name` with `args` and `stdin` against this server.
    #[must_use]
    pub fn pipe(&self, name: &str, args: &[&str], stdin: &str) -> Ran {
        Ran::with_stdin(self.point(self.tools.command(name).args(args)), stdin)
    }

    /// Creates a job flow with `args`, and returns its id.
    #[must_use]
    pub fn job_flow(&self, args: &[&str]) -> String {
        let record = self.run("create-job-flow", args).ok().record();
        record["job_flow_id"].as_str().expect("a record has an id").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has no data worth saving, and a proper shutdown of SeaweedFS takes half a minute.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(ports) = &self.ports {
            ports.remove_sockets();
        }
    }
}
