//! TLS connections of the PostgreSQL store: how they verify the certificate.

use std::process::Command;
use std::time::Instant;

use sessctl::stores::{PostgresOpenError, PostgresStore};

use super::redis::HANG_TIMEOUT;
use super::whole;
use crate::support::PostgresServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_version_1_certificate_encrypts_but_verifies_nothing() {
    let (server, ca, _) = with_tls();
    let openssl = |args: &str| {
        let ran = Command::new("openssl").args(args.split(' ')).current_dir(server.folder()).output();
        ran.expect("openssl").status.success()
    };
    // OpenSSL 3.4 and later need the option -x509v1, which earlier versions do not have.
    let made = openssl("req -x509 -x509v1 -key key -subj /CN=localhost -days 2 -out old.crt")
        || openssl("x509 -req -in server.csr -signkey key -days 2 -out old.crt");
    assert!(made);
    let (name, url) = server.database();
    server.file("server.crt", &std::fs::read(server.folder().join("old.crt")).unwrap());
    server.sql(&name, "SELECT pg_reload_conf()");
    let opened = |query: String| {
        let url = format!("{url}?{query}");
        async move { PostgresStore::open(&url).await.map(drop).map_err(|error| whole(&error)) }
    };
    let begin = Instant::now();
    while opened(format!("sslmode=require&sslrootcert={ca}")).await.is_ok() {
        assert!(begin.elapsed() < HANG_TIMEOUT, "the server does not reload its certificate");
    }
    assert_eq!(opened("sslmode=require".to_owned()).await, Ok(()));
    let bound = opened("sslmode=require&channel_binding=require".to_owned()).await;
    assert!(bound.as_ref().is_err_and(|why| why.contains("certificate")), "{bound:?}");
}

/// A server with a certificate for `localhost`, the CA that signed it, and another CA.
fn with_tls() -> (PostgresServer, String, String) {
    let server = PostgresServer::made(&[
        "fsync=off",
        "ssl=on",
        "ssl_cert_file=../server.crt",
        "ssl_key_file=../server.key",
    ]);
    let openssl = |args: &str| {
        let ran = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(server.folder())
            .output()
            .expect("openssl");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    for authority in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {authority}.key -out {authority}.crt \
            -subj /CN={authority} -days 2"
        ));
    }
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out server.csr -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost",
    );
    openssl("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 2 -copy_extensions copy -out crt");
    for (from, to) in [("key", "server.key"), ("crt", "server.crt")] {
        server.file(to, &std::fs::read(server.folder().join(from)).unwrap());
    }
    server.go_on();
    let path = |name: &str| server.folder().join(name).display().to_string();
    let (ca, other) = (path("ca.crt"), path("other.crt"));
    (server, ca, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sslmode_and_sslrootcert_decide_which_certificates_are_accepted() {
    let (server, ca, other) = with_tls();
    let (name, by_address) = server.database();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    for (url, query, expected) in [
        (&by_address, "sslmode=disable".to_owned(), "f"),
        (&by_address, String::new(), "t"),
        (&by_address, "sslmode=require".to_owned(), "t"),
        (&by_address, "sslmode=require&channel_binding=require".to_owned(), "t"),
        (&by_address, format!("sslmode=require&sslrootcert={ca}"), "t"),
        (&by_address, format!("sslmode=require&sslrootcert={other}"), "-"),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={ca}"), "t"),
        (&by_address, "sslmode=verify-ca".to_owned(), "-"),
        (&by_address, format!("sslmode=verify-full&sslrootcert={ca}"), "-"),
        (&by_name, format!("sslmode=verify-full&sslrootcert={ca}"), "t"),
        (&by_name, format!("sslrootcert={ca}"), "t"),
        (&by_address, format!("sslrootcert={ca}"), "-"),
        (&by_name, format!("sslmode=verify-full&sslrootcert={other}"), "-"),
        (
            &by_name,
            format!("sslmode=verify-full&sslrootcert={}", server.folder().join("none").display()),
            "-",
        ),
    ] {
        match PostgresStore::open(&format!("{url}?{query}")).await {
            Ok(_store) => {
                let is_encrypted = server.sql(
                    &name,
                    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'sessctl'
                    ORDER BY backend_start DESC LIMIT 1",
                );
                assert_eq!(is_encrypted, expected, "{query}");
            }
            Err(error) => {
                assert_eq!("-", expected, "{query}: {}", whole(&error));
                assert!(
                    !matches!(error, PostgresOpenError::Unreachable { .. }),
                    "{query}: {}",
                    whole(&error)
                );
                assert!(!whole(&error).contains("s3cret"));
            }
        }
    }
}
