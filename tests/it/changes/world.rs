//! A fleet repository at a forge, a cluster that follows it, and the program between them.

use crate::bootstrap::world::git as git_in;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Output;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use testbed::Forge;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Request;

pub const TOKEN: &str = "ghp_t0ken-0f-ada";
pub const REPOSITORY: &str = "ada/fleet";

/// What people wrote, with their habits.
pub const SHOP: &str = "\
# The shop. Ask #web before you touch it.
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
    name: shop   # as in the wiki
    namespace: flux-system
spec:
    interval: 10m
    path: \"./apps/shop\"
    prune: true # since March
    sourceRef: {kind: GitRepository, name: flux-system}
---
# its cache
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
    name: cache
    namespace: flux-system
spec:
    interval: 1h
    path: ./apps/cache
    sourceRef: {kind: GitRepository, name: flux-system}
";

/// A release that the shop applies.
pub const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
spec:
  chartRef:
    kind: OCIRepository
    name: web
  interval: 1h
";

/// The four forges, by the word that `--forge` takes.
pub const FORGES: [&str; 4] = ["github", "gitlab", "gitea", "bitbucket-server"];

/// What a finished run said.
pub fn said(output: std::process::Output) -> Output {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn address(forge: &Forge, repository: &str) -> String {
    let below = if repository.starts_with('~') { "scm/" } else { "" };
    format!("https://{}/{below}{repository}.git", forge.host())
}

/// Pushes another text of a file as someone else would.
pub fn commit_file(bare: &Path, file: &str, text: &str) {
    let work = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| git_in(work.path(), arguments).unwrap();
    git(&["clone", "--quiet", bare.to_str().unwrap(), "."]);
    git(&["checkout", "--quiet", "-B", "main", "origin/main"]);
    std::fs::write(work.path().join(file), text).unwrap();
    git(&["commit", "--quiet", "--all", "--message", "theirs"]);
    git(&["push", "--quiet", "origin", "main"]);
}

pub struct World {
    pub forge: Forge,
    pub api: ApiServer,
    pub cli: Cli,
    /// The word that `--forge` takes.
    pub at: &'static str,
    /// Owner and name of the repository, as the forge calls it.
    pub repository: &'static str,
    folder: tempfile::TempDir,
}

impl World {
    /// A repository with the shop in it, and a cluster that follows `clusters/one`.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same with further files, or without some.
    pub fn with(files: &[(&str, Option<&str>)]) -> Self {
        Self::at("github", files)
    }

    /// The same at another forge.
    pub fn at(at: &'static str, files: &[(&str, Option<&str>)]) -> Self {
        let repository = if at == "bitbucket-server" { "~ada/fleet" } else { REPOSITORY };
        let folder = tempfile::tempdir().unwrap();
        let forge = Forge::start(&folder.path().join("forge")).unwrap();
        forge.add_user("ada", TOKEN, "repo");
        forge.create_repository(repository).unwrap();
        let sync = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                    metadata: {name: flux-system, namespace: flux-system}\n\
                    spec: {path: ./clusters/one, sourceRef: {kind: GitRepository, name: flux-system}}\n";
        let mut all: Vec<(&str, Option<&str>)> = vec![
            ("clusters/one/flux-system/gotk-sync.yaml", Some(sync)),
            ("clusters/one/flux-system/kustomization.yaml", Some("resources:\n- gotk-sync.yaml\n")),
            ("clusters/one/shop.yaml", Some(SHOP)),
            (
                "apps/shop/kustomization.yaml",
                Some("namespace: web\nresources:\n  - release.yaml # the shop itself\n"),
            ),
            ("apps/shop/release.yaml", Some(RELEASE)),
            (
                "apps/cache/cache.yaml",
                Some("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cache, namespace: web}\n"),
            ),
            ("clusters/two/shop.yaml", Some(SHOP)),
        ];
        all.extend(files);
        forge.commit(repository, "main", &all, "the fleet").unwrap();
        let api = ApiServer::with_flux();
        let url = address(&forge, repository);
        let status = || ready("True", "applied", json!({}));
        let source = json!({"url": url, "interval": "1m0s", "ref": {"branch": "main"}});
        api.put(flux_object("GitRepository", "flux-system", source, status()));
        let sync = json!({
            "path": "./clusters/one",
            "interval": "10m0s",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        });
        api.put(flux_object("Kustomization", "flux-system", sync, status()));
        let scratch = folder.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        let cli = Cli::against(&api)
            .env("GIT_SSL_CAINFO", forge.ca_file().to_str().unwrap())
            .env("TMPDIR", scratch.to_str().unwrap())
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com");
        Self { forge, api, cli, at, repository, folder }
    }

    /// The address of the repository.
    pub fn url(&self) -> String {
        address(&self.forge, self.repository)
    }

    /// Where the program keeps its clones.
    pub fn scratch(&self) -> std::path::PathBuf {
        self.folder.path().join("scratch")
    }

    /// A run with Ada's token for the forge.
    pub fn asking(&self, line: &str) -> std::process::Command {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let forge = format!("--forge={}", self.at);
        words.push(&forge);
        let mut command = self.cli.command(&words);
        let tokens =
            ["GITHUB", "GITLAB", "GITEA", "BITBUCKET"].map(|forge| (format!("{forge}_TOKEN"), TOKEN));
        command.envs(tokens).stdin(std::process::Stdio::null());
        command
    }

    /// Runs a line with Ada's token for the forge.
    pub fn ask(&self, line: &str) -> Output {
        said(self.asking(line).output().unwrap())
    }

    /// The requests of the repository, the newest first.
    pub fn requests(&self) -> Vec<Request> {
        self.forge.pull_requests(self.repository)
    }

    /// The only request that there is.
    #[track_caller]
    pub fn request(&self) -> Request {
        let mut all = self.requests();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Runs a command line with Ada's password in the environment.
    pub fn run(&self, line: &str) -> Output {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a line that is refused in these words, and leaves the branch as it is.
    #[track_caller]
    pub fn refuses(&self, line: &str, words: &[&str]) {
        let before = self.git(&["rev-parse", "main"]);
        let seen = self.run(line);
        for word in words {
            assert!(seen.failed().contains(word), "no \"{word}\" in:\n{}", seen.err);
        }
        assert_eq!(self.git(&["rev-parse", "main"]), before);
    }

    pub fn run_words(&self, words: &[&str]) -> Output {
        let mut command = self.cli.command(words);
        command.env("GIT_PASSWORD", TOKEN).stdin(std::process::Stdio::null());
        said(command.output().unwrap())
    }

    /// A file of the branch; `None` if there is none.
    pub fn file(&self, path: &str) -> Option<String> {
        let bare = self.forge.repository_path(self.repository);
        let shown = std::process::Command::new("git")
            .args(["-c", "safe.directory=*", "show", &format!("main:{path}")])
            .current_dir(bare)
            .output()
            .unwrap();
        shown.status.success().then(|| String::from_utf8(shown.stdout).unwrap())
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        self.forge.git(self.repository, arguments).unwrap()
    }

    /// Commits links as someone else would.
    pub fn link(&self, links: &[(&str, &str)]) {
        let work = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| git_in(work.path(), arguments).unwrap();
        let bare = self.forge.repository_path(self.repository);
        git(&["clone", "--quiet", "--branch=main", bare.to_str().unwrap(), "."]);
        for (place, to) in links {
            std::os::unix::fs::symlink(to, work.path().join(place)).unwrap();
        }
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "links"]);
        git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// Has someone else push another text of a file as soon as the next push begins.
    pub fn moves_before_push(&self, file: &'static str, text: &str) {
        let (bare, text) = (self.forge.repository_path(self.repository), text.to_owned());
        self.forge.inject(Fault {
            method: "GET",
            path: "info/refs?service=git-receive-pack",
            after: 0,
            times: 1,
            action: Action::Call(Arc::new(move || commit_file(&bare, file, &text))),
        });
    }

    /// The subjects of the commits, the newest first.
    pub fn commits(&self) -> Vec<String> {
        self.forge.commits(self.repository, "main").unwrap()
    }

    /// The paths that the last commit changed, with the letter for what happened to each.
    pub fn touched(&self) -> Vec<String> {
        let names = self.git(&["show", "--no-renames", "--name-status", "--format=", "main"]);
        names.lines().map(|line| line.replace('\t', " ")).collect()
    }

    /// From now on controllers answer requests: sources hold the branch as it is, and everything else has applied that. An object with this
    /// reason has failed to.
    pub fn with_controllers(&self, failing: Option<&'static str>) {
        let bare = self.forge.repository_path(REPOSITORY);
        self.api.react(move |object| {
            let asked = object.pointer("/metadata/annotations/reconcile.fluxcd.io~1requestedAt")?;
            let is_suspended = object.pointer("/spec/suspend") == Some(&json!(true));
            if is_suspended || Some(asked) == object.pointer("/status/lastHandledReconcileAt") {
                return None;
            }
            let git = ["-c", "safe.directory=*", "rev-parse", "main"];
            let head = std::process::Command::new("git").args(git).current_dir(&bare).output().unwrap();
            let revision = format!("main@sha1:{}", String::from_utf8(head.stdout).unwrap().trim());
            let is_source = object["kind"] == "GitRepository";
            let failing = failing.filter(|_| !is_source);
            let condition = json!({"type": "Ready", "status": if failing.is_some() { "False" } else { "True" },
                "reason": failing.unwrap_or("Tested"), "message": "it was tried",
                "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": object["metadata"]["generation"]});
            let mut status = json!({"lastHandledReconcileAt": asked, "conditions": [condition],
                "observedGeneration": object["metadata"]["generation"], "lastAttemptedRevision": revision});
            match (is_source, failing) {
                (true, _) => status["artifact"] = json!({"revision": revision}),
                (false, None) => status["lastAppliedRevision"] = json!(revision),
                (false, Some(_)) => {}
            }
            let mut next = object.clone();
            json_patch::merge(&mut next, &json!({"status": status}));
            Some((std::time::Duration::from_millis(20), next))
        });
    }

    /// Nothing but reads reached the cluster.
    #[track_caller]
    pub fn left_the_cluster_alone(&self) {
        let writes: Vec<String> =
            self.api.requests().into_iter().filter(|request| !request.starts_with("GET")).collect();
        assert_eq!(writes, Vec::<String>::new());
    }
}
