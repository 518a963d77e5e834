//! [`Signs`]: what the names and values in a JSON answer to a login say about its success.

use serde_json::{Map, Value};
use url::Url;

use crate::client::auth::snapshot::has_value;
use crate::client::auth::token_answer::{is_token, letters_and_digits};
use crate::client::auth::vocabulary::{LOGIN, mentions, says_success};

/// Flags: a login succeeded if they are true.
const FLAGS: &str = "success successful succeeded ok valid authenticated authorized loggedin signedin accepted \
    passed login signin";
const FLAG_PREFIXES: &str = "is has was login auth user credentials password";

/// Flags: a login failed if they are true, or have any other value.
const ERRORS: &str = "error errors err failed failure fail";
const OBSTACLES: &str = "denied rejected invalid wrong locked blocked suspended disabled";
const ERROR_PREFIXES: &str = "is has login auth password credentials account user";

/// Members with a code or a word. Zero and 200 are the usual codes for success.
const CODES: &str = "status code result ret rc errno";
const WORDS: &str = "state type outcome";
const CODE_PREFIXES: &str =
    "login auth authentication response resp return ret result res status http error err api biz sub";

/// Members that describe the user who is logged in.
const USERS: &str = "user account member profile me viewer customer principal userinfo";
const SESSIONS: &str = "login signin session";
const IDENTITY_PREFIXES: &str = "current loggedin login auth";
const IDENTITY_NUMBERS: &str = "userid uid memberid accountid";
const IDS: &str = "id uuid pk guid";
const NAMES: &str = "username email login nickname displayname role roles";

/// Members with an address that the page's script opens next.
const TARGETS: &str = "redirect redirecturl redirecturi redirectto redirectpath location next nexturl nextpath \
    returnurl returnto goto url href";

/// Members that contain a message.
pub(super) const MESSAGES: &str = "message msg errordescription error detail errors reason errmsg errormessage \
    retmsg resultmsg resultmessage statusmessage title description text";

/// How deep nested objects are read.
pub(super) const MAX_DEPTH: usize = 6;

/// What an answer says about the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerVerdict {
    /// A wrong password would not get this answer.
    Affirms,
    /// The login failed.
    Denies,
    /// A code that means failure in most applications, and success in some.
    ProbablyDenies,
    /// The answer has no content.
    Empty,
    /// Nothing, or contradictions.
    Open,
}

/// The signs of one kind.
#[derive(Debug, Default, Clone, Copy)]
struct Votes {
    yes: bool,
    no: bool,
}

impl Votes {
    fn count(&mut self, says_yes: Option<bool>) {
        self.yes |= says_yes == Some(true);
        self.no |= says_yes == Some(false);
    }
}

/// The signs of success and failure in an answer.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// Flags, errors, and status words.
    flags: Votes,
    codes: Votes,
    messages: Votes,
    identity: Votes,
    has_uncertain_code: bool,
    /// The members that say that the login failed, for an answer without a message.
    pub(super) failures: Vec<String>,
}

impl Signs {
    pub(super) fn of(answer: &Value) -> Self {
        let mut signs = Signs::default();
        match answer {
            Value::Bool(yes) => signs.flags.count(Some(*yes)),
            Value::String(text) => signs.messages.count(yes_or_no(text).or_else(|| says_success(text))),
            Value::Array(items) => {
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .for_each(|text| signs.messages.count(says_success(text)));
                signs.read(answer, 0);
            }
            _ => signs.read(answer, 0),
        }
        signs
    }

    /// What the signs say together. Signs that contradict each other say nothing.
    pub(super) fn verdict(&self) -> AnswerVerdict {
        let Signs { flags, codes, messages, identity, .. } = self;
        let is_affirmed = flags.yes || codes.yes || messages.yes || identity.yes;
        match () {
            () if flags.no || (messages.no && !flags.yes) => AnswerVerdict::Denies,
            () if messages.no => AnswerVerdict::Open,
            () if codes.no && flags.yes => AnswerVerdict::Affirms,
            () if (codes.no || identity.no) && is_affirmed => AnswerVerdict::Open,
            () if codes.no || identity.no => AnswerVerdict::Denies,
            () if is_affirmed => AnswerVerdict::Affirms,
            () if self.has_uncertain_code => AnswerVerdict::ProbablyDenies,
            () => AnswerVerdict::Open,
        }
    }

