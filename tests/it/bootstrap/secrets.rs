//! No token, key, password or passphrase shows anywhere: not in the output, not in files that others can read, not in what is left behind,
//! and no child is started that could be given one.

use super::signing::ssh_key;
use super::world::REPOSITORY;
use super::world::Said;
use super::world::TOKEN;
use super::world::World;
use super::world::said;
use crate::git::signing::Gpg;
use base64::Engine;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Refusal;

const PASSPHRASE: &str = "open sesame/ali+baba";
const REGISTRY: &str = "pa:ss/w0rd";
/// Programs that might be started, and are not.
const CHILDREN: [&str; 4] = ["git", "kubectl", "kustomize", "ssh"];

/// A world in which everything that is printed or written is kept, to be looked through at the end.
struct Watched {
    world: World,
    shown: String,
    secrets: Vec<String>,
    on_disk: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    fn new() -> Self {
        let world = World::new();
        let children = world.folder.path().join("children");
        std::fs::create_dir_all(&children).unwrap();
        for program in CHILDREN {
            let file = children.join(program);
            let log = children.join("log");
            let script = format!("#!/bin/sh\necho \"$0 $*\" >>{}\n", log.display());
            std::fs::write(&file, script).unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let mut watched = Self { world, shown: String::new(), secrets: Vec::new(), on_disk: Arc::default() };
        watched.keep_secret(TOKEN);
        watched.keep_secret(&format!("ada:{TOKEN}"));
        watched.keep_secret(&format!("git:{TOKEN}"));
        watched.look_at_files();
        watched
    }

    /// Remembers a secret in the forms in which it travels.
    fn keep_secret(&mut self, secret: &str) {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(secret);
        self.secrets.extend([secret.to_owned(), encoded.replace('+', "%20"), base64]);
    }

    /// From now on the clone is looked through while the forge is asked for something.
    fn look_at_files(&self) {
        let (scratch, found) = (self.world.scratch(), Arc::clone(&self.on_disk));
        let secrets = self.secrets.clone();
        let look = Arc::new(move || {
            let mut files = Vec::new();
            collect(&scratch, &mut files);
            let mut found = found.lock().unwrap();
            found.push(format!("looked at {} files", files.len()));
            for entry in std::fs::read_dir(&scratch).unwrap() {
                let Ok(data) = entry.and_then(|entry| entry.metadata()) else { continue };
                if data.permissions().mode() & 0o077 != 0 {
                    found.push(format!("open to others: {:o}", data.permissions().mode()));
                }
            }
            for (file, content) in files {
                found.extend(
                    secrets
                        .iter()
                        .filter(|secret| content.contains(*secret))
                        .map(|secret| format!("{secret} in {file}")),
                );
            }
        });
        for method in ["GET", "POST"] {
            let action = Action::Call(Arc::clone(&look) as Arc<dyn Fn() + Send + Sync>);
            self.world.forge.inject(Fault { method, path: "fleet.git", after: 0, times: 1000, action });
        }
    }

    fn run(&mut self, arguments: &[String]) -> Said {
        let mut command = self.world.command(arguments);
        let children = self.world.folder.path().join("children");
        command.env("PATH", format!("{}:/usr/bin:/bin", children.display()));
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
        let said = said(command.spawn().unwrap());
        self.shown.push_str(&format!("{}{}\n", said.out, said.err));
        said
    }

    /// Runs these lines of a command, and expects these codes.
    fn run_all(&mut self, command: &[&str], lines: &[(&[&str], i32)]) {
        for (line, code) in lines {
            let all = [command, line, &["--verbose", "--timeout=20s"]].concat();
            let said = self.run(&all.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>());
            assert_eq!(said.code, *code, "{all:?}: {}", said.err);
        }
    }

    fn bootstrap(&mut self, further: &[&str]) -> Said {
        let arguments = self.world.arguments(&[&["--verbose"], further].concat());
        self.run(&arguments)
    }

    /// Looks through everything.
    #[track_caller]
    fn showed_nothing(&self) {
        let log = self.world.folder.path().join("children/log");
        assert!(!log.exists(), "a child was started: {}", std::fs::read_to_string(log).unwrap());
        for secret in &self.secrets {
            assert!(!self.shown.contains(secret), "{secret} was shown:\n{}", self.shown);
        }
        for text in ["PRIVATE KEY", "-----BEGIN OPENSSH"] {
            assert!(!self.shown.contains(text), "{text} was shown:\n{}", self.shown);
        }
        let left = std::fs::read_dir(self.world.scratch()).unwrap().count();
        assert_eq!(left, 0, "temporary files were left behind");
    }

    /// Nothing was shown, and nothing written where it can be read.
    fn kept_everything(self) {
        self.showed_nothing();
        let on_disk = self.on_disk.lock().unwrap();
        let (looks, found): (Vec<_>, Vec<_>) = on_disk.iter().partition(|line| line.starts_with("looked at"));
        assert!(
            looks.iter().any(|look| *look != "looked at 0 files"),
            "no clone was ever looked at: {looks:?}"
        );
        assert_eq!(found, Vec::<&String>::new());
    }
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if let Ok(content) = std::fs::read(&path) {
            files.push((path.display().to_string(), String::from_utf8_lossy(&content).into_owned()));
        }
    }
}

