//! IAM: roles and instance profiles. It starts with those that `aws emr create-default-roles` makes.

use super::form::Form;
use super::xml::{element, list};
use super::{ACCOUNT, Refusal};

/// The creation date of everything here.
const CREATED: &str = "2009-04-02T00:00:00Z";

/// An empty policy document, URL-encoded as IAM answers it.
const NO_STATEMENTS: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";

struct Role {
    name: String,
    /// The trust policy, as JSON.
    trust: String,
    /// The ARNs of its policies.
    policies: Vec<String>,
}

struct InstanceProfile {
    name: String,
    /// The name of its role.
    role: Option<String>,
}

pub(super) struct Iam {
    roles: Vec<Role>,
    profiles: Vec<InstanceProfile>,
}

impl Default for Iam {
    fn default() -> Self {
        let role = |name: &str, service: &str, policy: &str| Role {
            name: name.to_owned(),
            trust: format!(
                "{{\"Version\":\"2008-10-17\",\"Statement\":[{{\"Sid\":\"\",\"Effect\":\"Allow\",\
                 \"Principal\":{{\"Service\":\"{service}.amazonaws.com\"}},\"Action\":\"sts:AssumeRole\"}}]}}"
            ),
            policies: vec![format!("arn:aws:iam::aws:policy/service-role/{policy}")],
        };
        let nodes = "EMR_EC2_DefaultRole";
        Self {
            roles: vec![
                role("EMR_DefaultRole", "elasticmapreduce", "AmazonElasticMapReduceRole"),
                role(nodes, "ec2", "AmazonElasticMapReduceforEC2Role"),
                role(
                    "EMR_AutoScaling_DefaultRole",
                    "application-autoscaling",
                    "AmazonElasticMapReduceforAutoScalingRole",
                ),
            ],
            profiles: vec![InstanceProfile { name: nodes.to_owned(), role: Some(nodes.to_owned()) }],
        }
    }
}

impl Iam {
    /// The content of the result element.
    pub(super) fn answer(&mut self, form: &Form) -> Result<String, Refusal> {
        match form.action() {
            "AddRoleToInstanceProfile" => self.add_role_to_instance_profile(form),
            "AttachRolePolicy" => self.attach_role_policy(form),
            "CreateInstanceProfile" => self.create_instance_profile(form.get("InstanceProfileName")),
            "CreateRole" => self.create_role(form),
            "GetInstanceProfile" => Ok(self.profile(self.find_profile(form.get("InstanceProfileName"))?)),
            "GetPolicy" => Ok(policy(form.get("PolicyArn"))),
            "GetPolicyVersion" => Ok(policy_version(form.get("VersionId"))),
            "GetRole" => Ok(self.find_role(form.get("RoleName")).map(Role::describe)?),
            "ListAttachedRolePolicies" => Ok(self.find_role(form.get("RoleName"))?.attached()),
            "ListInstanceProfiles" => Ok(self.list_instance_profiles()),
            "ListRoles" => Ok(self.list_roles()),
            action => Err(Refusal::lacking(action)),
        }
    }

    fn find_role(&self, name: &str) -> Result<&Role, Refusal> {
        let role = self.roles.iter().find(|role| role.name == name);
        role.ok_or_else(|| Refusal::missing(format!("The role with name {name} cannot be found.")))
    }

    fn find_profile(&self, name: &str) -> Result<&InstanceProfile, Refusal> {
        let profile = self.profiles.iter().find(|profile| profile.name == name);
        profile.ok_or_else(|| Refusal::missing(format!("Instance Profile {name} cannot be found.")))
    }

    fn create_role(&mut self, form: &Form) -> Result<String, Refusal> {
        let name = form.get("RoleName");
        if self.find_role(name).is_ok() {
            return Err(Refusal::existing(format!("Role with name {name} already exists.")));
        }
        let trust = form.get("AssumeRolePolicyDocument").to_owned();
        let role = Role { name: name.to_owned(), trust, policies: Vec::new() };
        let described = role.describe();
        self.roles.push(role);
        Ok(described)
    }

