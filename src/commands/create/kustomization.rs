//! `create kustomization`.

use super::common;
use super::common::SharedArgs;
use super::fields;
use super::fields::some;
use super::references;
use crate::api::Kind;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::Decryption;
use crate::api::kustomize::kustomization::DecryptionProvider;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::KustomizationSource;
use crate::api::kustomize::kustomization::KustomizationSpec;
use crate::api::kustomize::kustomization::SOURCES;
use crate::api::meta::ObjectReference;
use crate::api::object;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::word;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::go_duration;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::kind;
use crate::ops::create::Manner;
use crate::text::clean_relative_path;
use std::time::Duration;

const EXAMPLES: &str = "\
# Apply a folder of a source, and delete what is no longer in it
fluxr create kustomization app --source=GitRepository/app \\
  --path=./deploy --prune --wait --interval=10m
# Write the object to a file that can be committed
fluxr create kustomization app --source=GitRepository/app \\
  --path=./deploy --prune --export > app.yaml";

/// Create or update a Kustomization resource
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct KustomizationArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&KUSTOMIZATION))]
    name: Vec<String>,
    /// Source of the manifests, [<kind>/]<name>[.<namespace>]; the kind is OCIRepository, GitRepository or Bucket
    #[arg(long, value_name = "string", value_parser = source)]
    source: Option<KustomizationSource>,
    /// Folder in the source
    #[arg(long, value_hint = clap::ValueHint::DirPath, default_value = "./", value_name = "path")]
    path: String,
    /// Delete objects that are no longer in the source
    #[arg(long)]
    prune: bool,
    /// Wait until everything applied is ready
    #[arg(long)]
    wait: bool,
    /// Objects whose health is checked, <kind>/<name>.<namespace>
    #[arg(long, value_name = "objects,…", value_parser = items)]
    health_check: Vec<Items>,
    /// Time limit of the health checks
    #[arg(long, default_value = "2m0s", value_parser = go_duration, hide_short_help = true)]
    health_check_timeout: Duration,
    /// Kustomizations that must be ready first, [<namespace>/]<name>[@<CEL expression for readiness>]
    #[arg(long, value_name = "names,…", value_parser = items)]
    depends_on: Vec<Items>,
    /// ServiceAccount to impersonate
    #[arg(long, hide_short_help = true)]
    service_account: String,
    /// Decryption provider: sops
    #[arg(long, value_name = "provider", value_parser = decryption_provider, hide_short_help = true)]
    decryption_provider: Option<DecryptionProvider>,
    /// Secret with the decryption keys
    #[arg(long, hide_short_help = true)]
    decryption_secret: String,
    /// Namespace of the objects
    #[arg(long, hide_short_help = true)]
    target_namespace: String,
    /// Secret with the kubeconfig of another cluster
    #[arg(long, value_name = "secret", hide_short_help = true)]
    kubeconfig_secret_ref: String,
    /// How long to wait after a failure (0: the interval)
    #[arg(long, default_value = "0s", value_parser = go_duration, hide_short_help = true)]
    retry_interval: Duration,
    /// Deprecated: it has no effect
    #[arg(long, hide = true)]
    validation: Option<String>,
}

