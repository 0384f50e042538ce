//! `fluxr::testing::git` against real git servers on loopback.

pub(crate) mod server;
pub(crate) mod signing;
mod ssh;
mod ssh_keys;
pub(crate) mod ssh_server;

use std::time::Duration;

use fluxr::testing::git::Auth;
use fluxr::testing::git::Author;
use fluxr::testing::git::Destination;
use fluxr::testing::git::GitError;
use fluxr::testing::git::GitUrl;
use fluxr::testing::git::Remote;
use fluxr::testing::git::Replaces;
use fluxr::testing::git::Workspace;
use fluxr::testing::net::Proxy;
use fluxr::testing::net::Retryable;
use fluxr::testing::net::Unusable;
use fluxr::testing::text::Secret;
use server::Fault;
use server::READER;
use server::Repositories;
use server::WRITER;
use server::authority;
use server::git;
use server::serve_http;

fn author() -> Author {
    Author {
        name: "Flux".into(),
        email: String::new(),
        at: "2026-01-02T03:04:05+02:00[+02:00]".parse().unwrap(),
    }
}

fn basic(url: &str, password: &str) -> Remote {
    let auth = Auth::Basic { username: "git".into(), password: Secret::new(password) };
    Remote::new(GitUrl::parse(url).unwrap(), auth)
}

/// The error of something that must fail, after a look that no secret is in it.
fn failure<T>(result: Result<T, GitError>) -> GitError {
    let Err(error) = result else { panic!("it worked") };
    let text = format!("{error} {error:?}");
    assert!(!text.contains(WRITER) && !text.contains(READER) && !text.contains("s3cret"), "{text}");
    error
}

