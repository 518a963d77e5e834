//! A file for hurl, which repeats requests and checks the responses.

use std::fmt::Write as _;

use super::flow_script::{Content, FlowScript, ScriptField, ScriptRequest};
use super::variables::Piece;

pub(super) fn render(script: &FlowScript) -> String {
    let mut text =
        "# Repeats requests of a history of sessctl: hurl --variables-file FILE THIS_FILE\n".to_owned();
    let variables = script.variables();
    if !variables.is_empty() {
        let names: Vec<String> = variables.iter().map(|name| name.to_ascii_lowercase()).collect();
        let _ = writeln!(text, "# The file has a line NAME=VALUE for each of these: {}", names.join(", "));
    }
    for (index, request) in script.requests.iter().enumerate() {
        text.push('\n');
        write_request(&mut text, request);
        let later = script.requests.iter().filter(|later| later.page == Some(index));
        let mut captured: Vec<&ScriptField> = later.flat_map(from_page).collect();
        captured.dedup_by(|one, other| one.name == other.name);
        if !captured.is_empty() && request.status.is_some() {
            text.push_str("[Captures]\n");
            for field in captured {
                let name = field.name.replace('\\', "\\\\").replace('"', "\\\"");
                let _ = writeln!(
                    text,
                    "{}: xpath \"string((//*[@name='{name}']/@value)[1])\"",
                    field.variable.to_ascii_lowercase()
                );
            }
        }
    }
    text
}

/// The fields whose values are in the page with the form.
fn from_page(request: &ScriptRequest) -> impl Iterator<Item = &ScriptField> {
    let fields = match &request.content {
        Content::Form(fields, _) => &fields[..],
        _ => &[],
    };
    fields.iter().filter(|field| field.from_page)
}

fn write_request(text: &mut String, request: &ScriptRequest) {
    if let Some(title) = &request.title {
        let _ = writeln!(text, "# {title}");
    }
    let Some(status) = request.status else {
        let _ = writeln!(text, "# {} got no response.", request.method);
        return;
    };
    let _ = writeln!(text, "{} {}", request.method, template(&request.url));
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{name}: {}", template(value));
    }
    text.push_str("[Options]\nlocation: true\n");
    match &request.content {
        Content::None => {}
        Content::Form(fields, is_multipart) => {
            text.push_str(if *is_multipart { "[MultipartFormData]\n" } else { "[FormParams]\n" });
            for field in fields {
                let variable = field.variable.to_ascii_lowercase();
                let _ = writeln!(text, "{}: {{{{{variable}}}}}", escaped(&field.name));
            }
        }
        Content::Body(variable) => {
            let _ = writeln!(text, "```\n{{{{{}}}}}\n```", variable.to_ascii_lowercase());
        }
    }
    let _ = writeln!(text, "HTTP {status}");
}

/// A text with variables.
fn template(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Variable(name) => format!("{{{{{}}}}}", name.to_ascii_lowercase()),
        Piece::Text(text) => escaped(text),
    };
    pieces.iter().map(piece).collect()
}

/// A `#` would start a comment, and `{{` a variable.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#").replace("{{", "\\u{7b}\\u{7b}")
}
