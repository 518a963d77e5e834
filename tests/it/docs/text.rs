//! The text of the documentation: its length, its links, its words, and the commands and options that it names.

use std::collections::BTreeSet;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::markdown::{Page, pages, root};
use crate::support::{Home, plain_words};

const MAX_README_WORDS: usize = 1_500;

/// The commands of the binary, and of those that have some the commands within.
fn commands(home: &Home) -> Vec<Vec<String>> {
    let within = |words: &[String]| {
        let help = home.run(words.iter().map(String::as_str).chain(["--help"])).exits(0).stdout;
        let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
        let names = lines.filter_map(|line| Some(line.split_once("  ")?.0.to_owned()));
        let is_name =
            |name: &String| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains(' ');
        names.filter(is_name).filter(|name| name != "help").collect::<Vec<String>>()
    };
    let top = within(&[]);
    let nested = top.iter().flat_map(|name| {
        let names = if name == "help" { Vec::new() } else { within(std::slice::from_ref(name)) };
        names.into_iter().map(|inner| vec![name.clone(), inner])
    });
    let nested: Vec<Vec<String>> = nested.collect();
    top.iter().map(|name| vec![name.clone()]).chain(nested).collect()
}

#[test]
fn the_readme_is_short() {
    let words = Page::read("README.md".to_owned()).text.split_whitespace().count();
    assert!(words <= MAX_README_WORDS, "{words} words, at most {MAX_README_WORDS}");
}

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let mut broken = Vec::new();
    for page in pages() {
        for (line, target) in page.links() {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            if target.starts_with("https://") || target.starts_with("http://") {
                continue;
            }
            let exists = match path {
                "" => page.anchors().contains(anchor),
                _ if anchor.is_empty() => page.folder().join(path).exists(),
                _ => {
                    let file = page.folder().join(path).canonicalize();
                    file.is_ok_and(|file| {
                        let name = file.strip_prefix(root().canonicalize().expect("the root"));
                        let name = name.expect("a file of this repository").to_string_lossy().into_owned();
                        Page::read(name).anchors().contains(anchor)
                    })
                }
            };
            if !exists {
                broken.push(format!("{}:{line}: {target}", page.name));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_words_are_plain_and_the_spelling_is_american() {
    let found = |page: &Page| {
        let name = page.name.clone();
        plain_words::rejected(&page.plain_text()).into_iter().map(move |hit| format!("{name}:{hit}"))
    };
    let found: Vec<String> = pages().iter().flat_map(found).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_commands_chapter_has_every_command() {
    let chapter = Page::read("src/guide/commands.md".to_owned());
    let examples = chapter.examples().into_iter().map(|example| example.command);
    let spans = chapter.code_spans().into_iter().map(|(_, span)| span.to_owned());
    let named: Vec<String> =
        examples.flat_map(|line| [line.clone(), after_pipe(&line)]).chain(spans).collect();
    let missing: Vec<String> = commands(&Home::new())
        .into_iter()
        .map(|words| words.join(" "))
        .filter(|command| !named.iter().any(|span| is_of(span, command)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn after_pipe(line: &str) -> String {
    line.split_once("| ").map_or(line, |(_, rest)| rest).to_owned()
}

/// Whether a code span is this command, with or without arguments and the name of the binary.
fn is_of(span: &str, command: &str) -> bool {
    let span = span.strip_prefix("sessctl ").unwrap_or(span);
    span == command || span.strip_prefix(command).is_some_and(|rest| rest.starts_with(' '))
}

#[test]
fn commands_and_options_that_the_prose_names_exist() {
    let home = Home::new();
    let known = commands(&home);
    let help =
        |words: &[String]| home.run(words.iter().map(String::as_str).chain(["--help"])).exits(0).stdout;
    let mut all_help: String = known.iter().map(|words| help(words)).collect();
    for script in std::fs::read_dir(root().join("scripts")).expect("the scripts") {
        all_help.push_str(&std::fs::read_to_string(script.expect("a script").path()).expect("its text"));
    }
    let has = |text: &str, option: &str| {
        let mut ends =
            text.match_indices(option).map(|(start, found)| text[start + found.len()..].chars().next());
        ends.any(|next| next.is_none_or(|c| !c.is_alphanumeric() && c != '-'))
    };
    let mut wrong = Vec::new();
    for page in pages() {
        let spans = page.code_spans().into_iter().map(|(line, span)| (line, span.to_owned()));
        for (line, text) in spans.chain(page.shell_lines()) {
            let words: Vec<&str> = text.split_whitespace().collect();
            let options = words.iter().filter(|word| word.starts_with("--") && word.len() > 2);
            let options: BTreeSet<&str> = options
                .map(|word| word.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default())
                .collect();
            let text_of_help = match text.split_once("sessctl ").map(|(_, rest)| rest.split_whitespace()) {
                Some(mut rest) => {
                    let pair = [rest.next().unwrap_or_default(), rest.next().unwrap_or_default()];
                    let matching = known.iter().filter(|words| pair.iter().zip(*words).all(|(a, b)| a == b));
                    match matching.max_by_key(|words| words.len()) {
                        Some(words) => help(words),
                        None if pair[0].starts_with('-') || pair[0] == "help" => all_help.clone(),
                        None => {
                            wrong.push(format!("{}:{line}: no command {text}", page.name));
                            continue;
                        }
                    }
                }
                None if text.starts_with("cargo ") || text.starts_with("redis-") => continue,
                None => all_help.clone(),
            };
            let missing = options.into_iter().filter(|option| !has(&text_of_help, option));
            wrong.extend(missing.map(|option| format!("{}:{line}: no option {option}", page.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Commands that a test cannot run: those that build the project, and servers that need other programs.
#[test]
fn commands_that_are_shown_but_not_run_are_of_few_kinds() {
    for page in pages() {
        for (number, line) in page.shell_lines() {
            let program = line.split_whitespace().next().unwrap_or_default();
            let is_script = program.starts_with("scripts/") && root().join(program).is_file();
            let is_server = line.starts_with("sessctl serve") && line.contains(" --users ");
            let is_known = ["cargo", "export", "UPDATE_GUIDE=1"].contains(&program);
            assert!(is_script || is_server || is_known, "{}:{number}: {line}", page.name);
        }
    }
}

#[test]
fn the_korean_readme_has_the_parts_and_the_commands_of_the_english_one() {
    let [english, korean] = ["README.md", "src/guide/ko.md"].map(|name| Page::read(name.to_owned()));
    let commands = |page: &Page| page.examples().into_iter().map(|it| it.command).collect::<Vec<String>>();
    assert_eq!(commands(&english), commands(&korean));
    let parts = |page: &Page| page.prose().iter().filter(|(_, line)| line.starts_with("## ")).count();
    assert_eq!(parts(&english), parts(&korean));
}

#[test]
fn rustdoc_shows_every_chapter() {
    let module = std::fs::read_to_string(root().join("src/guide/mod.rs")).expect("the module");
    for page in pages().iter().filter(|page| page.name != "README.md") {
        let file = page.name.rsplit('/').next().expect("a name");
        assert!(module.contains(&format!("include_str!(\"{file}\")")), "{file} is not in src/guide/mod.rs");
    }
}

#[test]
fn rustdoc_shows_the_pictures_that_the_pages_show() {
    let guide = root().join("src/guide");
    let pictures = std::fs::read_to_string(guide.join("rustdoc_pictures.txt")).expect("the data URLs");
    let mut names = BTreeSet::new();
    for line in pictures.lines().filter(|line| !line.is_empty()) {
        let (name, url) =
            line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).expect("a definition");
        let data = STANDARD.decode(url.split_once(";base64,").expect("a data URL").1).expect("base64");
        let file = std::fs::read(guide.join(name)).expect("the picture");
        assert!(data == file, "{name} differs: run scripts/pictures");
        assert!(file.len() < 150_000, "{name} is large");
        names.insert(name.to_owned());
    }
    for page in pages() {
        for (line, target) in page.links() {
            let file = target.rsplit('/').next().unwrap_or_default();
            let is_picture = [".svg", ".webp", ".png"].iter().any(|ending| file.ends_with(ending));
            assert!(!is_picture || names.contains(file), "{}:{line}: {file} has no data URL", page.name);
        }
    }
}

#[test]
fn the_map_of_the_architecture_shows_files_that_exist() {
    let page = Page::read("src/guide/architecture.md".to_owned());
    let (_, map) = page.blocks_of("text").into_iter().next().expect("the map");
    let mut folders: Vec<(usize, PathBuf)> = vec![(0, root())];
    let mut missing = Vec::new();
    for line in map.lines() {
        let depth = line.len() - line.trim_start().len();
        folders.retain(|(of, folder)| *of < depth || *folder == root());
        let names = line.trim_start().split("  ").next().unwrap_or_default().split(' ');
        let folder = folders.last().expect("a folder").1.clone();
        let paths: Vec<PathBuf> = names.map(|name| folder.join(name)).collect();
        missing.extend(paths.iter().filter(|path| !path.exists()).map(|path| path.display().to_string()));
        folders.extend(paths.into_iter().map(|path| (depth, path)));
    }
    let spans = page.code_spans();
    let paths = spans
        .iter()
        .map(|(_, span)| *span)
        .filter(|span| span.starts_with("src/") || span.starts_with("tests/"));
    missing.extend(paths.filter(|path| !root().join(path).exists()).map(str::to_owned));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_store_in_the_guide_has_60_lines() {
    let page = Page::read("src/guide/stores.md".to_owned());
    let blocks = page.blocks_of("rust");
    let store = blocks.iter().find(|(_, code)| code.contains("impl SessionStore for")).expect("the store");
    let (code, _) = store.1.split_once("#[tokio::main]").expect("its check");
    assert!(code.lines().filter(|line| !line.trim().is_empty()).count() <= 60, "{code}");
    assert!(code.lines().all(|line| line.len() <= 130), "{code}");
}
