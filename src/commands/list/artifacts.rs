//! `list artifacts`: the tags of a repository with the sources of their artifacts.

use crate::cli::CommandContext;
use crate::cli::OutputArgs;
use crate::cli::RegistryArgs;
use crate::cli::completion;
use crate::cli::explained;
use crate::cli::help_text;
use crate::cli::show::Document;
use crate::cluster;
use crate::oci::Filter;
use crate::oci::Listed;
use crate::oci::Reference;
use crate::oci::Repository;
use crate::oci::Right;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text::SemverRange;
use crate::text::go_regexp;
use anyhow::Context as _;
use regex::Regex;
use serde_json::Value;
use serde_json::json;

const EXAMPLES: &str = "\
# The artifacts of a repository
fluxr list artifacts oci://ghcr.io/acme/app
# The stable ones of the first major version, as JSON
fluxr list artifacts oci://ghcr.io/acme/app --filter-semver '1.x' -o json";

/// List the artifacts of a repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub(super) struct ListArtifactsArgs {
    /// Repository: oci://<registry>/<repository>
    #[arg(value_name = "URL")]
    url: Vec<String>,
    /// Only tags that are versions in this range
    #[arg(long, help_heading = help_text::SELECTION)]
    filter_semver: String,
    /// Only tags that match this regular expression
    #[arg(long, help_heading = help_text::SELECTION)]
    filter_regex: String,
    #[command(flatten)]
    registry: RegistryArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The usual columns, and behind them those of `-o wide`.
static COLUMNS: [Column; 5] = [
    Column::field("artifact", "/name"),
    Column::field("digest", "/digest"),
    Column::field("source", "/source"),
    Column::field("revision", "/revision"),
    Column::field("created", "/created"),
];
const USUAL: usize = 4;

impl ListArtifactsArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let url = self.url.first().context("artifact repository URL is required")?;
        let reference = Reference::parse(url)?;
        let login = self.registry.log_in(context, &reference).await?;
        let repository = reference.only_repository().context("listing tags failed")?;
        let work = async {
            let opened = self.registry.open(context, repository, login, Right::Pull, None).await;
            let registry = opened.context("listing tags failed")?;
            let busy = context.ui.spinner("listing artifacts");
            let tags = explained(registry.tags().await, repository).context("listing tags failed")?;
            let filter = self.filter()?;
            let listed = explained(registry.list(tags, &filter).await, repository);
            drop(busy);
            listed.context("fetching manifest failed")
        };
        let listed = cluster::in_time(context.timeout, "listing artifacts", work).await?;
        let mut rows: Vec<Value> = listed.iter().map(|one| row(&reference, repository, one)).collect();
        if let Some(sort) = &sort {
            present::sort(sort, &mut rows, &COLUMNS)?;
        }
        let is_wide = matches!(output, Output::Table { wide: true });
        let columns = if is_wide { &COLUMNS[..] } else { &COLUMNS[..USUAL] };
        let whole = Value::Array(rows.clone());
        if rows.is_empty() && matches!(output, Output::Table { .. }) {
            // Even without rows, the header tells a script that the list was there.
            let table = present::table(columns, &rows, (context.now)().timestamp());
            return crate::cli::show::table(&context.ui, &table, true);
        }
        let document = Document { whole: &whole, rows: &rows, columns };
        document.show(&context.ui, &output, (context.now)().timestamp())
    }

    fn filter(&self) -> anyhow::Result<Filter> {
        let (versions, pattern) = (&self.filter_semver, &self.filter_regex);
        let versions = (!versions.is_empty()).then(|| SemverRange::parse(versions)).transpose();
        let versions = versions
            .map_err(|reason| anyhow::anyhow!("semver '{}' parse error: {reason}", self.filter_semver))?;
        let pattern = (!pattern.is_empty()).then(|| expression(pattern)).transpose();
        let pattern = pattern
            .map_err(|reason| anyhow::anyhow!("regex '{}' parse error: {reason}", self.filter_regex))?;
        Ok(Filter { versions, pattern })
    }
}

/// An expression that is one of Go's.
///
/// # Errors
/// Why it is not.
fn expression(pattern: &str) -> Result<Regex, String> {
    let compiled = Regex::new(pattern).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.lines().last().unwrap_or_default();
        reason.strip_prefix("error: ").unwrap_or(reason).to_owned()
    })?;
    go_regexp::group_names(pattern).map_err(|error| error.to_string())?;
    Ok(compiled)
}

/// The address is the one that was asked for, as the Flux CLI shows it.
fn row(reference: &Reference, repository: &Repository, listed: &Listed) -> Value {
    json!({
        "kind": "Artifact",
        "name": format!("{reference}:{}", listed.tag),
        "repository": repository.to_string(),
        "tag": listed.tag,
        "digest": listed.digest,
        "source": listed.annotations.source(),
        "revision": listed.annotations.revision(),
        "created": listed.annotations.created(),
    })
}
