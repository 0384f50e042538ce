//! `wait`: until objects are ready, suspended, gone, or at a revision.

use crate::api::Kind;
use crate::cli::CommandContext;
use crate::cli::SelectionArgs;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind::KINDS;
use crate::ops::wait;
use crate::ops::wait::Condition;
use crate::ops::wait::Target;
use futures::future::join_all;

const EXAMPLES: &str = "\
# Until everything in the namespace is ready
fluxr wait --all --timeout=10m
# Until a commit has been applied
fluxr wait ks/app --for=revision=main@sha1:0f1e2d3c";

/// What `--for` takes.
const CONDITIONS: [&str; 4] = ["ready", "suspended", "deleted", "revision="];

/// Wait until objects are ready, suspended, deleted or at a revision
///
/// Named objects that do not exist yet are waited for; with --for=deleted they count as deleted. --all and --label-selector take
/// the objects that are there at the start, of the kinds named or of all kinds. All objects are waited for at once; at the limit
/// of --timeout each that is left is named with its last condition, and the exit code is 1.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct WaitArgs {
    /// What to wait for: <kind>/<name>, or <kind> with --all or --label-selector
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    objects: Vec<String>,
    /// What to wait for: ready, suspended, deleted, revision=<revision>; a revision may be shortened: main@sha1:0f1e, 0f1e
    #[arg(long = "for", value_name = "condition", default_value = "ready", add = completion::by(|_, _| CONDITIONS.map(str::to_owned).to_vec()))]
    condition: String,
    /// All objects of the kinds
    #[arg(long, help_heading = help_text::SELECTION)]
    all: bool,
    #[command(flatten)]
    selected: SelectionArgs,
}

impl WaitArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let condition = Condition::parse(&self.condition)?;
        let (named, kinds) = self.read(&condition, &context.namespace)?;
        let selection = self.selected.selection(&context.namespace)?;
        let session = context.session().await?;
        let mut targets = named;
        if self.selects() {
            let wanted = if kinds.is_empty() { suitable(&condition) } else { kinds.clone() };
            let found = find(&session.client, &wanted, !kinds.is_empty(), &selection, context).await?;
            if found.is_empty() && targets.is_empty() && condition != Condition::Deleted {
                anyhow::bail!("no objects match");
            }
            targets.extend(found);
        }
        let label = |target: &Target| {
            let place = if target.namespace == context.namespace {
                String::new()
            } else {
                format!(" in {}", target.namespace)
            };
            format!("{}/{}{place}", target.kind.kind.to_lowercase(), target.name)
        };
        let said = condition.said();
        let reached = |target: &Target| context.ui.success(format!("{} is {said}", label(target)));
        let left = wait::wait(&session, &targets, &condition, &reached).await?;
        for (target, standing) in &left {
            context.ui.failure(format!("{} is not {said}: {}", label(target), standing.reason));
            context.ui.hint(&standing.hint);
        }
        anyhow::ensure!(left.is_empty(), "timed out waiting for {} of {} objects", left.len(), targets.len());
        Ok(())
    }

    fn selects(&self) -> bool {
        self.all || self.selected.has_labels()
    }

    /// The objects that are named, and the kinds that are.
    fn read(
        &self,
        condition: &Condition,
        namespace: &str,
    ) -> anyhow::Result<(Vec<Target>, Vec<&'static Kind>)> {
        let (mut named, mut kinds) = (Vec::new(), Vec::new());
        for word in &self.objects {
            let (kind, name) =
                word.split_once('/').map_or((word.as_str(), None), |(kind, name)| (kind, Some(name)));
            let kind = wait::kind_of(kind)?;
            condition.suits(kind)?;
            match name {
                Some("") => anyhow::bail!("{word}: the name after the / is missing"),
                Some(name) => {
                    named.push(Target { kind, namespace: namespace.to_owned(), name: name.to_owned() });
                }
                None => kinds.push(kind),
            }
        }
        anyhow::ensure!(
            !self.objects.is_empty() || self.selects(),
            "<kind>/<name>, --all or --label-selector is required"
        );
        anyhow::ensure!(
            kinds.is_empty() || self.selects(),
            "{}: a kind without a name needs --all or --label-selector",
            self.objects.iter().find(|word| !word.contains('/')).map_or("", String::as_str)
        );
        anyhow::ensure!(
            named.is_empty() || !self.selects() && !self.selected.all_namespaces,
            "names cannot be combined with --all, --label-selector or --all-namespaces"
        );
        anyhow::ensure!(
            !self.selected.all_namespaces || self.selects(),
            "--all-namespaces needs --all or --label-selector"
        );
        named.dedup_by(|a, b| a.kind.kind == b.kind.kind && a.name == b.name);
        Ok((named, kinds))
    }
}

/// The objects of these kinds; a kind that the cluster does not have is a failure only when it was named.
async fn find(
    client: &kube::Client,
    kinds: &[&'static Kind],
    are_named: bool,
    selection: &Selection,
    context: &CommandContext,
) -> anyhow::Result<Vec<Target>> {
    let lists = join_all(kinds.iter().map(|kind| wait::find(client, kind, selection)));
    let lists = cluster::in_time(context.timeout, "listing the objects", async { Ok(lists.await) }).await?;
    let mut found = Vec::new();
    for (kind, listed) in kinds.iter().zip(lists) {
        match listed {
            Ok(targets) => found.extend(targets),
            Err(error) if !are_named && cluster::is_not_found(&error) => {}
            Err(error) => return Err(cluster::explain(error, &format!("listing {}", kind.plural))),
        }
    }
    Ok(found)
}

/// The kinds whose objects can get there.
fn suitable(condition: &Condition) -> Vec<&'static Kind> {
    KINDS.iter().copied().filter(|kind| condition.suits(kind).is_ok()).collect()
}
