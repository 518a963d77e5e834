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
fn errors_about_files_and_stores_are_korean() {
    let home = Home::new();
    let path = |name: &str| home.path().join(name).display().to_string();
    let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
    let (profile, empty) = (path("state/sessctl/default"), path("empty.db"));
    std::fs::create_dir_all(&profile).expect("a folder");
    sessctl::stores::SqliteStore::open(&empty).expect("a store");
    let add = ["users", "add", &path("users"), "bob", "--password-stdin"];
    home.run_with_input(add, "correct horse\n").exits(0);
    write("broken", "bob\n");
    write("text", "not a database, but a text of some length ".repeat(20).as_str());
    let handle = "0199d1c5-0000-7000-8000-000000000000";
    for (line, code, text) in [
        ("history --jar x", 2, "기록이 없습니다. 기록은 프로필에만"),
        ("history 7", 1, "오류: 기록에 7번이 없습니다. 기록이 비어 있습니다"),
        ("profiles show nobody", 1, "오류: 프로필이 없습니다: nobody"),
        ("users list HOME/none", 1, "오류: 계정 파일이 없습니다: HOME/none"),
        ("users list HOME/broken", 1, "오류: 올바른 계정 파일이 아닙니다: HOME/broken"),
        ("users list HOME", 1, "오류: 파일을 읽을 수 없습니다: HOME (폴더입니다)"),
        ("users passwd HOME/none bob", 2, "터미널이 없어 비밀번호를 입력받을 수 없습니다"),
        ("users remove HOME/users eve", 1, "오류: 사용자가 없습니다: eve"),
        ("sessions list", 2, "오류: 세션 저장소를 지정하지 않았습니다"),
        ("sessions list --store x", 2, "오류: --store 값이 올바르지 않습니다"),
        ("sessions list --store sqlite:HOME/none", 1, "HOME/none. 파일이 없습니다"),
        ("sessions list --store sqlite:HOME/text", 1, "오류: 세션 저장소로 사용할 수 없습니다: HOME/text ("),
        ("sessions list --store redis://127.0.0.1:1", 1, "Redis 서버 127.0.0.1:1 에 연결할 수 없습니다"),
        ("sessions list --store redis:x", 1, "오류: Redis URL을 읽을 수 없습니다"),
        (
            "sessions list --store postgres://127.0.0.1:1/x",
            1,
            "PostgreSQL 서버 127.0.0.1:1 에 연결할 수 없습니다",
        ),
        ("sessions show HANDLE --store sqlite:HOME/empty.db", 1, "저장소에 HANDLE 세션이 없습니다"),
        (
            "sessions list --insecure --store sqlite:HOME/empty.db",
            2,
            "--insecure 옵션은 세션 저장소에 적용되지 않습니다",
        ),
        (
            "import-cookies HOME/none",
            1,
            "오류: 파일을 읽을 수 없습니다: HOME/none (파일이나 폴더가 없습니다)",
        ),
        ("visit ftp://x/", 2, "ftp 스킴은 http도 https도 아닙니다"),
    ] {
        let filled =
            |text: &str| text.replace("HOME", &path("")[..path("").len() - 1]).replace("HANDLE", handle);
        let ran = run(&home, "ko_KR.UTF-8", &filled(line));
        assert_eq!(ran.code, Some(code), "{line}: {}", ran.stderr);
        ran.says(&filled(text));
        assert!(run(&home, "C", &filled(line)).stderr.is_ascii(), "{line}");
    }
    std::fs::write(format!("{profile}/history.jsonl"), "x\n").expect("a file");
    run(&home, "ko_KR.UTF-8", "history").exits(1).says("오류: 이 sessctl의 기록 파일이 아닙니다");
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
