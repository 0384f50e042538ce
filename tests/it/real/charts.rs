//! Charts, written and packed here, and where they come from: a repository over plain HTTP, and a registry.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use serde_json::json;
use sha2::Digest;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use testbed::registry::RealRegistry;

const VALUES: &str = "colour: red\nsize: 1\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-web\ndata:\n  \
                        colour: {{ .Values.colour | quote }}\n  size: {{ .Values.size | quote }}\n";

/// A chart as its files.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) files: Vec<(String, String)>,
}

/// The chart `web`, which makes one ConfigMap of its values.
pub(super) fn web(version: &str) -> Chart {
    Chart::new("web", version).with("values.yaml", VALUES).with("templates/map.yaml", TEMPLATE)
}

impl Chart {
    /// A chart without templates.
    pub(super) fn new(name: &str, version: &str) -> Self {
        let about = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
        let files = vec![("Chart.yaml".to_owned(), about)];
        Self { name: name.to_owned(), version: version.to_owned(), files }
    }

    /// With one more file.
    pub(super) fn with(mut self, path: &str, text: impl Into<String>) -> Self {
        self.files.push((path.to_owned(), text.into()));
        self
    }

    /// What `helm package` makes of it.
    pub(super) fn packed(&self) -> Vec<u8> {
        let files = self.files.iter().map(|(path, content)| (path, content));
        testbed::archive::chart(&self.name, files).unwrap()
    }

    fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.name, self.version)
    }
}

/// A chart repository on loopback: an index and packed charts, over plain HTTP, as any web server would hand them out. It is served until
/// the process ends.
pub(super) struct Charts {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    charts: Vec<Chart>,
    /// The header that a client with access sends.
    login: Option<String>,
}

impl Charts {
    /// A repository with these charts.
    pub(super) fn open(charts: &[Chart]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shelf = Arc::new(Mutex::new(Shelf { charts: charts.to_vec(), login: None }));
        let served = Arc::clone(&shelf);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let answer =
                    move |request: Request| async move { served.lock().unwrap().answer(address, &request) };
                axum::serve(listener, Router::new().fallback(answer)).await
            })
        });
        Self { address, shelf }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this chart can be had as well.
    pub(super) fn publish(&self, chart: Chart) {
        self.shelf.lock().unwrap().charts.push(chart);
    }

    /// From now on only this person may read.
    pub(super) fn require(&self, (user, password): (&str, &str)) {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.shelf.lock().unwrap().login = Some(format!("Basic {pair}"));
    }
}

impl Shelf {
    fn answer(&self, address: SocketAddr, request: &Request) -> Result<Vec<u8>, StatusCode> {
        let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        if self.login.is_some() && given != self.login.as_deref() {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let name = request.uri().path().trim_start_matches('/');
        if name == "index.yaml" {
            return Ok(self.index(address).into_bytes());
        }
        let found = self.charts.iter().find(|chart| chart.file_name() == name);
        found.map(Chart::packed).ok_or(StatusCode::NOT_FOUND)
    }

    /// JSON is YAML.
    fn index(&self, address: SocketAddr) -> String {
        let mut entries = json!({});
        for chart in &self.charts {
            let entry = json!({
                "apiVersion": "v2", "name": chart.name, "version": chart.version,
                "urls": [format!("http://{address}/{}", chart.file_name())],
            });
            match entries[&chart.name].as_array_mut() {
                Some(versions) => versions.push(entry),
                None => entries[&chart.name] = json!([entry]),
            }
        }
        json!({"apiVersion": "v1", "entries": entries}).to_string()
    }
}

/// Brings a chart into a registry with or without TLS, as `helm push` does.
pub(super) fn push(registry: &RealRegistry, with_tls: bool, repository: &str, chart: &Chart) {
    let scheme = if with_tls { "https" } else { "http" };
    let pushing = Pushing { registry, base: format!("{scheme}://{}/v2/{repository}", registry.host()) };
    let config = json!({"apiVersion": "v2", "name": chart.name, "version": chart.version}).to_string();
    let blob = |kind: &str, bytes: &[u8]| {
        let digest = pushing.blob(bytes);
        json!({"mediaType": kind, "digest": digest, "size": bytes.len()})
    };
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2, "mediaType": kind,
        "config": blob("application/vnd.cncf.helm.config.v1+json", config.as_bytes()),
        "layers": [blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart.packed())],
    });
    let url = format!("{}/manifests/{}", pushing.base, chart.version);
    pushing.curl("PUT", &url, &format!("Content-Type: {kind}"), manifest.to_string().as_bytes());
}

struct Pushing<'a> {
    registry: &'a RealRegistry,
    base: String,
}

impl Pushing<'_> {
    /// Uploads a content; its digest.
    fn blob(&self, bytes: &[u8]) -> String {
        let headers = self.curl("POST", &format!("{}/blobs/uploads/", self.base), "Content-Length: 0", b"");
        let location = headers
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("location")));
        let location = location.unwrap().1.trim();
        let digest = format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes)));
        let joint = if location.contains('?') { '&' } else { '?' };
        let kind = "Content-Type: application/octet-stream";
        self.curl("PUT", &format!("{location}{joint}digest={digest}"), kind, bytes);
        digest
    }

    /// The head of the answer.
    fn curl(&self, method: &str, url: &str, header: &str, body: &[u8]) -> String {
        let (user, password) = RealRegistry::LOGIN;
        let mut curl = Command::new("curl")
            .args(["-sS", "--fail", "--noproxy", "*", "-D", "-", "-o", "/dev/null", "-X", method, url])
            .args(["--user", &format!("{user}:{password}"), "-H", header, "--data-binary", "@-", "--cacert"])
            .arg(self.registry.ca_file())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        curl.stdin.take().unwrap().write_all(body).unwrap();
        let output = curl.wait_with_output().unwrap();
        assert!(output.status.success(), "{method} {url}");
        String::from_utf8(output.stdout).unwrap()
    }
}
