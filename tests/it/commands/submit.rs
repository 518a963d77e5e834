//! `submit`: any form of a page, as a browser would send it.

use crate::support::{Home, Ran, Script, Seen, html};

const PAGE: &str = "<form id=search action=/search><input name=q><button>Search</button></form>
    <form id=profile method=post action=/profile>
      <input type=hidden name=csrf value=token>
      <label>City <input name=city required maxlength=10></label>
      <input name=zip pattern='[0-9]{5}' title='five digits' value=00000>
      <input type=email name=mail>
      <select name=size><option value=s>Small<option value=m selected>Medium</select>
      <input type=checkbox name=news value=weekly> <input type=checkbox name=ads checked>
      <input type=radio name=pay value=card checked><input type=radio name=pay value=cash>
      <textarea name=about>hello</textarea>
      <input name=locked disabled value=x>
      <button name=do value=save>Save</button><button name=do value=drop formaction=/drop>Drop</button>
    </form>
    <form name=upload method=post action=/upload enctype=multipart/form-data>
      <input name=title><input type=file name=file><button>Send</button></form>";

fn server() -> Script {
    Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("GET", "/") => html(200, &["Set-Cookie: seen=1"], PAGE),
        ("GET", "/empty") => html(404, &[], "<p>nothing here"),
        _ => html(200, &[], &format!("{} {}\n{}", seen.method, seen.target, seen.body)),
    })
}

fn submit(server: &Script, words: &[&str]) -> Ran {
    Home::new().run(["submit", &server.url("/")].iter().chain(words))
}

/// What was sent last.
fn sent(server: &Script) -> Seen {
    server.seen().pop().expect("a request")
}

#[test]
fn the_forms_own_values_are_kept_and_the_given_ones_put_in() {
    let server = server();
    submit(&server, &["city=Busan", "news=on", "pay=cash", "size=Small"]).exits(0).answers("POST /profile");
    let sent = sent(&server);
    let body = "csrf=token&city=Busan&zip=00000&mail=&size=s&news=weekly&ads=on&pay=cash&about=hello&do=save";
    assert_eq!(sent.body, body);
    assert_eq!((sent.header("referer"), sent.cookie("seen")), (server.url("/").as_str(), "1"));
    assert_eq!(format!("{}/", sent.header("origin")), server.url("/"));
}

#[test]
fn a_form_and_a_button_can_be_named_in_several_ways() {
    let server = server();
    for form in ["1", "search"] {
        submit(&server, &["--form", form, "q=a b"]).exits(0).answers("GET /search?q=a+b");
    }
    submit(&server, &["q=x"]).exits(0).answers("GET /search?q=x");
    for button in ["Drop", "drop"] {
        submit(&server, &["--form", "/profile", "city=x", "--button", button]).exits(0).answers("POST /drop");
        assert!(sent(&server).body.ends_with("&do=drop"));
    }
    submit(&server, &[])
        .exits(2)
        .says("several forms match; choose one with --form: 1 (id search) to /search; 2 (id profile)");
    submit(&server, &["--form", "none", "q=x"])
        .exits(2)
        .says("the page has no form \"none\"")
        .says("submit --list");
    submit(&server, &["--form", "2", "--button", "Pay"])
        .exits(2)
        .says("the form has no button \"Pay\"; its buttons are: \"Save\"");
}

#[test]
fn input_that_a_browser_would_reject_is_reported_and_not_sent() {
    let server = server();
    for (word, said) in [
        ("city=", "the field city requires a value"),
        ("city=12345678901", "the field city allows at most 10 characters"),
        ("zip=12", "the field zip requires five digits"),
        ("mail=nobody", "the field mail requires an"),
        ("size=huge", "the field size has no option \"huge\"; its options are: s, Small, m, Medium"),
        ("pay=gold", "the field pay has no option \"gold\""),
        ("locked=1", "the field locked is disabled"),
        ("ctiy=x", "the form has no field \"ctiy\"; its fields are: csrf, city"),
    ] {
        submit(&server, &["--form", "profile", word]).exits(2).says(said);
    }
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn files_are_sent_as_multipart() {
    let (server, home) = (server(), Home::new());
    std::fs::write(home.path().join("my \"notes\".txt"), b"caf\xc3\xa9\n").expect("to be written");
    let file = format!("file=@{}", home.path().join("my \"notes\".txt").display());
    home.run(["submit", &server.url("/"), "title=T", &file]).exits(0).answers("POST /upload");
    let upload = sent(&server);
    let (kind, boundary) = upload.header("content-type").split_once("; boundary=").expect("a boundary");
    assert_eq!(kind, "multipart/form-data");
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"my %22notes%22.txt\"\r\n\
         Content-Type: text/plain\r\n\r\ncafé\n\r\n--{boundary}--\r\n"
    );
    assert_eq!(upload.body, expected);
    home.run(["submit", &server.url("/"), "title=T", "file=@missing"]).exits(1).says("cannot read missing");
    // Without a file, an empty file is sent.
    submit(&server, &["--form", "upload", "title=T"]).exits(0);
    assert!(
        sent(&server).body.contains("filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n")
    );
}

