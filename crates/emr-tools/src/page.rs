//! A chapter as a manual page: its Markdown in the macros of man(7).
//!
//! A table becomes a list, which fits a terminal of any width: the first cell of a row is the head of an item.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::chapter::Chapter;

/// The day of the newest chapter, which `man` shows at the foot of the page.
const DATE: &str = "2026-11-29";

/// The page of `chapter`.
pub(crate) fn of(chapter: &Chapter) -> String {
    let mut page = Page::default();
    for event in Parser::new_ext(chapter.text, Options::ENABLE_TABLES) {
        page.take(event);
    }
    let title = chapter.page.to_uppercase();
    let version = env!("CARGO_PKG_VERSION");
    let head = format!(".TH {title} 7 \"{DATE}\" \"emr\\-tools {version}\" \"emr\\-tools\"\n.SH NAME\n");
    let name = format!("{} \\- {}\n", escaped(chapter.page), escaped(chapter.about()));
    head + &name + &page.text
}

/// A page that is being written.
#[derive(Default)]
struct Page {
    text: String,
    /// The text of the block that is being read.
    block: String,
    /// Whether the last line began a section or an item, which are paragraphs themselves.
    is_begun: bool,
    /// Whether the block is an item of a list.
    is_item: bool,
    /// Whether the block is code.
    is_code: bool,
    /// The heads of a table's columns.
    heads: Vec<String>,
    /// The cells of the row that is being read.
    cells: Vec<String>,
}

impl Page {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_code => self.block.push_str(&text),
            Event::Text(text) => self.block.push_str(&escaped(&text)),
            Event::Code(code) => self.block.push_str(&bold(&escaped(&code))),
            Event::SoftBreak => self.block.push('\n'),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag) {
        match tag {
            Tag::Item => {
                self.text.push_str(".IP \\(bu 2\n");
                (self.is_begun, self.is_item) = (true, true);
            }
            Tag::CodeBlock(_) => self.is_code = true,
            Tag::Strong => self.block.push_str("\\fB"),
            Tag::Emphasis => self.block.push_str("\\fI"),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::Paragraph => self.paragraph(),
            TagEnd::Item => {
                self.paragraph();
                self.is_item = false;
            }
            TagEnd::CodeBlock => self.code(),
            TagEnd::Strong | TagEnd::Emphasis => self.block.push_str("\\fR"),
            TagEnd::TableCell => self.cells.push(std::mem::take(&mut self.block)),
            TagEnd::TableHead => self.heads = std::mem::take(&mut self.cells),
            TagEnd::TableRow => self.row(),
            _ => {}
        }
    }

    /// A section. The heading of the chapter itself is its name, which stands above.
    fn heading(&mut self, level: HeadingLevel) {
        let heading = std::mem::take(&mut self.block);
        if level != HeadingLevel::H1 {
            self.text.push_str(".SH ");
            self.line(&heading.to_uppercase());
            self.is_begun = true;
        }
    }

    /// A paragraph, or one of an item.
    fn paragraph(&mut self) {
        let text = std::mem::take(&mut self.block);
        if text.is_empty() {
            return;
        }
        self.begin(if self.is_item { ".IP \"\" 2\n" } else { ".PP\n" });
        for line in text.lines() {
            self.line(line);
        }
    }

    /// Code, as it stands.
    fn code(&mut self) {
        self.begin(".PP\n");
        self.text.push_str(".nf\n");
        for line in std::mem::take(&mut self.block).lines() {
            self.line(&escaped(&format!("    {line}")));
        }
        self.text.push_str(".fi\n");
        self.is_code = false;
    }

    /// A row of a table: its first cell is the head of an entry. With more than two columns, each cell names its column.
    fn row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let Some((head, rest)) = cells.split_first() else { return };
        self.text.push_str(".TP\n");
        self.line(&bold(&head.replace("\\fB", "").replace("\\fR", "")));
        for (place, cell) in rest.iter().enumerate() {
            if place > 0 {
                self.text.push_str(".br\n");
            }
            match self.heads.get(place + 1) {
                Some(column) if rest.len() > 1 => self.line(&format!("\\fI{column}\\fR: {cell}")),
                _ => self.line(cell),
            }
        }
        self.is_begun = false;
    }

    /// Begins a paragraph by `control`, unless one has begun.
    fn begin(&mut self, control: &str) {
        if !std::mem::take(&mut self.is_begun) {
            self.text.push_str(control);
        }
    }

    /// A line of text. One that begins with a dot or a quote would be a request to roff.
    fn line(&mut self, line: &str) {
        if line.starts_with(['.', '\'']) {
            self.text.push_str("\\&");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// `text`, which is roff, in bold.
fn bold(text: &str) -> String {
    format!("\\fB{text}\\fR")
}

/// `text` in roff.
fn escaped(text: &str) -> String {
    let escape = |character| match character {
        '\\' => "\\e".to_owned(),
        '-' => "\\-".to_owned(),
        '~' => "\\(ti".to_owned(),
        '^' => "\\(ha".to_owned(),
        '`' => "\\(ga".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &'static str) -> String {
        let page = of(&Chapter { topic: "x", page: "emr-x", text });
        page.split_once("\\- about\n").expect("a page has a name").1.to_owned()
    }

    #[test]
    fn a_section_has_paragraphs_items_and_code() {
        let text =
            "# emr-x(7): about\n\n## One\n\nSee `--a`.\n.b is *c*.\n\n- **d** e\n\n- f\n\n```sh\nls -l \\\n```\n";
        let wanted = [
            ".SH ONE",
            "See \\fB\\-\\-a\\fR.",
            "\\&.b is \\fIc\\fR.",
            ".IP \\(bu 2",
            "\\fBd\\fR e",
            ".IP \\(bu 2",
            "f",
            ".PP",
            ".nf",
            "    ls \\-l \\e",
            ".fi\n",
        ];
        assert_eq!(page(text), wanted.join("\n"));
    }

    #[test]
    fn a_row_is_an_entry_and_its_further_cells_say_of_what_they_are() {
        let two = page("# emr-x(7): about\n\n## T\n\n| a | b |\n|---|---|\n| `1` | 2 |\n");
        assert_eq!(two, ".SH T\n.TP\n\\fB1\\fR\n2\n");
        let three = page("# emr-x(7): about\n\n## T\n\n| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n");
        assert_eq!(three, ".SH T\n.TP\n\\fB1\\fR\n\\fIb\\fR: 2\n.br\n\\fIc\\fR: 3\n");
    }
}
