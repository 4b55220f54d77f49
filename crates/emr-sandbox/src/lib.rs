//! A local EMR and S3 on one loopback port, to try and test their clients without an AWS account.
//!
//! - [`server`] accepts connections; [`gateway`] passes each request to its service
//! - [`s3`] is S3, [`webhdfs`] the same buckets for Hadoop's client
//! - [`regions`] has an account for each region, and [`emr`] is such an account, as pure code; [`identity`] the part of STS and IAM that clients need
//! - [`driver`] passes the account's orders to [`run`], which runs steps as processes
//! - [`args`] is the command line, [`data`] the directory for objects, logs and working files of steps
//!
//! The sandbox stands in for EMR on one machine. Rules about pools, idleness and claims are in `emr-core`, never here.

mod args;
mod data;
mod driver;
mod emr;
mod gateway;
mod identity;
mod lock;
mod regions;
mod run;
mod s3;
mod server;
mod signature;
mod unread;
#[cfg(feature = "untrusted")]
pub mod untrusted;
mod webhdfs;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use emr_core::error::{Error, Outcome};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::args::{Args, QuotaSet};
use crate::data::Data;
use crate::emr::Settings;
use crate::gateway::Gateway;
use crate::gateway::fault::Faults;
use crate::gateway::request_log::RequestLog;
use crate::identity::Identity;
use crate::regions::{Common, Regions};

/// How long the threads of killed steps may take to clean up at the end.
const CLEAN_UP: Duration = Duration::from_secs(2);

/// Runs the sandbox with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run_blocking(words, |args| emr_sandbox(args).map_err(|reason| Error::new(Outcome::Io, reason)))
}

/// Serves until a signal arrives.
fn emr_sandbox(args: Args) -> Result<Outcome, String> {
    let data = Data::open(args.data.as_deref())?;
    let runtime = Runtime::new().map_err(|error| format!("cannot start the runtime: {error}"))?;
    let served = runtime.block_on(serve(args, data.path()));
    runtime.shutdown_timeout(CLEAN_UP);
    data.close();
    served.map(|()| Outcome::Done)
}

async fn serve(args: Args, data: PathBuf) -> Result<(), String> {
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener
        .map_err(|error| format!("cannot listen on {}: {error}; pass another address to --listen", args.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let endpoint = format!("http://{address}");
    let gateway = Arc::new(open(args, &data, endpoint.clone())?);
    let ready = json!({ "endpoint": endpoint, "pid": std::process::id(), "data": data });
    let printed = writeln!(io::stdout(), "{ready}").and_then(|()| io::stdout().flush());
    printed.map_err(|error| format!("cannot write to standard output: {error}"))?;
    let served = server::serve(&listener, &gateway).await;
    gateway.regions.stop();
    served.map_err(|error| format!("cannot wait for signals: {error}"))
}

/// Opens the services.
fn open(args: Args, data: &Path, endpoint: String) -> Result<Gateway, String> {
    let store = s3::Store::open(&data.join("s3")).map_err(|error| format!("cannot store objects: {error}"))?;
    let store = Arc::new(store);
    for bucket in &args.bucket {
        let made = store.create_bucket(bucket);
        made.map_err(|error| format!("cannot create the bucket {bucket}: {error}"))?;
    }
    let region = env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".to_owned());
    let settings =
        Settings { provision_s: args.provision_s.as_secs(), run_bootstrap_actions: args.run_bootstrap_actions, region };
    let recorded = emr::load_all(&args.load)?;
    for object in &recorded.objects {
        let put = store.put_recorded(object);
        put.map_err(|error| format!("cannot store s3://{}/{}: {error}", object.bucket, object.key))?;
    }
    let regions = Regions::new(Common {
        settings,
        data: data.to_owned(),
        store: Arc::clone(&store),
        endpoint,
        has_quotas: args.quotas == QuotaSet::Emr,
    });
    regions.replay(recorded.clusters)?;
    let request_log = RequestLog::open(args.request_log.as_deref());
    Ok(Gateway {
        regions,
        webhdfs: webhdfs::Service::open(Arc::clone(&store))
            .map_err(|error| format!("cannot store objects: {error}"))?,
        s3: s3::Service::new(store),
        identity: Identity::default(),
        faults: Mutex::new(Faults::new(args.fault)),
        started: Instant::now(),
        latency: args.latency_ms,
        request_log: request_log.map_err(|error| format!("cannot open the request log: {error}"))?,
    })
}