#[test]
fn forms_are_listed_with_their_fields() {
    let (server, home) = (server(), Home::new());
    let ran = home.run(["submit", &server.url("/"), "--list"]).exits(0);
    let ran = ran
        .answers("form 2: id=profile POST http://")
        .answers("city  text  \"City\"  required  at most 10 characters");
    ran.answers("size  select  one of: s, m").answers("news  checkbox").answers("form 3: name=upload POST");
    let list = home.run(["submit", &server.url("/"), "--list", "--json"]).exits(0).json();
    assert_eq!(list["forms"][1]["fields"][1]["name"], "city", "{list}");
    assert_eq!(list["forms"][2]["encoding"], "multipart/form-data");
    home.run(["submit", &server.url("/empty"), "--list"])
        .exits(1)
        .says("there is no form on")
        .says("404 Not Found");
}

#[test]
fn expectations_work_as_for_visit() {
    let server = server();
    submit(&server, &["q=x", "--expect-text", "GET /search?q=x"]).exits(0);
    submit(&server, &["q=x", "--expect-text", "absent"]).exits(7).says("expected \"absent\"");
    let json = submit(&server, &["q=x", "--json"]).exits(0).json();
    assert_eq!(json["exchanges"].as_array().map(Vec::len), Some(2), "{json}");
    let refused = submit(&server, &["--form", "profile", "--json"]).exits(2).json();
    assert_eq!(refused["verdict"]["exit"], 2, "{refused}");
}

const FIELDS: &str = "<form method=post>
      <input type=hidden name=_charset_>
      <input type=hidden name='u[r]' value=0><input type=checkbox name='u[r]' value=1>
      <input type=checkbox name=R value=true checked><input type=hidden name=R value=false>
      <fieldset disabled><legend><input name=enabled value=1></legend><legend><input name=second value=1></legend>
      <input name=inside value=1></fieldset>
      <label for=mail>E-mail address:</label><input id=mail name='user[mail]'>
      <input type=password name=p id=secret><textarea name=about></textarea>
      <button name=do value=save>Save</button></form>";

#[test]
fn fields_are_sent_as_a_browser_sends_them() {
    let server = Script::new(|seen| html(200, &[], if seen.method == "GET" { FIELDS } else { &seen.body }));
    let home = Home::new();
    std::fs::write(home.path().join("text"), "from a file\n").expect("to be written");
    for (words, expected) in [
        (&["u[r]=off"][..], "u%5Br%5D=0&R=true&R=false"),
        (&["u[r]=0"], "u%5Br%5D=0&R=true&R=false"),
        (&["u[r]=1"], "u%5Br%5D=0&u%5Br%5D=1&R=true&R=false"),
        (&["u[r]=on"], "u%5Br%5D=0&u%5Br%5D=1&R=true&R=false"),
        (&["R=on"], "u%5Br%5D=0&R=true&R=false"),
        (&["R=off"], "u%5Br%5D=0&R=false"),
        (&["mail=a@b.org"], "user%5Bmail%5D=a%40b.org&p="),
        (&["e-mail address=a@b.org"], "user%5Bmail%5D=a%40b.org&p="),
        (&["secret=pw"], "&p=pw&"),
        (&["p=@text"], "&p=from+a+file&"),
        (&["about=@text"], "&about=from+a+file&do=save"),
        (&["enabled=2"], "&enabled=2&user"),
        (&["--no-button"], "&about="),
    ] {
        let ran = home.run(["submit", &server.url("/")].iter().chain(words)).exits(0);
        assert!(ran.stdout.contains(expected), "{words:?}: {}", ran.stdout);
        assert!(ran.stdout.starts_with("_charset_=UTF-8&"), "{}", ran.stdout);
        assert_eq!(ran.stdout.ends_with("&do=save"), *words != ["--no-button"], "{}", ran.stdout);
    }
    let ran = home.run_with_input(["submit", &server.url("/"), "p=@-"], "from stdin\r\n").exits(0);
    assert!(ran.stdout.contains("&p=from+stdin&"), "{}", ran.stdout);
    home.run(["submit", &server.url("/"), "second=1"]).exits(2).says("the field second is disabled");
    home.run(["submit", &server.url("/"), "u[r]=2"]).exits(2).says("has no option");
}
