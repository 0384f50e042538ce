//! Where a change goes, once it is known what it is.

use super::fleet::Fleet;
use super::host;
use super::login::Login;
use super::publish::Advice;
use super::publish::Publisher;
use super::shared;
use super::value::Change;
use crate::cluster::Deadline;
use crate::forge::ForgeError;
use crate::git::Workspace;
use crate::git::sign::Signer;
use crate::ops::Sink;
use crate::ops::request::Outcome;
use crate::ops::request::Proposing;
use crate::ops::request::RequestOptions;
use crate::ops::request::code;
use crate::text::WithHint;
use sha2::Digest;
use sha2::Sha256;
use std::time::Duration;

/// A longer name of a branch is cut off.
const LONGEST_BRANCH: usize = 60;

/// Where a change goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Onto the branch.
    Push,
    /// Into a request.
    Request(RequestOptions),
    /// On the screen, as a diff.
    DryRun,
}

/// A change that is to be made: in which repository, by whom, and where it goes.
pub struct Task<'a> {
    pub sink: &'a dyn Sink,
    pub deadline: Deadline,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
    /// The first pause between two looks at a request that is waited for.
    pub poll: Duration,
    pub fleet: Fleet,
    pub login: Login,
    pub destination: Destination,
    /// The message of the commit, where another one than ours is wanted.
    pub message: Option<String>,
    pub author_name: String,
    pub author_email: String,
    pub signer: Option<Signer>,
}

const ADVICE: Advice = Advice {
    unauthorized: "export the token of the forge (GITHUB_TOKEN, GITLAB_TOKEN, GITEA_TOKEN, BITBUCKET_TOKEN) or GIT_PASSWORD, or store a password with a credential helper of Git",
    forbidden: "the token or key needs write access to the repository; that of the cluster is mostly read-only",
    tls: "name the certificate authority of the server in GIT_SSL_CAINFO",
    host_key: "compare the key with the one the server's owner publishes, then correct known_hosts",
    unreachable: "check host, port and network, or pass another address of the repository with --fleet-url",
    branch: "use one of these with --fleet-branch",
    declined: "propose the change with --pull-request, or allow this account to push to the branch",
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
            let message = self.sink.redacted(self.message.as_ref().unwrap_or(&change.message));
            Ok(Change { message, ..change })
        };
        let done = match &self.destination {
            Destination::Push => self.push(make).await,
            Destination::Request(options) => self.propose(options, make).await,
            Destination::DryRun => self.show(make).await,
        };
        done.map_err(|error| ADVICE.explain(error))
    }

    /// Asks what the change would be, for a clone of the branch, and shows nothing of it.
    pub(super) async fn plan(
        &self,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<()> {
        let plan = async { make(&self.publisher().clone_quietly().await?).map(drop) };
        plan.await.map_err(|error| ADVICE.explain(error))
    }

    async fn push(&self, make: impl Fn(&Workspace) -> anyhow::Result<Change>) -> anyhow::Result<()> {
        if self.is_unverifiable() {
            let (namespace, name) = &self.fleet.source;
            return Err(anyhow::anyhow!(
                "GitRepository/{namespace}/{name} takes only signed commits (spec.verify), and this one would not be signed"
            ))
            .hint("sign with a key of SSH: set commit.gpgSign to true, gpg.format to ssh and user.signingKey in Git's configuration");
        }
        let publisher = self.publisher();
        let mut workspace = publisher.clone(None).await?;
        let make = |workspace: &Workspace| {
            let change = make(workspace)?;
            for file in change.differing(Some(workspace))? {
                self.sink.action(format!("{} {}", file.word(), file.path));
            }
            self.warn_of_others(workspace, &change)?;
            Ok(change)
        };
        match publisher.publish(&mut workspace, "change", make).await? {
            Some(_) => self.sink.success("pushed change"),
            None => self.sink.success("nothing to do: the repository is as it should be"),
        }
        Ok(())
    }

    /// Brings the change into a request, on a branch that is called by what the change is: the next run finds it again.
    async fn propose(
        &self,
        options: &RequestOptions,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<()> {
        let forge = host::open(&self.login, &self.fleet.remote, self.deadline.remaining()).await?;
        let requests = forge.as_ref().map(|forge| forge.requests());
        let proposing =
            Proposing { publisher: self.publisher(), requests, poll: self.poll, what: "the change" };
        let base = options.base.as_deref().unwrap_or(&self.fleet.branch);
        let workspace = proposing.publisher.clone_of(base).await?;
        let change = make(&workspace)?;
        let files = change.differing(Some(&workspace))?;
        if files.is_empty() {
            self.sink.success("nothing to do: the repository is as it should be");
            return Ok(());
        }
        self.warn_of_others(&workspace, &change)?;
        if self.is_unverifiable() {
            self.sink.warning(
                "the cluster takes only signed commits (spec.verify), and this one is not signed: merge it so that the forge signs the result",
            );
        }
        let title = change.message.lines().next().unwrap_or_default().to_owned();
        let listed = files.iter().map(|file| format!("- {} {}", file.word(), code(&file.path)));
        let mut body = change.details.clone();
        if !body.is_empty() {
            body.push(String::new());
        }
        body.extend(listed);
        let wanted =
            options.proposal(self.sink, (branch(&title), base.to_owned()), &title, body.join("\n") + "\n");
        if let Some(requests) = requests {
            let check = async { requests.check(&wanted).await.map_err(ForgeError::explained) };
            self.deadline.bound("an answer of the forge", check).await?;
        }
        match proposing.propose(&wanted, workspace, make).await?.outcome {
            Outcome::Nothing | Outcome::Merged(_) => {
                self.sink.success("nothing to do: the repository is as it should be");
            }
            Outcome::Opened(open) | Outcome::Updated(open) | Outcome::Unchanged(open) if options.wait => {
                proposing.merged(&open).await?;
            }
            Outcome::Opened(_) | Outcome::Updated(_) | Outcome::Unchanged(_) => {}
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
        self.warn_of_others(&workspace, &change)?;
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

    /// Whether the cluster would not take a commit, because nothing signs it.
    fn is_unverifiable(&self) -> bool {
        self.fleet.verifies && self.signer.is_none()
    }

    /// Says which other clusters a change is for as well.
    fn warn_of_others(&self, workspace: &Workspace, change: &Change) -> anyhow::Result<()> {
        for (folder, files) in shared::others(workspace, change, &self.fleet)? {
            let files: Vec<String> = files.into_iter().collect();
            self.sink.warning(format!("\"./{folder}\" applies this, too: {}", files.join(", ")));
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

/// The branch of a change, from the line that says what it is: always the same for the same change.
fn branch(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-").to_lowercase();
    let is_whole = name.len() <= LONGEST_BRANCH && title.is_ascii();
    name.truncate(LONGEST_BRANCH);
    // What was cut off or left out may be all that tells two changes apart.
    if !is_whole {
        name = format!("{}-{}", name.trim_end_matches('-'), hex::encode(&Sha256::digest(title)[..4]));
    }
    format!("fluxr/{name}")
}

#[cfg(test)]
mod tests {
    use super::branch;

    #[test]
    fn a_branch_is_called_by_what_the_change_is() {
        assert_eq!(
            branch("Suspend Kustomization/flux-system/app"),
            "fluxr/suspend-kustomization-flux-system-app"
        );
        let long = [branch(&format!("Add {}", "x".repeat(100))), branch(&format!("Add {}y", "x".repeat(99)))];
        assert!(long[0] != long[1] && long[0].len() < 80, "{long:?}");
    }
}
