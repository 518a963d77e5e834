//! What the JSON answer to a login says about it.

use std::sync::atomic::{AtomicUsize, Ordering};

use sessctl::client::auth::{Evidence, LoginMethod, LoginOutcome, NoSession};
use sessctl::client::{AgentConfig, Credentials, LoginReport, UserAgent, login};
use sessctl::cookies::Jar;

use crate::support::{Home, Script, matrix, respond};

/// Who gets the session cookie.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cookie {
    /// Each client without one, whatever it requests.
    Everyone,
    /// Each client that sends a password, right or wrong.
    EachLogin,
    /// Nobody.
    Nobody,
}

/// A single-page application whose login is answered so.
fn application(status: u16, answer: &str, cookie: Cookie) -> Script {
    let (answer, count) = (answer.to_owned(), AtomicUsize::new(0));
    Script::new(move |seen| {
        let is_login = seen.method == "POST";
        let is_given = match cookie {
            Cookie::Everyone => seen.cookie("sid").is_empty(),
            Cookie::EachLogin => is_login,
            Cookie::Nobody => false,
        };
        let line = format!("Set-Cookie: sid={:032}; Path=/; HttpOnly", count.fetch_add(1, Ordering::SeqCst));
        let headers: &[&str] = if is_given { &["Content-Type: application/json", &line] } else { &[] };
        match (is_login, seen.path()) {
            (true, _) => respond(status, headers, &answer),
            // The start page is a static file, which sets no cookie.
            (_, "/") => {
                respond(200, &["Content-Type: text/html"], "<div id=app></div><script src=/a.js></script>")
            }
            _ => respond(404, headers, ""),
        }
    })
}

async fn outcome_of(server: &Script, judge_by: Option<&str>) -> LoginReport {
    let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
    let mut credentials = Credentials::new("alice", "secret");
    credentials.method = LoginMethod::Json;
    credentials.judge_by = judge_by.map(|path| server.url(path).parse().unwrap());
    let report = login(&mut agent, &server.url("/login").parse().unwrap(), credentials).await.unwrap();
    let (kind, requests) = (format!("{:?}", report.outcome), agent.flow().exchanges.len());
    let kind = kind.split([' ', '{']).next().unwrap_or_default();
    let exit = if report.outcome == LoginOutcome::LoggedIn { 0 } else { 7 };
    matrix::record("login --as-json", kind, exit, requests);
    report
}

async fn report(answer: &str, cookie: Cookie) -> LoginReport {
    outcome_of(&application(200, answer, cookie), None).await
}