fn commit(workspace: &Workspace, path: &str) -> String {
    workspace.write(path, format!("content of {path}\n")).unwrap();
    workspace.commit((&author(), &author()), "Add a file", None).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_cloned_committed_to_and_pushed_over_https_with_an_own_ca() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("fleet", &[("README.md", "hello\n"), ("a/b.txt", "b\n")]);
    repositories.commit("fleet", "main", &[("second", "2\n")]);
    let (ca, tls) = authority();
    let url = format!("{}/fleet", serve_http(repositories.root(), Some(tls), Fault::None).await);
    let remote = Remote { ca: Some(ca), ..basic(&url, WRITER) };

    let listed = remote.list().await.unwrap();
    assert_eq!(listed.default_branch.as_deref(), Some("main"));
    assert_eq!(listed.branches.len(), 1);

    let workspace = remote.clone_commits("main", 1).await.unwrap();
    assert_eq!(workspace.head().as_ref(), Some(&listed.branches[0].1));
    assert_eq!(workspace.read("a/b.txt").unwrap().as_deref(), Some(&b"b\n"[..]));
    assert_eq!(workspace.read("a/none").unwrap(), None);
    assert_eq!(
        git(workspace.path(), &["rev-list", "--count", "HEAD"]),
        "1",
        "only the last commit is needed"
    );
    assert_eq!(workspace.commit((&author(), &author()), "nothing", None).unwrap(), None);

    workspace.write("clusters/prod/x.yaml", "kind: X\n").unwrap();
    let sha = workspace.commit((&author(), &author()), "Add x\n\nwith a body", None).unwrap().unwrap();
    assert!(!workspace.remote_contains(&sha).await.unwrap());
    workspace.push().await.unwrap();
    assert!(workspace.remote_contains(&sha).await.unwrap());

    assert_eq!(git(&bare, &["rev-parse", "main"]), sha);
    assert_eq!(git(&bare, &["show", "main:clusters/prod/x.yaml"]), "kind: X");
    assert_eq!(git(&bare, &["rev-list", "--count", "main"]), "3");
    git(&bare, &["fsck", "--strict"]);
    let said = git(&bare, &["log", "-1", "--format=%an|%ae|%cn|%ad|%B", "--date=iso", "main"]);
    assert_eq!(said, "Flux||Flux|2026-01-02 03:04:05 +0200|Add x\n\nwith a body");

    workspace.write("clusters/prod/x.yaml", "kind: X\n").unwrap();
    assert_eq!(workspace.commit((&author(), &author()), "nothing new", None).unwrap(), None);
    let dir = workspace.path().to_owned();
    drop(workspace);
    assert!(!dir.exists(), "the clone goes away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_commit_that_contains_ours_is_recognised() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    let sha = commit(&workspace, "ours");
    workspace.push().await.unwrap();
    repositories.commit("r", "main", &[("theirs", "2")]);
    repositories.commit("r", "main", &[("theirs", "3")]);
    assert!(workspace.remote_contains(&sha).await.unwrap());
    let lost = commit(&workspace, "never pushed");
    assert!(!workspace.remote_contains(&lost).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_repository_gets_its_first_branch() {
    let repositories = Repositories::new();
    let bare = repositories.create("empty");
    let remote =
        basic(&format!("{}/empty", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    assert_eq!(remote.list().await.unwrap(), fluxr::testing::git::Advertised::default());
    let workspace = remote.clone_commits("production", 1).await.unwrap();
    assert_eq!(workspace.head(), None);
    assert_eq!(workspace.commit((&author(), &author()), "empty", None).unwrap(), None);
    let sha = commit(&workspace, "first.txt");
    workspace.push().await.unwrap();
    assert_eq!(git(&bare, &["rev-parse", "production"]), sha);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_branch_is_named_with_those_that_are_there() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    repositories.commit("r", "release", &[("a", "2")]);
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    match failure(remote.clone_commits("production", 1).await) {
        GitError::BranchMissing { branch, existing, .. } => {
            assert_eq!(
                (branch.as_str(), existing),
                ("production", vec!["main".to_owned(), "release".to_owned()])
            );
        }
        other => panic!("{other}"),
    }
    assert!(remote.clone_commits("release", 1).await.is_ok());
    assert!(failure(remote.clone_commits("a..b", 1).await).to_string().contains("not a branch name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_push_is_seen_before_and_during_ours() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    commit(&workspace, "ours");
    let theirs = repositories.commit("r", "main", &[("theirs", "2")]);
    let error = failure(workspace.push().await);
    assert!(matches!(error, GitError::NonFastForward { .. }), "{error}");
    assert_eq!(git(&bare, &["rev-parse", "main"]), theirs, "nothing was overwritten");

    // The hook moves the branch between the check of the client and the update of the server.
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    let tree = git(&bare, &["rev-parse", "main^{tree}"]);
    let rival = git(&bare, &["commit-tree", &tree, "-p", "main", "-m", "rival"]);
    hook(&bare, "update", &format!("unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main {rival}"));
    commit(&workspace, "ours");
    let error = failure(workspace.push().await);
    assert!(matches!(error, GitError::NonFastForward { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_replaced_only_as_long_as_it_is_what_was_seen() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    git(&bare, &["branch", "topic"]);
    let seen = git(&bare, &["rev-parse", "topic"]);
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    commit(&workspace, "ours");
    let theirs = repositories.commit("r", "topic", &[("theirs", "2")]);
    let to = |commit: &str| Destination {
        branch: "topic".to_owned(),
        replaces: Replaces::Commit(commit.to_owned()),
    };
    let error = failure(workspace.push_to(&to(&seen)).await);
    assert!(matches!(error, GitError::NonFastForward { .. }), "{error}");
    assert_eq!(git(&bare, &["rev-parse", "topic"]), theirs, "nothing was overwritten");
    workspace.push_to(&to(&theirs)).await.unwrap();
    assert_eq!(git(&bare, &["log", "-1", "--format=%s", "topic"]), "Add a file");
}

fn hook(bare: &std::path::Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let file = bare.join("hooks").join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_branch_declines_in_the_servers_words() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    hook(&bare, "update", "echo 'error: GH006: Protected branch update failed for main.' >&2; exit 1");
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    commit(&workspace, "ours");
    match failure(workspace.push().await) {
        GitError::Declined { branch, reason } => {
            assert_eq!(branch, "main");
            assert!(
                reason.contains("hook declined") && reason.contains("GH006: Protected branch"),
                "{reason}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_told_apart_wrong_weak_and_absent() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let base = serve_http(repositories.root(), None, Fault::None).await;
    let url = format!("{base}/r");
    let error = failure(basic(&url, "wrong-s3cret").clone_commits("main", 1).await);
    assert!(
        matches!(&error, GitError::Unauthorized { reason, .. } if reason.contains("bad credentials")),
        "{error}"
    );
    let error = failure(Remote::new(GitUrl::parse(&url).unwrap(), Auth::None).list().await);
    assert!(matches!(error, GitError::Unauthorized { .. }), "{error}");
    let error = failure(basic(&format!("{base}/none"), WRITER).list().await);
    assert!(matches!(error, GitError::NotFound { .. }), "{error}");

    let workspace = basic(&url, READER).clone_commits("main", 1).await.unwrap();
    commit(&workspace, "ours");
    let error = failure(workspace.push().await);
    assert!(
        matches!(&error, GitError::Forbidden { reason, .. } if reason.contains("read-only token")),
        "{error}"
    );
    assert!(!error.is_transient());

    let bearer = Remote::new(GitUrl::parse(&url).unwrap(), Auth::Bearer(Secret::new(WRITER)));
    assert!(bearer.list().await.is_ok());
    let inside = url.replace("http://", &format!("http://git:{WRITER}@"));
    assert!(Remote::new(GitUrl::parse(&inside).unwrap(), Auth::None).list().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_that_does_not_match_is_a_tls_error() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let (_, tls) = authority();
    let (other, _) = authority();
    let url = format!("{}/r", serve_http(repositories.root(), Some(tls), Fault::None).await);
    for ca in [None, Some(other)] {
        let error = failure(Remote { ca, ..basic(&url, WRITER) }.list().await);
        assert!(
            matches!(&error, GitError::Tls { reason, .. } if reason.contains("unknown authority")),
            "{error}"
        );
        assert!(!error.is_transient());
    }
    for ca in ["", "not a certificate"] {
        let error = failure(Remote { ca: Some(ca.into()), ..basic(&url, WRITER) }.list().await);
        assert!(matches!(&error, GitError::Client(Unusable::NoAuthority)), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_but_for_the_hosts_that_are_excepted() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let (ca, tls) = authority();
    let url = format!("{}/r", serve_http(repositories.root(), Some(tls), Fault::None).await);
    let stand_in = crate::support::Proxy::start();
    let through = |none: Option<&str>| Remote {
        ca: Some(ca.clone()),
        proxy: Proxy { https: Some(stand_in.url.clone()), http: None, none: none.map(str::to_owned) },
        ..basic(&url, WRITER)
    };
    through(Some("127.0.0.0/8")).list().await.unwrap();
    assert_eq!(stand_in.seen(), Vec::<String>::new());
    through(Some("example.com")).list().await.unwrap();
    let host = url.trim_start_matches("https://").trim_end_matches("/r");
    assert_eq!(stand_in.seen()[0], format!("CONNECT {host}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_is_told_from_one_that_is_not_a_git_server() {
    let repositories = Repositories::new();
    repositories.create_with("r", &[("a", "1")]);
    let at = async |fault| format!("{}/r", serve_http(repositories.root(), None, fault).await);
    let error = failure(basic(&at(Fault::Status(503)).await, WRITER).list().await);
    assert!(error.is_transient() && error.to_string().contains("503: no luck today"), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    let error = failure(basic(&at(Fault::Page).await, WRITER).list().await);
    assert!(matches!(&error, GitError::NotGit { reason, .. } if reason.contains("text/html")), "{error}");
    let error = failure(basic(&at(Fault::Truncated).await, WRITER).clone_commits("main", 1).await);
    assert!(error.is_transient(), "{error:?}");
    let error = failure(basic("http://127.0.0.1:1/r", WRITER).list().await);
    assert!(matches!(&error, GitError::Unreachable { .. }) && error.is_transient(), "{error}");
    assert!(error.to_string().contains("127.0.0.1:1/r") && error.to_string().contains("refused"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_moved_is_followed_for_everything() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    let remote =
        basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::Redirect).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    let sha = commit(&workspace, "ours");
    workspace.push().await.unwrap();
    assert_eq!(git(&bare, &["rev-parse", "main"]), sha);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_stops_when_no_one_waits_for_it() {
    let repositories = Repositories::new();
    let url = format!("{}/r", serve_http(repositories.root(), None, Fault::Silent).await);
    let remote = basic(&url, WRITER);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let waited = tokio::time::timeout(Duration::from_millis(300), remote.clone_commits("main", 1)).await;
    assert!(waited.is_err());
    for _ in 0..100 {
        if tasks() <= before + 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the clone does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_clone() {
    let repositories = Repositories::new();
    let outside = tempfile::tempdir().unwrap();
    let link = format!("-> {}", outside.path().display());
    repositories.create_with(
        "r",
        &[("out", &link), ("inside", "-> dir"), ("dir/f", "1"), ("link.yaml", "-> /etc/passwd")],
    );
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    for path in [
        "../x",
        "a/../../x",
        "/etc/x",
        "out/x",
        "inside/x",
        "link.yaml",
        ".git/config",
        "a/.GIT/config",
        "",
        ".",
        "./",
    ] {
        let error = failure(workspace.write(path, "x"));
        assert!(matches!(error, GitError::OutsideClone { .. }), "{path}: {error}");
        assert!(matches!(failure(workspace.read(path)), GitError::OutsideClone { .. }), "{path}");
        assert!(matches!(failure(workspace.remove(path)), GitError::OutsideClone { .. }), "{path}");
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    workspace.write("./clusters/./prod/x.yaml", "x").unwrap();
    assert_eq!(workspace.read("clusters/prod/x.yaml").unwrap().as_deref(), Some(&b"x"[..]));
    let there = workspace.files().unwrap().read("clusters/prod/x.yaml").unwrap();
    assert_eq!(there, b"x");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(workspace.path()).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_committed_even_if_the_repository_ignores_them_and_removed_when_told() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[(".gitignore", "*.yaml\n"), ("old", "1"), ("d/keep", "1")]);
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    workspace.write("x.yaml", "x").unwrap();
    workspace.remove("old").unwrap();
    workspace.remove("never/there").unwrap();
    workspace.commit((&author(), &author()), "change", None).unwrap().unwrap();
    workspace.push().await.unwrap();
    assert_eq!(git(&bare, &["ls-tree", "-r", "--name-only", "main"]), ".gitignore\nd/keep\nx.yaml");
    git(&bare, &["fsck", "--strict"]);
}
