//! `SeaweedFS` runs several servers in one process. It does not support port 0, and names sockets in `/tmp` by its
//! ports.

use std::fs;
use std::net::TcpListener;
use std::ops::Range;

/// The options for its ports. The first one is for clients of S3.
const OPTIONS: [&str; 8] = [
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
];

/// Below the ports that the system gives to others, one of which might take a port before it listens there.
const PORTS: Range<u16> = 20_000..32_000;

/// The ports of one process.
#[derive(Debug)]
pub(crate) struct Ports([u16; OPTIONS.len()]);

impl Ports {
    /// Chooses ports that are free.
    pub(crate) fn free() -> Self {
        loop {
            let mut next = fastrand::u16(PORTS);
            let ports = OPTIONS.map(|_| {
                next += 1;
                next
            });
            if ports.iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
                return Self(ports);
            }
        }
    }

    /// Arguments to start it: with S3, its data in the current folder, and little else.
    pub(crate) fn args(&self) -> Vec<String> {
        let fixed = ["server", "-dir=.", "-ip=127.0.0.1", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0"];
        let ports = OPTIONS.iter().zip(self.0).map(|(option, port)| format!("-{option}={port}"));
        fixed.into_iter().map(str::to_owned).chain(["-master.telemetry=false".to_owned()]).chain(ports).collect()
    }

    /// Its URL for clients of S3.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.0[0])
    }

    /// Removes the sockets that it leaves when it is killed.
    pub(crate) fn remove_sockets(&self) {
        for kind in ["filer", "filer-grpc", "master-grpc", "s3", "s3-grpc", "volume-grpc"] {
            for port in self.0 {
                drop(fs::remove_file(format!("/tmp/seaweedfs-{kind}-{port}.sock")));
            }
        }
    }
}
