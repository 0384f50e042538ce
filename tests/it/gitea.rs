//! A second forge behind the contract: `bootstrap gitea`, against a scripted server.

use crate::git::server::authority;
use crate::support::ApiServer;
use crate::support::Cli;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use fluxr::testing::forge::DeployKey;
use fluxr::testing::forge::Forge;
use fluxr::testing::forge::Gitea;
use fluxr::testing::forge::Hosted;
use fluxr::testing::forge::Opening;
use fluxr::testing::forge::Owner;
use fluxr::testing::forge::Target;
use fluxr::testing::net::Proxy;
use fluxr::testing::text::Secret;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

struct Script {
    host: String,
    ca: Vec<u8>,
    seen: Arc<Mutex<Vec<String>>>,
}

/// Answers each of these requests, and nothing else.
async fn script(answers: &'static [(&'static str, u16, &'static str)]) -> Script {
    let (ca, config) = authority();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let router = axum::Router::new().fallback(move |method: Method, uri: Uri, body: String| {
        let request = format!("{method} {uri}");
        let found = answers.iter().find(|(wanted, ..)| *wanted == request);
        log.lock().unwrap().push(format!("{request} {body}"));
        async move {
            let (_, status, text) = found.unwrap_or(&("", 404, "{}"));
            (StatusCode::from_u16(*status).unwrap(), *text)
        }
    });
    tokio::spawn(async move { axum::serve(testbed::TlsListener { listener, acceptor }, router).await });
    Script { host, ca, seen }
}

impl Script {
    async fn open(&self, owner: Owner) -> Gitea {
        let target = Target { domain: self.host.clone(), owner, name: "fleet".to_owned() };
        let (token, limit) = (Secret::new("t0ken"), Duration::from_secs(5));
        let opening = Opening { target, token, ca: Some(self.ca.clone()), proxy: Proxy::default(), limit };
        Gitea::open(opening).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_of_users_and_organisations_are_created_with_their_keys() {
    let server = script(&[
        ("GET /api/v1/user", 200, r#"{"login": "ada"}"#),
        ("POST /api/v1/user/repos", 201, "{}"),
        ("POST /api/v1/orgs/acme/repos", 409, r#"{"message": "The repository already exists."}"#),
        (
            "GET /api/v1/repos/ada/fleet/keys?limit=50&page=1",
            200,
            r#"[{"id": 7, "title": "a", "key": "ssh-ed25519 AAAA", "read_only": true}]"#,
        ),
        (
            "POST /api/v1/repos/ada/fleet/keys",
            422,
            r#"{"message": "Key content has been used as non-deploy key"}"#,
        ),
        ("PATCH /api/v1/repos/ada/fleet", 200, "{}"),
    ])
    .await;
    let own = server.open(Owner::User("ada".to_owned())).await;
    assert_eq!(own.identity().await.unwrap(), "ada");
    assert_eq!(own.repository().await.unwrap(), None);
    own.create_repository("private").await.unwrap();
    own.set_visibility("public").await.unwrap();
    let keys = own.deploy_keys().await.unwrap();
    assert_eq!((keys[0].id.as_str(), keys[0].read_only), ("7", true));
    own.delete_deploy_key("8").await.unwrap();
    let key = DeployKey { id: String::new(), ..keys[0].clone() };
    let used = own.add_deploy_key(&key).await.unwrap_err();
    assert_eq!(used.to_string(), "adding the deploy key \"a\" to \"ada/fleet\": the key is already in use");
    let group = server.open(Owner::Group("acme".to_owned())).await;
    let taken = group.create_repository("private").await.unwrap_err();
    assert!(taken.to_string().ends_with("a repository with this name exists already"), "{taken}");
    let seen = server.seen.lock().unwrap().clone();
    assert!(
        seen.contains(&r#"POST /api/v1/user/repos {"name":"fleet","private":true}"#.to_owned()),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_plans_what_the_server_lacks() {
    let server = script(&[
        ("GET /api/v1/repos/acme/fleet", 404, r#"{"message": "The target couldn't be found."}"#),
        ("GET /api/v1/repos/acme/old", 401, r#"{"message": "token is required"}"#),
    ])
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    std::fs::write(&file, &server.ca).unwrap();
    let run = move |repository: &str| {
        let api = ApiServer::empty();
        let (ca, host) = (format!("--ca-file={}", file.display()), format!("--hostname={}", server.host));
        let name = format!("--repository={repository}");
        let arguments = [
            "bootstrap",
            "gitea",
            "--owner=acme",
            &name,
            &host,
            &ca,
            "--team=dev",
            "--dry-run",
            "--token-auth",
        ];
        Cli::against(&api).env("GITEA_TOKEN", "t0ken").run(&arguments)
    };
    tokio::task::spawn_blocking(move || {
        let planned = run("fleet");
        planned.succeeded();
        let all = format!("{planned:?}");
        assert!(all.contains("create the private repository"), "{all}");
        assert!(all.contains("give team dev the permission maintain"), "{all}");
        let refused = format!("{:?}", run("old"));
        assert!(refused.contains("export it as GITEA_TOKEN"), "{refused}");
        let nested = format!("{:?}", run("group/fleet"));
        assert!(nested.contains("Gitea has no sub-groups"), "{nested}");
    })
    .await
    .unwrap();
}
