//! The least policy that lets tools do their work.

use serde_json::{Map, Value, json};

use super::grants;
use super::scope::{Place, Scope, placeholder, single};

/// The version of the language, and no date of ours.
const LANGUAGE: &str = "2012-10-17";

/// A policy, and what is to be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The document, as IAM takes it.
    pub document: Value,
    /// What is not known and stands in it as a word in capitals or as `*`, with what to do.
    pub unknown: Vec<String>,
    /// Why it has what is not obvious.
    pub reasons: Vec<String>,
}

/// A statement that is being gathered.
struct Statement {
    place: Place,
    actions: Vec<&'static str>,
}

/// The least policy for `tools`, narrowed to `scope`.
#[must_use]
pub fn policy(tools: &[&str], scope: &Scope) -> Policy {
    let mut statements: Vec<Statement> = Vec::new();
    let mut reasons = Vec::new();
    for grant in tools.iter().flat_map(|tool| grants(tool)) {
        let Some(place) = scope.place(grant) else { continue };
        if let Some(why) = grant.why {
            let reason = format!("{} ({}): {why}", grant.action, place.name);
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        match statements.iter_mut().find(|statement| statement.place == place) {
            Some(statement) if statement.actions.contains(&grant.action) => {}
            Some(statement) => statement.actions.push(grant.action),
            None => statements.push(Statement { place, actions: vec![grant.action] }),
        }
    }
    statements.sort_by(|a, b| a.place.name.cmp(&b.place.name));
    let unknown = unknown(&statements, scope);
    let statements: Vec<_> = statements.into_iter().map(Statement::json).collect();
    Policy { document: json!({ "Version": LANGUAGE, "Statement": statements }), unknown, reasons }
}

impl Statement {
    fn json(self) -> Value {
        let mut actions: Vec<_> = self.actions.into_iter().map(str::to_owned).collect();
        actions.sort_unstable();
        let mut statement = Map::new();
        statement.insert("Sid".to_owned(), self.place.name.into());
        statement.insert("Effect".to_owned(), "Allow".into());
        statement.insert("Action".to_owned(), single(&actions));
        statement.insert("Resource".to_owned(), single(&self.place.resources));
        if !self.place.condition.is_null() {
            statement.insert("Condition".to_owned(), self.place.condition);
        }
        statement.into()
    }
}

/// What stands in `statements` for something that `scope` does not know.
fn unknown(statements: &[Statement], scope: &Scope) -> Vec<String> {
    let has = |name: &str| statements.iter().any(|statement| statement.place.name.starts_with(name));
    let stands = |name: &str, what: &str| format!("{} stands for the bucket of {what}", placeholder(name));
    let mut unknown = Vec::new();
    let mut say = |is_unknown: bool, text: String| unknown.extend(is_unknown.then_some(text));
    let scratch = "the scratch URI; give --s3-scratch-uri, or set s3_scratch_uri in mrjob.conf";
    say((has("Scratch") || has("Output")) && scope.scratch.is_none(), stands("Scratch", scratch));
    let logs = "the logs; give --s3-log-uri, or set s3_log_uri in mrjob.conf";
    say(has("Log") && scope.logs.is_none(), stands("Log", logs));
    let data = "what jobs read and write; give --data-uri, once for each folder";
    say(has("Data") && scope.data.is_empty(), stands("Data", data));
    let is_regional = has("JobFlows") || has("EncryptionKey");
    let region = "no region is set, so that job flows of every region are meant; give --region";
    say(is_regional && scope.region.is_none(), region.to_owned());
    let profile = scope.instance_profile();
    say(has("PassInstanceRole"), format!("the role of the instance profile {profile} is taken to have its name"));
    unknown
}

#[cfg(test)]
mod tests {
    use super::super::tools;
    use super::*;

    fn scope() -> Scope {
        let uri = |text: &str| text.parse().unwrap();
        Scope {
            region: Some("eu-west-1".to_owned()),
            scratch: Some(uri("s3://b/tmp")),
            logs: Some(uri("s3://logs")),
            ..Default::default()
        }
    }

    fn statement(policy: &Policy, sid: &str) -> Value {
        let all = policy.document["Statement"].as_array().unwrap();
        all.iter().find(|statement| statement["Sid"] == sid).cloned().unwrap_or_default()
    }

    #[test]
    fn a_policy_is_narrowed_to_region_place_and_tags() {
        let tags = vec![("team".to_owned(), "etl".to_owned())];
        let policy = policy(&["find-pool"], &Scope { tags, ..scope() });
        let flows = statement(&policy, "JobFlows");
        assert_eq!(flows["Resource"], "arn:aws:elasticmapreduce:eu-west-1:*:cluster/*");
        assert_eq!(flows["Condition"], json!({"StringEquals": {"aws:ResourceTag/team": "etl"}}));
        let new = statement(&policy, "NewJobFlows");
        assert_eq!(new["Action"], "elasticmapreduce:RunJobFlow");
        assert_eq!(new["Condition"], json!({"StringEquals": {"aws:RequestTag/team": "etl"}}));
        let tags = statement(&policy, "NewJobFlowTags");
        assert_eq!((&tags["Action"], &tags["Resource"]), (&"elasticmapreduce:AddTags".into(), &flows["Resource"]));
        assert_eq!(
            tags["Condition"],
            json!({"StringEquals": {"aws:RequestTag/team": "etl"},
                "StringEqualsIfExists": {"aws:ResourceTag/team": "etl"}}),
            "another's job flow cannot be tagged as one's own"
        );
        assert_eq!(statement(&policy, "ScratchObjects")["Resource"], "arn:aws:s3:::b/tmp/*");
        let list = statement(&policy, "ScratchList");
        assert_eq!(
            (&list["Resource"], &list["Condition"]),
            (&json!("arn:aws:s3:::b"), &json!({"StringLike": {"s3:prefix": "tmp/*"}}))
        );
        assert_eq!(policy.unknown, ["the role of the instance profile EMR_EC2_DefaultRole is taken to have its name"]);
    }

    #[test]
    fn outputs_of_jobs_that_name_none_can_be_fetched_and_deleted() {
        let of = |scope: &Scope| {
            let policy = policy(&["fetch-output"], scope);
            let objects = statement(&policy, "OutputObjects");
            assert_eq!(objects["Action"], json!(["s3:DeleteObject", "s3:GetObject"]));
            (objects["Resource"].clone(), statement(&policy, "OutputList")["Condition"].clone())
        };
        let prefix = json!({"StringLike": {"s3:prefix": "tmp/output/*"}});
        assert_eq!(of(&scope()), ("arn:aws:s3:::b/tmp/output/*".into(), prefix));
        assert_eq!(of(&Scope::default()).0, "arn:aws:s3:::SCRATCH-BUCKET/output/*");
    }

    #[test]
    fn roles_are_passed_to_their_services_alone() {
        let role = Some("arn:aws:iam::1:role/service/mine".to_owned());
        let policy = policy(&["create-job-flow"], &Scope { service_role: role, ..scope() });
        let pass = statement(&policy, "PassServiceRole");
        assert_eq!(pass["Resource"], "arn:aws:iam::1:role/service/mine");
        assert_eq!(pass["Condition"]["StringLike"]["iam:PassedToService"], "elasticmapreduce.amazonaws.com*");
        assert_eq!(statement(&policy, "PassInstanceRole")["Resource"], "arn:aws:iam::*:role/EMR_EC2_DefaultRole");
        assert_eq!(statement(&policy, "PassAutoScalingRole"), Value::Null);
        let profile = Some("arn:aws-cn:iam::1:instance-profile/x".to_owned());
        let policy = super::policy(&["create-job-flow"], &Scope { instance_profile: profile, scales: true, ..scope() });
        assert_eq!(statement(&policy, "PassInstanceRole")["Resource"], "arn:aws-cn:iam::1:role/x");
        assert_eq!(statement(&policy, "PassAutoScalingRole")["Action"], "iam:PassRole");
    }

    #[test]
    fn a_key_is_asked_for_where_there_is_one_and_an_alias_is_a_condition() {
        let of = |key: Option<&str>| {
            let key = key.map(str::to_owned);
            statement(&policy(&["s3-lock"], &Scope { key, ..scope() }), "EncryptionKey")
        };
        assert_eq!(of(None), Value::Null);
        assert_eq!(of(Some("1-2"))["Resource"], "arn:aws:kms:eu-west-1:*:key/1-2");
        assert_eq!(of(Some("1-2"))["Action"], json!(["kms:Decrypt", "kms:GenerateDataKey"]));
        assert_eq!(of(Some("arn:aws:kms:us-east-1:1:key/2"))["Resource"], "arn:aws:kms:us-east-1:1:key/2");
        let alias = of(Some("arn:aws:kms:us-east-1:1:alias/etl"));
        assert_eq!(alias["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"], "alias/etl");
    }

    #[test]
    fn what_is_not_known_is_a_word_in_capitals_and_named() {
        let policy = policy(&["fetch-output", "s3-lock", "wait-step"], &Scope::default());
        let text = policy.document.to_string();
        for word in ["SCRATCH-BUCKET", "LOG-BUCKET", "DATA-BUCKET"] {
            assert!(text.contains(&format!("arn:aws:s3:::{word}/*")), "{text}");
            assert_eq!(policy.unknown.iter().filter(|line| line.starts_with(word)).count(), 1, "{word}");
        }
        assert!(policy.unknown.iter().any(|line| line.contains("--region")));
    }

    #[test]
    fn keys_have_no_wildcards_and_all_of_a_bucket_needs_no_condition() {
        let scratch = Some("s3://b/a*?$/".parse().unwrap());
        let narrow = policy(&["s3-lock"], &Scope { scratch, ..scope() });
        assert_eq!(statement(&narrow, "ScratchObjects")["Resource"], "arn:aws:s3:::b/a${*}${?}${$}/*");
        let logs = statement(&policy(&["fetch-logs"], &scope()), "LogList");
        assert_eq!((&logs["Resource"], &logs["Condition"]), (&json!("arn:aws:s3:::logs"), &Value::Null));
    }

    #[test]
    fn statements_of_all_tools_have_names_of_their_own_that_iam_takes() {
        let all: Vec<_> = tools().collect();
        let policy = policy(&all, &Scope { key: Some("k".to_owned()), scales: true, ..scope() });
        let statements = policy.document["Statement"].as_array().unwrap();
        let mut names: Vec<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())), "{names:?}");
        names.dedup();
        assert_eq!(names.len(), statements.len(), "{names:?}");
        assert!(policy.reasons.iter().any(|reason| reason.starts_with("elasticmapreduce:ListClusters (WholeAccount)")));
    }
}
