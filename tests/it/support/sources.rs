//! The project's own source files, read as modules that import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One source file below `src`.
#[derive(Debug)]
pub struct Source {
    /// Its path below `src`.
    pub file: String,
    /// All of its text.
    pub text: String,
    /// Its crate (`sessctl` for the library, `bin` for the binary) and module, for example `["bin", "output", "style"]`.
    module: Vec<String>,
}

/// All source files, with what each module defines and re-exports.
#[derive(Debug)]
pub struct Sources {
    pub files: Vec<Source>,
    by_module: BTreeMap<Vec<String>, usize>,
    definitions: Vec<BTreeSet<String>>,
    imports: Vec<BTreeMap<String, Vec<String>>>,
}

/// The lines of code with their numbers: no comments, and not the unit tests at the end of a file.
pub fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    lines
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

impl Source {
    /// The top-level module: `client` for `client/http/agent.rs`, `output` for `bin/sessctl/output/style.rs`.
    pub fn room(&self) -> &str {
        self.module.get(1).map_or("", String::as_str)
    }

    pub fn is_binary(&self) -> bool {
        self.module[0] == "bin"
    }
}

impl Sources {
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut files): (Vec<PathBuf>, Vec<Source>) = (vec![root.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let file = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
                    let text = fs::read_to_string(&path).expect("a text");
                    files.push(Source { module: module_of(&file), file, text });
                }
            }
        }
        assert!(files.len() > 100, "only {} source files were found", files.len());
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let by_module = files.iter().enumerate().map(|(index, it)| (it.module.clone(), index)).collect();
        let mut sources = Sources { files, by_module, definitions: Vec::new(), imports: Vec::new() };
        sources.definitions = sources.files.iter().map(|it| definitions(&it.text)).collect();
        sources.imports = (0..sources.files.len()).map(|index| sources.imported_names(index)).collect();
        sources
    }

    /// The files that a file refers to, by index: each path is followed through re-exports to its definition.
    pub fn uses(&self, index: usize) -> BTreeSet<usize> {
        let own = &self.files[index].module;
        let text: String = code(&self.files[index].text).flat_map(|(_, line)| [line, "\n"]).collect();
        let mut paths: Vec<Vec<String>> =
            use_paths(&text).iter().filter_map(|(path, _)| self.absolute(own, path)).collect();
        paths.extend(inline_paths(&text).iter().filter_map(|path| self.absolute(own, path)));
        let mut used: BTreeSet<usize> = paths.iter().filter_map(|path| self.defining(path, 0)).collect();
        used.remove(&index);
        used
    }

    /// A path from its crate's root, for example `["sessctl", "cookies", "Jar"]`. `None` for other crates.
    fn absolute(&self, own: &[String], path: &str) -> Option<Vec<String>> {
        let mut segments = path.split("::").map(str::trim).peekable();
        let mut base = match *segments.peek()? {
            "crate" => vec![own[0].clone()],
            "sessctl" => vec!["sessctl".to_owned()],
            "self" | "super" => own.to_vec(),
            child => {
                let mut module = own.to_vec();
                module.push(child.to_owned());
                self.by_module.get(&module)?;
                own.to_vec()
            }
        };
        while let Some(first) =
            segments.peek().filter(|it| ["crate", "sessctl", "self", "super"].contains(it))
        {
            if *first == "super" {
                base.pop();
            }
            segments.next();
        }
        base.extend(segments.map(str::to_owned));
        Some(base)
    }

    /// The file that defines what an absolute path names.
    fn defining(&self, path: &[String], depth: usize) -> Option<usize> {
        let length = (1..=path.len()).rev().find(|&length| self.by_module.contains_key(&path[..length]))?;
        let module = self.by_module[&path[..length]];
        let Some(name) = path.get(length) else { return Some(module) };
        if self.definitions[module].contains(name) || depth > 8 {
            return Some(module);
        }
        match self.imports.get(module).and_then(|names| names.get(name)) {
            Some(target) => self.defining(target, depth + 1),
            None => Some(module),
        }
    }

    /// The names that a file imports, with the absolute path of each.
    fn imported_names(&self, index: usize) -> BTreeMap<String, Vec<String>> {
        let source = &self.files[index];
        let text: String = code(&source.text).flat_map(|(_, line)| [line, "\n"]).collect();
        let named = |(path, alias): (String, Option<String>)| {
            let name = alias.unwrap_or_else(|| path.rsplit("::").next().unwrap_or_default().to_owned());
            Some((name, self.absolute(&source.module, &path)?))
        };
        use_paths(&text).into_iter().filter_map(named).collect()
    }
}

fn module_of(file: &str) -> Vec<String> {
    let (root, path) = match file.strip_prefix("bin/sessctl/") {
        Some(path) => ("bin", path),
        None => ("sessctl", file),
    };
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<String> = [root].into_iter().chain(path.split('/')).map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// The names of the items at the top level of a file.
fn definitions(text: &str) -> BTreeSet<String> {
    const KINDS: [&str; 9] =
        ["struct", "enum", "fn", "const", "static", "type", "trait", "union", "macro_rules!"];
    let mut names = BTreeSet::new();
    for (_, line) in code(text).filter(|(_, line)| !line.starts_with([' ', '}', '#'])) {
        let mut words =
            line.split(|c: char| c.is_whitespace() || "(<:;{=".contains(c)).filter(|it| !it.is_empty());
        if let (Some(_), Some(name)) = (words.find(|word| KINDS.contains(word)), words.next()) {
            names.insert(name.to_owned());
        }
    }
    names
}

/// Every path of every `use` in the text, with its alias; groups are taken apart.
fn use_paths(text: &str) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("use ") {
        let line = &text[text[..start].rfind('\n').map_or(0, |it| it + 1)..start];
        let visibility = line.trim();
        if visibility.is_empty() || (visibility.starts_with("pub") && !visibility.contains(' ')) {
            let tree = text[start + 4..].split(';').next().unwrap_or_default();
            flatten("", tree, &mut found);
        }
    }
    found
}

fn flatten(prefix: &str, tree: &str, found: &mut Vec<(String, Option<String>)>) {
    let tree = tree.trim();
    if let Some((path, group)) = tree.split_once('{') {
        let group = group.trim_end().strip_suffix('}').unwrap_or(group);
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !group[start..at].trim().is_empty() {
                        flatten(&format!("{prefix}{}", path.trim()), &group[start..at], found);
                    }
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, alias) =
        tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.to_owned())));
    let whole =
        if path == "self" { prefix.trim_end_matches("::").to_owned() } else { format!("{prefix}{path}") };
    found.push((whole, alias));
}

/// Paths in the code itself, for example `crate::clock::Timestamp` or, of a child module, `policy::may_send`.
fn inline_paths(text: &str) -> Vec<String> {
    // A visibility such as `pub(in crate::client)` is not a use.
    let text: String = text.split("pub(in ").map(|part| part.trim_start_matches("crate::")).collect();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c: char| !is_part(c)).filter(|word| word.contains("::"));
    words.map(|word| word.trim_matches(':').to_owned()).filter(|word| !word.is_empty()).collect()
}
