//! Pushes, proposes or shows a change.

use super::arrive::Arrival;
use super::arrive::arrive;
use super::branch::Planned;
use super::branch::branch;
use super::edit::Draft;
use super::fleet::Fleet;
use super::hold::Held;
use super::hold::Hold;
use super::host;
use super::login::Login;
use super::shared;
use crate::api::ObjectId;
use crate::cluster::Deadline;
use crate::forge::Progress;
use crate::forge::Request;
use crate::git::GitError;
use crate::git::Person;
use crate::git::Workspace;
use crate::git::sign::Signer;
use crate::ops::Session;
use crate::ops::Sink;
use crate::ops::commit::Absent;
use crate::ops::commit::Change;
use crate::ops::commit::FileChange;
use crate::ops::commit::Publisher;
use crate::ops::commit::Writer;
use crate::ops::request::Outcome;
use crate::ops::request::Proposing;
use crate::ops::request::RequestOptions;
use crate::present::markdown::code;
use crate::text::WithHint;
use crate::text::find_cause;
use crate::text::with_hint;
use anyhow::Context;
use std::sync::OnceLock;
use std::time::Duration;

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

/// The outcome of a change.
#[derive(Debug, Default)]
pub(super) struct Landed {
    /// Whether the branch that the cluster follows has it.
    pub(super) is_there: bool,
    /// Whether a request with it waits to be merged.
    pub(super) is_proposed: bool,
    /// The subject of the commit.
    pub(super) title: String,
    /// The Kustomizations that apply it, if that is waited for.
    carriers: Vec<ObjectId>,
}

/// How a change is made: in which repository, by whom, and where it goes.
pub struct Task<'a> {
    pub sink: &'a dyn Sink,
    pub deadline: Deadline,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
    /// The first pause between two checks of a request that is waited for.
    pub poll: Duration,
    pub fleet: Fleet,
    pub login: Login,
    pub destination: Destination,
    /// The cluster, if it is waited for after the merge.
    pub cluster: Option<kube::Client>,
    /// The message of the commit, if it is given.
    pub message: Option<String>,
    pub author: Person,
    pub committer: Person,
    pub signer: Option<Signer>,
}

const NOTHING: &str = "nothing to do: the repository is up to date";

