//! Hostile pages: `--timeout` ends the command, whatever a page contains, and the memory stays limited.

use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::{Home, Ran, Script, html};

/// A command that does not end is killed after this time.
const DEADLINE: Duration = Duration::from_secs(60);

#[track_caller]
fn submit(page: String, timeout: &str) -> Ran {
    run("submit", page, timeout, "a=alice.example")
}

/// Runs a command on the page within 200 MB of memory (RLIMIT_DATA), and requires that it ends.
#[track_caller]
fn run(command: &str, page: String, timeout: &str, argument: &str) -> Ran {
    let server = Script::new(move |_| html(200, &[], &page));
    let home = Home::new();
    let script = "ulimit -d 200000; exec \"$@\"";
    let mut limited = std::process::Command::new("sh");
    let binary = home.command(["--timeout", timeout, command, &server.url("/"), argument]);
    limited.args(["-c", script, "sh"]).arg(binary.get_program()).args(binary.get_args());
    limited.env_clear().envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.env("SESSCTL_PASSWORD", "pw");
    limited.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = limited.spawn().expect("the binary to start");
    let id = child.id();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(DEADLINE) {
        Ok(output) => Ran::from(output.expect("the binary to end")),
        Err(_) => {
            let _ = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
            panic!("the command did not end");
        }
    }
}

/// The page is read and the form is checked, or the time is over, or the page is refused.
#[track_caller]
fn ends(name: &str, page: String) {
    let ran = submit(page, "2s");
    assert!(matches!(ran.code, Some(0 | 1 | 2 | 8)), "{name}: {ran:?}");
    assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains("memory"), "{name}: {}", ran.stderr);
}

#[test]
fn a_pattern_that_needs_exponential_time() {
    for pattern in [
        "(?:.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.)*!",
        "(a+)+$",
        "(([a-z.]*)*)*!",
        "(?=((?:.|.|.)*)*!).*",
        "(?:(?:a{99}){99}){99}",
    ] {
        let ran = submit(format!("<form><input name=a pattern='{pattern}'></form>"), "30s");
        assert!(matches!(ran.code, Some(0 | 2)), "{pattern}: {ran:?}");
    }
}

#[test]
fn elements_that_the_parser_repeats() {
    let numbered = |count: u32, text: &dyn Fn(u32) -> String| (0..count).map(text).collect::<String>();
    let fonts = numbered(2000, &|n| format!("<font size={n}>"));
    ends("formatting elements", format!("<p>{fonts}{}", "<p>x".repeat(7000)));
    let attributes = numbered(1000, &|n| format!(" a{n}"));
    ends("attributes", format!("<p><font{attributes}>{}", "<p>x".repeat(12_000)));
    ends("nested elements", "<div>t<b>".repeat(30_000));
    let mut label = "<form><label>".to_owned() + &"word ".repeat(100_000);
    let _ = write!(label, "{}</label></form>", "<input name=a>".repeat(20_000));
    ends("a label of many fields", label);
}

#[test]
fn many_fields() {
    ends("fields", format!("<form>{}</form>", "<input name=a value=1>".repeat(450_000)));
    let boxes: String = (0..3000).map(|n| format!("<input type=checkbox name=b{n} required>")).collect();
    ends("checkboxes", format!("<form><input name=a>{boxes}</form>"));
}

/// The login looks at each page that it gets, up to twenty times.
#[test]
fn a_login_page_with_many_elements() {
    let fields: String = (0..30_000).map(|n| format!("<input name=a{n} value=v>")).collect();
    let page =
        format!("<form method=post action=/x>{fields}<input type=password name=p><button>x</button></form>");
    let ran = run("login", page, "2s", "--user=alice");
    assert!(matches!(ran.code, Some(7 | 8)), "{ran:?}");
    let login =
        "<form method=post action=/x><input name=u><input type=password name=p><button>x</button></form>";
    let page = format!("{login}{}", "<a href=/a>a</a>".repeat(60_000));
    let ran = run("login", page, "2s", "--user=alice");
    assert!(matches!(ran.code, Some(7 | 8)), "{ran:?}");
}

#[test]
fn a_page_with_too_many_elements_is_refused() {
    let ran = submit("<i></i>".repeat(250_000), "50s").exits(1);
    ran.says("it has more than 200000 elements and texts; name a smaller page");
    submit(format!("{}<form><input name=a></form>", "<i></i>".repeat(50_000)), "50s").exits(0);
}