    fn attach_role_policy(&mut self, form: &Form) -> Result<String, Refusal> {
        let (name, policy) = (form.get("RoleName"), form.get("PolicyArn"));
        self.find_role(name)?;
        for role in self.roles.iter_mut().filter(|role| role.name == name) {
            role.policies.push(policy.to_owned());
        }
        Ok(String::new())
    }

    fn create_instance_profile(&mut self, name: &str) -> Result<String, Refusal> {
        if self.find_profile(name).is_ok() {
            return Err(Refusal::existing(format!("Instance Profile {name} already exists.")));
        }
        let profile = InstanceProfile { name: name.to_owned(), role: None };
        let described = self.profile(&profile);
        self.profiles.push(profile);
        Ok(described)
    }

    fn add_role_to_instance_profile(&mut self, form: &Form) -> Result<String, Refusal> {
        let (name, role) = (form.get("InstanceProfileName"), form.get("RoleName"));
        self.find_role(role)?;
        self.find_profile(name)?;
        for profile in self.profiles.iter_mut().filter(|profile| profile.name == name) {
            profile.role = Some(role.to_owned());
        }
        Ok(String::new())
    }

    /// An instance profile as an element.
    fn profile(&self, profile: &InstanceProfile) -> String {
        format!("<InstanceProfile>{}</InstanceProfile>", self.profile_members(profile))
    }

    fn profile_members(&self, profile: &InstanceProfile) -> String {
        let role = profile.role.as_deref().and_then(|name| self.find_role(name).ok());
        [
            identified("InstanceProfile", "instance-profile", &profile.name),
            list("Roles", role.map(Role::members).into_iter()),
        ]
        .concat()
    }

    fn list_instance_profiles(&self) -> String {
        let profiles = self.profiles.iter().map(|profile| self.profile_members(profile));
        format!("{}<IsTruncated>false</IsTruncated>", list("InstanceProfiles", profiles))
    }

    fn list_roles(&self) -> String {
        format!("{}<IsTruncated>false</IsTruncated>", list("Roles", self.roles.iter().map(Role::members)))
    }
}

impl Role {
    fn describe(&self) -> String {
        format!("<Role>{}</Role>", self.members())
    }

    fn members(&self) -> String {
        [identified("Role", "role", &self.name), element("AssumeRolePolicyDocument", &escaped(&self.trust))].concat()
    }

    fn attached(&self) -> String {
        let policies = self.policies.iter().map(|arn| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            [element("PolicyName", name), element("PolicyArn", arn)].concat()
        });
        format!("{}<IsTruncated>false</IsTruncated>", list("AttachedPolicies", policies))
    }
}

/// The identifying members of a role or an instance profile.
fn identified(kind: &str, arn: &str, name: &str) -> String {
    let id: String = name.bytes().rev().take(16).map(|byte| char::from(b'A' + byte % 26)).collect();
    [
        element("Path", "/"),
        element(&format!("{kind}Name"), name),
        element(&format!("{kind}Id"), &format!("AROA{id:A<16}")),
        element("Arn", &format!("arn:aws:iam::{ACCOUNT}:{arn}/{name}")),
        element("CreateDate", CREATED),
    ]
    .concat()
}

/// A policy: the sandbox knows only its name.
fn policy(arn: &str) -> String {
    let name = arn.rsplit('/').next().unwrap_or_default();
    format!(
        "<Policy>{}{}{}</Policy>",
        element("PolicyName", name),
        element("Arn", arn),
        element("DefaultVersionId", "v1")
    )
}

fn policy_version(version: &str) -> String {
    format!("<PolicyVersion>{}{}</PolicyVersion>", element("Document", NO_STATEMENTS), element("VersionId", version))
}

/// URL-encodes text, as IAM does with documents.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match char::from(byte) {
        plain if plain.is_ascii_alphanumeric() || "-_.~".contains(plain) => plain.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect::<Vec<_>>().concat()
}
