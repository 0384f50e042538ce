//! A chart repository on loopback: an index and one chart, over plain HTTP, as any web server would hand them out.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

const CHART: &str = "apiVersion: v2\nname: web\nversion: 1.2.3\n";
const VALUES: &str = "colour: red\nsize: 1\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-web\ndata:\n  \
                        colour: {{ .Values.colour | quote }}\n  size: {{ .Values.size | quote }}\n";

/// Serves until the runtime ends; where it listens.
pub(super) async fn serve() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let index = format!(
        "apiVersion: v1\nentries:\n  web:\n  - apiVersion: v2\n    name: web\n    version: 1.2.3\n    \
         urls: [http://{address}/web-1.2.3.tgz]\n"
    );
    let files = BTreeMap::from([("index.yaml", index.into_bytes()), ("web-1.2.3.tgz", chart())]);
    let files = Arc::new(files);
    let app = Router::new().route(
        "/{file}",
        get(move |Path(file): Path<String>| async move {
            files.get(file.as_str()).cloned().ok_or(StatusCode::NOT_FOUND)
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn chart() -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in
        [("web/Chart.yaml", CHART), ("web/values.yaml", VALUES), ("web/templates/map.yaml", TEMPLATE)]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}
