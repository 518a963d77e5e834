//! [`Repeat`]: the commands that repeat a finding, without secrets.

use url::Url;

use sessctl::audit::{AuditReport, CheckResult, ShownValue};
use sessctl::internal::Redactor;

use super::args::AuditArgs;
use crate::commands::client_options::ClientArgs;
use crate::output::quoted;

/// The parts of the commands that repeat a finding.
pub(super) struct Repeat<'a> {
    redactor: &'a Redactor,
    start: String,
    user: Option<String>,
    page: String,
    login: String,
    cookie: Option<String>,
    /// Options that reach the server, for all commands of sessctl.
    transport: String,
    /// Options of the login, for `login` and `audit`.
    login_options: String,
    /// Further options of `audit`.
    audit_options: String,
}

impl<'a> Repeat<'a> {
    pub(super) fn new(
        args: &AuditArgs,
        client: &ClientArgs,
        report: &AuditReport,
        redactor: &'a Redactor,
    ) -> Self {
        let url = |url: &Url| redactor.reference(url.as_str()).into_owned();
        let session = report.session.as_ref();
        Repeat {
            redactor,
            start: url(&report.target),
            user: report.user.clone(),
            page: url(session.map_or(&report.target, |it| &it.page)),
            login: url(session.map_or(&report.target, |it| &it.login)),
            cookie: session.and_then(|it| it.cookies.first().cloned()),
            transport: joined(&transport_options(client)),
            login_options: joined(&login_options(args)),
            audit_options: joined(&audit_options(args)),
        }
    }

    /// The command that runs only this check, and those that repeat its finding without `audit`.
    pub(super) fn commands(&self, result: &CheckResult) -> Vec<String> {
        let Repeat { transport, login_options, audit_options, .. } = self;
        let (start, id) = (quoted(&self.start), result.check.id);
        let user = self.user.as_ref().map(|user| format!(" --user {}", quoted(user))).unwrap_or_default();
        let audit =
            format!("sessctl audit {start}{user}{login_options}{audit_options}{transport} --only {id}");
        // The first command is the complete form of one that the table of checks has.
        let others = result.check.repeat.iter().filter(|line| !line.starts_with("sessctl audit "));
        std::iter::once(audit).chain(others.map(|line| self.filled(line, result))).collect()
    }

    /// A command of the table of checks with the values of this application.
    fn filled(&self, line: &str, result: &CheckResult) -> String {
        let cookie = result.cookie.as_ref().or(self.cookie.as_ref()).map_or("COOKIE", String::as_str);
        let line = line.replace("sessctl --jar", &format!("sessctl{} --jar", self.transport));
        let line = line.replace("curl -", &format!("curl{} -", self.transport));
        let user = if self.user.is_some() { " --user USER" } else { "" };
        let line = line.replace(" --user USER", &format!("{user}{}", self.login_options));
        let about = result.path.as_deref().and_then(|path| Url::parse(&self.page).ok()?.join(path).ok());
        let about = about.map(|url| self.redactor.reference(url.as_str()).into_owned());
        let mut filled = String::new();
        let mut quote = None;
        for word in line.split_inclusive(|c: char| !c.is_ascii_uppercase()) {
            let name = word.trim_end_matches(|c: char| !c.is_ascii_uppercase());
            let value = match name {
                // `$URL` is a variable of the shell.
                _ if filled.ends_with(['$', '_']) => name,
                "URL" => &self.start,
                "USER" => self.user.as_deref().unwrap_or(name),
                "PAGE" => &self.page,
                "LOGIN" => &self.login,
                "LOGOUT" => about.as_deref().unwrap_or("LOGOUT"),
                "COOKIE" => cookie,
                _ => name,
            };
            match quote {
                None if value != name => filled.push_str(&quoted(value)),
                _ => filled.push_str(value),
            }
            for c in word[name.len()..].chars() {
                quote = match (quote, c) {
                    (None, '\'' | '"') => Some(c),
                    (Some(open), c) if open == c => None,
                    (quote, _) => quote,
                };
                filled.push(c);
            }
        }
        filled
    }
}

