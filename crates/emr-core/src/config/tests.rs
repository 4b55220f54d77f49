use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

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
fn an_empty_value_of_a_file_is_none_and_still_stronger_than_a_weaker_one() {
    let first = "runners: {emr: {ec2_key_pair: mine, zone: us-west-2a, emr_tags: {a: b}, num_ec2_instances: 3}}";
    let second = "runners: {emr: {ec2_key_pair: '', zone: '', emr_tags: '', num_ec2_instances: ''}}";
    let config = config(&[first, second]);
    assert_eq!(config.text("ec2_key_pair").unwrap(), None);
    assert_eq!(config.document("aws_availability_zone").unwrap(), None);
    assert_eq!(config.map("emr_tags").unwrap(), [("a".to_owned(), "b".to_owned())]);
    assert_eq!(config.number("num_ec2_instances").unwrap(), None);
    config.typed("ec2_key_pair", "").unwrap();
    assert_eq!(config.text("ec2_key_pair").unwrap().unwrap().value, "");
}

#[test]
fn a_mapping_of_many_keys_is_read_in_no_time() {
    let tags: Vec<_> = (0..100_000).map(|number| format!("k{number}: v")).collect();
    let text = format!("runners: {{emr: {{emr_tags: {{{}}}}}}}", tags.join(", "));
    let tags = config(&[&text]).map("emr_tags").unwrap();
    assert_eq!((tags.len(), tags[99_999].0.as_str()), (100_000, "k99999"));
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
fn a_file_with_options_in_no_place_of_theirs_is_doubted_and_one_with_none_is_not() {
    assert_eq!(
        config(&["emr: {region: x}"]).warnings(),
        ["0.conf: line 1, column 6: emr: is not read; options stand under runners: and there under emr:"]
    );
    for fine in ["", "{}", "include: []\nx: {}", "runners: {hadoop: {}}", "x: &x {}\nrunners: {emr: *x}"] {
        assert!(config(&[fine]).warnings().is_empty(), "{fine}");
    }
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

/// What a file says of an option: nothing, or words, and whether behind `!clear`.
type Said = Option<(bool, Vec<String>)>;

fn said() -> impl Strategy<Value = Said> {
    proptest::option::of((prop::bool::weighted(0.2), vec("[a-z]{1,3}", 0..4)))
}

/// The configuration of files that say this of `applications`.
fn lists(files: &[Said]) -> Config {
    let text = |said: &Said| match said {
        None => "runners: {emr: {}}".to_owned(),
        Some((clears, words)) => {
            let clear = if *clears { "!clear " } else { "" };
            format!("runners: {{emr: {{applications: {clear}[{}]}}}}", quoted(words))
        }
    };
    config(&files.iter().map(text).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>())
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}

proptest! {
    #[test]
    fn lists_are_joined_behind_the_last_clear(files in vec(said(), 0..6)) {
        let last = files.iter().rposition(|said| said.as_ref().is_some_and(|(clears, _)| *clears)).unwrap_or(0);
        let expected: Vec<_> = files[last..].iter().flatten().flat_map(|(_, words)| words.clone()).collect();
        prop_assert_eq!(lists(&files).list("applications").unwrap(), expected);
    }

    #[test]
    fn how_lists_are_spread_over_files_does_not_matter(files in vec(said(), 0..6), at in 0..7_usize) {
        let (first, rest) = files.split_at(at.min(files.len()));
        let joined = lists(first).list("applications").unwrap();
        let fewer = [&[Some((false, joined))], rest].concat();
        prop_assert_eq!(lists(&fewer).list("applications").unwrap(), lists(&files).list("applications").unwrap());
    }

    #[test]
    fn the_strongest_entry_of_each_key_counts(files in vec(vec(("[ab]", "[0-9]{1,2}"), 0..3), 0..5)) {
        let text = |entries: &Vec<(String, String)>| {
            let entries: BTreeMap<_, _> = entries.iter().cloned().collect();
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: '{value}'")).collect();
            format!("runners: {{emr: {{tags: {{{}}}}}}}", entries.join(", "))
        };
        let texts: Vec<_> = files.iter().map(text).collect();
        let config = config(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: BTreeMap<_, _> = files.into_iter().flatten().collect();
        prop_assert_eq!(config.map("emr_tags").unwrap().into_iter().collect::<BTreeMap<_, _>>(), expected);
    }

    #[test]
    fn any_text_in_quotes_comes_through_as_it_is(text in any::<String>()) {
        prop_assume!(!text.is_empty());
        let config = config(&[&format!("runners: {{emr: {{label: {}}}}}", serde_json::Value::from(text.as_str()))]);
        prop_assert_eq!(config.text("label").unwrap().unwrap().value, text);
    }

    #[test]
    fn no_file_makes_the_reader_panic(text in "[ \\n\\t:?&*!<>|'\"%@`{},\\[\\]#~a-c0-9-]{0,80}") {
        drop(yaml::parse(&text));
    }
}

#[test]
fn a_value_that_is_typed_is_the_strongest_and_adds_to_lists_and_mappings() {
    let config = config(&["runners: {emr: {owner: a, applications: [Hive], tags: {a: '1', b: '1'}}}"]);
    config.typed("owner", "b").unwrap();
    config.typed("emr_applications", &["Pig".to_owned()][..]).unwrap();
    config.typed("tags", &[("b".to_owned(), "2".to_owned())][..]).unwrap();
    assert_eq!(config.text("owner").unwrap(), Some(setting::Setting::typed("b".to_owned())));
    assert_eq!(config.list("applications").unwrap(), ["Hive", "Pig"]);
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(config.map("emr_tags").unwrap(), [pair("a", "1"), pair("b", "2")]);
    let entry = config.ledger().remove("emr_tags").unwrap();
    assert_eq!(entry.origins, [Origin::File("0.conf".into()), Origin::CommandLine]);
}

#[test]
fn what_does_not_count_is_withdrawn_and_what_it_came_to_is_entered() {
    let config = config(&["runners: {emr: {subnet: a, ami_version: 5.1.0}}"]);
    for option in ["subnet", "ami_version", "release_label", "iam_service_role"] {
        config.text(option).unwrap();
    }
    config.withdraw("subnet");
    config.settle("release_label", "emr-5.1.0".into(), &["ami_version"]);
    config.settle("iam_service_role", "role".into(), &["release_name"]);
    config.settle("never_asked_for", "x".into(), &[]);
    let ledger = config.ledger();
    let entry = |value: serde_json::Value, origin| Entry { value, origins: vec![origin] };
    assert_eq!(ledger["subnet"], entry(serde_json::Value::Null, Origin::Default));
    assert_eq!(ledger["release_label"], entry("emr-5.1.0".into(), Origin::File("0.conf".into())));
    assert_eq!(ledger["iam_service_role"], entry("role".into(), Origin::Default));
    assert_eq!(ledger.len(), 4);
}

#[test]
fn commands_are_text_or_words() {
    let config = config(&["runners: {emr: {bootstrap_cmds: ['a b', [c, 'd e']], python_bin: \"python 'x y'\"}}"]);
    let words = Command::Words(vec!["c".to_owned(), "d e".to_owned()]);
    assert_eq!(config.commands("bootstrap_cmds").unwrap(), [Command::Text("a b".to_owned()), words]);
    assert_eq!(config.words("python_bin").unwrap().unwrap(), ["python", "x y"]);
    assert_eq!(config.words("ssh_bin").unwrap(), None);
}

#[test]
fn an_option_that_the_tools_do_not_read_is_a_bug_to_ask_for() {
    assert_eq!(Config::default().text("jobconf").unwrap_err().outcome, Outcome::Bug);
}
