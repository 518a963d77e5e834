//! `why`: decisions with their rules, for the jar and for a line.

use serde_json::Value;

use crate::support::{Home, Ran, Script, respond};

/// A jar as a login at `app.example.org` may leave it.
fn jar() -> Home {
    let home = Home::new();
    let cookie = |name: &str, domain: &str, host_only: bool, path: &str, secure: bool, same_site: &str| {
        let same_site = if same_site.is_empty() { "null".to_owned() } else { format!("\"{same_site}\"") };
        format!(
            r#"{{"name":"{name}","value":"v","domain":"{domain}","host_only":{host_only},"path":"{path}","expires":null,
            "secure":{secure},"http_only":true,"same_site":{same_site},"created":"2026-01-01T00:00:00Z",
            "last_used":"2026-01-01T00:00:00Z"}}"#
        )
    };
    let cookies = [
        cookie("sid", "app.example.org", true, "/", true, "Lax"),
        cookie("admin", "app.example.org", true, "/admin", true, "Strict"),
        cookie("theme", "example.org", false, "/", false, ""),
        cookie("widget", "app.example.org", true, "/", true, "None"),
        cookie("other", "other.test", true, "/", false, ""),
    ];
    let text = format!(r#"{{"version":1,"cookies":[{}]}}"#, cookies.join(","));
    std::fs::create_dir_all(home.jar().parent().expect("a folder")).expect("to be made");
    std::fs::write(home.jar(), text).expect("to be written");
    home
}

/// Of each cookie the reason why it is not sent, or `sent`.
fn reasons(home: &Home, args: &[&str]) -> Vec<(String, String)> {
    let answer = home.run(["why", "--json"].iter().chain(args)).exits(0).json();
    let text = |value: &Value| value.as_str().unwrap_or("sent").to_owned();
    let cookies = answer["cookies"].as_array().expect("a list").iter();
    cookies.map(|cookie| (text(&cookie["name"]), text(&cookie["reason"]))).collect()
}

#[track_caller]
fn gives(args: &[&str], expected: &[(&str, &str)]) {
    let found = reasons(&jar(), args);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(name, reason)| (name.as_str(), reason.as_str())).collect();
    for pair in expected {
        assert!(found.contains(pair), "{pair:?} is not in {found:?}");
    }
}

#[test]
fn each_cookie_is_sent_or_has_its_reason() {
    gives(
        &["https://app.example.org/x"],
        &[("sid", "sent"), ("admin", "NotOnPath"), ("theme", "sent"), ("other", "DomainMismatch")],
    );
    gives(
        &["http://app.example.org/admin"],
        &[("sid", "SecureOnly"), ("admin", "SecureOnly"), ("theme", "sent")],
    );
    gives(&["https://example.org/"], &[("sid", "DomainMismatch"), ("theme", "sent")]);
}

#[test]
fn requests_of_other_sites_have_less() {
    let link = ["https://app.example.org/admin", "--from", "https://other.test"];
    let sent = [("sid", "sent"), ("theme", "sent"), ("widget", "sent"), ("admin", "SameSiteStrict")];
    gives(&link, &sent);
    let withheld = [
        ("sid", "SameSiteLax"),
        ("theme", "SameSiteUnspecifiedTreatedAsLax"),
        ("widget", "sent"),
        ("admin", "SameSiteStrict"),
    ];
    gives(&[&link[..], &["--method", "POST"]].concat(), &withheld);
    gives(&[&link[..], &["--embedded"]].concat(), &withheld);
    gives(
        &["https://app.example.org/", "--from", "https://www.example.org", "-X", "POST"],
        &[("sid", "sent")],
    );
    let downgraded = ["https://app.example.org/", "--from", "http://www.example.org", "-X", "POST"];
    gives(&downgraded, &[("sid", "SchemefulSameSiteLax")]);
}

#[test]
fn a_cookie_that_another_site_sends_has_its_reason() {
    let home = Home::new();
    for line in ["young=1", "lax=1; SameSite=Lax", "none=1; SameSite=None; Secure"] {
        home.run(["set-cookie", "https://app.test/", line]).exits(0);
    }
    let post = "why https://app.test/ --from https://other.test --method POST";
    let rules = |line: &str| home.line(line).exits(0).stdout;
    let said = rules(post);
    assert!(said.contains("only because it is younger than two minutes"), "{said}");
    assert!(said.contains("Lax afterwards (an import resets its age)"), "{said}");
    assert!(said.contains("a SameSite=None cookie is sent with the requests of all sites"), "{said}");
    let link = "why https://app.test/ --from https://other.test --name lax";
    assert!(rules(link).contains("a link or a GET form opens the page"), "{}", rules(link));
    assert!(!rules("why https://app.test/").contains("rule:"), "the site's own requests need no reason");
    let json = home.line(&format!("{post} --name young --json")).exits(0).json();
    let rule = json["cookies"][0]["rule"].as_str().unwrap_or_default().to_owned();
    assert!(rule.contains("younger than two minutes"), "{json}");
    let korean = rules(&format!("{post} --lang ko --name young"));
    assert!(korean.contains("2분이 지나지 않았기"), "{korean}");
}

#[test]
fn each_reason_has_its_rule_and_its_fix() {
    let ran = jar().line("why http://app.example.org/ --name admin").exits(0);
    let ran = ran
        .answers("admin: withheld: NotOnPath (RFC 6265bis §5.1.4")
        .answers("rule: a cookie is sent only to its path");
    ran.answers("fix: request a page below its path")
        .answers("also: SecureOnly")
        .answers("app.example.org, path /admin");
    jar()
        .line("why https://app.example.org/ --name none")
        .exits(1)
        .says("the jar has no cookie with this name");
}

