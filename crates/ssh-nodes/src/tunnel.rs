//! The tunnel to the page that shows a cluster's jobs.

use std::net::{Ipv4Addr, TcpListener};

use emr_cli::Text;
use emr_cli::signal::Endings;
use emr_core::config::Config;
use emr_core::config::options::{SSH_BIND_PORTS, SSH_TUNNEL_IS_OPEN};
use emr_core::config::setting::value;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::instance::Node;
use emr_ssh::reach::{self, Reach};
use emr_ssh::{HOLD, Holder};
use tokio::process::Command;

use crate::tunnel_ports::{PORTS, page, ports_of, read_ports};

/// Opens the tunnel at `port`, or at a free one, prints the URL, and keeps the tunnel open.
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
    let mut holder = start(master, nodes, reach, &forward)?;
    tokio::select! {
        ready = holder.is_ready() => if !ready { return Err(holder.ended(master, reach).await) },
        number = endings.next() => return Ok(Outcome::Signal(number)),
    }
    emr_cli::say("the tunnel is open until it is interrupted");
    let mut text = Text::on_stdout();
    text.print(format!("http://localhost:{port}{}\n", page.path).as_bytes());
    text.end()?;
    tokio::select! {
        error = holder.ended(master, reach) => Err(error),
        number = endings.next() => Ok(Outcome::Signal(number)),
    }
}

/// The local end of the tunnel: the requested port, or the first free one in the order of this job flow.
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

fn start(master: &Node, nodes: &[Node], reach: &Reach, forward: &str) -> Result<Holder> {
    let words = reach::command_line(master, nodes, reach)?;
    let (program, words) = words.split_first().ok_or_else(|| Error::usage("--ssh-bin is empty"))?;
    let mut command = Command::new(program);
    // ssh takes options after the host, too. Of an option given twice it uses the first.
    command.args(words).args(["-T", "-L", forward]);
    for option in ["BatchMode=yes", "LogLevel=ERROR", "ExitOnForwardFailure=yes"] {
        command.args(["-o", option]);
    }
    let mark = emr_ssh::mark();
    command.args(["--", &reach::marked(&HOLD, &mark)]).process_group(0);
    Holder::start(command, &mark).map_err(|cause| Error::file("run", program.as_ref(), &cause))
}
