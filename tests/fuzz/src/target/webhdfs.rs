//! Requests to the sandbox's `WebHDFS`: of each line, the method, the path with its parameters, and the body.

use std::collections::BTreeSet;

use emr_sandbox::untrusted::webhdfs;

use crate::input::{text, wait};

/// The most requests that are sent.
const MOST: usize = 50;

/// Runs the target.
pub fn run(input: &[u8]) {
    let requests: String = text(input).lines().take(MOST).map(request).collect();
    let folder = tempfile::tempdir().unwrap();
    let (answers, keys) = wait(webhdfs(folder.path(), requests.as_bytes())).unwrap();
    assert!(answers.is_empty() || answers.starts_with(b"HTTP/1."), "{}", answers.escape_ascii());
    assert_tree(&keys.iter().map(String::as_str).collect());
}

fn request(line: &str) -> String {
    let mut words = line.splitn(3, ' ');
    let [method, path, body] = [(); 3].map(|()| words.next().unwrap_or_default());
    let length = body.len();
    format!("{method} /webhdfs/v1{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Asserts that `keys` are a tree: nothing is below a file, only an empty directory has a marker, and Hadoop has a path for
/// each.
fn assert_tree(keys: &BTreeSet<&str>) {
    for key in keys {
        let path = key.strip_suffix('/').unwrap_or(key);
        assert!(path.split('/').all(|part| !["", ".", ".."].contains(&part)), "{key} in {keys:?}");
        let above: Vec<_> = path.match_indices('/').map(|(end, _)| &path[..end]).collect();
        assert!(!above.iter().any(|above| keys.contains(above)), "{key} is below a file of {keys:?}");
        let marked = |directory: &&str| keys.contains(format!("{directory}/").as_str());
        assert!(!above.iter().any(marked), "a directory above {key} has a marker in {keys:?}");
        assert!(path == *key || !keys.contains(path), "{path} is a file and a directory of {keys:?}");
    }
}
