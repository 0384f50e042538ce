//! The files of one commit, without keeping a clone: what a build reads from a repository.

use std::path::Path;

use super::GitError;
use super::Remote;
use super::session::Session;
use crate::text::is_commit;

/// The commit that a revision means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedCommit {
    pub commit: String,
    /// The branch or tag that was asked for: servers are more likely to send a commit by it.
    pub reference: Option<String>,
    /// A branch with the commit among its last ones, for servers that do not send commits by ID.
    pub near: Option<String>,
}

/// How many commits of a branch are fetched before all are.
const NEAR: i32 = 200;

/// A submodule: a folder that is a commit of another repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub path: String,
    pub commit: String,
}

/// Writes the files of a commit of a repository on this disk into a folder.
///
/// # Errors
/// No repository, a revision that it does not have, a full disk.
pub fn check_out_local(place: &Path, revision: Option<&str>, into: &Path) -> Result<Vec<Link>, GitError> {
    let doing = format!("reading \"{}\"", place.display());
    let broken = |error: git2::Error| GitError::other(doing.as_str(), error.message());
    let repository = git2::Repository::open(place).map_err(broken)?;
    let wanted = revision.unwrap_or("HEAD");
    let commit = ["", "refs/tags/", "refs/heads/"]
        .iter()
        .find_map(|kind| repository.revparse_single(&format!("{kind}{wanted}")).ok())
        .ok_or_else(|| GitError::other(doing.as_str(), format!("there is no revision \"{wanted}\"")))?
        .peel_to_commit()
        .map_err(broken)?;
    write(&repository, &commit, into).map_err(broken)
}

impl Remote {
    /// Asks which commit a branch, a tag or `HEAD` is.
    ///
    /// # Errors
    /// A name that does not exist and is not a commit; those of a connection.
    pub async fn resolve(&self, revision: Option<&str>) -> Result<ResolvedCommit, GitError> {
        let url = self.url.to_string();
        let wanted = revision.map(str::to_owned);
        self.run(move |session| {
            let repository = session.scratch()?;
            let mut remote = session.attach(&repository)?;
            let doing = format!("listing \"{url}\"");
            let broken = |error: git2::Error| session.explain(&doing, &error);
            let connection = remote.connect_auth(git2::Direction::Fetch, None, None).map_err(broken)?;
            let heads: Vec<(String, String)> = connection
                .list()
                .map_err(broken)?
                .iter()
                .map(|head| (head.name().to_owned(), head.oid().to_string()))
                .collect();
            found(&heads, wanted.as_deref()).ok_or_else(|| {
                let name = wanted.unwrap_or_else(|| "HEAD".to_owned());
                GitError::other(format!("fetching \"{url}\""), format!("couldn't find remote ref {name}"))
            })
        })
        .await
    }

    /// Writes the files of a commit into a folder. Returns its submodules.
    ///
    /// # Errors
    /// A commit that the server does not send; those of a connection; a full disk.
    pub async fn check_out(&self, found: &ResolvedCommit, into: &Path) -> Result<Vec<Link>, GitError> {
        let (found, into) = (found.clone(), into.to_owned());
        self.run(move |session| fetch_and_write(session, &found, &into)).await
    }
}

/// The commit of a name, resolved as Git does.
fn found(heads: &[(String, String)], wanted: Option<&str>) -> Option<ResolvedCommit> {
    let commit_of = |name: &str| {
        let peeled = format!("{name}^{{}}");
        let is_it =
            |name: &str| heads.iter().find(|(head, _)| head == name).map(|(_, commit)| commit.clone());
        is_it(&peeled).or_else(|| is_it(name))
    };
    let Some(wanted) = wanted else {
        return Some(ResolvedCommit {
            commit: commit_of("HEAD")?,
            reference: Some("HEAD".to_owned()),
            near: None,
        });
    };
    for kind in ["", "refs/", "refs/tags/", "refs/heads/"] {
        let name = format!("{kind}{wanted}");
        if let Some(commit) = commit_of(&name) {
            return Some(ResolvedCommit { commit, reference: Some(name), near: None });
        }
    }
    is_commit(wanted).then(|| ResolvedCommit {
        commit: wanted.to_ascii_lowercase(),
        reference: None,
        near: None,
    })
}

fn fetch_and_write(session: &Session, found: &ResolvedCommit, into: &Path) -> Result<Vec<Link>, GitError> {
    let doing = format!("fetching \"{}\"", session.core.url);
    let broken = |error: git2::Error| session.explain(&doing, &error);
    let repository = session.scratch()?;
    let id = fetch_commit(session, found, &repository)?;
    let commit = repository.find_commit(id).map_err(broken)?;
    write(&repository, &commit, into).map_err(broken)
}

