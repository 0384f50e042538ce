//! `create helmrelease`.

use super::chart_source;
use super::common;
use super::common::SharedArgs;
use super::fields;
use super::fields::some;
use super::references;
use crate::api::helm::actions::CrdsPolicy;
use crate::api::helm::actions::Install;
use crate::api::helm::actions::Upgrade;
use crate::api::helm::chart::ChartReference;
use crate::api::helm::chart::ChartTemplate;
use crate::api::helm::chart::ChartTemplateSource;
use crate::api::helm::chart::ChartTemplateSpec;
use crate::api::helm::helm_release::CHART_HOLDERS;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::helm::helm_release::HelmReleaseSpec;
use crate::api::helm::helm_release::ValuesReference;
use crate::api::meta::ConfigKind;
use crate::api::meta::ReconcileStrategy;
use crate::api::word;
use crate::api::word::Word;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::ops;
use crate::ops::create::Manner;
use anyhow::Context as _;
use std::time::Duration;

const EXAMPLES: &str = "\
# A chart of a repository, with values from a file
fluxr create helmrelease web --source=HelmRepository/acme --chart=web \\
  --chart-version=1.x --values=./values.yaml --target-namespace=web
# A chart in a registry, with values from a Secret of the cluster
fluxr create helmrelease web --chart-ref=OCIRepository/web \\
  --values-from=Secret/web-values --export > release.yaml";

/// The words of `--crds`.
const CRDS: &str = "Skip|Create|CreateReplace";

/// Create or update a HelmRelease resource
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct HelmReleaseArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&HELM_RELEASE))]
    name: Vec<String>,
    /// Source of the chart: HelmRepository, GitRepository or Bucket, <kind>/<name>[.<namespace>]
    #[arg(long, value_name = "string", value_parser = chart_source::anywhere, add = completion::by(chart_source::candidates), help_heading = help_text::CHART)]
    source: Option<ChartTemplateSource>,
    /// Name of the chart, or its path in the source
    #[arg(long, help_heading = help_text::CHART)]
    chart: String,
    /// Version of the chart, or a range
    #[arg(long, help_heading = help_text::CHART)]
    chart_version: String,
    /// How often to look for a new version of the chart (0: as often as the release)
    #[arg(long, default_value = "0s", value_parser = go_duration, help_heading = help_text::CHART, hide_short_help = true)]
    chart_interval: Duration,
    /// What makes a new chart: a new version of it (ChartVersion), or any change of the source (Revision)
    #[arg(long, default_value = "ChartVersion", help_heading = help_text::CHART, hide_short_help = true)]
    reconcile_strategy: String,
    /// An object with the chart instead, OCIRepository or HelmChart: <kind>/<name>
    #[arg(long, value_name = "object", add = completion::by(|line, word| references::candidates(line, word, CHART_HOLDERS)), help_heading = help_text::CHART)]
    chart_ref: String,
    /// Files with values, in YAML; later ones override earlier ones
    #[arg(long, value_name = "files,…", value_parser = items, help_heading = help_text::VALUES)]
    values: Vec<Items>,
    /// Objects with values: Secret/<name> or ConfigMap/<name>
    #[arg(long, value_name = "objects,…", value_parser = items, help_heading = help_text::VALUES)]
    values_from: Vec<Items>,
    /// Name of the Helm release
    #[arg(long)]
    release_name: String,
    /// Namespace of the objects of the release
    #[arg(long)]
    target_namespace: String,
    /// Create the target namespace if it does not exist
    #[arg(long)]
    create_target_namespace: bool,
    /// Namespace where Helm keeps its releases (default: the target namespace)
    #[arg(long, hide_short_help = true)]
    storage_namespace: String,
    /// HelmReleases that must be ready first, [<namespace>/]<name>
    #[arg(long, value_name = "names,…", value_parser = items)]
    depends_on: Vec<Items>,
    /// What an upgrade does with the CRDs of the chart: Skip, Create or CreateReplace
    #[arg(long, value_name = CRDS, value_parser = crds, hide_short_help = true)]
    crds: Option<CrdsPolicy>,
    /// ServiceAccount to impersonate
    #[arg(long, hide_short_help = true)]
    service_account: String,
    /// Secret with the kubeconfig of another cluster
    #[arg(long, value_name = "secret", hide_short_help = true)]
    kubeconfig_secret_ref: String,
}

