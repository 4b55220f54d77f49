//! Who may take a role on, by its trust policy.

use serde_json::Value;

/// The services that may take on the role with the trust policy `document`, which is JSON. None where it cannot be read.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[must_use]
pub fn trusted_services(document: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let allowed = items(&document["Statement"]).filter(|statement| statement["Effect"] == "Allow");
    let services = allowed.flat_map(|statement| items(&statement["Principal"]["Service"]));
    services.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The items of a list, or the only one, which IAM lets stand without a list.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        single => std::slice::from_ref(single),
    }
    .iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_service_or_several_are_trusted() {
        let one =
            r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        assert_eq!(trusted_services(one), ["ec2.amazonaws.com"]);
        let several = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":["a","b"]}},
            {"Effect":"Deny","Principal":{"Service":"c"}},{"Effect":"Allow","Principal":{"AWS":"d"}}]}"#;
        assert_eq!(trusted_services(several), ["a", "b"]);
        assert!(trusted_services("?").is_empty());
    }
}
