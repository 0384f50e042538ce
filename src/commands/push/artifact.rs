//! `push artifact`: files into a registry.

use crate::cli::CommandContext;
use crate::cli::IgnoreArgs;
use crate::cli::RegistryArgs;
use crate::cli::explained;
use crate::cluster;
use crate::net::Meter;
use crate::net::OnRetry;
use crate::oci::Annotations;
use crate::oci::Reference;
use crate::oci::Right;
use crate::oci::archive;
use crate::present::DocumentFormat;
use crate::text;
use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

const EXAMPLES: &str = "\
# Push a folder, with the commit that it comes from
fluxr push artifact oci://ghcr.io/acme/app:$(git rev-parse --short HEAD) \\
  --path=./deploy \\
  --source=\"$(git config --get remote.origin.url)\" \\
  --revision=\"$(git branch --show-current)@sha1:$(git rev-parse HEAD)\"
# Push what another program writes, with the same digest every time
fluxr kustomize ./deploy | fluxr push artifact oci://ghcr.io/acme/app:latest \\
  --path=- --reproducible --source=https://github.com/acme/app --revision=main";

/// Push files to a registry as an artifact
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct PushArtifactArgs {
    /// Where to push to: oci://<registry>/<repository>:<tag>
    #[arg(value_name = "URL")]
    url: Vec<String>,
    /// Folder or file to push, or - for standard input
    #[arg(long, short = 'f', value_hint = clap::ValueHint::AnyPath)]
    path: String,
    /// Where the files come from, such as the URL of a Git repository
    #[arg(long)]
    source: String,
    /// Revision of the source, such as main@sha1:<commit>
    #[arg(long)]
    revision: String,
    /// Annotation of the artifact, <key>=<value>; may be repeated
    #[arg(long, short = 'a', value_name = "key=value")]
    annotations: Vec<String>,
    /// Set the creation time to 1970, so that the same files have the same digest
    #[arg(long)]
    reproducible: bool,
    /// Push what links lead to
    #[arg(long)]
    resolve_symlinks: bool,
    #[command(flatten)]
    ignore: IgnoreArgs,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Format of the result: json or yaml
    #[arg(long, short = 'o', value_name = "format")]
    output: String,
    /// Report retried requests
    #[arg(long, hide_short_help = true)]
    debug: bool,
}

/// What `--output` shows, in this order.
#[derive(Serialize)]
struct Pushed<'p> {
    url: String,
    repository: String,
    tag: &'p str,
    digest: &'p str,
}

impl PushArtifactArgs {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let url = self.url.first().context("artifact URL is required")?;
        anyhow::ensure!(!self.source.is_empty(), "--source is required");
        anyhow::ensure!(!self.revision.is_empty(), "--revision is required");
        anyhow::ensure!(!self.path.is_empty(), "invalid path \"\"");
        let reference = Reference::parse(url)?;
        if self.path != "-" {
            text::stat(Path::new(&self.path)).with_context(|| {
                format!("invalid path '{}', must point to an existing directory or file", self.path)
            })?;
        }
        let source = self.ignore.source(&self.path, true, self.resolve_symlinks)?;
        source.check_links()?;
        let annotations = self.annotations(context.now)?;
        let tag = reference.tag().context("artifact tag parsing failed")?;
        let login = self.registry.log_in(context, &reference).await?;
        let retried = |error: &str, _: Duration| context.ui.note(&format!("retrying {error}"));
        let told: Option<&OnRetry<'_>> = if self.debug { Some(&retried) } else { None };
        let work = async {
            let opened = self.registry.open(context, &reference.repository, login, Right::Push, told).await;
            let registry = opened.context("error setting up transport")?;
            if self.output.is_empty() {
                context.ui.action(format!("pushing artifact to {reference}"));
            }
            let building = context.ui.spinner("building artifact");
            let built = tokio::task::spawn_blocking(move || archive::build(&source)).await?;
            drop(building);
            let archive = built.context("pushing artifact failed: error creating layer")?;
            let meter = Meter::default();
            let seen = meter.clone();
            let bar = context.ui.bar("pushing", Some(archive.size), move || seen.bytes());
            let pushed = registry.push(tag, &archive, &annotations, &meter).await;
            drop(bar);
            explained(pushed, &reference.repository).context("pushing artifact failed")
        };
        let digest = cluster::in_time(context.timeout, "pushing artifact failed", work).await?;
        let repository = reference.repository.to_string();
        let address = reference.repository.at(&digest);
        // Another word than json and yaml only silences the line before.
        let Ok(format) = DocumentFormat::read(&self.output) else {
            context.ui.success(format!("artifact successfully pushed to {address}"));
            return Ok(());
        };
        let pushed = Pushed { url: format!("oci://{address}"), repository, tag, digest: &digest };
        let text = format.text(&pushed, |_| String::new())?;
        context.ui.data(&format!("{}\n", text.trim_end_matches('\n')))
    }

    fn annotations(&self, now: fn() -> jiff::Zoned) -> anyhow::Result<Annotations> {
        let further = self.annotations.iter().map(|pair| {
            let split = pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
            split.with_context(|| format!("invalid annotation {pair}, must be in the format key=value"))
        });
        let further: Vec<(String, String)> = further.collect::<anyhow::Result<_>>()?;
        let moment = if self.reproducible { Timestamp::UNIX_EPOCH } else { now().timestamp() };
        let created = moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let annotations = Annotations::new(&created, &self.source, &self.revision, &further);
        let created = annotations.created();
        let read: Result<Timestamp, _> = created.parse();
        anyhow::ensure!(
            read.is_ok(),
            "pushing artifact failed: invalid created timestamp {}: not an RFC 3339 time",
            text::quoted(created)
        );
        Ok(annotations)
    }
}
