//! The page mrjob.conf(5): its prose is a template, and all that it says of single options comes from their declarations.

use emr_core::config::{Declaration, Rule, options};

/// The prose, with a line `@NAME@` for what is listed.
const TEMPLATE: &str = include_str!("mrjob.conf.5");

/// The page.
pub(super) fn page() -> String {
    let mut all: Vec<_> = options::all().filter(|option| option.is_in_files).collect();
    all.sort_by_key(|option| option.name);
    let entries: Vec<_> = all.iter().map(|option| entry(option)).collect();
    let lists = [("@List@", Rule::List), ("@Paths@", Rule::Paths), ("@Map@", Rule::Map), ("@Path@", Rule::Path)];
    let page = TEMPLATE.replace("@OPTIONS@", &entries.join("\n"));
    lists.into_iter().fold(page, |page, (place, rule)| page.replace(place, &names(&all, rule)))
}

/// The names of the options whose values combine by `rule`, as the end of a sentence.
fn names(all: &[&Declaration], rule: Rule) -> String {
    let of_rule = all.iter().filter(|option| option.rule == rule);
    let lines: Vec<_> = of_rule.map(|option| format!(".BR {}", option.name)).collect();
    lines.join(" ,\n") + " ."
}

/// The entry of an option: its names, and its text, a sentence a line.
fn entry(option: &Declaration) -> String {
    let others: Vec<_> = option.other_names.iter().copied().filter(|name| *name != option.name).collect();
    let others = if others.is_empty() { String::new() } else { format!(" \" (\" {} )", others.join(" \", \" ")) };
    let text = styled(option.text.trim());
    format!(".TP\n.BR {}{others}\n{}", option.name, sentences(&text).join("\n"))
}

/// `text` in roff, what stands between backquotes bold and what stands between asterisks italic.
fn styled(text: &str) -> String {
    let plain = text.replace('\\', r"\e").replace('~', r"\(ti").replace('-', r"\-");
    let is_inside = |place: usize| place % 2 == 1;
    let bold = |(place, part): (usize, &str)| {
        if is_inside(place) {
            return format!(r"\fB{part}\fR");
        }
        part.split('*').enumerate().map(|(place, part)| italic(is_inside(place), part)).collect()
    };
    plain.split('`').enumerate().map(bold).collect()
}

fn italic(is_italic: bool, part: &str) -> String {
    if is_italic { format!(r"\fI{part}\fR") } else { part.to_owned() }
}

/// The sentences of `text`.
fn sentences(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    let ends = |(at, _): &(usize, &str)| text[at + 2..].starts_with(|c: char| c.is_uppercase());
    let mut from = 0;
    for (at, _) in text.match_indices(". ").filter(ends) {
        let (sentence, after) = rest.split_at(at + 1 - from);
        all.push(sentence);
        rest = &after[1..];
        from = at + 2;
    }
    all.push(rest);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_a_sentence_a_line_in_bold_and_italics() {
        let text = styled("One of `a_b` and *PATH#NAME*. By --conf, i. e. ~. Two.");
        let lines = [r"One of \fBa_b\fR and \fIPATH#NAME\fR.", r"By \-\-conf, i. e. \(ti.", "Two."];
        assert_eq!(sentences(&text), lines);
    }
}
