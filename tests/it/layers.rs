//! The layers of the code: which module may import which. Library and binary are two crates, so the compiler keeps
//! the library from using the binary. This test keeps the modules of each apart.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::sources::{Sources, code};

/// The top-level modules of the library, and the modules that each may import.
const LIBRARY: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("redact", &[]),
    ("tls_provider", &[]),
    ("server", &["tls_provider"]),
    ("guide", &[]),
    ("session", &["clock"]),
    ("stores", &["session", "clock", "tls_provider"]),
    ("web", &["session"]),
    ("cookies", &["clock", "redact"]),
    ("client", &["cookies", "redact", "clock", "tls_provider"]),
    ("audit", &["client", "cookies", "redact", "clock"]),
    // Re-exports for the binary only, outside the SemVer promise.
    ("internal", &["client", "cookies", "redact", "server"]),
];

/// The top-level modules of the binary. Each may use the library.
const BINARY: &[(&str, &[&str])] = &[
    ("json", &[]),
    ("texts", &[]),
    ("tour", &[]),
    ("app", &["json", "texts"]),
    ("output", &["app", "json", "texts", "tour"]),
    ("commands", &["app", "output", "texts", "tour"]),
];

/// Foreign crates, and the only places that may use them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("warp", &["web/warp.rs", "bin/sessctl/app/"]),
    ("axum_core", &["web/axum.rs"]),
    ("argon2", &["bin/sessctl/app/accounts/"]),
    ("ipnet", &["web/proxy.rs", "bin/sessctl/app/accounts/throttle.rs"]),
    ("prometheus_client", &["bin/sessctl/app/metrics.rs"]),
    ("tracing", &["bin/sessctl/output/server_log.rs"]),
    ("tracing_subscriber", &["bin/sessctl/output/server_log.rs"]),
    ("clap", &["bin/sessctl/commands/", "bin/sessctl/output/", "bin/sessctl/texts/"]),
    ("clap_complete", &["bin/sessctl/commands/completions.rs"]),
    ("clap_mangen", &["bin/sessctl/commands/man.rs"]),
    ("colored", &["bin/sessctl/output/"]),
    ("mime_guess", &["bin/sessctl/commands/submit.rs"]),
    ("siphasher", &["redact/masking.rs"]),
    ("html5ever", &["client/html/parser.rs"]),
    ("totp_rs", &["client/auth/totp.rs"]),
    ("fancy_regex", &["client/html/form/pattern.rs"]),
    ("comfy_table", &["bin/sessctl/output/"]),
    ("quick_junit", &["bin/sessctl/output/audit/junit.rs"]),
    ("serde_sarif", &["bin/sessctl/output/audit/sarif.rs"]),
    ("indicatif", &["bin/sessctl/output/"]),
    ("terminal_size", &["bin/sessctl/output/"]),
    ("toml_edit", &["bin/sessctl/commands/config/"]),
    ("tower", &["bin/sessctl/app/"]),
    ("unicode_width", &["bin/sessctl/output/"]),
    ("fluent_bundle", &["bin/sessctl/texts/"]),
    ("unic_langid", &["bin/sessctl/texts/"]),
    ("rpassword", &["bin/sessctl/commands/password_source.rs"]),
    ("reqwest", &["client/", "cookies/interop.rs"]),
    ("rusqlite", &["stores/sqlite/", "cookies/import/"]),
    ("command_fds", &["client/browser/"]),
    ("tokio_tungstenite", &["client/browser/"]),
    ("redis", &["stores/redis/"]),
    ("tokio_postgres", &["stores/postgres/"]),
    (
        "tokio_postgres_rustls",
        &["stores/postgres/tls.rs", "stores/postgres/pool.rs", "stores/postgres/connector.rs"],
    ),
    ("deadpool_postgres", &["stores/postgres/"]),
    (
        "rustls_native_certs",
        &["client/http/certificates.rs", "stores/postgres/tls.rs", "stores/redis/tls.rs"],
    ),
    ("rustls_platform_verifier", &["client/http/tls.rs"]),
    ("cookie_store", &["cookies/"]),
    ("reqwest_cookie_store", &["cookies/interop.rs"]),
    ("scraper", &["client/", "audit/"]),
    ("hyper", &["client/http/error.rs", "server/"]),
    ("hyper_util", &["server/"]),
    (
        "rustls",
        &[
            "tls_provider.rs",
            "client/http/certificates.rs",
            "client/http/client_certificate.rs",
            "client/http/tls.rs",
            "client/http/tls_failure.rs",
            "server/tls.rs",
            "stores/redis/server.rs",
            "stores/redis/tls.rs",
            "stores/postgres/",
        ],
    ),
    ("tokio_rustls", &["server/", "stores/redis/server.rs"]),
    (
        "askama",
        &[
            "bin/sessctl/app/pages.rs",
            "bin/sessctl/app/page_texts.rs",
            "bin/sessctl/app/reply.rs",
            "bin/sessctl/app/inspect/inspect_page.rs",
            "bin/sessctl/output/audit/html.rs",
            "bin/sessctl/output/sequence/svg.rs",
        ],
    ),
];

