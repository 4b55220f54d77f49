//! The few operations of STS and IAM that EMR's clients call: who calls, and which roles exist.
//!
//! Both services speak AWS's query protocol: a form in, XML out. [`form`] parses the form, [`xml`] writes the XML,
//! [`sts`] and [`iam`] have the operations. There is one account, and no caller is refused: the sandbox accepts any
//! credentials and stores roles without applying them.

mod form;
mod iam;
mod sts;
mod xml;

use std::sync::Mutex;

use hyper::StatusCode;

pub(crate) use self::form::Form;
use self::iam::Iam;
pub(crate) use self::xml::refusal;
use crate::lock::lock;

/// The id of the account.
pub(crate) const ACCOUNT: &str = "123456789012";

/// The version of each API, by which requests to the two services differ.
const STS_VERSION: &str = "2011-06-15";
const IAM_VERSION: &str = "2010-05-08";

/// The account's identities.
#[derive(Default)]
pub(crate) struct Identity {
    iam: Mutex<Iam>,
}

/// The HTTP status and body of an answer.
pub(crate) type Answer = (StatusCode, String);

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Identity {
    /// Answers a request for `form`'s action.
    pub(crate) fn answer(&self, form: &Form) -> Answer {
        let action = form.action();
        let result = match form.get("Version") {
            STS_VERSION => sts::answer(action),
            IAM_VERSION => lock(&self.iam).answer(form),
            version => Err(Refusal::lacking(&format!("{action} of version {version}"))),
        };
        match result {
            Ok(result) => (StatusCode::OK, xml::result(action, &result)),
            Err(refused) => (refused.status, refusal(refused.status, refused.code, &refused.message)),
        }
    }
}

impl Refusal {
    fn missing(message: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "NoSuchEntity", message }
    }

    fn existing(message: String) -> Self {
        Self { status: StatusCode::CONFLICT, code: "EntityAlreadyExists", message }
    }

    fn lacking(action: &str) -> Self {
        let message =
            format!("emr-sandbox does not have {action}: of STS and IAM it has only what clients of EMR call.");
        Self { status: StatusCode::BAD_REQUEST, code: "InvalidAction", message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(identity: &Identity, text: &str) -> (u16, String) {
        let (status, body) = identity.answer(&Form::parse(text.as_bytes()));
        (status.as_u16(), body)
    }

    fn iam(identity: &Identity, text: &str) -> (u16, String) {
        answer(identity, &format!("Version={IAM_VERSION}&{text}"))
    }

    #[test]
    fn the_caller_is_a_user_of_the_account() {
        let (status, body) = answer(&Identity::default(), "Action=GetCallerIdentity&Version=2011-06-15");
        assert_eq!(status, 200);
        assert!(body.contains("<Arn>arn:aws:iam::123456789012:user/sandbox</Arn>"), "{body}");
    }

    #[test]
    fn the_default_roles_exist_and_others_can_be_made() {
        let identity = Identity::default();
        for name in ["EMR_DefaultRole", "EMR_EC2_DefaultRole", "EMR_AutoScaling_DefaultRole"] {
            assert_eq!(iam(&identity, &format!("Action=GetRole&RoleName={name}")).0, 200, "{name}");
        }
        assert_eq!(iam(&identity, "Action=GetRole&RoleName=mine").0, 404);
        let made = iam(&identity, "Action=CreateRole&RoleName=mine&AssumeRolePolicyDocument=%7B%22a%22%3A1%7D");
        assert!(made.1.contains("<AssumeRolePolicyDocument>%7B%22a%22%3A1%7D</AssumeRolePolicyDocument>"), "{made:?}");
        assert_eq!(iam(&identity, "Action=CreateRole&RoleName=mine").0, 409);
        assert_eq!(iam(&identity, "Action=AttachRolePolicy&RoleName=mine&PolicyArn=arn%3Ax/p").0, 200);
        let attached = iam(&identity, "Action=ListAttachedRolePolicies&RoleName=mine").1;
        assert!(attached.contains("<PolicyArn>arn:x/p</PolicyArn>"), "{attached}");
        assert_eq!(iam(&identity, "Action=CreateInstanceProfile&InstanceProfileName=nodes").0, 200);
        let add = "Action=AddRoleToInstanceProfile&InstanceProfileName=nodes&RoleName=mine";
        assert_eq!(iam(&identity, add).0, 200);
        let profiles = iam(&identity, "Action=ListInstanceProfiles").1;
        assert!(profiles.contains("nodes") && profiles.contains("<RoleName>mine</RoleName>"), "{profiles}");
    }

    #[test]
    fn an_operation_that_the_sandbox_lacks_is_refused_by_name() {
        let (status, body) = iam(&Identity::default(), "Action=DeleteRole");
        assert!(status == 400 && body.contains("emr-sandbox does not have DeleteRole"), "{body}");
    }
}
