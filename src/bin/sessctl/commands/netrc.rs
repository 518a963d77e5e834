//! The credentials of a host in a netrc file (`$NETRC`, else `~/.netrc`), which curl, wget and Git read too.

use std::iter::Peekable;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::str::Chars;

use sessctl::internal::SharedFile;

use crate::texts::{Message, Texts};

/// The user name and the password of this host. A file that others can read or write is not used.
pub(super) fn credentials_for(host: &str, texts: Texts, warn: impl Fn(&str)) -> Option<(String, String)> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".netrc"));
    let named = std::env::var_os("NETRC").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = named.or_else(home)?;
    let content = match SharedFile::new(&path).read() {
        Ok(content) => content?,
        Err(error) => {
            warn(&crate::output::error_chain(&error));
            return None;
        }
    };
    let found = entry_of(&String::from_utf8_lossy(&content), host)?;
    if std::fs::metadata(&path).is_ok_and(|it| it.mode() & 0o077 != 0) {
        let path = path.display().to_string();
        let english = format!("{path} is not used: other users may read it; run chmod 600 on it");
        warn(&Message::new("warning-netrc-open", english).with("path", path).said(texts));
        return None;
    }
    Some(found)
}

/// The first entry for this host or for any host that has a name and a password.
fn entry_of(content: &str, host: &str) -> Option<(String, String)> {
    let mut chars = content.chars().peekable();
    let (mut is_ours, mut login, mut password) = (false, None, None);
    while let Some(word) = next_word(&mut chars) {
        match word.as_str() {
            "machine" | "default" => {
                if is_ours && login.is_some() && password.is_some() {
                    break;
                }
                (login, password) = (None, None);
                is_ours = word == "default"
                    || next_word(&mut chars).is_some_and(|name| name.eq_ignore_ascii_case(host));
            }
            "login" => login = next_word(&mut chars),
            "password" => password = next_word(&mut chars),
            "account" => drop(next_word(&mut chars)),
            // A macro ends with an empty line.
            "macdef" => {
                let mut last = ' ';
                while let Some(c) = chars.next().filter(|c| *c != '\n' || last != '\n') {
                    last = c;
                }
            }
            comment if comment.starts_with('#') => while chars.next_if(|c| *c != '\n').is_some() {},
            _ => {}
        }
    }
    is_ours.then_some(login.zip(password))?
}

/// The next word. It may be in quotation marks, with `\` before a character that is meant literally.
fn next_word(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    while chars.next_if(|c| c.is_whitespace()).is_some() {}
    let is_quoted = chars.next_if_eq(&'"').is_some();
    let mut word = String::new();
    loop {
        let ends = |c: &char| if is_quoted { *c == '"' } else { c.is_whitespace() };
        match chars.next_if(|c| !ends(c)) {
            Some('\\') if is_quoted => word.extend(chars.next()),
            Some(c) => word.push(c),
            None => break,
        }
    }
    let has_end = is_quoted && chars.next().is_some();
    (has_end || !word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_of_a_host_is_found() {
        let content = "# machine app.test login no password no\nmachine other.test login o password p\n\
            macdef init\nmachine app.test login m password m\n\nmachine APP.test\n  login al  account x\n  \
            password \"a \\\"b\" # a comment\nmachine half.test login x\nmachine hash.test login h password #1\n\
            default login anonymous password d";
        for (host, expected) in [
            ("app.test", Some(("al", "a \"b"))),
            ("other.test", Some(("o", "p"))),
            ("hash.test", Some(("h", "#1"))),
            ("unknown.test", Some(("anonymous", "d"))),
        ] {
            let found = entry_of(content, host);
            let found = found.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
            assert_eq!(found, expected, "{host}");
        }
        assert_eq!(entry_of("machine a.test login x", "a.test"), None);
        assert_eq!(entry_of("machine a.test login x password y", "b.test"), None);
        assert_eq!(entry_of("", "b.test"), None);
    }
}
