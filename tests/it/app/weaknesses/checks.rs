//! What each check of the audit looks for, in its simplest form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::target::{Setting, Target};
use crate::support::Answer;

pub struct Check {
    pub name: &'static str,
    pub settings: &'static [Setting],
    pub finds: fn(&Target) -> bool,
}

const ALL: &[Setting] = &[Setting::Plain, Setting::Accounts, Setting::Tls, Setting::TlsAccounts];
const TLS: &[Setting] = &[Setting::Tls, Setting::TlsAccounts];
const ACCOUNTS: &[Setting] = &[Setting::Accounts, Setting::TlsAccounts];
const WITHOUT_TLS: &[Setting] = &[Setting::Plain, Setting::Accounts];

const fn check(name: &'static str, settings: &'static [Setting], finds: fn(&Target) -> bool) -> Check {
    Check { name, settings, finds }
}

pub const CHECKS: &[Check] = &[
    check("cookie-secure", TLS, |it| !session_line(&login(it)).contains("; Secure")),
    check("cookie-httponly", ALL, |it| !session_line(&login(it)).contains("; HttpOnly")),
    check("cookie-samesite", ALL, |it| !session_line(&login(it)).contains("; SameSite=Lax")),
    check("cookie-prefix", TLS, |it| !session_line(&login(it)).starts_with("__Host-")),
    check("cookie-domain", ALL, |it| session_line(&login(it)).contains("; Domain=")),
    check("cookie-lifetime", ALL, |it| session_line(&login(it)).contains("; Max-Age=")),
    check("cookie-size", ALL, |it| login(it).headers("set-cookie").iter().any(|line| line.len() > 4200)),
    check("cookie-refused-by-browsers", ALL, |it| {
        let is_refused = |line: &&str| line.contains("SameSite=None") && !line.contains("Secure");
        login(it).headers("set-cookie").iter().any(is_refused)
    }),
    check("cache-control", ALL, |it| {
        let page = it.get("/", Some(&it.log_in("alice")));
        [login(it), page].iter().any(|answer| answer.headers("cache-control") != ["no-store"])
    }),
    check("hsts", TLS, |it| it.get("/", None).header("strict-transport-security").is_empty()),
    check("token-in-url", ALL, |it| {
        let answer = login(it);
        answer.header("location").contains(token(&answer.cookie()))
    }),
    check("token-in-body", ALL, |it| {
        let cookie = it.log_in("alice");
        ["/", "/sessions"].iter().any(|path| it.get(path, Some(&cookie)).body.contains(token(&cookie)))
    }),
    check("login-by-get", ALL, |it| {
        let is_form = it.get("/", None).body.contains("method=\"get\"");
        is_form && it.get(&format!("/login?{}", it.form("alice")), None).status == 303
    }),
    check("clear-text-login", TLS, |it| {
        let page = it.get("/", None);
        let is_allowed = !page.header("content-security-policy").contains("form-action 'self';");
        page.body.contains("<form action=\"http://127.0.0.1:") && is_allowed
    }),
    check("token-entropy", ALL, |it| {
        let tokens = [it.log_in("alice"), it.log_in("alice")];
        tokens[0] == tokens[1] || token(&tokens[0]).len() < 43
    }),
    check("token-content", ALL, |it| {
        let cookie = it.log_in("alice");
        let parts = token(&cookie).split('.').filter_map(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let text: String = parts.map(|part| String::from_utf8_lossy(&part).into_owned()).collect();
        text.contains("alice") || forged(&cookie).is_some_and(|forged| it.is_live(&forged))
    }),
    check("token-tampering", ALL, |it| {
        let cookie = it.log_in("alice");
        let (name, token) = cookie.split_once('=').expect("a cookie");
        let other = if token.starts_with('Z') { "Y" } else { "Z" };
        let tampered = [
            format!("{other}{}", &token[1..]),
            token[..token.len() - 2].to_owned(),
            format!("{token}x"),
            String::new(),
        ];
        let mut statuses =
            tampered.iter().map(|token| it.get("/session", Some(&format!("{name}={token}"))).status);
        let is_found = statuses.any(|status| status != 401);
        is_found && it.is_live(&cookie)
    }),
    check("wrong-password", ACCOUNTS, |it| it.post("/login", &[], WRONG).status == 303),
    check("user-enumeration", ACCOUNTS, |it| {
        let wrong = it.post("/login", &[], WRONG);
        let unknown = it.post("/login", &[], "username=nobody&password=wrong-horse-1");
        wrong.status == 401 && (unknown.status, &unknown.body) != (401, &wrong.body)
    }),
    check("fixation", ALL, |it| {
        let before = [invented(it), it.get("/", None).cookie()];
        before.iter().filter(|cookie| !cookie.is_empty()).any(|cookie| {
            assert!(!it.is_live(cookie), "{cookie}");
            it.log_in_with("alice", Some(cookie));
            it.is_live(cookie)
        })
    }),
    check("rotation", ALL, |it| {
        let before = [invented(it), it.get("/", None).cookie()];
        let mut before = before.iter().filter(|cookie| !cookie.is_empty());
        before.any(|cookie| it.log_in_with("alice", Some(cookie)).cookie() == *cookie)
    }),
    check("relogin", ALL, |it| {
        let first = it.log_in("alice");
        let second = it.log_in_with("alice", Some(&first)).cookie();
        first == second || it.is_live(&first)
    }),
    check("logout-ends-session", ALL, |it| {
        let cookie = it.log_in("alice");
        it.log_out(&cookie).status == 303 && it.is_live(&cookie)
    }),
    check("logout-clears-cookie", ALL, |it| {
        let set = login(it);
        let deleted = it.log_out(&set.cookie());
        let line = session_line(&deleted);
        let scope = |line: &str| {
            let attributes = line.split("; ").skip(1);
            let scope = attributes.filter(|it| it.starts_with("Path") || it.starts_with("Domain"));
            scope.collect::<Vec<_>>().join("; ")
        };
        let is_deletion = line.contains("=; ") && line.contains("; Max-Age=0");
        deleted.status == 303 && !(is_deletion && scope(&line) == scope(&session_line(&set)))
    }),
    check("logout-by-get", ALL, |it| {
        let cookie = it.log_in("alice");
        it.get("/logout", Some(&cookie));
        !it.is_live(&cookie)
    }),
    check("logout-control", ALL, |it| {
        let page = it.get("/", Some(&it.log_in("alice")));
        assert!(page.body.contains("Welcome, alice!"), "{page:?}");
        !page.body.contains("action=\"/logout\"")
    }),
    check("revival", WITHOUT_TLS, |it| {
        let quiet = it.log_in("alice");
        it.log_out(&quiet);
        !it.is_live(&quiet) && (0..2).any(|_| is_revived(it))
    }),
    check("idle-timeout", ALL, |it| {
        let cookie = it.log_in("alice");
        it.advance(330);
        it.is_live(&cookie)
    }),
    check("absolute-timeout", ALL, |it| {
        let cookie = it.log_in("alice");
        for minute in (0..60).step_by(4) {
            assert!(it.is_live(&cookie), "after {minute} minutes");
            it.advance(240);
        }
        it.is_live(&cookie)
    }),
    check("duplicate-cookies", ALL, |it| {
        let cookies = [it.log_in("alice"), it.log_in("bob")];
        assert!(cookies.iter().all(|cookie| it.is_live(cookie)));
        it.is_live(&cookies.join("; "))
    }),
    check("token-elsewhere", ALL, |it| {
        let cookie = it.log_in("alice");
        let in_query = it.get(&format!("/session?sessionid={}", token(&cookie)), None).status == 200;
        in_query || it.is_live(&format!("x{cookie}")) || it.is_live(&cookie.replacen('=', "x=", 1))
    }),
    check("parallel-sessions", ALL, |it| it.log_in("alice") == it.log_in("alice")),
    check("session-list", ALL, |it| {
        let cookies = [it.log_in("alice"), it.log_in("alice")];
        let revoked = it.post("/sessions/revoke", &[("Cookie", &cookies[0])], "others=1");
        assert_eq!((revoked.status, revoked.header("location")), (303, "/sessions"), "{revoked:?}");
        assert!(it.is_live(&cookies[0]));
        cookies[0] != cookies[1] && it.is_live(&cookies[1])
    }),
    check("bleed", WITHOUT_TLS, |it| {
        let (alice, bob) = (it.log_in("alice"), it.log_in("bob"));
        // On a busy machine, the second request may be late.
        (0..5).any(|_| {
            let pages = it.at_once(&[Target::request("GET", "/", &alice), Target::request("GET", "/", &bob)]);
            assert!(pages.iter().all(|page| page.body.contains("Welcome, ")));
            !pages[1].body.contains("Welcome, bob!")
        })
    }),
    check("lost-updates", WITHOUT_TLS, |it| {
        let cookie = it.log_in("alice");
        for count in 1..=2 {
            let answer = it.post("/counter", &[("Cookie", &cookie)], "");
            assert_eq!(answer.body, format!("{{\"count\":{count}}}"));
        }
        (1..=3).any(|round| {
            it.at_once(&vec![Target::request("POST", "/counter", &cookie); 5]);
            let count = format!("\"count\":{}", 2 + 5 * round);
            !it.get("/session", Some(&cookie)).body.contains(&count)
        })
    }),
    check("csrf", ALL, |it| {
        let cookie = it.log_in("alice");
        let foreign =
            [("Cookie", &*cookie), ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")];
        it.post("/logout", &foreign, "").status != 403
    }),
    check("open-redirect", ALL, |it| {
        let is_open = |next: &str| {
            let form = format!("{}&next={next}", it.form("alice"));
            it.post("/login", &[], &form).header("location").contains("evil.example")
        };
        let page = it.get("/?next=//evil.example/", None).body;
        ["//evil.example/", "/%5Cevil.example", "https://evil.example"].into_iter().all(is_open)
            && page.contains("name=\"next\" value=\"//evil.example/\"")
    }),
    check("name-escaping", ALL, |it| {
        let page = it.get("/", Some(&it.log_in("<b>x</b>")));
        assert!(page.body.contains("Welcome, "), "{page:?}");
        page.body.contains("<b>x</b>")
    }),
    // The last one: it locks the accounts.
    check("throttling", ACCOUNTS, |it| {
        let statuses: Vec<u16> = (0..13).map(|_| it.post("/login", &[], WRONG).status).collect();
        statuses.iter().all(|status| *status == 401)
    }),
];

const WRONG: &str = "username=alice&password=wrong-horse-1";

fn login(target: &Target) -> Answer {
    target.log_in_with("alice", None)
}

fn token(cookie: &str) -> &str {
    cookie.split_once('=').expect("a cookie").1
}

/// The line of the session cookie.
fn session_line(answer: &Answer) -> String {
    let lines = answer.headers("set-cookie");
    lines.iter().find(|line| line.contains("sessionid=")).map(ToString::to_string).unwrap_or_default()
}

/// A cookie that the server has not issued.
fn invented(target: &Target) -> String {
    let cookie = target.log_in("bob");
    format!("{}={}", cookie.split_once('=').expect("a cookie").0, "A".repeat(43))
}

/// The JWT with another header and without a signature.
fn forged(cookie: &str) -> Option<String> {
    let (name, token) = cookie.split_once('=')?;
    let payload = token.split('.').nth(1)?;
    Some(format!("{name}={}.{payload}.", URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}")))
}

/// Logs out while other requests are in flight.
fn is_revived(target: &Target) -> bool {
    let cookie = target.log_in("alice");
    let mut requests = vec![Target::request("GET", "/", &cookie); 4];
    requests.push(Target::request("POST", "/logout", &cookie));
    target.at_once(&requests);
    target.is_live(&cookie)
}
