//! Secrets in URLs and in text.

use sessctl::internal::{Masking, Redactor};
use url::Url;

use super::SECRET;

fn short() -> Redactor {
    Redactor::new(Masking::Short)
}

#[test]
fn secrets_are_masked_in_every_part_of_a_url() {
    for url in [
        "/x?sid=SECRET&a=1",
        "/x?a=1;token=SECRET",
        "/x?tok%65n=SECRET",
        "/x?user%5Bpin%5D=SECRET",
        "/x?next=/y?access_token=SECRET",
        "/x?next=%2Fy%3Ftoken%3DSECRET",
        "/x?next=http%3A%2F%2Fh%2Fy%3Fa%3D1%26next%3D%252Fz%253Fpin%253DSECRET",
        "/x?next=http://u:SECRET@h/",
        "/x#access_token=SECRET&x=1",
        "/x#/route?code=SECRET",
        "/callback?code=SECRET#token=SECRET",
        "/x;jsessionid=SECRET",
        "/x;jsessionid=SECRET/y;a=SECRET?q",
        "/token=SECRET/y",
        "/x%3Fpin=SECRET",
        "/reset/SECRET",
        "/reset/SECRET/confirm?x",
        "/x?q=SECRET",
        "/x?SECRET",
        "/x?state=SECRET&key=SECRET",
        "/x?X-Amz-Date=SECRET",
        "/x?data=%7B%22pin%22%3A%22SECRET%22%7D",
        "http://u:SECRET@h/",
        "http://SECRET@h/",
        "http://u:SECRET@127.0.0.1:99999/",
        "http://u:a/SECRET@h:99999/",
        "http:u:SECRET@h/",
        "ftp://u:SECRET@h/",
        "//u:SECRET@h/",
        "u:SECRET@h:99999",
        "http://h/x?pin=ab(SECRET)",
        "0;url=/x?pin=SECRET",
    ] {
        for secret in [SECRET, "hunter2-and-9"] {
            // A short value is a secret only where its name or place says so.
            if secret != SECRET && ["/reset", "q=", "x?SECRET", ";a="].iter().any(|it| url.contains(it)) {
                continue;
            }
            let url = url.replace("SECRET", secret);
            let shown = short().reference(&url).into_owned();
            assert!(!shown.contains(secret), "{url}: {shown}");
            assert_eq!(short().reference(&shown), shown, "it is masked already");
            let text = format!("error: {url}: refused");
            assert!(!short().text(&text).contains(secret) || url.contains('('), "{text}");
            for masking in [Masking::Hashed([1; 16]), Masking::Short] {
                let hashed = Redactor::new(masking).reference(&url).into_owned();
                assert!(!hashed.contains(secret), "{url}: {hashed}");
            }
            assert_eq!(Redactor::new(Masking::Revealed).reference(&url), url);
        }
    }
}

#[test]
fn harmless_text_stays_readable() {
    for text in [
        "/sessions/0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6/revoke?handle=0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6",
        "/assets/app.3f2a9c1b.js",
        "/assets/main-3f2a9c1b7d8e9f0a1b2c.css",
        "/search?key=name&state=open&q=how+to+write+a+very+long+question",
        "/search?key=created_at&state=true",
        "/shipping?shipping=express&author=ann&country_code=kr",
        "/how-to-write-a-very-long-article-about-cookies-2024",
        "/articles/internationalization-considerations",
        "/%EC%95%88%EB%85%95%ED%95%98%EC%84%B8%EC%9A%94",
        "/x?at=2026-11-29T22:25:46.123456Z&page=2&tel=+821012345678",
        "/x?address=2001:db8:85a3:8d3:1319:8a2e:370:7348&email=alice@example.org",
        "/x?next=/getUserAuthenticationSettings",
        "http://abcdef0123456789abcdef0123.cdn.example/x",
        "http://127.0.0.1:8000/@alice/x:y",
        "expected cookie sid=…, its value is …; run `sessctl login` first (it's easy)",
        "unknown key: \"name\"",
        "logged in as alice at http://127.0.0.1:8000/",
        "cannot read jar /home/alice/.local/state/sessctl/default/jar.json: line 3",
    ] {
        assert_eq!(short().text(text), text);
    }
    for (name, value) in [
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-headers", "X-CSRF-Token, Authorization"),
        ("www-authenticate", "Basic realm=\"x\""),
        ("etag", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
        ("content-type", "text/html; charset=utf-8"),
        ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        ("user-agent", "Mozilla/5.0 (compatible; sessctl/0.1.0)"),
        ("date", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ] {
        assert_eq!(short().header(name, value), value, "{name}");
    }
}

#[test]
fn masked_urls_show_where_the_secret_was() {
    for (url, shown) in [
        ("http://u:SuperSecret9@127.0.0.1:99999/", "http://…@127.0.0.1:99999/"),
        ("/x?a=1&token=SECRET#b", "/x?a=1&token=…#b"),
        ("/x?next=%2Fy%3Ftoken%3DSECRET", "/x?next=%2Fy%3Ftoken%3D…"),
        ("/x?token=a;SECRET&b", "/x?token=…&b"),
        ("/reset/S3cretValue0123456789abcdef", "/reset/S3cret…"),
    ] {
        assert_eq!(short().reference(url), shown);
    }
    assert_eq!(
        short().text("{\"token\":\"SECRET\"} nonce=\"SECRET\", (/x?pin=1234)."),
        "{\"token\":\"…\"} nonce=\"…\", (/x?pin=…)."
    );
}

#[test]
fn a_masked_url_is_still_a_url() {
    let url = Url::parse("http://h/x?token=SECRET&next=%2Fy%3Fpin%3D1").unwrap();
    assert_eq!(short().url(&url).as_str(), "http://h/x?token=%E2%80%A6&next=%2Fy%3Fpin%3D%E2%80%A6");
    let masked = short().url(&url);
    assert_eq!(short().url(&masked), masked);
}
