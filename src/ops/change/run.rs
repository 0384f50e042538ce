//! Where a change goes, once it is known what it is.

use super::fleet::Fleet;
use super::publish::Advice;
use super::publish::Publisher;
use super::value::Change;
use crate::cluster::Deadline;
use crate::git::Workspace;
use crate::git::sign::Signer;
use crate::ops::Sink;

/// Where a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Onto the branch.
    Push,
    /// On the screen, as a diff.
    DryRun,
}

/// A change that is to be made: in which repository, by whom, and where it goes.
pub struct Task<'a> {
    pub sink: &'a dyn Sink,
    pub deadline: Deadline,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
    pub fleet: Fleet,
    pub destination: Destination,
    /// The message of the commit, where another one than ours is wanted.
    pub message: Option<String>,
    pub author_name: String,
    pub author_email: String,
    pub signer: Option<Signer>,
}

const ADVICE: Advice = Advice {
    unauthorized: "export the token of the forge (GITHUB_TOKEN, GITLAB_TOKEN, GITEA_TOKEN, BITBUCKET_TOKEN) or GIT_PASSWORD, or store credentials with `git credential approve`",
    forbidden: "the token or key needs write access to the repository; that of the cluster is mostly read-only",
    tls: "name the certificate authority of the server in GIT_SSL_CAINFO",
    host_key: "compare the key with the one the server's owner publishes, then correct known_hosts",
    unreachable: "check host, port and network, or pass another address of the repository with --fleet-url",
    branch: "use one of these with --fleet-branch",
    declined: "allow this account to push to the branch, or commit by hand what --dry-run shows",
    outside: "choose a file below folders of the repository, not behind links",
};

impl Task<'_> {
    /// Makes the change that `make` wants for a clone of the branch. It is asked again when the branch has moved meanwhile.
    pub(super) async fn run(
        &self,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<()> {
        let make = |workspace: &Workspace| {
            let change = make(workspace)?;
            Ok(match &self.message {
                Some(message) => Change { message: message.clone(), ..change },
                None => change,
            })
        };
        let done = match self.destination {
            Destination::Push => self.push(make).await,
            Destination::DryRun => self.show(make).await,
        };
        done.map_err(|error| ADVICE.explain(error))
    }

    async fn push(&self, make: impl Fn(&Workspace) -> anyhow::Result<Change>) -> anyhow::Result<()> {
        let publisher = self.publisher();
        let mut workspace = publisher.clone(None).await?;
        let make = |workspace: &Workspace| {
            let change = make(workspace)?;
            for file in change.differing(Some(workspace))? {
                self.sink.action(format!("{} {}", file.word(), file.path));
            }
            Ok(change)
        };
        match publisher.publish(&mut workspace, "change", make).await? {
            Some(_) => self.sink.success("pushed change"),
            None => self.sink.success("nothing to do: the repository is as it should be"),
        }
        Ok(())
    }

    async fn show(&self, make: impl Fn(&Workspace) -> anyhow::Result<Change>) -> anyhow::Result<()> {
        let workspace = self.publisher().clone_quietly().await?;
        let change = make(&workspace)?;
        let files = change.differing(Some(&workspace))?;
        if files.is_empty() {
            return self.sink.line("nothing to do: the repository is as it should be");
        }
        self.sink.line(&format!(
            "commit \"{}\" to branch \"{}\" of \"{}\":",
            change.message.lines().next().unwrap_or_default(),
            self.fleet.branch,
            self.fleet.remote.url
        ))?;
        for file in files {
            self.sink.line("")?;
            file.diff()?.lines().try_for_each(|line| self.sink.line(line))?;
        }
        Ok(())
    }

    fn publisher(&self) -> Publisher<'_> {
        Publisher {
            sink: self.sink,
            deadline: self.deadline,
            now: self.now,
            remote: &self.fleet.remote,
            branch: &self.fleet.branch,
            author_name: &self.author_name,
            author_email: &self.author_email,
            appendix: "",
            signer: self.signer.as_ref(),
            advice: &ADVICE,
        }
    }
}
