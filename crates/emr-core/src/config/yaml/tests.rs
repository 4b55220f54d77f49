use super::*;

fn text(text: &str) -> Value {
    Content::Text(text.to_owned()).into()
}

fn plain(text: &str) -> Value {
    Content::Plain(text.to_owned()).into()
}

fn value(text: &str) -> Value {
    parse(text).unwrap().value
}

fn json(text: &str) -> String {
    value(text).to_json().to_string()
}

#[test]
fn scalars_stay_as_written() {
    let parsed = value("a: 0.40\nb: '0.42'\nc: ~\nd: yes\ne: [1, two]\nf: !!str 010\n");
    assert_eq!(parsed.get("a"), Some(&plain("0.40")));
    assert_eq!(parsed.get("b"), Some(&text("0.42")));
    assert!(parsed.get("c").unwrap().is_null());
    assert_eq!(parsed.get("d"), Some(&plain("yes")));
    assert_eq!(parsed.get("e").unwrap().items(), [plain("1"), plain("two")]);
    assert_eq!(parsed.get("f"), Some(&text("010")));
}

#[test]
fn json_is_yaml() {
    let parsed = value("{\"runners\": {\"emr\": {\"num_ec2_instances\": 12}}}");
    let emr = parsed.get("runners").and_then(|runners| runners.get("emr")).unwrap();
    assert_eq!(emr.get("num_ec2_instances"), Some(&plain("12")));
}

#[test]
fn an_error_has_line_and_column() {
    for (text, begins) in [
        ("runners:\n  emr: [1, 2\n", "line 3, column "),
        ("a: b\n---\nc: d\n", "line 2, column 1: a second document"),
        ("a:\n - !mine 1", "line 2, column 4: the tag !mine is not supported"),
        ("a:\n - !!binary x", "line 2, column 4: the tag "),
        ("a: &x [*x]", "line 1, column 8: the alias is inside its own anchor"),
        ("? [a]\n: b", "line 1, column 3: a key is not a single value"),
        ("a: 1\nb:\n  <<: 5", "line 3, column 7: a merge key (<<) needs a mapping"),
        ("a: *none", "line 1, column "),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with(begins), "{text}: {error}");
    }
}

#[test]
fn endless_nesting_is_refused() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)] {
        assert!(parse(&text).is_err());
    }
}

#[test]
fn aliases_that_expand_to_too_much_are_refused() {
    let level = |level: usize| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
    let bomb = "a0: &a0 [lol]\n".to_owned() + &(1..40).map(level).collect::<String>();
    assert!(parse(&bomb).unwrap_err().ends_with("anchors and aliases expand to too much"));
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
    assert!(parse(&long).is_err());
}

#[test]
fn aliases_and_merge_keys_work_as_in_pyyaml() {
    let base = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\n";
    let merged = |text: &str| value(&format!("{base}c: {text}")).get("c").unwrap().to_json().to_string();
    assert_eq!(merged("{<<: *a, y: 3}"), r#"{"x":"1","y":"3"}"#);
    assert_eq!(merged("{y: 3, <<: *a}"), r#"{"x":"1","y":"3"}"#);
    assert_eq!(merged("{<<: [*a, *b]}"), r#"{"y":"1","z":"2","x":"1"}"#);
    assert_eq!(merged("{<<: *a, <<: *b}"), r#"{"x":"1","y":"2","z":"2"}"#);
    assert_eq!(merged("[*a, *b]"), r#"[{"x":"1","y":"1"},{"y":"2","z":"2"}]"#);
    assert_eq!(merged("{\"<<\": 1}"), r#"{"<<":"1"}"#);
}

#[test]
fn of_a_repeated_key_the_last_counts_with_a_warning() {
    let document = parse("a: 1\nb: 2\na: 3\n").unwrap();
    assert_eq!(document.value.to_json().to_string(), r#"{"a":"3","b":"2"}"#);
    assert_eq!(document.doubts, ["line 3, column 1: a is repeated"]);
}

#[test]
fn keys_are_always_text() {
    assert_eq!(json("1: a\ntrue: b\n0.40: c\n~: d\n"), r#"{"1":"a","true":"b","0.40":"c","null":"d"}"#);
}

#[test]
fn clear_tags_a_value_or_its_key() {
    let parsed = value("a: !clear [1]\n!clear b: 2\nc: !clear null\nd: [!clear 3]\n!clear e: 4\ne: 5\n");
    let clears = |key| parsed.get(key).unwrap().clears;
    assert_eq!(["a", "b", "c", "d", "e"].map(clears), [true, true, true, false, true]);
    assert!(parsed.get("c").unwrap().is_null());
    assert_eq!(parsed.get("e").unwrap().text(), Some("4"));
}

#[test]
fn an_empty_file_is_null() {
    for text in ["", "# only a comment\n", "\u{feff}", "---\n"] {
        assert!(value(text).is_null(), "{text:?}");
    }
    assert_eq!(json("\u{feff}a: 1"), r#"{"a":"1"}"#);
}
