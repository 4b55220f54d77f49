//! Continuation tokens: the last name of a page, opaque to clients. Pure.

use s3s::S3ErrorCode;

use crate::s3::refusal::Refusal;

/// The token that continues after `name`.
pub(in crate::s3::api) fn encode(name: &str) -> String {
    base64_simd::URL_SAFE.encode_to_string(name)
}

/// The name that a token continues after.
pub(in crate::s3::api) fn decode(token: &str) -> Result<String, Refusal> {
    let name = base64_simd::URL_SAFE.decode_to_vec(token).ok().filter(|name| !name.is_empty());
    name.and_then(|name| String::from_utf8(name).ok()).ok_or_else(|| {
        let refusal = Refusal::new(S3ErrorCode::InvalidArgument, "The continuation token provided is incorrect");
        refusal.with("ArgumentName", "continuation-token")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_decodes_to_its_name_and_malformed_ones_are_refused() {
        for name in ["a/b", "ü\0"] {
            assert_eq!(decode(&encode(name)).unwrap(), name);
        }
        for token in ["not a token!", ""] {
            assert_eq!(decode(token).unwrap_err().code(), "InvalidArgument");
        }
    }
}
