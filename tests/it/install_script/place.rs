//! A release on a server on loopback, and a machine that installs it: its tools, its home, its folder for temporary files.

use super::server::Server;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use tempfile::TempDir;
use testbed::release::Entry;
use testbed::release::Key;
use testbed::release::Program;
use testbed::release::Release;

pub(super) use super::server::Fault;

const SPEAKS: &str = "#!/bin/sh\necho 'fluxr version 9.9.9 (flux 9.9.0)'\n";
/// What the script may need of a machine, besides a shell.
const TOOLS: [&str; 22] = [
    "awk",
    "bash",
    "cat",
    "chmod",
    "cp",
    "curl",
    "cut",
    "dirname",
    "grep",
    "gzip",
    "mkdir",
    "mktemp",
    "mv",
    "openssl",
    "rm",
    "rmdir",
    "sed",
    "sh",
    "sha256sum",
    "tail",
    "tar",
    "tr",
];

pub(super) struct Place {
    root: TempDir,
    server: Server,
    /// The release as it was made, and as it is served.
    made: BTreeMap<String, Vec<u8>>,
    files: BTreeMap<String, Vec<u8>>,
    pub(super) shell: &'static str,
    pub(super) fault: Option<(String, Fault)>,
}

pub(super) struct Seen {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// A private key as docs/releasing.md makes it.
pub(crate) fn new_key() -> String {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output()
        .unwrap();
    String::from_utf8(made.stdout).unwrap()
}

fn key() -> Key {
    static KEY: OnceLock<String> = OnceLock::new();
    Key::read(KEY.get_or_init(new_key)).unwrap()
}

fn machine() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }
}

fn system() -> &'static str {
    if cfg!(target_os = "macos") { "darwin" } else { "linux" }
}

impl Place {
    pub(super) fn new() -> Self {
        Self::with_program(SPEAKS)
    }

    /// A machine that has only one of curl and wget.
    pub(super) fn with_only(fetcher: &str) -> Self {
        let place = Self::new();
        for other in ["curl", "wget"].into_iter().filter(|other| *other != fetcher) {
            place.without(other);
        }
        place
    }

    pub(super) fn with_program(text: &str) -> Self {
        Self::with_programs(&[(system(), text)])
    }

    pub(super) fn with_programs(programs: &[(&str, &str)]) -> Self {
        let server = Server::start();
        let programs = programs.iter().map(|(system, text)| Program {
            platform: format!("{system}_{}", machine()),
            files: BTreeMap::from([("fluxr".to_owned(), Entry::program(*text))]),
            sbom: "{}\n".to_owned(),
        });
        let installer = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh")).unwrap();
        let release = Release {
            version: "9.9.9",
            time: 1_700_000_000,
            url: Some(&format!("{}/v{{version}}", server.url)),
            key: Some(&key()),
            installer: &installer,
            programs: programs.collect(),
        };
        let files = release.files().unwrap();
        let root = tempfile::tempdir().unwrap();
        for folder in ["tools", "home", "tmp"] {
            std::fs::create_dir(root.path().join(folder)).unwrap();
        }
        let place = Self { root, server, made: files.clone(), files, shell: "sh", fault: None };
        for name in TOOLS.iter().chain(&["wget", "uname"]) {
            let found = std::env::split_paths("/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin")
                .map(|folder| folder.join(name))
                .find(|path| path.is_file());
            if let Some(path) = found {
                std::os::unix::fs::symlink(path, place.folder().join("tools").join(name)).unwrap();
            }
        }
        place
    }

    pub(super) fn folder(&self) -> &Path {
        self.root.path()
    }

    pub(super) fn bin(&self) -> PathBuf {
        self.folder().join("home/.local/bin")
    }

    pub(super) fn url(&self) -> String {
        format!("{}/v9.9.9", self.server.url)
    }

    pub(super) fn platform(&self) -> String {
        format!("{}_{}", system(), machine())
    }

    pub(super) fn archive(&self) -> String {
        format!("fluxr_9.9.9_{}.tar.gz", self.platform())
    }

    pub(super) fn sums(&self) -> String {
        "fluxr_9.9.9_checksums.txt".to_owned()
    }