/// Answers to a right password.
const RIGHT: &[&str] = &[
    r#"{"message":"Login successful"}"#,
    r#"{"isSuccess":true}"#,
    r#"{"status":"OK"}"#,
    r#"{"errcode":0}"#,
    r#"{"loginStatus":"SUCCESS"}"#,
    r#"{"ret":"OK"}"#,
    r#"{"authenticated":"yes"}"#,
    r#"{"data":{"login":{"id":1}}}"#,
    r#"{"redirect":"/home"}"#,
    r#"{"code":0,"msg":"success"}"#,
    r#"{"code":"00000"}"#,
    r#"{"status":0}"#,
    r#"{"result":0}"#,
    r#"{"success":"true"}"#,
    r#"{"success":1}"#,
    r#"{"ok":1}"#,
    r#"{"status":true}"#,
    r#"{"error":0,"data":{"uid":5}}"#,
    r#"{"error":false,"message":"Welcome back"}"#,
    r#"{"error":null,"success":true,"errors":[]}"#,
    r#"{"errors":[],"data":{"signIn":{"ok":true}}}"#,
    r#"{"code":200,"msg":"操作成功","data":{"nick":"x"}}"#,
    r#"{"code":20000,"data":{}}"#,
    r#"{"code":1,"msg":"登录成功"}"#,
    r#"{"code":"A00000"}"#,
    r#"{"msg":"로그인 성공"}"#,
    r#"{"message":"Connexion réussie"}"#,
    r#"{"message":"Anmeldung erfolgreich"}"#,
    r#"{"message":"Inicio de sesión exitoso"}"#,
    r#"{"message":"ログインに成功しました"}"#,
    r#"{"message":"Вход выполнен успешно"}"#,
    r#"{"user":{"id":7,"status":0,"locked":false,"valid":false}}"#,
    r#"{"id":7,"email":"a@example.org"}"#,
    r#"{"data":{"user":{"id":1,"active":false}}}"#,
    r#"[{"result":{"data":{"json":{"user":{"id":1}}}}}]"#,
    r#"{"retCode":"0000","retMsg":"OK"}"#,
    r#"{"header":{"resultCode":0,"resultMessage":"SUCCESS"}}"#,
    r#"{"response":{"status":"success"}}"#,
    r#"{"next":"/dashboard"}"#,
    r#"{"url":"/app?welcome=1"}"#,
    r#"{"success":true,"message":"Login successful, 2 failed attempts before"}"#,
    r#"{"authenticated":true,"attempts":0}"#,
    r#"{"success":true,"code":1001}"#,
    r#"{"Status":"Success","Message":null}"#,
    r#")]}',
{"ok":true}"#,
    "true",
    "OK",
    r#""success""#,
];