impl KustomizationArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?.to_owned();
        if self.validation.is_some() {
            // Upstream writes this to stdout, where it spoils the exported YAML.
            context.ui.note(
                "Flag --validation has been deprecated, this arg is no longer used, \
                 all resources are validated using server-side apply dry-run",
            );
        }
        anyhow::ensure!(self.source.is_some(), "source is required");
        shared.announce(context, KUSTOMIZATION.kind);
        let labels = shared.labels()?;
        let spec = self.spec(&shared)?;
        let object = common::object(&KUSTOMIZATION, &name, &context.namespace, labels, &spec)?;
        let manner = Manner::ready(KUSTOMIZATION.kind, &name);
        if let Some(ready) =
            common::export_or_apply(&shared, context, &KUSTOMIZATION, &object, &manner).await?
        {
            let revision = object::text(&ready, "/status/lastAppliedRevision");
            context.ui.success(format!("applied revision {revision}"));
        }
        Ok(())
    }

    fn spec(self, shared: &SharedArgs) -> anyhow::Result<KustomizationSpec> {
        let source_ref = self.source.ok_or_else(|| anyhow::anyhow!("source is required"))?;
        let mut spec = KustomizationSpec {
            interval: shared.interval.into(),
            path: Some(format!("./{}", clean_relative_path(self.path.trim()))),
            prune: self.prune,
            source_ref,
            target_namespace: some(&self.target_namespace),
            service_account_name: some(&self.service_account),
            retry_interval: fields::time(self.retry_interval),
            kube_config: fields::kube_config(&self.kubeconfig_secret_ref),
            depends_on: fields::dependencies(&self.depends_on),
            ..KustomizationSpec::default()
        };
        if let Some(provider) = self.decryption_provider {
            spec.decryption = Some(Decryption {
                provider,
                secret_ref: fields::reference(&self.decryption_secret),
                ..Decryption::default()
            });
        }
        if self.wait {
            spec.wait = Some(true);
            spec.timeout = Some(self.health_check_timeout.into());
        } else {
            let checks: anyhow::Result<Vec<_>> =
                list_flag::each(&self.health_check).map(health_check).collect();
            spec.health_checks = Some(checks?).filter(|checks| !checks.is_empty());
            spec.timeout = spec.health_checks.as_ref().map(|_| self.health_check_timeout.into());
        }
        Ok(spec)
    }
}

/// `[Kind/]name[.namespace]`.
fn source(text: &str) -> Result<KustomizationSource, String> {
    let words = SOURCES.map(|kind| kind.kind);
    let (known, usual) = (words.join(", "), GIT_REPOSITORY.kind);
    if text.trim().is_empty() {
        return Err(format!(
            "no Kustomization source given, please specify source that contains the Kubernetes manifests in \
             the format '[<kind>/]<name>.<namespace>', where kind must be one of: ({known}), if kind is not \
             specified it defaults to {usual}"
        ));
    }
    let (kind, rest) = references::kind_and_name(text);
    let (name, namespace) = references::name_and_namespace(rest);
    if name.is_empty() {
        return Err(format!("no name given for source of kind '{kind}'"));
    }
    if kind.is_empty() && words.contains(&name) {
        return Err(format!("no kind specified for source '{name}'"));
    }
    let kind = if kind.is_empty() { usual } else { kind };
    let found = references::in_any_case(kind, &words).and_then(word::known);
    Ok(KustomizationSource {
        kind: found
            .ok_or_else(|| format!("source kind '{kind}' is not supported, must be one of: {known}"))?,
        name: name.to_owned(),
        namespace: some(namespace),
        ..KustomizationSource::default()
    })
}

/// `Kind/name.namespace` of something whose health the controller can tell.
fn health_check(text: &str) -> anyhow::Result<ObjectReference> {
    let parts: Vec<&str> = text.split('/').collect();
    let [kind, address] = parts[..] else {
        anyhow::bail!(
            "invalid health check '{text}' must be in the format 'kind/name.namespace' [{}]",
            parts.join(" ")
        )
    };
    anyhow::ensure!(
        [HELM_RELEASE.kind, "Deployment", "DaemonSet", "StatefulSet"].contains(&kind),
        "invalid health check kind '{kind}' can be HelmRelease, Deployment, DaemonSet or StatefulSet"
    );
    let parts: Vec<&str> = address.split('.').collect();
    let [name, namespace] = parts[..] else {
        anyhow::bail!("invalid health check '{text}' must be in the format 'kind/name.namespace'")
    };
    Ok(ObjectReference {
        // The built-in kinds are known to the controller without their API version.
        api_version: kind::by_name(kind).map(Kind::api_version),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: some(namespace),
    })
}

fn decryption_provider(text: &str) -> Result<DecryptionProvider, String> {
    match text {
        "sops" => Ok(DecryptionProvider::Sops),
        _ if text.trim().is_empty() => Err("no decryption provider given, must be one of: sops".to_owned()),
        _ => Err(format!("unsupported decryption provider '{text}', must be one of: sops")),
    }
}
