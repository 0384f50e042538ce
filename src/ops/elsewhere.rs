//! What kustomizations name by an address: files over HTTP, and repositories with this program's own Git.

use crate::git;
use crate::git::Auth;
use crate::git::Found;
use crate::git::GitUrl;
use crate::git::Link;
use crate::git::Scheme;
use crate::git::SshAuth;
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
use std::time::Duration;
use tokio::runtime::Handle;

const AGENT: &str = concat!("fluxr/", env!("CARGO_PKG_VERSION"));
/// What the URL of a repository on this disk begins with.
const LOCAL: &str = "file://";
/// How long a file may take.
const FILE_LIMIT: Duration = Duration::from_secs(60);
/// No manifest is as large.
const LARGEST_FILE: usize = 64 * 1024 * 1024;

/// How what is elsewhere is reached.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Nothing may be fetched.
    pub is_offline: bool,
    pub proxy: Proxy,
    /// PEM certificates of authorities trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
    pub ssh: SshAuth,
    /// Where commits are kept from one build to the next; nowhere without it.
    pub cache: Option<PathBuf>,
}

impl Elsewhere {
    /// What one build uses: within it, everything is fetched once. On a thread beside the runtime.
    pub(super) fn open(self) -> Opened {
        Opened {
            how: self,
            runtime: Handle::current(),
            files: RefCell::default(),
            folders: RefCell::default(),
        }
    }
}

pub(super) struct Opened {
    how: Elsewhere,
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
        self.check_online(url)?;
        let content = self.runtime.block_on(self.download(url))?;
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
    fn check_online(&self, address: &str) -> anyhow::Result<()> {
        let shown = crate::text::without_credentials(address);
        if self.how.is_offline {
            return Err(anyhow::anyhow!("\"{shown}\" is remote, and nothing is fetched with --offline"))
                .hint("run the command without --offline");
        }
        Ok(())
    }

    async fn download(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        let shown = crate::text::without_credentials(url);
        let client = net::client(AGENT, self.how.ca.as_deref(), &self.how.proxy, |builder| {
            builder.timeout(FILE_LIMIT)
        })?;
        let broken = |error: reqwest::Error| {
            let cause = net::tls_failure(&error).unwrap_or_else(|| net::innermost(&error));
            anyhow::anyhow!("{shown}: {cause}")
        };
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

    fn fetch(&self, repository: &Repository) -> anyhow::Result<Folder> {
        // A commit does not change: what is kept needs no question.
        if let Some(commit) = repository.revision.as_deref().filter(|revision| git::is_commit(revision))
            && let Some(path) = self.kept(repository, commit)
        {
            return Ok(Folder { path, _temporary: None });
        }
        if !repository.url.starts_with(LOCAL) {
            self.check_online(&repository.url)?;
        }
        let seconds = repository.timeout.as_secs();
        self.runtime.block_on(async {
            let fetched = tokio::time::timeout(repository.timeout, self.fetch_all(repository));
            fetched.await.map_err(|_| anyhow::anyhow!("hit {seconds}s timeout"))?
        })
    }

    async fn fetch_all(&self, repository: &Repository) -> anyhow::Result<Folder> {
        let temporary = git::private_folder()?;
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

    /// The commits of other repositories that stand in a folder, and in those.
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
                let wanted = Found { commit: link.commit.clone(), reference: None };
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

    fn remote(&self, url: &str) -> anyhow::Result<git::Remote> {
        // `git@host:path` is the short form of an SSH URL.
        let plain = match url.split_once(':') {
            Some((host, path)) if !path.starts_with("//") => {
                format!("ssh://{host}/{}", path.trim_start_matches('/'))
            }
            _ => url.to_owned(),
        };
        let url = GitUrl::of_repository(&plain)?;
        let auth = if url.scheme() == Scheme::Ssh { Auth::Ssh(self.how.ssh.clone()) } else { Auth::None };
        let (ca, proxy) = (self.how.ca.clone(), self.how.proxy.clone());
        Ok(git::Remote { ca, proxy, ..git::Remote::new(url, auth) })
    }

    /// Where the files of a commit are kept.
    fn place(&self, repository: &Repository, commit: &str) -> Option<PathBuf> {
        use sha2::Digest;
        let name = hex::encode(sha2::Sha256::digest(&repository.url));
        let form = if repository.has_submodules { "whole" } else { "plain" };
        Some(self.how.cache.as_ref()?.join(&name[..16]).join(format!("{commit}-{form}")))
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
