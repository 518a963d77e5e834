//! Properties that hold for any cookie, jar file and page.
//!
//! `scripts/fuzz` runs these tests, and those beside the code, with more cases.

use std::time::{Duration, Instant};

use http::HeaderMap;
use proptest::prelude::*;
use sessctl::client::Response;
use sessctl::client::form::{EntryValue, Filling, FormMethod};
use sessctl::client::html::HtmlPage;
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::cookies::{Jar, JarFile, SameSite, SetAction, StoredCookie, import};
use tempfile::TempDir;
use url::Url;

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_millis(1_800_000_000_000))
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn url() -> impl Strategy<Value = Url> {
    let urls = [
        "http://example.org/",
        "https://example.org/",
        "https://a.example.org/x/y",
        "http://a.example.org/x/",
        "https://evil.test/",
        "http://localhost/",
        "http://127.0.0.1:8000/x",
        "https://[::1]/",
        "https://example.github.io/",
        "https://github.io/",
    ];
    proptest::sample::select(urls.map(|url| Url::parse(url).expect("a URL")).to_vec())
}

/// A `Set-Cookie` line: most are nearly valid, some are random bytes.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof!["[ab]{0,1}", "__(Host|Secure|Http|host-http)-[ab]", "[ -~]{0,5}"];
    let attribute = prop_oneof![
        Just("Secure".to_owned()),
        Just("HttpOnly".to_owned()),
        "SameSite=(Strict|Lax|None|x)?",
        "Path=(/|/x|/x/|/x/y|x|/%2F)?",
        "Domain=\\.?(example\\.org|a\\.example\\.org|org|github\\.io|127\\.0\\.0\\.1|localhost|)",
        "Max-Age=-?[0-9]{0,12}",
        "Expires=[A-Za-z]{0,4},? ?[0-9]{1,2}[- ][A-Z][a-z]{2}[- ][0-9]{1,4} [0-9]{1,3}:[0-9]{2}:[0-9]{2}( GMT)?",
        "[a-zA-Z-]{0,8}=[ -~]{0,10}",
    ];
    let made =
        (name, "[ -~]{0,8}", proptest::collection::vec(attribute, 0..5)).prop_map(|(name, value, rest)| {
            let rest: String = rest.iter().map(|attribute| format!("; {attribute}")).collect();
            format!("{name}={value}{rest}").into_bytes()
        });
    let large = (0_usize..5000).prop_map(|size| [b"a=".as_slice(), &vec![b'x'; size]].concat());
    prop_oneof![10 => made, 3 => proptest::collection::vec(any::<u8>(), 0..60), 1 => large]
}

fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn goes_to(cookie: &StoredCookie, url: &Url) -> bool {
    let (host, domain) = (url.host_str().unwrap_or_default(), cookie.domain_name());
    let is_below = host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    let rest = url.path().strip_prefix(cookie.path());
    let on_path =
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || cookie.path().ends_with('/'));
    (host == domain || is_below && !cookie.is_host_only())
        && on_path
        && (!cookie.secure || is_trustworthy(url))
}