    /// Whether a message says that the login failed.
    pub(super) fn complains(&self) -> bool {
        self.messages.no
    }

    fn read(&mut self, value: &Value, depth: usize) {
        match value {
            _ if depth > MAX_DEPTH => {}
            Value::Array(items) => items.iter().for_each(|item| self.read(item, depth + 1)),
            Value::Object(members) => {
                self.identity.yes |= describes_user(members);
                for (name, value) in members {
                    let plain = letters_and_digits(name);
                    self.read_member(name, &plain, value);
                    // The state of a user says nothing about the login.
                    if !is_in(USERS, &plain) {
                        self.read(value, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn read_member(&mut self, name: &str, plain: &str, value: &Value) {
        if is_named(plain, FLAG_PREFIXES, FLAGS) && !is_structured(value) {
            let says = flag(value);
            self.flags.count(says);
            self.note_failure(says, name, value);
        }
        if is_named(plain, ERROR_PREFIXES, ERRORS) {
            let says = error(value);
            self.codes.yes |= says == Some(true);
            self.flags.no |= says == Some(false);
        } else if is_named(plain, ERROR_PREFIXES, OBSTACLES) {
            self.flags.no |= flag(value) == Some(true);
        }
        let takes_numbers = is_named(plain, CODE_PREFIXES, CODES);
        if takes_numbers || is_in(WORDS, plain) {
            self.read_code(name, plain, value, takes_numbers);
        }
        if [USERS, SESSIONS].iter().any(|list| is_named(plain, IDENTITY_PREFIXES, list)) {
            self.identity.no |= matches!(value, Value::Null | Value::Bool(false));
            self.identity.yes |= value.as_object().is_some_and(has_id);
        } else if is_in(IDENTITY_NUMBERS, plain) {
            self.identity.count(value.as_i64().map(|id| id > 0));
        }
        self.identity.yes |= is_token(plain, value);
        if let Some(target) = value.as_str().filter(|_| is_in(TARGETS, plain)) {
            let says = opens_application(target);
            self.codes.yes |= says == Some(true);
            self.flags.no |= says == Some(false);
            self.note_failure(says, name, value);
        }
        if is_in(MESSAGES, plain) {
            let mut texts = Vec::new();
            collect_texts(value, &mut texts);
            texts.iter().for_each(|text| self.messages.count(says_success(text)));
        }
    }

    fn read_code(&mut self, name: &str, plain: &str, value: &Value, takes_numbers: bool) {
        let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        let says = match (number, value) {
            (Some(_), _) if !takes_numbers => None,
            (Some(number), _) if is_uncertain(number) && !plain.starts_with("err") => {
                self.has_uncertain_code = true;
                self.note_failure(Some(false), name, value);
                None
            }
            (Some(number), _) => {
                let says = Some(is_success_code(number, plain.starts_with("err")));
                self.codes.count(says);
                says
            }
            (None, Value::Bool(yes)) => {
                self.flags.count(Some(*yes));
                Some(*yes)
            }
            (None, Value::String(text)) => {
                let word = yes_or_no(text).or_else(|| says_success(text));
                self.flags.count(word);
                let code = if word.is_none() { lettered_code(text) } else { None };
                self.codes.count(code);
                word.or(code)
            }
            _ => None,
        };
        self.note_failure(says, name, value);
    }

    fn note_failure(&mut self, says: Option<bool>, name: &str, value: &Value) {
        if says == Some(false) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.failures.push(format!("{name}: {value}"));
        }
    }
}

pub(super) fn is_in(list: &str, name: &str) -> bool {
    list.split_ascii_whitespace().any(|it| it == name)
}

/// Whether the name is one of the list, after any prefixes.
fn is_named(name: &str, prefixes: &str, list: &str) -> bool {
    let without = |prefix: &str| name.strip_prefix(prefix);
    is_in(list, name)
        || prefixes
            .split_ascii_whitespace()
            .filter_map(without)
            .any(|rest| !rest.is_empty() && is_named(rest, prefixes, list))
}

fn is_structured(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Array(_) | Value::Object(_))
}

/// A flag as a boolean, a number or a word.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(yes) => Some(*yes),
        Value::Number(number) => number.as_f64().map(|number| number > 0.0),
        Value::String(text) => yes_or_no(text).or_else(|| says_success(text)),
        _ => None,
    }
}

/// Short words that say yes or no.
fn yes_or_no(text: &str) -> Option<bool> {
    match letters_and_digits(text).as_str() {
        "true" | "yes" | "y" | "ok" | "okay" | "1" => Some(true),
        "false" | "no" | "n" | "ng" | "ko" | "nok" | "0" => Some(false),
        _ => None,
    }
}

/// Whether the value of an error member says that there was none. `null` and empty lists say nothing.
fn error(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_error) => Some(!is_error),
        Value::Number(code) => Some(code.as_i64() == Some(0)),
        Value::String(text) => match (says_success(text), yes_or_no(text)) {
            (Some(true), _) | (_, Some(false)) => Some(true),
            _ if matches!(letters_and_digits(text).as_str(), "" | "none" | "null" | "ok") => None,
            _ => Some(false),
        },
        Value::Object(_) if Signs::of(value).verdict() == AnswerVerdict::Affirms => Some(true),
        other => has_value(other).then_some(false),
    }
}

