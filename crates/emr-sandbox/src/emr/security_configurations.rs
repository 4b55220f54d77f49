//! Security configurations: named JSON that the sandbox stores and does not apply.

use super::account::Account;
use super::error::Error;
use super::model::timestamp::Timestamp;

/// A security configuration.
#[derive(Clone, Debug)]
pub(crate) struct SecurityConfiguration {
    pub(crate) name: String,
    /// JSON, as it was given.
    pub(crate) text: String,
    pub(crate) created_at: Timestamp,
}

impl Account {
    /// The index of the security configuration of this name, or EMR's error.
    pub(crate) fn security_configuration(&self, name: &str) -> Result<usize, Error> {
        let index = self.security_configurations.iter().position(|configuration| configuration.name == name);
        index
            .ok_or_else(|| Error::invalid_request(format!("Security configuration with name '{name}' does not exist.")))
    }
}