/// What holds for each cookie in a jar.
fn is_sound(cookie: &StoredCookie) -> bool {
    let bytes = || cookie.name.0.iter().chain(&cookie.value.0);
    let name = String::from_utf8_lossy(&cookie.name.0).to_ascii_lowercase();
    bytes().count() <= 4096
        && bytes().all(|&byte| byte == b'\t' || byte > 0x1f && byte != 0x7f && byte != b';')
        && !cookie.name.0.contains(&b'=')
        && (cookie.secure || cookie.same_site != Some(SameSite::None))
        && (!name.starts_with("__secure-") || cookie.secure)
        && (!name.starts_with("__host-") || cookie.secure && cookie.is_host_only() && cookie.path() == "/")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_jar_is_sound_and_sends_what_it_decides(
        responses in proptest::collection::vec((url(), proptest::collection::vec(line(), 0..6)), 0..6),
        asked in url(),
    ) {
        let jar = Jar::with_clock(clock());
        for (url, lines) in &responses {
            let decisions = jar.receive(url, lines.iter().map(Vec::as_slice));
            prop_assert_eq!(decisions.len(), lines.len());
        }
        let cookies = jar.cookies();
        for cookie in &cookies {
            prop_assert!(is_sound(cookie), "{:?}", cookie);
        }
        let (header, decisions) = jar.cookies_for(&asked);
        // RFC 6265bis §5.8.3 in short. The sort is stable, and the jar returns its cookies oldest first.
        let mut expected: Vec<&StoredCookie> = cookies.iter().filter(|cookie| goes_to(cookie, &asked)).collect();
        expected.sort_by_key(|cookie| std::cmp::Reverse(cookie.path().len()));
        let sent: Vec<&[u8]> = decisions.iter().filter(|it| it.withheld.is_none()).map(|it| &it.name.0[..]).collect();
        prop_assert_eq!(sent, expected.iter().map(|cookie| &cookie.name.0[..]).collect::<Vec<_>>());
        let pairs: Vec<Vec<u8>> = expected
            .iter()
            .map(|cookie| match &cookie.name.0[..] {
                [] => cookie.value.0.clone(),
                name => [name, b"=", &cookie.value.0].concat(),
            })
            .collect();
        prop_assert_eq!(header.map_or_else(Vec::new, |header| header.as_bytes().to_vec()), pairs.join(&b"; "[..]));
    }

    #[test]
    fn an_insecure_origin_never_touches_a_secure_cookie(lines in proptest::collection::vec(line(), 1..8)) {
        let jar = Jar::with_clock(clock());
        let parse = |url: &str| Url::parse(url).expect("a URL");
        let line = &b"a=secret; Secure; Domain=example.org; Path=/"[..];
        jar.receive(&parse("https://example.org/"), [line]);
        let before = jar.cookies();
        jar.receive(&parse("http://example.org/"), lines.iter().map(Vec::as_slice));
        jar.receive(&parse("http://a.example.org/"), lines.iter().map(Vec::as_slice));
        let after = jar.cookies();
        let kept = after.iter().find(|cookie| cookie.secure && cookie.name.0 == b"a");
        prop_assert_eq!(kept.map(|cookie| &cookie.value), before.first().map(|cookie| &cookie.value));
    }

    #[test]
    fn the_number_of_cookies_is_limited(names in proptest::collection::vec("[a-z]{1,3}", 190..260)) {
        let jar = Jar::with_clock(clock());
        let url = Url::parse("https://example.org/").expect("a URL");
        for name in &names {
            let decisions = jar.receive(&url, [format!("{name}=1").as_bytes()]);
            let is_kept = matches!(decisions[0].action, SetAction::Stored | SetAction::Replaced { .. });
            prop_assert!(is_kept, "{:?}", decisions);
            prop_assert!(jar.cookies().iter().any(|cookie| cookie.name.0 == name.as_bytes()), "the newest stays");
        }
        prop_assert!(jar.cookies().len() <= 180);
    }

    #[test]
    fn a_jar_survives_its_file(
        responses in proptest::collection::vec((url(), proptest::collection::vec(line(), 0..6)), 0..6),
    ) {
        let folder = TempDir::new().expect("a folder");
        let file = JarFile::new(folder.path().join("jar"));
        let (jar, _) = file.load(clock()).expect("an empty jar");
        for (url, lines) in &responses {
            jar.receive(url, lines.iter().map(Vec::as_slice));
        }
        file.save(&jar, None, Instant::now() + Duration::from_secs(60)).expect("to be saved");
        let (again, _) = file.load(clock()).expect("a jar");
        prop_assert_eq!(again.cookies(), jar.cookies());
    }

    #[test]
    fn a_file_that_is_not_a_jar_is_unchanged(text in text_like_a_jar()) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("jar");
        std::fs::write(&path, &text).expect("to be written");
        let file = JarFile::new(&path);
        match file.load(clock()) {
            Err(error) => prop_assert!(error.to_string().contains("jar")),
            Ok((jar, _)) => {
                let url = Url::parse("https://example.org/").expect("a URL");
                let _ = jar.cookies_for(&url);
                jar.receive(&url, [&b"new=1"[..]]);
                file.save(&jar, None, Instant::now() + Duration::from_secs(60)).expect("to be saved");
                let (again, _) = file.load(clock()).expect("what was written can be read");
                prop_assert!(again.cookies().iter().any(|cookie| cookie.name.0 == b"new"));
                return Ok(());
            }
        }
        prop_assert_eq!(std::fs::read(&path).expect("the file"), text);
    }

    #[test]
    fn every_imported_cookie_is_sound(text in text_of_other_programs()) {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let url = Url::parse("http://host.test/").expect("a URL");
        if let Ok(imported) = import(&text, Some(&url), now) {
            for cookie in &imported.cookies {
                prop_assert!(is_sound(cookie) && !cookie.is_expired(now), "{:?}", cookie);
            }
        }
    }

    #[test]
    fn every_page_has_forms_that_can_be_submitted(html in soup(), values: Vec<(String, String)>) {
        let url = Url::parse("https://example.org/a/b?c").expect("a URL");
        let response = Response::new(url.clone(), HeaderMap::new(), html.clone().into_bytes());
        let page = HtmlPage::of(&response);
        prop_assert!(page.forms.len() <= html.matches("<form").count());
        for form in &page.forms {
            prop_assert_eq!(&form.page, &url);
            for button in [None, form.default_button()] {
                let filling = Filling::of(values.clone(), button);
                let _ = form.check(&filling);
                let request = form.submission(&filling).expect("a request");
                let entries = form.entries(&filling);
                let is_given = |(name, value): &&(String, EntryValue)| {
                    values.iter().any(|(n, v)| n == name && *value == EntryValue::Text(v.clone()))
                };
                let given = entries.iter().filter(is_given).count();
                prop_assert!(values.is_empty() || given > 0 || form.controls.iter().any(|control| !control.name.is_empty()));
                if request.method == http::Method::GET && form.method == FormMethod::Get && entries.is_empty() {
                    prop_assert_eq!(request.url.query(), None);
                }
            }
        }
    }
}

