//! `create source chart`.

use super::verification::Verification;
use crate::api::source::helm_chart::ChartSource;
use crate::api::source::helm_chart::HELM_CHART;
use crate::api::source::helm_chart::HelmChartSpec;
use crate::api::source::helm_chart::SignatureVerification;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::commands::create::chart_source;
use crate::commands::create::common;
use crate::commands::create::common::SourceFlags;
use crate::commands::create::fields::some;
use crate::ops::create::Manner;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# A chart of a repository, at the newest version of a range
fluxr create source chart web --source=HelmRepository/acme \\
  --chart=web --chart-version=\">=1.0.0 <2.0.0\"
# A chart in a folder of a Git repository, as a file to commit
fluxr create source chart web --source=GitRepository/app \\
  --chart=./charts/web --reconcile-strategy=Revision --export > chart.yaml";

const TITLE: &str = "HelmChart source";

/// Create or update a HelmChart source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SourceChartArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&HELM_CHART))]
    name: Vec<String>,
    /// Source of the chart, <kind>/<name>; the kind is HelmRepository, GitRepository or Bucket
    #[arg(long, value_name = "source", value_parser = chart_source::local, add = completion::by(chart_source::candidates), help_heading = help_text::REPOSITORY)]
    source: Option<ChartSource>,
    /// Name of the chart, or its path in the source
    #[arg(long, help_heading = help_text::REPOSITORY)]
    chart: String,
    /// Version of the chart, or a range; without effect on charts from Git or a bucket
    #[arg(long, help_heading = help_text::REPOSITORY)]
    chart_version: String,
    /// What makes a new chart: a new version of it (ChartVersion), or any change of the source (Revision)
    #[arg(long, default_value = "ChartVersion", help_heading = help_text::REPOSITORY, hide_short_help = true)]
    reconcile_strategy: String,
    #[command(flatten)]
    verification: Verification,
}

impl SourceChartArgs {
    pub(super) async fn run(
        self,
        SourceFlags { shared, .. }: SourceFlags,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let source_ref = self.source.context("chart source is required")?;
        anyhow::ensure!(!self.chart.is_empty(), "chart name or path is required");
        // Upstream says so with `--export` too.
        context.ui.generate(format!("generating {TITLE}"));
        let labels = shared.labels()?;
        let verify = self.verification.checked()?.map(|(provider, secret_ref, match_oidc_identity)| {
            SignatureVerification { provider, match_oidc_identity, secret_ref }
        });
        let spec = HelmChartSpec {
            chart: self.chart,
            version: some(&self.chart_version),
            interval: shared.interval.into(),
            reconcile_strategy: some(&self.reconcile_strategy).map(|strategy| strategy.as_str().into()),
            source_ref,
            verify,
            ..HelmChartSpec::default()
        };
        let object = common::object(&HELM_CHART, name, &context.namespace, labels, &spec)?;
        let manner = Manner { written: "source", ..Manner::completed(TITLE) };
        let missing = "HelmChart source reconciliation completed but no artifact was found";
        match common::export_or_apply(&shared, context, &HELM_CHART, &object, &manner).await? {
            Some(ready) => common::fetched(context, &ready, missing),
            None => Ok(()),
        }
    }
}
