//! The examples of the types that applications and their tests start with.

use super::markdown::root;

const FILES: [&str; 27] = [
    "session/session.rs",
    "session/session_data.rs",
    "session/sessions.rs",
    "session/sessions_builder.rs",
    "session/bearer.rs",
    "session/config.rs",
    "session/cookie_config.rs",
    "session/login.rs",
    "session/flash.rs",
    "session/csrf_token.rs",
    "web/guard.rs",
    "web/guard_layer.rs",
    "web/layer.rs",
    "web/proxy.rs",
    "web/require_login.rs",
    "cookies/jar.rs",
    "cookies/explain.rs",
    "cookies/interop.rs",
    "client/http/agent.rs",
    "client/http/sign_on.rs",
    "client/http/credentials.rs",
    "client/http/password_targets.rs",
    "client/http/origin_headers.rs",
    "client/http/request.rs",
    "client/http/response.rs",
    "client/auth/login.rs",
    "client/auth/login/credentials.rs",
];

/// The code in the documentation of a file.
fn examples(text: &str) -> String {
    let docs = text.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    docs.collect::<Vec<_>>().join("\n").split("```").skip(1).step_by(2).collect()
}

/// The names of the public methods of a file.
fn public_methods(text: &str) -> Vec<&str> {
    let starts = ["    pub fn ", "    pub async fn ", "    pub const fn "];
    let heads = text.lines().filter_map(|line| starts.iter().find_map(|start| line.strip_prefix(start)));
    heads.filter_map(|head| head.split(['(', '<']).next()).collect()
}

#[test]
fn every_public_method_is_used_in_an_example() {
    let read = |file: &str| std::fs::read_to_string(root().join("src").join(file)).expect(file);
    let texts = FILES.map(read);
    let code: String = texts.iter().map(|text| examples(text)).collect();
    let mut missing = Vec::new();
    for (file, text) in FILES.iter().zip(&texts) {
        for name in public_methods(text) {
            let is_used = [".", "::"].iter().any(|before| {
                ["(", "::<"].iter().any(|after| code.contains(&format!("{before}{name}{after}")))
            });
            // For the binary, and hidden.
            if !is_used && name != "redactor" {
                missing.push(format!("{file}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
