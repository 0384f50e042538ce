//! A private, shallow clone of one branch, without a checkout.

use std::path::Path;

use super::GitError;
use super::Remote;
use super::Workspace;
use super::session::Session;
use super::session::advertised;
use super::session::private_directory;

impl Remote {
    /// Clones so many of the last commits of one branch into a new directory that only this user can read. An empty remote makes an empty
    /// clone in which the first commit will create that branch.
    ///
    /// # Errors
    /// [`GitError::BranchMissing`] when the remote has branches but not this one; those of a connection; a full disk.
    pub async fn clone_commits(&self, branch: &str, commits: u8) -> Result<Workspace, GitError> {
        let wanted = branch.to_owned();
        let (dir, is_default) =
            self.run(move |session| clone_into_new_directory(session, &wanted, commits)).await?;
        Workspace::open(self.clone(), branch, is_default, dir)
    }
}

fn clone_into_new_directory(
    session: &Session,
    branch: &str,
    commits: u8,
) -> Result<(tempfile::TempDir, bool), GitError> {
    let dir = private_directory()?;
    let is_default = clone_into(session, branch, commits, dir.path())?;
    Ok((dir, is_default))
}

/// Clones the branch; whether it is the default one of the repository.
fn clone_into(session: &Session, branch: &str, commits: u8, dir: &Path) -> Result<bool, GitError> {
    let url = session.core.url.to_string();
    let doing = format!("cloning \"{url}\"");
    let local = format!("refs/heads/{branch}");
    if !git2::Reference::is_valid_name(&local) {
        return Err(GitError::other(doing, format!("\"{branch}\" is not a branch name")));
    }
    let broken = |error: git2::Error| session.explain(&doing, &error);
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).initial_head(branch).external_template(false);
    let repository = git2::Repository::init_opts(dir, &options).map_err(broken)?;

    let mut remote = session.attach(&repository)?;
    let mut connection = remote.connect_auth(git2::Direction::Fetch, None, None).map_err(broken)?;
    let found = advertised(connection.list().map_err(broken)?)?;
    if found.branches.is_empty() {
        return Ok(true);
    }
    let is_default = found.default_branch.as_deref() == Some(branch);
    if !found.branches.iter().any(|(name, _)| name == branch) {
        let existing = found.branches.into_iter().map(|(name, _)| name).collect();
        return Err(GitError::BranchMissing { branch: branch.to_owned(), url, existing });
    }
    let mut callbacks = git2::RemoteCallbacks::new();
    callbacks.transfer_progress(|_| !session.core.stop.is_requested());
    let mut options = git2::FetchOptions::new();
    options
        .remote_callbacks(callbacks)
        .depth(commits.into())
        .download_tags(git2::AutotagOption::None)
        .update_fetchhead(false);
    let tracking = format!("refs/remotes/origin/{branch}");
    let refspec = format!("+{local}:{tracking}");
    connection.remote().fetch(&[refspec.as_str()], Some(&mut options), None).map_err(broken)?;
    drop(connection);

    let tip = repository.refname_to_id(&tracking).map_err(broken)?;
    repository.reference(&local, tip, true, "clone").map_err(broken)?;
    Ok(is_default)
}
