//! The forge that has the fleet repository, for people with requests and for commands with variables.

use super::At;
use super::Line;
use super::stage::OWNER;
use super::stage::Stage;
use crate::Forge;
use crate::Gitea;
use crate::forge::Merge;
use anyhow::Context;
use std::path::PathBuf;

/// The fleet repository.
pub(super) const REPOSITORY: &str = "ada/fleet-infra";

pub(super) struct Home {
    pub(super) host: String,
    pub(super) ssh_host: String,
    pub(super) authority: PathBuf,
    pub(super) token: String,
    /// Otherwise it is the stand-in.
    gitea: Option<Gitea>,
}

impl Home {
    /// # Errors
    /// Gitea is not built, or does not start.
    pub(super) fn at(at: At, forge: &Forge, owner: &str, token: &str) -> anyhow::Result<Self> {
        if at == At::StandIn {
            let (host, ssh_host) = (forge.host(), forge.ssh_host());
            let authority = forge.ca_file().to_owned();
            return Ok(Self { host, ssh_host, authority, token: token.to_owned(), gitea: None });
        }
        let gitea = Gitea::start()?;
        let token = gitea.add_user(owner, &[])?;
        let (host, ssh_host) = (gitea.host(), gitea.ssh_host());
        Ok(Self { host, ssh_host, authority: gitea.ca_file(), token, gitea: Some(gitea) })
    }

    /// The variables of a person who works there.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let is_real = self.gitea.is_some();
        let authority = self.authority.display().to_string();
        vec![
            (if is_real { "GITEA_TOKEN" } else { "GITHUB_TOKEN" }, self.token.clone()),
            (if is_real { "GITEA_USER" } else { "GITHUB_USER" }, OWNER.to_owned()),
            ("FORGE_NAME", if is_real { "gitea" } else { "github" }.to_owned()),
            ("FORGE", self.host.clone()),
            ("GIT_AUTHOR_NAME", "Ada".to_owned()),
            ("GIT_AUTHOR_EMAIL", "ada@example.com".to_owned()),
            ("FORGE_SSH", self.ssh_host.clone()),
            ("FORGE_CA", authority.clone()),
            ("GIT_SSL_CAINFO", authority),
            ("FLEET", format!("https://{}/{REPOSITORY}", self.host)),
        ]
    }

    fn merge(&self, forge: &Forge, number: u64) -> anyhow::Result<()> {
        let Some(gitea) = &self.gitea else {
            return forge.merge_request(REPOSITORY, number, Merge::Commit).map(drop);
        };
        gitea.merge(&self.token, REPOSITORY, number, "merge")
    }
}

impl Stage<'_> {
    /// Opens a request with a command, looks whether a second run finds it, and has it merged. Gives what the first run said.
    pub(super) fn propose(&mut self, command: &str) -> anyhow::Result<String> {
        let command = format!("{command} --pull-request --fleet-url=$FLEET --forge=$FORGE_NAME");
        let said = self.fluxr(&command)?;
        let number = said.split("opened pull request #").nth(1).and_then(|rest| rest.split(':').next());
        let number: u64 = number.context("no request was opened")?.parse()?;
        let again = self.fluxr(&command)?;
        let is_found = again.contains(&format!("pull request #{number} is up to date"));
        anyhow::ensure!(is_found, "the second run did not find the request:\n{again}");
        (self.say)(Line::Note(format!("a colleague merges pull request #{number} at the forge")));
        self.home.merge(&self.forge, number)?;
        let last = self.fluxr(&format!("{command} --pr-wait"))?;
        let is_merged = last.contains(&format!("pull request #{number} was merged into \"main\""));
        anyhow::ensure!(is_merged, "the third run did not say that it is merged:\n{last}");
        let is_applied = last.contains("applied revision main@sha1:");
        anyhow::ensure!(is_applied, "the third run did not wait until it is applied:\n{last}");
        Ok(said)
    }
}
