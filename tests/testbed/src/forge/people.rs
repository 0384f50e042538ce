//! What people do with the requests of a forge, and with its branches.

use super::Forge;
use super::requests::Merge;
use super::requests::Progress;
use super::requests::Request;
use anyhow::Context;

impl Forge {
    /// The requests of a repository, the newest first.
    pub fn pull_requests(&self, full_name: &str) -> Vec<Request> {
        self.shared.lock().requests(full_name)
    }

    /// Merges a request, whatever protects the branch; gives the commit.
    ///
    /// # Errors
    /// It is not open, or conflicts.
    pub fn merge_request(&self, full_name: &str, number: u64, how: Merge) -> anyhow::Result<String> {
        self.shared.lock().merge_request(full_name, number, how)
    }

    /// Proposes a branch of a fork, as someone without rights would.
    pub fn propose_from_fork(&self, full_name: &str, head: &str, base: &str) {
        let mut state = self.shared.lock();
        let Some(found) = state.repository_mut(full_name) else { return };
        found.requests.push(Request {
            number: found.requests.len() as u64 + 1,
            head: head.to_owned(),
            base: base.to_owned(),
            title: "From a fork".to_owned(),
            is_of_fork: true,
            author: "mallory".to_owned(),
            ..Request::default()
        });
    }

    /// Reviews a request. Most forges do not list a reviewer who is done as one who is asked.
    pub fn review_request(&self, full_name: &str, number: u64, login: &str) {
        let mut state = self.shared.lock();
        if let Some(request) = state.request_mut(full_name, &number.to_string()) {
            request.reviewed.push(login.to_owned());
        }
    }

    /// Closes a request without merging it.
    ///
    /// # Errors
    /// There is none.
    pub fn close_request(&self, full_name: &str, number: u64) -> anyhow::Result<()> {
        let mut state = self.shared.lock();
        let request =
            state.request_mut(full_name, &number.to_string()).context("there is no such request")?;
        request.progress = Progress::Closed;
        request.version += 1;
        Ok(())
    }

    /// Lets checks run that have not passed yet: requests that are to be merged by themselves wait for [`Forge::finish_checks`].
    pub fn require_checks(&self, full_name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.checks_pending = true;
        }
    }

    /// The checks pass, and what waited for them is merged.
    ///
    /// # Errors
    /// A request conflicts.
    pub fn finish_checks(&self, full_name: &str) -> anyhow::Result<()> {
        let mut state = self.shared.lock();
        if let Some(found) = state.repository_mut(full_name) {
            found.checks_pending = false;
        }
        for request in state.requests(full_name).into_iter().filter(|request| request.auto_merge) {
            state.merge_request(full_name, request.number, Merge::Commit)?;
        }
        Ok(())
    }

    /// Refuses to merge requests by themselves from now on.
    pub fn refuse_auto_merge(&self, full_name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.allows_auto_merge = false;
        }
    }

    /// Hides a user from others.
    pub fn hide_user(&self, login: &str) {
        if let Some(user) = self.shared.lock().users.get_mut(login) {
            user.is_hidden = true;
        }
    }

    /// Takes the access to repositories of others from a user.
    pub fn shut_out(&self, login: &str) {
        if let Some(user) = self.shared.lock().users.get_mut(login) {
            user.is_outsider = true;
        }
    }

    /// Gives the access back.
    pub fn let_in(&self, login: &str) {
        if let Some(user) = self.shared.lock().users.get_mut(login) {
            user.is_outsider = false;
        }
    }

    /// Makes someone else the author of a request.
    pub fn hand_over(&self, full_name: &str, number: u64, login: &str) {
        if let Some(request) = self.shared.lock().request_mut(full_name, &number.to_string()) {
            login.clone_into(&mut request.author);
        }
    }

    /// Says that Bitbucket Server is of this version.
    pub fn be_bitbucket(&self, version: &str) {
        version.clone_into(&mut self.shared.lock().bitbucket_version);
    }

    /// Makes a label that requests can get.
    pub fn add_label(&self, full_name: &str, name: &str) {
        if let Some(found) = self.shared.lock().repository_mut(full_name) {
            found.labels.push(name.to_owned());
        }
    }

    /// Deletes a branch.
    ///
    /// # Errors
    /// There is none.
    pub fn delete_branch(&self, full_name: &str, branch: &str) -> anyhow::Result<()> {
        self.git(full_name, &["update-ref", "-d", &format!("refs/heads/{branch}")]).map(drop)
    }

    /// Renames a branch; requests that are to be merged into it follow.
    ///
    /// # Errors
    /// There is none.
    pub fn rename_branch(&self, full_name: &str, from: &str, to: &str) -> anyhow::Result<()> {
        self.git(full_name, &["branch", "-m", from, to])?;
        let mut state = self.shared.lock();
        let found = state.repository_mut(full_name).context("there is no such repository")?;
        for request in found.requests.iter_mut().filter(|request| request.base == from) {
            request.base = to.to_owned();
        }
        Ok(())
    }
}
