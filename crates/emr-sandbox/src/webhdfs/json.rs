//! The JSON of answers.

use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use super::tree::Node;
use crate::s3::Object;

/// The block size, by which Hadoop splits inputs: the default of EMR's S3 client.
const BLOCK_SIZE: u64 = 64 * 1024 * 1024;

/// The user of steps on EMR.
const USER: &str = "hadoop";

pub(super) fn boolean(value: bool) -> Value {
    json!({"boolean": value})
}

pub(super) fn home() -> Value {
    json!({"Path": format!("/user/{USER}")})
}

/// The status of a file or a directory. `name` is empty if the request names it directly.
pub(super) fn status(name: &str, node: &Node<Object>) -> Value {
    let (kind, size, modified_ms, permission, block_size) = match node {
        Node::Directory => ("DIRECTORY", 0, 0, "777", 0),
        Node::File(object) => ("FILE", object.size, milliseconds(object), "666", BLOCK_SIZE),
    };
    json!({
        "accessTime": 0, "blockSize": block_size, "childrenNum": 0, "fileId": 0, "group": USER, "length": size,
        "modificationTime": modified_ms, "owner": USER, "pathSuffix": suffix(name), "permission": permission,
        "replication": u8::from(kind == "FILE"), "storagePolicy": 0, "type": kind,
    })
}

fn milliseconds(object: &Object) -> u64 {
    let since = object.last_modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A name that Hadoop's `Path` accepts: it reads text before a colon as a scheme.
fn suffix(name: &str) -> String {
    if name.contains(':') { format!("./{name}") } else { name.to_owned() }
}

pub(super) fn statuses(children: &[(String, Node<Object>)]) -> Value {
    let statuses: Vec<Value> = children.iter().map(|(name, node)| status(name, node)).collect();
    json!({"FileStatuses": {"FileStatus": statuses}})
}

/// A whole list as its first and last batch.
pub(super) fn batch(statuses: &Value) -> Value {
    json!({"DirectoryListing": {"partialListing": statuses, "remainingEntries": 0}})
}

/// A single block on this host.
pub(super) fn block_locations(object: &Object) -> Value {
    let block = json!({
        "cachedHosts": [], "corrupt": false, "hosts": ["localhost"], "length": object.size, "names": ["localhost:9866"],
        "offset": 0, "storageTypes": ["DISK"], "topologyPaths": ["/default-rack/localhost:9866"],
    });
    let blocks: Vec<Value> = (object.size > 0).then_some(block).into_iter().collect();
    json!({"BlockLocations": {"BlockLocation": blocks}})
}

/// The same, for clients before Hadoop 3.3.3.
pub(super) fn located_blocks(object: &Object) -> Value {
    let node = json!({
        "adminState": "NORMAL", "blockPoolUsed": 0, "cacheCapacity": 0, "cacheUsed": 0, "capacity": 0, "dfsUsed": 0,
        "hostName": "localhost", "infoPort": 9864, "infoSecurePort": 0, "ipAddr": "127.0.0.1", "ipcPort": 9867,
        "lastUpdate": 0, "name": "127.0.0.1:9866", "networkLocation": "/default-rack", "remaining": 0,
        "storageID": "S3", "xceiverCount": 0, "xferPort": 9866,
    });
    let block = json!({
        "block": {"blockId": 1, "blockPoolId": "S3", "generationStamp": 1, "numBytes": object.size},
        "blockToken": {"urlString": "AAAAAA"}, "cachedLocations": [], "isCorrupt": false, "locations": [node],
        "startOffset": 0, "storageTypes": ["DISK"],
    });
    let blocks: Vec<Value> = (object.size > 0).then_some(block).into_iter().collect();
    json!({"LocatedBlocks": {
        "fileLength": object.size, "isLastBlockComplete": true, "isUnderConstruction": false,
        "lastLocatedBlock": blocks.last(), "locatedBlocks": blocks,
    }})
}

/// The totals at and below a path.
pub(super) fn content_summary(directories: usize, files: usize, bytes: u64) -> Value {
    json!({"ContentSummary": {
        "directoryCount": directories, "fileCount": files, "length": bytes, "quota": -1, "spaceConsumed": bytes,
        "spaceQuota": -1, "typeQuota": {},
    }})
}
