//! The layers of the code: what may know of what. The compiler keeps the library blind to the binary; this
//! test keeps the parts of each apart.

use std::fs;
use std::path::{Path, PathBuf};

/// Top modules, and those that they may use. Everything may use itself and the clock.
const MAY_USE: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("redact", &[]),
    ("cookies", &["redact"]),
    ("internal", &["client", "cookies", "redact", "server"]),
    ("guide", &[]),
    ("session", &[]),
    ("stores", &["session"]),
    ("web", &["session"]),
    ("server", &[]),
    ("client", &["cookies", "redact"]),
    // The binary.
    ("texts", &[]),
    ("tour", &[]),
    ("app", &["texts"]),
    ("output", &["app", "texts", "tour"]),
    ("commands", &["app", "output", "texts", "tour"]),
];

/// Those that only the binary has.
const BINARY: &[&str] = &["texts", "tour", "app", "commands", "output"];

/// What of other crates is for one layer alone.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("warp", &["web/warp.rs", "bin/sessctl/app/"]),
    ("argon2", &["bin/sessctl/app/accounts/"]),
    ("ipnet", &["web/proxy.rs"]),
    ("prometheus_client", &["bin/sessctl/app/metrics.rs"]),
    ("tracing", &["bin/sessctl/output/server_log.rs"]),
    ("tracing_subscriber", &["bin/sessctl/output/server_log.rs"]),
    ("clap", &["bin/sessctl/commands/", "bin/sessctl/output/"]),
    ("clap_complete", &["bin/sessctl/commands/completions.rs"]),
    ("clap_mangen", &["bin/sessctl/commands/man.rs"]),
    ("colored", &["bin/sessctl/output/"]),
    ("mime_guess", &["bin/sessctl/commands/submit.rs"]),
    ("siphasher", &["redact/masking.rs"]),
    ("regress", &["client/html/form/check.rs"]),
    ("comfy_table", &["bin/sessctl/output/"]),
    ("indicatif", &["bin/sessctl/output/"]),
    ("terminal_size", &["bin/sessctl/output/"]),
    ("unicode_width", &["bin/sessctl/output/"]),
    ("fluent_bundle", &["bin/sessctl/texts/"]),
    ("unic_langid", &["bin/sessctl/texts/"]),
    ("rpassword", &["bin/sessctl/commands/password_source.rs"]),
    ("reqwest", &["client/", "cookies/interop.rs"]),
    ("rusqlite", &["stores/sqlite/"]),
    ("redis", &["stores/redis/"]),
    ("tokio_postgres", &["stores/postgres/"]),
    ("tokio_postgres_rustls", &["stores/postgres/tls.rs", "stores/postgres/pool.rs"]),
    ("deadpool_postgres", &["stores/postgres/"]),
    ("rustls_native_certs", &["stores/postgres/tls.rs"]),
    ("cookie_store", &["cookies/"]),
    ("reqwest_cookie_store", &["cookies/interop.rs"]),
    ("scraper", &["client/"]),
    ("hyper", &["client/http/error.rs", "server/"]),
    ("hyper_util", &["server/"]),
    (
        "rustls",
        &[
            "client/http/error.rs",
            "client/http/transport.rs",
            "server/tls.rs",
            "stores/redis/options.rs",
            "stores/postgres/",
        ],
    ),
    ("tokio_rustls", &["server/"]),
    (
        "askama",
        &[
            "bin/sessctl/app/pages/",
            "bin/sessctl/app/reply.rs",
            "bin/sessctl/app/inspect/inspect_page.rs",
            "bin/sessctl/output/sequence/svg.rs",
        ],
    ),
];

const LONGEST_FILE: usize = 420;

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files): (Vec<PathBuf>, Vec<(String, String)>) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 50, "the sources were found");
    files
}

/// Code lines, without comments and without the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    lines
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

fn module_of(file: &str) -> &str {
    let inside = file.strip_prefix("bin/sessctl/").unwrap_or(file);
    inside.split(['/', '.']).next().unwrap_or_default()
}

/// The modules that a line refers to by `crate::` or, in the binary, by `sessctl::`.
fn referred(line: &str) -> Vec<&str> {
    ["crate::", "sessctl::"]
        .iter()
        .flat_map(|prefix| line.match_indices(prefix).map(move |(start, found)| &line[start + found.len()..]))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default())
        .collect()
}

