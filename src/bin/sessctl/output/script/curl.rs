//! A shell script that repeats requests with curl. Secrets are in files of a private folder, so that the list of
//! processes does not show them.

use std::fmt::Write as _;

use super::flow_script::{Content, FlowScript, ScriptField, ScriptRequest};
use super::variables::Piece;
use crate::output::shell_word::quoted;

/// Sends a request and checks its status.
const SEND: &str = r#"
# send STATUS PAGE OPTIONS…: sends a request, keeps the page, and checks the status after redirects.
send() {
    expected=$1
    page=$folder/$2
    shift 2
    : >"$page"
    status=$(curl --silent --show-error --location --cookie "$folder/cookies" --cookie-jar "$folder/cookies" \
        --output "$page" --write-out '%{http_code}' "$@")
    if [ "$status" != "$expected" ]; then
        echo "expected status $expected, got $status" >&2
        exit 1
    fi
}
"#;

/// Finds the value of a field in the HTML of a page.
const PAGE_FIELD: &str = r#"
# page_field PAGE NAME: the value of an input element.
page_field() {
    tr '\n\t<' '  \n' <"$folder/$1" | grep -i '^input ' | grep -F -e "name=\"$2\"" -e "name='$2'" -e "name=$2 " |
        sed -n -e 's/.* value="\([^"]*\)".*/\1/p' -e "s/.* value='\([^']*\)'.*/\1/p" | head -n 1 |
        sed -e 's/&quot;/"/g' -e "s/&#39;/'/g" -e "s/&#x27;/'/g" -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g' |
        tr -d '\n'
}
"#;

pub(super) fn render(script: &FlowScript) -> String {
    let mut text = "#!/bin/sh\n# Repeats requests of a history of sessctl. Options of curl may follow the name of the script.\n\
                    # SESSCTL_COOKIES may name a cookies.txt to start with, as `sessctl exec` does.\n"
        .to_owned();
    text.push_str("set -eu\numask 077\n");
    for name in script.variables() {
        let _ = writeln!(text, ": \"${{{name}?set this variable}}\"");
    }
    text.push_str("folder=$(mktemp -d)\ntrap 'rm -rf \"$folder\"' EXIT\ncp \"${SESSCTL_COOKIES:-/dev/null}\" \"$folder/cookies\"\n");
    text.push_str(SEND);
    let from_page = |request: &ScriptRequest| match &request.content {
        Content::Form(fields, _) => fields.iter().any(|field| is_on_page(field, request)),
        _ => false,
    };
    if script.requests.iter().any(from_page) {
        text.push_str(PAGE_FIELD);
    }
    for (number, request) in (1..).zip(&script.requests) {
        write_request(&mut text, number, request);
    }
    if !script.requests.is_empty() {
        text.push_str("\ncat \"$page\"\n");
    }
    text
}

fn is_on_page(field: &ScriptField, request: &ScriptRequest) -> bool {
    field.from_page && request.page.is_some()
}

fn write_request(text: &mut String, number: usize, request: &ScriptRequest) {
    text.push('\n');
    if let Some(title) = &request.title {
        let _ = writeln!(text, "# {title}");
    }
    let Some(status) = request.status else {
        let _ = writeln!(text, "# {} got no response.", request.method);
        return;
    };
    let mut options: Vec<String> = Vec::new();
    match (request.method.as_str(), &request.content) {
        ("GET", Content::None) => {}
        ("HEAD", _) => options.push("--head".to_owned()),
        // curl turns it into a GET after a redirect, as browsers do, if it chooses the method itself.
        ("POST", Content::None) => options.push("--data ''".to_owned()),
        ("POST", _) => {}
        (method, _) => options.push(format!("--request {method}")),
    }
    for (index, (name, value)) in request.headers.iter().enumerate() {
        match &value[..] {
            [Piece::Text(value)] => options.push(format!("--header {}", quoted(&format!("{name}: {value}")))),
            pieces => {
                let file = format!("$folder/header-{number}-{index}");
                let _ = writeln!(text, "printf '%s\\n' \"{name}: {}\" >\"{file}\"", in_quotes(pieces));
                options.push(format!("--header \"@{file}\""));
            }
        }
    }
    write_content(text, number, request, &mut options);
    match &request.url[..] {
        [Piece::Text(url)] => options.push(quoted(url)),
        pieces => {
            let file = format!("$folder/url-{number}");
            let _ = writeln!(text, "printf 'url = \"%s\"\\n' \"{}\" >\"{file}\"", in_quotes(pieces));
            options.push(format!("--config \"{file}\""));
        }
    }
    let _ = writeln!(text, "send {status} page-{number} \"$@\" \\\n    {}", options.join(" \\\n    "));
}

fn write_content(text: &mut String, number: usize, request: &ScriptRequest, options: &mut Vec<String>) {
    match &request.content {
        Content::None => {}
        Content::Body(variable) => {
            let file = format!("$folder/body-{number}");
            let _ = writeln!(text, "printf %s \"${variable}\" >\"{file}\"");
            options.push(format!("--data-binary \"@{file}\""));
        }
        Content::Form(fields, is_multipart) => {
            for (index, field) in fields.iter().enumerate() {
                let (file, variable) = (format!("$folder/field-{number}-{index}"), &field.variable);
                let _ = match request.page.filter(|_| field.from_page) {
                    Some(page) => {
                        let name = quoted(&field.name);
                        let found = format!("$(page_field page-{} {name})", page + 1);
                        writeln!(text, "printf %s \"${{{variable}-{found}}}\" >\"{file}\"")
                    }
                    None => writeln!(text, "printf %s \"${variable}\" >\"{file}\""),
                };
                options.push(match is_multipart {
                    true => format!("--form {}\"<{file}\"", quoted(&format!("{}=", field.name))),
                    false => format!("--data-urlencode {}\"@{file}\"", quoted(&encoded(&field.name))),
                });
            }
        }
    }
}

/// A name as curl expects it before the file with the value.
fn encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

/// The content of a double-quoted word.
fn in_quotes(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Variable(name) => format!("${{{name}}}"),
        Piece::Text(text) => text.chars().fold(String::new(), |mut escaped, c| {
            if matches!(c, '"' | '\\' | '$' | '`') {
                escaped.push('\\');
            }
            escaped.push(c);
            escaped
        }),
    };
    pieces.iter().map(piece).collect()
}
