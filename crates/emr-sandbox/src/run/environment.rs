//! What processes of steps find in their environment: this sandbox as AWS, and credentials that
//! it accepts, unless the sandbox itself was started with some.

use std::env;
use std::process::Command;

use super::runner::Machine;

/// Credentials for clients that will not ask without any. The sandbox looks at none.
const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "sandbox"), ("AWS_SECRET_ACCESS_KEY", "sandbox")];

impl Machine {
    /// Points a command at this sandbox.
    pub(super) fn point_here(&self, command: &mut Command) {
        command.env("AWS_ENDPOINT_URL", &self.endpoint);
        // A more specific endpoint would take the process elsewhere.
        command.env_remove("AWS_ENDPOINT_URL_S3").env_remove("AWS_ENDPOINT_URL_EMR");
        command.env("AWS_REGION", &self.region).env("AWS_DEFAULT_REGION", &self.region);
        if env::var_os("AWS_ACCESS_KEY_ID").is_none() && env::var_os("AWS_PROFILE").is_none() {
            command.envs(CREDENTIALS);
        }
    }
}
