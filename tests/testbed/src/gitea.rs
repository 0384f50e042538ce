//! A real Gitea on loopback: HTTPS with a certificate of the testbed, and SSH. It is a program of its own, built by `cargo testbed build`.

use crate::build;
use crate::pki::Authority;
use crate::places;
use crate::ports;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// How long Gitea may look for conflicts.
const PATIENCE: Duration = Duration::from_secs(20);
/// The account in whose name it runs where the testbed runs as root, which Gitea refuses.
const NOBODY: (&str, u32) = ("nobody", 65_534);

/// A running Gitea; it ends when this value does.
pub struct Gitea {
    folder: tempfile::TempDir,
    server: Option<Child>,
    port: u16,
    ssh_port: u16,
    is_root: bool,
    admin: String,
}

impl Gitea {
    /// Starts an empty Gitea with an administrator.
    ///
    /// # Errors
    /// It is not built yet, or does not start within a minute; its log is in the error.
    pub fn start() -> anyhow::Result<Self> {
        places::require(&[
            ("setpriv", "ends Gitea with the tests"),
            ("curl", "asks Gitea"),
            ("git", "stores repositories"),
        ])?;
        let built = build::binary("gitea")?;
        let folder = tempfile::Builder::new().prefix("testbed-gitea-").tempdir()?;
        let own = built.parent().context("a binary has a folder")?;
        // Another account may neither read the cache nor own anything in it.
        build::copy(own, folder.path())?;
        let program = folder.path().join("gitea");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
        let is_root = rustix::process::geteuid().is_root();
        let (port, ssh_port) = (ports::free_port()?, ports::free_port()?);
        let mut gitea = Self { folder, server: None, port, ssh_port, is_root, admin: String::new() };
        gitea.configure()?;
        gitea.run()?;
        gitea.admin = gitea.add_user("root-of-gitea", &["--admin"])?;
        Ok(gitea)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self) -> anyhow::Result<()> {
        let authority = Authority::new("testbed gitea")?;
        let leaf = authority.server()?;
        for (name, text) in
            [("ca.crt", &authority.certificate), ("server.crt", &leaf.certificate), ("server.key", &leaf.key)]
        {
            std::fs::write(self.path(name), text)?;
        }
        let user = if self.is_root { NOBODY.0.to_owned() } else { output("id", &["-un"])? };
        let secret =
            |name: &str| output(&self.path("gitea").display().to_string(), &["generate", "secret", name]);
        let (key, token) = (secret("SECRET_KEY")?, secret("INTERNAL_TOKEN")?);
        let (folder, port, ssh_port) = (self.folder.path().display(), self.port, self.ssh_port);
        let text = format!(
            "RUN_USER = {user}\nRUN_MODE = prod\nWORK_PATH = {folder}\n\
             [server]\nPROTOCOL = https\nCERT_FILE = {folder}/server.crt\nKEY_FILE = {folder}/server.key\n\
             HTTP_ADDR = 127.0.0.1\nHTTP_PORT = {port}\nDOMAIN = 127.0.0.1\nROOT_URL = https://127.0.0.1:{port}/\n\
             STATIC_ROOT_PATH = {folder}\nOFFLINE_MODE = true\nLFS_START_SERVER = false\n\
             START_SSH_SERVER = true\nSSH_LISTEN_HOST = 127.0.0.1\nSSH_LISTEN_PORT = {ssh_port}\nSSH_PORT = {ssh_port}\n\
             BUILTIN_SSH_SERVER_USER = git\nSSH_USER = git\n\
             [database]\nDB_TYPE = sqlite3\nPATH = {folder}/gitea.db\n\
             [repository]\nROOT = {folder}/repositories\n\
             [security]\nINSTALL_LOCK = true\nSECRET_KEY = {key}\nINTERNAL_TOKEN = {token}\nPASSWORD_HASH_ALGO = pbkdf2$1$50\n\
             [service]\nDISABLE_REGISTRATION = true\n[oauth2]\nENABLED = false\n[indexer]\nISSUE_INDEXER_TYPE = db\n\
             [cron]\nENABLED = false\n[actions]\nENABLED = false\n[packages]\nENABLED = false\n[update_checker]\nENABLED = false\n\
             [log]\nMODE = console\nLEVEL = warn\n"
        );
        std::fs::write(self.path("app.ini"), text)?;
        if self.is_root {
            give_away(self.folder.path())?;
        }
        Ok(())
    }

