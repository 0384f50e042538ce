//! A forge on loopback: bare repositories over HTTPS and SSH, and the parts that bootstrap uses of the REST APIs of GitHub, GitLab,
//! Gitea and Bitbucket Server.

mod answers;
mod apps;
mod bitbucket;
mod bitbucket_requests;
mod description;
mod descriptions;
mod git_http;
mod git_ssh;
mod gitea;
mod gitea_requests;
mod github;
mod github_requests;
mod gitlab;
mod gitlab_requests;
mod large;
mod people;
mod referee;
mod refusal;
mod requests;
mod serve;
mod state;

pub use apps::App;
pub use description::Description;
pub use referee::Violation;
pub use refusal::Refusal;
pub use requests::Merge;
pub use requests::Progress;
pub use requests::Request;
pub use state::Action;
pub use state::Exchange;
pub use state::Fault;
pub use state::Logged;

use crate::pki::Authority;
use crate::tls;
use anyhow::Context;
use state::Shared;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running forge; it ends when this value does.
pub struct Forge {
    shared: Arc<Shared>,
    port: u16,
    ssh_port: u16,
    public_port: u16,
    ca_file: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Forge {
    /// Starts an empty forge with its repositories below `folder`.
    ///
    /// # Errors
    /// When a port or a key cannot be had.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        // A forge is always new, too.
        if folder.join("repositories").exists() {
            std::fs::remove_dir_all(folder.join("repositories"))?;
        }
        std::fs::create_dir_all(folder.join("repositories"))?;
        let folder = folder.canonicalize()?;
        let authority = Authority::new("testbed forge")?;
        let ca_file = folder.join("forge-ca.crt");
        std::fs::write(&ca_file, &authority.certificate)?;
        let acceptor = tls::acceptor(&authority.server()?)?;
        let listen = || std::net::TcpListener::bind(("127.0.0.1", 0)).context("opening a port");
        let (https, ssh, http) = (listen()?, listen()?, listen()?);
        let public_port = http.local_addr()?.port();
        http.set_nonblocking(true)?;
        let (port, ssh_port) = (https.local_addr()?.port(), ssh.local_addr()?.port());
        https.set_nonblocking(true)?;
        ssh.set_nonblocking(true)?;
        let shared = Arc::new(Shared::new(folder.join("repositories"), port, ssh_port));
        let served = Arc::clone(&shared);
        let (stop, stopped) = oneshot::channel::<()>();
        let host_keys = git_ssh::host_keys()?;
        let thread = std::thread::spawn(move || {
            let Ok(runtime) =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
            else {
                return;
            };
            runtime.block_on(async move {
                let (Ok(https), Ok(ssh), Ok(http)) =
                    (TcpListener::from_std(https), TcpListener::from_std(ssh), TcpListener::from_std(http))
                else {
                    return;
                };
                let public = Arc::clone(&served);
                let router =
                    axum::Router::new().fallback(move |request| serve::answer(Arc::clone(&public), request));
                tokio::spawn(async move { axum::serve(http, router).await });
                tokio::spawn(crate::git_ssh::serve(ssh, host_keys, Arc::clone(&served)));
                let listener = tls::TlsListener { listener: https, acceptor };
                let router = axum::Router::new()
                    .fallback(move |request| referee::answer(Arc::clone(&served), request));
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Ok(Self { shared, port, ssh_port, public_port, ca_file, stop: Some(stop), thread: Some(thread) })
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
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Adds a person with a token and its scopes, e.g. `repo, admin:org`, or gives the person another token. Without scopes it is a
    /// fine-grained token that may only read.
    pub fn add_user(&self, login: &str, token: &str, scopes: &str) {
        self.shared.lock().add_user(login, token, scopes);
    }

    /// Adds an organization that every user is a member of, with these teams.
    pub fn add_organization(&self, login: &str, teams: &[&str]) {
        self.shared.lock().add_organization(login, login, teams);
    }

    /// Adds a project of Bitbucket Server, with these groups on the server.
    pub fn add_project(&self, key: &str, name: &str, groups: &[&str]) {
        self.shared.lock().add_organization(key, name, groups);
    }

    /// Makes a repository as if by hand.
    ///
    /// # Errors
    /// When git cannot make it.
    pub fn create_repository(&self, full_name: &str) -> anyhow::Result<()> {
        let (owner, name) = full_name.rsplit_once('/').context("a repository is owner/name")?;
        self.shared.lock().create_repository(owner, name, "private")
    }

    /// Makes a repository that everyone may read, also over plain HTTP.
    ///
    /// # Errors
    /// When git cannot make it.
    pub fn create_public_repository(&self, full_name: &str) -> anyhow::Result<()> {
        let (owner, name) = full_name.rsplit_once('/').context("a repository is owner/name")?;
        self.shared.lock().create_repository(owner, name, "public")
    }

    /// Where everyone may read a public repository.
    pub fn public_url(&self, full_name: &str) -> String {
        format!("http://127.0.0.1:{}/{full_name}", self.public_port)
    }

    /// Deletes a repository with everything that belongs to it.
    ///
    /// # Errors
    /// When its files cannot be deleted.
    pub fn delete_repository(&self, full_name: &str) -> anyhow::Result<()> {
        self.shared.lock().delete_repository(full_name)
    }

    /// Title, key and whether it is read only, of every deploy key.
    pub fn deploy_keys(&self, full_name: &str) -> Vec<(String, String, bool)> {
        let state = self.shared.lock();
        let keys = state.repository(full_name).map(|found| found.keys.clone()).unwrap_or_default();
        keys.into_iter().map(|key| (key.title, key.key, key.read_only)).collect()
    }

    /// Gives a key access to a repository, as someone in the settings would.
    pub fn add_deploy_key(&self, full_name: &str, title: &str, key: &str, read_only: bool) {
        self.shared.lock().add_key(full_name, title, key.trim(), read_only);
    }

    /// Removes all deploy keys, as someone in the settings would.
    pub fn remove_deploy_keys(&self, full_name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.keys.clear();
        }
    }

    /// Refuses deploy keys from now on, as an organization's policy does.
    pub fn disable_deploy_keys(&self, full_name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.keys_disabled = true;
        }
    }

    /// Refuses pushes to a branch from now on, in GitHub's words.
    ///
    /// # Errors
    /// When the hook cannot be written.
    pub fn protect_branch(&self, full_name: &str, branch: &str) -> anyhow::Result<()> {
        self.shared.lock().protect_branch(full_name, branch)
    }

    /// Teams and their permission on a repository.
    pub fn team_permissions(&self, full_name: &str) -> Vec<(String, String)> {
        let state = self.shared.lock();
        state.repository(full_name).map(|found| found.teams.clone().into_iter().collect()).unwrap_or_default()
    }

    /// Name, user name and password of every deploy token.
    pub fn deploy_tokens(&self, full_name: &str) -> Vec<(String, String, String)> {
        let state = self.shared.lock();
        let tokens = state.repository(full_name).map(|found| found.tokens.clone()).unwrap_or_default();
        tokens.into_iter().map(|token| (token.name, token.username, token.token)).collect()
    }

    /// Deletes all deploy tokens, as someone in the settings would.
    pub fn remove_deploy_tokens(&self, full_name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.tokens.clear();
        }
    }

    /// Who sees a repository: `private`, `internal` or `public`.
    pub fn visibility(&self, full_name: &str) -> Option<String> {
        self.shared.lock().repository(full_name).map(|found| found.visibility.clone())
    }

    /// Makes a request go wrong.
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// Holds the REST API over HTTPS against GitHub's own description from now on; what breaks it is in `violations`.
    ///
    /// # Errors
    /// The referee is not installed (`cargo testbed build`) or does not start.
    pub fn call_referee(&self) -> anyhow::Result<()> {
        let upstream = format!("http://127.0.0.1:{}/api/v3", self.public_port);
        let folder = self.shared.repositories.parent().context("the forge has a folder")?;
        let referee = referee::Referee::start(&upstream, folder)?;
        anyhow::ensure!(self.shared.referee.set(referee).is_ok(), "the referee is there already");
        Ok(())
    }

    /// How many exchanges the referee looked at. 0 without a referee.
    pub fn judged(&self) -> usize {
        self.shared.referee.get().map(referee::Referee::judged).unwrap_or_default()
    }

    /// What GitHub's description does not allow, on the client's or on the forge's side. Empty without a referee.
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.referee.get().map(referee::Referee::violations).unwrap_or_default()
    }

    /// Keeps what is asked of the APIs of the forge from now on, and what it answers by itself, for [`Description::judge`].
    pub fn record(&self) {
        self.shared.lock().exchanges = Some(Vec::new());
    }

    /// What was kept since [`Forge::record`].
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.lock().exchanges.clone().unwrap_or_default()
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.shared.lock().faults.clear();
    }

