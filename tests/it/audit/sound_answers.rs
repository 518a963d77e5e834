//! Applications that look faulty and are not: each gets the right verdict.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use sessctl::audit::{Audit, AuditAccount, AuditConfig, CheckVerdict};
use sessctl::client::UserAgent;

/// How the application treats its cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// It needs two cookies, and issues only one of them anew at login.
    RotatesOneOfTwo,
    /// It keeps the id of an anonymous visitor at login, and never adopts one that it did not issue.
    KeepsIssuedId,
    /// It adopts an invented id, but opens no session under it.
    AdoptsUselessId,
    /// Its second cookie remembers the user, and opens a session alone after the logout.
    RemembersAfterLogout,
    /// Its logout link does nothing without a script.
    LogoutNeedsScript,
    /// It has one account, and asks only for its password.
    AsksForNoName,
}

#[derive(Clone)]
struct Application {
    habit: Habit,
    /// The sessions by id, and whether they are logged in.
    sessions: Arc<Mutex<HashMap<String, bool>>>,
}

fn random() -> String {
    uuid::Uuid::from_u128(u128::from_be_bytes({
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("random bytes");
        bytes
    }))
    .simple()
    .to_string()
        + "f00dfeedf00dfeed"
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

fn with_cookies(response: impl IntoResponse, cookies: &[(&str, String)]) -> Response {
    let mut response = response.into_response();
    for (name, value) in cookies {
        let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
        response.headers_mut().append(SET_COOKIE, line.parse().expect("a header"));
    }
    response.headers_mut().insert("cache-control", "no-store".parse().expect("a header"));
    response
}

impl Application {
    fn is_live(&self, headers: &HeaderMap) -> bool {
        let sessions = self.sessions.lock().expect("a map");
        let by_id = cookie(headers, "sid").is_some_and(|id| sessions.get(&id) == Some(&true));
        match self.habit {
            Habit::RotatesOneOfTwo => by_id && cookie(headers, "key").is_some_and(|it| it == "constant-key"),
            Habit::RemembersAfterLogout => {
                by_id || cookie(headers, "remember").as_deref() == Some("alice-forever-and-ever")
            }
            _ => by_id,
        }
    }
}

const FORM: &str =
    "<form action=/login method=post><input name=user><input name=password type=password></form>";

const FORM_WITHOUT_NAME: &str = "<form action=/login method=post><input name=password type=password></form>";

async fn start(State(app): State<Application>, headers: HeaderMap) -> Response {
    if app.is_live(&headers) {
        let control = match app.habit {
            Habit::LogoutNeedsScript => "<a href=/bye>Log out</a><script src=/app.js></script>",
            _ => "<form action=/logout method=post><button>Log out</button></form>",
        };
        return with_cookies(Html(format!("<p>Welcome, alice!</p>{control}")), &[]);
    }
    let mut sessions = app.sessions.lock().expect("a map");
    let known = cookie(&headers, "sid").filter(|id| sessions.contains_key(id));
    match (app.habit, known, cookie(&headers, "sid")) {
        (Habit::KeepsIssuedId, None, _) => {
            let id = random();
            sessions.insert(id.clone(), false);
            with_cookies(Html(FORM), &[("sid", id)])
        }
        (Habit::AdoptsUselessId, None, Some(invented)) => {
            sessions.insert(invented, false);
            Html(FORM).into_response()
        }
        (Habit::AsksForNoName, ..) => Html(FORM_WITHOUT_NAME).into_response(),
        _ => Html(FORM).into_response(),
    }
}

async fn log_in(
    State(app): State<Application>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    if !fields.iter().any(|(name, value)| name == "password" && value == "secret") {
        return (StatusCode::UNAUTHORIZED, Html(format!("<p>Wrong password</p>{FORM}"))).into_response();
    }
    let mut sessions = app.sessions.lock().expect("a map");
    let issued = cookie(&headers, "sid").filter(|id| sessions.contains_key(id));
    let id = match (app.habit, issued) {
        (Habit::KeepsIssuedId, Some(id)) => id,
        _ => random(),
    };
    if let Some(old) = cookie(&headers, "sid").filter(|old| *old != id) {
        sessions.remove(&old);
    }
    sessions.insert(id.clone(), true);
    let mut cookies = vec![("sid", id)];
    match app.habit {
        Habit::RotatesOneOfTwo => cookies.push(("key", "constant-key".to_owned())),
        Habit::RemembersAfterLogout => cookies.push(("remember", "alice-forever-and-ever".to_owned())),
        _ => {}
    }
    with_cookies(Redirect::to("/"), &cookies)
}

async fn log_out(State(app): State<Application>, headers: HeaderMap) -> Response {
    if let Some(id) = cookie(&headers, "sid") {
        app.sessions.lock().expect("a map").remove(&id);
    }
    let mut response = Redirect::to("/").into_response();
    for name in ["sid", "remember"] {
        let line = format!("{name}=; Path=/; Max-Age=0");
        response.headers_mut().append(SET_COOKIE, line.parse().expect("a header"));
    }
    response
}

async fn verdicts(habit: Habit) -> HashMap<&'static str, (CheckVerdict, String)> {
    let state = Application { habit, sessions: Arc::default() };
    let service = Router::new()
        .route("/", get(start))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/bye", get(async || Html("<p>Please wait</p>")))
        .with_state(state);
    let client = UserAgent::for_service(service);
    let mut account = AuditAccount::new("alice", "secret");
    account.user = account.user.filter(|_| habit != Habit::AsksForNoName);
    let mut audit =
        Audit::new(&client, AuditConfig::new("http://localhost/".parse().expect("a URL"), account));
    audit.run().await;
    let report = audit.into_report();
    report.results.into_iter().map(|it| (it.check.id, (it.verdict, it.reason))).collect()
}

#[tokio::test]
async fn each_habit_of_real_applications_gets_the_right_verdict() {
    use CheckVerdict::{Fail, NotTested, Pass};
    let expected: [(Habit, &[(&str, CheckVerdict)]); 6] = [
        (
            Habit::RotatesOneOfTwo,
            &[
                ("rotation", Pass),
                ("fixation", Pass),
                ("relogin", Pass),
                ("logout-ends-session", Pass),
                ("token-entropy", Pass),
            ],
        ),
        (
            Habit::KeepsIssuedId,
            &[("rotation", Fail), ("fixation", Fail), ("logout-ends-session", Pass), ("token-entropy", Pass)],
        ),
        (Habit::AdoptsUselessId, &[("rotation", Pass), ("fixation", Pass), ("relogin", Pass)]),
        (Habit::RemembersAfterLogout, &[("logout-ends-session", Fail), ("rotation", Pass)]),
        (
            Habit::LogoutNeedsScript,
            &[("logout-ends-session", NotTested), ("logout-clears-cookie", NotTested)],
        ),
        (
            Habit::AsksForNoName,
            &[
                ("wrong-password", Pass),
                ("user-enumeration", NotTested),
                ("bleed", NotTested),
                ("token-entropy", Pass),
            ],
        ),
    ];
    for (habit, expected) in expected {
        let seen = verdicts(habit).await;
        for (check, verdict) in expected {
            let (found, reason) = &seen[check];
            assert_eq!(found, verdict, "{habit:?} {check}: {reason}");
        }
    }
}
