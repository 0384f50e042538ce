//! What kustomizations name by an address: files over HTTP, and repositories with this program's own Git.

use crate::git;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Link;
use crate::git::ResolvedCommit;
use crate::git::Scheme;
use crate::git::ssh::PrivateKey;
use crate::git::ssh::SshAuth;
use crate::net;
use crate::net::Proxy;
use crate::render;
use crate::render::Disk;
use crate::render::Repository;
use crate::text::WithHint;
use anyhow::Context;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

const AGENT: &str = concat!("fluxr/", env!("CARGO_PKG_VERSION"));
/// What the URL of a repository on this disk begins with.
const LOCAL: &str = "file://";
/// How long a file may take.
const FILE_LIMIT: Duration = Duration::from_secs(60);
/// No manifest is as large.
const LARGEST_FILE: usize = 64 * 1024 * 1024;

/// What logs in over SSH, read only when a repository is fetched that way.
#[derive(Debug, Clone, Default)]
pub struct SshFiles {
    /// The socket of an agent; the keys count only without one.
    pub agent: Option<PathBuf>,
    /// Private keys, of which the first that needs no passphrase is taken.
    pub keys: Vec<PathBuf>,
    pub known_hosts: Vec<PathBuf>,
}

impl SshFiles {
    fn read(&self) -> SshAuth {
        let parse = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).ok()?;
            PrivateKey::parse(&text, None, &file.display().to_string()).ok()
        };
        let key = if self.agent.is_some() { None } else { self.keys.iter().find_map(parse) };
        let known_hosts = git::ssh::read_known_hosts(&self.known_hosts);
        SshAuth { key, agent: self.agent.clone(), known_hosts, ..SshAuth::default() }
    }
}

/// How what is elsewhere is reached.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Nothing may be fetched.
    pub is_offline: bool,
    pub proxy: Proxy,
    /// A file with PEM certificates of authorities that are trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
    pub ssh: SshFiles,
    /// Where commits are kept from one build to the next; nowhere without it.
    pub cache: Option<PathBuf>,
}

impl Elsewhere {
    /// What one build uses: within it, everything is fetched once. On a thread beside the runtime.
    pub(super) fn open(self) -> Opened {
        Opened {
            how: Arc::new(self),
            runtime: Handle::current(),
            files: RefCell::default(),
            folders: RefCell::default(),
        }
    }
}

pub(super) struct Opened {
    how: Arc<Elsewhere>,
    runtime: Handle,
    files: RefCell<HashMap<String, Vec<u8>>>,
    folders: RefCell<HashMap<Repository, Folder>>,
}

/// A commit's files on the disk; a folder that is not kept goes with the build.
struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl render::Remote for Opened {
    fn file(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        if let Some(known) = self.files.borrow().get(url) {
            return Ok(known.clone());
        }
        self.how.check_online(url)?;
        let (how, from) = (Arc::clone(&self.how), url.to_owned());
        let content = self.wait(async move { how.download(&from).await })?;
        self.files.borrow_mut().insert(url.to_owned(), content.clone());
        Ok(content)
    }

    fn repository(&self, repository: &Repository) -> anyhow::Result<Box<dyn render::Tree>> {
        if let Some(known) = self.folders.borrow().get(repository) {
            return Ok(Box::new(Disk::new(&known.path)?));
        }
        let shown = crate::text::without_credentials(&repository.url);
        let fetched = self.fetch(repository).with_context(|| format!("fetching \"{shown}\""))?;
        let tree = Disk::new(&fetched.path)?;
        self.folders.borrow_mut().insert(repository.clone(), fetched);
        Ok(Box::new(tree))
    }
}

impl Opened {
    /// Waits for what the runtime does meanwhile.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = anyhow::Result<T>> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (done, outcome) = oneshot::channel();
        self.runtime.spawn(async move { done.send(work.await).map_err(drop) });
        // The runtime may end first, after Ctrl-C; then nothing listens any more.
        outcome.blocking_recv().context("the program ends")?
    }

    fn fetch(&self, repository: &Repository) -> anyhow::Result<Folder> {
        // A commit does not change: what is kept needs no question.
        if let Some(commit) =
            repository.revision.as_deref().filter(|revision| crate::text::is_commit(revision))
            && let Some(path) = self.how.kept(repository, commit)
        {
            return Ok(Folder { path, _temporary: None });
        }
        if !repository.url.starts_with(LOCAL) {
            self.how.check_online(&repository.url)?;
        }
        let (how, repository) = (Arc::clone(&self.how), repository.clone());
        self.wait(async move {
            let seconds = repository.timeout.as_secs();
            let fetched = tokio::time::timeout(repository.timeout, how.fetch_all(&repository));
            fetched.await.map_err(|_| anyhow::anyhow!("hit {seconds}s timeout"))?
        })
    }
}

impl Elsewhere {
    fn check_online(&self, address: &str) -> anyhow::Result<()> {
        let shown = crate::text::without_credentials(address);
        if self.is_offline {
            return Err(anyhow::anyhow!("\"{shown}\" is remote, and nothing is fetched with --offline"))
                .hint("run the command without --offline");
        }
        Ok(())
    }

