//! The URL of a Redis store: its options, TLS, and the rights of its user.

use std::time::Instant;

use sessctl::session::{Owner, SessionStore};
use sessctl::stores::{RedisOpenError, RedisStore};

use super::redis::{HANG_TIMEOUT, NOW, key, record};
use super::whole;
use crate::support::{Authority, Home, RedisServer, Serve, free_port, get, post};

#[test]
fn two_installations_with_prefixes_share_a_server() {
    let server = RedisServer::start(&[]);
    let home = Home::new();
    let url = |prefix: &str| format!("{}?prefix={prefix}", server.url());
    let production = Serve::with(&home, &["--store", &url("app%3A")]);
    let staging = Serve::with(&home, &["--store", &url("app:session:"), "--cookie-name", "stagingid"]);
    let cookie = post(&staging.address, "/login", &[], "username=alice").cookie();
    let token = cookie.strip_prefix("stagingid=").expect("its cookie");
    let there = format!("sessionid={token}");
    assert_eq!(get(&production.address, "/session", &[("Cookie", &there)]).status, 401);
    assert_eq!(get(&staging.address, "/session", &[("Cookie", &cookie)]).status, 200);
    let list = |url: &str| home.run(["sessions", "list", "--json", "--store", url]).exits(0).stdout;
    assert!(list(&url("app:")).contains("\"sessions\": []"));
    assert!(list(&url("app:session:")).contains("alice"));
    home.run(["sessions", "revoke", "--all", "--store", &url("app:")]).exits(0);
    assert_eq!(get(&staging.address, "/session", &[("Cookie", &cookie)]).status, 200);
    assert!(server.says(&["KEYS", "sessctl:*"]).is_empty(), "keys without the prefix");
}

#[tokio::test]
async fn unknown_options_of_a_url_are_refused_without_a_part_of_the_password() {
    for url in [
        "redis://h?prefx=a",
        "redis://h/1?protocol=resp3&x",
        "redis://h?db=1",
        "redis://user:12?s3same=x@h",
        "redis://h?prefix=",
        "redis://h?prefix=%ff",
        "redis://h?sentinel_password=s3same",
        "redis://h?sslrootcert=system",
        "rediss://h?sslcert=a.pem",
        "rediss://:s3same@h/#insecure",
        "unix:///redis.sock?prefix=a&pas=s3same",
        "redis+sentinel://h",
        "redis+sentinel://h/",
    ] {
        let error = RedisStore::open(url).await.unwrap_err();
        assert!(matches!(error, RedisOpenError::InvalidUrl { .. }), "{url}: {error:?}");
        assert!(!whole(&error).contains("s3same"), "{}", whole(&error));
    }
    let missing = RedisStore::open("rediss://h?sslrootcert=/no/such%20file").await.unwrap_err();
    assert!(whole(&missing).contains("/no/such file: No such file"), "{}", whole(&missing));
    let text = std::path::absolute("Cargo.toml").unwrap();
    let wrong = RedisStore::open(&format!("rediss://h?sslrootcert={}", text.display())).await.unwrap_err();
    assert!(matches!(wrong, RedisOpenError::Certificates { option: "sslrootcert", .. }), "{wrong:?}");
}

#[test]
fn options_about_the_certificates_of_http_servers_are_refused() {
    let home = Home::new();
    for option in [&["--insecure"][..], &["--cacert", "ca.pem"], &["--cert", "client.pem"]] {
        for command in [&["sessions", "list"][..], &["serve", "--bind", "127.0.0.1:0"]] {
            let store = ["--store", "rediss://127.0.0.1:1"];
            home.run([command, option, &store].concat()).exits(2).says("sslrootcert");
        }
    }
}

#[tokio::test]
async fn a_url_names_the_authority_and_the_client_certificate() {
    let authority = Authority::new();
    authority.sign("client");
    authority.open_to_others();
    let path = |name: &str| authority.path(name).to_string_lossy().into_owned();
    let port = free_port();
    let (key_file, certificate, ca) = (path("server-key.pem"), path("server.pem"), path("ca.pem"));
    let _server = RedisServer::start(&[
        "--tls-port",
        &port.to_string(),
        "--tls-key-file",
        &key_file,
        "--tls-cert-file",
        &certificate,
        "--tls-ca-cert-file",
        &ca,
        "--tls-auth-clients",
        "yes",
    ]);
    let open = async |options: String| {
        let url = format!("rediss://localhost:{port}?{options}");
        let end = Instant::now() + HANG_TIMEOUT;
        loop {
            // On a busy machine a handshake may take too long.
            match RedisStore::open(&url).await {
                Err(error) if whole(&error).contains("timed out") && Instant::now() < end => {}
                result => return result,
            }
        }
    };
    let client = format!("sslcert={}&sslkey={}", path("client.pem"), path("client-key.pem"));
    let store = open(format!("sslrootcert={ca}&{client}&prefix=a:")).await.unwrap();
    store.create(key(1), record(1, None)).await.unwrap();
    assert!(store.load(key(1), NOW).await.unwrap().is_some());
    assert!(open(format!("sslrootcert={ca}")).await.is_err(), "without a client certificate");
    let unknown = open(client).await.unwrap_err();
    assert!(whole(&unknown).contains("certificate"), "{}", whole(&unknown));
    let other = Authority::new();
    let unrelated = open(format!("sslrootcert={}", other.path("ca.pem").display())).await.unwrap_err();
    assert!(whole(&unrelated).contains("certificate"), "{}", whole(&unrelated));
}

#[tokio::test]
async fn a_user_without_dangerous_commands_is_enough_but_needs_the_keys() {
    let server = RedisServer::start(&[]);
    let allow = |rules: &[&str]| {
        let user = ["ACL", "SETUSER", "app", "reset", "on", ">pw"];
        assert_eq!(server.says(&[&user[..], rules].concat()), "OK");
    };
    let open = async |prefix: &str| {
        RedisStore::open(&format!("redis://app:pw@127.0.0.1:{}?prefix={prefix}", server.port)).await
    };
    allow(&["~app1:*", "+@all", "-@dangerous"]);
    let store = open("app1:").await.unwrap();
    store.create(key(1), record(1, Some("alice"))).await.unwrap();
    assert!(store.touch(key(1), NOW).await.unwrap());
    assert_eq!(store.list(Owner::User("alice"), None, 10, NOW).await.unwrap().sessions.len(), 1);
    assert_eq!(store.list(Owner::Everyone, None, 10, NOW).await.unwrap().sessions.len(), 1);
    assert!(store.delete(key(1)).await.unwrap().is_some());
    store.ready(NOW).await.unwrap();
    assert_eq!(server.says(&["KEYS", "*"]), "", "the check of the rights left a key");
    let other = open("app2:").await.unwrap_err();
    assert!(matches!(&other, RedisOpenError::MissingRights { keys, .. } if keys == "app2:*"), "{other:?}");
    assert!(whole(&other).contains("~app2:*") && !whole(&other).contains("pw"), "{}", whole(&other));
    // Each of the commands is missed, also inside of a script.
    for command in ["set", "get", "del", "zadd", "zrem", "pttl", "zrangebylex", "evalsha", "scan", "dbsize"] {
        allow(&["~app1:*", "+@all", "-@dangerous", &format!("-{command}")]);
        let missing = open("app1:").await.err();
        assert!(matches!(missing, Some(RedisOpenError::MissingRights { .. })), "{command}: {missing:?}");
    }
}
