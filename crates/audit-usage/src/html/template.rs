//! Texts into a template: each once, so that what stands in a text is no place in the template.

use base64_simd::STANDARD;
use emr_core::text::plain;
use sha2::{Digest, Sha256};

/// `template` with what `text` gives for each `{{name}}`.
pub(super) fn fill(template: &str, text: impl Fn(&str) -> String) -> String {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(a, b)| Some((a, b.split_once("}}")?))) {
        page.push_str(before);
        page.push_str(&text(name));
        rest = after;
    }
    page + rest
}

/// `text`, which comes from anywhere, as text of HTML or within quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// The hash by which a page allows `text` as a style or a script.
///
/// Source: <https://www.w3.org/TR/CSP3/#grammardef-hash-source>
pub(super) fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode_to_string(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_text_is_no_place_in_the_template() {
        let filled =
            fill("<p>{{a}}</p>{{b}} {{", |name| if name == "a" { "{{b}}".to_owned() } else { name.to_owned() });
        assert_eq!(filled, "<p>{{b}}</p>b {{");
    }

    #[test]
    fn no_name_leaves_its_place() {
        assert_eq!(escaped("<b>\"&'\u{202e}\u{1b}"), "&lt;b&gt;&quot;&amp;&#39;??");
    }
}
