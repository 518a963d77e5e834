//! The pages of the documentation as the tests read them: README.md and `src/guide/*.md`.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub struct Page {
    /// From the root of the repository, as `src/guide/json.md`.
    pub name: String,
    pub text: String,
}

pub struct Block {
    /// The word after the opening fence.
    pub kind: String,
    /// The lines between the fences, counted from 0.
    pub lines: Range<usize>,
}

/// A command of a `console` block and the lines of its answer.
pub struct Example {
    pub command: String,
    pub exit_code: i32,
    pub answer: Range<usize>,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md, then the chapters by name.
pub fn pages() -> Vec<Page> {
    let chapters = fs::read_dir(root().join("src/guide")).expect("the guide");
    let chapters = chapters.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let chapters: BTreeSet<String> = chapters.filter(|name| name.ends_with(".md")).collect();
    assert!(chapters.len() > 10, "the chapters were found");
    let chapters = chapters.into_iter().map(|name| format!("src/guide/{name}"));
    ["README.md".to_owned()].into_iter().chain(chapters).map(Page::read).collect()
}

impl Page {
    pub fn read(name: String) -> Page {
        let text = fs::read_to_string(root().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Page { name, text }
    }

    pub fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    pub fn folder(&self) -> PathBuf {
        root().join(Path::new(&self.name).parent().expect("a folder"))
    }

    pub fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open): (Vec<Block>, Option<(String, usize)>) = (Vec::new(), None);
        for (number, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), open.take()) {
                (Some(kind), None) => {
                    assert!(!kind.is_empty(), "{}:{}: a block without a kind", self.name, number + 1);
                    open = Some((kind.to_owned(), number + 1));
                }
                (Some(""), Some((kind, start))) => blocks.push(Block { kind, lines: start..number }),
                (_, opened) => open = opened,
            }
        }
        assert!(open.is_none(), "{}: a block without an end", self.name);
        blocks
    }

    /// The text of each block of a kind, with the number of its first line.
    pub fn blocks_of(&self, kind: &str) -> Vec<(usize, String)> {
        let lines = self.lines();
        let blocks = self.blocks().into_iter().filter(|block| block.kind == kind);
        blocks.map(|block| (block.lines.start + 1, lines[block.lines].join("\n"))).collect()
    }

    /// The commands of `sh` blocks, which are shown but not run, with the numbers of their lines.
    pub fn shell_lines(&self) -> Vec<(usize, String)> {
        let lines = self.blocks_of("sh").into_iter().flat_map(|(first, text)| {
            // A line that continues stays at its number.
            let text = text.replace("\\\n", "").lines().map(str::to_owned).collect::<Vec<String>>();
            text.into_iter().enumerate().map(move |(index, line)| (first + index, line))
        });
        lines.collect()
    }

    /// All commands of `console` blocks. `# exit code N` after a command is the exit code it ends with.
    pub fn examples(&self) -> Vec<Example> {
        let lines = self.lines();
        let mut examples = Vec::new();
        for block in self.blocks().into_iter().filter(|block| block.kind == "console") {
            let mut number = block.lines.start;
            while number < block.lines.end {
                let command = lines[number].strip_prefix("$ ");
                let command = command.unwrap_or_else(|| panic!("{}:{}: no command", self.name, number + 1));
                let mut command = command.to_owned();
                number += 1;
                while command.ends_with('\\') && number < block.lines.end {
                    command = format!("{command}\n{}", lines[number]);
                    number += 1;
                }
                let start = number;
                while number < block.lines.end && !lines[number].starts_with("$ ") {
                    number += 1;
                }
                let (command, exit_code) = command.rsplit_once(" # exit code ").unwrap_or((&command, "0"));
                let exit_code = exit_code.parse().expect("a number");
                examples.push(Example { command: command.to_owned(), exit_code, answer: start..number });
            }
        }
        examples
    }

    /// Lines outside of blocks, with their numbers.
    pub fn prose(&self) -> Vec<(usize, &str)> {
        let blocks = self.blocks();
        let in_block = |number: usize| {
            blocks.iter().any(|block| (block.lines.start - 1..=block.lines.end).contains(&number))
        };
        let lines = self.text.lines().enumerate().filter(|(number, _)| !in_block(*number));
        lines.map(|(number, line)| (number + 1, line)).collect()
    }

    /// The text without code, line by line.
    pub fn plain_text(&self) -> String {
        let (prose, mut text) = (self.prose(), String::new());
        for (number, _) in self.text.lines().enumerate() {
            let line = prose.iter().find(|(of, _)| *of == number + 1).map_or("", |(_, line)| line);
            text.extend(line.split('`').step_by(2));
            text.push('\n');
        }
        text
    }

    /// What stands between backticks outside of blocks, with the number of its line.
    pub fn code_spans(&self) -> Vec<(usize, &str)> {
        let spans = |(number, line)| {
            let count = str::matches(line, '`').count();
            assert!(count % 2 == 0, "{}:{number}: a code span does not end on its line", self.name);
            let spans = str::split(line, '`').skip(1).step_by(2);
            spans.map(move |span: &str| (number, span))
        };
        self.prose().into_iter().flat_map(spans).collect()
    }

    /// The anchors that GitHub and rustdoc give to the headings.
    pub fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose().into_iter().filter_map(|(_, line)| {
            let text = line.trim_start_matches('#');
            text.strip_prefix(' ').filter(|_| line.starts_with('#')).map(anchor)
        });
        headings.collect()
    }

    /// The targets of links and pictures, with the numbers of their lines.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in self.prose() {
            let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let defined = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            let targets = inline.chain(defined.map(|(_, target)| target.trim()));
            links.extend(targets.map(|target| (number, target.to_owned())));
        }
        links
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
