//! Refuses requests from web pages in a local browser: every request can run commands here, and a page must not.

use std::net::IpAddr;

use hyper::header::{HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

/// Refuses a request that a web page may have sent. A page whose host name resolves to a loopback address sends that
/// name as `Host` (DNS rebinding). For any other page the browser adds headers that no AWS client sends.
pub(crate) fn check(parts: &Parts) -> Result<(), &'static str> {
    if parts.headers.contains_key(ORIGIN) || parts.headers.contains_key("sec-fetch-site") {
        return Err("emr-sandbox does not answer web pages\n");
    }
    let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    let authority = host.or_else(|| parts.uri.authority().map(Authority::as_str));
    if !authority.is_some_and(is_loopback) {
        return Err("emr-sandbox answers requests for loopback names and addresses only\n");
    }
    Ok(())
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    let host = host.to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for authority in ["127.0.0.1:80", "localhost", "b.localhost:1", "[::1]:1", "127.9.9.9"] {
            assert!(is_loopback(authority), "{authority}");
        }
        for authority in ["evil.example", "10.0.0.1:80", "127.0.0.1.evil.example", "", "[::2]"] {
            assert!(!is_loopback(authority), "{authority}");
        }
    }

    #[test]
    fn a_web_page_is_refused_even_if_it_names_a_loopback_host() {
        let request = |name: &str| {
            let request = Request::post("/").header("Host", "127.0.0.1:1").header(name, "x");
            check(&request.body(()).unwrap().into_parts().0)
        };
        assert!(request("Accept").is_ok());
        assert!(request("Origin").is_err());
        assert!(request("Sec-Fetch-Site").is_err());
    }
}
