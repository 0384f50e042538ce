//! Git over SSH, and host keys.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use fluxr::testing::git::Auth;
use fluxr::testing::git::GitError;
use fluxr::testing::git::GitUrl;
use fluxr::testing::git::Remote;
use fluxr::testing::git::SshAuth;
use fluxr::testing::git::WantedCommit;
use fluxr::testing::git::ssh::Curve;
use fluxr::testing::git::ssh::KeyAlgorithm;
use fluxr::testing::git::ssh::KeyPair;
use fluxr::testing::git::ssh::PrivateKey;
use fluxr::testing::git::ssh::scan_host_key;
use fluxr::testing::net::Retryable;
use fluxr::testing::text::Secret;

use super::commit;
use super::failure;
use super::server::Repositories;
use super::server::git;
use super::ssh_server::serve_ssh;

pub(super) const KINDS: [(KeyAlgorithm, &str); 5] = [
    (KeyAlgorithm::Ecdsa(Curve::P256), "ecdsa-sha2-nistp256"),
    (KeyAlgorithm::Ecdsa(Curve::P384), "ecdsa-sha2-nistp384"),
    (KeyAlgorithm::Ecdsa(Curve::P521), "ecdsa-sha2-nistp521"),
    (KeyAlgorithm::Rsa(2048), "ssh-rsa"),
    (KeyAlgorithm::Ed25519, "ssh-ed25519"),
];

fn host_key(algorithm: KeyAlgorithm) -> russh::keys::PrivateKey {
    let pair = KeyPair::generate(algorithm).unwrap();
    russh::keys::decode_secret_key(pair.identity.reveal(), None).unwrap()
}

async fn known_hosts(at: SocketAddr) -> String {
    scan_host_key("127.0.0.1", at.port(), &[], Duration::from_secs(10)).await.unwrap()
}