/// The text of a jar with a change, or random bytes.
fn text_like_a_jar() -> impl Strategy<Value = Vec<u8>> {
    let whole = r#"{"version":1,"login":{"page":"https://example.org/","at":"2026-01-01T00:00:00Z"},"cookies":[
        {"name":"a","value":{"base64":"//4="},"domain":"example.org","host_only":false,"path":"/x","expires":
        "2030-01-01T00:00:00Z","secure":true,"http_only":true,"same_site":"Lax","created":"2026-01-01T00:00:00Z",
        "last_used":"2026-01-02T00:00:00Z"}]}"#;
    let changed = (0..whole.len(), 0_usize..12, "[ -~\\n]{0,8}").prop_map(move |(at, cut, new)| {
        let mut text = whole.as_bytes().to_vec();
        let end = (at + cut).min(text.len());
        text.splice(at..end, new.bytes());
        text
    });
    prop_oneof![8 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..100)]
}

/// A file of another program with a change, or random bytes.
fn text_of_other_programs() -> impl Strategy<Value = Vec<u8>> {
    let files = [
        "# Netscape HTTP Cookie File\n#HttpOnly_.a.test\tTRUE\t/\tTRUE\t4102444800\tname\tvalue\n::1\tFALSE\t/\tFALSE\t0\tn\tv",
        r#"{"__meta__":{"httpie":"3"},"cookies":[{"name":"a","value":"b","domain":".a.test","path":"/","expires":4102444800}]}"#,
        r#"{"cookies":[{"name":"a","value":"b","domain":"a.test","expires":-1,"sameSite":"Lax"}],"origins":[]}"#,
        r#"{"log":{"entries":[{"startedDateTime":"2027-01-01T00:00:00Z","request":{"url":"wss://a.test/","headers":[{"name":
           "Cookie","value":"a=b; c"}],"cookies":[{"name":"d","value":"e","expires":"1969-12-31T23:59:59.000Z"}]},
           "response":{"headers":[{"name":"set-cookie","value":"f=g; Domain=test\nh=i; Secure"}]}}]}}"#,
    ];
    let whole = proptest::sample::select(files.map(str::as_bytes).to_vec());
    let changed =
        (whole, any::<proptest::sample::Index>(), 0_usize..16, "([ -~\t\n]{0,6}|[0-9]|null|\\{\\}|\"\")");
    let changed = changed.prop_map(|(whole, at, cut, new)| {
        let mut text = whole.to_vec();
        let at = at.index(text.len());
        text.splice(at..(at + cut).min(whole.len()), new.bytes());
        text
    });
    prop_oneof![8 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..100)]
}

/// Tags in any order, with valid and broken attributes.
fn soup() -> impl Strategy<Value = String> {
    let tag = "(form|input|button|select|option|textarea|label|fieldset|a|base|table|tr|div|template|script|iframe|p)";
    let attribute = prop_oneof![
        "(name|id|for|form|value|title|class|role)=('|\")?[a-c \\[\\]]{0,3}('|\")?",
        "(action|formaction|href)=('|\")?(/x|//y|https?:|javascript:|\\?q|#f|\\[|%|)('|\")?",
        "type=(text|password|hidden|submit|image|checkbox|radio|file|button|reset|x|)",
        "(method|formmethod)=(get|post|dialog|put|)",
        "(enctype|accept-charset)=(multipart/form-data|text/plain|utf-16|big5|x|)",
        "(checked|selected|disabled|multiple|hidden|required)",
        "[ -~]{0,6}",
    ];
    let open = (tag, proptest::collection::vec(attribute, 0..4))
        .prop_map(|(tag, attributes)| format!("<{tag} {}>", attributes.join(" ")));
    let close = tag.prop_map(|tag| format!("</{tag}>"));
    let piece =
        prop_oneof![4 => open, 2 => close, 1 => "[ -~é]{0,6}", 1 => "(<!--|-->|<|&#0;|&amp|\u{0}|<!)"];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}