    pub(super) fn signature(&self) -> String {
        format!("{}.sig", self.sums())
    }

    pub(super) fn file(&self, name: &str) -> Vec<u8> {
        self.files[name].clone()
    }

    /// Serves the release as it was made.
    pub(super) fn restore(&mut self) {
        self.files = self.made.clone();
    }

    /// Adds bytes to a file.
    pub(super) fn change(&mut self, name: &str, bytes: &[u8]) {
        self.files.get_mut(name).unwrap().extend(bytes);
    }

    pub(super) fn replace(&mut self, name: &str, bytes: &[u8]) {
        self.files.insert(name.to_owned(), bytes.to_vec());
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.files.remove(name).unwrap();
    }

    pub(super) fn rename(&mut self, name: &str, other: &str) {
        let bytes = self.files.remove(name).unwrap();
        self.files.insert(other.to_owned(), bytes);
    }

    pub(super) fn sign_with_another_key(&mut self) {
        let signature = Key::read(&new_key()).unwrap().sign(&self.files[&self.sums()]);
        self.replace(&self.signature(), signature.as_bytes());
    }

    pub(super) fn write_to(&self, folder: &Path) {
        std::fs::create_dir(folder).unwrap();
        for (name, bytes) in &self.files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }

    pub(super) fn write_program(&self, path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(path);
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Gives the machine another tool of this name.
    pub(super) fn tool(&self, name: &str, text: &str) {
        self.write_program(&self.folder().join("tools").join(name), text);
    }

    pub(super) fn without(&self, tool: &str) {
        let _ = std::fs::remove_file(self.folder().join("tools").join(tool));
    }

    fn command(&self) -> Command {
        self.server.serve(&self.files, self.fault.clone());
        let mut command = Command::new("/usr/bin/env");
        // The caller of the tests may ignore Ctrl-C, and a shell cannot hear what it was started to ignore.
        if cfg!(target_os = "linux") {
            command.arg("--default-signal=INT");
        }
        command
            .arg(self.folder().join("tools").join(self.shell))
            .current_dir(self.folder().join("home"))
            .env_clear()
            .env("PATH", self.folder().join("tools"))
            .env("HOME", self.folder().join("home"))
            .env("TMPDIR", self.folder().join("tmp"))
            .env("CARGO_TARGET_DIR", self.folder().join("target"))
            .stdin(Stdio::null());
        command
    }

    pub(super) fn run(&self, script: &Path, words: &[&str]) -> Seen {
        seen(self.command().arg(script).args(words).output().unwrap())
    }

    /// Runs the script of the release from a file.
    pub(super) fn install(&self, words: &[&str]) -> Seen {
        let script = self.folder().join("tmp/install.sh");
        std::fs::write(&script, &self.files["install.sh"]).unwrap();
        let seen = self.run(&script, words);
        std::fs::remove_file(script).unwrap();
        seen
    }

    /// Runs a script that comes through a pipe.
    pub(super) fn pipe(&self, script: &[u8], words: &[&str]) -> Seen {
        let mut child = self
            .command()
            .args(["-s", "--"])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A shell that has met an error reads no further.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), script);
        seen(child.wait_with_output().unwrap())
    }

    /// Presses Ctrl-C when the server is asked for this file, and returns the exit code.
    pub(super) fn interrupt_at(&self, file: &str) -> i32 {
        let script = self.folder().join("script-install.sh");
        std::fs::write(&script, &self.files["install.sh"]).unwrap();
        let mut child = self
            .command()
            .arg(&script)
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server.wait_until_asked_for(file);
        let group = format!("-{}", child.id());
        assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
        child.wait().unwrap().code().unwrap()
    }

    pub(super) fn was_asked(&self) -> Vec<String> {
        self.server.asked()
    }

    pub(super) fn left_nothing_behind(&self) {
        let left: Vec<_> = std::fs::read_dir(self.folder().join("tmp")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    pub(super) fn has_nothing_installed(&self, case: &str) {
        assert!(!self.bin().exists(), "{case}");
        self.left_nothing_behind();
    }
}

fn seen(output: std::process::Output) -> Seen {
    Seen {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