const MAX_FILE_LINES: usize = 400;

/// Cycles of two files are allowed, for example a type and its iterator.
const MAX_CYCLE_FILES: usize = 2;

#[test]
fn each_module_imports_only_what_the_map_allows() {
    let sources = Sources::read();
    let mut wrong = BTreeSet::new();
    for (index, source) in sources.files.iter().enumerate().filter(|(_, it)| !it.room().is_empty()) {
        let map = if source.is_binary() { BINARY } else { LIBRARY };
        let Some((_, allowed)) = map.iter().find(|(name, _)| *name == source.room()) else {
            panic!("{}: the module `{}` is not in the map", source.file, source.room());
        };
        for used in sources.uses(index).into_iter().map(|used| &sources.files[used]) {
            let is_allowed = used.room() == source.room()
                || used.room().is_empty()
                || (source.is_binary() && !used.is_binary())
                || allowed.contains(&used.room());
            if !is_allowed {
                wrong.insert(format!("{}: {} must not import {}", source.file, source.room(), used.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn the_map_has_no_cycle() {
    for map in [LIBRARY, BINARY] {
        let number = |name: &str| map.iter().position(|(it, _)| *it == name).expect("a module of the map");
        let uses: Vec<BTreeSet<usize>> =
            map.iter().map(|(_, allowed)| allowed.iter().map(|it| number(it)).collect()).collect();
        assert!(cycles(&uses).is_empty());
    }
}

#[test]
fn no_cycle_of_imports_has_more_than_two_files() {
    let sources = Sources::read();
    let uses: Vec<BTreeSet<usize>> = (0..sources.files.len()).map(|index| sources.uses(index)).collect();
    let files = |cycle: &BTreeSet<usize>| -> Vec<&str> {
        cycle.iter().map(|&index| sources.files[index].file.as_str()).collect()
    };
    let long: Vec<String> = cycles(&uses)
        .iter()
        .filter(|it| it.len() > MAX_CYCLE_FILES)
        .map(|cycle| files(cycle).join(", "))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The groups of more than one node in which each reaches each other.
fn cycles(uses: &[BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
    let reached: Vec<BTreeSet<usize>> = (0..uses.len())
        .map(|start| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(node) = open.pop() {
                open.extend(uses[node].iter().filter(|&&next| seen.insert(next)));
            }
            seen
        })
        .collect();
    let group = |node: usize| -> BTreeSet<usize> {
        reached[node].iter().copied().filter(|&other| reached[other].contains(&node)).collect()
    };
    let groups: BTreeSet<BTreeSet<usize>> = (0..uses.len()).map(group).filter(|it| it.len() > 1).collect();
    groups.into_iter().collect()
}

#[test]
fn cycles_are_found() {
    let uses = [vec![1], vec![2], vec![0], vec![0]].map(|it| it.into_iter().collect());
    assert_eq!(cycles(&uses), [BTreeSet::from([0, 1, 2])]);
    let sources = Sources::read();
    let index = |file: &str| sources.files.iter().position(|it| it.file == file).expect("a file");
    assert!(
        sources.uses(index("stores/memory.rs")).contains(&index("session/store.rs")),
        "through a re-export"
    );
}

#[test]
fn no_two_types_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in &Sources::read().files {
        for (number, line) in code(&source.text) {
            let mut words = line.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_type = words.any(|word| ["struct", "enum", "trait", "union"].contains(&word));
            if let Some(name) = words.next().filter(|_| is_type && line.starts_with(['p', 's', 'e', 't'])) {
                places.entry(name.to_owned()).or_default().push(format!("{}:{number}", source.file));
            }
        }
    }
    let shared: Vec<String> = places
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

fn sources() -> Vec<(String, String)> {
    Sources::read().files.into_iter().map(|source| (source.file, source.text)).collect()
}

/// Ways to name a module that `Sources` does not follow.
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
fn hidden_paths_are_found() {
    assert!(is_hidden("use crate::{client, server};") && is_hidden("use super::super::store;"));
}

#[test]
fn foreign_crates_are_used_only_where_the_map_allows() {
    let mut wrong = Vec::new();
    for (file, text) in &sources() {
        for (number, line) in code(text) {
            for (name, places) in ONLY_IN {
                let used = line.match_indices(&format!("{name}::")).any(|(start, _)| {
                    !line[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if used && !places.iter().any(|place| file.starts_with(place)) {
                    wrong.push(format!("{file}:{number}: {name} may be used only in {places:?}"));
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
fn no_file_is_longer_than_the_limit_or_has_a_vague_name() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > MAX_FILE_LINES)
        .map(|(file, text)| format!("{file}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "more than {MAX_FILE_LINES} lines: {}", long.join(", "));
    let vague: Vec<String> = sources()
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| ["utils", "helpers", "common", "misc"].iter().any(|name| file.contains(name)))
        .collect();
    assert!(vague.is_empty(), "vague file names: {vague:?}");
}

#[test]
fn every_file_starts_with_documentation() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "{file} does not start with a line of documentation");
    }
}
