//! The reports of `audit`: valid in their formats, complete, and readable for everyone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::app::browser::{axe, violations};
use crate::support::faulty::{Faulty, PASSWORD};
use crate::support::{Browser, Home, TAB, installed};

/// The report of the faulty application in this format, in a file.
fn report(home: &Home, application: &Faulty, format: &str, options: &[&str]) -> PathBuf {
    let (url, file) = (application.url(), format!("report.{format}"));
    let args = ["audit", &url, "--user", "alice", "--format", format, "-o", &file];
    let mut command = home.command(args.iter().chain(options));
    let output = command.env("SESSCTL_PASSWORD", PASSWORD).output().expect("the binary to start");
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty(), "the report is in the file");
    home.path().join(file)
}

fn json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("the report")).expect("JSON")
}

/// The file of a dependency.
fn file_of_crate(name: &str, path: &str) -> PathBuf {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("the packages");
    let package = metadata["packages"].as_array().expect("packages").iter().find(|it| it["name"] == name);
    let manifest = package.expect("a dependency")["manifest_path"].as_str().expect("a path");
    Path::new(manifest).with_file_name(path)
}

#[test]
fn the_report_is_private_and_replaced_as_a_whole() {
    let (home, application) = (Home::new(), Faulty::start());
    fs::write(home.path().join("report.json"), "x".repeat(1_000_000)).expect("an older report");
    let file = report(&home, &application, "json", &["--only", "cookie-httponly"]);
    assert_eq!(fs::metadata(&file).expect("the report").permissions().mode() & 0o777, 0o600);
    assert_eq!(json(&file)["checks"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_json_report_has_the_documented_form() {
    let (home, application) = (Home::new(), Faulty::start());
    let document = json(&report(&home, &application, "json", &[]));
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    for key in ["verdict", "target", "started", "requests", "logins", "checks", "not_covered"] {
        assert!(!document[key].is_null(), "{key}: {:?}", keys(&document));
    }
    assert_eq!(document["verdict"]["kind"], "findings");
    assert_eq!(document["target"], application.url());
    assert!(document["requests"].as_u64().is_some_and(|count| count <= 300), "{}", document["requests"]);
    let checks = document["checks"].as_array().expect("checks");
    for check in checks {
        for key in [
            "id",
            "title",
            "result",
            "severity",
            "reason",
            "reason_kind",
            "asvs",
            "cwe",
            "control",
            "evidence",
            "reproduce",
            "fix",
            "fingerprint",
            "new",
        ] {
            assert!(check.get(key).is_some(), "{key} is not in {check}");
        }
        assert_eq!(check["reason_kind"].is_null(), check["result"] != "not-tested", "{check}");
        if check["result"] == "fail" {
            let evidence = check["evidence"].as_array().expect("exchanges");
            assert!(evidence.iter().all(|it| it["request"]["url"].is_string()), "{check}");
            assert!(!evidence.is_empty(), "{check}");
        }
    }
    let found = |id: &str| checks.iter().find(|it| it["id"] == id).map(|it| it["result"].clone());
    assert_eq!(found("cookie-httponly"), Some("fail".into()));
    assert_eq!(found("token-in-body"), Some("fail".into()));
    assert_eq!(found("fixation"), Some("pass".into()));
    assert_eq!(found("hsts"), Some("not-tested".into()));
}

#[test]
fn the_sarif_report_satisfies_the_schema_of_oasis() {
    let (home, application) = (Home::new(), Faulty::start());
    let file = report(&home, &application, "sarif", &[]);
    let schema = file_of_crate("serde-sarif", "src/schema.json");
    let validate = "import json, sys, jsonschema; schema, report = (json.load(open(path)) for path in sys.argv[1:])\n\
                    kind = jsonschema.validators.validator_for(schema)\n\
                    errors = [f'{it.json_path}: {it.message}' for it in kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(report)]\n\
                    sys.exit('\\n'.join(errors)[:4000] or None)";
    let python = installed("python/bin/python");
    let run = Command::new(python).arg("-c").arg(validate).arg(&schema).arg(&file).output().expect("python");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let run = &json(&file)["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["properties"]["security-severity"].is_string(), "{rule}");
        assert_eq!(result["kind"] == "fail", result["level"] != "none", "{result}");
        assert!(result["partialFingerprints"]["sessctl/v1"].is_string(), "{result}");
    }
    let of = |id: &str| results.iter().find(|it| it["ruleId"] == id).expect("a result");
    let finding = of("cookie-httponly");
    assert_eq!((&finding["kind"], &finding["level"]), (&"fail".into(), &"warning".into()));
    assert!(finding["webRequest"]["target"].is_string(), "{finding}");
    assert!(finding["webResponse"]["statusCode"].is_number(), "{finding}");
    assert_eq!(of("hsts")["kind"], "notApplicable");
    assert_eq!(of("idle-timeout")["kind"], "open");
    assert_eq!(of("fixation")["kind"], "pass");
}

#[test]
fn the_junit_report_satisfies_the_schema_of_jenkins() {
    let (home, application) = (Home::new(), Faulty::start());
    let file = report(&home, &application, "junit", &[]);
    let run = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(installed("junit/junit-10.xsd"))
        .arg(&file)
        .output()
        .expect("xmllint");
    let text = fs::read_to_string(&file).expect("the report");
    assert!(run.status.success(), "{}\n{text}", String::from_utf8_lossy(&run.stderr));
    assert!(text.contains("<testsuite name=\"Cookies and responses\""), "{text}");
    assert!(text.contains("<testcase name=\"cookie-httponly: sid\""), "{text}");
    assert!(text.contains("<skipped message=\"the application is not reached over https\"/>"), "{text}");
    assert_eq!(text.matches("<failure ").count(), 4, "{text}");
}

#[test]
fn the_html_report_is_accessible_in_both_themes_and_needs_no_other_file() {
    let (home, application) = (Home::new(), Faulty::start());
    let file = report(&home, &application, "html", &["--second-user", "bob"]);
    let text = fs::read_to_string(&file).expect("the report");
    assert!(!text.contains("<script") && !text.contains("url(http"), "{text}");
    let (axe, browser) = (axe(), Browser::start());
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer_colors(scheme);
        for width in [1000, 375] {
            browser.resize(width, 800);
            browser.open(&format!("file://{}", file.display()));
            let loaded = browser.script("return performance.getEntriesByType('resource').map((it) => it.name).filter((it) => !it.startsWith('data:'))");
            assert_eq!(loaded, serde_json::json!([]));
            browser.script("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
            let overflow =
                "const root = document.documentElement; return root.scrollWidth > root.clientWidth";
            if browser.script(overflow) == true {
                wrong.push(format!("{scheme} {width} scrolls sideways"));
            }
            wrong.extend(violations(&browser, &axe).into_iter().map(|it| format!("{scheme} {width}: {it}")));
            browser.screenshot(&format!("audit-{scheme}-{width}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Each diagram was drawn, and the keyboard reaches diagrams and exchanges.
    let drawn = "return [...document.images].every((it) => it.complete && it.naturalWidth > 0) && document.images.length";
    assert!(browser.script(drawn).as_u64().is_some_and(|count| count > 2), "{}", browser.script(drawn));
    browser.open(&format!("file://{}", file.display()));
    let mut reached = Vec::new();
    for _ in 0..12 {
        browser.press(&[TAB]);
        reached.push(browser.script("return document.activeElement.matches('.diagram') ? 'diagram' : document.activeElement.localName"));
    }
    for element in ["a", "diagram", "summary"] {
        assert!(reached.contains(&Value::from(element)), "{element} is not in {reached:?}");
    }
}
