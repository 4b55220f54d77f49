//! Parses a request: its operation from method and `op`, its path and its parameters.

use hyper::Method;
use hyper::http::request::Parts;

use super::REDIRECTED;
use super::error::Refusal;

/// The root of `WebHDFS`. A bucket may have this name, but requests to S3 have no `op`.
const ROOT: &str = "/webhdfs/v1";

/// The operation of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CheckAccess,
    Create,
    Delete,
    GetBlockLocations,
    GetContentSummary,
    GetFileBlockLocations,
    GetFileStatus,
    GetHomeDirectory,
    ListStatus,
    ListStatusBatch,
    Mkdirs,
    Open,
    Rename,
    /// Changes an owner, permissions or times.
    SetAttribute,
    SetReplication,
    /// S3 has no such operation, or the sandbox does not support it.
    Unsupported,
}
use Operation as Op;

const OPERATIONS: [(Method, &str, Operation); 17] = [
    (Method::GET, "CHECKACCESS", Op::CheckAccess),
    (Method::GET, "GET_BLOCK_LOCATIONS", Op::GetBlockLocations),
    (Method::GET, "GETCONTENTSUMMARY", Op::GetContentSummary),
    (Method::GET, "GETFILEBLOCKLOCATIONS", Op::GetFileBlockLocations),
    (Method::GET, "GETFILESTATUS", Op::GetFileStatus),
    (Method::GET, "GETHOMEDIRECTORY", Op::GetHomeDirectory),
    (Method::GET, "LISTSTATUS", Op::ListStatus),
    (Method::GET, "LISTSTATUS_BATCH", Op::ListStatusBatch),
    (Method::GET, "OPEN", Op::Open),
    (Method::PUT, "CREATE", Op::Create),
    (Method::PUT, "MKDIRS", Op::Mkdirs),
    (Method::PUT, "RENAME", Op::Rename),
    (Method::PUT, "SETOWNER", Op::SetAttribute),
    (Method::PUT, "SETPERMISSION", Op::SetAttribute),
    (Method::PUT, "SETREPLICATION", Op::SetReplication),
    (Method::PUT, "SETTIMES", Op::SetAttribute),
    (Method::DELETE, "DELETE", Op::Delete),
];

/// The name of the operation of a `WebHDFS` request; `"Unknown"` if there is no such operation.
pub(crate) fn operation(parts: &Parts) -> Option<&'static str> {
    let rest = parts.uri.path().strip_prefix(ROOT)?;
    let wanted = parameter(parts.uri.query().unwrap_or_default(), "op")?;
    let is_below = rest.is_empty() || rest.starts_with('/');
    is_below.then(|| find(&parts.method, &wanted).map_or("Unknown", |(_, name, _)| name))
}

fn find(method: &Method, wanted: &str) -> Option<&'static (Method, &'static str, Operation)> {
    OPERATIONS.iter().find(|(of, name, _)| of == method && name.eq_ignore_ascii_case(wanted))
}

/// A path. `None` is the root, above all buckets. The key has no slash at its ends, and is empty at the root of the
/// bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HdfsPath(pub(super) Option<(String, String)>);

impl HdfsPath {
    /// Parses a decoded path. `.` and `..` are refused.
    pub(super) fn parse(path: &str) -> Result<Self, Refusal> {
        let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
        if parts.clone().any(|part| part == "." || part == "..") {
            return Err(Refusal::illegal(&format!("Invalid path name: {path}")));
        }
        let Some(bucket) = parts.next() else {
            return Ok(Self(None));
        };
        Ok(Self(Some((bucket.to_owned(), parts.collect::<Vec<_>>().join("/")))))
    }

    /// The bucket and key, for operations that the root does not have.
    pub(super) fn in_bucket(&self) -> Result<(&str, &str), Refusal> {
        let inner = self.0.as_ref().map(|(bucket, key)| (&**bucket, &**key));
        inner.ok_or_else(|| Refusal::illegal("the root has only buckets"))
    }

