//! Core dumps: of a real crash on a node, or as far as anybody looks.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, chown};
use std::path::{Path, PathBuf};

use harness::Hosts;

/// The user that the tools log in as.
const HADOOP: u32 = 1999;

const CRASH: &str = "
import ctypes

def mapper(line):
    key, value = line.split('\\t')
    return reducer(key, int(value))

def reducer(key, value):
    ctypes.string_at(0)

mapper('bad-record\\t42')
";

/// Lets a Python program crash on a node, and returns its core dump. The kernel must leave it in the program's own folder:
/// see [`harness::leaves_core_dumps`].
pub(crate) fn crash(hosts: &Hosts, node: usize) -> PathBuf {
    let cores = hosts.folder(node).join("tmp/cores");
    fs::write(hosts.folder(node).join("tmp/crash.py"), CRASH).unwrap();
    let script = "cd /tmp/cores && ulimit -c unlimited; /usr/bin/python3 /tmp/crash.py; mv core* core.python3.1";
    let ran = hosts.exec(node, &["sh", "-c", script]);
    let core = cores.join("core.python3.1");
    assert!(core.exists(), "no core dump: {ran:?}");
    chown(&core, Some(HADOOP), Some(HADOOP)).unwrap();
    core
}

/// A core dump of `size` bytes with data at `places`, as far as its head tells.
pub(crate) fn plant(path: &Path, size: u64, places: &[u64]) {
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    let mut head = b"\x7fELF\x02\x01\x01".to_vec();
    head.resize(64, 0);
    head[16] = 4;
    file.write_all_at(&head, 0).unwrap();
    let mut random = fastrand::Rng::with_seed(size);
    for place in places {
        let length = usize::try_from((size - place).min(1 << 20)).unwrap();
        let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
        file.write_all_at(&data, *place).unwrap();
    }
    chown(path, Some(HADOOP), Some(HADOOP)).unwrap();
}