/// 1, 10, 100 and so on mean success in some applications.
fn is_uncertain(code: i64) -> bool {
    matches!(code, 1 | 10 | 100 | 1_000 | 10_000)
}

/// 0, 200 to 299, 2000, 20000 and so on. An error code means success only if it is zero.
fn is_success_code(code: i64, is_error_code: bool) -> bool {
    code == 0 || !is_error_code && matches!(code, 200..=299 | 2_000 | 20_000 | 200_000)
}

/// A code of letters and digits, such as `E1001`: zeros mean success.
fn lettered_code(text: &str) -> Option<bool> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start_matches(['-', '_']);
    let is_code =
        digits.len() >= 2 && digits.len() < text.len() && digits.bytes().all(|it| it.is_ascii_digit());
    is_code.then(|| digits.bytes().all(|digit| digit == b'0'))
}

/// Whether an address leads into the application. One that names an error or the login does not.
fn opens_application(target: &str) -> Option<bool> {
    if target.is_empty() || target.contains(char::is_whitespace) {
        return None;
    }
    let base = Url::parse("http://host.invalid/").ok()?;
    let target = base.join(target).ok()?;
    let query = target.query().unwrap_or_default();
    let path = target.path();
    match (says_success(path), says_success(query)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, None) if mentions(path, LOGIN) => Some(false),
        _ => Some(true),
    }
}

/// Whether an object has an id and a name, as that of a user has. Forms and requests have a `name` too, and an id that is
/// not a number.
fn describes_user(members: &Map<String, Value>) -> bool {
    let values = |list| {
        let is_named = move |(name, _): &(&String, &Value)| is_in(list, &letters_and_digits(name));
        members.iter().filter(is_named).map(|(_, value)| value).filter(|value| has_value(value))
    };
    let has = |list| values(list).next().is_some();
    has(IDS) && has(NAMES) || values(IDS).any(Value::is_number) && has("name")
}

/// Whether an object in the place of a user has an id or a name.
fn has_id(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, value)| {
        let name = letters_and_digits(name);
        [IDS, NAMES, IDENTITY_NUMBERS, "name"].iter().any(|list| is_in(list, &name)) && has_value(value)
    })
}

/// The texts of a message: the message itself, the items of a list, or the members of an object.
pub(super) fn collect_texts(value: &Value, texts: &mut Vec<String>) {
    let is_text = |text: &&str| !text.trim().is_empty();
    match value {
        Value::String(text) => texts.extend(Some(text.as_str()).filter(is_text).map(str::to_owned)),
        Value::Array(items) => {
            texts.extend(items.iter().filter_map(Value::as_str).filter(is_text).map(str::to_owned));
            // A list of errors, each an object with a message.
            for item in items.iter().filter_map(Value::as_object) {
                let message = |(name, value): (&String, &Value)| {
                    let is_message = is_in(MESSAGES, &letters_and_digits(name));
                    value.as_str().filter(is_text).filter(|_| is_message).map(str::to_owned)
                };
                texts.extend(item.iter().find_map(message));
            }
        }
        Value::Object(members) => {
            let items = |value| Value::as_array(value).map_or(std::slice::from_ref(value), Vec::as_slice);
            let items = members.values().flat_map(items).filter_map(Value::as_str);
            texts.extend(items.filter(is_text).map(str::to_owned));
        }
        _ => {}
    }
}