/// Fetches one commit with its files into a repository.
pub(super) fn fetch_commit(
    session: &Session,
    found: &ResolvedCommit,
    repository: &git2::Repository,
) -> Result<git2::Oid, GitError> {
    let doing = format!("fetching \"{}\"", session.core.url);
    let broken = |error: git2::Error| session.explain(&doing, &error);
    let fetch = |what: &str, depth: i32| -> Result<(), git2::Error> {
        let mut remote = repository.remote_anonymous(session.address())?;
        let mut callbacks = git2::RemoteCallbacks::new();
        callbacks.transfer_progress(|_| !session.core.stop.is_requested());
        let mut options = git2::FetchOptions::new();
        options.remote_callbacks(callbacks).download_tags(git2::AutotagOption::None).update_fetchhead(false);
        if depth > 0 {
            options.depth(depth);
        }
        remote.fetch(&[what], Some(&mut options), None)
    };
    let id = git2::Oid::from_str(&found.commit).map_err(broken)?;
    match &found.reference {
        Some(reference) => fetch(&format!("+{reference}:refs/fluxr/wanted"), 1).map_err(broken)?,
        None => {
            // Not every server sends commits by ID: then a branch is asked for, and finally all of them.
            let near = found.near.as_ref().map(|branch| format!("+refs/heads/{branch}:refs/fluxr/near"));
            let is_fetched = |what: &str, depth| {
                let done = fetch(what, depth).is_ok();
                if !done {
                    session.core.take_failure();
                }
                done && repository.find_commit(id).is_ok()
            };
            if !is_fetched(&format!("+{}:refs/fluxr/wanted", found.commit), 1)
                && !near.is_some_and(|near| is_fetched(&near, NEAR))
            {
                // The history that was cut off before has to be fetched again.
                let depth = if repository.is_shallow() { i32::MAX } else { 0 };
                fetch("+refs/*:refs/fluxr/*", depth).map_err(broken)?;
            }
        }
    }
    match repository.find_commit(id) {
        Ok(_) => Ok(id),
        Err(error) if error.code() == git2::ErrorCode::NotFound => {
            let url = session.core.url.to_string();
            Err(GitError::CommitMissing { commit: found.commit.clone(), url })
        }
        Err(error) => Err(broken(error)),
    }
}

fn write(
    repository: &git2::Repository,
    commit: &git2::Commit<'_>,
    into: &Path,
) -> Result<Vec<Link>, git2::Error> {
    let mut checkout = git2::build::CheckoutBuilder::new();
    checkout.force().update_index(false).disable_filters(true);
    // Only while this is open. A target folder alone is not enough for submodules.
    repository.set_workdir(into, false)?;
    repository.checkout_tree(commit.as_object(), Some(&mut checkout))?;
    let mut links = Vec::new();
    commit.tree()?.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(git2::ObjectType::Commit)
            && let Ok(name) = entry.name()
        {
            links.push(Link { path: format!("{folder}{name}"), commit: entry.id().to_string() });
        }
        git2::TreeWalkResult::Ok
    })?;
    Ok(links)
}

/// The URLs of submodules by their paths, as `.gitmodules` of a folder says; those relative to their repository are resolved.
///
/// # Errors
/// A file that cannot be read.
pub fn submodules(folder: &Path, base: &str) -> Result<Vec<(String, String)>, GitError> {
    let file = folder.join(".gitmodules");
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let broken = |error: git2::Error| GitError::other("reading .gitmodules", error.message());
    let config = git2::Config::open(&file).map_err(broken)?;
    let mut found = Vec::new();
    let mut entries = config.entries(Some("submodule\\..*\\.path")).map_err(broken)?;
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(broken)?;
        let (Ok(name), Ok(path)) = (entry.name(), entry.value()) else { continue };
        let Some(section) = name.strip_suffix(".path") else { continue };
        if let Ok(url) = config.get_string(&format!("{section}.url")) {
            found.push((path.to_owned(), resolved(base, &url)));
        }
    }
    Ok(found)
}

fn resolved(base: &str, url: &str) -> String {
    if !url.starts_with("./") && !url.starts_with("../") {
        return url.to_owned();
    }
    let (mut base, mut rest) = (base.trim_end_matches('/'), url);
    loop {
        if let Some(after) = rest.strip_prefix("./") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("../") {
            base = base.rfind(['/', ':']).map_or(base, |at| &base[..at]);
            rest = after;
        } else {
            return format!("{base}/{rest}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_tag_before_a_branch_and_else_a_commit() {
        let of = |name: &str, digit: &str| (name.to_owned(), digit.repeat(40));
        let heads = [
            of("HEAD", "1"),
            of("refs/heads/main", "1"),
            of("refs/heads/v1", "2"),
            of("refs/tags/v1", "3"),
            of("refs/tags/v1^{}", "4"),
        ];
        let commit = |wanted: Option<&str>| found(&heads, wanted).map(|found| found.commit[..1].to_owned());
        assert_eq!(commit(None).as_deref(), Some("1"));
        assert_eq!(commit(Some("main")).as_deref(), Some("1"));
        assert_eq!(commit(Some("v1")).as_deref(), Some("4"));
        assert_eq!(commit(Some("heads/v1")).as_deref(), Some("2"));
        assert_eq!(commit(Some(&"5".repeat(40))).as_deref(), Some("5"));
        assert_eq!(commit(Some("5555555")), None);
    }

    #[test]
    fn submodules_beside_their_repository_are_found() {
        for (url, wanted) in [
            ("../other.git", "https://host/org/other.git"),
            ("../../else/x", "https://host/else/x"),
            ("./in", "https://host/org/repo.git/in"),
            ("ssh://git@host/x", "ssh://git@host/x"),
        ] {
            assert_eq!(resolved("https://host/org/repo.git", url), wanted);
        }
    }
}
