//! Git servers on loopback around the real `git`: HTTP and HTTPS through `git http-backend`.

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use testbed::TlsListener;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;

/// The password that may push, and the one that may only read.
pub(crate) const WRITER: &str = "wr1te-s3cret";
pub(crate) const READER: &str = "r3ad-s3cret";

/// Bare repositories in a directory of their own.
pub(crate) struct Repositories(tempfile::TempDir);

impl Repositories {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// An empty repository.
    pub(crate) fn create(&self, name: &str) -> PathBuf {
        let dir = self.0.path().join(name);
        std::fs::create_dir_all(&dir).unwrap();
        git(&dir, &["init", "--quiet", "--bare", "--initial-branch=main"]);
        git(&dir, &["config", "http.receivepack", "true"]);
        dir
    }

    /// A repository with one commit that holds these files.
    pub(crate) fn create_with(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let dir = self.create(name);
        self.commit(name, "main", files);
        dir
    }

    /// Adds a commit as someone else would.
    pub(crate) fn commit(&self, name: &str, branch: &str, files: &[(&str, &str)]) -> String {
        let bare = self.0.path().join(name);
        let work = tempfile::tempdir().unwrap();
        git(work.path(), &["clone", "--quiet", bare.to_str().unwrap(), "."]);
        git(work.path(), &["checkout", "--quiet", "-B", branch]);
        for (path, content) in files {
            let file = work.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            match content.strip_prefix("-> ") {
                Some(target) => std::os::unix::fs::symlink(target, file).unwrap(),
                None => std::fs::write(file, content).unwrap(),
            }
        }
        git(work.path(), &["add", "--all"]);
        git(work.path(), &["commit", "--quiet", "--message", "theirs"]);
        git(work.path(), &["push", "--quiet", "origin", branch]);
        git(work.path(), &["rev-parse", "HEAD"])
    }
}

/// Runs git with a clean configuration, and gives its output.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let (ok, text) = try_git(dir, arguments, &[]);
    assert!(ok, "git {arguments:?}: {text}");
    text
}

pub(crate) fn try_git(dir: &Path, arguments: &[&str], env: &[(&str, &str)]) -> (bool, String) {
    let mut command = std::process::Command::new("git");
    clean(&mut command);
    let output = command.envs(env.iter().copied()).current_dir(dir).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).trim().to_owned())
}

/// Removes the settings of the user from a command of git.
pub(super) fn clean(command: &mut std::process::Command) {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GIT_")) {
        command.env_remove(name);
    }
    command
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "Other"), ("GIT_AUTHOR_EMAIL", "other@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Other"), ("GIT_COMMITTER_EMAIL", "other@example.com")]);
}

/// How an HTTP server misbehaves.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    Status(u16),
    /// Answers every request with a page.
    Page,
    /// Sends an advertisement that breaks off.
    Truncated,
    /// Takes the request and never answers.
    Silent,
    /// Sends the reader to the same path below `/moved`.
    Redirect,
}

/// Serves repositories over HTTP, or over HTTPS with a certificate for 127.0.0.1, and gives the base URL.
pub(crate) async fn serve_http(root: &Path, tls: Option<rustls::ServerConfig>, fault: Fault) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let root = root.to_owned();
    let router = axum::Router::new().fallback(move |request: Request| {
        let root = root.clone();
        async move { answer(&root, request, fault).await }
    });
    match tls {
        None => {
            tokio::spawn(async move { axum::serve(listener, router).await });
            format!("http://{address}")
        }
        Some(config) => {
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
            tokio::spawn(async move { axum::serve(TlsListener { listener, acceptor }, router).await });
            format!("https://{address}")
        }
    }
}

/// A new authority: its certificate in PEM, and a server's settings signed by it.
pub(crate) fn authority() -> (Vec<u8>, rustls::ServerConfig) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
    let certificate = params.self_signed(&key).unwrap();
    let issuer = rcgen::Issuer::new(params, key);
    let server_key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(server_key.serialize_der()).unwrap(),
        )
        .unwrap();
    (certificate.pem().into_bytes(), config)
}

fn plain(status: u16, text: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    Response::builder()
        .status(status)
        .header("content-type", "text/plain")
        .header("retry-after", "7")
        .body(Body::from(text.to_owned()))
        .unwrap()
}

async fn answer(root: &Path, request: Request, fault: Fault) -> Response {
    let (head, body) = request.into_parts();
    let mut path = head.uri.path().to_owned();
    match fault {
        Fault::None => {}
        Fault::Status(status) => return plain(status, "no luck today"),
        Fault::Page => {
            let page = Response::builder().header("content-type", "text/html");
            return page.body(Body::from("<html>Welcome</html>")).unwrap();
        }
        Fault::Truncated => {
            let start =
                Response::builder().header("content-type", "application/x-git-upload-pack-advertisement");
            return start.body(Body::from("001e# service=git-upload-pack\n0000015")).unwrap();
        }
        Fault::Silent => std::future::pending().await,
        Fault::Redirect => match path.strip_prefix("/moved") {
            Some(rest) => path = rest.to_owned(),
            None if head.method == "GET" => {
                let to = format!("/moved{}", head.uri);
                return Response::builder().status(301).header("location", to).body(Body::empty()).unwrap();
            }
            None => return plain(500, "a request went to the old place"),
        },
    }
    let query = head.uri.query().unwrap_or_default().to_owned();
    let authorization =
        head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let basic = |password: &str| format!("Basic {}", STANDARD.encode(format!("git:{password}")));
    let writes = authorization == basic(WRITER) || authorization == format!("Bearer {WRITER}");
    if !writes && authorization != basic(READER) {
        return plain(401, "bad credentials");
    }
    if !writes && (path.ends_with("receive-pack") || query.ends_with("receive-pack")) {
        return plain(403, "read-only token");
    }
    if !root
        .join(path.trim_start_matches('/').split(".git").next().unwrap().split("/info").next().unwrap())
        .exists()
        && !root.join(path.trim_start_matches('/').split('/').next().unwrap()).exists()
    {
        return plain(404, "no such repository");
    }
    let body = to_bytes(body, 64 << 20).await.unwrap();
    let mut command = std::process::Command::new("git");
    clean(&mut command);
    command.args(["-c", "safe.directory=*", "http-backend"]);
    command.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "git");
    command.env("PATH_INFO", &path).env("QUERY_STRING", &query).env("REQUEST_METHOD", head.method.as_str());
    if let Some(kind) = head.headers.get("content-type") {
        command.env("CONTENT_TYPE", kind.to_str().unwrap());
    }
    command.env("CONTENT_LENGTH", body.len().to_string());
    let mut child = Command::from(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    tokio::spawn(async move { stdin.write_all(&body).await });
    let output = child.wait_with_output().await.unwrap().stdout;
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").unwrap();
        match name {
            "Status" => response = response.status(value[..3].parse::<u16>().unwrap()),
            _ => response = response.header(name, value),
        }
    }
    response.body(Body::from(output[end + 4..].to_vec())).unwrap()
}
