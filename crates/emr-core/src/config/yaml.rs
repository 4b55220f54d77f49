//! YAML (and JSON, which is YAML) as values, read as PyYAML reads it for mrjob: one document, merge keys, `!clear`, and
//! of a key that stands twice the later.
//!
//! A file may be anybody's: how deep it nests and how much its aliases make of it are bounded.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::scalar;
use super::value::{Content, Place, Value};

/// Lists and mappings within one another; no option needs a tenth of it.
const DEEPEST: usize = 64;
/// What aliases may add, in bytes as [`weight`] counts them.
const HEAVIEST: usize = 16 << 20;

/// The tags of YAML's own for what is understood here.
const OWN_TAGS: [&str; 8] = ["str", "int", "float", "bool", "null", "seq", "map", "timestamp"];

/// What is in a file.
#[derive(Debug)]
pub(super) struct Document {
    /// Its only value.
    pub(super) value: Value,
    /// What is doubtful about it, each with its place.
    pub(super) doubts: Vec<String>,
}

/// The only document of `text`. The error says line, column and what is wrong there.
pub(super) fn parse(text: &str) -> Result<Document, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, span) = event.map_err(|error| broken(&error))?;
        builder.add(event, place(&span)).map_err(|(place, wrong)| format!("{place}: {wrong}"))?;
    }
    let value = builder.document.unwrap_or_else(|| Content::Null.into());
    Ok(Document { value, doubts: builder.doubts })
}

fn broken(error: &ScanError) -> String {
    let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
    format!("{place}: {}", error.info())
}

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

/// Where something is wrong, and what.
type Wrong = (Place, String);

/// Makes values of the parser's events.
#[derive(Default)]
struct Builder {
    /// The lists and mappings that are not complete yet, the outermost first.
    open: Vec<Open>,
    /// The values that aliases may name.
    anchors: HashMap<usize, (Value, usize)>,
    /// What aliases have added so far.
    added: usize,
    document: Option<Value>,
    doubts: Vec<String>,
}

/// A list or mapping that is not complete yet. The entries of a mapping stand in `items`, keys and values in turn.
struct Open {
    is_map: bool,
    items: Vec<Value>,
    anchor: usize,
    place: Place,
    clears: bool,
}

