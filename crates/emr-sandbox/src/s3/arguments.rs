//! Numbers among the query parameters: S3 refuses malformed ones in its own words and ignores empty ones. Pure.

use hyper::http::request::Parts;
use hyper::http::uri::{PathAndQuery, Uri};

use super::refusal::Refusal;

/// Numeric query parameters, with their names in S3's messages.
const NUMBERS: [(&str, &str); 7] = [
    ("max-keys", "maxKeys"),
    ("max-parts", "max-parts"),
    ("max-uploads", "max-uploads"),
    ("max-buckets", "max-buckets"),
    ("part-number-marker", "partNumberMarker"),
    ("partNumber", "partNumber"),
    ("max-directory-buckets", "max-directory-buckets"),
];

/// Refuses malformed numbers and removes empty ones.
pub(super) fn check(parts: &mut Parts) -> Result<(), Refusal> {
    let Some(query) = parts.uri.query() else {
        return Ok(());
    };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = NUMBERS.into_iter().find(|(number, _)| *number == name);
        match number {
            Some(_) if value.is_empty() => {}
            Some((name, word)) => {
                check_number(name, word, value)?;
                kept.push(pair);
            }
            None => kept.push(pair),
        }
    }
    if kept.len() < query.split('&').count() {
        replace_query(parts, &kept.join("&"));
    }
    Ok(())
}

fn check_number(name: &str, word: &str, value: &str) -> Result<(), Refusal> {
    match value.parse::<i32>() {
        Ok(0..) => Ok(()),
        Ok(_) if name == "partNumber" => Ok(()),
        Ok(_) => {
            let message = format!("Argument {word} must be an integer between 0 and 2147483647");
            Err(Refusal::argument(word, value, message))
        }
        Err(_) => {
            let message = format!("Provided {name} not an integer or within integer range");
            Err(Refusal::argument(name, value, message))
        }
    }
}

/// Replaces the query of a request.
pub(super) fn replace_query(parts: &mut Parts, query: &str) {
    let path = match query {
        "" => parts.uri.path().to_owned(),
        query => format!("{}?{query}", parts.uri.path()),
    };
    let mut uri = parts.uri.clone().into_parts();
    uri.path_and_query = PathAndQuery::try_from(path).ok();
    if let Ok(uri) = Uri::from_parts(uri) {
        parts.uri = uri;
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn checked(uri: &str) -> Result<String, Refusal> {
        let mut parts = Request::get(uri).body(()).unwrap().into_parts().0;
        check(&mut parts).map(|()| parts.uri.to_string())
    }

    #[test]
    fn empty_numbers_are_absent_and_others_stay() {
        assert_eq!(checked("/b?max-keys=&prefix=").unwrap(), "/b?prefix=");
        assert_eq!(checked("/b?part-number-marker=").unwrap(), "/b");
        assert_eq!(checked("/b?max-keys=10&uploads").unwrap(), "/b?max-keys=10&uploads");
    }

    #[test]
    fn malformed_numbers_are_refused_by_name() {
        for uri in ["/b?max-keys=blah", "/b?max-keys=-1", "/b?max-keys=99999999999", "/b?max-parts=1.5"] {
            assert_eq!(checked(uri).unwrap_err().code(), "InvalidArgument", "{uri}");
        }
    }
}