impl Task<'_> {
    /// Makes the change that `make` wants for a clone of the branch. It is asked again when the branch has moved meanwhile. A request that
    /// is waited for is waited for until the cluster has applied it.
    pub(super) async fn run(
        &self,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<()> {
        let landed = self.land(None, make).await?;
        if self.waits() && landed.is_there { self.arrive(&landed.carriers, None).await } else { Ok(()) }
    }

    /// Whether what was proposed is waited for.
    fn waits(&self) -> bool {
        matches!(&self.destination, Destination::Request(options) if options.wait)
    }

    /// As [`Self::run`], without the cluster, except that the object of `hold` is suspended before something is proposed.
    pub(super) async fn land(
        &self,
        hold: Option<&Hold<'_>>,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Landed> {
        let done = match &self.destination {
            Destination::Push => self.push(|workspace| Ok(self.worded(make(workspace)?))).await,
            Destination::Request(options) => self.propose(options, hold, make).await,
            Destination::DryRun => self.show(|workspace| Ok(self.worded(make(workspace)?))).await,
        };
        done.map_err(|error| self.advice().explain(error))
    }

    /// The change with the message that is wanted.
    fn worded(&self, change: Change) -> Change {
        let message = self.sink.redacted(self.message.as_ref().unwrap_or(&change.message));
        Change { message, ..change }
    }

    /// Asks what the change would be, for a clone of the branch, and shows nothing of it.
    pub(super) async fn plan(
        &self,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<()> {
        let plan = async { make(&self.publisher().clone_quietly().await?).map(drop) };
        plan.await.map_err(|error| self.advice().explain(error))
    }

    async fn push(&self, make: impl Fn(&Workspace) -> anyhow::Result<Change>) -> anyhow::Result<Landed> {
        if self.is_unverifiable() {
            return Err(anyhow::anyhow!(
                "{} takes only signed commits (spec.verify), and this one would not be signed",
                self.fleet.source
            ))
            .hint("sign with an SSH key: set commit.gpgSign to true, gpg.format to ssh and user.signingKey in Git's configuration");
        }
        let publisher = self.publisher();
        let mut workspace = publisher.clone(None).await?;
        // What is gone after another client has pushed was there at first.
        let absent = OnceLock::new();
        let make = |workspace: &Workspace| {
            let change = make(workspace)?;
            absent.get_or_init(|| change.absent.clone());
            let files = change.differing(Some(workspace))?;
            for file in &files {
                self.sink.action(format!("{} {}", file.word(), file.path));
            }
            self.warn_of_others(workspace, &change, &files)?;
            Ok(change)
        };
        match publisher.publish(&mut workspace, "change", make).await? {
            Some(_) => self.sink.success("pushed change"),
            None => {
                if let Some(absent) = absent.get().and_then(Option::as_ref) {
                    self.accept_absence(absent, &self.fleet.branch).await?;
                }
                self.sink.success(NOTHING);
            }
        }
        Ok(Landed { is_there: true, ..Landed::default() })
    }

    /// Proposes the change on a branch that is named after it, so that the next run finds its request again.
    async fn propose(
        &self,
        options: &RequestOptions,
        hold: Option<&Hold<'_>>,
        make: impl Fn(&Workspace) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Landed> {
        let forge = host::open(&self.login, &self.fleet, self.deadline.remaining()).await?;
        let requests = forge.as_ref().map(|forge| forge.requests());
        let proposing =
            Proposing { publisher: self.publisher(), requests, poll: self.poll, what: "the change" };
        let base = options.base.as_deref().unwrap_or(&self.fleet.branch);
        let cloned = proposing.publisher.clone_of(base).await;
        let workspace = cloned.map_err(|error| match find_cause::<GitError>(&error) {
            Some(missing @ GitError::BranchMissing { .. }) if options.base.is_some() => {
                with_hint(anyhow::anyhow!("{missing}"), "use one of these with --pr-base")
            }
            _ => error,
        })?;
        let planned = Planned::default();
        let make = |workspace: &Workspace| planned.of(workspace, &make);
        let own = make(&workspace)?;
        // Renaming the default branch must not change the name.
        let beside = if workspace.is_default_branch() { "" } else { base };
        let head = branch(own.key.as_deref().unwrap_or(own.title()), &self.fleet.path, beside);
        let change = self.worded(own);
        let carriers = if options.wait { self.carriers(&workspace, &change) } else { Vec::new() };
        let title = change.title().to_owned();
        let landed = |is_merged: bool| Landed {
            is_there: is_merged && base == self.fleet.branch,
            is_proposed: !is_merged,
            title: title.clone(),
            carriers,
        };
        if let Some(hold) = hold
            && self.is_over(&proposing, hold, &title).await?
        {
            return Ok(landed(true));
        }
        let files = change.differing(Some(&workspace))?;
        let listed = files.iter().map(|file| format!("- {} {}", file.word(), code(&file.path)));
        let mut body = change.details.clone();
        if !body.is_empty() {
            body.push(String::new());
        }
        body.extend(listed);
        let wanted = options.proposal(self.sink, (head, base.to_owned()), &title, body.join("\n") + "\n");
        self.warn_of_others(&workspace, &change, &files)?;
        if !files.is_empty() && self.is_unverifiable() {
            self.sink.warning(
                "the cluster takes only signed commits (spec.verify), and this one is not signed: merge it so that the forge signs the result",
            );
        }
        let found = proposing.look(&wanted, !files.is_empty()).await?;
        if let Some(hold) = hold.filter(|_| !files.is_empty()) {
            requests.context("--hold needs a forge with requests, but only a Git server is known")?;
            hold.begin(&title).await?;
        }
        match proposing
            .propose(&wanted, (workspace, found), |workspace| Ok(self.worded(make(workspace)?)))
            .await?
            .outcome
        {
            outcome @ (Outcome::Nothing(_) | Outcome::Merged(_)) => {
                self.settle(&proposing, &outcome, (change.absent.as_ref(), base)).await?;
                Ok(landed(true))
            }
            Outcome::Opened(open) | Outcome::Updated(open) | Outcome::Unchanged(open) => {
                if let Some(hold) = hold {
                    hold.name(open.number, &proposing.name(&open), &title).await?;
                }
                if !options.wait {
                    return Ok(landed(false));
                }
                self.merged(&proposing, &open).await?;
                Ok(landed(true))
            }
        }
    }

    /// Waits until a request is merged. The token of an app is replaced before it ends.
    async fn merged(&self, proposing: &Proposing<'_>, open: &Request) -> anyhow::Result<()> {
        let mut app = self.fleet.app.clone();
        let reopen = async || {
            let (now, limit) = ((self.now)(), self.deadline.remaining());
            host::reopen(&self.fleet, &mut app, (self.sink, &now), limit).await
        };
        proposing.merged(open, reopen).await
    }

    /// Says why there is nothing to do. What is to be removed and is not there must have been in the base.
    async fn settle(
        &self,
        proposing: &Proposing<'_>,
        outcome: &Outcome,
        (absent, base): (Option<&Absent>, &str),
    ) -> anyhow::Result<()> {
        match (outcome, absent) {
            (Outcome::Merged(request), _) => proposing.tell_merged(request),
            // The same is still proposed.
            (Outcome::Nothing(Some(request)), _) if request.is_open() => {}
            (_, Some(absent)) => self.accept_absence(absent, base).await?,
            _ => {}
        }
        self.sink.success(NOTHING);
        Ok(())
    }

    /// Whether the request that ends a hold was merged, whatever happened to the branch since.
    async fn is_over(&self, proposing: &Proposing<'_>, hold: &Hold<'_>, title: &str) -> anyhow::Result<bool> {
        let (Held::ByUs(Some(number)), Some(requests)) = (hold.present(title), proposing.requests) else {
            return Ok(false);
        };
        let look = async { requests.look(number).await.map_err(anyhow::Error::from) };
        let request = self.deadline.bound("an answer of the forge", look).await?;
        let is_merged = matches!(request.progress, Progress::Merged(_));
        if is_merged {
            proposing.tell_merged(&request);
        }
        Ok(is_merged)
    }

    /// The Kustomizations that apply what changes.
    fn carriers(&self, workspace: &Workspace, change: &Change) -> Vec<ObjectId> {
        let files: Vec<String> = change.files.iter().map(|(path, _)| path.clone()).collect();
        let reach = Draft::with(workspace, &self.fleet, change).and_then(|draft| draft.reach(&self.fleet));
        let found = reach.map(|reach| reach.carriers(&files)).unwrap_or_default();
        let found: Vec<ObjectId> =
            found.into_iter().map(|id| id.at_home(&self.fleet.source.namespace)).collect();
        if found.is_empty() { self.fleet.sync_id().into_iter().collect() } else { found }
    }

    /// Waits until the cluster has applied what the branch holds now: these Kustomizations, then a release.
    pub(super) async fn arrive(
        &self,
        carriers: &[ObjectId],
        release: Option<&ObjectId>,
    ) -> anyhow::Result<()> {
        let Some(client) = self.cluster.clone().filter(|_| self.fleet.is_followed) else {
            self.sink.warning(format!(
                "whether it is applied is not known: no cluster can be reached that follows \"{}\"",
                self.fleet.branch
            ));
            return Ok(());
        };
        let branches = self.deadline.cut(self.fleet.remote.list()).await.and_then(Result::ok);
        let tips = branches.map(|branches| branches.branches).unwrap_or_default();
        let tip = tips.into_iter().find(|(name, _)| *name == self.fleet.branch).map(|(_, tip)| tip);
        let session = Session {
            client,
            sink: self.sink,
            namespace: &self.fleet.source.namespace,
            deadline: self.deadline,
            poll: self.poll,
            now: self.now,
        };
        arrive(&session, &Arrival { source: &self.fleet.source, tip, carriers, release }).await
    }

    async fn show(&self, make: impl Fn(&Workspace) -> anyhow::Result<Change>) -> anyhow::Result<Landed> {
        let shown = Landed::default();
        let workspace = self.publisher().clone_quietly().await?;
        let change = make(&workspace)?;
        let files = change.differing(Some(&workspace))?;
        if files.is_empty() {
            if let Some(absent) = &change.absent {
                self.accept_absence(absent, &self.fleet.branch).await?;
            }
            return self.sink.line(NOTHING).map(|()| shown);
        }
        self.warn_of_others(&workspace, &change, &files)?;
        self.sink.line(&format!(
            "commit \"{}\" to branch \"{}\" of \"{}\":",
            change.title(),
            self.fleet.branch,
            self.fleet.remote.url
        ))?;
        for file in files {
            self.sink.line("")?;
            file.diff()?.lines().try_for_each(|line| self.sink.line(line))?;
        }
        Ok(shown)
    }

    /// Whether the cluster would refuse a commit because it is not signed.
    fn is_unverifiable(&self) -> bool {
        self.fleet.verifies && self.signer.is_none()
    }

    /// Says which other clusters a change affects.
    fn warn_of_others(
        &self,
        workspace: &Workspace,
        change: &Change,
        files: &[FileChange],
    ) -> anyhow::Result<()> {
        for (folder, files) in shared::others(workspace, change, files, &self.fleet)? {
            let files: Vec<String> = files.into_iter().collect();
            self.sink.warning(format!("\"./{folder}\" applies this, too: {}", files.join(", ")));
        }
        Ok(())
    }

    pub(super) fn publisher(&self) -> Publisher<'_> {
        Publisher {
            sink: self.sink,
            deadline: self.deadline,
            now: self.now,
            remote: &self.fleet.remote,
            branch: &self.fleet.branch,
            author: Writer::from(&self.author),
            committer: Writer::from(&self.committer),
            appendix: "",
            signer: self.signer.as_ref(),
            advice: self.advice(),
        }
    }
}
