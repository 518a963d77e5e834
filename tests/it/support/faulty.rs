//! [`Faulty`]: an application with faults for `audit`: no attributes of the session cookie, the token in the page, no
//! check of the origin.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::{Script, Seen, html, redirect};

pub const USER: &str = "alice";
pub const PASSWORD: &str = "Planted-Passw0rd";
pub const SECOND_PASSWORD: &str = "Planted-Sec0nd";

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

#[derive(Default)]
struct State {
    /// The users of live tokens.
    sessions: Mutex<HashMap<String, String>>,
    /// All tokens that were issued.
    tokens: Mutex<Vec<String>>,
    has_http_only: AtomicBool,
}

pub struct Faulty {
    pub script: Script,
    state: Arc<State>,
}

impl Faulty {
    pub fn start() -> Self {
        let state: Arc<State> = Arc::default();
        let shared = Arc::clone(&state);
        Faulty { script: Script::new(move |seen| shared.answer(seen)), state }
    }

    pub fn url(&self) -> String {
        self.script.url("/")
    }

    pub fn tokens(&self) -> Vec<String> {
        self.state.tokens.lock().expect("no panic").clone()
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        self.state.sessions.lock().expect("no panic").len()
    }

    /// How many logins were sent.
    pub fn logins(&self) -> usize {
        self.script.seen().iter().filter(|seen| seen.method == "POST" && seen.path() == "/login").count()
    }

    /// Fixes the fault that `cookie-httponly` finds, or brings it back.
    pub fn set_http_only(&self, has_it: bool) {
        self.state.has_http_only.store(has_it, Ordering::SeqCst);
    }
}

impl State {
    fn answer(&self, seen: &Seen) -> Vec<u8> {
        let token = seen.cookie("sid").to_owned();
        let mut sessions = self.sessions.lock().expect("no panic");
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/logout") => {
                sessions.remove(&token);
                redirect(303, "/", &["Set-Cookie: sid=x; Max-Age=0; Path=/"])
            }
            ("POST", "/login") => {
                let user = [(USER, PASSWORD), ("bob", SECOND_PASSWORD)]
                    .into_iter()
                    .find(|(user, password)| seen.body == format!("user={user}&pass={password}"));
                let Some((user, _)) = user else {
                    return html(401, &[], &format!("<p>Wrong password</p>{FORM}"));
                };
                let mut random = [0; 24];
                getrandom::fill(&mut random).expect("random bytes");
                let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
                sessions.insert(token.clone(), user.to_owned());
                self.tokens.lock().expect("no panic").push(token.clone());
                let http_only = if self.has_http_only.load(Ordering::SeqCst) { "; HttpOnly" } else { "" };
                redirect(303, "/", &[&format!("Set-Cookie: sid={token}; Path=/{http_only}")])
            }
            _ => match sessions.get(&token) {
                Some(user) => html(
                    200,
                    &[],
                    &format!(
                        "<p>Hello {user}</p><p data-token={token}></p><form method=post action=/logout><button>Log out</button></form>"
                    ),
                ),
                None => html(200, &[], FORM),
            },
        }
    }
}
