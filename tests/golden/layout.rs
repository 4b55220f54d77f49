//! JSON as it is laid out in fixtures: values that fit on a line stay on one, so that a diff shows the key that changed.

use serde_json::Value;

const WIDTH: usize = 120;

/// Parses compact JSON. `None` if `text` is spaced or escaped in another way, because the parsed value would not show it.
pub(crate) fn read(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    let spelled = value.to_string();
    (spelled == text).then_some(value)
}

/// `value` as the text of a file.
pub(crate) fn layout(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0, 0);
    text + "\n"
}

/// Appends `value` at column `taken`. Lines after the first are indented by at least `indent`.
fn write(text: &mut String, value: &Value, indent: usize, taken: usize) {
    let line = line(value);
    let (items, [open, close]): (Vec<(String, &Value)>, _) = match value {
        Value::Array(items) => (items.iter().map(|item| (String::new(), item)).collect(), ['[', ']']),
        Value::Object(items) => (items.iter().map(|(key, item)| (key_of(key), item)).collect(), ['{', '}']),
        _ => (Vec::new(), [' '; 2]),
    };
    // A comma may follow.
    if items.is_empty() || taken + line.chars().count() < WIDTH {
        return text.push_str(&line);
    }
    text.push(open);
    write_items(text, &items, indent + 2);
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}

/// Appends items, one per line. Lists with strings in them are filled instead, as arguments are.
fn write_items(text: &mut String, items: &[(String, &Value)], indent: usize) {
    let are_words = items.iter().any(|(key, item)| key.is_empty() && item.is_string());
    for (number, (key, item)) in items.iter().enumerate() {
        let fits = column(text) + line(item).chars().count() + ", ,".len() <= WIDTH;
        match number {
            0 => text.push('\n'),
            _ if are_words && fits => text.push_str(", "),
            _ => text.push_str(",\n"),
        }
        if text.ends_with('\n') {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(key);
        let taken = column(text);
        write(text, item, indent, taken);
    }
}

/// Characters on the last line of `text`.
fn column(text: &str) -> usize {
    text.chars().rev().take_while(|c| *c != '\n').count()
}

/// `value` on one line, with blanks after commas and colons.
fn line(value: &Value) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", list(items.iter().map(line).collect())),
        Value::Object(items) => {
            format!("{{{}}}", list(items.iter().map(|(key, item)| key_of(key) + &line(item)).collect()))
        }
        scalar => scalar.to_string(),
    }
}

fn key_of(key: &str) -> String {
    format!("{}: ", Value::from(key))
}

#[test]
fn a_value_that_does_not_fit_is_split_one_level_at_a_time() {
    let long = "x".repeat(60);
    let record = serde_json::json!({"a": {"b": [1, "2"], "c": {}}, "d": {"e": long, "f": [1, long]}});
    let broken =
        "{\n  \"a\": {\"b\": [1, \"2\"], \"c\": {}},\n  \"d\": {\n    \"e\": LONG,\n    \"f\": [1, LONG]\n  }\n}\n";
    assert_eq!(layout(&record), broken.replace("LONG", &format!("\"{long}\"")));
    let words = serde_json::json!(["a", "b", long, {"c": long}, {"d": 1}]);
    let filled = "[\n  \"a\", \"b\", LONG,\n  {\"c\": LONG}, {\"d\": 1}\n]\n";
    assert_eq!(layout(&words), filled.replace("LONG", &format!("\"{long}\"")));
}
