//! The tunnel to the page that tells of a cluster's jobs.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use emr_cli::Text;
use emr_cli::signal::Endings;
use emr_core::config::Config;
use emr_core::config::options::{SSH_BIND_PORTS, SSH_TUNNEL_IS_OPEN};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::instance::Node;
use emr_ssh::reach::{self, Reach};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::tunnel_ports::{PORTS, page, ports_of, read_ports};

/// What the master runs while the tunnel is open, which ends when its stdin does: with this tool, however that ends.
const HOLD: &str = "echo emr-tools-ready; exec cat";

/// What it says when the tunnel stands.
const READY: &str = "emr-tools-ready";

/// Opens the tunnel at `port`, or at one that is free, prints the URL, and keeps it open.
pub(crate) async fn open(
    config: &Config,
    port: Option<u16>,
    cluster: &ClusterDetail,
    nodes: &[Node],
    reach: &Reach,
) -> Result<Outcome> {
    emr_ssh::make_place(reach)?;
    let master = reach::master(nodes).ok_or_else(|| Error::usage("the job flow has no master that is up"))?;
    let (local, port) = local_end(config, port, cluster)?;
    let page = page(cluster);
    let host = master.private_ip.as_deref().filter(|_| !page.is_local).unwrap_or("localhost");
    let forward = format!("{local}:{port}:{host}:{}", page.port);
    let mut endings = Endings::catch();
    let mut child = start(master, nodes, reach, &forward)?;
    // Waiting for the child would close it.
    let _stdin = child.stdin.take();
    tokio::select! {
        ready = is_ready(&mut child) => if !ready { return Err(failed(&mut child, master, reach).await) },
        number = endings.next() => return Ok(Outcome::Signal(number)),
    }
    emr_cli::say("the tunnel is open until it is interrupted");
    let mut text = Text::on_stdout();
    text.print(format!("http://localhost:{port}{}\n", page.path).as_bytes());
    text.end()?;
    tokio::select! {
        _ = child.wait() => Err(failed(&mut child, master, reach).await),
        number = endings.next() => Ok(Outcome::Signal(number)),
    }
}

/// Where the tunnel ends on this machine: the port that is asked for, or the first of the job flow's own that is free.
fn local_end(config: &Config, port: Option<u16>, cluster: &ClusterDetail) -> Result<(Ipv4Addr, u16)> {
    let ports = config.get(&SSH_BIND_PORTS)?;
    let from = match (port, ports) {
        (Some(port), _) => vec![port],
        (None, Some(ports)) => ports.try_map(|ports| read_ports(&ports))?.value,
        (None, None) => PORTS.collect(),
    };
    let is_open = value(config.get(&SSH_TUNNEL_IS_OPEN)?).unwrap_or(false);
    let host = if is_open { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let is_free = |port: &u16| TcpListener::bind((host, *port)).is_ok();
    let found = ports_of(&cluster.cluster.id, &from).into_iter().find(is_free).map(|port| (host, port));
    found.ok_or_else(|| {
        Error::new(Outcome::Io, "none of the local ports for the tunnel is free")
            .advise("name one, as in --tunnel 8157")
    })
}

fn start(master: &Node, nodes: &[Node], reach: &Reach, forward: &str) -> Result<Child> {
    let words = reach::command_line(master, nodes, reach)?;
    let (program, words) = words.split_first().ok_or_else(|| Error::usage("--ssh-bin is empty"))?;
    let mut command = Command::new(program);
    // ssh takes options behind the host, too, and of each the first that it reads.
    command.args(words).args(["-T", "-L", forward]);
    for option in ["BatchMode=yes", "LogLevel=ERROR", "ExitOnForwardFailure=yes"] {
        command.args(["-o", option]);
    }
    command
        .args(["--", HOLD])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0);
    command.spawn().map_err(|cause| Error::file("run", program.as_ref(), &cause))
}

async fn is_ready(child: &mut Child) -> bool {
    let Some(stdout) = child.stdout.take() else { return false };
    let mut lines = BufReader::new(stdout).lines();
    // What a login shell prints may stand before it.
    while let Ok(Some(line)) = lines.next_line().await {
        if line.ends_with(READY) {
            return true;
        }
    }
    false
}

async fn failed(child: &mut Child, master: &Node, reach: &Reach) -> Error {
    let mut said = Vec::new();
    if let Some(mut stderr) = child.stderr.take() {
        drop(stderr.read_to_end(&mut said).await);
    }
    reach::failure(master, reach, &said)
}