#[test]
fn bootstrap_in_all_its_forms_keeps_every_secret() {
    let mut watched = Watched::new();
    let (signing, _) = ssh_key(watched.world.folder.path(), &["-t", "ed25519"], PASSPHRASE);
    watched.keep_secret(PASSPHRASE);
    watched.keep_secret(REGISTRY);
    watched.bootstrap(&["--dry-run"]).succeeded();
    let key = format!("--ssh-signing-key-file={}", signing.display());
    let password = format!("--ssh-signing-password={PASSPHRASE}");
    let registry = format!("--registry-creds=robot:{REGISTRY}");
    watched.bootstrap(&[&key, &password, &registry, "--image-pull-secret=pull"]).succeeded();
    let identity = watched.world.secret("identity").unwrap();
    for line in identity.lines().filter(|line| line.len() > 40) {
        watched.secrets.push(line.to_owned());
    }
    watched.bootstrap(&[]).succeeded();
    // A build with a schema of its own was once given to another program.
    let own = "resources:\n- gotk-components.yaml\n- gotk-sync.yaml\nopenapi: {version: v1.21.2}\n";
    let file = "clusters/one/flux-system/kustomization.yaml";
    watched.world.forge.commit(REPOSITORY, "main", &[(file, Some(own))], "mine").unwrap();
    watched.bootstrap(&["--token-auth"]).succeeded();
    watched.bootstrap(&["--dry-run", "--token-auth"]).succeeded();
    watched.kept_everything();
}

#[test]
fn an_openpgp_key_and_its_passphrase_are_kept() {
    let gpg = Gpg::new().unwrap();
    gpg.generate("flux@example.com", "ed25519", PASSPHRASE);
    let mut watched = Watched::new();
    let ring = watched.world.folder.path().join("ring.asc");
    std::fs::write(&ring, gpg.run(&["--passphrase", PASSPHRASE, "--armor", "--export-secret-keys"])).unwrap();
    watched.keep_secret(PASSPHRASE);
    let ring = format!("--gpg-key-ring={}", ring.display());
    watched.bootstrap(&[&ring, "--gpg-passphrase=another one"]).failed_with(&["passphrase"]);
    watched.keep_secret("another one");
    watched.bootstrap(&[&ring, &format!("--gpg-passphrase={PASSPHRASE}")]).succeeded();
    watched.kept_everything();
}

