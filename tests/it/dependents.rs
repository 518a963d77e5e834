//! Programs that depend on the library: it changes nothing for their other code.

use std::path::Path;
use std::process::Command;

/// Builds and runs a program of `tests/dependents`, and returns its output.
fn output_of(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "--features", name, "--bin", name, "--manifest-path"])
        .arg(root.join("tests/dependents/Cargo.toml"))
        // Apart from the package's own, so that neither waits for the other.
        .env("CARGO_TARGET_DIR", root.join("target/dependents"))
        .output()
        .expect("cargo");
    assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn a_reqwest_client_without_tls_works_as_without_sessctl() {
    assert_eq!(
        output_of("reqwest-client"),
        "own: ok\nagent: ok\nhttps: cannot set up the connection: it uses TLS; enable the feature `client-tls` of \
         the crate `sessctl`\n"
    );
}

#[test]
fn rustls_finds_its_own_provider() {
    assert_eq!(output_of("rustls-default"), "alpn: []\n");
}

#[test]
fn json_objects_are_sorted_and_session_data_keeps_its_order() {
    assert_eq!(
        output_of("json-order"),
        "own: {\"a\":2,\"b\":1}\nsession: {\"b\":1,\"a\":2}\nthe store keeps its contract\n"
    );
}

#[test]
fn without_a_tls_provider_the_error_names_the_features() {
    let output = output_of("no-provider");
    let lines: Vec<&str> = output.lines().collect();
    for (place, line) in ["server", "redis", "postgres", "client"].iter().zip([0, 1, 2, 4]) {
        assert!(lines[line].starts_with(place) && lines[line].contains("`ring` or `aws-lc-rs`"), "{output}");
    }
    assert!(lines[3].contains("cannot reach the PostgreSQL server"), "{output}");
}
