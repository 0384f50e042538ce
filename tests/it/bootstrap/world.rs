//! A forge, an API server and the program between them.

use crate::support::ApiServer;
use crate::support::COMPONENTS_COMMIT;
use serde_json::Value;
use serde_json::json;
use std::io::BufRead;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use testbed::Forge;

pub(crate) const TOKEN: &str = "ghp_t0ken-0f-ada";
pub(crate) const REPOSITORY: &str = "ada/fleet";

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn succeeded(&self) -> &Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// It failed with code 1, and stderr holds these words.
    #[track_caller]
    pub(crate) fn failed_with(&self, words: &[&str]) {
        assert_eq!(self.code, 1, "{}\n{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "no \"{word}\" in:\n{}", self.err);
        }
        assert!(self.err.contains("hint: "), "no next step in:\n{}", self.err);
    }
}

pub(crate) struct World {
    pub(crate) forge: Arc<Forge>,
    pub(crate) api: ApiServer,
    pub(crate) folder: tempfile::TempDir,
    /// What `--owner` takes.
    pub(crate) owner: &'static str,
    /// The word after `bootstrap`.
    at: &'static str,
    /// `owner/name` of the repository that bootstrap is to fill, as the forge calls it.
    repository: String,
}

impl World {
    /// An empty cluster, and a forge where Ada has a token and no repository.
    pub(crate) fn new() -> Self {
        Self::at("github")
    }

    /// The same at another forge.
    pub(crate) fn at(at: &'static str) -> Self {
        let owner = if at == "bitbucket-server" { "~ada" } else { "ada" };
        let world = Self::empty("ada", at, owner);
        world.follow(&world.repository());
        world
    }

    /// The same, where no controller acts on Flux's objects.
    pub(crate) fn without_controllers() -> Self {
        Self::empty("ada", "github", "ada")
    }

    /// The same, where the repository is to belong to the organization `acme` with the teams `dev` and `ops`.
    pub(crate) fn of_organization() -> Self {
        Self::of_group("github")
    }

    /// The same at another forge: a sub-group at GitLab, a project at Bitbucket Server.
    pub(crate) fn of_group(at: &'static str) -> Self {
        let (owner, key) = match at {
            "gitlab" => ("acme/platform", "acme/platform"),
            "bitbucket-server" => ("Acme", "ACME"),
            _ => ("acme", "acme"),
        };
        let world = Self::empty(owner, at, key);
        match at {
            "gitlab" => ["acme", "acme/platform", "acme/dev", "ops"]
                .iter()
                .for_each(|group| world.forge.add_organization(group, &[])),
            "bitbucket-server" => world.forge.add_project(key, owner, &["dev", "ops"]),
            _ => world.forge.add_organization(owner, &["dev", "ops"]),
        }
        world.follow(&world.repository());
        world
    }

    fn empty(owner: &'static str, at: &'static str, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let forge = Arc::new(Forge::start(&folder.path().join("forge")).unwrap());
        forge.add_user("ada", TOKEN, "repo, admin:org");
        let api = ApiServer::empty();
        let repository = format!("{key}/fleet");
        let world = Self { forge, api, folder, owner, at, repository };
        std::fs::write(world.folder.path().join("kubeconfig"), world.api.kubeconfig()).unwrap();
        world
    }

    /// `owner/name` of the repository that bootstrap is to fill.
    pub(crate) fn repository(&self) -> String {
        self.repository.clone()
    }

    /// Flux's controllers: whenever their objects are written, they are ready at the end of the branch.
    fn follow(&self, repository: &str) {
        let bare = self.forge.repository_path(repository);
        self.api.react(move |object| {
            let kind = object["kind"].as_str()?;
            if !matches!(kind, "GitRepository" | "Kustomization") {
                return None;
            }
            let next = reconciled(&bare, object)?;
            (next["status"] != object["status"]).then_some((Duration::from_millis(30), next))
        });
    }

    /// The arguments of an ordinary run over SSH.
    pub(crate) fn arguments(&self, further: &[&str]) -> Vec<String> {
        let mut arguments = vec![
            "bootstrap".to_owned(),
            self.at.to_owned(),
            format!("--hostname={}", self.forge.host()),
            format!("--ssh-hostname={}", self.forge.ssh_host()),
            format!("--ca-file={}", self.forge.ca_file().display()),
            format!("--owner={}", self.owner),
            "--repository=fleet".to_owned(),
            "--path=./clusters/one".to_owned(),
            "--timeout=30s".to_owned(),
        ];
        if self.owner == "ada" {
            arguments.push("--personal".to_owned());
        }
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        arguments
    }