#[test]
fn a_pasted_line_is_judged_and_explained() {
    let home = jar();
    let line = "Set-Cookie: id=1; SameSite=None; Expires=tomorrow; Path=x; Colour=red";
    let ran = home.run(["why", "https://example.org/a/b", "--set-cookie", line]).exits(0);
    let ran = ran.answers("id: rejected: SameSiteNoneInsecure").answers("fix: add Secure");
    ran.answers("note: Expires is not a date")
        .answers("note: Path does not begin with /")
        .answers("Colour is not a cookie attribute");
    let stored = home
        .run(["why", "https://example.org/a/b", "--set-cookie", "id=1; Max-Age=60", "--json"])
        .exits(0)
        .json();
    let set = &stored["set"][0];
    assert_eq!((&set["action"], &set["cookie"]["path"]), (&"stored".into(), &"/a".into()), "{stored}");
    assert_eq!(set["notes"][0], "/a is the path, taken from the URL because there is no valid Path (§5.1.4)");
    let overlay =
        home.run(["why", "http://app.example.org/", "--set-cookie", "sid=evil", "--json"]).exits(0).json();
    assert_eq!(overlay["set"][0]["reason"], "OverwriteSecure", "the jar is asked: {overlay}");
    home.line("show-cookies --name id --value").exits(1);
}

#[test]
fn common_mistakes_are_named() {
    let home = Home::new();
    let why = |url: &str, line: &str| home.run(["why", url, "--set-cookie", line]).exits(0).stdout;
    for (url, line, said) in [
        ("https://a.example.org./", "x=1; Domain=org.", "rejected: PublicSuffix"),
        ("https://a.co.uk./", "x=1; Domain=co.uk.", "rejected: PublicSuffix"),
        ("http://localhost:8000/", "x=1; Domain=localhost:8000", "note: Domain must be a host name"),
        ("https://a.test/", "x=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "note: the expiry is in the past"),
        ("https://a.test/", "x=1; Max-Age=0", "deleted (there was nothing to delete)"),
        ("https://a.test/", "x=1; Secure; Partitioned", "note: Partitioned is not in RFC 6265bis"),
        ("https://127.0.0.1/", "x=1; Domain=127.0.0.1", "scope: 127.0.0.1, path /"),
    ] {
        let told = why(url, line);
        assert!(told.contains(said), "{said:?} is not in {told}");
    }
    let both = ["why", "https://a.test/", "--set-cookie", "a=1", "--set-cookie", "a=2"];
    home.run(both).exits(0).answers("a: stored").answers("a: replaced");
    let ran = home.run(["why", "https://user:hunter2@a.test/", "--json"]).exits(0);
    assert!(!format!("{ran:?}").contains("hunter2"));
    let jar = jar();
    jar.line("why https://app.example.org/ --from null -X post --name sid").exits(0).answers("SameSiteLax");
    jar.line("why https://app.example.org/ --from example.org -X post --name sid")
        .exits(0)
        .answers("sid: sent");
}

#[test]
fn visit_tells_the_same() {
    let home = Home::new();
    let server = Script::new(|_| {
        respond(200, &["Set-Cookie: a=1; Path=/admin", "Set-Cookie: b=1; SameSite=None"], "")
    });
    home.run(["visit", &server.url("/"), "-v"])
        .exits(0)
        .says("b: rejected: SameSiteNoneInsecure (RFC 6265bis §5.7 step 19)");
    let shown = home.run(["visit", &server.url("/"), "-v"]).exits(0).stderr;
    let why = home.run(["why", &server.url("/")]).exits(0).stdout;
    let decision = "a: withheld: NotOnPath (RFC 6265bis §5.1.4, §5.8.3 step 1)";
    assert!(shown.contains(decision) && why.contains(decision), "{shown}\n{why}");
}

#[test]
fn people_are_told_in_korean_and_machines_in_english() {
    let home = jar();
    let ran = home.line("why http://app.example.org/ --name admin --lang ko").exits(0);
    let ran =
        ran.says("http://app.example.org/ 요청").answers("admin: 전송 안 함: NotOnPath (RFC 6265bis §5.1.4");
    ran.answers("규칙: 쿠키는 자신의 경로와 그 하위 경로로만 전송됩니다").answers("다른 이유: SecureOnly");
    let line = "id=1; Max-Age=88000; Domain=example.org; Colour=red"; // between 24 and 25 hours
    let ran = home.run(["why", "https://app.example.org/a/b", "--lang", "ko", "--set-cookie", line]).exits(0);
    let ran = ran
        .answers("id: 저장")
        .answers("전송 대상: example.org 및 하위 도메인, 경로 /a")
        .answers("(24시간 후)");
    ran.answers("참고: 쿠키의 경로는 페이지의 경로인 /a 입니다")
        .answers("참고: Colour: 쿠키에 없는 속성이어서");
    let args = ["why", "https://app.example.org/", "--json", "--set-cookie", line];
    let english = home.run(args).exits(0).json();
    let mut korean = home.command(args);
    let korean = Ran::from(korean.env("LC_ALL", "ko_KR.UTF-8").output().expect("to run")).exits(0).json();
    assert_eq!(english["set"][0]["notes"], korean["set"][0]["notes"]);
}
