//! A text in Markdown, and the code in it.

use std::fs;

use super::top;

/// README.md, or a chapter.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The language of each block of code, and the block.
    blocks: Vec<(String, String)>,
}

/// README.md, and then each chapter.
pub(crate) fn documents() -> Vec<Document> {
    let folder = fs::read_dir(top().join("man")).unwrap().map(|entry| entry.unwrap().path());
    let chapters = folder.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut names: Vec<_> = chapters.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    let chapters = names.iter().map(|name| Document::read(&format!("man/{name}")));
    [Document::read("README.md")].into_iter().chain(chapters).collect()
}

impl Document {
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(top().join(path)).unwrap();
        let name = path.trim_start_matches("man/").trim_end_matches(".md").to_owned();
        Self { name, blocks: blocks(&text), text }
    }

    /// The blocks of code in `language`.
    pub(crate) fn blocks(&self, language: &str) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter(move |(of, _)| of == language).map(|(_, text)| text.as_str())
    }

    /// What is typed: what stands behind `$ ` in the blocks for it, with its continuation lines.
    pub(crate) fn typed(&self) -> Vec<String> {
        let mut typed: Vec<String> = Vec::new();
        for line in self.blocks("console").flat_map(str::lines) {
            if let Some(command) = line.strip_prefix("$ ") {
                typed.push(command.to_owned());
            } else if let Some(last) = typed.last_mut().filter(|last| last.ends_with('\\')) {
                last.push('\n');
                last.push_str(line);
            }
        }
        typed
    }

    /// All code but settings and what a terminal shows: a text for each block, and for what stands between backquotes.
    pub(crate) fn code(&self) -> Vec<String> {
        let shown = self.blocks.iter().filter(|(language, _)| !["text", "yaml"].contains(&language.as_str()));
        let typed = shown.map(|(_, text)| text.replace("\\\n", " ").replace("\n$ ", "\n"));
        let prose = self.prose();
        let quoted = prose.split('`').enumerate().filter(|(place, _)| place % 2 == 1);
        typed.chain(quoted.map(|(_, code)| code.replace('\n', " ").replace("\\|", "|"))).collect()
    }

    /// What is not in a block. Of the rows of a table about another program only what is said of these tools.
    fn prose(&self) -> String {
        let mut is_block = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            if line.starts_with("```") {
                is_block = !is_block;
            } else if !is_block {
                let is_row = self.name == "emr-migrating" && line.starts_with("| ");
                prose.push_str(if is_row { line.split_once(" | ").unwrap().1 } else { line });
                prose.push('\n');
            }
        }
        assert_eq!(prose.matches('`').count() % 2, 0, "{}: a backquote is left open", self.name);
        prose
    }
}

/// The blocks between fences, and those that are indented, which have no language.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), block.join("\n") + "\n"));
        } else if let Some(code) = line.strip_prefix("    ") {
            blocks.push((String::new(), code.to_owned()));
        }
    }
    blocks
}