/// ` --option value` for each option.
fn joined(options: &[(&'static str, String)]) -> String {
    let option = |(name, value): &(&str, String)| match value.is_empty() {
        true => format!(" {name}"),
        false => format!(" {name} {}", quoted(value)),
    };
    options.iter().map(option).collect()
}

fn transport_options(client: &ClientArgs) -> Vec<(&'static str, String)> {
    let file = |path: &Option<std::path::PathBuf>| path.as_ref().map(|it| it.display().to_string());
    let mut options = Vec::new();
    options.extend(file(&client.cacert).map(|it| ("--cacert", it)));
    options.extend(file(&client.cert).map(|it| ("--cert", it)));
    options.extend(file(&client.key).map(|it| ("--key", it)));
    options.extend(client.insecure.then(|| ("--insecure", String::new())));
    options.extend(
        client.resolve.iter().map(|it| ("--resolve", format!("{}:{}:{}", it.host, it.port, it.address))),
    );
    options
}

/// What may be a secret is replaced by `…`.
fn login_options(args: &AuditArgs) -> Vec<(&'static str, String)> {
    let login = &args.credentials;
    let mut options = Vec::new();
    let files = args.secret_files().into_iter().filter(|(name, _)| *name != "--second-password-file");
    options.extend(files.filter_map(|(name, file)| Some((name, file?.display().to_string()))));
    options.extend(login.password_stdin.then(|| ("--password-stdin", String::new())));
    options.extend(login.fields.iter().map(|(name, _)| ("--field", format!("{name}=…"))));
    for (name, value) in [
        ("--form", &login.form),
        ("--user-field", &login.user_field),
        ("--password-field", &login.password_field),
        ("--expect-text", &login.expect_text),
        ("--judge-by", &login.judge_by),
    ] {
        options.extend(value.clone().map(|value| (name, value)));
    }
    options.extend(login.as_json.then(|| ("--as-json", String::new())));
    options.extend(login.as_form.then(|| ("--as-form", String::new())));
    options
}

fn audit_options(args: &AuditArgs) -> Vec<(&'static str, String)> {
    let mut options = Vec::new();
    let time = |time: Option<std::time::Duration>| time.map(|it| it.as_secs_f64().to_string());
    let write = args.write.as_ref().map(|write| {
        let fields = write.fields.iter().map(|(name, value)| format!(" {name}={value}"));
        format!("{} {}{}", write.method, write.path, fields.collect::<String>())
    });
    let value = args.value.as_ref().map(|value| match value {
        ShownValue::Pointer(text) | ShownValue::Selector(text) => text.clone(),
        _ => String::new(),
    });
    let second_file = args.second_password_file.as_ref().map(|it| it.display().to_string());
    for (name, value) in [
        ("--second-user", args.second_user.clone()),
        ("--second-password-file", second_file),
        ("--write", write),
        ("--value", value),
        ("--value-at", args.value_at.clone()),
        ("--sessions-page", args.sessions_page.clone()),
        ("--idle-timeout", time(args.idle_timeout)),
        ("--absolute-timeout", time(args.absolute_timeout)),
        ("--clock-command", args.clock_command.clone()),
        (
            "--max-wrong-passwords",
            Some(args.max_wrong_passwords).filter(|it| *it != 2).map(|it| it.to_string()),
        ),
    ] {
        options.extend(value.map(|value| (name, value)));
    }
    options.extend(args.authorized.then(|| ("--authorized", String::new())));
    options
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use sessctl::audit::CHECKS;

    use crate::commands::command_line::CommandLine;

    /// The words of a command, up to the end of the command.
    fn words(line: &str) -> Vec<OsString> {
        let (mut words, mut quote) = (vec![String::new()], None);
        for c in line.chars() {
            match (quote, c) {
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, ';' | ')' | '|' | '>') => break,
                (None, ' ') => words.push(String::new()),
                (_, c) => words.last_mut().expect("a word").push(c),
            }
        }
        words.into_iter().filter(|word| !word.is_empty()).map(OsString::from).collect()
    }

    #[test]
    fn the_commands_of_the_table_of_checks_are_valid() {
        let mut count = 0;
        for check in CHECKS {
            for line in check.repeat {
                for (at, _) in line.match_indices("sessctl ") {
                    // Values that the user fills in.
                    let line = line[at..].replace("'METHOD PATH'", "'POST /'").replace("PLACE", "/x");
                    let line = line.replace("DURATION", "1h");
                    let parsed = CommandLine::parse(words(&line));
                    assert!(parsed.is_ok(), "{}: {line}: {}", check.id, parsed.err().expect("an error"));
                    count += 1;
                }
            }
        }
        assert!(count > 30, "{count} commands were found");
    }
}