/// Answers to a wrong password, and what the verdict quotes.
const WRONG: &[(&str, &str)] = &[
    (r#"{"message":"Wrong username/password combination!"}"#, "Wrong username/password combination!"),
    (r#"{"isSuccess":false}"#, "isSuccess: false"),
    (r#"{"status":"KO"}"#, "status: KO"),
    (r#"{"errcode":40001}"#, "errcode: 40001"),
    (r#"{"status":1}"#, "status: 1"),
    (r#"{"result":-1}"#, "result: -1"),
    (r#"{"code":"A0210"}"#, "code: A0210"),
    (r#"{"loginStatus":"INCORRECT_PASSWORD"}"#, "loginStatus: INCORRECT_PASSWORD"),
    (r#"{"ret":"NG"}"#, "ret: NG"),
    (r#"{"authenticated":"no"}"#, "authenticated: no"),
    (r#"{"data":{"login":null}}"#, ""),
    (r#"{"redirect":"/login?error=1"}"#, "redirect: /login?error=1"),
    (r#"{"url":"https://app.test/api/signin?error=Credentials"}"#, "error=Credentials"),
    (r#"{"success":false}"#, "success: false"),
    (r#"{"success":"false"}"#, "success: false"),
    (r#"{"success":0}"#, "success: 0"),
    (r#"{"ok":"0"}"#, "ok: 0"),
    (r#"{"ok":false,"error":null}"#, "ok: false"),
    (r#"{"valid":0,"msg":"x"}"#, "x"),
    (r#"{"authorized":0}"#, "authorized: 0"),
    (r#"{"error":"bad password"}"#, "bad password"),
    (r#"{"errors":["x"]}"#, "x"),
    (r#"{"error":{"message":"Bad credentials"}}"#, "Bad credentials"),
    (r#"{"errors":[{"message":"Unknown user"}]}"#, "Unknown user"),
    (r#"{"errors":{"password":["mauvais mot de passe"]}}"#, "mauvais mot de passe"),
    (r#"[{"error":{"json":{"message":"UNAUTHORIZED"}}}]"#, "UNAUTHORIZED"),
    (r#"[{"detail":["Invalid login"]}]"#, "Invalid login"),
    (r#"{"code":500,"msg":"no"}"#, "no"),
    (r#"{"code":401,"message":"x"}"#, "x"),
    (r#"{"code":"500"}"#, "code: 500"),
    (r#"{"status":"error"}"#, "status: error"),
    (r#"{"status":"fail","data":{"title":"Nope"}}"#, "Nope"),
    (r#"{"data":{"errorCode":"E1001"}}"#, "errorCode: E1001"),
    (r#"{"data":{"isAuthenticated":false}}"#, "isAuthenticated: false"),
    (r#"{"meta":{"code":40301}}"#, "code: 40301"),
    (r#"{"code":0,"msg":"密码错误"}"#, "密码错误"),
    (r#"{"msg":"아이디 또는 비밀번호가 일치하지 않습니다"}"#, "일치하지"),
    (r#"{"message":"パスワードが間違っています"}"#, "間違"),
    (r#"{"message":"Falsches Passwort"}"#, "Falsches"),
    (r#"{"message":"Identifiants incorrects"}"#, "incorrects"),
    (r#"{"message":"Contraseña incorrecta"}"#, "incorrecta"),
    (r#"{"message":"Неверный пароль"}"#, "Неверный"),
    (r#"{"message":"Usuário ou senha inválidos"}"#, "inválidos"),
    (r#"{"message":"登录不成功"}"#, "不成功"),
    (r#"{"message":"You are not logged in"}"#, "not logged in"),
    (r#"{"Message":"The user name or password provided is incorrect."}"#, "provided is incorrect."),
    (r#"{"retCode":"9001"}"#, "retCode: 9001"),
    (r#"{"status":false}"#, "status: false"),
    (r#"{"result":false}"#, "result: false"),
    (r#"{"login":false}"#, "login: false"),
    (r#"{"loggedIn":"no"}"#, "loggedIn: no"),
    (r#"{"user":null}"#, ""),
    (r#"{"type":"error","text":"Nope"}"#, "Nope"),
    (r#"{"location":"/signin?failed"}"#, "location: /signin?failed"),
    (r#"{"next":"/login"}"#, "next: /login"),
    (r#"{"errno":3}"#, "errno: 3"),
    (r#"{"statusCode":"LOGIN_FAILED"}"#, "LOGIN_FAILED"),
    (r#"{"response":{"success":"N"}}"#, "success: N"),
    (r#"{"ResultCode":"NOT_FOUND"}"#, "NOT_FOUND"),
    (r#"{"state":"FAILURE"}"#, "state: FAILURE"),
    (r#"{"error_code":105}"#, "error_code: 105"),
    (r#"{"isError":true}"#, ""),
    (r#"{"locked":true}"#, ""),
    (r#"{"username":"alice","message":"Invalid password"}"#, "Invalid password"),
    (r#""Invalid credentials""#, "Invalid credentials"),
    (r#"["Invalid credentials"]"#, "Invalid credentials"),
    ("Invalid credentials", "Invalid credentials"),
    ("false", ""),
];

/// Answers that say nothing, or contradict themselves.
const OPEN: &[&str] = &[
    r#"{"foo":3}"#,
    r#"{"message":"qwerty"}"#,
    r#"{"username":"alice"}"#,
    r#"{"data":null}"#,
    r#"{"attempts":3}"#,
    r#"{"id":"req-1","name":"LoginRequest"}"#,
    r#"{"form":{"id":"login-form","name":"login"}}"#,
    r#"{"config":{"theme":"dark","country":{"code":"KR"}}}"#,
    r#"{"success":true,"message":"Invalid password"}"#,
    r#"{"success":true,"user":null}"#,
    "1",
    "<p>Hello</p>",
];

#[tokio::test]
async fn an_answer_that_affirms_the_login_is_one() {
    for cookie in [Cookie::Everyone, Cookie::EachLogin] {
        for answer in RIGHT {
            let report = report(answer, cookie).await;
            assert_eq!(report.outcome, LoginOutcome::LoggedIn, "{answer} {cookie:?}");
        }
    }
}

#[tokio::test]
async fn a_cookie_for_preferences_or_statistics_is_no_session() {
    for cookie in ["lang=ko", "_ga=GA1.1.123456", "cookie_consent=yes", "XSRF-TOKEN=abc", "theme=dark"] {
        for answer in [r#"{"success":true}"#, "", r#"{"token":"x"}"#] {
            let line = format!("Set-Cookie: {cookie}; Path=/");
            let server = Script::new(move |seen| match seen.method.as_str() {
                "POST" => respond(200, &[&line], answer),
                _ => respond(404, &[], ""),
            });
            let report = outcome_of(&server, None).await;
            // The token is the session then, not the cookie.
            let has_token = report.evidence.contains(&Evidence::TokenIssued("token".to_owned()));
            assert_eq!(has_token, answer.contains("token"), "{cookie} {answer}");
            assert_eq!(report.outcome == LoginOutcome::LoggedIn, has_token, "{cookie} {answer}");
        }
    }
}

#[tokio::test]
async fn a_login_form_that_remains_contradicts_an_affirmative_answer() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => respond(200, &["Set-Cookie: sid=1; Path=/api"], r#"{"success":true}"#),
        (_, "/") => respond(302, &["Location: /start"], ""),
        _ => respond(
            200,
            &["Content-Type: text/html"],
            "<form method=post action=/in><input name=u><input type=password name=p><button>Log in</button></form>",
        ),
    });
    let outcome = outcome_of(&server, None).await.outcome;
    assert!(
        matches!(outcome, LoginOutcome::NoEvidence { shows: NoSession::LoginFormRemains, .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_affirmative_answer_without_a_cookie_is_no_session() {
    for answer in RIGHT {
        let outcome = report(answer, Cookie::Nobody).await.outcome;
        assert!(matches!(outcome, LoginOutcome::NoEvidence { .. }), "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_may_refuse_with_a_status_of_success() {
    for cookie in [Cookie::Everyone, Cookie::EachLogin, Cookie::Nobody] {
        for (answer, quoted) in WRONG {
            match report(answer, cookie).await.outcome {
                LoginOutcome::Refused { status: 200, messages } => {
                    let messages = messages.join(" / ");
                    assert!(messages.contains(quoted), "{answer}: {messages}");
                    assert!(!quoted.is_empty() || messages.is_empty(), "{answer}: {messages}");
                }
                other => panic!("{answer} {cookie:?}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_no_login() {
    for cookie in [Cookie::Everyone, Cookie::EachLogin] {
        for answer in OPEN {
            let outcome = report(answer, cookie).await.outcome;
            assert!(matches!(outcome, LoginOutcome::NoEvidence { .. }), "{answer} {cookie:?}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn an_empty_answer_is_a_login_if_only_it_has_a_cookie() {
    for answer in ["", "{}", "null", "[]"] {
        assert_eq!(report(answer, Cookie::EachLogin).await.outcome, LoginOutcome::LoggedIn, "{answer}");
        let outcome = report(answer, Cookie::Everyone).await.outcome;
        assert!(matches!(outcome, LoginOutcome::NoEvidence { .. }), "{answer}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_may_ask_for_a_further_step() {
    for (status, answer) in [
        (200, r#"{"requires2FA":true}"#),
        (200, r#"{"status":"MFA_REQUIRED"}"#),
        (200, r#"{"data":{"challengeName":"SMS"}}"#),
        (200, r#"{"success":true,"requires_otp":true}"#),
        (200, r#"{"message":"Two-factor authentication is required"}"#),
        (200, r#"{"redirect":"/verify-otp"}"#),
        (401, r#"{"flows":[{"id":"mfa_authenticate","is_pending":true}]}"#),
        (401, r#"{"success":false,"mfa_required":true}"#),
        (403, r#"{"error":"mfa_required","mfa_token":"x"}"#),
    ] {
        let outcome = outcome_of(&application(status, answer, Cookie::Everyone), None).await.outcome;
        assert_eq!(outcome, LoginOutcome::SecondFactor, "{answer}");
    }
    for answer in [
        r#"{"mfa_enabled":false}"#,
        r#"{"user":{"id":1,"name":"x","mfa_enabled":true}}"#,
        r#"{"user":{"name":"x","otp":true}}"#,
        r#"{"success":true,"mfaEnabled":true}"#,
        r#"{"message":"Invalid password or verification code"}"#,
        r#"{"token":"aaotpaa"}"#,
    ] {
        assert_ne!(report(answer, Cookie::Everyone).await.outcome, LoginOutcome::SecondFactor, "{answer}");
    }
    let outcome = report(r#"{"code":"PASSWORD_EXPIRED"}"#, Cookie::Nobody).await.outcome;
    assert!(matches!(outcome, LoginOutcome::Refused { .. }), "{outcome:?}");
    let outcome = report(r#"{"mustChangePassword":true}"#, Cookie::Everyone).await.outcome;
    assert!(matches!(outcome, LoginOutcome::AnotherStep { .. }), "{outcome:?}");
    let outcome = report(r#"{"captchaRequired":true}"#, Cookie::Everyone).await.outcome;
    assert_eq!(outcome, LoginOutcome::Captcha);
    let outcome =
        report(r#"{"captchaRequired":true,"message":"Wrong password"}"#, Cookie::Everyone).await.outcome;
    assert!(matches!(outcome, LoginOutcome::Refused { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_named_page_decides_before_any_word() {
    for (answer, _) in WRONG {
        let answer = (*answer).to_owned();
        let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
            ("POST", _) => respond(200, &["Set-Cookie: sid=1; Path=/"], &answer),
            (_, "/me") if seen.cookie("sid") == "1" => respond(200, &[], "hello"),
            (_, "/me") => respond(401, &[], ""),
            _ => respond(404, &[], ""),
        });
        assert_eq!(outcome_of(&server, Some("/me")).await.outcome, LoginOutcome::LoggedIn);
        let outcome = outcome_of(&server, Some("/other")).await.outcome;
        assert!(matches!(outcome, LoginOutcome::Refused { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_page_decides_about_an_uncertain_code() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => respond(200, &["Set-Cookie: sid=1; Path=/"], r#"{"status":1}"#),
        (_, "/api/me") if seen.cookie("sid") == "1" => respond(200, &[], "hello"),
        (_, "/api/me") => respond(401, &[], ""),
        _ => respond(404, &[], ""),
    });
    assert_eq!(outcome_of(&server, None).await.outcome, LoginOutcome::LoggedIn);
}

#[tokio::test]
async fn a_token_in_the_body_is_found() {
    let report_of = async |answer: &str| report(answer, Cookie::Everyone).await;
    let found = report_of(r#"{"data":{"accessToken":"x"}}"#).await;
    assert!(found.evidence.contains(&Evidence::TokenIssued("accessToken".to_owned())), "{found:?}");
    assert_eq!(found.outcome, LoginOutcome::LoggedIn);
    let found = report(r#"{"accessToken":"x"}"#, Cookie::EachLogin).await;
    assert_eq!(found.outcome, LoginOutcome::LoggedIn);
    let found = report_of(r#"{"csrf_token":"x","tokens":3}"#).await.evidence;
    assert!(!found.iter().any(|it| matches!(it, Evidence::TokenIssued(_))), "{found:?}");
}

#[test]
fn the_kind_of_a_json_login_says_why_it_ended() {
    let token = r#"{"access_token":"x"}"#;
    for (status, answer, cookie, kind) in [
        (200, r#"{"ok":true}"#, "sid=1; Path=/", "logged_in"),
        (200, r#"{"ok":false}"#, "sid=1; Path=/", "refused"),
        (200, r#"{"ok":true}"#, "sid=1; Path=/; Domain=other.test", "cookie_rejected"),
        (200, token, "sid=1; Path=/; Max-Age=0", "logged_in"),
        (401, r#"{"mfa_required":true}"#, "sid=1", "second_factor"),
        (429, "{}", "sid=1", "rate_limited"),
        (500, "{}", "sid=1", "server_error"),
    ] {
        let cookie = format!("Set-Cookie: {cookie}");
        let server = Script::new(move |seen| match seen.method.as_str() {
            "POST" => respond(status, &[&cookie], answer),
            _ => respond(404, &[], ""),
        });
        let login =
            ["login", &server.url("/login"), "--as-json", "--user", "alice", "--password-stdin", "--json"];
        let ran = Home::new().run_with_input(login, "secret");
        assert_eq!(ran.json()["verdict"]["kind"], kind, "{answer}: {}", ran.stderr);
    }
}

#[test]
fn a_login_of_a_script_can_be_form_encoded() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/api/login") if seen.header("content-type") == "application/x-www-form-urlencoded" => {
            let is_right =
                seen.body == "email=alice&password=a%26b+c&stay=1" && seen.header("x-csrf-token") == "t";
            let answer = if is_right { r#"{"status":"OK"}"# } else { r#"{"status":"KO"}"# };
            respond(200, &["Set-Cookie: sid=alive; Path=/"], answer)
        }
        ("POST", _) => respond(415, &[], ""),
        (_, "/") => respond(200, &["Set-Cookie: csrf_token=t"], "<div id=app></div>"),
        _ => respond(404, &[], ""),
    });
    let url = server.url("/api/login");
    let login = ["login", &url, "--as-form", "--user", "alice", "--user-field", "email", "--field", "stay=1"];
    let login: Vec<&str> = login.into_iter().chain(["--password-stdin"]).collect();
    Home::new().run_with_input(&login, "a&b c").exits(0).answers("logged in as alice");
    Home::new().run_with_input(&login, "wrong").exits(7).says("login refused (status 200): status: KO");
    let both: Vec<&str> = login.iter().copied().chain(["--as-json"]).collect();
    Home::new().run_with_input(&both, "x").exits(2);
}

#[test]
fn headers_of_the_user_are_sent_to_the_origin_of_the_url_only() {
    let other = Script::new(|_| respond(200, &[], "<p>elsewhere</p>"));
    let elsewhere = other.url("/");
    let form = "<form method=post action=/login><input name=u><input type=password name=p>\
        <button>Log in</button></form>";
    let server = Script::new(move |seen| {
        let is_in = seen.cookie("sid") == "alive";
        let page = |body: &str| respond(200, &["Content-Type: text/html"], body);
        match (seen.method.as_str(), seen.path()) {
            _ if seen.header("x-stage") != "let-me-in" => respond(401, &[], ""),
            ("POST", "/login") => respond(303, &["Location: /", "Set-Cookie: sid=alive; Path=/"], ""),
            ("POST", "/away") => respond(303, &[&format!("Location: {elsewhere}")], ""),
            (_, "/logout") => respond(303, &["Location: /", "Set-Cookie: sid=; Path=/; Max-Age=0"], ""),
            (_, "/form") => page("<form method=post action=/away><input name=a></form>"),
            _ if is_in => page("<a href=/logout>Log out</a>"),
            _ => page(form),
        }
    });
    let (home, header) = (Home::new(), ["-H", "X-Stage: let-me-in"]);
    let run = |words: &[&str]| home.run_with_input(words.iter().chain(&header), "secret");
    run(&["login", &server.url("/"), "--user", "alice", "--password-stdin"]).exits(0);
    run(&["submit", "/form", "a=1"]).exits(0).answers("elsewhere");
    run(&["logout"]).exits(7).says("only the cookie was deleted");
    home.line("visit /").exits(4);
    assert_eq!(other.seen().len(), 1);
    assert!(other.seen().iter().all(|seen| seen.header("x-stage").is_empty()));
}
