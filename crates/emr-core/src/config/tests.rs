use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::options::*;
use super::setting::{Strength, value};
use super::*;
use crate::error::{Error, Outcome};

fn config(files: &[&str]) -> Config {
    typed(Typed::default(), files)
}

/// A configuration of `given` and these files, lowest precedence first.
fn typed(given: Typed, files: &[&str]) -> Config {
    files.iter().enumerate().fold(Config::new(given, Surroundings::default()), |config, (number, text)| {
        config.with(Path::new(&format!("{number}.conf")), &yaml::parse(text).unwrap()).unwrap()
    })
}

fn values<T>(settings: Vec<Setting<T>>) -> Vec<T> {
    settings.into_iter().map(|setting| setting.value).collect()
}

fn entries<T>(settings: Vec<(String, Setting<T>)>) -> Vec<(String, T)> {
    settings.into_iter().map(|(key, setting)| (key, setting.value)).collect()
}

fn applications(config: &Config) -> Vec<String> {
    values(config.get(&APPLICATIONS).unwrap())
}

fn tags(config: &Config) -> Vec<(String, String)> {
    entries(config.get(&EMR_TAGS).unwrap())
}

#[test]
fn the_later_file_wins_and_lists_and_mappings_grow() {
    let first = "runners: {emr: {aws_region: us-east-1, applications: [Hive], emr_tags: {team: a, cost: x}}}";
    let second = "runners: {emr: {region: eu-west-1, applications: Spark, tags: {team: b}}}";
    let config = config(&[first, second]);
    let region = config.get(&AWS_REGION).unwrap().unwrap();
    assert_eq!((region.value.as_str(), region.source.strength()), ("eu-west-1", Strength::File(1)));
    assert_eq!(applications(&config), ["Hive", "Spark"]);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(tags(&config), [tag("cost", "x"), tag("team", "b")]);
}

#[test]
fn an_empty_value_in_a_file_is_none_and_still_overrides() {
    let first = "runners: {emr: {ec2_key_pair: mine, zone: us-west-2a, emr_tags: {a: b}, num_ec2_instances: 3}}";
    let second = "runners: {emr: {ec2_key_pair: '', zone: '', emr_tags: '', num_ec2_instances: ''}}";
    let of_files = config(&[first, second]);
    assert_eq!(of_files.get(&EC2_KEY_PAIR).unwrap(), None);
    assert_eq!(of_files.get(&AWS_AVAILABILITY_ZONE).unwrap(), None);
    assert_eq!(tags(&of_files), [("a".to_owned(), "b".to_owned())]);
    assert_eq!(of_files.get(&NUM_EC2_INSTANCES).unwrap(), None);
    let mut empty = Typed::default();
    empty.value(&EC2_KEY_PAIR.option, "ec2-key-pair", "");
    assert_eq!(value(typed(empty, &[first, second]).get(&EC2_KEY_PAIR).unwrap()).unwrap(), "");
}

#[test]
fn a_mapping_of_100_000_keys_is_read_in_linear_time() {
    let many: Vec<_> = (0..100_000).map(|number| format!("k{number}: v")).collect();
    let text = format!("runners: {{emr: {{emr_tags: {{{}}}}}}}", many.join(", "));
    let tags = tags(&config(&[&text]));
    assert_eq!((tags.len(), tags[99_999].0.as_str()), (100_000, "k99999"));
}

#[test]
fn errors_of_numbers_and_booleans_name_file_and_option() {
    let config = config(&[
        "runners: {emr: {num_ec2_instances: 12, visible_to_all_users: no, max_concurrent_steps: no, label: [a]}}",
    ]);
    assert_eq!(value(config.get(&NUM_EC2_INSTANCES).unwrap()), Some(12));
    assert_eq!(value(config.get(&VISIBLE_TO_ALL_USERS).unwrap()), Some(false));
    let error = config.get(&MAX_CONCURRENT_STEPS).unwrap_err();
    assert_eq!(
        error.to_string(),
        "0.conf: line 1, column 88: max_concurrent_steps is 'no', which is not a whole number"
    );
    assert_eq!(config.get(&LABEL).unwrap_err().to_string(), "0.conf: line 1, column 99: label is not a single value");
}

