//! A line of the table: an action, and what it is allowed on.

/// What an action is allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Everything: the action has no narrower resource.
    Everything,
    /// A job flow that is being started, which has no ARN yet; its tags can be demanded.
    NewJobFlow,
    /// The tags that a job flow is started with.
    NewJobFlowTags,
    /// Job flows that exist, narrowed by their tags.
    JobFlows,
    /// The role that EMR takes on.
    ServiceRole,
    /// The role of the instances.
    InstanceRole,
    /// The role by which EMR resizes instance groups.
    AutoScalingRole,
    /// The instance profile that has the role of the instances.
    InstanceProfile,
    /// What lies below the scratch URI.
    Scratch,
    /// What lies below the log URI.
    Logs,
    /// What jobs read and write.
    Data,
    /// The outputs of jobs that name none, below the scratch URI.
    Outputs,
    /// The KMS key of the options.
    Key,
}

/// An action that a tool needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The action, such as `elasticmapreduce:ListSteps`.
    pub action: &'static str,
    /// What it is allowed on.
    pub on: On,
    /// Why it is needed, where that is not obvious, or why it cannot be narrower.
    pub why: Option<&'static str>,
    /// Whether no request of its own shows that it is needed.
    pub is_unseen: bool,
}

impl Grant {
    /// The action on what is `on`, which a request of that name needs.
    pub(super) const fn new(action: &'static str, on: On) -> Self {
        Self { action, on, why: None, is_unseen: false }
    }

    /// The same with a reason.
    pub(super) const fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// The same where AWS checks it in the course of another request.
    pub(super) const fn unseen(self) -> Self {
        Self { is_unseen: true, ..self }
    }
}
