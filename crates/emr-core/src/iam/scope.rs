//! What a policy is narrowed to: the places, roles and tags of the options, as ARNs and conditions.

use serde_json::{Value, json};

use super::grant::{Grant, On};
use crate::launch::{DEFAULT_INSTANCE_PROFILE, DEFAULT_SERVICE_ROLE};
use crate::model::s3_uri::S3Uri;
use crate::regions;

/// The role by which EMR resizes instance groups, where `aws emr create-default-roles` makes it.
const AUTO_SCALING_ROLE: &str = "EMR_AutoScaling_DefaultRole";

/// What may be tagged: a job flow that is being started has no tags yet, so that one without them passes, too. Whoever
/// could tag any job flow could then do with it what its tags allow.
const TAGGING: [(&str, &str); 2] = [("StringEquals", "aws:RequestTag"), ("StringEqualsIfExists", "aws:ResourceTag")];

/// What the options say of where the tools work.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The region.
    pub region: Option<String>,
    /// The scratch URI.
    pub scratch: Option<S3Uri>,
    /// The log URI.
    pub logs: Option<S3Uri>,
    /// Where jobs read and write.
    pub data: Vec<S3Uri>,
    /// The service role, by name or ARN.
    pub service_role: Option<String>,
    /// The instance profile, by name or ARN.
    pub instance_profile: Option<String>,
    /// The tags that job flows have.
    pub tags: Vec<(String, String)>,
    /// The KMS key of what is written, by id, ARN or alias.
    pub key: Option<String>,
    /// Whether instance groups have a policy to scale by.
    pub scales: bool,
}

/// Where an action is allowed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    /// The name of the statement, a word.
    pub(super) name: String,
    /// ARNs.
    pub(super) resources: Vec<String>,
    /// The conditions, an object; null for none.
    pub(super) condition: Value,
}

impl Scope {
    /// Where `grant` is allowed. `None` where it is not needed with these options.
    pub(super) fn place(&self, grant: &Grant) -> Option<Place> {
        let place = |name: &str, resource: String, condition: Value| Place {
            name: name.to_owned(),
            resources: vec![resource],
            condition,
        };
        Some(match grant.on {
            On::Everything => place("WholeAccount", "*".to_owned(), Value::Null),
            On::NewJobFlow => place("NewJobFlows", "*".to_owned(), self.tagged(&[("StringEquals", "aws:RequestTag")])),
            On::NewJobFlowTags => place("NewJobFlowTags", self.job_flows(), self.tagged(&TAGGING)),
            On::JobFlows => place("JobFlows", self.job_flows(), self.tagged(&[("StringEquals", "aws:ResourceTag")])),
            On::ServiceRole => self.role(grant, "ServiceRole", self.service_role(), "elasticmapreduce"),
            On::InstanceRole => {
                let role = self.instance_profile().replace(":instance-profile/", ":role/");
                self.role(grant, "InstanceRole", &role, "ec2")
            }
            On::AutoScalingRole if !self.scales => return None,
            On::AutoScalingRole => self.role(grant, "AutoScalingRole", AUTO_SCALING_ROLE, "application-autoscaling"),
            On::InstanceProfile => {
                place("InstanceProfile", self.iam("instance-profile", self.instance_profile()), Value::Null)
            }
            On::Scratch => self.s3(grant, "Scratch", self.scratch.as_slice()),
            On::Logs => self.s3(grant, "Log", self.logs.as_slice()),
            On::Data => self.s3(grant, "Data", &self.data),
            On::Outputs => {
                let unknown = || S3Uri { bucket: placeholder("Scratch"), key: String::new() };
                self.s3(grant, "Output", &[self.scratch.clone().unwrap_or_else(unknown).join("output/")])
            }
            On::Key => return self.key_place(),
        })
    }

    pub(super) fn service_role(&self) -> &str {
        self.service_role.as_deref().unwrap_or(DEFAULT_SERVICE_ROLE)
    }

    pub(super) fn instance_profile(&self) -> &str {
        self.instance_profile.as_deref().unwrap_or(DEFAULT_INSTANCE_PROFILE)
    }