#[test]
fn nested_values_keep_every_digit() {
    let config = config(&["runners: {emr: {instance_groups: [{InstanceCount: 1, BidPrice: 0.40, Name: ~}]}}"]);
    let expected = serde_json::json!([{ "InstanceCount": 1, "BidPrice": "0.40", "Name": null }]);
    assert_eq!(value(config.get(&INSTANCE_GROUPS).unwrap()), Some(expected));
    assert_eq!(config.get(&INSTANCE_FLEETS).unwrap(), None);
}

#[test]
fn an_unknown_option_is_a_warning_and_a_broken_file_an_error() {
    let config = config(&["runners: {emr: {ec2_key_par: x, jobconf: {}}}"]);
    assert_eq!(
        config.warnings(),
        ["0.conf: line 1, column 30: unknown option ec2_key_par, did you mean ec2_key_pair?"]
    );
    let broken = yaml::parse("runners: {emr: [1]}").unwrap();
    assert_eq!(Config::default().with(Path::new("x"), &broken).unwrap_err().outcome, Outcome::Config);
}

#[test]
fn a_file_with_misplaced_options_is_warned_about_and_an_empty_one_is_not() {
    assert_eq!(
        config(&["emr: {region: x}"]).warnings(),
        ["0.conf: line 1, column 6: emr: is ignored; options belong under emr: under runners:"]
    );
    for fine in ["", "{}", "include: []\nx: {}", "runners: {hadoop: {}}", "x: &x {}\nrunners: {emr: *x}"] {
        assert!(config(&[fine]).warnings().is_empty(), "{fine}");
    }
}

#[test]
fn a_file_that_is_not_a_mapping_of_runners_is_an_error() {
    for text in ["- a", "hello", "runners: [1]", "runners: emr"] {
        let document = yaml::parse(text).unwrap();
        assert!(Config::default().with(Path::new("x"), &document).is_err(), "{text}");
    }
}

#[test]
fn a_file_without_options_for_emr_sets_nothing() {
    let config = config(&["runners: {local: {}}", "", "runners: {emr: }"]);
    assert_eq!(config.get(&AWS_REGION).unwrap(), None);
}

/// An option in a file: absent, or words, and whether `!clear` precedes them.
type Said = Option<(bool, Vec<String>)>;

fn said() -> impl Strategy<Value = Said> {
    proptest::option::of((prop::bool::weighted(0.2), vec("[a-z]{1,3}", 0..4)))
}

/// The configuration of files with these `applications`.
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
    fn lists_are_joined_after_the_last_clear(files in vec(said(), 0..6)) {
        let last = files.iter().rposition(|said| said.as_ref().is_some_and(|(clears, _)| *clears)).unwrap_or(0);
        let expected: Vec<_> = files[last..].iter().flatten().flat_map(|(_, words)| words.clone()).collect();
        prop_assert_eq!(applications(&lists(&files)), expected);
    }

    #[test]
    fn the_distribution_of_items_over_files_does_not_matter(files in vec(said(), 0..6), at in 0..7_usize) {
        let (first, rest) = files.split_at(at.min(files.len()));
        let joined = applications(&lists(first));
        let fewer = [&[Some((false, joined))], rest].concat();
        prop_assert_eq!(applications(&lists(&fewer)), applications(&lists(&files)));
    }

    #[test]
    fn the_last_entry_of_each_key_counts(files in vec(vec(("[ab]", "[0-9]{1,2}"), 0..3), 0..5)) {
        let text = |entries: &Vec<(String, String)>| {
            let entries: BTreeMap<_, _> = entries.iter().cloned().collect();
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: '{value}'")).collect();
            format!("runners: {{emr: {{tags: {{{}}}}}}}", entries.join(", "))
        };
        let texts: Vec<_> = files.iter().map(text).collect();
        let config = config(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: BTreeMap<_, _> = files.into_iter().flatten().collect();
        prop_assert_eq!(tags(&config).into_iter().collect::<BTreeMap<_, _>>(), expected);
    }

    #[test]
    fn any_text_in_quotes_is_kept(text in any::<String>()) {
        prop_assume!(!text.is_empty());
        let config = config(&[&format!("runners: {{emr: {{label: {}}}}}", serde_json::Value::from(text.as_str()))]);
        prop_assert_eq!(value(config.get(&LABEL).unwrap()), Some(text));
    }

    #[test]
    fn no_file_makes_the_parser_panic(text in "[ \\n\\t:?&*!<>|'\"%@`{},\\[\\]#~a-c0-9-]{0,80}") {
        drop(yaml::parse(&text));
    }
}