    pub(crate) fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluxr"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.scratch())
            .env("PATH", "/usr/bin:/bin")
            .env("KUBECONFIG", self.folder.path().join("kubeconfig"))
            .envs(["GITHUB", "GITLAB", "GITEA", "BITBUCKET"].map(|forge| (format!("{forge}_TOKEN"), TOKEN)))
            .env("GIT_PASSWORD", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Where the program keeps its clones.
    pub(crate) fn scratch(&self) -> PathBuf {
        let scratch = self.folder.path().join("scratch");
        std::fs::create_dir_all(&scratch).unwrap();
        scratch
    }

    pub(crate) fn run(&self, arguments: &[String]) -> Said {
        said(self.command(arguments).spawn().unwrap())
    }

    /// Runs `bootstrap` with further flags.
    pub(crate) fn bootstrap(&self, further: &[&str]) -> Said {
        self.run(&self.arguments(further))
    }

    /// Starts a run and kills it when a line of stderr begins so; whether it came to that.
    pub(crate) fn kill_at(&self, beginning: &str) -> bool {
        let mut child = self.command(&self.arguments(&[])).spawn().unwrap();
        let lines = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
        let reached = lines.map_while(Result::ok).any(|line| line.starts_with(beginning));
        let _ = child.kill();
        let _ = child.wait();
        reached
    }

    pub(crate) fn commits(&self) -> Vec<String> {
        self.forge.commits(&self.repository(), "main").unwrap_or_default()
    }

    /// A field of the source Secret, decoded.
    pub(crate) fn secret(&self, key: &str) -> Option<String> {
        use base64::Engine;
        let secret = self.api.get("Secret", "flux-system", "flux-system")?;
        if let Some(text) = secret["stringData"][key].as_str() {
            return Some(text.to_owned());
        }
        let bytes = base64::engine::general_purpose::STANDARD.decode(secret["data"][key].as_str()?).unwrap();
        Some(String::from_utf8(bytes).unwrap())
    }

    /// Files and commits of the repository, deploy keys, and all objects of the cluster, without what differs from world to world: ports,
    /// keys, times and versions. Two runs with the same end have the same.
    pub(crate) fn state(&self) -> Vec<String> {
        let mut lines = self.commits();
        let git = |arguments: &[&str]| self.forge.git(&self.repository(), arguments).unwrap();
        for file in git(&["ls-tree", "-r", "--name-only", "main"]).lines() {
            lines.push(format!("{file}: {}", git(&["show", &format!("main:{file}")])));
        }
        lines.extend(
            self.forge.deploy_keys(&self.repository()).iter().map(|key| format!("{} {}", key.0, key.2)),
        );
        for mut object in self.api.objects() {
            let fields = object["data"].as_object().filter(|_| object["kind"] == "Secret");
            if let Some(names) = fields.map(|data| data.keys().cloned().collect::<Vec<_>>()) {
                object["data"] = json!(names);
            }
            let metadata = &mut object["metadata"];
            if let Some(all) = metadata["annotations"].as_object_mut() {
                all.retain(|name, _| !name.ends_with("requestedAt"));
            }
            if metadata["annotations"].as_object().is_none_or(serde_json::Map::is_empty) {
                metadata["annotations"] = Value::Null;
            }
            for field in ["resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"] {
                metadata[field] = Value::Null;
            }
            object["status"] = Value::Null;
            lines.push(object.to_string());
        }
        let port = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
        lines.iter().map(|line| port.replace_all(line, "<host>").into_owned()).collect()
    }

    /// The state that every run must end in: two commits, one key that is that of the Secret, and the sync objects.
    #[track_caller]
    pub(crate) fn is_complete(&self, what: &str) {
        let commits = ["Add Flux sync manifests", COMPONENTS_COMMIT.as_str()];
        assert_eq!(self.commits(), commits, "{what}");
        let keys = self.forge.deploy_keys(&self.repository());
        let public = self.secret("identity.pub").unwrap_or_default();
        assert_eq!(keys.len(), 1, "{what}: {keys:?}");
        assert_eq!(keys[0].0, "flux-system-main-flux-system-./clusters/one", "{what}");
        // Some forges write the title behind the key.
        let bare = |key: &str| key.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(bare(&keys[0].1), bare(&public), "{what}");
        assert!(keys[0].2, "{what}: the key may write");
        for kind in ["GitRepository", "Kustomization"] {
            assert!(self.api.get(kind, "flux-system", "flux-system").is_some(), "{what}: no {kind}");
        }
        assert!(self.api.get("Deployment", "flux-system", "source-controller").is_some(), "{what}");
    }
}

/// One of Flux's objects, ready at the end of the branch.
pub(crate) fn reconciled(bare: &Path, object: &Value) -> Option<Value> {
    let branch = object.pointer("/spec/ref/branch").and_then(Value::as_str).unwrap_or("main");
    let tip = git(bare, &["rev-parse", branch]).ok()?;
    let revision = format!("{branch}@sha1:{tip}");
    let mut next = object.clone();
    next["status"] = json!({
        "observedGeneration": object.pointer("/metadata/generation").cloned().unwrap_or_default(),
        "artifact": {"revision": revision},
        "lastAppliedRevision": revision,
        "lastAttemptedRevision": revision,
        "conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored"}],
    });
    Some(next)
}

pub(crate) fn said(mut child: Child) -> Said {
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || read(&mut out));
    let err = std::thread::spawn(move || read(&mut err));
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Said { code, out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read(stream: &mut impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Runs git without any configuration.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "user.name=Other", "-c", "user.email=other@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Pushes a commit to `main` as someone else would.
pub(crate) fn commit_in_between(bare: &Path, file: &str) {
    let work = tempfile::tempdir().unwrap();
    git(work.path(), &["clone", "--quiet", bare.to_str().unwrap(), "."]).unwrap();
    git(work.path(), &["checkout", "--quiet", "-B", "main"]).unwrap();
    std::fs::write(work.path().join(file), "theirs\n").unwrap();
    git(work.path(), &["add", "--all"]).unwrap();
    git(work.path(), &["commit", "--quiet", "--message", &format!("theirs: {file}")]).unwrap();
    git(work.path(), &["push", "--quiet", "origin", "main"]).unwrap();
}