    /// The path as users write it.
    pub(super) fn uri(&self) -> String {
        self.0.as_ref().map_or_else(|| "s3://".to_owned(), |(bucket, key)| format!("s3://{bucket}/{key}"))
    }
}

/// A parsed request.
#[derive(Debug)]
pub(super) struct WebHdfsRequest {
    pub(super) operation: Operation,
    pub(super) path: HdfsPath,
    query: String,
}

impl WebHdfsRequest {
    pub(super) fn parse(parts: &Parts) -> Result<Self, Refusal> {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let wanted = parameter(&query, "op").unwrap_or_default();
        let operation = find(&parts.method, &wanted).map_or(Op::Unsupported, |(_, _, operation)| *operation);
        let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let path = urlencoding::decode(path).map_err(|_| Refusal::illegal("the path is not UTF-8"))?;
        Ok(Self { operation, path: HdfsPath::parse(&path)?, query })
    }

    /// The last value of a parameter: the client adds a second `offset` when it seeks.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.query, name)
    }

    /// A number of bytes. Hadoop writes `null` for none.
    pub(super) fn bytes(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let text = self.parameter(name).filter(|text| text != "null");
        let number = text.map(|text| text.parse().map_err(|_| Refusal::illegal(&format!("Invalid value for {name}"))));
        number.transpose()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn is_redirected(&self) -> bool {
        self.is(REDIRECTED)
    }
}

/// The last value of a query parameter. As in Hadoop, the case of names does not matter.
fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').rev().filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    urlencoding::decode(&value.replace('+', " ")).ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn parts(method: &str, uri: &str) -> Parts {
        Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_a_path_below_the_root_with_an_operation_is_webhdfs() {
        assert_eq!(operation(&parts("GET", "/webhdfs/v1/b/k?op=OPEN&offset=1")), Some("OPEN"));
        assert_eq!(operation(&parts("PUT", "/webhdfs/v1/b?user.name=x&op=mkdirs")), Some("MKDIRS"));
        assert_eq!(operation(&parts("PUT", "/webhdfs/v1/b?op=OPEN")), Some("Unknown"));
        assert_eq!(operation(&parts("GET", "/webhdfs/v1/b/k?x-id=GetObject")), None);
        assert_eq!(operation(&parts("GET", "/webhdfs/v12?op=OPEN")), None);
        assert_eq!(operation(&parts("GET", "/bucket/webhdfs/v1?op=OPEN")), None);
    }

    #[test]
    fn any_key_arrives_unchanged() {
        let path = |uri: &str| WebHdfsRequest::parse(&parts("GET", uri)).unwrap().path;
        let key = |key: &str| HdfsPath(Some(("b".to_owned(), key.to_owned())));
        assert_eq!(path("/webhdfs/v1/b/day=2020-01-01%2000%253A00/a+b?op=OPEN"), key("day=2020-01-01 00%3A00/a+b"));
        assert_eq!(path("/webhdfs/v1/b/%C3%BC//x/?op=OPEN"), key("ü/x"));
        assert_eq!(path("/webhdfs/v1/?op=OPEN"), HdfsPath(None));
        assert!(WebHdfsRequest::parse(&parts("GET", "/webhdfs/v1/b/%2e%2e/c?op=OPEN")).is_err());
        assert!(WebHdfsRequest::parse(&parts("GET", "/webhdfs/v1/b/%ff?op=OPEN")).is_err());
    }

    #[test]
    fn the_last_value_of_a_parameter_counts() {
        let asked = WebHdfsRequest::parse(&parts("GET", "/webhdfs/v1/b/k?op=OPEN&offset=1&length=null&offset=7"));
        let asked = asked.unwrap();
        assert_eq!(asked.bytes("offset").unwrap(), Some(7));
        assert_eq!(asked.bytes("length").unwrap(), None);
        let moved = WebHdfsRequest::parse(&parts("PUT", "/webhdfs/v1/b/k?op=RENAME&destination=%2Fb%2Fa+b%2Bc"));
        assert_eq!(moved.unwrap().parameter("destination").as_deref(), Some("/b/a b+c"));
    }
}