impl Builder {
    fn add(&mut self, event: Event<'_>, place: Place) -> Result<(), Wrong> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let clears = clears(tag.as_deref(), place)?;
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let content = content(&text, style == ScalarStyle::Plain && !is_text, clears);
                self.complete(Value { content, place: Some(place), clears }, anchor, place)
            }
            Event::Alias(anchor) => {
                let value = self.alias(anchor, place)?;
                self.complete(value, 0, place)
            }
            Event::SequenceStart(anchor, tag) => self.begin(false, anchor, tag.as_deref(), place),
            Event::MappingStart(anchor, tag) => self.begin(true, anchor, tag.as_deref(), place),
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::DocumentStart(_) if self.document.is_some() => {
                Err((place, "a second document begins, and there may be one".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, is_map: bool, anchor: usize, tag: Option<&Tag>, place: Place) -> Result<(), Wrong> {
        if self.open.len() == DEEPEST {
            return Err((place, format!("more than {DEEPEST} lists and mappings are within one another")));
        }
        let clears = clears(tag, place)?;
        self.open.push(Open { is_map, items: Vec::new(), anchor, place, clears });
        Ok(())
    }

    fn end(&mut self, place: Place) -> Result<(), Wrong> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let content = if open.is_map { Content::Map(self.entries(open.items)?) } else { Content::List(open.items) };
        self.complete(Value { content, place: Some(open.place), clears: open.clears }, open.anchor, place)
    }

    fn complete(&mut self, value: Value, anchor: usize, place: Place) -> Result<(), Wrong> {
        if anchor > 0 {
            let weight = weight(&value);
            self.take_on(weight, place)?;
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(value),
            None => self.document = Some(value),
        }
        Ok(())
    }

    /// The value that an alias names. Where the alias stands is of more use than where the anchor does.
    fn alias(&mut self, anchor: usize, place: Place) -> Result<Value, Wrong> {
        let Some((value, weight)) = self.anchors.get(&anchor).cloned() else {
            return Err((place, "the alias stands within what it names".to_owned()));
        };
        self.take_on(weight, place)?;
        Ok(Value { place: Some(place), ..value })
    }

    fn take_on(&mut self, weight: usize, place: Place) -> Result<(), Wrong> {
        self.added = self.added.saturating_add(weight);
        if self.added > HEAVIEST {
            return Err((place, "anchors and aliases make too much of the file".to_owned()));
        }
        Ok(())
    }

    /// The entries of a mapping, those that it takes over from others (`<<`) first, each key once.
    fn entries(&mut self, items: Vec<Value>) -> Result<Vec<(String, Value)>, Wrong> {
        let (merges, own): (Vec<_>, Vec<_>) = pairs(items).partition(|(key, _)| is_merge(key));
        let mut entries = Entries::default();
        for (_, value) in merges {
            entries.merge(value)?;
        }
        let mut seen: HashMap<String, bool> = HashMap::new();
        for (key, mut value) in own {
            let name = key_of(&key).ok_or_else(|| (at(&key), "a key is not a single value".to_owned()))?;
            let earlier = seen.get(name).copied();
            if earlier.is_some() {
                self.doubts.push(format!("{}: {name} stands twice", at(&key)));
            }
            // As in mrjob, an entry with `!clear` before its key is stronger than one without.
            if earlier != Some(true) || key.clears {
                value.clears |= key.clears;
                entries.set(name.to_owned(), value);
                seen.insert(name.to_owned(), key.clears);
            }
        }
        Ok(entries.list)
    }
}

/// The entries of a mapping, each key once and where it first stood.
#[derive(Default)]
struct Entries {
    list: Vec<(String, Value)>,
    places: HashMap<String, usize>,
}

impl Entries {
    fn set(&mut self, key: String, value: Value) {
        match self.places.get(&key) {
            Some(place) => self.list[*place].1 = value,
            None => {
                self.places.insert(key.clone(), self.list.len());
                self.list.push((key, value));
            }
        }
    }

    /// Takes over the entries of a mapping, or of a list of mappings, of which the earlier one wins.
    fn merge(&mut self, value: Value) -> Result<(), Wrong> {
        let place = at(&value);
        let items = if let Content::List(items) = value.content { items } else { vec![value] };
        for item in items.into_iter().rev() {
            let Content::Map(taken) = item.content else {
                return Err((place, "a merge key (<<) needs a mapping or a list of mappings".to_owned()));
            };
            taken.into_iter().for_each(|(key, value)| self.set(key, value));
        }
        Ok(())
    }
}

/// Whether `!clear` stands before a value. A tag of somebody's own is an error, not something to pass over.
fn clears(tag: Option<&Tag>, place: Place) -> Result<bool, Wrong> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && OWN_TAGS.contains(&tag.suffix.as_str()) => Ok(false),
        Some(tag) if tag.handle == "!" && tag.suffix == "clear" => Ok(true),
        Some(tag) => Err((place, format!("the tag {tag} is not understood"))),
        None => Ok(false),
    }
}

/// The content of a scalar. Behind `!clear` it counts as without quotes.
fn content(text: &str, is_plain: bool, clears: bool) -> Content {
    match is_plain || clears {
        true if scalar::is_null(text) => Content::Null,
        true => Content::Plain(text.to_owned()),
        false => Content::Text(text.to_owned()),
    }
}

/// What a copy of `value` takes, about.
fn weight(value: &Value) -> usize {
    let inside = match &value.content {
        Content::Null => 0,
        Content::Plain(text) | Content::Text(text) => text.len(),
        Content::List(items) => items.iter().map(weight).sum(),
        Content::Map(entries) => entries.iter().map(|(key, value)| key.len() + weight(value)).sum(),
    };
    size_of::<Value>() + inside
}

