//! `--cert` and `--key`: the client identifies itself with a certificate.

use crate::support::{Authority, Home, Script, respond};

#[test]
fn a_server_that_demands_a_client_certificate() {
    let (home, authority) = (Home::new(), Authority::new());
    authority.sign("client");
    let server = Script::with_tls(authority.demanding_config("server"), |_| respond(200, &[], "fine"));
    let url = server.url("/").replace("http:", "https:");
    let path = |name: &str| authority.path(name).display().to_string();
    let both = authority.path("both.pem");
    let read = |name: &str| std::fs::read_to_string(authority.path(name)).unwrap();
    std::fs::write(&both, read("client-key.pem") + &read("client.pem")).unwrap();
    let (ca, cert, key, both) =
        (path("ca.pem"), path("client.pem"), path("client-key.pem"), path("both.pem"));
    for trust in [&["--cacert", &ca][..], &["--insecure"]] {
        let visit = [&["visit", url.as_str()], trust].concat();
        home.run([&visit[..], &["--cert", &cert, "--key", &key]].concat()).exits(0).answers("fine");
        home.run([&visit[..], &["--cert", &both]].concat()).exits(0).answers("fine");
        home.run(&visit).exits(1).says("the server demands a client certificate; --cert FILE names it");
    }
}

#[test]
fn a_client_certificate_that_cannot_be_used_is_explained() {
    let (home, authority) = (Home::new(), Authority::new());
    authority.sign("client");
    authority.sign("other");
    let encrypt = "pkey -in client-key.pem -aes256 -passout pass:x -out encrypted.pem";
    authority.openssl(&encrypt.split(' ').collect::<Vec<_>>());
    let path = |name: &str| authority.path(name).display().to_string();
    let cert = path("client.pem");
    for (cert, key, said) in [
        ("missing.pem", None, "cannot read missing.pem: No such file"),
        (&cert, Some("missing.pem"), "cannot read missing.pem: No such file"),
        (
            &cert,
            None,
            "client.pem contains no private key in PEM format; name the file of the key with --key",
        ),
        (&path("client-key.pem"), None, "client-key.pem as a client certificate: it contains no certificate"),
        (&cert, Some(&path("other-key.pem")), "other-key.pem does not belong to the certificate in"),
        (&cert, Some(&path("encrypted.pem")), "encrypted.pem is encrypted"),
    ] {
        let mut args = vec!["visit", "https://127.0.0.1:1/", "--cert", cert];
        args.extend(key.iter().flat_map(|key| ["--key", key]));
        home.run(args).exits(1).says(said);
    }
    home.run(["visit", "https://127.0.0.1:1/", "--key", &cert]).exits(2).says("--cert");
}
