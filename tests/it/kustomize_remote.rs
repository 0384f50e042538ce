//! Files and folders that kustomizations name by an address: over HTTP, Git over HTTP and SSH, and from a repository on the disk.

use crate::git::server::Fault;
use crate::git::server::READER;
use crate::git::server::Repositories;
use crate::git::server::git;
use crate::git::server::serve_http;
use crate::git::ssh_server::serve_ssh;
use crate::support::Cli;
use crate::support::Output;
use crate::support::Web;
use fluxr::testing::git::ssh::KeyAlgorithm;
use fluxr::testing::git::ssh::KeyPair;
use fluxr::testing::git::ssh::scan_host_key;
use std::path::Path;
use std::time::Duration;

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n";

fn settings(prefix: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {prefix}settings\n")
}

fn base(prefix: &str) -> [(&'static str, String); 3] {
    [
        ("app/kustomization.yaml", format!("namePrefix: {prefix}\nresources: [../shared]\n")),
        ("shared/kustomization.yaml", "resources: [settings.yaml]\n".to_owned()),
        ("shared/settings.yaml", SETTINGS.to_owned()),
    ]
}

fn create(repositories: &Repositories, name: &str, files: &[(&str, String)]) -> String {
    let bare = repositories.create(name);
    commit(repositories, name, files);
    git(&bare, &["rev-parse", "HEAD"])
}

fn commit(repositories: &Repositories, name: &str, files: &[(&str, String)]) -> String {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    repositories.commit(name, "main", &files)
}

/// Builds a kustomization with these lines.
async fn build(cli: &Cli, text: &str, flags: &[&str]) -> Output {
    let folder = cli.home().join("top");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
    run(cli, &[&["kustomize", "top"], flags].concat()).await
}

/// The program runs beside the servers of this test.
async fn run(cli: &Cli, arguments: &[&str]) -> Output {
    tokio::task::block_in_place(|| cli.run(arguments))
}

/// The URL with what may read.
fn with_reader(url: &str) -> String {
    url.replace("http://", &format!("http://git:{READER}@"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_fetched_at_a_branch_a_tag_and_a_commit_and_is_kept() {
    let repositories = Repositories::new();
    let first = create(&repositories, "base", &base("one-"));
    git(&repositories.root().join("base"), &["tag", "-a", "v1", "-m", "one"]);
    commit(&repositories, "base", &base("two-"));
    let url = with_reader(&serve_http(repositories.root(), None, Fault::None).await);
    let cli = Cli::new();
    for (reference, wanted) in
        [("", "two-"), ("?ref=main", "two-"), ("?ref=v1", "one-"), ("?version=v1", "one-")]
    {
        let output = build(&cli, &format!("resources: ['{url}/base//app{reference}']\n"), &[]).await;
        assert_eq!(output.succeeded(), settings(wanted), "{reference}: {}", output.err);
    }
    let by_commit = format!("resources: ['{url}/base//app?ref={first}']\n");
    assert_eq!(build(&cli, &by_commit, &[]).await.succeeded(), settings("one-"));
    // What is kept needs no server; a branch has to be asked for.
    assert_eq!(build(&cli, &by_commit, &["--offline"]).await.succeeded(), settings("one-"));
    let output = build(&cli, &format!("resources: ['{url}/base//app?ref=main']\n"), &["--offline"]).await;
    let said = output.failed();
    assert!(said.contains("nothing is fetched with --offline") && said.contains("hint:"), "{said}");
    assert!(!said.contains(READER), "{said}");
    let kept: Vec<_> = std::fs::read_dir(cli.home().join(".cache/fluxr/repositories")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    // The address may be what is built itself.
    let output = run(&cli, &["kustomize", &format!("{url}/base//app?ref=v1")]).await;
    assert_eq!(output.succeeded(), settings("one-"), "{}", output.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fetched_is_named() {
    let repositories = Repositories::new();
    create(&repositories, "base", &base("one-"));
    let evil = [
        ("kustomization.yaml", "resources: [../../outside]\n".to_owned()),
        ("link/kustomization.yaml", "resources: [etc.yaml]\n".to_owned()),
        ("link/etc.yaml", "-> /etc/hostname".to_owned()),
    ];
    create(&repositories, "evil", &evil);
    let url = with_reader(&serve_http(repositories.root(), None, Fault::None).await);
    let silent = serve_http(repositories.root(), None, Fault::Silent).await;
    let cli = Cli::new();
    let missing = "5".repeat(40);
    for (address, wanted) in [
        (format!("{url}/none//app"), "not found"),
        (format!("{url}/base//app?ref=v9"), "couldn't find remote ref v9"),
        (format!("{url}/base//app?ref={missing}"), missing.as_str()),
        (format!("{url}/base//none"), "there is no folder \"none\""),
        (format!("{url}/base//shared/settings.yaml"), "there is no folder"),
        (format!("{url}/evil//"), "leads out"),
        (format!("{url}/evil//link"), "leads out"),
        (format!("{}/base//app", url.replace(READER, "wrong")), "authentication failed"),
        (format!("git@{}/base//app?timeout=1", &silent["http://".len()..].replace(':', "@")), ""),
    ] {
        let output = build(&cli, &format!("resources: ['{address}']\n"), &[]).await;
        let said = output.failed();
        assert!(said.contains(wanted) && !said.contains(READER), "{address}: {said}");
    }
    let hangs = format!("components: ['{silent}/base//app?timeout=1s']\n");
    let said = build(&cli, &hangs, &[]).await.failed().to_owned();
    assert!(said.contains("hit 1s timeout"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_that_lead_to_each_other_are_a_cycle() {
    let repositories = Repositories::new();
    repositories.create("one");
    let url = with_reader(&serve_http(repositories.root(), None, Fault::None).await);
    let lead = |at: &str| [("kustomization.yaml", format!("resources: ['{url}/{at}']\n"))];
    commit(&repositories, "one", &lead("two//"));
    create(&repositories, "two", &lead("one//"));
    create(&repositories, "many", &lead("many///?ref=main&again=1"));
    create(&repositories, "own", &lead("own//"));
    let cli = Cli::new();
    for repository in ["one//", "many//", "own//"] {
        let output = build(&cli, &format!("resources: ['{url}/{repository}']\n"), &[]).await;
        assert!(output.failed().contains("cycle detected"), "{repository}: {}", output.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn submodules_are_fetched_unless_they_are_not_wanted() {
    let repositories = Repositories::new();
    create(&repositories, "inner", &base("in-"));
    let outer =
        create(&repositories, "outer", &[("kustomization.yaml", "resources: [inner/app]\n".to_owned())]);
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| repositories.root().join(name).to_str().unwrap().to_owned();
    git(work.path(), &["clone", "--quiet", &at("outer"), "."]);
    git(
        work.path(),
        &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &at("inner"), "inner"],
    );
    git(work.path(), &["config", "-f", ".gitmodules", "submodule.inner.url", "../inner"]);
    git(work.path(), &["commit", "--quiet", "--all", "-m", "inner"]);
    git(work.path(), &["push", "--quiet", "origin", "main"]);
    let url = with_reader(&serve_http(repositories.root(), None, Fault::None).await);
    let cli = Cli::new();
    let output = build(&cli, &format!("resources: ['{url}/outer//']\n"), &[]).await;
    assert_eq!(output.succeeded(), settings("in-"), "{}", output.err);
    let output = build(&cli, &format!("resources: ['{url}/outer//?submodules=false']\n"), &[]).await;
    assert!(output.failed().contains("inner/app"), "{}", output.err);
    assert!(build(&cli, &format!("resources: ['{url}/outer//?ref={outer}']\n"), &[]).await.code == 1);
    // A repository of the disk, and its submodule beside it.
    let output = build(&cli, &format!("resources: ['file://{}//']\n", at("outer")), &[]).await;
    assert_eq!(output.succeeded(), settings("in-"), "{}", output.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_fetched_over_ssh_from_a_host_that_is_known() {
    let repositories = Repositories::new();
    create(&repositories, "base", &base("ssh-"));
    let pair = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let host = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let host = russh::keys::decode_secret_key(host.identity.reveal(), None).unwrap();
    let at = serve_ssh(repositories.root(), vec![host], vec![(pair.public.clone(), false)]).await;
    let cli = Cli::new();
    let keys = cli.home().join(".ssh");
    std::fs::create_dir_all(&keys).unwrap();
    std::fs::write(keys.join("id_ed25519"), pair.identity.reveal()).unwrap();
    let text = format!("resources: ['ssh://git@{at}/base//app']\n");
    let output = build(&cli, &text, &[]).await;
    assert!(output.failed().contains("host key of"), "{}", output.err);
    // A host that is known by another key is another one.
    let other = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let line = format!("[127.0.0.1]:{} {}\n", at.port(), other.public.trim());
    std::fs::write(keys.join("known_hosts"), line).unwrap();
    let output = build(&cli, &text, &[]).await;
    let said = output.failed();
    assert!(said.contains("the resource \"ssh://git@") && said.contains("host key"), "{said}");
    assert!(!said.contains("is not in"), "{said}");
    let known = scan_host_key("127.0.0.1", at.port(), &[], Duration::from_secs(10)).await.unwrap();
    std::fs::write(keys.join("known_hosts"), known).unwrap();
    let output = build(&cli, &text, &[]).await;
    assert_eq!(output.succeeded(), settings("ssh-"), "{}", output.err);
}

#[test]
fn files_are_fetched_wherever_paths_are_allowed() {
    let web = Web::start(|asked| {
        Some(match asked.path.as_str() {
            "/settings.yaml" => (200, SETTINGS.into()),
            "/patch.yaml" => (200, format!("{SETTINGS}data: {{a: b}}\n").into()),
            "/page" => (200, "<html>Welcome</html>".into()),
            _ => (404, "no".into()),
        })
    });
    let cli = Cli::new();
    let run = |text: &str| {
        let folder: &Path = &cli.home().join("top");
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
        cli.run(&["kustomize", "top"])
    };
    let url = &web.url;
    let output =
        run(&format!("resources: ['{url}/settings.yaml']\npatches: [{{path: '{url}/patch.yaml'}}]\n"));
    assert!(output.succeeded().starts_with("apiVersion: v1\ndata:\n  a: b\n"), "{}", output.out);
    let output = run(&format!("configMapGenerator: [{{name: a, files: [f={url}/settings.yaml]}}]\n"));
    assert!(output.succeeded().contains("  f: |\n    apiVersion: v1\n"), "{}", output.out);
    for (path, wanted) in [("none.yaml", "status code 404 (Not Found)"), ("page", "/page")] {
        let output = run(&format!("resources: ['{url}/{path}']\n"));
        assert!(output.failed().contains(wanted), "{path}: {}", output.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_authorities_is_read_only_when_something_is_fetched() {
    let cli = Cli::new().env("GIT_SSL_CAINFO", "/none/ca.crt");
    let run = build(&cli, "configMapGenerator: [{name: settings, literals: [a=b]}]\n", &[]).await;
    assert!(run.succeeded().contains("kind: ConfigMap"), "{}", run.out);
    let run = build(&cli, "resources: ['https://127.0.0.1:9/base.yaml']\n", &[]).await;
    assert!(run.failed().contains("/none/ca.crt"), "{}", run.err);
}

#[test]
fn an_interrupted_fetch_says_so_and_nothing_else() {
    // It takes the connection, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let cli = Cli::new();
    let folder = cli.home().join("top");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!("resources: ['http://{}/base.yaml']\n", silent.local_addr().unwrap());
    std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
    let child = cli.command(&["kustomize", "top"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let _taken = silent.accept().unwrap();
    let kill = std::process::Command::new("/bin/kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), said.as_str()), (Some(130), "✗ interrupted\n"));
}