/// A run of a tool with `--owner b --applications Pig --tag b=2`.
fn given() -> Typed {
    let mut given = Typed::default();
    given.value(&OWNER.option, "owner", "b");
    given.items(&APPLICATIONS.option, "applications", &["Pig".to_owned()]);
    given.entries(&EMR_TAGS.option, "tag", vec![("b".to_owned(), "2".to_owned())]);
    given
}

#[test]
fn the_command_line_overrides_values_and_adds_to_lists_and_mappings() {
    let config = typed(given(), &["runners: {emr: {owner: a, applications: [Hive], tags: {a: '1', b: '1'}}}"]);
    assert_eq!(config.get(&OWNER).unwrap(), Some(OWNER.typed("b".to_owned())));
    assert_eq!(applications(&config), ["Hive", "Pig"]);
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(tags(&config), [pair("a", "1"), pair("b", "2")]);
    let shown = EMR_TAGS.option.show(&config).unwrap();
    assert_eq!(shown.origins.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0.conf", "command line"]);
}

#[test]
fn variables_are_taken_away_by_null_and_paths_are_joined() {
    let mut given = Typed::default();
    given.entries(
        &CMDENV.option,
        "cmdenv",
        ["first", "typed"].map(|path| ("T_PATH".to_owned(), path.to_owned())).to_vec(),
    );
    let weak = "runners: {emr: {cmdenv: {GONE: w, CLEARED: w, KEPT: w, A_PATH: w, B_PATH: w, T_PATH: w, PATHS: w}}}";
    let strong =
        "runners: {emr: {cmdenv: {GONE: ~, CLEARED: !clear ~, NEW: ~, A_PATH: s, B_PATH: !clear s, PATHS: s}}}";
    let config = typed(given, &[weak, strong]);
    let found = config.get(&CMDENV).unwrap();
    let found: Vec<_> = found.iter().map(|(name, setting)| format!("{name}={}", setting.value)).collect();
    assert_eq!(found, ["KEPT=w", "A_PATH=s:w", "B_PATH=s", "PATHS=s", "T_PATH=typed:w"]);
    let wrong = typed(Typed::default(), &["runners: {emr: {cmdenv: [A]}}"]).get(&CMDENV).unwrap_err().to_string();
    assert!(wrong.ends_with("cmdenv is not a mapping"), "{wrong}");
}

#[test]
fn each_item_and_each_entry_has_its_own_source() {
    let text = "runners:\n  emr:\n    applications:\n    - Hive\n    - Pig\n    tags:\n      a: x\n";
    let config = typed(given(), &[text]);
    let sources: Vec<_> = config.get(&APPLICATIONS).unwrap().iter().map(|item| item.source.to_string()).collect();
    let lines = [4, 5].map(|line| format!("0.conf: line {line}, column 7: applications"));
    assert_eq!(sources, [&lines[..], &["--applications".to_owned()]].concat());
    let tags = config.get(&EMR_TAGS).unwrap();
    assert_eq!(tags[0].1.wrong("is wrong").to_string(), "0.conf: line 7, column 10: emr_tags is wrong");
    assert_eq!(tags[1].1.wrong("is wrong").to_string(), "--tag is wrong");
}

#[test]
fn an_error_is_of_usage_if_typed_and_else_of_the_configuration() {
    let config = typed(given(), &["runners: {emr: {label: x}}"]);
    let (label, owner) = (config.get(&LABEL).unwrap().unwrap(), config.get(&OWNER).unwrap().unwrap());
    let wrong = |setting: &Setting<String>| setting.blame(Error::usage("x"));
    assert_eq!((wrong(&label).outcome, wrong(&owner).outcome), (Outcome::Config, Outcome::Usage));
    assert_eq!(label.blame(Error::new(Outcome::Io, "x")).outcome, Outcome::Io);
    assert_eq!(wrong(&label).to_string(), "0.conf: line 1, column 24: label: x");
}

#[test]
fn the_environment_overrides_files_and_the_user_is_the_last_resort() {
    let variables = [("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "r"), ("USER", "u"), ("LOGNAME", "l")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.into())).into();
    let surroundings = Surroundings { variables, ..Default::default() };
    let config = |text| {
        let config = Config::new(Typed::default(), surroundings.clone());
        config.with(Path::new("conf"), &yaml::parse(text).unwrap()).unwrap()
    };
    let shown = |text, option: &'static Declaration| option.show(&config(text)).unwrap().origins[0].to_string();
    let both = "runners: {emr: {aws_region: f, owner: f}}";
    assert_eq!(shown(both, &AWS_REGION.option), "environment AWS_DEFAULT_REGION");
    assert_eq!(shown(both, &OWNER.option), "conf");
    for none in ["", "runners: {emr: {owner: ''}}", "runners: {emr: {owner: !clear null}}"] {
        assert_eq!(shown(none, &OWNER.option), "environment USER", "{none}");
    }
}

#[test]
fn decisions_override_and_withdraw_values() {
    let config = config(&["runners: {emr: {subnet: a, ami_version: 5.1.0, iam_service_role: role}}"]);
    let mut decisions = Decisions::default();
    let ami_version = config.get(&AMI_VERSION).unwrap().unwrap();
    decisions.withdraw(&SUBNET);
    decisions.note(&RELEASE_LABEL, "emr-5.1.0", Some(&ami_version.source));
    decisions.note(&IAM_SERVICE_ROLE, "role", None);
    decisions.note(&IAM_INSTANCE_PROFILE, "profile", None);
    decisions.leave_out(&HADOOP_VERSION);
    let shown = |option: &'static Declaration| {
        let shown = decisions.effective(option, &config).unwrap()?;
        Some((shown.value, shown.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")))
    };
    let is = |value: serde_json::Value, origins: &str| Some((value, origins.to_owned()));
    assert_eq!(shown(&SUBNET.option), is(serde_json::Value::Null, "default"));
    assert_eq!(shown(&RELEASE_LABEL.option), is("emr-5.1.0".into(), "0.conf"));
    assert_eq!(shown(&IAM_SERVICE_ROLE.option), is("role".into(), "0.conf"));
    assert_eq!(shown(&IAM_INSTANCE_PROFILE.option), is("profile".into(), "default"));
    assert_eq!(shown(&HADOOP_VERSION.option), None);
}

#[test]
fn typed_parameters_are_laid_over_those_of_files() {
    let text = "runners: {emr: {extra_cluster_params: {A: {B: 1}, C: yes}}}";
    let mut given = Typed::default();
    let twice = [("A", "x"), ("A", "y")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    given.entries(&EXTRA_CLUSTER_PARAMS.option, "extra-cluster-param", twice.to_vec());
    let config = typed(given, &[text]);
    let entry = |key: &str, value: serde_json::Value| (key.to_owned(), value);
    let expected = [
        entry("A", serde_json::json!({"B": 1})),
        entry("C", true.into()),
        entry("A", "x".into()),
        entry("A", "y".into()),
    ];
    assert_eq!(entries(config.get(&EXTRA_CLUSTER_PARAMS).unwrap()), expected);
    let shown = EXTRA_CLUSTER_PARAMS.option.show(&config).unwrap();
    assert_eq!(shown.value, serde_json::json!({"C": true, "A": "y"}));
}

#[test]
fn commands_are_text_or_words() {
    let config = config(&["runners: {emr: {bootstrap_cmds: ['a b', [c, 'd e']], python_bin: \"python 'x y'\"}}"]);
    let words = Command::Words(vec!["c".to_owned(), "d e".to_owned()]);
    assert_eq!(values(config.get(&BOOTSTRAP_CMDS).unwrap()), [Command::Text("a b".to_owned()), words]);
    assert_eq!(value(config.get(&PYTHON_BIN).unwrap()).unwrap(), ["python", "x y"]);
    assert_eq!(config.get(&SSH_BIN).unwrap(), None);
}

#[test]
fn a_number_of_seconds_and_a_number_with_a_unit_are_durations() {
    let every = |text: &str| {
        let config = config(&[&format!("runners: {{emr: {{check_emr_status_every: {text}}}}}")]);
        config.get(&CHECK_EMR_STATUS_EVERY).map(|every| value(every).unwrap().as_secs())
    };
    assert_eq!((every("90").unwrap(), every("0x10").unwrap(), every("15m").unwrap()), (90, 16, 900));
    assert!(
        every("soon").unwrap_err().to_string().contains("check_emr_status_every is 'soon', which is not a duration")
    );
}
