use super::*;

fn config(files: &[&str]) -> Config {
    let mut config = Config::default();
    for (number, text) in files.iter().enumerate() {
        config.add(format!("{number}.conf").into(), &yaml::parse(text).unwrap()).unwrap();
    }
    config
}

#[test]
fn the_later_file_wins_and_lists_and_mappings_grow() {
    let first = "runners: {emr: {aws_region: us-east-1, applications: [Hive], emr_tags: {team: a, cost: x}}}";
    let second = "runners: {emr: {region: eu-west-1, applications: Spark, tags: {team: b}}}";
    let config = config(&[first, second]);
    let region = config.text("aws_region").unwrap().unwrap();
    assert_eq!((region.value.as_str(), region.source), ("eu-west-1", Source::File(1)));
    assert_eq!(config.list("applications").unwrap(), ["Hive", "Spark"]);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(config.map("emr_tags").unwrap(), [tag("cost", "x"), tag("team", "b")]);
}

#[test]
fn numbers_and_truth_values_are_checked_with_file_and_option() {
    let config = config(&["runners: {emr: {num_ec2_instances: 12, visible_to_all_users: no, label: [a]}}"]);
    assert_eq!(config.number("num_ec2_instances").unwrap().unwrap().value, 12);
    assert_eq!(config.flag("visible_to_all_users").unwrap(), Some(false));
    let error = config.number("visible_to_all_users").unwrap_err();
    assert_eq!(
        error.to_string(),
        "0.conf: line 1, column 62: visible_to_all_users is 'no', which is not a whole number"
    );
    assert_eq!(config.text("label").unwrap_err().to_string(), "0.conf: line 1, column 73: label is not a single value");
}

#[test]
fn nested_values_keep_their_scalars_as_written() {
    let config = config(&["runners: {emr: {instance_groups: [{InstanceCount: 1, BidPrice: 0.40, Name: ~}]}}"]);
    let expected = serde_json::json!([{ "InstanceCount": "1", "BidPrice": "0.40", "Name": null }]);
    assert_eq!(config.json("instance_groups").unwrap().unwrap().value, expected);
    assert_eq!(config.json("instance_fleets").unwrap(), None);
}

#[test]
fn an_unknown_option_is_a_warning_and_a_broken_file_an_error() {
    let config = config(&["runners: {emr: {ec2_key_par: x, jobconf: {}}}"]);
    assert_eq!(
        config.warnings(),
        ["0.conf: line 1, column 30: unknown option ec2_key_par, did you mean ec2_key_pair?"]
    );
    let error = Config::default().add("x".into(), &yaml::parse("runners: {emr: [1]}").unwrap()).unwrap_err();
    assert_eq!(error.outcome, Outcome::Config);
}

#[test]
fn an_included_file_is_weaker_and_beside_the_one_that_includes_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("base.conf", "include: a.conf\nrunners: {emr: {owner: base, label: base}}");
    write("a.conf", "include: [base.conf]\nrunners: {emr: {owner: a, num_ec2_instances: 3}}");
    let config = Config::load(&[folder.path().join("a.conf")], Surroundings::default()).unwrap();
    let text = |option| config.text(option).unwrap().map(|setting| setting.value);
    assert_eq!((text("owner").as_deref(), text("label").as_deref()), (Some("a"), Some("base")));
    write("b.conf", "include: none.conf");
    assert!(Config::load(&[folder.path().join("b.conf")], Surroundings::default()).is_err());
}

#[test]
fn of_a_file_that_is_named_twice_the_later_mention_counts() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|name| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("runners: {{emr: {{owner: {name}}}}}")).unwrap();
        path
    });
    let [a, b] = paths;
    let config = Config::load(&[a.clone(), b, a], Surroundings::default()).unwrap();
    assert_eq!(config.text("owner").unwrap().unwrap().value, "a");
}

#[test]
fn a_file_of_another_shape_is_an_error_and_not_an_empty_one() {
    for text in ["- a", "hello", "runners: [1]", "runners: emr"] {
        let document = yaml::parse(text).unwrap();
        assert!(Config::default().add("x".into(), &document).is_err(), "{text}");
    }
}

#[test]
fn a_file_without_options_for_emr_says_nothing() {
    let config = config(&["runners: {local: {}}", "", "runners: {emr: }"]);
    assert_eq!(config.text("aws_region").unwrap(), None);
}
