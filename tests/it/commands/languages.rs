//! Messages, errors and help are Korean in a Korean locale, and with `--lang ko`. Machine formats never change.

use crate::support::{Home, Ran, Script, Seen, html, redirect};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

/// An application with one account.
fn application() -> Script {
    Script::new(|seen: &Seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/logout") => redirect(303, "/", &["Set-Cookie: sid=x; Path=/; Max-Age=0"]),
        ("POST", _) if seen.body.contains("secret") => redirect(303, "/", &["Set-Cookie: sid=alive; Path=/"]),
        ("POST", _) => html(200, &[], &format!("<p>틀렸습니다.</p>{FORM}")),
        _ if seen.cookie("sid") == "alive" => {
            html(200, &[], "<p>alice</p><form method=post action=/logout><button>Log out</button></form>")
        }
        _ => html(200, &[], FORM),
    })
}

fn run(home: &Home, locale: &str, line: &str) -> Ran {
    let mut command = home.command(line.split_whitespace());
    command.env("LANG", locale).env("SESSCTL_PASSWORD", "secret");
    Ran::from(command.output().expect("the binary to start"))
}

fn korean(home: &Home, line: &str) -> Ran {
    let ran = run(home, "ko_KR.UTF-8", line);
    for text in [&ran.stdout, &ran.stderr] {
        for line in text.lines().filter(|line| !line.starts_with(['<', '>', '{', '}'])) {
            assert!(!is_english(line), "{line}");
        }
    }
    ran
}

/// Whether four words in a row are English.
fn is_english(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    words.windows(4).any(|four| four.iter().all(is_word))
}

#[test]
fn login_and_logout_are_korean() {
    let (server, home) = (application(), Home::new());
    let url = server.url("/");
    let ran = korean(&home, &format!("login {url} --user alice -v --explain")).exits(0);
    let ran = ran.answers("에 alice 사용자로 로그인했습니다").says("서버가 쿠키를 발급했습니다: sid");
    let ran = ran.says("로그아웃 수단이 있습니다: /logout 경로로 보내는 폼");
    let ran = ran.says("쿠키가 있으면 / 의 내용이 달라집니다: 로그아웃하면 로그인 폼 표시");
    let ran = ran.says("시작 페이지: ").says("폼 1, POST /login: 로그인 폼(").says("pass: 비밀번호");
    ran.says("* 쿠키 저장소를 바꾸지 않는 확인 요청:").says("쿠키 sid: 저장");
    let ran = korean(&home, "logout").exits(7);
    ran.says("오류: 쿠키만 삭제되었습니다").says("힌트: ").says("저장소에서 삭제된 쿠키: sid");
}

#[test]
fn errors_are_korean() {
    let (server, home) = (application(), Home::new());
    let url = server.url("/");
    let mut refused = home.command(["login", &url, "--user", "alice", "--lang", "ko"]);
    let refused = refused.env("SESSCTL_PASSWORD", "wrong").output().expect("the binary to start");
    Ran::from(refused).exits(7).says("오류: 로그인이 거부되었습니다(상태 200): 틀렸습니다.");
    korean(&home, &format!("login {url}"))
        .exits(2)
        .says("사용자 이름(user)이 필요합니다. --user NAME을 지정하세요");
    korean(&home, &format!("visit {url} --expect-status 201 -o x")).exits(7).says("기대한 상태는 201 이지만");
    let closed = korean(&home, "visit http://127.0.0.1:1/ --lang ko").exits(1);
    closed.says("오류: 127.0.0.1:1 연결이 거부되었습니다").says("힌트: 서버가 실행 중인지 확인하세요");
    korean(&home, "visit / --usr x").exits(2).says("오류: 알 수 없는 인자 '--usr'");
}

#[test]
fn help_is_korean() {
    let home = Home::new();
    korean(&home, "login -h")
        .exits(0)
        .answers("로그인 폼으로 로그인하고")
        .answers("사용법: sessctl login [옵션] [URL]");
    korean(&home, "help login").exits(0).answers("예시:").answers("비밀번호를 입력받음");
    run(&home, "C", "login -h --lang ko").exits(0).answers("사용자 이름");
    run(&home, "ko_KR.UTF-8", "login -h --lang en").exits(0).answers("User name");
    run(&home, "ko_KR.UTF-8", "man login").exits(0).answers("User name");
}

#[test]
fn machine_formats_are_the_same_in_every_language() {
    let server = application();
    for line in [
        "login / --user alice",
        "visit /x --expect-status 404",
        "visit / --lang ko",
        "logout",
        "show-cookies",
    ] {
        let documents = ["C", "ko_KR.UTF-8"].map(|locale| {
            let home = Home::new();
            let url = server.url("/");
            run(&home, "C", &format!("login {url} --user alice")).exits(0);
            let ran = run(&home, locale, &format!("{line} --json"));
            let mut document = ran.json();
            for name in ["exchanges", "cookies"] {
                // Times differ.
                document[name] = document[name].as_array().map_or(0, Vec::len).into();
            }
            (ran.code, document)
        });
        assert_eq!(documents[0], documents[1], "{line}");
    }
}