#[test]
fn every_refusal_and_every_broken_answer_keeps_the_token() {
    let mut watched = Watched::new();
    for refusal in Refusal::ALL {
        for (method, path) in [("GET", "/repos/"), ("POST", "/user/repos")] {
            let action = Action::Refuse(refusal);
            watched.world.forge.inject(Fault { method, path, after: 0, times: 1000, action });
            let _ = watched.bootstrap(&["--timeout=2s"]);
            watched.world.forge.heal();
        }
    }
    // A server that repeats what it was sent.
    let echoes = [
        r#"{"message":"no such token: ghp_t0ken-0f-ada"}"#,
        r#"{"message":"refused: Basic YWRhOmdocF90MGtlbi0wZi1hZGE="}"#,
        "Authorization: Bearer ghp_t0ken-0f-ada",
    ];
    for echo in echoes {
        for (method, path, status) in [
            ("GET", "/repos/", 401),
            ("GET", "/repos/", 200),
            ("POST", "/user/repos", 422),
            ("GET", "git-upload-pack", 403),
            ("GET", "git-receive-pack", 500),
        ] {
            let action = Action::Answer(status, vec![("content-type", "text/plain")], echo);
            watched.world.forge.inject(Fault { method, path, after: 0, times: 1000, action });
            // Where there is a repository already, none is created.
            let _ = watched.world.forge.delete_repository(REPOSITORY);
            let said = watched.bootstrap(&["--timeout=2s"]);
            assert_eq!(said.code, 1, "{method} {path} {status}: {}", said.err);
            watched.world.forge.heal();
        }
    }
    watched.look_at_files();
    watched.bootstrap(&[]).succeeded();
    watched.kept_everything();
}

/// A private key with a passphrase, which the forge knows, the flags for it, and a line of it that must not be seen.
fn key_at_the_forge(watched: &mut Watched) -> (String, String, String) {
    let (file, public) = ssh_key(watched.world.folder.path(), &["-t", "ed25519"], PASSPHRASE);
    watched.keep_secret(PASSPHRASE);
    watched.world.forge.create_repository(REPOSITORY).unwrap();
    watched.world.forge.add_deploy_key(REPOSITORY, "by hand", &public, false);
    let line = std::fs::read_to_string(&file).unwrap().lines().nth(2).unwrap().to_owned();
    (format!("--private-key-file={}", file.display()), format!("--password={PASSPHRASE}"), line)
}

#[test]
fn bootstrap_git_keeps_what_it_is_given() {
    let mut watched = Watched::new();
    let (key, open, line) = key_at_the_forge(&mut watched);
    let host = watched.world.forge.host();
    let ssh = format!("--url=ssh://git@{}/{REPOSITORY}", watched.world.forge.ssh_host());
    let https = format!("--url=https://{host}/{REPOSITORY}.git");
    let nowhere = format!("--url=https://git:{TOKEN}@{host}/no/where.git");
    let ca = format!("--ca-file={}", watched.world.forge.ca_file().display());
    let token = format!("--password={TOKEN}");
    let runs: [(&[&str], i32); 5] = [
        (&[&ssh, &key, &open, "--silent"], 0),
        (&[&ssh, &key, "--password=a wrong one", "--silent"], 1),
        (&[&https, &ca, &token, "--token-auth"], 0),
        (&[&nowhere, &ca, "--token-auth"], 1),
        (&[&https, &ca, &token, "--with-bearer-token"], 0),
    ];
    watched.keep_secret("a wrong one");
    watched.run_all(&["bootstrap", "git", "--path=clusters/one"], &runs);
    watched.secrets.push(line);
    watched.kept_everything();
}

#[test]
fn create_secret_git_keeps_what_it_is_given() {
    let mut watched = Watched::new();
    let (key, open, line) = key_at_the_forge(&mut watched);
    let ssh = format!("--url=ssh://git@{}/{REPOSITORY}", watched.world.forge.ssh_host());
    let https = format!("--url=https://{}/{REPOSITORY}", watched.world.forge.host());
    let (token, bearer) = (format!("--password={TOKEN}"), format!("--bearer-token={TOKEN}"));
    let runs: [(&[&str], i32); 3] = [
        (&["one", &ssh, &key, &open], 0),
        (&["two", &https, "--username=git", &token], 0),
        (&["two", &https, &bearer], 0),
    ];
    watched
        .world
        .api
        .put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}));
    watched.run_all(&["create", "secret", "git", "--namespace=flux-system"], &runs);
    watched.secrets.push(line);
    watched.showed_nothing();
}