    /// Every request so far: method, path and status. Never a secret.
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.lock().log.clone()
    }

    /// The bare repository on disk.
    pub fn repository_path(&self, full_name: &str) -> PathBuf {
        self.shared.repositories.join(format!("{full_name}.git"))
    }

    /// Runs git on the bare repository and gives its output.
    ///
    /// # Errors
    /// When git fails, with what it said.
    pub fn git(&self, full_name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = clean_git().current_dir(self.repository_path(full_name)).args(arguments).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        anyhow::ensure!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
        Ok(text(&output.stdout))
    }

    /// Subjects of the commits of a branch, the newest first.
    ///
    /// # Errors
    /// When there is no such branch.
    pub fn commits(&self, full_name: &str, branch: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.git(full_name, &["log", "--format=%s", branch])?.lines().map(str::to_owned).collect())
    }

    /// Commits files to a branch as someone else would; content `None` deletes.
    ///
    /// # Errors
    /// When git fails.
    pub fn commit(
        &self,
        full_name: &str,
        branch: &str,
        files: &[(&str, Option<&str>)],
        message: &str,
    ) -> anyhow::Result<String> {
        state::commit(&self.repository_path(full_name), branch, files, message)
    }
}

impl Drop for Forge {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// git without any configuration of the machine or the user.
pub(crate) fn clean_git() -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .args(["-c", "safe.directory=*"])
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.com")]);
    command
}