    /// Gitea with these words, in the name of its account.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if self.is_root {
            let id = NOBODY.1.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        }
        command
            .arg("--")
            .arg(self.path("gitea"))
            .arg("--config")
            .arg(self.path("app.ini"))
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.folder.path())
            .env("USER", NOBODY.0)
            .stdin(Stdio::null());
        command
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::create(self.path("gitea.log"))?;
        let server =
            self.command(&["web"]).stdout(log.try_clone()?).stderr(log).spawn().context("starting Gitea")?;
        let server = self.server.insert(server);
        let begun = Instant::now();
        for port in [self.port, self.ssh_port] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let runs = server.try_wait()?.is_none() && begun.elapsed() < Duration::from_secs(60);
                let log =
                    || std::fs::read_to_string(self.folder.path().join("gitea.log")).unwrap_or_default();
                anyhow::ensure!(runs, "Gitea did not start:\n{}", log());
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }

    fn admin(&self, words: &[&str]) -> anyhow::Result<String> {
        let done = self.command(&[&["admin", "user"], words].concat()).output()?;
        said(&done).with_context(|| format!("gitea admin user {}", words.first().unwrap_or(&"")))
    }

    /// Adds a user with these further flags; gives a token of theirs for everything.
    ///
    /// # Errors
    /// What Gitea says.
    pub fn add_user(&self, login: &str, flags: &[&str]) -> anyhow::Result<String> {
        let email = format!("{login}@example.com");
        let fixed = ["create", "--username", login, "--password", "pass-w0rd-of-a-test", "--email", &email];
        self.admin(&[&fixed[..], &["--must-change-password=false"], flags].concat())?;
        self.token(login, "all")
    }

    /// Another token of a user, with these scopes.
    ///
    /// # Errors
    /// What Gitea says.
    pub fn token(&self, login: &str, scopes: &str) -> anyhow::Result<String> {
        let name = format!("token-{}", scopes.replace([':', ','], "-"));
        let fixed = ["generate-access-token", "--username", login, "--token-name", &name, "--raw"];
        let said = self.admin(&[&fixed[..], &["--scopes", scopes]].concat())?;
        Ok(said.lines().last().unwrap_or_default().trim().to_owned())
    }

    /// `127.0.0.1:port`: what `--hostname` takes.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `127.0.0.1:port` of the SSH server: what `--ssh-hostname` takes.
    pub fn ssh_host(&self) -> String {
        format!("127.0.0.1:{}", self.ssh_port)
    }

    /// The certificate authority of the HTTPS server, PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.path("ca.crt")
    }

    /// Asks the API as the administrator, e.g. `GET` `repos/ada/fleet/keys`. No body is `Value::Null`.
    ///
    /// # Errors
    /// A refusal, in the words of Gitea.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask_as(&self.admin, method, path, body)
    }

    /// The same with another token.
    ///
    /// # Errors
    /// A refusal, in the words of Gitea.
    pub fn ask_as(&self, token: &str, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail-with-body", "--request", method, "--noproxy", "*"])
            .arg("--cacert")
            .arg(self.ca_file())
            .args(["--header", &format!("Authorization: token {token}")]);
        if !body.is_null() {
            curl.args(["--header", "Content-Type: application/json", "--data", &body.to_string()]);
        }
        let done = curl.arg(format!("https://{}/api/v1/{path}", self.host())).output()?;
        let text = said(&done).with_context(|| format!("{method} {path}"))?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Merges a pull request, e.g. by `squash`, as the person with this token. Until Gitea has looked for conflicts, it refuses.
    ///
    /// # Errors
    /// A refusal, in the words of Gitea.
    pub fn merge(&self, token: &str, full_name: &str, number: u64, how: &str) -> anyhow::Result<()> {
        let path = format!("repos/{full_name}/pulls/{number}/merge");
        let body = json!({"Do": how, "delete_branch_after_merge": true});
        let begun = Instant::now();
        loop {
            match self.ask_as(token, "POST", &path, &body) {
                Err(error)
                    if begun.elapsed() < PATIENCE && format!("{error:#}").contains("try again later") =>
                {
                    std::thread::sleep(Duration::from_millis(100));
                }
                done => return done.map(drop),
            }
        }
    }

    /// The bare repository on disk.
    pub fn repository_path(&self, full_name: &str) -> PathBuf {
        self.path(&format!("repositories/{full_name}.git"))
    }

    /// Runs git on the bare repository and gives its output.
    ///
    /// # Errors
    /// When git fails, with what it said.
    pub fn git(&self, full_name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut git = crate::forge::clean_git();
        said(&git.current_dir(self.repository_path(full_name)).args(arguments).output()?)
    }
}

impl Drop for Gitea {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn said(output: &Output) -> anyhow::Result<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    anyhow::ensure!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    Ok(text(&output.stdout))
}

fn output(program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    said(&Command::new(program).args(arguments).output().with_context(|| format!("running {program}"))?)
}

/// Makes everything in a folder the account's.
fn give_away(path: &Path) -> anyhow::Result<()> {
    std::os::unix::fs::chown(path, Some(NOBODY.1), Some(NOBODY.1))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            give_away(&entry?.path())?;
        }
    }
    Ok(())
}