    fn authorities(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(self.ca_file.as_deref().map(crate::text::read).transpose()?)
    }

    async fn download(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        let shown = crate::text::without_credentials(url);
        let ca = self.authorities()?;
        let client = net::client(AGENT, ca.as_deref(), &self.proxy, |builder| builder.timeout(FILE_LIMIT))?;
        let broken = |error: reqwest::Error| anyhow::anyhow!("{shown}: {}", net::cause(&error));
        let mut response = client.get(url).send().await.map_err(broken)?;
        let status = response.status();
        anyhow::ensure!(
            status.is_success(),
            "{shown}: HTTP Error: status code {} ({})",
            status.as_u16(),
            status.canonical_reason().unwrap_or_default()
        );
        let mut content = Vec::new();
        let read = net::read_body(&mut response, LARGEST_FILE, &mut content).await;
        anyhow::ensure!(read.map_err(broken)?, "{shown} is larger than {} MiB", LARGEST_FILE / 1024 / 1024);
        Ok(content)
    }

    async fn fetch_all(&self, repository: &Repository) -> anyhow::Result<Folder> {
        let temporary = git::private_directory()?;
        let revision = repository.revision.as_deref();
        if let Some(path) = repository.url.strip_prefix(LOCAL) {
            let links = git::check_out_local(Path::new(path), revision, temporary.path())?;
            self.fetch_linked(repository, &repository.url, temporary.path(), links).await?;
            return Ok(Folder { path: temporary.path().to_owned(), _temporary: Some(temporary) });
        }
        let remote = self.remote(&repository.url)?;
        let found = remote.resolve(revision).await?;
        if let Some(path) = self.kept(repository, &found.commit) {
            return Ok(Folder { path, _temporary: None });
        }
        let links = remote.check_out(&found, temporary.path()).await?;
        self.fetch_linked(repository, &repository.url, temporary.path(), links).await?;
        Ok(self.keep(repository, &found.commit, temporary))
    }

    /// Checks out the submodules of a folder, and theirs.
    async fn fetch_linked(
        &self,
        repository: &Repository,
        base: &str,
        folder: &Path,
        links: Vec<Link>,
    ) -> anyhow::Result<()> {
        if !repository.has_submodules {
            return Ok(());
        }
        let urls = git::submodules(folder, base)?;
        for link in links {
            let Some((_, url)) = urls.iter().find(|(path, _)| *path == link.path) else { continue };
            let into = folder.join(&link.path);
            let fetched = async {
                let wanted = ResolvedCommit { commit: link.commit.clone(), reference: None, near: None };
                let more = match url.strip_prefix(LOCAL) {
                    Some(path) => git::check_out_local(Path::new(path), Some(&link.commit), &into)?,
                    None => {
                        self.check_online(url)?;
                        self.remote(url)?.check_out(&wanted, &into).await?
                    }
                };
                Box::pin(self.fetch_linked(repository, url, &into, more)).await
            };
            fetched.await.with_context(|| format!("the submodule \"{}\"", link.path))?;
        }
        Ok(())
    }

    /// A repository at an address, logged in to over SSH as Git would, and over HTTP not at all.
    ///
    /// # Errors
    /// An invalid address of a repository; a file of authorities that cannot be read.
    pub(super) fn remote(&self, url: &str) -> anyhow::Result<git::Remote> {
        // `git@host:path` is the short form of an SSH URL.
        let plain = match url.split_once(':') {
            Some((host, path)) if !path.starts_with("//") => {
                format!("ssh://{host}/{}", path.trim_start_matches('/'))
            }
            _ => url.to_owned(),
        };
        let url = GitUrl::of_repository(&plain)?;
        let auth = if url.scheme() == Scheme::Ssh { Auth::Ssh(self.ssh.read()) } else { Auth::None };
        let (ca, proxy) = (self.authorities()?, self.proxy.clone());
        Ok(git::Remote { ca, proxy, ..git::Remote::new(url, auth) })
    }

    /// Where the files of a commit are kept.
    fn place(&self, repository: &Repository, commit: &str) -> Option<PathBuf> {
        use sha2::Digest;
        let name = hex::encode(sha2::Sha256::digest(&repository.url));
        let form = if repository.has_submodules { "whole" } else { "plain" };
        Some(self.cache.as_ref()?.join(&name[..16]).join(format!("{commit}-{form}")))
    }

    fn kept(&self, repository: &Repository, commit: &str) -> Option<PathBuf> {
        self.place(repository, commit).filter(|place| place.is_dir())
    }

    /// Keeps the files of a commit; where that is not possible, they go with the build.
    fn keep(&self, repository: &Repository, commit: &str, fetched: tempfile::TempDir) -> Folder {
        let kept = self.place(repository, commit).and_then(|place| {
            std::fs::create_dir_all(place.parent()?).ok()?;
            // Two builds at once may both come here: the first one's folder stays.
            let is_there = std::fs::rename(fetched.path(), &place).is_ok() || place.is_dir();
            is_there.then_some(place)
        });
        match kept {
            Some(path) => Folder { path, _temporary: None },
            None => Folder { path: fetched.path().to_owned(), _temporary: Some(fetched) },
        }
    }
}
