//! Job flows that never came up, because a bootstrap action failed.

/// The bootstrap action that failed first, as EMR tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBootstrap {
    /// The instance that it failed on.
    pub node: String,
    /// Its number, from 1.
    pub action: u32,
}

/// Which bootstrap action failed, by the reason that EMR gives for the end of the job flow, such as `On the master
/// instance (i-0123), bootstrap action 1 returned a non-zero return code`.
#[must_use]
pub fn failed_bootstrap(reason: &str) -> Option<FailedBootstrap> {
    let (before, after) = reason.split_once("ootstrap action ")?;
    let action = after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let mut instances = before[before.rfind('(')?..].split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let node = instances.find(|word| word.len() > 2 && word.starts_with("i-"))?;
    Some(FailedBootstrap { node: node.to_owned(), action })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_action_and_the_node_are_read() {
        let failed = |node: &str, action| Some(FailedBootstrap { node: node.to_owned(), action });
        let reason = "On the master instance (i-0a1b2c), bootstrap action 12 returned a non-zero return code";
        assert_eq!(failed_bootstrap(reason), failed("i-0a1b2c", 12));
        let reason = "On 2 slave instances (including i-105af6bf and i-b659f519), bootstrap action 1 failed";
        assert_eq!(failed_bootstrap(reason), failed("i-105af6bf", 1));
        for other in
            ["", "Steps completed", "bootstrap action 1 failed", "(x) bootstrap action y", "(i-) bootstrap action 1"]
        {
            assert_eq!(failed_bootstrap(other), None, "{other}");
        }
    }
}
