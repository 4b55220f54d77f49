//! The environment of steps' processes: it points AWS clients at this sandbox and has credentials, unless the sandbox
//! itself was started with some.

use std::env;
use std::process::Command;

/// Without credentials, AWS clients send nothing. The sandbox accepts any.
const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "sandbox"), ("AWS_SECRET_ACCESS_KEY", "sandbox")];

/// The endpoint and region that processes get.
#[derive(Debug)]
pub(crate) struct Environment {
    endpoint: String,
    region: String,
}

impl Environment {
    pub(crate) fn new(endpoint: String, region: String) -> Self {
        Self { endpoint, region }
    }

    /// The URL that the sandbox listens on.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Points a command at the sandbox.
    pub(crate) fn set_on(&self, command: &mut Command) {
        command.env("AWS_ENDPOINT_URL", &self.endpoint);
        // These take precedence over `AWS_ENDPOINT_URL`.
        command.env_remove("AWS_ENDPOINT_URL_S3").env_remove("AWS_ENDPOINT_URL_EMR");
        command.env("AWS_REGION", &self.region).env("AWS_DEFAULT_REGION", &self.region);
        if env::var_os("AWS_ACCESS_KEY_ID").is_none() && env::var_os("AWS_PROFILE").is_none() {
            command.envs(CREDENTIALS);
        }
    }
}
