//! The test in the guide's chapter about testing, run with both example applications.

macro_rules! chapter {
    ($application:ident) => {
        mod $application {
            use std::{sync::Arc, time::Duration};

            use super::super::examples::$application::app;
            use sessctl::client::{Credentials, Request, UserAgent, auth::LoginOutcome};
            use sessctl::{clock::ManualClock, session::Sessions, stores::MemoryStore, url::Url};

            #[tokio::test]
            async fn a_login_ends_after_30_minutes_without_a_request()
            -> Result<(), Box<dyn std::error::Error>> {
                let clock = Arc::new(ManualClock::default());
                let sessions = || Sessions::builder(MemoryStore::new()).clock(Arc::clone(&clock));
                let mut browser =
                    UserAgent::for_service(app(sessions().build()?, sessions().realm("admin").build()?));
                let account: Url = "https://app.test/account".parse()?;

                let report = browser.login(&account, Credentials::new("alice", "correct horse")).await?;
                assert_eq!(report.outcome, LoginOutcome::LoggedIn);
                assert!(browser.send(Request::page(account.clone())).await?.text().contains("alice"));

                clock.advance(Duration::from_secs(31 * 60));
                assert_eq!(browser.send(Request::page(account)).await?.url.path(), "/login");
                Ok(())
            }
        }
    };
}

chapter!(axum_app);
chapter!(warp_app);

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

#[test]
fn the_chapters_show_the_code_that_runs_and_count_its_lines() {
    let chapter = read("src/guide/testing.md");
    let blocks: Vec<&str> =
        chapter.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [test, service] = blocks[..] else { panic!("{} blocks", blocks.len()) };
    assert!(test.lines().skip_while(|line| !line.starts_with("#[tokio::test]")).count() < 20);
    let test = words(&test.replace("my_application::app", "super::super::examples::$application::app"));
    assert!(words(include_str!("testing_chapter.rs")).contains(&test), "{test}");
    assert!(words(&read("tests/examples/warp.rs")).contains(&words(service)), "{service}");

    let lines_of_code = |path: &str| {
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
        read(path).lines().filter(is_code).count()
    };
    let row = format!(
        "| lines of code, without the pages and the API | {} | {} |",
        lines_of_code("tests/examples/axum.rs"),
        lines_of_code("tests/peers/tower_sessions.rs")
    );
    assert!(read("src/guide/migration.md").contains(&row), "{row}");
}