fn pairs(items: Vec<Value>) -> impl Iterator<Item = (Value, Value)> {
    let mut items = items.into_iter();
    std::iter::from_fn(move || items.next().zip(items.next()))
}

fn is_merge(key: &Value) -> bool {
    key.content == Content::Plain("<<".to_owned())
}

/// The text of a key. Nothing is a key, too.
fn key_of(key: &Value) -> Option<&str> {
    if key.is_null() { Some("null") } else { key.text() }
}

fn at(value: &Value) -> Place {
    value.place.unwrap_or(Place { line: 1, column: 1 })
}

#[cfg(test)]
mod tests {
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
    fn json_is_read_too() {
        let parsed = value("{\"runners\": {\"emr\": {\"num_ec2_instances\": 12}}}");
        let emr = parsed.get("runners").and_then(|runners| runners.get("emr")).unwrap();
        assert_eq!(emr.get("num_ec2_instances"), Some(&plain("12")));
    }

    #[test]
    fn what_is_broken_is_told_with_line_and_column() {
        for (text, begins) in [
            ("runners:\n  emr: [1, 2\n", "line 3, column "),
            ("a: b\n---\nc: d\n", "line 2, column 1: a second document"),
            ("a:\n - !mine 1", "line 2, column 4: the tag !mine is not understood"),
            ("a:\n - !!binary x", "line 2, column 4: the tag "),
            ("a: &x [*x]", "line 1, column 8: the alias stands within what it names"),
            ("? [a]\n: b", "line 1, column 3: a key is not a single value"),
            ("a: 1\nb:\n  <<: 5", "line 3, column 7: a merge key (<<) needs a mapping"),
            ("a: *none", "line 1, column "),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(begins), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_without_end_is_refused() {
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)] {
            assert!(parse(&text).is_err());
        }
    }

    #[test]
    fn aliases_that_make_much_of_little_are_refused() {
        let mut bomb = "a0: &a0 [lol]\n".to_owned();
        for level in 1..40 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb += &format!("a{level}: &a{level} [{below}]\n");
        }
        assert!(parse(&bomb).unwrap_err().ends_with("anchors and aliases make too much of the file"));
        let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), vec!["*a"; 100].join(", "));
        assert!(parse(&long).is_err());
    }

    #[test]
    fn aliases_and_merge_keys_mean_what_they_mean_to_pyyaml() {
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
    fn of_a_key_that_stands_twice_the_later_counts_and_it_is_told() {
        let document = parse("a: 1\nb: 2\na: 3\n").unwrap();
        assert_eq!(document.value.to_json().to_string(), r#"{"a":"3","b":"2"}"#);
        assert_eq!(document.doubts, ["line 3, column 1: a stands twice"]);
    }

    #[test]
    fn keys_are_text_whatever_they_look_like() {
        assert_eq!(json("1: a\ntrue: b\n0.40: c\n~: d\n"), r#"{"1":"a","true":"b","0.40":"c","null":"d"}"#);
    }

    #[test]
    fn clear_stands_before_a_value_or_its_key() {
        let parsed = value("a: !clear [1]\n!clear b: 2\nc: !clear null\nd: [!clear 3]\n!clear e: 4\ne: 5\n");
        let clears = |key| parsed.get(key).unwrap().clears;
        assert_eq!(["a", "b", "c", "d", "e"].map(clears), [true, true, true, false, true]);
        assert!(parsed.get("c").unwrap().is_null());
        assert_eq!(parsed.get("e").unwrap().text(), Some("4"));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        for text in ["", "# only a comment\n", "\u{feff}", "---\n"] {
            assert!(value(text).is_null(), "{text:?}");
        }
        assert_eq!(json("\u{feff}a: 1"), r#"{"a":"1"}"#);
    }
}