impl HelmReleaseArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?.to_owned();
        anyhow::ensure!(
            !self.chart.is_empty() || !self.chart_ref.is_empty(),
            "chart or chart-ref is required"
        );
        anyhow::ensure!(
            self.chart.is_empty() || self.chart_ref.is_empty(),
            "cannot use --chart in combination with --chart-ref"
        );
        let labels = shared.labels()?;
        shared.announce(context, HELM_RELEASE.kind);
        let spec = self.spec(&shared)?;
        let object = common::object(&HELM_RELEASE, &name, &context.namespace, labels, &spec)?;
        let manner = Manner::ready(HELM_RELEASE.kind, &name);
        let made = common::export_or_apply(&shared, context, &HELM_RELEASE, &object, &manner).await?;
        if let Some(ready) = made {
            context.ui.success((HELM_RELEASE.outcome)(&ready));
        }
        Ok(())
    }

    fn spec(self, shared: &SharedArgs) -> anyhow::Result<HelmReleaseSpec> {
        let strategy: ReconcileStrategy = word::known(&self.reconcile_strategy).with_context(|| {
            format!(
                "'{}' is an invalid reconcile strategy(valid: Revision, ChartVersion)",
                self.reconcile_strategy
            )
        })?;
        let chart_ref = some(&self.chart_ref).map(|text| chart_reference(&text)).transpose()?;
        let storage = some(&self.storage_namespace).or_else(|| some(&self.target_namespace));
        // A chart without a source is left to the API server to refuse, as upstream does.
        let nowhere = || ChartTemplateSource { kind: Word::from(""), ..ChartTemplateSource::default() };
        let chart = some(&self.chart).map(|chart| ChartTemplate {
            spec: ChartTemplateSpec {
                chart,
                version: some(&self.chart_version),
                source_ref: self.source.unwrap_or_else(nowhere),
                reconcile_strategy: Some(strategy),
                interval: fields::time(self.chart_interval),
                ..ChartTemplateSpec::default()
            },
            ..ChartTemplate::default()
        });
        let create_namespace = self.create_target_namespace.then_some(true);
        let install =
            Install { create_namespace, crds: self.crds.map(|_| CrdsPolicy::Create), ..Install::default() };
        let files = list_flag::all(&self.values);
        let values = if files.is_empty() { None } else { Some(ops::values::from_files(&files)?) };
        let values_from = list_flag::each(&self.values_from).map(values_reference);
        Ok(HelmReleaseSpec {
            interval: shared.interval.into(),
            release_name: some(&self.release_name),
            target_namespace: some(&self.target_namespace),
            storage_namespace: storage,
            depends_on: fields::dependencies(&self.depends_on),
            service_account_name: some(&self.service_account),
            kube_config: fields::kube_config(&self.kubeconfig_secret_ref),
            chart,
            chart_ref,
            upgrade: self.crds.map(|crds| Upgrade { crds: Some(crds), ..Upgrade::default() }),
            install: Some(install).filter(|install| *install != Install::default()),
            values,
            values_from: Some(values_from.collect::<anyhow::Result<Vec<_>>>()?)
                .filter(|list| !list.is_empty()),
            ..HelmReleaseSpec::default()
        })
    }
}

/// `Kind/name[.namespace]` of an object with a chart.
fn chart_reference(text: &str) -> anyhow::Result<ChartReference> {
    let kinds = CHART_HOLDERS.map(|kind| kind.kind);
    let (kind, address) = references::kind_and_name(text);
    let (name, namespace) = references::name_and_namespace(address);
    let found = kinds.contains(&kind).then(|| word::known(kind)).flatten();
    let found = found.with_context(|| {
        format!("chart reference kind '{kind}' is not supported, must be one of: {}", kinds.join(", "))
    })?;
    Ok(ChartReference {
        kind: found,
        name: name.to_owned(),
        namespace: some(namespace),
        ..ChartReference::default()
    })
}

/// `Secret/name` or `ConfigMap/name`, in any case.
fn values_reference(text: &str) -> anyhow::Result<ValuesReference> {
    const KINDS: [&str; 2] = ["Secret", "ConfigMap"];
    let (kind, name) = references::kind_and_name(text);
    anyhow::ensure!(
        !kind.is_empty(),
        "invalid Kubernetes object reference '{text}', must be in format <kind>/<name>"
    );
    let found: Option<ConfigKind> = references::in_any_case(kind, &KINDS).and_then(word::known);
    let found = found.with_context(|| {
        format!("reference kind '{kind}' is not supported, must be one of: {}", KINDS.join(", "))
    })?;
    Ok(ValuesReference { kind: found, name: name.to_owned(), ..ValuesReference::default() })
}

fn crds(text: &str) -> Result<CrdsPolicy, String> {
    let known = CRDS.replace('|', ", ");
    if text.trim().is_empty() {
        return Err(format!("no upgrade CRDs policy given, must be one of: {known}"));
    }
    word::known(text)
        .ok_or_else(|| format!("unsupported upgrade CRDs policy '{text}', must be one of: {known}"))
}
