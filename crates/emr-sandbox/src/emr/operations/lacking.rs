//! Operations that EMR has and the sandbox does not.

use crate::emr::error::{Error, ErrorCode};

const LACKING: [&str; 28] = [
    "CreatePersistentAppUI",
    "CreateStudio",
    "CreateStudioSessionMapping",
    "DeleteStudio",
    "DeleteStudioSessionMapping",
    "DescribeJobFlows",
    "DescribeNotebookExecution",
    "DescribePersistentAppUI",
    "DescribeStudio",
    "GetBlockPublicAccessConfiguration",
    "GetClusterSessionCredentials",
    "GetOnClusterAppUIPresignedURL",
    "GetPersistentAppUIPresignedURL",
    "GetSession",
    "GetSessionEndpoint",
    "GetStudioSessionMapping",
    "ListNotebookExecutions",
    "ListStudioSessionMappings",
    "ListStudios",
    "PutAutoScalingPolicy",
    "PutBlockPublicAccessConfiguration",
    "RemoveAutoScalingPolicy",
    "StartNotebookExecution",
    "StartSession",
    "StopNotebookExecution",
    "TerminateSession",
    "UpdateStudio",
    "UpdateStudioSessionMapping",
];

/// Refuses an operation that the sandbox does not have. The message names an operation of EMR or of another service,
/// where the sandbox and not the caller falls short. For an unknown operation EMR sends no message.
pub(super) fn refuse(operation: &str) -> Error {
    let message = if LACKING.contains(&operation) {
        format!("emr-sandbox does not have {operation}, which EMR has.")
    } else if let Some((service, operation)) = operation.split_once('.') {
        format!("emr-sandbox is EMR and S3, and does not have {operation} of {service}.")
    } else {
        String::new()
    };
    Error::new(ErrorCode::UnknownOperation, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_that_the_sandbox_lacks_is_named() {
        let said = |operation| refuse(operation).body();
        assert_eq!(said("Nonsense"), json!({"__type": "UnknownOperationException"}));
        assert_eq!(said("StartSession")["message"], "emr-sandbox does not have StartSession, which EMR has.");
        let other = "emr-sandbox is EMR and S3, and does not have SendCommand of AmazonSSM.";
        assert_eq!(said("AmazonSSM.SendCommand")["message"], other);
    }
}