#[test]
fn each_layer_knows_only_those_below_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| file != "bin/sessctl/main.rs" && file != "lib.rs")
    {
        let own = module_of(file);
        let (_, allowed) = MAY_USE.iter().find(|(module, _)| *module == own).expect("a known module");
        let in_binary = BINARY.contains(&own);
        for (number, line) in code(text) {
            for module in
                referred(line).into_iter().filter(|module| MAY_USE.iter().any(|(known, _)| known == module))
            {
                let is_library = !BINARY.contains(&module);
                let may = module == own
                    || module == "clock"
                    || allowed.contains(&module)
                    || (in_binary && is_library);
                if !may {
                    wrong.push(format!("{file}:{number}: {own} must not use {module}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ways to name a module that the test above does not see through.
fn is_hidden(line: &str) -> bool {
    ["crate::{", "sessctl::{", "super::super", "crate::*", "sessctl::*"].iter().any(|way| line.contains(way))
}

#[test]
fn modules_are_named_in_full() {
    let mut wrong = Vec::new();
    for (file, text) in &sources() {
        wrong.extend(
            code(text)
                .filter(|(_, line)| is_hidden(line))
                .map(|(number, line)| format!("{file}:{number}: {line}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_test_of_this_kind_would_notice() {
    assert!(is_hidden("use crate::{client, server};") && is_hidden("use super::super::store;"));
    assert_eq!(referred("use crate::cookies::Jar;"), ["cookies"]);
    assert_eq!(referred("fn f(x: sessctl::server::Limits) -> crate::app::App {"), ["app", "server"]);
}

#[test]
fn foreign_crates_stay_in_their_layer() {
    let mut wrong = Vec::new();
    for (file, text) in &sources() {
        for (number, line) in code(text) {
            for (name, places) in ONLY_IN {
                let used = line.match_indices(&format!("{name}::")).any(|(start, _)| {
                    !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if used && !places.iter().any(|place| file.starts_with(place)) {
                    wrong.push(format!("{file}:{number}: {name} belongs into {places:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Products with logins of their own. What they write into cookies, and the files that other clients keep, is the
/// very matter of two places; everywhere else there are rules, not names.
#[test]
fn no_application_is_known_by_name() {
    let products = [
        "django",
        "flask",
        "express",
        "jupyter",
        "tomcat",
        "jenkins",
        "gitlab",
        "grafana",
        "wordpress",
        "laravel",
        "rails",
        "spring",
        "keycloak",
        "drupal",
        "joomla",
        "moodle",
        "phpmyadmin",
        "discourse",
        "devise",
        "wtforms",
        "j_username",
        "j_security",
        "wp-login",
        "jsessionid",
        "phpsessid",
        "connect.sid",
    ];
    let mut wrong = Vec::new();
    let about_formats = ["cookies/value/", "cookies/import/", "redact/names.rs"];
    for (file, text) in
        sources().iter().filter(|(file, _)| !about_formats.iter().any(|it| file.starts_with(it)))
    {
        for (number, line) in code(text) {
            let words: Vec<String> = line
                .split(|c: char| !c.is_alphanumeric() && !"_-.".contains(c))
                .map(str::to_lowercase)
                .collect();
            let named = products.iter().filter(|product| words.iter().any(|word| word == *product));
            wrong.extend(named.map(|product| format!("{file}:{number}: {product}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_output_writes_to_the_terminal() {
    let mut wrong = Vec::new();
    for (file, text) in sources().iter().filter(|(file, _)| !file.starts_with("bin/sessctl/output/")) {
        for (number, line) in code(text) {
            let writes = ["println!", "eprintln!", "print!", "dbg!", "io::stdout", "io::stderr"];
            if writes.iter().any(|way| line.contains(way)) {
                wrong.push(format!("{file}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_has_one_duty() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > LONGEST_FILE)
        .map(|(file, text)| format!("{file}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "more than {LONGEST_FILE} lines: {}", long.join(", "));
    let vague: Vec<String> = sources()
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| ["utils", "helpers", "common", "misc"].iter().any(|name| file.contains(name)))
        .collect();
    assert!(vague.is_empty(), "names that say nothing: {vague:?}");
}

#[test]
fn the_first_lines_of_a_file_say_what_it_is_for() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "{file} does not begin with a line of documentation");
    }
}
