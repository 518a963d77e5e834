//! A curl command line, as the developer tools of browsers copy it: its URL and its cookies.

use std::iter::Peekable;
use std::str::Chars;

use url::Url;

use super::cookie_line;
use super::imported::{ImportError, ImportFormat, Imported};
use crate::clock::Timestamp;

/// Options of curl with a value, if they have one letter.
const SHORT_WITH_VALUE: &str = "AbcCdDeEFHKmoPQrtTuUwxXyYz";

/// Options of curl with a value that people and browsers write.
const LONG_WITH_VALUE: &[&str] = &[
    "cacert",
    "cert",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cookie-jar",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "dump-header",
    "form",
    "form-string",
    "header",
    "interface",
    "json",
    "key",
    "limit-rate",
    "max-redirs",
    "max-time",
    "oauth2-bearer",
    "output",
    "proxy",
    "proxy-user",
    "range",
    "referer",
    "request",
    "resolve",
    "retry",
    "upload-file",
    "url",
    "url-query",
    "user",
    "user-agent",
    "write-out",
];

/// What a command line says about cookies.
#[derive(Default)]
struct CurlCommand {
    urls: Vec<String>,
    /// Values of `Cookie` headers.
    lines: Vec<String>,
    /// `-b FILE`
    reads_file: bool,
}

pub(super) fn read(text: &str, now: Timestamp) -> Result<Imported, ImportError> {
    let mut imported = Imported::new(ImportFormat::CurlCommand);
    let commands = split(&without_carets(text));
    let commands = commands.iter().filter(|words| words.first().is_some_and(|word| word == "curl"));
    for (number, words) in (1..).zip(commands) {
        let before = if number == 1 { String::new() } else { format!("command {number}, ") };
        let command = CurlCommand::of(&words[1..]);
        if command.reads_file {
            imported.reject(format!("{before}option -b"), "it names a file; import that file");
        }
        let Some(url) = command.url() else {
            imported.reject(format!("command {number}"), "it has no valid URL");
            continue;
        };
        for line in &command.lines {
            cookie_line::add(&mut imported, line, &before, &url, now);
        }
    }
    cookie_line::note_attributes(&mut imported);
    Ok(imported)
}

impl CurlCommand {
    fn of(words: &[String]) -> Self {
        let mut command = CurlCommand::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) {
                if LONG_WITH_VALUE.contains(&name) {
                    command.add(name, words.next().map_or("", String::as_str));
                }
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                // `-sb VALUE` and `-sbVALUE`: the first option with a value takes the rest.
                let Some(at) = letters.find(|c| SHORT_WITH_VALUE.contains(c)) else { continue };
                let (name, rest) = (&letters[at..=at], &letters[at + 1..]);
                let value = if rest.is_empty() { words.next().map_or("", String::as_str) } else { rest };
                command.add(name, value);
            } else if word != "-" {
                command.urls.push(word.clone());
            }
        }
        command
    }

    fn add(&mut self, option: &str, value: &str) {
        match option {
            "url" => self.urls.push(value.to_owned()),
            "b" | "cookie" if value.contains('=') => self.lines.push(value.to_owned()),
            "b" | "cookie" => self.reads_file = true,
            "H" | "header" => {
                let header = value.split_once(':');
                let cookie = header.filter(|(name, _)| name.trim().eq_ignore_ascii_case("cookie"));
                self.lines.extend(cookie.map(|(_, value)| value.to_owned()));
            }
            _ => {}
        }
    }

    /// The URL. The value of an option that is not in the list may look like one without a scheme.
    fn url(&self) -> Option<Url> {
        let named = self.urls.iter().find(|url| url.contains("://")).cloned();
        let url = named.or_else(|| Some(format!("http://{}", self.urls.first()?)))?;
        Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    }
}

/// The text without the escapes of the Windows command prompt, if it has any.
fn without_carets(text: &str) -> String {
    if !text.contains("^\"") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '^' => match chars.next() {
                // The command goes on in the next line.
                Some('\r') => _ = chars.next(),
                Some('\n') | None => {}
                Some(escaped) => plain.push(escaped),
            },
            c => plain.push(c),
        }
    }
    plain
}

/// The commands of a shell script, each as its words.
fn split(text: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some('\r') if chars.peek() == Some(&'\n') => _ = chars.next(),
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi_quoted(&mut chars, word.get_or_insert_default());
            }
            '\'' => word.get_or_insert_default().extend(chars.by_ref().take_while(|c| *c != '\'')),
            '"' => double_quoted(&mut chars, word.get_or_insert_default()),
            c if c.is_whitespace() || ";|&".contains(c) => {
                words.extend(word.take());
                if !matches!(c, ' ' | '\t' | '\r') {
                    commands.push(std::mem::take(&mut words));
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

fn double_quoted(chars: &mut Peekable<Chars<'_>>, word: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            '"' => return,
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => word.push(escaped),
                Some('\n') | None => {}
                Some(other) => word.extend(['\\', other]),
            },
            c => word.push(c),
        }
    }
}

/// `$'…'`, which browsers write for a value with `'`, `!` or characters beyond ASCII.
fn ansi_quoted(chars: &mut Peekable<Chars<'_>>, word: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            '\'' => return,
            '\\' => match chars.next() {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('x') => word.extend(code_point(chars, 2)),
                Some('u') => word.extend(code_point(chars, 4)),
                Some('U') => word.extend(code_point(chars, 8)),
                Some(escaped) => word.push(escaped),
                None => {}
            },
            c => word.push(c),
        }
    }
}

fn code_point(chars: &mut Peekable<Chars<'_>>, max_digits: usize) -> Option<char> {
    let mut code = 0;
    for _ in 0..max_digits {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) else { break };
        chars.next();
        code = code * 16 + digit;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::{split, without_carets};

    #[test]
    fn words_are_split_as_shells_do() {
        let words = |text: &str| split(&without_carets(text)).concat();
        assert_eq!(words("curl 'a b' \\\n  -b \"x=\\\"1\\\"\""), ["curl", "a b", "-b", "x=\"1\""]);
        assert_eq!(words(r"curl $'it\'s\u0021\n'"), ["curl", "it's!\n"]);
        assert_eq!(
            words("curl ^\"http://a.test/^\" ^\r\n  -b ^\"q=^\\^\"1^\\^\"^\""),
            ["curl", "http://a.test/", "-b", "q=\"1\""]
        );
        assert_eq!(
            split("curl a; curl b\ncurl 'c"),
            [vec!["curl", "a"], vec!["curl", "b"], vec!["curl", "c"]]
        );
    }
}
