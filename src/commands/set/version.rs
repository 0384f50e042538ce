//! `set version`: another version of an image, a chart or a source, where it is declared.

use crate::api::Pinned;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::change_args;
use crate::cli::completion;
use crate::cli::completion::Line;
use crate::cli::named_object;
use crate::ops::change;
use crate::ops::change::VersionRequest;

const EXAMPLES: &str = "\
# Which line would change?
fluxr set version ks/app nginx=1.27.1 --dry-run
# Another version of a chart, as a pull request
fluxr set version hr/podinfo chart=6.7.1 --pull-request
# Another tag of a Git repository
fluxr set version gitrepo/app ref=v1.2.0 --push";

/// Set the version of an image, a chart or a source where Git declares it
///
/// For a Kustomization, `<image>=<tag>` sets the tag or digest of an image it deploys, in its kustomization.yaml or its own spec. `chart=` sets the version of a chart, `ref=` the reference of a source, or of the source of the object; `tag=`, `semver=`, `digest=`, `branch=`, `commit=` and `name=` name the field of a reference. If the object has only one version, its name can be left out. The cluster is left alone.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(change_args::everyday))]
pub struct SetVersionArgs {
    /// The object, <kind>/<name>, and the versions: [<image>=]<tag>, chart=<version>, ref=<reference>
    #[arg(id = "object", value_name = "KIND/NAME [NAME=]VERSION", num_args = 0.., add = completion::by(candidates))]
    words: Vec<String>,
    /// Allow an older version
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl SetVersionArgs {
    pub async fn run(self, _: (), context: &CommandContext) -> anyhow::Result<()> {
        let (object, versions) = split(&self.words);
        let (kind, name) = named_object(object)?;
        let wanted = versions.iter().map(|word| VersionRequest::read(word)).collect::<Result<Vec<_>, _>>()?;
        anyhow::ensure!(
            !wanted.is_empty(),
            "specify a version after the object: [<image>=]<tag>, chart=<version> or ref=<reference>"
        );
        anyhow::ensure!(kind.pinned != Pinned::Nothing, "{} objects have no version", kind.kind);
        self.change.needs_destination()?;
        let task = self.change.task(context).await?;
        change::set_version(&task, &kind.id(&context.namespace, &name), &wanted, self.force).await
    }
}

/// The words that name the object, and those behind them.
fn split(words: &[String]) -> (&[String], &[String]) {
    let is_whole = words.first().is_some_and(|word| word.contains('/'));
    words.split_at(if is_whole { 1 } else { words.len().min(2) })
}

/// The object, then what of it has a version.
fn candidates(line: &Line, word: &str) -> Vec<String> {
    let before = line.values("object");
    let (object, _) = split(&before);
    let Some(kind) = named_object(object).ok().map(|(kind, _)| kind).filter(|_| !object.is_empty()) else {
        return completion::objects(line, word);
    };
    let keys: Vec<&str> = match kind.pinned {
        Pinned::Nothing => Vec::new(),
        Pinned::Images(_) => vec!["ref"],
        Pinned::Chart { .. } => vec!["chart", "ref"],
        Pinned::Reference(fields) => fields.iter().copied().chain(["ref"]).collect(),
    };
    keys.into_iter().map(|key| format!("{key}=")).collect()
}
