//! Temporary certificates.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate authority for this machine, with its files in a temporary folder.
pub struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let authority = Authority { folder: tempfile::TempDir::new().expect("a folder") };
        authority.make("ca", "/CN=the test's authority", "");
        authority.sign("server");
        authority
    }

    /// Creates `NAME.pem` and `NAME-key.pem` for localhost and 127.0.0.1.
    pub fn sign(&self, name: &str) {
        let signed = "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
            -CA ca.pem -CAkey ca-key.pem";
        self.make(name, "/CN=localhost", signed);
    }

    /// Creates `NAME.pem` and `NAME-key.pem`: a self-signed certificate, which `openssl` makes one of an authority.
    pub fn sign_itself(&self, name: &str) {
        self.make(name, "/CN=localhost", "-addext subjectAltName=DNS:localhost,IP:127.0.0.1");
    }

    /// Creates a certificate; self-signed without `more` options.
    fn make(&self, name: &str, subject: &str, more: &str) {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}-key.pem"));
        let mut args: Vec<&str> =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(' ').collect();
        args.extend(["-subj", subject, "-keyout", &key, "-out", &certificate]);
        args.extend(more.split_ascii_whitespace());
        self.openssl(&args);
    }

    /// Makes the files readable for servers that run as another user.
    pub fn open_to_others(&self) {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        for path in files.chain([self.folder.path().to_owned()]) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The settings of a scripted server.
    pub fn server_config(&self, name: &str) -> Arc<rustls::ServerConfig> {
        let certificates = CertificateDer::pem_file_iter(self.path(&format!("{name}.pem"))).expect("a file");
        let certificates = certificates.collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}-key.pem"))).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("versions").with_no_client_auth().with_single_cert(certificates, key);
        Arc::new(config.expect("a certificate and its key"))
    }

    /// The same for a server that demands a client certificate of this authority.
    pub fn demanding_config(&self, name: &str) -> Arc<rustls::ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("ca.pem")).expect("a file")).expect("an authority");
        let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        );
        let config =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config =
            config.expect("versions").with_client_cert_verifier(verifier.build().expect("a verifier"));
        let certificate = CertificateDer::from_pem_file(self.path(&format!("{name}.pem"))).expect("a file");
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}-key.pem"))).expect("a key");
        Arc::new(config.with_single_cert(vec![certificate], key).expect("a certificate and its key"))
    }

    /// The options of `serve`.
    pub fn options(&self) -> [String; 4] {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let (certificate, key) = (text(self.path("server.pem")), text(self.path("server-key.pem")));
        ["--tls-cert".to_owned(), certificate, "--tls-key".to_owned(), key]
    }

    pub fn openssl(&self, args: &[&str]) {
        let ran = Command::new("openssl").args(args).current_dir(self.folder.path()).output();
        let ran = ran.expect("openssl: scripts/test installs it");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

impl AsRef<Path> for Authority {
    fn as_ref(&self) -> &Path {
        self.folder.path()
    }
}