fn remote(at: SocketAddr, repository: &str, key: &PrivateKey, known_hosts: &str) -> Remote {
    let url = GitUrl::parse(&format!("ssh://git@{at}/{repository}")).unwrap();
    let auth = SshAuth { key: Some(key.clone()), known_hosts: known_hosts.to_owned(), ..SshAuth::default() };
    Remote::new(url, Auth::Ssh(auth))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_generated_key_clones_and_pushes() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("fleet", &[("README.md", "hello\n")]);
    let pairs: Vec<_> = KINDS.iter().map(|(kind, name)| (KeyPair::generate(*kind).unwrap(), *name)).collect();
    let clients = pairs.iter().map(|(pair, _)| (pair.public.clone(), true)).collect();
    let at = serve_ssh(repositories.root(), vec![host_key(KeyAlgorithm::Ed25519)], clients).await;
    let known = known_hosts(at).await;
    for (pair, name) in &pairs {
        assert!(
            pair.public.starts_with(&format!("{name} ")) && pair.public.ends_with('\n'),
            "{}",
            pair.public
        );
        assert_eq!(pair.public.trim_end().split(' ').count(), 2, "no comment: {}", pair.public);
        // The key is read back from the form it has in a Secret.
        let key = PrivateKey::parse(pair.identity.reveal(), None, "identity").unwrap();
        let workspace = remote(at, "fleet", &key, &known).clone_commits("main", 1).await.unwrap();
        let sha = commit(&workspace, name);
        workspace.push().await.unwrap();
        assert!(workspace.remote_contains(&sha).await.unwrap());
        assert_eq!(git(&bare, &["rev-parse", "main"]), sha);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_are_asked_for_over_ssh_by_a_key_that_may_only_read() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    let first = git(&bare, &["rev-parse", "main"]);
    let second = repositories.commit("r", "main", &[("b", "2")]);
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let clients = vec![(pair.public.clone(), false)];
    let at = serve_ssh(repositories.root(), vec![host_key(KeyAlgorithm::Ed25519)], clients).await;
    let known = known_hosts(at).await;
    let remote = remote(at, "r", &pair.key, &known);
    let wanted = |id: &str| WantedCommit { id: id.to_owned(), reference: "main".to_owned() };
    for setting in ["false", "true"] {
        git(&bare, &["config", "uploadpack.allowReachableSHA1InWant", setting]);
        git(&bare, &["config", "uploadpack.allowFilter", setting]);
        let found = remote.commits(&[wanted(&second), wanted(&first), wanted("short")]).await.unwrap();
        let told: Vec<(&str, &str)> =
            found.iter().map(|commit| (commit.id.as_str(), commit.message.trim())).collect();
        assert_eq!(told, [(second.as_str(), "theirs"), (first.as_str(), "theirs")]);
        assert_eq!((found[0].author.as_str(), found[0].email.as_str()), ("Other", "other@example.com"));
    }
    assert_eq!(remote.commits(&[]).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_key_clones_but_is_refused_on_push() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let stranger = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let clients = vec![(pair.public.clone(), false)];
    let at = serve_ssh(repositories.root(), vec![host_key(KeyAlgorithm::Ed25519)], clients).await;
    let known = known_hosts(at).await;
    let workspace = remote(at, "r", &pair.key, &known).clone_commits("main", 1).await.unwrap();
    commit(&workspace, "ours");
    let error = failure(workspace.push().await);
    assert!(
        matches!(&error, GitError::Forbidden { reason, .. } if reason.contains("read only")),
        "{error:?}"
    );
    let error = failure(remote(at, "none", &pair.key, &known).list().await);
    assert!(matches!(error, GitError::NotFound { .. }), "{error:?}");
    let error = failure(remote(at, "r", &stranger.key, &known).list().await);
    assert!(
        matches!(&error, GitError::Unauthorized { reason, .. } if reason.contains("SHA256:")),
        "{error:?}"
    );
    let url = GitUrl::parse(&format!("ssh://git@{at}/r")).unwrap();
    let auth = SshAuth { known_hosts: known, ..SshAuth::default() };
    let error = failure(Remote::new(url.clone(), Auth::Ssh(auth)).list().await);
    assert!(
        matches!(&error, GitError::Unauthorized { reason, .. } if reason.contains("SSH_AUTH_SOCK")),
        "{error:?}"
    );
    let auth = Auth::Basic { username: "git".into(), password: Secret::new("s3cret") };
    assert!(matches!(failure(Remote::new(url, auth).list().await), GitError::Unauthorized { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_key_that_is_unknown_different_or_revoked_is_refused() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let host = host_key(KeyAlgorithm::Ed25519);
    let at = serve_ssh(repositories.root(), vec![host], vec![(pair.public.clone(), true)]).await;
    let known = known_hosts(at).await;
    let other = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap().public;
    let different = format!("[127.0.0.1]:{} {other}", at.port());
    for (text, part) in [
        ("", "does not hold this host"),
        (different.as_str(), "another key"),
        (format!("@revoked {known}{known}").as_str(), "revoked"),
    ] {
        let error = failure(remote(at, "r", &pair.key, text).list().await);
        assert!(matches!(&error, GitError::HostKey { reason, .. } if reason.contains(part)), "{error:?}");
        assert!(error.to_string().contains(&at.port().to_string()), "{error}");
        assert!(!error.is_transient());
    }
    let both = format!("# comment\nbroken line\n{different}{known}");
    assert!(remote(at, "r", &pair.key, &both).list().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_and_wildcard_lines_are_understood() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let at = serve_ssh(
        repositories.root(),
        vec![host_key(KeyAlgorithm::Ed25519)],
        vec![(pair.public.clone(), true)],
    )
    .await;
    let known = known_hosts(at).await;
    let wild = known.replace("127.0.0.1", "127.0.*");
    assert!(remote(at, "r", &pair.key, &wild).list().await.is_ok());
    let negated = format!("!{}", known.replacen(' ', ",* ", 1));
    assert!(matches!(failure(remote(at, "r", &pair.key, &negated).list().await), GitError::HostKey { .. }));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known_hosts");
    std::fs::write(&file, &known).unwrap();
    let hashed = Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file).output();
    if hashed.is_ok_and(|output| output.status.success()) {
        let hashed = std::fs::read_to_string(&file).unwrap();
        assert!(hashed.starts_with("|1|"), "{hashed}");
        assert!(remote(at, "r", &pair.key, &hashed).list().await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scan_takes_the_key_flux_would_take_and_writes_it_as_flux_does() {
    let repositories = Repositories::new();
    let keys = vec![
        host_key(KeyAlgorithm::Ed25519),
        host_key(KeyAlgorithm::Ecdsa(Curve::P256)),
        host_key(KeyAlgorithm::Rsa(2048)),
    ];
    let publics: Vec<String> =
        keys.iter().map(|key| key.public_key().to_openssh().unwrap().trim().to_owned()).collect();
    let at = serve_ssh(repositories.root(), keys, Vec::new()).await;
    let scan = async |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        scan_host_key("127.0.0.1", at.port(), &names, Duration::from_secs(10)).await
    };
    let line = |key: &str| format!("[127.0.0.1]:{} {key}\n", at.port());
    assert_eq!(scan(&[]).await.unwrap(), line(&publics[1]), "ECDSA comes first, as in Go");
    assert_eq!(scan(&["ssh-ed25519"]).await.unwrap(), line(&publics[0]));
    assert_eq!(scan(&["rsa-sha2-512", "ssh-ed25519"]).await.unwrap(), line(&publics[2]));
    let error = failure(scan(&["ecdsa-sha2-nistp521"]).await);
    assert!(
        matches!(&error, GitError::HostKey { reason, .. } if reason.contains("ssh-ed25519")),
        "{error:?}"
    );
    let error = failure(scan(&["ssh-unheard-of"]).await);
    assert!(error.to_string().contains("\"ssh-unheard-of\": not known"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_of_a_host_that_is_silent_or_away_names_host_and_port() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let error = failure(scan_host_key("127.0.0.1", port, &[], Duration::from_millis(200)).await);
    assert!(error.is_transient() && error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    let error = failure(scan_host_key("127.0.0.1", 1, &[], Duration::from_secs(5)).await);
    assert!(error.to_string().contains("127.0.0.1:1") && error.to_string().contains("refused"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_key_asked_for_is_one_that_known_hosts_holds() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let keys = vec![host_key(KeyAlgorithm::Ecdsa(Curve::P256)), host_key(KeyAlgorithm::Rsa(2048))];
    let at = serve_ssh(repositories.root(), keys, vec![(pair.public.clone(), true)]).await;
    let rsa =
        scan_host_key("127.0.0.1", at.port(), &["rsa-sha2-256".to_owned()], Duration::from_secs(10)).await;
    assert!(remote(at, "r", &pair.key, &rsa.unwrap()).list().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_agent_is_asked_for_one_that_the_server_accepts() {
    let dir = tempfile::tempdir_in("/tmp").unwrap();
    let socket = dir.path().join("agent");
    let Ok(mut agent) = Command::new("ssh-agent")
        .arg("-D")
        .arg("-a")
        .arg(&socket)
        .stdout(std::process::Stdio::null())
        .spawn()
    else {
        return;
    };
    while !socket.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let (stranger, friend) = (host_key(KeyAlgorithm::Ed25519), host_key(KeyAlgorithm::Rsa(2048)));
    let clients = vec![(friend.public_key().to_openssh().unwrap(), true)];
    let at = serve_ssh(repositories.root(), vec![host_key(KeyAlgorithm::Ed25519)], clients).await;
    let auth =
        SshAuth { agent: Some(socket.clone()), known_hosts: known_hosts(at).await, ..SshAuth::default() };
    let remote = Remote::new(GitUrl::parse(&format!("ssh://git@{at}/r")).unwrap(), Auth::Ssh(auth));
    let add = async |key: &russh::keys::PrivateKey| {
        let mut client = russh::keys::agent::client::AgentClient::connect_uds(&socket).await.unwrap();
        client.add_identity(key, &[]).await.unwrap();
    };
    let empty = remote.list().await;
    add(&stranger).await;
    let refused = remote.list().await;
    add(&friend).await;
    let accepted = remote.list().await;
    agent.kill().unwrap();
    agent.wait().unwrap();
    let gone = remote.list().await;
    assert!(failure(empty).to_string().contains("the SSH agent holds no key"));
    assert!(failure(refused).to_string().contains("none of the 1 keys of the SSH agent"));
    assert_eq!(accepted.unwrap().branches.len(), 1);
    assert!(failure(gone).to_string().contains("SSH agent: "));
}