    /// The partition of AWS, which ARNs begin with.
    fn partition(&self) -> &'static str {
        regions::partition(self.region.as_deref().unwrap_or_default())
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("*")
    }

    /// Job flows of any account: a policy of one account allows nothing in another.
    fn job_flows(&self) -> String {
        format!("arn:{}:elasticmapreduce:{}:*:cluster/*", self.partition(), self.region())
    }

    /// The demand that each key of `conditions`, which are operators and keys, is a tag's value.
    fn tagged(&self, conditions: &[(&str, &str)]) -> Value {
        if self.tags.is_empty() {
            return Value::Null;
        }
        let of = |key: &str| -> Value {
            self.tags.iter().map(|(tag, value)| (format!("{key}/{tag}"), Value::from(value.as_str()))).collect()
        };
        conditions.iter().map(|(operator, key)| ((*operator).to_owned(), of(key))).collect()
    }

    /// The ARN of what IAM has under `name`, which may be its ARN already.
    fn iam(&self, kind: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        format!("arn:{}:iam::*:{kind}/{name}", self.partition())
    }

    /// A role: passed to `service` alone, and read without a condition.
    fn role(&self, grant: &Grant, name: &str, role: &str, service: &str) -> Place {
        let is_passed = grant.action == "iam:PassRole";
        let condition = json!({ "StringLike": { "iam:PassedToService": format!("{service}.amazonaws.com*") } });
        Place {
            name: format!("{}{name}", if is_passed { "Pass" } else { "Read" }),
            resources: vec![self.iam("role", role)],
            condition: if is_passed { condition } else { Value::Null },
        }
    }

    /// What lies below `places`; a word in capitals where there is none.
    fn s3(&self, grant: &Grant, name: &str, places: &[S3Uri]) -> Place {
        let unknown = [S3Uri { bucket: placeholder(name), key: String::new() }];
        let places = if places.is_empty() { &unknown } else { places };
        let partition = self.partition();
        if grant.action != "s3:ListBucket" {
            let objects = places.iter().map(|at| format!("arn:{partition}:s3:::{}/{}*", at.bucket, below(at)));
            return Place { name: format!("{name}Objects"), resources: objects.collect(), condition: Value::Null };
        }
        let mut buckets: Vec<_> = places.iter().map(|at| format!("arn:{partition}:s3:::{}", at.bucket)).collect();
        buckets.sort();
        buckets.dedup();
        let prefixes: Vec<_> = places.iter().map(|at| format!("{}*", below(at))).collect();
        let is_all = prefixes.iter().any(|prefix| prefix == "*");
        let condition = json!({ "StringLike": { "s3:prefix": single(&prefixes) } });
        Place {
            name: format!("{name}List"),
            resources: buckets,
            condition: if is_all { Value::Null } else { condition },
        }
    }

    /// The key of the options. An alias is no resource, but a condition.
    ///
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
    fn key_place(&self) -> Option<Place> {
        let key = self.key.as_deref()?;
        let (partition, region) = (self.partition(), self.region());
        let name = "EncryptionKey".to_owned();
        if let Some(alias) = key.find("alias/").map(|at| &key[at..]) {
            let condition = json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } });
            return Some(Place { name, resources: vec![format!("arn:{partition}:kms:{region}:*:key/*")], condition });
        }
        let arn =
            if key.starts_with("arn:") { key.to_owned() } else { format!("arn:{partition}:kms:{region}:*:key/{key}") };
        Some(Place { name, resources: vec![arn], condition: Value::Null })
    }
}

/// The word that stands for a bucket that is not known.
pub(super) fn placeholder(name: &str) -> String {
    format!("{}-BUCKET", name.to_uppercase())
}

/// The one text, or a list of several.
pub(super) fn single(texts: &[String]) -> Value {
    match texts {
        [one] => one.as_str().into(),
        several => several.into(),
    }
}

/// The beginning of all keys below `place`, in which nothing is a wildcard.
fn below(place: &S3Uri) -> String {
    let key = place.key.replace('$', "${$}").replace('*', "${*}").replace('?', "${?}");
    if key.is_empty() || key.ends_with('/') { key } else { key + "/" }
}
