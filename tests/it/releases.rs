//! Other releases of Flux: asked for and downloaded from a stand-in of GitHub.

use axum::http::StatusCode;
use axum::http::Uri;
use fluxr::testing::distribution::Releases;
use fluxr::testing::net::Proxy;
use sha2::Digest;
use std::collections::BTreeMap;

/// Serves these paths; everything else is not found.
async fn server(files: BTreeMap<&'static str, Vec<u8>>) -> Releases {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(move |uri: Uri| {
        let found = files.get(uri.path()).cloned();
        async move {
            match found {
                Some(bytes) => (StatusCode::OK, bytes),
                None => (StatusCode::NOT_FOUND, Vec::new()),
            }
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Releases { api: format!("{address}/api"), downloads: format!("{address}/files"), ..Releases::default() }
}

fn archive() -> Vec<u8> {
    testbed::archive::packed([("rbac.yaml", "kind: Namespace\n")]).unwrap()
}

#[tokio::test]
async fn a_release_is_downloaded_when_its_checksum_is_right() {
    let bytes = archive();
    let sums = format!("{}  manifests.tar.gz\n", hex::encode(sha2::Sha256::digest(&bytes)));
    let releases = server(BTreeMap::from([
        ("/api/latest", br#"{"tag_name": "v2.9.7"}"#.to_vec()),
        ("/api/tags/v2.9.7", b"{}".to_vec()),
        ("/files/v2.9.7/manifests.tar.gz", bytes),
        ("/files/v2.9.7/flux_2.9.7_checksums.txt", sums.into_bytes()),
    ]))
    .await;
    assert_eq!(releases.latest().await.unwrap(), "v2.9.7");
    let files = releases.manifests("v2.9.7").await.unwrap();
    assert_eq!(files["rbac.yaml"], "kind: Namespace\n");
    let missing = releases.manifests("v2.9.8").await.unwrap_err();
    assert_eq!(missing.to_string(), "targeted version 'v2.9.8' does not exist");
}

#[tokio::test]
async fn downloads_go_through_the_proxy() {
    let releases = server(BTreeMap::from([("/api/latest", br#"{"tag_name": "v2.9.7"}"#.to_vec())])).await;
    let stand_in = crate::support::Proxy::start();
    let proxy = Proxy { http: Some(stand_in.url.clone()), ..Proxy::default() };
    let address = releases.api.clone();
    let releases = Releases { proxy, ..releases };
    assert_eq!(releases.latest().await.unwrap(), "v2.9.7");
    assert_eq!(stand_in.seen(), [format!("GET {address}/latest")]);
}

#[tokio::test]
async fn a_download_that_is_not_what_the_release_says_is_refused() {
    let sums = format!("{}  manifests.tar.gz\n", "0".repeat(64));
    let releases = server(BTreeMap::from([
        ("/api/latest", b"<html>".to_vec()),
        ("/api/tags/v2.9.7", b"{}".to_vec()),
        ("/files/v2.9.7/manifests.tar.gz", archive()),
        ("/files/v2.9.7/flux_2.9.7_checksums.txt", sums.into_bytes()),
    ]))
    .await;
    let tampered = format!("{:#}", releases.manifests("v2.9.7").await.unwrap_err());
    assert!(tampered.starts_with("downloading the manifests of Flux v2.9.7: the checksum of"), "{tampered}");
    assert!(releases.latest().await.is_err());
}

#[tokio::test]
async fn without_a_network_the_next_step_is_reported() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let releases = Releases {
        api: "http://127.0.0.1:1".into(),
        downloads: "http://127.0.0.1:1".into(),
        ..Releases::default()
    };
    let error = releases.latest().await.unwrap_err();
    assert!(format!("{error:#}").contains("cannot reach http://127.0.0.1:1/latest"), "{error:#}");
    assert!(fluxr::testing::text::hints(&error)[0].contains("--version"));
}
