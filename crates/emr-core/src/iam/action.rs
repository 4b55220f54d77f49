//! Which action a request needs.

use super::grants;

/// The action that IAM checks for a request for `operation` of `service`, as the sandbox's request log names both.
/// `None` where there is nothing to allow.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>
#[must_use]
pub fn action(service: &str, operation: &str) -> Option<String> {
    let operation = match (service, operation) {
        // Whoever has credentials may ask whose they are.
        ("sts", "GetCallerIdentity") => return None,
        ("s3", "HeadObject") => "GetObject",
        ("s3", "ListObjects" | "ListObjectsV2" | "HeadBucket") => "ListBucket",
        ("s3", "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload") => "PutObject",
        ("s3", "DeleteObjects") => "DeleteObject",
        _ => operation,
    };
    let prefix = if service == "emr" { "elasticmapreduce" } else { service };
    Some(format!("{prefix}:{operation}"))
}

/// Whether the table allows `tool` a request for `operation` of `service`.
#[must_use]
pub fn is_allowed(tool: &str, service: &str, operation: &str) -> bool {
    action(service, operation).is_none_or(|action| grants(tool).any(|grant| grant.action == action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_requests_of_s3_need_one_action() {
        let of = |service, operation| action(service, operation).unwrap_or_default();
        assert_eq!(of("s3", "HeadObject"), "s3:GetObject");
        assert_eq!(of("s3", "UploadPart"), "s3:PutObject");
        assert_eq!(
            (of("s3", "CopyObject"), of("s3", "DeleteObjects")),
            ("s3:PutObject".into(), "s3:DeleteObject".into())
        );
        assert_eq!(of("s3", "ListObjectsV2"), "s3:ListBucket");
        assert_eq!(of("s3", "AbortMultipartUpload"), "s3:AbortMultipartUpload");
        assert_eq!(of("emr", "RunJobFlow"), "elasticmapreduce:RunJobFlow");
        assert_eq!(action("sts", "GetCallerIdentity"), None);
    }

    #[test]
    fn a_request_is_allowed_to_the_tools_that_have_its_action() {
        assert!(is_allowed("wait-step", "emr", "ListSteps"));
        assert!(!is_allowed("wait-step", "emr", "TerminateJobFlows"));
        assert!(is_allowed("emr-doctor", "sts", "GetCallerIdentity"));
        assert!(!is_allowed("no-tool", "emr", "ListSteps"));
    }
}
